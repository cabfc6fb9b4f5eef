"""The correlations of standardised residuals: their likelihood, its maximum, its precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from eventlab.contagion.volatility.marginals import long_run_variance
from eventlab.kernels.dcc import (
    dcc_adjoint_nb,
    dcc_filter_nb,
    diagonal_adjoint_nb,
    diagonal_nb,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.volatility.marginals import Scores

__all__ = [
    "MODELS",
    "Model",
    "SecondStage",
    "correlations_of",
    "filter_stage",
    "fit_stage",
    "stage_stderr",
]

Model = Literal["dcc", "cdcc", "adcc"]
MODELS: Final = ("dcc", "cdcc", "adcc")
# Where searches begin, a, b and (adcc) g: first the likeliest of the first four. Likelihoods have
# several maxima, most of all of series that hardly move together, and it may lie below a lower one.
STARTS: Final = (
    (0.02, 0.95, 0.01),
    (0.05, 0.90, 0.01),
    (0.10, 0.80, 0.01),
    (0.05, 0.60, 0.01),
    (0.05, 0.00, 0.01),
    (0.01, 0.985, 0.05),
)
NEAR: Final = 1e-5  # parameters so near a bound lie on it
# Persistence stays at or below this. Nearer to 1 the targets of cdcc break down: the diagonal of Q
# runs to 0 between shocks, and its likelihood has spikes.
MOST: Final = 0.999
STEP: Final = 1e-4  # of the numerical derivatives of analytic gradients
STOP: Final = 1e-13  # change of the mean log-likelihood of a bar at which the search ends
HIGHER: Final = 1e-6  # log-likelihood by which one maximum lies above another


@dataclass(frozen=True, slots=True)
class SecondStage:
    """A fit of the correlations of N standardised residuals on n rows.

    Attributes
    ----------
    parameters
        (3,) a, b, g; g is 0 but in adcc.
    qbar, nbar
        (N, N) targets: of dcc and adcc cov(z) with divisor n-1 and mean(n n'), of cdcc Aielli's S
        at the parameters.
    asymmetry
        Largest eigenvalue of Qbar^-1/2 Nbar Qbar^-1/2: a + b + asymmetry g is at most 0.999.
    loglik
        -(1/2) sum(log|R_t| + z'R_t^-1 z - z'z).
    note
        Why there is no maximum (then the parameters are NaN), or that it lies on the boundary.
    """

    model: Model
    parameters: npt.NDArray[np.float64]
    qbar: npt.NDArray[np.float64]
    nbar: npt.NDArray[np.float64]
    asymmetry: float
    loglik: float
    note: str = ""

    @property
    def constant(self) -> bool:
        """Whether no shock moves the correlations."""
        return bool(self.parameters[0] < NEAR and self.parameters[2] < NEAR)


@dataclass(frozen=True, slots=True)
class _Point:
    """The likelihood at some parameters, and its derivatives.

    ``gradient`` (3,) and ``by_z`` (n, N) count what the parameters and z do to the targets;
    ``rows`` (n,) is each row's own likelihood and its part in the targets.
    """

    loglik: float
    gradient: npt.NDArray[np.float64]
    by_z: npt.NDArray[np.float64]
    rows: npt.NDArray[np.float64]


def fit_stage(z: npt.NDArray[np.float64], model: Model = "dcc") -> SecondStage:
    """Maximise the likelihood of the correlations of ``z`` (n, N), complete, n > N.

    The highest of the maxima that searches from `STARTS` end at, of equals that of the first.
    dcc is Engle (2002), eq. 18 and 26; cdcc is Aielli (2013), eq. 8 and 9, with his estimator of S;
    adcc the scalar model of Cappiello, Engle & Sheppard (2006), eq. 8.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - costs a fifth of a second

    n = len(z)
    qbar, nbar = targets(z, np.zeros(3), "dcc")
    delta = asymmetry(qbar, nbar)
    weights = np.array([1.0, 1.0, delta])[: 3 if model == "adcc" else 2]

    def objective(free: Any) -> tuple[float, Any]:
        point = evaluate(z, _padded(free), model)
        if not np.isfinite(point.loglik):
            return 1e3, np.zeros(len(free))
        return -point.loglik / n, -point.gradient[: len(free)] / n

    stationary: Any = {
        "type": "ineq",
        "fun": lambda free: MOST - weights @ free,
        "jac": lambda _free: -weights,
    }

    def search(begin: Any) -> Any:
        return minimize(
            objective,
            begin,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, MOST)] * len(weights),
            constraints=stationary,
            options={"ftol": STOP, "maxiter": 200},
        )

    tried = [np.array(start[: len(weights)]) for start in STARTS]
    with np.errstate(all="ignore"):  # where the search leaves what is defined
        likeliest = max(range(4), key=lambda k: likelihood(z, _padded(tried[k]), model))
        found = search(tried.pop(likeliest))
        for begin in tried:
            other = search(begin)
            if other.success and (not found.success or (found.fun - other.fun) * n > HIGHER):
                found = other
    parameters = _padded(np.clip(found.x, 0.0, MOST))
    loglik = likelihood(z, parameters, model)
    if not found.success or not np.isfinite(loglik):
        reason = str(found.message).strip().rstrip(".").lower()
        note = f"the {model} likelihood of the correlations did not converge ({reason})"
        parameters, loglik = np.full(3, np.nan), np.nan
    else:
        note = boundary(parameters, weights)
        if model == "cdcc":
            qbar, nbar = targets(z, parameters, model)
    return SecondStage(model, parameters, qbar, nbar, delta, loglik, note)


def _padded(free: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.append(free, np.zeros(3 - len(free)))


def boundary(parameters: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> str:
    """Say on which bounds the parameters lie."""
    a, b, g = (float(value) for value in parameters)
    said = []
    if a < NEAR and g < NEAR:
        said.append("a is 0: the correlations are constant, and b means nothing")
    elif a < NEAR:
        said.append("a is on its bound 0")
    elif b < NEAR:
        said.append("b is on its bound 0")
    if len(weights) == 3 and g < NEAR:
        said.append("g is on its bound 0: rises and falls count alike")
    if weights @ parameters[: len(weights)] > MOST - NEAR:
        said.append(
            f"the persistence is on its bound {MOST}: the correlations hardly return to a mean"
        )
    return "; ".join(said)


def targets(
    z: npt.NDArray[np.float64], parameters: npt.NDArray[np.float64], model: Model
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Qbar and Nbar (N, N) of ``z`` (n, N)."""
    falls = np.minimum(z, 0.0)
    nbar = falls.T @ falls / len(z)
    if model == "cdcc":
        star = z * np.sqrt(diagonal_nb(z, parameters[0], parameters[1]))
        return star.T @ star / len(z), nbar
    centred = z - z.mean(axis=0)
    return centred.T @ centred / (len(z) - 1), nbar


def asymmetry(qbar: npt.NDArray[np.float64], nbar: npt.NDArray[np.float64]) -> float:
    """Largest eigenvalue of Qbar^-1/2 Nbar Qbar^-1/2."""
    half = np.linalg.cholesky(qbar)
    inner = np.linalg.solve(half, np.linalg.solve(half, nbar).T)
    return float(np.linalg.eigvalsh((inner + inner.T) / 2.0)[-1])


def likelihood(
    z: npt.NDArray[np.float64], parameters: npt.NDArray[np.float64], model: Model
) -> float:
    """Log-likelihood of the correlations of ``z`` (n, N); minus infinity where it has none."""
    qbar, nbar = targets(z, parameters, model)
    total = float(dcc_filter_nb(z, qbar, nbar, parameters, int(model == "cdcc"))[0].sum())
    return total if np.isfinite(total) else -np.inf


def evaluate(
    z: npt.NDArray[np.float64], parameters: npt.NDArray[np.float64], model: Model
) -> _Point:
    """Compute the log-likelihood and its derivatives at ``parameters``."""
    n, corrected = len(z), int(model == "cdcc")
    qbar, nbar = targets(z, parameters, model)
    rows, Q, P = dcc_filter_nb(z, qbar, nbar, parameters, corrected)
    if not np.isfinite(rows[-1]):
        return _Point(np.nan, np.zeros(3), np.zeros_like(z), rows)
    both = np.stack([qbar, nbar])
    gradient, by_z, by_target = dcc_adjoint_nb(z, both, parameters, corrected, Q, P)
    if corrected:
        q = diagonal_nb(z, parameters[0], parameters[1])
        star = z * np.sqrt(q)
        pull = star @ by_target[0] / n
        part = (pull * star).sum(axis=1)
        further, more = diagonal_adjoint_nb(z, q, pull * z / np.sqrt(q), parameters)
        return _Point(
            float(rows.sum()),
            gradient + further,
            by_z + 2.0 * pull * np.sqrt(q) + more,
            rows + part - part.mean(),
        )
    centred, falls = z - z.mean(axis=0), np.minimum(z, 0.0)
    pull, fall = centred @ by_target[0] / (n - 1), falls @ by_target[1] / n
    part = (pull * centred).sum(axis=1) + (fall * falls).sum(axis=1)
    by_z = by_z + 2.0 * pull + 2.0 * fall * (z < 0.0)
    return _Point(float(rows.sum()), gradient, by_z, rows + part - part.mean())


def filter_stage(
    stage: SecondStage, z: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Log-likelihood (T,) and correlations (T, N, N) of ``z`` (T, N) at fitted parameters.

    Row t uses rows up to t-1. As in rmgarch, whose numbers they then are, the first correlations
    follow a bar of ones, where the likelihood that was maximised begins at Qbar.
    """
    corrected = int(stage.model == "cdcc")
    begun = np.concatenate([np.ones((1, z.shape[1])), z])
    rows, Q, _ = dcc_filter_nb(begun, stage.qbar, stage.nbar, stage.parameters, corrected)
    return rows[1:], correlations_of(Q[1:])


def correlations_of(Q: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Scale (T, N, N) to ones on the diagonal."""
    roots = np.sqrt(np.einsum("tii->ti", Q))
    R: npt.NDArray[np.float64] = Q / (roots[:, :, None] * roots[:, None, :])
    np.einsum("tii->ti", R)[:] = 1.0
    return R


def stage_stderr(
    stage: SecondStage, z: npt.NDArray[np.float64], marginals: tuple[Scores, ...] | None
) -> npt.NDArray[np.float64]:
    """Compute standard errors (3,) of a, b and g; NaN for what is not estimated or on a boundary.

    Every row's influence on the estimates is -H^-1 times the derivative, by the parameters, of
    what the row does to the likelihood: by itself, through the targets and, unless ``marginals``
    is None, through the parameters of the marginals (Newey & McFadden 1994, theorem 6.1; Engle &
    Sheppard 2001). The rows' sum has a Newey-West variance, because z z' - Qbar is persistent.
    """
    n = len(z)
    k = 3 if stage.parameters[2] > NEAR else 2
    stderr = np.full(3, np.nan)
    weights = np.array([1.0, 1.0, stage.asymmetry])[:k]
    room = MOST - float(weights @ stage.parameters[:k])
    inside = min(room, *stage.parameters[:k].tolist())
    if not inside > NEAR:
        return stderr
    step = min(STEP, inside / 2.0)
    hessian, rows = np.empty((k, k)), np.empty((n, k))
    for i, here in enumerate((step * np.eye(3))[:k]):
        up = evaluate(z, stage.parameters + here, stage.model)
        down = evaluate(z, stage.parameters - here, stage.model)
        hessian[i] = (up.gradient - down.gradient)[:k] / (2.0 * step)
        rows[:, i] = (up.rows - down.rows) / (2.0 * step)
        by_z = (up.by_z - down.by_z) / (2.0 * step)
        for column, one in enumerate(marginals or ()):
            rows[:, i] += one.influence @ (by_z[:, column] @ one.by_parameter)
    hessian = (hessian + hessian.T) / 2.0
    if not np.isfinite(rows).all() or not np.linalg.eigvalsh(-hessian)[0] > 0.0:
        return stderr
    bread = np.linalg.inv(hessian)
    stderr[:k] = np.sqrt(np.diag(bread @ long_run_variance(rows) @ bread))
    return stderr
