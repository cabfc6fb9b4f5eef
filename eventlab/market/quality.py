"""What is wrong with a series: found, dated, and weighed; and the series without it.

``check`` says what there is to know and changes nothing. ``clean`` returns the rows that can be
used: in order of time, each once, on open days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.market.bounds import LARGEST, SMALLEST, impossible, without_wrong, wrong_beside
from eventlab.market.calendars import is_index
from eventlab.market.given_returns import unit_issue
from eventlab.market.stamps import day_text
from eventlab.market.types import QualityIssue
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.extract import RawSeries
    from eventlab.timeline.types import Clock

__all__ = ["STALE_LEVELS", "STALE_PRICES", "Context", "check", "clean"]

# This many identical closes in a row are reported. Yields in whole basis points repeat more often.
STALE_PRICES, STALE_LEVELS = 5, 10
# A rate of rows on closed days (or of open weekends without rows) that no holidays explain.
WRONG_CALENDAR_SHARE = 0.1
EARLY_BARS, LONG_BARS = 5, 60
SPLIT_RATIOS = np.array([2, 3, 4, 5, 8, 10, 15, 20, 25, 30, 50], dtype=np.float64)
# The day of a split has a return of its own; 3% around the ratio holds nearly all of them.
SPLIT_TOLERANCE, THREE_FOR_TWO_TOLERANCE = 0.03, 0.01
# Miners and thin stocks do halve or double within a day. A jump is taken for a split where it is
# this many times the root mean square of the 120 returns around it; real doublings in young or
# thin stocks measured 6 to 11 times, splits of liquid stocks 14 and more.
SPLIT_SIZE, SPLIT_AROUND = 12.0, 60
# Bars that may be missing from a series that never closes, of more than ten years of minutes.
MOST_BARS, FEWEST_HELD = 5_300_000, 0.01
SHOWN = 12

Severity = Literal["refused", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Context:
    """What the checks need to know besides the rows.

    Attributes
    ----------
    clock
        The symbol's own calendar, from its first to its last row at least.
    last_day
        Day number (since 1970) of the latest row that the source has on this calendar.
    """

    kind: Literal["price", "level", "return"]
    clock: Clock
    last_day: int


def check(raw: RawSeries, context: Context) -> tuple[QualityIssue, ...]:
    """Find everything a reader has to know about the rows of one symbol in one file.

    Returns
    -------
    tuple of QualityIssue
        In the order duplicate, unsorted, closed_day, non_positive, opening, missing, gap, stale,
        split_like, ends_early, splice; at most one of each, its detail listing the dates. Where one
        is ``refused`` the series must not be used. Intraday bars of an exchange are not checked
        for gaps or closed days, because thin ones have none outside the session.
    """
    found = [_unsorted(raw), *_duplicates(raw)]
    kept = _ordered(raw)
    if raw.frequency == "daily":
        found.append(_closed_days(kept, context))
        kept = clean(raw, context)
    if len(kept.stamps):
        found += _of_prices(kept, raw, context)
    elif not any(issue is not None and issue.severity == "refused" for issue in found):
        text = f"no {raw.price_column} on any day on which {context.clock.code} is open"
        found.append(_issue(raw, raw.stamps, text, check="missing", severity="refused"))
    return tuple(issue for issue in found if issue is not None)


def _of_prices(kept: RawSeries, raw: RawSeries, context: Context) -> list[QualityIssue | None]:
    wrong = _non_positive(kept, context)
    if wrong is not None:  # nothing can be said of steps between infinite prices
        return [wrong]
    found = [_beside(_ordered(raw), context), _missing(kept, context), _gaps(kept, context)]
    found += [_stale(kept, context), _split_like(kept, context)]
    if raw.frequency == "daily":
        found += [_ends_early(kept, context), _splice(kept)]
    return found


def clean(raw: RawSeries, context: Context) -> RawSeries:
    """Sort the rows, keep the first of equal stamps, and leave out daily rows of closed days.

    Opens, highs, lows, unadjusted closes and volumes that cannot be any become NaN.
    """
    kept = without_wrong(_ordered(raw), context.kind)
    if raw.frequency == "intraday":
        return kept
    is_open = np.isin(kept.stamps, _midnights(context.clock))
    return kept if is_open.all() else kept.take(is_open)


def _ordered(raw: RawSeries) -> RawSeries:
    if len(raw.stamps) < 2 or (np.diff(raw.stamps) > 0).all():
        return raw
    kept = raw.take(np.argsort(raw.stamps, kind="stable"))
    return kept.take(np.concatenate(([True], np.diff(kept.stamps) > 0)))


def _unsorted(raw: RawSeries) -> QualityIssue | None:
    back = np.flatnonzero(np.diff(raw.stamps) < 0) + 1
    if not len(back):
        return None
    text = "rows out of order were sorted: {runs}"
    return _issue(raw, raw.stamps[back], text, check="unsorted", severity="note")


def _duplicates(raw: RawSeries) -> list[QualityIssue | None]:
    order = np.argsort(raw.stamps, kind="stable")
    stamps, prices = raw.stamps[order], raw.prices[order]
    same = np.flatnonzero(np.diff(stamps) == 0) + 1
    if not len(same):
        return []
    before, after = prices[same - 1], prices[same]
    equal = (before == after) | (np.isnan(before) & np.isnan(after))
    found: list[QualityIssue | None] = []
    if not equal.all():
        bad = int(same[~equal][0])
        text = (
            f"two rows with different {raw.price_column} ({prices[bad - 1]:g} and "
            f"{prices[bad]:g} on {_when(raw, int(stamps[bad]))}): {{runs}}. Remove the wrong ones"
        )
        found.append(_issue(raw, stamps[same[~equal]], text, check="duplicate", severity="refused"))
    if equal.any():
        text = "the same row twice, counted once: {runs}"
        found.append(_issue(raw, stamps[same[equal]], text, check="duplicate", severity="warning"))
    return found


def _closed_days(kept: RawSeries, context: Context) -> QualityIssue | None:
    closed = kept.stamps[~np.isin(kept.stamps, _midnights(context.clock))]
    filled = closed[np.isin(closed, kept.stamps[~np.isnan(kept.prices)])]
    if not len(filled):  # an empty cell of a wide file on a holiday says nothing
        return None
    if len(filled) > WRONG_CALENDAR_SHARE * len(kept.stamps):
        text = (
            f"{len(filled)} of {len(kept.stamps)} rows fall on days on which "
            f"{context.clock.code} is closed: that is not its calendar. Set it under universes/"
        )
        return _issue(kept, filled, text, check="closed_day", severity="refused")
    text = f"not used, {context.clock.code} was closed: {{runs}}"
    return _issue(kept, filled, text, check="closed_day", severity="warning")


def _non_positive(kept: RawSeries, context: Context) -> QualityIssue | None:
    if context.kind == "return":
        return unit_issue(kept)
    wrong = impossible(kept.prices, context.kind)
    if not wrong.any():
        return None
    value = float(kept.prices[wrong][0])
    bound = "above zero"
    if context.kind == "level" or value > 0:
        bound = f"between {SMALLEST:g} and {LARGEST:g}"
    text = (
        f"{kept.price_column} is {value:g}, and prices are {bound}: {{runs}}. "
        "Correct or empty these cells; returns need kind: return under universes/"
    )
    return _issue(kept, kept.stamps[wrong], text, check="non_positive", severity="refused")


def _beside(kept: RawSeries, context: Context) -> QualityIssue | None:
    """Find opens, highs, lows, unadjusted closes and volumes that are taken as missing."""
    found = wrong_beside(kept, context.kind)
    if not kept.adjusted:  # the close is the price, which is refused
        found.pop("raw", None)
    if not found:
        return None
    names = ", ".join("unadjusted close" if name == "raw" else name for name in found)
    text = f"{names} of zero, below or beyond {LARGEST:g} are taken as missing: {{runs}}"
    rows = np.logical_or.reduce(list(found.values()))
    return _issue(kept, kept.stamps[rows], text, check="opening", severity="warning")


def _missing(kept: RawSeries, context: Context) -> QualityIssue | None:
    nothing = np.isnan(kept.prices)
    if nothing.all():
        text = f"no {kept.price_column} in any row"
        return _issue(kept, kept.stamps, text, check="missing", severity="refused")
    if not nothing.any():
        return None
    what = "they" if context.kind == "return" else "these returns and the ones after"
    text = f"rows without {kept.price_column}; {what} are missing: {{runs}}"
    return _issue(kept, kept.stamps[nothing], text, check="missing", severity="warning")


def _gaps(kept: RawSeries, context: Context) -> QualityIssue | None:
    if len(kept.stamps) < 2:
        return None
    low, high = int(kept.stamps[0]), int(kept.stamps[-1])
    if kept.frequency == "daily":
        expected = _midnights(context.clock)
        expected = expected[(expected >= low) & (expected <= high)]
    elif context.clock.code == ALWAYS_OPEN:
        bars = (high - low) // (kept.bar_minutes * MINUTE) + 1
        if bars > MOST_BARS and len(kept.stamps) < FEWEST_HELD * bars:
            # A stray bar of another century: a list of the rest would fill the memory.
            text = (
                f"{len(kept.stamps)} of {bars:,} bars of {kept.bar_minutes} minutes: {{runs}}. One "
                "of these times is wrong, or they are no bars"
            )
            return _issue(kept, kept.stamps[[0, -1]], text, check="gap", severity="refused")
        expected = np.arange(low, high + 1, kept.bar_minutes * MINUTE)
    else:
        return None
    lost = np.setdiff1d(expected, kept.stamps, assume_unique=True)
    if not len(lost):
        return None
    weekend = np.isin(lost // DAY % 7, (2, 3))
    if context.clock.code == ALWAYS_OPEN and len(expected) >= LONG_BARS:
        held = np.isin(kept.stamps // DAY % 7, (2, 3)).any()
        if not held and weekend.sum() > WRONG_CALENDAR_SHARE * len(expected):
            text = (
                "no row on any weekend: it does not trade 24/7. Set its calendar under universes/"
            )
            return _issue(kept, lost, text, check="gap", severity="refused")
    text = f"no bar while {context.clock.code} was open; never bridged: {{runs}}"
    return _issue(kept, lost, text, check="gap", severity="warning", step=_steps(expected, lost))


def _stale(kept: RawSeries, context: Context) -> QualityIssue | None:
    if kept.frequency == "intraday" or context.kind == "return":  # a rate stays for a month
        return None
    least = STALE_LEVELS if context.kind == "level" else STALE_PRICES
    prices = kept.prices[~np.isnan(kept.prices)]
    stamps = kept.stamps[~np.isnan(kept.prices)]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(prices) != 0)))
    lengths = np.diff(np.append(starts, len(prices)))
    long = np.flatnonzero(lengths >= least)
    if not len(long):
        return None
    runs = [
        f"{_when(kept, int(stamps[start]))} to {_when(kept, int(stamps[start + length - 1]))} "
        f"({length} at {prices[start]:g})"
        for start, length in zip(starts[long], lengths[long], strict=True)
    ]
    rows = np.concatenate([np.arange(starts[run], starts[run] + lengths[run]) for run in long])
    text = f"{least} or more identical closes in a row: {_some(runs)}"
    return _issue(kept, stamps[rows], text, check="stale", severity="warning")


def _split_like(kept: RawSeries, context: Context) -> QualityIssue | None:
    """Jumps by a whole ratio in prices that no column says are adjusted.

    Refused on an exchange for ratios of two and more that the symbol's own volatility does not
    explain; a warning at 3:2 (real falls of a third happen) and around the clock (halvings too).
    """
    usable = kept.prices > 0
    if (
        context.kind != "price"
        or is_index(kept)
        or usable.sum() < 2
        or kept.frequency == "intraday"
    ):
        return None
    if kept.adjusted and context.clock.code != ALWAYS_OPEN:
        return None
    stamps, logs = kept.stamps[usable][1:], np.diff(np.log(kept.prices[usable]))
    whole = (np.abs(np.abs(logs)[:, None] - np.log(SPLIT_RATIOS)) <= SPLIT_TOLERANCE).any(axis=1)
    half = np.abs(np.abs(logs) - np.log(1.5)) <= THREE_FOR_TWO_TOLERANCE
    if context.clock.code == ALWAYS_OPEN:
        half[:] = False  # a token that moves by half is no news
    jumps = np.flatnonzero(whole | half)
    if not len(jumps):
        return None
    runs = [f"{_when(kept, int(stamps[jump]))} (times {np.exp(logs[jump]):.3g})" for jump in jumps]
    sure = whole & (context.clock.code != ALWAYS_OPEN)
    if any(sure[jump] and _unlike_itself(logs, int(jump)) for jump in jumps):
        text = (
            f"the close jumps like an unadjusted split: {_some(runs)}. Adjust it, or name the "
            "column adj_close if it is adjusted"
        )
        return _issue(kept, stamps[jumps], text, check="split_like", severity="refused")
    text = f"moves near a split's ratio: {_some(runs)}"
    return _issue(kept, stamps[jumps], text, check="split_like", severity="warning")


def _unlike_itself(logs: npt.NDArray[np.float64], jump: int) -> bool:
    around = np.concatenate(
        (logs[max(0, jump - SPLIT_AROUND) : jump], logs[jump + 1 : jump + 1 + SPLIT_AROUND])
    )
    if len(around) < 5:
        return True
    return bool(abs(logs[jump]) >= SPLIT_SIZE * np.sqrt(np.mean(around**2)))


def _ends_early(kept: RawSeries, context: Context) -> QualityIssue | None:
    days = _midnights(context.clock)
    after = days[(days > kept.stamps[-1]) & (days <= context.last_day * DAY)]
    if len(after) <= EARLY_BARS:
        return None
    last = day_text(int(kept.stamps[-1]))
    text = (
        f"ends on {last}, {len(after)} bars before the latest of the source on {context.clock.code}"
    )
    severity: Severity = "warning" if len(after) > LONG_BARS else "note"
    return QualityIssue(kept.symbol, last, last, len(after), "ends_early", severity, text)


def _splice(kept: RawSeries) -> QualityIssue | None:
    changed = np.zeros(len(kept.stamps), dtype=np.bool_)
    for name in ("source", "price_basis"):
        if name in kept.labels:
            changed[1:] |= np.diff(kept.labels[name].codes) != 0
    seams = np.flatnonzero(changed)
    if not len(seams):
        return None
    runs = []
    for seam in seams:
        before, after = float(kept.prices[seam - 1]), float(kept.prices[seam])
        change = after / before - 1 if before else np.nan  # a level of zero has no return
        there = f", return there {change:+.2%}" if np.isfinite(change) else ""
        runs.append(f"{day_text(int(kept.stamps[seam]))} {_seam(kept, int(seam))}{there}")
    text = f"put together from several series: {_some(runs)}"
    return _issue(kept, kept.stamps[seams], text, check="splice", severity="warning")


def _seam(kept: RawSeries, seam: int) -> str:
    parts = []
    for name in ("source", "price_basis"):
        label = kept.labels.get(name)
        if label is not None and label.codes[seam] != label.codes[seam - 1]:
            old, new = (
                label.values[code] if code >= 0 else "none"
                for code in label.codes[seam - 1 : seam + 1]
            )
            parts.append(f"{old} to {new}")
    return ", ".join(parts)


def _issue(
    raw: RawSeries,
    stamps: npt.NDArray[np.int64],
    text: str,
    *,
    check: str,
    severity: Severity,
    step: npt.NDArray[np.int64] | None = None,
) -> QualityIssue:
    """Issue over some stamps; ``{runs}`` in the text becomes their dates, neighbours joined."""
    stamps = np.sort(stamps)
    if "{runs}" in text:
        text = text.replace("{runs}", _some(_runs(raw, stamps, step)))
    first, last = day_text(int(stamps[0])), day_text(int(stamps[-1]))
    return QualityIssue(
        raw.symbol, first, last, len(stamps), check, severity, f"{raw.origin}: {text}"
    )


def _runs(
    raw: RawSeries, stamps: npt.NDArray[np.int64], step: npt.NDArray[np.int64] | None
) -> list[str]:
    places = np.arange(len(stamps)) * 2 if step is None else step
    starts = np.flatnonzero(np.concatenate(([True], np.diff(places) != 1)))
    ends = np.append(starts[1:], len(stamps)) - 1
    return [
        _when(raw, int(stamps[a]))
        if a == b
        else f"{_when(raw, int(stamps[a]))} to {_when(raw, int(stamps[b]))} ({b - a + 1})"
        for a, b in zip(starts, ends, strict=True)
    ]


def _steps(expected: npt.NDArray[np.int64], lost: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.searchsorted(expected, lost).astype(np.int64)


def _some(parts: list[str]) -> str:
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    return ", ".join(parts[:SHOWN]) + more


def _midnights(clock: Clock) -> npt.NDArray[np.int64]:
    return clock.sessions.astype("datetime64[ns]").astype(np.int64)


def _when(raw: RawSeries, stamp: int) -> str:
    if raw.frequency == "daily":
        return day_text(stamp)
    return str(np.datetime64(stamp, "ns").astype("datetime64[m]")) + "Z"
