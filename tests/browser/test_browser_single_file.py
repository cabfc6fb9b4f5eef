"""A whole run in one file, opened from the disk in Chromium without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.report.rendered import rendered_pages
from eventlab.report.single_file import single_file
from tests.browser.hostile_workspace import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.browser.conftest import Visit

    Opened = Callable[..., AbstractContextManager[Visit]]

EVENT = "events/oracle-earnings.html"
DRAWN = """() => {
    const figures = [...document.querySelectorAll("[data-figure]")];
    return figures.length > 0 && figures.every((figure) => figure.querySelector("svg"));
}"""


@pytest.fixture(scope="session")
def one_file(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = rendered_pages(site)
    scripts = [(site / "assets" / name).read_text() for name in ("vega.js", "figures.js")]
    path = tmp_path_factory.mktemp("sent") / "report.html"
    path.write_text(single_file(pages, scripts), encoding="utf-8")
    return path


def test_every_page_is_reached_drawn_and_named(opened: Opened, one_file: Path, site: Path) -> None:
    with opened(one_file) as visit:
        page = visit.page
        for each in rendered_pages(site):
            page.goto(f"{one_file.as_uri()}#{each.name}")
            page.wait_for_function("name => document.title === name", arg=each.title)
            if "data-figure" in each.body:
                page.wait_for_function(DRAWN)
            assert HOSTILE in page.text_content("main")
            assert page.locator("img, [onerror]").count() == 0
            drawn = page.locator("[data-figure]").all_text_contents()
            assert all("SIMULATED PRICES" in text for text in drawn), each.name
            dead = page.locator("a[href]:not([href^='#'])")
            assert dead.count() == 0, each.name


def test_links_the_way_back_and_places_in_a_page_work(opened: Opened, one_file: Path) -> None:
    with opened(one_file) as visit:
        page = visit.page
        index = page.title()
        page.evaluate("window.scrollTo(0, 200)")
        page.locator(f"#page a[href='#{EVENT}']").first.click()
        page.wait_for_function(DRAWN)
        assert page.title() != index
        assert page.evaluate("window.scrollY") == 0
        page.locator("a.skip").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("hash => location.hash === hash", arg=f"#{EVENT}:main")
        assert page.title() != index
        page.go_back()
        page.go_back()
        page.wait_for_function("name => document.title === name", arg=index)
        page.wait_for_function("window.scrollY === 200")


def test_pictures_answer_in_one_file_too(opened: Opened, one_file: Path) -> None:
    with opened(one_file, width=390) as visit:
        page = visit.page
        page.goto(f"{one_file.as_uri()}#{EVENT}")
        page.wait_for_function(DRAWN)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        figure = page.locator("[data-figure=heat]").first
        figure.scroll_into_view_if_needed()
        box = figure.locator("svg .mark-rect path").first.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.locator("#vg-tooltip-element.visible").wait_for()
