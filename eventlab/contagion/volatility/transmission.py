"""Whether volatility itself travelled: logs of volatility, calm window against crisis window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy import special

from eventlab.contagion.arguments import column, frame_values, names_of
from eventlab.contagion.placebo import placebo_pvalue
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy.typing as npt

    from eventlab.timeline.windows import Window

__all__ = ["COLUMNS", "LAGS", "TESTS", "transmission_rows", "volatility_contagion"]

TESTS: Final = ("innovation_correlation", "excess_volatility", "excess_over_link")
LAGS: Final = (1, 5, 22)  # bars that the means of the HAR model reach back
SHARE: Final = 0.8  # of the bars of a window, and of a mean of lags, that must be there
LEAST_CALM: Final = 30
LEAST_CRISIS: Final = 4
STILL: Final = 1e-10  # smallest eigenvalue of the regressors' correlations
COLUMNS: Final = [
    "source",
    "target",
    "test",
    "calm",
    "crisis",
    "statistic",
    "pvalue",
    "placebo_pvalue",
    "n_placebo",
    "note",
]


def volatility_contagion(
    frame: pd.DataFrame,
    source: Hashable,
    *,
    calm: tuple[Any, Any],
    crisis: tuple[Any, Any],
    targets: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Test whether the volatility of a source travelled to its targets.

    Each log volatility follows a HAR model fitted on the calm window: a constant, the bar before,
    and the means of the last 5 and 22 bars (Corsi 2009, eq. 9); its residuals u are innovations.

    - ``innovation_correlation``: correlation of the innovations of source and target in the calm
      and in the crisis window; ``statistic`` is Fisher's z of the change.
    - ``excess_volatility``: the mean error with which the target's own model forecasts the crisis
      window, bar by bar. ``crisis`` is that mean in logs (0.69: twice the volatility), ``calm`` is
      0, ``statistic`` a t with n - 4 degrees of freedom.
    - ``excess_over_link``: the same once u of the source is a regressor too: what the calm link
      makes of the source's volatility is no excess. Where the former test rejects and this one
      does not, the target answered as it always does.

    Parameters
    ----------
    frame
        (T, N) log volatilities, rows ascending in time: ranges
        (`eventlab.contagion.range_volatility`), realised ones, or others. Rows with a NaN are left
        out of fits and means; 80% of the bars of each window must be there (at least 30 calm and 4
        of the crisis), and 80% of those that a mean of lags reaches back to, the last one among
        them. Connectedness of volatilities (Diebold & Yilmaz 2012) is
        :func:`eventlab.contagion.spillover` of the same frame.
    calm, crisis
        First and last label of each window, both inclusive; the calm one ends before the other
        begins.
    targets
        Columns; all others than the source by default.

    Returns
    -------
    DataFrame
        A row per target and test: source, target, test, calm, crisis, statistic, pvalue
        (two-sided), placebo_pvalue (two-sided: the same two windows around every earlier row whose
        crisis window ends before this one begins), n_placebo, and in note why there is no number.
        Timing: nothing after the crisis window is used.

    Raises
    ------
    UsageError
        An unknown column, or windows that are not in the frame, run backwards or overlap.
    DataError
        A value is infinite.
    """
    frame_values(frame, least=2)
    if targets is not None:
        names_of("targets", targets)
    names = [name for name in frame.columns if name != source] if targets is None else list(targets)
    for name in (source, *names):
        column(frame, name, "source" if name == source else "target")
    values = np.ascontiguousarray(frame_values(frame[[source, *names]]).T)
    if np.isinf(values).any():
        raise DataError("a log volatility is infinite; set what has no log to NaN")
    first, last = _rows(frame.index, calm, "calm")
    anchor, end = _rows(frame.index, crisis, "crisis")
    if last >= anchor:
        raise UsageError(f"calm {calm} overlaps or follows crisis {crisis}; end it before")
    windows = (first - anchor, last - anchor), (0, end - anchor)
    dates = np.arange(max(0, anchor - first), anchor - (end - anchor), dtype=np.int64)
    rows = transmission_rows(values, windows, anchor, dates)
    return pd.DataFrame(
        [
            {"source": source, "target": name, **row}
            for name, found in zip(names, rows, strict=True)
            for row in found
        ],
        columns=COLUMNS,
    )


def _rows(index: pd.Index, window: tuple[Any, Any], name: str) -> tuple[int, int]:
    try:
        start: Any = index.searchsorted(window[0], side="left")
        stop: Any = index.searchsorted(window[1], side="right")
    except (TypeError, ValueError) as wrong:
        raise UsageError(f"{name} {window} holds no labels of the frame's rows") from wrong
    if int(stop) <= int(start):
        raise UsageError(
            f"{name} {window} holds no row of the frame ({index[0]} to {index[-1]}); give its "
            "first and last label"
        )
    return int(start), int(stop) - 1


def transmission_rows(
    values: npt.NDArray[np.float64],
    windows: tuple[Window, Window],
    anchor: int,
    dates: npt.NDArray[np.int64],
) -> list[list[dict[str, Any]]]:
    """By target, a row per test, for log volatilities (N, T), the source first.

    ``windows`` are calm and crisis, relative to row ``anchor`` and to the placebo ``dates`` (n,);
    both must lie inside the rows at each of them.
    """
    rows = np.concatenate([[anchor], dates]).astype(np.int64)
    source = _Innovations.of(values[0], rows, windows)
    found = []
    for target in values[1:]:
        measured = _measure(source, _Innovations.of(target, rows, windows))
        found.append([_row(test, measured[test]) for test in TESTS])
    return found


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Of one test at R dates, the event first: (R,) each; ``note`` of the event."""

    calm: npt.NDArray[np.float64]
    crisis: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    pvalue: float
    note: str


def _row(test: str, numbers: _Numbers) -> dict[str, Any]:
    real = float(numbers.statistic[0])
    placebo = placebo_pvalue(real, numbers.statistic[1:])
    return {
        "test": test,
        "calm": float(numbers.calm[0]),
        "crisis": float(numbers.crisis[0]),
        "statistic": real,
        "pvalue": numbers.pvalue,
        "placebo_pvalue": placebo.pvalue,
        "n_placebo": placebo.n,
        "note": placebo.note if math.isfinite(real) else numbers.note,
    }


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One series over one window at R dates: values (R, n), regressors (R, n, k), which are there.

    Rows that are not there hold zeros.
    """

    y: npt.NDArray[np.float64]
    X: npt.NDArray[np.float64]
    there: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        y: npt.NDArray[np.float64],
        X: npt.NDArray[np.float64],
        rows: npt.NDArray[np.int64],
        window: Window,
    ) -> _Stretch:
        at = rows[:, None] + np.arange(window[0], window[1] + 1)
        there = np.asarray(np.isfinite(y[at]) & np.isfinite(X[at]).all(axis=2))
        return cls(np.where(there, y[at], 0.0), np.where(there[:, :, None], X[at], 0.0), there)

    def beside(self, u: npt.NDArray[np.float64], there: npt.NDArray[np.bool_]) -> _Stretch:
        """Return the same with one regressor (R, n) more, where that is ``there`` too."""
        both = self.there & there
        X = np.where(both[:, :, None], np.concatenate([self.X, u[:, :, None]], axis=2), 0.0)
        return _Stretch(np.where(both, self.y, 0.0), X, both)

    @property
    def n(self) -> npt.NDArray[np.float64]:
        """(R,) rows that are there."""
        return np.asarray(self.there.sum(axis=1), dtype=np.float64)

    def enough(self, least: int) -> npt.NDArray[np.bool_]:
        """(R,) whether so many, and 80% of the window, are there."""
        return np.asarray(self.n >= max(least, SHARE * self.there.shape[1]))


@dataclass(frozen=True, slots=True)
class _Line:
    """Least squares with a constant at R dates: means, slopes (R, k), and their precision."""

    mean_x: npt.NDArray[np.float64]
    mean_y: npt.NDArray[np.float64]
    slopes: npt.NDArray[np.float64]
    inverse: npt.NDArray[np.float64]
    square: npt.NDArray[np.float64]
    n: npt.NDArray[np.float64]

    @classmethod
    def of(cls, one: _Stretch) -> _Line:
        """Fit; NaN where regressors are constant or linear combinations of each other."""
        k = one.X.shape[2]
        n = np.maximum(one.n, 1.0)
        mean_x, mean_y = one.X.sum(axis=1) / n[:, None], one.y.sum(axis=1) / n
        X = np.where(one.there[:, :, None], one.X - mean_x[:, None, :], 0.0)
        y = np.where(one.there, one.y - mean_y[:, None], 0.0)
        cross = np.matmul(X.transpose(0, 2, 1), X)
        size = np.sqrt(np.einsum("rkk->rk", cross))
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = cross / (size[:, :, None] * size[:, None, :])
        fine = one.enough(LEAST_CALM) & np.isfinite(scaled).all(axis=(1, 2))
        scaled[~fine] = np.eye(k)
        fine &= np.linalg.eigvalsh(scaled)[:, 0] > STILL
        scaled[~fine], size[~fine] = np.eye(k), np.nan
        inverse = np.linalg.inv(scaled) / (size[:, :, None] * size[:, None, :])
        slopes = np.matmul(inverse, np.matmul(X.transpose(0, 2, 1), y[:, :, None]))[:, :, 0]
        resid = y - np.matmul(X, slopes[:, :, None])[:, :, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            square = (resid**2).sum(axis=1) / (one.n - k - 1.0)
        square[~(square > STILL * (y**2).sum(axis=1) / n)] = np.nan
        return cls(mean_x, mean_y, slopes, inverse, square, one.n)

    def resid(self, one: _Stretch) -> npt.NDArray[np.float64]:
        """(R, n) what the line leaves of a stretch; 0 on rows that are not there."""
        away = one.X - self.mean_x[:, None, :]
        left = one.y - self.mean_y[:, None] - np.einsum("rnk,rk->rn", away, self.slopes)
        return np.asarray(np.where(one.there, left, 0.0), dtype=np.float64)

    @property
    def dof(self) -> npt.NDArray[np.float64]:
        """(R,) rows less coefficients."""
        return np.asarray(self.n - self.slopes.shape[1] - 1.0)


@dataclass(frozen=True, slots=True)
class _Innovations:
    """A series in both windows at R dates, and what its HAR model of the calm one leaves (R, n)."""

    calm: _Stretch
    crisis: _Stretch
    line: _Line
    u_calm: npt.NDArray[np.float64]
    u_crisis: npt.NDArray[np.float64]

    @classmethod
    def of(
        cls,
        y: npt.NDArray[np.float64],
        rows: npt.NDArray[np.int64],
        windows: tuple[Window, Window],
    ) -> _Innovations:
        X = lagged_means(y)
        calm, crisis = (_Stretch.of(y, X, rows, window) for window in windows)
        line = _Line.of(calm)
        return cls(calm, crisis, line, line.resid(calm), line.resid(crisis))


def lagged_means(y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T, 3): of each row, the row before and the means of the 5 and 22 rows before it.

    NaN where the row before is missing, fewer than 80% of the others are there, or the series had
    not begun.
    """
    T = len(y)
    X = np.full((T, len(LAGS)), np.nan)
    for place, lag in enumerate(LAGS):
        if lag >= T:
            continue
        before = np.lib.stride_tricks.sliding_window_view(y, lag)[:-1]
        there = np.isfinite(before)
        n = there.sum(axis=1)
        mean = np.where(there, before, 0.0).sum(axis=1) / np.maximum(n, 1)
        X[lag:, place] = np.where((n >= SHARE * lag) & there[:, -1], mean, np.nan)
    return X


def _measure(source: _Innovations, target: _Innovations) -> dict[str, _Numbers]:
    linked_calm = target.calm.beside(source.u_calm, source.calm.there)
    linked_crisis = target.crisis.beside(source.u_crisis, source.crisis.there)
    return {
        "innovation_correlation": _break(source, target),
        "excess_volatility": _excess(target.line, target.calm, target.crisis),
        "excess_over_link": _excess(_Line.of(linked_calm), linked_calm, linked_crisis),
    }


def _break(source: _Innovations, target: _Innovations) -> _Numbers:
    both_calm = source.calm.there & target.calm.there
    both_crisis = source.crisis.there & target.crisis.there
    calm = _correlation(source.u_calm, target.u_calm, both_calm)
    crisis = _correlation(source.u_crisis, target.u_crisis, both_crisis)
    n_calm, n_crisis = both_calm.sum(axis=1), both_crisis.sum(axis=1)
    enough = (n_calm >= max(LEAST_CALM, SHARE * both_calm.shape[1])) & (
        n_crisis >= max(LEAST_CRISIS, SHARE * both_crisis.shape[1])
    )
    with np.errstate(all="ignore"):
        spread = np.sqrt(1.0 / (n_calm - 3.0) + 1.0 / (n_crisis - 3.0))
        z = np.where(enough, (np.arctanh(crisis) - np.arctanh(calm)) / spread, np.nan)
    z[~np.isfinite(z)] = np.nan
    pvalue = float(2.0 * special.ndtr(-abs(z[0])))
    return _Numbers(calm, crisis, z, pvalue, _lacking(both_calm, both_crisis))


def _correlation(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], both: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """(R,) correlations of the rows that are there; NaN where one of the two is constant."""
    n = np.maximum(both.sum(axis=1), 1)[:, None]
    x, y = np.where(both, x, 0.0), np.where(both, y, 0.0)
    x, y = (np.where(both, one - one.sum(axis=1)[:, None] / n, 0.0) for one in (x, y))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: npt.NDArray[np.float64] = (x * y).sum(axis=1) / np.sqrt(
            (x * x).sum(axis=1) * (y * y).sum(axis=1)
        )
    return found


def _excess(line: _Line, fitted: _Stretch, crisis: _Stretch) -> _Numbers:
    """Mean forecast error of the crisis window over its standard error, forecasts included."""
    m = np.maximum(crisis.n, 1.0)
    mean = line.resid(crisis).sum(axis=1) / m
    away = crisis.X.sum(axis=1) / m[:, None] - line.mean_x
    spread = np.einsum("rk,rkl,rl->r", away, line.inverse, away)
    with np.errstate(all="ignore"):
        statistic = mean / np.sqrt(line.square * (1.0 / m + 1.0 / line.n + spread))
    statistic[~(crisis.enough(LEAST_CRISIS) & np.isfinite(statistic))] = np.nan
    known = np.isfinite(statistic)
    pvalue = float(2.0 * special.stdtr(line.dof[0], -abs(statistic[0]))) if known[0] else math.nan
    calm, mean = np.where(known, 0.0, np.nan), np.where(known, mean, np.nan)
    return _Numbers(calm, mean, statistic, pvalue, _lacking(fitted.there, crisis.there))


def _lacking(calm: npt.NDArray[np.bool_], crisis: npt.NDArray[np.bool_]) -> str:
    """Why there is no statistic at the event, the first of the dates."""
    found = []
    for name, there, least in (("calm", calm, LEAST_CALM), ("crisis", crisis, LEAST_CRISIS)):
        n, bars = int(there[0].sum()), there.shape[1]
        if n < max(least, SHARE * bars):
            found.append(
                f"{n} of {bars} {name} bars have log volatilities and the bars before them; "
                f"{math.ceil(max(least, SHARE * bars))} are needed"
            )
    return "; ".join(found) or "a volatility does not move in the windows"
