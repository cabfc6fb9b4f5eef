"""What a page on paper is made of. Texts are data: no block holds markup of any kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = [
    "Anchor",
    "Block",
    "Cell",
    "Code",
    "Facts",
    "Figure",
    "Heading",
    "Items",
    "Panels",
    "Paragraph",
    "Sheet",
    "Table",
    "Text",
]

Style = Literal["", "strong", "em", "code", "faint", "below", "break"]
FLEXIBLE: Final = 24  # characters from which a column may break its lines


@dataclass(frozen=True, slots=True)
class Text:
    """A run of characters in one style; ``place`` is where it leads to, or empty.

    A place is the name of a page, or that and an id on the page: ``events/one.html#tables``.
    """

    text: str
    style: Style = ""
    place: str = ""


Texts = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 1 for a page, 2 for its sections."""

    level: int
    texts: Texts
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``role`` says what it is for: verdict, doubt, caption, banner, faint, more."""

    texts: Texts
    role: str = ""
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Texts, ...]
    role: str = ""
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values; ``role`` is facts, notes or answers."""

    pairs: tuple[tuple[Texts, Texts], ...]
    role: str
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Code:
    """Text in which every space counts."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    texts: Texts
    number: bool = False
    loud: bool = False
    off: bool = False

    @property
    def width(self) -> int:
        """Characters of its longest line."""
        line, longest = 0, 0
        for text in self.texts:
            line = len(text.text) if text.style in {"below", "break"} else line + len(text.text)
            longest = max(longest, line)
        return longest


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header stands again on every page that it reaches."""

    caption: Texts
    hidden: bool  # its caption stands above it already
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = "table"

    def widths(self) -> list[tuple[int, bool]]:
        """Return characters of the widest cell of every column, and whether it may break lines."""
        columns = []
        for place, head in enumerate(self.header):
            cells = [row[place] for row in self.rows if place < len(row)]
            words = " ".join(text.text for text in head.texts).split()
            width = max([*(cell.width for cell in cells), *map(len, words)], default=0)
            breaks = width > FLEXIBLE and not any(cell.number for cell in cells)
            columns.append((width, breaks))
        return columns


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: which template, which rows of its page, and what it shows in words."""

    figure: str
    rows: str
    name: str
    title: str
    label: str
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True, slots=True)
class Panels:
    """Small pictures side by side, at most as many as ``abreast``."""

    figures: tuple[Figure, ...]
    abreast: int = 4
    kind: Literal["panels"] = "panels"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place that links may lead to."""

    place: str
    kind: Literal["anchor"] = "anchor"


Block = Anchor | Heading | Paragraph | Items | Facts | Code | Table | Figure | Panels


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a run for paper: its blocks, the rows of its pictures, and what is left out."""

    name: str
    title: str
    marks: dict[str, str]
    blocks: tuple[Block, ...]
    rows: dict[str, Any] = field(default_factory=dict)
    tag: str = ""  # the occurrences that pictures of paths show first
    folded: tuple[str, ...] = ()  # what is folded on the screen and left out on paper
