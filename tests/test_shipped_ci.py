"""The workflows, hooks and the audit that ship: they are read, and what they call exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eventlab import __version__
from eventlab.cli.main import COMMANDS, run
from eventlab.definitions.templates import make_workspace
from eventlab.definitions.yaml_reader import compose

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".github/workflows/ci.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def read(path: Path) -> Any:
    root, faults = compose(path.read_text(encoding="utf-8"))
    assert root is not None
    assert faults == ()
    return root.plain()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ci") / "ws"
    make_workspace(root)
    assert run(["init", str(root), "--github", "-q"]) == 0
    return root


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def called(line: str) -> list[list[str]]:
    """The eventlab commands of a line for a shell, without redirections."""
    found = []
    for part in re.split(r"\|\||&&|;|\n", line):
        words = shlex.split(part.partition(">>")[0])
        if words[:1] == ["eventlab"]:
            found.append(words[1:])
    return found


def options_of(command: str) -> set[str]:
    done = subprocess.run(  # noqa: S603 - our own interpreter and command
        [sys.executable, "-m", "eventlab", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"(?<!\S)(--[a-z-]+|-[A-Za-z])(?=[\s,])", done.stdout))


def test_the_workflow_for_users_calls_what_exists(workspace: Path) -> None:
    workflow = read(workspace / ".github/workflows/eventlab.yml")
    asked = [words for step in steps(workflow) for words in called(step.get("run", ""))]
    assert [words[0] for words in asked] == ["validate", "check"]
    for command, *words in asked:
        assert command in COMMANDS
        assert set(words) <= options_of(command)
    lines = [step.get("run", "") for step in steps(workflow)]
    assert 'eventlab check --markdown >> "$GITHUB_STEP_SUMMARY"' in lines
    assert f"=={__version__}" in workflow["env"]["EVENTLAB"]
    assert workflow["env"]["NUMBA_CACHE_DIR"].endswith("/.numba")
    kept = next(step for step in steps(workflow) if "cache@" in step.get("uses", ""))["with"]
    assert kept["path"] == ".numba"
    assert "," not in kept["key"]  # refused by the cache
    # Kernels are compiled anew where any package is another; the list is written before.
    [listed] = re.findall(r"hashFiles\('([a-z.]+)'\)", kept["key"])
    runs = [step.get("run", step.get("uses", "")) for step in steps(workflow)]
    writes = next(at for at, done in enumerate(runs) if f"pip freeze > {listed}" in done)
    assert writes < next(at for at, done in enumerate(runs) if "cache@" in done)
    assert "VERSION" not in re.sub(r"#.*", "", str(workflow))


def test_the_workflow_of_this_repository_calls_what_make_has() -> None:
    made = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    workflow = read(OURS)
    asked = [step["run"].split()[:2] for step in steps(workflow) if "run" in step]
    assert {word for word, _ in asked} == {"make"}
    assert {target for _, target in asked} == {"env", "lint", "types", "test", "audit"}
    assert {target for _, target in asked} <= set(made)
    named = (ROOT / "pyproject.toml").read_text("utf-8")
    versions = re.findall(r"Python :: (3\.\d+)", named)
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == versions


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_a_workflow_has_few_rights_and_no_secret(whose: str, workspace: Path) -> None:
    path = OURS if whose == "ours" else workspace / ".github/workflows/eventlab.yml"
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow["on"]) == {"push", "pull_request"}
    assert not re.search(r"secrets\.|github\.token|GITHUB_TOKEN", path.read_text("utf-8"))
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60
    for step in steps(workflow):
        # What a stranger chose (a branch, a title) must not become part of a command.
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
        if "checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_hooks_run_a_command_on_the_files_of_a_workspace(workspace: Path) -> None:
    own = read(workspace / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    shipped = read(HOOKS)
    assert [hook["id"] for hook in shipped] == ["eventlab-validate", "eventlab-validate-system"]
    assert [hook["language"] for hook in shipped] == ["python", "system"]
    for hook in (*own, *shipped):
        program, *words = hook["entry"].split()
        assert program == "eventlab"
        assert words == ["validate"]
        assert hook["pass_filenames"] is False
        for name in ("events/a.yaml", "strategies/b.yaml", "universes/c.yaml", "eventlab.toml"):
            assert re.search(hook["files"], name)
        assert not re.search(hook["files"], "notebooks/a.yaml")
    assert re.search(shipped[0]["files"], "research/events/a.yaml")


def test_a_workspace_that_exists_gets_only_these(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "events").mkdir()
    assert run(["init", str(tmp_path), "--github"]) == 0
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.y*ml"))
    assert found == [".github/workflows/eventlab.yml", ".pre-commit-config.yaml"]
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert run(["init", str(tmp_path), "--github"]) == 2
    assert "already; nothing was written" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "new"), "--github", "-q"]) == 0
    assert (tmp_path / "new/eventlab.toml").exists()
    assert (tmp_path / "new/.pre-commit-config.yaml").exists()


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = spec_from_file_location("audit", ROOT / ".ci/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def looked_up(*known: str) -> dict[str, Any]:
    vulns = [{"id": name, "fix_versions": ["2.0"]} for name in known]
    return {"name": "one", "version": "1.0", "vulns": vulns}


SKIPPED = {"name": "two", "skip_reason": "two is not known to the service"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([looked_up()], 0, "nothing is known against any of 1 packages"),
        ([looked_up("CVE-1")], 1, "one 1.0: CVE-1 (mended in 2.0)"),
        ([looked_up("CVE-1"), SKIPPED], 1, "one 1.0: CVE-1 (mended in 2.0)"),
        ([looked_up(), SKIPPED], 2, "could not run: 1 of 2 packages could not be looked up"),
        ([], 2, "could not run: 0 of 0 packages"),
    ],
)
def test_what_nobody_looked_up_is_not_clean(
    packages: list[dict[str, Any]], code: int, said: str, audit: ModuleType
) -> None:
    found, lines = audit.judged({"dependencies": packages})
    assert found == code
    assert lines[0].startswith(said)


def test_an_audit_without_tools_says_so(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert audit.main() == 2
    assert capsys.readouterr().out.startswith("audit: could not run: neither uv nor pipx")
    # In .ci/run it is advice: the workflow has a job of its own that fails.
    text = (ROOT / ".ci/run").read_text("utf-8")
    assert re.search(r"^timeout \d+ .* \.ci/audit\.py \|\| echo ", text, flags=re.MULTILINE)
