"""All pages of a run as one file to send: it opens from the disk, offline, and asks for nothing.

The first page lies open in it, so that it is read where scripts are off; each other page lies in a
``template`` element, which a browser neither shows nor runs until the script asks for it.
"""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from typing import Final

from eventlab.report.rendered import SINGLE_FILE, RenderedPage, linked, rendered_pages

__all__ = ["single_file", "write_single_file"]

ROUTER: Final = Path(__file__).parent / "templates" / "single.js"
LINK: Final = re.compile(r'<a\b([^>]*?)\bhref="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
ELSEWHERE: Final = re.compile(r"[a-z]+:")  # data: and the like
OUTSIDE: Final = (
    '<p class="more">Files named here lie in the folder of the run that this report was made '
    "from, not in this file.</p>\n"
)
SCRIPTS_OFF: Final = (
    '<noscript><p class="doubt">Scripts are off: this file shows its first page only, and no '
    "pictures. Open it in a browser with scripts on to see the others.</p></noscript>\n"
)


def write_single_file(folder: Path) -> Path:
    """Write ``report.html`` from the pages that ``folder`` holds; return its path."""
    pages = rendered_pages(folder)
    sources = dict.fromkeys(source for page in pages for source in page.scripts)
    scripts = [(folder / source).read_text(encoding="utf-8") for source in sources]
    path = folder / SINGLE_FILE
    path.write_text(single_file(pages, scripts), encoding="utf-8")
    return path


def single_file(pages: tuple[RenderedPage, ...], scripts: list[str]) -> str:
    """Return one document that holds ``pages``, the first one open, and ``scripts``, each once.

    A link to another page becomes its name after ``#``; a link to anything else, which cannot be
    inside, becomes the name of that file in the run folder.
    """
    names = {page.name for page in pages}
    first, *others = pages
    kept = [
        f"<template{_attributes(page)}>\n{_inside(page, names)}</template>\n" for page in others
    ]
    scripts = [*scripts, ROUTER.read_text(encoding="utf-8")]
    marks = "".join(f' data-{mark}="{escape(value)}"' for mark, value in first.marks)
    return "".join(
        [
            f'<!doctype html>\n<html lang="en"{marks}>\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f'<title>{escape(first.title)}</title>\n<link rel="icon" href="data:,">\n',
            *(f"<style>{style}</style>\n" for style in dict.fromkeys(p.style for p in pages)),
            f"</head>\n<body>\n{SCRIPTS_OFF}",
            f'<div id="page" tabindex="-1" style="outline:none"{_attributes(first)}>\n',
            f"{_inside(first, names)}</div>\n",
            *kept,
            *(f"<script>\n{_safe(script)}\n</script>\n" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def _attributes(page: RenderedPage) -> str:
    named = [("page", page.name), ("title", page.title), *page.marks]
    return "".join(f' data-{name}="{escape(value)}"' for name, value in named)


def _inside(page: RenderedPage, names: set[str]) -> str:
    """Return the markup of a page whose links lead to other pages of the same file."""
    outside = False

    def turned(link: re.Match[str]) -> str:
        nonlocal outside
        before, href, after, said = link[1], unescape(link[2]), link[3], link[4]
        if ELSEWHERE.match(href):
            return link[0]
        target = page.name if href.startswith("#") else linked(page.name, href)
        if target not in names:
            outside = True
            return f"<code>{escape(target)}</code>"
        anchor = href.partition("#")[2]
        place = escape(f"{target}:{anchor}" if anchor else target)
        return f'<a{before}href="#{place}"{after}>{said}</a>'

    body = LINK.sub(turned, page.body)
    return body.replace("</main>", f"{OUTSIDE}</main>", 1) if outside else body


def _safe(script: str) -> str:
    """Return a script that cannot end the element it stands in; in JavaScript it says the same."""
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")
