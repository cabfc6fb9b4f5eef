"""A made-up world for whole contagions: a source, what hangs on it, tokens around the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.contagion.run import run_contagion
from eventlab.definitions import EventDefinition
from eventlab.timeline import make_bar_clock, make_clock
from tests.market.series import daily, intraday, market
from tests.study.worlds import NEW_YORK, noise, prices, workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from eventlab.contagion.results import EventContagion
    from eventlab.definitions import Workspace
    from eventlab.market.types import Market, PriceSeries

START, SESSIONS = date(2022, 1, 3), 700
CLOCK = make_clock("XNYS", START, date(2024, 12, 31))
AROUND = make_clock("24/7", START, date(2024, 12, 31))
CALENDARS = {
    "SRC": "XNYS",
    "AAA": "XNYS",
    "BBB": "XNYS",
    "MKT": "XNYS",
    "T1": "24/7",
    "T2": "24/7",
    "T3": "24/7",
}
GROUPS = {"tokens": ("T1", "T2", "T3"), "stocks": ("AAA", "BBB")}
# Evenings of sessions 200, 330, 460 and 590: day 0 is the session after.
TIMES = tuple(f"{CLOCK.sessions[row]} 16:05" for row in (200, 330, 460, 590))
ROWS = (201, 331, 461, 591)
SECTION: Mapping[str, Any] = {
    "source": "SRC",
    "targets": ["AAA", "BBB", "@tokens"],
    "calm_window": [-60, -6],
    "crisis_window": [0, 10],
    "draws": 60,
}


def news(
    times: Sequence[str | Mapping[str, Any]] = TIMES,
    *,
    name: str = "news",
    study: Mapping[str, Any] | None = None,
    issuer: str | None = None,
    **section: object,
) -> EventDefinition:
    """Event with the contagion section of this file, changed as said; n0, n1, ... by default."""
    fields = {key: held for key, held in {**SECTION, **section}.items() if held is not None}
    return EventDefinition.model_validate(
        {
            "event": name,
            "title": name,
            "kind": "other",
            "issuer": issuer,
            "defaults": {"zone": NEW_YORK},
            "occurrences": [
                {"id": f"n{at}", **({"announced_at": one} if isinstance(one, str) else one)}
                for at, one in enumerate(times)
            ],
            "study": study,
            "contagion": fields,
        }
    )


def other(name: str, *times: str, issuer: str | None = None) -> EventDefinition:
    """Event without a section: other news."""
    return EventDefinition.model_validate(
        {
            "event": name,
            "title": name.title(),
            "kind": "other",
            "issuer": issuer,
            "defaults": {"zone": NEW_YORK},
            "occurrences": [{"id": f"o{at}", "announced_at": one} for at, one in enumerate(times)],
        }
    )


def stock_returns() -> dict[str, npt.NDArray[np.float64]]:
    """Daily returns by stock: all hang on SRC, and on MKT."""
    source, factor = noise(1, SESSIONS), noise(2, SESSIONS, 0.005)
    return {
        "SRC": source + factor,
        "AAA": 0.7 * source + noise(3, SESSIONS) + factor,
        "BBB": 0.2 * source + noise(4, SESSIONS) + factor,
        "MKT": factor,
    }


def series(*, changed: Mapping[str, npt.NDArray[np.float64]] | None = None) -> list[PriceSeries]:
    """Daily prices of everything; T3 begins 300 days late. ``changed`` returns by stock."""
    stocks = {**stock_returns(), **(changed or {})}
    found = [daily(name, "XNYS", START, prices(values[1:])) for name, values in stocks.items()]
    for at, name in enumerate(("T1", "T2", "T3")):
        path = prices(noise(10 + at, len(AROUND) - 1, 0.02))
        found.append(daily(name, "24/7", START, path, drop=range(300) if name == "T3" else ()))
    return found


def world(*extra: PriceSeries, without: Iterable[str] = ()) -> Market:
    """Market of `series`."""
    left = set(without)
    return market(*(one for one in (*series(), *extra) if one.symbol not in left))


def home(*events: EventDefinition) -> Workspace:
    """Workspace of these events and the symbols of this file."""
    return workspace(*events, calendars=CALENDARS, **GROUPS)


def contagion(
    asked: EventDefinition | None = None,
    given: Market | None = None,
    others: Sequence[EventDefinition] = (),
    **options: Any,
) -> EventContagion:
    """Run the section in the world of this file; no part unless ``focus`` says so."""
    event = news() if asked is None else asked
    options = {"focus": (), **options}
    return run_contagion(
        event, world() if given is None else given, home(event, *others), **options
    )


def cut(one: PriceSeries, last: int) -> PriceSeries:
    """Drop the bars after row ``last``."""
    keep = slice(0, last + 1)
    return replace(
        one,
        closes=one.closes[keep],
        sessions=one.sessions[keep],
        prices=one.prices[keep],
        raw=one.raw[keep],
        volume=one.volume[keep],
    )


HOURS = make_bar_clock("XNYS", date(2022, 1, 3), date(2022, 6, 30), 60)
HOURS_AROUND = make_bar_clock("24/7", date(2022, 1, 3), date(2022, 6, 30), 60)


def hourly_world() -> Market:
    """Hours of SRC, AAA, T1 and T2 of half a year, and the days of `series`; BBB has no hours."""
    shocks = np.random.default_rng(7).normal(0.0, 0.004, len(HOURS))
    own = np.random.default_rng(8).normal(0.0, 0.004, len(HOURS))
    bars = [
        intraday("SRC", "XNYS", HOURS.closes.tolist(), prices(shocks[1:]), 60),
        intraday("AAA", "XNYS", HOURS.closes.tolist(), prices((0.5 * shocks + own)[1:]), 60),
    ]
    for at, name in enumerate(("T1", "T2")):
        path = prices(noise(20 + at, len(HOURS_AROUND) - 1, 0.005))
        bars.append(intraday(name, "24/7", HOURS_AROUND.closes.tolist(), path, 60))
    return world(*bars)
