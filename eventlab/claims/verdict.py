"""From what every reading of a statement gave to one verdict."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.claims.types import AXES, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventlab.claims.types import Measured, Unit, Verdict
    from eventlab.definitions.questions import Question

__all__ = ["answered", "judge", "published_range", "reading_name", "tolerance_of", "untestable"]

# How far a figure may lie from the published one and still be what was said: absolute, and as a
# share of it.
TOLERANCES: Final[dict[Unit, tuple[float, float]]] = {
    "correlation": (0.05, 0.0),
    "return": (0.005, 0.05),
    "beta": (0.1, 0.1),
    "volatility": (0.02, 0.1),
    "count": (0.0, 0.0),
    "level": (0.0, 0.005),
    "pvalue": (0.0, 0.0),
    "ratio": (0.05, 0.05),
    "word": (0.0, 0.0),
}
MOST_NAMED: Final = 3
MOST_AXES: Final = 3
OPEN: Final = "cannot be tested with this data"


def judge(question: Question, measured: Sequence[Measured], *, simulated: bool) -> Judgement:
    """Judge a claim by its readings: the first of those that its words allow is the literal one.

    ``supported``: the literal reading agrees, and so do at least half of those that the words
    allow and that have an answer. ``supported only as``: some of these agree, but not the literal
    one, or fewer than half. ``contradicted``: none does. ``cannot be tested with this data``: none
    has an answer, none agrees while the literal one and at least half leave it open, none agrees
    while a quarter of them or more lies on each side of the published figure, none agrees and none
    of the literal one's window has an answer, or the prices are simulated.
    """
    tolerance = tolerance_of(question, measured)
    agrees = tuple(_agrees(question, each, tolerance) for each in measured)
    held = _held(measured, agrees)
    if simulated:
        why = "the prices are simulated: they say nothing about what was stated of real ones"
        return Judgement(OPEN, "", why, agrees, tolerance)
    if not held.answered:
        reasons = list(dict.fromkeys(each.note for each in measured if each.note))
        why = "; ".join(reasons[:MOST_NAMED]) or "no reading of it has a value"
        return Judgement(OPEN, "", why, agrees, tolerance)
    if held.holding:
        verdict, reading, why = _supported(held)
    elif held.elsewhere:
        verdict, reading, why = OPEN, "", _answered_elsewhere(held)
    elif held.literal is None and 2 * len(held.against) <= len(held.answered):
        verdict, reading, why = OPEN, "", _left_open(held)
    elif _on_both_sides(held, published_range(question)):
        verdict, reading, why = OPEN, "", _between(held)
    else:
        verdict, reading, why = _contradicted(held)
    return Judgement(verdict, reading, why, agrees, tolerance)


@dataclass(frozen=True, slots=True)
class _Held:
    """Readings by what they say.

    Attributes
    ----------
    first
        The literal reading, with or without an answer; None where the words allow none.
    literal
        Whether it agrees; None where it leaves it open or has no answer.
    answered, holding, against
        Readings that the words allow: those with an answer, that agree, that do not.
    beyond, further
        Readings beyond the words: those that agree, and the others with an answer.
    silent
        Whether one that the words allow has no answer.
    """

    first: Measured | None
    literal: bool | None
    answered: tuple[Measured, ...]
    holding: tuple[Measured, ...]
    against: tuple[Measured, ...]
    beyond: tuple[Measured, ...]
    further: tuple[Measured, ...]
    silent: bool

    @property
    def elsewhere(self) -> bool:
        """Whether only other windows than that of the literal reading have an answer."""
        own = self.first.reading.window if self.first is not None else ""
        # The words of a window may go on to name its days.
        alike = (f"{each.reading.window} ".startswith(f"{own} ") for each in self.answered)
        return not own or not any(alike)

    def one(self, words: str = "") -> str:
        """Name the only reading with an answer; ``words`` where it is the only one at all."""
        return "the one reading " + ("that has a value " if self.silent else words)


def _held(measured: Sequence[Measured], agrees: Sequence[bool | None]) -> _Held:
    pairs = list(zip(measured, agrees, strict=True))
    own = [pair for pair in pairs if pair[0].reading.within]
    other = [pair for pair in pairs if not pair[0].reading.within and answered(pair[0])]
    return _Held(
        own[0][0] if own else None,
        own[0][1] if own else None,
        tuple(each for each, _ in own if answered(each)),
        tuple(each for each, agreed in own if agreed),
        tuple(each for each, agreed in own if agreed is False),
        tuple(each for each, agreed in other if agreed),
        tuple(each for each, agreed in other if not agreed),
        silent=any(not answered(each) for each, _ in own),
    )


def _supported(held: _Held) -> tuple[Verdict, str, str]:
    n, total = len(held.holding), len(held.answered)
    why = f"{n} of {total} readings {_agree(n)}"
    if held.literal and 2 * n >= total:
        if total == 1:
            return "supported", held.holding[0].reading.words, held.one("of it ") + "agrees"
        return "supported", held.holding[0].reading.words, f"{why}, the literal one among them"
    rest = [each for each in held.answered if each not in held.holding]
    if held.literal:
        why += ", the literal one among them, but fewer than half"
    elif held.first is not None and not answered(held.first):
        rest.append(held.first)
        note = f" ({held.first.note})" if held.first.note else ""
        why += f"; the literal one has no value{note}"
    else:
        why += ", not the literal one"
    if opened := len(held.answered) - n - len(held.against):
        why += f"; {opened} {'leaves' if opened == 1 else 'leave'} both possible"
    return "supported only as", reading_name(held.holding, rest), why


def _left_open(held: _Held) -> str:
    opened, total = len(held.answered) - len(held.against), len(held.answered)
    who = held.one() + "leaves" if total == 1 else "every reading leaves"
    if opened < total:
        who = f"{opened} of {total} readings {'leaves' if opened == 1 else 'leave'}"
    note = next((each.note for each in held.answered if each not in held.against and each.note), "")
    return f"{who} both possible" + (f": {note}" if note else "")


def _answered_elsewhere(held: _Held) -> str:
    note = f" ({held.first.note})" if held.first is not None and held.first.note else ""
    return f"the literal reading has no value{note}, and none of other windows agrees"


def _on_both_sides(held: _Held, figures: tuple[float, float] | None) -> bool:
    """Whether readings lie on both sides of a figure, a quarter of them or more on each."""
    if figures is None:
        return False
    values = [each.value for each in held.answered if each.holds is None]
    below = sum(value < figures[0] for value in values)
    above = sum(value > figures[1] for value in values)
    return len(values) > 1 and 4 * min(below, above) >= len(values)


def _between(held: _Held) -> str:
    return (
        f"none of {len(held.answered)} readings agrees, but they lie on both sides of what was "
        "published: a reading between them, as another hour or basket, would"
    )


def _contradicted(held: _Held) -> tuple[Verdict, str, str]:
    total, opened = len(held.answered), len(held.answered) - len(held.against)
    why = f"none of {total} readings that the words allow agrees"
    if total == 1:
        why = held.one("that the words allow ") + "disagrees"
    if held.first is not None and not answered(held.first):
        why += f"; the literal one has no value{f' ({held.first.note})' if held.first.note else ''}"
    if opened:
        why += f"; {opened} {'leaves' if opened == 1 else 'leave'} both possible"
    if not held.beyond:
        return "contradicted", "", why
    said = reading_name(held.beyond, [*held.answered, *held.further])
    return "contradicted", said, f"{why}; it would hold as {said}"


def _agree(n: int) -> str:
    return "agrees" if n == 1 else "agree"


def untestable(reason: str) -> Judgement:
    """Return the verdict on a claim that nothing was measured for."""
    return Judgement(OPEN, "", reason, ())


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


def answered(each: Measured) -> bool:
    """Whether a reading has an answer: a value, a word, or that it holds or does not."""
    return math.isfinite(each.value) or each.holds is not None or bool(each.word)


def reading_name(chosen: Sequence[Measured], rest: Sequence[Measured]) -> str:
    """Name readings by what they share and none of the rest has, in as few words as will do.

    Choices of one axis, else of two or three, joined where there are several: ``intraday``,
    ``price levels, 3 years to 2025-11-19``, ``equal weights or median``. Where no such choices
    tell them apart, a few that do together: ``4 weeks, 24/7; or median, 4 weeks``.
    """
    for size in range(1, MOST_AXES + 1):
        tried = [_told_apart(chosen, rest, axes) for axes in itertools.combinations(AXES, size)]
        if named := [each for each in tried if each]:
            shortest = min(named, key=lambda values: sum(map(len, values)))
            return ", ".join(" or ".join(each) for each in shortest)
    words = list(dict.fromkeys(_covering(chosen, rest))) or [chosen[0].reading.words]
    more = [f"{len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else []
    return "; or ".join([*words[:MOST_NAMED], *more])


def _covering(chosen: Sequence[Measured], rest: Sequence[Measured]) -> Iterator[str]:
    """Name choices that together cover the chosen readings and none of the rest, widest first."""
    varied = [axis for axis in AXES if len(_choices([*chosen, *rest], axis)) > 1]
    sets = [axes for n in range(len(varied)) for axes in itertools.combinations(varied, n + 1)]
    made = [_made(each, axes) for axes in sets for each in chosen]
    wide = {one: None for one in made if not any(_fits(each, one) for each in rest)}
    left = list(chosen)
    while left:
        sizes = {one: sum(_fits(each, one) for each in left) for one in wide}
        best = max(sizes, key=lambda one: sizes[one], default=())
        if not sizes.get(best):
            best = _made(left[0], varied)
        left = [each for each in left if not _fits(each, best)]
        if best:
            yield ", ".join(said for _, said in best)


def _made(each: Measured, axes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Choices of a reading on some axes, but those that it leaves out."""
    return tuple((axis, said) for axis in axes if (said := str(getattr(each.reading, axis))))


def _fits(each: Measured, choices: Sequence[tuple[str, str]]) -> bool:
    return all(getattr(each.reading, axis) == said for axis, said in choices)


def _told_apart(
    chosen: Sequence[Measured], rest: Sequence[Measured], axes: Sequence[str]
) -> list[list[str]] | None:
    """Choices on these axes, if they are few and none of the rest makes them on all; else None."""
    values = [_choices(chosen, axis) for axis in axes]
    if not all(all(each) and len(each) <= MOST_NAMED for each in values):
        return None
    for one in rest:
        made = (str(getattr(one.reading, axis)) for axis in axes)
        if all(choice in each for choice, each in zip(made, values, strict=True)):
            return None
    return values


def _choices(measured: Sequence[Measured], axis: str) -> list[str]:
    return list(dict.fromkeys(str(getattr(each.reading, axis)) for each in measured))
