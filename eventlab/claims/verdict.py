"""From what every reading of a statement gave to one verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.claims.types import AXES, Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.claims.types import Measured, Question, Unit

__all__ = ["judge", "published_range", "tolerance_of", "untestable"]

# How far a figure may lie from the published one and still be what was said: absolute, and as a
# share of it.
TOLERANCES: Final[dict[Unit, tuple[float, float]]] = {
    "correlation": (0.05, 0.0),
    "return": (0.01, 0.05),
    "beta": (0.1, 0.1),
    "volatility": (0.02, 0.1),
    "count": (0.0, 0.0),
    "level": (0.0, 0.005),
    "pvalue": (0.0, 0.0),
    "ratio": (0.05, 0.05),
    "word": (0.0, 0.0),
}
MOST_NAMED: Final = 3


def judge(question: Question, measured: Sequence[Measured], *, simulated: bool) -> Judgement:
    """Judge a claim by its readings: the first of those that its words allow is the literal one.

    ``supported``: the literal reading agrees, and so do at least half of those that the words
    allow. ``supported only as``: some of these agree, but not the literal one, or fewer than half.
    ``contradicted``: none does. ``cannot be tested with this data``: none has an answer, all leave
    it open, or the prices are simulated.
    """
    tolerance = tolerance_of(question, measured)
    agrees = tuple(_agrees(question, each, tolerance) for each in measured)
    own = [
        (each, agreed)
        for each, agreed in zip(measured, agrees, strict=True)
        if each.reading.within and _answered(each)
    ]
    if simulated:
        why = "the prices are simulated: they say nothing about what was stated of real ones"
        return Judgement("cannot be tested with this data", "", why, agrees, tolerance)
    if not own:
        reasons = list(dict.fromkeys(each.note for each in measured if each.note))
        why = "; ".join(reasons[:MOST_NAMED]) or "no reading of it has a value"
        return Judgement("cannot be tested with this data", "", why, agrees, tolerance)
    holding = [each for each, agreed in own if agreed]
    against = [each for each, agreed in own if agreed is False]
    if not holding:
        return _without_support(own, against, measured, (agrees, tolerance))
    literal = own[0][1]
    if literal and 2 * len(holding) >= len(own):
        why = f"{len(holding)} of {len(own)} readings agree, the literal one among them"
        return Judgement("supported", holding[0].reading.words, why, agrees, tolerance)
    said = _distinct(holding, [each for each, agreed in own if not agreed])
    why = f"{len(holding)} of {len(own)} readings agree"
    if not literal:
        why += ", not the literal one"
    return Judgement("supported only as", said, why, agrees, tolerance)


def _without_support(
    own: Sequence[tuple[Measured, bool | None]],
    against: Sequence[Measured],
    measured: Sequence[Measured],
    rest: tuple[tuple[bool | None, ...], float],
) -> Judgement:
    """Tell a contradiction from data that leave both possible."""
    agrees, tolerance = rest
    if own[0][1] is None and 2 * len(against) <= len(own):
        why = f"{len(own) - len(against)} of {len(own)} readings leave both possible"
        if own[0][0].note:
            why += f": {own[0][0].note}"
        return Judgement("cannot be tested with this data", "", why, agrees, tolerance)
    beyond = [
        each
        for each, agreed in zip(measured, agrees, strict=True)
        if agreed and not each.reading.within
    ]
    why = f"none of {len(own)} readings that the words allow agrees"
    if not beyond:
        return Judgement("contradicted", "", why, agrees, tolerance)
    said = " or ".join(each.reading.words for each in beyond[:MOST_NAMED])
    why += f"; it would hold as {said}"
    return Judgement("contradicted", said, why, agrees, tolerance)


def untestable(reason: str) -> Judgement:
    """Return the verdict on a claim that nothing was measured for."""
    return Judgement("cannot be tested with this data", "", reason, ())


def published_range(question: Question) -> tuple[float, float] | None:
    """Smallest and largest figure that was published; None for a word or nothing."""
    published = question.claim.published
    if published is None or isinstance(published, str):
        return None
    figures = published if isinstance(published, tuple) else (published,)
    return min(figures), max(figures)


def tolerance_of(question: Question, measured: Sequence[Measured]) -> float:
    """How far a value may lie from the published one: as the claim says, else by its unit."""
    given, figures = question.claim.tolerance, published_range(question)
    if figures is None or not measured:
        return math.nan
    if given is not None:
        return given
    absolute, relative = TOLERANCES[measured[0].unit]
    return max(absolute, relative * max(map(abs, figures)))


def _agrees(question: Question, each: Measured, tolerance: float) -> bool | None:
    figures = published_range(question)
    if figures is None or each.holds is not None:
        return each.holds
    if not math.isfinite(each.value):
        return None
    # Figures are rounded decimals: 0.53 + 0.05 is no exact border.
    slack = 1e-9
    return figures[0] - tolerance - slack <= each.value <= figures[1] + tolerance + slack


def _answered(each: Measured) -> bool:
    return math.isfinite(each.value) or each.holds is not None or bool(each.word)


def _distinct(holding: Sequence[Measured], rest: Sequence[Measured]) -> str:
    """Name what the agreeing readings share and the others lack; else the readings themselves."""
    for axis in AXES:
        chosen = list(dict.fromkeys(str(getattr(each.reading, axis)) for each in holding))
        others = {str(getattr(each.reading, axis)) for each in rest}
        if all(chosen) and len(chosen) < MOST_NAMED and not others & set(chosen):
            return " or ".join(chosen)
    named = " or ".join(each.reading.words for each in holding[:MOST_NAMED])
    more = len(holding) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named
