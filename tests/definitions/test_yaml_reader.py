"""The YAML reader: YAML 1.2 values, places, and faults in place of tracebacks."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.definitions import yaml_reader
from eventlab.definitions.yaml_reader import Fault, compose, read_text, resolve

if TYPE_CHECKING:
    from pathlib import Path

LOADERS = [yaml.Loader, *([yaml.CLoader] if hasattr(yaml, "CLoader") else [])]


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test on the C parser and on the one in Python."""
    monkeypatch.setattr(yaml_reader, "_LOADER", request.param)


def plain(text: str) -> object:
    root, faults = compose(text)
    assert faults == ()
    assert root is not None
    return root.plain()


def faults_of(text: str) -> list[str]:
    return [f"{each.line}:{each.column}: {each.message}" for each in compose(text)[1]]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("16:00", "16:00"),
        ("1:30:00", "1:30:00"),
        ("2025-12-11", "2025-12-11"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("+12", 12),
        ("-5", -5),
        ("1.0e-9", 1.0e-9),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        (".", "."),
        ("-", "-"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        (".nan", math.nan),
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("<<", "<<"),
        ("=", "="),
        ("24/7", "24/7"),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalar_is_as_yaml_1_2_says(written: str, value: object) -> None:
    assert repr(resolve(written)) == repr(value)


def test_quotes_and_tags_decide_the_type() -> None:
    text = "{a: '5', b: \"true\", c: !!str 5, d: !!float 5, e: ! 5, f: !!int 5, g: |\n  5\n}"
    assert plain(text.replace(", g: |\n  5\n", "")) == {
        "a": "5",
        "b": "true",
        "c": "5",
        "d": 5.0,
        "e": "5",
        "f": 5,
    }
    assert plain("g: |\n  5\n") == {"g": "5\n"}


def test_every_key_and_value_has_its_place() -> None:
    root, _ = compose(
        "# note\nstudy:\n  windows: [[0, 1],\n    [2, 3]]\n  clock: XNYS\nlast:\n- a\n"
    )
    assert root is not None
    assert root.place(()) == (2, 1)
    assert root.place(("study",)) == (2, 1)
    assert root.place(("study", "windows")) == (3, 12)
    assert root.place(("study", "windows", 1)) == (4, 5)
    assert root.place(("study", "windows", 1, 1)) == (4, 9)
    assert root.place(("study", "clock")) == (5, 10)
    assert root.place(("study", "missing", "deeper")) == (2, 1)
    assert root.place(("last", 0)) == (7, 3)


def test_columns_count_characters_and_a_byte_order_mark_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffä: ö\nb: {ü: 1}\n".encode())
    text, fault = read_text(path)
    root, _ = compose(text)
    assert fault is None
    assert root is not None
    assert root.place(("ä",)) == (1, 4)
    assert root.place(("b", "ü")) == (2, 8)


def test_duplicate_keys_are_all_listed_and_the_first_counts() -> None:
    root, faults = compose("a: 1\nb:\n  - {c: 1, c: 2}\na: 3\n")
    assert root is not None
    assert root.plain() == {"a": 1, "b": [{"c": 1}]}
    assert faults == (
        Fault(3, 12, "is written twice (first on line 3); keep one", ("b", 0, "c")),
        Fault(4, 1, "is written twice (first on line 1); keep one", ("a",)),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: the file is empty"),
        ("# only a comment\n", "1:1: the file is empty"),
        ("5: a\n", "1:1: the key 5 is an integer; a key is a string: put it in quotes"),
        ("true: a\n", "1:1: the key true is a boolean; a key is a string: put it in quotes"),
        ("? [a]\n: b\n", "1:3: a key is a string, not a list"),
        ("a: !!python/object:os.system x\n", "1:4: unknown tag "),
        ("a: !mine {b: 1}\n", "1:4: unknown tag '!mine'; remove it"),
        ("a: !!int x\n", "1:4: 'x' is no int (tag !!int)"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document starts here; one file holds one definition"),
        ("a: *b\n", "1:4: nothing is anchored as &b"),
        ("a: &a [*a]\n", "1:8: *a stands inside what it repeats"),
        ("a: \x00\n", "1:4: the character U+0000 is not allowed in YAML"),
        ("a: 1\nb: \x07\n", "2:4: the character U+0007 is not allowed in YAML"),
        ("a:\n\tb: 1\n", "2:1: is not valid YAML: "),
        ("a: [1, 2\n", "2:1: is not valid YAML: "),
        ("a: b: c\n", "1:5: is not valid YAML: "),
        ("[" * 40, "1:33: is nested deeper than 32 levels"),
        ("a: " + "1" * 500 + "\n", "1:4: a number of so many digits is not allowed"),
    ],
)
def test_fault_names_place_and_reason(text: str, fault: str) -> None:
    found = faults_of(text)
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("a:\n\tb: 1\n", "2:1: ", "; indent with spaces, not tabs"),
        ("a:\n  b: [1,\n  @x]\n", "3:3: ", "; put a value that begins with @ in quotes"),
        (
            "a: b: c\n",
            "1:5: ",
            "; put a value that holds ': ' in quotes, and check the indentation",
        ),
        ("a: {b: 1\n\n", "3:1: ", " (it begins on line 1)"),
    ],
)
def test_a_common_mistake_has_its_remedy(text: str, place: str, remedy: str) -> None:
    (found,) = faults_of(text)
    assert found.startswith(place)
    assert found.endswith(remedy)


def test_aliases_repeat_what_they_name_but_do_not_explode() -> None:
    assert plain("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        repeats = ", ".join([f"*a{level - 1}"] * 10)
        bomb += f"a{level}: &a{level} [{repeats}]\n"
    assert faults_of(bomb) == [
        "6:20: holds more than 250,000 values once its aliases are written out"
    ]


def test_aliases_do_not_nest_without_end() -> None:
    text = "a0: &a0 [x]\n"
    text += "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 40))
    assert faults_of(text) == ["31:12: *a29 nests too deeply"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\xff\xfea\x00", "is UTF-16; save it as UTF-8"),
        (b"a: 1\nb: \xe4\n", "is not UTF-8 (byte 0xe4); save it as UTF-8"),
        (b"a" * (yaml_reader.MAX_BYTES + 1), "is larger than 16 MB; split it"),
    ],
)
def test_unreadable_bytes_are_named(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    text, fault = read_text(path)
    assert text == ""
    assert fault is not None
    assert fault.message == message
    assert (fault.line, fault.column) == ((2, 4) if b"\xe4" in raw else (1, 1))


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    loop, gone = tmp_path / "loop.yaml", tmp_path / "gone.yaml"
    loop.symlink_to(loop)
    gone.symlink_to(tmp_path / "nowhere")
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    said = {
        path.name: fault.message
        for path in (tmp_path, loop, gone, pipe, tmp_path / "none.yaml", tmp_path / "a\0b")
        if (fault := read_text(path)[1]) is not None
    }
    assert said == {
        tmp_path.name: "is a folder, not a file",
        "loop.yaml": "is a symbolic link that leads to no file",
        "gone.yaml": "is a symbolic link that leads to no file",
        "pipe.yaml": "is no regular file",
        "none.yaml": "does not exist",
        "a\0b": "does not exist",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1", encoding="utf-8")
    path.chmod(0)
    fault = read_text(path)[1]
    assert fault is not None
    assert fault.message == "cannot be read: Permission denied"


# Bytes that mean something to YAML are far likelier to break a reader than random ones.
FRAGMENTS = st.sampled_from(
    [
        "a",
        ": ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "!!int ",
        "!t ",
        "|",
        ">",
        '"',
        "'",
        "\\",
        "#",
        "%YAML 1.2\n",
        "---\n",
        "...\n",
        "? ",
        "\t",
        "<<",
        "0x",
        ".nan",
        "é",
        "\x85",
        "\u2028",
        "\x00",
        "\ufeff",
        "1",
        "-",
        "\r",
        "😀",
        "@",
        "`",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_text_gives_nodes_or_faults(text: str) -> None:
    root, faults = compose(text)
    assert root is not None or faults
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + 2
    for each in faults:
        assert 1 <= each.line <= lines
        assert each.column >= 1
    if root is not None:
        root.plain()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_nodes_or_faults(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(raw)
    text, fault = read_text(path)
    if fault is None:
        root, faults = compose(text)
        assert root is not None or faults


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20))
def test_a_plain_scalar_never_raises(text: str) -> None:
    assert isinstance(resolve(text), str | int | float | bool | None)


def test_the_depth_of_python_does_not_matter() -> None:
    limit = sys.getrecursionlimit()
    assert faults_of("- " * limit + "a") == [f"1:{2 * 32 + 1}: is nested deeper than 32 levels"]


@pytest.mark.parametrize("text", ["---\n# nothing but a comment", "a:\n  b: !!str", "- # end"])
def test_what_is_not_there_at_the_end_has_a_line_of_the_file(text: str) -> None:
    root, faults = compose(text)
    assert root is not None
    assert root.line <= len(text.splitlines())
    assert all(each.line <= len(text.splitlines()) for each in faults)
