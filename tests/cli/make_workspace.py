"""A small workspace with prices of its own, for the tests of the commands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline import make_clock

if TYPE_CHECKING:
    from pathlib import Path

EVENT = """\
event: acme-earnings
title: Acme <quarterly> earnings
kind: earnings
issuer: AAA
defaults: {zone: America/New_York}
occurrences:
  - {id: q1, announced_at: "2025-04-15 16:05", tags: [beat]}
  - {id: q2, announced_at: "2025-07-15 16:05", tags: [miss]}
  - {id: q3, announced_at: "2025-10-15 16:05", tags: [beat]}
study:
  assets: ["@issuer", BBB]
  benchmark: MKT
  estimation_window: [-120, -11]
  placebo: {draws: 50}
"""
OTHER = """\
event: rate-day
title: A day of the central bank
kind: central_bank
occurrences:
  - {id: "2025-10-16", announced_at: "2025-10-16 14:00", zone: America/New_York}
"""
STRATEGY = """\
strategy: acme-hedge
title: Acme hedged <with> the market
events: [acme-earnings]
book: {AAA: 1.0}
hedge:
  instruments: [MKT]
  ratio: {lookback: 60, cap: 3.0}
when: {enter: -2, exit: 5}
sweep: {hedge.ratio.lookback: [30, 60], when.exit: [3, 5]}
"""
UNIVERSE = """\
universe: stocks
title: Stocks
symbols:
  AAA: {title: Acme}
  BBB: {title: Bolt}
  MKT: {title: The market}
"""


def make_workspace(root: Path) -> Path:
    """Write events, a universe and prices of AAA, BBB and MKT; return the workspace."""
    for name in ("events", "universes", "prices"):
        (root / name).mkdir(parents=True)
    (root / "eventlab.toml").write_text('title = "Small"\ndata = "prices"\nseed = 7\n')
    (root / "events" / "acme-earnings.yaml").write_text(EVENT)
    (root / "events" / "rate-day.yaml").write_text(OTHER)
    (root / "universes" / "stocks.yaml").write_text(UNIVERSE)
    write_prices(root / "prices" / "daily.csv", ("AAA", "BBB", "MKT"))
    return root


def add_strategy(root: Path, name: str = "acme-hedge", text: str = STRATEGY) -> None:
    """Write a strategy on the prices of `make_workspace`, under a name of its own."""
    (root / "strategies").mkdir(exist_ok=True)
    (root / "strategies" / f"{name}.yaml").write_text(text.replace("acme-hedge", name))


def write_prices(path: Path, symbols: tuple[str, ...]) -> None:
    """Write seeded random walks on New York sessions of 2024 and 2025."""
    sessions = make_clock("XNYS", date(2024, 1, 2), date(2025, 12, 31)).sessions
    rng = np.random.default_rng(11)
    lines = ["date,symbol,close"]
    for symbol in symbols:
        closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(sessions))))
        lines += [
            f"{day},{symbol},{close:.4f}" for day, close in zip(sessions, closes, strict=True)
        ]
    path.write_text("\n".join(lines) + "\n")
