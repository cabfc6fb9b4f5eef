"""When a price first moved more after the news than it does after a time like it without news."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.phrases import NO_MOVE
from eventlab.contagion.placebo import MIN_DATES
from eventlab.timeline.types import HOUR

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.leads.observations import Observed

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
        Share of days (the event and the placebo days) that go as far beyond their thresholds,
        as a multiple of them, at some bar of the horizon: many bars give chance many tries.
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
    left out. Thresholds use prices up to the news, the move at t those up to t; only ``pvalue``
    looks at the whole horizon.
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
    thresholds = ordered[rank - 1]
    pvalue = _share_as_far(moves, sizes, ordered, setting.level)
    beyond = np.flatnonzero(np.abs(moves) > thresholds)
    if not len(beyond):
        note = f"{NO_MOVE} that of placebo days within {setting.horizon / HOUR:.4g} hours"
        return FirstMove(-1, -1, float(moves[-1]), float(thresholds[-1]), pvalue, K, note)
    place = int(beyond[0])
    since = setting.news if place == 0 else int(moments[place - 1])
    move, threshold = float(moves[place]), float(thresholds[place])
    return FirstMove(int(moments[place]), since, move, threshold, pvalue, K, "")


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


def _share_as_far(
    moves: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    ordered: npt.NDArray[np.float64],
    level: float,
) -> float:
    """Share of days that go as far beyond their thresholds at some bar as the event does.

    A placebo day's thresholds come from the others, as those of the event do.
    """
    K = len(sizes)
    rank = min(math.ceil((1.0 - level) * K), K - 1)
    # Without a day that is among the smallest, the rank-th of the others is the next one.
    others = np.where(sizes > ordered[rank - 1], ordered[rank - 1], ordered[rank])
    own = ordered[math.ceil((1.0 - level) * (K + 1)) - 1]
    as_far = _farthest(sizes, others) >= _farthest(np.abs(moves), own)
    return float((1 + np.count_nonzero(as_far)) / (1 + K))


def _farthest(
    sizes: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Largest ratio of each row; no move is not beyond a threshold of zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(sizes / thresholds, nan=0.0, posinf=np.inf).max(axis=-1))
