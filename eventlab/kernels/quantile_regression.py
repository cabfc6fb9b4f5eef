"""Exact linear quantile regression: a vertex of the linear programme, by pivots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["quantile_regression_nb"]


@kernel
def quantile_regression_nb(
    response: npt.NDArray[np.float64], design: npt.NDArray[np.float64], quantile: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Coefficients that minimise the sum of check losses, and the rows they fit exactly.

    Parameters
    ----------
    response
        (n,) finite, C-contiguous.
    design
        (n, k) finite, C-contiguous, the column of ones included where one is wanted.
    quantile
        Between 0 and 1.

    Returns
    -------
    coefficients
        (k,); NaN where the columns are collinear, n is below k or the pivots do not end.
    basis
        (k,) the rows whose residual is zero at the solution: an optimal vertex. Where several
        coefficients minimise the loss (as between two order statistics) it is one of them.

    References
    ----------
    Koenker & Bassett (1978), section 3; Barrodale & Roberts (1973) for moves through several
    vertices at once. Ties are broken by an infinitesimal change of the response, which keeps the
    basis optimal for the response as given because no residual other than zero changes its sign.
    """
    n, k = design.shape
    basis = np.full(k, -1, dtype=np.int64)
    coefficients = np.full(k, np.nan)
    if n < k:
        return coefficients, basis
    # Turned, so that every loop over rows runs along memory.
    scaled, scale, size = np.empty((k, n)), np.zeros(k), 0.0
    for i in range(n):
        size += abs(response[i]) / n
        for j in range(k):
            scale[j] = max(scale[j], abs(design[i, j]))
    size = 1.0 if size == 0.0 else size
    nudged = np.empty(n)
    for i in range(n):
        nudged[i] = response[i] + 1e-10 * size * ((i * 0.6180339887498949) % 1.0)
        for j in range(k):
            scaled[j, i] = design[i, j] / scale[j] if scale[j] > 0 else 0.0
    tableau, inverse, resid = scaled.copy(), np.zeros((k, k)), nudged.copy()
    for j in range(k):
        inverse[j, j] = 1.0
    anew = False
    for _ in range(20 * (n + 10 * k)):
        column, direction = _choose_nb(tableau, resid, basis, quantile)
        if column < 0 and anew:
            _fit_nb(inverse, basis, response, scaled, coefficients)
            for j in range(k):
                coefficients[j] /= scale[j]
            return coefficients, basis
        if column < 0:
            # Rounding has grown with every pivot: begin again from the basis, then look once more.
            _refresh_nb(tableau, inverse, resid, basis, scaled, nudged)
            anew = True
            continue
        anew = False
        row = _crossing_nb(tableau, resid, basis, column, direction, quantile)
        if row < 0:
            break
        _pivot_nb(tableau, inverse, resid, basis, column, row)
    return coefficients, np.full(k, -1, dtype=np.int64)


@kernel
def _choose_nb(
    tableau: npt.NDArray[np.float64],
    resid: npt.NDArray[np.float64],
    basis: npt.NDArray[np.int64],
    quantile: float,
) -> tuple[int, float]:
    """Column along which the loss falls fastest, and its direction; -1 at the optimum.

    ``tableau`` (k, n): what a step along each column takes from the residual of each row.
    """
    k, n = tableau.shape
    weight = np.empty(n)
    for i in range(n):
        weight[i] = quantile if resid[i] > 0 else quantile - 1.0
    for held in basis:
        if held >= 0:
            weight[held] = 0.0
    column, direction, fastest = -1, 1.0, 1e-9
    for j in range(k):
        gradient = _product_nb(tableau[j], weight)
        if basis[j] < 0:  # columns without a row enter first
            return j, 1.0 if gradient >= 0 else -1.0
        for side in range(2):
            sign, bound = (1.0, 1.0 - quantile) if side == 0 else (-1.0, quantile)
            if sign * gradient - bound > fastest:
                column, direction, fastest = j, sign, sign * gradient - bound
    return column, direction


@kernel
def _product_nb(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Inner product in four sums, which need not wait for each other."""
    whole = len(a) - len(a) % 4
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for i in range(0, whole, 4):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
    for i in range(whole, len(a)):
        s0 += a[i] * b[i]
    return (s0 + s1) + (s2 + s3)


@kernel
def _crossing_nb(
    tableau: npt.NDArray[np.float64],
    resid: npt.NDArray[np.float64],
    basis: npt.NDArray[np.int64],
    column: int,
    direction: float,
    quantile: float,
) -> int:
    """Row whose residual reaches zero where the loss along the direction is smallest; -1: none."""
    n = len(resid)
    step, largest = np.empty(n), 0.0
    for i in range(n):
        step[i] = direction * tableau[column, i]
    for held in basis:
        if held >= 0:
            step[held] = 0.0
    for i in range(n):
        largest = max(largest, abs(step[i]))
    if largest < 1e-9:
        return -1
    slope = 0.0
    if basis[column] >= 0:
        slope = 1.0 - quantile if direction > 0 else quantile
    rows, distance, count = np.empty(n, dtype=np.int64), np.empty(n), 0
    for i in range(n):
        slope -= (quantile if resid[i] > 0 else quantile - 1.0) * step[i]
        if abs(step[i]) > 1e-9 * largest and resid[i] * step[i] >= 0:
            rows[count], distance[count] = i, resid[i] / step[i]
            count += 1
    return _turning_nb(rows[:count], distance[:count], step, slope)


@kernel
def _turning_nb(
    rows: npt.NDArray[np.int64],
    distance: npt.NDArray[np.float64],
    step: npt.NDArray[np.float64],
    slope: float,
) -> int:
    """First row, in the order of ``distance``, whose step lifts the slope to zero; the last, else.

    A weighted median by partition (Hoare 1961), which orders no more than it must.
    """
    first, stop, found = 0, len(rows), -1
    while first < stop:
        pivot = distance[(first + stop) // 2]
        below, above, i = first, stop, first
        nearer, equal = 0.0, 0.0
        while i < above:
            if distance[i] < pivot:
                nearer += abs(step[rows[i]])
                rows[i], rows[below] = rows[below], rows[i]
                distance[i], distance[below] = distance[below], distance[i]
                below += 1
                i += 1
            elif distance[i] > pivot:
                above -= 1
                rows[i], rows[above] = rows[above], rows[i]
                distance[i], distance[above] = distance[above], distance[i]
            else:
                equal += abs(step[rows[i]])
                i += 1
        if slope + nearer >= 0.0 and below > first:
            stop = below
            continue
        found = int(rows[below])
        slope += nearer + equal
        if slope >= 0.0:
            return found
        first = above
    return found


@kernel
def _pivot_nb(
    tableau: npt.NDArray[np.float64],
    inverse: npt.NDArray[np.float64],
    resid: npt.NDArray[np.float64],
    basis: npt.NDArray[np.int64],
    column: int,
    row: int,
) -> None:
    """Let ``row`` be fitted exactly in place of the row that ``column`` held."""
    k, n = tableau.shape
    along, edge = tableau[column], inverse[column]
    pivot = along[row]
    move = resid[row] / pivot
    for i in range(n):
        resid[i] -= move * along[i]
        along[i] /= pivot
    for i in range(k):
        edge[i] /= pivot
    for j in range(k):
        if j != column:
            share = tableau[j, row]
            for i in range(n):
                tableau[j, i] -= share * along[i]
            for i in range(k):
                inverse[j, i] -= share * edge[i]
    resid[row] = 0.0
    basis[column] = row


@kernel
def _refresh_nb(
    tableau: npt.NDArray[np.float64],
    inverse: npt.NDArray[np.float64],
    resid: npt.NDArray[np.float64],
    basis: npt.NDArray[np.int64],
    design: npt.NDArray[np.float64],
    nudged: npt.NDArray[np.float64],
) -> None:
    """Compute tableau and residuals anew from the basis, its inverse after one Newton step.

    ``design`` (k, n); ``inverse`` (k, k) is the transposed inverse of its columns in the basis.
    """
    k, n = design.shape
    step = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            error = 1.0 if i == j else 0.0
            for m in range(k):
                error -= design[m, basis[j]] * inverse[i, m]
            for m in range(k):
                step[i, m] += error * inverse[j, m]
    for i in range(k):
        for m in range(k):
            inverse[i, m] += step[i, m]
    for i in range(n):
        resid[i] = nudged[i]
    for j in range(k):
        for i in range(n):
            tableau[j, i] = 0.0
        for m in range(k):
            share = inverse[j, m]
            for i in range(n):
                tableau[j, i] += share * design[m, i]
        share = nudged[basis[j]]
        for i in range(n):
            resid[i] -= share * tableau[j, i]
    for j in range(k):
        resid[basis[j]] = 0.0


@kernel
def _fit_nb(
    inverse: npt.NDArray[np.float64],
    basis: npt.NDArray[np.int64],
    response: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    fitted: npt.NDArray[np.float64],
) -> None:
    """Write the coefficients that fit the rows of the basis, refined twice."""
    k = len(basis)
    error = np.empty(k)
    for turn in range(3):
        for i in range(k):
            fitted[i] = fitted[i] if turn else 0.0
        for i in range(k):
            error[i] = response[basis[i]]
            for j in range(k):
                error[i] -= design[j, basis[i]] * fitted[j]
        for i in range(k):
            for j in range(k):
                fitted[i] += inverse[j, i] * error[j]
