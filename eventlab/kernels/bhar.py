"""Buy-and-hold abnormal returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["bhar_nb"]


@kernel
def bhar_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    ar: npt.NDArray[np.float64],
    event: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Product of 1 + r less the product of 1 + normal return over each window, (N, W).

    ``returns`` (C, T), ``column`` and ``position`` (N,), ``ar`` (N, L) for the bars of ``event``;
    the normal return is r - AR. NaN where a return of the window is missing. Barber & Lyon
    (1997), eq. 2.
    """
    N, T = len(position), returns.shape[1]
    bhar = np.full((N, len(windows)), np.nan)
    for i in range(N):
        r = returns[column[i]]
        for w in range(len(windows)):
            held, normal = 1.0, 1.0
            for tau in range(windows[w, 0], windows[w, 1] + 1):
                t = position[i] + tau
                if 0 <= t < T:
                    held *= 1.0 + r[t]
                    normal *= 1.0 + r[t] - ar[i, tau - event[0]]
                else:
                    held = np.nan
            if held - normal - (held - normal) == 0.0:
                bhar[i, w] = held - normal
    return bhar
