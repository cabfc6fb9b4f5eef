"""A workspace as a whole: what is found, read, refused, and how it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventlab.definitions import (
    CalendarCheck,
    EventDefinition,
    SymbolInfo,
    WorkspaceDefinition,
    check_workspace,
    load_workspace,
)
from eventlab.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[str, str], Path]
    Problems = Callable[..., list[str]]

# A command that reads a big file must still feel immediate; the machine may be ten times slower
# than the one on which 3,000 lines took 0.08 s.


def test_everything_is_found_and_named(root: Path) -> None:
    workspace = load_workspace(root)
    assert workspace.root == root
    assert list(workspace.events) == ["nvidia-earnings", "oracle-earnings"]
    assert list(workspace.strategies) == ["btc-ai-hedge"]
    assert list(workspace.universes) == ["ai_tokens", "tech"]
    assert workspace.settings == WorkspaceDefinition()
    assert workspace.symbols == {
        "BTC": SymbolInfo("BTC", "Bitcoin", "24/7", "price"),
        "FET": SymbolInfo("FET", "Artificial Superintelligence Alliance", "24/7", "price"),
        "ORCL": SymbolInfo("ORCL", "ORCL", "XNYS", "price"),
        "NVDA": SymbolInfo("NVDA", "NVDA", "XNYS", "price"),
        "AMD": SymbolInfo("AMD", "AMD", "XNYS", "price"),
        "QQQ": SymbolInfo("QQQ", "Nasdaq 100 fund", "XNYS", "price"),
        "SPY": SymbolInfo("SPY", "SPY", "XNYS", "price"),
    }
    assert {key: origin.path for key, origin in workspace.origins.items()} == {
        ("event", "nvidia-earnings"): root / "events/nvidia-earnings.yaml",
        ("event", "oracle-earnings"): root / "events/oracle-earnings.yaml",
        ("strategy", "btc-ai-hedge"): root / "strategies/btc-ai-hedge.yaml",
        ("universe", "ai_tokens"): root / "universes/ai_tokens.yaml",
        ("universe", "tech"): root / "universes/tech.yaml",
    }


def test_settings_and_a_title_from_another_universe_complete_a_symbol(
    root: Path, write: Write
) -> None:
    write("eventlab.toml", 'data = "prices"\nseed = 7\n[calendars]\nORCL = "XETR"\n')
    write("universes/zz.yaml", "universe: zz\ntitle: More\nsymbols: {ORCL: {title: Oracle}}\n")
    workspace = load_workspace(root)
    assert workspace.settings.data == "prices"
    assert workspace.settings.seed == 7
    assert workspace.symbols["ORCL"] == SymbolInfo("ORCL", "Oracle", "XETR", "price")


def test_expand_keeps_order_and_drops_repeats(root: Path) -> None:
    workspace = load_workspace(root)
    assert workspace.expand(["NVDA", "@ai_tokens", "BTC", "@issuer", "ORCL"], issuer="ORCL") == (
        "NVDA",
        "BTC",
        "FET",
        "ORCL",
    )
    with pytest.raises(UsageError, match="there is none"):
        workspace.expand(["@issuer"])
    with pytest.raises(UsageError, match="did you mean '@tech'"):
        workspace.expand(["@tehc"])


def test_where_names_file_and_line(root: Path) -> None:
    workspace = load_workspace(root)
    path = (root / "events/oracle-earnings.yaml").as_posix()
    where = workspace.where("event", "oracle-earnings", "study", "estimation_window")
    assert where == f"{path}:17"
    assert workspace.where("event", "made-in-python", "study") == "made-in-python"


def test_an_event_is_asked_for_by_id_or_path(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = load_workspace(root)
    oracle = workspace.events["oracle-earnings"]
    assert workspace.event("oracle-earnings") is oracle
    assert workspace.event(root / "events/oracle-earnings.yaml") == oracle
    assert workspace.event("events/oracle-earnings.yaml") == oracle
    monkeypatch.chdir(tmp_path)
    elsewhere = (root / "events/oracle-earnings.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(
        elsewhere.replace("event: oracle-earnings", "event: mine"), encoding="utf-8"
    )
    assert workspace.event("mine.yaml").event == "mine"
    assert workspace.strategy(Path("strategies/btc-ai-hedge.yaml")).strategy == "btc-ai-hedge"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("oracle-earning", "'oracle-earning' is no event of workspace/; did you mean "),
        ("oracl", "'oracl' is no event of workspace/; did you mean 'oracle-earnings'?"),
        ("idia", "'idia' is no event of workspace/; did you mean 'nvidia-earnings'?"),
        ("xyz", "'xyz' is no event of workspace/; there are nvidia-earnings, oracle-earnings"),
        ("strategies/btc-ai-hedge.yaml", "btc-ai-hedge.yaml defines no event"),
    ],
)
def test_an_event_that_is_not_there(root: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_workspace(root).event(name)


def test_a_path_that_is_not_there(root: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere\.yaml:1:1: does not exist"):
        load_workspace(root).event("events/nowhere.yaml")


def test_every_problem_of_every_file_in_one_go(
    root: Path, write: Write, problems: Problems
) -> None:
    write("eventlab.toml", 'titel = "x"\nseed = -1\n\n[calendars]\n  BTCX = "24/7"\n')
    write(
        "events/one.yaml",
        """\
        event: one
        titel: One
        kind: shock
        occurrences:
          - {id: a, announced_at: "2025-01-01"}
          - {id: a, announced_at: "2025-01-01 10:00", zone: UTC, tagz: [x]}
          - {announced_at: soon}
        study:
          assets: [spy, QQQQ]
          model: market_modle
          event_window: [5, -5]
          min_estimation: lots
        contagion: {source: ORCL, targets: [NVDA], calm_window: [-9, 1], crisis_window: [0]}
        """,
    )
    write("strategies/two.yaml", "strategy: two\nevents: [on]\nwhen: {enter: 1, exit: 1}\n")
    write("universes/three.yaml", "universe: three\nsymbols: {btc: {}, ETH: {knd: price}}\n")
    expected = [
        "eventlab.toml:1:1: titel: is no known key; did you mean 'title'?",
        "eventlab.toml:2:1: seed: -1 is out of bounds; at least 0",
        "eventlab.toml:5:3: calendars.BTCX: 'BTCX' is no symbol of universes/; did you mean 'BTC'?",
        "events/one.yaml:1:1: title: is missing: what happened, in a few words",
        "events/one.yaml:2:1: titel: is no known key; did you mean 'title'?",
        ("events/one.yaml:5:27: occurrences[0].announced_at: '2025-01-01' has no time zone; add "
        "zone: (as in zone: America/New_York) here or to defaults"),
        ("events/one.yaml:5:27: occurrences[0].announced_at: '2025-01-01' has no clock time, but "
        "the precision is minute; write the minute, as in \"2025-01-01 16:05\", or precision: "
        "session or date where it is not known"),
        ("events/one.yaml:6:10: occurrences[1].id: 'a' is used by occurrences[0] as well; ids are "
        "unique"),
        "events/one.yaml:6:58: occurrences[1].tagz: is no known key; did you mean 'tags'?",
        ("events/one.yaml:7:5: occurrences[2].id: is missing: unique in the file, as in fy2026-q2 "
        "or 2025-12-10"),
        ("events/one.yaml:7:20: occurrences[2].announced_at: 'soon' is no date and time; write "
        '"2025-12-10 16:05"'),
        ("events/one.yaml:9:12: study.assets[0]: 'spy' is not a symbol in capitals, @group or "
        "@issuer; did you mean 'SPY'?"),
        ("events/one.yaml:9:17: study.assets[1]: 'QQQQ' is no symbol of universes/; did you mean "
        "'QQQ'?"),
        ("events/one.yaml:10:10: study.model: 'market_modle' is not allowed; one of constant_mean, "
        "market_adjusted, market_model, scholes_williams, dimson, factor_model, "
        "garch_market_model; did you mean 'market_model'?"),
        "events/one.yaml:11:17: study.event_window: [5, -5] runs backwards; write [-5, 5]",
        "events/one.yaml:12:19: study.min_estimation: 'lots' is no whole number",
        ("events/one.yaml:13:81: contagion.crisis_window: [0] has too few entries: bars of the "
        "shock, after the calm window"),
        ("strategies/two.yaml:1:1: book: is missing: what is held without the hedge: weight by "
        "symbol or @group, 1.0 is all of the equity, negative is short"),
        "strategies/two.yaml:1:1: title: is missing: what it does, in a few words",
        ("strategies/two.yaml:2:10: events[0]: 'on' is no event of this workspace; did you mean "
        "'one'?"),
        "strategies/two.yaml:3:15: when.enter: 1 is not before exit 1",
        "universes/three.yaml:1:1: title: is missing: one line that says what the group is",
        ("universes/three.yaml:2:11: symbols.btc: 'btc' is not a symbol in capitals, as in NVDA or "
        "BRK.B; did you mean 'BTC'?"),
        "universes/three.yaml:2:26: symbols.ETH.knd: is no known key; did you mean 'kind'?",
    ]  # fmt: skip
    assert sorted(problems()) == sorted(expected)
    with pytest.raises(DefinitionError) as caught:
        load_workspace(root)
    assert len(caught.value.problems) == len(expected)
    workspace, _ = check_workspace(root)
    assert list(workspace.events) == ["nvidia-earnings", "oracle-earnings"]
    assert list(workspace.strategies) == ["btc-ai-hedge"]
    assert list(workspace.universes) == ["ai_tokens", "tech"]


def test_ids_are_unique_across_files(write: Write, problems: Problems, root: Path) -> None:
    text = (root / "events/nvidia-earnings.yaml").read_text(encoding="utf-8")
    write("events/zz.yaml", text)
    assert problems() == [
        ("events/zz.yaml:1:8: event: 'nvidia-earnings' is the event of nvidia-earnings.yaml as "
        "well; ids are unique")
    ]  # fmt: skip


def test_no_event_is_called_as_the_claims_of_a_run_are(
    write: Write, problems: Problems, root: Path
) -> None:
    text = (root / "events/nvidia-earnings.yaml").read_text(encoding="utf-8")
    write("events/claims.yaml", text.replace("event: nvidia-earnings", "event: claims", 1))
    assert problems() == [
        ("events/claims.yaml:1:8: event: 'claims' is where a run keeps its claims; choose another "
        "name")
    ]  # fmt: skip


def test_a_file_is_called_like_its_id(root: Path, problems: Problems) -> None:
    (root / "events/nvidia-earnings.yaml").rename(root / "events/nvda.yaml")
    warning = "'nvidia-earnings' is not how the file is called; rename one of them"
    assert problems() == [f"events/nvda.yaml:1:8: warning: event: {warning}"]
    assert "nvidia-earnings" in load_workspace(root).events


@pytest.mark.parametrize("file", ["strategies/btc-ai-hedge.yaml", "events/nvidia-earnings.yaml"])
@pytest.mark.parametrize("nothing", ["", " null", " ~"])
def test_a_baseline_with_nothing_behind_it_is_refused(
    root: Path, problems: Problems, file: str, nothing: str
) -> None:
    text = (root / file).read_text(encoding="utf-8").replace("baseline: {rtol: 1.0e-9}\n", "")
    (root / file).write_text(f"{text}baseline:{nothing}\n", encoding="utf-8")
    said = "is empty; write {} to put it under regression test, or leave the key out"
    assert problems() == [f"{file}:{text.count(chr(10)) + 1}:1: baseline: {said}"]


def test_files_that_are_no_definitions(root: Path, write: Write, problems: Problems) -> None:
    write("events/empty.yaml", "")
    write("events/list.yaml", "- a\n")
    write("events/strange.yaml", "a: 1\n")
    write("events/moved.yaml", "strategy: moved\ntitle: Moved\n")
    write("events/old.yml", "event: old\n")
    write("events/table.xlsx", "")
    write("events/README.md", "Notes may lie beside.")
    write("events/.hidden.yaml", "[")
    write("events/deeper/sub.yaml", "{")
    (root / "events/loop").symlink_to(root / "events")
    (root / "events/self.yaml").symlink_to(root / "events/self.yaml")
    (root / "events/latin.yaml").write_bytes(b"event: caf\xe9\n")
    found = problems()
    keys = "; known are event, title, kind, issuer, description, source, defaults, occurrences"
    assert found == [
        ("events/deeper/sub.yaml:1:2: is not valid YAML: while parsing a flow node did not find "
        "expected node content"),
        "events/empty.yaml:1:1: the file is empty",
        "events/latin.yaml:1:11: is not UTF-8 (byte 0xe9); save it as UTF-8",
        "events/list.yaml:1:1: is no mapping of keys, as event: NAME begins",
        "events/loop:1:1: is a symbolic link to a folder that holds it; remove it",
        "events/moved.yaml:1:1: strategy: this defines a strategy; move the file to strategies/",
        "events/old.yml:1:1: has the suffix .yml; definitions end in .yaml: rename it",
        "events/self.yaml:1:1: is a symbolic link that leads to no file",
        f"events/strange.yaml:1:1: a: is no known key{keys}, study, contagion, claims, baseline",
        "events/strange.yaml:1:1: event: is missing: name of the event, as the file is called",
        "events/strange.yaml:1:1: kind: is missing: earnings, central_bank, macro, shock or other",
        "events/strange.yaml:1:1: occurrences: is missing: the times that it happened",
        "events/strange.yaml:1:1: title: is missing: what happened, in a few words",
        "events/table.xlsx:1:1: warning: is not read; definitions end in .yaml",
    ]  # fmt: skip


def test_only_the_files_asked_for_are_reported(
    tmp_path: Path, write: Write, problems: Problems
) -> None:
    write("events/a.yaml", "event: a\n")
    write("events/b.yaml", "event: b\ntitle: B\n")
    write("strategies/c.yaml", "strategy: c\n")
    outside = tmp_path / "mine.yaml"
    outside.write_text("universe: mine\ntitle: Mine\nsymbols: {ETH: {kind: x}}\n")
    assert {line.split(":")[0] for line in problems()} == {
        "events/a.yaml",
        "events/b.yaml",
        "strategies/c.yaml",
    }
    assert {line.split(":")[0] for line in problems("events/b.yaml")} == {"events/b.yaml"}
    assert {line.split(":")[0] for line in problems("events")} == {"events/a.yaml", "events/b.yaml"}
    assert problems("../mine.yaml")[0].endswith(
        "mine.yaml:3:23: symbols.ETH.kind: 'x' is not allowed; one of price, level, return"
    )
    assert problems("universes") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("seed = [", "eventlab.toml:1:1: is not valid TOML: Invalid value"),
        ("a = 1\na = 2\n", "eventlab.toml:2:6: is not valid TOML: Cannot overwrite a value"),
        ("seed = 1.5", "eventlab.toml:1:1: seed: 1.5 is no whole number"),
        ("bar_stamp = 'opne'", ("eventlab.toml:1:1: bar_stamp: 'opne' is not allowed; one of open, "
         "close; did you mean 'open'?")),
        ("[calendar]\nBTC = '24/7'", ("eventlab.toml:1:1: calendar: is no known key; did you mean "
         "'calendars'?")),
        ("[calendars]\nbtc = '24/7'", ("eventlab.toml:2:1: calendars.btc: 'btc' is not a symbol in "
         "capitals, as in NVDA or BRK.B; did you mean 'BTC'?")),
        ("calendars.'BTC' = 5", ("eventlab.toml:1:1: calendars.BTC: 5 is no text; put it in "
         "quotes")),
        ("[calendars.BTC]\na = 5", "eventlab.toml:1:1: calendars.BTC: {'a': 5} is no text"),
        ("data = ''", "eventlab.toml:1:1: data: '': string should have at least 1 character"),
    ],
)  # fmt: skip
def test_settings(write: Write, problems: Problems, text: str, problem: str) -> None:
    write("eventlab.toml", text)
    assert problems() == [problem]


def test_without_universes_any_symbol_will_do(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "eventlab.toml").write_text('[calendars]\nXYZ = "XETR"\n')
    (tmp_path / "events/a.yaml").write_text(
        'event: a\ntitle: A\nkind: other\nissuer: ABC\n'
        'occurrences: [{id: a, announced_at: "2025-01-02", zone: UTC, precision: date}]\n'
        'study: {assets: [XYZ, "@group"], benchmark: DEF}\n'
    )  # fmt: skip
    workspace, found = check_workspace(tmp_path)
    assert [each.message for each in found] == [
        "'@group' is no group of universes/; there are none"
    ]
    assert workspace.symbols == {"XYZ": SymbolInfo("XYZ", "XYZ", "XETR", "price")}


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_a_folder_that_is_no_workspace(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="-C DIR"):
        check_workspace(tmp_path / name)


def test_calendars_are_asked_and_their_answers_placed(root: Path, write: Write) -> None:
    def code(name: str) -> str | None:
        return None if name in {"XNYS", "24/7"} else f"{name!r} is no calendar"

    def occurrences(event: EventDefinition) -> list[tuple[tuple[str | int, ...], str]]:
        every = event.resolved_occurrences()
        closed = [each for each in every if each.date.weekday() == 6]
        found = [(("occurrences", each.index, "announced_at"), "is Sunday") for each in closed]
        wrong = code(event.defaults.exchange)
        return [*([(("defaults", "exchange"), wrong)] if wrong else []), *found]

    write("eventlab.toml", '[calendars]\nBTC = "24/8"\n')
    write("universes/more.yaml", "universe: more\ntitle: T\ncalendar: XX\nsymbols: {ETH: {}}\n")
    write("universes/own.yaml", "universe: own\ntitle: T\nsymbols: {SOL: {calendar: YY}}\n")
    write("strategies/s.yaml", "strategy: s\ntitle: S\nclock: ZZ\nevents: [e]\nbook: {BTC: 1}\n"
          "exposure: {inside: 0}\nwhen: {enter: 0, exit: 1}\n")  # fmt: skip
    write(
        "events/e.yaml",
        """\
        event: e
        title: E
        kind: other
        defaults: {zone: UTC, precision: date, exchange: XNYZ}
        occurrences:
          - {id: a, announced_at: 2025-12-15}
          - {id: b, announced_at: 2025-13-14}
          - {id: c, announced_at: 2025-12-14}
        """,
    )
    _, found = check_workspace(root, (), CalendarCheck(code, occurrences))
    assert [str(each).replace(f"{root.as_posix()}/", "") for each in found] == [
        "eventlab.toml:2:1: calendars.BTC: '24/8' is no calendar",
        "events/e.yaml:4:50: defaults.exchange: 'XNYZ' is no calendar",
        ("events/e.yaml:7:27: occurrences[1].announced_at: '2025-13-14' does not exist: month must "
        "be in 1..12"),
        "events/e.yaml:8:27: occurrences[2].announced_at: is Sunday",
        "strategies/s.yaml:3:8: clock: 'ZZ' is no calendar",
        "universes/more.yaml:3:11: calendar: 'XX' is no calendar",
        "universes/own.yaml:3:27: symbols.SOL.calendar: 'YY' is no calendar",
    ]  # fmt: skip


def test_three_thousand_lines_are_no_problem(root: Path, write: Write) -> None:
    text = "event: big\ntitle: Big\nkind: macro\ndefaults: {zone: America/New_York}\noccurrences:\n"
    for at in range(600):
        when = f"{2000 + at // 28}-01-{1 + at % 28:02d} 08:30"
        text += f'  - id: o{at}\n    announced_at: "{when}"\n    tags: [a, b]\n'
        text += f"    facts: {{x: {at}, y: 2.5}}\n    title: Something {at}\n"
    write("events/big.yaml", text)
    workspace, found = check_workspace(root)
    assert found == ()
    assert len(workspace.events["big"].occurrences) == 600


def test_a_hostile_file_does_not_flood_the_report(
    root: Path, write: Write, problems: Problems
) -> None:
    lines = "".join(f"  - {{id: A{at}, announced_at: x, zone: Z{at}}}\n" for at in range(3000))
    write("events/a.yaml", f"event: a\ntitle: A\nkind: other\noccurrences:\n{lines}")
    found = problems()
    assert len(found) == 501
    assert found[0].startswith("events/a.yaml:5:10: occurrences[0].id: 'A0' is not ")
    assert found[-1] == ("events/a.yaml:505:10: has more than 500 problems; the rest is left out")
