"""Averages over events: which pairs belong together, and what is said of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.study.battery import Residuals, placebo_test, window_sample
from eventlab.study.inference import TESTS, Outcome, run_tests
from eventlab.study.paths import PATH_COLUMNS, path_rows
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.study.assembly import Pair
    from eventlab.study.placebo import PlaceboOutcome
    from eventlab.study.tables import Computed

__all__ = ["Group", "GroupTables", "aggregate_groups", "make_groups"]

Row = dict[str, Any]
TEST_COLUMNS = ["group", "tag", "window", *Outcome.__slots__]


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs whose abnormal returns are averaged: an asset, an ``@group`` or ``all``, by tag."""

    name: str
    tag: str
    members: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GroupTables:
    """The tables ``aggregates``, ``tests`` and ``paths`` of `EventStudy`."""

    aggregates: pd.DataFrame
    tests: pd.DataFrame
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


def aggregate_groups(groups: list[Group], computed: Computed) -> GroupTables:
    """Test the mean CAR of each group in every CAR window, and trace its path."""
    spec, fits = computed.spec, computed.fits
    residuals = Residuals(computed.arrays, fits, spec)
    car_error = fits.car_error
    aggregates: list[Row] = []
    tests: list[Row] = []
    paths: list[Row] = []
    for group, outcome in zip(groups, draw_placebos(groups, computed, car_error), strict=True):
        label = {"group": group.name, "tag": group.tag}
        for w in range(computed.n_windows):
            sample = window_sample(fits, residuals, spec, group.members, w)
            window = window_label(spec.windows[w])
            caar = float(sample.car.mean()) if sample.n else np.nan
            aggregates.append({**label, "window": window, "caar": caar, "n_events": sample.n})
            outcomes = [*run_tests(sample, tuple(TESTS)), placebo_test(outcome, w, sample.n)]
            tests += [{**label, "window": window, **one.row()} for one in outcomes]
        own, n = group.members, computed.n_windows
        half = outcome.half_width(spec.level)
        rows = path_rows(spec.taus, fits.ar[own], fits.car[own, n:], car_error[own, n:], half[n:])
        paths += [{**label, **row} for row in rows]
    return GroupTables(
        pd.DataFrame(aggregates, columns=["group", "tag", "window", "caar", "n_events"]),
        pd.DataFrame(tests, columns=TEST_COLUMNS),
        pd.DataFrame(paths, columns=["group", "tag", *PATH_COLUMNS]),
    )


def draw_placebos(
    groups: list[Group], computed: Computed, car_error: npt.NDArray[np.float64]
) -> list[PlaceboOutcome]:
    """Draw the placebo of every group; the kernel holds no lock, so that threads share the work.

    A draw depends on the seed and its own number, so the result does not depend on the threads.
    """
    with ThreadPoolExecutor() as threads:
        return list(
            threads.map(
                lambda group: computed.placebo.outcome(group.members, computed.fits.car, car_error),
                groups,
            )
        )
