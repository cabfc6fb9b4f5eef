"""Averages over events: which pairs belong together, and what is said of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.study.conventions.battery import choose_battery
from eventlab.study.inference.battery import placebo_test
from eventlab.study.inference.bhar_tests import BuyAndHold
from eventlab.study.inference.outcome_frames import (
    AAR_COLUMNS,
    BHAR_COLUMNS,
    OUTCOME_COLUMNS,
    tests_frame,
)
from eventlab.study.measures import are_returns
from eventlab.study.models.fits import buy_and_hold
from eventlab.study.paths import PATH_COLUMNS, path_rows
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.study.assembly import Pair
    from eventlab.study.inference.registry import Table
    from eventlab.study.placebo.outcome import PlaceboOutcome
    from eventlab.study.tables import Computed

__all__ = ["Group", "GroupTables", "aggregate_groups", "make_groups"]

Row = dict[str, Any]
TEST_COLUMNS = ["group", "tag", "window", *OUTCOME_COLUMNS]


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs whose abnormal returns are averaged: an asset, an ``@group`` or ``all``, by tag."""

    name: str
    tag: str
    members: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GroupTables:
    """Tables of `EventStudy`: those with a row per group, and more."""

    aggregates: pd.DataFrame
    tests: pd.DataFrame
    aar_tests: pd.DataFrame
    bhar_tests: pd.DataFrame
    paths: pd.DataFrame


def make_groups(
    study: StudyDefinition, pairs: tuple[Pair, ...], tags: Mapping[str, tuple[str, ...]]
) -> list[Group]:
    """Every asset, every ``@`` entry of the assets, and all; for all occurrences and by tag.

    ``tags`` holds each occurrence's tags. Groups of a single asset repeat nothing: ``all`` and
    ``@`` groups are left out where they are one asset only. Empty groups are left out.
    """
    symbols = np.array([pair.symbol for pair in pairs], dtype=object)
    names: dict[str, npt.NDArray[np.intp]] = {}
    for symbol in dict.fromkeys(symbols):
        names[symbol] = np.flatnonzero(symbols == symbol)
    for token in study.assets:
        rows = np.flatnonzero([token in pair.tokens for pair in pairs])
        if token.startswith("@") and len(set(symbols[rows])) > 1:
            names[token] = rows
    if len(set(symbols)) > 1:
        names["all"] = np.arange(len(pairs))
    groups = []
    for tag in ("all", *study.by_tag):
        tagged = np.array([tag == "all" or tag in tags[pair.occurrence] for pair in pairs])
        groups += [
            Group(name, tag, rows[tagged[rows]]) for name, rows in names.items() if len(rows)
        ]
    return [group for group in groups if len(group.members)]


def aggregate_groups(
    groups: list[Group], computed: Computed, convention: str = "paper"
) -> GroupTables:
    """Test the mean CAR of each group in every CAR window and on every bar, and trace its path."""
    spec, fits, n = computed.spec, computed.fits, computed.n_windows
    arrays = computed.assembly.arrays
    battery = choose_battery(convention, arrays, computed.arrays, fits, spec, n_windows=n)
    car_error = fits.car_error
    tests: list[Table] = []
    bars: list[Table] = []
    held: list[Table] = []
    paths: list[Row] = []
    hold = BuyAndHold(buy_and_hold(arrays, fits, spec)[:, :n], battery.windows[:n], battery.history)
    outcomes = draw_placebos(groups, computed, car_error)
    alike: dict[bytes, Table] = {}  # all have a tag, or a tag has one asset: the same events twice
    for group, outcome in zip(groups, outcomes, strict=True):
        key = group.members.tobytes()
        both = alike[key] = alike[key] if key in alike else battery.both(group.members)
        placebos = [placebo_test(outcome, w, int(both.n_events[w])) for w in range(n)]
        table = both.part(slice(0, n))
        ours = convention == "paper"
        tests.append(table.joined("placebo", placebos) if ours else table)
        bars.append(both.part(slice(n, None)))
        if are_returns(computed.study.measure):
            held.append(hold.table(group.members))
        own, half = group.members, outcome.half_width(spec.level)
        rows = path_rows(spec.taus, fits.ar[own], fits.car[own, n:], car_error[own, n:], half[n:])
        paths += [{"group": group.name, "tag": group.tag, **row} for row in rows]
    labels = [window_label(window) for window in spec.windows[:n]]
    return GroupTables(
        aggregates=aggregate_frame(groups, tests, labels),
        tests=tests_frame(tests, places(groups), each={"window": labels}, columns=TEST_COLUMNS),
        aar_tests=tests_frame(
            bars,
            places(groups),
            each={"tau": spec.taus.tolist()},
            columns=["group", "tag", *AAR_COLUMNS],
        ),
        bhar_tests=tests_frame(
            held, places(groups), each={"window": labels}, columns=["group", "tag", *BHAR_COLUMNS]
        ),
        paths=pd.DataFrame(paths, columns=["group", "tag", *PATH_COLUMNS]),
    )


def places(groups: list[Group]) -> dict[str, list[object]]:
    """Columns group and tag, an entry for each group."""
    return {"group": [group.name for group in groups], "tag": [group.tag for group in groups]}


def aggregate_frame(groups: list[Group], tables: list[Table], labels: list[str]) -> pd.DataFrame:
    """One row per group and window: caar and n_events."""
    W = len(labels)
    columns: dict[str, Any] = {
        name: np.repeat(np.array(values, dtype=object), W)
        for name, values in places(groups).items()
    }
    columns["window"] = np.tile(np.array(labels, dtype=object), len(groups))
    columns["caar"] = np.concatenate([np.empty(0), *(table.mean for table in tables)])
    columns["n_events"] = np.concatenate(
        [np.empty(0, dtype=np.int64), *(table.n_events for table in tables)]
    )
    return pd.DataFrame(columns)


def draw_placebos(
    groups: list[Group], computed: Computed, car_error: npt.NDArray[np.float64]
) -> list[PlaceboOutcome]:
    """Draw the placebo of every group; the kernel holds no lock, so that threads share the work.

    A draw depends on the seed and its own number, so the result does not depend on the threads.
    """
    alike = {group.members.tobytes(): group.members for group in groups}
    with ThreadPoolExecutor() as threads:
        drawn = threads.map(
            lambda members: computed.placebo.outcome(members, computed.fits.car, car_error),
            alike.values(),
        )
        outcomes = dict(zip(alike, drawn, strict=True))
    return [outcomes[group.members.tobytes()] for group in groups]
