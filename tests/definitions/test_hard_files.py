"""Files that are hard to read: too large, too deep, in another encoding, no files at all."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventlab.definitions import check_workspace
from tests.definitions.conftest import ORACLE
from tests.fuzz_workspace import CALENDARS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.definitions.conftest import Problems, Write

MEMORY = 1_500_000_000  # bytes of address space, of which the program's libraries take half
SECONDS = 10.0  # of processor time for any one file; the machine may be slow
HEAD = "event: x\ntitle: t\nkind: other\ndefaults: {zone: UTC, precision: date}\noccurrences:\n"
ONE = "  - {id: a, announced_at: '2025-12-10'}\n"
STRATEGY = """\
strategy: x
title: t
events: [oracle-earnings]
book: {BTC: 1.0}
hedge: {instruments: [QQQ]}
when: {enter: -1, exit: 2}
"""
CLAIM = "{{id: c{0}, statement: s, measure: {1}, symbols: [BTC, QQQ], window: 63 bars, as_of: {2}}}"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.truncate(size)


def occurrences(count: int) -> str:
    """That many days, each another one."""
    return "".join(
        f"  - {{id: n{at}, announced_at: '{1960 + at % 60}-{1 + at // 60 % 12:02}-"
        f"{1 + at // 720 % 28:02}'}}\n"
        for at in range(count)
    )


def test_hostile_files_in_little_memory(root: Path) -> None:
    """All of them at once, through the command, in a process that may not have much memory."""
    hostile = {
        "bomb": (BOMB, "6:20: holds more than 250,000 values once its aliases are written out"),
        "deep": ("[" * 10_000, "1:33: is nested deeper than 32 levels"),
        "deeper": ("a: {" * 10_000, "1:"),
        "keys": ("".join(f"k{at}: 1\n" for at in range(300_000)), "250000:10: holds more than"),
        "null": ("event: \x00", "1:8: the character U+0000 is not allowed in YAML"),
        "comment": ("#" * 15_000_000, "1:1: the file is empty"),
    }
    for name, (text, _) in hostile.items():
        (root / f"events/{name}.yaml").write_text(text)
    sparse(root / "events/huge.yaml", 100_000_000)
    sparse(root / "events/endless.yaml", 2**40)
    done = subprocess.run(  # noqa: S603 - this program
        [sys.executable, "-m", "eventlab", "validate", "-C", str(root)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    said = done.stderr.replace(f"{root}/", "")
    assert done.returncode == 2, said
    assert "Traceback" not in said
    for name, (_, message) in hostile.items():
        assert f"events/{name}.yaml:{message}" in said
    for name in ("huge", "endless"):
        assert f"events/{name}.yaml:1:1: is larger than 16 MB; split it" in said
    assert "sound are 2 events, 1 strategy, 2 universes" in said


def test_ten_thousand_occurrences(root: Path, write: Write, problems: Problems) -> None:
    study = "study: {assets: [NVDA], benchmark: SPY}\n"
    write("events/x.yaml", HEAD + occurrences(10_000) + study)
    began = time.process_time()
    found, problems_found = check_workspace(root, (), CALENDARS)
    assert time.process_time() - began < SECONDS
    assert problems_found == ()
    assert len(found.events["x"].resolved_occurrences()) == 10_000


@pytest.mark.parametrize(
    ("name", "text", "first", "count"),
    [
        # Work that grows with the square of the file, where it is not bounded.
        ("events/x.yaml", HEAD + ONE * 10_000, "7:10: occurrences[1].id: 'a' is used", 501),
        (
            "events/x.yaml",
            HEAD + "".join(ONE.replace("a,", f"n{n}, zone: America/Z{n},") for n in range(3_000)),
            "6:20: occurrences[0].zone: 'America/Z0' is no time zone",
            501,
        ),
        (
            "events/x.yaml",
            HEAD
            + ONE
            + "claims:\n"
            + "".join(
                f"  - {CLAIM.format(n, 'correlation', '2025-01-02')[:-1]}, "
                f"published: '{'9' * 9_999}x'}}\n"
                for n in range(200)
            ),
            "8:",
            200,
        ),
        (
            "strategies/x.yaml",
            STRATEGY + f"sweep: {{when.exit: {list(range(2, 9_990)) * 4}}}\n",
            "7:8: sweep: has 39,952 values to try; at most 10,000 values",
            1,
        ),
        (  # 2 ** 15,000 has more digits than Python prints
            "strategies/x.yaml",
            STRATEGY.replace("BTC: 1.0", ", ".join(f"T{n}: 1.0" for n in range(400)))
            + "sweep: {"
            + ", ".join(f"book.T{n}: [1, 2]" for n in range(400))
            + "}\n",
            "7:8: sweep: is a grid of far more strategies than 1,000,000",
            401,
        ),
        (
            "eventlab.toml",
            f"a{'.a' * 200_000} = 1\n",
            "1:1: has a key of more than 32 parts; nothing here has more than two",
            1,
        ),
        (
            "eventlab.toml",
            "".join(f"k{n} = 1\n" for n in range(9_000)),
            "1:1: k0: is no known",
            501,
        ),
        (
            "eventlab.toml",
            "[calendars]\n" + "".join(f"T{n} = 'XNYS'\n" for n in range(9_000)),
            "2:1: calendars.T0: 'T0' is no symbol of universes/",
            501,
        ),
        ("eventlab.toml", "[" + " " * 900_000 + "x\n", "1:", 1),
        ("eventlab.toml", "a = " + "[" * 100_000, "1:1: is nested too deeply", 1),
        ("eventlab.toml", "#" * 1_000_001, "1:1: is larger than 1 MB; shorten it", 1),
    ],
)
def test_work_is_bounded(
    root: Path, write: Write, name: str, text: str, first: str, count: int
) -> None:
    (root / name).write_text(text)
    began = time.process_time()
    _, found = check_workspace(root, (), CALENDARS)
    assert time.process_time() - began < SECONDS
    own = [str(each).replace(f"{root}/", "") for each in found if each.path == root / name]
    assert len(own) == count
    assert own[0 if count != 401 else -1].startswith(f"{name}:{first}")


def test_questions_read_each_event_once(root: Path, write: Write) -> None:
    """Thousands of claims about thousands of occurrences."""
    write("events/x.yaml", HEAD + occurrences(3_000))
    claims = "".join(
        f"  - {CLAIM.format(n, 'correlation', '2025-01-02')[:-1]}, event: x, published: 0.5}}\n"
        for n in range(1_000)
    ).replace("as_of: 2025-01-02", "occurrence: n7")
    write("events/claims-x.yaml", "title: t\nclaims:\n" + claims)
    began = time.process_time()
    _, found = check_workspace(root, (), CALENDARS)
    assert time.process_time() - began < SECONDS
    assert found == ()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (ORACLE.encode("utf-16"), "1:1: is UTF-16; save it as UTF-8"),
        (ORACLE.encode("utf-16-le"), "1:2: the character U+0000 is not allowed in YAML"),
        (ORACLE.encode("utf-32"), "1:1: is UTF-16; save it as UTF-8"),
        (ORACLE.replace("Oracle", "Orakel é").encode("latin-1"), "2:15: is not UTF-8 (byte 0xe9)"),
        (b"event: \xed\xa0\x80", "1:8: is not UTF-8 (byte 0xed)"),
        (b'event: x\ntitle: "\\ud800"', "2:"),
        (b"event: x\ntitle: a\x1b[31m", "2:9: the character U+001B is not allowed in YAML"),
        (b'event: x\ntitle: "a\\e[31m"', "2:8: the character U+001B is not allowed in a text"),
        (b"\t" + ORACLE.encode(), "1:1: is not valid YAML"),
        (b"", "1:1: the file is empty"),
        (b"%YAML 9.9\n---\na: 1", "1:1: is not valid YAML"),
        (b"!!python/object/apply:os.system ['true']", "1:1: unknown tag"),
        (b"event: !!python/name:os.system ''", "1:8: unknown tag"),
        (b"a: &a [*a]", "1:8: *a stands inside what it repeats"),
        (b"event: x\nevent: y", "2:1: event: is written twice (first on line 1); keep one"),
        (ORACLE.encode() + b"---\n", "33:1: a second document starts here"),
    ],
)
def test_bytes_that_are_no_definition(
    root: Path, problems: Problems, raw: bytes, message: str
) -> None:
    (root / "events/x.yaml").write_bytes(raw)
    found = [each for each in problems() if each.startswith("events/x.yaml:")]
    assert found
    assert any(message in each for each in found), found


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + ORACLE.encode(), ORACLE.encode()])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_marks_and_ends_of_lines_do_not_matter(
    root: Path, problems: Problems, raw: bytes, end: bytes
) -> None:
    (root / "events/oracle-earnings.yaml").write_bytes(raw.replace(b"\n", end))
    assert problems() == []


@pytest.mark.parametrize("moment", ["0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("clock", "precision"), [("", "date"), ("", "session"), (" 00:00", "minute")]
)
def test_years_in_which_nothing_can_be_studied(
    edited: Callable[..., list[str]], moment: str, clock: str, precision: str
) -> None:
    part = ", session: after_close" if precision == "session" else ""
    new = f'"{moment}{clock}"\n    precision: {precision}{part.replace(", ", chr(10) + "    ")}'
    found = edited(
        "events/oracle-earnings.yaml",
        '"2025-12-10 16:05"\n    zone: America/New_York\n    precision: minute ',
        f"{new}\n    zone: America/New_York ",
    )
    assert len(found) == 1
    assert "lies outside of what can be studied; years 1900 to 2100 are allowed" in found[0]


@pytest.mark.parametrize(
    "name",
    [
        *("a/b", "..", "../../x", "/etc/passwd", ".hidden", "a..b", "con.", "-x", "x-", "a b", ""),
        *(
            "CON",
            "[bold]x[/bold]",
            "<script>",
            "x\\x1b[31m",
            "\\u202ex",
            "x" * 65,
            "é",
            "x\\n",
            "x/",
        ),
    ],
)
@pytest.mark.parametrize("key", ["event", "id", "strategy", "universe", "issuer", "symbol"])
def test_names_that_lead_elsewhere(
    root: Path, edited: Callable[..., list[str]], name: str, key: str
) -> None:
    """Ids become names of files and symbols stand in pages: they are letters, digits, joints."""
    file, old, new = {
        "event": ("events/nvidia-earnings.yaml", "event: nvidia-earnings", "event: {}"),
        "id": ("events/nvidia-earnings.yaml", "id: fy2026-q3", "id: {}"),
        "strategy": ("strategies/btc-ai-hedge.yaml", "strategy: btc-ai-hedge", "strategy: {}"),
        "universe": ("universes/tech.yaml", "universe: tech", "universe: {}"),
        "issuer": ("events/nvidia-earnings.yaml", "issuer: NVDA", "issuer: {}"),
        "symbol": ("universes/tech.yaml", "AMD: {}", "{}: {{}}"),
    }[key]
    if name == "CON" and key in {"issuer", "symbol"}:
        pytest.skip("a symbol like any other: no file is called by a symbol alone")
    found = edited(file, old, new.format(f'"{name}"'))
    own = [each for each in found if each.startswith(f"{file}:") and ": warning: " not in each]
    assert own, found
    assert all(each.isprintable() for each in own)


def test_a_symbol_called_as_a_device_writes_no_file_of_that_name(root: Path) -> None:
    """`CON` and `a..b` are symbols; what a run calls files by is the id of an event."""
    path = root / "universes/tech.yaml"
    path.write_text(path.read_text().replace("AMD: {}", "AMD: {}, CON: {}"))
    found, problems = check_workspace(root)
    assert problems == ()
    assert "CON" in found.symbols


def test_what_is_called_a_file_and_is_none(root: Path, problems: Problems) -> None:
    events = root / "events"
    os.mkfifo(events / "pipe.yaml")
    (events / "folder.yaml").mkdir()
    (events / "broken.yaml").symlink_to("nothing")
    (events / "one.yaml").symlink_to("two.yaml")
    (events / "two.yaml").symlink_to("one.yaml")
    (events / "device.yaml").symlink_to("/dev/zero")
    assert problems() == [
        "events/broken.yaml:1:1: is a symbolic link that leads to no file",
        "events/device.yaml:1:1: is no regular file",
        "events/one.yaml:1:1: is a symbolic link that leads to no file",
        "events/pipe.yaml:1:1: is no regular file",
        "events/two.yaml:1:1: is a symbolic link that leads to no file",
    ]


def test_a_folder_that_is_a_link_to_nowhere(root: Path, problems: Problems) -> None:
    for name in (root / "strategies").iterdir():
        name.unlink()
    (root / "strategies").rmdir()
    (root / "strategies").symlink_to("nowhere")
    assert problems() == [
        "strategies:1:1: is a symbolic link that leads nowhere where a folder is expected"
    ]


def test_folders_in_folders_without_end(root: Path, problems: Problems) -> None:
    folder = root / "events"
    for _ in range(40):
        folder /= "d"
    folder.mkdir(parents=True)
    found = problems()
    assert len(found) == 1
    assert found[0].endswith(":1:1: lies deeper than 32 folders; move it up")


def test_a_folder_that_may_be_listed_and_not_entered(
    root: Path, problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with mode r--: the names are there, and nothing else may be asked of them."""
    ask = Path.stat

    def refuse(self: Path, **options: bool) -> os.stat_result:
        if self.parent == root / "universes":
            raise PermissionError(13, "Permission denied", str(self))
        return ask(self, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    assert [each for each in problems() if each.startswith("universes")] == [
        "universes:1:1: cannot be read: Permission denied"
    ]


def test_a_universe_that_cannot_be_read_is_reported_and_nothing_that_refers_to_it(
    root: Path, problems: Problems
) -> None:
    (root / "universes/tech.yaml").write_text("universe: [")
    assert [each.partition(":")[0] for each in problems()] == ["universes/tech.yaml"]
    text = (root / "universes/ai_tokens.yaml").read_text()
    (root / "universes/ai_tokens.yaml").write_text(text.replace(": ai_tokens", ": AI tokens"))
    files = {each.partition(":")[0] for each in problems()}
    assert files == {"universes/tech.yaml", "universes/ai_tokens.yaml"}
