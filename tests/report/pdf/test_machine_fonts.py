"""Pictures on paper are measured without the fonts of the machine: the same, sooner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventlab.report.pdf.document import NO_FONTS

pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

ROOT = Path(__file__).parents[3]
DRAW = """
from eventlab.report.look import page_config
from eventlab.report.renderer import svg_picture
field = {"field": "x", "type": "nominal", "title": "words, 1,234.5% and \u03c3"}
rows = [{"x": f"label {k}", "y": k} for k in range(9)]
print(svg_picture({
    "data": {"values": rows}, "mark": "point", "config": page_config("#000", "#fff", "#a40"),
    "encoding": {"x": field, "y": {"field": "y", "type": "quantitative"}, "color": field},
}))
"""


def test_a_picture_is_the_same_with_the_fonts_of_the_machine_and_without() -> None:
    def drawn(**names: str) -> str:
        known = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
        done = subprocess.run(  # noqa: S603 - our own interpreter and a fixed script
            [sys.executable, "-c", DRAW],
            env={**known, "PYTHONPATH": str(ROOT), **names},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert NO_FONTS.is_file()
    alone = drawn(FONTCONFIG_FILE=str(NO_FONTS))
    assert alone.count("<text") > 10
    assert drawn() == alone
