"""Blocks set as a PDF: the only module that imports typst."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typst

__all__ = ["typeset"]

LAYOUT: Final = Path(__file__).parent.parent / "templates" / "report.typ"


def typeset(data: str) -> bytes:
    """Return the PDF of a document given as JSON: tagged, with the fonts that typst brings.

    Its bytes depend on ``data`` and the version of typst only: it has no date, and no font of the
    machine is looked at. A document with letters that those fonts lack, in a title say, would show
    empty boxes, which PDF/UA forbids; it is set with the fonts of the machine instead, and is PDF
    without that promise.
    """
    try:
        return _compiled(data, own_fonts=True)
    except typst.TypstError:
        return _compiled(data, own_fonts=False)


def _compiled(data: str, *, own_fonts: bool) -> bytes:
    return typst.compile(
        LAYOUT,
        root=LAYOUT.parent,
        sys_inputs={"data": data},
        ignore_system_fonts=own_fonts,
        format="pdf",
        pdf_standards="ua-1" if own_fonts else [],
    )
