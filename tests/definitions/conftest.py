"""A small workspace to break, and the example files of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from eventlab.definitions import check_workspace
from tests.definitions.strategy_texts import FOMC, HEAD, NAME, SHOCK

ORACLE = """\
event: oracle-earnings
title: Oracle quarterly earnings
kind: earnings                     # earnings, central_bank, macro, shock, other
issuer: ORCL
occurrences:
  - id: fy2026-q2
    announced_at: "2025-12-10 16:05"
    zone: America/New_York
    precision: minute              # minute, session (before_open or after_close), date
    title: Revenue short, capex guidance raised from 35 to 50 bn USD
    surprise: {capex_busd: {expected: 35, actual: 50}}
study:
  clock: XNYS                      # an exchange calendar's code, or 24/7
  assets: [ORCL, NVDA, AMD, QQQ, BTC, "@ai_tokens"]
  benchmark: SPY
  model: market_model
  estimation_window: [-250, -11]
  event_window: [-5, 10]
  car_windows: [[0, 0], [0, 1], [-1, 1], [0, 5]]
contagion:
  source: ORCL
  targets: [NVDA, AMD, QQQ, BTC, "@ai_tokens"]
  calm_window: [-120, -6]
  crisis_window: [0, 10]
claims:
  - id: btc-nvda-096
    statement: BTC and Nvidia had a three-month Pearson correlation of about 0.96
    measure: correlation
    symbols: [BTC, NVDA]
    window: 63 bars
    as_of: 2025-11-19
    published: 0.96
"""

HEDGE = """\
strategy: btc-ai-hedge
title: Long bitcoin, short Nasdaq around AI earnings
events: [oracle-earnings, nvidia-earnings]
clock: XNYS
book: {BTC: 1.0}
hedge:
  instruments: [QQQ]
  ratio: {method: ols, lookback: 120, half_life: null, cap: 2.0}   # fixed, ols, ewma, ...
when: {enter: -2, exit: 5, rebalance: none}
when_closed: next_open
costs: {fee_bps: 5, slippage_bps: 5, borrow_bps_per_year: 50, funding: perpetual}
sweep: {hedge.ratio.lookback: [60, 120, 250], when.exit: [1, 5, 10]}
baseline: {rtol: 1.0e-9}
"""

NVIDIA = """\
event: nvidia-earnings
title: Nvidia quarterly earnings
kind: earnings
issuer: NVDA
defaults: {zone: America/New_York, precision: session, session: after_close}
occurrences:
  - {id: fy2026-q3, announced_at: 2025-11-19}
"""

TECH = """\
universe: tech
title: Technology stocks and funds
symbols: {ORCL: {}, NVDA: {}, AMD: {}, QQQ: {title: Nasdaq 100 fund}, SPY: {}}
"""

AI_TOKENS = """\
universe: ai_tokens
title: Tokens of AI projects, and bitcoin
calendar: 24/7
symbols:
  BTC: {title: Bitcoin}
  FET: {title: Artificial Superintelligence Alliance}
"""

FILES = {
    "events/oracle-earnings.yaml": ORACLE,
    "events/nvidia-earnings.yaml": NVIDIA,
    "strategies/btc-ai-hedge.yaml": HEDGE,
    "universes/tech.yaml": TECH,
    "universes/ai_tokens.yaml": AI_TOKENS,
}

Write = Callable[[str, str], Path]
Problems = Callable[..., list[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace of two events, a strategy and two universes without a problem."""
    folder = tmp_path / "workspace"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def write(root: Path) -> Write:
    """Write a file of the workspace, its text dedented."""

    def write_file(name: str, text: str) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def problems(root: Path) -> Problems:
    """Every problem of the workspace as it is printed, paths relative to the workspace."""

    def check(*names: str) -> list[str]:
        _, found = check_workspace(root, tuple(root / name for name in names))
        return [str(each).replace(f"{root.as_posix()}/", "") for each in found]

    return check


@pytest.fixture
def edited(root: Path, problems: Problems) -> Callable[..., list[str]]:
    """Replace a piece of one file and return the problems that this makes."""

    def edit(name: str, old: str, new: str) -> list[str]:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return problems()

    return edit


@pytest.fixture
def report(root: Path, write: Write, problems: Problems) -> Callable[[str], list[str]]:
    """Lines of the report on one strategy after its head, as ``line:column: ...``."""
    write("events/fomc.yaml", FOMC)
    write("events/shocks.yaml", SHOCK)
    assert problems() == []

    def check(body: str) -> list[str]:
        (root / NAME).write_text(body if body.startswith("strategy:") else HEAD + body)
        return [each.removeprefix(f"{NAME}:") for each in problems()]

    return check
