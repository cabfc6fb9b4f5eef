"""New workspaces and definitions: valid as they stand, and nothing is ever overwritten."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from eventlab.definitions import CalendarCheck, check_workspace, load_workspace
from eventlab.definitions.schema import schema_text
from eventlab.definitions.templates import make_workspace, new_definition
from eventlab.errors import UsageError
from eventlab.timeline import calendar_problems, check_calendar

if TYPE_CHECKING:
    from pathlib import Path

CALENDARS = CalendarCheck(code=check_calendar, occurrences=calendar_problems)
FILES = [
    ".gitignore",
    "eventlab.toml",
    "events/oracle-earnings.yaml",
    "schemas/claims.schema.json",
    "schemas/event.schema.json",
    "schemas/strategy.schema.json",
    "schemas/universe.schema.json",
    "schemas/workspace.schema.json",
    "strategies/btc-ai-hedge.yaml",
    "universes/crypto.yaml",
    "universes/stocks.yaml",
]


def files_below(folder: Path) -> dict[str, str]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


def test_a_new_workspace_validates_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "where"
    written = make_workspace(folder)
    assert sorted(path.as_posix() for path in written) == FILES
    assert sorted(files_below(folder)) == FILES
    assert files_below(folder)["schemas/event.schema.json"] == schema_text("event")
    workspace, problems = check_workspace(folder, (), CALENDARS)
    assert problems == ()
    assert workspace.settings.data == "sample"
    assert list(workspace.events) == ["oracle-earnings"]
    assert list(workspace.strategies) == ["btc-ai-hedge"]
    assert (folder.stat().st_mode & 0o777) == 0o755


def test_a_workspace_is_made_in_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    make_workspace(tmp_path)
    assert sorted(files_below(tmp_path)) == sorted([*FILES, "notes.txt"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        {name.split("/")[0] for name in [*FILES, "notes.txt"]}
    )
    assert load_workspace(tmp_path).events


def test_a_workspace_is_made_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_workspace(type(tmp_path)())
    assert sorted(files_below(tmp_path)) == FILES


@pytest.mark.parametrize("name", ["eventlab.toml", "events/oracle-earnings.yaml"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=f"has {name} already; nothing was written"):
        make_workspace(tmp_path)
    assert files_below(tmp_path) == {name: "mine"}


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(UsageError, match="cannot be written"):
            make_workspace(folder)
    assert files_below(tmp_path) == {"file": "mine"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        make_workspace(tmp_path / "new")


@pytest.mark.parametrize("name", ["my-event", "true", "2025", "null", "0x1f", "1e3", "no"])
def test_new_definitions_validate_as_they_stand(root: Path, name: str) -> None:
    event = new_definition("event", name, load_workspace(root))
    strategy = new_definition("strategy", name, load_workspace(root))
    claims = new_definition("claims", name, load_workspace(root))
    assert claims == root / f"events/claims-{name}.yaml"
    assert (event, strategy) == (root / f"events/{name}.yaml", root / f"strategies/{name}.yaml")
    workspace, problems = check_workspace(root, (), CALENDARS)
    assert problems == ()
    assert workspace.events[name].study is not None
    assert workspace.strategies[name].book
    assert workspace.claims[f"claims-{name}"].claims[0].measure == "return"
    assert sorted(path.name for path in (root / "events").iterdir()) == sorted(
        [f"claims-{name}.yaml", f"{name}.yaml", "nvidia-earnings.yaml", "oracle-earnings.yaml"]
    )


@pytest.mark.parametrize(
    "symbols", ["{}", "{ABC: {}}", "{'^GSPC': {}, ES=F: {}, BRK.B: {}}", "{TRUE1: {}, '700': {}}"]
)
def test_templates_use_the_symbols_there_are(tmp_path: Path, symbols: str) -> None:
    (tmp_path / "events").mkdir()
    if symbols != "{}":
        (tmp_path / "universes").mkdir()
        text = f"universe: mine\ntitle: Mine\ncalendar: 24/7\nsymbols: {symbols}\n"
        (tmp_path / "universes/mine.yaml").write_text(text)
    new_definition("event", "a", load_workspace(tmp_path))
    new_definition("strategy", "b", load_workspace(tmp_path))
    new_definition("claims", "c", load_workspace(tmp_path))
    workspace, problems = check_workspace(tmp_path, (), CALENDARS)
    assert problems == ()
    assert workspace.strategies["b"].events == ("a",)


def test_a_definition_that_is_there_stays(root: Path) -> None:
    workspace = load_workspace(root)
    before = files_below(root)
    with pytest.raises(UsageError, match=r"there is an event oracle-earnings already, in .*:1"):
        new_definition("event", "oracle-earnings", workspace)
    (root / "events/broken.yaml").write_text("[")
    with pytest.raises(UsageError, match=r"broken\.yaml exists already; nothing was written"):
        new_definition("event", "broken", workspace)
    assert files_below(root) == before | {"events/broken.yaml": "["}


def test_a_file_of_claims_that_is_there_stays(root: Path) -> None:
    new_definition("claims", "claims-press", load_workspace(root))
    with pytest.raises(UsageError, match=r"a file of claims claims-press already, in .*yaml:"):
        new_definition("claims", "press", load_workspace(root))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My Event", "'My Event' is not lower-case words joined by hyphens; did you mean "),
        ("../../etc", "did you mean 'etc'"),
        ("", "is not lower-case words joined by hyphens"),
        ("---", "is not lower-case words joined by hyphens"),
        ("a" * 65, "is not lower-case words"),
        ("a\nb", "did you mean 'a-b'"),
    ],
)
def test_a_name_that_is_none(root: Path, name: str, message: str) -> None:
    before = files_below(root)
    with pytest.raises(UsageError, match=message):
        new_definition("event", name, load_workspace(root))
    assert files_below(root) == before


def test_a_strategy_needs_an_event(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    with pytest.raises(UsageError, match="make one first"):
        new_definition("strategy", "a", load_workspace(tmp_path))
    assert files_below(tmp_path) == {}
