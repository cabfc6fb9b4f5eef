"""A run as one PDF: ``report.pdf`` from the pages that a run folder holds."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.pdf import PDF
from eventlab.report.pdf.blocks import Figure, Panels, Paragraph, Table, Text
from eventlab.report.pdf.pictures import ABREAST, FULL, drawn
from eventlab.report.pdf.reader import read_sheet
from eventlab.report.pdf.typesetting import typeset
from eventlab.report.rendered import CLAIMS, INDEX, rendered_pages
from eventlab.report.scripts import kept_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventlab.report.pdf.blocks import Block, Sheet
    from eventlab.report.rendered import RenderedPage

__all__ = ["write_pdf"]

PROCESSES: Final = 2
NO_FONTS: Final = Path(__file__).parent.parent / "templates" / "fonts.conf"
FEWEST: Final = 5  # pages: fewer are drawn before a second process has started
MOST_ROWS: Final = 10  # of one table on paper, but for these
WHOLE: Final = frozenset({INDEX, CLAIMS})
LONG: Final = 8  # rows from which a narrow table is set in two halves
GUTTER: Final = 12.0  # points between them
TEXT_WIDTH: Final = 516.0  # points between the margins
SIZES: Final = (7.0, 6.5, 6.0, 5.5)  # points of type in tables, the largest first
EM: Final = 0.47  # of a character's width in its size, on average
LONGEST: Final = 34  # characters that a column of words gets before its lines break
Json = dict[str, Any]


def write_pdf(folder: Path, step: Callable[[int, int], None] = lambda _done, _all: None) -> Path:
    """Write ``report.pdf`` from the pages that ``folder`` holds; return its path.

    ``step`` hears how many pages are drawn, of how many.
    """
    pages = rendered_pages(folder)
    names = frozenset(page.name for page in pages)
    sheets = []
    step(0, len(pages))
    for done, sheet in enumerate(_sheets(pages, names), 1):
        sheets.append(sheet)
        step(done, len(pages))
    data = {"title": pages[0].title, "sheets": sheets}
    path = folder / PDF
    path.write_bytes(typeset(json.dumps(data, ensure_ascii=False)))
    return path


def _sheets(pages: tuple[RenderedPage, ...], names: frozenset[str]) -> Iterator[Json]:
    """Yield every page as the layout reads it, by two processes where there are many."""
    templates = kept_templates()
    if len(pages) < FEWEST:
        yield from (_printed(page, names, templates) for page in pages)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, initializer=_without_machine_fonts) as pool:
        yield from pool.map(_printed, pages, repeat(names), repeat(templates))


def _without_machine_fonts() -> None:
    """Have this process draw with the fonts that the renderer brings, as it does anyway.

    It would open every font of the machine for every word that it measures: half of its time.
    """
    os.environ["FONTCONFIG_FILE"] = str(NO_FONTS)


def _printed(page: RenderedPage, names: frozenset[str], templates: str) -> Json:
    """Return a page as the layout reads it, its pictures drawn."""
    sheet = read_sheet(page, names)
    known: Json = json.loads(templates)
    blocks = [_block(block, sheet, known) for block in (*sheet.blocks, *_left_out(sheet))]
    simulated = sheet.marks.get("simulated") == "yes"
    return {"name": sheet.name, "title": sheet.title, "simulated": simulated, "blocks": blocks}


def _left_out(sheet: Sheet) -> list[Block]:
    if not sheet.folded:
        return []
    words = f"Left out on paper, and folded in {sheet.name} of the run folder: "
    return [Paragraph((Text(words + "; ".join(sheet.folded) + "."),), "more")]


def _block(block: Block, sheet: Sheet, templates: Json) -> Json:
    if isinstance(block, Figure):
        return drawn(block, sheet, templates, FULL)
    if isinstance(block, Panels):
        columns = min(max(2, len(block.figures)), block.abreast)
        figures = [drawn(each, sheet, templates, ABREAST[columns]) for each in block.figures]
        return {"kind": "panels", "columns": columns, "figures": figures}
    if isinstance(block, Table):
        return _table(block, sheet)
    return asdict(block)


def _table(table: Table, sheet: Sheet) -> Json:
    """Return a table as far as paper shows it; a long and narrow one in two halves abreast."""
    shown = table.rows if sheet.name in WHOLE else table.rows[:MOST_ROWS]
    left = len(table.rows) - len(shown)
    more = f"{left} more {'row is' if left == 1 else 'rows are'} in {sheet.name} of the run folder."
    size, width = _fitted(replace(table, rows=shown))
    abreast = len(shown) >= LONG and width <= TEXT_WIDTH / 2 - GUTTER
    half = -(-len(shown) // 2) if abreast else len(shown)
    parts = [shown[:half], shown[half:]] if abreast else [shown]
    return {
        "kind": table.kind,
        "caption": [] if table.hidden else [asdict(each) for each in table.caption],
        "header": [asdict(cell) for cell in table.header],
        "parts": [[[asdict(cell) for cell in row] for row in part] for part in parts],
        "size": size,
        "more": more if left else "",
    }


def _fitted(table: Table) -> tuple[float, float]:
    """Return the largest size of type in which no number breaks its line, and the width then."""
    characters = sum(min(width, LONGEST) if breaks else width for width, breaks in table.widths())
    widths = {size: size * (characters * EM + 0.8 * len(table.header)) for size in SIZES}
    size = next((size for size, width in widths.items() if width <= TEXT_WIDTH), SIZES[-1])
    return size, widths[size]
