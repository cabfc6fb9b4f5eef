"""Which of several names did worst: groups and symbols in order of their returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.bench import DRAWS, LEVEL
from eventlab.claims.price_baskets import FACT, is_group, moved, pool
from eventlab.claims.price_readings import read_as, weeks_of
from eventlab.claims.types import Measured, Untestable
from eventlab.claims.windows import place_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_baskets import Moved
    from eventlab.claims.price_readings import PriceChoice
    from eventlab.claims.types import Unit
    from eventlab.claims.windows import Window
    from eventlab.definitions.questions import Question

__all__ = ["order_agreement", "sector_ranking"]

SHOWN: Final = "{name} {value:+.1%}"


def sector_ranking(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Order of several names by their returns, against the order that the statement gives.

    With ``worst_first`` and ``best_first`` the value is Kendall's tau between the order as written
    and the one measured, and the statement holds where they are the same. With ``worst`` and
    ``best`` it is the rank of the first name from that side, and holds where it is 1. A window of
    several weeks is one ranking for each week: the value is the lowest tau, or the largest rank,
    and the statement holds where it does in every week.

    Returns
    -------
    tuple of Measured
        Closes as quoted. Weeks that end on the claim's day are read as ending on the Sunday or
        Friday before as well, or the Monday; two days of a week as the days before. ``note`` has
        every return. Intervals are bootstraps over the members of the groups. NaN with the reason
        where a name has no prices.

    Raises
    ------
    Untestable
        Fewer than two names, or nothing that says which order was published.
    """
    names, word = question.claim.symbols, question.claim.published
    if len(names) < 2:
        raise Untestable("a ranking needs two names or more")
    if word not in {"worst", "best", "worst_first", "best_first"}:
        raise Untestable("the claim does not say which order was published")
    every = read_as(question, bench, ("close",), together=False)
    return tuple(_ranked(question, bench, choice) for choice in every)


def order_agreement(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Kendall's tau-a of values (N, ...) with the order of their rows: 1 where all ascend.

    Pairs in that order less those in the other, over all N (N - 1) / 2 pairs (Kendall 1938); a
    tie is neither. NaN where a value is missing.
    """
    pairs = list(combinations(range(len(values)), 2))
    total = sum(np.sign(values[later] - values[earlier]) for earlier, later in pairs)
    return np.asarray(total / len(pairs))


@dataclass(frozen=True, slots=True)
class _Week:
    """Returns of all names over one window, in the order of the claim."""

    window: Window
    moves: tuple[Moved, ...]
    notes: tuple[str, ...]

    def told(self, names: Sequence[str]) -> str:
        """Days and returns in words, the worst first."""
        order = np.argsort([one.value for one in self.moves], kind="stable")
        said = ", ".join(SHOWN.format(name=names[k], value=self.moves[k].value) for k in order)
        return f"{self.window.first_day} to {self.window.last_day}: {said}"


def _ranked(question: Question, bench: Bench, choice: PriceChoice) -> Measured:
    names, published = question.claim.symbols, str(question.claim.published)
    ordered = published.endswith("_first")
    unit: Unit = "correlation" if ordered else "count"
    reading = choice.reading(grouped=is_group(bench, question, names))
    try:
        weeks = _measured_weeks(question, bench, choice)
    except Untestable as reason:
        return Measured(reading, np.nan, unit, 0, note=str(reason))
    values = np.array([[one.value for one in week.moves] for week in weeks])
    scores = _scores(values.T, published)
    value = float(scores.min() if ordered else scores.max())
    low, high, interval = _interval(weeks, published)
    notes = [week.told(names) for week in weeks]
    notes += dict.fromkeys(said for week in weeks for said in week.notes)
    return Measured(
        reading,
        value,
        unit,
        sum(one.n for week in weeks for one in week.moves),
        low,
        high,
        interval,
        word=_word(scores, published),
        holds=value == 1.0 if np.isfinite(value) else None,
        note="; ".join(notes),
    )


def _measured_weeks(question: Question, bench: Bench, choice: PriceChoice) -> list[_Week]:
    """Measure every name in each week of a choice's window, the first week first.

    Raises
    ------
    Untestable
        The window is not in the data, or a name has no prices in a week of it.
    """
    if choice.window is None:
        raise Untestable(choice.reason)
    windows = [choice.window]
    count = weeks_of(question.claim.window)
    if count > 1:
        last = date.fromisoformat(choice.window.last_day)
        ends = [str(last - timedelta(weeks=back)) for back in range(count, -1, -1)]
        windows = [place_window(pair, question, choice.clock) for pair in pairwise(ends)]
    generator = bench.generator(question)
    found = []
    for window in windows:
        pools = [
            pool(bench, question, [name], choice.clock, window) for name in question.claim.symbols
        ]
        moves = tuple(moved(each, choice.price, choice.basket, generator) for each in pools)
        notes = (*(one.note for one in moves), *(each.note for each in pools))
        found.append(_Week(window, moves, tuple(filter(None, notes))))
    return found


def _scores(values: npt.NDArray[np.float64], published: str) -> npt.NDArray[np.float64]:
    """Tau, or the rank of the first name, of returns (N, ...)."""
    signed = values if published.startswith("worst") else -values
    if published.endswith("_first"):
        return order_agreement(signed)
    ranks = 1.0 + (signed[1:] < signed[0]).sum(axis=0)
    return np.where(np.isfinite(values).all(axis=0), ranks, np.nan)


def _interval(weeks: Sequence[_Week], published: str) -> tuple[float, float, str]:
    if all(one.draws is None for week in weeks for one in week.moves):
        return np.nan, np.nan, FACT
    drawn = np.array(
        [
            [np.full(DRAWS, one.value) if one.draws is None else one.draws for one in week.moves]
            for week in weeks
        ]
    )
    scores = _scores(drawn.swapaxes(0, 1), published)
    worst = scores.min(axis=0) if published.endswith("_first") else scores.max(axis=0)
    low, high = np.quantile(worst, [LEVEL / 2, 1.0 - LEVEL / 2])
    words = f"who is in the groups: 95% of {DRAWS} bootstraps over their members"
    return float(low), float(high), words


def _word(scores: npt.NDArray[np.float64], published: str) -> str:
    if not np.isfinite(scores).all():
        return ""
    held = int((scores == 1.0).sum())
    what = "the same order" if published.endswith("_first") else published
    if len(scores) > 1:
        return f"{what} in {held} of {len(scores)} weeks"
    return what if held else "another order" if published.endswith("_first") else f"not {published}"
