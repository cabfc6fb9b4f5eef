"""The rows behind the pictures of one event's page, as small as they can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.report import summary
from eventlab.report.cells import cells
from eventlab.report.numbers import moment
from eventlab.report.units import unit_of

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.study.results import EventStudy

__all__ = ["MOST_PANELS", "event_rows", "heat_rows", "overlap_rows", "path_rows"]

MOST_PANELS = 36
MOST_PATH_ROWS = 8000
MOST_EVENTS = 1500
MOST_OVERLAPPED = 40
Rows = list[dict[str, Any]]


def path_rows(study: EventStudy, first: str = "") -> dict[str, Rows]:
    """Return group to its rows of ``paths``, ``first`` first, for at most ``MOST_PANELS`` groups.

    All tags are there unless that would make the page heavy; then only ``all``.
    """
    known = study.paths[study.paths["caar"].notna()]
    drawn = set(known["group"])
    ordered = sorted(summary.groups(study), key=lambda group: group != first)
    shown = [group for group in ordered if group in drawn][:MOST_PANELS]
    table = known[known["group"].isin(shown)]
    if len(table) > MOST_PATH_ROWS:
        table = table[table["tag"] == summary.ALL]
    found: dict[str, Rows] = {group: [] for group in shown}
    for row in summary.rows(table):
        found[row["group"]].append(
            {
                "tau": row["tau"],
                "tag": row["tag"],
                "caar": _short(row["caar"]),
                "low": _short(row["low"]),
                "high": _short(row["high"]),
                "n": row["n_events"],
            }
        )
    return {group: rows for group, rows in found.items() if rows}


def heat_rows(study: EventStudy) -> Rows:
    """Return the rows of ``heat``; shades follow the root of the CAAR, so that small ones show."""
    write = unit_of(study).write
    found = [cell for cell in cells(study).values() if math.isfinite(cell.caar)]
    largest = max((abs(cell.caar) for cell in found), default=0.0) or 1.0
    return [
        {
            "group": cell.group,
            "window": cell.window,
            "caar": _short(cell.caar),
            "p": _short(cell.placebo),
            "n": cell.n_events,
            "label": write(cell.caar, 1),
            "shade": round(math.copysign(math.sqrt(abs(cell.caar) / largest), cell.caar), 3),
            "loud": cell.significant(summary.level(study)),
        }
        for cell in found
    ]


def event_rows(study: EventStudy, group: str, window: str) -> Rows:
    """Return the rows of ``events``: the CARs of one group, the latest ``MOST_EVENTS`` of them.

    Whiskers are the forecast error's interval of each CAR at the study's level.
    """
    cars = summary.group_cars(study, group)
    cars = cars[(cars["window"] == window) & cars["car"].notna()]
    days = study.occurrences.set_index("occurrence")
    cars = cars.assign(session=cars["occurrence"].map(days["event_session"]))
    cars = cars.sort_values("session", kind="stable").tail(MOST_EVENTS)
    low, high = summary.car_bounds(cars, summary.level(study))
    titles = days["title"]
    return [
        {
            "occurrence": row["occurrence"].rpartition("/")[2],
            "title": str(titles.get(row["occurrence"]) or ""),
            "session": moment(row["session"]).removesuffix(" UTC"),
            "car": _short(row["car"]),
            "low": _short(bottom),
            "high": _short(top),
            "p": _short(row["placebo_pvalue"]),
            "loud": bool(row["placebo_pvalue"] < summary.level(study)),
        }
        for row, bottom, top in zip(summary.rows(cars), low, high, strict=True)
    ]


def overlap_rows(study: EventStudy) -> Rows:
    """Return the rows of ``overlaps``: the latest ``MOST_OVERLAPPED`` with any first."""
    table = study.overlaps[study.overlaps["window"] == "event"]
    latest_first = _latest(study, table)
    order = {name: place for place, name in enumerate(latest_first)}
    table = table[table["occurrence"].isin(latest_first)]
    table = table.sort_values("occurrence", key=lambda names: names.map(order), kind="stable")
    return [
        {
            "tau": row["tau"],
            "occurrence": row["occurrence"].rpartition("/")[2],
            "other": f"{row['other_event']}/{row['other_occurrence']}",
            "other_event": row["other_event"],
            "title": row["title"],
        }
        for row in summary.rows(table)
    ]


def _latest(study: EventStudy, table: pd.DataFrame) -> list[str]:
    days = study.occurrences.set_index("occurrence")["event_session"]
    own = days[days.index.isin(table["occurrence"])].sort_values()
    return [str(name) for name in own.index[::-1][:MOST_OVERLAPPED]]


def _short(value: float) -> float | None:
    """Six decimals are a hundredth of a basis point; JSON has no NaN."""
    return round(float(value), 6) if np.isfinite(value) else None
