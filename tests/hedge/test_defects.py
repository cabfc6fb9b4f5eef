"""Defects that whole backtests of odd strategies have shown, each with the case that showed it."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from eventlab.definitions.references import Catalogue
from eventlab.definitions.strategy_references import strategy_reference_findings
from eventlab.errors import DataError
from eventlab.hedge.run import run_backtest
from eventlab.report.hedge.measures import gains
from eventlab.report.hedge.text import print_backtest
from eventlab.report.hedge.wording import wording
from tests.hedge.worlds import ending, random_world, reports, told

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXED: Mapping[str, Any] = {"instruments": ["QQQ"], "ratio": {"method": "fixed", "value": 0.5}}


@pytest.mark.parametrize("exit_bar", [2, 5])
def test_placebo_keeps_orders_that_are_brought_forward_apart(exit_bar: int) -> None:
    # On 24/7 an entry due on a Monday holiday is decided days before its bar: schedules overlapped.
    when = {"enter": -3, "exit": exit_bar, "rebalance": "daily"}
    world = random_world(3, when=when, when_closed="previous_close")
    placebo = run_backtest(*world.parts, draws=20).placebo
    assert np.isfinite(placebo["pvalue"]).all()


def test_whoever_sells_for_nothing_is_no_division_by_zero() -> None:
    world = random_world(4, costs={"slippage_bps": 10_000}, hedge=None, exposure={"outside": 0.0})
    found = run_backtest(*world.parts, draws=0)  # warnings are errors in tests
    sold = found.orders.query("shares < 0")
    assert len(sold)
    assert (sold["fill_price"] == 0.0).all()


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"book": {"BTC": 1e300}}, "book.BTC"),
        ({"exposure": {"inside": -1e9}}, "exposure.inside"),
        ({"scale": {"volatility": 1e300}}, "scale.volatility"),
        ({"scale": {"volatility": 0.4, "cap": 1e300}}, "scale.cap"),
        ({"hedge": {**FIXED, "ratio": {"method": "fixed", "value": 1e300}}}, "hedge.ratio.value"),
        ({"hedge": {**FIXED, "ratio": {"method": "ridge", "penalty": 1e300}}}, "penalty"),
        ({"capital": 1e-300}, "capital"),
    ],
)
def test_sizes_beyond_all_sense_are_refused_by_name(said: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        told(**said)
    assert any(".".join(map(str, each["loc"])).endswith(where) for each in caught.value.errors())


def test_a_price_is_no_yield() -> None:
    world = random_world(5, costs={"interest": "QQQ"})
    with pytest.raises(DataError, match=r"costs\.interest: QQQ is .*no yield in percent"):
        run_backtest(*world.parts, draws=0)


def test_too_short_a_time_says_which_days_there_are() -> None:
    world = random_world(6)
    world = replace(world, market=ending(world.market, "QQQ", "2025-01-07"))
    with pytest.raises(DataError, match=r"at the same time from 2025-01-06 to .* a backtest needs"):
        run_backtest(*world.parts, draws=0)


def test_a_state_that_cannot_be_seen_says_why() -> None:
    when = {"enter": 1, "exit": {"falling": "UUP", "bars": 5, "at_most": 6}}
    notes = run_backtest(*random_world(7, when=when).parts, draws=0).notes
    assert (notes["about"] == "when.exit").any()
    assert notes["note"].str.contains("UUP").any()


def test_words_for_a_hedge_that_comes_with_another_exposure() -> None:
    said = wording(told(exposure={"inside": 1.0, "outside": 0.0}))
    assert said.runs["unhedged"] == "without its hedge"  # it is not held throughout
    held = wording(told(hedge=None, exposure={"inside": 1.0, "outside": 0.5}))
    assert held.runs["unhedged"] == "book held throughout"


def test_puts_that_are_left_to_their_defaults_are_puts() -> None:
    said = wording(told(hedge={"instruments": ["BTC"], "ratio": {"method": "put"}}))
    assert said.subject == "the put overlay"


def test_a_put_that_is_worth_nothing_is_not_dropped_in_silence() -> None:
    # Nothing was bought, and nothing said so.
    hedge = {"instruments": ["BTC"], "ratio": {"method": "put"}, "put": {"moneyness": 1e-9}}
    with pytest.raises(DataError, match="BTC put: worth nothing when it is struck"):
        run_backtest(*random_world(8, hedge=hedge).parts, draws=0)


@pytest.mark.parametrize("name", ["@tokens", "@issuer"])
def test_puts_are_on_one_symbol(name: str) -> None:
    # They were struck on the first member, or the first issuer, and on nobody else.
    with pytest.raises(ValidationError, match="is no symbol, and puts are on one"):
        told(hedge={"instruments": [name], "ratio": {"method": "put"}})


@pytest.mark.parametrize(
    ("book", "instrument"), [("NVDA", "@issuer"), ("@issuer", "NVDA"), ("@techs", "@issuer")]
)
def test_an_issuer_cannot_be_held_twice(book: str, instrument: str) -> None:
    strategy = told(
        book={book: 1.0},
        hedge={"instruments": [instrument], "ratio": {"method": "fixed", "value": 0.5}},
    )
    events = {"news": reports()}
    groups = {"techs": ("NVDA", "ORCL")}
    catalogue = Catalogue(groups, frozenset(events), events)
    found = [each.message for each in strategy_reference_findings(strategy, catalogue)]
    assert any("both hold" in message and "NVDA" in message for message in found)


def test_a_book_that_is_gone_before_its_first_event_can_be_told() -> None:
    world = random_world(8, costs={"fee_bps": 10_000})
    found = run_backtest(*world.parts, draws=0)
    text = StringIO()
    print_backtest(found, text, verbose=True)  # warnings are errors in tests
    assert "Costs: no episode was traded" in " ".join(text.getvalue().split())
    assert np.isnan(gains(found)).all()


def test_episodes_after_a_liquidation_do_not_count_as_zeros() -> None:
    limits = {"maintenance": 0.499}
    hedge = {"instruments": ["QQQ"], "ratio": {"method": "fixed", "value": 1.0}}
    found = run_backtest(*random_world(9, limits=limits, hedge=hedge).parts, draws=0)
    gone = found.events["bars"] == 0
    assert gone.any()
    assert (found.events.loc[gone, "equity"] > 0).all()  # what is left is cash
    assert np.isnan(gains(found)[gone]).all()
