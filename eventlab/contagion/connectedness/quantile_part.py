"""Total connectedness in falls, ordinary days and rises, without and with one occurrence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.connectedness.quantile import quantile_var, rows_for
from eventlab.contagion.connectedness.spillover import Measures
from eventlab.contagion.placebo import apart, evenly, placebo_pvalue, pseudo_rows
from eventlab.contagion.system import ENOUGH
from eventlab.kernels.connectedness import fevd_nb
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.timeline.windows import Window

__all__ = ["QuantileTables", "quantile_tables"]

QUANTILES: Final = (0.05, 0.5, 0.95)
LEAST_ROWS: Final = 250
MOST_DATES: Final = 30  # each costs two windows of exact quantile regressions
MOST_SERIES: Final = 10

COLUMNS: Final = (
    "occurrence",
    "estimator",
    "period",
    "measure",
    "series",
    "other",
    "value",
    "low",
    "high",
    "pvalue",
    "placebo_pvalue",
    "note",
)


@dataclass(frozen=True, slots=True)
class QuantileTables:
    """Rows of the table of the same name in `EventContagion`."""

    spillover: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured at every date: (N, T) returns of the series held, terms and windows."""

    returns: npt.NDArray[np.float64]
    lags: int
    horizon: int
    calm: Window
    crisis: Window
    needed: int

    def tci(self, row: int, window: Window, quantile: float) -> float:
        """Total connectedness over a window of ``row``; NaN with too few or unfit rows."""
        if row + window[0] < 0 or row + window[1] >= self.returns.shape[1]:
            return np.nan
        bars = self.returns[:, row + window[0] : row + window[1] + 1]
        values = np.ascontiguousarray(bars.T)
        if np.count_nonzero(np.isfinite(values).all(axis=1)) < ENOUGH * (self.needed + self.lags):
            return np.nan
        fit = quantile_var(values, self.lags, quantile)
        if not np.isfinite(fit.coefficients).all():
            return np.nan
        sigma = fit.sigma(centred=True)
        table = fevd_nb(fit.coefficients, sigma, self.horizon, True)  # noqa: FBT003 - generalised
        return float(Measures.of(table).tci)

    def reason(self, row: int, window: Window) -> str:
        """Say why a window of ``row`` has no TCI."""
        bars = self.returns[:, max(0, row + window[0]) : max(0, row + window[1] + 1)]
        n = int(np.count_nonzero(np.isfinite(bars).all(axis=0)))
        if n < ENOUGH * (self.needed + self.lags):
            return f": {n} complete rows are too few for tails of {len(bars)} series"
        return ": collinear series"

    def dates(self, system: System) -> list[int]:
        """Pseudo-dates, evenly spread over those with every series and without the occurrence."""
        rows = apart(pseudo_rows(system), system.anchor, (self.calm[0], self.crisis[1]))
        begun = max(int(np.argmax(np.isfinite(series))) for series in self.returns)
        room = rows + self.crisis[1] < self.returns.shape[1]
        return [int(row) for row in evenly(rows[room & (rows + self.calm[0] >= begun)], MOST_DATES)]

    def change(self, row: int, quantile: float) -> float:
        """TCI of the crisis window less that of the calm one."""
        calm = self.tci(row, self.calm, quantile)
        return self.tci(row, self.crisis, quantile) - calm if np.isfinite(calm) else np.nan


def quantile_tables(system: System, definition: ContagionDefinition) -> QuantileTables:
    """TCI of quantile VARs at 0.05, 0.5 and 0.95 without and with the bars after an occurrence.

    Parameters
    ----------
    system
        The occurrence and its N series.
    definition
        ``connectedness`` gives lags, horizon and where the windows end.

    Returns
    -------
    QuantileTables
        Rows of ``spillover`` with the measure ``quantile_tci``, the quantile in ``other``, in
        percent. A tail needs more rows than the windows of the other spillovers have: two per
        coefficient beyond the quantile, 250 at least. So both windows are that long; ``calm`` ends
        where ``before`` ends and ``crisis`` where ``after`` ends, so that the change says what the
        bars after the news add to the history before them. Its placebo p is against the same change
        at no more than 30 pseudo-dates, evenly spread over those whose windows hold no bar after
        this news. Of more than ten series the first ten are
        measured; ``note`` names those left out.
    """
    terms = definition.connectedness
    held, left_out = _held(system, definition)
    needed = max(LEAST_ROWS, rows_for(len(held), terms.lags, min(QUANTILES)))
    length = needed + terms.lags
    work = Work(
        returns=np.ascontiguousarray(system.returns[held]),
        lags=terms.lags,
        horizon=terms.horizon,
        calm=(terms.before[1] - length + 1, terms.before[1]),
        crisis=(terms.after[1] - length + 1, terms.after[1]),
        needed=needed,
    )
    rows = [
        row
        for quantile in QUANTILES
        for row in _rows(system, work, quantile, left_out, few=len(held) < 2)
    ]
    return QuantileTables(pd.DataFrame(rows, columns=list(COLUMNS)))


def _held(system: System, definition: ContagionDefinition) -> tuple[list[int], str]:
    """Positions of the series with nine tenths of the bars, and who is left out, in words."""
    terms = definition.connectedness
    held: list[int] = []
    absent: list[str] = []
    N = min(len(system.names), MOST_SERIES)
    length = max(LEAST_ROWS, rows_for(N, terms.lags, min(QUANTILES)))
    bars = system.window((terms.before[1] - length + 1, terms.after[1]))
    for k, name in enumerate(system.names):
        known = bars[k][np.isfinite(bars[k])]
        whole = len(known) >= max(ENOUGH * bars.shape[1], 2) and np.ptp(known) > 0.0
        if whole and len(held) < MOST_SERIES:
            held.append(k)
        else:
            absent.append(name)
    return held, f"without {', '.join(absent)}" if absent else ""


def _rows(
    system: System, work: Work, quantile: float, left_out: str, *, few: bool
) -> list[dict[str, object]]:
    found, notes = {}, {}
    for period, window in (("calm", work.calm), ("crisis", work.crisis)):
        found[period] = np.nan if few else work.tci(system.anchor, window, quantile)
        notes[period] = f"bars {window_label(window)}"
        if few:
            notes[period] = "fewer than two series have nine tenths of the bars"
        elif np.isnan(found[period]):
            notes[period] += work.reason(system.anchor, window)
    found["change"] = found["crisis"] - found["calm"]
    notes["change"] = "no TCI in one of the windows"
    pvalue = np.nan
    if np.isfinite(found["change"]):
        pseudo = np.array([work.change(row, quantile) for row in work.dates(system)])
        placebo = placebo_pvalue(found["change"], pseudo)
        pvalue, notes["change"] = placebo.pvalue, placebo.note
    return [
        {
            "occurrence": system.occurrence,
            "estimator": "quantile",
            "period": period,
            "measure": "quantile_tci",
            "series": "",
            "other": f"{quantile:g}",
            "value": value,
            "low": np.nan,
            "high": np.nan,
            "pvalue": np.nan,
            "placebo_pvalue": pvalue if period == "change" else np.nan,
            "note": "; ".join(filter(None, (notes[period], left_out))),
        }
        for period, value in found.items()
    ]
