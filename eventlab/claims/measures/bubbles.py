"""Whether a price shows explosive stretches, as bubbles do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.claims.bench import LEVEL
from eventlab.claims.joint_series import EXCHANGE, Sampling, aligned, calendars_of, members_aligned
from eventlab.claims.types import BASKET_WORDS, OF_WORDS, Measured, Reading, Untestable
from eventlab.claims.windows import place_window
from eventlab.contagion.regimes.bubbles import BubbleTest, gsadf
from eventlab.definitions.claim import ReadingsDefinition
from eventlab.definitions.problem import listed
from eventlab.errors import EventlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.joint_series import Aligned
    from eventlab.claims.windows import Window
    from eventlab.definitions.claim import Basket, ClaimWindow, Of
    from eventlab.definitions.questions import Question

__all__ = ["bubble"]

PATHS: Final = {"weekly": 499, "daily": 199}  # time rises with the square of the closes
STARTS: Final = ("2023-01-01", "2019-01-01")  # of windows, where a claim names none
FEWEST: Final = 60  # closes
MOST_NAMED: Final = 4
WHEN: Final = {
    "lately": "explosive within the last year",
    "ever": "explosive at any time",
    "still": "explosive at the last close",
}
YEAR: Final = np.timedelta64(365, "D")
NO_PROOF: Final = "a test that does not reject is no proof that there is none"


@dataclass(frozen=True, slots=True)
class _Way:
    """One reading: how the price is made, over which window, and when it has to be explosive.

    ``each``: every member of the group by itself.
    """

    window: ClaimWindow
    calendar: str
    of: Of
    basket: Basket | None
    closes: Literal["weekly", "daily"] = "weekly"
    when: Literal["lately", "ever", "still"] = "lately"
    each: bool = False
    within: bool = True

    @property
    def words(self) -> str:
        """What is asked, in words."""
        said = f"{self.closes} closes, {WHEN[self.when]}"
        return f"at least half of the members, {said}" if self.each else said


def bubble(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Test the price of a symbol or of a group's basket for explosive stretches that rise.

    The literal reading is the GSADF test of the log price at weekly closes over the claim's window,
    or from 2023 to ``as_of``, at 5% against paths with its own steps (wild bootstrap): ``bubble``
    where it rejects and a rise was explosive within the last year of the window. ``value`` is the
    statistic. The others vary one thing at a time: daily closes; the price instead of its
    logarithm; the window; how a basket is made, or each member by itself; and whether it was
    explosive at any time, or still is at the last close. It reads no price after the window.

    Raises
    ------
    Untestable
        The window does not lie within the data, or holds no prices.

    References
    ----------
    Phillips, Shi & Yu (2015), Testing for multiple bubbles, International Economic Review 56;
    Harvey, Leybourne, Sollis & Taylor (2016), Tests for explosive financial bubbles, Journal of
    Empirical Finance 38 (wild bootstrap).
    """
    tests: dict[tuple[object, ...], BubbleTest | Untestable] = {}
    found = []
    for way in _ways(question, bench):
        reading = _reading(way)
        try:
            window = place_window(way.window, question, bench.clock(way.calendar))
            reading = replace(
                reading, window=window.words, first=window.first_day, last=window.last_day
            )
            if way.each:
                found.append(_members(question, bench, way, window, reading))
                continue
            closes, note = _closes(question, bench, way, window)
            key = (window, way.calendar, way.of, way.basket, way.closes)
            if key not in tests:
                tests[key] = _test(closes, way, bench)
            found.append(_measured(question, way, tests[key], reading, note))
        except Untestable as reason:
            if not found:
                raise
            found.append(Measured(reading, math.nan, "ratio", 0, note=str(reason)))
    return tuple(found)


def _ways(question: Question, bench: Bench) -> Iterator[_Way]:
    """Yield the readings, the literal one first; each of the others differs in one thing."""
    claim = question.claim
    own, beyond = claim.readings or ReadingsDefinition(), claim.beyond or ReadingsDefinition()
    grouped = claim.symbols[0].startswith("@")
    last = claim.as_of or place_window("1 bar", question, bench.clock(EXCHANGE)).last_day
    first, *starts = ((start, last) for start in STARTS)
    calendars = own.calendars or calendars_of(claim.symbols, question, bench)
    of: tuple[Of, ...] = own.of or ("log_levels", "levels")
    baskets: tuple[Basket | None, ...] = own.baskets or ("equal", "held") if grouped else (None,)
    literal = _Way(claim.window or first, calendars[0], of[0], baskets[0])
    yield literal
    yield replace(literal, when="ever")
    yield replace(literal, when="still")
    yield replace(literal, closes="daily")
    yield from (replace(literal, of=each) for each in of[1:])
    yield from (replace(literal, window=each) for each in own.windows or starts)
    yield from (replace(literal, calendar=each) for each in calendars[1:])
    yield from (replace(literal, basket=each) for each in baskets[1:])
    if grouped:
        yield replace(literal, each=True, basket=None)
    further = replace(literal, within=False)
    yield from (replace(further, of=each) for each in beyond.of or ())
    yield from (replace(further, window=each) for each in beyond.windows or ())
    yield from (replace(further, calendar=each) for each in beyond.calendars or ())
    yield from (replace(further, basket=each) for each in (beyond.baskets or ()) if grouped)


def _reading(way: _Way) -> Reading:
    if way.of not in {"levels", "log_levels"}:
        raise Untestable(f"a bubble is a matter of prices, not of {OF_WORDS[way.of]}")
    return Reading(
        of=OF_WORDS[way.of],
        basket=BASKET_WORDS[way.basket] if way.basket else "",
        calendar=way.calendar,
        detail=way.words,
        within=way.within,
    )


def _closes(question: Question, bench: Bench, way: _Way, window: Window) -> tuple[pd.Series, str]:
    sampling = Sampling(way.calendar, way.of, way.basket or "equal", fewest=FEWEST)
    found = aligned(question.claim.symbols, question, bench, window=window, sampling=sampling)
    return _series(found, 0, way), found.note


def _series(found: Aligned, row: int, way: _Way) -> pd.Series:
    """Take the closes of every session, or the last one of every week."""
    values, days = found.checked().table[row], found.days
    if way.closes == "weekly":
        last = _last_of_week(days)
        values, days = values[last], days[last]
    return pd.Series(values, pd.DatetimeIndex(days))


def _last_of_week(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.intp]:
    """Positions of the last day of every week; weeks begin on Monday (day 0 was a Thursday)."""
    week = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7
    return np.flatnonzero(np.append(np.diff(week) > 0, True))


def _test(closes: pd.Series, way: _Way, bench: Bench) -> BubbleTest | Untestable:
    if len(closes) < FEWEST:
        return Untestable(f"{len(closes)} closes; at least {FEWEST} are needed")
    try:
        return gsadf(closes, draws=PATHS[way.closes], seed=bench.seed)
    except EventlabError as error:
        return Untestable(str(error))


def _measured(
    question: Question, way: _Way, test: BubbleTest | Untestable, reading: Reading, note: str
) -> Measured:
    if isinstance(test, Untestable):
        return Measured(reading, math.nan, "ratio", 0, note=str(test))
    if not math.isfinite(test.statistic):
        return Measured(reading, math.nan, "ratio", test.n, note=test.note)
    there = _rises(test, way)
    said = [f"p {test.pvalue:.3f}", NO_PROOF if test.pvalue > LEVEL else _stretches(test), note]
    return Measured(
        reading,
        test.statistic,
        "ratio",
        test.n,
        interval=f"none: a test; 5% of paths without a bubble are above {test.critical_95:.2f}",
        word="bubble" if there else "no_bubble",
        holds=there == (question.claim.published == "bubble"),
        note="; ".join(filter(None, said)),
    )


def _rises(test: BubbleTest, way: _Way) -> bool:
    """Whether the test rejects, and a stretch of it rises at the time that is asked about."""
    if not test.pvalue <= LEVEL:
        return False
    found = test.stretches
    there = found["rise"] > 0.0
    if way.when == "still":
        there &= found["open"]
    elif way.when == "lately":
        there &= found["last"] >= test.path.index[-1] - YEAR
    return bool(there.any())


def _stretches(test: BubbleTest) -> str:
    """Say when it was explosive."""
    words = [
        f"{first.date()} to {last.date()}{'' if rise > 0.0 else ' (falling)'}"
        for first, last, rise in test.stretches[["first", "last", "rise"]].itertuples(index=False)
    ]
    return f"explosive {listed(words, MOST_NAMED)}" if words else "no explosive stretch lasts"


def _members(
    question: Question, bench: Bench, way: _Way, window: Window, reading: Reading
) -> Measured:
    """Test every member of a group; it is a bubble where at least half of them have one."""
    sampling = Sampling(way.calendar, way.of, fewest=FEWEST)
    name = question.claim.symbols[0]
    found = members_aligned(name, question, bench, window=window, sampling=sampling)
    every = [_series(found, row, way) for row in range(len(found.names))]
    tests = [_test(closes, way, bench) for closes in every]
    rising = [
        symbol
        for symbol, test in zip(found.names, tests, strict=True)
        if isinstance(test, BubbleTest) and _rises(test, way)
    ]
    there = 2 * len(rising) >= len(found.names)
    said = f"{len(rising)} of {len(found.names)} members"
    return Measured(
        reading,
        math.nan,
        "ratio",
        len(every[0]),
        interval="none: a count of tests, each at 5%",
        word="bubble" if there else "no_bubble",
        holds=there == (question.claim.published == "bubble"),
        note="; ".join(filter(None, (said, listed(rising, MOST_NAMED), found.note))),
    )
