from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.contagion_overrides import ContagionOverrides, apply_contagion
from eventlab.cli.main import run
from eventlab.contagion import run as run_module
from eventlab.definitions import load_workspace
from eventlab.report.store import read_run
from tests.cli.make_workspace import EVENT, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]
SECTION = """\
contagion:
  source: AAA
  targets: [BBB, MKT]
  calm_window: [-60, -6]
  crisis_window: [0, 9]
"""
INTRADAY = "  intraday: {{bar: {}, calm_window: [-70, -8]}}\n"
VERDICTS = {
    "contagion",
    "interdependence",
    "common volatility shock",
    "underpowered",
    "no change",
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    (root / "events" / "acme-earnings.yaml").write_text(EVENT + SECTION)
    monkeypatch.chdir(root)
    return root


def document(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_pair_has_a_verdict_or_a_reason(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "acme-earnings", "--json"]) == 0
    found = document(capsys)
    assert (found["schema"], found["event"], found["seed"]) == (
        "eventlab.contagion/1",
        "acme-earnings",
        7,
    )
    assert len(found["pairs"]) == 6  # three occurrences, two targets
    for pair in found["pairs"]:
        assert pair["verdict"] in VERDICTS or pair["note"]
        assert {test["test"] for test in pair["tests"]} >= {"fisher", "forbes_rigobon", "cv22"}


def test_the_table_names_source_targets_and_verdicts(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "acme-earnings"]) == 0
    out = capsys.readouterr().out
    assert "Acme <quarterly> earnings  (acme-earnings)" in out
    assert "AAA and each target at q3, in sessions" in out
    assert "BBB" in out
    assert "rate-day/2025-10-16" in out  # on day 0 of q3


def test_the_same_seed_gives_the_same_numbers(workspace: Path, capsys: Captured) -> None:
    texts = []
    for seed in ("3", "3", "4"):
        assert run(["contagion", "acme-earnings", "--seed", seed, "--json"]) == 0
        texts.append({k: v for k, v in document(capsys).items() if k not in {"command", "seed"}})
    assert texts[0] == texts[1]


def test_options_replace_what_the_file_says(workspace: Path, capsys: Captured) -> None:
    words = ["--target", "BBB", "--calm-window", "-50,-3", "--crisis-window", "0,7"]
    assert run(["contagion", "acme-earnings", "--occurrence", "q2", *words, "--json"]) == 0
    found = document(capsys)
    assert [(pair["occurrence"], pair["target"]) for pair in found["pairs"]] == [("q2", "BBB")]
    assert (found["pairs"][0]["n_calm"], found["pairs"][0]["n_crisis"]) == (48, 8)
    assert found["definition"]["calm_window"] == [-50, -3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--calm-window", "-60,2"], "--calm-window: [-60, 2] overlaps"),
        (["--calm-window", "a,b"], "--calm-window 'a,b': write two whole bars"),
        (["--occurrence", "q9"], "--occurrence 'q9' is not in acme-earnings"),
        (["--variant", "rho"], "--variant: 'rho' is not allowed; one of raw, nu"),
        (["--target", "AAA"], "--target: 'AAA' is the source itself"),
        (["--target", "bbb"], "--target: 'bbb' is not a symbol in capitals"),
        (["--source", "@stocks"], "--source: '@stocks' is a group; a shock begins in one symbol"),
        (["--source", "MKT", "--factor", "MKT"], "--factor: 'MKT' is the source itself"),
        (["--bar", "7min"], "--bar: '7min' is not allowed"),
        (["--crisis-window", "0,1"], "--crisis-window: [0, 1] has 2 bars"),
        (["--target", "@stokcs"], "'@stokcs' is no group of universes/; did you mean '@stocks'?"),
        (["--clock", "XNY"], "'XNY' is no calendar; did you mean XNYS?"),
        (["--draws", "2000000"], "--draws: 2000000 is out of bounds"),
    ],
)
def test_wrong_options_are_named(
    workspace: Path, capsys: Captured, words: list[str], said: str
) -> None:
    assert run(["contagion", "acme-earnings", *words]) == 2
    assert said in capsys.readouterr().err


def test_one_mistake_is_said_once(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "acme-earnings", "--target", "bbb"]) == 2
    assert "entries" not in capsys.readouterr().err


def test_a_target_may_become_the_source(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "acme-earnings", "--source", "BBB", "--json"]) == 0
    found = document(capsys)
    assert {(pair["source"], pair["target"]) for pair in found["pairs"]} == {("BBB", "MKT")}


@pytest.mark.parametrize(
    ("section", "options", "windows"),
    [
        # Seven hours of a session: 20 sessions that end one before, and three from the event on.
        ("", {"bar": "60min"}, ((-147, -8), (0, 20))),
        ("", {"bar": "60min", "crisis_window": (0, 6)}, ((-147, -8), (0, 6))),
        (
            "  intraday: {bar: 60min, calm_window: [-70, -8]}\n",
            {"bar": "60min"},
            ((-70, -8), (0, 20)),
        ),
        (
            "  intraday: {bar: 5min, calm_window: [-70, -8]}\n",
            {"bar": "60min"},
            ((-147, -8), (0, 20)),
        ),
        ("", {"bar": "60min", "clock": "24/7"}, ((-504, -25), (0, 71))),
        ("", {"bar": "session"}, ((-60, -6), (0, 9))),
    ],
)
def test_bars_of_another_width_have_windows_of_their_own(
    workspace: Path, section: str, options: dict[str, Any], windows: object
) -> None:
    (workspace / "events" / "acme-earnings.yaml").write_text(EVENT + SECTION + section)
    event = load_workspace(workspace).event("acme-earnings")
    changed = apply_contagion(event, ContagionOverrides(**options)).contagion
    assert changed is not None
    assert (changed.calm_window, changed.crisis_window) == windows


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--source", "ZZZ"], "no prices of the source ZZZ"),
        (["--target", "ZZZ"], "ZZZ has no prices in"),
        (["--calm-window", "-900,-6"], "needs 900 sessions before"),
        (["--crisis-window", "0,900"], "needs 900 sessions after"),
    ],
)
def test_no_pair_at_all_is_missing_data(
    workspace: Path, capsys: Captured, words: list[str], said: str
) -> None:
    assert run(["contagion", "acme-earnings", *words]) == 3
    shown = capsys.readouterr()
    assert "acme-earnings: contagion: no pair has prices in both windows" in shown.err
    assert said in shown.err
    assert shown.out == ""


def test_a_faulty_file_of_groups_is_shown(workspace: Path, capsys: Captured) -> None:
    (workspace / "universes" / "chips.yaml").write_text("universe: chips\nsymbols: [AAA]\n")
    assert run(["contagion", "acme-earnings", "--target", "@chips"]) == 2
    said = capsys.readouterr().err
    assert "universes/chips.yaml" in said
    assert "'@chips' is no group" in said
    assert run(["contagion", "acme-earnigns"]) == 2
    assert "did you mean 'acme-earnings'?" in capsys.readouterr().err


def test_a_file_is_no_folder_of_pages(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "run_contagion", interrupted)  # refused before anything is done
    assert run(["contagion", "acme-earnings", "--out", "eventlab.toml"]) == 2
    assert "--out eventlab.toml is a file; name a folder" in capsys.readouterr().err
    assert run(["contagion", "acme-earnings", "--out", "eventlab.toml/pages"]) == 2
    assert "eventlab.toml/pages cannot be written: Not a directory" in capsys.readouterr().err


def test_an_interruption_leaves_nothing_behind(
    workspace: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "run_contagion", interrupted)
    before = sorted(workspace.rglob("*"))
    assert run(["contagion", "acme-earnings", "--out", "out"]) == 130
    assert "nothing was left half written" in capsys.readouterr().err
    assert sorted(workspace.rglob("*")) == before


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_prices_that_stand_still_or_end_have_reasons(workspace: Path, capsys: Captured) -> None:
    path = workspace / "prices" / "daily.csv"
    lines = path.read_text().splitlines()
    days = [line.split(",") for line in lines if ",BBB," in line]
    lines += [f"{day},STILL,50" for day, _, _ in days]
    lines += [f"{day},ENDS,{close}" for day, _, close in days if day <= "2025-10-17"]
    lines += [f"{day},TWIN,{2 * float(close):.4f}" for day, _, close in days]
    path.write_text("\n".join(lines) + "\n")
    targets = [word for name in ("STILL", "ENDS", "TWIN", "BBB") for word in ("--target", name)]
    words = ["--source", "MKT", "--occurrence", "q3", *targets, "--json"]
    assert run(["contagion", "acme-earnings", *words]) == 0
    found = document(capsys)
    notes = {pair["target"]: (pair["verdict"], pair["note"]) for pair in found["pairs"]}
    assert notes["STILL"][0] == ""
    assert notes["STILL"][1].startswith("a series is constant in calm window [-60,-6]")
    assert notes["ENDS"][0] == ""
    assert "complete rows in crisis window [0,9]; at least 5" in notes["ENDS"][1]
    assert notes["BBB"][0] in VERDICTS
    assert notes["TWIN"][0] in VERDICTS


def test_json_is_one_document_without_nan(workspace: Path, capsys: Captured) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    for names in (["acme-earnings"], ["acme-earnings", "events/acme-earnings.yaml"]):
        assert run(["contagion", *names, "--json"]) == 0
        json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_an_event_without_a_section_says_what_to_add(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "rate-day"]) == 2
    assert "rate-day: no `contagion` section; add one" in capsys.readouterr().err


def test_an_event_without_a_section_does_not_stop_the_others(
    workspace: Path, capsys: Captured
) -> None:
    assert run(["contagion", "rate-day", "acme-earnings", "--target", "BBB", "--json"]) == 2
    shown = capsys.readouterr()
    assert "rate-day: no `contagion` section; add one" in shown.err
    assert [each["event"] for each in json.loads(shown.out)] == ["acme-earnings"]


def test_a_folder_of_pages(workspace: Path, capsys: Captured) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    assert run(["contagion", "acme-earnings", "--out", "out", "-q"]) == 0
    stored = read_run(workspace / "out")
    assert [each.event.event for each in stored.contagions] == ["acme-earnings"]
    assert (workspace / "out/events/acme-earnings-contagion.html").is_file()
    assert json.loads((workspace / "out/contagion/acme-earnings.json").read_text("utf-8"))


def test_run_measures_it_too_and_report_shows_it_again(workspace: Path, capsys: Captured) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    assert run(["run", "-q", "--out", "out"]) == 0
    page = (workspace / "out/events/acme-earnings-contagion.html").read_text("utf-8")
    assert "did it travel?" in page
    assert run(["report", "out", "--out", "again"]) == 0
    again = (workspace / "again/events/acme-earnings-contagion.html").read_text("utf-8")
    assert again == page


def test_unknown_prices_are_a_reason_not_a_number(workspace: Path, capsys: Captured) -> None:
    text = EVENT + SECTION.replace("[BBB, MKT]", "[BBB, ZZZ]")
    (workspace / "events" / "acme-earnings.yaml").write_text(text)
    (workspace / "universes" / "more.yaml").write_text(
        "universe: more\ntitle: More\nsymbols:\n  ZZZ: {title: Nobody has it}\n"
    )
    assert run(["contagion", "acme-earnings", "--json"]) == 0
    found = document(capsys)
    assert {pair["target"] for pair in found["pairs"] if pair["verdict"]} == {"BBB"}
    assert any(row["symbol"] == "ZZZ" and row["reason"] for row in found["exclusions"])
