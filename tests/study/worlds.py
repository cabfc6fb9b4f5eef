"""Small workspaces and markets, made by hand, for the tests of whole studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.definitions import (
    EventDefinition,
    SymbolInfo,
    UniverseDefinition,
    Workspace,
    WorkspaceDefinition,
)
from tests.market.series import daily

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy.typing as npt

    from eventlab.market.types import PriceSeries

NEW_YORK = "America/New_York"


def event(name: str, times: Sequence[str | dict[str, Any]], **study: object) -> EventDefinition:
    """Event whose occurrences ``n0``, ``n1``, ... are New York times or whole occurrences."""
    occurrences = [
        {"id": f"n{number}", **({"announced_at": when} if isinstance(when, str) else when)}
        for number, when in enumerate(times)
    ]
    return EventDefinition.model_validate(
        {
            "event": name,
            "title": name,
            "kind": "other",
            "defaults": {"zone": NEW_YORK},
            "occurrences": occurrences,
            "study": study or None,
        }
    )


def workspace(
    *events: EventDefinition, calendars: Mapping[str, str], **groups: Sequence[str]
) -> Workspace:
    """Workspace of these events; ``calendars`` by symbol, ``groups`` of symbols by universe."""
    universes = {
        name: UniverseDefinition.model_validate(
            {"universe": name, "title": name, "symbols": {each: {} for each in members}}
        )
        for name, members in groups.items()
    }
    return Workspace(
        root=Path("nowhere"),
        settings=WorkspaceDefinition(),
        events={one.event: one for one in events},
        strategies={},
        universes=universes,
        symbols={
            symbol: SymbolInfo(symbol, symbol, calendar, "price")
            for symbol, calendar in calendars.items()
        },
        origins={},
    )


def prices(returns: Sequence[float] | npt.NDArray[np.float64]) -> list[float]:
    """Prices that start at 100 and make these returns, one more than there are returns."""
    return [float(price) for price in 100.0 * np.cumprod([1.0, *(1.0 + np.asarray(returns))])]


def stock(
    symbol: str,
    start: date,
    returns: Sequence[float] | npt.NDArray[np.float64],
    *,
    calendar: str = "XNYS",
    drop: Sequence[int] = (),
) -> PriceSeries:
    """Daily series whose bar 0 has no return; ``drop`` leaves bars out, their returns stay."""
    return daily(symbol, calendar, start, prices(returns), drop=drop)


def noise(seed: int, length: int, scale: float = 0.01) -> npt.NDArray[np.float64]:
    """Returns that only a seed decides."""
    return np.random.default_rng(seed).normal(0.0, scale, length)
