from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
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
    assert "AAA to each target at q3, in sessions" in out
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
        (["--calm-window", "-60,2"], "contagion.calm_window: [-60, 2] overlaps"),
        (["--calm-window", "a,b"], "--calm-window 'a,b': write two whole bars"),
        (["--occurrence", "q9"], "--occurrence 'q9' is not in acme-earnings"),
        (["--variant", "rho"], "variant"),
        (["--target", "AAA"], "'AAA' is the source itself"),
    ],
)
def test_wrong_options_are_named(
    workspace: Path, capsys: Captured, words: list[str], said: str
) -> None:
    assert run(["contagion", "acme-earnings", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_event_without_a_section_says_what_to_add(workspace: Path, capsys: Captured) -> None:
    assert run(["contagion", "rate-day"]) == 2
    assert "rate-day: no `contagion` section; add one" in capsys.readouterr().err


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
