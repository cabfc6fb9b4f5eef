"""Correlations of many pairs over a rolling window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["rolling_correlation_nb", "rolling_scale_nb"]

FAR = 1e4  # squared mean over variance, from which on a window is computed on its own


@kernel
def rolling_scale_nb(
    returns: npt.NDArray[np.float64],
    window: int,
    near: npt.NDArray[np.float64],
    after: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
    alone: npt.NDArray[np.bool_],
) -> None:
    """Centre each series of (T, C) on the block of ``window`` rows around, and scale its windows.

    ``near`` is net of the mean of the row's own block, ``after`` of the block before; ``scale`` is
    1 / sqrt of the centred squares of the window that ends there, ``shift`` its mean in these
    units times sqrt(window). ``alone`` marks windows that are far from their centre or constant:
    they have lost too many digits here. NaN where a window holds a missing value.
    """
    T, C = returns.shape
    tail = np.empty((2, window + 1))
    near[:], after[:], scale[:], shift[:], alone[:] = np.nan, np.nan, np.nan, np.nan, False
    for c in range(C):
        for stop in range(window, T + 1, window):
            start, n, total, first = stop - window, 0, 0.0, 0.0
            for t in range(start, stop):
                x = returns[t, c]
                if x - x == 0.0:
                    first = x if n == 0 else first
                    total += x - first
                    n += 1
            centre = first + (total / n if n else 0.0)
            tail[:, window] = 0.0
            for k in range(window - 1, -1, -1):
                x = returns[start + k, c] - centre
                near[start + k, c] = x
                tail[0, k] = tail[0, k + 1] + x
                tail[1, k] = tail[1, k + 1] + x * x
            head, squares = 0.0, 0.0
            for k in range(min(window, T - stop + 1)):
                t = stop - 1 + k
                if k:
                    x = returns[t, c] - centre
                    after[t, c] = x
                    head += x
                    squares += x * x
                mean = (tail[0, k] + head) / window
                left = tail[1, k] + squares - window * mean * mean
                alone[t, c] = window * mean * mean >= FAR * left
                if not alone[t, c]:
                    scale[t, c] = 1.0 / np.sqrt(left)
                    shift[t, c] = np.sqrt(window) * mean * scale[t, c]


@kernel
def window_correlation_nb(
    returns: npt.NDArray[np.float64], i: int, j: int, start: int, stop: int
) -> float:
    """Correlation of two columns over [start, stop), in two passes; NaN where one is constant."""
    x_sum, y_sum, n = 0.0, 0.0, stop - start
    for t in range(start, stop):
        x_sum += returns[t, i] - returns[start, i]
        y_sum += returns[t, j] - returns[start, j]
    xx, yy, xy = 0.0, 0.0, 0.0
    for t in range(start, stop):
        a = (returns[t, i] - returns[start, i]) - x_sum / n
        b = (returns[t, j] - returns[start, j]) - y_sum / n
        xx += a * a
        yy += b * b
        xy += a * b
    return xy / np.sqrt(xx) / np.sqrt(yy) if xx > 0.0 and yy > 0.0 else np.nan


@kernel
def rolling_correlation_nb(
    returns: npt.NDArray[np.float64],
    window: int,
    near: npt.NDArray[np.float64],
    after: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
    alone: npt.NDArray[np.bool_],
    first: int,
    last: int,
    out: npt.NDArray[np.float64],
) -> None:
    """Write the rolling correlations of columns [first, last) with all that follow them.

    After `rolling_scale_nb`. ``out`` (T, C (C - 1) / 2) has the pairs in the order of
    ``np.triu_indices(C, 1)``. A window is the tail of one block and the head of the next, so that
    its sum is one addition and nothing is ever subtracted: running sums that drop what leaves keep
    the rounding of everything that was ever in them. Row t reads returns up to t. Columns are
    inside, so that the compiler takes four at a time.
    """
    T, C = returns.shape
    tail, head = np.empty((window, C)), np.empty(C)
    lonely = np.zeros(C, dtype=np.bool_)
    for t in range(T):
        for c in range(C):
            lonely[c] |= alone[t, c]
    for i in range(first, last):
        base, N = i * C - i * (i + 1) // 2, C - i - 1
        out[: min(window - 1, T), base : base + N] = np.nan
        for stop in range(window, T + 1, window):
            head[:] = 0.0
            for k in range(window - 1, -1, -1):
                row, sums = stop - window + k, tail[k]
                own, others = near[row, i], near[row, i + 1 :]
                for j in range(N):
                    head[j] += own * others[j]
                    sums[j] = head[j]
            head[:] = 0.0
            for k in range(min(window, T - stop + 1)):
                t = stop - 1 + k
                found, sums = out[t, base : base + N], tail[k]
                if k:
                    own, others = after[t, i], after[t, i + 1 :]
                    for j in range(N):
                        head[j] += own * others[j]
                s, m, scales, shifts = (
                    scale[t, i],
                    shift[t, i],
                    scale[t, i + 1 :],
                    shift[t, i + 1 :],
                )
                for j in range(N):
                    rho = (sums[j] + head[j]) * (s * scales[j]) - m * shifts[j]
                    rho = 1.0 if rho > 1.0 else rho
                    found[j] = -1.0 if rho < -1.0 else rho
        for j in range(i + 1, C):
            if lonely[i] or lonely[j]:
                for t in range(window - 1, T):
                    if alone[t, i] or alone[t, j]:
                        start = t - window + 1
                        rho = window_correlation_nb(returns, i, j, start, t + 1)
                        rho = 1.0 if rho > 1.0 else rho
                        out[t, base + j - i - 1] = -1.0 if rho < -1.0 else rho
