"""The verdict on a strategy: no surer than its interval, its placebo and its tries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.report.hedge.spoken import spoken
from tests.report.hedge.make_strategy_page import (
    ASIDE,
    TRADE,
    make_backtest,
    make_placebo,
    make_sweep,
)

if TYPE_CHECKING:
    from eventlab.hedge.results import Backtest

MINUS = "\N{MINUS SIGN}"


def gaining(gain: float, p: float = 0.42, **changes: Any) -> Backtest:
    """A backtest whose two episodes gain nearly the same, beyond the book and after costs."""
    made = make_backtest(**changes)
    wanted = np.array([gain, 1.01 * gain]) * made.events["equity"]
    book = 0.0 if changes == TRADE else made.events["unhedged"]
    own = np.array([200.0, 180.0]) if not changes else 0.0
    events = made.events.assign(hedged=wanted + book - own)
    return replace(made, events=events, placebo=make_placebo(p))


def test_nothing_is_claimed_where_the_interval_holds_zero() -> None:
    said = spoken(make_backtest())
    assert said.sentence.startswith(
        "Whether the hedge saved or cost money cannot be told: +0.39% of equity per event after "
        f"costs, but anywhere from {MINUS}44.02% to +44.79% over 2 events; it could not be told "
        "from random dates (p 0.420 for +1.00%, bar returns added up). On event bars it took away "
        "40.0% of the variance (20.0% to 60.0%); whether it took away any of the expected "
        "shortfall (10.0%, "
    )
    assert (said.kind, said.brief) == ("up", "less risk; money unclear")


def test_a_gain_needs_the_placebo_too() -> None:
    unsure, sure = spoken(gaining(0.02, 0.42)), spoken(gaining(0.02, 0.01))
    assert "could not be told from random dates (p 0.420 for +1.00%, " in unsure.sentence
    assert unsure.brief == "less risk; money unclear"
    assert sure.sentence.startswith("The hedge saved 2.01% of equity per event")
    assert "more than on random dates (p 0.010 for +1.00%, bar returns added up)" in sure.sentence
    assert sure.brief == "more money, less risk"


def test_a_placebo_of_the_number_beside_it_needs_no_other() -> None:
    """Compounded and added up are the same as shown: 2.01% of either."""
    made = gaining(0.02)
    same = replace(made, placebo=made.placebo.assign(value=0.0201))
    assert "from random dates (p 0.420)." in spoken(same).sentence


def test_a_placebo_of_the_other_sign_is_said() -> None:
    made = gaining(-0.02, 0.01)
    said = spoken(replace(made, placebo=made.placebo.assign(value=0.003)))
    assert said.sentence.startswith("The hedge cost 2.01% of equity per event")
    assert "did as well (p 0.010 for +0.30%, bar returns added up)" in said.sentence


def test_a_loss_is_said_as_a_cost() -> None:
    said = spoken(gaining(-0.02))
    assert said.sentence.startswith(
        "The hedge cost 2.01% of equity per event (1.88% to 2.14%, 2 events), after costs"
    )
    assert (said.kind, said.brief) == ("open", "less risk, at a cost")


@pytest.mark.parametrize("changes", [ASIDE, TRADE])
@pytest.mark.parametrize("gain", [-0.02, 0.02])
def test_without_a_hedge_nobody_speaks_of_one(changes: dict[str, Any], gain: float) -> None:
    said = spoken(gaining(gain, 0.01, **changes))
    text = " ".join([said.sentence, *said.lines, *said.doubts, said.brief])
    assert "hedge" not in text
    verb = {True: "made", False: "lost"} if changes is TRADE else {True: "saved", False: "cost"}
    assert f" {verb[gain > 0]} 2.01% of equity" in said.sentence


def test_more_risk_is_said() -> None:
    made = make_backtest()
    worse = made.effectiveness.assign(value=-0.3, low=-0.5, high=-0.1)
    said = spoken(replace(made, effectiveness=worse))
    assert "it added 30.0% to the variance (10.0% to 50.0%)" in said.sentence
    assert said.brief == "more risk; money unclear"


def test_without_placebo_the_sentence_does_not_borrow_one() -> None:
    said = spoken(gaining(0.02, float("nan")))
    assert "no placebo says whether random dates would have, too" in said.sentence
    assert said.brief == "less risk; money unclear"
    assert any(doubt.startswith("No placebo") for doubt in said.doubts)


def test_many_tries_are_the_first_doubt() -> None:
    said = spoken(make_backtest(), make_sweep())
    assert said.doubts[0] == (
        "None of 4 sets earns more than the book alone once all tries are counted (SPA p 0.600); "
        "the best Sharpe is not beyond what so many tries give by luck (deflated 0.40, 0.95 would "
        "be); the best in sample is at or below the median out of sample in 70% of splits (PBO)."
    )
    assert any(line.startswith("Tried: 4 sets; best Sharpe 0.90") for line in said.lines)
    fine = spoken(make_backtest(), make_sweep(spa=0.01, deflated=0.99, pbo=0.1))
    assert not any("tries" in doubt for doubt in fine.doubts)


def test_every_doubt_is_said() -> None:
    text = "\n".join(spoken(make_backtest()).doubts)
    assert "Only 2 events" in text
    assert f"Without its best event, nvidia-earnings/q1, the average would be {MINUS}3.11%" in text
    assert "Of 3 orders 1 rolled and 1 refused" in text
    assert "4 exclusions, 3 of them as this: no funding rate of BTC" in text
    assert "BTC had no price in 2 bars while held" in text
