"""A workspace, prices and a stored run by strangers, through the commands: nothing acts or escapes.

What a browser makes of such pages is tested in ``tests/browser``.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import unicodedata
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from eventlab.cli import main
from eventlab.cli.main import run
from eventlab.definitions import base
from eventlab.report.csv_files import RISKY
from eventlab.report.sums import SUMS_FILE, write_sums
from eventlab.report.terminal import faint, print_shown, safe_console
from tests.cli.make_workspace import EVENT, make_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKUP = '</script><script>alert(1)</script><img src=x onerror=\\"alert(2)\\">\' {{7*7}} ${7*7}'
RICH = "[bold]loud[/bold] [link=http://example.com]here[/link] [/]"
LOG = "::error::no ##vso[task.complete]no ##[error]no"
UNSEEN_TEXT = "a\\u200bb\\u200dc\\ufeffd\\u00ade\\U000E0041"
FORMULA = "=HYPERLINK(1)+cmd|' /C calc'!A0"
CLAIMS = f"""\
title: "{MARKUP}"
source: "javascript:alert(3)"
claims:
  - id: went-together
    statement: "@SUM(1) {MARKUP} {RICH}"
    source: "javascript:alert(4) <a href=//example.com>"
    measure: correlation
    symbols: [AAA, BBB]
    window: 60 bars
    as_of: 2025-10-15
    published: 0.5
"""
CONTROLS = ("\x1b[31m", "\x1b]8;;http://e\x07", "\x1b]52;c;a\x07", "\x9b2J", "\r", "\x7f", "\x00")


def acts(text: str) -> list[str]:
    """Whatever in a text a terminal would act on or hide, or a runner of CI take for a command."""
    unseen = [
        ascii(sign)
        for sign in set(text) - {"\n", "\t"}
        if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
    return unseen + re.findall(r"^\s*::.*|##(?:vso)?\[", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("hostile") / "ws")
    event = EVENT.replace("title: Acme <quarterly> earnings", f'title: "{LOG} {MARKUP} {RICH}"')
    first = "tags: [beat]}"
    facts = f'tags: [beat], title: "{FORMULA} {UNSEEN_TEXT}", facts: {{"=1+1": "{FORMULA}"}}}}'
    (root / "events/acme-earnings.yaml").write_text(event.replace(first, facts, 1))
    (root / "events/claims-said.yaml").write_text(CLAIMS)
    return root


@pytest.fixture(scope="module")
def stored(workspace: Path) -> Path:
    assert run(["run", "-C", str(workspace), "-q"]) == 0
    return workspace / "reports"


class Markup(HTMLParser):
    """What a page is made of: elements with attributes, and the texts of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and data.strip():
            self.scripts.append(data)


def test_no_title_becomes_markup_in_a_page(stored: Path) -> None:
    pages = sorted(stored.rglob("*.html"))
    assert len(pages) == 3
    for path in pages:
        text = path.read_text("utf-8")
        page = Markup(text)
        assert "alert(1)" in text  # the titles are there
        for tag, attributes in page.elements:
            assert tag not in {"img", "iframe", "object", "embed", "form", "base", "svg"}, path.name
            assert not [name for name in attributes if name.startswith("on")], path.name
            for name in ("href", "src"):
                link = attributes.get(name, "data:,")
                assert re.match(r"data:,|#|(\.\./)*[\w./-]+(#[\w.:-]+)?$", link), (path.name, link)
                if link != "data:,":
                    place = (path.parent / link.partition("#")[0]).resolve()
                    assert place.is_relative_to(stored.resolve()), (path.name, link)
        # Data for scripts is JSON, and ends where its element does.
        held = [script for script in page.scripts if script.lstrip().startswith("{")]
        assert all(json.loads(script) is not None for script in held)
        assert not [script for script in page.scripts if "alert(1)</script" in script]


def test_no_text_becomes_a_formula(stored: Path) -> None:
    cells = 0
    for path in stored.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                texts = [cell for cell in row if not re.fullmatch(r"-?[\d.e-]+|-?inf|nan", cell)]
                assert not [cell for cell in texts if re.match(RISKY, cell) and cell[0] != "'"]
                cells += len(row)
    assert cells > 1000
    books = list(stored.rglob("*.xlsx"))
    assert len(books) == 2
    for path in books:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                text = book.read(name).decode("utf-8")
                assert "<f>" not in text
                assert "externalLink" not in name
                if name.endswith("workbook.xml"):
                    assert not re.search(r'sheet name="[^"]*[\[\]:*?/\\]', text)


def test_ids_and_titles_name_no_other_place(stored: Path) -> None:
    for path in stored.rglob("*"):
        assert re.fullmatch(r"[\w.-]+", path.name), path
        assert not path.is_symlink()
    assert {path.name for path in stored.parent.iterdir()} == {
        *("eventlab.toml", "events", "prices", "reports", "universes"),
    }


@pytest.mark.parametrize(
    "command",
    [
        ["study", "acme-earnings", "--verbose"],
        ["study", "acme-earnings", "--json"],
        ["claims"],
        ["claims", "--json"],
        ["validate", "--json"],
    ],
    ids=" ".join,
)
def test_nothing_printed_acts_on_a_terminal_or_a_log(
    command: list[str], workspace: Path, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stored.is_dir()
    assert run([*command, "-C", str(workspace)]) == 0
    out, err = capsys.readouterr()
    assert out
    if "--json" in command:
        assert not acts(out)
        document = json.loads(out)
        assert document
    else:
        assert not acts(out)
    assert not acts(err)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_tables_have_colours_and_no_escapes_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    for control in CONTROLS:
        print_shown(faint(f"x{control}y {RICH}"), stream)
    safe_console(stream).print(RICH)
    own, plain = stream.getvalue(), re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert own != plain
    assert not acts(plain)
    assert "[bold]loud[/bold]" in plain
    assert r"\x1b[31m" in plain


@pytest.mark.parametrize("control", [*CONTROLS, "\u202e", "\u2066", "\u2028"], ids=ascii)
def test_a_definition_has_no_controls(
    control: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_workspace(tmp_path / "ws")
    escaped = json.dumps(f"a{control}b")
    text = EVENT.replace("Acme <quarterly> earnings", escaped)
    text = text.replace("tags: [beat]}", f"tags: [beat], facts: {{note: {escaped}}}}}", 1)
    (root / "events/acme-earnings.yaml").write_text(text)
    (root / "eventlab.toml").write_text(f"title = {escaped.replace('x7f', 'u007f')}\n")
    assert run(["validate", "-C", str(root)]) == 2
    said = capsys.readouterr().err.splitlines()
    name = f"the character U+{ord(control[0]):04X} is not allowed in a text"
    assert any(re.search(r"acme-earnings\.yaml:2:8: ", line) and name in line for line in said)
    assert any(re.search(r"acme-earnings\.yaml:7:\d+: the", line) for line in said)
    assert any("eventlab.toml:1:1: title: " in line and name in line for line in said) or (
        control == "\x7f"  # which TOML refuses by itself
    )
    assert len(said) == 4


def test_names_of_files_do_not_act(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_workspace(tmp_path / "ws")
    name = f"x{''.join(CONTROLS[:-1])}\n::error::{RICH}".replace("/", "")
    (root / f"events/{name}.yaml").write_text("event: [")
    (root / "prices" / f"{name}.csv").write_text(
        f'date,symbol,close\n2025-01-02,AAA,"1{name}"\n2025-01-02,"{name}",5\n'
    )
    (root / "loose" / name).mkdir(parents=True)
    shutil.copy(root / "prices/daily.csv", root / "loose" / name / f"{name}.csv")
    for command, code in (
        (["validate"], 2),
        (["validate", str(root / f"events/{name}.yaml")], 2),
        (["study", "acme-earnings"], 3),
        (["study", name], 2),
        ([f"--{name}"], 2),
        (["data", "show", str(root / "loose")], 0),
        (["data", "verify", str(root / "prices")], 3),
        (["doctor"], 0),
    ):
        words = command if command[0] in {"data", f"--{name}"} else [*command, "-C", str(root)]
        assert run(words) == code, command
        out, err = capsys.readouterr()
        assert not acts(out + err), command


def test_a_bug_is_told_without_acting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("".join(CONTROLS) + "\n::error::x")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(main, "_invoke", broken)
    assert run(["run", "\x1b[31m"]) == 4
    said = capsys.readouterr().err
    (log,) = (tmp_path / "eventlab").iterdir()
    assert len(said.splitlines()) == 1
    for text in (said, log.read_text("utf-8")):
        assert not acts(text)
        assert r"\x1b[31m" in text


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_bytes_that_are_no_text_in_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["validate", "--json", "-C", str(tmp_path / "ws\udcff")]
    monkeypatch.setattr("sys.argv", ["eventlab", *words])
    assert run(words) == 2
    shown = capfd.readouterr()
    assert (shown.out, r"\udcff" in shown.err) == ("", True)


@pytest.mark.parametrize(
    "tag",
    [
        '!!python/object/apply:os.system ["touch made"]',
        "!!python/object/apply:pathlib.Path.touch [made]",
        "!!python/object:os.PathLike {}",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "!!binary aGk=",
        "!eval 1+1",
    ],
)
def test_no_tag_of_yaml_makes_an_object(
    tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_workspace(tmp_path / "ws")
    monkeypatch.chdir(root)
    before = sorted(root.rglob("*"))
    (root / "events/rate-day.yaml").write_text(f"event: rate-day\ntitle: {tag}\nkind: other\n")
    assert run(["validate"]) == 2
    assert re.search(r"rate-day\.yaml:2:8: unknown tag", capsys.readouterr().err)
    assert sorted(root.rglob("*")) == before


NAMES = {
    name: TypeAdapter(getattr(base, name))
    for name in ("Identifier", "OccurrenceId", "UniverseId", "SymbolName", "AssetName", "Tag")
}
PARTS = st.sampled_from([*"./\\\0~-_@^ \n0aA", "..", "C:", "con", "%2f"])


@given(st.sampled_from(sorted(NAMES)), st.lists(PARTS, min_size=1, max_size=6).map("".join))
def test_a_name_is_one_part_of_a_path(kind: str, name: str) -> None:
    try:
        NAMES[kind].validate_python(name)
    except ValidationError:
        return
    root = Path("folder").absolute()
    for path in (root / name, root / f"{name}.html"):
        assert Path(os.path.normpath(path)).parent == root
    assert not name.startswith((".", "~", "-")) or kind not in {"Identifier", "OccurrenceId"}
    assert name == name.strip()


@pytest.mark.parametrize(
    "name", ["../x", "..", "/etc/x", "a/b", "a\\b", "C:x", "a\0b", ".hidden", "a\n", "-x", ""]
)
def test_ids_that_are_paths(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_workspace(tmp_path / "ws")
    before = sorted(tmp_path.rglob("*"))
    text = EVENT.replace("event: acme-earnings", f"event: {json.dumps(name)}")
    (root / "events/acme-earnings.yaml").write_text(text)
    assert run(["validate", "-C", str(root)]) == 2
    assert run(["new", "event", "-C", str(root), "--", name]) == 2
    assert run(["run", "-q", "-C", str(root)]) == 2
    shutil.rmtree(root / "reports")
    assert sorted(tmp_path.rglob("*")) == before
    capsys.readouterr()


def places(root: Path) -> Iterator[tuple[str, Path]]:
    """Folders that hold what is no run."""
    yield "the root of the disk", Path("/")
    yield "the workspace", root
    yield "its events", root / "events"
    (root / "link").symlink_to(root / "universes")
    yield "a link to a folder with files", root / "link"
    (root / "elsewhere").mkdir()
    (root / "reports").symlink_to(root.parent / "made-by-a-link")
    yield "a file", root / "eventlab.toml"


def test_out_replaces_nothing_but_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_workspace(tmp_path / "ws")
    for what, place in places(root):
        before = sorted(root.rglob("*"))
        for command in (["run"], ["study", "acme-earnings"]):
            assert run([*command, "-q", "-C", str(root), "--out", str(place)]) == 2, what
        assert sorted(root.rglob("*")) == before, what
    # Left out, it is reports/, which whoever wrote the workspace may have made a link.
    assert run(["run", "-q", "-C", str(root)]) == 2
    assert "is a link out of the workspace" in capsys.readouterr().err
    assert not (root.parent / "made-by-a-link").exists()


def test_a_stored_run_of_a_stranger(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = tmp_path / "evil"
    shutil.copytree(stored, evil)
    document = json.loads((evil / "run.json").read_text("utf-8"))
    document["title"] = "".join(CONTROLS) + RICH
    document["command"] = "eventlab 'run"  # which no shell would read
    (evil / "run.json").write_text(json.dumps(document))
    (evil / "study/acme-earnings/stolen").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("secret")
    names = [line.split("  ")[1] for line in (evil / SUMS_FILE).read_text().splitlines()]
    write_sums(evil, names)
    assert run(["compare", str(stored), str(evil), "--verbose"]) == 0
    assert run(["report", str(evil), "--out", str(tmp_path / "new")]) == 0
    out, err = capsys.readouterr()
    assert not acts(out + err)
    assert not list((tmp_path / "new").rglob("stolen"))


def test_a_stored_run_reads_no_file_outside_of_it(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = tmp_path / "evil"
    shutil.copytree(stored, evil)
    shutil.copytree(stored / "study/acme-earnings", tmp_path / "outside")
    document = json.loads((evil / "run.json").read_text("utf-8"))
    document["events"][0]["event"] = "../../outside"
    (evil / "run.json").write_text(json.dumps(document))
    names = [line.split("  ")[1] for line in (evil / SUMS_FILE).read_text().splitlines()]
    write_sums(
        evil,
        [
            *names,
            *(
                f"study/../../{path.relative_to(tmp_path)}"
                for path in (tmp_path / "outside").iterdir()
            ),
        ],
    )
    assert run(["report", str(evil), "--out", str(tmp_path / "new")]) == 3
    assert "no file of the run" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
