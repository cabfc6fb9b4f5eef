"""One workspace under test with accepted baselines, and a copy of it for each test."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
from eventlab.market.series_prints import series_named, series_print
from eventlab.regression import measure
from eventlab.regression.content import content_of, symbols_of
from tests.regression.make_tested import make_tested

if TYPE_CHECKING:
    from pathlib import Path

COMPUTED: dict[str, Any] = {}


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


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the same from the same prices and definitions once, for tests of what follows."""
    compute = measure._parts

    def parts(subject: Any, workspace: Any, market: Any, seed: int) -> Any:
        series = series_named(market, symbols_of(subject, workspace))
        prints = {name: series_print(each) for name, each in series.items()}
        rests_on = (subject.name, seed, content_of(subject, workspace), prints)
        key = json.dumps(rests_on, sort_keys=True)
        if key not in COMPUTED:
            COMPUTED[key] = compute(subject, workspace, market, seed)
        return COMPUTED[key]

    monkeypatch.setattr(measure, "_parts", parts)
