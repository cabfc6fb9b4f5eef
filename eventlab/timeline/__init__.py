"""Clocks, event sessions, windows and overlaps."""

from eventlab.timeline.bars import make_bar_clock
from eventlab.timeline.clock import (
    ALWAYS_OPEN,
    ClockBoundsError,
    build_problem,
    calendar_bounds,
    canonical_code,
    check_calendar,
    clock_codes,
    is_session,
    make_clock,
)
from eventlab.timeline.instants import event_instant
from eventlab.timeline.overlaps import find_overlaps
from eventlab.timeline.problems import calendar_problems
from eventlab.timeline.sessions import event_session
from eventlab.timeline.types import Clock, EventInstant, EventSession, OutsideClock, Overlap
from eventlab.timeline.windows import Window, parse_window, window_label

__all__ = [
    "ALWAYS_OPEN",
    "Clock",
    "ClockBoundsError",
    "EventInstant",
    "EventSession",
    "OutsideClock",
    "Overlap",
    "Window",
    "build_problem",
    "calendar_bounds",
    "calendar_problems",
    "canonical_code",
    "check_calendar",
    "clock_codes",
    "event_instant",
    "event_session",
    "find_overlaps",
    "is_session",
    "make_bar_clock",
    "make_clock",
    "parse_window",
    "window_label",
]
