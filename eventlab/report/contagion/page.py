"""The page of one event's contagion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion import lead_views, views
from eventlab.report.contagion.figure_rows import figure_rows, matrix_rows
from eventlab.report.contagion.sections import sections
from eventlab.report.contagion.spoken import spoken
from eventlab.report.csv_files import write_csv_files
from eventlab.report.flat_tables import file_stems
from eventlab.report.page_parts import provenance, script_json

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.contagion.results import EventContagion
    from eventlab.report.contagion.sections import Piece
    from eventlab.report.contagion.spoken import Spoken
    from eventlab.report.record import Run

__all__ = ["contagion_matrix", "contagion_summary", "write_contagion_pages"]

OPEN: Final = 6  # panels that are not folded
PERIODS: Final = {"calm": "before", "event": "during", "after": "after"}
Context = dict[str, Any]


def write_contagion_pages(run: Run, folder: Path, environment: Environment) -> None:
    """Write ``events/<event>-contagion.html`` and ``tables/<event>/contagion_*.csv``."""
    page = environment.get_template("contagion.html.j2")
    for result in run.contagions:
        name = result.event.event
        write_csv_files(result, folder / "tables" / name)
        text = page.render(_context(result, run))
        (folder / "events" / f"{name}-contagion.html").write_text(text, encoding="utf-8")


def contagion_summary(run: Run, event: str) -> Context | None:
    """Return what the page of an event's study says of its contagion; None where there is none."""
    found = _of(run, event)
    if found is None:
        return None
    said = spoken(found)
    return {
        "sentence": said.sentence,
        "page": f"{event}-contagion.html",
        "doubt": said.doubts[0] if said.doubts else "",
        "drawn": bool(said.occurrence),
    }


def contagion_matrix(run: Run, event: str) -> Context:
    """Return the rows of the picture that goes with `contagion_summary`."""
    found = _of(run, event)
    occurrence = "" if found is None else views.focus(found)
    if found is None or not occurrence:
        return {}
    return {"matrix": matrix_rows(found, occurrence, views.bars(found)[0])}


def _of(run: Run, event: str) -> EventContagion | None:
    return next((each for each in run.contagions if each.event.event == event), None)


def _context(result: EventContagion, run: Run) -> Context:
    said = spoken(result)
    name = result.event.event
    definition = result.event.contagion
    rows = figure_rows(result, said.occurrence) if said.occurrence else {}
    return {
        "title": f"{result.event.title}: did it travel?",
        "simulated": result.stamp.simulated,
        "unit": "return",
        "event": result.event,
        "has_study": any(study.event.event == name for study in run.studies),
        "said": said,
        "level": f"{definition.level if definition else 0.05:g}",
        "source": _source(result, said),
        "csv": f"../tables/{name}/",
        "files": [f"{stem}.csv" for stem in file_stems(result)],
        "figure_rows": script_json(rows),
        "open": OPEN,
        "command": run.command,
        "provenance": provenance(name, result.stamp, run),
        **_pictures(rows, said.occurrence),
        **_tables(result, said),
    }


def _source(result: EventContagion, said: Spoken) -> str:
    own = result.pairs[result.pairs["occurrence"] == said.occurrence]
    return str(own["source"].iloc[0]) if len(own) else ""


def _pictures(rows: Context, occurrence: str) -> Context:
    connected = rows.get("connected", {})
    words = {occurrence: f"TCI, {occurrence}", "average": "TCI, average of all occurrences"}
    return {
        "break_names": list(rows.get("breaks", {})),
        "lead_names": list(rows.get("lead", {})),
        "dynamic_names": list(rows.get("dynamic", {})),
        "beta_names": list(rows.get("betas", {})),
        "connected_names": [(name, words.get(name, name)) for name in connected],
        "networks": [(name, PERIODS[name]) for name in rows.get("network", {})],
        "moves": bool(rows.get("moves")),
    }


def _tables(result: EventContagion, said: Spoken) -> Context:
    found = {name: _folds(pieces) for name, pieces in sections(result, said.occurrence).items()}
    return {
        "bars": [(bar, views.bar_words(bar)) for bar in views.bars(result)],
        "order_said": lead_views.order_said(result, said.occurrence),
        "tables": found,
    }


def _folds(pieces: tuple[Piece, ...]) -> Context:
    """Return the open tables, and the others by the summary that they are folded under."""
    folded: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.folded:
            folded.setdefault(piece.folded, []).append(piece)
    return {"open": [piece for piece in pieces if not piece.folded], "folded": folded}
