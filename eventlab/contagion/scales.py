"""The widths of bars that an event's pairs are measured in: each a clock and two windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.definitions.bars import ALWAYS_OPEN_MINUTES, EXCHANGE_MINUTES, FARTHEST, bar_minutes
from eventlab.timeline.clock import ALWAYS_OPEN

if TYPE_CHECKING:
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.event import EventDefinition
    from eventlab.timeline.windows import Window

__all__ = ["Scale", "scales_of", "usual_windows"]

CALM_SESSIONS: Final = 20  # of bars inside sessions, unless the definition says otherwise
CRISIS_SESSIONS: Final = 3
NEAR_SESSIONS: Final = 2  # other news this near before the event confounds it


@dataclass(frozen=True, slots=True)
class Scale:
    """One width of bars.

    Attributes
    ----------
    bar
        ``session``, or the width of bars inside sessions, as definitions write it.
    code
        The clock's calendar.
    calm, crisis
        The two windows, inclusive bars relative to the event session.
    """

    bar: str
    code: str
    calm: Window
    crisis: Window

    @property
    def minutes(self) -> int:
        """Width of the bars; 0 for whole sessions."""
        return bar_minutes(self.bar)

    @property
    def per_session(self) -> int:
        """Bars of a session (of New York's length, on any exchange)."""
        day = ALWAYS_OPEN_MINUTES if self.code == ALWAYS_OPEN else EXCHANGE_MINUTES
        return -(-day // self.minutes) if self.minutes else 1

    @property
    def near(self) -> int:
        """First bar on which other news is so near before the event that it confounds it."""
        return -NEAR_SESSIONS * self.per_session

    @property
    def windows(self) -> dict[str, Window]:
        """The windows that other events are looked for in, by name."""
        found = {"calm": self.calm, "crisis": self.crisis}
        if self.calm[1] + 1 < self.crisis[0]:
            found["gap"] = (self.calm[1] + 1, self.crisis[0] - 1)
        return found


def scales_of(event: EventDefinition, section: ContagionDefinition) -> tuple[Scale, ...]:
    """Return the scale of the section, and that of its ``intraday`` part where it has one."""
    code = section.clock or (event.study.clock if event.study is not None else "XNYS")
    own = Scale(section.bar, code, section.calm_window, section.crisis_window)
    intraday = section.intraday
    if intraday is None:
        return (own,)
    calm, crisis = usual_windows(intraday.bar, intraday.clock or code)
    calm, crisis = intraday.calm_window or calm, intraday.crisis_window or crisis
    return own, Scale(intraday.bar, intraday.clock or code, calm, crisis)


def usual_windows(bar: str, code: str) -> tuple[Window, Window]:
    """Calm and crisis window of bars inside sessions for which none are named."""
    n = Scale(bar, code, (0, 0), (0, 0)).per_session
    return (max(FARTHEST, -(CALM_SESSIONS + 1) * n), -n - 1), (0, CRISIS_SESSIONS * n - 1)
