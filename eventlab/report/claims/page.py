"""The page of all claims, and what the first page says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.answer import Answer
from eventlab.report.claims.figure_rows import claim_rows, template_of
from eventlab.report.claims.spoken import spoken_claims
from eventlab.report.claims.views import (
    overview,
    overview_row,
    reading_view,
    rows_of_claims,
    verdict_words,
)
from eventlab.report.claims.wording import KINDS, ORDER, published_words
from eventlab.report.overview import MARKS
from eventlab.report.page_parts import provenance, script_json
from eventlab.report.rendered import CLAIMS
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.claims.results import Claims
    from eventlab.report.record import Run

__all__ = ["held", "write_claims_page"]

JUDGED: Final = ORDER[:3]
PICTURED: Final = (*ORDER[2:0:-1], ORDER[0], ORDER[3])
OPEN: Final = 12  # pictures that are not folded
CALENDARS: Final = ("XNYS, 24/7", "sessions of New York's exchanges, or every day")
Context = dict[str, Any]


def write_claims_page(run: Run, folder: Path, environment: Environment) -> None:
    """Write the page of the claims; nothing where there are none."""
    if run.claims is None:
        return
    (folder / CLAIMS).parent.mkdir(exist_ok=True)
    page = environment.get_template("claims.html.j2")
    (folder / CLAIMS).write_text(page.render(_context(run.claims, run)), encoding="utf-8")


def held(claims: Claims | None) -> Answer | None:
    """Answer which claims held, those that can be judged first; None where there are none."""
    if claims is None:
        return None
    rows = sorted(rows_of_claims(claims), key=_place)
    judged = [row for row in rows if row["verdict"] in JUDGED]
    said, left = spoken_claims(claims), len(rows) - len(judged)
    view = View(
        "Every statement that can be judged",
        ("statement", "verdict", "published", "measured"),
        tuple(_line(row) for row in judged),
        (2, 3),
        more=f"{left} more cannot be tested with this data; the page of claims says why"
        if left
        else "",
        left=left,
    )
    return Answer(
        "claims",
        "Which claims held",
        said.sentence,
        (
            (
                "Measured",
                "the most literal reading, its 95% interval, and all readings",
            ),
            ("Supported", "the literal reading agrees, and so do at least half of all"),
            ("Supported only as", "the readings that agree, when that is not so"),
            ("Contradicted", "no reading agrees"),
            CALENDARS,
        ),
        view,
        tuple(f"{CLAIMS}#{anchor(row)}" for row in judged),
        tuple(KINDS[row["verdict"]] for row in judged),
        1,
        doubt=said.doubts[0] if said.doubts else "",
        whole=("Every statement, reading by reading", CLAIMS),
    )


def anchor(row: Context) -> str:
    """Return the id of a claim's part of its page."""
    return f"claim-{row['event']}-{row['claim']}"


def _place(row: Context) -> int:
    """Sort by the verdict: what can be judged first."""
    return ORDER.index(row["verdict"])


def _line(row: Context) -> tuple[Shown, ...]:
    _, published, measured, _ = overview_row(row)
    narrow = row["reading"] if row["verdict"] == "supported only as" else ""
    return (Shown(row["statement"]), Shown(row["verdict"], narrow), published, measured)


def _context(claims: Claims, run: Run) -> Context:
    drawn = claim_rows(claims)
    rows = sorted(rows_of_claims(claims), key=_place)
    parts = [_part(claims, row, drawn) for row in rows]
    figures: dict[str, Any] = {}
    for part in parts:
        if part["figure"]:
            figures.setdefault(part["figure"], {})[part["key"]] = drawn[part["key"]]
    # What holds under few readings or none first: there the picture says most.
    pictured = sorted(
        (part for part in parts if part["figure"]),
        key=lambda part: PICTURED.index(part["row"]["verdict"]),
    )
    for part in pictured[:OPEN]:
        part["open"] = True
    return {
        "title": "Claims",
        "simulated": claims.stamp.simulated,
        "unit": "return",
        "said": spoken_claims(claims),
        "overview": overview(rows),
        "links": [f"#{part['anchor']}" for part in parts],
        "kinds": [part["kind"] for part in parts],
        "marks": MARKS,
        "calendars": CALENDARS,
        "parts": parts,
        "pictured": pictured[:OPEN],
        "pictured_folded": pictured[OPEN:],
        "figure_rows": script_json(figures),
        "csv": "../tables/claims/",
        "command": run.command,
        "provenance": provenance("", claims.stamp, run),
    }


def _part(claims: Claims, row: Context, drawn: Mapping[str, Any]) -> Context:
    """Return what the page says of one claim."""
    key = f"{row['event']}/{row['claim']}"
    return {
        "anchor": anchor(row),
        "key": key,
        "figure": template_of(row) if key in drawn else "",
        "open": False,
        "kind": KINDS[row["verdict"]],
        "verdict": verdict_words(row),
        "published": published_words(row),
        "view": reading_view(claims, row),
        "row": row,
    }
