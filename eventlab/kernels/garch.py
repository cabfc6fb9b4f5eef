"""Likelihoods of series with a conditional variance, and their derivatives, bar by bar.

The mean is x'b. theta holds b (k,), omega, alpha, gamma, beta; the bar before the first had the
variance ``before``. Logarithms are without what the errors' distribution adds to every bar alike.
``nu`` are the degrees of freedom of Student's t, NaN for normal errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["egarch_likelihood_nb", "garch_likelihood_nb"]


@kernel
def garch_likelihood_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    theta: npt.NDArray[np.float64],
    before: float,
    nu: float,
) -> tuple[float, npt.NDArray[np.float64], float]:
    """Log-likelihood, its derivatives by theta (k + 4,) and by nu, of ``y`` (n,) and ``x`` (n, k).

    h_{t+1} = omega + (alpha + gamma 1{e_t < 0}) e_t^2 + beta h_t, from
    omega + (alpha + gamma/2 + beta) before.
    """
    n, k = x.shape
    omega, alpha, gamma, beta = theta[k], theta[k + 1], theta[k + 2], theta[k + 3]
    total, by_nu = 0.0, 0.0
    gradient, slope = np.zeros(k + 4), np.zeros(k + 4)  # of the likelihood, of h
    h = omega + (alpha + 0.5 * gamma + beta) * before
    slope[k], slope[k + 1], slope[k + 2], slope[k + 3] = 1.0, before, 0.5 * before, before
    for t in range(n):
        e = y[t]
        for j in range(k):
            e -= x[t, j] * theta[j]
        value, pull, more = density_nb(e * e / h, nu)
        total += value - 0.5 * np.log(h)
        by_nu += more
        rate = (0.5 * pull * e * e / h - 0.5) / h
        for j in range(k + 4):
            gradient[j] += rate * slope[j]
        weight = alpha + gamma if e < 0.0 else alpha
        for j in range(k + 4):
            slope[j] *= beta
        for j in range(k):
            gradient[j] += pull * e / h * x[t, j]
            slope[j] -= 2.0 * weight * e * x[t, j]
        slope[k] += 1.0
        slope[k + 1] += e * e
        slope[k + 2] += e * e if e < 0.0 else 0.0
        slope[k + 3] += h
        h = omega + weight * e * e + beta * h
    return total, gradient, by_nu


@kernel
def egarch_likelihood_nb(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    theta: npt.NDArray[np.float64],
    before: float,
    nu: float,
) -> tuple[float, npt.NDArray[np.float64], float, float]:
    """Return what `garch_likelihood_nb` does, and how fast the recursion forgets its beginning.

    ln h_{t+1} = omega + alpha (|z_t| - sqrt(2/pi)) + gamma z_t + beta ln h_t, from
    omega + beta ln before. The last value is the mean of ln |d ln h_{t+1} / d ln h_t|: below 0,
    what h was at the beginning dies out (Straumann & Mikosch 2006, section 3; Wintenberger 2013).
    """
    n, k = x.shape
    omega, alpha, gamma, beta = theta[k], theta[k + 1], theta[k + 2], theta[k + 3]
    total, by_nu, growth = 0.0, 0.0, 0.0
    gradient, slope = np.zeros(k + 4), np.zeros(k + 4)  # of the likelihood, of ln h
    centre, first = np.sqrt(2.0 / np.pi), np.log(before)
    log_h = omega + beta * first
    slope[k], slope[k + 3] = 1.0, first
    for t in range(n):
        e = y[t]
        for j in range(k):
            e -= x[t, j] * theta[j]
        root = np.exp(-0.5 * log_h)
        z = e * root
        value, pull, more = density_nb(z * z, nu)
        total += value - 0.5 * log_h
        by_nu += more
        rate = 0.5 * pull * z * z - 0.5
        answer = gamma + alpha * np.sign(z)
        carried = beta - 0.5 * answer * z
        growth += np.log(np.abs(carried))
        for j in range(k + 4):
            gradient[j] += rate * slope[j]
            slope[j] *= carried
        for j in range(k):
            gradient[j] += pull * z * root * x[t, j]
            slope[j] -= answer * root * x[t, j]
        slope[k] += 1.0
        slope[k + 1] += np.abs(z) - centre
        slope[k + 2] += z
        slope[k + 3] += log_h
        log_h = omega + alpha * (np.abs(z) - centre) + gamma * z + beta * log_h
    return total, gradient, by_nu, growth / n


@kernel
def density_nb(square: float, nu: float) -> tuple[float, float, float]:
    """Log density at z^2 up to a constant, -2 times its derivative by z^2, and that by nu."""
    if np.isnan(nu):
        return -0.5 * square, 1.0, 0.0
    w = square / (nu - 2.0)
    log = np.log1p(w)
    by_nu = 0.5 * (nu + 1.0) * w / ((1.0 + w) * (nu - 2.0)) - 0.5 * log
    return -0.5 * (nu + 1.0) * log, (nu + 1.0) / ((nu - 2.0) * (1.0 + w)), by_nu
