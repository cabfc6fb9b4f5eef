"""A vector autoregression with a constant, by least squares or with a penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import MOST_LAGS, choice, frame_values, whole
from eventlab.errors import DataError, UsageError
from eventlab.kernels.connectedness import COLLINEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = [
    "Estimator",
    "Solution",
    "VarFit",
    "check_terms",
    "companion_root",
    "fit_var",
    "series_of",
    "unmoved",
]

Estimator = Literal["ols", "ridge", "lasso"]

STILL: Final = 1e-12  # range over size up to which a series is constant
MOST_TERMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients (N, K), constant (N,), degrees of freedom and penalty of N regressions."""

    coefficients: npt.NDArray[np.float64]
    constant: npt.NDArray[np.float64]
    dof: float
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class VarFit:
    """A fitted VAR(p) of N series: x_t = c + A_1 x_{t-1} + ... + A_p x_{t-p} + u_t.

    Attributes
    ----------
    coefficients
        (N, N p) float64: [A_1 ... A_p], a row per equation.
    constant
        (N,) c.
    sigma
        (N, N) covariance of the residuals, divisor ``dof``.
    residuals
        (n, N), a row per usable row.
    dof
        n - N p - 1 by least squares. With a penalty n less the effective number of coefficients,
        averaged over the equations (the trace of the smoother for ridge, those not zero for lasso,
        the constant among them).
    n_missing
        Rows of the data with a missing value. A row is usable if neither it nor one of the p rows
        before it has one; nothing is filled, and no lag reaches across a gap.
    root
        Largest modulus of the companion matrix' eigenvalues; explosive from 1 on.
    penalty
        The penalty that was chosen, 0 by least squares.
    """

    coefficients: npt.NDArray[np.float64]
    constant: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    residuals: npt.NDArray[np.float64]
    dof: float
    n_missing: int
    root: float
    penalty: float = 0.0

    @property
    def n_rows(self) -> int:
        """Rows that the VAR was fitted on."""
        return len(self.residuals)

    @property
    def stable(self) -> bool:
        """Whether shocks die out."""
        return self.root < 1.0

    @property
    def note(self) -> str:
        """Why its decomposition says little, in words; empty if there is no such reason."""
        if self.stable:
            return ""
        return (
            f"the VAR is explosive (largest root {self.root:.4g}): shares of forecast errors exist "
            "over a few steps, but describe nothing that lasts"
        )


def fit_var(
    values: npt.NDArray[np.float64],
    lags: int,
    *,
    estimator: Estimator = "ols",
    names: Sequence[str] = (),
    penalty: float | None = None,
) -> VarFit:
    """Fit a VAR of ``lags`` lags and a constant to ``values`` (T, N), rows ascending in time.

    A ``penalty`` of ridge or lasso is chosen by the data unless given (see `regularised`).

    Raises
    ------
    UsageError
        ``lags`` below 1, or an estimator that does not exist.
    DataError
        Too few usable rows (at least N p + 1 + N by least squares, so that the covariance of the
        residuals has full rank; N + 2 with a penalty), a constant series, or series of which one
        is a mixture of the others.
    """
    check_terms(lags)
    choice("estimator", estimator, ("ols", "ridge", "lasso"))
    names = names or [str(j) for j in range(values.shape[1])]
    present, X, Y = usable_rows(values, lags)
    n_missing = int(np.count_nonzero(~present))
    enough_rows(len(Y), values.shape[1], lags, estimator)
    still = np.flatnonzero(unmoved(Y) | unmoved(values[present]))
    if len(still):
        raise DataError(f"{names[still[0]]} is constant over the rows of the VAR; leave it out")
    centre, scale = np.mean(values[present], axis=0), np.std(values[present], axis=0)
    x, y = (X - np.tile(centre, lags)) / np.tile(scale, lags), (Y - centre) / scale
    if estimator == "ols":
        solved = least_squares(x, y, names)
    else:
        from eventlab.contagion.connectedness.regularised import penalised  # noqa: PLC0415

        solved = penalised(x, y, estimator, lags=lags, penalty=penalty)
    own, shift = solved.coefficients, solved.constant
    residuals = (y - x @ own.T - shift) * scale
    coefficients = own * scale[:, None] / np.tile(scale, lags)
    return VarFit(
        coefficients=np.ascontiguousarray(coefficients),
        constant=centre + shift * scale - coefficients @ np.tile(centre, lags),
        sigma=residuals.T @ residuals / solved.dof,
        residuals=residuals,
        dof=solved.dof,
        n_missing=n_missing,
        root=companion_root(own),
        penalty=solved.penalty,
    )


def usable_rows(
    values: npt.NDArray[np.float64], lags: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return which rows are complete (T,), and regressors (n, N p) and left sides (n, N)."""
    present = np.asarray(np.isfinite(values).all(axis=1))
    T = len(values)
    usable = np.ones(max(0, T - lags), dtype=np.bool_)
    for lag in range(lags + 1):
        usable &= present[lags - lag : max(lags, T) - lag][: len(usable)]
    rows = np.flatnonzero(usable) + lags
    X = np.concatenate([values[rows - lag] for lag in range(1, lags + 1)], axis=1)
    return present, X, values[rows]


def unmoved(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """(N,) which series of ``values`` (n, N) are constant, up to rounding."""
    return np.asarray(np.ptp(values, axis=0) <= STILL * np.abs(values).max(axis=0))


def enough_rows(n: int, N: int, lags: int, estimator: Estimator) -> None:
    """Raise DataError unless ``n`` usable rows can bear the VAR."""
    needed = N * lags + 1 + N if estimator == "ols" else N + 2
    if n < needed:
        if estimator == "ols":
            why = f"{N * lags + 1} coefficients per series and a covariance of {N} residuals need"
        else:
            why = f"a covariance of {N} residuals needs"
        raise DataError(f"{n} usable rows are too few: {why} at least {needed}")


def least_squares(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], names: Sequence[str]
) -> Solution:
    """Regress ``y`` (n, N) on ``x`` (n, N p) and a constant by an orthogonal decomposition."""
    n, wide = x.shape
    r = np.asarray(np.linalg.qr(np.column_stack([np.ones(n), x, y]), mode="r"), dtype=np.float64)
    own, lengths = np.abs(np.diagonal(r)), np.sqrt(np.square(r[1:]).sum(axis=0))
    bad = np.flatnonzero(~(own[1:] > np.sqrt(COLLINEAR) * lengths[1:]))
    if len(bad):
        name = names[bad[0] % len(names)]
        raise DataError(f"{name} is a mixture of other series; leave one of the collinear ones out")
    solved = np.linalg.solve(r[: wide + 1, : wide + 1], r[: wide + 1, wide + 1 :])
    return Solution(np.asarray(solved[1:].T), np.asarray(solved[0]), float(n - wide - 1))


def companion_root(coefficients: npt.NDArray[np.float64]) -> float:
    """Largest modulus of the eigenvalues of the companion matrix of [A_1 ... A_p] (N, N p)."""
    N, wide = coefficients.shape
    companion = np.eye(wide, k=-N)
    companion[:N] = coefficients
    return float(np.abs(np.linalg.eigvals(companion)).max())


def series_of(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """(T, N) float64 values of a frame of at least two numeric series with rows ascending."""
    if isinstance(frame, pd.DataFrame):
        names = [str(name) for name in frame.columns]
        if len(set(names)) < max(2, len(names)):
            raise UsageError(
                f"frame holds the columns {names}; connectedness is between at least two series, "
                "each with its own name"
            )
    return frame_values(frame)


def check_terms(lags: object, horizon: object = 1) -> None:
    """Raise a UsageError unless both are whole numbers from 1 on that can be computed."""
    whole("lags", lags, 1, MOST_LAGS)
    whole("horizon", horizon, 1, MOST_TERMS)
