"""A small world up to an instant, three other futures behind it, and what has to stay the same."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from eventlab.market.futures import delayed, scrambled, truncated
from eventlab.market.panel import NEAREST_REACH, build_panel
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import HOUR
from tests.hedge.worlds import CALENDARS, random_market
from tests.market.series import daily, intraday, market

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from eventlab.market.types import Market, Panel, PriceSeries
    from eventlab.timeline.types import Clock

# At how many instants each property is tried; `python -m benchmarks.lookahead` tries many. The
# first of hypothesis is always the smallest.
COUNT: Final = int(os.environ.get("EVENTLAB_LOOKAHEAD", "2"))
FUTURES: Final[Mapping[str, Callable[[Market, int, int], Market]]] = {
    "scrambled": scrambled,  # first, as it tells most
    "delayed": lambda held, at, seed: delayed(held, at, 1 + seed % 5),
    "truncated": lambda held, at, _: truncated(held, at),
}
few = settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # the instant says enough
    suppress_health_check=[HealthCheck.too_slow],
)
seeds = st.integers(0, 10_000)
SYMBOLS: Final = tuple(CALENDARS)
START, DAYS = date(2024, 11, 25), 330  # a year's end lies inside, for returns of the year to date


@dataclass(frozen=True)
class Seen:
    """A market on New York's sessions; the clock ends where its prices do."""

    market: Market
    clock: Clock

    @cached_property
    def panel(self) -> Panel:
        """Own and previous closes: nothing of a row closes after its session."""
        return build_panel(self.market, SYMBOLS, self.clock, "previous")

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Daily returns by the closes of the sessions, without the first row, which has none."""
        frame = self.laid_out(self.panel)
        return frame[[name for name in frame.columns if "intraday" not in name]].iloc[1:]

    @property
    def complete(self) -> pd.DataFrame:
        """Rows with every return."""
        return self.returns.dropna()

    def laid_out(self, panel: Panel) -> pd.DataFrame:
        """What a panel on the clock holds, by the closes of the sessions."""
        names = [f"{one.symbol} {one.basis}" for one in panel.columns]
        return pd.DataFrame(panel.returns.T, index=stamps(panel.clock.closes), columns=names)

    def column(self, symbol: str, name: str) -> pd.Series:
        """One column of a symbol's daily bars, by their closes."""
        one = self.market.daily[symbol]
        return pd.Series(getattr(one, name), index=stamps(one.closes), name=symbol)


def stamps(closes: npt.NDArray[np.int64]) -> pd.DatetimeIndex:
    """Instants of UTC ns."""
    return pd.DatetimeIndex(closes.astype("datetime64[ns]"), tz="UTC")


@cache
def world() -> Seen:
    """Stocks of New York and London, tokens with hours, opens, ranges, volumes, rates, levels."""
    held = random_market(5, start=START, days=DAYS)
    random = np.random.default_rng(11)
    named = [dressed(one, random) for one in held.daily.values()]
    first, last = (int(held.daily["BTC"].closes[end]) for end in (0, -1))
    ends = np.arange(first, last + 1, HOUR)
    level = np.interp(ends, held.daily["BTC"].closes, np.log(held.daily["BTC"].prices))
    level += np.where(np.isin(ends, held.daily["BTC"].closes), 0, random.normal(0, 3e-3, len(ends)))
    path = np.exp(level)
    hours = replace(
        intraday("BTC", "24/7", ends.tolist(), path.tolist(), 60),
        high=path * 1.002,
        low=path / 1.003,
        volume=random.lognormal(6, 1, len(ends)),
    )
    vix = 20 * np.exp(random.normal(0, 0.05, DAYS * 2 // 3).cumsum())
    interest = 1e9 * np.exp(random.normal(0, 0.03, DAYS).cumsum())
    named += [
        daily("^VIX", "XNYS", START, vix.tolist(), kind="level"),
        daily("BTC-OI", "24/7", START, interest.tolist(), kind="level"),
    ]
    made = market(*named, *held.intraday.values(), hours)
    return Seen(made, clock_until(named[0].sessions[-8].astype(object)))


def dressed(series: PriceSeries, random: np.random.Generator) -> PriceSeries:
    """Daily bars with ranges and volumes; a level stays what it is."""
    if series.open is None or series.kind != "price":
        return series
    n = len(series.prices)
    return replace(
        series,
        high=np.fmax(series.raw, series.open) * (1 + random.exponential(0.01, n)),
        low=np.fmin(series.raw, series.open) / (1 + random.exponential(0.01, n)),
        volume=random.lognormal(8, 1, n),
    )


@cache
def clock_until(day: date) -> Clock:
    """New York's sessions from the beginning to a day."""
    return make_clock("XNYS", START, day)


def others(row: int, share: float, seed: int) -> dict[str, Seen]:
    """The world with each future after an instant between the closes of a row and of the next."""
    held = world()
    instant = instant_after(held.clock, row, share)
    ended = clock_until(held.clock.sessions[row].astype(object))
    return {
        name: Seen(change(held.market, instant, seed), ended if name == "truncated" else held.clock)
        for name, change in FUTURES.items()
    }


def instant_after(clock: Clock, row: int, share: float) -> int:
    """UTC ns: the close of a row, and a share of the time to the next one."""
    close, following = (int(clock.closes[at]) for at in (row, row + 1))
    return close + int(share * (following - close - 1))


def last_complete(clock: Clock, instant: int, *, nearest: bool) -> int:
    """Last row of which everything is known, also a close that lies after the session's."""
    reach = NEAREST_REACH if nearest else 0
    return int(np.searchsorted(clock.closes + reach, instant, side="right")) - 1


def assert_same(one: Any, other: Any, what: str) -> None:
    """Two tables have the same labels, words and bits."""
    mine, theirs = (pd.DataFrame(each).reset_index(drop=False) for each in (one, other))
    assert list(mine.columns) == list(theirs.columns), what
    assert len(mine) == len(theirs), (what, len(mine), len(theirs))
    for place in range(mine.shape[1]):
        left, right = mine.iloc[:, place], theirs.iloc[:, place]
        if left.dtype == np.float64 and right.dtype == np.float64:
            a, b = left.to_numpy(), right.to_numpy()
            unequal = np.flatnonzero(~((a == b) | (np.isnan(a) & np.isnan(b))))
            assert not len(unequal), f"{what}: {mine.columns[place]} differs at rows {unequal[:9]}"
        else:
            pd.testing.assert_series_equal(left, right, check_exact=True, obj=what)
