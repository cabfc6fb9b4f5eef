"""Which file a symbol is taken from, where several hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.calendars import WEEKEND_SHARE, stamped_days, weekend_share
from eventlab.market.detect import is_observed
from eventlab.market.stamps import day_text
from eventlab.market.types import QualityIssue
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from eventlab.market.extract import RawSeries
    from eventlab.market.types import PriceSeries
    from eventlab.timeline.types import Clock

__all__ = [
    "bars_outside",
    "choose_daily",
    "choose_intraday",
    "closing_stamps",
    "late_minutes",
    "other_instrument",
]


def choose_daily(raws: Sequence[RawSeries]) -> tuple[RawSeries, tuple[QualityIssue, ...]]:
    """Take the file with most rows; equal prices elsewhere are a note, different ones a refusal.

    Prices are compared on the days that both files hold. Files that share no day cannot be
    compared, which refuses the symbol too.
    """
    best = max(raws, key=lambda raw: len(raw.stamps))  # the first of equals: files are sorted
    issues = tuple(_compare(best, raw) for raw in raws if raw is not best)
    return best, issues


def choose_intraday(raws: Sequence[RawSeries]) -> RawSeries:
    """Take the file that spans most days of the symbol; at equal span, the narrowest bars.

    A normal-return fit needs months of one kind of bar before the event, so the longer history wins
    over the finer one.
    """
    return max(raws, key=lambda raw: (_span_days(raw), -raw.bar_minutes))


def other_instrument(raw: RawSeries, clock: Clock) -> str:
    """Reason why intraday bars cannot belong to a symbol of this calendar; empty where they can."""
    days = stamped_days(raw.stamps)
    trades = weekend_share(raw.stamps) >= WEEKEND_SHARE
    if trades and clock.code != ALWAYS_OPEN:
        return f"bars on weekends, when {clock.code} is closed"
    if not trades and clock.code == ALWAYS_OPEN and len(days) >= 30:
        return "no bars on weekends, though the symbol trades 24/7"
    return ""


def closing_stamps(
    raw: RawSeries, clock: Clock, told: Literal["open", "close"] | None = None
) -> Literal["opening", "closing"]:
    """Which end of its bar a stamp means: what the user has ``told``, or else the opening.

    Untold, a column's name can say that it is the closing, and so can the hours: bars of an
    exchange that are stamped at most of its closes and at hardly any of its openings are stamped
    at their closing. Around the clock nothing can tell, and the opening is assumed. A funding rate
    or open interest is stamped when it is known, whatever is told of bars.
    """
    if is_observed(raw.symbol):
        return "closing"
    if told is not None:
        return "closing" if told == "close" else "opening"
    if raw.stamped_at == "closing" or clock.code == ALWAYS_OPEN or not len(raw.stamps):
        return raw.stamped_at
    low, high = raw.stamps.min(), raw.stamps.max()
    inside = (clock.opens >= low - DAY) & (clock.closes <= high + DAY)
    if inside.sum() < 5:
        return "opening"
    at_close = float(np.mean(np.isin(clock.closes[inside], raw.stamps)))
    at_open = float(np.mean(np.isin(clock.opens[inside], raw.stamps)))
    return "closing" if at_close > 0.5 and at_open < 0.05 else "opening"


def late_minutes(raw: RawSeries, clock: Clock) -> int:
    """Minutes of the median session before its first bar opens; 0 around the clock."""
    if clock.code == ALWAYS_OPEN or not len(raw.stamps):
        return 0
    stamps = np.sort(raw.stamps)
    rows = np.minimum(np.searchsorted(stamps, clock.opens), len(stamps) - 1)
    first = stamps[rows]
    held = (first >= clock.opens) & (first < clock.closes)
    return int(np.median((first - clock.opens)[held]) // MINUTE) if held.any() else 0


def bars_outside(series: PriceSeries, clock: Clock) -> int:
    """Count the bars that do not close within a session of their calendar, its close included.

    No clock samples these: what trades before the open and after the close is no session's price.
    """
    if clock.code == ALWAYS_OPEN or not len(clock):
        return 0
    rows = np.searchsorted(clock.closes, series.closes)
    inside = (rows < len(clock)) & (clock.opens[np.minimum(rows, len(clock) - 1)] < series.closes)
    return int(np.count_nonzero(~inside))


def _span_days(raw: RawSeries) -> int:
    return int((raw.stamps.max() - raw.stamps.min()) // DAY) if len(raw.stamps) else -1


def _compare(best: RawSeries, raw: RawSeries) -> QualityIssue:
    shared, mine, other = np.intersect1d(best.stamps, raw.stamps, return_indices=True)
    if not len(shared):
        day = day_text(int(raw.stamps[0])) if len(raw.stamps) else ""
        text = (
            f"{best.origin} and {raw.origin} share no day of it, so nothing shows whether they "
            "agree. Join them into one file"
        )
        return QualityIssue(best.symbol, day, day, len(raw.stamps), "duplicate", "refused", text)
    here, there = best.prices[mine], raw.prices[other]
    differ = ~((here == there) | (np.isnan(here) & np.isnan(there)))
    if not differ.any():
        first, last = day_text(int(shared[0])), day_text(int(shared[-1]))
        text = f"also in {raw.origin}, with equal prices; {best.origin} is used"
        return QualityIssue(best.symbol, first, last, len(shared), "duplicate", "note", text)
    days = shared[differ]
    bad = int(np.flatnonzero(differ)[0])
    first, last = day_text(int(days[0])), day_text(int(days[-1]))
    text = (
        f"{best.origin} and {raw.origin} disagree on {len(days)} of {len(shared)} days, first on "
        f"{first} ({here[bad]:g} and {there[bad]:g}). Remove one of them, or give --data one file"
    )
    return QualityIssue(best.symbol, first, last, len(days), "duplicate", "refused", text)
