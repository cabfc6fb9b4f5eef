"""Fixtures that every room shares."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER = "tests/browser/"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the files of the browser in one worker, and the order of files; else as ``--dist``."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - only with several workers

    class Scheduling(LoadFileScheduling):  # type: ignore[misc] # the plugin has no types
        def _split_scope(self, nodeid: str) -> str:
            # One run and one browser for all.
            return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)

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
