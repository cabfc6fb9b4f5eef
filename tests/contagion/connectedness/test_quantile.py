"""Connectedness of a quantile VAR: exact regressions, centred residuals, collapse, edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from eventlab.contagion.connectedness.quantile import (
    quantile_spillover,
    quantile_var,
    rows_for,
)
from eventlab.contagion.connectedness.spillover import spillover
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_tvp import generalised

# The vertex is solved by elimination here and by HiGHS there.
TOLERANCE = 1e-9


def returns(T: int = 400, N: int = 3, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.standard_t(4, size=(T, 1))
    values = 0.01 * (rng.standard_t(4, size=(T, N)) + common)
    values[1:, 1] += 0.5 * values[:-1, 0]
    return pd.DataFrame(values, columns=list("ABCDE")[:N])


def by_linear_programme(frame: pd.DataFrame, quantile: float) -> np.ndarray:
    """(N, 1 + N) constants and coefficients of a VAR(1)."""
    x = frame.to_numpy()
    design = np.column_stack([np.ones(len(x) - 1), x[:-1]])
    n, k = design.shape
    cost = np.r_[np.zeros(k), np.full(n, quantile), np.full(n, 1 - quantile)]
    found = []
    for j in range(frame.shape[1]):
        limits = [(None, None)] * k + [(0, None)] * (2 * n)
        equal = np.c_[design, np.eye(n), -np.eye(n)]
        solved = linprog(cost, A_eq=equal, b_eq=x[1:, j], bounds=limits).x
        assert solved is not None
        found.append(solved[:k])
    return np.array(found)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.95])
def test_agrees_with_linear_programmes_and_the_decomposition(quantile: float) -> None:
    frame = returns(300)
    found = quantile_spillover(frame, quantile)
    expected = by_linear_programme(frame, quantile)
    assert_allclose(found.fit.constant, expected[:, 0], atol=TOLERANCE)
    assert_allclose(found.fit.coefficients, expected[:, 1:], atol=TOLERANCE)
    x = frame.to_numpy()
    resid = x[1:] - expected[:, 0] - x[:-1] @ expected[:, 1:].T
    table = generalised(expected[:, 1:], np.cov(resid.T), 10)
    assert_allclose(found.table, table, rtol=1e-7)
    assert (np.abs(found.fit.residuals) < 1e-15).sum(axis=0).tolist() == [4, 4, 4]


def test_the_share_of_rows_below_is_the_quantile() -> None:
    fit = quantile_var(returns().to_numpy(), 1, 0.05)
    below = (fit.residuals < -1e-14).mean(axis=0)
    # n q rows lie below the line, up to the k rows on it (Koenker & Bassett 1978, theorem 3.4).
    assert (np.abs(below - 0.05) <= 4 / 399).all()


def test_the_median_of_normal_series_is_close_to_least_squares() -> None:
    frame = pd.DataFrame(np.random.default_rng(1).standard_normal((4000, 3)))
    frame.iloc[:, 1] += 0.7 * frame.iloc[:, 0]
    assert quantile_spillover(frame, 0.5).tci == pytest.approx(spillover(frame, 1).tci, abs=0.5)


def test_raw_cross_products_connect_what_is_not_connected() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((3000, 4)))
    assert quantile_spillover(frame, 0.05).tci < 1.5
    assert quantile_spillover(frame, 0.05, centred=False).tci > 55.0
    median = [quantile_spillover(frame, 0.5, centred=centred).tci for centred in (True, False)]
    assert median[0] == pytest.approx(median[1], abs=0.01)


def test_tails_of_mirrored_series_change_places() -> None:
    frame = returns()
    assert quantile_spillover(frame, 0.05).tci == pytest.approx(
        quantile_spillover(-frame, 0.95).tci, rel=1e-9
    )


def test_the_unit_of_a_series_does_not_matter() -> None:
    frame = returns()
    scaled = frame * [1.0, 100.0, 0.01]
    expected = quantile_spillover(frame).table
    assert_allclose(quantile_spillover(scaled).table, expected, rtol=1e-7)


def test_it_says_when_the_extremes_alone_draw_the_line() -> None:
    assert rows_for(3, 1, 0.05) == 160
    assert rows_for(3, 1, 0.95) == 160
    assert quantile_spillover(returns(161)).note == ""
    note = quantile_spillover(returns(116)).note
    assert note.startswith("about 6 rows lie beyond the quantile for 4 coefficients; 160 rows")
    assert quantile_spillover(returns(116), 0.5).note == ""


def test_missing_rows_are_left_out_and_counted() -> None:
    frame = returns()
    frame.iloc[50, 0] = np.nan
    found = quantile_spillover(frame)
    assert (found.n_rows, found.n_missing) == (397, 1)
    assert "residuals less their means" in found.convention
    assert repr(found).startswith("QuantileSpillover(3 series, 397 rows, quantile=0.05")


def test_what_it_refuses() -> None:
    frame = returns()
    with pytest.raises(UsageError, match="quantile=1 must lie between 0 and 1"):
        quantile_spillover(frame, 1.0)
    with pytest.raises(UsageError, match="horizon=0 is below 1"):
        quantile_spillover(frame, 0.5, 1, 0)
    with pytest.raises(DataError, match="usable rows are too few"):
        quantile_spillover(frame.iloc[:6])
    with pytest.raises(DataError, match="B is constant"):
        quantile_spillover(frame.assign(B=0.0))
    with pytest.raises(DataError, match="mixture"):
        quantile_spillover(frame.assign(C=frame["A"] + frame["B"]))
