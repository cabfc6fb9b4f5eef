"""What every measure of a claim is taken of: one market, its panels, and results at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from eventlab.claims.types import Untestable
from eventlab.market.panel import build_panel
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import numpy.typing as npt

    from eventlab.contagion.results import EventContagion
    from eventlab.definitions import Workspace
    from eventlab.definitions.questions import Question
    from eventlab.market.types import Market, Panel
    from eventlab.study.results import EventStudy
    from eventlab.timeline.types import Clock

__all__ = ["DRAWS", "LEVEL", "Bench", "Sampled"]

LEVEL = 0.05  # intervals hold 95%
DRAWS = 999  # of bootstraps
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Sampled:
    """Returns of one symbol on a clock.

    ``returns`` (n,) float64: simple returns in decimals of the rows that were asked for; NaN where
    there is none. ``basis`` says which prices they come from, as `PanelColumn` does.
    """

    symbol: str
    returns: npt.NDArray[np.float64]
    basis: str


@dataclass(frozen=True, slots=True)
class Bench:
    """The prices of all claims; panels are built once per calendar.

    Attributes
    ----------
    symbols
        Every symbol that any claim names, groups expanded.
    studies, contagions
        Results of the same run by id of the event, to be used where they are of the same
        definition; measures compute what is not there.
    """

    market: Market
    workspace: Workspace
    symbols: tuple[str, ...]
    seed: int = 0
    studies: Mapping[str, EventStudy] = field(default_factory=dict)
    contagions: Mapping[str, EventContagion] = field(default_factory=dict)
    _panels: dict[str, Panel] = field(default_factory=dict)
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], _Kept]) -> _Kept:
        """Return what was made under a name, or make it: claims about one event share it."""
        key = (self.market.stamp.fingerprint, name)
        if key not in self._kept:
            self._kept[key] = make()
        kept: _Kept = self._kept[key]
        return kept

    def clock(self, calendar: str) -> Clock:
        """Sessions of a calendar, in whole years around all prices."""
        days = [
            each.sessions[[0, -1]]
            for each in (*self.market.daily.values(), *self.market.intraday.values())
            if len(each.sessions)
        ]
        if not days:
            raise Untestable("the data hold no prices of any symbol that claims name")
        first, last = min(each[0] for each in days), max(each[1] for each in days)
        return make_clock(
            calendar,
            date(first.astype(object).year, 1, 1),
            date(last.astype(object).year, 12, 31),
        )

    def panel(self, calendar: str) -> Panel:
        """Build returns of all symbols on the sessions of a calendar, once."""
        if calendar not in self._panels:
            self._panels[calendar] = build_panel(self.market, self.symbols, self.clock(calendar))
        return self._panels[calendar]

    def sampled(self, symbol: str, calendar: str, rows: slice) -> Sampled:
        """Take returns of one symbol over rows of the panel, from bars that have most of them.

        Of two columns with as many, the one from bars inside the day: it is nearer to the clock's
        close. Never a mixture.

        Raises
        ------
        Untestable
            The market has no prices of the symbol.
        """
        panel = self.panel(calendar)
        found = [place for place, column in enumerate(panel.columns) if column.symbol == symbol]
        if not found:
            raise Untestable(self.lacking(symbol))
        ranks = {"own close": 0, "intraday": 1}

        def worth(place: int) -> tuple[int, int]:
            n = int(np.isfinite(panel.returns[place, rows]).sum())
            return -n, ranks.get(panel.columns[place].basis, 2)

        best = min(found, key=worth)
        return Sampled(symbol, panel.returns[best, rows], panel.columns[best].basis)

    def members(self, name: str, question: Question) -> tuple[str, ...]:
        """Symbols that a name of a claim stands for: itself, or the members of its @group."""
        issuer = question.occurrence.issuer if question.occurrence is not None else None
        return self.workspace.expand([name], issuer=issuer)

    def lacking(self, symbol: str) -> str:
        """Say why there are no prices of a symbol."""
        if symbol in self.market.refused:
            return f"prices of {symbol} were refused: {self.market.refused[symbol]}"
        return f"{self.market.stamp.source} holds no prices of {symbol}"

    def generator(self, question: Question) -> np.random.Generator:
        """Return the source of chance of one claim: the same whatever other claims there are."""
        name = f"{question.owner}/{question.claim.id}".encode()
        return np.random.default_rng([self.seed, *name])
