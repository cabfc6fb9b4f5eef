"""What moved is found, and its cause is named and nothing else is."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest

from eventlab.definitions import load_workspace
from eventlab.regression import causes, measure, readings
from eventlab.regression.check import run_check
from eventlab.regression.comparison import compared_items
from eventlab.regression.tolerances import ABSENT
from eventlab.regression.types import Causes
from eventlab.report.versions import dependency_versions
from tests.regression.make_tested import (
    SETTINGS,
    Row,
    change_rows,
    replace,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eventlab.regression.check import Check
    from eventlab.regression.types import Item

EVENT, STRATEGY = "events/acme-earnings.yaml", "strategies/acme-hedge.yaml"
UNIVERSE, TOML = "universes/stocks.yaml", "eventlab.toml"
HEDGE = {"acme-hedge", "acme-hedge[acme-earnings]"}
STUDY, CLAIMS = {"acme-earnings[study]"}, {"acme-earnings[claims]"}
EVERY = HEDGE | STUDY | CLAIMS
NOTHING = Causes()
WHOLE = "acme-hedge"  # the item of the strategy as a whole


def look(root: Path, *names: str) -> Check:
    return run_check(load_workspace(root), names)


def moved(found: Check) -> set[str]:
    return {item.id for item in found.items if item.status != "same"}


def item_of(found: Check, name: str) -> Item:
    return next(item for item in found.items if item.id == name)


def only(**said: tuple[str, ...]) -> Causes:
    return dataclasses.replace(NOTHING, **said)


def test_nothing_moved_passes(tested: Path) -> None:
    found = look(tested)
    assert found.passed
    assert found.exit_code == 0
    assert {item.id for item in found.items} == EVERY
    assert [item.causes for item in found.items] == [NOTHING] * 4


@pytest.mark.parametrize(
    ("file", "old", "new", "items", "said"),
    [
        (STRATEGY, "fee_bps: 5", "fee_bps: 6", HEDGE, "strategy.costs.fee_bps: 5.0 -> 6.0"),
        (STRATEGY, "exit: 5", "exit: 6", HEDGE, "strategy.when.exit: 5 -> 6"),
        (STRATEGY, "lookback: 60,", "lookback: 61,", HEDGE,
         "strategy.hedge.ratio.lookback: 60 -> 61"),
        (EVENT, "[-1, 1]", "[-1, 2]", STUDY,
         "study.car_windows: [[0, 0], [-1, 1]] -> [[0, 0], [-1, 2]]"),
        (EVENT, "[-80, -11]", "[-81, -11]", STUDY,
         "study.estimation_window: [-80, -11] -> [-81, -11]"),
        (EVENT, "63 bars", "64 bars", CLAIMS, "claims.aaa-follows.window: 63 bars -> 64 bars"),
    ],
    ids=lambda each: each if isinstance(each, str) and ": " in each else "",
)  # fmt: skip
def test_one_basis_point_and_one_bar_fail_by_their_key(
    tested: Path, file: str, old: str, new: str, items: set[str], said: str
) -> None:
    replace(tested, file, old, new)
    found = look(tested)
    assert found.exit_code == 1
    assert moved(found) == items
    for name in items:
        item = item_of(found, name)
        assert (item.status, item.causes) == ("moved", only(definition=(said,)))
        assert item.changes or item.orders is not None


def of_day(symbol: str, day: str) -> Callable[[Row], bool]:
    return lambda row: (row["symbol"], row["date"]) == (symbol, day)


def altered(column: str, symbol: str, day: str) -> Callable[[list[Row]], list[Row]]:
    def change(rows: list[Row]) -> list[Row]:
        row = next(filter(of_day(symbol, day), rows))
        row[column] = f"{float(row[column]) * 1.0001:.4f}"
        return rows

    return change


@pytest.mark.parametrize(
    ("change", "items", "said"),
    [
        (altered("close", "AAA", "2025-03-12"), EVERY,
         "AAA daily: other values in 2025 (502 bars)"),
        (altered("open", "AAA", "2024-02-12"), EVERY, "AAA daily: other values in 2024 (502 bars)"),
        (altered("volume", "BBB", "2024-02-12"), STUDY,
         "BBB daily: other values in 2024 (502 bars)"),
        (lambda rows: [row for row in rows if not of_day("BBB", "2025-03-12")(row)], STUDY,
         "BBB daily: other values in 2025 (502 -> 501 bars)"),
        (lambda rows: [row for row in rows if row["symbol"] != "BBB"], STUDY, "BBB daily: gone"),
    ],
    ids=["price", "open", "volume", "dropped", "symbol"],
)  # fmt: skip
def test_one_row_of_history_fails_by_series_and_year(
    tested: Path, change: Callable[[list[Row]], list[Row]], items: set[str], said: str
) -> None:
    change_rows(tested, change)
    found = look(tested)
    assert found.exit_code == 1
    assert moved(found) == items
    for name in items:
        assert item_of(found, name).causes == only(restated=(said,))


def test_a_restated_open_fails_though_no_number_moved(tested: Path) -> None:
    change_rows(tested, altered("open", "AAA", "2024-02-12"))
    item = item_of(look(tested, "acme-hedge"), WHOLE)
    assert (item.status, item.changes, item.orders) == ("moved", (), None)
    assert item.reason == "no number moved, but the prices that the baseline was computed on did"


@pytest.mark.parametrize(
    ("simulated", "passes"),
    [((False, False), False), ((True, False), False), ((False, True), False), ((True, True), True)],
)
def test_simulated_prices_that_are_others_fail_nothing_by_themselves(
    accepted: Path, simulated: tuple[bool, bool], passes: bool
) -> None:
    checked = look(accepted, "acme-hedge").checked[0]
    assert checked.measured is not None
    now = dataclasses.replace(checked.measured.record, simulated=simulated[1])
    series = dict(now.series)
    series["AAA daily"] = dataclasses.replace(series["AAA daily"], sha256="0" * 16)
    before = dataclasses.replace(now, series=series, simulated=simulated[0])
    measured = checked.measured._replace(record=now)
    items = list(compared_items(checked.subject, before, measured, ""))
    assert all(item.causes.restated for item in items)
    assert {item.status == "same" for item in items} == {passes}


def test_a_row_at_the_end_is_told_as_added_and_fails_where_numbers_follow(tested: Path) -> None:
    def follow(rows: list[Row]) -> list[Row]:
        ends = [row | {"date": "2026-01-02"} for row in rows if row["date"] == "2025-12-31"]
        return [*rows, *ends]

    change_rows(tested, follow)
    found = look(tested)
    said = ("AAA daily: 1 bar added after 2025-12-31", "MKT daily: 1 bar added after 2025-12-31")
    assert item_of(found, WHOLE).causes == only(added=said)
    # The book is held to the end; events and the claim lie before it.
    assert WHOLE in moved(found)
    assert not moved(found) & {"acme-hedge[acme-earnings]", "acme-earnings[claims]"}


def test_a_series_that_was_not_there_fails_nothing_by_itself(accepted: Path) -> None:
    now = look(accepted, "acme-hedge").checked[0].measured
    assert now is not None
    series = dict(now.record.series)
    assert series.pop("MKT daily").rows == 502
    old = dataclasses.replace(now.record, series=series)
    assert causes.causes_of(old, now.record, now.series) == only(
        added=("MKT daily: not there before",)
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (TOML, SETTINGS, SETTINGS + '[calendars]\nAAA = "XNAS"\n',
         {"symbols.AAA: XNYS price -> XNAS price"}),
        (TOML, SETTINGS, SETTINGS + 'bar_stamp = "open"\n', {"bar_stamp: none -> open"}),
        (UNIVERSE, "AAA: {title: Acme}", "AAA: {title: Acme, calendar: XNAS}",
         {"symbols.AAA: XNYS price -> XNAS price"}),
        (STRATEGY, "instruments: [MKT]\n", "instruments: [BBB]\n",
         {"strategy.hedge.instruments: [MKT] -> [BBB]", "symbols.MKT: XNYS price -> none",
          "symbols.BBB: none -> XNYS price"}),
        (STRATEGY, "baseline: {}", "since: 2025-01-01\nbaseline: {}",
         {"strategy.since: none -> 2025-01-01"}),
        (EVENT, "study:\n", '  - {id: q7, announced_at: "2025-11-11 16:05"}\nstudy:\n',
         {"events.acme-earnings.occurrences.q7.announced_at: none -> 2025-11-11 16:05"}),
        (EVENT, '"2025-10-14 16:05"', '"2025-10-15 16:05"',
         {("events.acme-earnings.occurrences.q6.announced_at: "
          "2025-10-14 16:05 -> 2025-10-15 16:05")}),
    ],
    ids=["override", "stamp", "calendar", "instrument", "since", "occurrence", "day"],
)  # fmt: skip
def test_what_the_definition_reads_otherwise_is_not_blamed_on_the_data(
    tested: Path, file: str, old: str, new: str, said: set[str]
) -> None:
    replace(tested, file, old, new)
    item = item_of(look(tested, "acme-hedge"), WHOLE)
    assert set(item.causes.definition) == said
    assert item.causes == only(definition=item.causes.definition)


def test_the_seed_is_named(tested: Path) -> None:
    replace(tested, TOML, "seed = 7", "seed = 8")
    found = look(tested)
    assert item_of(found, WHOLE).causes == only(seed=("7 -> 8",))
    assert {change.metric.partition(".")[0] for change in item_of(found, WHOLE).changes} <= {
        "placebo", "hedged", "unhedged", "always", "effectiveness", "comparisons",
    }  # fmt: skip


def test_versions_that_moved_no_number_pass_and_are_told_on_request(
    tested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = dependency_versions() | {"numpy": "99.1"}
    monkeypatch.setattr(measure, "dependency_versions", lambda: moved)
    found = look(tested, "acme-hedge")
    assert found.passed
    (said,) = item_of(found, WHOLE).causes.versions
    assert said.startswith("numpy ")
    assert said.endswith(" -> 99.1")


def test_numbers_that_moved_alone_are_blamed_on_the_logic(
    tested: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = readings.backtest_parts

    def wrong(result: Any) -> Any:
        parts = dict(real(result))
        values: dict[str, Any] = dict(parts[""].values)
        values["hedged.all.total_return"] *= 1 + 2e-9
        return parts | {"": dataclasses.replace(parts[""], values=values)}

    monkeypatch.setattr(measure, "backtest_parts", wrong)
    item = item_of(look(tested, "acme-hedge"), WHOLE)
    assert [change.metric for change in item.changes] == ["hedged.all.total_return"]
    assert item.causes == NOTHING
    assert run_cli("check", "acme-hedge") == 1
    shown = capsys.readouterr().out
    assert causes.LOGIC in " ".join(shown.split())
    assert "1 of" in shown


def test_metrics_that_are_gone_are_counted(
    tested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_rows(tested, lambda rows: [row for row in rows if row["symbol"] != "BBB"])
    assert run_cli("check", "acme-earnings:study") == 1
    moved, of = re.findall(r"(\d+) of (\d+) metrics moved", capsys.readouterr().out)[0]
    item = item_of(look(tested, "acme-earnings:study"), "acme-earnings[study]")
    gone = [each.metric for each in item.changes if each.now == ABSENT]
    assert gone
    assert (int(moved), int(of)) == (len(item.changes), len(item.values) + len(gone))


def run_cli(*words: str) -> int:
    from eventlab.cli.main import run  # noqa: PLC0415 - one test of this file

    return run(list(words))


def test_other_files_that_say_the_same_are_no_cause(tested: Path) -> None:
    (tested / "prices").rename(tested / "others")
    replace(tested, TOML, '"prices"', '"others"')
    replace(tested, EVENT, "went with", "walked with")  # the statement, in words
    replace(tested, EVENT, "title: Acme quarterly earnings", "title: Other words")
    replace(tested, STRATEGY, "hedge.instruments: [[MKT], [BBB]]", "when.exit: [4]")
    found = look(tested)
    assert found.passed
    assert [item.causes for item in found.items] == [NOTHING] * 4


def test_what_is_checked_beside_it_changes_nothing(tested: Path) -> None:
    write(tested, "strategies/other.yaml", (tested / STRATEGY).read_text().replace("-hedge", ""))
    (tested / "strategies/other.yaml").rename(tested / "strategies/acme.yaml")
    together = {item.id: dict(item.values) for item in look(tested).items}
    for name in ("acme-hedge", "acme-earnings:study", "acme-earnings:claims"):
        for item in look(tested, name).items:
            assert item.values == together[item.id]
