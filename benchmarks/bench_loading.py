"""What stands before every study: definitions, calendars, prices, panels, beside their peers.

Run ``python benchmarks/bench_loading.py``: one process, made-up prices of 20 stocks and 10 tokens.
The peers do less, and the table says what: they read without checking, or align without asking
which close belongs to which session. Minimum and median over repetitions; where a peer has the
same numbers, they are compared before the clock starts.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import exchange_calendars

from eventlab.definitions.event import EventDefinition
from eventlab.definitions.workspace import check_workspace
from eventlab.hedge.prices import build_grid
from eventlab.market.panel import build_panel
from eventlab.market.sources import load_market
from eventlab.timeline.clock import make_clock
from eventlab.timeline.problems import calendar_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.market.types import Market
    from eventlab.timeline.types import Clock

START, END = date(2014, 1, 2), date(2025, 12, 30)
STOCKS = tuple(f"S{number}" for number in range(20))
TOKENS = tuple(f"T{number}" for number in range(10))
OCCURRENCES = 600
REPEATS = 7
EQUAL = 1e-12


def main() -> None:
    print(f"{'work':<34}{'min':>8}{'median':>9}   {'peer':<44}{'min':>8}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder) / "definitions")
        prices = write_prices(Path(folder) / "prices")
        clocks()
        loading(Path(folder) / "prices", prices)
        panels(load_market(str(Path(folder) / "prices"), None, {}), prices)


def workspace(root: Path) -> None:
    """Read and check 3,000 lines of one event."""
    (root / "events").mkdir(parents=True)
    (root / "eventlab.toml").write_text("")
    text = "event: big\ntitle: Big\nkind: macro\ndefaults: {zone: America/New_York}\noccurrences:\n"
    for at in range(OCCURRENCES):
        day = f"{2000 + at // 28}-01-{1 + at % 28:02d}"
        text += f'  - id: o{at}\n    announced_at: "{day} 08:30"\n    tags: [a, b]\n'
        text += f"    facts: {{x: {at}, y: 2.5}}\n    title: Something {at}\n"
    (root / "events" / "big.yaml").write_text(text)
    found, problems = check_workspace(root)
    assert not problems, problems
    assert len(found.events["big"].occurrences) == OCCURRENCES
    compare(
        f"workspace of {len(text.splitlines()):,} lines",
        lambda: check_workspace(root),
        "yaml.safe_load: no lines, nothing checked",
        lambda: yaml.safe_load(text),
    )


def clocks() -> None:
    """Hold 600 dates against their exchange's calendar."""
    days = [START + timedelta(days=7 * week) for week in range(OCCURRENCES)]
    event = EventDefinition.model_validate(
        {
            "event": "weekly", "title": "Weekly", "kind": "earnings",
            "defaults": {
                "zone": "America/New_York", "precision": "session", "session": "after_close",
            },
            "occurrences": [
                {"id": f"o{at}", "announced_at": f"{each}"} for at, each in enumerate(days)
            ],
            "study": {"clock": "XNYS", "assets": ["S0"], "benchmark": "S1"},
        }
    )  # fmt: skip
    known = exchange_calendars.get_calendar("XNYS", start=START, end=END)
    closed = [known.is_session(pd.Timestamp(each)) for each in days].count(False)
    assert closed == len(calendar_problems(event)) > 0
    compare(
        f"{OCCURRENCES} occurrences on a calendar",
        lambda: calendar_problems(event),
        "exchange_calendars: is_session of each",
        lambda: [known.is_session(pd.Timestamp(each)) for each in days],
    )


def write_prices(folder: Path) -> pd.DataFrame:
    """Closes of every symbol, in long form on the disk; return them wide."""
    folder.mkdir()
    random = np.random.default_rng(0)
    sessions = make_clock("XNYS", START, END).sessions
    every = np.arange(np.datetime64(START), np.datetime64(END) + 1)
    parts = []
    for symbol in (*STOCKS, *TOKENS):
        days = sessions if symbol in STOCKS else every
        moves = random.normal(0.0, 0.02, len(days))
        parts.append(
            pd.DataFrame({"date": days, "symbol": symbol, "close": 100 * np.exp(moves.cumsum())})
        )
    long = pd.concat(parts, ignore_index=True)
    long.to_parquet(folder / "daily.parquet")
    return long.pivot_table(index="date", columns="symbol", values="close")


def loading(folder: Path, prices: pd.DataFrame) -> None:
    """Read a folder of prices and check every row of it."""

    def plain() -> pd.DataFrame:
        read = pd.read_parquet(folder / "daily.parquet")
        return read.pivot_table(index="date", columns="symbol", values="close")

    assert plain().equals(prices)
    compare(
        f"prices of {prices.notna().to_numpy().sum():,} rows",
        lambda: load_market(str(folder), None, {}),
        "pandas: read_parquet, pivot_table, unchecked",
        plain,
    )


def panels(market: Market, prices: pd.DataFrame) -> None:
    """Put stocks and tokens on the sessions of New York."""
    clock = make_clock("XNYS", START, END)
    symbols = (*STOCKS, *TOKENS)
    panel = build_panel(market, STOCKS, clock)
    plain = prices.reindex(clock.days).pct_change(fill_method=None)
    for column, returns in zip(panel.columns, panel.returns, strict=True):
        apart = np.abs(returns[1:] - plain[column.symbol].to_numpy()[1:]).max()
        assert apart < EQUAL, apart
    compare(
        f"panel of {len(symbols)} x {len(clock):,}",
        lambda: build_panel(market, symbols, clock),
        "pandas: reindex, pct_change; no bases",
        lambda: prices.reindex(clock.days).pct_change(fill_method=None),
    )
    compare(
        f"grid of {len(TOKENS) + 1} legs",
        lambda: build_grid(market, TOKENS, STOCKS[:1], clock),
        "pandas: reindex, ffill; one price a day",
        lambda: on_days(prices, clock),
    )


def on_days(prices: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    return prices[[*TOKENS, STOCKS[0]]].reindex(clock.days).ffill()


def compare(name: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any]) -> None:
    """Print one row: both in turn, so that what the machine does else strikes both."""
    ours(), theirs()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for work, times in zip((ours, theirs), taken, strict=True):
            begin = time.perf_counter()
            work()
            times.append(1e3 * (time.perf_counter() - begin))
    mine, other = min(taken[0]), min(taken[1])
    print(
        f"{name:<34}{mine:>5.1f} ms{statistics.median(taken[0]):>6.1f} ms   {peer:<44}"
        f"{other:>5.1f} ms{other / mine:>7.2f}"
    )


if __name__ == "__main__":
    main()
