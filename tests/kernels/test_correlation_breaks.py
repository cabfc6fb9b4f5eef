"""Moments of pairs around many rows against plain loops, with gaps, constants and factors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from eventlab.kernels.correlation_breaks import N_MOMENTS, break_moments_nb
from tests import naive_contagion_breaks as naive

Array = npt.NDArray[np.float64]
RTOL = 1e-12  # two passes over at most 60 rows
WINDOWS = ((-60, -6), (0, 14))


def returns(seed: int = 0, C: int = 4, T: int = 200) -> Array:
    rng = np.random.default_rng(seed)
    return 0.01 * (rng.standard_t(4, (C, T)) + 0.7 * rng.standard_t(4, T))


def run(
    data: Array,
    rows: list[int],
    pairs: list[tuple[int, int]],
    factors: tuple[int, ...] = (),
    least: tuple[int, int] = (4, 4),
) -> Array:
    out = np.full((len(pairs), len(rows), 2, N_MOMENTS), 7.0)
    break_moments_nb(
        np.ascontiguousarray(data),
        np.array(factors, dtype=np.int64),
        np.arange(len(data)),
        np.array(pairs, dtype=np.int64),
        np.array(rows, dtype=np.int64),
        np.array(WINDOWS),
        np.array(least),
        out,
    )
    return out


def window(data: Array, row: int, w: int) -> Array:
    return data[:, row + WINDOWS[w][0] : row + WINDOWS[w][1] + 1]


def check(data: Array, factors: tuple[int, ...] = (), rtol: float = RTOL) -> None:
    rows, pairs = [60, 100, 185], [(0, 1), (1, 0), (2, 1)]
    found = run(data, rows, pairs, factors)
    for r, row in enumerate(rows):
        calm, crisis = window(data, row, 0), window(data, row, 1)
        if factors:
            net = naive.residuals(calm.T.copy(), crisis.T.copy(), factors)
            calm, crisis = net[0].T, net[1].T
        for p, (i, j) in enumerate(pairs):
            for w, one in enumerate((calm, crisis)):
                wanted = naive.moments(one[i], one[j])
                np.testing.assert_allclose(found[p, r, w], wanted, rtol=rtol, atol=rtol)


def test_plain_loops() -> None:
    check(returns())


def test_rows_with_a_gap_in_either_series_are_left_out() -> None:
    data = returns(1)
    data[0, [3, 40, 105]] = np.nan
    data[1, [41, 60, 61]] = np.inf
    check(data)
    assert run(data, [60], [(0, 1)])[0, 0, 1, 0] == 15 - 2


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_scale(scale: float) -> None:
    check(returns(2) * np.array([scale, 1.0, 1.0 / scale, 1.0])[:, None])


def test_a_level_far_from_zero_keeps_its_digits() -> None:
    data = returns(3)
    moved = data + 1e4  # 1e4 against 1e-2 leaves ten digits of the data themselves
    np.testing.assert_allclose(run(moved, [100], [(0, 1)]), run(moved - 1e4, [100], [(0, 1)]), 1e-9)


@pytest.mark.parametrize("factors", [(3,), (2, 3)])
def test_net_of_factors(factors: tuple[int, ...]) -> None:
    rows, pairs = [60, 120], [(0, 1)]
    data = returns(4)
    data[0, 33] = np.nan
    data[3, 70] = np.nan
    found = run(data, rows, pairs, factors)
    for r, row in enumerate(rows):
        net = naive.residuals(window(data, row, 0).T.copy(), window(data, row, 1).T.copy(), factors)
        for w in (0, 1):
            wanted = naive.moments(net[w][:, 0], net[w][:, 1])
            np.testing.assert_allclose(found[0, r, w], wanted, rtol=1e-10, atol=1e-10)


def test_a_factor_has_no_residuals_of_its_own() -> None:
    found = run(returns(5), [100], [(0, 3), (0, 1)], (3,))
    assert found[0, 0, 0, 0] == 0
    assert np.isnan(found[0, 0, :, 1:]).all()
    assert np.isfinite(found[1]).all()


def test_collinear_factors_leave_nothing() -> None:
    data = returns(6)
    data[3] = -2.0 * data[2]
    assert np.isnan(run(data, [100], [(0, 1)], (2, 3))[..., 1:]).all()


def test_too_few_rows_for_factors() -> None:
    data = returns(6)
    data[0, 40:92] = np.nan  # three calm rows are left: a constant and two betas fit them exactly
    assert np.isnan(run(data, [100], [(0, 1)], (2, 3))[..., 1:]).all()


def test_constant_series() -> None:
    data = returns(7)
    data[1, 100:115] = 0.1
    found = run(data, [100, 101], [(0, 1)])
    assert found[0, 0, 1, 0] == 15
    assert np.isnan(found[0, 0, 1, 1:]).all()
    assert np.isfinite(found[0, 0, 0]).all()
    assert np.isfinite(found[0, 1]).all()  # one other value is enough


def test_too_few_rows() -> None:
    data = returns(8)
    data[0, 100:106] = np.nan
    found = run(data, [100], [(0, 1)], least=(4, 10))
    assert found[0, 0, 1, 0] == 9
    assert np.isnan(found[0, 0, 1, 1:]).all()


def test_windows_beyond_the_data() -> None:
    found = run(returns(), [59, 60, 185, 186, -1, 10_000], [(0, 1)])[0]
    assert [bool(np.isfinite(one).all()) for one in found] == [False, True, True, False] + [
        False
    ] * 2
    assert (found[[0, 3, 4, 5], :, 0] == 0).all()


def test_past_and_future_beyond_the_windows_are_not_read() -> None:
    data = returns(9)
    other = data.copy()
    other[:, :40] = 5.0
    other[:, 95:100] = -1.0  # the gap
    other[:, 115:] = np.nan
    for factors in ((), (3,)):
        one = run(data, [100], [(0, 1)], factors)
        assert one.tobytes() == run(other, [100], [(0, 1)], factors).tobytes()
