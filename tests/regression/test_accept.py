"""`check --update`, missing and orphaned baselines, exit codes and what is printed."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventlab.cli.main import run
from eventlab.regression import measure
from eventlab.regression.accept import refuse_in_ci
from eventlab.report.versions import dependency_versions
from tests.regression.make_tested import OTHER, SETTINGS, changed, replace, state, write

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.usefixtures("remembered")
Captured = pytest.CaptureFixture[str]
EVENT, STRATEGY = "events/acme-earnings.yaml", "strategies/acme-hedge.yaml"
HEDGE, STUDY = "baselines/acme-hedge.json", "baselines/study/acme-earnings.json"
CLAIMS = "baselines/claims/acme-earnings.json"
QUICK = ("acme-hedge",)


def accepted_by(shown: str) -> list[list[str]]:
    """Return the commands that the output names, as words, each once."""
    lines = [line.strip() for line in shown.splitlines() if "accept it: " in line]
    return [shlex.split(line.removeprefix("accept it: ")) for line in dict.fromkeys(lines)]


def test_update_shows_what_moved_and_writes_what_changed_alone(
    tested: Path, capsys: Captured
) -> None:
    before = state(tested)
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    assert run(["check"]) == 1
    assert changed(before, tested) == set()
    capsys.readouterr()
    assert run(["check", "--update"]) == 0
    shown = capsys.readouterr()
    assert "strategy.costs.fee_bps: 5.0 -> 6.0" in shown.out
    assert "metrics moved" in shown.out
    assert "orders: " in shown.out
    assert shown.err.splitlines() == ["written: baselines/acme-hedge.json"]
    assert changed(before, tested) == {HEDGE}
    assert run(["check"]) == 0


@pytest.mark.parametrize(
    "options", [(), ("--seed", "9"), ("--data", "other prices/daily.csv")], ids=["", "seed", "data"]
)
def test_the_command_that_is_printed_accepts(
    tested: Path, capsys: Captured, options: Sequence[str]
) -> None:
    (tested / "prices").rename(tested / "other prices")
    write(tested, "eventlab.toml", SETTINGS.replace('"prices"', '"other prices"'))
    replace(tested, STRATEGY, "exit: 5", "exit: 6")
    assert run(["check", *QUICK, *options]) == 1
    (words,) = accepted_by(capsys.readouterr().out)
    assert words == ["eventlab", "check", "acme-hedge", "--update", *options]
    assert run(words[1:]) == 0
    assert run(["check", *QUICK, *options]) == 0


def test_the_command_names_the_workspace_and_each_section(
    tested: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tested / "baselines").rglob("*.json"):
        path.unlink()
    monkeypatch.chdir(tmp_path)
    assert run(["check", "-C", "small"]) == 1
    said = [words[1:] for words in accepted_by(capsys.readouterr().out)]
    assert said == [
        ["check", name, "--update", "-C", "small"]
        for name in ("acme-hedge", "acme-earnings:study", "acme-earnings:claims")
    ]
    written = []
    for words in said:
        assert run(words) == 0
        written.append(set(state(tested)))
    assert written == [{HEDGE}, {HEDGE, STUDY}, {HEDGE, STUDY, CLAIMS}]


def test_the_command_stands_on_one_line_and_leads_there_from_a_shell(
    tested: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("it's $HOME & " + "a long way " * 14)
    folder.mkdir()
    tested.rename(folder / "small")
    monkeypatch.chdir(tmp_path)
    where = ["-C", str(folder / "small"), "--data", str(folder / "small/prices")]
    replace(folder / "small", STRATEGY, "fee_bps: 5", "fee_bps: 6")
    assert run(["check", *QUICK, *where]) == 1
    (words,) = accepted_by(capsys.readouterr().out)
    assert words == ["eventlab", "check", "acme-hedge", "--update", *where]


def test_a_strategy_with_the_name_of_an_event_is_accepted_alone(
    tested: Path, capsys: Captured
) -> None:
    text = (tested / STRATEGY).read_text().replace("acme-hedge", "acme-earnings")
    write(tested, "strategies/acme-earnings.yaml", text)
    assert run(["check", "acme-earnings"]) == 1
    (words,) = accepted_by(capsys.readouterr().out)
    assert words[2] == "acme-earnings:strategy"
    before = state(tested)
    assert run(words[1:]) == 0
    assert changed(before, tested) == {"baselines/acme-earnings.json"}


def test_nothing_is_accepted_where_ci_runs(
    tested: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(tested)
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    for value in ("true", "1", "TRUE", "yes", "github"):
        monkeypatch.setenv("CI", value)
        assert run(["check", "--update"]) == 2
        assert "--force" in capsys.readouterr().err
    assert changed(before, tested) == set()
    assert run(["check", "--update", "--force", *QUICK]) == 0
    assert changed(before, tested) == {HEDGE}
    replace(tested, STRATEGY, "fee_bps: 6", "fee_bps: 5")
    monkeypatch.setenv("CI", "false")
    assert run(["check", "--update", *QUICK]) == 0
    assert {name: text for name, (text, _) in state(tested).items()} == {
        name: text for name, (text, _) in before.items()
    }


@pytest.mark.parametrize("value", ["", "0", "False", "No", "off", " false "])
def test_where_ci_says_no_it_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    refuse_in_ci(forced=False)


def test_a_process_that_dies_leaves_the_old_file(
    tested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(tested)
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")

    class DeadError(BaseException):
        pass

    def die(*_: object) -> None:
        raise DeadError

    with monkeypatch.context() as patch:
        for name in ("replace", "rename"):
            patch.setattr(os, name, die)
            patch.setattr(Path, name, die)
        with pytest.raises(DeadError):
            run(["check", "--update", *QUICK])
    assert changed(before, tested) == set()
    assert run(["check", "--update", *QUICK]) == 0
    assert changed(before, tested) == {HEDGE}


def test_a_folder_that_cannot_be_written_is_named(tested: Path, capsys: Captured) -> None:
    (tested / HEDGE).unlink()
    (tested / HEDGE).mkdir()
    (tested / HEDGE / "inside").write_text("")
    assert run(["check", "--update", *QUICK]) == 2
    assert "acme-hedge.json cannot be written" in capsys.readouterr().err


def test_missing_files_and_parts_fail(tested: Path, capsys: Captured) -> None:
    (tested / STUDY).unlink()
    write(tested, "events/other.yaml", OTHER)
    replace(tested, STRATEGY, "[acme-earnings]", "[acme-earnings, other]")
    assert run(["check"]) == 1
    shown = capsys.readouterr().out
    assert lines_of(shown, "no baseline") == ["acme-hedge[other]", "acme-earnings[study]"]
    assert "the baseline has no such part" in shown
    assert "there is no baseline yet" in shown


def lines_of(shown: str, verdict: str) -> list[str]:
    found = (line for line in shown.splitlines() if line.startswith(f"{verdict:<20} "))
    return [line[21:].split()[0] for line in found]


def test_an_event_that_the_strategy_names_no_more_fails_its_first_item(
    tested: Path, capsys: Captured
) -> None:
    write(tested, "events/other.yaml", OTHER)
    text = (tested / STRATEGY).read_text()
    write(tested, STRATEGY, text.replace("[acme-earnings]", "[acme-earnings, other]"))
    assert run(["check", "--update", *QUICK]) == 0
    write(tested, STRATEGY, text)
    capsys.readouterr()
    assert run(["check", *QUICK]) == 1
    shown = capsys.readouterr().out
    assert "the baseline has other, which is not under test any more" in shown
    assert "strategy.events: [acme-earnings, other] -> [acme-earnings]" in shown


@pytest.mark.parametrize("how", ["deleted", "untested", "renamed"])
def test_orphans_fail_and_update_removes_them(tested: Path, capsys: Captured, how: str) -> None:
    text = (tested / STRATEGY).read_text()
    if how == "untested":
        write(tested, STRATEGY, text.replace("baseline: {}\n", ""))
    else:
        (tested / STRATEGY).unlink()
    if how == "renamed":
        write(tested, "strategies/acme.yaml", text.replace("acme-hedge", "acme"))
    assert run(["check"]) == 1
    shown = capsys.readouterr().out
    assert lines_of(shown, "orphaned baseline") == ["acme-hedge"]
    assert "baselines/acme-hedge.json is the baseline of nothing" in shown
    assert lines_of(shown, "no baseline") == (
        ["acme", "acme[acme-earnings]"] if how == "renamed" else []
    )
    assert run(["check", "--update", "acme-hedge"]) == 0
    assert not (tested / HEDGE).exists()
    assert run(["check"]) == (1 if how == "renamed" else 0)


def test_a_baseline_of_a_section_that_is_not_tested_any_more_is_an_orphan(
    tested: Path, capsys: Captured
) -> None:
    replace(tested, EVENT, "baseline: {}", "baseline: {of: [claims]}")
    assert run(["check"]) == 1
    assert lines_of(capsys.readouterr().out, "orphaned baseline") == ["acme-earnings[study]"]


def test_what_cannot_be_computed_keeps_its_baseline_and_gives_its_code(
    tested: Path, capsys: Captured
) -> None:
    before = state(tested)
    text = (tested / "prices/daily.csv").read_text().splitlines()
    (tested / "prices/daily.csv").write_text(
        "\n".join(line for line in text if ",AAA," not in line) + "\n"
    )
    for update in ((), ("--update",)):
        assert run(["check", "acme-hedge", *update]) == 3
        shown = capsys.readouterr().out
        assert lines_of(shown, "could not be checked") == [
            "acme-hedge",
            "acme-hedge[acme-earnings]",
        ]
        assert "AAA has no prices" in shown
    assert changed(before, tested) == set()


def test_a_tolerance_of_no_metric_is_an_error_that_update_does_not_mend(
    tested: Path, capsys: Captured
) -> None:
    replace(tested, STRATEGY, "baseline: {}", "baseline: {metrics: {hedgd.all.sharpe: {rtol: 1}}}")
    assert run(["check", *QUICK]) == 2
    shown = capsys.readouterr().out
    assert "'hedgd.all.sharpe' fits no metric" in shown
    assert "hedged.all.sharpe" in shown
    assert "the logic" not in shown
    assert accepted_by(shown) == []
    assert run(["check", *QUICK, "--update"]) == 2


@pytest.mark.parametrize("pattern", ["orders.sharez", "orders.kind", "*.sharez"])
def test_a_tolerance_of_no_metric_is_an_error_from_the_first_baseline_on(
    tested: Path, capsys: Captured, pattern: str
) -> None:
    (tested / HEDGE).unlink()
    replace(
        tested, STRATEGY, "baseline: {}", f"baseline: {{metrics: {{'{pattern}': {{rtol: 1}}}}}}"
    )
    for update in ((), ("--update",)):
        assert run(["check", *QUICK, *update]) == 2
        assert capsys.readouterr().out.count(f"{pattern!r} fits no metric") == 1
    assert run(["check", *QUICK]) == 2
    replace(tested, STRATEGY, f"'{pattern}'", "'*.shares'")
    assert run(["check", *QUICK]) == 0


def test_a_tolerance_of_one_metric_lets_it_move(tested: Path, capsys: Captured) -> None:
    replace(tested, STRATEGY, "baseline: {}", 'baseline: {metrics: {"*": {rtol: 1, atol: 1.0e+9}}}')
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    assert run(["check", *QUICK, "--verbose"]) == 0
    shown = capsys.readouterr().out
    assert "the definition moved: strategy.costs.fee_bps: 5.0 -> 6.0" in shown


def test_versions_are_told_on_request(
    tested: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = dependency_versions() | {"numpy": "99.1"}
    monkeypatch.setattr(measure, "dependency_versions", lambda: moved)
    assert run(["check", *QUICK]) == 0
    assert "99.1" not in capsys.readouterr().out
    assert run(["check", *QUICK, "-v"]) == 0
    assert "-> 99.1" in capsys.readouterr().out


def test_json_holds_every_metric_and_change(tested: Path, capsys: Captured) -> None:
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    assert run(["check", *QUICK, "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out, parse_constant=pytest.fail)
    assert (found["schema"], found["seed"], found["passed"]) == ("eventlab.check/1", 7, False)
    assert found["data"]["simulated"] is False
    whole, event = found["items"]
    assert whole["item"] == "strategies/acme-hedge.yaml::acme-hedge"
    assert event["item"] == "strategies/acme-hedge.yaml::acme-hedge[acme-earnings]"
    assert whole["accept"] == "eventlab check acme-hedge --update"
    for item in (whole, event):
        assert (item["status"], item["exit_code"]) == ("moved", 1)
        assert item["causes"] == {
            "restated": [], "added": [], "versions": [], "seed": [],
            "definition": ["strategy.costs.fee_bps: 5.0 -> 6.0"],
        }  # fmt: skip
        for change in item["changes"]:
            assert item["metrics"][change["metric"]] == change["now"] != change["baseline"]
    assert {len(item["orders"]["diff"]) > 0 for item in (whole, event)} == {True}


def test_options_that_do_not_go_together(tested: Path, capsys: Captured) -> None:
    assert run(["check", "--json", "--markdown"]) == 2
    assert run(["check", "--force"]) == 2
    for name in ("nobody", "/elsewhere/strategies/acme-hedge.yaml"):
        assert run(["check", name]) == 2
        assert "nothing under regression test is called" in capsys.readouterr().err
    assert tested.is_dir()


def test_quiet_says_nothing_on_stderr(tested: Path, capsys: Captured) -> None:
    replace(tested, STRATEGY, "fee_bps: 5", "fee_bps: 6")
    for words in ((), ("--update",)):
        run(["check", "strategies/acme-hedge.yaml", "--quiet", *words])
        assert capsys.readouterr().err == ""
