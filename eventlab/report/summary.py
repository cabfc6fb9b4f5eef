"""A study arranged for reading: what the terminal's tables and the pages both show.

Everything here is taken from the study's tables; only the intervals are worked out, from the
CARs and standard errors that stand in them. They cover 1 - level of the study's definition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    from eventlab.definitions.event import EventDefinition
    from eventlab.study.results import EventStudy

__all__ = [
    "ALL",
    "ISSUER",
    "Cell",
    "Interval",
    "ReasonCount",
    "TestResult",
    "car_bounds",
    "cells",
    "coverage",
    "exclusion_counts",
    "group_cars",
    "groups",
    "headline_tests",
    "level",
    "raw_day0",
    "rows",
    "sampling_rows",
    "tags",
    "windows",
]

PLACEBO = "placebo"
ALL = "all"
ISSUER = "@issuer"
# Dates, with their time, and whole numbers outside of brackets: [-250,-11] stays as it is.
VARYING = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?|(?<![\w\[,.\-])\d+(?![\w\],.])")


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval and how it was made; NaN bounds and a reason where there is none."""

    low: float
    high: float
    how: str


@dataclass(frozen=True, slots=True)
class TestResult:
    """One row of the tests' table, without its place."""

    __test__ = False  # pytest would collect the name

    test: str
    statistic: float
    dof: float
    pvalue: float
    n_events: int
    headline: bool
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One group in one window: the average CAR and everything that speaks about it.

    ``placebo`` is NaN where no placebo was drawn. ``rank`` and ``draws`` (how many placebo dates
    were at least as extreme, of how many) are 0 for averages, where the study gives only the p.
    """

    group: str
    tag: str
    window: str
    caar: float
    n_events: int
    interval: Interval
    placebo: float
    rank: int
    draws: int
    tests: tuple[TestResult, ...]

    @property
    def headline(self) -> dict[str, float]:
        """Headline test to its p-value, the placebo left out: it has a place of its own."""
        return {
            each.test: each.pvalue for each in self.tests if each.headline and each.test != PLACEBO
        }

    def significant(self, level: float) -> bool:
        """Whether the placebo p, or without one every headline p, is below ``level``."""
        if np.isfinite(self.placebo):
            return self.placebo < level
        found = [value for value in self.headline.values() if np.isfinite(value)]
        return bool(found) and max(found) < level


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many occurrence-symbol pairs were left out for one reason, and which symbols."""

    reason: str
    count: int
    symbols: tuple[str, ...]
    occurrences: int
    windows: tuple[str, ...]


def rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as column to value."""
    names = list(frame.columns)
    for values in zip(*(frame[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def windows(study: EventStudy) -> tuple[str, ...]:
    """Return the CAR windows in the order of the definition."""
    return tuple(dict.fromkeys(study.aggregates["window"]))


def groups(study: EventStudy) -> tuple[str, ...]:
    """Return the symbols, ``@groups`` and ``all``, in the order of the study."""
    return tuple(dict.fromkeys(study.aggregates["group"]))


def tags(study: EventStudy) -> tuple[str, ...]:
    """Return the tags that aggregates are given for, ``all`` first."""
    found = dict.fromkeys(study.aggregates["tag"])
    return (ALL, *(tag for tag in found if tag != ALL))


def level(study: EventStudy) -> float:
    """Return the significance level of the study."""
    return study.event.study.level if study.event.study is not None else 0.05


def coverage(study: EventStudy) -> str:
    """Write the coverage of the study's intervals: ``95%``."""
    return f"{100 * (1 - level(study)):g}%"


def cells(study: EventStudy, tag: str = ALL) -> dict[tuple[str, str], Cell]:
    """Return group and window to everything known about them, for one tag."""
    tests = _tests_by_place(study.tests[study.tests["tag"] == tag])
    cars = _cars_by_place(study, tag)
    table = study.aggregates[study.aggregates["tag"] == tag]
    found: dict[tuple[str, str], Cell] = {}
    for row in rows(table):
        place, caar = (row["group"], row["window"]), row["caar"]
        interval = _interval(caar, cars.get(place), level(study))
        placebo, rank, draws = _placebo(tests.get(place, ()), cars.get(place))
        found[place] = Cell(
            place[0],
            tag,
            place[1],
            caar,
            int(row["n_events"]),
            interval,
            placebo,
            rank,
            draws,
            tests.get(place, ()),
        )
    return found


def headline_tests(study: EventStudy) -> tuple[str, ...]:
    """Return the tests that are in the headline anywhere, in order, the placebo left out."""
    headline = study.tests.loc[study.tests["headline"].astype(bool), "test"]
    return tuple(test for test in dict.fromkeys(headline) if test != PLACEBO)


def raw_day0(study: EventStudy) -> dict[str, float]:
    """Return symbol to its mean raw return of day 0, decimals, over the occurrences studied."""
    table = study.abnormal_returns
    day = table[(table["tau"] == 0) & table["ar"].notna()]
    means = day.groupby("symbol", sort=False)["actual"].mean()
    return {str(symbol): float(value) for symbol, value in means.items()}


def exclusion_counts(study: EventStudy) -> tuple[ReasonCount, ...]:
    """Group the exclusions by reason, the commonest first.

    Reasons that differ in dates and numbers only are one; those become ranges, ``0..57``.
    """
    found: dict[str, list[int]] = {}
    slots: dict[str, list[list[str]]] = {}
    for place, row in enumerate(rows(study.exclusions)):
        reason = row["reason"].removeprefix(f"{study.event.event}/{row['occurrence']}: ")
        template = VARYING.sub("\0", reason)
        found.setdefault(template, []).append(place)
        slots.setdefault(template, []).append(VARYING.findall(reason))
    counts = []
    for template, places in found.items():
        part = study.exclusions.iloc[places]
        counts.append(
            ReasonCount(
                _with_ranges(template, slots[template]),
                len(part),
                tuple(symbol for symbol in dict.fromkeys(part["symbol"]) if symbol),
                int(part["occurrence"].nunique()),
                tuple(window for window in dict.fromkeys(part["window"]) if window),
            )
        )
    return tuple(sorted(counts, key=lambda each: -each.count))


def _with_ranges(template: str, values: list[list[str]]) -> str:
    """Fill each gap with what the reasons have there: one value, or the first and the last."""
    pieces = template.split("\0")
    filled = pieces[0]
    for slot, piece in zip(zip(*values, strict=True), pieces[1:], strict=True):
        ordered = sorted(set(slot), key=lambda text: (len(text), text))
        gap = ordered[0] if len(ordered) == 1 else f"{ordered[0]}..{ordered[-1]}"
        filled += gap + piece
    return filled


def sampling_rows(study: EventStudy) -> pd.DataFrame:
    """Return per symbol: basis (joined where occurrences differ), median and largest distance.

    Columns symbol, basis, minutes_apart, max_minutes_apart; minutes, signed as in the study: the
    sampled bar's close minus the clock's.
    """
    table = study.sampling
    if table.empty:
        return table[["symbol", "basis", "minutes_apart", "max_minutes_apart"]]
    grouped = table.groupby("symbol", sort=False)
    return grouped.agg(
        basis=("basis", lambda column: " / ".join(dict.fromkeys(column))),
        minutes_apart=("minutes_apart", "median"),
        max_minutes_apart=("max_minutes_apart", _furthest),
    ).reset_index()


def _furthest(column: pd.Series[float]) -> float:
    values = column.dropna().to_numpy(dtype=float)
    return float(values[np.abs(values).argmax()]) if len(values) else float("nan")


def _tests_by_place(table: pd.DataFrame) -> dict[tuple[str, str], tuple[TestResult, ...]]:
    found: dict[tuple[str, str], list[TestResult]] = {}
    names = (
        "group",
        "window",
        "test",
        "statistic",
        "dof",
        "pvalue",
        "n_events",
        "headline",
        "note",
    )
    for row in zip(*(table[name].tolist() for name in names), strict=True):
        group, window, test, statistic, dof, pvalue, n_events, headline, note = row
        found.setdefault((group, window), []).append(
            TestResult(test, statistic, dof, pvalue, int(n_events), bool(headline), note or "")
        )
    return {place: tuple(results) for place, results in found.items()}


def group_cars(study: EventStudy, group: str) -> pd.DataFrame:
    """Return the CARs of a symbol, or those of each occurrence's issuer for ``@issuer``."""
    if group == ISSUER:
        return _issuer_cars(study.event, study.cars)
    return study.cars[study.cars["symbol"] == group]


def car_bounds(
    cars: pd.DataFrame, size: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the intervals of single CARs from their forecast errors, (n,) each, in decimals."""
    values = cars["car"].to_numpy(dtype=float)
    half = stdtrit(cars["dof"].to_numpy(dtype=float), 1 - size / 2)
    half = half * cars["stderr"].to_numpy(dtype=float)
    return values - half, values + half


def _cars_by_place(study: EventStudy, tag: str) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the CARs behind each group; groups of several symbols have none of their own."""
    cars = study.cars
    if tag != ALL:
        tagged = study.occurrences["tags"].map(lambda own: tag in own)
        cars = cars[cars["occurrence"].isin(study.occurrences.loc[tagged, "occurrence"])]
    cars = cars[cars["car"].notna()]
    found: dict[tuple[str, str], pd.DataFrame] = {}
    for (symbol, window), part in cars.groupby(["symbol", "window"], sort=False):
        found[str(symbol), str(window)] = part
    for window, part in _issuer_cars(study.event, cars).groupby("window", sort=False):
        found[ISSUER, str(window)] = part
    return found


def _issuer_cars(event: EventDefinition, cars: pd.DataFrame) -> pd.DataFrame:
    issuers = {occurrence.id: occurrence.issuer or event.issuer for occurrence in event.occurrences}
    own = cars["occurrence"].map(issuers)
    return cars[own == cars["symbol"]]


def _placebo(tests: tuple[TestResult, ...], cars: pd.DataFrame | None) -> tuple[float, int, int]:
    """Return the placebo p, and rank and draws where a single CAR stands behind it."""
    found = next((each.pvalue for each in tests if each.test == PLACEBO), float("nan"))
    if cars is None or len(cars) != 1:
        return found, 0, 0
    only = cars.iloc[0]
    if not np.isfinite(only["placebo_pvalue"]):
        return found, 0, 0
    own = float(only["placebo_pvalue"])
    return (found if np.isfinite(found) else own), int(only["placebo_rank"]), int(only["n_placebo"])


def _interval(caar: float, cars: pd.DataFrame | None, size: float) -> Interval:
    """Of one CAR from its forecast error, of an average from the spread of its CARs."""
    nan = float("nan")
    if cars is None or cars.empty:
        return Interval(nan, nan, "members share dates: the placebo p speaks")
    if len(cars) == 1:
        low, high = car_bounds(cars, size)
        return Interval(float(low[0]), float(high[0]), "forecast error of the model")
    values = cars["car"].to_numpy(dtype=float)
    n = len(values)
    half = float(stdtrit(n - 1, 1 - size / 2) * values.std(ddof=1) / np.sqrt(n))
    return Interval(caar - half, caar + half, "spread of the CARs, Student t")
