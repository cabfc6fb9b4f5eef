"""When a strategy is on: events to come, unscheduled ones, states, entries and exits in bars."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eventlab.hedge.run import run_backtest
from eventlab.hedge.setting import prepare
from eventlab.hedge.timing import spans_of
from eventlab.market.futures import truncated
from tests.hedge.worlds import World, random_world, reports, room, spaced
from tests.market.series import ns
from tests.study.worlds import event

# The third of `spaced` is Friday, 18 July 2025; a UTC day closes at the midnight after it.
THIRD = "2025-07-18"


def until(world: World, day: str) -> World:
    """The world as it stood when a UTC day was over."""
    closing = ns(f"{day}T00:00") + 24 * 3_600_000_000_000
    return replace(world, market=truncated(world.market, closing))


def entries(world: World) -> dict[str, str]:
    found = run_backtest(*world.parts, draws=0).orders
    found = found[(found["kind"] == "enter") & (found["symbol"] == "QQQ")]
    days = found["decided_at"].dt.strftime("%Y-%m-%d %H:%M")
    return dict(zip(found["occurrence"], days, strict=True))


def test_an_event_to_come_is_entered_when_it_is_due() -> None:
    """In three bars before Friday's news, decided when Monday is over; prices end on Tuesday."""
    world = random_world(1, when={"enter": -3, "exit": 2})
    assert entries(until(world, "2025-07-15"))["n2"] == "2025-07-15 00:00"
    # Its order is filled at Tuesday's close; a day before there was no such price.
    assert "n2" not in entries(until(world, "2025-07-14"))
    found = run_backtest(*until(world, "2025-07-15").parts, draws=0)
    reasons = found.exclusions.set_index("occurrence")["reason"]
    assert reasons["news/n3"] == "the prices end on 2025-07-15, before its entry"
    event = found.events.set_index("occurrence").loc["n2"]
    assert not event["complete"]
    left = found.orders[(found.orders["occurrence"] == "n2") & (found.orders["kind"] == "exit")]
    assert set(left["reason"]) == {"prices end before"}


def test_what_is_known_of_an_event_to_come_does_not_depend_on_how_much_follows() -> None:
    world = random_world(1, when={"enter": -3, "exit": 2})
    early, late = (
        run_backtest(*until(world, day).parts, draws=0) for day in ("2025-07-15", "2025-09-01")
    )
    own = ["symbol", "kind", "decided_at", "filled_at", "shares", "price", "fee"]
    count = (early.orders["status"] != "refused").sum()
    first = early.orders.loc[: count - 1, own]
    assert first.equals(late.orders.loc[: count - 1, own])


def shocks(**said: Any) -> World:
    """The third occurrence is not scheduled."""
    times: list[Any] = [{"announced_at": when} for when in spaced()]
    times[2]["tags"] = ["unscheduled"]
    return replace(random_world(1, **said), workspace=room(event("news", times)))


@pytest.mark.parametrize("enter", [-2, 0])
def test_nobody_enters_before_news_that_was_not_scheduled(enter: int) -> None:
    found = run_backtest(*shocks(when={"enter": enter, "exit": 3}).parts, draws=0)
    assert "n2" not in set(found.events["occurrence"])
    reasons = found.exclusions.set_index("occurrence")["reason"]
    said = "it was not scheduled: nobody could know of it when the entry is decided"
    assert reasons.to_dict() == {"news/n2": said}


def test_after_the_news_it_can_be_entered() -> None:
    """The close of its own day comes after noon in New York."""
    found = run_backtest(*shocks(when={"enter": 1, "exit": 3}).parts, draws=0)
    assert set(found.events["occurrence"]) == {f"n{number}" for number in range(7)}
    assert found.exclusions.empty


def test_news_after_the_close_can_be_entered_a_day_later() -> None:
    """At 18:00 New York the exchange is closed: its event session is the next one, decided then."""
    times = [{"announced_at": f"{day[:10]} 18:00", "tags": ["unscheduled"]} for day in spaced()]
    world = random_world(1, clock="XNYS", when={"enter": 0, "exit": 3})
    late = replace(world, workspace=room(event("news", times)))
    setting = prepare(*late.parts)
    spans, left_out = spans_of(late.strategy, setting.occasions.every, setting.grid, setting.states)
    assert not spans
    assert len(left_out) == 7
    spans, left_out = spans_of(
        late.saying(when={"enter": 1, "exit": 3}).strategy,
        setting.occasions.every, setting.grid, setting.states,
    )  # fmt: skip
    assert not left_out
    for span in spans:
        assert setting.grid.instants[2 * span.decided + 1] >= span.occasion.news.latest


def test_bars_count_from_the_event_session() -> None:
    world = random_world(1, clock="XNYS", when={"enter": -2, "exit": 5})
    setting = prepare(*world.parts)
    spans, _ = spans_of(world.strategy, setting.occasions.every, setting.grid, setting.states)
    days = setting.grid.clock.days
    third = spans[2]
    assert [str(days[row]) for row in (third.decided, third.occasion.day0, third.leave)] == [
        "2025-07-15", THIRD, "2025-07-25",
    ]  # fmt: skip


def test_a_state_is_acted_on_in_the_bar_after_and_waited_for_so_long() -> None:
    """It never holds: left anyway, and said so. As an entry it is given up."""
    never = {"volatility_below": 1e-9, "bars": 5, "symbol": "BTC", "after": 1, "at_most": 4}
    world = random_world(1, when={"enter": -1, "exit": never})
    setting = prepare(*world.parts)
    spans, _ = spans_of(world.strategy, setting.occasions.every, setting.grid, setting.states)
    assert {span.leave - span.occasion.day0 for span in spans} == {5}
    assert {span.note for span in spans} == {"the state was not seen in 4 bars, left anyway"}
    given_up = random_world(1, when={"enter": never, "exit": 9})
    setting = prepare(*given_up.parts)
    spans, left_out = spans_of(
        given_up.strategy, setting.occasions.every, setting.grid, setting.states
    )
    assert not spans
    assert {why for _, why in left_out} == {"the state of when.enter was not seen within 4 bars"}


def test_a_state_that_always_holds_is_the_bar_it_is_first_looked_at() -> None:
    always = {"volatility_above": 1e-9, "bars": 5, "symbol": "BTC", "after": 2, "at_most": 9}
    one, other = (
        prepare(*random_world(1, when={"enter": -1, "exit": exit_}).parts) for exit_ in (always, 3)
    )
    found = [
        [span.leave for span in spans_of(s.strategy, s.occasions.every, s.grid, s.states)[0]]
        for s in (one, other)
    ]
    assert found[0] == found[1]


def test_periods_and_tags_choose_occurrences() -> None:
    """`reports` are tagged beat and miss in turn."""
    said = {"tags": ["beat"], "since": "2025-06-20", "until": "2025-09-05"}
    found = run_backtest(*random_world(1, **said).parts, draws=0)
    assert found.events["occurrence"].tolist() == ["n2", "n4"]
    assert reports().occurrences[2].tags == ("beat",)
