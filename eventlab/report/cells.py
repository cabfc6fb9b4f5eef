"""What is known about one group in one window, put together from a study's tables.

Only the intervals are worked out here: of one CAR from its forecast error, of an average from the
spread of its CARs. They cover 1 - level of the study's definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventlab.report.summary import ALL, ISSUER, PLACEBO, issuer_cars, level, rows

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy

__all__ = ["Cell", "Interval", "TestResult", "cells"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval and how it was made; NaN bounds and a reason where there is none.

    ``widened`` is by how much the half width grew because the CARs share bars.
    """

    low: float
    high: float
    how: str
    widened: float = 1.0


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
    window: str
    tag: str
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


def cells(study: EventStudy, tag: str = ALL) -> dict[tuple[str, str], Cell]:
    """Return group and window to everything known about them, for one tag."""
    return dict(_cells(_Same(study), tag))


class _Same:
    """A study as a key: the tables of one never change, and comparing them would be slow."""

    __slots__ = ("study",)

    def __init__(self, study: EventStudy) -> None:
        self.study = study

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.study is self.study

    def __hash__(self) -> int:
        return id(self.study)


@lru_cache(maxsize=8)  # a page asks for the same cells six times
def _cells(key: _Same, tag: str) -> dict[tuple[str, str], Cell]:
    study = key.study
    tests = _tests_by_place(study.tests[study.tests["tag"] == tag])
    spreads = _spreads(study, tag)
    found: dict[tuple[str, str], Cell] = {}
    for row in rows(study.aggregates[study.aggregates["tag"] == tag]):
        place = (row["group"], row["window"])
        spread = spreads.get(place)
        own = tests.get(place, ())
        relied = (each.pvalue for each in own if each.test == PLACEBO and each.headline)
        placebo = next(relied, float("nan"))
        rank, draws = 0, 0
        if spread is not None and spread.n == 1 and np.isfinite(spread.placebo):
            rank, draws = int(spread.rank), int(spread.draws)
            placebo = placebo if np.isfinite(placebo) else spread.placebo
        # Another program's tests say nothing of what shared bars add to our interval.
        widened = _dependence(own) if study.convention == "paper" else float("nan")
        interval = _interval(row["caar"], spread, widened, level(study))
        n_events = int(row["n_events"])
        found[place] = Cell(*place, tag, row["caar"], n_events, interval, placebo, rank, draws, own)
    return found


@dataclass(frozen=True, slots=True)
class _Spread:
    """The CARs behind one cell: how many, their deviation, and the first one's own numbers."""

    n: int
    deviation: float
    stderr: float
    dof: float
    placebo: float
    rank: float
    draws: float


def _spreads(study: EventStudy, tag: str) -> dict[tuple[str, str], _Spread]:
    """Return the spread of each symbol and of the issuers; other groups share dates."""
    cars = study.cars
    if tag != ALL:
        tagged = study.occurrences["tags"].map(lambda own: tag in own)
        cars = cars[cars["occurrence"].isin(study.occurrences.loc[tagged, "occurrence"])]
    cars = cars[cars["car"].notna()]
    issuers = issuer_cars(study.event, cars).assign(symbol=ISSUER)
    whole = pd.concat([cars, issuers], ignore_index=True)
    table = whole.groupby(["symbol", "window"], sort=False).agg(
        n=("car", "size"),
        deviation=("car", "std"),
        stderr=("stderr", "first"),
        dof=("dof", "first"),
        placebo=("placebo_pvalue", "first"),
        rank=("placebo_rank", "first"),
        draws=("n_placebo", "first"),
    )
    columns = (table[name].tolist() for name in table.columns)
    return {
        (str(symbol), str(window)): _Spread(*values)
        for (symbol, window), *values in zip(table.index, *columns, strict=True)
    }


def _dependence(tests: tuple[TestResult, ...]) -> float:
    """By how much shared bars widen the error of a mean: sqrt((1 + (N-1) r)/(1 - r)), at least 1.

    That is what Kolari & Pynnonen take off the BMP statistic, and both stand in the tests. NaN
    where the events share bars and the adjustment has no value.
    """
    values = {each.test: each.statistic for each in tests}
    plain, adjusted = (values.get(name, np.nan) for name in ("bmp", "kolari_pynnonen_bmp"))
    if not np.isfinite(plain) or plain == 0.0:
        return 1.0
    return max(1.0, plain / adjusted) if np.isfinite(adjusted) else float("nan")


def _interval(caar: float, spread: _Spread | None, widened: float, size: float) -> Interval:
    nan = float("nan")
    if spread is None:
        return Interval(nan, nan, "members share dates: the placebo p speaks")
    if spread.n == 1:
        half = float(stdtrit(spread.dof, 1 - size / 2)) * spread.stderr
        return Interval(caar - half, caar + half, "forecast error of the model")
    half = float(stdtrit(spread.n - 1, 1 - size / 2)) * spread.deviation / spread.n**0.5 * widened
    how = "spread of the CARs, Student t, widened where they share bars"
    return Interval(caar - half, caar + half, how, widened)


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
