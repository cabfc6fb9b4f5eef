"""What moved: every event of a run in one line, the asset that moved and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.report import summary
from eventlab.report.answer import Answer, Said
from eventlab.report.numbers import counted, days_words, integer, percent, pvalue
from eventlab.report.units import unit_of
from eventlab.report.verdict import principal
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.report.verdict import Verdict
    from eventlab.study.results import EventStudy

__all__ = ["MARKS", "Line", "by_chance", "line", "moved"]

# Form beside colour and words: a page is also read in grey and aloud.
MARKS = {"up": "\N{BLACK UP-POINTING TRIANGLE}", "down": "\N{BLACK DOWN-POINTING TRIANGLE}"}
MARKS |= {"open": "\N{BLACK DIAMOND}", "chance": "\N{WHITE CIRCLE}"}
MARKS |= {"untested": "\N{EN DASH}", "none": "\N{EN DASH}"}
MARKS |= {"held": "\N{BLACK CIRCLE}", "narrow": "\N{CIRCLE WITH LEFT HALF BLACK}"}
MARKS |= {"wrong": "\N{MULTIPLICATION SIGN}"}
WORDS = {
    "up": "yes, up",
    "down": "yes, down",
    "open": "yes, direction open",
    "chance": "not shown",
    "untested": "not tested",
    "none": "not computed",
}
NO_DOUBT = "No other event, exclusion or fault in the prices was found."
MOVED = ("up", "down")
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
    def words(self) -> str:
        """The verdict in words."""
        return WORDS[self.kind]


def moved(studies: Sequence[EventStudy], verdicts: Sequence[Verdict]) -> Answer | None:
    """Answer what moved, the surest first; None where no event was studied."""
    if not studies:
        return None
    pairs = list(zip(studies, verdicts, strict=True))
    said = {study.event.event: _said(study, spoken) for study, spoken in pairs}
    lines = [line(study, spoken) for study, spoken in pairs]
    lines.sort(key=lambda each: each.place)
    nouns = " or ".join(dict.fromkeys(unit_of(study).noun for study in studies))
    rows = tuple(
        (
            Shown(each.title, f"{each.occurrences} occurrences"),
            Shown(each.words),
            Shown(each.asset, each.chosen),
            Shown(each.average, each.interval, loud=each.kind in MOVED),
            Shown(each.pvalue, each.unpicked),
        )
        for each in lines
    )
    columns = ("event", "more than chance?", "asset", "average", "placebo p")
    return Answer(
        "moved",
        "What moved",
        _moved_said(lines),
        (
            ("Asset", "the one that the event names, or else its most unusual one"),
            ("Average", f"its {nouns} beyond what the model expects, and the interval"),
            ("Direction open", "moves larger than chance, some up and some down"),
            ("Placebo p", "how often dates without the event gave as much"),
            ("Unpicked", "the same before it is raised for picking one asset of several"),
        ),
        View("Every event at a glance", columns, rows, (3, 4)),
        tuple(f"events/{each.event}.html" for each in lines),
        tuple(each.kind for each in lines),
        1,
        tuple(said[each.event] for each in lines),
        doubt=by_chance(studies),
    )


def _said(study: EventStudy, spoken: Verdict) -> Said:
    counts = (
        f"{counted(len(study.occurrences), 'occurrence')}, {len(summary.groups(study))} assets and "
        f"groups, {counted(len(study.exclusions), 'exclusion')}"
    )
    doubt = spoken.doubts[0] if spoken.doubts else NO_DOUBT
    title, page = study.event.title, f"events/{study.event.event}.html"
    return Said(title, page, spoken.sentence, doubt, counts)


def _moved_said(lines: Sequence[Line]) -> str:
    """Count the events by verdict, and name those that moved something in one direction."""
    titles = [_named(each) for each in lines if each.kind in MOVED]
    either = sum(each.kind == "open" for each in lines)
    rest = len(lines) - len(titles) - either
    parts = [
        f"{len(titles)} moved prices one way beyond chance: {', '.join(titles)}" if titles else "",
        f"{either} moved prices beyond chance, but up or down" if either else "",
        f"{rest} did not move them beyond chance" if rest else "",
    ]
    return f"Of {counted(len(lines), 'event')}, {'; '.join(filter(None, parts))}."


def _named(one: Line) -> str:
    """Name an event with what it moved, and how sure that is."""
    interval = f", 95% {one.interval}" if one.interval else ""
    return f"{one.title} ({one.asset} {one.average}{interval})"


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
        f"With {len(studies)} events that move nothing, were they unrelated, chance alone would "
        f"still say yes to one or more on about {percent(share, 0, sign=False)} of such pages."
    )


def _occurrences(study: EventStudy, group: str, n_events: int) -> str:
    if group.startswith("@") and group != summary.ISSUER:
        return integer(len(study.occurrences))
    return f"{integer(n_events)} of {integer(len(study.occurrences))}"
