"""A run as one PDF: ``report.pdf`` from the pages that a run folder holds."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.pdf import PDF
from eventlab.report.pdf.blocks import Figure, Panels, Paragraph, Table, Text
from eventlab.report.pdf.pictures import FULL, HALF, THIRD, drawn
from eventlab.report.pdf.reader import read_sheet
from eventlab.report.pdf.typesetting import typeset
from eventlab.report.rendered import rendered_pages
from eventlab.report.scripts import kept_templates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eventlab.report.pdf.blocks import Block, Sheet
    from eventlab.report.rendered import RenderedPage

__all__ = ["write_pdf"]

PROCESSES: Final = 2
MOST_ROWS: Final = 30  # of one table on paper
TEXT_WIDTH: Final = 516.0  # points between the margins
SIZES: Final = (7.5, 7.0, 6.5, 6.0, 5.5)  # points of type in tables, the largest first
EM: Final = 0.47  # of a character's width in its size, on average
LONGEST: Final = 34  # characters that a column of words gets before its lines break
Json = dict[str, Any]


def write_pdf(folder: Path, step: Callable[[int, int], None] = lambda _done, _all: None) -> Path:
    """Write ``report.pdf`` from the pages that ``folder`` holds; return its path.

    ``step`` hears how many pages are drawn, of how many.
    """
    pages = rendered_pages(folder)
    names = frozenset(page.name for page in pages)
    templates = kept_templates()
    sheets = []
    step(0, len(pages))
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_printed, page, names, templates) for page in pages]
        for done, future in enumerate(futures, 1):
            sheets.append(future.result())
            step(done, len(pages))
    data = {"title": pages[0].title, "sheets": sheets}
    path = folder / PDF
    path.write_bytes(typeset(json.dumps(data, ensure_ascii=False)))
    return path


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
        columns = 3 if len(block.figures) > 2 else 2
        width = THIRD if columns == 3 else HALF
        figures = [drawn(each, sheet, templates, width) for each in block.figures]
        return {"kind": "panels", "columns": columns, "figures": figures}
    if isinstance(block, Table):
        return _table(block, sheet)
    return asdict(block)


def _table(table: Table, sheet: Sheet) -> Json:
    shown = replace(table, rows=table.rows[:MOST_ROWS])
    left = len(table.rows) - len(shown.rows)
    more = f"{left} more {'row is' if left == 1 else 'rows are'} in {sheet.name} of the run folder."
    return {**asdict(shown), "size": _size(shown), "more": more if left else ""}


def _size(table: Table) -> float:
    """Return the largest size of type in which no number of the table breaks its line."""
    characters = sum(min(width, LONGEST) if breaks else width for width, breaks in table.widths())
    padding = 0.8 * len(table.header)
    for size in SIZES:
        if size * (characters * EM + padding) <= TEXT_WIDTH:
            return size
    return SIZES[-1]
