"""Baselines on disk: the same bytes everywhere, and every damage is told with a remedy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
from eventlab.definitions import load_workspace
from eventlab.errors import DataError
from eventlab.regression.baseline_file import baseline_text, read_baseline
from eventlab.regression.subjects import subjects_of

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parents[2]
BASELINE = "baselines/acme-hedge.json"
Captured = pytest.CaptureFixture[str]


def texts(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "baselines").rglob("*"))
        if path.is_file()
    }


def test_what_is_written_is_read_again(accepted: Path) -> None:
    for subject in subjects_of(load_workspace(accepted)):
        text = subject.baseline.read_text(encoding="utf-8")
        assert baseline_text(read_baseline(subject)) == text


def test_the_bytes_hang_on_no_process_path_zone_or_hash_seed(
    accepted: Path, tested: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere é").symlink_to(tested)
    for path in (tested / "baselines").rglob("*.json"):
        path.unlink()
    surroundings = os.environ | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "5", "LC_ALL": "C"}
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "eventlab", "check", "--update", "-q", "-C",
         str(tmp_path / "elsewhere é")],
        env=surroundings | {"PYTHONPATH": str(HERE)}, check=True, cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert texts(tested) == texts(accepted)
    assert len(texts(accepted)) == 3


def test_no_path_and_no_time_of_this_machine_is_in_it(accepted: Path) -> None:
    for text in texts(accepted).values():
        assert str(accepted).encode() not in text
        assert b"/tmp" not in text
        assert not re.search(rb"20[3-9]\d-", text)
        assert max(map(len, text.splitlines())) < 2000  # a fact per line


def edited(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def edit(text: bytes) -> bytes:
        document = json.loads(text)
        change(document)
        return json.dumps(document).encode()

    return edit


def total(document: Any) -> Any:
    return document["parts"][""]["metrics"]["hedged.all"]


def nested(depth: int) -> Any:
    found: Any = {}
    for _ in range(depth):
        found = {"x": found}
    return found


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: text[: len(text) // 2], "is damaged"),
        (lambda _: b"", "is damaged"),
        (lambda _: b"\xff\xfe\x00", "is damaged"),
        (lambda _: b"[]", "is damaged"),
        (lambda _: b"null", "is damaged"),
        (lambda _: b"[" * 100_000, "is damaged"),
        (lambda text: text.replace(b'"seed": 7', b'"seed": NaN'), "NaN is no JSON"),
        (lambda text: text.replace(b'"seed": 7', b'"seed": 7.5'), "7.5 is no int"),
        (lambda text: text.replace(b'"seed": 7', b'"seed": true'), "True is no int"),
        (lambda text: text.replace(b'"seed": 7,', b'"seed": 7, "seed": 8,'), "'seed' stands twice"),
        (lambda text: text.replace(b' "seed"', b'<<<<<<< ours\n "seed"'), "its marks in line 5"),
        (lambda text: text.replace(b"\n}", b"\r\n>>>>>>> theirs\r\n}"), "a merge of two branches"),
        (edited(lambda each: each.update(name="other")), "baseline of 'strategy' 'other'"),
        (edited(lambda each: each.update(kind="study")), "baseline of 'study' 'acme-hedge'"),
        (edited(lambda each: each.pop("parts")), "it lacks 'parts'"),
        (edited(lambda each: each.update(parts=[])), "is damaged"),
        (edited(lambda each: each.update(versions={"numpy": 2})), "2 is no str"),
        (edited(lambda each: each.update(definition=nested(51))), "nested deeper than 50"),
        (edited(lambda each: each["data"]["series"]["AAA daily"].update(last="soon")), "damaged"),
        (edited(lambda each: total(each).update(total_return=[1])), "is no single value"),
        (edited(lambda each: total(each).update(total_return=10**400)), "is no count"),
        (lambda text: re.sub(rb'"total_return":[-0-9.e]+', b'"total_return":1e999', text, count=1),
         "is not finite"),
        (edited(lambda each: each["parts"][""]["orders"]["rows"][0].pop()), "has 13 fields of 14"),
        (edited(lambda each: each["parts"][""]["orders"]["columns"].pop()), "other columns"),
        (edited(lambda each: each["parts"][""]["orders"]["rows"].pop()), "not have the sha256"),
    ],
)  # fmt: skip
def test_damage_is_no_difference_but_an_error_of_data(
    accepted: Path, tmp_path: Path, edit: Callable[[bytes], bytes], said: str
) -> None:
    text = (accepted / BASELINE).read_bytes()
    subject, place = subjects_of(load_workspace(accepted))[0], tmp_path / "acme-hedge.json"
    place.write_bytes(edit(text))
    assert place.read_bytes() != text
    from dataclasses import replace  # noqa: PLC0415 - another word for it above

    with pytest.raises(DataError) as caught:
        read_baseline(replace(subject, baseline=place))
    assert said in str(caught.value)
    assert str(place) in str(caught.value)
    assert "take it from version control again, or accept" in str(caught.value)


def test_a_newer_schema_is_no_damage(tested: Path) -> None:
    subject = subjects_of(load_workspace(tested))[0]
    text = (tested / BASELINE).read_bytes()
    (tested / BASELINE).write_bytes(text.replace(b"eventlab.baseline/1", b"eventlab.baseline/2"))
    with pytest.raises(DataError, match="is of another version of eventlab") as caught:
        read_baseline(subject)
    assert "eventlab.baseline/2" in str(caught.value)
    assert "damaged" not in str(caught.value)


def test_a_file_of_100_mb_is_not_read(tested: Path) -> None:
    with (tested / BASELINE).open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(DataError, match="larger than 64 MB"):
        read_baseline(subjects_of(load_workspace(tested))[0])


def test_what_is_no_file_is_not_waited_for(tested: Path) -> None:
    subject = subjects_of(load_workspace(tested))[0]
    (tested / BASELINE).unlink()
    os.mkfifo(tested / BASELINE)
    with pytest.raises(DataError, match="no file but a device"):
        read_baseline(subject)
    (tested / BASELINE).unlink()
    (tested / BASELINE).mkdir()
    with pytest.raises(DataError, match="no file but a folder"):
        read_baseline(subject)


def test_a_damaged_baseline_ends_in_code_3_and_the_command_printed_mends_it(
    tested: Path, accepted: Path, capsys: Captured
) -> None:
    text = (tested / BASELINE).read_text(encoding="utf-8")
    (tested / BASELINE).write_text(text[:1000], encoding="utf-8")
    assert run(["check", "acme-hedge"]) == 3
    shown = capsys.readouterr().out
    assert "acme-hedge.json is damaged" in shown
    assert "accept it: eventlab check acme-hedge --update" in shown
    assert run(["check", "acme-hedge", "--update"]) == 0
    assert texts(tested) == texts(accepted)


def test_a_link_is_read_and_replaced_by_a_file(tested: Path, tmp_path: Path) -> None:
    beside = tmp_path / "beside.json"
    beside.write_bytes((tested / BASELINE).read_bytes() + b" ")
    (tested / BASELINE).unlink()
    (tested / BASELINE).symlink_to(beside)
    assert run(["check", "acme-hedge"]) == 0
    assert run(["check", "acme-hedge", "--update"]) == 0
    assert not (tested / BASELINE).is_symlink()
    assert beside.read_bytes().endswith(b" ")
