"""The placebo tables of one fit of a curve: no more of them than joint draws can read.

A curve of a group keeps thousands of tables at a time. Those of a study
(`study.placebo.pseudo_dates`) span the whole clock; here each keeps the rows from its first
admissible one to its last, and a scratch of one table serves all series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.placebo.pseudo_dates import NO_GARCH, moved
from eventlab.study.placebo.tables import apart, tabulate

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["Tables", "prepare_tables"]


@dataclass(frozen=True, slots=True)
class Tables:
    """What every series of a fit would have given on the rows that it may move to.

    Attributes
    ----------
    series
        (N,) int64: the series of each event, as in `Placebo`.
    scar, error
        (R, W): CAR over its forecast error, and that error, of all series one after the other.
    base
        (S,) int64: where row 0 of the clock would be in them; row t is at ``base[s] + t``.
    admissible
        (S, T) bool: rows of the clock that may be drawn; only those are in ``scar``.
    anchor
        (N,) int64: rows of the real event sessions.
    note
        Why the model has no placebo; empty if it has one.
    """

    series: npt.NDArray[np.int64]
    scar: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]
    base: npt.NDArray[np.int64]
    admissible: npt.NDArray[np.bool_]
    anchor: npt.NDArray[np.int64]
    note: str = ""


def prepare_tables(arrays: EventArrays, spec: StudySpec, fitted: npt.NDArray[np.bool_]) -> Tables:
    """Tabulate every series of ``arrays`` once, as `prepare_placebo` does.

    ``fitted`` (N,) are the events in use. The last of ``spec.windows`` is the event window: a row
    is admissible only where all of it is complete, and the tables leave it out.
    """
    offset = arrays.position - arrays.anchor
    keys = np.concatenate([offset[:, None], arrays.column[:, None], arrays.factors], axis=1)
    distinct, series = np.unique(keys, axis=0, return_inverse=True)
    series = series.reshape(-1).astype(np.int64)
    T, W = arrays.returns.shape[1], len(spec.windows)
    admissible = np.zeros((len(distinct), T), dtype=np.bool_)
    base = np.zeros(len(distinct), dtype=np.int64)
    if spec.model == "garch_market_model":
        nothing = np.empty((0, W - 1))
        return Tables(series, nothing, nothing, base, admissible, arrays.anchor, NO_GARCH)
    last = int(arrays.anchor[fitted].max()) if fitted.any() else -1
    car, variance = np.empty((T, W)), np.empty((T, W))
    scar, error, held = [np.empty((0, W - 1))], [np.empty((0, W - 1))], 0
    for s, key in enumerate(distinct):
        asset = arrays.asset[np.argmax(series == s)]
        own = arrays.position[(arrays.asset == asset) & (arrays.position < T)]
        tabulate(arrays.returns, key[1:], spec, car, variance)
        free = np.isfinite(car).all(axis=1) & apart(own, T, spec)
        admissible[s] = moved(free, int(key[0]))
        admissible[s, last + 1 :] = False
        rows = np.flatnonzero(admissible[s])
        if len(rows):
            part = slice(rows[0] + key[0], rows[-1] + key[0] + 1)
            error.append(np.sqrt(variance[part, :-1]))
            scar.append(car[part, :-1] / error[-1])
            base[s] = held - rows[0]
            held += len(error[-1])
    return Tables(
        series, np.concatenate(scar), np.concatenate(error), base, admissible, arrays.anchor
    )
