"""Strategies written in Python: equal to the file they imitate, and audited like one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.errors import UsageError
from eventlab.hedge.audit import run_audit
from eventlab.hedge.rule_plan import decide_by_rule
from eventlab.hedge.run import run_backtest
from eventlab.hedge.runs import decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from tests.hedge.worlds import World, random_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.hedge.known import Known

INSIDE = {"inside": 1.0, "outside": 0.0}


def imitated(**said: Any) -> World:
    """In the book and half of it short in QQQ from a bar before to three after; else nothing."""
    return random_world(6, when={"enter": -1, "exit": 3, **said}, exposure=INSIDE)


def imitation(known: Known) -> Mapping[str, float] | None:
    """Decide to enter two bars before the session, and to leave two bars after it."""
    taus = [each.tau for each in known.events]
    if -2 in taus:
        return {"BTC": 1.0, "QQQ": -0.5}
    if 2 in taus:
        return {"BTC": 0.0, "QQQ": 0.0}
    return None


@pytest.mark.parametrize("said", [{}, {"fill": "open"}])
def test_a_rule_is_the_file_that_it_imitates(said: dict[str, str]) -> None:
    world = imitated(**said)
    setting = prepare(*world.parts)
    file, rule = decide_all(setting), decide_by_rule(setting, imitation)
    runs = [simulate_plan(setting, each.planned.plan) for each in (file, rule)]
    np.testing.assert_array_equal(runs[0].order_point, runs[1].order_point)
    np.testing.assert_array_equal(runs[0].order_leg, runs[1].order_leg)
    # The file sizes its hedge by the book, the rule by equity, which is the same sum of products.
    np.testing.assert_allclose(runs[0].order_shares, runs[1].order_shares, rtol=1e-13)
    np.testing.assert_allclose(runs[0].equity, runs[1].equity, rtol=1e-13)


def test_a_whole_backtest_of_a_rule_has_every_table() -> None:
    world = imitated()
    file = run_backtest(*world.parts, draws=0)
    rule = run_backtest(*world.parts, draws=0, rule=imitation)
    assert rule.events["occurrence"].tolist() == file.events["occurrence"].tolist()
    for name in ("unhedged", "hedge", "hedged", "fees"):
        np.testing.assert_allclose(rule.events[name], file.events[name], atol=1e-9)
    assert rule.identity["error"].abs().max() < 1e-9


def momentum(known: Known) -> Mapping[str, float] | None:
    past = known.history("BTC", 6)
    return {"BTC": 1.0 if past[-1] > np.nanmean(past) else -0.5} if len(past) == 6 else None


def test_an_honest_rule_is_clean() -> None:
    assert run_audit(*imitated().parts, rule=momentum, cuts=3).clean


def test_a_rule_that_keeps_what_an_earlier_run_saw_is_caught() -> None:
    """The first run fills what it closes over; in the next ones that is the future."""
    seen: dict[int, float] = {}

    def cheat(known: Known) -> Mapping[str, float]:
        price = seen[known.row] = float(known.closes[-1, 0])
        return {"BTC": 1.0 if seen.get(known.row + 1, price) >= price else -1.0}

    found = run_audit(*imitated().parts, rule=cheat, cuts=3)
    assert not found.clean
    first = found.changes.iloc[0]
    assert (first["kind"], first["symbol"], first["field"]) == ("rebalance", "BTC", "target")
    assert (first["with_future"], first["without"]) == (1.0, -1.0)


def test_a_rule_may_remember_what_it_has_seen() -> None:
    """Each run has a copy of its own, so that the memory of one is not the future of another."""

    class Highest:
        def __init__(self) -> None:
            self.highest = 0.0

        def __call__(self, known: Known) -> Mapping[str, float]:
            price = float(known.closes[-1, 0])
            self.highest = max(self.highest, price)
            return {"BTC": 1.0 if price == self.highest else 0.3}

    rule = Highest()
    assert run_audit(*imitated().parts, rule=rule, cuts=3).clean
    assert rule.highest == 0.0


def test_what_a_rule_has_of_its_own_is_out_of_the_audit_s_reach() -> None:
    """Prices that it brought along are the same in every future; the documentation says so."""
    world = imitated()
    prices = world.market.daily["BTC"].prices.copy()

    def cheat(known: Known) -> Mapping[str, float]:
        later = prices[min(known.row + 1, len(prices) - 1)]
        return {"BTC": 1.0 if later > known.closes[-1, 0] else -1.0}

    assert run_audit(*world.parts, rule=cheat, cuts=3).clean
    assert "brought along" in (run_audit.__doc__ or "")


def test_a_rule_that_fails_says_when() -> None:
    def broken(known: Known) -> Mapping[str, float] | None:
        raise ZeroDivisionError("no" * known.row)

    with pytest.raises(UsageError, match="the rule failed at 2025-"):
        run_backtest(*imitated().parts, rule=broken)
