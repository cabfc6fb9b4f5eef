"""The readings of a statement about prices: its windows, calendars, prices and baskets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

from eventlab.claims.joint_series import EXCHANGE, calendars_of
from eventlab.claims.price_baskets import is_group, pool
from eventlab.claims.types import BASKET_WORDS, PRICE_WORDS, Reading, Untestable
from eventlab.claims.windows import Window, place_window
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_baskets import Pool
    from eventlab.definitions.claim import Basket, ClaimWindow, PriceKind, ReadingsDefinition
    from eventlab.definitions.questions import Question
    from eventlab.timeline.types import Clock

    Place = Callable[["Asked", Question, Clock], Window]

__all__ = [
    "Asked",
    "PriceChoice",
    "asked_windows",
    "exchange_first",
    "followed",
    "place",
    "read_as",
    "weeks_of",
]

# Days on which the weeks of commentary end: Monday, Sunday, Friday.
WEEK_ENDS: Final = (0, 6, 4)


@dataclass(frozen=True, slots=True)
class Asked:
    """A window as a claim writes it, its ends moved back by sessions.

    ``only`` is the calendar that it makes sense on: 21 bars are a month on an exchange alone.
    """

    spec: ClaimWindow | None
    first_back: int = 0
    last_back: int = 0
    only: str = ""


@dataclass(frozen=True, slots=True)
class PriceChoice:
    """One way to read a statement, and the window that it means.

    ``window`` is None where the data's calendar does not hold it; ``reason`` then says so.
    ``named`` says that the claim itself asks for this kind of price.
    """

    calendar: str
    clock: Clock
    window: Window | None
    price: PriceKind
    basket: Basket
    within: bool = True
    reason: str = ""
    named: bool = False

    def reading(self, *, grouped: bool = False, price: bool = True, detail: str = "") -> Reading:
        """Say the choice in words; baskets only of groups."""
        return Reading(
            price=PRICE_WORDS[self.price] if price else "",
            basket=BASKET_WORDS[self.basket] if grouped else "",
            window=self.window.words if self.window else "",
            calendar=self.calendar,
            detail=detail,
            first=self.window.first_day if self.window else "",
            last=self.window.last_day if self.window else "",
            within=self.within,
        )


@dataclass(frozen=True, slots=True)
class _Axes:
    windows: tuple[Asked, ...]
    calendars: tuple[str, ...]
    prices: tuple[PriceKind, ...]
    baskets: tuple[Basket, ...]


def read_as(
    question: Question,
    bench: Bench,
    prices: tuple[PriceKind, ...],
    *,
    together: bool = True,
    windows: tuple[Asked, ...] | None = None,
    where: Place | None = None,
) -> Iterator[PriceChoice]:
    """Every reading of a claim, the literal one first, those beyond its words last.

    Parameters
    ----------
    prices
        Those of the measure; the claim's own replace them.
    together
        Whether several names are one basket, or each is followed by itself.
    windows
        Those of the measure, the literal one first, where the claim names no others; by default
        the claim's window and its neighbours (`asked_windows`).
    where
        How a window is found on a clock; `place` by default.

    Yields
    ------
    PriceChoice
        Windows that are the same rows of the same calendar count once. Baskets are more than one
        only where a name stands for several symbols.
    """
    claim = question.claim
    grouped = is_group(bench, question, claim.symbols, together=together)
    baskets: tuple[Basket, ...] = ("equal", "held", "median") if grouped else ("equal",)
    spanned = asked_windows(claim.window, claim.as_of) if windows is None else windows
    own = _Axes(spanned, exchange_first(question, bench), prices, baskets)
    own = _replaced(own, claim.readings, own.windows[:1])
    yield from _distinct(own, question, _Maker(question, bench, where or place))


def place(asked: Asked, question: Question, clock: Clock) -> Window:
    """Find the rows of a window; its ends move by sessions of the clock.

    Raises
    ------
    Untestable
        The data's calendar does not hold them.
    """
    found = place_window(asked.spec, question, clock)
    if not (asked.first_back or asked.last_back):
        return found
    base, last = found.base - asked.first_back, found.last - asked.last_back
    if base < 0 or last <= base:
        raise Untestable(f"{found.words} cannot be moved by a session")
    first_day, last_day = str(clock.sessions[base]), str(clock.sessions[last])
    return Window(base, last, f"{first_day} to {last_day}", first_day, last_day)


def asked_windows(spec: ClaimWindow | None, as_of: str | None = None) -> tuple[Asked, ...]:
    """Return a window and those that its words may mean as well.

    ``Since a day`` may count that day's own move, and so may a span of days, months or years. A
    month is also 30 days, 4 weeks, and 21 sessions. Weeks (a span, or two days a week apart) may
    as well end on the Monday, Sunday or Friday before.
    """
    literal, earlier = Asked(spec), Asked(spec, first_back=1)
    last = _end_of_weeks(spec, as_of)
    if last is not None:
        weeks = timedelta(weeks=weeks_of(spec))
        days = [last - timedelta(days=(last.weekday() - each) % 7) for each in WEEK_ENDS]
        return (literal, *(Asked((str(day - weeks), str(day))) for day in days if day != last))
    if spec is None:
        return (literal,)
    if isinstance(spec, str):
        if "bar" in spec:
            return (literal,)
        month = (Asked("30 days"), Asked("4 weeks"), Asked("21 bars", only=EXCHANGE))
        return (literal, earlier, *month) if spec.startswith("1 month") else (literal, earlier)
    return (literal,) if isinstance(spec[0], int) else (literal, earlier)


def weeks_of(spec: ClaimWindow | None) -> int:
    """How many weeks a window has in words: of a span of weeks, or two days a week apart; or 0."""
    if isinstance(spec, str):
        return int(spec.split()[0]) if "week" in spec else 0
    if spec is None or isinstance(spec[0], int):
        return 0
    first, last = (date.fromisoformat(str(day)) for day in spec)
    return 1 if last - first == timedelta(weeks=1) else 0


def _end_of_weeks(spec: ClaimWindow | None, as_of: str | None) -> date | None:
    """Last day of a window of weeks; None of another window, or where an occurrence says it."""
    if not weeks_of(spec):
        return None
    said = as_of if isinstance(spec, str) else str(spec[1]) if spec is not None else None
    return None if said is None else date.fromisoformat(said)


def followed(
    question: Question, bench: Bench, every: Iterable[PriceChoice], names: Sequence[Sequence[str]]
) -> Iterator[tuple[PriceChoice, tuple[Pool, ...] | str]]:
    """Follow sets of names along the window of each choice.

    Yields
    ------
    tuple
        A choice and a pool for each set; or why there is none, once for each window. Prices with
        dividends that changed as those without are no other reading, unless the claim names them.
    """
    last: tuple[str, Window | None, bool] | None = None
    found: tuple[Pool, ...] | str = ""
    for choice in every:
        key = choice.calendar, choice.window, choice.within
        fresh, last = key != last, key
        if fresh:
            found = _pools(question, bench, choice, names)
        if isinstance(found, str):
            if fresh:
                yield choice, found
            continue
        if choice.price != "total" or choice.named or any(each.pays for each in found):
            yield choice, found


def exchange_first(question: Question, bench: Bench) -> tuple[str, ...]:
    """Calendars whose closes the words may mean, the usual one first.

    As `calendars_of`; what never closes has UTC days and then sessions of New York.
    """
    found = calendars_of(question.claim.symbols, question, bench)
    return (ALWAYS_OPEN, EXCHANGE) if found == (ALWAYS_OPEN,) else found


@dataclass(frozen=True, slots=True)
class _Maker:
    question: Question
    bench: Bench
    where: Place

    def made(self, axes: _Axes, *, named: bool) -> Iterator[PriceChoice]:
        for calendar, asked in product(axes.calendars, axes.windows):
            if asked.only not in {"", calendar}:
                continue
            clock = self.bench.clock(calendar)
            window, reason = None, ""
            try:
                window = self.where(asked, self.question, clock)
            except Untestable as why:
                reason = str(why)
            for price, basket in product(axes.prices, axes.baskets):
                choice = PriceChoice(calendar, clock, window, price, basket, reason=reason)
                yield replace(choice, named=named)


def _distinct(own: _Axes, question: Question, maker: _Maker) -> Iterator[PriceChoice]:
    """Yield readings within the words, then those beyond; the same rows count once."""
    claim = question.claim
    sections = [(own, claim.readings, True)]
    if claim.beyond is not None:
        sections.append((_replaced(own, claim.beyond, ()), claim.beyond, False))
    seen: set[tuple[object, ...]] = set()
    for axes, section, within in sections:
        for one in maker.made(axes, named=section is not None and section.prices is not None):
            rows = one.reason if one.window is None else (one.window.base, one.window.last)
            key = (one.calendar, rows, one.price, one.basket)
            if key not in seen:
                seen.add(key)
                yield replace(one, within=within)


def _replaced(axes: _Axes, section: ReadingsDefinition | None, first: tuple[Asked, ...]) -> _Axes:
    """Put a claim's readings in the place of those of its measure, behind its own window."""
    if section is None:
        return axes
    windows = axes.windows
    if section.windows is not None:
        windows = (*first, *map(Asked, section.windows))
    return _Axes(
        windows,
        section.calendars or axes.calendars,
        section.prices or axes.prices,
        section.baskets or axes.baskets,
    )


def _pools(
    question: Question, bench: Bench, choice: PriceChoice, names: Sequence[Sequence[str]]
) -> tuple[Pool, ...] | str:
    if choice.window is None:
        return choice.reason
    try:
        return tuple(pool(bench, question, each, choice.clock, choice.window) for each in names)
    except Untestable as reason:
        return str(reason)
