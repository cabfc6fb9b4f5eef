"""One workspace under test with accepted baselines, and a copy of it for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from tests.regression.make_tested import make_tested

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the workspace whose baselines were accepted; nobody writes into it."""
    root = make_tested(tmp_path_factory.mktemp("regression") / "small")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CI", raising=False)
        assert run(["check", "-C", str(root), "--update", "--quiet"]) == 0
    return root


@pytest.fixture
def tested(accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the accepted workspace; it is the current folder, and no CI runs."""
    root = tmp_path / "small"
    shutil.copytree(accepted, root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("CI", raising=False)
    return root
