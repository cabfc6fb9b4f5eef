"""The page of one event's contagion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion import lead_views, views
from eventlab.report.contagion.sections import sections
from eventlab.report.contagion.told import PERIODS, Told, tell
from eventlab.report.page_parts import provenance, script_json
from eventlab.report.table_files import table_files

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.contagion.results import EventContagion
    from eventlab.report.contagion.sections import Piece
    from eventlab.report.contagion.spoken import Spoken
    from eventlab.report.record import Run

__all__ = ["write_contagion_pages"]

OPEN: Final = 6  # panels that are not folded
Context = dict[str, Any]


def write_contagion_pages(run: Run, folder: Path, environment: Environment) -> dict[str, Told]:
    """Write ``events/<event>-contagion.html``.

    Returns event to what is said and drawn of its contagion, for its other pages.
    """
    page = environment.get_template("contagion.html.j2")
    written = {}
    for result in run.contagions:
        name = result.event.event
        told = tell(result)
        text = page.render(_context(told, run))
        (folder / "events" / told.page).write_text(text, encoding="utf-8")
        written[name] = told
    return written


def _context(told: Told, run: Run) -> Context:
    result, said, name = told.result, told.said, told.result.event.event
    definition = result.event.contagion
    return {
        "title": f"{result.event.title}: did it travel?",
        "simulated": result.stamp.simulated,
        "unit": "return",
        "event": result.event,
        "has_study": any(study.event.event == name for study in run.studies),
        "said": said,
        "level": f"{definition.level if definition else 0.05:g}",
        "source": told.source,
        "csv": f"../tables/{name}/",
        "files": table_files(result),
        "figure_rows": script_json(told.rows),
        "open": OPEN,
        "command": run.command,
        "provenance": provenance(name, result.stamp, run),
        **_pictures(told.rows, said.occurrence),
        **_tables(result, said),
    }


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
