"""Rolling correlations of all pairs against numpy, on data that ruin running sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from eventlab.contagion.breaks.rolling import all_pairs_correlation, rolling_correlation
from eventlab.errors import UsageError

Array = npt.NDArray[np.float64]
ATOL = 1e-10  # of a correlation


def noise(seed: int = 0, T: int = 260, C: int = 5) -> Array:
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, (T, C)) + rng.standard_t(4, (T, 1))


def by_numpy(data: Array, window: int) -> Array:
    T, C = data.shape
    first, second = np.triu_indices(C, 1)
    found = np.full((T, len(first)), np.nan)
    for t in range(window - 1, T):
        own = data[t - window + 1 : t + 1]
        with np.errstate(invalid="ignore", divide="ignore"):
            found[t] = np.asarray(np.corrcoef(own.T))[first, second]
    return found


def check(data: Array, window: int) -> None:
    found = all_pairs_correlation(data, window, 2)
    np.testing.assert_allclose(found, by_numpy(data, window), rtol=0.0, atol=ATOL)


@pytest.mark.parametrize("window", [3, 20, 60, 129, 260])
def test_every_window_is_numpy(window: int) -> None:
    check(noise(), window)


def test_scales_and_levels() -> None:
    data = noise(1)
    check(data * [1e9, 1e-9, 1.0, 1e-3, 1.0] + [0.0, 0.0, 1e4, 1e3, -1e5], 60)


def test_a_jump_of_level() -> None:
    data = noise(2)
    data[130:, 0] += 1e7  # whole windows lie far from the block before, which they are centred on
    found = all_pairs_correlation(data, 60, 2)
    np.testing.assert_allclose(found, by_numpy(data, 60), rtol=0.0, atol=1e-8)  # 1e7 in the data
    wanted = by_numpy(noise(2), 60)[190:]
    np.testing.assert_allclose(found[190:], wanted, rtol=0.0, atol=1e-8)


def test_an_outlier_leaves_no_trace() -> None:
    data = noise(3)
    data[100, 1] = 1e12
    found = all_pairs_correlation(data, 60, 1)
    np.testing.assert_allclose(found[160:], by_numpy(data, 60)[160:], rtol=0.0, atol=ATOL)


def test_a_gap_costs_its_own_windows_only() -> None:
    data = noise(4)
    data[100, 0] = np.nan
    data[200, 0] = np.inf
    found = all_pairs_correlation(data, 60, 2)
    gone = np.zeros(len(data), dtype=np.bool_)
    gone[:59] = gone[100:160] = gone[200:260] = True
    assert (np.isnan(found[:, 0]) == gone).all()
    assert np.isfinite(found[59:, 4:]).all()  # pairs of the others
    clean = np.where(np.isfinite(data), data, 0.0)
    keep = ~gone
    np.testing.assert_allclose(found[keep, 0], by_numpy(clean, 60)[keep, 0], rtol=0.0, atol=ATOL)


def test_a_constant_stretch_has_no_correlation() -> None:
    data = noise(5)
    data[100:190, 0] = 0.1
    found = all_pairs_correlation(data, 60, 2)[:, 0]
    gone = np.zeros(len(data), dtype=np.bool_)
    gone[:59] = gone[159:190] = True
    assert (np.isnan(found) == gone).all()


def test_one_and_minus_one() -> None:
    x = noise(6)[:, 0]
    found = all_pairs_correlation(np.stack([x, 3.0 * x + 1.0, -x], axis=1), 30, 1)[29:]
    np.testing.assert_allclose(found, np.tile([1.0, -1.0, -1.0], (len(found), 1)), atol=1e-13)
    assert (np.abs(found) <= 1.0).all()


@pytest.mark.parametrize("C", [2, 3, 9])
def test_threads_do_not_matter(C: int) -> None:
    data = noise(7, C=C)
    one = all_pairs_correlation(data, 20, 1)
    for threads in (2, 3, 50):
        assert all_pairs_correlation(data, 20, threads).tobytes() == one.tobytes()


def test_the_future_does_not_matter() -> None:
    data = noise(8)
    whole = all_pairs_correlation(data, 40, 2)
    for cut in (40, 79, 80, 81, 200):
        assert all_pairs_correlation(data[:cut], 40, 2).tobytes() == whole[:cut].tobytes()


def test_frame() -> None:
    frame = pd.DataFrame(noise(9, C=3), columns=["a", "b", "c"])
    before = frame.copy()
    found = rolling_correlation(frame, 25)
    assert ["".join(pair) for pair in found.columns] == ["ab", "ac", "bc"]
    wanted = frame["a"].rolling(25).corr(frame["c"])
    np.testing.assert_allclose(found["a", "c"], wanted, rtol=0.0, atol=ATOL)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(("columns", "window"), [(["a", "b"], 2), (["a", "b"], 300), (["a"], 20)])
def test_what_does_not_fit(columns: list[str], window: int) -> None:
    frame = pd.DataFrame(noise()[:, : len(columns)], columns=columns)
    with pytest.raises(UsageError):
        rolling_correlation(frame, window)
    with pytest.raises(UsageError):
        rolling_correlation(pd.concat([frame, frame], axis=1), 20)
