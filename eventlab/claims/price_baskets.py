"""A name of a claim as one series: a symbol, or the members of a group as a basket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.bench import DRAWS, LEVEL
from eventlab.claims.price_tracks import OWN_CLOSE, extreme_bars, track
from eventlab.claims.types import Untestable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_tracks import Track
    from eventlab.claims.windows import Window
    from eventlab.definitions.claim import Basket, PriceKind
    from eventlab.definitions.questions import Question
    from eventlab.timeline.types import Clock

__all__ = [
    "FACT",
    "FEWEST",
    "Moved",
    "Pool",
    "day_or_instant",
    "interval_of",
    "is_group",
    "moved",
    "moved_to_extreme",
    "pool",
    "pooled_path",
]

FACT: Final = "none: a price change is a fact, no estimate"
FEWEST: Final = 3  # members that a bootstrap over them needs


@dataclass(frozen=True, slots=True)
class Pool:
    """The symbols behind one or more names, each along the same window.

    Attributes
    ----------
    tracks
        Those that have prices at both ends, in order.
    left_out
        Why each of the others has none, in words.
    grouped
        Whether the names stand for several symbols.
    """

    clock: Clock
    window: Window
    tracks: tuple[Track, ...]
    left_out: tuple[str, ...]
    grouped: bool

    @property
    def pays(self) -> bool:
        """Whether any member's price with dividends changed otherwise than without."""
        return any(each.pays for each in self.tracks)

    @property
    def note(self) -> str:
        """Who is left out, who is sampled otherwise than at own closes, and what is no share."""
        said = []
        if self.grouped and self.left_out:
            said.append(f"left out: {'; '.join(self.left_out)}")
        for basis in dict.fromkeys(each.basis for each in self.tracks):
            names = [each.symbol for each in self.tracks if each.basis == basis]
            if basis != OWN_CLOSE:
                whose = "all" if len(names) == len(self.tracks) > 1 else ", ".join(names)
                said.append(f"{whose} at the {basis}")
        if levels := [each.symbol for each in self.tracks if each.kind == "level"]:
            said.append(f"{', '.join(levels)} in percentage points")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Moved:
    """How a symbol or a basket changed.

    ``draws`` (DRAWS,) are the same figure with the members drawn with replacement; None for a
    symbol or fewer than `FEWEST` members. ``n`` price changes went in, one of each member.
    """

    value: float
    n: int
    draws: npt.NDArray[np.float64] | None = None
    at: str = ""
    note: str = ""


def is_group(
    bench: Bench, question: Question, names: Sequence[str], *, together: bool = False
) -> bool:
    """Whether any of some names stands for several symbols, or all of them ``together`` do."""
    if together and len(names) > 1:
        return True
    return any(len(bench.members(name, question)) > 1 for name in names)


def pool(
    bench: Bench, question: Question, names: Sequence[str], clock: Clock, window: Window
) -> Pool:
    """Follow every symbol that some names stand for along a window.

    Raises
    ------
    Untestable
        None of them has prices at both ends.
    """
    members = tuple(dict.fromkeys(one for name in names for one in bench.members(name, question)))
    tracks, lacking = [], []
    for symbol in members:
        try:
            tracks.append(track(bench, symbol, clock, window))
        except Untestable as reason:
            lacking.append(str(reason))
    if not tracks:
        raise Untestable("; ".join(lacking) or f"{', '.join(names)} has no members")
    return Pool(clock, window, tuple(tracks), tuple(lacking), len(members) > 1)


def moved(each: Pool, price: PriceKind, basket: Basket, generator: np.random.Generator) -> Moved:
    """Change of a pool over its window, closes to closes.

    Parameters
    ----------
    basket
        ``equal``: equal weights again at every close, the mean of the members' steps compounded
        (members with a gap are left out, by name); ``held``: the mean of their changes;
        ``median``: the median of them.

    Returns
    -------
    Moved
        NaN with the reason where no member has a price at every close.
    """
    if not each.grouped:
        return Moved(each.tracks[0].total(price), 1)
    if basket != "equal":
        totals = np.array([one.total(price) for one in each.tracks])
        count = len(totals)
        centre = np.mean if basket == "held" else np.median
        value = float(centre(totals))
        draws = centre(totals[_drawn(generator, count)], axis=1) if count >= FEWEST else None
        return Moved(value, count, draws)
    steps, note = _complete(each, price)
    count = len(steps)
    if not count:
        return Moved(np.nan, 0, note=note)
    value = float(np.prod(1.0 + steps.mean(axis=0)) - 1.0)
    if count < FEWEST:
        return Moved(value, count, note=note)
    # (DRAWS, M) times (M, n): the mean step of every draw at once.
    drawn = _drawn(generator, count)
    shares = np.stack([(drawn == one).mean(axis=1) for one in range(count)], axis=1)
    return Moved(value, count, np.prod(1.0 + shares @ steps, axis=1) - 1.0, note=note)


def moved_to_extreme(each: Pool, bench: Bench, side: int) -> Moved:
    """Change of one symbol from its base to its lowest (``side`` -1) or highest (1) price.

    Raises
    ------
    Untestable
        The pool is a basket, whose members have their extremes at different times; or there are
        no highs and lows in the window.
    """
    if each.grouped:
        raise Untestable("a basket has no high or low: its members have theirs at other times")
    one = each.tracks[0]
    bars = extreme_bars(bench, one, each.clock)
    row = int(np.argmin(bars.low) if side < 0 else np.argmax(bars.high))
    reached = float((bars.low if side < 0 else bars.high)[row])
    base = float(one.quoted[0])
    value = (reached - base) / 100.0 if one.kind == "level" else reached / base - 1.0
    name = "low" if side < 0 else "high"
    note = f"{name} {reached:g} against {base:g}, from {bars.words}"
    if bars.filled:
        note += f"; {bars.filled} of {len(bars)} bars have a close only"
    return Moved(value, 1, at=day_or_instant(int(bars.closes[row]), bars.minutes), note=note)


def pooled_path(
    each: Pool, price: PriceKind, basket: Basket
) -> tuple[npt.NDArray[np.float64], str]:
    """(n + 1,): worth of a pool at each close, 1 at the first; and who is left out, in words.

    NaN where any member that counts has no price. ``median`` is that of the members' worths.
    """
    if not each.grouped:
        prices = each.tracks[0].prices(price)
        return prices / prices[0], ""
    steps, note = _complete(each, price)
    if not len(steps):
        return np.full(each.window.n + 1, np.nan), note
    if basket == "equal":
        return np.concatenate([[1.0], np.cumprod(1.0 + steps.mean(axis=0))]), note
    worths = np.hstack([np.ones((len(steps), 1)), np.cumprod(1.0 + steps, axis=1)])
    centre = np.mean if basket == "held" else np.median
    path: npt.NDArray[np.float64] = centre(worths, axis=0)
    return path, note


def interval_of(
    draws: npt.NDArray[np.float64] | None, members: int, *, grouped: bool
) -> tuple[float, float, str]:
    """Low, high and words of the 95% interval of draws, or why there is none."""
    if not grouped:
        return np.nan, np.nan, FACT
    if draws is None:
        return np.nan, np.nan, f"none: {members} members are too few to draw from"
    low, high = np.quantile(draws, [LEVEL / 2, 1.0 - LEVEL / 2])
    words = f"who is in the basket: 95% of {DRAWS} bootstraps over its {members} members"
    return float(low), float(high), words


def _complete(each: Pool, price: PriceKind) -> tuple[npt.NDArray[np.float64], str]:
    """(M, n) steps of the members without a gap, and those with one in words."""
    every = {one.symbol: one.steps(price) for one in each.tracks}
    whole = [steps for steps in every.values() if np.isfinite(steps).all()]
    gaps = [name for name, steps in every.items() if not np.isfinite(steps).all()]
    note = f"left out for prices missing between: {', '.join(gaps)}" if gaps else ""
    return np.array(whole).reshape(len(whole), each.window.n), note


def _drawn(generator: np.random.Generator, members: int) -> npt.NDArray[np.int64]:
    return generator.integers(0, members, size=(DRAWS, members))


def day_or_instant(close: int, minutes: int) -> str:
    """Day of a daily bar; UTC instant at which a shorter one closes."""
    if minutes == 1440:
        return str(np.datetime64(close - 1, "ns").astype("datetime64[D]"))
    return str(np.datetime64(close, "ns").astype("datetime64[m]")) + "Z"
