"""The largest likelihood of a series with a conditional variance, to the last digits.

Packages stop where the likelihood hardly rises any more, by differences of it: parameters then hang
on the last bit of the data, and on short samples on which of several maxima is near. Here searches
begin from several places, with exact derivatives, and Newton's steps end the best of them.
"""
# ruff: noqa: PLC0415 - see garch.py

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import special

from eventlab.kernels.garch import egarch_likelihood_nb, garch_likelihood_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Likelihood", "largest"]

# alpha, gamma, beta from which a search may begin: from the likeliest of them it does.
STARTS: Final[dict[str, tuple[tuple[float, float, float], ...]]] = {
    "garch": (
        *((alpha, 0.0, beta) for alpha in (0.03, 0.1, 0.25) for beta in (0.1, 0.5, 0.7)),
        *((0.03, 0.0, 0.95), (0.08, 0.0, 0.9)),
    ),
    "gjr": (
        *((alpha, gamma, beta) for alpha in (0.02, 0.1, 0.2) for gamma in (0.03, 0.15)
          for beta in (0.1, 0.5, 0.7)),
        *((0.02, 0.03, 0.95), (0.03, 0.08, 0.9)),
    ),
    "egarch": tuple(
        (alpha, gamma, beta) for alpha in (0.05, 0.15, 0.3) for gamma in (0.0, -0.1)
        for beta in (0.3, 0.7, 0.9, 0.97)
    ),
}  # fmt: skip
SEARCHES: Final = {"garch": 3, "gjr": 3, "egarch": 8}
FIRST_NU: Final = 8.0
MOST_ITERATIONS: Final = 300
STOP: Final = 1e-14  # change of the mean log-likelihood of a bar at which a search ends
NEAR: Final = 1e-7  # parameters so near a bound lie on it
STEP: Final = 1e-5  # of differences of the gradient, in units of a parameter
NEWTON: Final = 6  # steps, of which each doubles the digits
FLAT: Final = 1e-8  # smallest eigenvalue of a scaled Hessian above the noise of differences
ROUNDED: Final = 1e-12  # by so much rounding may put outside what lies on a constraint
REFUSED: Final = 1e10  # mean log-likelihood, negative, where there is none


@dataclass(frozen=True)
class Likelihood:
    """The likelihood of y (n,) = X b + e, complete, with the variances of `eventlab.kernels.garch`.

    Parameters stand in the order b, omega, alpha, gamma, beta, nu; `free` are the places of those
    that the form (garch, gjr, egarch) and the errors (normal, t) have. ``X`` is (n, k), constant
    included; ``before`` the variance of the bar before the first. The searches stop at absolute
    numbers: y should have a standard deviation near 10.
    """

    y: Array
    X: Array
    form: str
    errors: str
    before: float

    @cached_property
    def free(self) -> npt.NDArray[np.intp]:
        """(p,) places of the parameters that are estimated."""
        k = self.X.shape[1]
        kept = [*range(k + 2), *([] if self.form == "garch" else [k + 2]), k + 3]
        return np.array([*kept, k + 4] if self.errors == "t" else kept)

    def whole(self, values: Array) -> Array:
        """(k + 5,) parameters of (p,) free ones: gamma is 0 and nu NaN where there is none."""
        whole = np.zeros(self.X.shape[1] + 5)
        whole[-1] = math.nan
        whole[self.free] = values
        return whole

    def value(self, values: Array) -> tuple[float, Array]:
        """Mean of -log-likelihood at free parameters (p,), and its gradient (p,)."""
        whole = self.whole(values)
        nu, n = float(whole[-1]), len(self.y)
        kernel = egarch_likelihood_nb if self.form == "egarch" else garch_likelihood_nb
        total, gradient, by_nu = kernel(self.y, self.X, whole[:-1], self.before, nu)[:3]
        if not (math.isfinite(total) and np.isfinite(gradient).all()):
            return REFUSED, np.zeros(len(values))
        if math.isnan(nu):
            constant, slope = -0.5 * math.log(2.0 * math.pi), 0.0
        else:
            up, down = (nu + 1.0) / 2.0, nu / 2.0
            constant = float(special.gammaln(up) - special.gammaln(down))
            constant -= 0.5 * math.log(math.pi * (nu - 2.0))
            slope = 0.5 * float(special.digamma(up) - special.digamma(down)) - 0.5 / (nu - 2.0)
        every = np.append(gradient, by_nu + n * slope)
        return -(total / n + constant), -every[self.free] / n

    def forgets(self, values: Array) -> bool:
        """Whether the variances hang less and less on where their recursion began."""
        if self.form != "egarch":
            return True
        theta = self.whole(values)[:-1]
        return egarch_likelihood_nb(self.y, self.X, theta, self.before, math.nan)[3] < 0.0

    def bounds(self) -> tuple[Array, Array]:
        """(p,) least and (p,) largest free parameters: those of alpha to nu as in ``arch``."""
        k, variance = self.X.shape[1], float(self.y.var())
        low, high = np.full(k + 5, -np.inf), np.full(k + 5, np.inf)
        low[k + 3], high[k + 3] = 0.0, 1.0
        low[k + 4], high[k + 4] = 2.05, 500.0
        if self.form != "egarch":
            low[k : k + 3] = 1e-8 * variance, 0.0, -1.0
            high[k : k + 3] = 10.0 * variance, 1.0, 2.0
        return low[self.free], high[self.free]

    def constraints(self) -> tuple[Array, Array]:
        """Return A (c, p), b (c,) of A values + b >= 0: no variance below 0, none that explodes."""
        k = self.X.shape[1]
        rows = np.zeros((2, k + 5))
        rows[0, k + 1 : k + 4] = -1.0, -0.5, -1.0  # alpha + gamma/2 + beta <= 1
        rows[1, k + 1 : k + 3] = 1.0, 1.0  # alpha + gamma >= 0
        count = {"garch": 1, "gjr": 2, "egarch": 0}[self.form]
        return rows[:count, self.free], np.array([1.0, 0.0])[:count]

    def starts(self) -> list[Array]:
        """Where to begin, the likeliest first: least squares, and a variance that returns to it."""
        b = np.linalg.lstsq(self.X, self.y)[0]
        resid = self.y - self.X @ b
        square = float(resid @ resid) / len(resid)
        found = []
        for alpha, gamma, beta in STARTS[self.form]:
            rest = 1.0 - beta if self.form == "egarch" else 1.0 - alpha - gamma / 2.0 - beta
            level = math.log(square) if self.form == "egarch" else square
            whole = np.array([*b, rest * level, alpha, gamma, beta, FIRST_NU])
            found.append(whole[self.free])
        return sorted(found, key=lambda one: self.value(one)[0])


def largest(likelihood: Likelihood, known: Array | None) -> Array | str:
    """Free parameters (p,) at which a likelihood is largest; or say why there are none.

    ``known`` is where another search ended, from which one more begins.
    """
    begins = ([] if known is None else [known]) + likelihood.starts()[: SEARCHES[likelihood.form]]
    with np.errstate(all="ignore"):  # where a search leaves what is defined
        ended = [found for one in begins if (found := search(likelihood, one)) is not None]
        stable = [one for one in ended if likelihood.forgets(one)]
        if not stable:
            return (
                "where it is largest, the variances do not forget where they began"
                if ended
                else f"none of {len(begins)} searches came to an end"
            )
        best = min(stable, key=lambda one: likelihood.value(one)[0])
        return sharpened(likelihood, best)


def search(likelihood: Likelihood, begin: Array) -> Array | None:
    """Free parameters at which a search that begins at ``begin`` ends; None where it does not."""
    from scipy.optimize import minimize

    low, high = likelihood.bounds()
    rows, rest = likelihood.constraints()
    held: Any = {"type": "ineq", "fun": lambda at: rows @ at + rest, "jac": lambda _at: rows}
    found: Any = minimize(
        likelihood.value,
        np.clip(begin, low, high),
        jac=True,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints=held if len(rows) else (),
        options={"ftol": STOP, "maxiter": MOST_ITERATIONS},
    )
    values: Array = np.clip(found.x, low, high)
    return values if found.success and likelihood.value(values)[0] < REFUSED else None


def sharpened(likelihood: Likelihood, values: Array) -> Array:
    """Newton's steps from a maximum known to some digits, along the bounds that it lies on."""
    low, high = likelihood.bounds()
    rows, rest = likelihood.constraints()
    height, gradient = likelihood.value(values)
    for _ in range(NEWTON):
        basis = directions(likelihood, values)
        inner = basis.T @ hessian(likelihood, values) @ basis
        size = np.sqrt(np.abs(np.diag(inner)))
        if not (size > 0.0).all() or not np.isfinite(inner).all():
            break
        if not np.linalg.eigvalsh(inner / np.outer(size, size))[0] > FLAT:
            break
        step = basis @ np.linalg.solve(inner, basis.T @ gradient)
        moved = np.clip(values - step, low, high)
        if (rows @ moved + rest < -ROUNDED).any():
            break
        lower, slope = likelihood.value(moved)
        if not lower <= height + STOP * abs(height) or not likelihood.forgets(moved):
            break
        values, height, gradient = moved, lower, slope
    return values


def directions(likelihood: Likelihood, values: Array) -> Array:
    """(p, f) orthonormal directions along which no bound that binds is left."""
    low, high = likelihood.bounds()
    rows, rest = likelihood.constraints()
    size = np.maximum(1.0, np.abs(values))
    bound = (values - low < NEAR * size) | (high - values < NEAR * size)
    binding = np.vstack([np.eye(len(values))[bound], rows[rows @ values + rest < NEAR]])
    if not len(binding):
        return np.eye(len(values))
    _, weights, every = np.linalg.svd(binding)
    free: Array = every[int((weights > NEAR).sum()) :].T
    return free


def hessian(likelihood: Likelihood, values: Array) -> Array:
    """(p, p) second derivatives, by central differences of the gradient."""
    steps = STEP * np.maximum(np.abs(values), 1e-2)
    rows = [
        (likelihood.value(values + move)[1] - likelihood.value(values - move)[1]) / (2.0 * step)
        for step, move in zip(steps, np.diag(steps), strict=True)
    ]
    both = np.array(rows)
    found: Array = (both + both.T) / 2.0
    return found
