"""The pictures of studies: of an event, of a specification curve, and on DataFrames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eventlab.report import figure_rows, summary
from eventlab.report.album import BAND, Album, Sheet, known
from eventlab.report.specification_views import curve_figures, curve_rows
from eventlab.report.units import Unit, unit_of
from eventlab.report.verdict import principal

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.report.album import Choice, Panels, Rows
    from eventlab.study.results import EventStudy
    from eventlab.study.specifications.curve import SpecificationCurve
    from eventlab.study.study_result import StudyResult

__all__ = ["curve_album", "frames_album", "study_album"]


def study_album(study: EventStudy, choice: Choice) -> Album:
    """Paths, heat, events, overlaps and curve of an event."""
    cell, _ = principal(study)
    first, window = (cell.group, cell.window) if cell is not None else ("", "")
    window = known("window", choice.get("window", window), summary.windows(study))
    tag = known("tag", choice.get("tag", summary.ALL), summary.tags(study))
    unit = unit_of(study)
    measured = f", {unit.noun}" if unit.log else ""
    curved = [str(group) for group in dict.fromkeys(study.specification_summary["group"])]
    sheets = {
        "paths": _paths(study, choice.get("group", first), tag, measured),
        "heat": Sheet(
            "heat",
            f"CAAR by window{measured}; framed: more than chance",
            lambda: {"": figure_rows.heat_rows(study)},
            "no asset has a CAAR in any window",
        ),
        "events": _events(study, first, window, measured),
        "overlaps": Sheet(
            "overlaps",
            "Other events inside the event windows",
            lambda: {"": figure_rows.overlap_rows(study)},
            "no other event of the workspace falls into an event window",
        ),
        "curve": _curve(
            lambda: {name: curve_figures(study, name)["curve"] for name in curved},
            lambda: curve_figures(study, choice.get("group", ""))["choices"],
            measured,
            "the study was made without it; specification_curve(...).plot() draws one",
        ),
    }
    simulated = study.stamp.simulated
    return Album("the study", study.event.title, simulated, sheets, "group", log=unit.log)


def _paths(study: EventStudy, first: str, tag: str, measured: str) -> Sheet:
    def panels() -> Panels:
        found = figure_rows.path_rows(study, first)
        return {name: [row for row in rows if row["tag"] == tag] for name, rows in found.items()}

    only = "" if tag == summary.ALL else f" of {tag}"
    return Sheet(
        "paths",
        f"CAAR of {{}}{measured}{only}; grey: {BAND}",
        panels,
        "no asset has an abnormal return on all bars",
        ("group", "tag"),
        counted=True,
    )


def _events(study: EventStudy, first: str, window: str, measured: str) -> Sheet:
    groups = sorted(summary.groups(study), key=lambda group: group != first)
    return Sheet(
        "events",
        f"CAR {window} of {{}} at each occurrence{measured}; orange: more than chance",
        lambda: {name: figure_rows.event_rows(study, name, window) for name in groups},
        "no asset has a CAR at any occurrence",
        ("group", "window"),
    )


def _curve(
    panels: Callable[[], Panels], choices: Callable[[], Rows], measured: str, absent: str
) -> Sheet:
    said = f"CAAR of {{}}{measured} in every specification; grey: where those of placebo dates run"
    below = {"choices": choices}
    return Sheet("curve", said, panels, absent, ("group",), below=below)


def curve_album(curve: SpecificationCurve, _: Choice) -> Album:
    """Draw a curve that stands by itself."""
    definition = None if curve.event is None else curve.event.study
    unit = Unit("returns" if definition is None else definition.measure)
    note = next((str(note) for note in curve.summary["note"] if note), "")
    found = curve_rows(curve.specs)
    sheet = _curve(
        lambda: {curve.group: found["curve"]},
        lambda: found["choices"],
        f", {unit.noun}" if unit.log else "",
        note or "no specification has an estimate",
    )
    return Album(
        "the curve",
        "" if curve.event is None else curve.event.title,
        curve.stamp is not None and curve.stamp.simulated,
        {"curve": sheet},
        "group",
        log=unit.log,
    )


def frames_album(result: StudyResult, _: Choice) -> Album:
    """Draw a study on DataFrames, which knows no groups."""

    def paths() -> Panels:
        known = result.path[result.path["caar"].notna()].rename(columns={"n_events": "n"})
        return {"": [_without_nan(row) for row in summary.rows(known)]}

    unit = Unit(result.measure)
    said = f"CAAR{f', {unit.noun}' if unit.log else ''}; grey: {BAND}"
    absent = "no event has an abnormal return on all bars"
    return Album(
        "a study on DataFrames",
        "",
        simulated=False,
        sheets={"paths": Sheet("paths", said, paths, absent, counted=True)},
        log=unit.log,
    )


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value if math.isfinite(value) else None for key, value in row.items()}
