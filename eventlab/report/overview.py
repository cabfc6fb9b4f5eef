"""The first look at a run: every event in one line, what moved most and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.report import summary
from eventlab.report.numbers import days_words, integer, percent, pvalue
from eventlab.report.units import unit_of
from eventlab.report.verdict import principal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.report.verdict import Verdict
    from eventlab.study.results import EventStudy

__all__ = ["Line", "by_chance", "line"]

# Form beside colour and words: a page is also read in grey and aloud.
MARKS = {"up": "\N{BLACK UP-POINTING TRIANGLE}", "down": "\N{BLACK DOWN-POINTING TRIANGLE}"}
MARKS |= {"open": "\N{BLACK DIAMOND}", "chance": "\N{WHITE CIRCLE}"}
MARKS |= {"untested": "\N{EN DASH}", "none": "\N{EN DASH}"}
WORDS = {
    "up": "yes, up",
    "down": "yes, down",
    "open": "yes, direction open",
    "chance": "not shown",
    "untested": "not tested",
    "none": "not computed",
}
ORDER = {"up": 0, "down": 0, "open": 1, "chance": 2, "untested": 3, "none": 4}


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the overview; every field is text, empty where there is nothing to say."""

    event: str
    title: str
    occurrences: str
    kind: str
    place: tuple[int, float]  # sorts lines: the surest first
    asset: str = ""
    chosen: str = ""  # the window, and from how many assets this one was picked
    average: str = ""
    interval: str = ""
    pvalue: str = ""
    unpicked: str = ""  # the p before it was multiplied by the number of assets

    @property
    def mark(self) -> str:
        """The sign of the verdict."""
        return MARKS[self.kind]

    @property
    def words(self) -> str:
        """The verdict in words."""
        return WORDS[self.kind]


def line(study: EventStudy, spoken: Verdict) -> Line:
    """Return the overview's line on the asset and window that the verdict speaks of."""
    event, title = study.event.event, study.event.title
    cell, picked_from = principal(study)
    if cell is None:
        nothing = f"0 of {integer(len(study.occurrences))}"
        return Line(event, title, nothing, "none", (ORDER["none"], 1.0))
    kind = spoken.kind
    if kind == "moved":
        kind = "down" if cell.caar < 0 else "up"
    elif kind == "scattered":
        kind = "open"
    adjusted = min(1.0, cell.placebo * picked_from) if np.isfinite(cell.placebo) else np.nan
    low, high = cell.interval.low, cell.interval.high
    chosen, write = days_words(cell.window, summary.bar_word(study)), unit_of(study).write
    return Line(
        event=event,
        title=title,
        occurrences=_occurrences(study, cell.group, cell.n_events),
        asset="issuers" if cell.group == summary.ISSUER else cell.group,
        chosen=f"{chosen}; 1 of {picked_from}" if picked_from > 1 else chosen,
        average=write(cell.caar),
        interval=f"{write(low, 1)} to {write(high, 1)}" if np.isfinite(low) else "",
        pvalue=pvalue(adjusted),
        unpicked=f"{pvalue(cell.placebo)} unpicked" if picked_from > 1 else "",
        kind=kind,
        place=(ORDER[kind], float(np.nan_to_num(adjusted, nan=1.0))),
    )


def by_chance(studies: Sequence[EventStudy]) -> str:
    """Say how often chance alone marks an event on a page with so many; empty for one event."""
    if len(studies) < 2:
        return ""
    share = 1 - math.prod(1 - summary.level(study) for study in studies)
    return (
        f"With {len(studies)} events, were they unrelated, chance alone would say yes at least "
        f"once on about {percent(share, 0, sign=False)} of such pages."
    )


def _occurrences(study: EventStudy, group: str, n_events: int) -> str:
    if group.startswith("@") and group != summary.ISSUER:
        return integer(len(study.occurrences))
    return f"{integer(n_events)} of {integer(len(study.occurrences))}"
