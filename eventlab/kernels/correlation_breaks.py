"""Moments of pairs of returns in two windows around many rows, raw or net of factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["N_MOMENTS", "break_moments_nb", "pair_moments_nb"]

N_MOMENTS = 11  # n, var x, var y, rho, then m30, m21, m12, m40, m31, m22, m13
COLLINEAR = 1e-16  # of a factor's squares, left by the factors before it
SPANNED = 1e-20  # of a series' squares, left by all factors


@kernel
def pair_moments_nb(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    least: int,
    scratch: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Write n, both variances (ddof 1), their correlation and m_ab (ddof 0) of one window.

    m_ab is the mean of z_x^a z_y^b, z standardised by the window itself. Rows where either is
    missing are left out. NaN but for n with fewer than ``least`` rows or a constant series.
    ``scratch`` is (2, at least the length).
    """
    u, v = scratch[0], scratch[1]
    n, x_sum, y_sum = 0, 0.0, 0.0
    for t in range(len(x)):
        both = x[t] + y[t]
        if both - both == 0.0:
            u[n], v[n] = x[t], y[t]
            n += 1
    out[0] = n
    for c in range(1, N_MOMENTS):
        out[c] = np.nan
    if n < least:
        return
    x_first, y_first = u[0], v[0]  # a constant series then has a variance of exactly 0
    for t in range(n):
        u[t] -= x_first
        v[t] -= y_first
        x_sum += u[t]
        y_sum += v[t]
    x_mean, y_mean, xx, yy = x_sum / n, y_sum / n, 0.0, 0.0
    for t in range(n):
        u[t] -= x_mean
        v[t] -= y_mean
        xx += u[t] * u[t]
        yy += v[t] * v[t]
    if not (xx > 0.0 and yy > 0.0):
        return
    x_scale, y_scale = np.sqrt(n / xx), np.sqrt(n / yy)
    m11, m30, m21, m12, m40, m31, m22, m13 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(n):
        a, b = u[t] * x_scale, v[t] * y_scale
        aa, ab, bb = a * a, a * b, b * b
        m11 += ab
        m30 += aa * a
        m21 += aa * b
        m12 += a * bb
        m40 += aa * aa
        m31 += aa * ab
        m22 += ab * ab
        m13 += ab * bb
    out[1], out[2], out[3] = xx / (n - 1), yy / (n - 1), m11 / n
    out[4], out[5], out[6] = m30 / n, m21 / n, m12 / n
    out[7], out[8], out[9], out[10] = m40 / n, m31 / n, m22 / n, m13 / n


@kernel
def loadings_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    factors: npt.NDArray[np.int64],
    start: int,
    stop: int,
    work: npt.NDArray[np.float64],
    beta: npt.NDArray[np.float64],
) -> None:
    """Write the least-squares betas (F,) of a series on factors, with a constant, over a window.

    Modified Gram-Schmidt on centred columns (Golub & Van Loan 2013, 5.2.8). NaN with fewer than
    F + 2 complete rows, collinear factors, or a series that the factors span.
    """
    F, n = len(factors), 0
    for f in range(F):
        beta[f] = np.nan
    for t in range(start, stop):
        total = returns[column, t]
        for f in range(F):
            total += returns[factors[f], t]
        if total - total == 0.0:
            for f in range(F):
                work[f, n] = returns[factors[f], t]
            work[F, n] = returns[column, t]
            n += 1
    if n < F + 2:
        return
    R = np.zeros((F + 1, F + 1))
    for c in range(F + 1):
        first, mean, before, after = work[c, 0], 0.0, 0.0, 0.0
        for t in range(n):
            work[c, t] -= first
            mean += work[c, t]
        mean /= n
        for t in range(n):
            work[c, t] -= mean
            before += work[c, t] * work[c, t]
        for f in range(c):
            for t in range(n):
                R[f, c] += work[f, t] * work[c, t]
            R[f, c] /= R[f, f]
            for t in range(n):
                work[c, t] -= R[f, c] * work[f, t]
        for t in range(n):
            after += work[c, t] * work[c, t]
        R[c, c] = after
        if not after > (COLLINEAR if c < F else SPANNED) * before:
            return
    for f in range(F - 1, -1, -1):
        beta[f] = R[f, F]
        for g in range(f + 1, F):
            beta[f] -= R[f, g] * beta[g]


@kernel
def net_window_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    factors: npt.NDArray[np.int64],
    beta: npt.NDArray[np.float64],
    start: int,
    inside: bool,  # noqa: FBT001 - a kernel takes positional arguments
    out: npt.NDArray[np.float64],
) -> None:
    """Write returns net of ``beta`` times the factors, from row ``start`` on; NaN if not inside."""
    for t in range(len(out)):
        out[t] = returns[column, start + t] if inside else np.nan
        for f in range(len(factors) if inside else 0):
            out[t] -= beta[f] * returns[factors[f], start + t]


@kernel
def break_moments_nb(
    returns: npt.NDArray[np.float64],
    factors: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    least: npt.NDArray[np.int64],
    out: npt.NDArray[np.float64],
) -> None:
    """Write the moments (P, R, 2, 11) of pairs in the calm and the crisis window of each row.

    ``returns`` (C, T); ``pairs`` (P, 2) are places in ``columns`` (K,), which are columns of the
    returns; ``windows`` (2, 2) are calm and crisis, inclusive and relative to the row; ``least``
    (2,) their fewest rows. With ``factors`` (F,), the moments are of what is left of each series
    by its betas over the calm window. All NaN, and n 0, where a window reaches beyond the returns.
    Row t reads returns up to t + the end of the crisis window.
    """
    T, F, K = returns.shape[1], len(factors), len(columns)
    n_calm = windows[0, 1] - windows[0, 0] + 1
    n_crisis = windows[1, 1] - windows[1, 0] + 1
    calm, crisis = np.empty((K, n_calm)), np.empty((K, n_crisis))
    scratch = np.empty((2, max(n_calm, n_crisis)))
    work, beta = np.empty((F + 1, n_calm)), np.empty(F)
    for r in range(len(rows)):
        first, then = rows[r] + windows[0, 0], rows[r] + windows[1, 0]
        inside = min(first, then) >= 0 and max(first + n_calm, then + n_crisis) <= T
        for c in range(K):
            if inside and F > 0:
                loadings_nb(returns, columns[c], factors, first, first + n_calm, work, beta)
            net_window_nb(returns, columns[c], factors, beta, first, inside, calm[c])
            net_window_nb(returns, columns[c], factors, beta, then, inside, crisis[c])
        for p in range(len(pairs)):
            i, j = pairs[p, 0], pairs[p, 1]
            pair_moments_nb(calm[i], calm[j], least[0], scratch, out[p, r, 0])
            pair_moments_nb(crisis[i], crisis[j], least[1], scratch, out[p, r, 1])
