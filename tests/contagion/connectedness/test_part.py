"""Connectedness of one event: what is in the table, placebo dates, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from eventlab.contagion.connectedness.part import COLUMNS, spillover_tables
from eventlab.contagion.connectedness.spillover import spillover
from eventlab.definitions.contagion import ContagionDefinition
from tests import naive_contagion_connectedness as naive
from tests.contagion.systems import make_system

if TYPE_CHECKING:
    from eventlab.contagion.system import System

AFTER = (0, 59)


def definition(**connectedness: object) -> ContagionDefinition:
    section: dict[str, Any] = {
        "source": "SRC",
        "targets": ["AAA", "BBB"],
        "calm_window": (-120, -6),
        "crisis_window": (0, 10),
        "connectedness": {"draws": 60, **connectedness},
    }
    return ContagionDefinition.model_validate(section)


def measured(system: System, **connectedness: object) -> pd.DataFrame:
    return spillover_tables(system, definition(**connectedness), seed=0).spillover


def only(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    for name, value in values.items():
        table = table[table[name] == value]
    return table


def test_values_are_those_of_the_windows() -> None:
    system = make_system()
    table = measured(system)
    assert list(table.columns) == COLUMNS
    assert set(table["occurrence"]) == {"o2"}
    assert set(table["estimator"]) == {"ols"}
    before, after = spillover(system.frame((-120, -6)), 1), spillover(system.frame(AFTER), 1)
    assert_allclose(only(table, period="calm", measure="net")["value"], before.net, rtol=1e-9)
    assert_allclose(only(table, period="crisis", measure="to")["value"], after.to, rtol=1e-9)
    tci = only(table, measure="tci").set_index("period")
    assert tci["value"]["change"] == pytest.approx(after.tci - before.tci)
    assert tci["low"]["change"] < tci["value"]["change"] < tci["high"]["change"]
    bands = only(table, measure="band_tci", period="calm")
    assert list(bands["other"]) == ["up to 5 bars", "5 to 21 bars", "above 21 bars"]
    assert bands["value"].sum() == pytest.approx(before.tci, rel=1e-6)
    assert table["placebo_pvalue"].notna().equals(table["period"] == "change")
    quiet = only(table, period="change")
    assert (quiet[quiet["measure"] != "band_tci"]["note"] == "").all()


def test_placebo_p_counts_dates_that_changed_as_much() -> None:
    system = make_system(T=700, anchors=(300, 500))
    values = system.returns.T
    changes = []
    for row in np.flatnonzero(system.admissible):
        if row >= 120 and row + 59 < 700:
            tables = [
                naive.table(values[row + first : row + last + 1], 1, 10)
                for first, last in ((-120, -6), AFTER)
            ]
            changes.append(100 - np.trace(tables[1]) / 3 - (100 - np.trace(tables[0]) / 3))
    found = only(measured(system, draws=0), measure="tci", period="change").iloc[0]
    middle = np.median(changes)
    beyond = np.count_nonzero(np.abs(changes - middle) >= abs(found["value"] - middle))
    assert found["placebo_pvalue"] == pytest.approx((1 + beyond) / (1 + len(changes)))


def test_series_that_begin_to_move_together_are_seen() -> None:
    system = make_system(crisis=AFTER, anchors=(300, 700), loading=0.1, added_loading=1.5)
    row = only(measured(system), measure="tci", period="change").iloc[0]
    assert row["low"] > 10
    assert row["pvalue"] < 0.05
    assert row["placebo_pvalue"] < 0.05


def test_more_than_ten_series_are_fitted_by_ridge() -> None:
    names = ["SRC", *(f"T{i}" for i in range(10))]
    table = measured(make_system(names))
    assert set(table["estimator"]) == {"ridge"}
    assert only(table, measure="tci")["value"].notna().all()
    assert only(table, measure="tci", period="change")["placebo_pvalue"].notna().all()
    assert set(measured(make_system(names[:10]))["estimator"]) == {"ols"}
    assert set(measured(make_system(), estimator="lasso")["estimator"]) == {"lasso"}


def test_the_future_of_the_windows_is_unknown_to_them() -> None:
    system = make_system()
    later = system.returns.copy()
    later[:, system.anchor + 60 :] *= 50
    changed = replace(system, returns=later, admissible=np.zeros(len(system.admissible), bool))
    one, two = measured(system), measured(changed)
    columns = ["value", "low", "high", "pvalue"]
    assert_frame_equal(one[columns], two[columns], check_exact=True)
    assert two["placebo_pvalue"].isna().all()
    note = only(two, measure="tci", period="change")["note"].iloc[0]
    assert note.startswith("only 0 placebo dates")


def test_a_window_beyond_the_clock_says_by_how_much() -> None:
    table = measured(make_system(T=740, anchors=(300, 700)))
    assert only(table, period="calm")["value"].notna().all()
    for period in ("crisis", "change"):
        rows = only(table, period=period)
        assert rows["value"].isna().all()
        assert (
            rows["note"]
            .str.contains("[0,59] reaches 20 bars after the last bar", regex=False)
            .all()
        )


def test_too_few_rows() -> None:
    rows = only(measured(make_system(), after=(0, 5)), period="crisis")
    assert rows["value"].isna().all()
    assert rows["note"].str.startswith("5 usable rows are too few").all()


def test_series_without_bars_are_left_out_and_missing_bars_counted() -> None:
    system = make_system()
    returns = system.returns.copy()
    returns[2, :600] = np.nan
    returns[1, [650, 660]] = np.nan
    table = measured(replace(system, returns=returns))
    assert set(only(table, measure="to")["series"]) == {"SRC", "AAA"}
    out = only(table, measure="net", series="BBB").iloc[0]
    assert out["note"] == "left out: it has 95 of 115 bars in [-120,-6]"
    calm = only(table, period="calm", measure="tci").iloc[0]
    assert calm["note"] == "2 bars with a missing value left out"
    two = pd.DataFrame(returns[:2, 580:695].T, columns=["SRC", "AAA"])
    assert calm["value"] == pytest.approx(spillover(two, 1).tci)
    assert only(table, period="change", measure="tci")["placebo_pvalue"].notna().all()


def test_without_the_source_or_without_targets_there_is_one_row_that_says_so() -> None:
    system = make_system()
    for gone, why in (([0], "SRC lacks bars"), ([1, 2], "no target has the bars")):
        returns = system.returns.copy()
        returns[gone] = np.nan
        table = measured(replace(system, returns=returns))
        tci = only(table, measure="tci")
        assert list(tci["note"]) == [why]
        assert table["value"].isna().all()
        assert len(table) == 1 + len(gone)


def test_series_that_cannot_be_told_apart() -> None:
    system = make_system()
    returns = system.returns.copy()
    returns[2] = returns[1]
    table = measured(replace(system, returns=returns))
    assert table["value"].isna().all()
    assert table["note"].str.contains("mixture").all()


@pytest.mark.parametrize("level", [0.0, 0.001])
def test_a_constant_target_is_left_out_and_a_constant_source_is_not(level: float) -> None:
    system = make_system()
    returns = system.returns.copy()
    returns[2, 700:760] = level
    table = measured(replace(system, returns=returns))
    assert set(only(table, measure="to")["series"]) == {"SRC", "AAA"}
    assert only(table, measure="tci")["value"].notna().all()
    out = only(table, measure="net", series="BBB").iloc[0]
    assert out["note"] == "left out: it is constant in [0,59]"
    returns[0] = level
    table = measured(replace(system, returns=returns))
    assert table["value"].isna().all()
    assert only(table, measure="tci")["note"].str.contains("SRC is constant").all()


def test_what_a_basket_is_made_of_is_in_it_already() -> None:
    names = ("SRC", "AAA", "@group", "M1", "M2")
    system = make_system(names)
    returns = system.returns.copy()
    returns[2] = returns[3:].mean(axis=0)
    system = replace(system, returns=returns, members={"@group": ("M1", "M2")})
    table = measured(system)
    assert set(only(table, measure="to")["series"]) == {"SRC", "AAA", "@group"}
    assert only(table, measure="tci")["value"].notna().all()


def test_an_event_is_measured_the_same_twice() -> None:
    system = make_system()
    assert_frame_equal(measured(system), measured(system), check_exact=True)
