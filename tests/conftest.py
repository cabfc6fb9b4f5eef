"""Fixtures that every room shares."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each of these folders stays in one worker: one browser for all, and every kernel compiled once.
TOGETHER = ("tests/browser/", "tests/kernels/")
# Kernels come first, beside tests that call none: what follows finds them compiled.
FIRST = (
    "tests/kernels/",
    "tests/definitions/",
    "tests/market/",
    "tests/timeline/",
    "tests/test_architecture.py",
    "tests/report/",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with `FIRST` where there are several workers; else keep the order."""
    if not hasattr(config, "workerinput"):
        return

    def place(item: pytest.Item) -> int:
        named = (n for n, start in enumerate(FIRST) if item.nodeid.startswith(start))
        return next(named, len(FIRST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep what is `TOGETHER` in one worker, and the order of files; else as ``--dist``."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - only with several workers

    class Scheduling(LoadFileScheduling):  # type: ignore[misc] # the plugin has no types
        def _split_scope(self, nodeid: str) -> str:
            folder = next((one for one in TOGETHER if nodeid.startswith(one)), None)
            return folder or super()._split_scope(nodeid)

    config.option.loadscopereorder = False  # files with few tests are not the quick ones
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def market_dir() -> Path:
    """Folder of real prices named by EVENTLAB_MARKET; the test is skipped where there is none."""
    named = os.environ.get("EVENTLAB_MARKET")
    if not named:
        pytest.skip("needs real prices: set EVENTLAB_MARKET to their folder")
    path = Path(named)
    if not (path / "daily.parquet").is_file():
        pytest.fail(f"EVENTLAB_MARKET={named} holds no daily.parquet")
    return path


@pytest.fixture(scope="session")
def reference_dir(market_dir: Path) -> Path:
    """Folder of reference numbers, which lies beside the real prices."""
    path = market_dir.parent / "ref"
    if not path.is_dir():
        pytest.skip("needs the reference numbers beside EVENTLAB_MARKET")
    return path


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder that keeps what is cached for a user apart from what tests make."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder
