"""Normal returns in bars inside sessions: one regression, a variance for every slot of a session.

Bars after an open are wild, those at noon quiet, and the first of a session, which spans a closure
of the market, is a return of another size. Bars are of classes: the slots of a session, and last
the bars that span a closure. The parameters come from the regular rows; those that span a closure
have a mean of their own as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF, householder_nb, solve_nb, whiten_nb
from eventlab.kernels.fits import NO_VARIANCE
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MIN_ALIKE", "bar_class_nb", "slot_fits_nb"]

MIN_ALIKE = 10  # estimation rows of a class below which its variance is unknown


@kernel
def bar_class_nb(
    slot: npt.NDArray[np.int64],
    spans: npt.NDArray[np.bool_],
    column: int,
    factors: npt.NDArray[np.int64],
    t: int,
    n_slots: int,
) -> int:
    """Class of row t: ``n_slots`` where the asset's or a regressor's return spans a closure."""
    across: bool = spans[column, t]
    for c in range(len(factors)):
        across = across or (factors[c] >= 0 and spans[factors[c], t])
    return n_slots if across else slot[t]


@kernel
def bar_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    used: npt.NDArray[np.int64],
    t: int,
    constant: int,
    beta: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
) -> float:
    """Return y_t - beta'x_t, the constant left in; ``row`` becomes the row of the regressors."""
    if constant:
        row[0] = 1.0
    value: float = returns[column, t]
    for c in range(len(used)):
        x = returns[used[c], t]
        row[constant + c] = x
        value -= beta[constant + c] * x
    return value


@kernel
def split_nb(
    returns: npt.NDArray[np.float64],
    slot: npt.NDArray[np.int64],
    spans: npt.NDArray[np.bool_],
    column: int,
    used: npt.NDArray[np.int64],
    start: int,
    stop: int,
    constant: int,
    n_slots: int,
    A: npt.NDArray[np.float64],
    kind: npt.NDArray[np.int64],
) -> int:
    """Fill A with the complete regular rows of [start, stop); how many there are.

    A row is [1 (if ``constant``), factors, y]. ``kind`` receives the class of every row of the
    window, -1 for rows that lack a return.
    """
    M, k = 0, constant + len(used)
    zero = np.zeros(k)
    for t in range(start, stop):
        y = bar_nb(returns, column, used, t, constant, zero, A[M])
        kind[t - start] = -1
        if y - y == 0.0:  # NaN where a regressor is missing: 0 times NaN
            kind[t - start] = bar_class_nb(slot, spans, column, used, t, n_slots)
            if kind[t - start] < n_slots:
                A[M, k] = y
                M += 1
    return M


@kernel
def fit_nb(
    A: npt.NDArray[np.float64], M: int, k: int, min_rows: int, beta: npt.NDArray[np.float64]
) -> float:
    """Least squares of the first M rows of A into ``beta``, A as householder_nb leaves it; sigma.

    NaN where there are too few rows, no variance, or collinear columns.
    """
    if max(min_rows, k + MIN_DOF) > M:
        return np.nan
    total, sse = 0.0, 0.0
    for t in range(M):
        total += A[t, k] * A[t, k]
    if not householder_nb(A, M, k):
        return np.nan
    for t in range(k, M):
        sse += A[t, k] * A[t, k]
    if not sse > NO_VARIANCE * total:
        return np.nan
    solve_nb(A, k, beta)
    sigma: float = np.sqrt(sse / (M - k))
    return sigma


@kernel
def classes_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    used: npt.NDArray[np.int64],
    start: int,
    constant: int,
    kind: npt.NDArray[np.int64],
    A: npt.NDArray[np.float64],
    beta: npt.NDArray[np.float64],
    means: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    dof: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
    G: npt.NDArray[np.float64],
) -> float:
    """Fill what every class (S + 1,) has: rows, degrees of freedom, residual variance; mean m.

    ``means`` (k,) receives the mean regressors of the rows that span a closure, 0 for the constant;
    ``G`` (S, k, k) the sums of u u' over the rows of each slot, u = R^-T x. Their trace is what the
    parameters take from the degrees of freedom of the slot (Horn, Horn & Duncan 1975). The variance
    is NaN for too few rows or none that vary.
    """
    S, k = len(count) - 1, constant + len(used)
    total, square, u = np.zeros(S + 1), np.zeros(S + 1), np.empty(k)
    count[:], dof[:], variance[:], means[:], G[:] = 0, 0.0, np.nan, 0.0, 0.0
    for r in range(len(kind)):
        c = kind[r]
        if c < 0:
            continue
        e = bar_nb(returns, column, used, start + r, constant, beta, u)
        if c < S:
            e -= beta[0] if constant else 0.0
            dof[c] -= whiten_nb(A, u, k)
            for a in range(k):
                for b in range(k):
                    G[c, a, b] += u[a] * u[b]
        else:
            for a in range(constant, k):
                means[a] += u[a]
        count[c] += 1
        total[c] += e
        square[c] += e * e
    for c in range(S + 1):
        dof[c] += count[c] - (constant if c == S else 0)
        about = square[c] - total[c] * total[c] / max(count[c], 1)
        if count[c] >= MIN_ALIKE and about > NO_VARIANCE * square[c] and dof[c] > 0.0:
            variance[c] = (about if c == S and constant else square[c]) / dof[c]
    if count[S] > 0:
        means /= count[S]
    return total[S] / count[S] if constant and count[S] > 0 else 0.0


@kernel
def forecast_nb(
    A: npt.NDArray[np.float64],
    d: npt.NDArray[np.float64],
    many: npt.NDArray[np.int64],
    kappa: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    dof: npt.NDArray[np.float64],
    pooled: float,
    constant: int,
    G: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Return the forecast variance of ``many`` (S + 1,) bars of each class over s^2, and its dof.

    ``d`` (k,), which is overwritten, sums their design rows. A class that is in no bar and whose
    variance is unknown counts with s^2 and the ``pooled`` degrees of freedom in what the estimates
    leave uncertain.
    """
    S, k = len(G), len(d)
    whiten_nb(A, d, k)
    value, share = 0.0, 0.0
    for c in range(S + 1):
        part = float(many[c])
        if c == S:
            # The mean of the rows that span a closure, which all of them share.
            part += constant * part * part / max(count[S], 1)
        else:
            for a in range(k):
                for b in range(k):
                    part += d[a] * d[b] * G[c, a, b]
        if not part > 0.0:
            continue
        known = many[c] > 0 or kappa[c] - kappa[c] == 0.0
        part *= kappa[c] if known else 1.0
        value += part
        share += part * part / (dof[c] if known else pooled)
    return value, value * value / share


@kernel
def add_bar_nb(
    returns: npt.NDArray[np.float64],
    column: int,
    used: npt.NDArray[np.int64],
    t: int,
    c: int,
    constant: int,
    beta: npt.NDArray[np.float64],
    means: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
    d: npt.NDArray[np.float64],
    many: npt.NDArray[np.int64],
) -> float:
    """Add bar t of class ``c`` to ``d`` and ``many``; y_t - beta'x_t, the mean left in."""
    value = bar_nb(returns, column, used, t, constant, beta, row)
    across = c == len(many) - 1
    many[c] += 1
    for a in range(len(row)):
        if not across:
            d[a] += row[a]
        elif a >= constant:
            d[a] += row[a] - means[a]
    return value


@kernel
def slot_fits_nb(
    returns: npt.NDArray[np.float64],
    column: npt.NDArray[np.int64],
    factors: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    estimation: npt.NDArray[np.int64],
    event: npt.NDArray[np.int64],
    windows: npt.NDArray[np.int64],
    min_rows: int,
    coefficients: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    n_rows: npt.NDArray[np.int64],
    ar: npt.NDArray[np.float64],
    ar_variance: npt.NDArray[np.float64],
    car: npt.NDArray[np.float64],
    car_variance: npt.NDArray[np.float64],
    slot: npt.NDArray[np.int64],
    spans: npt.NDArray[np.bool_],
    constant: int,
    kappa: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    ar_dof: npt.NDArray[np.float64],
    car_dof: npt.NDArray[np.float64],
) -> None:
    """Fit the columns ``factors`` (N, F), -1 at the end unused, with or without a ``constant``.

    Other arrays as in ``kernels.fits``. ``slot`` (T,) is the bar of the session from 0 on,
    ``spans`` (C, T) marks the returns that span a closure. Coefficients, ``sigma`` s and ``n_rows``
    M are least squares of the regular rows; class c has n_c rows, ``count`` (N, S + 1), and the
    variance kappa_c s^2, ``kappa`` (N, S + 1). With V = (X'X)^-1 of the regular rows and G_c the
    sum of V x x'V over those of slot c, a sum of bars whose design rows sum to d has the variance

        sum over slots of kappa_c (L_c + d' G_c d)  +  kappa_S (l + l^2 / n_S)

    over s^2: L_c of its bars are in slot c, and l span a closure. These are y - beta'x with a mean
    m = alpha + ``shift`` (N,), and (0, x - mean x) in d; without a constant m is 0 and l^2/n is
    left out. ``ar_dof`` (N, L) and ``car_dof`` (N, W) are those of a sum of variances
    (Satterthwaite 1946, eq. 17): n_c less the leverages of its rows for slots, n - 1 for closures
    (n without a constant). AR and CAR are NaN in a class of fewer than MIN_ALIKE rows or without
    variance, and there is no fit where all classes are.

    Least squares with the variance they have under these classes (White 1980, by class) and not
    weighted ones: weights from 30 rows each would be random themselves, and the estimates are 3% of
    the variance of a whole session and less than a thousandth of that of a bar.
    """
    T, k_most, S = returns.shape[1], factors.shape[1] + constant, kappa.shape[1] - 1
    rows = estimation[1] - estimation[0] + 1
    A, kind = np.empty((rows + 1, k_most + 1)), np.empty(rows, dtype=np.int64)
    dof, many = np.empty(S + 1), np.empty(S + 1, dtype=np.int64)
    for i in range(len(position)):
        k = constant
        while k < k_most and factors[i, k - constant] >= 0:
            k += 1
        used = factors[i, : k - constant]
        row, d, means, beta = np.empty(k), np.empty(k), np.empty(k), np.empty(k)
        start = max(0, position[i] + estimation[0])
        stop = max(start, min(T, position[i] + estimation[1] + 1))
        M = split_nb(returns, slot, spans, column[i], used, start, stop, constant, S, A, kind)
        n_rows[i] = M
        coefficients[i], ar[i], ar_variance[i] = np.nan, np.nan, np.nan
        car[i], car_variance[i], kappa[i] = np.nan, np.nan, np.nan
        shift[i], ar_dof[i], car_dof[i], count[i] = np.nan, np.nan, np.nan, 0
        sigma[i] = fit_nb(A, M, k, min_rows, beta)
        if np.isnan(sigma[i]):
            continue
        alpha = beta[0] if constant else 0.0
        G = np.empty((S, k, k))
        seen = kind[: stop - start]
        mean = classes_nb(
            returns,
            column[i],
            used,
            start,
            constant,
            seen,
            A,
            beta,
            means,
            count[i],
            dof,
            kappa[i],
            G,
        )
        if np.isnan(kappa[i]).all():
            sigma[i] = np.nan  # no abnormal return could be measured
            continue
        coefficients[i, :k] = beta
        kappa[i] /= sigma[i] ** 2
        if kappa[i, S] - kappa[i, S] == 0.0:
            shift[i] = mean - alpha
        for j in range(event[1] - event[0] + 1):
            t = position[i] + event[0] + j
            if t < 0 or t >= T:
                continue
            c = bar_class_nb(slot, spans, column[i], used, t, S)
            d[:], many[:] = 0.0, 0
            value = add_bar_nb(
                returns, column[i], used, t, c, constant, beta, means, row, d, many
            ) - (mean if c == S else alpha)
            if value - value == 0.0 and kappa[i, c] - kappa[i, c] == 0.0:
                ar[i, j] = value
                ar_variance[i, j], ar_dof[i, j] = forecast_nb(
                    A, d, many, kappa[i], count[i], dof, M - k, constant, G
                )
        for w in range(len(windows)):
            value = ar[i, windows[w, 0] - event[0] : windows[w, 1] - event[0] + 1].sum()
            if value - value != 0.0:
                continue
            d[:], many[:] = 0.0, 0
            for t in range(position[i] + windows[w, 0], position[i] + windows[w, 1] + 1):
                c = bar_class_nb(slot, spans, column[i], used, t, S)
                add_bar_nb(returns, column[i], used, t, c, constant, beta, means, row, d, many)
            car[i, w] = value
            car_variance[i, w], car_dof[i, w] = forecast_nb(
                A, d, many, kappa[i], count[i], dof, M - k, constant, G
            )
