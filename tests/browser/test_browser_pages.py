"""Every page of a run, opened from the disk in Chromium without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag

import pytest

from tests.browser.hostile_workspace import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.browser.conftest import Visit

    Opened = Callable[..., AbstractContextManager[Visit]]

axe_playwright = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python"
)

PHONE = 390
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],
}
NOT_DRAWN = {"exclude": [[".plot svg"]]}  # one image each; its parts are hidden from readers
A4 = 688  # pixels between the margins
# Name, marks and words of every picture.
PICTURES = """() => [...document.querySelectorAll("[data-figure]")].map((figure) => ({
    name: figure.dataset.figure,
    label: figure.getAttribute("aria-label"),
    marks: figure.querySelectorAll(
        "svg [class*='mark-'] path:not(.background):not(.foreground)[d]").length,
    words: figure.textContent,
}))"""


def test_pages_open_without_a_network_and_every_picture_is_drawn(
    opened: Opened, every_page: list[Path]
) -> None:
    kinds: set[str] = set()
    for path in every_page:
        with opened(path, keep=True) as visit:
            pictures = visit.page.evaluate(PICTURES)
            assert all(each["marks"] for each in pictures), pictures
            assert all(each["label"] for each in pictures)
            unmarked = [p["name"] for p in pictures if "SIMULATED PRICES" not in p["words"]]
            assert unmarked == [], path.name
            assert "SIMULATED PRICES" in visit.page.inner_text(".banner")
            kinds |= {each["name"] for each in pictures}
    assert kinds >= {"paths", "heat", "events", "overlaps", "curve", "choices"}
    assert kinds >= {"matrix", "breaks", "connected", "dynamic", "betas", "lead", "network"}
    assert kinds >= {"fall", "gains", "hedge_ratios", "exposure", "spent", "sets", "logits"}


def test_titles_stay_text(opened: Opened, every_page: list[Path]) -> None:
    shown = 0
    for path in every_page:
        with opened(path, keep=True) as visit:
            page = visit.page
            shown += HOSTILE in page.text_content("main")
            ours = "script:not([src^='assets/']):not([src^='../assets/']):not([type*=json])"
            assert page.locator(ours).count() == 0, path.name
            assert page.locator("img, [onerror]").count() == 0
    assert shown == len(every_page)


@pytest.mark.parametrize("scheme", RULES)
def test_axe_finds_nothing_serious(opened: Opened, every_page: list[Path], scheme: str) -> None:
    found = []
    options = {"runOnly": RULES[scheme], "resultTypes": ["violations"]}
    for path in every_page:
        with opened(path, scheme=scheme, keep=True) as visit:
            said = axe_playwright.Axe().run(visit.page, NOT_DRAWN, options).response
            found += [
                f"{path.name}: {each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}"
                for each in said["violations"]
                if each["impact"] in {"serious", "critical"}
            ]
    assert found == []


def test_a_phone_needs_no_sideways_scroll(opened: Opened, every_page: list[Path]) -> None:
    for path in every_page:
        with opened(path, width=PHONE) as visit:
            visit.page.evaluate(
                "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
            )
            assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE, path.name


def test_every_link_leads_somewhere(opened: Opened, every_page: list[Path]) -> None:
    ids: dict[str, set[str]] = {}
    links: dict[str, list[str]] = {}
    for path in every_page:
        with opened(path, keep=True) as visit:
            here = path.as_uri()
            ids[here] = set(visit.page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
            links[here] = visit.page.eval_on_selector_all("a[href]", "all => all.map(e => e.href)")
            assert len(ids[here]) == visit.page.locator("[id]").count(), "an id twice"
    assert sum(map(len, links.values())) > 20
    for addresses in links.values():
        for address in addresses:
            file, anchor = urldefrag(address)
            assert file.startswith("file:"), address
            assert Path(unquote(file.removeprefix("file://"))).is_file(), address
            if anchor:
                assert unquote(anchor) in ids[file], address


def test_on_paper_nothing_is_folded_or_cut(opened: Opened, every_page: list[Path]) -> None:
    for path in every_page:
        with opened(path) as visit:
            page = visit.page
            assert page.pdf(format="A4").startswith(b"%PDF")
            assert page.locator("details[data-print]:not([open])").count() == 0
            page.emulate_media(media="print")
            page.set_viewport_size({"width": A4, "height": 970})
            page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            assert page.evaluate("document.scrollingElement.scrollWidth") <= A4, path.name
            narrow = page.evaluate(
                """() => [...document.querySelectorAll("[data-figure]")].filter((figure) =>
                figure.offsetParent && figure.querySelector("svg").getBoundingClientRect().width
                < 0.97 * figure.parentElement.getBoundingClientRect().width)
                .map((figure) => figure.dataset.figure)"""
            )
            assert narrow == [], path.name
            wide = page.eval_on_selector_all(
                "figure.wide", "all => all.map(e => e.getBoundingClientRect().width)"
            )
            assert all(width > 0.97 * A4 for width in wide)


def test_the_keyboard_reaches_the_page_first_then_its_pictures(opened: Opened, site: Path) -> None:
    with opened(site / "strategies" / "oracle-hedge.html") as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert re.search("^Skip", page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.tagName") == "MAIN"
        names = []
        for _ in range(30):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.textContent"))
        assert names.index("Enlarge") < names.index("SVG") < names.index("PNG")
