from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.cli.main import run
from eventlab.report.store import read_run
from tests.cli.make_workspace import EVENT, make_workspace, write_prices

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_workspace(tmp_path / "ws")
    monkeypatch.chdir(root)
    return root


def document(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_table(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings"]) == 0
    found = capsys.readouterr()
    for expected in (
        "Acme <quarterly> earnings  (acme-earnings)",
        "3 occurrences, day 0 from 2025-04-16 to 2025-10-16",
        "q3: A day of the central bank (rate-day/2025-10-16) on day 0",
        "own close, at the clock's close: AAA, BBB",
    ):
        assert expected in found.out
    assert "daily.csv" in found.err  # what was understood of the prices
    assert "SIMULATED" not in found.out


def test_json_and_nothing_else_on_stdout(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings", "--json"]) == 0
    found = document(capsys)
    assert (found["schema"], found["seed"], found["event"]) == (
        "eventlab.study/1",
        7,
        "acme-earnings",
    )
    assert not found["data"]["simulated"]
    assert {row["symbol"] for row in found["fits"]} == {"AAA", "BBB"}
    assert len(found["fits"]) == 6


def test_the_same_seed_gives_the_same_numbers(workspace: Path, capsys: Captured) -> None:
    texts = []
    for seed in ("3", "3", "4"):
        assert run(["study", "acme-earnings", "--json", "--seed", seed]) == 0
        texts.append(document(capsys)["cars"])
    assert texts[0] == texts[1]
    assert [row["car"] for row in texts[2]] == [row["car"] for row in texts[0]]


def test_options_replace_what_the_file_says(workspace: Path, capsys: Captured) -> None:
    arguments = ["--occurrence", "q3", "--asset", "BBB", "--model", "constant_mean", "--draws", "9"]
    assert run(["study", "acme-earnings", *arguments, "--json"]) == 0
    found = document(capsys)
    assert [(row["occurrence"], row["symbol"], row["model"]) for row in found["fits"]] == [
        ("q3", "BBB", "constant_mean")
    ]
    assert found["definition"]["study"]["placebo"] == {"draws": 9}
    assert run(["study", "acme-earnings", "--tag", "beat", "--json"]) == 0
    assert {row["occurrence"] for row in document(capsys)["fits"]} == {"q1", "q3"}
    assert (workspace / "events/acme-earnings.yaml").read_text() == EVENT


def test_a_measure_goes_against_its_own_mean(workspace: Path, capsys: Captured) -> None:
    asked = ["study", "acme-earnings", "--measure", "volatility", "--draws", "9"]
    assert run([*asked, "--json"]) == 0
    found = document(capsys)
    said = found["definition"]["study"]
    assert (said["measure"], said["model"], said["benchmark"]) == (
        "volatility",
        "constant_mean",
        None,
    )
    assert {row["measured"] for row in found["sampling"]} == {"log absolute return of daily bars"}
    assert {row["bhar"] for row in found["cars"]} == {None}
    assert run([*asked, "--model", "market_model"]) == 0
    text = capsys.readouterr().out
    assert "log volatility; market_model against MKT" in text
    assert "times what MKT explains" in text
    assert run(["study", "acme-earnings", "--measure", "volume"]) == 3
    assert "no volume above zero on this clock" in capsys.readouterr().err


def test_several_events_are_a_list(workspace: Path, capsys: Captured) -> None:
    second = EVENT.replace("acme-earnings", "acme-again")
    (workspace / "events/acme-again.yaml").write_text(second)
    assert run(["study", "acme-earnings", "acme-again", "acme-earnings", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["event"] for each in found] == ["acme-earnings", "acme-again"]


def test_a_path_names_an_event(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "events/acme-earnings.yaml", "--json", "--quiet"]) == 0
    assert document(capsys)["event"] == "acme-earnings"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name at least one event"),
        (["acme-earning"], "did you mean 'acme-earnings'"),
        (["acme-earnings", "--occurrence", "2019"], "it has q1, q2, q3"),
        (["acme-earnings", "--tag", "bet"], "did you mean 'beat'"),
        (["acme-earnings", "--model", "markt_model"], "did you mean 'market_model'"),
        (["acme-earnings", "--measure", "volum"], "did you mean 'volume'"),
        (["rate-day"], "no `study` section"),
        (["acme-earnings", "-C", "nowhere"], "nowhere"),
    ],
)
def test_wrong_usage(workspace: Path, capsys: Captured, arguments: list[str], said: str) -> None:
    assert run(["study", *arguments]) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert found.out == ""


def test_a_broken_event_does_not_stop_the_others(workspace: Path, capsys: Captured) -> None:
    broken = EVENT.replace("acme-earnings", "broken").replace("kind:", "kint:")
    (workspace / "events/broken.yaml").write_text(broken)
    assert run(["study", "acme-earnings", "--json"]) == 0  # it was not asked for
    assert document(capsys)["event"] == "acme-earnings"
    assert run(["study", "acme-earnings", "broken", "--json"]) == 2
    found = capsys.readouterr()
    assert [each["event"] for each in json.loads(found.out)] == ["acme-earnings"]
    assert re.search(r"events/broken\.yaml:3:1: kint: ", found.err)
    assert run(["study", "broken"]) == 2


def test_a_broken_strategy_is_not_blamed_for_an_event(workspace: Path, capsys: Captured) -> None:
    (workspace / "events/broken.yaml").write_text("event: broken\n")
    (workspace / "strategies").mkdir()
    (workspace / "strategies/hedge.yaml").write_text("strategy: hedge\n")
    assert run(["study", "broken"]) == 2
    said = capsys.readouterr().err
    assert "events/broken.yaml" in said
    assert "strategies/" not in said


def test_prices_that_are_wrong_are_refused_and_the_rest_computed(
    workspace: Path, capsys: Captured
) -> None:
    path = workspace / "prices/daily.csv"
    path.write_text(re.sub(r"(2025-06-1\d,BBB),[\d.]+", r"\1,-1", path.read_text()))
    assert run(["study", "acme-earnings", "--json"]) == 3
    found = capsys.readouterr()
    assert {row["symbol"] for row in json.loads(found.out)["fits"]} == {"AAA"}
    assert "BBB was refused" in found.err


def test_missing_prices(workspace: Path, capsys: Captured) -> None:
    write_prices(workspace / "prices/daily.csv", ("AAA", "MKT"))
    assert run(["study", "acme-earnings", "--json"]) == 0
    assert {row["symbol"] for row in document(capsys)["exclusions"]} == {"BBB"}
    assert run(["study", "acme-earnings", "--json", "--strict"]) == 3
    assert "BBB" in capsys.readouterr().err
    (workspace / "empty").mkdir()
    for source in ("nowhere", "empty"):
        assert run(["study", "acme-earnings", "--data", source]) == 3
        assert capsys.readouterr().out == ""


def test_out_writes_a_run_folder(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings", "--out", "mine", "--quiet"]) == 0
    assert [study.event.event for study in read_run(workspace / "mine").studies] == [
        "acme-earnings"
    ]
    assert (workspace / "mine/events/acme-earnings.html").is_file()
    assert "acme-earnings" in capsys.readouterr().out


def test_specifications(workspace: Path, capsys: Captured) -> None:
    assert run(["study", "acme-earnings", "--specifications", "--asset", "AAA", "-q"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"AAA: [\d,]+ specifications, median CAAR", text)
    assert "Median CAAR by choice; the choice that moves it most first" in text
    command = ["study", "acme-earnings", "--specifications", "--draws", "50", "--json", "-q"]
    assert run([*command, "--asset", "AAA", "--asset", "BBB"]) == 0
    found = document(capsys)["specifications"]
    assert [row["group"] for row in found["summary"]] == ["AAA", "BBB"]
    assert len(found["specs"]) == sum(row["n_asked"] for row in found["summary"])
    assert not found["summary"][0]["short"]


def test_a_curve_of_bars_is_refused_before_prices_are_read(
    workspace: Path, capsys: Captured
) -> None:
    command = ["study", "acme-earnings", "--specifications", "--bar", "60min", "--clock", "24/7"]
    assert run([*command, "--data", "nowhere"]) == 2
    text = capsys.readouterr().err
    assert "--specifications: acme-earnings counts bars inside sessions" in text
