"""Rows of the tails around an occurrence: values, windows, placebo dates, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.connectedness.quantile import quantile_spillover
from eventlab.contagion.connectedness.quantile_part import COLUMNS, quantile_tables
from eventlab.definitions.contagion import ContagionDefinition
from tests.contagion.systems import make_system

if TYPE_CHECKING:
    from eventlab.contagion.system import System

SECTION = ContagionDefinition(
    source="SRC", targets=("AAA", "BBB"), calm_window=(-120, -6), crisis_window=(0, 10)
)


def rows(system: System) -> pd.DataFrame:
    return quantile_tables(system, SECTION).spillover


def one(table: pd.DataFrame, quantile: str, period: str) -> pd.Series:
    return table[(table["other"] == quantile) & (table["period"] == period)].iloc[0]


@pytest.mark.parametrize("quantile", ["0.05", "0.5", "0.95"])
def test_values_are_those_of_the_two_windows(quantile: str) -> None:
    system = make_system()
    found = rows(system)
    assert list(found.columns) == list(COLUMNS)
    frame = pd.DataFrame(system.returns.T)
    # 251 rows: 250 and one lag; before ends at -6, after at 59.
    calm = quantile_spillover(frame.iloc[700 - 256 : 695], float(quantile)).tci
    crisis = quantile_spillover(frame.iloc[700 - 191 : 760], float(quantile)).tci
    assert one(found, quantile, "calm")["value"] == pytest.approx(calm, rel=1e-9)
    assert one(found, quantile, "crisis")["value"] == pytest.approx(crisis, rel=1e-9)
    change = one(found, quantile, "change")
    assert change["value"] == pytest.approx(crisis - calm, rel=1e-6)
    assert 0 < change["placebo_pvalue"] <= 1
    assert one(found, quantile, "calm")["note"] == "bars [-256,-6]"


def test_a_common_storm_shows() -> None:
    returns = make_system(anchors=(700,)).returns.copy()
    storm = 0.03 * np.random.default_rng(5).standard_normal(60)
    returns[:, 700:760] = storm + 0.001 * returns[:, 700:760]
    change = one(rows(make_system(returns=returns, anchors=(700,))), "0.5", "change")
    assert change["value"] > 20
    assert change["placebo_pvalue"] < 0.05


def test_what_lies_after_the_window_does_not_matter() -> None:
    returns = make_system(anchors=(700,)).returns.copy()
    changed = returns.copy()
    changed[:, 760:] *= -3
    found, other = (rows(make_system(returns=one_, anchors=(700,))) for one_ in (returns, changed))
    pd.testing.assert_series_equal(found["value"], other["value"])


def test_too_few_rows_say_so() -> None:
    found = rows(make_system(anchors=(200,)))
    calm = one(found, "0.05", "calm")
    assert np.isnan(calm["value"])
    assert calm["note"] == "bars [-256,-6]: 195 complete rows are too few for tails of 3 series"
    change = one(found, "0.05", "change")
    assert np.isnan(change["value"])
    assert change["note"] == "no TCI in one of the windows"


def test_series_without_the_bars_are_named() -> None:
    returns = make_system().returns.copy()
    returns[1, :600] = np.nan
    found = rows(make_system(returns=returns))
    assert found["note"].str.endswith("without AAA").all()
    assert found["value"].notna().all()
    returns[2] = 0.0
    alone = rows(make_system(returns=returns))
    assert alone["value"].isna().all()
    assert "fewer than two series" in one(alone, "0.5", "calm")["note"]


def test_collinear_series_have_no_value() -> None:
    returns = make_system().returns.copy()
    returns[2] = 2 * returns[1]
    found = rows(make_system(returns=returns))
    assert found["value"].isna().all()
    assert "collinear" in one(found, "0.5", "calm")["note"]
