"""Hedge ratios that walk at random, filtered on many windows of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import householder_nb
from eventlab.kernels.hedge_ratios import COLLINEAR, FINE, window_flaw_nb
from eventlab.kernels.jit import kernel
from eventlab.kernels.kalman import random_walk_filter_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["filtered_ratios_nb"]

LEAST_POWER = -8.0  # of ten: a beta whose variance ratio is 1e-8 moves in 10,000 bars
POWERS = 17
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
NARROW = 1e-7  # width of the bracket of powers at which the search ends
MOST_STEPS = 60


@kernel
def scaled_rows_nb(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
) -> None:
    """Write the series over their standard deviations into y (n,) and design (n, K + 1).

    ``scale`` (K + 1,) receives the deviations, that of the book first.
    """
    n, K = instruments.shape
    for c in range(K + 1):
        mean, square = 0.0, 0.0
        for t in range(n):
            mean += book[t] if c == 0 else instruments[t, c - 1]
        mean /= n
        for t in range(n):
            gap = (book[t] if c == 0 else instruments[t, c - 1]) - mean
            square += gap * gap
        scale[c] = np.sqrt(square / n)
    for t in range(n):
        y[t] = book[t] / scale[0]
        design[t, 0] = 1.0
        for k in range(K):
            design[t, k + 1] = instruments[t, k] / scale[k + 1]


@kernel
def prior_nb(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
) -> bool:
    """Least squares of ``y`` (n,) on ``design`` (n, P): state (P,), covariance (X'X)^-1 (P, P).

    False where a column depends on those before it.
    """
    n, P = design.shape
    A, half = np.empty((n, P + 1)), np.zeros((P, P))
    for t in range(n):
        for i in range(P):
            A[t, i] = design[t, i]
        A[t, P] = y[t]
    if not householder_nb(A, n, P):
        return False
    for c in range(P):  # columns of R^-1
        for i in range(c, -1, -1):
            value = 1.0 if i == c else 0.0
            for j in range(i + 1, c + 1):
                value -= A[i, j] * half[j, c]
            half[i, c] = value / A[i, i]
    for i in range(P):
        state[i] = 0.0
        for j in range(P):
            state[i] += half[i, j] * A[j, P]
            covariance[i, j] = 0.0
            for c in range(max(i, j), P):
                covariance[i, j] += half[i, c] * half[j, c]
    return True


@kernel
def noise_loglik_nb(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    noise: float,
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    states: npt.NDArray[np.float64],
    covariances: npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
) -> float:
    """Filter as `random_walk_filter_nb`, and return the log-likelihood less its constant.

    ``noise`` is the ratio of each slope; the constant, which comes first, stays. Var e is
    concentrated out. ``state`` and ``covariance`` are kept.
    """
    T, P = design.shape
    ratios = np.full(P, noise)
    ratios[0] = 0.0
    random_walk_filter_nb(
        y, design, ratios, state.copy(), covariance.copy(), states, covariances, errors
    )
    squares, logs = 0.0, 0.0
    for t in range(T):
        squares += errors[0, t] * errors[0, t] / errors[1, t]
        logs += np.log(errors[1, t])
    return float(-0.5 * (T * np.log(squares / T) + logs))


@kernel
def likeliest_noise_nb(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    states: npt.NDArray[np.float64],
    covariances: npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
) -> float:
    """Variance of the slopes' steps over Var e, from 0 to 1, that maximises the likelihood.

    The best of 0 and of half powers of ten from 1e-8, refined by golden section between its
    neighbours, because there may be more than one maximum.
    """
    step = -LEAST_POWER / (POWERS - 1)
    best, place = -np.inf, -1
    low, high, one, two = 0.0, 0.0, np.nan, np.nan
    left, right, noise = 0.0, 0.0, 0.0
    for i in range(-1, POWERS + MOST_STEPS):  # one place that calls the filter compiles faster
        if i == POWERS:
            if place < 0:
                return 0.0
            low = LEAST_POWER + step * max(place - 1, 0)
            high = min(LEAST_POWER + step * (place + 1), 0.0)
        if i >= POWERS:
            if high - low <= NARROW:
                break
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            noise = 10.0 ** (left if np.isnan(one) else right)
        elif i >= 0:
            noise = 10.0 ** (LEAST_POWER + step * i)
        found = noise_loglik_nb(y, design, noise, state, covariance, states, covariances, errors)
        if i < POWERS:
            if found > best:
                best, place = found, i
            continue
        if np.isnan(one):
            one = found
        else:
            two = found
        if one >= two:
            high, two, one = right, one, np.nan
        elif two > one:
            low, one, two = left, two, np.nan
    return float(10.0 ** (0.5 * (low + high)))


@kernel
def filtered_ratios_nb(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    spans: npt.NDArray[np.int64],
    state_noise: float,
    betas: npt.NDArray[np.float64],
    flaws: npt.NDArray[np.int64],
    noises: npt.NDArray[np.float64],
) -> None:
    """Filter book_t = a + x_t' b_t + e_t, b_t = b_{t-1} + u_t, over each of ``spans`` (R, 2).

    Scaled to a standard deviation of 1 in the span, Var u is ``state_noise`` times Var e; NaN: what
    maximises the likelihood, one for all betas. The prior is least squares of the first quarter,
    at least 2 (K + 1) rows. ``book`` (T,) and ``instruments`` (T, K) hold no NaN. Written into
    ``betas`` (R, K) after the last row, NaN where ``flaws`` (R,) is not FINE or the span is empty,
    and into ``noises`` (R,).
    """
    K = instruments.shape[1]
    for r in range(len(spans)):
        start, stop = spans[r, 0], spans[r, 1]
        for k in range(K):
            betas[r, k] = np.nan
        flaws[r], noises[r] = FINE, np.nan
        n = stop - start
        if n == 0:
            continue
        flaws[r] = window_flaw_nb(book, instruments, start, stop)
        if flaws[r] != FINE:
            continue
        y, design, scale = np.empty(n), np.empty((n, K + 1)), np.empty(K + 1)
        scaled_rows_nb(book[start:stop], instruments[start:stop], y, design, scale)
        first = max(2 * (K + 1), n // 4)
        state, covariance = np.empty(K + 1), np.empty((K + 1, K + 1))
        if first >= n or not prior_nb(y[:first], design[:first], state, covariance):
            flaws[r] = COLLINEAR
            continue
        states, covariances = np.empty((n, K + 1)), np.empty((n, K + 1, K + 1))
        errors = np.empty((2, n))
        y, design = y[first:], design[first:]
        noise = state_noise
        if np.isnan(noise):
            noise = likeliest_noise_nb(y, design, state, covariance, states, covariances, errors)
        noise_loglik_nb(y, design, noise, state, covariance, states, covariances, errors)
        noises[r] = noise
        for k in range(K):
            betas[r, k] = states[n - first - 1, k + 1] * scale[0] / scale[k + 1]
