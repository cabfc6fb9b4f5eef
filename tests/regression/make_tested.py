"""A small workspace under regression test, with real-like prices of its own."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline import make_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENT = """\
event: acme-earnings
title: Acme quarterly earnings
kind: earnings
issuer: AAA
defaults: {zone: America/New_York}
occurrences:
  - {id: q1, announced_at: "2024-07-16 16:05", tags: [beat]}
  - {id: q2, announced_at: "2024-10-15 16:05", tags: [miss]}
  - {id: q3, announced_at: "2025-01-14 16:05", tags: [beat]}
  - {id: q4, announced_at: "2025-04-15 16:05", tags: [miss]}
  - {id: q5, announced_at: "2025-07-15 16:05", tags: [beat]}
  - {id: q6, announced_at: "2025-10-14 16:05", tags: [beat]}
study:
  assets: ["@issuer", BBB]
  benchmark: MKT
  estimation_window: [-80, -11]
  min_estimation: 60
  event_window: [-3, 5]
  car_windows: [[0, 0], [-1, 1]]
  placebo: {draws: 50}
claims:
  - id: aaa-follows
    statement: Acme's returns went with the market's
    measure: correlation
    symbols: [AAA, MKT]
    window: 63 bars
    as_of: 2025-06-30
    published: 0.5
baseline: {}
"""
STRATEGY = """\
strategy: acme-hedge
title: Acme hedged with the market
events: [acme-earnings]
book: {AAA: 1.0}
hedge:
  instruments: [MKT]
  ratio: {method: ols, lookback: 60, cap: 3.0}
when: {enter: -2, exit: 5}
costs: {fee_bps: 5, slippage_bps: 5, borrow_bps_per_year: 50}
sweep: {hedge.ratio.lookback: [30, 60], hedge.instruments: [[MKT], [BBB]]}
baseline: {}
"""
UNIVERSE = """\
universe: stocks
title: Stocks
symbols:
  AAA: {title: Acme}
  BBB: {title: Bolt}
  MKT: {title: The market}
"""
OTHER = """\
event: other
title: Another
kind: other
occurrences:
  - {id: o1, announced_at: "2025-09-03 10:00", zone: America/New_York}
"""
SETTINGS = 'title = "Small"\ndata = "prices"\nseed = 7\n'
HEAD = ["date", "symbol", "open", "close", "volume"]
Row = dict[str, str]


def make_tested(root: Path) -> Path:
    """Write an event, a strategy, a universe and prices, all of it under test; no baselines."""
    texts = {
        "eventlab.toml": SETTINGS,
        "events/acme-earnings.yaml": EVENT,
        "strategies/acme-hedge.yaml": STRATEGY,
        "universes/stocks.yaml": UNIVERSE,
    }
    for name, text in texts.items():
        write(root, name, text)
    write_prices(root / "prices" / "daily.csv")
    return root


def write(root: Path, name: str, text: str) -> None:
    """Write a file of a workspace."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def replace(root: Path, name: str, old: str, new: str) -> None:
    """Put one text in the place of another, which stands once in a file of a workspace."""
    text = (root / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old)
    write(root, name, text.replace(old, new))


def write_prices(path: Path) -> None:
    """Write seeded walks of 2024 and 2025 that share a factor: AAA, BBB and MKT."""
    sessions = make_clock("XNYS", date(2024, 1, 2), date(2025, 12, 31)).sessions
    rng = np.random.default_rng(11)
    shared = rng.normal(0.0005, 0.01, len(sessions))
    rows = []
    for symbol, beta in (("AAA", 1.2), ("BBB", 0.8), ("MKT", 1.0)):
        own = rng.normal(0, 0.008, len(sessions))
        closes = 100 * np.exp(np.cumsum(beta * shared + own))
        opens = np.concatenate([[100.0], closes[:-1]]) * np.exp(rng.normal(0, 0.002, len(closes)))
        volumes = rng.integers(10_000, 90_000, len(closes))
        for day, opened, close, volume in zip(sessions, opens, closes, volumes, strict=True):
            row = [str(day), symbol, f"{opened:.4f}", f"{close:.4f}", str(volume)]
            rows.append(dict(zip(HEAD, row, strict=True)))
    write_rows(path, rows)


def change_rows(root: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Write the prices again as `change` returns them."""
    path = root / "prices" / "daily.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    write_rows(path, change(rows))


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows of prices."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEAD)
        writer.writeheader()
        writer.writerows(rows)


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return bytes and time of each file of baselines."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (root / "baselines").rglob("*")
        if path.is_file()
    }


def changed(before: dict[str, tuple[bytes, int]], root: Path) -> set[str]:
    """Return which baselines are others than they were."""
    after = state(root)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
