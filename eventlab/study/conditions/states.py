"""The state of the world just before each occurrence: a yes, a no, or why it is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.definitions.cross_section import default_lookback
from eventlab.study.conditions.readings import Known, Readings, known_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions.cross_section import StateDefinition
    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.market.types import Market
    from eventlab.study.schedule import Schedule

__all__ = ["STATE_COLUMNS", "StateColumn", "Subjects", "read_states", "state_table", "subjects"]

STATE_COLUMNS = ["occurrence", "state", "value", "reading", "threshold", "as_of", "note"]


@dataclass(frozen=True, slots=True)
class Subjects:
    """The M occurrences that have a day 0, with the earliest instant of their news (UTC ns)."""

    occurrences: tuple[ResolvedOccurrence, ...]
    instants: npt.NDArray[np.int64]

    def index(self) -> dict[str, int]:
        """Map the occurrence's id to its row."""
        return {one.id: row for row, one in enumerate(self.occurrences)}


@dataclass(frozen=True, slots=True)
class StateColumn:
    """One state at M occurrences.

    Attributes
    ----------
    value
        (M,) float64: 1 yes, 0 no, NaN not known.
    reading, threshold
        (M,) float64: what was read and what it was held against; NaN where not known.
    as_of
        (M,) int64 UTC ns: since when the reading was known; NaT for what the definition says.
    note
        (M,) object: why it is not known; empty where it is.
    """

    value: npt.NDArray[np.float64]
    reading: npt.NDArray[np.float64]
    threshold: npt.NDArray[np.float64]
    as_of: npt.NDArray[np.int64]
    note: npt.NDArray[np.object_]


def subjects(schedule: Schedule) -> Subjects:
    """Return the occurrences that have a day 0 on the study's clock, in the order of the file."""
    placed = tuple(one for one in schedule.occurrences if one.id in schedule.sessions)
    instants = [schedule.sessions[one.id].instant.earliest for one in placed]
    return Subjects(placed, np.array(instants, dtype=np.int64))


def read_states(
    states: Mapping[str, StateDefinition], market: Market, asked: Subjects
) -> dict[str, StateColumn]:
    """Answer every state at every occurrence.

    Timing: a series is read strictly before the news, at the earliest instant that the news can
    have had. Data that close at or after it change nothing, bit for bit. Facts, surprises and tags
    are what the occurrence itself says: they are part of the news.
    """
    found = {}
    for name, state in states.items():
        if state.series is not None:
            found[name] = _of_series(state, state.series, market, asked)
        elif state.tag is not None:
            found[name] = _of_tag(state.tag, asked)
        else:
            found[name] = _of_figure(state, asked)
    return found


def state_table(columns: Mapping[str, StateColumn], asked: Subjects) -> pd.DataFrame:
    """One row per state and occurrence; ``value`` is a nullable boolean."""
    count, names = len(asked.occurrences), list(columns)
    ids = np.array([one.id for one in asked.occurrences], dtype=object)

    def joined(attribute: str) -> npt.NDArray[np.float64]:
        parts = [getattr(columns[name], attribute) for name in names]
        return np.concatenate(parts) if parts else np.empty(0)

    value = pd.Series(joined("value")).astype("Float64").astype("boolean")
    return pd.DataFrame(
        {
            "occurrence": np.tile(ids, len(names)),
            "state": np.repeat(np.array(names, dtype=object), count),
            "value": value,
            "reading": joined("reading"),
            "threshold": joined("threshold"),
            "as_of": utc_stamps(joined("as_of")),
            "note": joined("note"),
        },
        columns=STATE_COLUMNS,
    )


def utc_stamps(instants: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> pd.DatetimeIndex:
    """(n,) UTC ns as timestamps; the smallest integer is NaT."""
    stamps = instants.astype(np.int64).view("datetime64[ns]")
    return pd.DatetimeIndex(stamps).tz_localize("UTC")


def surprise_of(occurrence: ResolvedOccurrence, name: str) -> float:
    """Actual less expected; NaN where the occurrence does not have both."""
    surprise = occurrence.surprise.get(name)
    if surprise is None or surprise.expected is None or surprise.actual is None:
        return np.nan
    return float(surprise.actual) - float(surprise.expected)


def fact_of(occurrence: ResolvedOccurrence, name: str) -> float:
    """Return the fact as a number, true as 1; NaN where the occurrence lacks it or it is a text."""
    fact = occurrence.facts.get(name)
    return float(fact) if isinstance(fact, bool | int | float) else np.nan


def _of_series(state: StateDefinition, symbol: str, market: Market, asked: Subjects) -> StateColumn:
    known = known_values(market, symbol, state.lag)
    if isinstance(known, str):
        nothing = Readings.nothing(len(asked.instants), known)
        return _answer(state, nothing, nothing.value)
    readings = known.before(asked.instants, state.max_age)
    if state.when in {"above_median", "below_median", "rising", "falling"}:
        return _answer(state, *_against_past(state, known, readings))
    return _answer(state, readings, np.full(len(asked.instants), _bound(state)))


def _against_past(
    state: StateDefinition, known: Known, readings: Readings
) -> tuple[Readings, npt.NDArray[np.float64]]:
    """Hold each reading against the median of the last values, or the value some bars earlier."""
    lookback = state.lookback or default_lookback(state.when)
    median = state.when in {"above_median", "below_median"}
    least = lookback - 1 if median else lookback  # the median counts the reading itself
    threshold = np.full(len(readings.row), np.nan)
    notes = readings.note.copy()
    for i, row in enumerate(readings.row):
        if row < 0:
            continue
        if row < least:
            notes[i] = f"{known.symbol} had {row + 1} known values, {least + 1} are needed"
        elif median:
            threshold[i] = np.median(known.value[row - lookback + 1 : row + 1])
        else:
            threshold[i] = known.value[row - lookback]
    return Readings(readings.row, readings.value, readings.as_of, notes), threshold


def _of_tag(tag: str, asked: Subjects) -> StateColumn:
    value = np.array([float(tag in one.tags) for one in asked.occurrences])
    nothing = Readings.nothing(len(value), "")
    return StateColumn(value, nothing.value, nothing.value, nothing.as_of, nothing.note)


def _of_figure(state: StateDefinition, asked: Subjects) -> StateColumn:
    name = state.fact or state.surprise or ""
    read = fact_of if state.fact is not None else surprise_of
    value = np.array([read(one, name) for one in asked.occurrences], dtype=np.float64)
    readings = Readings.nothing(len(value), "")
    notes = readings.note.copy()
    kind = "fact" if state.fact is not None else "surprise"
    notes[np.isnan(value)] = f"the occurrence has no {kind} {name}"
    said = Readings(readings.row, value, readings.as_of, notes)
    return _answer(state, said, np.full(len(value), _bound(state)))


def _bound(state: StateDefinition) -> float:
    return 0.0 if state.threshold is None else state.threshold


def _answer(
    state: StateDefinition, readings: Readings, threshold: npt.NDArray[np.float64]
) -> StateColumn:
    """Yes where the reading lies strictly on the asked side; equal is no."""
    value = readings.value
    higher = state.when in {"above_median", "rising", "positive", "above"}
    yes = value > threshold if higher else value < threshold
    known = np.isfinite(value) & np.isfinite(threshold)
    return StateColumn(
        np.where(known, yes.astype(np.float64), np.nan),
        value,
        np.where(np.isfinite(value), threshold, np.nan),
        readings.as_of,
        readings.note,
    )
