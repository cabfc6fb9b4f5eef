"""The change of connectedness at dates on which nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.connectedness.bands import band_tables
from eventlab.contagion.connectedness.period import facts_of, labels_of
from eventlab.contagion.connectedness.rolling import rolling_tables
from eventlab.contagion.connectedness.var import VarFit, fit_var, usable_rows
from eventlab.contagion.placebo import pseudo_rows
from eventlab.contagion.system import ENOUGH
from eventlab.errors import DataError
from eventlab.kernels.connectedness import fevd_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.contagion.connectedness.period import Specification
    from eventlab.contagion.system import System
    from eventlab.timeline.windows import Window

__all__ = ["Span", "band_shares", "pseudo_changes"]

SINGLE: Final = 100  # dates of what is fitted one by one: bands, and VARs with a penalty
BAND_HORIZON: Final = 100  # responses, for slow cycles to be seen
BATCH: Final = 25  # VARs whose bands are transformed at once


@dataclass(frozen=True, slots=True)
class Span:
    """A window relative to a date, and the penalty chosen for it at the event."""

    window: Window
    penalty: float | None = None

    @property
    def bars(self) -> int:
        """How many bars it has."""
        return self.window[1] - self.window[0] + 1


@dataclass(frozen=True, slots=True)
class PseudoChanges:
    """By date: changes of the facts (n, F), and of the connectedness in bands (m, B)."""

    facts: npt.NDArray[np.float64]
    bands: npt.NDArray[np.float64]


def pseudo_changes(
    system: System,
    values: npt.NDArray[np.float64],
    spans: tuple[Span, Span],
    specification: Specification,
    edges: tuple[float, ...],
) -> PseudoChanges:
    """Measure what changes from the first to the second window at the system's pseudo-dates.

    ``values`` (T, N) are the series that take part. By least squares facts come from all dates,
    through windows that roll; those of a VAR with a penalty, and bands, from at most 100 dates,
    evenly spread. Dates are those whose windows have nine tenths of their bars; NaN where the event
    would be.
    """
    rows = _with_bars(values, pseudo_rows(system), spans)
    few = rows[np.linspace(0, len(rows) - 1, min(len(rows), SINGLE)).round().astype(np.int64)]
    fits = [_alone(values, few, span, specification) for span in spans]
    bands = [band_shares(of_span, edges) for of_span in fits]
    if specification.estimator == "ols":
        facts = [_rolled(values, rows, span, specification) for span in spans]
    else:
        F = len(labels_of(specification.names))
        facts = [np.full((len(few), F), np.nan) for _ in spans]
        for found, of_span in zip(facts, fits, strict=True):
            for at, fit in enumerate(of_span):
                if fit is not None:
                    found[at] = _facts(fit, specification)
    return PseudoChanges(facts[1] - facts[0], bands[1] - bands[0])


def _with_bars(
    values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], spans: tuple[Span, Span]
) -> npt.NDArray[np.int64]:
    """Those of ``rows`` whose windows lie inside the clock and have enough complete bars."""
    complete = np.concatenate([[0], np.cumsum(np.isfinite(values).all(axis=1))])
    for span in spans:
        first = rows + span.window[0]
        rows = rows[(first >= 0) & (first + span.bars <= len(values))]
        first = rows + span.window[0]
        rows = rows[complete[first + span.bars] - complete[first] >= ENOUGH * span.bars]
    return rows


def _rolled(
    values: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    span: Span,
    specification: Specification,
) -> npt.NDArray[np.float64]:
    """Facts (n, F) of the windows around ``rows``; windows that lack bars are fitted alone."""
    found = np.full((len(rows), len(labels_of(specification.names))), np.nan)
    first = rows + span.window[0]
    least = (len(specification.names) + 1) * (specification.lags + 1)
    if not len(rows) or span.bars < least:
        return found
    start, stop = int(first.min()), int(first.max()) + span.bars
    complete = np.asarray(np.isfinite(values).all(axis=1))
    made = rolling_tables(
        values[start:stop],
        span.bars,
        specification.lags,
        horizon=specification.horizon,
        names=specification.names,
    )
    at = first - start
    found[:] = np.where(made.stable[at, None], facts_of(made.tables[at]), np.nan)
    for place, own in enumerate(first.tolist()):
        if not complete[own : own + span.bars].all():
            fit = _fit(values[own : own + span.bars], specification, None)
            if fit is not None:
                found[place] = _facts(fit, specification)
    return found


def _alone(
    values: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    span: Span,
    specification: Specification,
) -> list[VarFit | None]:
    """Fit the window around each of ``rows`` alone; None where that cannot be done."""
    return [
        _fit(values[at : at + span.bars], specification, span.penalty)
        for at in (rows + span.window[0]).tolist()
    ]


def _fit(
    values: npt.NDArray[np.float64], specification: Specification, penalty: float | None
) -> VarFit | None:
    """Fit one window; None where that cannot be done or the VAR is explosive."""
    usable = usable_rows(values, specification.lags)[2]
    if len(usable) < ENOUGH * (len(values) - specification.lags):
        return None
    try:
        fit = fit_var(
            values,
            specification.lags,
            estimator=specification.estimator,
            names=specification.names,
            penalty=penalty,
        )
    except DataError:
        return None
    return fit if fit.stable else None


def _facts(fit: VarFit, specification: Specification) -> npt.NDArray[np.float64]:
    horizon = specification.horizon
    return facts_of(fevd_nb(fit.coefficients, fit.sigma, horizon, True))  # noqa: FBT003 - a kernel


def band_shares(fits: Sequence[VarFit | None], edges: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """(fits, B) what series take from each other on average in every band, in percent."""
    found = np.full((len(fits), len(edges) + 1), np.nan)
    known = [at for at, fit in enumerate(fits) if fit is not None]
    for start in range(0, len(known), BATCH):
        some = known[start : start + BATCH]
        batch = [fit for at in some if (fit := fits[at]) is not None]
        tables = band_tables(
            np.array([fit.coefficients for fit in batch]),
            np.array([fit.sigma for fit in batch]),
            edges,
            horizon=BAND_HORIZON,
        )
        own = np.trace(tables, axis1=2, axis2=3)
        found[some] = (tables.sum(axis=(2, 3)) - own) / tables.shape[-1]
    return found
