"""Sup ADF kernels against least squares over every window, and statsmodels."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.stattools import adfuller

from eventlab.kernels.gsadf import adf_nb, bsadf_lags_nb, bsadf_nb
from tests.naive_contagion_regimes import adf_t, bsadf

if TYPE_CHECKING:
    import numpy.typing as npt

RTOL = 1e-9  # raw cross-moments of a window against orthogonal least squares
ATOL = 1e-9  # a t statistic near zero
SAME = 1e-11  # the two kernels: the same moments, solved in two ways


def walk(seed: int = 0, T: int = 60) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).standard_t(5, T).cumsum()


def run(levels: npt.NDArray[np.float64], min_window: int) -> npt.NDArray[np.float64]:
    found = np.full((2, 1, len(levels)), np.nan)
    bsadf_nb(levels[None], min_window, found)
    return found[:, 0]


def run_lags(
    levels: npt.NDArray[np.float64], lags: int, min_window: int
) -> npt.NDArray[np.float64]:
    found = np.full((2, 1, len(levels)), np.nan)
    bsadf_lags_nb(levels[None], lags, min_window, found)
    return found[:, 0]


@pytest.mark.parametrize("level", [0.0, 11.5, -1000.0])
def test_every_window_by_least_squares(level: float) -> None:
    levels = walk() + level
    np.testing.assert_allclose(run(levels, 14), bsadf(levels, 14), RTOL, ATOL)


@pytest.mark.parametrize("lags", [1, 3])
def test_every_window_with_lags(lags: int) -> None:
    levels = walk(1, 45) + 11.5
    np.testing.assert_allclose(run_lags(levels, lags, 16), bsadf(levels, 16, lags), RTOL, ATOL)


def test_without_lags_both_are_one() -> None:
    levels = walk(2, 120)
    np.testing.assert_allclose(run_lags(levels, 0, 20), run(levels, 20), SAME, SAME)


@pytest.mark.parametrize(("lags", "T"), [(0, 30), (0, 200), (2, 80)])
def test_a_whole_series_as_statsmodels_has_it(lags: int, T: int) -> None:
    levels = walk(3, T)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        wanted = adfuller(levels, maxlag=lags, autolag=None, regression="c")[0]
    found = run_lags(levels, lags, 20) if lags else run(levels, 20)
    assert found[1, -1] == pytest.approx(wanted, rel=RTOL)


def test_by_hand() -> None:
    # Levels 0, 1, 0, 2, 3; one window of all five. x = y_{t-1} = 0, 1, 0, 2, d = 1, -1, 2, 1.
    # Means 3/4 and 3/4; Sxx = 5 - 9/4 = 11/4, Sdd = 7 - 9/4 = 19/4, Sxd = 1 - 9/4 = -5/4.
    # b = -5/11; RSS = 19/4 - 25/44 = 46/11, s2 = 23/11; t = b / sqrt(s2 / Sxx).
    found = run(np.array([0.0, 1.0, 0.0, 2.0, 3.0]), 5)
    t = (-5.0 / 11.0) / np.sqrt((23.0 / 11.0) / (11.0 / 4.0))
    np.testing.assert_allclose(found[:, -1], [t, t], 1e-14)
    assert np.isnan(found[:, :-1]).all()


def test_windows_that_do_not_vary_have_no_statistic() -> None:
    levels = np.concatenate([np.full(30, 2.5), walk(4, 20)])
    found = run(levels, 10)
    assert np.isnan(found[:, :30]).all()
    assert np.isfinite(found[:, -1]).all()
    assert np.isnan(run(np.full(40, 7.1), 10)).all()
    assert np.isnan(run(0.25 * np.arange(40.0), 10)).all()  # a line: differences do not vary
    assert np.isnan(run_lags(np.full(40, 7.1), 2, 12)).all()


def test_an_explosive_stretch_stands_out() -> None:
    levels = walk(5, 120)
    levels[70:100] = levels[70] + 1.15 ** np.arange(30) + walk(6, 30) / 10
    found = run(levels, 20)
    assert found[0, 99] > 10.0
    assert found[0, 60] < 2.5


@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(20, 59), lags=st.integers(0, 2))
@settings(max_examples=25, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, cut: int, lags: int) -> None:
    levels = walk(seed)
    later = levels.copy()
    later[cut:] = np.random.default_rng(seed).normal(50.0, 9.0, 60 - cut)
    before, after = (
        (run_lags(each, lags, 14) if lags else run(each, 14)) for each in (levels, later)
    )
    np.testing.assert_array_equal(before[:, :cut], after[:, :cut])


def test_python_says_what_the_machine_code_says() -> None:
    levels = walk(7, 40)
    wanted, found = run(levels, 14), np.full((2, 1, 40), np.nan)
    bsadf_nb.py_func(levels[None], 14, found)  # type: ignore[attr-defined]
    np.testing.assert_allclose(found[:, 0], wanted, SAME)
    X = np.column_stack([np.ones(39), levels[:-1], np.diff(levels)])
    t = adf_nb.py_func(X.T @ X, 39.0)  # type: ignore[attr-defined]
    assert t == pytest.approx(adf_t(levels), rel=RTOL)
