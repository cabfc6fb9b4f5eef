"""Small systems of simulated returns, for the tests of every part of a contagion."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.system import System
from eventlab.timeline.bars import make_bar_clock
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.timeline.windows import Window

CALM, CRISIS = (-120, -6), (0, 10)
NAMES = ("SRC", "AAA", "BBB")


def make_system(
    names: Sequence[str] = NAMES,
    *,
    T: int = 900,
    seed: int = 0,
    anchors: Sequence[int] = (300, 500, 700),
    focus: int = -1,
    returns: npt.NDArray[np.float64] | None = None,
    loading: float = 0.6,
    added_loading: float = 0.0,
    source_scale: float = 1.0,
    common_scale: float = 1.0,
    minutes: int = 0,
    code: str = "XNYS",
    calm: Window = CALM,
    crisis: Window = CRISIS,
) -> System:
    """Make a system of N ``names``, the source first, whose targets load on the source.

    Parameters
    ----------
    T, seed
        Rows of the clock and seed of the returns: t5 with a standard deviation of 1% a row.
    anchors, focus
        Rows of the occurrences ``o0``, ``o1``, ... and which of them is described.
    returns
        (N, T) instead of the simulated ones.
    loading, added_loading
        Of each target on the source, and what a crisis window of an occurrence adds to it.
    source_scale, common_scale
        What multiplies the source's own shocks, and all shocks, inside crisis windows.
    minutes, code
        Bars inside sessions (0: whole sessions) of a calendar, or ``24/7``. ``spans`` marks the
        first bar of every session but on 24/7.
    """
    clock = system_clock(T, minutes, code)
    rows = {f"o{place}": int(row) for place, row in enumerate(anchors)}
    inside = np.zeros(T, dtype=np.bool_)
    for row in rows.values():
        inside[max(0, row + crisis[0]) : row + crisis[1] + 1] = True
    if returns is None:
        rng = np.random.default_rng(seed)
        shocks = 0.01 * rng.standard_t(5, (len(names), T)) / np.sqrt(5 / 3)
        shocks[0, inside] *= source_scale
        shocks[:, inside] *= common_scale
        returns = shocks.copy()
        returns[1:] += (loading + added_loading * inside) * shocks[0]
    ids = list(rows)
    anchor = rows[ids[focus]]
    spans = None
    if minutes:
        spans = np.zeros((len(names), T), dtype=np.bool_)
        spans[:, 1:] = clock.opens[1:] > clock.closes[:-1]
    return System(
        names=tuple(names),
        returns=np.ascontiguousarray(returns, dtype=np.float64),
        clock=clock,
        occurrence=ids[focus],
        anchor=anchor,
        anchors=rows,
        admissible=free_rows(clock, rows, anchor, calm, crisis),
        calm=calm,
        crisis=crisis,
        spans=spans,
    )


def system_clock(T: int, minutes: int = 0, code: str = "XNYS") -> Clock:
    """Return the first ``T`` sessions from 2021-01-04 on, or the bars inside them."""
    start, end = date(2021, 1, 4), date(2021, 1, 4) + timedelta(days=2 * T + 10)
    if minutes:
        a_day = max(1, 390 // minutes)
        end = start + timedelta(days=2 * (T // a_day) + 10)
        whole = make_bar_clock(code, start, end, minutes)
    else:
        whole = make_clock(code, start, end)
    slots = whole.slots[:T] if minutes else whole.slots
    return Clock(
        whole.code,
        whole.sessions[:T],
        whole.opens[:T],
        whole.closes[:T],
        whole.bar_minutes,
        slots,
    )


def free_rows(
    clock: Clock, rows: dict[str, int], anchor: int, calm: Window, crisis: Window
) -> npt.NDArray[np.bool_]:
    """(T,): windows inside the clock, no bar of a real crisis window, not after the last one."""
    T = len(clock)
    free = np.zeros(T, dtype=np.bool_)
    first, last = max(0, -min(calm[0], crisis[0])), T - max(crisis[1], 0)
    free[first:last] = True
    free[max(rows.values()) + 1 :] = False
    for row in rows.values():
        reach = crisis[1] - crisis[0]
        free[max(0, row - reach) : row + reach + 1] = False
    if clock.bar_minutes:
        free &= clock.slots == clock.slots[anchor]
    return free
