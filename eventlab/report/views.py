"""The tables of a page: which rows and cells, in words and numbers, without any markup."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from eventlab.report import summary
from eventlab.report.cells import cells
from eventlab.report.numbers import MISSING, integer, moment, percent, pvalue, statistic, test_name
from eventlab.report.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from eventlab.report.cells import Cell
    from eventlab.study.results import EventStudy

__all__ = [
    "Shown",
    "View",
    "by_window",
    "event_by_event",
    "event_days",
    "exclusions",
    "headline",
    "overlaps",
    "quality",
    "sampling",
    "truth",
]

MOST_ROWS = 40
MOST_TESTS = 400
MOST_ASSETS = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: its text, what stands small below it, and whether it is more than chance.

    ``off`` is for a number that is not relied on.
    """

    text: str
    below: str = ""
    loud: bool = False
    off: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A table: the first column heads its rows, ``numeric`` columns are set to the right.

    ``more`` says how many rows are not shown and in which file they are; empty when all are;
    ``left`` is their number.
    ``notes`` are marks that stand in cells, and what they mean; ``wide`` are the columns that a
    narrow terminal leaves out.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    numeric: tuple[int, ...] = ()
    more: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    wide: tuple[int, ...] = ()
    left: int = 0

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def title(self) -> str:
        """The caption's first sentence, or its question, without a full stop."""
        return _sentences(self.caption)[0].removesuffix(".")

    @property
    def reading(self) -> str:
        """What the caption says after its title, ended by a full stop."""
        rest = _sentences(self.caption)[1].rstrip(".")
        return f"{rest}." if rest else ""


def _sentences(text: str) -> tuple[str, str]:
    """Return the first sentence and the others."""
    first, *rest = re.split(r"(?<=[.?])\s", text, maxsplit=1)
    return first, "".join(rest)


def by_window(study: EventStudy, tag: str = summary.ALL) -> View:
    """Lay out assets by CAR windows: average, interval, placebo p, and day 0's raw return."""
    found, windows = cells(study, tag), summary.windows(study)
    raw = summary.raw_day0(study) if tag == summary.ALL else {}
    rows = []
    for group in summary.groups(study):
        own = [found.get((group, window)) for window in windows]
        counts = sorted({cell.n_events for cell in own if cell is not None})
        if not counts:
            continue
        count = " to ".join(integer(n) for n in dict.fromkeys((counts[0], counts[-1])))
        lead = [Shown(group), Shown(count)]
        lead += [Shown(percent(raw.get(group, math.nan)))] if raw else []
        rows.append((*lead, *(_cell(cell, study) for cell in own)))
    columns = ("asset", "n", *(("raw, day 0",) if raw else ()), *windows)
    caption = (
        f"Average cumulative abnormal {unit_of(study).noun} by window; below it the placebo p and "
        f"the {summary.coverage(study)} interval. Bold where it is more than chance at "
        f"{100 * summary.level(study):g}%, each cell by itself. n counts occurrences, in a group "
        "those of all its members."
    )
    averages = [cell for cell in found.values() if math.isfinite(cell.caar)]
    if any(not math.isfinite(cell.placebo) for cell in averages):
        caption += " p \N{EN DASH}: no placebo p to rely on, for a reason that the full list gives."
    return View(caption, columns, tuple(rows), tuple(range(1, len(columns))))


def _cell(cell: Cell | None, study: EventStudy) -> Shown:
    if cell is None or not math.isfinite(cell.caar):
        return Shown("no CAR")
    below, write = f"p {pvalue(cell.placebo)}", unit_of(study).write
    if math.isfinite(cell.interval.low):
        below += f"; {write(cell.interval.low, 1)} to {write(cell.interval.high, 1)}"
    return Shown(write(cell.caar), below, cell.significant(summary.level(study)))


def headline(study: EventStudy, window: str) -> View:
    """Lay out the headline tests' p-values of every asset in one window."""
    tests, found, level = summary.headline_tests(study, window), cells(study), summary.level(study)
    rows = []
    for group in summary.groups(study):
        cell = found.get((group, window))
        if cell is None or not math.isfinite(cell.caar):
            continue
        values = (cell.placebo, *(cell.headline.get(test, math.nan) for test in tests))
        shown = (Shown(pvalue(value), loud=value < level) for value in values)
        rows.append((Shown(group), Shown(unit_of(study).write(cell.caar)), *shown))
    columns = ("asset", "CAAR", "placebo", *(test_name(test) for test in tests))
    caption = (
        f"{window}: p-values of the headline tests; a dash where one left the headline, for a "
        "reason that the full list gives."
    )
    return View(caption, columns, tuple(rows), tuple(range(1, len(columns))))


def event_by_event(study: EventStudy, group: str, window: str) -> View:
    """Lay out the CARs of the latest occurrences in one window, the principal asset first."""
    issuer = summary.group_cars(study, group)
    others = [name for name in dict.fromkeys(study.cars["symbol"]) if name != group]
    shown = others[: MOST_ASSETS - 1]
    cars = study.cars[(study.cars["window"] == window) & study.cars["car"].notna()]
    found = {(row["occurrence"], row["symbol"]): row for row in summary.rows(cars)}
    own = {
        row["occurrence"]: row
        for row in summary.rows(issuer[(issuer["window"] == window) & issuer["car"].notna()])
    }
    days = study.occurrences.dropna(subset="event_session")
    rows = []
    for day in summary.rows(days.sort_values("event_session", ascending=False, kind="stable")):
        name = day["occurrence"]
        cells = [own.get(name), *(found.get((name, symbol)) for symbol in shown)]
        if any(cell is not None for cell in cells):
            rows.append(
                (
                    *_day(day, study.event.title),
                    *(_car(cell, study) for cell in cells),
                )
            )
    columns = ("occurrence", "day 0", "title", group, *shown)
    caption = f"CAR of {window} by occurrence, the latest first; below it the placebo p."
    if len(others) > len(shown):
        left = len(others) - len(shown)
        caption += f" {left} more {'asset is' if left == 1 else 'assets are'} in cars.csv."
    whole = View(caption, columns, tuple(rows), tuple(range(3, len(columns))))
    return _bounded(whole, MOST_ROWS, "cars.csv")


def _day(day: dict[str, object], own: str) -> Iterator[Shown]:
    """Lead a row: id, day 0, and the title with its tags where it is not the event's ``own``."""
    yield Shown(str(day["occurrence"]))
    yield Shown(moment(cast("datetime", day["event_session"])))
    tags = day["tags"]
    words = ", ".join(str(tag) for tag in tags) if isinstance(tags, tuple) else ""
    title = "" if day["title"] == own else str(day["title"] or "")
    yield Shown(title, words)


def _car(row: dict[str, float] | None, study: EventStudy) -> Shown:
    if row is None:
        return Shown(MISSING)
    p = row["placebo_pvalue"]
    below = f"p {pvalue(p)}" if math.isfinite(p) else f"t {statistic(row['statistic'])}"
    return Shown(unit_of(study).write(row["car"]), below, p < summary.level(study))


def event_days(study: EventStudy, *, by_tag: bool = False) -> View:
    """Lay out mean raw returns on event days against all other days, of all or by tag."""
    table = study.event_days[study.event_days["n"] > 0]
    table = table[(table["tag"] != summary.ALL) == by_tag]
    rows = tuple(
        (
            Shown(row["symbol"], row["basis"]),
            Shown(row["tag"]),
            Shown(percent(row["mean"], 3), f"t {statistic(row['mean_statistic'])}"),
            Shown(integer(row["n"])),
            Shown(percent(row["mean_other"], 3)),
            Shown(integer(row["n_other"])),
            Shown(percent(row["difference"], 3)),
            Shown(statistic(row["statistic"])),
            Shown(pvalue(row["pvalue"]), loud=row["pvalue"] < summary.level(study)),
        )
        for row in summary.rows(table)
    )
    columns = ("asset", "tag", "event days", "n", "other days", "n other", "difference", "t", "p")
    caption = (
        "Mean raw return on event days (below it its own t) and on all others; the t of the "
        "difference is HC1."
    )
    whole = View(caption, columns, rows, tuple(range(2, 9)))
    return _bounded(whole, MOST_TESTS, "event_days.csv")


def overlaps(study: EventStudy) -> View:
    """Lay out other events inside event windows, the latest first."""
    table = study.overlaps[study.overlaps["window"] == "event"]
    days = study.occurrences.set_index("occurrence")["event_session"]
    table = table.assign(day=table["occurrence"].map(days), near=table["tau"].abs())
    table = table.sort_values(["day", "near"], ascending=[False, True], kind="stable")
    rows = tuple(
        (
            Shown(row["occurrence"]),
            Shown(str(row["tau"]).replace("-", "\N{MINUS SIGN}")),
            Shown(row["title"], f"{row['other_event']}/{row['other_occurrence']}"),
        )
        for row in summary.rows(table)
    )
    beyond = int((study.overlaps["window"] != "event").sum())
    caption = f"Other events of the workspace in event windows ({len(rows)} in all"
    caption += f"; {beyond} more in estimation windows)." if beyond else ")."
    return _bounded(
        View(caption, ("occurrence", "bar", "event"), rows, (1,)), MOST_ROWS, "overlaps.csv"
    )


def exclusions(study: EventStudy) -> View:
    """Lay out what was left out, by reason."""
    rows = tuple(
        (
            Shown(count.reason),
            Shown(integer(count.count)),
            Shown(integer(count.occurrences)),
            Shown(_few(count.symbols)),
            Shown(", ".join(count.windows) or "the whole fit"),
        )
        for count in summary.exclusion_counts(study)
    )
    caption = "What was left out and why; every row is in exclusions.csv."
    whole = View(caption, ("reason", "times", "occurrences", "assets", "of"), rows, (1, 2))
    return _bounded(whole, MOST_ROWS, "exclusions.csv")


def sampling(study: EventStudy) -> View:
    """Lay out how each asset is sampled on the study's clock."""
    rows = tuple(
        (
            Shown(row["symbol"]),
            Shown(row["basis"], "" if row["measured"] == "return" else row["measured"]),
            Shown(_minutes(row["minutes_apart"])),
            Shown(_minutes(row["max_minutes_apart"])),
            Shown(row["day0"] or "as the event's"),
        )
        for row in summary.rows(summary.sampling_rows(study))
    )
    caption = (
        "Minutes between the price used and the clock's close (positive: after it). Day 0 is the "
        "asset's own first bar that closes after the news; where that is another bar than the "
        "event session, it holds hours before the news as well."
    )
    columns = ("asset", "sampled at", "median", "largest", "day 0")
    return View(caption, columns, rows, (2, 3))


def quality(study: EventStudy) -> View:
    """Lay out what is known about the prices, the worst first."""
    order = {"refused": 0, "warning": 1, "note": 2}
    table = study.quality.assign(place=study.quality["severity"].map(order))
    rows = tuple(
        (
            Shown(row["symbol"]),
            Shown(row["severity"]),
            Shown(row["check"].replace("_", " ")),
            Shown(" to ".join(dict.fromkeys((row["first"], row["last"])))),
            Shown(integer(row["count"])),
            Shown(row["detail"]),
        )
        for row in summary.rows(table.sort_values("place", kind="stable"))
    )
    columns = ("asset", "severity", "check", "when", "times", "what")
    whole = View("Findings of the quality checks.", columns, rows, (4,))
    return _bounded(whole, MOST_ROWS, "quality.csv")


def truth(study: EventStudy) -> View:
    """Lay out true and estimated CARs, and how often the interval holds the truth."""
    rows = []
    for (symbol, window), part in study.truth.groupby(["symbol", "window"], sort=False):
        inside, n = int(part["inside"].sum()), len(part)
        rows.append(
            (
                Shown(str(symbol)),
                Shown(str(window)),
                Shown(integer(n)),
                Shown(percent(part["true_car"].mean())),
                Shown(percent(part["car"].mean())),
                Shown(f"{inside} of {n}", percent(inside / n, 1, sign=False)),
                Shown(statistic(part["true_beta"].mean())),
                Shown(statistic(part["beta"].mean())),
            )
        )
    total = int(study.truth["inside"].sum())
    share = percent(total / max(1, len(study.truth)), 1, sign=False)
    caption = (
        f"What the simulation put in. {integer(total)} of {integer(len(study.truth))} intervals "
        f"({share}) hold the true CAR; they are made to hold {summary.coverage(study)} of events "
        "that leave volatility as it was. Assets of one date are right or wrong together."
    )
    columns = (
        "asset",
        "window",
        "n",
        "mean true CAR",
        "mean estimate",
        "truth inside interval",
        "true beta",
        "mean estimated beta",
    )
    whole = View(caption, columns, tuple(rows), (2, 3, 4, 5, 6, 7))
    return _bounded(whole, MOST_TESTS, "truth.csv")


def _minutes(minutes: float) -> str:
    return f"{minutes:+.0f}".replace("-", "\N{MINUS SIGN}") if math.isfinite(minutes) else MISSING


def _few(words: Iterable[str], most: int = 12) -> str:
    known = list(words)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def _bounded(view: View, most: int, file: str) -> View:
    more = _more(min(most, len(view.rows)), len(view.rows), file)
    return replace(view, rows=view.rows[:most], more=more)


def _more(shown: int, total: int, file: str) -> str:
    return f"{shown} of {total:,} rows; all of them are in {file}" if shown < total else ""
