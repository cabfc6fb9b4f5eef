"""Every test of every pair: a row per pair, a column per test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import Column, Row, at, lay_out, number, p_of, rows_of
from eventlab.report.contagion.views import ALL, SESSIONS, bar_words, level_of, named
from eventlab.report.numbers import MISSING, pvalue

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["average_tests", "pair_tests"]

TESTS: Final = {
    "fisher": "Fisher",
    "forbes_rigobon": "FR",
    "forbes_rigobon_delta": "FR delta",
    "cs12": "CS12",
    "cs21": "CS21",
    "ck13": "CK13",
    "ck31": "CK31",
    "cv22": "CV22",
}
NAMES: Final = (
    "FR: Forbes & Rigobon (2002), delta: with their delta-method error; CS, CK, CV: co-skewness, "
    "co-kurtosis and co-volatility (Fry, Martin & Tang 2010; Fry-McKibbin & Hsiao 2018)"
)
KINDS: Final = {"raw": "returns", "adjusted": "returns without what factors explain"}
PLACEBO: Final = "placebo p, below it with all pairs accounted for"
# What a table shows, what stands below it, and how both are read.
SHOWN: Final = (
    (
        "placebo_pvalue",
        "romano_wolf_pvalue",
        PLACEBO,
    ),
    (
        "transmission_pvalue",
        "romano_wolf_transmission",
        "p of dates with the variances of this event, below it with all pairs accounted for",
    ),
    ("statistic", "pvalue", "statistic, below it the asymptotic p, which rejects too often"),
)


def pair_tests(
    result: EventContagion, occurrence: str, bar: str = SESSIONS, *, members: bool = False
) -> tuple[View, ...]:
    """Lay out every test of the pairs of an occurrence: three tables for each kind of returns.

    Of ``members`` the placebo p-values only.
    """
    table = at(result.tests, occurrence)
    own = named(result, table[table["bar"] == bar], members=members)
    where = f"at {occurrence}, in {bar_words(bar)}"
    found = _tables(own, where, level_of(result), "contagion_tests.csv")
    return tuple(view for view in found if not members or PLACEBO in view.caption)


def average_tests(
    result: EventContagion, tag: str = ALL, bar: str = SESSIONS, *, members: bool = False
) -> tuple[View, ...]:
    """Lay out every test of the averages, the same way."""
    table = result.average_tests
    own = named(
        result, table[(table["tag"] == tag) & (table["bar"] == bar)], members=members
    ).assign(pvalue=float("nan"))
    where = f"on average over {'all occurrences' if tag == ALL else tag}, in {bar_words(bar)}"
    return _tables(own, where, level_of(result), "contagion_average_tests.csv")


def _tables(table: pd.DataFrame, where: str, level: float, file: str) -> tuple[View, ...]:
    found: list[View] = []
    for kind, noun in KINDS.items():
        rows = _by_target(table[table["kind"] == kind])
        for value, below, reading in SHOWN:
            if any(
                value in cell for row in rows for cell in row.values() if isinstance(cell, dict)
            ):
                columns = (
                    Column("target", lambda row: str(row["target"]), numeric=False),
                    *(_column(test, (value, below), level) for test in TESTS),
                )
                gloss = "" if found else NAMES
                caption = f"Every test of {noun} {where}: {reading}. {gloss}"
                found.append(lay_out(caption, rows, columns, most=100, file=file))
    return tuple(view for view in found if view)


def _by_target(table: pd.DataFrame) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows_of(table):
        found.setdefault(row["target"], {"target": row["target"]})[row["test"]] = row
    return list(found.values())


def _column(test: str, keys: tuple[str, str], level: float) -> Column:
    value, below = keys
    empty: Row = {}

    def text(row: Row) -> str:
        own = row.get(test, empty)
        return number(own.get(value)) if value == "statistic" else p_of(value)(own)

    return Column(
        TESTS[test],
        text,
        lambda row: pvalue(row.get(test, empty).get(below, float("nan"))).replace(MISSING, ""),
        loud=lambda row: row.get(test, empty).get(below, 1.0) <= level,
    )
