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
    machine is looked at.
    """
    return typst.compile(
        LAYOUT,
        root=LAYOUT.parent,
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards="ua-1",
    )
