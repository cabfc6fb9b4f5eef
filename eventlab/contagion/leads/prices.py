"""The finest prices that a market holds of a symbol around the news, extended hours included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.leads.observations import Observed
from eventlab.study.bar_prices import absence
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.market.types import Market, PriceSeries

__all__ = ["CALM_SESSIONS", "HORIZON_SESSIONS", "Moment", "Prices", "finest", "moment_of", "prices"]

CALM_SESSIONS: Final = 20  # before the news
HORIZON_SESSIONS: Final = 2  # after it: the event session and the next
MAX_PLACEBO: Final = 250  # sessions: a year, so that thresholds speak of the volatility of late


@dataclass(frozen=True, slots=True)
class Moment:
    """The news on the clock, in UTC ns.

    Attributes
    ----------
    news
        Its instant; the earliest possible one where only the session is known.
    last_close, end, calm
        The close before the news, that of the last session of the horizon, and that of the session
        before the calm window of `CALM_SESSIONS` sessions, which ends at ``last_close``.
    placebo
        (K,) instants as long after a close as the news, K at most `MAX_PLACEBO`: before admissible
        sessions of the past that follow that close, and each other, as closely as the event's.
    note
        Why the instant is not exact; empty where it is.
    """

    news: int
    last_close: int
    end: int
    calm: int
    placebo: npt.NDArray[np.int64]
    note: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a symbol or a basket is observed at.

    ``bar_minutes`` is 1440 for daily prices, ``missing`` why there are none at all, ``note`` what
    to know of them.
    """

    observed: Observed | None
    bar_minutes: int = 0
    note: str = ""

    @property
    def intraday(self) -> Observed | None:
        """The prices, if they are bars inside days."""
        return self.observed if 0 < self.bar_minutes < DAY // MINUTE else None


def moment_of(system: System) -> Moment | None:
    """Place the news of a system among the closes of its sessions; None at the clock's ends."""
    clock = system.clock
    last = np.ones(len(clock), dtype=np.bool_)  # on a clock of bars: the last bar of each session
    if clock.bar_minutes:
        last[:-1] = clock.slots[1:] == 0
    rows = np.flatnonzero(last)
    closes = clock.closes[rows]
    day = int(np.searchsorted(rows, system.anchor))
    if day - CALM_SESSIONS - 1 < 0 or day + HORIZON_SESSIONS > len(rows):
        return None
    before = int(closes[day - 1])
    news, note = before, "when the news came out is not known; counted from the close before"
    if system.news is not None:
        news, note = system.news.earliest, ""
        if system.news.latest > news:
            note = f"the {system.news.precision} of the news is known, not the minute: "
            note += "counted from the earliest possible one"
    free = np.zeros(len(rows), dtype=np.bool_)
    free[np.searchsorted(rows, np.flatnonzero(system.admissible))] = True
    gaps = np.diff(closes, prepend=closes[0])
    steps = range(HORIZON_SESSIONS)
    alike = [k for k in range(1, day - HORIZON_SESSIONS + 1) if free[k]]
    alike = [k for k in alike if all(gaps[k + s] == gaps[day + s] for s in steps)][-MAX_PLACEBO:]
    placebo = closes[np.array(alike, dtype=np.int64) - 1] + (news - before)
    end, calm = int(closes[day + HORIZON_SESSIONS - 1]), int(closes[day - 1 - CALM_SESSIONS])
    return Moment(news, before, end, calm, placebo, note)


def prices(name: str, system: System, market: Market, moment: Moment) -> Prices:
    """Return the finest prices of a symbol, or the basket of a ``@group``, around the news."""
    if name in system.members:
        return _basket(name, system.members[name], market, moment)
    if name.startswith("@"):
        return Prices(None, note=f"{name} is not among the series of this event")
    series = finest(name, market, moment)
    if series is None:
        held = [one for one in _every(name, market) if one.kind != "price"]
        if held:
            return Prices(None, note=f"{name} is a {held[0].kind}, not a price")
        if name not in market.symbols:
            return Prices(None, note=absence(name, market))
        return Prices(None, note=f"no prices of {name} from before the news to after it")
    known = np.isfinite(series.prices) & (series.prices > 0.0)
    logs = np.log(series.prices[known])
    daily = f"daily prices only of {name} around the news: moves count from the close before it"
    note = daily if series.frequency == "daily" else ""
    return Prices(Observed(series.closes[known], logs), series.bar_minutes, note)


def finest(name: str, market: Market, moment: Moment) -> PriceSeries | None:
    """Series with the narrowest bars of those that reach from the calm window past the horizon.

    One that begins later serves where none reaches back so far, provided that it has a bar by the
    news.
    """
    held = [one for one in _every(name, market) if one.kind == "price" and len(one.closes)]
    reaching = [one for one in held if one.closes[0] <= moment.news < one.closes[-1]]
    return min(
        reaching,
        key=lambda one: (
            one.frequency == "daily",
            not (one.closes[0] <= moment.calm + DAY and one.closes[-1] >= moment.end - DAY),
            one.bar_minutes,
        ),
        default=None,
    )


def _every(name: str, market: Market) -> list[PriceSeries]:
    main = [held[name] for held in (market.intraday, market.daily) if name in held]
    return [*main, *market.bars.get(name, ())]


def _basket(name: str, members: Sequence[str], market: Market, moment: Moment) -> Prices:
    """Log of what a basket is worth that is put back to equal weights at every common bar.

    Members whose bars do not reach from the calm window past the horizon are left out. A bar counts
    where all others have one; the basket begins with the youngest of them.
    """
    found = {one: finest(one, market, moment) for one in members}
    kept = [
        series
        for series in found.values()
        if series is not None
        and series.frequency == "intraday"
        and series.closes[0] <= moment.calm + DAY
        and series.closes[-1] >= moment.end
    ]
    if not kept:
        return Prices(None, note=f"no member of {name} has bars inside days around the news")
    widths = {series.bar_minutes for series in kept}
    if len(widths) > 1:
        return Prices(None, note=f"members of {name} have bars of {sorted(widths)} minutes")
    grid, tables = kept[0].closes, []
    for series in kept:
        known = np.isfinite(series.prices) & (series.prices > 0.0)
        tables.append((series.closes[known], series.prices[known]))
        grid = np.intersect1d(grid, series.closes[known], assume_unique=True)
    if len(grid) < 2:
        return Prices(None, note=f"the members of {name} share no bars")
    held = np.stack([value[np.searchsorted(times, grid)] for times, value in tables])
    mean = np.mean(held[:, 1:] / held[:, :-1] - 1.0, axis=0)
    logs = np.concatenate([[0.0], np.cumsum(np.log1p(mean))])
    note = f"mean of {len(kept)} of {len(members)} members: those with bars around the news"
    return Prices(Observed(grid, logs), widths.pop(), "" if len(kept) == len(members) else note)
