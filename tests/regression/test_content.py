"""Whatever of files can move a number is part of what a result rests on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from eventlab.definitions import load_workspace
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.errors import EventlabError
from eventlab.regression.content import content_of, symbols_of
from eventlab.regression.subjects import subject_at, subjects_of
from eventlab.report.compare.causes import definition_changes
from tests.regression.make_tested import make_tested, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions import Workspace
    from eventlab.regression.types import Subject

HERE = Path(__file__).parents[2]
# Of these no number depends: what people read, what a sweep tries, how far numbers may move.
WORDS = {"title", "description", "source", "confidence", "statement", "sweep", "baseline", "strict"}
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return load_workspace(HERE)


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*place, key))
    elif isinstance(value, (list, tuple)) and value:
        for at, inner in enumerate(value):
            yield from leaves(inner, (*place, at))
    else:
        yield place, value


def others(value: Any) -> tuple[Any, ...]:
    """Values that may stand in the place of one."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return (value * 1.0001 + 1e-6, value / 2)
    words = ("XNAS", "24/7", "ETH", "NVDA", "fomc", "ewma", "none", "roll", "open", "close", "date",
             "previous_close", "level", "return", "2021-03-01", "2021-03-02 10:00", "before_open",
             "UTC", "AAA")  # fmt: skip
    return (*(word for word in words if word != value), "10 bars", 3, 1.0, True, ("x",))


def put(value: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    head, *rest = place
    if isinstance(value, dict):
        return {key: put(each, tuple(rest), new) if key == head else each
                for key, each in value.items()}  # fmt: skip
    return [put(each, tuple(rest), new) if at == head else each for at, each in enumerate(value)]


def perturbed(model: Any, definition: Any, own: str) -> Iterator[tuple[Place, Any]]:
    """Every field of a definition with a valid value in its place that is another."""
    plain = definition.model_dump(mode="json")
    for place, value in leaves(plain):
        if WORDS & set(place) or place in {(own,), ()}:
            continue
        for new in others(value):
            try:
                changed = model.model_validate(put(plain, place, new))
            except ValidationError:
                continue
            if changed != definition:
                yield place, changed
                break


def with_one(workspace: Workspace, kind: str, name: str, definition: Any) -> Workspace:
    held = dict(getattr(workspace, kind)) | {name: definition}
    changed: dict[str, Any] = {kind: MappingProxyType(held)}
    return replace(workspace, **changed)


def unseen(before: Any, subject: Subject, workspace: Workspace) -> bool:
    try:
        return not definition_changes(before, content_of(subject, workspace))
    except (EventlabError, KeyError):  # an event that is not there: nothing is computed either
        return False


def test_every_field_of_a_strategy_counts(shipped: Workspace) -> None:
    tried = 0
    for name in ("btc-ai-hedge", "two-phase", "btc-put-overlay", "nvda-fade", "ai-token-hedge"):
        subject = subject_at(shipped.root, "strategy", name)
        before, strategy = content_of(subject, shipped), shipped.strategies[name]
        for place, changed in perturbed(StrategyDefinition, strategy, "strategy"):
            tried += 1
            other = with_one(shipped, "strategies", subject.name, changed)
            assert not unseen(before, subject, other), (subject.name, place)
    assert tried > 100


@pytest.mark.parametrize("kind", ["study", "contagion"])
def test_every_field_of_a_section_counts(shipped: Workspace, kind: Any) -> None:
    subject = subject_at(shipped.root, kind, "oracle-earnings")
    event = shipped.events["oracle-earnings"]
    tried = 0
    event = event.model_copy(update={"occurrences": event.occurrences[-2:], "claims": ()})
    assert EventDefinition.model_validate(event.model_dump(mode="json")) == event
    short = replace(shipped, events=MappingProxyType({"oracle-earnings": event}))
    before = content_of(subject, short)
    for place, changed in perturbed(EventDefinition, event, "event"):
        if place[0] in {"study", "contagion"} - {kind}:
            continue
        tried += 1
        other = with_one(short, "events", "oracle-earnings", changed)
        assert not unseen(before, subject, other), place
    assert tried > 30


@pytest.mark.parametrize(
    "update",
    [{"clock": "24/7"}, {"benchmark": "QQQ"}, {"daily_sampling": "require"}, {"by_tag": ("x",)}],
    ids=lambda each: next(iter(each)),
)
def test_a_contagion_rests_on_what_it_takes_from_the_study(
    shipped: Workspace, update: dict[str, Any]
) -> None:
    event = shipped.events["oracle-earnings"]
    assert event.study is not None
    subject = subject_at(shipped.root, "contagion", "oracle-earnings")
    changed = event.model_copy(update={"study": event.study.model_copy(update=update)})
    other = with_one(shipped, "events", "oracle-earnings", changed)
    assert not unseen(content_of(subject, shipped), subject, other)


def test_a_result_rests_on_times_of_other_events_where_overlaps_are_looked_for(
    shipped: Workspace,
) -> None:
    fomc = shipped.events["fomc"]
    first = fomc.occurrences[0].model_copy(update={"announced_at": "2016-01-28 14:00"})
    moved = fomc.model_copy(update={"occurrences": (first, *fomc.occurrences[1:])})
    other = with_one(shipped, "events", "fomc", moved)
    told = {
        subject.name: not unseen(content_of(subject, shipped), subject, other)
        for subject in subjects_of(shipped)
    }
    assert told["oracle-earnings"]
    assert told["fomc-derisk"]
    assert not told["btc-ai-hedge"]


UNIVERSE = """\
universe: {name}
title: Group
calendar: XNYS
kind: price
symbols:
  AAA: {{}}
  BBB: {{}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("calendar: XNYS", "calendar: XNAS"),
        ("kind: price", "kind: level"),
        ("AAA: {}", "AAA: {calendar: XNAS}"),
        ("AAA: {}", "AAA: {kind: level}"),
        ("  BBB: {}\n", ""),
        ("  BBB: {}\n", "  BBB: {}\n  CCC: {}\n"),
        ("  AAA: {}\n  BBB: {}\n", "  BBB: {}\n  AAA: {}\n"),
    ],
)
def test_every_word_of_a_group_counts(tmp_path: Path, old: str, new: str) -> None:
    root = make_tested(tmp_path)
    beside = UNIVERSE.format(name="stocks").replace("  AAA: {}\n  BBB: {}\n", "  MKT: {}\n")
    write(root, "universes/stocks.yaml", beside)
    strategy = (root / "strategies/acme-hedge.yaml").read_text()
    write(root, "strategies/acme-hedge.yaml", strategy.replace("{AAA: 1.0}", '{"@two": 1.0}'))
    event = (root / "events/acme-earnings.yaml").read_text()
    write(root, "events/acme-earnings.yaml", event.replace('"@issuer", BBB', '"@two"'))
    text = UNIVERSE.format(name="two")
    write(root, "universes/two.yaml", text)
    before = contents(root)
    assert text.count(old) == 1
    write(root, "universes/two.yaml", text.replace(old, new))
    after = contents(root)
    for name in ("acme-hedge", "acme-earnings:study"):
        assert before[name] != after[name]


@pytest.mark.parametrize("place", ["the group", "the symbol"])
def test_the_unit_of_returns_counts(tmp_path: Path, place: str) -> None:
    root = make_tested(tmp_path)
    text = UNIVERSE.format(name="stocks").replace("kind: price", "kind: return") + "  MKT: {}\n"
    write(root, "universes/stocks.yaml", text)
    before = contents(root)["acme-hedge"]
    own = {
        "the group": text.replace("kind: return", "kind: return\nunit: percent"),
        "the symbol": text.replace("AAA: {}", "AAA: {unit: percent}"),
    }
    write(root, "universes/stocks.yaml", own[place])
    after = contents(root)["acme-hedge"]
    said = definition_changes(before, after)
    assert ("symbols.AAA", "XNYS return in decimal", "XNYS return in percent") in said


def contents(root: Path) -> dict[str, Any]:
    workspace = load_workspace(root)
    return {each.argument: content_of(each, workspace) for each in subjects_of(workspace)}


def test_claims_judged_by_a_study_rest_on_it(tmp_path: Path) -> None:
    root = make_tested(tmp_path)
    event = (root / "events/acme-earnings.yaml").read_text()
    claim = (
        "claims:\n  - id: aaa-rose\n    statement: It rose\n    measure: event_car\n"
        "    symbols: [AAA]\n    window: [0, 1]\n    tag: beat\n    published: 0.01\n"
    )
    write(root, "events/acme-earnings.yaml", event.replace("claims:\n", claim))
    before = contents(root)["acme-earnings:claims"]
    write(
        root,
        "events/acme-earnings.yaml",
        event.replace("claims:\n", claim).replace("[-80, -11]", "[-81, -11]"),
    )
    said = definition_changes(before, contents(root)["acme-earnings:claims"])
    key = "claims.models of acme-earnings.study.estimation_window"
    assert said == [(key, "[-80, -11]", "[-81, -11]")]


def test_the_symbols_of_a_sweep_are_not_those_of_the_backtest(tmp_path: Path) -> None:
    workspace = load_workspace(make_tested(tmp_path))
    subject = next(each for each in subjects_of(workspace) if each.kind == "strategy")
    assert symbols_of(subject, workspace) == ("AAA", "MKT")


def test_a_contagion_reads_the_symbols_of_the_states_that_it_splits_by(tmp_path: Path) -> None:
    root = make_tested(tmp_path)
    event = (root / "events/acme-earnings.yaml").read_text()
    section = (
        "  states: {nervous: {series: VIX, when: above_median}}\n"
        "contagion: {source: AAA, targets: [BBB], calm_window: [-60, -6], crisis_window: [0, 10]}\n"
        "claims:\n"
    )
    write(root, "events/acme-earnings.yaml", event.replace("claims:\n", section))
    stocks = (root / "universes/stocks.yaml").read_text()
    write(root, "universes/stocks.yaml", stocks + "  VIX: {kind: level}\n")
    workspace = load_workspace(root)
    subject = subject_at(root, "contagion", "acme-earnings")
    assert symbols_of(subject, workspace) == ("AAA", "BBB", "MKT", "VIX")
