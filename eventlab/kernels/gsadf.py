"""Right-tailed Dickey-Fuller t statistics over every window of a series, and their suprema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["bsadf_lags_nb", "bsadf_nb"]

EXACT = 1e-12  # a residual share below this is rounding: the levels or differences do not vary


@kernel
def bsadf_nb(
    paths: npt.NDArray[np.float64], min_window: int, found: npt.NDArray[np.float64]
) -> None:
    """Write the backward suprema of R ``paths`` (R, T) of levels into ``found`` (2, R, T).

    ``found[0, r, e]``: the largest t statistic of b in dy_t = a + b y_{t-1} over the windows of at
    least ``min_window`` levels that end in row e (Phillips, Shi & Yu 2015, eq. 9);
    ``found[1, r, e]``: that of the window from row 0 to e. NaN before the first window, and where
    no residual varies. Row e uses rows up to e only.

    The window grows backwards from its end, so that each step adds one row to the moments. Levels
    are taken relative to the last one: the sums of a short window are small whatever the level.
    t rises with its signed square, which needs no root in the inner loop.
    """
    R, T = paths.shape
    for r in range(R):
        y = paths[r]
        for e in range(T):
            best, full = -np.inf, np.nan
            sx, sd, sxx, sxd, sdd = 0.0, 0.0, 0.0, 0.0, 0.0
            n = 0.0
            for t in range(e, 0, -1):
                x, d = y[t - 1] - y[e], y[t] - y[t - 1]
                n += 1.0
                sx += x
                sd += d
                sxx += x * x
                sxd += x * d
                sdd += d * d
                if e - t + 2 < min_window:
                    continue
                inverse = 1.0 / n
                xd = sxd - sx * sd * inverse
                both = (sxx - sx * sx * inverse) * (sdd - sd * sd * inverse)
                rest = both - xd * xd
                full = np.nan
                if rest > EXACT * both:
                    full = (n - 2.0) * xd * abs(xd) / rest
                    best = max(best, full)
            found[0, r, e] = np.sqrt(abs(best)) * np.sign(best) if best > -np.inf else np.nan
            found[1, r, e] = np.sqrt(abs(full)) * np.sign(full)


@kernel
def adf_nb(moments: npt.NDArray[np.float64], n: float) -> float:
    """Return t of the last regressor from raw cross-moments (K + 1, K + 1), regressand last.

    By Cholesky: its last row holds the regressand's coordinates, so that t is the last but one
    over the last. ``moments`` are overwritten. NaN where a column is spanned by those before it.
    """
    size = len(moments)
    for i in range(size):
        total = moments[i, i]
        for j in range(i):
            value = moments[i, j]
            for k in range(j):
                value -= moments[i, k] * moments[j, k]
            moments[i, j] = value / moments[j, j]
            total -= moments[i, j] * moments[i, j]
        if not total > EXACT * moments[i, i]:
            return np.nan
        moments[i, i] = np.sqrt(total)
    t: float = moments[-1, -2] / moments[-1, -1] * np.sqrt(n - size + 1.0)
    return t


@kernel
def bsadf_lags_nb(
    paths: npt.NDArray[np.float64], lags: int, min_window: int, found: npt.NDArray[np.float64]
) -> None:
    """Write the same with ``lags`` lagged differences among the regressors.

    A window of L levels gives L - 1 - ``lags`` rows of the regression. With no lags it is
    `bsadf_nb`, some ten times as slow.
    """
    R, T = paths.shape
    size = lags + 3
    moments, work, row = np.empty((size, size)), np.empty((size, size)), np.empty(size)
    for r in range(R):
        y = paths[r]
        for e in range(T):
            best, full = -np.inf, np.nan
            for i in range(size):
                for j in range(size):
                    moments[i, j] = 0.0
            n = 0.0
            for t in range(e, lags, -1):
                row[0] = 1.0
                for k in range(1, lags + 1):
                    row[k] = y[t - k] - y[t - k - 1]
                row[lags + 1], row[lags + 2] = y[t - 1] - y[e], y[t] - y[t - 1]
                n += 1.0
                for i in range(size):
                    for j in range(i + 1):
                        moments[i, j] += row[i] * row[j]
                if e - t + lags + 2 < min_window:
                    continue
                for i in range(size):
                    for j in range(i + 1):
                        work[i, j] = moments[i, j]
                full = adf_nb(work, n)
                if full > best:  # noqa: PLR1730 - NaN is not
                    best = full
            found[0, r, e] = best if best > -np.inf else np.nan
            found[1, r, e] = full
