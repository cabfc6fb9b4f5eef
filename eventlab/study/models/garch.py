"""The market model with GARCH, GJR or EGARCH errors: by the package ``arch``, then to the maximum.

Nothing else in eventlab imports ``arch``, and this module only when a fit is asked for: it takes
a second or more to load.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.errors import DataError
from eventlab.kernels.dcc import variance_path_nb
from eventlab.kernels.threads import one_blas_thread
from eventlab.study.models.bar_variance import with_bar_variance
from eventlab.study.models.likelihood import Likelihood, largest
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.study.steps import Progress

__all__ = ["VARIANCE_PARAMETERS", "MarginalFit", "VarianceModel", "garch_fits", "marginal_fit"]

VARIANCE_PARAMETERS: Final = ("omega", "alpha", "gamma", "beta", "nu")
# Standard deviation of the series in the likelihood: the steps and the stopping rule of ``arch``
# are absolute numbers made for percentages.
SCALE: Final = 10.0
RAREST: Final = 1e-4  # share of bars whose shocks count as the smallest of them in egarch with t
NODES: Final = 200  # of the Gauss-Legendre rule over t: 1e-12 of the integral for nu from 2.05
MEAN_SIZE: Final = math.sqrt(2.0 / math.pi)  # E|z| of a standard normal, which centres EGARCH


@dataclass(frozen=True, slots=True)
class VarianceModel:
    """A conditional variance h_t of decimal returns, by the form of its recursion.

    garch and gjr: h_{t+1} = omega + (alpha + gamma 1{e_t < 0}) e_t^2 + beta h_t, with gamma = 0 in
    garch. egarch: ln h_{t+1} = omega + alpha (|z_t| - sqrt(2/pi)) + gamma z_t + beta ln h_t with
    z_t = e_t / sqrt(h_t). ``nu`` are the degrees of freedom of Student's t, NaN for normal errors.

    Bollerslev (1986), Glosten, Jagannathan & Runkle (1993), Nelson (1991).
    """

    form: str
    omega: float
    alpha: float
    gamma: float
    beta: float
    nu: float = math.nan

    def after(self, variance: float, resid: float) -> float:
        """Variance of the next bar, after one with this ``variance`` and residual."""
        if self.form == "egarch":
            z = resid / np.sqrt(variance)
            surprise = self.alpha * (abs(z) - MEAN_SIZE) + self.gamma * z
            return float(np.exp(self.omega + surprise + self.beta * np.log(variance)))
        weight = self.alpha + (self.gamma if resid < 0.0 else 0.0)
        return self.omega + weight * resid * resid + self.beta * variance

    def forecast(self, first: float, bars: int) -> npt.NDArray[np.float64]:
        """(bars,): variances expected from the bar whose variance ``first`` is known already.

        garch and gjr: E h_{t+1} = omega + (alpha + gamma/2 + beta) E h_t, errors being symmetric.
        egarch: the product of the expectations of exp(beta^i g(z)), g(z) = alpha (|z| - sqrt(2/pi))
        + gamma z, with normal errors in closed form (Nelson 1991, appendix 1). With Student's t
        they are infinite, because the tails of t outlast an exponential; shocks beyond those of
        one bar in 10,000 then count as the shock of that bar.
        """
        if self.form != "egarch":
            found = [first]
            growth = self.alpha + self.gamma / 2.0 + self.beta
            for _ in range(bars - 1):
                found.append(self.omega + growth * found[-1])
            return np.array(found)
        logs = [np.log(first)]
        surprises = 0.0  # log of the product of the expectations of exp(beta^i g(z))
        for j in range(1, bars):
            surprises += self.log_expectation(self.beta ** (j - 1))
            fixed = self.omega * math.fsum(self.beta**i for i in range(j))
            logs.append(fixed + surprises + self.beta**j * logs[0])
        expected: npt.NDArray[np.float64] = np.exp(np.array(logs))
        return expected

    def log_expectation(self, power: float) -> float:
        """Log of E exp(power g(z)), for Student's t with its farthest tails drawn in."""
        up, down = power * (self.alpha + self.gamma), power * (self.alpha - self.gamma)
        both = np.logaddexp(half_expectation(up, self.nu), half_expectation(down, self.nu))
        return float(both) - power * self.alpha * MEAN_SIZE


def half_expectation(rate: float, nu: float) -> float:
    """Log of E exp(rate z) 1{z > 0}, z standard normal, or standardised t with ``nu`` (not NaN)."""
    if math.isnan(nu):
        return rate * rate / 2.0 + float(special.log_ndtr(rate))
    scale = math.sqrt((nu - 2.0) / nu)
    most = float(special.stdtrit(nu, 1.0 - RAREST / 2.0))
    nodes, weights = quadrature()
    t = most * (nodes + 1.0) / 2.0
    logs = special.gammaln((nu + 1.0) / 2.0) - special.gammaln(nu / 2.0)
    density = np.exp(logs - (nu + 1.0) / 2.0 * np.log1p(t * t / nu)) / math.sqrt(nu * math.pi)
    inside = (weights * density * np.exp(rate * scale * t)).sum() * most / 2.0
    return float(np.logaddexp(np.log(inside), math.log(RAREST / 2.0) + rate * scale * most))


@cache  # forty uses a fit, and finding the nodes takes longer than the likelihood
def quadrature() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(NODES,) nodes and weights of the Gauss-Legendre rule on [-1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def garch_fits(
    arrays: EventArrays, fits: Fits, spec: StudySpec, progress: Progress = quietly
) -> Fits:
    """Refit every event of ``fits`` by maximum likelihood with a conditional variance.

    ``fits`` are the least-squares fits of the same events: they decide which rows are usable and
    supply C_t and w'Gw. Coefficients, sigma (divisor M - k, k as in least squares), AR and CAR are
    those of the likelihood. Rows with a missing value drop out: the recursion steps from one usable
    row to the next. It runs on over the usable bars between the two windows; from the last of them
    the variance h_t of the event bars is forecast, bar by bar. C_t becomes h_t/sigma^2 + (C_t - 1),
    and w'Gw the sum of h_t/sigma^2 + (w'Gw - L).

    A fit that does not converge is none; ``problems`` says so.

    Raises
    ------
    DataError
        The package ``arch`` is not installed.
    """
    out = replace(
        fits,
        coefficients=fits.coefficients.copy(),
        sigma=fits.sigma.copy(),
        ar=np.full_like(fits.ar, np.nan),
        variance=np.full((len(fits.sigma), len(VARIANCE_PARAMETERS)), np.nan),
        problems={},
    )
    problems: dict[int, str] = {}
    ratio = np.full_like(fits.ar, np.nan)
    rows = np.flatnonzero(fits.fitted)
    for done, i in enumerate(rows):
        progress(done, len(rows))
        sample = event_sample(arrays, fits, spec, int(i))
        found = fit_variance(sample, spec)
        if isinstance(found, str):
            problems[int(i)] = found
            out.sigma[i], out.coefficients[i] = np.nan, np.nan
            continue
        k = sample.x.shape[1] + 1
        out.coefficients[i, :k] = found.coefficients
        out.sigma[i], out.variance[i] = found.sigma, found.parameters
        out.ar[i] = sample.event_y - sample.event_x @ found.coefficients[1:] - found.coefficients[0]
        ratio[i] = found.variance / found.sigma**2
    first = spec.event_window[0]
    cars = [out.ar[:, a - first : b - first + 1].sum(axis=1) for a, b in spec.windows]
    out = replace(out, car=np.stack(cars, axis=1) if cars else fits.car, problems=problems)
    return with_bar_variance(out, ratio, spec)


@dataclass(frozen=True, slots=True)
class EventSample:
    """The rows of one event: M to fit on, g between the windows, L of the event window.

    ``y`` (M + g,) and ``x`` (M + g, k - 1) hold the complete rows before the event window, of which
    the first ``n_fit`` are fitted; ``event_y`` (L,) and ``event_x`` (L, k - 1) have NaN where
    something is missing.
    """

    y: npt.NDArray[np.float64]
    x: npt.NDArray[np.float64]
    n_fit: int
    event_y: npt.NDArray[np.float64]
    event_x: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VarianceFit:
    """One converged fit: coefficients (k,), sigma, variance parameters (5,), variances (L,)."""

    coefficients: npt.NDArray[np.float64]
    sigma: float
    parameters: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MarginalFit:
    """A constant ``mu`` and a conditional variance, in the units of the series.

    ``before`` is the variance before the first row from which the recursion starts, the variance of
    the whole sample; ``loglik`` the log-likelihood of the chosen errors.
    """

    mu: float
    model: VarianceModel
    before: float
    loglik: float


def marginal_fit(
    values: npt.NDArray[np.float64], form: str = "garch", errors: str = "normal"
) -> MarginalFit | str:
    """Maximise the likelihood of one complete series (n,) that varies; or say why not.

    Raises
    ------
    DataError
        The package ``arch`` is not installed.
    """
    scale = SCALE / float(values.std())
    nothing = np.empty((len(values), 0))
    found = maximise(values * scale, nothing, form, errors, SCALE * SCALE)
    if isinstance(found, str):
        return found
    model = variance_model(form, found.parameters[1:], scale)
    loglik = found.loglik + len(values) * math.log(scale)
    return MarginalFit(float(found.parameters[0]) / scale, model, float(values.var()), loglik)


def event_sample(arrays: EventArrays, fits: Fits, spec: StudySpec, i: int) -> EventSample:
    """Collect the rows of event ``i``."""
    T, position = arrays.returns.shape[1], int(arrays.position[i])
    used = fits.regressors[i][fits.regressors[i] >= 0]
    columns = np.array([arrays.column[i], *used])
    first, last = (position + bar for bar in spec.estimation_window)
    begin, end = (position + bar for bar in (spec.event_window[0], spec.event_window[1] + 1))
    rows = arrays.returns[columns, max(0, first) : max(0, min(begin, T))].T
    complete = np.asarray(np.isfinite(rows).all(axis=1))
    n_fit = int(complete[: max(0, last + 1 - max(0, first))].sum())
    event = np.full((spec.event_window[1] - spec.event_window[0] + 1, len(columns)), np.nan)
    start, stop = max(0, begin), max(0, min(end, T))
    event[start - begin : stop - begin] = arrays.returns[columns, start:stop].T
    return EventSample(rows[complete, 0], rows[complete, 1:], n_fit, event[:, 0], event[:, 1:])


def fit_variance(sample: EventSample, spec: StudySpec) -> VarianceFit | str:
    """Maximise the likelihood of one event and forecast its variances; or say why not."""
    form = spec.volatility or "garch"
    y, x = sample.y[: sample.n_fit], sample.x[: sample.n_fit]
    scales = SCALE / np.concatenate([y[:, None], x], axis=1).std(axis=0)
    found = maximise(y * scales[0], x * scales[1:], form, spec.errors or "normal")
    if isinstance(found, str):
        return found
    k = x.shape[1] + 1
    coefficients = found.parameters[:k] / scales[0]
    coefficients[1:] *= scales[1:]
    model = variance_model(form, found.parameters[k:], float(scales[0]))
    resid = sample.y - coefficients[0] - sample.x @ coefficients[1:]
    square = float(resid[: sample.n_fit] @ resid[: sample.n_fit])
    variance = found.last / float(scales[0]) ** 2
    with np.errstate(all="ignore"):  # variances that run away are found out below
        for e in resid[sample.n_fit - 1 :]:
            variance = model.after(variance, float(e))
        path = model.forecast(variance, len(sample.event_y))
    if not (np.isfinite(path) & (path > 0.0)).all():
        return failure(form, "its variances run to zero or infinity")
    return VarianceFit(
        coefficients,
        math.sqrt(square / (sample.n_fit - k)),
        np.array([getattr(model, name) for name in VARIANCE_PARAMETERS]),
        path,
    )


def failure(form: str, reason: str) -> str:
    """Say that there is no fit."""
    return f"the {form} likelihood did not converge ({reason})"


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a likelihood is largest.

    ``parameters`` (k + 5,) are the coefficients, constant first, omega, alpha, gamma, beta and nu;
    ``last`` is the variance of the last row.
    """

    parameters: npt.NDArray[np.float64]
    loglik: float
    last: float


@one_blas_thread()
def maximise(
    y: npt.NDArray[np.float64],
    x: npt.NDArray[np.float64],
    form: str,
    errors: str,
    before: float | None = None,
) -> Maximum | str:
    """Fit a constant and ``x`` with a conditional variance; or say why not.

    ``before`` is the variance before the first row; without it, the weighted mean of the first 75
    squares of least squares, as in ``arch``.
    """
    design = np.column_stack([np.ones(len(y)), x])
    least = y - design @ np.linalg.lstsq(design, y)[0]
    if before is None:
        before = weighted_mean(least[:75] ** 2)
    likelihood = Likelihood(y, design, form, errors, before)
    values = largest(likelihood, by_arch(likelihood))
    if isinstance(values, str):
        return failure(form, values)
    loglik = -likelihood.value(values)[0] * len(y)
    if not loglik > constant_likelihood(least) - 1.0:
        return failure(form, "it ends below that of a constant variance")
    whole = likelihood.whole(values)
    resid = y - design @ whole[:-5]
    path = variance_path_nb(resid, whole[-5:-1], before, int(form == "egarch"))
    return Maximum(whole, loglik, float(path[-1]))


def weighted_mean(squares: npt.NDArray[np.float64]) -> float:
    """Exponentially weighted mean, the first the heaviest."""
    weights = 0.94 ** np.arange(len(squares))
    return float(squares @ (weights / weights.sum()))


def by_arch(likelihood: Likelihood) -> npt.NDArray[np.float64] | None:
    """Free parameters (p,) that the package finds, from its own start; None where it finds none."""
    try:
        from arch.univariate import EGARCH, GARCH, LS, Normal, StudentsT
    except ModuleNotFoundError as missing:
        raise DataError(
            f"GARCH needs the package {missing.name}; pip install 'eventlab[arch]'"
        ) from missing
    x, form = likelihood.X[:, 1:], likelihood.form
    mean = LS(likelihood.y, x=x if x.shape[1] else None, constant=True, rescale=False)
    mean.volatility = EGARCH(1, 1, 1) if form == "egarch" else GARCH(1, int(form == "gjr"), 1)
    mean.distribution = StudentsT() if likelihood.errors == "t" else Normal()
    with np.errstate(all="ignore"):  # where a search leaves what is defined
        result = mean.fit(disp="off", show_warning=False, backcast=likelihood.before)
    return None if result.convergence_flag else result.params.to_numpy()


def constant_likelihood(resid: npt.NDArray[np.float64]) -> float:
    """Log-likelihood of least squares with normal errors, which every form here contains.

    Student's t contains it at infinite degrees of freedom, and comes near it at the most allowed.
    """
    return -0.5 * len(resid) * (math.log(2.0 * math.pi * float(resid @ resid) / len(resid)) + 1.0)


def variance_model(form: str, parameters: npt.NDArray[np.float64], scale: float) -> VarianceModel:
    """Bring omega to nu of a series that was multiplied by ``scale`` back to decimal returns."""
    omega, alpha, gamma, beta = (float(one) for one in parameters[:4])
    nu = math.nan if math.isnan(parameters[4]) else float(parameters[4])  # which equals itself
    omega = omega - 2.0 * math.log(scale) * (1.0 - beta) if form == "egarch" else omega / scale**2
    return VarianceModel(form, omega, alpha, gamma, beta, nu)
