"""Bars inside the sessions of a clock."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import UsageError
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import MINUTE, Clock

if TYPE_CHECKING:
    from datetime import date

__all__ = ["make_bar_clock"]


@lru_cache(maxsize=64)
def make_bar_clock(code: str, start: date, end: date, minutes: int) -> Clock:
    """Bars of the regular hours of a calendar's sessions between two dates.

    Bars end at the whole multiples of their width in UTC that lie inside a session, and at its
    close. So hours close on the hour, the first one of New York (9:30 to 10:00) is half as long,
    and an early close ends the session's bars. Extended hours are not part of a session; a lunch
    break counts as open, and the bars inside it hold no trade.

    Parameters
    ----------
    code, start, end
        As ``make_clock``.
    minutes
        Width of a bar; it divides an hour.

    Returns
    -------
    Clock
        (T,) bars: ``sessions`` holds the UTC instants of the closes, in seconds; ``slots`` counts
        the bars of each session from 0, so that the same slot is the same time of the exchange's
        day in summer and in winter. A bar that opens at the close of the bar before follows it
        without a closure; the first bar of an exchange's session does not.

    Raises
    ------
    UsageError
        ``minutes`` does not divide an hour; or as ``make_clock``.
    """
    if minutes < 1 or 60 % minutes:
        raise UsageError(f"bars of {minutes} minutes: the width must divide an hour, as 5 or 15 do")
    whole = make_clock(code, start, end)
    width = minutes * MINUTE
    # The first multiple after each open, and how many multiples lie before each close.
    first = whole.opens // width + 1
    counts = -(-whole.closes // width) - first + 1
    slots = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    closes = (np.repeat(first, counts) + slots) * width
    opens = np.maximum(closes - width, np.repeat(whole.opens, counts))
    closes = np.minimum(closes, np.repeat(whole.closes, counts))
    labels = closes.astype("datetime64[ns]").astype("datetime64[s]")
    for array in (labels, opens, closes, slots):
        array.flags.writeable = False  # one clock is handed to everybody
    return Clock(whole.code, labels, opens, closes, minutes, slots)
