"""How far prices went: over a window, since the new year, against others, below their peak."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypedDict

import numpy as np

from eventlab.claims.price_baskets import (
    FACT,
    day_or_instant,
    interval_of,
    is_group,
    moved,
    moved_to_extreme,
    pooled_path,
)
from eventlab.claims.price_readings import Asked, followed, place, read_as
from eventlab.claims.price_tracks import every_series, extreme_bars
from eventlab.claims.types import Measured, Untestable
from eventlab.claims.verdict import TOLERANCES, published_range
from eventlab.claims.windows import Window, place_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_baskets import Moved, Pool
    from eventlab.claims.price_readings import PriceChoice
    from eventlab.definitions.claim import PriceKind
    from eventlab.definitions.questions import Question
    from eventlab.timeline.types import Clock

__all__ = ["drawdown", "rebound", "relative_return", "window_return", "year_to_date"]


LAST: Final = "at the last close"


class _Answer(TypedDict, total=False):
    word: str
    holds: bool | None


def window_return(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Change of a symbol, or of all names as one basket, over the window of a claim.

    Returns
    -------
    tuple of Measured
        Simple returns in decimals (changes of a level over 100). Prices are closes as quoted;
        for one symbol also intraday: to the lowest price of the window where the published figure
        is negative (or the change is, where none is published), else to the highest; and with
        dividends, where that is another figure. NaN with the reason where prices lack at an end.
        Intervals are over the members of a basket.

        Timing: prices of bars that close at or before the close of the window's last row, save
        those of a symbol sampled at its own close nearest to that of a session.
    """
    grouped = is_group(bench, question, question.claim.symbols, together=True)
    prices: tuple[PriceKind, ...] = (
        ("close", "total") if grouped else ("close", "intraday", "total")
    )
    return _returns(question, bench, read_as(question, bench, prices))


def year_to_date(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Change since the last close of the year before the claim's day; else as `window_return`."""
    every = read_as(
        question, bench, ("close", "total"), windows=(Asked(None),), where=_from_new_year
    )
    return _returns(question, bench, every)


def relative_return(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Change of the first name less that of the second, and whether each is as published.

    Returns
    -------
    tuple of Measured
        ``value`` is the difference. Where a figure is published for each name, in their order,
        ``holds`` says whether every one agrees with its own (tolerance: the claim's, or that of
        returns, of each figure). ``positive`` and ``negative`` are the sign of the difference.
    """
    names = [(name,) for name in question.claim.symbols]
    if len(names) < 2:
        raise Untestable("a relative return needs two names")
    every = read_as(question, bench, ("close", "total"), together=False)
    return tuple(
        _relative(question, bench, choice, found)
        for choice, found in followed(question, bench, every, names)
    )


def drawdown(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Fall from the highest price up to then: at the last close, and the deepest one.

    Returns
    -------
    tuple of Measured
        Decimals, 0 or negative. The peak is that of the window's closes, its base among them; of
        all prices up to the claim's day where it has no window, and then the deepest fall is beyond
        its words. Intraday: from highs to lows,
        where the peak is of an earlier bar than the low, whose order within a bar is not known.
    """
    return _swings(question, bench, ("close", "intraday"), side=-1)


def rebound(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Rise from the lowest price up to then: at the last close, and the largest one.

    Returns
    -------
    tuple of Measured
        As `drawdown` turned over, decimals of 0 or more; lows before closes, and the base is no
        price of the window: the low of a session is its own, wherever it closed the day before.
    """
    return _swings(question, bench, ("intraday", "close"), side=1)


def _from_new_year(asked: Asked, question: Question, clock: Clock) -> Window:
    # The year of the claim's day, which the last session before it may not lie in.
    last = question.claim.as_of or place_window("1 bar", question, clock).last_day
    since = f"{int(last[:4]) - 1}-12-31"
    return place(replace(asked, spec=(since, last)), question, clock)


def _all_history(asked: Asked, question: Question, clock: Clock, bench: Bench) -> Window:
    """From the first price of the claim's symbol to the claim's day."""
    if asked.spec is not None:
        return place(asked, question, clock)
    last = place_window("1 bar", question, clock)
    symbol = bench.members(question.claim.symbols[0], question)[0]
    firsts = [
        int(each.closes[np.isfinite(each.raw)][0])
        for each in every_series(bench.market, symbol)
        if np.isfinite(each.raw).any()
    ]
    if not firsts:
        raise Untestable(bench.lacking(symbol))
    base = int(np.searchsorted(clock.closes, min(firsts)))
    if base >= last.last:
        raise Untestable(f"prices of {symbol} begin after {last.last_day}")
    first_day = str(clock.sessions[base])
    return Window(base, last.last, f"all prices to {last.last_day}", first_day, last.last_day)


def _returns(
    question: Question, bench: Bench, every: Iterable[PriceChoice]
) -> tuple[Measured, ...]:
    return tuple(
        _return(question, bench, choice, found)
        for choice, found in followed(question, bench, every, [question.claim.symbols])
    )


def _return(
    question: Question, bench: Bench, choice: PriceChoice, found: tuple[Pool, ...] | str
) -> Measured:
    if isinstance(found, str):
        return _nothing(choice, found)
    (each,) = found
    try:
        result = _moved(question, bench, choice, each)
    except Untestable as reason:
        return _nothing(choice, str(reason), grouped=each.grouped)
    low, high, interval = interval_of(result.draws, result.n, grouped=each.grouped)
    return Measured(
        choice.reading(grouped=each.grouped),
        result.value,
        "return",
        result.n,
        low,
        high,
        interval,
        at=result.at,
        note="; ".join(filter(None, (result.note, each.note))),
        **_sign(question, result.value),
    )


def _nothing(choice: PriceChoice, reason: str, *, grouped: bool = False) -> Measured:
    return Measured(choice.reading(grouped=grouped), np.nan, "return", 0, note=reason)


def _moved(question: Question, bench: Bench, choice: PriceChoice, each: Pool) -> Moved:
    if choice.price != "intraday":
        return moved(each, choice.price, choice.basket, bench.generator(question))
    figures, word = published_range(question), question.claim.published
    if figures is not None:
        falls = sum(figures) < 0
    elif isinstance(word, str):
        falls = word == "negative"
    else:
        falls = each.tracks[0].total("close") < 0
    return moved_to_extreme(each, bench, -1 if falls else 1)


def _relative(
    question: Question, bench: Bench, choice: PriceChoice, found: tuple[Pool, ...] | str
) -> Measured:
    if isinstance(found, str):
        return _nothing(choice, found)
    grouped = any(each.grouped for each in found)
    generator = bench.generator(question)
    every = [moved(each, choice.price, choice.basket, generator) for each in found]
    values = [each.value for each in every]
    value, members = values[0] - values[1], sum(each.n for each in every)
    low, high, interval = interval_of(_difference(every[0], every[1]), members, grouped=grouped)
    names = question.claim.symbols
    said = ", ".join(f"{name} {own:+.1%}" for name, own in zip(names, values, strict=True))
    notes = [said, *(each.note for each in every), *(each.note for each in found)]
    published, answered = question.claim.published, _sign(question, value)
    if isinstance(published, tuple) and len(published) == len(values):
        answered = {"holds": _each_agrees(question, published, values)}
    return Measured(
        choice.reading(grouped=grouped),
        value,
        "return",
        members,
        low,
        high,
        interval,
        note="; ".join(filter(None, notes)),
        **answered,
    )


def _difference(first: Moved, second: Moved) -> npt.NDArray[np.float64] | None:
    """Draws of one change less the other; a symbol is the same in every draw."""
    if first.draws is None and second.draws is None:
        return None
    ahead = first.value if first.draws is None else first.draws
    return np.asarray(ahead - (second.value if second.draws is None else second.draws))


def _each_agrees(
    question: Question, published: Sequence[float], values: Sequence[float]
) -> bool | None:
    """Whether every value is the one published for it; None where one is missing."""
    if not all(map(math.isfinite, values)):
        return None
    absolute, relative = TOLERANCES["return"]
    given = question.claim.tolerance
    return all(
        abs(value - figure)
        <= (max(absolute, relative * abs(figure)) if given is None else given) + 1e-9
        for value, figure in zip(values, published, strict=True)
    )


def _sign(question: Question, value: float) -> _Answer:
    """Word of a value and whether it is the published one; nothing where a figure is published."""
    published = question.claim.published
    if not isinstance(published, str) or not math.isfinite(value):
        return {}
    word = {1.0: "positive", -1.0: "negative"}.get(float(np.sign(value)), "no change")
    return {"word": word, "holds": word == published}


def _swings(
    question: Question, bench: Bench, prices: tuple[PriceKind, ...], *, side: int
) -> tuple[Measured, ...]:
    """Falls (``side`` -1) from the peak so far, or rises (1) from the trough so far."""
    names = question.claim.symbols
    grouped = is_group(bench, question, names, together=True)
    whole = side < 0 and question.claim.window is None
    if whole and grouped:
        raise Untestable("members of a basket begin on different days: the claim needs a window")
    if grouped:
        prices = ("close",)
    where = partial(_all_history, bench=bench) if whole else None
    windows = (Asked(question.claim.window),)
    every = read_as(question, bench, prices, windows=windows, where=where)
    return tuple(
        one
        for choice, found in followed(question, bench, every, [names])
        for one in _swung(bench, choice, found, side)
        # "Below its peak" of all history is not the deepest fall that there ever was.
        for one in [_beyond(one) if whole and one.reading.detail not in {"", LAST} else one]
    )


def _beyond(one: Measured) -> Measured:
    return replace(one, reading=replace(one.reading, within=False))


def _swung(
    bench: Bench, choice: PriceChoice, found: tuple[Pool, ...] | str, side: int
) -> Iterator[Measured]:
    if isinstance(found, str):
        yield _nothing(choice, found)
        return
    (each,) = found
    if side > 0 and choice.price != "intraday" and each.window.n == 1 and not choice.named:
        return  # one close is no low that it could have risen from
    try:
        swings, closes, note = _paths(bench, choice, each, side)
    except Untestable as reason:
        yield _nothing(choice, str(reason), grouped=each.grouped)
        return
    note = "; ".join(filter(None, (note, each.note)))
    why = "none: one path of one basket" if each.grouped else FACT
    largest = int(np.nanargmax(side * swings)) if np.isfinite(swings).any() else -1
    said = ("at its deepest", "at its highest")[side > 0]
    told = {len(swings) - 1: LAST}
    if largest >= 0 and swings[largest] != swings[-1]:
        told[largest] = said
    for row, detail in told.items():
        reading = choice.reading(grouped=each.grouped, detail=detail)
        at = day_or_instant(int(closes[row]), 1440)
        value = float(swings[row])
        yield Measured(reading, value, "return", len(swings), interval=why, at=at, note=note)


def _paths(
    bench: Bench, choice: PriceChoice, each: Pool, side: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], str]:
    """(n,) distances from the extreme so far and (n,) closes; the last one is of the last close."""
    if any(one.kind == "level" for one in each.tracks):
        raise Untestable("a level in percent neither falls nor rises by a share")
    best = np.fmax if side < 0 else np.fmin
    closes = each.clock.closes[each.window.base : each.window.last + 1]
    if choice.price != "intraday":
        path, note = pooled_path(each, choice.price, choice.basket)
        if side > 0:
            path, closes = path[1:], closes[1:]
        return path / best.accumulate(path) - 1.0, closes, note
    if each.grouped:
        raise Untestable("a basket has no highs and lows: its members have theirs at other times")
    one = each.tracks[0]
    bars = extreme_bars(bench, one, each.clock)
    first = float(one.quoted[0]) if side < 0 else np.nan
    from_, to = (bars.high, bars.low) if side < 0 else (bars.low, bars.high)
    extremes = best.accumulate(np.concatenate([[first], from_]))
    swings = np.append(to / extremes[:-1], float(one.quoted[-1]) / extremes[-1]) - 1.0
    name = "highest" if side < 0 else "lowest"
    note = f"highs and lows of {bars.words}; {name} {extremes[-1]:g}"
    # A price beyond the extreme so far is a new one.
    swings = np.minimum(swings, 0.0) if side < 0 else np.maximum(swings, 0.0)
    return swings, np.append(bars.closes, closes[-1]), note
