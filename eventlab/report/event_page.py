"""The page of one event's study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventlab.report import battery_views, cross_section_views, figure_rows, summary, views
from eventlab.report.cells import cells
from eventlab.report.contagion.told import event_pictures, event_rows
from eventlab.report.numbers import integer, moment
from eventlab.report.page_parts import provenance, script_json
from eventlab.report.specification_views import curve_context, curve_figures
from eventlab.report.table_files import table_files
from eventlab.report.units import unit_of
from eventlab.report.verdict import Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.report.contagion.told import Told
    from eventlab.report.record import Run
    from eventlab.study.results import EventStudy

__all__ = ["write_event_pages"]

MOST_NOTES = 12
MOST_OPEN_PANELS = 8  # the asset of the sentence first; the others unfold
POLICIES = {
    "flag": "listed, not removed",
    "exclude": "occurrences that share a window are left out",
    "control": "controlled for",
}
Context = dict[str, Any]


def write_event_pages(
    run: Run, folder: Path, environment: Environment, contagions: Mapping[str, Told]
) -> list[Verdict]:
    """Write ``events/<event>.html``; return the verdicts in order.

    ``contagions`` is event to what is told of its contagion.
    """
    page = environment.get_template("event.html.j2")
    verdicts = []
    for study in run.studies:
        spoken, name = verdict(study), study.event.event
        text = page.render(_context(study, run, spoken, contagions.get(name)))
        (folder / "events" / f"{name}.html").write_text(text, encoding="utf-8")
        verdicts.append(spoken)
    return verdicts


def _context(study: EventStudy, run: Run, spoken: Verdict, told: Told | None) -> Context:
    """Everything that one event's page shows."""
    group, window = spoken.group, spoken.window
    paths = figure_rows.path_rows(study, group)
    rows: Context = {
        "paths": paths,
        "heat": figure_rows.heat_rows(study),
        "events": figure_rows.event_rows(study, group, window) if group else [],
        "overlaps": figure_rows.overlap_rows(study),
        **curve_figures(study),
        **event_rows(told),
    }
    return {
        "title": study.event.title,
        "simulated": study.stamp.simulated,
        "event": study.event,
        "verdict": spoken,
        "facts": _facts(study),
        "csv": f"../tables/{study.event.event}/",
        "files": table_files(study),
        "figure_rows": script_json(rows),
        "panels": list(paths)[:MOST_OPEN_PANELS],
        "panels_folded": list(paths)[MOST_OPEN_PANELS:],
        "without_band": summary.without_band(study),
        "noun": unit_of(study).noun,
        "unit": "log" if unit_of(study).log else "return",
        "beyond": "its own mean" if _against(study) == "" else "what the model explains",
        "panels_more": _more_panels(study, len(paths)),
        "has_events": len(rows["events"]) > 1,
        "has_overlaps": bool(rows["overlaps"]),
        "curve": curve_context(study),
        "n_days": int(study.occurrences["event_session"].notna().sum()),
        "command": run.command,
        **_tables(study, spoken),
        **_texts(study),
        "contagion": event_pictures(told),
        "provenance": provenance(study.event.event, study.stamp, run),
    }


def _tables(study: EventStudy, spoken: Verdict) -> Context:
    by_event = views.event_by_event(study, spoken.group, spoken.window) if spoken.group else None
    return {
        "tags": summary.tags(study),
        "by_window": views.by_window(study),
        "by_tag": [(tag, views.by_window(study, tag)) for tag in summary.tags(study)[1:]],
        "headlines": [views.headline(study, window) for window in summary.windows(study)],
        "reasons": battery_views.reasons_view(study, spoken.group, spoken.window),
        "batteries": battery_views.battery_views(study, spoken.group),
        "hold": battery_views.hold_view(study),
        "hold_battery": battery_views.hold_battery(study, spoken.group),
        "bars": battery_views.bar_views(study, spoken.group),
        "event_by_event": by_event,
        "states": cross_section_views.states(study),
        "splits": cross_section_views.splits(study),
        "regressions": cross_section_views.regressions(study),
        "event_days": views.event_days(study),
        "event_days_by_tag": views.event_days(study, by_tag=True),
        "overlaps": views.overlaps(study),
        "exclusions": views.exclusions(study),
        "sampling": views.sampling(study),
        "quality": views.quality(study),
        "truth": views.truth(study) if len(study.truth) else None,
    }


def _texts(study: EventStudy) -> Context:
    level = summary.level(study)
    n_cells = len(cells(study))
    days = study.occurrences[study.occurrences["event_session"].notna()]
    notes = [f"{row['occurrence']}: {row['note']}" for row in summary.rows(days) if row["note"]]
    within = study.overlaps["window"] == "event"
    touched = study.overlaps.loc[within, "occurrence"].nunique()
    shown = figure_rows.MOST_OVERLAPPED
    return {
        "coverage": summary.coverage(study),
        "level": f"{level:g}",
        "n_cells": n_cells,
        "n_by_chance": round(n_cells * level),
        "notes": notes[:MOST_NOTES],
        "notes_more": f"{len(notes) - MOST_NOTES} more are in occurrences.csv."
        if len(notes) > MOST_NOTES
        else "",
        "overlaps_beyond": int((~within).sum()),
        "overlaps_more": f", the latest {shown} of {touched} occurrences with any"
        if touched > shown
        else "",
    }


def _facts(study: EventStudy) -> list[tuple[str, str]]:
    definition = study.event.study
    if definition is None:
        return []
    days = study.occurrences.dropna(subset="event_session").sort_values("event_session")
    sessions = [moment(day) for day in days["event_session"]]
    span = sessions[0] if len(sessions) == 1 else f"{sessions[0]} to {sessions[-1]}"
    facts = [
        ("Day 0", span),
        ("Occurrences", f"{len(sessions)} with a day 0, of {len(study.occurrences)}"),
        ("Clock", summary.clock_words(definition)),
        *_measured(study),
        ("Model", f"{definition.model.replace('_', ' ')} {_against(study)}"),
        ("Estimation window", _window(definition.estimation_window)),
        ("Event window", _window(definition.event_window)),
        ("Other events", POLICIES.get(definition.overlaps, definition.overlaps)),
        ("Placebo", f"{integer(definition.placebo.draws)} draws, seed {study.seed}"),
    ]
    if len(sessions) == 1:
        facts.insert(0, ("Announced", summary.announced(study, days["occurrence"].iloc[0])))
    return facts


def _measured(study: EventStudy) -> list[tuple[str, str]]:
    """Say which volume or volatility it is; nothing of returns."""
    if not unit_of(study).log:
        return []
    return [("Measure", "; ".join(dict.fromkeys(study.sampling["measured"])))]


def _against(study: EventStudy) -> str:
    named = "" if study.event.study is None else summary.regressors(study.event.study)
    return f"on {named}" if named else ""


def _window(window: tuple[int, int]) -> str:
    return f"[{window[0]}, {window[1]}] bars".replace("-", "\N{MINUS SIGN}")


def _more_panels(study: EventStudy, shown: int) -> str:
    total = study.paths.loc[study.paths["caar"].notna(), "group"].nunique()
    if total <= shown:
        return ""
    return f"{shown} of {total} assets and groups are drawn; all of them are in paths.csv."
