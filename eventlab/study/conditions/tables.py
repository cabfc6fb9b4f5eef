"""What the size of an event's effect goes with: states, splits and the regression on features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.study import tables
from eventlab.study.conditions.cross_section import CROSS_SECTION_COLUMNS, UNKNOWN, regress_columns
from eventlab.study.conditions.features import Sources, feature_table, read_features
from eventlab.study.conditions.splits import SPLIT_COLUMNS, split_difference
from eventlab.study.conditions.states import read_states, state_table, subjects
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.market.types import Market
    from eventlab.study.conditions.features import FeatureColumn
    from eventlab.study.conditions.states import StateColumn
    from eventlab.study.groups import Group
    from eventlab.study.tables import Computed

__all__ = ["ConditionTables", "condition_tables"]


@dataclass(frozen=True, slots=True)
class ConditionTables:
    """The tables ``states``, ``splits``, ``cross_section`` and ``features`` of `EventStudy`."""

    states: pd.DataFrame
    splits: pd.DataFrame
    cross_section: pd.DataFrame
    features: pd.DataFrame


def condition_tables(computed: Computed, market: Market, groups: list[Group]) -> ConditionTables:
    """Read the states and features that the study names, and set the CARs against them.

    Groups are those of all occurrences: a state is a tag of its own. Nothing named, nothing
    computed: the tables are empty.
    """
    asked = subjects(computed.schedule)
    states = read_states(computed.study.states, market, asked)
    whole = [group for group in groups if group.tag == "all"]
    section = computed.study.cross_section
    columns: dict[str, FeatureColumn] = {}
    regressions: list[dict[str, Any]] = []
    rows = np.flatnonzero(computed.fits.fitted)
    if section is not None:
        beta = tables.fit_table(computed)["beta"].to_numpy(dtype=np.float64)
        columns = read_features(
            section.features, Sources(computed, market, asked, states, rows, beta)
        )
        regressions = list(_regressions(computed, whole, rows, columns))
    return ConditionTables(
        state_table(states, asked),
        pd.DataFrame(_splits(computed, whole, states), columns=SPLIT_COLUMNS),
        pd.DataFrame(regressions, columns=["group", "window", *CROSS_SECTION_COLUMNS]),
        feature_table(columns, [computed.assembly.pairs[i] for i in rows]),
    )


def _regressions(
    computed: Computed,
    groups: list[Group],
    rows: npt.NDArray[np.intp],
    columns: dict[str, FeatureColumn],
) -> Iterator[dict[str, Any]]:
    """Regress the CARs of each group in each window that is asked for; ``rows`` are fitted."""
    section, dates = computed.study.cross_section, day0_dates(computed)
    asked = section.windows if section is not None else ()
    place = np.full(len(dates), -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    reasons = {name: next(filter(None, column.note), "") for name, column in columns.items()}
    for group in groups:
        members = group.members[place[group.members] >= 0]
        own = {name: column.value[place[members]] for name, column in columns.items()}
        for w, window in enumerate(computed.spec.windows[: computed.n_windows]):
            if asked and window not in asked:
                continue
            car = computed.fits.car[members, w]
            found = regress_columns(car, own, dates[members], seed=computed.spec.seed)
            label = {"group": group.name, "window": window_label(window)}
            for row in found:
                if row["note"] == UNKNOWN:
                    row["note"] = f"{UNKNOWN}: {reasons[row['feature']]}"
                yield {**label, **row}


def _splits(
    computed: Computed, groups: list[Group], states: dict[str, StateColumn]
) -> list[dict[str, Any]]:
    """Compare both sides of every state in every group and window."""
    index = subjects(computed.schedule).index()
    of_pair = np.array([index[pair.occurrence] for pair in computed.assembly.pairs], dtype=np.intp)
    dates, found = day0_dates(computed), []
    for name, state in states.items():
        value = state.value[of_pair] if len(of_pair) else np.empty(0)
        for group in groups:
            known = group.members[np.isfinite(value[group.members])]
            for w, window in enumerate(computed.spec.windows[: computed.n_windows]):
                with_car = np.isfinite(computed.fits.car[group.members, w])
                own = known[np.isfinite(computed.fits.car[known, w])]
                split = split_difference(
                    computed.fits.car[own, w],
                    value[own] > 0.0,
                    dates[own],
                    seed=computed.spec.seed,
                )
                row: dict[str, Any] = {"state": name, "group": group.name, **split.row()}
                row |= {"window": window_label(window), "n_unknown": int(with_car.sum()) - len(own)}
                if row["n_unknown"] and not len(own):
                    row["note"] = f"not known at any event: {next(filter(None, state.note), '')}"
                found.append(row)
    return found


def day0_dates(computed: Computed) -> npt.NDArray[np.int64]:
    """(N,): the calendar date of each pair's own day 0, as days since 1970."""
    of_row = computed.assembly.panel.clock.days
    position = np.clip(computed.assembly.arrays.position, 0, max(len(of_row) - 1, 0))
    days: npt.NDArray[np.int64] = of_row[position].astype(np.int64)
    return days
