"""Volatility that travels, against regressions one after another, and on planted shocks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab import contagion
from eventlab.contagion.volatility.ranges import range_volatility
from eventlab.contagion.volatility.transmission import (
    lagged_means,
    transmission_rows,
    volatility_contagion,
)
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_dcc import Array, har_rows, transmission

EXACT = 1e-9  # normal equations against a decomposition
T, ANCHOR = 420, 380
CALM, CRISIS = (-120, -6), (0, 10)
TESTS = ["innovation_correlation", "excess_volatility", "excess_over_link"]


def logs(seed: int = 0, link: float = 0.3, rows: int = T) -> Array:
    """Log volatilities (3, T) with memory: a source and two targets whose shocks load on its."""
    rng = np.random.default_rng(seed)
    shocks = 0.4 * rng.standard_normal((3, rows))
    shocks[1:] += link * shocks[0]
    y = np.zeros((3, rows))
    for t in range(1, rows):
        week = y[:, max(0, t - 5) : t].mean(axis=1)
        month = y[:, max(0, t - 22) : t].mean(axis=1)
        y[:, t] = 0.3 * y[:, t - 1] + 0.3 * week + 0.3 * month + shocks[:, t]
    return y - 4.0


def frame(y: Array) -> pd.DataFrame:
    index = pd.date_range("2022-01-03", periods=y.shape[1], freq="D")
    return pd.DataFrame(y.T, index=index, columns=["SRC", "AAA", "BBB"])


def windows(table: pd.DataFrame) -> dict[str, Any]:
    at = table.index
    return {
        "calm": (at[ANCHOR + CALM[0]], at[ANCHOR + CALM[1]]),
        "crisis": (at[ANCHOR + CRISIS[0]], at[ANCHOR + CRISIS[1]]),
    }


def measured(y: Array, **options: Any) -> pd.DataFrame:
    table = frame(y)
    return volatility_contagion(table, "SRC", **{**windows(table), **options})


def pick(table: pd.DataFrame, target: str, test: str) -> Any:
    return table[(table["target"] == target) & (table["test"] == test)].iloc[0]


def naive_at(y: Array, place: int, row: int) -> Any:
    return transmission(
        y[0],
        y[place],
        range(row + CALM[0], row + CALM[1] + 1),
        range(row + CRISIS[0], row + CRISIS[1] + 1),
    )


def with_gaps() -> Array:
    y = logs(2)
    rng = np.random.default_rng(1)
    y[rng.random(y.shape) < 0.004] = np.nan
    y[1, ANCHOR + 3] = np.nan
    return y


@pytest.mark.parametrize("y", [logs(), with_gaps()], ids=["complete", "gaps"])
def test_the_statistics_are_those_of_plain_regressions(y: Array) -> None:
    found = measured(y)
    assert found["test"].tolist() == 2 * TESTS
    for place, target in ((1, "AAA"), (2, "BBB")):
        naive = naive_at(y, place, ANCHOR)
        row = pick(found, target, "innovation_correlation")
        assert (row["calm"], row["crisis"]) == pytest.approx(naive.correlations, rel=EXACT)
        assert row["statistic"] == pytest.approx(naive.z, rel=EXACT)
        assert row["pvalue"] == pytest.approx(math.erfc(abs(naive.z) / math.sqrt(2.0)), rel=EXACT)
        for test, known in (
            ("excess_volatility", naive.excess),
            ("excess_over_link", naive.over_link),
        ):
            row = pick(found, target, test)
            assert row["calm"] == 0.0
            assert (row["crisis"], row["statistic"]) == pytest.approx(known, rel=1e-7)


def test_placebo_p_counts_every_earlier_date_that_can_be_measured() -> None:
    y = logs(3)
    found = pick(measured(y), "AAA", "excess_volatility")
    real = abs(naive_at(y, 1, ANCHOR).excess[1])
    pseudo = []
    for row in range(-CALM[0], ANCHOR - CRISIS[1]):
        bars = [row + CALM[0] + k for k in range(CALM[1] - CALM[0] + 1)]
        usable = [t for t in bars if t >= 22]
        if len(usable) >= 0.8 * len(bars):
            pseudo.append(abs(naive_at(y, 1, row).excess[1]))
    beyond = sum(value >= real for value in pseudo)
    assert found["n_placebo"] == len(pseudo)
    assert found["placebo_pvalue"] == pytest.approx((1 + beyond) / (1 + len(pseudo)))


def test_means_of_lags_worked_by_hand() -> None:
    y = np.arange(30.0)
    X = lagged_means(y)
    assert np.isnan(X[21]).tolist() == [False, False, True]
    assert X[25].tolist() == [24.0, 22.0, 13.5]  # 24; 20..24; 3..24
    y[23] = np.nan
    assert lagged_means(y)[25].tolist() == [24.0, 21.75, (297 - 23) / 21]  # 4 of 5, 21 of 22
    assert np.isnan(lagged_means(y)[24]).all()  # the bar before is missing
    naive = har_rows(y, range(30))[1][:, 1:]
    np.testing.assert_allclose(lagged_means(y), naive, rtol=1e-13)


def test_ranges_worked_by_hand() -> None:
    high = pd.DataFrame({"A": [math.e, 2.0, 1.0, np.nan, -1.0, 1.0]})
    low = pd.DataFrame({"A": [1.0, 2.0, 3.0, 1.0, -2.0, 0.0]})
    found = range_volatility(high, low)["A"]
    assert found[0] == pytest.approx(math.log(1.0 / math.sqrt(4.0 * math.log(2.0))))
    assert found[1:].isna().all()
    assert range_volatility(low, high)["A"].isna().tolist() == [True, True, False, True, True, True]
    assert contagion.range_volatility is range_volatility


def test_volatility_that_the_calm_link_explains_is_no_excess_over_it() -> None:
    rng = np.random.default_rng(6)
    source, own = 0.4 * rng.standard_normal((2, T))
    source[ANCHOR : ANCHOR + 11] += 1.5
    y = np.stack([source, 0.9 * source + 0.3 * own, 0.9 * own]) - 4.0
    found = measured(y)
    assert pick(found, "AAA", "excess_volatility")["pvalue"] < 1e-6
    assert pick(found, "AAA", "excess_volatility")["crisis"] > 1.0
    assert pick(found, "AAA", "excess_over_link")["pvalue"] > 0.01
    assert pick(found, "BBB", "excess_volatility")["pvalue"] > 0.01


def test_volatility_beyond_the_link_is_found() -> None:
    y = logs(7)
    y[1, ANCHOR : ANCHOR + 11] += np.linspace(0.8, 3.0, 11)
    found = measured(y)
    row = pick(found, "AAA", "excess_over_link")
    assert row["pvalue"] < 0.001
    assert row["placebo_pvalue"] < 0.01
    assert row["crisis"] > 0.3
    assert pick(found, "BBB", "excess_over_link")["pvalue"] > 0.01


def test_twins_have_no_change_of_correlation_and_a_source_of_no_effect_changes_nothing() -> None:
    y = logs(8, link=0.0)
    found = measured(y)
    own, linked = (pick(found, "AAA", test) for test in TESTS[1:])
    assert linked["statistic"] == pytest.approx(own["statistic"], abs=0.3)
    y[1] = y[0]
    twin = pick(measured(y), "AAA", "innovation_correlation")
    assert twin["calm"] == pytest.approx(1.0)
    assert math.isnan(twin["statistic"]) or abs(twin["statistic"]) < 5.0


def test_what_comes_later_changes_nothing() -> None:
    y = logs(9)
    later = y.copy()
    later[:, ANCHOR + 11 :] = 7.0
    pd.testing.assert_frame_equal(measured(y), measured(later), check_exact=True)
    cut = frame(y[:, : ANCHOR + 11])
    found = volatility_contagion(cut, "SRC", **windows(frame(y)))
    pd.testing.assert_frame_equal(measured(y), found, check_exact=True)
    inside = y.copy()
    inside[1, ANCHOR + 10] += 1.0
    assert not measured(inside).equals(measured(y))


def test_one_date_does_not_depend_on_the_others() -> None:
    y = logs(10)
    alone = transmission_rows(y, (CALM, CRISIS), ANCHOR, np.empty(0, dtype=np.int64))
    many = transmission_rows(y, (CALM, CRISIS), ANCHOR, np.arange(130, 350, dtype=np.int64))
    for one, other in zip(alone, many, strict=True):
        assert [row["statistic"] for row in one] == [row["statistic"] for row in other]
        assert all(math.isnan(row["placebo_pvalue"]) for row in one)
        assert all("only 0 placebo dates" in row["note"] for row in one)


def test_what_cannot_be_measured_says_why() -> None:
    gone = logs(11)
    gone[1, ANCHOR + 1 : ANCHOR + 5] = np.nan  # the means of the next bars want 4 of 5
    found = measured(gone)
    for test in TESTS:
        row = pick(found, "AAA", test)
        assert math.isnan(row["statistic"])
        assert math.isnan(row["pvalue"])
        assert row["note"].startswith("3 of 11 crisis bars have log volatilities and the bars be")
    assert pick(found, "BBB", "excess_volatility")["note"] == ""
    still = logs(11)
    still[2] = -4.0
    row = pick(measured(still), "BBB", "excess_volatility")
    assert math.isnan(row["statistic"])
    assert row["note"] == "a volatility does not move in the windows"
    early = frame(logs(11)[:, ANCHOR - 50 :])
    short = volatility_contagion(
        early,
        "SRC",
        calm=(early.index[0], early.index[44]),
        crisis=(early.index[50], early.index[60]),
    )
    assert short["statistic"].isna().all()
    assert "23 of 45 calm bars" in short["note"][1]


def test_wrong_arguments_are_refused() -> None:
    y = logs(12)
    table = frame(y)
    given = windows(table)
    with pytest.raises(UsageError, match="source 'XXX' is no column of frame; it has SRC"):
        volatility_contagion(table, "XXX", **given)
    with pytest.raises(UsageError, match="'YYY' is no column"):
        volatility_contagion(table, "SRC", targets=["YYY"], **given)
    with pytest.raises(UsageError, match="overlaps or follows crisis"):
        measured(y, crisis=given["calm"])
    with pytest.raises(UsageError, match="holds no row of the frame"):
        measured(y, crisis=("2040-01-01", "2040-02-01"))
    wild = y.copy()
    wild[2, 5] = -np.inf
    with pytest.raises(DataError, match="infinite"):
        measured(wild)


def test_targets_can_be_chosen() -> None:
    assert measured(logs(13), targets=["BBB"])["target"].unique().tolist() == ["BBB"]
