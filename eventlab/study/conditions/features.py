"""What each event had about it before the news, as columns of a regression."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.study.conditions.readings import NO_TIME, Readings, known_values
from eventlab.study.conditions.states import fact_of, surprise_of, utc_stamps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions.occurrence import ResolvedOccurrence
    from eventlab.market.types import Market
    from eventlab.study.assembly import Pair
    from eventlab.study.conditions.states import StateColumn, Subjects
    from eventlab.study.tables import Computed

__all__ = ["FEATURE_COLUMNS", "FeatureColumn", "Sources", "feature_table", "read_features"]

FEATURE_COLUMNS = ["occurrence", "symbol", "feature", "value", "as_of", "note"]
# Bars before day 0 that volatility and momentum look at, and how many of them need a return.
LOOKBACK: Final = 20
LEAST_RETURNS: Final = 15


@dataclass(frozen=True, slots=True)
class FeatureColumn:
    """One feature of N fitted pairs.

    Attributes
    ----------
    value
        (N,) float64: NaN where it is not known.
    as_of
        (N,) int64 UTC ns: since when it was known, for what is read from a series; else NaT.
    note
        (N,) object: why it is not known; empty where it is.
    """

    value: npt.NDArray[np.float64]
    as_of: npt.NDArray[np.int64]
    note: npt.NDArray[np.object_]

    def take(self, rows: npt.NDArray[np.intp]) -> FeatureColumn:
        """Return the column of other pairs, or of several pairs for each of these."""
        return FeatureColumn(self.value[rows], self.as_of[rows], self.note[rows])


@dataclass(frozen=True, slots=True)
class Sources:
    """What features are read from.

    ``rows`` are the fitted pairs, ``beta`` (N,) their first slopes, NaN where a model has none.
    """

    computed: Computed
    market: Market
    asked: Subjects
    states: Mapping[str, StateColumn]
    rows: npt.NDArray[np.intp]
    beta: npt.NDArray[np.float64]


def read_features(names: tuple[str, ...], sources: Sources) -> dict[str, FeatureColumn]:
    """Read every feature of every fitted pair.

    ``beta`` is the fit's first slope. ``volatility`` is the standard deviation of the asset's
    returns over the 20 bars before its own day 0 (at least 15 of them known), ``momentum`` their
    compound return (all of them known). The others belong to the occurrence, the same for all of
    its assets.

    Timing: beta, volatility and momentum use bars that end before day 0; levels and states are
    read strictly before the news. Facts, surprises and tags are part of the news.
    """
    index = sources.asked.index()
    pairs = sources.computed.assembly.pairs
    of_pair = np.array([index[pairs[i].occurrence] for i in sources.rows], dtype=np.intp)
    found = {}
    for name in names:
        kind, _, word = name.partition(".")
        if not word:
            found[name] = _of_pairs(name, sources)
        elif kind == "state":
            state = sources.states[word]
            found[name] = FeatureColumn(state.value, state.as_of, state.note).take(of_pair)
        elif kind == "level":
            found[name] = _level(word, sources).take(of_pair)
        else:
            found[name] = _said(kind, word, sources.asked.occurrences).take(of_pair)
    return found


def feature_table(columns: Mapping[str, FeatureColumn], pairs: list[Pair]) -> pd.DataFrame:
    """One row per feature and fitted pair."""
    count = len(columns)
    ids = np.array([pair.occurrence for pair in pairs], dtype=object)
    symbols = np.array([pair.symbol for pair in pairs], dtype=object)

    def joined(attribute: str, kind: type) -> npt.NDArray[np.float64]:
        parts = [getattr(column, attribute) for column in columns.values()]
        return np.concatenate(parts) if parts else np.empty(0, dtype=kind)

    return pd.DataFrame(
        {
            "occurrence": np.tile(ids, count),
            "symbol": np.tile(symbols, count),
            "feature": np.repeat(np.array(list(columns), dtype=object), len(pairs)),
            "value": joined("value", float),
            "as_of": utc_stamps(joined("as_of", int)),
            "note": joined("note", object),
        },
        columns=FEATURE_COLUMNS,
    )


def _of_pairs(name: str, sources: Sources) -> FeatureColumn:
    if name == "beta":
        model = sources.computed.study.model
        reason = f"{model} has no beta"
        return _dated_by_nothing(sources.beta, reason)
    returns = _returns_before(sources)
    known = np.isfinite(returns).sum(axis=1)
    if name == "volatility":
        with warnings.catch_warnings():  # a row without returns has no deviation, as it should
            warnings.simplefilter("ignore", RuntimeWarning)
            spread = np.nanstd(returns, axis=1, ddof=1)
        value = np.where(known >= LEAST_RETURNS, spread, np.nan)
        reason = f"fewer than {LEAST_RETURNS} returns in the {LOOKBACK} bars before day 0"
    else:
        value = np.prod(1.0 + returns, axis=1) - 1.0
        reason = f"a return is missing in the {LOOKBACK} bars before day 0"
    return _dated_by_nothing(value, reason)


def _returns_before(sources: Sources) -> npt.NDArray[np.float64]:
    """(N, 20): the asset's own returns of the bars before its day 0, NaN before the data begin."""
    assembly = sources.computed.assembly
    position = assembly.arrays.position[sources.rows]
    at = position[:, None] + np.arange(-LOOKBACK, 0)
    column = assembly.arrays.column[sources.rows][:, None]
    found = assembly.panel.simple_returns[column, np.clip(at, 0, len(assembly.panel.clock) - 1)]
    return np.where((at >= 0) & (at < len(assembly.panel.clock)), found, np.nan)


def _level(symbol: str, sources: Sources) -> FeatureColumn:
    known = known_values(sources.market, symbol)
    instants = sources.asked.instants
    if isinstance(known, str):
        readings = Readings.nothing(len(instants), known)
    else:
        readings = known.before(instants)
    return FeatureColumn(readings.value, readings.as_of, readings.note)


def _said(kind: str, word: str, occurrences: tuple[ResolvedOccurrence, ...]) -> FeatureColumn:
    """Return what the definition says of each occurrence."""
    if kind == "tag":
        value = [float(word in one.tags) for one in occurrences]
    else:
        read = fact_of if kind == "fact" else surprise_of
        value = [read(one, word) for one in occurrences]
    return _dated_by_nothing(np.array(value, dtype=np.float64), f"the occurrence has no {word}")


def _dated_by_nothing(value: npt.NDArray[np.float64], reason: str) -> FeatureColumn:
    note = np.full(len(value), "", dtype=object)
    note[np.isnan(value)] = reason
    return FeatureColumn(value, np.full(len(value), NO_TIME, dtype=np.int64), note)
