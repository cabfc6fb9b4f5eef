"""Correlation on unequal clocks and its curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab import contagion
from eventlab.contagion.leads.hayashi_yoshida import LeadLag, hayashi_yoshida, lead_lag
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_lead_lag import overlapping

RTOL = 1e-12
START = pd.Timestamp("2025-01-01", tz="UTC")


def series(values: Any, seconds: Any, zone: str | None = "UTC") -> pd.Series:
    index = pd.to_datetime(np.asarray(seconds) * 10**9, unit="ns", utc=True)
    return pd.Series(values, index.tz_convert(zone) if zone else index.tz_localize(None))


def shifted_paths(
    seed: int, lag: int, rho: float = 0.8, n: int = 20_000
) -> tuple[pd.Series, pd.Series]:
    """Brownian paths of which y follows x by ``lag`` seconds, at Poisson times of their own."""
    rng = np.random.default_rng(seed)
    common, own = rng.normal(size=(2, n + 2 * abs(lag)))
    x = common[abs(lag) : abs(lag) + n].cumsum()
    moved = common[abs(lag) - lag : abs(lag) - lag + n]
    y = (rho * moved + np.sqrt(1 - rho**2) * own[:n]).cumsum()
    seen = [np.cumsum(rng.exponential(gap, n)).astype(int) + 1 for gap in (8, 11)]
    rows = [np.unique(one[one < n]) for one in seen]
    return series(x[rows[0]], rows[0]), series(y[rows[1]], rows[1])


def test_common_grid_is_the_realised_correlation() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 300)).cumsum(axis=1)
    grid = np.arange(300) * 60
    found = hayashi_yoshida(series(x, grid), series(y, grid))
    a, b = np.diff(x), np.diff(y)
    assert found.covariance == pytest.approx(a @ b, rel=RTOL)
    assert found.correlation == pytest.approx(a @ b / np.sqrt((a @ a) * (b @ b)), rel=RTOL)
    # Of independent increments: White's variance of a slope, in units of the correlation.
    assert found.stderr == pytest.approx(np.sqrt((a**2) @ (b**2) / ((a @ a) * (b @ b))), rel=RTOL)
    assert (found.n_x, found.n_y, found.n_missing, found.note) == (299, 299, 0, "")


def test_agrees_with_the_double_sum() -> None:
    x, y = shifted_paths(3, 20, n=3000)
    lags = [-40, -20, 0, 20, 35]
    found = lead_lag(x, y, lags).curve
    tx, ty = (pd.DatetimeIndex(one.index).as_unit("ns").asi8 for one in (x, y))
    for lag, covariance in zip(lags, found["covariance"], strict=True):
        wanted = overlapping(tx, x.to_numpy(), ty, y.to_numpy(), lag * 10**9)[0]
        assert covariance == pytest.approx(wanted, rel=1e-10)
    same = hayashi_yoshida(x, y)
    assert found["correlation"][2] == same.correlation


@pytest.mark.parametrize("lag", [-60, -15, 0, 30, 90])
def test_true_lag_is_recovered(lag: int) -> None:
    lags = range(-120, 121, 5)
    x, y = shifted_paths(abs(lag), lag)
    found = lead_lag(x, y, lags)
    assert isinstance(found.peak, pd.Timedelta)
    assert abs(found.peak.total_seconds() - lag) <= 10  # one observation of the slower series
    assert found.peak_correlation == pytest.approx(0.8, abs=0.1)
    assert found.pvalue < 1e-6
    assert found.resolution == pd.Timedelta(8, "s")  # the median of exponential gaps of 11 s
    if lag:
        assert (found.llr > 1.0) == (lag > 0)  # positive lag: x leads
    mirrored = lead_lag(y, x, lags)
    assert mirrored.llr == pytest.approx(1.0 / found.llr, rel=1e-9)


def test_unrelated_series_do_not_correlate() -> None:
    lags = range(-60, 61, 20)
    rejected, strays = 0, []
    for seed in range(200):
        x, y = shifted_paths(seed, 0, rho=0.0, n=1500)
        rejected += lead_lag(x, y, lags).pvalue < 0.05
        one = hayashi_yoshida(x, y)
        strays.append(one.correlation / one.stderr)
    assert rejected <= 18  # 5% of 200 is 10, 2.6 standard errors more is 18
    assert np.std(strays) == pytest.approx(1.0, abs=0.15)


def test_synchronous_sampling_would_have_missed_it() -> None:
    # The point of the estimator: sampled on a grid, unequal trading pulls the correlation down.
    x, y = shifted_paths(11, 0)
    grid = pd.date_range(START, periods=2000, freq="5s") - START + pd.Timestamp(0, tz="UTC")
    filled = [one.reindex(grid, method="ffill").diff().dropna() for one in (x, y)]
    a, b = (one.to_numpy()[10:1900] for one in filled)
    naive = np.corrcoef(a, b)[0, 1]
    assert naive < 0.4
    assert hayashi_yoshida(x, y).correlation > 0.7


def test_missing_rows_are_dropped_before_differencing() -> None:
    x, y = shifted_paths(5, 10, n=2000)
    holed = x.copy()
    holed.iloc[[3, 4, 50]] = np.nan
    kept = hayashi_yoshida(holed.dropna(), y)
    found = hayashi_yoshida(holed, y)
    assert (found.covariance, found.correlation) == (kept.covariance, kept.correlation)
    assert (found.n_missing, found.n_x) == (3, len(x) - 4)
    assert holed.isna().sum() == 3  # the caller's data


def test_llr_by_hand() -> None:
    x = series([0.0, 1.0, 1.0, 1.0, 1.0], [0, 10, 20, 30, 40])
    y = series([0.0, 0.0, 1.0, 1.5, 1.0], [0, 10, 20, 30, 40])
    found = lead_lag(x, y, [-10, 0, 10, 20])
    # x moves over (0, 10]; y by 1, 0.5 and -0.5 over the next three. Scale sqrt(1 x 1.5).
    scale = np.sqrt(1.5)
    np.testing.assert_allclose(found.curve["correlation"], np.array([0, 0, 1, 0.5]) / scale)
    assert found.peak == pd.Timedelta(10, "s")
    assert np.isnan(found.llr)  # nothing at -10, the one mirror image
    late = lead_lag(x, y, [-20, -10, 10, 20])
    assert np.isnan(late.llr)
    assert isinstance(late, LeadLag)
    assert "peak=0 days 00:00:10" in repr(late)


def test_lags_as_times_and_in_any_order() -> None:
    x, y = shifted_paths(2, 30, n=3000)
    seconds = lead_lag(x, y, [60, -30, 0]).curve
    times = lead_lag(x, y, [pd.Timedelta(s, "s") for s in (-30, 0, 60)]).curve
    pd.testing.assert_frame_equal(seconds, times)
    assert seconds["lag_seconds"].tolist() == [-30.0, 0.0, 60.0]


@pytest.mark.parametrize(
    ("x", "note"),
    [
        (series([1.0], [0]), "x has 1 rows"),
        (series([1.0, np.nan], [0, 60]), "x has 1 rows"),
        (series([2.0, 2.0, 2.0], [0, 60, 120]), "x does not move"),
        (series([1.0, 2.0], [9000, 9060]), "share no time"),
    ],
)
def test_what_cannot_be_computed_says_why(x: pd.Series, note: str) -> None:
    y = series([1.0, 2.0, 4.0], [0, 60, 120])
    found = hayashi_yoshida(x, y)
    assert np.isnan([found.correlation, found.stderr, found.pvalue]).all()
    assert note in found.note
    assert note in repr(found)
    curve = lead_lag(x, y, [-60, 0, 60])
    assert curve.peak is pd.NaT
    assert note in curve.note


@pytest.mark.parametrize(
    ("x", "lags", "error", "words"),
    [
        ([1.0, 2.0], [0], UsageError, "pass a pandas Series"),
        (pd.Series([1.0, 2.0]), [0], UsageError, "DatetimeIndex"),
        (series([1.0, 2.0], [60, 0]), [0], DataError, "ascend"),
        (series([1.0, 2.0], [0, 0]), [0], DataError, "ascend"),
        (series([1.0, np.inf], [0, 60]), [0], DataError, "infinite at 1970-01-01 00:01"),
        (series(["a", "b"], [0, 60]), [0], UsageError, "x has dtype str, no numbers"),
        (series([1.0, 2.0], [0, 60], zone=None), [0], UsageError, "have no zone"),
        (series([1.0, 2.0], [0, 60]), [], UsageError, "none are given"),
        (series([1.0, 2.0], [0, 60]), [60, pd.Timedelta("1min")], UsageError, "given twice"),
        (series([1.0, 2.0], [0, 60]), [float("nan")], UsageError, "missing"),
        (series([1.0, 2.0], [0, 60]), ["x"], UsageError, "no time"),
    ],
)
def test_wrong_input(x: Any, lags: Any, error: type[Exception], words: str) -> None:
    y = series([1.0, 2.0, 4.0], [0, 60, 120])
    with pytest.raises(error, match=words):
        lead_lag(x, y, lags)


def test_zones_and_units_do_not_matter() -> None:
    x, y = shifted_paths(8, 20, n=2000)
    moved = y.tz_convert("America/New_York")
    coarse = pd.Series(x.to_numpy(), pd.DatetimeIndex(x.index).as_unit("s"))
    assert hayashi_yoshida(coarse, moved) == hayashi_yoshida(x, y)


def test_public_names() -> None:
    assert contagion.hayashi_yoshida is hayashi_yoshida
    assert contagion.lead_lag is lead_lag  # and not the room that it lives in
