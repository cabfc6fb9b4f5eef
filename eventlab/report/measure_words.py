"""The sentences of a study of volume or volatility, in place of those on returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.report import summary
from eventlab.report.numbers import days_words, integer
from eventlab.report.units import times, unit_of
from eventlab.timeline.windows import parse_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.report.cells import Cell
    from eventlab.study.results import EventStudy

__all__ = ["measured_move", "persistence", "untested"]


def measured_move(study: EventStudy, cell: Cell, picked_from: int, kind: str) -> str:
    """Say how many times its usual volume or volatility an asset had; kinds as in the verdict."""
    measure = unit_of(study).measure
    name = "the issuers" if cell.group == summary.ISSUER else cell.group
    usual, when = _usual(study), days_words(cell.window)
    average = "on average " if _bars(cell) > 1 else ""
    mean = f", on average over {integer(cell.n_events)} events" if cell.n_events > 1 else ""
    was = f"was {average}{times(cell.caar, cell.window)} {usual}"
    subject = f"{measure} of {name}"
    first = f"{subject[0].upper()}{subject[1:]}"
    if kind == "moved" and picked_from > 1:
        return f"Of {picked_from} assets {name} stands out: its {measure} {was} {when}{mean}"
    if kind == "moved":
        return f"{first} {was} {when}{mean}"
    if kind == "scattered":
        chosen = f", the most unusual of {picked_from} assets," if picked_from > 1 else ""
        typical = summary.mean_size(study, cell.group, cell.window)
        either = (
            ""
            if np.isclose(typical, abs(cell.caar))
            else f", by {_factor(typical, cell)} up or down"
        )
        return (
            f"{first}{chosen} was more unusual than chance allows {when}{either}, but its "
            f"direction may be chance: it {was}{mean}"
        )
    if kind == "untested":
        chosen = f", the most extreme of {picked_from} assets," if picked_from > 1 else ""
        said = f"{first}{chosen} {was} {when}{mean}"
        return f"{said}; {untested(study)}"
    if picked_from > 1:
        return (
            f"None of {picked_from} assets can be told from chance {when}{mean}; the most extreme "
            f"is {name}, whose {measure} {was}"
        )
    return f"It may be chance: {subject} {was} {when}{mean}"


def untested(study: EventStudy) -> str:
    """Say why a sentence does not tell chance from an effect."""
    if study.convention != "paper":
        return f"the tests below are those of {study.convention}"
    return "whether that is more than chance could not be tested"


def persistence(study: EventStudy) -> Iterator[str]:
    """Doubt the forecast errors: these series remember, and the errors assume that they do not."""
    unit = unit_of(study)
    if unit.log:
        yield (
            f"{unit.measure} is persistent and its mean drifts, which intervals and tests from the "
            "forecast error do not allow for; the placebo dates do."
        )


def _usual(study: EventStudy) -> str:
    definition = study.event.study
    if definition is None or definition.model == "constant_mean":
        return "its usual"
    if definition.model == "factor_model":
        return "what its factors explain"
    return f"what {definition.benchmark} explains"


def _factor(value: float, cell: Cell) -> str:
    return f"a factor of {times(value, cell.window).removesuffix(' times')}"


def _bars(cell: Cell) -> int:
    first, last = parse_window(cell.window)
    return last - first + 1
