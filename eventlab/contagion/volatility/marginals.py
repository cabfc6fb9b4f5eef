"""The variance of each series on its own, and how well its parameters are known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import special

from eventlab.kernels.dcc import variance_path_nb
from eventlab.study.models.garch import marginal_fit

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.garch import MarginalFit

__all__ = ["Marginal", "Scores", "fit_marginal", "long_run_variance", "scores"]

FLAT: Final = 1e-6  # smallest eigenvalue of a scaled Hessian above the noise of differences
STEP: Final = 1e-3  # of the numerical derivatives, in units of each parameter's own size


@dataclass(frozen=True, slots=True)
class Marginal:
    """A fitted variance and what it makes of the series.

    Attributes
    ----------
    fit
        Parameters in the units of the series, estimated on the first ``n`` rows; the text that says
        why there are none.
    sigma, z
        (T,) conditional standard deviations, known a row before, and standardised residuals of all
        rows; NaN where there is no fit.
    """

    fit: MarginalFit | str
    n: int
    sigma: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that the form has: mu, omega, alpha, gamma, beta, nu; none without fit."""
        return () if isinstance(self.fit, str) else parameter_names(self.fit)

    @property
    def parameters(self) -> npt.NDArray[np.float64]:
        """The parameters by `names`."""
        return np.empty(0) if isinstance(self.fit, str) else parameter_values(self.fit)

    @property
    def note(self) -> str:
        """Say that shocks to the variance do not die out, where they do not."""
        if isinstance(self.fit, str):
            return self.fit
        model = self.fit.model
        persistence = model.beta
        if model.form != "egarch":
            persistence += model.alpha + model.gamma / 2.0
        return "" if persistence < 1.0 - 1e-6 else "its variance returns to no mean"


@dataclass(frozen=True, slots=True)
class Scores:
    """How the k parameters of a marginal vary from sample to sample.

    Attributes
    ----------
    stderr
        (k,) robust standard errors (Bollerslev & Wooldridge 1992); NaN where the likelihood has no
        maximum inside its bounds.
    influence
        (n, k): what each row adds to the parameters' error, -H^-1 times its score.
    by_parameter
        (n, k): derivatives of the standardised residuals.
    """

    stderr: npt.NDArray[np.float64]
    influence: npt.NDArray[np.float64]
    by_parameter: npt.NDArray[np.float64]


def fit_marginal(values: npt.NDArray[np.float64], n: int, form: str, errors: str) -> Marginal:
    """Fit a constant and a variance to the first ``n`` of ``values`` (T,), complete; filter all.

    Row t of ``sigma`` uses rows up to t-1, and the parameters, which use the first ``n``.
    """
    fit = marginal_fit(values[:n], form, errors)
    if isinstance(fit, str):
        nothing = np.full(len(values), np.nan)
        return Marginal(fit, n, nothing, nothing)
    with np.errstate(all="ignore"):  # a variance that runs away is found out below
        sigma = np.sqrt(_variances(values, fit))
        z = (values - fit.mu) / sigma
    if not (np.isfinite(z[:n]).all() and (sigma[:n] > 0.0).all()):
        nothing = np.full(len(values), np.nan)
        return Marginal(f"the {form} variances run to zero or infinity", n, nothing, nothing)
    return Marginal(fit, n, sigma, z)


def _variances(values: npt.NDArray[np.float64], fit: MarginalFit) -> npt.NDArray[np.float64]:
    model = fit.model
    parameters = np.array([model.omega, model.alpha, model.gamma, model.beta])
    logs = int(model.form == "egarch")
    return variance_path_nb(values - fit.mu, parameters, fit.before, logs)


def parameter_names(fit: MarginalFit) -> tuple[str, ...]:
    """Parameters that the form of a fit has."""
    gamma = () if fit.model.form == "garch" else ("gamma",)
    nu = () if math.isnan(fit.model.nu) else ("nu",)
    return ("mu", "omega", "alpha", *gamma, "beta", *nu)


def parameter_values(fit: MarginalFit) -> npt.NDArray[np.float64]:
    """(k,) values of `parameter_names`."""
    return np.array([fit.mu, *(getattr(fit.model, name) for name in parameter_names(fit)[1:])])


def scores(values: npt.NDArray[np.float64], fit: MarginalFit) -> Scores:
    """Differentiate the likelihood of the rows (n,) that a marginal was fitted on."""
    theta = parameter_values(fit)
    size = np.maximum(np.abs(theta), 0.05)
    # |z| has a kink: in egarch a small step of mu meets a handful of residuals, or none.
    size[0] = math.sqrt(fit.before) * (50.0 if fit.model.form == "egarch" else 1.0)
    size[1] = 1.0 if fit.model.form == "egarch" else max(theta[1], 1e-3 * fit.before)
    steps = STEP * size
    n, k = len(values), len(theta)
    likelihood, by_parameter = np.empty((n, k)), np.empty((n, k))
    hessian = np.empty((k, k))
    for i, here in enumerate(np.diag(steps)):
        up, down = _at(values, fit, theta + here), _at(values, fit, theta - here)
        likelihood[:, i] = (up[0] - down[0]) / (2.0 * steps[i])
        by_parameter[:, i] = (up[1] - down[1]) / (2.0 * steps[i])
        for j, other in enumerate(np.diag(steps)[: i + 1]):
            corners = [
                _at(values, fit, theta + one * here + two * other)[0].sum()
                for one, two in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            second = corners[0] - corners[1] - corners[2] + corners[3]
            hessian[i, j] = hessian[j, i] = second / (4.0 * steps[i] * steps[j])
    influence = _influence(likelihood, hessian)
    return Scores(np.sqrt((influence**2).sum(axis=0)), influence, by_parameter)


def _influence(
    likelihood: npt.NDArray[np.float64], hessian: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """-H^-1 times every row's score; NaN where the likelihood has no maximum inside."""
    roots = np.sqrt(np.abs(np.diag(hessian)))
    scaled = -hessian / np.outer(roots, roots) if (roots > 0.0).all() else np.full_like(hessian, 0)
    if not np.isfinite(scaled).all() or not np.linalg.eigvalsh(scaled)[0] > FLAT:
        return np.full_like(likelihood, np.nan)
    found: npt.NDArray[np.float64] = np.linalg.solve(scaled, (likelihood / roots).T).T / roots
    return found


def _at(
    values: npt.NDArray[np.float64], fit: MarginalFit, theta: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Log-likelihood of each row (n,) and standardised residuals (n,) at other parameters."""
    changed: dict[str, Any] = dict(
        zip(parameter_names(fit)[1:], map(float, theta[1:]), strict=True)
    )
    other = replace(fit, mu=float(theta[0]), model=replace(fit.model, **changed))
    with np.errstate(all="ignore"):  # beyond the boundary of the parameters
        h = _variances(values, other)
        z = (values - other.mu) / np.sqrt(h)
        nu = other.model.nu
        if math.isnan(nu):
            return -0.5 * (math.log(2.0 * math.pi) + np.log(h) + z * z), z
        logs = special.gammaln((nu + 1.0) / 2.0) - special.gammaln(nu / 2.0)
        logs -= 0.5 * np.log(math.pi * (nu - 2.0))
        tails = (nu + 1.0) / 2.0 * np.log1p(z * z / (nu - 2.0))
        return logs - 0.5 * np.log(h) - tails, z


def long_run_variance(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Variance of the sum of ``rows`` (n, k), which may follow one another (Newey & West 1987).

    Bartlett weights over floor(4 (n/100)^(2/9)) lags.
    """
    n = len(rows)
    lags = int(4.0 * (n / 100.0) ** (2.0 / 9.0))
    total: npt.NDArray[np.float64] = rows.T @ rows
    for lag in range(1, lags + 1):
        cross = rows[lag:].T @ rows[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return total
