"""HTML as a tree, by the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Element", "parsed"]

EMPTY: Final = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass(slots=True)
class Element:
    """An element with its attributes and what it holds, texts among it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """Its classes."""
        return frozenset(self.attributes.get("class", "").split())

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yield every element of these tags below it, in order."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.elements(*tags)

    def text(self) -> str:
        """Return all characters below it."""
        return "".join(each if isinstance(each, str) else each.text() for each in self.children)


def parsed(markup: str) -> Element:
    """Return the tree of ``markup``, whose elements are all closed, below one of no name.

    Raises
    ------
    ValueError
        An element is closed that is not open, or the other way round.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    if len(reader.open) != 1:
        raise ValueError(f"<{reader.open[-1].tag}> is not closed")
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        element = self.open.pop()
        if element.tag != tag:
            raise ValueError(f"</{tag}> closes <{element.tag}>")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
