from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.cli.make_workspace import STRATEGY, add_strategy, make_workspace

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]
FEW = ("--draws", "20")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    add_strategy(root)
    monkeypatch.chdir(root)
    return root


def document(capsys: Captured) -> Any:
    return json.loads(capsys.readouterr().out)


def test_every_event_is_in_the_document_and_money_adds_up(
    workspace: Path, capsys: Captured
) -> None:
    assert run(["backtest", "acme-hedge", *FEW, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out)
    assert (found["schema"], found["strategy"], found["seed"]) == (
        "eventlab.backtest/1",
        "acme-hedge",
        7,
    )
    assert found["definition"]["hedge"]["ratio"]["lookback"] == 60
    assert [row["occurrence"] for row in found["events"]] == ["q1", "q2", "q3"]
    for row in found["events"]:
        costs = sum(row[name] for name in ("fees", "slippage", "borrow", "funding"))
        own = row["unhedged"] + row["hedge"] - costs + row["interest"]
        assert row["hedged"] == pytest.approx(own, rel=1e-9, abs=1e-9)
    assert {row["status"] for row in found["orders"]} == {"filled"}
    assert found["metrics"]["hedged.all.sharpe"] == next(
        row["value"]
        for row in found["metric_table"]
        if (row["run"], row["scope"], row["metric"]) == ("hedged", "all", "sharpe")
    )


def test_the_answer_stands_first_and_events_before_what_they_add_up_to(
    workspace: Path, capsys: Captured
) -> None:
    assert run(["backtest", "acme-hedge", *FEW]) == 0
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if line]
    assert lines[0] == "Acme hedged <with> the market  (acme-hedge)"
    assert lines[1].startswith(("The hedge ", "Whether the hedge "))
    order = [
        "Event by event",
        "Against doing nothing",
        "Share of the risk taken away",
        "on random dates",
        "Where the money went",
    ]
    places = [shown.out.index(title) for title in order]
    assert places == sorted(places)
    assert "Every order" not in shown.out
    assert "--verbose" in shown.out
    assert "daily.csv: daily prices" in shown.err


def test_verbose_shows_every_order_trade_and_payment(workspace: Path, capsys: Captured) -> None:
    short = ["--set", "hedge.ratio.method=fixed", "--set", "hedge.ratio.value=1"]
    assert run(["backtest", "acme-hedge", *short, *FEW, "-v", "--quiet"]) == 0
    shown = capsys.readouterr()
    for title in (
        "What each leg made",
        "Ratio used against",
        "Every order",
        "Falls from a peak",
        "Metrics",
        "Round trips",
        "Paid and received for holding, by month",
    ):
        assert title in shown.out, title
    assert "--verbose" not in shown.out
    assert shown.err == ""


def test_the_same_seed_gives_the_same_document(workspace: Path, capsys: Captured) -> None:
    found = []
    for seed in ("3", "3", "4"):
        assert run(["backtest", "acme-hedge", "--draws", "50", "--seed", seed, "--json"]) == 0
        found.append(document(capsys))
    for each in found:
        del each["command"], each["seed"]
    assert found[0] == found[1]
    assert found[0]["placebo"] != found[2]["placebo"]
    assert found[0]["orders"] == found[2]["orders"]


def test_values_of_the_file_are_exchanged_for_one_call(workspace: Path, capsys: Captured) -> None:
    words = ["--set", "hedge.ratio.lookback=30", "--set", "when.exit=3", "--set", "capital=1e3"]
    assert run(["backtest", "acme-hedge", *words, *FEW, "--json"]) == 0
    changed = document(capsys)
    assert changed["definition"]["hedge"]["ratio"]["lookback"] == 30
    assert changed["definition"]["when"]["exit"] == 3
    assert {row["bars"] for row in changed["events"]} == {5}
    assert {row["n"] for row in changed["ratios"]} == {30}
    own = STRATEGY.replace("lookback: 60", "lookback: 30").replace("exit: 5", "exit: 3")
    add_strategy(workspace, "other", own + "capital: 1000\n")
    assert run(["backtest", "other", *FEW, "--json"]) == 0
    written = document(capsys)
    for name in ("events", "orders", "metrics", "placebo", "identity"):
        assert changed[name] == written[name], name
    assert (workspace / "strategies" / "acme-hedge.yaml").read_text() == STRATEGY


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--since", "2025-06-01"], ["q2", "q3"]),
        (["--since", "2025-06-01", "--until", "2025-09-01"], ["q2"]),
        (["--event", "rate-day"], ["2025-10-16"]),
        (["--event", "acme-earnings", "--set", "tags=[miss]"], ["q2"]),
    ],
)
def test_fewer_events(
    workspace: Path, capsys: Captured, words: list[str], names: list[str]
) -> None:
    assert run(["backtest", "acme-hedge", *words, *FEW, "--json"]) == 0
    assert [row["occurrence"] for row in document(capsys)["events"]] == names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--set", "hedge.ratio.lookbak=60"],
            "--set 'hedge.ratio.lookbak' is no path of acme-hedge; did you mean 'hedge.ratio.lo",
        ),
        (
            ["--set", "lookback=60"],
            "acme-hedge; did you mean hedge.ratio.lookback or hedge.put.lookback?",
        ),
        (
            ["--set", "when.exit"],
            "error: --set 'when.exit': write PATH=VALUE, as in hedge.ratio.lookback=60; null for",
        ),
        (
            ["--set", "hedge.ratio.lookback=5", "--set", "when.fill=noon"],
            "--set hedge.ratio.lookback: 5 is out of bounds; at least 10; --set when.fill: 'noon'",
        ),
        (["--set", "when.exit=-5"], "error: when.enter: -2 is not before exit -5"),
        (
            ["--set", "when.exit=5", "--set", "when.exit=3"],
            "error: --set when.exit is given twice",
        ),
        (
            ["--set", "events=[rate-day]"],
            "error: --set 'events' is no path of acme-hedge; use --ev",
        ),
        (["--set", "hedge.instruments=[MKTT]"], "'MKTT' is no symbol of universes/; did you mean"),
        (["--since", "2025-13-01"], "error: --since: '2025-13-01' does not exist"),
        (["--event", "rate-dey"], "'rate-dey' is no event of this workspace; did you mean 'rate-"),
        (["--since", "2031-01-01"], "since, until and tags leave no occurrence"),
    ],
)
def test_what_does_not_fit_is_said_by_its_option(
    workspace: Path, capsys: Captured, words: list[str], said: str
) -> None:
    assert run(["backtest", "acme-hedge", *words]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_unknown_names_suggest_the_nearest(workspace: Path, capsys: Captured) -> None:
    assert run(["backtest", "acme-hegde"]) == 2
    assert "did you mean 'acme-hedge'?" in capsys.readouterr().err
    assert run(["backtest"]) == 2
    assert "name at least one strategy; . has: acme-hedge" in capsys.readouterr().err


def test_a_broken_file_lists_its_problems(workspace: Path, capsys: Captured) -> None:
    text = STRATEGY.replace("enter: -2", "entr: -2").replace("title:", "titel:")
    add_strategy(workspace, "broken", text)
    assert run(["backtest", "broken"]) == 2
    said = capsys.readouterr().err
    assert "strategies/broken.yaml:2:1: titel: is no known key; did you mean 'title'?" in said
    assert "strategies/broken.yaml:8:8: when.entr: is no known key; did you mean 'enter'?" in said
    assert run(["backtest", "strategies/broken.yaml"]) == 2
    assert "strategies/broken.yaml:2:1: titel" in capsys.readouterr().err


def test_what_cannot_be_run_does_not_stop_the_others(workspace: Path, capsys: Captured) -> None:
    add_strategy(workspace, "broken", STRATEGY.replace("title:", "titel:"))
    universe = workspace / "universes" / "stocks.yaml"
    universe.write_text(universe.read_text() + "  ZZZ: {title: Nobody has it}\n")
    add_strategy(workspace, "nothing", STRATEGY.replace("AAA", "ZZZ"))
    assert run(["backtest", "nothing", "acme-hedge", *FEW, "--json"]) == 3
    shown = capsys.readouterr()
    assert [each["strategy"] for each in json.loads(shown.out)] == ["acme-hedge"]
    assert "error: nothing: " in shown.err
    assert "ZZZ" in shown.err
    assert run(["backtest", "broken", "acme-hedge", *FEW, "--json"]) == 2
    shown = capsys.readouterr()
    assert [each["strategy"] for each in json.loads(shown.out)] == ["acme-hedge"]
    assert "titel" in shown.err


def test_a_strategy_of_a_faulty_event_or_group_says_whose_fault_it_is(
    workspace: Path, capsys: Captured
) -> None:
    event = workspace / "events" / "acme-earnings.yaml"
    whole = event.read_text()
    event.write_text(whole.replace("kind:", "kint:"))
    assert run(["backtest", "acme-hedge"]) == 2
    said = capsys.readouterr().err
    assert "events/acme-earnings.yaml:3:1: kint: is no known key" in said
    assert "acme-hedge: its event acme-earnings has a file with errors" in said
    event.write_text(whole)
    (workspace / "universes" / "chips.yaml").write_text("universe: chips\nsymbols: [AAA]\n")
    add_strategy(workspace, "chips", STRATEGY.replace("AAA", '"@chips"'))
    assert run(["backtest", "chips", "acme-hedge", *FEW, "--json"]) == 2
    shown = capsys.readouterr()
    assert "universes/chips.yaml" in shown.err
    assert "error: chips: '@chips' is no group" in shown.err
    assert [each["strategy"] for each in json.loads(shown.out)] == ["acme-hedge"]


def test_a_faulty_file_in_a_folder_below_is_known_by_its_own_name(
    workspace: Path, capsys: Captured
) -> None:
    for folder in ("events", "strategies", "universes"):
        (workspace / folder / "more").mkdir()
    add_strategy(workspace, "more/below", STRATEGY.replace("title:", "titel:"))
    (workspace / "events" / "more" / "later.yaml").write_text("event: later\n")
    assert run(["backtest", "below"]) == 2
    said = capsys.readouterr().err
    assert "strategies/more/below.yaml:2:1: titel: is no known key" in said
    assert "later" not in said
    # Neither file keeps anything else from being computed.
    assert run(["backtest", "acme-hedge", *FEW, "--json"]) == 0
    assert run(["study", "acme-earnings", "--json"]) == 0
    assert capsys.readouterr().err == ""
    assert run(["study", "later"]) == 2
    assert "events/more/later.yaml:1:1: title: is missing" in capsys.readouterr().err
    (workspace / "universes" / "more" / "chips.yaml").write_text("universe: chips\n")
    assert run(["study", "acme-earnings", "--asset", "@chips"]) == 2
    assert "universes/more/chips.yaml" in capsys.readouterr().err


def test_prices_that_there_are_not(workspace: Path, capsys: Captured) -> None:
    assert run(["backtest", "acme-hedge", "--data", "nowhere"]) == 3
    assert "nowhere" in capsys.readouterr().err


def test_prices_that_end_before_every_event(workspace: Path, capsys: Captured) -> None:
    path = workspace / "prices" / "daily.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if line < "2025-03" or "date" in line) + "\n")
    assert run(["backtest", "acme-hedge", "--json"]) == 3
    shown = capsys.readouterr()
    assert "error: acme-hedge: no occurrence could be entered: " in shown.err
    assert shown.out == ""


def test_a_folder_of_pages(workspace: Path, capsys: Captured) -> None:
    pytest.importorskip("altair", reason="needs the extra eventlab[report]")
    assert run(["backtest", "acme-hedge", *FEW, "--json", "--out", "out", "-q"]) == 0
    shown = document(capsys)
    stored = read_run(workspace / "out")
    assert [each.strategy.strategy for each in stored.backtests] == ["acme-hedge"]
    assert json.loads((workspace / "out/backtest/acme-hedge.json").read_text("utf-8")) == shown
    assert (workspace / "out/index.html").is_file()


def test_a_file_is_no_folder_of_pages(workspace: Path, capsys: Captured) -> None:
    assert run(["backtest", "acme-hedge", "--out", "eventlab.toml"]) == 2
    assert "--out eventlab.toml is a file; name a folder" in capsys.readouterr().err
