"""A place has the old folder or the new one, whole; only what dead writers left is removed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from eventlab.errors import UsageError
from eventlab.report import whole
from eventlab.report.whole import filled, put_in_place, settle, steady, write_whole

if TYPE_CHECKING:
    from pathlib import Path

# Each is killed at the moment that it says.
WRITER = """
import os, signal, sys
from pathlib import Path
from eventlab.report import whole

place, moment = Path(sys.argv[1]), sys.argv[2]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if moment == "claiming":
    whole._own = die
rename = Path.rename
def renamed(source, target):
    if moment == "before both renames" or (moment == "between them" and source.name == "new"):
        die()
    rename(source, target)
    if moment == "after both":
        source.name == "new" and die()
Path.rename = renamed
with whole.filled(place) as new:
    (new / "a").write_text("new")
    if moment == "filling":
        die()
    (new / "b").write_text("new")
    whole.put_in_place(new, place)
"""
MOMENTS = {
    "claiming": "old",
    "filling": "old",
    "before both renames": "old",
    "between them": "new",
    "after both": "new",
}


def write(place: Path, text: str) -> None:
    with filled(place) as new:
        for name in ("a", "b"):
            (new / name).write_text(text)
        put_in_place(new, place)


def read(place: Path) -> tuple[str, str]:
    return (place / "a").read_text(), (place / "b").read_text()


def killed(place: Path, moment: str) -> None:
    done = subprocess.run([sys.executable, "-c", WRITER, place, moment], check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("moment", "content"), MOMENTS.items())
def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new(
    tmp_path: Path, moment: str, content: str
) -> None:
    place = tmp_path / "run"
    write(place, "old")
    killed(place, moment)
    assert steady(place, read) == (content, content)
    settle(place)
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_the_next_writer_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    place = tmp_path / "run"
    for moment in MOMENTS:
        killed(place, moment)
    with filled(place) as new:
        assert [each for each in tmp_path.iterdir() if each != place] == [new.parent]
    for moment in MOMENTS:
        killed(place, moment)
    write(place, "next")
    assert [each.name for each in tmp_path.iterdir()] == ["run"]
    assert read(place) == ("next", "next")


def test_a_living_writer_and_another_place_are_left_alone(tmp_path: Path) -> None:
    with filled(tmp_path / "run") as new, filled(tmp_path / "run.new-b") as other:
        (tmp_path / ".run.new-mine").mkdir()
        write(tmp_path / "run", "a second writer")
        assert new.is_dir()
        assert other.is_dir()
    assert sorted(each.name for each in tmp_path.iterdir()) == [".run.new-mine", "run"]


def test_a_writer_interrupted_between_the_renames_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "run"
    write(place, "old")
    rename = type(place).rename
    raised: list[KeyboardInterrupt] = []

    def interrupted(source: Path, target: Path) -> Path:
        if source.name == "new" and not raised:
            raised.append(KeyboardInterrupt())
            raise raised[0]
        return rename(source, target)

    monkeypatch.setattr(type(place), "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(place, "new")
    assert read(place) == ("new", "new")
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_where_the_new_cannot_be_put_the_old_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "run"
    write(place, "old")
    rename = type(place).rename

    def refused(source: Path, target: Path) -> Path:
        if source.name == "new":
            raise PermissionError(13, "no")
        return rename(source, target)

    monkeypatch.setattr(type(place), "rename", refused)
    with pytest.raises(PermissionError):
        write(place, "new")
    assert read(place) == ("old", "old")
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_a_reader_sees_one_run_whole_while_others_replace_it(tmp_path: Path) -> None:
    place = tmp_path / "run"
    write(place, "0")

    seen_enough = threading.Event()

    def replace(name: str) -> None:
        for number in itertools.count():
            if seen_enough.is_set():
                return
            write(place, f"{name}{number}")

    writers = [threading.Thread(target=replace, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    found: set[tuple[str, str]] = set()
    try:
        while len(found) <= 20:
            found.add(steady(place, read))
    finally:
        seen_enough.set()
        for writer in writers:
            writer.join()
    assert all(a == b for a, b in found)
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_what_a_reader_raises_of_a_folder_at_rest_is_raised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        steady(tmp_path / "run", read)
    write(tmp_path / "run", "old")
    with pytest.raises(UsageError, match="of another version"):
        steady(tmp_path / "run", lambda _: (_ for _ in ()).throw(UsageError("of another version")))


def test_without_locks_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(tmp_path / "run", "filling")
    monkeypatch.setattr(whole, "fcntl", None)
    write(tmp_path / "run", "next")
    assert read(tmp_path / "run") == ("next", "next")
    assert len(list(tmp_path.iterdir())) == 2


FILE = """
import os, signal, sys
from pathlib import Path
from eventlab.report.whole import write_whole

Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), "new")
"""


def test_a_file_is_the_old_or_the_new_and_nothing_stays_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep" / "file.json"
    write_whole(path, "old")
    done = subprocess.run([sys.executable, "-c", FILE, path], check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert len(list(path.parent.iterdir())) == 2
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(OSError, match="full"):
            write_whole(path, "never")
    write_whole(path, "new")
    assert path.read_text() == "new"
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]
