"""Pairs and their averages as tables: the battery's arrays with names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.breaks.battery import prepare_breaks
from eventlab.contagion.breaks.specs import TESTS, BreakItems, BreakSpec
from eventlab.contagion.families import EVERY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.contagion.assembly import Assembly
    from eventlab.contagion.breaks.battery import Breaks
    from eventlab.contagion.breaks.specs import BreakResults
    from eventlab.contagion.families import Family

__all__ = ["PairTables", "pair_tables"]

Columns = dict[str, Any]
ISSUER: Final = "@issuer"
TEST_FIELDS: Final = (
    "statistic",
    "pvalue",
    "placebo_pvalue",
    "transmission_pvalue",
    "adjusted_pvalue",
    "romano_wolf_pvalue",
    "romano_wolf_transmission",
)

OWN_COLUMNS: Final = ["bar", "occurrence", "source", "target"]
PAIR_COLUMNS: Final = [
    *OWN_COLUMNS,
    "n_calm",
    "n_crisis",
    "rho_calm",
    "rho_crisis",
    "rho_adjusted",
    "rho_factor_calm",
    "rho_factor_crisis",
    "variance_ratio_source",
    "variance_ratio_target",
    "placebo_source",
    "placebo_target",
    "detectable",
    "n_placebo",
    "verdict",
    "rule",
    "confounded",
    "note",
]
AVERAGE_COLUMNS: Final = [
    "bar",
    "tag",
    "source",
    "target",
    "n_events",
    "rho_calm",
    "rho_crisis",
    "change",
    "variance_ratio_source",
    "variance_ratio_target",
    "detectable",
    "n_placebo",
    "verdict",
    "rule",
    "note",
]
AVERAGE_TEST_COLUMNS: Final = [
    "bar",
    "tag",
    "source",
    "target",
    "kind",
    "test",
    *(name for name in TEST_FIELDS if name != "pvalue"),
    "note",
]


@dataclass(frozen=True, slots=True)
class PairTables:
    """The tables of `EventContagion` that are about pairs, of one scale."""

    pairs: pd.DataFrame
    tests: pd.DataFrame
    averages: pd.DataFrame
    average_tests: pd.DataFrame


def pair_tables(
    assembly: Assembly,
    families: Sequence[Family],
    confounded: Mapping[str, tuple[str, ...]],
    *,
    draws: int,
    seed: int,
) -> PairTables:
    """Test every pair at its occurrence and on average, on returns and on residuals."""
    if not assembly.items:
        return nothing()
    raw = test_breaks(assembly, (), draws, seed)
    kinds = {"raw": raw}
    if assembly.factors:
        kinds["adjusted"] = test_breaks(assembly, assembly.factors, draws, seed)
    own = {
        "bar": assembly.scale.bar,
        "occurrence": words(one.occurrence for one in assembly.items),
        "source": words(one.source for one in assembly.items),
        "target": words(one.target for one in assembly.items),
    }
    averages, average_tests = average_tables(assembly, kinds, families)
    return PairTables(
        pair_frame(own, kinds, confounded),
        pd.concat(
            [test_frame(own, kind, breaks.results) for kind, breaks in kinds.items()],
            ignore_index=True,
        ),
        averages,
        average_tests,
    )


def nothing() -> PairTables:
    """Return the tables of an event without a pair: columns, no rows."""
    return PairTables(
        pd.DataFrame(columns=PAIR_COLUMNS),
        pd.DataFrame(columns=[*OWN_COLUMNS, "kind", "test", *TEST_FIELDS, "note"]),
        pd.DataFrame(columns=AVERAGE_COLUMNS),
        pd.DataFrame(columns=AVERAGE_TEST_COLUMNS),
    )


def test_breaks(assembly: Assembly, factors: tuple[int, ...], draws: int, seed: int) -> Breaks:
    """Run the battery on returns, or on their residuals on ``factors``."""
    section, scale, items = assembly.section, assembly.scale, assembly.items
    # The targets that the definition names are one family, members of its groups another.
    members = group_members(assembly)
    own = [(one.occurrence, one.target in members) for one in items]
    number = {family: place for place, family in enumerate(dict.fromkeys(own))}
    spec = BreakSpec(
        calm=scale.calm,
        crisis=scale.crisis,
        factors=factors,
        variant=section.variant,
        level=section.level,
        smallest_change=section.smallest_change,
        draws=draws,
        seed=seed,
    )
    laid_out = BreakItems(
        row=integers(one.anchor for one in items),
        source=integers(one.source_row for one in items),
        target=integers(one.target_row for one in items),
        family=integers(number[family] for family in own),
    )
    free = {name: assembly.admissible(name) for name, _ in number}
    admissible = {place: free[name] for (name, _), place in number.items()}
    return prepare_breaks(assembly.book.returns, laid_out, spec, admissible)


def group_members(assembly: Assembly) -> frozenset[str]:
    """Targets that the definition does not name, but one of its groups holds."""
    targets = assembly.section.targets
    groups = [name for name in targets if name.startswith("@") and name != ISSUER]
    return frozenset(assembly.workspace.expand(groups)) - frozenset(targets)


def pair_frame(
    own: Columns, kinds: Mapping[str, Breaks], confounded: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """One row per pair and occurrence."""
    raw = kinds["raw"].results
    residual = kinds["adjusted"].results if "adjusted" in kinds else None
    unknown = np.full(len(raw.rho_calm), np.nan)
    near = [confounded.get(name, ()) for name in own["occurrence"]]
    return pd.DataFrame(
        {
            **own,
            "n_calm": raw.n_calm,
            "n_crisis": raw.n_crisis,
            "rho_calm": raw.rho_calm,
            "rho_crisis": raw.rho_crisis,
            "rho_adjusted": raw.rho_adjusted,
            "rho_factor_calm": unknown if residual is None else residual.rho_calm,
            "rho_factor_crisis": unknown if residual is None else residual.rho_crisis,
            "variance_ratio_source": raw.variance_source,
            "variance_ratio_target": raw.variance_target,
            "placebo_source": raw.placebo_source,
            "placebo_target": raw.placebo_target,
            "detectable": raw.detectable,
            "n_placebo": raw.n_placebo,
            "verdict": words(raw.verdict),
            "rule": words(raw.rule),
            "confounded": np.array([bool(each) for each in near], dtype=np.bool_),
            "note": words(
                "; ".join(filter(None, (note, confounder_note(each))))
                for note, each in zip(raw.note, near, strict=True)
            ),
        }
    )


def confounder_note(confounders: tuple[str, ...]) -> str:
    """Name the nearest confounder, and how many more there are."""
    if not confounders:
        return ""
    more = f" and {len(confounders) - 1} more" if len(confounders) > 1 else ""
    return f"confounded by {confounders[0]}{more}"


def test_frame(own: Columns, kind: str, results: BreakResults) -> pd.DataFrame:
    """One row per pair and test."""
    n, width = results.statistic.shape
    repeated = {
        name: value if isinstance(value, str) else np.repeat(value, width)
        for name, value in own.items()
    }
    return pd.DataFrame(
        {
            **repeated,
            "kind": kind,
            "test": np.tile(words(TESTS), n),
            **{name: getattr(results, name).reshape(-1) for name in TEST_FIELDS},
            "note": np.repeat(words(results.note), width),
        }
    )


def average_tables(
    assembly: Assembly, kinds: Mapping[str, Breaks], families: Sequence[Family]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Averages of each target over the occurrences of each family, and their tests.

    Targets that the definition names are one family of p-values, members of its groups another.
    Members are averaged over all occurrences, not by tag and state.
    """
    unnamed = group_members(assembly)
    asked: list[tuple[str, dict[str, list[int]]]] = []
    for family in families:
        named: dict[str, list[int]] = {}
        members: dict[str, list[int]] = {}
        for place, one in enumerate(assembly.items):
            if one.occurrence in family.occurrences:
                own = members if one.target in unnamed else named
                own.setdefault(one.target, []).append(place)
        whole = family.tag == EVERY
        asked += [(family.tag, own) for own in (named, members if whole else {}) if own]
    rows = [[integers(each) for each in places.values()] for _, places in asked]
    results = {kind: breaks.averages(rows) for kind, breaks in kinds.items()}
    averages, tests = [], []
    for number, (tag, places) in enumerate(asked):
        own_columns: Columns = {
            "bar": assembly.scale.bar,
            "tag": tag,
            "source": assembly.section.source,
            "target": words(places),
        }
        averages.append(average_frame(own_columns, results["raw"][number]))
        tests += [
            test_frame(own_columns, kind, found[number]).drop(columns="pvalue")
            for kind, found in results.items()
        ]
    return pd.concat(averages, ignore_index=True), pd.concat(tests, ignore_index=True)


def average_frame(own: Columns, results: BreakResults) -> pd.DataFrame:
    """One row per target of a family."""
    return pd.DataFrame(
        {
            **own,
            "n_events": results.n_events,
            "rho_calm": results.rho_calm,
            "rho_crisis": results.rho_crisis,
            "change": results.rho_crisis - results.rho_calm,
            "variance_ratio_source": results.variance_source,
            "variance_ratio_target": results.variance_target,
            "detectable": results.detectable,
            "n_placebo": results.n_placebo,
            "verdict": words(results.verdict),
            "rule": words(results.rule),
            "note": words(results.note),
        }
    )


def words(values: Any) -> npt.NDArray[np.object_]:
    """Return texts as an array of objects."""
    return np.array(list(values), dtype=object)


def integers(values: Any) -> npt.NDArray[np.int64]:
    """Return whole numbers as an array."""
    return np.fromiter(values, dtype=np.int64)
