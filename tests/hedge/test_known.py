"""Strategies written in Python: what they see, what they cannot, and how they are asked."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.hedge.known import Known, KnownEvent, RuleWindow, rule_targets
from eventlab.timeline.types import DAY
from tests.naive_hedge_replay import grid_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.hedge.types import Grid

BARS = 30


def grid() -> Grid:
    """Legs A and B; B does not trade in bars 4 and 5."""
    steps = np.random.default_rng(3).normal(0.0, 0.02, (2 * BARS, 2))
    prices = 100.0 * np.exp(np.cumsum(steps, axis=0))
    prices[8:12, 1] = np.nan
    return grid_of(prices)


def seen(windows: tuple[RuleWindow, ...] = ()) -> list[Known]:
    found: list[Known] = []

    def keep(known: Known) -> None:
        found.append(known)

    rule_targets(keep, grid(), range(BARS), windows=windows)
    return found


def momentum(known: Known) -> Mapping[str, float] | None:
    """Hold what rose over five bars; nothing new before there are as many."""
    past = known.history("A", 6)
    if len(past) < 6:
        return None
    return {"A": 1.0, "B": -0.5} if past[-1] > past[0] else {"A": 0.0}


def test_a_rule_sees_the_past_and_the_close() -> None:
    whole = grid()
    for row, known in enumerate(seen()):
        assert known.row == row
        assert known.session == whole.clock.sessions[row]
        assert known.instant == whole.clock.closes[row]
        assert known.symbols == ("A", "B")
        np.testing.assert_array_equal(known.sessions, whole.clock.sessions[: row + 1])
        np.testing.assert_array_equal(known.closes, whole.fills[1 : 2 * row + 2 : 2])
        np.testing.assert_array_equal(known.history("B", 3), known.closes[-3:, 1])
        assert known.returns.shape == (row + 1, 2)


def test_returns_run_from_the_last_own_close() -> None:
    known = seen()[7]
    closes = known.closes[:, 1]
    assert np.isnan(known.returns[[0, 4, 5], 1]).all()
    assert known.returns[6, 1] == pytest.approx(closes[6] / closes[3] - 1)
    assert known.returns[7, 1] == pytest.approx(closes[7] / closes[6] - 1)


def test_history_is_as_long_as_there_is() -> None:
    known = seen()[2]
    assert len(known.history("A", 10)) == 3
    assert len(known.history("A", 0)) == 0
    with pytest.raises(UsageError, match=r"'a' is no leg of the strategy \(A, B\); did you mean"):
        known.history("a", 1)
    with pytest.raises(UsageError, match="-1 bars; give 0 or more"):
        known.history("A", -1)


@pytest.mark.parametrize("name", ["closes", "returns", "sessions"])
def test_nothing_known_can_be_changed(name: str) -> None:
    known = seen()[9]
    values: npt.NDArray[np.float64] = getattr(known, name)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = values[1]
    with pytest.raises(ValueError, match="WRITEABLE"):
        values.flags.writeable = True
    with pytest.raises(ValueError, match="read-only"):
        known.history("A", 3)[:] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(known, name, values)
    with pytest.raises((AttributeError, TypeError)):
        known.future = 1  # type: ignore[attr-defined]


def test_kept_references_do_not_reach_later_data() -> None:
    whole = grid()
    for row, known in enumerate(seen()):
        for values in (known.closes, known.returns, known.history("A", 3)):
            base: object = values
            while getattr(base, "base", None) is not None:
                base = base.base  # type: ignore[attr-defined]
            held = len(base) if isinstance(base, bytes) else np.asarray(base).nbytes
            assert held == (row + 1) * 2 * 8
        assert not np.shares_memory(known.closes, whole.fills)


def test_events_are_shown_while_their_window_is_open_and_tags_after_the_news() -> None:
    news = 10 * DAY + DAY // 2  # at noon of bar 10
    window = RuleWindow("fed", "march", ("cut",), first=8, last=12, day0=10, news_instant=news)
    other = RuleWindow("cpi", "feb", (), first=12, last=13, day0=9, news_instant=0)
    found = seen((window, other))
    assert [len(known.events) for known in found[7:15]] == [0, 1, 1, 1, 1, 2, 1, 0]
    assert found[8].events == (KnownEvent("fed", "march", -2, announced=False, tags=()),)
    assert found[9].events == (KnownEvent("fed", "march", -1, announced=False, tags=()),)
    assert found[10].events == (KnownEvent("fed", "march", 0, announced=True, tags=("cut",)),)
    assert [each.event for each in found[12].events] == ["cpi", "fed"]
    assert found[12].events[0].tau == 3


def test_decisions_in_order_of_time() -> None:
    decided = rule_targets(momentum, grid(), [20, 3, 12])
    closes = grid().closes[:, 0]
    rows = [12, 20]
    np.testing.assert_array_equal(decided.decided, rows)
    expected = [[1.0, -0.5] if closes[r] > closes[r - 5] else [0.0, np.nan] for r in rows]
    np.testing.assert_array_equal(decided.targets, expected)
    none = rule_targets(lambda _: None, grid(), range(BARS))
    assert none.targets.shape == (0, 2)
    assert none.decided.dtype == np.int64


def test_a_rule_is_asked_once_per_bar() -> None:
    rows = [known.row for known in seen()]
    assert rows == list(range(BARS))


@pytest.mark.parametrize("cut", [7, 15, 28])
def test_the_future_leaves_decisions_as_they_were(cut: int) -> None:
    whole = grid()
    fills = whole.fills.copy()
    fills[2 * cut + 2 :] = np.random.default_rng(1).permutation(fills[2 * cut + 2 :]) * 5.0
    remembered: list[npt.NDArray[np.float64]] = []

    def with_memory(known: Known) -> Mapping[str, float]:
        remembered.append(known.closes)
        return {"A": float(np.nansum([np.nansum(each) for each in remembered]))}

    before = rule_targets(with_memory, whole, range(BARS))
    remembered.clear()
    after = rule_targets(with_memory, replace(whole, fills=fills), range(BARS))
    np.testing.assert_array_equal(before.targets[: cut + 1], after.targets[: cut + 1])
    assert (before.targets[cut + 1 :, 0] != after.targets[cut + 1 :, 0]).all()


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({"C": 1.0}, r"the rule at 1970-01-06: 'C' is no leg of the strategy \(A, B\)"),
        ({"A": float("nan")}, "the rule at 1970-01-06: weight of A is nan; give a finite number"),
        ({"B": float("-inf")}, "the rule at 1970-01-06: weight of B is -inf"),
        ({"A": "all"}, "weight of A is 'all'"),
        ({"A": True}, "weight of A is True"),
        ({"A": None}, "weight of A is None"),
        (1.0, "the rule returned float at 1970-01-06; return weights by symbol"),
        ([1.0, 2.0], "the rule returned list at 1970-01-06"),
    ],
)
def test_refuses_what_a_rule_returns(returned: Mapping[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rule_targets(lambda _: returned, grid(), [5])


def test_takes_numbers_of_every_kind() -> None:
    given = {"A": np.float32(0.5), "B": np.int64(-1)}
    found = rule_targets(lambda _: given, grid(), [5])  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.targets, [[0.5, -1.0]])


def test_a_failure_names_the_session() -> None:
    def broken(known: Known) -> Mapping[str, float]:
        return {"A": 1 / (known.row - 3)}

    with pytest.raises(UsageError, match="failed at 1970-01-04: ZeroDivisionError") as caught:
        rule_targets(broken, grid(), range(BARS))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def missing(known: Known) -> Mapping[str, float]:
        raise DataError(f"no curve on {known.session}")

    with pytest.raises(DataError, match="no curve on 1970-01-01"):
        rule_targets(missing, grid(), range(BARS))


def test_refuses_rows_outside() -> None:
    with pytest.raises(UsageError, match="row 30 lies outside of the 30 bars"):
        rule_targets(momentum, grid(), [BARS])
