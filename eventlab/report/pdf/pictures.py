"""Pictures on paper: the templates and rows of the pages, drawn as SVG without a browser."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.look import finished
from eventlab.report.renderer import svg_picture

if TYPE_CHECKING:
    from eventlab.report.pdf.blocks import Figure, Sheet

__all__ = ["Drawn", "drawn"]

# Pixels of a picture alone, and of one among several: so that type has one size in all.
FULL: Final = 800
LETTER: Final = 7  # of a title
ABREAST: Final = {4: 195, 3: 260, 2: 390}
SCREEN_FONT: Final = re.compile(r'font-family="[^"]*"')
PAPER_FONT: Final = 'font-family="Libertinus Serif"'
EXTENT: Final = re.compile(r'<svg[^>]*?\bwidth="([0-9.]+)" height="([0-9.]+)"')
Drawn = dict[str, Any]


def drawn(figure: Figure, sheet: Sheet, templates: dict[str, Any], width: int = FULL) -> Drawn:
    """Return a picture of a page as SVG with its size in pixels and its name in words."""
    rows = sheet.rows[figure.rows]
    if figure.name:
        rows = rows[figure.name]
    title = figure.title
    if figure.figure == "paths":
        rows = [row for row in rows if sheet.tag in {"", row["tag"]}]
        title += f", n = {max((row['n'] for row in rows), default=0)}"
    spec = finished(
        templates[figure.figure],
        rows,
        title=wrap(title, width // LETTER) or "",
        simulated=sheet.marks.get("simulated") == "yes",
        log=sheet.marks.get("unit") == "log",
        width=width,
    )
    spec["config"]["aria"] = False  # words for every mark, which no PDF has a place for
    if "layer" in spec or "mark" in spec:  # what is put together of several has no width to fit
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    svg = SCREEN_FONT.sub(PAPER_FONT, svg_picture(spec))
    extent = EXTENT.search(svg)
    if extent is None:
        raise ValueError(f"the picture {figure.figure} has no size")
    return {
        "kind": "figure",
        "svg": svg,
        "label": figure.label,
        "width": float(extent[1]),
        "height": float(extent[2]),
    }
