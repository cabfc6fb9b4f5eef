"""Checks that need exchange calendars, which the timeline knows and hands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.definitions.occurrence import ResolvedOccurrence
from eventlab.definitions.problem import Finding, Loc, hint, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.definitions.universe import UniverseDefinition
    from eventlab.definitions.workspace_file import WorkspaceDefinition

__all__ = ["CalendarCheck"]


@dataclass(frozen=True, slots=True)
class CalendarCheck:
    """What exchange calendars say of definitions.

    Attributes
    ----------
    codes
        Every clock code there is (``timeline.clock_codes()``).
    occurrence
        Says what is wrong with when an occurrence is said to have happened (``after_close`` on a
        Sunday: "2025-12-14 is no session of XNYS"), or None. Only asked about exchanges that
        ``codes`` has.
    """

    codes: tuple[str, ...]
    occurrence: Callable[[ResolvedOccurrence], str | None]

    def event(self, event: EventDefinition) -> Iterator[Finding]:
        """Find unknown clocks and exchanges, and occurrences in no session."""
        yield from self._code(("defaults", "exchange"), event.defaults.exchange)
        for index, said in enumerate(event.occurrences):
            if said.exchange is not None:
                yield from self._code(("occurrences", index, "exchange"), said.exchange)
        if event.study is not None:
            yield from self._code(("study", "clock"), event.study.clock)
        for occurrence in event.resolved_occurrences():
            if occurrence.exchange in self.codes:
                yield from self._occurrence(occurrence)

    def strategy(self, strategy: StrategyDefinition) -> Iterator[Finding]:
        """Find an unknown clock."""
        yield from self._code(("clock",), strategy.clock)

    def universe(self, universe: UniverseDefinition) -> Iterator[Finding]:
        """Find unknown calendars."""
        yield from self._code(("calendar",), universe.calendar)
        for symbol, said in universe.symbols.items():
            if said.calendar is not None:
                yield from self._code(("symbols", symbol, "calendar"), said.calendar)

    def settings(self, settings: WorkspaceDefinition) -> Iterator[Finding]:
        """Find unknown calendars."""
        for symbol, code in settings.calendars.items():
            yield from self._code(("calendars", symbol), code)

    def _code(self, loc: Loc, code: str) -> Iterator[Finding]:
        if code not in self.codes:
            near = hint(code, self.codes) or "; write an exchange's code, as in XNYS, or 24/7"
            yield Finding(loc, f"{show(code)} is no calendar{near}")

    def _occurrence(self, occurrence: ResolvedOccurrence) -> Iterator[Finding]:
        message = self.occurrence(occurrence)
        if message is not None:
            loc: Loc = ("occurrences", occurrence.index)
            needs = (
                (*loc, "zone"),
                (*loc, "session"),
                (*loc, "exchange"),
                ("defaults",),
            )
            yield Finding((*loc, "announced_at"), message, needs=needs)
