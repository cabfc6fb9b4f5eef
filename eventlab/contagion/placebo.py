"""The placebo p-value: how often a date on which nothing happened looks like the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.timeline.windows import Window

__all__ = ["MIN_DATES", "PlaceboPvalue", "apart", "evenly", "placebo_pvalue", "pseudo_rows"]

MIN_DATES: Final = 20  # fewer pseudo-dates cannot give a p-value under 0.05

Side = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, slots=True)
class PlaceboPvalue:
    """A placebo p-value, the number of pseudo-dates behind it, and why there is none."""

    pvalue: float
    n: int
    note: str = ""


def placebo_pvalue(
    real: float, pseudo: npt.NDArray[np.float64], side: Side = "two-sided"
) -> PlaceboPvalue:
    """Share of pseudo-dates at least as extreme as the event, the event itself among them.

    Parameters
    ----------
    real
        The statistic at the event.
    pseudo
        (n,) the same statistic at pseudo-dates; NaN where it could not be computed.
    side
        ``two-sided`` compares absolute values; ``greater`` and ``less`` one tail.

    Returns
    -------
    PlaceboPvalue
        (1 + b) / (1 + n), b of n finite pseudo-statistics being at least as extreme; NaN without
        a real statistic or with fewer than `MIN_DATES` pseudo-statistics, and then a note.

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, eq. 4.11.
    """
    known = pseudo[np.isfinite(pseudo)]
    n = len(known)
    if not np.isfinite(real):
        return PlaceboPvalue(np.nan, n, "no statistic at the event")
    if n < MIN_DATES:
        return PlaceboPvalue(
            np.nan, n, f"only {n} placebo dates with a statistic (at least {MIN_DATES} are needed)"
        )
    if side == "two-sided":
        beyond = np.abs(known) >= abs(real)
    else:
        beyond = known >= real if side == "greater" else known <= real
    return PlaceboPvalue(float((1 + np.count_nonzero(beyond)) / (1 + n)), n)


def pseudo_rows(system: System, most: int | None = None) -> npt.NDArray[np.int64]:
    """Rows of the system's pseudo-events, at most ``most`` of them, evenly spaced over all.

    Parts that take long at each date use fewer; which ones does not depend on chance.
    """
    return evenly(np.flatnonzero(system.admissible).astype(np.int64), most)


def evenly(rows: npt.NDArray[np.int64], most: int | None) -> npt.NDArray[np.int64]:
    """At most ``most`` of ``rows``, evenly spaced over all."""
    if most is None or len(rows) <= most:
        return rows
    chosen = np.linspace(0, len(rows) - 1, most).round().astype(np.int64)
    return rows[chosen]


def apart(rows: npt.NDArray[np.int64], anchor: int, window: Window) -> npt.NDArray[np.int64]:
    """Those of ``rows`` whose window holds no bar from ``anchor`` to the end of its own window.

    For windows longer than the crisis window, which is all that `System.admissible` keeps clear.
    """
    clear = (rows + window[1] < anchor) | (rows + window[0] > anchor + window[1])
    return rows[clear]
