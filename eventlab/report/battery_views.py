"""The whole battery on a page: every test of an asset by window, and of its bars.

The headline comes first; of every other test stands there why it is not relied on.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from eventlab.report import summary
from eventlab.report.cells import TestResult, cells
from eventlab.report.numbers import MINUS, MISSING, integer, percent, pvalue, statistic, test_name
from eventlab.report.units import unit_of
from eventlab.report.views import Shown, View
from eventlab.study.inference.bhar_tests import BHAR_HEADLINE
from eventlab.study.inference.headline import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventlab.study.results import EventStudy

__all__ = [
    "bar_view",
    "bar_views",
    "battery_view",
    "battery_views",
    "hold_battery",
    "hold_view",
    "reasons_view",
]

Row = dict[str, Any]
Bars = dict[str, dict[int, dict[str, Row]]]
MOST_BARS: Final = 41  # the nearest to day 0
MOST_GROUPS: Final = 24  # on a page; the others are in the files
MOST_BAR_TESTS: Final = 6
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:e-\d+)?")
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
NO_MARK: Final = "\N{FIGURE SPACE}"  # keeps numbers without a mark below those with one
COMPARED: Final = "its assumptions hold; shown for comparison"


def battery_views(study: EventStudy, first: str) -> list[tuple[str, View]]:
    """Return the tests of each group, ``first`` first, of at most ``MOST_GROUPS`` groups."""
    shown = ((group, battery_view(study, group)) for group in _ordered(study, first))
    return [(group, view) for group, view in shown if view][:MOST_GROUPS]


def battery_view(study: EventStudy, group: str) -> View:
    """Lay out every test of a group by window, the headline first, and why some are not in it."""
    found = cells(study)
    own = {
        window: cell.tests
        for window in summary.windows(study)
        if (cell := found.get((group, window))) is not None
    }
    said = (
        f"Every test of {group} over all occurrences: the p-value, below it the statistic. Faint "
        "where the test is not relied on, for the reason that its letter stands for."
    )
    return _by_window(study, own, said)


def reasons_view(study: EventStudy, group: str, window: str) -> View:
    """Lay out every test of a group in one window, the headline first, and why others left it."""
    cell = cells(study).get((group, window))
    own = {} if cell is None else {each.test: each for each in cell.tests}
    level = summary.level(study)
    rows = []
    for each in (own[test] for test in _tests([own])):
        relied = each.headline
        shown = MISSING if each.test == summary.PLACEBO else statistic(each.statistic)
        rows.append(
            (
                Shown(test_name(each.test)),
                Shown(pvalue(each.pvalue), loud=relied and each.pvalue < level, off=not relied),
                Shown(shown, off=not relied),
                Shown("in the headline" if relied else "left out of it"),
                Shown("" if relied else each.note or COMPARED),
            )
        )
    caption = (
        f"Every test of {group} in {window}. The headline is what the answer rests on; of every "
        "other test stands there why it is not relied on."
    )
    columns = ("test", "p-value", "statistic", "headline?", "why not")
    return View(caption, columns, tuple(rows), (1, 2))


def hold_view(study: EventStudy) -> View:
    """Lay out the average buy-and-hold abnormal returns, with the p-value of their headline."""
    test = BHAR_HEADLINE[0]
    table = study.bhar_tests
    table = table[(table["tag"] == summary.ALL) & (table["test"] == test)]
    windows, level = tuple(dict.fromkeys(table["window"])), summary.level(study)
    found = {(row["group"], row["window"]): row for row in summary.rows(table)}
    rows = []
    for group in summary.groups(study):
        own = [found.get((group, window)) for window in windows]
        if any(own):
            counts = sorted({row["n_events"] for row in own if row is not None})
            count = " to ".join(integer(n) for n in dict.fromkeys((counts[0], counts[-1])))
            rows.append((Shown(group), Shown(count), *(_held(row, level) for row in own)))
    caption = (
        "Average buy-and-hold abnormal return by window: what the asset earned over it beyond what "
        f"its normal returns would have; below it the p of the {test_name(test)}. Faint where that "
        "is not relied on, bold where it is and rejects."
    )
    columns = ("asset", "n", *windows)
    return View(caption, columns, tuple(rows), tuple(range(1, len(columns))))


def hold_battery(study: EventStudy, group: str) -> View:
    """Lay out every test of a group's buy-and-hold returns by window."""
    table = study.bhar_tests
    table = table[(table["tag"] == summary.ALL) & (table["group"] == group)]
    own: dict[str, list[TestResult]] = {}
    for row in summary.rows(table):
        result = TestResult(**{name: row[name] for name in TestResult.__slots__})
        own.setdefault(row["window"], []).append(result)
    said = f"Every test of the buy-and-hold abnormal return of {group}: p-value and statistic."
    return _by_window(study, own, said)


def bar_views(study: EventStudy, first: str) -> list[tuple[str, View]]:
    """Return the tests of each group's bars, ``first`` first, of at most ``MOST_GROUPS``."""
    tests = _bar_tests(study)
    found = _bars(study, tests)
    shown = [group for group in _ordered(study, first) if group in found][:MOST_GROUPS]
    return [(group, _bar_view(study, group, tests, found[group])) for group in shown]


def bar_view(study: EventStudy, group: str) -> View:
    """Lay out the average abnormal return of each bar, with the p-values of its tests."""
    tests = _bar_tests(study)
    own = _bars(study, tests).get(group, {})
    return _bar_view(study, group, tests, own) if own else View("", (), ())


def _ordered(study: EventStudy, first: str) -> list[str]:
    return sorted(summary.groups(study), key=lambda group: group != first)


def _by_window(
    study: EventStudy, results: Mapping[str, Iterable[TestResult]], caption: str
) -> View:
    """Lay out tests by window: rows are tests, and why they are not in the headline."""
    windows, level = summary.windows(study), summary.level(study)
    own = {window: {each.test: each for each in tests} for window, tests in results.items()}
    reasons = Reasons()
    rows = []
    for test in _tests(own.values()):
        found = (own.get(window, {}).get(test) for window in windows)
        rows.append((Shown(test_name(test)), *(_result(one, reasons, level) for one in found)))
    columns = ("test", *windows)
    numeric = tuple(range(1, len(columns)))
    return View(caption, columns, tuple(rows), numeric, notes=reasons.notes())


class Reasons:
    """Why tests are not relied on, each kind under a letter of its own."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def mark(self, reason: str) -> str:
        """Return the letter of a reason; reasons that differ in numbers only share one."""
        template = NUMBER.sub("\0", reason)
        self.found.setdefault(template, []).append(reason)
        place = list(self.found).index(template)
        return LETTERS[place] if place < len(LETTERS) else str(place)

    def notes(self) -> tuple[tuple[str, str], ...]:
        """Return the letters and what they stand for."""
        return tuple((self.mark(alike[0]), _merged(alike)) for alike in self.found.values())


def _tests(found: Iterable[dict[str, TestResult]]) -> list[str]:
    """Return the tests of some windows in order: the placebo, the headline, the others."""
    known = dict.fromkeys(test for results in found for test in results)
    order = [test for test in (summary.PLACEBO, *HEADLINE) if test in known]
    return [*order, *(test for test in known if test not in order)]


def _result(result: TestResult | None, reasons: Reasons, level: float) -> Shown:
    """Write a p-value and below it the statistic, with the mark of why it is not relied on."""
    if result is None:
        return Shown(MISSING)
    mark = "" if result.headline else reasons.mark(result.note or COMPARED)
    # The placebo has no statistic of its own, only its place among the draws.
    plain = result.test == summary.PLACEBO or not math.isfinite(result.statistic)
    below = mark if plain else f"{statistic(result.statistic)} {mark or NO_MARK}"
    loud = result.headline and result.pvalue < level
    return Shown(pvalue(result.pvalue), below, loud, off=not result.headline)


def _held(row: Row | None, level: float) -> Shown:
    if row is None or not math.isfinite(row["bhar"]):
        return Shown("no BHAR")
    relied = bool(row["headline"])
    loud = relied and row["pvalue"] < level
    return Shown(percent(row["bhar"]), f"p {pvalue(row['pvalue'])}", loud, off=not relied)


def _merged(reasons: Sequence[str]) -> str:
    """Write reasons that differ in their numbers as one, a range where the numbers differ."""
    texts = NUMBER.split(reasons[0])
    merged = texts[0]
    numbers = [NUMBER.findall(reason) for reason in reasons]
    for values, text in zip(zip(*numbers, strict=True), texts[1:], strict=True):
        ordered = sorted(set(values), key=float)
        merged += ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"
        merged += text
    return merged


def _bar_tests(study: EventStudy) -> list[str]:
    """Return the tests to show of bars: those of the headline, or the first a program has."""
    known = dict.fromkeys(study.aar_tests["test"].unique().tolist())
    headline = [test for test in HEADLINE if test in known]
    return headline if headline and study.convention == "paper" else list(known)[:MOST_BAR_TESTS]


def _bars(study: EventStudy, tests: Sequence[str]) -> Bars:
    """Return group, bar and test to a row, over all occurrences."""
    table = study.aar_tests
    table = table[(table["tag"] == summary.ALL) & table["test"].isin(tests)]
    found: Bars = {}
    for row in summary.rows(
        table[["group", "tau", "aar", "n_events", "test", "pvalue", "headline"]]
    ):
        found.setdefault(row["group"], {}).setdefault(row["tau"], {})[row["test"]] = row
    return found


def _bar_view(
    study: EventStudy, group: str, tests: Sequence[str], bars: Mapping[int, dict[str, Row]]
) -> View:
    near = sorted(sorted(bars, key=abs)[:MOST_BARS])
    unit, level = unit_of(study), summary.level(study)
    rows = []
    for tau in near:
        one = next(iter(bars[tau].values()))
        rows.append(
            (
                Shown(str(tau).replace("-", MINUS)),
                Shown(integer(one["n_events"])),
                Shown(unit.write(one["aar"])),
                *(_bar_test(bars[tau].get(test), level) for test in tests),
            )
        )
    caption = (
        f"Average abnormal {unit.noun} of {group} on each bar, and the p-values of its "
        "tests; faint where a test is not relied on, bold where it is and rejects. Of "
        f"{len(near)} bars {max(1, round(len(near) * level))} would by chance. The placebo is "
        "drawn for the paths above; all tests are in aar_tests.csv."
    )
    columns = ("bar", "n", "AAR", *(test_name(test) for test in tests))
    more = f"the {len(near)} of {len(bars)} bars nearest to day 0" if len(near) < len(bars) else ""
    return View(caption, columns, tuple(rows), tuple(range(1, len(columns))), more)


def _bar_test(row: Row | None, level: float) -> Shown:
    if row is None or not math.isfinite(row["pvalue"]):
        return Shown(MISSING)
    relied = bool(row["headline"])
    loud = relied and row["pvalue"] < level
    return Shown(pvalue(row["pvalue"]), "", loud, off=not relied)
