"""Dynamic conditional correlations of a few series, on GARCH marginals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, frame_values, rows_until
from eventlab.contagion.volatility.marginals import fit_marginal, scores
from eventlab.contagion.volatility.second_stage import (
    MODELS,
    filter_stage,
    fit_stage,
    stage_stderr,
)
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy.typing as npt

    from eventlab.contagion.volatility.marginals import Marginal, Scores
    from eventlab.contagion.volatility.second_stage import Model

__all__ = ["LEAST_ROWS", "Dcc", "Form", "dcc"]

Form = Literal["garch", "gjr", "egarch"]
FORMS: Final = ("garch", "gjr", "egarch")
ERRORS: Final = ("normal", "t")
LEAST_ROWS: Final = 100  # fewer say little about a variance that changes
LOG_2PI: Final = math.log(2.0 * math.pi)
SAME: Final = 1.0 - 1e-10  # two series with this correlation are one


@dataclass(frozen=True, slots=True, repr=False)
class Dcc:
    """Conditional correlations of N series on T rows; all tables have the rows of the frame.

    Attributes
    ----------
    model
        ``dcc``, ``cdcc`` or ``adcc``.
    a, b, g
        How fast correlations answer, how long they remember, what joint falls add (NaN but in
        adcc). NaN where a likelihood did not converge: ``note`` says which.
    stderr
        Standard errors by ``a``, ``b``, ``g``, NaN on a boundary or when not asked for. They count
        what the rows do to the marginals and to the targets (two-step, Newey-West).
    loglik
        Gaussian log-likelihood of the fitted rows under means, variances and correlations, as
        rmgarch's: -(1/2) sum(N log 2 pi + log|H_t| + e'H_t^-1 e).
    qbar
        (N, N) target of the correlations.
    persistence
        a + b, in adcc + g times the largest eigenvalue of Qbar^-1/2 Nbar Qbar^-1/2; at
        most 0.999.
    marginals
        A row per series and parameter: series, parameter (mu, omega, alpha, gamma, beta, nu in the
        units of the series), value, stderr (robust), loglik (of the series, with the errors that
        were asked for), converged, note.
    volatilities
        (T, N) conditional standard deviations, in the units of the frame.
    matrices
        (T, N, N) conditional correlations.
    n_fit, n_missing
        Rows that the parameters come from; rows with a NaN, which are in no recursion and are NaN
        in every table.
    note
        What did not converge, which parameters lie on a bound, and why there are no standard
        errors; empty otherwise.
    """

    model: Model
    a: float
    b: float
    g: float
    stderr: pd.Series
    loglik: float
    qbar: pd.DataFrame
    persistence: float
    marginals: pd.DataFrame
    volatilities: pd.DataFrame
    matrices: npt.NDArray[np.float64]
    n_fit: int
    n_missing: int
    note: str = ""

    @property
    def correlations(self) -> pd.DataFrame:
        """Conditional correlations: rows by pairs (a column per pair, its two names above it)."""
        names = list(self.volatilities.columns)
        pairs = list(combinations(range(len(names)), 2))
        values = np.column_stack([self.matrices[:, i, j] for i, j in pairs])
        columns = pd.MultiIndex.from_tuples([(names[i], names[j]) for i, j in pairs])
        return pd.DataFrame(values, index=self.volatilities.index, columns=columns)

    @property
    def covariances(self) -> pd.DataFrame:
        """Conditional covariances and variances: rows by pairs, the same name twice among them."""
        names = list(self.volatilities.columns)
        sigma = self.volatilities.to_numpy()
        pairs = [(i, j) for i in range(len(names)) for j in range(i, len(names))]
        values = np.column_stack(
            [self.matrices[:, i, j] * sigma[:, i] * sigma[:, j] for i, j in pairs]
        )
        columns = pd.MultiIndex.from_tuples([(names[i], names[j]) for i, j in pairs])
        return pd.DataFrame(values, index=self.volatilities.index, columns=columns)

    def correlation(self, one: Hashable, other: Hashable) -> pd.Series:
        """Conditional correlation of two series."""
        i, j = self._place(one), self._place(other)
        return pd.Series(self.matrices[:, i, j], index=self.volatilities.index, name="correlation")

    def beta(self, target: Hashable, source: Hashable) -> pd.Series:
        """Conditional beta of ``target`` on ``source``: covariance over the source's variance."""
        i, j = self._place(target), self._place(source)
        sigma = self.volatilities.to_numpy()
        values = self.matrices[:, i, j] * sigma[:, i] / sigma[:, j]
        return pd.Series(values, index=self.volatilities.index, name="beta")

    def _place(self, name: Hashable) -> int:
        names = list(self.volatilities.columns)
        if name not in names:
            raise UsageError(
                f"{name!r} is no series of this model; it has {', '.join(map(str, names))}"
            )
        return names.index(name)

    def __repr__(self) -> str:
        """Say the parameters, the rows and what is wrong."""
        asymmetry = "" if math.isnan(self.g) else f", g={self.g:.4f}"
        n_series = self.volatilities.shape[1]
        text = f"{self.model} of {n_series} series on {self.n_fit} rows: "
        text += f"a={self.a:.4f}, b={self.b:.4f}{asymmetry}, loglik={self.loglik:.2f}"
        return f"<{text}{'; ' + self.note if self.note else ''}>"


def dcc(
    frame: pd.DataFrame,
    *,
    model: Model = "dcc",
    marginal: Form = "garch",
    errors: Literal["normal", "t"] = "normal",
    fit_until: Any = None,
    stderr: bool = True,
) -> Dcc:
    """Fit dynamic conditional correlations in two steps: variances first, then correlations.

    Each series gets a constant mean and a GARCH(1,1) variance, fitted by the package ``arch`` from
    the sample's variance on. With z their standardised residuals and n = min(z, 0), Q_{t+1} =
    (1-a-b) Qbar + a s s' + b Q_t, R_t being Q_t scaled to ones:

    - ``dcc``: s = z, Qbar = cov(z) (Engle 2002, eq. 18);
    - ``cdcc``: s = sqrt(diag Q) z, Qbar = mean(s s'), which is consistent (Aielli 2013, eq. 8);
    - ``adcc``: dcc with g (n n' - Nbar) added, Nbar = mean(n n'), so that joint falls may count
      more (Cappiello, Engle & Sheppard 2006, eq. 8); at g = 0 it is dcc.

    Parameters
    ----------
    frame
        (T, N) returns, rows ascending in time, N >= 2; decimals or percent: everything is reported
        in the units of the series. Rows with a NaN are left out and counted: both recursions step
        from one complete row to the next.
    model
        ``dcc``, ``cdcc`` or ``adcc``, as above.
    marginal, errors
        Form of the variances: ``garch``, ``gjr`` or ``egarch``; errors ``normal`` or Student's
        ``t``. The correlations' likelihood is Gaussian in any case.
    fit_until
        Label of the last row that parameters are estimated on; the filter runs over all rows. For
        frames whose labels are no integers, an integer is a row number.
    stderr
        Whether to compute standard errors, which takes about as long as the fit.

    Returns
    -------
    Dcc
        Timing: row t uses returns up to t-1 and the parameters, which use rows up to
        ``fit_until``. What comes after both leaves row t as it is, bit for bit.

    Raises
    ------
    UsageError
        Unknown options, fewer than two series, or repeated names.
    DataError
        Fewer than 100 complete rows to fit on, an infinite value, a constant series, series of
        which one is a linear combination of others, or no package ``arch``.
    """
    _check_options(frame, model, marginal, errors)
    rows = _complete_rows(frame, fit_until)
    first = _first_stage(rows, marginal, errors, stderr=stderr)
    empty = _unfitted(frame, rows, first, model)
    if empty.note:
        return empty
    z = np.ascontiguousarray(np.column_stack([one.z for one in first.singles]))
    _check_apart(z[: rows.n_fit], rows.names)
    stage = fit_stage(z[: rows.n_fit], model)
    if not math.isfinite(stage.loglik):
        return replace(empty, note=stage.note)
    known = stage_stderr(stage, z[: rows.n_fit], first.scores) if stderr else np.full(3, np.nan)
    loglik, empty.matrices[rows.complete] = filter_stage(stage, z)
    sigma = np.column_stack([one.sigma for one in first.singles])
    loglik -= 0.5 * (2.0 * np.log(sigma) + z**2 + LOG_2PI).sum(axis=1)
    a, b, g = (float(value) for value in stage.parameters)
    return replace(
        empty,
        a=a,
        b=b,
        g=g if model == "adcc" else math.nan,
        stderr=pd.Series(known, index=["a", "b", "g"]),
        loglik=float(loglik[: rows.n_fit].sum()),
        qbar=pd.DataFrame(stage.qbar, index=frame.columns, columns=frame.columns),
        persistence=a + b + stage.asymmetry * g,
        note="; ".join(said for said in (stage.note, _unknown(rows, first)) if said),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The complete rows of a frame: returns (n, N), which of the T rows they are, n to fit on."""

    returns: npt.NDArray[np.float64]
    complete: npt.NDArray[np.bool_]
    n_fit: int
    names: Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class _First:
    """The marginals, and their scores where they were asked for."""

    singles: tuple[Marginal, ...]
    scores: tuple[Scores, ...] | None


def _check_options(frame: pd.DataFrame, model: str, marginal: str, errors: str) -> None:
    for what, value, known in (
        ("model", model, MODELS),
        ("marginal", marginal, FORMS),
        ("errors", errors, ERRORS),
    ):
        choice(what, value, known)
    frame_values(frame, least=2)


def _complete_rows(frame: pd.DataFrame, fit_until: Any) -> _Rows:
    """Leave out rows with a NaN, and refuse what no variance can be fitted to."""
    values = frame_values(frame)
    names = list(frame.columns)
    complete = np.asarray(~np.isnan(values).any(axis=1))
    n_fit = int(complete[: _rows_until(frame.index, fit_until)].sum())
    rows = _Rows(np.ascontiguousarray(values[complete]), complete, n_fit, names)
    infinite = np.isinf(values).any(axis=0)
    if infinite.any():
        raise DataError(f"dcc: {names[int(infinite.argmax())]} has an infinite value")
    if n_fit < LEAST_ROWS:
        raise DataError(
            f"dcc: {n_fit} complete rows to fit on; {LEAST_ROWS} are needed. Take a longer "
            "stretch, or leave out series with gaps"
        )
    fitted = rows.returns[:n_fit]
    still = np.ptp(fitted, axis=0) <= 1e-12 * np.abs(fitted).max(axis=0)
    if still.any():
        name = names[int(still.argmax())]
        raise DataError(f"dcc: {name} is constant over the rows to fit on; leave it out")
    return rows


def _rows_until(index: pd.Index, fit_until: Any) -> int:
    """Count the rows up to and including the one that ``fit_until`` names."""
    if fit_until is None:
        return len(index)
    if isinstance(fit_until, int) and not pd.api.types.is_integer_dtype(index.dtype):
        return max(0, fit_until + 1)
    return rows_until(index, fit_until)


def _first_stage(rows: _Rows, marginal: Form, errors: str, *, stderr: bool) -> _First:
    series = [np.ascontiguousarray(one) for one in rows.returns.T]
    singles = tuple(fit_marginal(one, rows.n_fit, marginal, errors) for one in series)
    if not stderr:
        return _First(singles, None)
    pairs = zip(series, singles, strict=True)
    found = (
        scores(one[: rows.n_fit], single.fit)
        for one, single in pairs
        if not isinstance(single.fit, str)
    )
    return _First(singles, tuple(found))


def _unfitted(frame: pd.DataFrame, rows: _Rows, first: _First, model: Model) -> Dcc:
    """Everything that is known before correlations are; ``note`` names failed marginals."""
    N = len(rows.names)
    sigma = np.full(frame.shape, np.nan)
    sigma[rows.complete] = np.column_stack([one.sigma for one in first.singles])
    failed = [
        f"{name}: {one.fit}"
        for name, one in zip(rows.names, first.singles, strict=True)
        if isinstance(one.fit, str)
    ]
    return Dcc(
        model=model,
        a=math.nan,
        b=math.nan,
        g=math.nan,
        stderr=pd.Series(math.nan, index=["a", "b", "g"]),
        loglik=math.nan,
        qbar=pd.DataFrame(math.nan, index=frame.columns, columns=frame.columns),
        persistence=math.nan,
        marginals=_marginal_table(rows.names, first),
        volatilities=pd.DataFrame(sigma, index=frame.index, columns=frame.columns),
        matrices=np.full((len(frame), N, N), np.nan),
        n_fit=rows.n_fit,
        n_missing=int((~rows.complete).sum()),
        note="; ".join(failed),
    )


def _unknown(rows: _Rows, first: _First) -> str:
    """Name the series without standard errors, which leave the correlations none."""
    names = [
        str(name)
        for name, one in zip(rows.names, first.scores or (), strict=False)
        if np.isnan(one.stderr).any()
    ]
    if not names:
        return ""
    return f"no standard errors: the likelihood of {', '.join(names)} has no maximum inside"


def _marginal_table(names: Sequence[Hashable], first: _First) -> pd.DataFrame:
    found = iter(first.scores or ())
    rows: list[tuple[Any, ...]] = []
    for name, one in zip(names, first.singles, strict=True):
        if isinstance(one.fit, str):
            rows.append((name, "", math.nan, math.nan, math.nan, False, one.fit))
            continue
        stderr = next(found).stderr if first.scores is not None else None
        for place, parameter in enumerate(one.names):
            precision = math.nan if stderr is None else float(stderr[place])
            note = one.note if parameter == "omega" else ""
            value = float(one.parameters[place])
            rows.append((name, parameter, value, precision, one.fit.loglik, True, note))
    columns = ["series", "parameter", "value", "stderr", "loglik", "converged", "note"]
    return pd.DataFrame(rows, columns=columns)


def _check_apart(z: npt.NDArray[np.float64], names: Sequence[Hashable]) -> None:
    """Refuse series of which one follows from others."""
    correlation: npt.NDArray[np.float64] = np.atleast_2d(np.corrcoef(z, rowvar=False))
    for i, j in combinations(range(len(names)), 2):
        if abs(correlation[i, j]) > SAME:
            raise DataError(f"dcc: {names[i]} and {names[j]} move as one; leave one of them out")
    if not np.linalg.eigvalsh(correlation)[0] > 1.0 - SAME:
        listed = ", ".join(map(str, names))
        raise DataError(f"dcc: one of {listed} is a linear combination of the others; leave it out")
