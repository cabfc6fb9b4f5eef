"""Hedge ratios from windows of returns: least squares, shortfall and how fast a beta moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.factor_fits import householder_nb
from eventlab.kernels.jit import kernel
from eventlab.kernels.kalman import random_walk_filter_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "COLLINEAR",
    "CONSTANT",
    "FINE",
    "INFINITE",
    "hedge_slopes_nb",
    "least_shortfall_nb",
    "likeliest_noise_nb",
    "window_flaw_nb",
]

# Why a window has no ratio. CONSTANT + c says which column is constant: 0 is the book, 1 + k
# instrument k.
FINE = 0
INFINITE = 1
COLLINEAR = 2
CONSTANT = 3

STILL = 1e-12  # range over largest size, below which a series is constant
FLAT = 1e-14  # slopes and gaps this small, relative to the returns, are rounding
MOST_STEPS = 500  # a bracket halves every third step at least: double precision ends before

LEAST_POWER = -8.0  # of ten: a beta whose variance ratio is 1e-8 moves in 10,000 bars
POWERS = 17
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
NARROW = 1e-7  # width of the bracket of powers at which the search ends


@kernel
def window_flaw_nb(
    book: npt.NDArray[np.float64], instruments: npt.NDArray[np.float64], start: int, stop: int
) -> int:
    """Say what makes rows [start, stop) of ``book`` (T,) and ``instruments`` (T, K) unusable."""
    K = instruments.shape[1]
    for c in range(K + 1):
        low, high = np.inf, -np.inf
        for t in range(start, stop):
            x = book[t] if c == 0 else instruments[t, c - 1]
            if np.isinf(x):
                return INFINITE
            low, high = min(low, x), max(high, x)
        if high - low <= STILL * max(abs(low), abs(high)):
            return CONSTANT + c
    return FINE


@kernel
def hedge_slopes_nb(
    book: npt.NDArray[np.float64],
    instruments: npt.NDArray[np.float64],
    spans: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    penalty: float,
    below: int,
    slopes: npt.NDArray[np.float64],
    flaws: npt.NDArray[np.int64],
) -> None:
    """Fit book = a + instruments' b on the rows [start, stop) of each of ``spans`` (R, 2).

    Minimises sum w (book - a - x'b)^2 + penalty * mean(diag S) b'b, S = sum w (x - m)(x - m)' about
    the weighted means m. ``book`` (T,) and ``instruments`` (T, K) hold no NaN; ``weights`` (L,) are
    by age, that of the last row first, L the longest span; with ``below`` 1, rows on which the
    first instrument is at or above its mean over the span count nothing. Written into ``slopes``
    (R, K), NaN where ``flaws`` (R,) is not FINE or the span is empty.

    Householder on centred rows: the penalty is K rows more, so that one factorisation serves all.
    """
    K = instruments.shape[1]
    A = np.empty((len(weights) + K, K + 1))
    share, mean = np.empty(len(weights)), np.empty(K + 1)
    for r in range(len(spans)):
        start, stop = spans[r, 0], spans[r, 1]
        slopes[r] = np.nan
        flaws[r] = FINE
        n = stop - start
        if n == 0:
            continue
        flaws[r] = window_flaw_nb(book, instruments, start, stop)
        if flaws[r] != FINE:
            continue
        cut = np.inf
        if below == 1:
            cut = 0.0
            for t in range(start, stop):
                cut += instruments[t, 0]
            cut /= n
        total = 0.0
        mean[:] = 0.0
        for t in range(n):
            row = start + t
            share[t] = weights[n - 1 - t] if instruments[row, 0] < cut else 0.0
            total += share[t]
            for k in range(K):
                mean[k] += share[t] * instruments[row, k]
            mean[K] += share[t] * book[row]
        squares = 0.0
        for t in range(n):
            row, root = start + t, np.sqrt(share[t])
            for k in range(K):
                A[t, k] = root * (instruments[row, k] - mean[k] / total)
                squares += A[t, k] * A[t, k]
            A[t, K] = root * (book[row] - mean[K] / total)
        rows = n
        if penalty > 0.0:
            rows = n + K
            A[n:rows] = 0.0
            for k in range(K):
                A[n + k, k] = np.sqrt(penalty * squares / K)
        if not householder_nb(A, rows, K):
            flaws[r] = COLLINEAR
            continue
        for k in range(K - 1, -1, -1):
            value = A[k, K]
            for j in range(k + 1, K):
                value -= A[k, j] * slopes[r, j]
            slopes[r, k] = value / A[k, k]


@kernel
def select_nb(values: npt.NDArray[np.float64], k: int) -> float:
    """Value number ``k`` of ``values``, the largest being number 0; their order is changed."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return values[k]


@kernel
def tail_line_nb(
    book: npt.NDArray[np.float64],
    hedge: npt.NDArray[np.float64],
    losses: npt.NDArray[np.float64],
    tail: float,
    scratch: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Average -book and the hedge's return over the ``tail`` largest of ``losses``, as (a, s).

    All (n,); a fraction of a row counts as such, and rows that tie share alike.
    """
    n = len(losses)
    scratch[:] = losses
    edge = select_nb(scratch, min(int(tail), n - 1))
    a, s, a_tied, s_tied, above, tied = 0.0, 0.0, 0.0, 0.0, 0, 0
    for t in range(n):
        if losses[t] > edge:
            a -= book[t]
            s += hedge[t]
            above += 1
        elif losses[t] == edge:
            a_tied -= book[t]
            s_tied += hedge[t]
            tied += 1
    part = (tail - above) / tied
    return (a + part * a_tied) / tail, (s + part * s_tied) / tail


@kernel
def least_shortfall_nb(
    book: npt.NDArray[np.float64], instrument: npt.NDArray[np.float64], tail: float
) -> float:
    """Ratio r nearest to zero that minimises the mean of the ``tail`` largest of r x - b.

    ``book`` b and ``instrument`` x (n,), ``tail`` in rows, at most n. NaN where the mean falls
    without end.

    The mean is convex and piecewise linear in r: the largest of all lines a + s r that averages
    over ``tail`` rows make. Two of them bracket the minimum, that at zero and that at infinity;
    where they cross, the line on top replaces one of them, until they cross on top. Every third
    step that has not halved the bracket halves it.
    """
    n = len(book)
    losses, scratch, hedge = np.empty(n), np.empty(n), instrument.copy()
    size_b, size_x = 0.0, 0.0
    for t in range(n):
        losses[t] = -book[t]
        size_b, size_x = max(size_b, abs(book[t])), max(size_x, abs(hedge[t]))
    a_low, s_low = tail_line_nb(book, hedge, losses, tail, scratch)
    if abs(s_low) <= FLAT * size_x:
        return 0.0
    turned = 1.0
    if s_low > 0.0:  # the minimum is at a negative ratio: search the mirrored instrument
        turned = -1.0
        hedge *= -1.0
        s_low = -s_low
    a_high, s_high = tail_line_nb(book, hedge, hedge, tail, scratch)
    if not s_high > FLAT * size_x:
        return np.nan
    low, high, width, waited = 0.0, np.inf, np.inf, 0
    for _ in range(MOST_STEPS):
        crossing = (a_low - a_high) / (s_high - s_low)
        waited += 1
        if high - low <= 0.5 * width:
            width, waited = high - low, 0
        ratio = crossing if waited < 3 or np.isinf(high) else 0.5 * (low + high)
        if not low < ratio < high:
            break
        for t in range(n):
            losses[t] = ratio * hedge[t] - book[t]
        a, s = tail_line_nb(book, hedge, losses, tail, scratch)
        gap = (a + s * ratio) - (a_low + s_low * crossing)
        if ratio == crossing and gap <= FLAT * (size_b + ratio * size_x):
            break
        if s < -FLAT * size_x:
            low, a_low, s_low = ratio, a, s
        else:
            high, a_high, s_high = ratio, a, s
    return turned * min(max((a_low - a_high) / (s_high - s_low), low), high)


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
    """Gaussian log-likelihood less its constant, Var e concentrated out; as in `kalman`."""
    T, K = design.shape
    ratios = np.full(K, noise)
    ratios[0] = 0.0
    random_walk_filter_nb(
        y, design, ratios, state.copy(), covariance.copy(), states, covariances, errors
    )
    squares, logs = 0.0, 0.0
    for t in range(T):
        squares += errors[0, t] * errors[0, t] / errors[1, t]
        logs += np.log(errors[1, t])
    return -0.5 * (T * np.log(squares / T) + logs)


@kernel
def likeliest_noise_nb(
    y: npt.NDArray[np.float64],
    design: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
) -> float:
    """Variance of the slopes' steps over Var e, one for all, that maximises the likelihood.

    ``y`` (T,) and ``design`` (T, K), the constant first, complete; ``state`` and ``covariance``
    before row 0. From 0 to 1: the best of 0 and of half powers of ten from 1e-8, refined by golden
    section between its neighbours (there may be more than one maximum).
    """
    T, K = design.shape
    states, covariances, errors = np.empty((T, K)), np.empty((T, K, K)), np.empty((2, T))
    step = -LEAST_POWER / (POWERS - 1)
    best, place = -np.inf, -1
    for i in range(-1, POWERS):
        noise = 0.0 if i < 0 else 10.0 ** (LEAST_POWER + step * i)
        found = noise_loglik_nb(y, design, noise, state, covariance, states, covariances, errors)
        if found > best:
            best, place = found, i
    if place < 0:
        return 0.0
    low = LEAST_POWER + step * max(place - 1, 0)
    high = min(LEAST_POWER + step * (place + 1), 0.0)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    one = noise_loglik_nb(y, design, 10.0**left, state, covariance, states, covariances, errors)
    two = noise_loglik_nb(y, design, 10.0**right, state, covariance, states, covariances, errors)
    while high - low > NARROW:
        if one >= two:
            high, right, two = right, left, one
            left = high - GOLDEN * (high - low)
            one = noise_loglik_nb(
                y, design, 10.0**left, state, covariance, states, covariances, errors
            )
        else:
            low, left, one = left, right, two
            right = low + GOLDEN * (high - low)
            two = noise_loglik_nb(
                y, design, 10.0**right, state, covariance, states, covariances, errors
            )
    return float(10.0 ** (0.5 * (low + high)))
