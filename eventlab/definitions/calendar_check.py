"""Checks that need exchange calendars, which the timeline knows and hands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.definitions.problem import Finding, Loc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from eventlab.definitions.claim import ClaimDefinition
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
    code
        Says what is wrong with a calendar's code, or None (``timeline.check_calendar``).
    occurrences
        Lists what is wrong with an event, as key path and message: unknown codes, and occurrences
        in no session (``timeline.calendar_problems``).
    """

    code: Callable[[str], str | None]
    occurrences: Callable[[EventDefinition], Iterable[tuple[Loc, str]]]

    def event(self, event: EventDefinition) -> Iterator[Finding]:
        """Find unknown clocks and exchanges, and occurrences in no session."""
        for loc, message in self.occurrences(event):
            # A date can only be judged where the occurrence, and what it inherits, stand.
            needs: tuple[Loc, ...] = (("defaults",), loc[:2]) if loc[0] == "occurrences" else ()
            yield Finding(loc, message, needs=needs)
        yield from self.claims(event.claims)

    def claims(self, claims: tuple[ClaimDefinition, ...]) -> Iterator[Finding]:
        """Find unknown calendars of readings."""
        for index, claim in enumerate(claims):
            for key, section in (("readings", claim.readings), ("beyond", claim.beyond)):
                codes = section.calendars if section is not None else None
                for place, code in enumerate(codes or ()):
                    yield from self._code(("claims", index, key, "calendars", place), code)

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
        message = self.code(code)
        if message is not None:
            yield Finding(loc, message)
