"""A written page read back as blocks, in whatever order the page has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from eventlab.report.pdf.blocks import (
    Anchor,
    Cell,
    Code,
    Facts,
    Figure,
    Heading,
    Items,
    Panels,
    Paragraph,
    Sheet,
    Table,
    Text,
)
from eventlab.report.pdf.tree import Element, parsed
from eventlab.report.rendered import RenderedPage, linked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventlab.report.pdf.blocks import Block, Style, Texts

__all__ = ["read_sheet"]

HOLDERS: Final = frozenset({"", "article", "aside", "div", "footer", "header", "main", "section"})
INLINE: Final[dict[str, Style]] = {
    "a": "",
    "abbr": "",
    "b": "strong",
    "br": "break",
    "code": "code",
    "em": "em",
    "i": "em",
    "small": "faint",
    "span": "",
    "strong": "strong",
    "sub": "",
    "sup": "",
    "time": "",
}
# Of no use on paper.
SCREEN: Final = frozenset(
    {"button", "dialog", "input", "label", "nav", "noscript", "script", "select", "template"}
)
SCREEN_CLASSES: Final = frozenset({"screen", "skip", "tools"})
ROLES: Final = ("verdict", "doubt", "banner", "caption", "more", "faint", "reading")


def read_sheet(page: RenderedPage, names: frozenset[str]) -> Sheet:
    """Return a page as it stands on paper; ``names`` are the pages that its links may lead to.

    What is folded on the screen is left out, unless it is marked ``data-print``, and named.

    Raises
    ------
    ValueError
        The page has an element that nobody said how to print: nothing is lost silently.
    """
    root = parsed(page.body)
    reader = _Sheet(page.name, names)
    blocks = tuple(reader.blocks(root))
    data = [each for each in root.elements("script") if each.attributes.get("id") == "figure-rows"]
    tags = [each for each in root.elements("select") if each.attributes.get("id") == "tag"]
    chosen = next(tags[0].elements("option")).attributes["value"] if tags else ""
    return Sheet(
        name=page.name,
        title=page.title,
        marks=dict(page.marks),
        blocks=blocks,
        rows=json.loads(data[0].text()) if data else {},
        tag=chosen,
        folded=tuple(reader.folded),
    )


class _Sheet:
    """Reads one page; remembers what it left out."""

    def __init__(self, name: str, names: frozenset[str]) -> None:
        self.name = name
        self.names = names
        self.folded: list[str] = []

    def blocks(self, holder: Element, role: str = "") -> Iterator[Block]:
        """Yield what ``holder`` holds; characters between its blocks are paragraphs of ``role``."""
        role = role or _role(holder)
        loose: list[Element | str] = []
        for child in holder.children:
            if isinstance(child, Element) and _for_screens(child):
                continue
            if isinstance(child, str) or child.tag in INLINE:
                loose.append(child)
                continue
            yield from self._paragraph(loose, role)
            loose = []
            yield from self._block(child, role)
        yield from self._paragraph(loose, role)

    def _paragraph(self, children: Iterable[Element | str], role: str) -> Iterator[Block]:
        texts = self._texts(children)
        if texts:
            yield Paragraph(texts, role)

    def _block(  # noqa: C901, PLR0912 - one line a tag
        self, element: Element, role: str
    ) -> Iterator[Block]:
        if "id" in element.attributes:
            yield Anchor(f"{self.name}#{element.attributes['id']}")
        match element.tag:
            case "h1" | "h2" | "h3" | "h4":
                yield Heading(int(element.tag[1]), self._texts(element.children))
            case "p" | "figcaption" | "summary":
                own = {"figcaption": "caption below", "summary": "summary"}.get(element.tag)
                yield from self.blocks(element, own or _role(element) or role)
            case "ul" | "ol":
                items = tuple(self._texts(each.children) for each in element.elements("li"))
                yield Items(items, _role(element) or role)
            case "dl":
                yield self._facts(element)
            case "pre":
                yield Code(element.text().strip("\n"))
            case "table":
                yield self._table(element)
            case "details":
                yield from self._details(element)
            case "figure":
                yield from self.blocks(element)
            case "div" if "panels" in element.classes:
                yield from self._panels(element)
            case "div" if "data-figure" in element.attributes:
                yield _figure(element)
            case tag if tag in HOLDERS:
                yield from self.blocks(element, _role(element) or role)
            case tag:
                raise ValueError(f"{self.name}: nobody said how to print <{tag}>")

    def _details(self, element: Element) -> Iterator[Block]:
        if {"data-print", "open"} & set(element.attributes):
            yield from self.blocks(element)
        else:
            self.folded.append(" ".join(next(element.elements("summary")).text().split()))

    def _panels(self, element: Element) -> Iterator[Block]:
        figures = tuple(
            _figure(each) for each in element.elements("div") if "data-figure" in each.attributes
        )
        if "folded" in element.classes:
            self.folded.append("pictures of " + ", ".join(each.title for each in figures))
        elif figures:
            yield Panels(figures, 2 if "claims" in element.classes else 4)

    def _facts(self, element: Element) -> Facts:
        names = [self._texts(each.children) for each in element.elements("dt")]
        values = [self._texts(each.children) for each in element.elements("dd")]
        role = next((role for role in ("notes", "answers") if role in element.classes), "facts")
        return Facts(tuple(zip(names, values, strict=True)), role)

    def _table(self, element: Element) -> Table:
        caption = next(element.elements("caption"), None)
        header, *rows = [
            tuple(self._cell(each) for each in row.elements("th", "td"))
            for row in element.elements("tr")
        ]
        return Table(
            caption=self._texts(caption.children) if caption else (),
            hidden=caption is not None and "unseen" in caption.classes,
            header=header,
            rows=tuple(rows),
        )

    def _cell(self, element: Element) -> Cell:
        classes = element.classes
        return Cell(
            self._texts(element.children),
            number="number" in classes,
            loud="loud" in classes,
            off="off" in classes,
        )

    def _texts(self, children: Iterable[Element | str]) -> Texts:
        """Return runs of characters, their spaces as a browser shows them."""
        found: list[Text] = []
        for text in self._runs(children, "", ""):
            words = " ".join(text.text.split())
            if text.style != "code" and text.text[:1].isspace() and found:
                words = f" {words}"
            if text.text[-1:].isspace() and words.strip():
                words += " "
            if found and found[-1].text.endswith((" ", "\n")):
                words = words.lstrip()
            if words or text.style == "break":
                found.append(Text(words, text.style, text.place))
        while found and not found[-1].text.strip():
            found.pop()
        return tuple(found)

    def _runs(self, children: Iterable[Element | str], style: Style, place: str) -> Iterator[Text]:
        for child in children:
            if isinstance(child, str):
                yield Text(child, style, place)
            elif _for_screens(child):
                continue
            elif child.tag == "br":
                yield Text("", "break")
            elif child.tag == "a":
                yield from self._link(child, style)
            elif child.tag in INLINE:
                yield from self._runs(child.children, _style(child) or style, place)
            else:
                raise ValueError(f"{self.name}: nobody said how to print <{child.tag}> in a line")

    def _link(self, link: Element, style: Style) -> Iterator[Text]:
        """Yield a link to another page; of one to a file its path, which paper can show."""
        href = link.attributes["href"]
        page = self.name if href.startswith("#") else linked(self.name, href)
        anchor = href.partition("#")[2]
        if page in self.names:
            yield from self._runs(link.children, style, f"{page}#{anchor}" if anchor else page)
        else:
            yield Text(page, "code")


def _for_screens(element: Element) -> bool:
    return element.tag in SCREEN or bool(SCREEN_CLASSES & element.classes)


def _style(element: Element) -> Style:
    if "below" in element.classes:
        return "below"
    return "faint" if "faint" in element.classes else INLINE[element.tag]


def _role(element: Element) -> str:
    return next((role for role in ROLES if role in element.classes), "")


def _figure(element: Element) -> Figure:
    given = element.attributes
    return Figure(
        figure=given["data-figure"],
        rows=given.get("data-rows") or given["data-figure"],
        name=given.get("data-name", ""),
        title=given.get("data-title", ""),
        label=given.get("aria-label", ""),
    )
