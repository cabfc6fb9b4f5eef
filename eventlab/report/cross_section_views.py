"""The tables of a page that say what an effect goes with: states, splits, regressions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eventlab.report import conditions, summary
from eventlab.report.numbers import MISSING, integer, pvalue, statistic
from eventlab.report.units import unit_of
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy

__all__ = ["regressions", "splits", "states"]


def states(study: EventStudy) -> View:
    """Lay out what each state asks, and how often it held."""
    rows = tuple(
        (
            Shown(count.name),
            Shown(count.words),
            Shown(integer(count.yes)),
            Shown(integer(count.no)),
            Shown(integer(count.unknown), count.reason if count.unknown else ""),
        )
        for count in conditions.state_counts(study)
    )
    caption = (
        "Each state is read from the last value known before the news; an occurrence at which it "
        "is not known is on neither side."
    )
    return View(caption, ("state", "holds where", "yes", "no", "not known"), rows, (2, 3, 4))


def splits(study: EventStudy) -> list[tuple[str, View]]:
    """Lay out, for each state, both averages of the first window and their difference."""
    windows = summary.windows(study)
    if not windows:
        return []
    words = {count.name: count.words for count in conditions.state_counts(study)}
    found = []
    for state in conditions.split_states(study):
        rows = conditions.split_rows(study, state, windows[0])
        view = _split(study, rows, f"{windows[0]}, {words[state] or state}")
        if view:
            found.append((state, view))
    return found


def _split(study: EventStudy, rows: list[dict[str, Any]], what: str) -> View:
    write, level = unit_of(study).write, summary.level(study)
    doubts = any(row["note"] for row in rows)
    shown = tuple(
        (  # the last column is there where a row has something to say in it
            Shown(row["group"]),
            Shown(write(row["caar_in"]), _events(row, "in")),
            Shown(write(row["caar_out"]), _events(row, "out")),
            Shown(write(row["difference"]), loud=conditions.best_pvalue(row) < level),
            Shown(statistic(row["statistic"])),
            Shown(pvalue(row["pvalue"])),
            Shown(pvalue(row["permutation_pvalue"])),
            *((Shown(row["note"]),) if doubts else ()),
        )
        for row in rows
    )
    last = ("what weakens it",) if doubts else ()
    columns = ("asset", "yes", "no", "difference", "t", "p", "permutation p", *last)
    caption = (
        f"{what}: average CAR where it holds and where it does not. t clustered by date; the "
        "permutation p deals the states anew over the dates. Bold where it is below "
        f"{level:g}: of {len(rows)} rows about {round(len(rows) * level, 1):g} would be by chance."
    )
    return View(caption, columns, shown, (1, 2, 3, 4, 5, 6), "Other windows are in splits.csv")


def _events(row: dict[str, Any], side: str) -> str:
    n, dates = row[f"n_{side}"], row[f"dates_{side}"]
    return f"n {integer(n)}" if n == dates else f"n {integer(n)} on {integer(dates)} dates"


def regressions(study: EventStudy) -> list[View]:
    """Lay out assets by features for every window that is explained."""
    names = conditions.features(study)
    return [
        view
        for window in conditions.windows_explained(study)
        if (view := _regression(study, window, names))
    ]


def _regression(study: EventStudy, window: str, names: tuple[str, ...]) -> View:
    level = summary.level(study)
    rows = []
    for group, own in conditions.regression_rows(study, window).items():
        first = next(iter(own.values()))
        cells = [_coefficient(study, own.get(name), level) for name in names]
        dates = f"{integer(first['n_dates'])} dates"
        rows.append((Shown(group), Shown(integer(first["n_events"]), dates), *cells))
    unit = "its log" if unit_of(study).log else "percent"
    caption = (
        f"CAR {window} regressed on what was known of each event: what one unit of a feature adds, "
        f"in {unit}; below it the t clustered by date and its p, or that of the wild cluster "
        "bootstrap where dates are few or one decides. Volatility is in decimals per bar: 0.01 is "
        "one percent."
    )
    columns = ("asset", "n", *names)
    numeric = tuple(range(1, len(columns)))
    return View(caption, columns, tuple(rows), numeric, "Errors and notes are in cross_section.csv")


def _coefficient(study: EventStudy, row: dict[str, Any] | None, level: float) -> Shown:
    if row is None:
        return Shown(MISSING)
    if not math.isfinite(row["statistic"]):
        return Shown(conditions.slope(study, row["coefficient"]), row["note"])
    p = conditions.best_pvalue(row)
    below = f"t {statistic(row['statistic'])}, p {pvalue(p)}"
    return Shown(conditions.slope(study, row["coefficient"]), below, p < level)
