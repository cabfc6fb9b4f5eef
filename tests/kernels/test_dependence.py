"""Residuals and the overlap-weighted correlation against a double loop over pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.dependence import edge_moments_nb, overlap_correlation_nb, residuals_nb
from tests import naive
from tests.kernels.arrays import Array, close, ints

# Sums of unit vectors against sums of correlations: rounding of some 1e-16 per pair.
ATOL = 1e-12


def fast(
    resid: Array, position: npt.NDArray[np.int64], L: int, least: int = 30
) -> tuple[float, int]:
    events = np.argsort(position, kind="stable")
    r, pairs, _ = overlap_correlation_nb(resid, position, events, L, least)
    return float(r), int(pairs)


def slow(
    resid: Array, position: npt.NDArray[np.int64], L: int, least: int = 30
) -> tuple[float, int]:
    by_row = [
        {int(p) + t: float(e) for t, e in enumerate(row) if np.isfinite(e)}
        for row, p in zip(resid, position, strict=True)
    ]
    return naive.overlap_r(by_row, position.tolist(), L, least)


def residuals(seed: int, N: int, M: int, rho: float = 0.3) -> Array:
    rng = np.random.default_rng(seed)
    own = rng.standard_t(5, (N, M))
    mixed: Array = 0.02 * (np.sqrt(1 - rho) * own + np.sqrt(rho) * rng.normal(size=M))
    return mixed


@pytest.mark.parametrize("L", [1, 2, 5, 21])
def test_dates_shared_close_and_apart(L: int) -> None:
    position = ints([300, 300, 300, 301, 304, 304, 310, 330, 331, 500, 320, 300])
    resid = residuals(0, 12, 80)
    found, wanted = fast(resid, position, L), slow(resid, position, L)
    assert found[0] == pytest.approx(wanted[0], abs=ATOL)
    assert found[1] == wanted[1]
    assert found[1] > 0


def test_one_date_gives_the_plain_mean_correlation() -> None:
    resid = residuals(1, 9, 120)
    matrix = np.array(np.corrcoef(resid))
    plain = float(matrix[np.triu_indices(9, 1)].mean())
    found = fast(resid, np.full(9, 77), 3)
    assert found[0] == pytest.approx(plain, abs=ATOL)
    assert found[1] == 36


def test_windows_apart_give_zero() -> None:
    assert fast(residuals(2, 4, 90), ints([10, 13, 16, 19]), 3) == (0.0, 0)
    assert fast(residuals(2, 1, 90), ints([10]), 3) == (0.0, 0)
    assert fast(np.empty((0, 90)), ints([]), 3) == (0.0, 0)


def test_hand_worked() -> None:
    # Residuals (1, -1, 1, -1) on rows 0-3 and (2, -2, 2, 0) on rows 1-4. Rows 1-3 are common:
    # (-1, 1, -1) with mean -1/3 and (2, -2, 2) with mean 2/3 are opposite, rho = -1. Windows of
    # four bars, one bar apart, share three: r = -1 x 3/4 over the only pair.
    resid = np.array([[1.0, -1.0, 1.0, -1.0], [2.0, -2.0, 2.0, 0.0]])
    found = fast(resid, ints([0, 1]), 4, least=3)
    assert found[0] == pytest.approx(-0.75, abs=1e-15)
    assert found[1] == 1
    assert fast(resid, ints([0, 1]), 4, least=4) == (0.0, 1)  # three common rows are too few


@pytest.mark.parametrize("value", [0.0, 0.1, -1e-7])
def test_a_stale_part_correlates_with_nothing(value: float) -> None:
    # 0.1 summed is not a multiple of 0.1: rounding must not pass for variance.
    resid = residuals(3, 4, 60)
    resid[0], resid[1, 5:], resid[2, :55] = value, value, 2 * value
    position = ints([50, 50, 55, 60])
    found, wanted = fast(resid, position, 15), slow(resid, position, 15)
    assert found[0] == pytest.approx(wanted[0], abs=ATOL)
    resid[1, 2] = np.nan  # the same through the pairwise path
    found, wanted = fast(resid, position, 15), slow(resid, position, 15)
    assert found[0] == pytest.approx(wanted[0], abs=ATOL)


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_scale(scale: float) -> None:
    resid, position = residuals(4, 8, 70), ints([5, 5, 6, 8, 8, 9, 20, 21])
    wanted = fast(resid, position, 5)
    found = fast(scale * resid, position, 5)
    assert found[0] == pytest.approx(wanted[0], abs=ATOL)
    assert found[1] == wanted[1]


def test_a_wild_row_at_the_edge_leaves_the_rest_exact() -> None:
    # Taking 1e9 out of a sum of squares would leave no digit of the other rows.
    resid, position = residuals(5, 6, 70), ints([5, 6, 7, 8, 9, 10])
    resid[:, 0] = 1e9
    found, wanted = fast(resid, position, 9), slow(resid, position, 9)
    assert found[0] == pytest.approx(wanted[0], abs=ATOL)


@given(
    seed=st.integers(0, 2**32 - 1),
    N=st.integers(0, 12),
    M=st.integers(1, 60),
    L=st.integers(1, 70),
    spread=st.integers(1, 60),
    holes=st.sampled_from([0.0, 0.02, 0.5]),
    least=st.sampled_from([3, 10, 30]),
)
@settings(max_examples=80, deadline=None)
def test_any_shape(
    seed: int, N: int, M: int, L: int, spread: int, holes: float, least: int
) -> None:
    rng = np.random.default_rng(seed)
    resid = residuals(seed, N, M)
    resid[(rng.random((N, M)) < holes) & (rng.random((N, 1)) < 0.7)] = np.nan
    position = rng.integers(0, spread, N)
    found, wanted = fast(resid, position, L, least), slow(resid, position, L, least)
    assert found[0] == pytest.approx(wanted[0], abs=1e-10)  # three rows may be badly conditioned
    assert found[1] == wanted[1]


def test_some_of_the_rows() -> None:
    resid, position = residuals(6, 6, 70), ints([9, 5, 7, 5, 6, 30])
    chosen = ints([3, 1, 4, 0])  # by position
    part = overlap_correlation_nb(resid, position, chosen, 5, 30)
    assert part[0] == pytest.approx(slow(resid[chosen], position[chosen], 5)[0], abs=ATOL)


def test_pairs_without_common_rows_are_counted() -> None:
    resid, position = residuals(10, 3, 60), ints([7, 7, 8])
    resid[0, 25:], resid[1, :30] = np.nan, np.nan  # 25, 30 and 60 rows
    r, pairs, unmeasured = overlap_correlation_nb(resid, position, ints([0, 1, 2]), 2, 30)
    assert (pairs, unmeasured) == (3, 2)  # the second and the third have 30 rows in common
    common = np.corrcoef(resid[1, 30:], resid[2, 29:59])[0, 1]
    assert r == pytest.approx(0.5 * common / 3, abs=ATOL)


def test_edge_moments() -> None:
    row = residuals(7, 1, 40)[0]
    mean, scale = np.empty((2, 4)), np.empty((2, 4))
    edge_moments_nb(row, mean, scale)
    for s in range(4):
        for side, part in ((0, row[s:]), (1, row[: 40 - s])):
            assert mean[side, s] == pytest.approx(part.mean(), rel=1e-12)
            length = np.sqrt(((part - part.mean()) ** 2).sum())
            assert scale[side, s] == pytest.approx(1 / length, rel=1e-12)


def test_residuals() -> None:
    rng = np.random.default_rng(8)
    returns = rng.normal(size=(4, 30))
    returns[1, 12] = np.nan
    coefficients = np.array([[0.1, 2.0, np.nan], [-0.2, 0.5, 1.5], [0.3, 0.0, 0.0]])
    found = residuals_nb(
        returns,
        ints([0, 1, 0]),
        ints([[2, -1], [2, 3], [2, 3]]),
        ints([15, 15, 4]),
        coefficients,
        ints([-8, -2]),
    )
    y, m, f = returns[0], returns[2], returns[3]
    np.testing.assert_allclose(found[0], (y - 0.1 - 2.0 * m)[7:14], rtol=0, atol=1e-15)
    second = (returns[1] + 0.2 - 0.5 * m - 1.5 * f)[7:14]
    np.testing.assert_allclose(found[1], second, rtol=0, atol=1e-15)
    assert np.isnan(found[2, :4]).all()  # before the first session
    np.testing.assert_allclose(found[2, 4:], (y - 0.3)[:3], rtol=0, atol=1e-15)


def test_python_says_what_the_machine_code_says() -> None:
    resid, position = residuals(9, 6, 50), ints([5, 5, 6, 6, 9, 20])
    resid[2, 4] = np.nan
    events = np.arange(6)
    python = overlap_correlation_nb.py_func(resid, position, events, 4, 30)  # type: ignore[attr-defined]
    machine = overlap_correlation_nb(resid, position, events, 4, 30)
    assert python[0] == pytest.approx(machine[0], abs=1e-15)
    assert python[1:] == machine[1:]
    args = (resid, ints([0]), ints([[1]]), ints([20]), np.array([[0.1, 2.0]]), ints([-9, -2]))
    close(residuals_nb.py_func(*args), residuals_nb(*args), 1e-12)  # type: ignore[attr-defined]
