"""States, splits and cross-sections arranged for reading, for the terminal and the pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventlab.definitions.cross_section import default_lookback
from eventlab.report import summary
from eventlab.report.numbers import MINUS, MISSING, percent
from eventlab.report.units import unit_of

if TYPE_CHECKING:
    from eventlab.definitions.cross_section import StateDefinition
    from eventlab.study.results import EventStudy

__all__ = [
    "StateCount",
    "best_pvalue",
    "features",
    "regression_rows",
    "slope",
    "split_rows",
    "split_states",
    "state_counts",
    "state_words",
    "windows_explained",
]


@dataclass(frozen=True, slots=True)
class StateCount:
    """One state over the occurrences: what it asks, and how often the answer is yes, no, unknown.

    ``reason`` is the commonest one for not knowing.
    """

    name: str
    words: str
    yes: int
    no: int
    unknown: int
    reason: str


def state_counts(study: EventStudy) -> tuple[StateCount, ...]:
    """Count the answers of every state, in the order of the definition."""
    definition = study.event.study
    found = []
    for name, part in study.states.groupby("state", sort=False):
        unknown = part["value"].isna()
        reasons = part.loc[unknown, "note"].value_counts()
        asked = None if definition is None else definition.states.get(str(name))
        found.append(
            StateCount(
                str(name),
                "" if asked is None else state_words(asked),
                int(part["value"].sum()),
                int((~part["value"].astype("boolean")).sum()),
                int(unknown.sum()),
                str(reasons.index[0]) if len(reasons) else "",
            )
        )
    return tuple(found)


def state_words(state: StateDefinition) -> str:
    """Say what a state asks: ``^VIX above its median of the last 250 values``."""
    if state.tag is not None:
        return f"tagged {state.tag}"
    what = state.series or state.fact or f"surprise {state.surprise}"
    when, back = state.when or "", state.lookback or default_lookback(state.when)
    if when in {"above_median", "below_median"}:
        return f"{what} {when.removesuffix('_median')} its median of the last {back} values"
    if when in {"rising", "falling"}:
        side = "above" if when == "rising" else "below"
        return f"{what} {side} its value {back} bars earlier"
    if when in {"above", "below"}:
        return f"{what} {when} {state.threshold:g}"
    return f"{what} {when}"


def split_states(study: EventStudy) -> tuple[str, ...]:
    """Return the states for which some group has a test of the difference."""
    known = study.splits["statistic"].notna()
    return tuple(dict.fromkeys(study.splits.loc[known, "state"]))


def split_rows(study: EventStudy, state: str, window: str) -> list[dict[str, Any]]:
    """Return the rows of one state and window that have a mean on both sides."""
    table = study.splits
    chosen = (table["state"] == state) & (table["window"] == window)
    return list(summary.rows(table[chosen & table["difference"].notna()]))


def windows_explained(study: EventStudy) -> tuple[str, ...]:
    """Return the windows that the cross-section explains."""
    return tuple(dict.fromkeys(study.cross_section["window"]))


def features(study: EventStudy) -> tuple[str, ...]:
    """Return the features that some regression has a coefficient for, the constant first."""
    known = study.cross_section["coefficient"].notna()
    return tuple(dict.fromkeys(study.cross_section.loc[known, "feature"]))


def regression_rows(study: EventStudy, window: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return group to feature to row, of the groups that have a coefficient in a window."""
    table = study.cross_section[study.cross_section["window"] == window]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in summary.rows(table):
        if math.isfinite(row["coefficient"]):
            found.setdefault(row["group"], {})[row["feature"]] = row
    return found


def best_pvalue(row: dict[str, Any]) -> float:
    """Return the p that holds for few dates where there is one, else that of the clustered t."""
    drawn = row.get("permutation_pvalue", row.get("bootstrap_pvalue", math.nan))
    return float(drawn if math.isfinite(drawn) else row["pvalue"])


def slope(study: EventStudy, value: float) -> str:
    """Write a coefficient: percent per unit of the feature with three digits, logs as they are."""
    if not math.isfinite(value):
        return MISSING
    if unit_of(study).log:
        return f"{value:+.3g}".replace("-", MINUS)
    size = abs(value) * 100
    digits = 2 if size == 0.0 else min(max(2 - math.floor(math.log10(size)), 1), 6)
    return percent(value, digits)
