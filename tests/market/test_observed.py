"""Funding rates and open interest: levels, known at their stamps, under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from eventlab.market.detect import is_observed
from eventlab.market.sources import load_market

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import Market

LONG = """ts_utc,symbol,funding_rate
2025-12-13 00:00,btc,0.0001
2025-12-13 08:00,btc,-0.0002
2025-12-13 16:00,btc,0.0003
2025-12-13 00:00,eth,0.0004
2025-12-13 08:00,eth,0.0005
"""


def load(folder: Path, bar_stamp: Literal["open", "close"] | None = None, **files: str) -> Market:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_market(str(folder), None, {}, bar_stamp=bar_stamp)


@pytest.mark.parametrize("told", [None, "open", "close"])
def test_a_funding_rate_is_a_level_known_at_its_stamp_whatever_is_told_of_bars(
    tmp_path: Path, told: Literal["open", "close"] | None
) -> None:
    market = load(tmp_path, told, funding=LONG)
    assert market.symbols == ("BTC-FUNDING", "ETH-FUNDING")
    series = market.intraday["BTC-FUNDING"]
    assert (series.kind, series.calendar, series.bar_minutes) == ("level", "24/7", 480)
    assert series.closes.astype("datetime64[ns]").astype(str).tolist() == [
        f"2025-12-13T{hour:02d}:00:00.000000000" for hour in (0, 8, 16)
    ]
    # Below zero, a price would be refused.
    assert np.array_equal(series.prices, [0.0001, -0.0002, 0.0003])


@pytest.mark.parametrize(
    ("column", "symbol"),
    [
        ("btc_futures_oi_usd", "BTC-OI"),
        ("ETH_open_interest", "ETH-OI"),
        ("sol_perp_oi", "SOL-OI"),
        ("btc_funding_rate", "BTC-FUNDING"),
    ],
)
def test_a_wide_column_is_named_by_its_symbol_and_what_it_observes(
    tmp_path: Path, column: str, symbol: str
) -> None:
    rows = "".join(f"2025-12-{day},{1000 + day},x\n" for day in range(10, 20))
    market = load(tmp_path, observed=f"date,{column},source\n{rows}")
    assert market.symbols == (symbol,)
    assert market.daily[symbol].kind == "level"
    assert market.daily[symbol].prices[0] == 1010.0


def test_prices_beside_a_rate_stay_prices(tmp_path: Path) -> None:
    text = "date,symbol,close,funding_rate\n2025-12-10,AAA,100,0.1\n2025-12-11,AAA,101,0.1\n"
    market = load(tmp_path, prices=text)
    assert market.symbols == ("AAA",)
    assert market.daily["AAA"].kind == "price"


def test_only_the_endings_are_names_of_what_is_observed() -> None:
    assert [is_observed(name) for name in ("BTC-FUNDING", "BTC-OI", "FUNDING", "OI", "BTC")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_names_that_are_asked_for_are_found_in_a_parquet_file(market_dir: Path) -> None:
    market = load_market(str(market_dir), ["BTC-FUNDING", "BTC-OI", "BTC"], {})
    assert set(market.symbols) == {"BTC-FUNDING", "BTC-OI", "BTC"}
    funding = market.intraday["BTC-FUNDING"]
    eight_hours = np.diff(funding.closes) / 3.6e12
    assert set(eight_hours.tolist()) == {8.0}  # 2022-01 to 2026-03 without gaps
    assert (funding.prices < 0).any()
