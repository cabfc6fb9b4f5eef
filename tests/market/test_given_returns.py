"""Series of returns: Kenneth French's layout, its units and missing codes, and compounding."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.definitions import SymbolInfo
from eventlab.errors import DataError
from eventlab.market.panel import build_panel
from eventlab.market.sources import load_market
from eventlab.timeline.clock import make_clock
from tests.market.series import daily, market, ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import PriceSeries

ROUNDING: dict[str, Any] = {"rtol": 1e-14, "atol": 0}  # a product of a few numbers near one

WORDS = """This file was created by CMPT_ME_BEME_RETS_DAILY using the 202512 CRSP database.
The 1-month TBill rate data until 202405 are from Ibbotson, and from then on from ICE BofA.


,Mkt-RF,SMB,HML,RF
"""
ROWS = """20251208,   -0.55,    0.12,   -0.04,    0.02
20251209,    0.31,  -99.99,    0.10,    0.02
20251210,    0.67,    0.44,    0.00,    0.02
20251211,   -0.21,    0.35, -999.00,    0.02
20251212,   -1.07,   -0.30,    0.62,    0.02
"""
FOOT = """
Copyright 2025 Eugene F. Fama and Kenneth R. French
"""


def info(*symbols: str, unit: Any = "percent") -> dict[str, SymbolInfo]:
    """Say of symbols that they are returns of New York sessions."""
    return {name: SymbolInfo(name, name, "XNYS", "return", unit) for name in symbols}


FACTORS = info("MKT-RF", "SMB", "HML", "RF")


def write(folder: Path, text: str, name: str = "F-F_Research_Data_Factors_daily.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_a_file_as_kenneth_french_publishes_it(tmp_path: Path) -> None:
    held = load_market(
        write(tmp_path, WORDS + ROWS + FOOT), ["MKT-RF", "SMB", "HML", "RF"], FACTORS
    )
    assert held.refused == {}
    assert {held.daily[name].kind for name in FACTORS} == {"return"}
    found = held.daily["MKT-RF"]
    np.testing.assert_array_equal(found.prices, np.array([-0.55, 0.31, 0.67, -0.21, -1.07]) / 100)
    assert [str(day) for day in found.sessions][::4] == ["2025-12-08", "2025-12-12"]
    smb, hml = held.daily["SMB"].prices, held.daily["HML"].prices
    assert np.isnan(smb).tolist() == [False, True, False, False, False]
    assert np.isnan(hml).tolist() == [False, False, False, True, False]
    said = (
        "F-F_Research_Data_Factors_daily.csv: daily prices, a column per symbol; 5 rows, 4 "
        "symbols, 2025-12-08 to 2025-12-12; calendar XNYS for 4 as the workspace says; used for "
        "HML, MKT-RF, RF, SMB; 4 lines above its table and 1 below it are left out"
    )
    assert held.understood == (said,)


def test_missing_codes_are_said_to_be_missing_and_a_constant_rate_is_not_stale(
    tmp_path: Path,
) -> None:
    held = load_market(write(tmp_path, WORDS + ROWS + FOOT), ["SMB", "RF"], FACTORS)
    assert [(one.symbol, one.check, one.first) for one in held.issues] == [
        ("SMB", "missing", "2025-12-09")
    ]
    assert "they are missing" in held.issues[0].detail


def test_returns_stand_in_the_panel_as_given(tmp_path: Path) -> None:
    held = load_market(write(tmp_path, WORDS + ROWS + FOOT), None, FACTORS)
    clock = make_clock("XNYS", date(2025, 12, 8), date(2025, 12, 12))
    panel = build_panel(held, ["HML", "MKT-RF"], clock)
    nan = np.nan
    np.testing.assert_array_equal(
        panel.returns,
        [
            [nan, 0.10 / 100, 0.0, nan, 0.62 / 100],
            [nan, 0.31 / 100, 0.67 / 100, -0.21 / 100, -1.07 / 100],
        ],
    )


def test_a_number_that_is_none_is_found_on_its_line(tmp_path: Path) -> None:
    wrong = WORDS + ROWS.replace("0.67", "O.67") + FOOT
    with pytest.raises(DataError, match=r"daily\.csv:8: Mkt-RF: 'O\.67' is not a number"):
        load_market(write(tmp_path, wrong), None, FACTORS)
    wrong = WORDS + ROWS.replace("20251210", "20251310") + FOOT
    with pytest.raises(DataError, match=r"daily\.csv:8: index: '20251310' is not an ISO date"):
        load_market(write(tmp_path, wrong), None, FACTORS)


def test_percent_taken_for_decimals_is_refused_and_decimals_are_not_divided(tmp_path: Path) -> None:
    text = "date,SMB\n2025-12-08,-0.55\n2025-12-09,0.31\n2025-12-10,1.5\n"
    held = load_market(write(tmp_path, text, "a.csv"), None, info("SMB", unit="decimal"))
    assert held.refused == {
        "SMB": "a.csv: half of its returns exceed 55%: they are not in decimals. Say unit: percent "
        "beside kind: return under universes/, or kind: price"
    }
    text = "date,SMB\n2025-12-08,-0.0055\n2025-12-09,0.0031\n"
    held = load_market(write(tmp_path, text, "a.csv"), None, info("SMB", unit="decimal"))
    np.testing.assert_array_equal(held.daily["SMB"].prices, [-0.0055, 0.0031])
    lost = "date,SMB\n2025-12-08,-100.0\n2025-12-09,0.31\n2025-12-10,0.2\n"
    held = load_market(write(tmp_path, lost, "a.csv"), None, info("SMB"))
    assert held.refused["SMB"].startswith("a.csv: 1 of its returns are -100% or less")


def returns_of(
    calendar: str, start: date, given: list[float], drop: tuple[int, ...] = ()
) -> PriceSeries:
    return daily("R", calendar, start, given, drop=drop, kind="return")


def test_returns_of_days_that_are_not_sampled_are_compounded() -> None:
    # A market that never closes on the clock of one that does: Monday holds three days.
    given = [0.01, 0.02, -0.03, 0.04, 0.05, -0.06, 0.07]  # Thursday 2025-12-11 to Wednesday
    clock = make_clock("XNYS", date(2025, 12, 11), date(2025, 12, 17))
    panel = build_panel(market(returns_of("24/7", date(2025, 12, 11), given)), ["R"], clock)
    weekend = 0.97 * 1.04 * 1.05 - 1.0
    np.testing.assert_allclose(panel.returns[0], [np.nan, 0.02, weekend, -0.06, 0.07], **ROUNDING)
    # One day without a return: so is the whole of Monday's.
    lost = build_panel(
        market(returns_of("24/7", date(2025, 12, 11), given, drop=(3,))), ["R"], clock
    )
    np.testing.assert_allclose(lost.returns[0], [np.nan, 0.02, np.nan, -0.06, 0.07], **ROUNDING)


def test_returns_and_the_prices_they_make_give_the_same_panel() -> None:
    given = np.random.default_rng(1).normal(0.0, 0.01, 60)
    start = date(2025, 3, 3)
    prices = [float(price) for price in 100.0 * np.cumprod(1.0 + given)]
    clock = make_clock("XNYS", start, start + timedelta(days=50))
    for calendar in ("XNYS", "24/7"):
        held = market(
            returns_of(calendar, start, given.tolist()), daily("P", calendar, start, prices)
        )
        panel = build_panel(held, ["R", "P"], clock)
        np.testing.assert_allclose(panel.returns[0], panel.returns[1], rtol=0, atol=1e-15)
        np.testing.assert_array_equal(panel.closes[0], panel.closes[1])


def test_the_future_of_a_series_of_returns_leaves_its_past() -> None:
    given = np.random.default_rng(2).normal(0.0, 0.01, 60)
    other = given.copy()
    other[40:] *= -3.0
    start = date(2025, 3, 3)
    clock = make_clock("XNYS", start, start + timedelta(days=50))
    cut = int(np.searchsorted(clock.closes, ns("2025-04-12")))
    panels = [
        build_panel(market(returns_of("24/7", start, each.tolist())), ["R"], clock).returns
        for each in (given, other)
    ]
    assert panels[0][0, :cut].tobytes() == panels[1][0, :cut].tobytes()
    assert not np.array_equal(panels[0][0, cut + 1 :], panels[1][0, cut + 1 :], equal_nan=True)
