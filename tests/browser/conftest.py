"""A browser without a network, and one small run on simulated prices whose pages it opens."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytest.importorskip("altair", reason="needs the extra eventlab[report]")

from eventlab.cli.main import run  # noqa: E402 - after the skip
from tests.browser.hostile_workspace import make_hostile  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRAWN = """() => document.readyState === "complete" && [...document.querySelectorAll(
    "[data-figure]")].every((figure) => figure.firstChild)"""


@dataclass
class Visit:
    """A page as opened, and all that it should not have done."""

    page: Any
    wrongs: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    named = os.environ.get("EVENTLAB_BROWSER")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("needs Chromium: install it, or name one in EVENTLAB_BROWSER")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> Path:
    """Folder of the pages of one run."""
    root = make_hostile(tmp_path_factory.mktemp("hostile"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert run(["run", "--out", "out", "-q"]) == 0
    return root / "out"


@pytest.fixture(scope="session")
def every_page(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) >= 4  # the index, an event, its contagion, a strategy
    return found


@pytest.fixture(scope="session")
def windows(browser: Any) -> Iterator[dict[Path, Visit]]:
    """Pages that stay open for several tests."""
    kept: dict[Path, Visit] = {}
    yield kept
    for visit in kept.values():
        visit.page.context.close()


@pytest.fixture
def opened(
    browser: Any, windows: dict[Path, Visit]
) -> Callable[..., AbstractContextManager[Visit]]:
    """Open a file in a window of its own; leaving it checks that the page did no wrong.

    With ``keep`` the window stays for the next test that asks for one to keep.
    """

    @contextmanager
    def visit(
        path: Path, *, width: int = 1440, scheme: str = "light", keep: bool = False
    ) -> Iterator[Visit]:
        made = windows[path] if keep and path in windows else opening(browser, path, width)
        made.page.emulate_media(color_scheme=scheme)
        made.page.wait_for_function(DRAWN)
        if keep:
            windows[path] = made
        yield made
        if not keep:
            made.page.context.close()
        assert made.wrongs == [], path.name

    return visit


def opening(browser: Any, path: Path, width: int) -> Visit:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, offline=True, reduced_motion="reduce"
    )
    context.route(lambda address: not address.startswith("file:"), lambda route: route.abort())
    made = Visit(context.new_page())
    watch(made)
    made.page.goto(path.as_uri())
    return made


def watch(made: Visit) -> None:
    """Note requests that leave the disk, errors, and whatever a title managed to run."""

    def said(message: Any) -> None:
        if message.type == "error":
            made.wrongs.append(f"console: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            made.wrongs.append(f"request: {request.url}")

    def interrupted(dialog: Any) -> None:
        made.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    made.page.on("console", said)
    made.page.on("pageerror", lambda error: made.wrongs.append(f"error: {error}"))
    made.page.on("request", asked)
    made.page.on("requestfailed", lambda request: made.wrongs.append(f"failed: {request.url}"))
    made.page.on("dialog", interrupted)
