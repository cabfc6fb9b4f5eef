"""What a picture does: hover, zoom, and saving as a file that stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.browser.conftest import Visit

    Opened = Callable[..., AbstractContextManager[Visit]]

MARKS = (
    "svg .mark-symbol path, svg .mark-rect path, svg .mark-rule line, svg .mark-line path, "
    "svg .mark-area path"
)
MOST_TRIED = 12
# Chromium drops, without a word, what a page saves beyond ten files within a second.
BETWEEN_FILES = 150  # milliseconds
# The middles of marks: the largest, then some from all over the picture.
PLACES = """(figure, [marks, most]) => {
    const boxes = [...figure.querySelectorAll(marks)].map((mark) => mark.getBoundingClientRect());
    const large = [...boxes].sort((a, b) => b.width * b.height - a.width * a.height);
    const spread = boxes.filter((_, k) => k % Math.ceil(boxes.length / most) === 0);
    return [...large.slice(0, most), ...spread].map(
        (box) => [box.x + box.width / 2, box.y + box.height / 2]);
}"""
SVG = "{http://www.w3.org/2000/svg}"


def kinds_of(page: Any) -> list[str]:
    """Names of the pictures that can be seen, each once."""
    seen: list[str] = page.evaluate(
        """() => [...new Set([...document.querySelectorAll("[data-figure]")]
        .filter((figure) => figure.checkVisibility({visibilityProperty: true}))
        .map((figure) => figure.dataset.figure))]"""
    )
    return seen


def hovered(page: Any, kind: str) -> str:
    """Text of the tooltip over one of the marks of a picture; empty if none has one."""
    figure = page.locator(f"[data-figure={kind}]").first
    figure.scroll_into_view_if_needed()
    for x, y in figure.evaluate(PLACES, [MARKS, MOST_TRIED]):
        page.mouse.move(x, y)
        tooltip = page.locator("#vg-tooltip-element.visible")
        if tooltip.count():
            return str(tooltip.inner_text())
    return ""


def test_hover_names_the_numbers_of_every_kind_of_picture(
    opened: Opened, every_page: list[Path]
) -> None:
    for path in every_page:
        with opened(path, keep=True) as visit:
            silent = [kind for kind in kinds_of(visit.page) if not hovered(visit.page, kind)]
            assert silent == [], path.name


def test_pictures_are_saved_to_stand_alone(
    opened: Opened, every_page: list[Path], tmp_path: Path
) -> None:
    for path in every_page:
        with opened(path, scheme="dark", keep=True) as visit:
            page = visit.page
            heading = " ".join(page.text_content("h1").split())
            for kind in kinds_of(page):
                tools = page.locator(f".tools[data-of={kind}]").first
                saved = tmp_path / f"{kind}.svg"
                name = save(page, tools.get_by_role("button", name="SVG"), saved)
                assert name.startswith(f"{path.stem}-{kind}")
                check_svg(saved, heading)
            for button in page.locator(".tools").get_by_role("button", name="PNG").all()[:1]:
                save(page, button, tmp_path / "first.png")
                check_png(tmp_path / "first.png")


def save(page: Any, button: Any, path: Path) -> str:
    """Press a button that saves a file; the name that the page gives it."""
    page.wait_for_timeout(BETWEEN_FILES)
    with page.expect_download() as download:
        button.click()
    download.value.save_as(path)
    return str(download.value.suggested_filename)


def check_svg(path: Path, heading: str) -> None:
    text = path.read_text("utf-8")
    root = ET.fromstring(text)  # noqa: S314 - a file of our own page
    assert root.tag == f"{SVG}svg"
    ground = root.find(f"{SVG}rect")
    assert ground is not None
    assert ground.attrib["fill"] == "#ffffff"
    assert (ground.attrib["width"], ground.attrib["height"]) == (
        root.attrib["width"],
        root.attrib["height"],
    )
    words = " ".join("".join(part.itertext()) for part in root.iter(f"{SVG}text"))
    assert "SIMULATED PRICES" in words
    assert heading[:20] in words
    assert "currentColor" not in text  # nothing is left to a page
    assert "var(" not in text


def check_png(path: Path) -> None:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(data[16:20], "big") >= 600
    assert len(data) > 5_000


def test_a_picture_enlarges_and_zooms_without_a_mouse(opened: Opened, site: Path) -> None:
    with opened(site / "strategies" / "oracle-hedge.html") as visit:
        page = visit.page
        opener = page.locator(".tools[data-of=fall]").get_by_role("button", name="Enlarge")
        opener.focus()
        page.keyboard.press("Enter")
        large = page.get_by_role("dialog")
        large.locator("svg .mark-line path").first.wait_for()

        whole = page.evaluate(LABELS)
        large.get_by_role("button", name="Zoom in").press("Enter")
        page.wait_for_function(f"before => {LABELS} !== before", arg=whole)
        near = page.evaluate(LABELS)
        large.get_by_role("button", name="Move right").press("Enter")
        page.wait_for_function(f"before => {LABELS} !== before", arg=near)
        large.get_by_role("button", name="All of it").press("Enter")
        page.wait_for_function(f"before => {LABELS} === before", arg=whole)
        page.keyboard.press("Escape")
        assert page.locator("dialog").count() == 0
        assert opener.evaluate("(button) => button === document.activeElement")


LABELS = (  # with their places
    "[...document.querySelectorAll('dialog .role-axis-label text')]"
    ".map((each) => each.textContent + each.getAttribute('transform')).sort().join()"
)
