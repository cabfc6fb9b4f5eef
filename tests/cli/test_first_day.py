"""What `eventlab init` writes works as it stands: the first commands of everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("cache_home")
def test_a_new_workspace_runs_and_comes_under_test(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    assert run(["init", "lab"]) == 0
    monkeypatch.chdir(tmp_path / "lab")
    capsys.readouterr()
    assert run(["run", "-q", "--out", "reports"]) == 0
    assert capsys.readouterr().err == ""
    assert sorted(path.stem for path in tmp_path.glob("lab/reports/*/*.html")) == [
        "btc-ai-hedge",
        "oracle-earnings",
    ]
    strategy = tmp_path / "lab" / "strategies" / "btc-ai-hedge.yaml"
    strategy.write_text(strategy.read_text("utf-8") + "baseline: {}\n", "utf-8")
    assert run(["check", "--update", "-q"]) == 0
    assert run(["check", "-q"]) == 0
