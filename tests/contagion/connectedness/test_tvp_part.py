"""Paths of connectedness around an occurrence: values, bands, what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eventlab.contagion.connectedness.tvp import tvp_spillover
from eventlab.contagion.connectedness.tvp_part import COLUMNS, spillover_path_tables
from eventlab.contagion.placebo import pseudo_rows
from eventlab.definitions.contagion import ContagionDefinition
from eventlab.errors import DataError
from tests.contagion.systems import make_system

if TYPE_CHECKING:
    from eventlab.contagion.system import System

SECTION = ContagionDefinition(
    source="SRC", targets=("AAA", "BBB"), calm_window=(-120, -6), crisis_window=(0, 10), draws=400
)
TAUS = list(range(-20, 41))


def paths(system: System, seed: int = 1) -> pd.DataFrame:
    return spillover_path_tables(system, SECTION, seed=seed).spillover_paths


def line(table: pd.DataFrame, occurrence: str, series: str = "") -> pd.DataFrame:
    chosen = (table["occurrence"] == occurrence) & (table["series"] == series)
    return table[chosen].set_index("tau")


def test_values_are_those_of_the_filter_at_the_same_rows() -> None:
    system = make_system()
    found = paths(system)
    assert list(found.columns) == list(COLUMNS)
    frame = pd.DataFrame(system.returns.T, columns=system.names)
    path = tvp_spillover(frame, prior_rows=120)
    tci = line(found, "o2")
    assert list(tci.index) == TAUS
    assert_array_equal(tci["value"], path.tci.iloc[680:741])
    assert_array_equal(line(found, "o2", "AAA")["value"], path.net["AAA"].iloc[680:741])
    mean = np.mean([path.tci.iloc[row - 20 : row + 41] for row in (300, 500, 700)], axis=0)
    average = line(found, "average")
    assert_allclose(average["value"], mean, rtol=1e-12)
    assert set(average["n_events"]) == {3}
    assert set(found["note"]) == {""}


def test_the_band_is_the_calm_mean_plus_what_placebo_dates_do() -> None:
    system = make_system()
    tci = tvp_spillover(pd.DataFrame(system.returns.T), prior_rows=120).tci.to_numpy()
    relative = []
    for row in pseudo_rows(system):
        if 700 - 40 <= row <= 700 + 40 + 120:  # its path or calm window holds bars of this path
            continue
        calm, path = tci[row - 120 : row - 5], tci[row - 20 : row + 41]
        if len(path) == 61 and np.count_nonzero(np.isfinite(calm)) > 57:
            relative.append(path - np.nanmean(calm))
    low, high = np.quantile(relative, [0.025, 0.975], axis=0) + tci[580:695].mean()
    found = line(paths(system), "o2")
    assert_allclose(found["low"], low, rtol=1e-9)
    assert_allclose(found["high"], high, rtol=1e-9)


def test_the_future_leaves_the_values_bit_for_bit() -> None:
    system = make_system()
    scrambled = system.returns.copy()
    scrambled[:, 711:] = 9 * scrambled[:, 711:][:, ::-1]
    found = line(paths(system), "o2")["value"]
    other = line(paths(make_system(returns=scrambled)), "o2")["value"]
    assert_array_equal(found[:31], other[:31])
    assert not np.array_equal(found[31:], other[31:])


def test_the_seed_moves_the_band_of_the_average_only() -> None:
    system = make_system()
    first, same, second = (paths(system, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, same)
    pd.testing.assert_frame_equal(line(first, "o2"), line(second, "o2"))
    assert not np.array_equal(line(first, "average")["low"], line(second, "average")["low"])
    width = line(first, "o2")["high"] - line(first, "o2")["low"]
    narrow = line(first, "average")["high"] - line(first, "average")["low"]
    assert (narrow < width).mean() > 0.9


def test_a_late_series_is_left_out_with_the_reason() -> None:
    returns = make_system().returns.copy()
    returns[1, :600] = np.nan
    returns[2, 650] = np.nan
    found = paths(make_system(returns=returns))
    row = found[found["series"] == "AAA"]
    assert row["note"].tolist() == ["less than nine tenths of bars [-240,40] have a return"]
    assert row["value"].isna().all()
    assert line(found, "o2")["value"].notna().all()


def test_missing_bars_of_the_path_have_a_reason() -> None:
    returns = make_system().returns.copy()
    returns[2, 705] = np.nan
    found = line(paths(make_system(returns=returns)), "o2")
    assert found.index[found["value"].isna()].tolist() == [5, 6]
    assert found.loc[5, "note"] == "a return is missing at this bar"


def test_more_than_ten_series_follow_the_first_ten() -> None:
    names = ["SRC", *(f"T{k}" for k in range(11))]
    found = paths(make_system(names, T=600, anchors=(450,)))
    out = found[found["value"].isna()]
    assert out["series"].tolist() == ["T9", "T10"]
    assert out["note"].str.startswith("the path follows 10 series").all()


@pytest.mark.parametrize("missing", ["source", "history"])
def test_without_a_source_or_a_history_there_is_a_reason_alone(missing: str) -> None:
    returns = make_system().returns.copy()
    if missing == "source":
        returns[0, :690] = np.nan
    system = make_system(returns=returns, anchors=(700,) if missing == "source" else (200,))
    found = paths(system)
    assert found["value"].isna().all()
    assert found["measure"].iloc[0] == "tci"
    assert found["note"].iloc[0] == "less than nine tenths of bars [-240,40] have a return"


def test_collinear_series_are_refused() -> None:
    returns = make_system().returns.copy()
    returns[2] = 2 * returns[1]
    with pytest.raises(DataError, match="the prior, on the first 120 rows"):
        paths(make_system(returns=returns))


def test_few_placebo_dates_give_no_band() -> None:
    system = make_system()
    few = np.flatnonzero(system.admissible)[-200:-195]
    admissible = np.isin(np.arange(900), few)
    found = line(paths(replace(system, admissible=admissible)), "o2")
    assert found["value"].notna().all()
    assert found["low"].isna().all()
    assert found["note"].str.match("only 5 placebo dates with a path").all()
