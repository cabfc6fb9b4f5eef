"""States on real prices: funding against the file's own rows, easing with a falling dollar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventlab.definitions import load_workspace
from eventlab.definitions.strategy import StateDefinition
from eventlab.hedge.states import first_row, holds_for, state_series
from eventlab.market.sources import load_market
from eventlab.timeline import make_clock
from tests import naive_hedge_options as naive
from tests.market.series import ns

ROOT = Path(__file__).parents[2]


def state(**said: Any) -> StateDefinition:
    return StateDefinition.model_validate(said)


def test_real_funding_turns_negative(market_dir: Path) -> None:
    """Means of the file's own rows; the symbols' gaps are named."""
    names = ("BTC-FUNDING", "ETH-FUNDING", "UUP", "BTC")
    prices = load_market(str(market_dir), names, {})
    world = load_workspace(ROOT)
    clock = make_clock("XNYS", date(2022, 1, 3), date(2026, 3, 13))
    found = state_series(
        state(funding_below=0.0, bars=3), market=prices, workspace=world, clock=clock, symbol="BTC"
    )
    assert found.known[3:].all()
    frame = pd.read_parquet(market_dir / "funding_8h.parquet")
    series = prices.intraday["BTC-FUNDING"]
    column = next(c for c in frame.columns if "rate" in c)
    own = frame[frame["symbol"].str.startswith("BTC")]
    assert len(own) == len(series.prices)
    np.testing.assert_array_equal(np.sort(own[column]), np.sort(series.prices))
    stamps, rates = [int(s) for s in series.closes], [float(r) for r in series.prices]
    means = [
        naive.mean_rate(stamps, rates, int(clock.closes[t - 3]), int(clock.closes[t]))
        for t in range(3, len(clock))
    ]
    np.testing.assert_array_equal(found.holds[3:], np.array(means) < 0)
    assert 0 < found.holds.sum() < 0.3 * len(clock)
    ether = state_series(
        state(funding_below=0.0, symbol="ETH", bars=3),
        market=prices,
        workspace=world,
        clock=clock,
        symbol="BTC",
    )
    assert "2025-12-08 to 2025-12-30: rates lack" in ether.notes[0]


def test_real_easing_with_a_falling_dollar(market_dir: Path) -> None:
    prices = load_market(str(market_dir), ("UUP",), {})
    definition = state(easing="fomc", falling="UUP", bars=20, at_most=250)
    clock = make_clock("XNYS", date(2022, 1, 3), date(2026, 3, 13))
    found = state_series(
        definition,
        market=prices,
        workspace=load_workspace(ROOT),
        clock=clock,
        symbol="BTC",
    )
    # The first cut after DeepSeek's January came on September 17, 2025.
    since = holds_for(found, ns("2025-01-27T00:00"))
    row, reached = first_row(since, clock.position_after(ns("2025-01-27T12:00")), definition)
    assert reached
    assert row is not None
    assert clock.sessions[row] >= np.datetime64("2025-09-17")
    series = prices.daily["UUP"]
    at = np.searchsorted(series.closes, clock.closes[row])
    assert series.prices[at] < series.prices[at - 20]
