"""Hand-made states, splits, regressions and features of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.study.conditions.cross_section import CROSS_SECTION_COLUMNS
from eventlab.study.conditions.features import FEATURE_COLUMNS
from eventlab.study.conditions.splits import SPLIT_COLUMNS
from eventlab.study.conditions.states import STATE_COLUMNS

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition

AS_OF = pd.Timestamp("2025-12-09 21:00", tz="UTC")


def make_states(event: EventDefinition) -> pd.DataFrame:
    """A state that holds at every second occurrence and is not known at the first."""
    rows = [
        (
            one.id,
            "vix_high",
            bool(k % 2) if k else None,
            17.0 + k if k else np.nan,
            17.5 if k else np.nan,
            AS_OF if k else pd.NaT,
            "" if k else "^VIX had 3 known values, 250 are needed",
        )
        for k, one in enumerate(event.occurrences)
    ]
    table = pd.DataFrame(rows, columns=STATE_COLUMNS).astype({"value": "boolean"})
    return table.assign(as_of=pd.to_datetime(table["as_of"], utc=True).dt.as_unit("ns"))


def make_splits(symbols: tuple[str, ...]) -> pd.DataFrame:
    """A difference with a t for the first symbol, and the reason why there is none for others."""
    known = (-0.031, 4, 4, -0.008, 5, 5, 1, -0.023, 0.009, -2.56, 8.0, 0.034, 0.041, "4 dates")
    nothing = (-0.02, 1, 1, 0.01, 5, 5, 0, -0.03, *[np.nan] * 5, "one date where it holds")
    rows = [
        ("vix_high", symbol, "[0,0]", *(known if symbol == symbols[0] else nothing))
        for symbol in symbols
    ]
    return pd.DataFrame(rows, columns=SPLIT_COLUMNS)


def make_cross_section(symbols: tuple[str, ...]) -> pd.DataFrame:
    """A constant, a slope, and a feature that was dropped."""
    rows = [
        (symbol, "[0,0]", *row)
        for symbol in symbols
        for row in (
            ("constant", -0.02, 0.01, -2.0, 8.0, 0.08, 0.09, 9, 9, ""),
            ("beta", 0.015, 0.006, 2.5, 8.0, 0.037, 0.052, 9, 9, ""),
            ("tag.beat", *[np.nan] * 6, 9, 9, "dropped: the same at every event"),
        )
    ]
    return pd.DataFrame(rows, columns=["group", "window", *CROSS_SECTION_COLUMNS])


def make_features(event: EventDefinition, symbols: tuple[str, ...]) -> pd.DataFrame:
    """A beta for each pair."""
    rows = [
        (one.id, symbol, "beta", 1.2, pd.NaT, "") for one in event.occurrences for symbol in symbols
    ]
    table = pd.DataFrame(rows, columns=FEATURE_COLUMNS)
    return table.assign(as_of=pd.to_datetime(table["as_of"], utc=True).dt.as_unit("ns"))
