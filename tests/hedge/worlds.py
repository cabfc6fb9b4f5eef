"""Small worlds for whole backtests: strategies, events and prices, by hand and at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.definitions.strategy import StrategyDefinition
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import HOUR
from tests.hedge.priced import funding, with_opens
from tests.market.series import daily, market
from tests.study.worlds import event, workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventlab.definitions import EventDefinition, Workspace
    from eventlab.market.types import Market, PriceSeries

START = date(2025, 1, 6)
DAYS = 330
CALENDARS = {
    "BTC": "24/7", "ETH": "24/7", "SOL": "24/7", "QQQ": "XNYS", "NVDA": "XNYS", "ORCL": "XNYS",
    "LSEG": "XLON",
}  # fmt: skip
FREE: dict[str, Any] = {"fee_bps": 0, "slippage_bps": 0, "borrow_bps_per_year": 0}


@dataclass(frozen=True)
class World:
    """A strategy with all that it needs."""

    strategy: StrategyDefinition
    market: Market
    workspace: Workspace

    def saying(self, **said: Any) -> World:
        """The same world with another strategy."""
        return replace(self, strategy=told(self.strategy, **said))

    @property
    def parts(self) -> tuple[StrategyDefinition, Market, Workspace]:
        """Arguments of `run_backtest` and `run_audit`."""
        return self.strategy, self.market, self.workspace


def told(base: StrategyDefinition | None = None, **said: Any) -> StrategyDefinition:
    """Long bitcoin against QQQ from the bar before to two after, without costs; or as said."""
    known: dict[str, Any] = {
        "strategy": "small",
        "title": "Small",
        "events": ["news"],
        "clock": "24/7",
        "book": {"BTC": 1.0},
        "hedge": {"instruments": ["QQQ"], "ratio": {"method": "fixed", "value": 0.5}},
        "when": {"enter": -1, "exit": 2},
        "costs": FREE,
        "capital": 1_000.0,
    }
    if base is not None:
        known = base.model_dump(exclude_unset=True)
    return StrategyDefinition.model_validate({**known, **said})


def leg(
    symbol: str, start: date, closes: Sequence[float], opens: Sequence[float] | None = None
) -> PriceSeries:
    """Daily bars on the symbol's own calendar, with opens where they are given."""
    series = daily(symbol, CALENDARS[symbol], start, closes)
    return series if opens is None else with_opens(series, opens)


def without(held: Market, symbol: str, *days: str, opens_only: bool = False) -> Market:
    """The market with the price of a symbol missing on some days of its own calendar."""
    one = held.daily[symbol]
    gone = np.isin(one.sessions, np.array(days, dtype="datetime64[D]"))
    if len(days) != gone.sum():
        raise ValueError(f"{symbol} has only {gone.sum()} of {days}")
    opens = one.open if one.open is None else np.where(gone, np.nan, one.open)
    if opens_only:
        changed = replace(one, open=opens)
    else:
        prices = np.where(gone, np.nan, one.prices)
        changed = replace(one, open=opens, prices=prices, raw=prices)
    return replace(held, daily={**held.daily, symbol: changed})


def ending(held: Market, symbol: str, day: str) -> Market:
    """The market in which a symbol's prices end with a day."""
    one = held.daily[symbol]
    kept = one.sessions <= np.datetime64(day)
    fields = ("closes", "sessions", "prices", "raw", "volume", "open")
    found = {name: getattr(one, name)[kept] for name in fields if getattr(one, name) is not None}
    return replace(held, daily={**held.daily, symbol: replace(one, **found)})


def spaced(*, first: date = date(2025, 6, 2), every: int = 24, count: int = 7) -> list[str]:
    """New York noons of weekdays, some days apart."""
    days = [first + timedelta(days=every * number) for number in range(count)]
    days = [day - timedelta(days=max(day.weekday() - 4, 0)) for day in days]
    return [f"{day} 12:00" for day in days]


def reports(times: Sequence[str] | None = None) -> EventDefinition:
    """Reports that Oracle and Nvidia publish in turn, tagged beat and miss in turn."""
    return event(
        "news",
        [
            {
                "announced_at": when,
                "issuer": ("ORCL", "NVDA")[number % 2],
                "tags": [("beat", "miss")[number % 2]],
            }
            for number, when in enumerate(spaced() if times is None else times)
        ],
    )


def decisions() -> EventDefinition:
    """Decisions of a central bank that ease every second time."""
    times = spaced(first=date(2025, 5, 7), every=31, count=7)
    return event(
        "fed",
        [
            {"announced_at": when, "tags": [("cut", "hold")[number % 2]]}
            for number, when in enumerate(times)
        ],
    )


def room(*events: EventDefinition, **groups: Sequence[str]) -> Workspace:
    """A workspace of the symbols of `CALENDARS`."""
    return workspace(*(events or (reports(), decisions())), calendars=CALENDARS, **groups)


def random_market(seed: int, *, start: date = START, days: int = DAYS) -> Market:
    """Every symbol with opens, moved by one factor and its own noise; funding and a yield."""
    random = np.random.default_rng(seed)
    factor = random.normal(0.0, 0.015, days + 1)
    series: list[PriceSeries] = []
    for number, (symbol, calendar) in enumerate(CALENDARS.items()):
        clock = make_clock(calendar, start, start + timedelta(days=days))
        at = (clock.days - np.datetime64(start)).astype(np.int64)
        moves = (0.5 + 0.2 * number) * np.diff(factor.cumsum()[at], prepend=0.0)
        moves += random.normal(0.0, 0.01, len(at))
        closes = 50.0 * (number + 1) * np.exp(moves.cumsum())
        opens = closes * np.exp(random.normal(0.0, 0.005, len(at)))
        series.append(leg(symbol, start, closes.tolist(), opens.tolist()))
    last = int(series[0].closes[-1])
    stamps = np.arange(
        int(series[0].closes[0]) // HOUR // 8 * 8 * HOUR - 240 * HOUR, last, 8 * HOUR
    )
    for symbol in ("BTC", "ETH", "SOL"):
        rates = random.normal(2e-5, 1e-4, len(stamps)).tolist()
        series.append(funding(symbol, stamps.tolist(), rates))
    yields = (4.0 + random.normal(0, 0.05, days * 2 // 3).cumsum()).tolist()
    series.append(daily("DGS2", "XNYS", start, yields, kind="level"))
    return market(*series)


def random_world(seed: int, **said: Any) -> World:
    """A strategy on a random market with the usual events."""
    groups: Mapping[str, Iterable[str]] = {
        "tokens": ("BTC", "ETH", "SOL"),
        "techs": ("NVDA", "ORCL"),
    }
    held = room(**{name: tuple(members) for name, members in groups.items()})
    return World(told(**said), random_market(seed), held)
