"""Windows that overlap become one episode, without knowing of the later one too early."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from eventlab.hedge.types import Kind
from tests.hedge.worlds import World, random_world, reports, room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.hedge.runs import Decided


def around(times: Sequence[str], enter: int = -1, exit_: int = 3) -> World:
    world = random_world(2, when={"enter": enter, "exit": exit_})
    return replace(world, workspace=room(reports([f"{day} 12:00" for day in times])))


def decided_of(world: World) -> Decided:
    return decide_all(prepare(*world.parts))


def names(decided: Decided) -> list[list[str]]:
    return [[one.span.occasion.occurrence for one in each.entries] for each in decided.episodes]


# In at the close of the day before, which is decided a day earlier; out three days after.
FIRST, EXIT = "2025-08-13", "2025-08-16"


def test_an_entry_before_the_exit_joins_the_episode() -> None:
    """The second is decided on the 14th and entered on the 15th; both are left on the 19th."""
    decided = decided_of(around([FIRST, "2025-08-16"]))
    assert names(decided) == [["n0", "n1"]]
    days = decided.setting.grid.clock.days
    assert str(days[decided.episodes[0].leave]) == "2025-08-19"
    plan = decided.planned.plan
    kinds = [Kind(kind).name for kind in plan.kind[plan.episode == 0]]
    assert kinds == ["ENTER", "REBALANCE", "EXIT"]


def test_an_entry_decided_when_the_exit_is_filled_is_an_episode_of_its_own() -> None:
    """Out at the close of the 16th; the next is decided at that close, for the 17th."""
    assert names(decided_of(around([FIRST, "2025-08-18"]))) == [["n0"], ["n1"]]
    assert names(decided_of(around([FIRST, "2025-08-17"]))) == [["n0", "n1"]]


def test_an_exit_is_put_off_only_by_what_was_decided_before_it() -> None:
    """Alone or followed, everything until the second entry is decided is the same to the bit."""
    both, one = (around(times) for times in ([FIRST, "2025-08-16"], [FIRST]))
    found = []
    for world in (both, one):
        decided = decided_of(world)
        found.append((decided, simulate_plan(decided.setting, decided.planned.plan)))
    row = found[0][0].episodes[0].entries[1].span.decided
    exit_decided = found[1][0].episodes[0].leave - 1
    assert row < exit_decided
    points = 2 * row + 2
    assert found[0][1].equity[:points].tobytes() == found[1][1].equity[:points].tobytes()
    before = [each.planned.plan.decided < row for each, _ in found]
    targets = [each.planned.plan.targets[own] for (each, _), own in zip(found, before, strict=True)]
    assert targets[0].tobytes() == targets[1].tobytes()


def test_a_merged_episode_names_those_that_joined() -> None:
    found = run_backtest(*around([FIRST, "2025-08-14", "2025-08-16"]).parts, draws=0)
    row = found.events.iloc[0]
    assert len(found.events) == 1
    assert (row["occurrence"], row["also"]) == ("n0", "news/n1, news/n2")


def test_a_shorter_window_inside_a_longer_one_does_not_end_it() -> None:
    """Two at one instant: the later exit counts."""
    decided = decided_of(around([FIRST, FIRST]))
    assert names(decided) == [["n0", "n1"]]
    assert str(decided.setting.grid.clock.days[decided.episodes[0].leave]) == EXIT


def test_a_book_that_is_merged_is_bought_once() -> None:
    """Out of the market between: one entry and one exit of the book."""
    world = around([FIRST, "2025-08-16"]).saying(exposure={"inside": 1.0, "outside": 0.0})
    decided = decided_of(world)
    run = simulate_plan(decided.setting, decided.planned.plan)
    held = run.shares[1::2, 0] > 0
    edges = np.flatnonzero(np.diff(held.astype(int)))
    days = decided.setting.grid.clock.days[edges + 1].astype(str).tolist()
    assert days == ["2025-08-12", "2025-08-19"]
