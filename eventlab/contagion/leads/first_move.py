"""When a price first moved more after the news than it does after a time like it without news."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.placebo import MIN_DATES

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.leads.hayashi_yoshida import Observed

__all__ = ["FirstMove", "Setting", "first_move"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked of every series of a chain; instants and spans are in ns, UTC.

    Attributes
    ----------
    news
        The instant of the news.
    placebo
        (K,) instants of the same time of day without news; those whose horizon reaches beyond
        ``news`` are not used.
    horizon
        How long after the news a move is looked for.
    oldest
        How old the last price before the news may be.
    level
        A placebo day exceeds the threshold of any one bar with this probability.
    """

    news: int
    placebo: npt.NDArray[np.int64]
    horizon: int
    oldest: int
    level: float


@dataclass(frozen=True, slots=True)
class FirstMove:
    """The first move of one series.

    Attributes
    ----------
    at, since
        The move is seen in the price of ``at``, ns, and was not in the one of ``since`` (the news,
        where that is later): it happened between the two. Both -1 where there is no such move.
    move, threshold
        Cumulative return from the last price before the news to ``at`` (to the end of the horizon
        without a move), and the placebo days' by then, which ``move`` exceeds in absolute value.
    pvalue
        Share of placebo days that move by the same rule at least as early, the event among them.
    n_placebo, note
        Placebo days in use, and why there is no move.
    """

    at: int
    since: int
    move: float
    threshold: float
    pvalue: float
    n_placebo: int
    note: str


def first_move(series: Observed, setting: Setting) -> FirstMove:
    """Find the first price that lies farther from the last one before the news than placebo days'.

    The threshold of a price that comes m after the news is the ceil((1 - level)(K + 1))-th smallest
    absolute move of the K placebo days from their last price before to their first price m or
    longer after. So thin trading on placebo days, after hours above all, can only make the
    threshold larger. Placebo days without a price at the start or by the end of the horizon are
    left out. Thresholds use prices up to the news, the move at t those up to t.
    """
    own = _moves(series, setting.news, setting)
    if isinstance(own, str):
        return _nothing(own)
    rows, moves = own
    moments = series.times[rows]
    sizes = _placebo_sizes(series, moments - setting.news, setting)
    K = len(sizes)
    rank = math.ceil((1.0 - setting.level) * (K + 1))
    if K < MIN_DATES or rank > K:
        return _nothing(
            f"only {K} placebo days with prices at these times (at least "
            f"{max(MIN_DATES, math.ceil(1.0 / setting.level) - 1)} are needed)",
            K,
        )
    ordered = np.sort(sizes, axis=0)
    beyond = np.flatnonzero(np.abs(moves) > ordered[rank - 1])
    if not len(beyond):
        note = f"no move beyond that of placebo days within {setting.horizon / 3.6e12:.4g} hours"
        last = float(ordered[rank - 1, -1])
        return FirstMove(-1, -1, float(moves[-1]), last, math.nan, K, note)
    place = int(beyond[0])
    earlier = setting.news if place == 0 else int(moments[place - 1])
    return FirstMove(
        int(moments[place]),
        earlier,
        float(moves[place]),
        float(ordered[rank - 1, place]),
        _share_as_early(sizes[:, : place + 1], ordered[:, : place + 1], setting.level),
        K,
        "",
    )


def _nothing(note: str, n_placebo: int = 0) -> FirstMove:
    return FirstMove(-1, -1, math.nan, math.nan, math.nan, n_placebo, note)


def _moves(
    series: Observed, news: int, setting: Setting
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | str:
    """Rows after the news with their cumulative returns; or why there are none."""
    before = int(np.searchsorted(series.times, news, side="right")) - 1
    if before < 0 or series.times[before] < news - setting.oldest:
        return "no price shortly before the news"
    stop = int(np.searchsorted(series.times, news + setting.horizon, side="right"))
    rows = np.arange(before + 1, stop, dtype=np.int64)
    if not len(rows):
        return "no price after the news"
    return rows, np.expm1(series.logs[rows] - series.logs[before])


def _placebo_sizes(
    series: Observed, elapsed: npt.NDArray[np.int64], setting: Setting
) -> npt.NDArray[np.float64]:
    """(K, bars): absolute moves of the placebo days that have a price for each bar."""
    instants = setting.placebo[setting.placebo + setting.horizon <= setting.news]
    before = np.searchsorted(series.times, instants, side="right") - 1
    there = before >= 0
    there[there] = series.times[before[there]] >= instants[there] - setting.oldest
    instants, before = instants[there], before[there]
    after = np.searchsorted(series.times, instants[:, None] + elapsed, side="left")
    held = np.minimum(after, len(series.times) - 1)
    complete = (after < len(series.times)) & (
        series.times[held] <= instants[:, None] + setting.horizon
    )
    used = complete.all(axis=1)
    change = series.logs[held[used]] - series.logs[before[used], None]
    return np.abs(np.expm1(change))


def _share_as_early(
    sizes: npt.NDArray[np.float64], ordered: npt.NDArray[np.float64], level: float
) -> float:
    """Share of placebo days beyond the thresholds that the others give, by the bar of the event."""
    K = len(sizes)
    rank = min(math.ceil((1.0 - level) * K), K - 1)
    # Without a day that is among the smallest, the rank-th of the others is the next one.
    others = np.where(sizes > ordered[rank - 1], ordered[rank - 1], ordered[rank])
    as_early = (sizes > others).any(axis=1)
    return float((1 + np.count_nonzero(as_early)) / (1 + K))
