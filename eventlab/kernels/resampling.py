"""Bootstrap draws. A draw depends on the seed and its own number only, never on other draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel
from eventlab.kernels.placebo import mix_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["skewness_draws_nb", "wild_draws_nb"]

EQUAL = 1.0 - 1e-12  # a draw that differs from the sample by rounding only is as extreme


@kernel
def wild_ratio_nb(
    moved: float, weighted: float, squares: float, sizes: float, n: float
) -> tuple[float, float]:
    """Return the squared mean, and its ratio to the clusters' variance (infinite without one)."""
    mean = moved / n
    spread = squares - 2.0 * mean * weighted + mean * mean * sizes
    return mean * mean, mean * mean / spread if spread > 1e-14 * squares else np.inf


@kernel
def wild_draws_nb(
    sums: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    clusters: npt.NDArray[np.int64],
    draws: int,
    seed: np.uint64,
    exact: bool,  # noqa: FBT001 - a kernel takes positional arguments
) -> npt.NDArray[np.int64]:
    """How many draws (2, W) are as extreme as the sample: by the mean, and by its cluster t.

    ``sums`` and ``sizes`` (U, W) are the sum of the values of each cluster in each window, and how
    many there are. A draw flips the sign of whole clusters with probability 1/2 (Rademacher
    weights with the null imposed: Cameron, Gelbach & Miller 2008). The sign is that of draw b and
    the number ``clusters[u]`` (U,), so that a cluster has it in every group. ``exact``: draw b
    is the b-th of 2^U sign vectors and nothing is random.
    """
    U, W = sums.shape
    squares, square_sizes, n = np.zeros(W), np.zeros(W), np.zeros(W)
    moved, weighted = np.zeros(W), np.zeros(W)
    scaled, signs = np.empty((U, W)), np.empty(U)
    for u in range(U):
        for w in range(W):
            squares[w] += sums[u, w] * sums[u, w]
            square_sizes[w] += sizes[u, w] * sizes[u, w]
            n[w] += sizes[u, w]
            moved[w] += sums[u, w]
            scaled[u, w] = sums[u, w] * sizes[u, w]
            weighted[w] += scaled[u, w]
    real = np.empty((2, W))
    for w in range(W):
        real[0, w], real[1, w] = wild_ratio_nb(
            moved[w], weighted[w], squares[w], square_sizes[w], n[w]
        )
    extreme = np.zeros((2, W), dtype=np.int64)
    step = np.uint64(0x9E3779B97F4A7C15)
    for draw in range(draws):
        state = mix_nb(seed + np.uint64(draw + 1) * step)
        for u in range(U):  # apart from the sums, which the compiler then makes four at a time
            if exact:
                up = (draw >> u) & 1 == 0
            else:
                up = mix_nb(state + np.uint64(clusters[u] + 1) * step) & np.uint64(1) == 0
            signs[u] = 1.0 if up else -1.0
        moved[:], weighted[:] = 0.0, 0.0
        for u in range(U):
            sign, own, other = signs[u], sums[u], scaled[u]
            for w in range(W):
                moved[w] += sign * own[w]
                weighted[w] += sign * other[w]
        for w in range(W):
            mean, ratio = wild_ratio_nb(moved[w], weighted[w], squares[w], square_sizes[w], n[w])
            extreme[0, w] += 1 if mean >= real[0, w] * EQUAL else 0
            extreme[1, w] += 1 if ratio >= real[1, w] * EQUAL else 0
    return extreme


@kernel
def johnson_t_nb(n: float, first: float, second: float, third: float) -> float:
    """Johnson's (1978) t from raw sums of n values, their squares and cubes; NaN without spread."""
    mean = first / n
    square = second - n * mean * mean
    if not square > 1e-12 * second:
        return np.nan
    sd = np.sqrt(square / (n - 1.0))
    cube = third - 3.0 * mean * second + 2.0 * n * mean * mean * mean
    skew = cube / (n * sd * sd * sd)
    S = mean / sd
    t: float = np.sqrt(n) * (S + skew * S * S / 3.0 + skew / (6.0 * n))
    return t


@kernel
def skewness_draws_nb(
    values: npt.NDArray[np.float64], size: int, draws: int, seed: np.uint64
) -> npt.NDArray[np.float64]:
    """Skewness-adjusted t (draws, W) of resamples of ``size`` of the rows of ``values`` (N, W).

    ``values`` are centred and scaled to unit variance, so that the draws obey the null. Lyon,
    Barber & Tsai (1999), eq. 5. NaN where a resample has no variance.
    """
    N, W = values.shape
    found = np.empty((draws, W))
    first, second, third = np.empty(W), np.empty(W), np.empty(W)
    step = np.uint64(0x9E3779B97F4A7C15)
    for draw in range(draws):
        state = mix_nb(seed + np.uint64(draw + 1) * step)
        first[:], second[:], third[:] = 0.0, 0.0, 0.0
        for _ in range(size):
            state += step
            unit = np.float64(mix_nb(state) >> np.uint64(11)) * 2.0**-53
            row = values[int(unit * N)]
            for w in range(W):
                first[w] += row[w]
                second[w] += row[w] * row[w]
                third[w] += row[w] * row[w] * row[w]
        for w in range(W):
            found[draw, w] = johnson_t_nb(float(size), first[w], second[w], third[w])
    return found
