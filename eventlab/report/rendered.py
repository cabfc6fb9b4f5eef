"""The pages of a run as they were written, read back: what a single file and a PDF are made of."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CLAIMS", "INDEX", "SINGLE_FILE", "RenderedPage", "linked", "rendered_pages"]

INDEX: Final = "index.html"
CLAIMS: Final = "claims/claims.html"
SINGLE_FILE: Final = "report.html"
# Texts of users are escaped in our pages, so that none of these can begin inside of one.
PARTS: Final = re.compile(
    r"<html\b(?P<marks>[^>]*)>.*?<title>(?P<title>.*?)</title>.*?<style>(?P<style>.*?)</style>"
    r".*?<body[^>]*>\n?(?P<body>.*)</body>",
    re.DOTALL,
)
SCRIPT: Final = re.compile(r'<script src="([^"]*)"></script>\n?')
HREF: Final = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
MARK: Final = re.compile(r'data-([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """One page of a run; ``body`` is its markup without the scripts that it shares with others."""

    name: str  # its path in the run folder
    title: str
    marks: tuple[tuple[str, str], ...]  # what its html element says: simulated, unit
    style: str
    body: str
    scripts: tuple[str, ...]  # their paths in the run folder

    @property
    def simulated(self) -> bool:
        """Whether its prices are."""
        return dict(self.marks).get("simulated") == "yes"


def rendered_pages(folder: Path) -> tuple[RenderedPage, ...]:
    """Return the pages in ``folder``, each after the first one that links to it, the index first.

    Raises
    ------
    ValueError
        A file is no page of ours.
    """
    paths = sorted(folder.rglob("*.html"))
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    names.pop(SINGLE_FILE, None)
    pages = {name: _read(name, path.read_text(encoding="utf-8")) for name, path in names.items()}
    return tuple(pages[name] for name in _in_order(pages))


def linked(name: str, href: str) -> str:
    """Return the path in the run folder that a link on the page ``name`` leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), href.partition("#")[0]))


def _read(name: str, text: str) -> RenderedPage:
    parts = PARTS.search(text)
    if parts is None:
        raise ValueError(f"{name} is not a page of a run: it has no title, style or body")
    body = parts["body"]
    return RenderedPage(
        name=name,
        title=unescape(parts["title"]),
        marks=tuple((mark, unescape(value)) for mark, value in MARK.findall(parts["marks"])),
        style=parts["style"],
        body=SCRIPT.sub("", body),
        scripts=tuple(linked(name, source) for source in SCRIPT.findall(body)),
    )


def _in_order(pages: dict[str, RenderedPage]) -> list[str]:
    placed: dict[str, None] = {}

    def place(name: str) -> None:
        placed[name] = None
        for target in _targets(pages[name]):
            if target in pages and target not in placed:
                place(target)

    for name in (INDEX, *pages):
        if name in pages and name not in placed:
            place(name)
    return list(placed)


def _targets(page: RenderedPage) -> Iterator[str]:
    for href in HREF.findall(page.body):
        yield linked(page.name, unescape(href))
