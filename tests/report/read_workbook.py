"""Reads workbooks as ECMA-376 describes them: another hand than the one that writes them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ESCAPE = re.compile("_x([0-9A-F]{4})_")


@dataclass(frozen=True)
class SheetRead:
    """Cells by address: (type, value, number format, whether it is quoted); and the raw XML."""

    cells: dict[str, tuple[str, str, int, bool]]
    text: str

    def row(self, number: int) -> list[str]:
        return [value for key, (_, value, _, _) in self.cells.items() if key.endswith(str(number))]

    def value(self, address: str) -> str:
        return self.cells[address][1]


def read_workbook(path: Path) -> dict[str, SheetRead]:
    """Return the sheets of a workbook by name."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        shared = _shared(book)
        styles = _styles(book)
        targets = {
            each.attrib["Id"]: each.attrib["Target"]
            for each in _parsed(book.read("xl/_rels/workbook.xml.rels"))
        }
        sheets = _parsed(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        return {
            each.attrib["name"]: _sheet(
                book.read(f"xl/{targets[each.attrib[RELATION]]}").decode(), shared, styles
            )
            for each in sheets
        }


def _parsed(text: bytes | str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - a file that the test has just made


def _shared(book: zipfile.ZipFile) -> list[str]:
    root = _parsed(book.read("xl/sharedStrings.xml"))
    return ["".join(each.itertext()) for each in root.iter(f"{MAIN}si")]


def _styles(book: zipfile.ZipFile) -> list[tuple[int, bool]]:
    root = _parsed(book.read("xl/styles.xml"))
    formats = root.find(f"{MAIN}cellXfs")
    assert formats is not None
    return [(int(each.get("numFmtId", 0)), each.get("quotePrefix") == "1") for each in formats]


def _sheet(text: str, shared: list[str], styles: list[tuple[int, bool]]) -> SheetRead:
    cells = {}
    for cell in _parsed(text).iter(f"{MAIN}c"):
        kind, inner = cell.get("t", "n"), "".join(cell.itertext())
        if kind == "s":
            kind, inner = "text", shared[int(inner)]
        elif kind == "inlineStr":
            kind, inner = "text", ESCAPE.sub(lambda found: chr(int(found[1], 16)), inner)
        cells[cell.attrib["r"]] = (kind, inner, *styles[int(cell.get("s", 0))])
    return SheetRead(cells, text)
