"""Widths of bars, and the windows that a study in bars has unless it says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BarWidth", "bar_minutes", "default_windows"]

# An hour and what divides it, so that bars of any width close on the hour.
BarWidth = Literal[
    "session",
    "1min",
    "2min",
    "3min",
    "4min",
    "5min",
    "6min",
    "10min",
    "12min",
    "15min",
    "20min",
    "30min",
    "60min",
]

# Sessions that a study in bars is fitted on: each has one night whose variance is estimated too.
FITTED_SESSIONS: Final = 30
ALWAYS_OPEN_MINUTES, EXCHANGE_MINUTES = 24 * 60, 390  # an exchange's day as in New York
LEAST_BEFORE: Final = 6  # bars before the news that are shown
FARTHEST: Final = -10_000  # the first bar that a window may begin at


def bar_minutes(bar: str) -> int:
    """Return the width of the bars in minutes; 0 for whole sessions."""
    return 0 if bar == "session" else int(bar.removesuffix("min"))


def default_windows(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the windows of a study in bars that ``fields`` of its section leave out.

    Counted in sessions of n bars (a UTC day on 24/7, else New York's 6.5 hours): the fit rests on
    30 sessions that end one session before the news; the event window runs from an hour (at least
    six bars) before the news to a session after it; CARs are of the first bar, the first hour, the
    first three hours, the session, and the hour before. Nothing for whole sessions, whose defaults
    the section itself has.
    """
    bar = fields.get("bar", "session")
    if bar == "session" or bar not in get_args(BarWidth):
        return {}
    minutes = bar_minutes(bar)
    day = ALWAYS_OPEN_MINUTES if fields.get("clock") == "24/7" else EXCHANGE_MINUTES
    n, hour = -(-day // minutes), 60 // minutes
    before = min(n, max(LEAST_BEFORE, hour))
    cars = ((0, 0), (0, hour - 1), (0, 3 * hour - 1), (0, n - 1), (-before, -1))
    windows = {
        "estimation_window": (max(FARTHEST, -(FITTED_SESSIONS + 1) * n), -n - 1),
        "event_window": (-before, n - 1),
        "car_windows": tuple(dict.fromkeys(cars)),
    }
    return {key: window for key, window in windows.items() if key not in fields}
