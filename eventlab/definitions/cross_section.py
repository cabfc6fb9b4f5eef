"""What a study compares its occurrences by: states of the world, and features of each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from eventlab.definitions.base import (
    BarWindow,
    FeatureName,
    Many,
    StrictModel,
    SymbolName,
    Tag,
    Text,
)
from eventlab.definitions.problem import Finding, Loc, hint, listed, listed_sorted, one_line, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from eventlab.definitions.occurrence import Occurrence

__all__ = [
    "CrossSectionDefinition",
    "StateDefinition",
    "Vocabulary",
    "cross_section_findings",
    "default_lookback",
    "read_symbols",
    "state_findings",
    "vocabulary",
]

When = Literal[
    "above_median",
    "below_median",
    "rising",
    "falling",
    "positive",
    "negative",
    "above",
    "below",
]
_OF_A_SERIES = ("above_median", "below_median", "rising", "falling")
_OF_A_SERIES_ONLY = ("lookback", "lag", "max_age")
_SOURCES = ("series", "fact", "surprise", "tag")


class StateDefinition(StrictModel):
    """A question with the answer yes or no, asked just before each occurrence."""

    series: SymbolName | None = Field(
        default=None, description="Read the last value of this symbol known before the news."
    )
    fact: Text | None = Field(default=None, description="Read this one of the occurrence's facts.")
    surprise: Text | None = Field(
        default=None, description="Read this surprise of the occurrence: actual less expected."
    )
    tag: Tag | None = Field(default=None, description="True where the occurrence has this tag.")
    when: When | None = Field(
        default=None,
        description="True when the value is above_median or below_median (of the last lookback "
        "values, itself included), rising or falling (against the value lookback bars earlier), "
        "positive, negative, or above or below the threshold.",
    )
    threshold: float | None = Field(default=None, description="With when: above or below.")
    lookback: Annotated[int, Field(ge=2, le=10_000)] | None = Field(
        default=None,
        description="How many values of the series the median is taken of (250 unless given), or "
        "how many bars back a rise is measured from (20 unless given).",
    )
    lag: Annotated[int, Field(ge=0, le=1_000)] | None = Field(
        default=None,
        description="How many of the series' bars after its own close a value becomes known. "
        "Unless given 1 for daily series of kind level, which are published the day after, else 0.",
    )
    max_age: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=7,
        description="The state is unknown where the last known value is older than this many days.",
    )


class CrossSectionDefinition(StrictModel):
    """A regression of CARs on features of the events, with errors clustered by date."""

    features: Annotated[Many[FeatureName], Field(min_length=1)] = Field(
        description="beta, volatility, momentum, fact.NAME, surprise.NAME, tag.NAME, state.NAME "
        "or level.SYMBOL (the last value known before the news)."
    )
    windows: Many[BarWindow] = Field(
        default=(), description="CAR windows to explain; all of car_windows unless given."
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that the occurrences of an event file use."""

    tags: frozenset[str]
    facts: frozenset[str]
    surprises: frozenset[str]


def vocabulary(occurrences: Iterable[Occurrence]) -> Vocabulary:
    """Collect the tags, numeric facts and surprises of the occurrences."""
    each = tuple(occurrences)
    return Vocabulary(
        frozenset(tag for one in each for tag in one.tags),
        frozenset(
            name for one in each for name, value in one.facts.items() if not isinstance(value, str)
        ),
        frozenset(name for one in each for name in one.surprise),
    )


def default_lookback(when: str | None) -> int:
    """Return how far a state looks back where its definition does not say: 250, 20 or 1 values."""
    if when in {"above_median", "below_median"}:
        return 250
    return 20 if when in {"rising", "falling"} else 1


def read_symbols(
    states: Mapping[str, StateDefinition], cross_section: CrossSectionDefinition | None
) -> Iterator[tuple[Loc, str]]:
    """Yield every symbol that states and features read, with its place in the study section."""
    for name, state in states.items():
        if state.series is not None:
            yield ("states", name, "series"), state.series
    if cross_section is not None:
        for index, feature in enumerate(cross_section.features):
            if feature.startswith("level."):
                yield ("cross_section", "features", index), feature.removeprefix("level.")


def state_findings(
    states: Mapping[str, StateDefinition], loc: Loc, words: Vocabulary
) -> Iterator[Finding]:
    """Find what is wrong in ``study.states``."""
    for name, state in states.items():
        place = (*loc, name)
        sources = [key for key in _SOURCES if getattr(state, key) is not None]
        if len(sources) != 1:
            had = f"this has {listed(sources)}" if sources else "this has none"
            message = f"a state reads one of series, fact, surprise or tag; {had}"
            yield Finding(place, message, needs=tuple((*place, key) for key in _SOURCES))
            continue
        yield from _word_findings(state, sources[0], place, words)
        yield from _when_findings(state, sources[0], place)


def _word_findings(
    state: StateDefinition, source: str, place: Loc, words: Vocabulary
) -> Iterator[Finding]:
    if source == "series":
        return
    known = {"tag": words.tags, "fact": words.facts, "surprise": words.surprises}[source]
    yield from _unknown(source, getattr(state, source), known, (*place, source))


def _unknown(source: str, word: str, known: frozenset[str], loc: Loc) -> Iterator[Finding]:
    if word not in known:
        what = "number among the facts" if source == "fact" else source
        has = f"they have {listed_sorted(known)}" if known else "they have none"
        near = hint(word, known) or f"; {has}"
        message = f"{show(word)} is a {what} of no occurrence{near}"
        yield Finding(loc, message, needs=(("occurrences",),))


def _when_findings(state: StateDefinition, source: str, place: Loc) -> Iterator[Finding]:
    when_loc = (*place, "when")
    if source == "tag" and state.when is not None:
        yield Finding(when_loc, "a tag is there or not; leave when out")
    if source != "tag" and state.when is None:
        read = f"{source}: {one_line(getattr(state, source))}"
        message = f"say when it is true, as in when: positive ({read})"
        yield Finding(place, message, needs=(when_loc,))
    if source != "series":
        if state.when in _OF_A_SERIES:
            message = f"{state.when} needs a series; a {source} is positive, negative, above, below"
            yield Finding(when_loc, message)
        for key in _OF_A_SERIES_ONLY:
            if key in state.model_fields_set and getattr(state, key) is not None:
                yield Finding((*place, key), f"{key} goes with series, not with {source}")
    if state.when in {"above", "below"} and state.threshold is None:
        message = f"{state.when} needs a threshold, as in threshold: 25"
        yield Finding(place, message, needs=((*place, "threshold"),))
    if state.when not in {"above", "below"} and state.threshold is not None:
        yield Finding((*place, "threshold"), "threshold goes with when: above or below")
    if state.lookback is not None and source == "series" and state.when not in _OF_A_SERIES:
        message = f"lookback goes with {', '.join(_OF_A_SERIES)}; leave it out"
        yield Finding((*place, "lookback"), message, needs=(when_loc,))


def cross_section_findings(
    definition: CrossSectionDefinition,
    loc: Loc,
    car_windows: tuple[BarWindow, ...],
    states: Mapping[str, StateDefinition],
    words: Vocabulary,
) -> Iterator[Finding]:
    """Find what is wrong in ``study.cross_section``."""
    seen: set[str] = set()
    known = {
        "tag": words.tags,
        "fact": words.facts,
        "surprise": words.surprises,
        "state": frozenset(states),
    }
    for index, feature in enumerate(definition.features):
        place = (*loc, "features", index)
        if feature in seen:
            yield Finding(place, f"{show(feature)} is listed twice; keep one")
        seen.add(feature)
        kind, _, word = feature.partition(".")
        if kind == "state" and word not in states:
            near = hint(word, states) or f"; there are {listed_sorted(states) or 'none'}"
            yield Finding(place, f"{show(word)} is no state of study.states{near}")
        elif kind in known and kind != "state":
            yield from _unknown(kind, word, known[kind], place)
    for index, window in enumerate(definition.windows):
        if window not in car_windows:
            message = f"{show(window)} is none of car_windows; add it there, or drop it"
            yield Finding((*loc, "windows", index), message, needs=((*loc[:-1], "car_windows"),))
