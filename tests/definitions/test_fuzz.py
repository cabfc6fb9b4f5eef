"""Files that were mangled: whatever is in them, there are problems and never a traceback.

The long form is ``python -m benchmarks.fuzz_definitions``; both make files alike.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eventlab.definitions import check_workspace
from eventlab.definitions.definition_file import KINDS, FileKind, read_definition
from eventlab.definitions.yaml_reader import compose
from tests.fuzz_bytes import mangle_bytes
from tests.fuzz_cases import FuzzCase, FuzzCases
from tests.fuzz_grammar import Grammar
from tests.fuzz_trees import mangle_tree, nudge_tree
from tests.fuzz_use import run_it, use
from tests.fuzz_workspace import CALENDARS, FuzzWorkspace

if TYPE_CHECKING:
    import random

SEED = 1
CASES = FuzzCases(SEED)
NAMES = sorted(CASES.base)
# A random source that Hypothesis steers and shrinks.
CHANCE = st.randoms(use_true_random=False)
GRAMMARS = {kind: Grammar(kind) for kind in KINDS}
PLACES: dict[FileKind, str] = {
    "event": "events/written.yaml",
    "strategy": "strategies/written.yaml",
    "universe": "universes/written.yaml",
    "claims": "events/claims-written.yaml",
}

tried = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> FuzzWorkspace:
    return FuzzWorkspace(tmp_path_factory.mktemp("fuzz"), CASES.base)


@pytest.mark.parametrize("first", range(0, 120, 60))
def test_files_by_number(workspace: FuzzWorkspace, first: int) -> None:
    """As the long form does them, but for simulated prices and the command itself."""
    for number in range(first, first + 60):
        verdict = workspace.judge(CASES.make(number))
        if verdict.valid:
            use(verdict)


def test_the_same_number_is_the_same_file() -> None:
    again = FuzzCases(SEED)
    assert [CASES.make(number) for number in range(50)] == [again.make(n) for n in range(50)]
    ways = [CASES.make(number).way for number in range(200)]
    assert set(ways) == {"bytes", "tree", "nudge", "grammar"}


@tried
@given(st.sampled_from(sorted(PLACES)), CHANCE)
def test_a_file_of_the_right_form(
    workspace: FuzzWorkspace, kind: FileKind, chance: random.Random
) -> None:
    name = PLACES[kind]
    text = GRAMMARS[kind].text("written", chance)
    verdict = workspace.judge(FuzzCase(0, name, text.encode(), kind))
    assert all(each.key for each in verdict.problems), verdict.problems
    if verdict.valid:
        use(verdict)


@tried
@given(st.sampled_from(NAMES), CHANCE)
def test_a_file_with_other_values(
    workspace: FuzzWorkspace, name: str, chance: random.Random
) -> None:
    if name == "eventlab.toml":
        name = "events/fomc.yaml"
    text = CASES.base[name]
    change = chance.choice((mangle_tree, lambda text, rng: nudge_tree(text, rng, [text])))
    raw = change(text, chance).encode()
    verdict = workspace.judge(FuzzCase(0, name, raw, "tree"))
    _, faults = compose(raw.decode())
    if not faults:
        for each in verdict.problems:
            assert each.key or each.line == 1 or "the rest is left out" in each.message, each
    if verdict.valid:
        use(verdict)


@tried
@given(st.sampled_from(NAMES), CHANCE)
def test_mangled_bytes(workspace: FuzzWorkspace, name: str, chance: random.Random) -> None:
    raw = mangle_bytes(CASES.base[name].encode(), [CASES.base["events/fomc.yaml"].encode()], chance)
    verdict = workspace.judge(FuzzCase(0, name, raw, "bytes"))
    if verdict.valid:
        use(verdict)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([name for name in NAMES if name != "eventlab.toml"]), st.binary(max_size=30))
@example("universes/indices.yaml", b"[")
@example("events/fomc.yaml", b"")
def test_a_file_that_cannot_be_read_leaves_the_others_valid(
    workspace: FuzzWorkspace, name: str, junk: bytes
) -> None:
    """No file is blamed for what it refers to in a file that nobody can read."""
    verdict = workspace.judge(FuzzCase(0, name, b"\x00" + junk, "bytes"))
    assert not verdict.valid
    others = [str(each) for each in verdict.every if each.path != verdict.path]
    assert others == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), CHANCE)
def test_what_is_valid_is_the_same_when_written_out_and_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    workspace: FuzzWorkspace,
    name: str,
    chance: random.Random,
) -> None:
    """Model to file to model: nothing is lost or coerced on the way."""
    if name == "eventlab.toml":
        return
    text = nudge_tree(CASES.base[name], chance, [CASES.base[name]])
    verdict = workspace.judge(FuzzCase(0, name, text.encode(), "nudge"))
    if not verdict.valid:
        return
    with workspace.holding(FuzzCase(0, name, text.encode(), "nudge")) as path:
        file = read_definition(path, None)
    first = file.model
    assert first is not None
    written = tmp_path_factory.mktemp("again") / "again.yaml"
    written.write_text(json.dumps(first.model_dump(mode="json"), ensure_ascii=False))
    again = read_definition(written, file.kind)
    assert again.problems == []
    assert again.model == first


def test_a_valid_file_on_simulated_prices(workspace: FuzzWorkspace) -> None:
    """One backtest; the long form does hundreds, of studies, contagions and claims as well."""
    name = "strategies/btc-ai-hedge.yaml"
    raw = CASES.base[name].encode()
    verdict = workspace.judge(FuzzCase(0, name, raw, "as it is"))
    assert verdict.valid
    assert run_it(verdict) == 1


def test_the_files_that_are_fuzzed_are_valid_themselves(workspace: FuzzWorkspace) -> None:
    found, problems = check_workspace(workspace.folder, (), CALENDARS)
    assert problems == ()
    assert {*found.origins} >= {("event", "fomc"), ("strategy", "btc-ai-hedge")}
