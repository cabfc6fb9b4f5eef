"""Orders on closed sessions and at missing prices: Thanksgiving by hand, and the table of rolls."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError
from eventlab.hedge.rolls import MissingPrice
from eventlab.hedge.run import run_backtest
from tests.hedge.worlds import World, leg, reports, room, told, without
from tests.market.series import market

if TYPE_CHECKING:
    from eventlab.hedge.results import Backtest

EXACT = 1e-12  # relative: sums of a few products, in another order
# Bitcoin closes at 100 until Monday, 24 November 2025, and 10 higher each UTC day after that.
COIN = [100.0] * 11 + [110.0, 120.0, 130.0, 140.0, 150.0, 160.0, 170.0, 180.0]
# QQQ closes at 50 until Monday, then at 51, 52, 53 (Friday, at 13:00) and 54, 55; Thursday the 27th
# is Thanksgiving. It opens half a point below its close.
FUND = [50.0] * 7 + [51.0, 52.0, 53.0, 54.0, 55.0]
CLOSED = {"saturday": 4, "sunday": 5, "thanksgiving": 2}  # exit, in UTC days after Tuesday the 25th


def thanksgiving(exit_: int, when_closed: str = "next_open", **said: Any) -> World:
    """In at Monday's close, on a news of Tuesday noon in New York."""
    fund = leg("QQQ", date(2025, 11, 14), FUND, [price - 0.5 for price in FUND])
    coin = leg("BTC", date(2025, 11, 14), COIN)
    return World(
        told(
            when={"enter": -1, "exit": exit_},
            when_closed=when_closed,
            exposure={"inside": 1.0, "outside": 0.0},
            **said,
        ),
        market(coin, fund),
        room(reports(["2025-11-25 12:00"])),
    )


def order(found: Backtest, symbol: str, kind: str) -> pd.Series:
    rows = found.orders[(found.orders["symbol"] == symbol) & (found.orders["kind"] == kind)]
    assert len(rows) == 1
    return rows.iloc[0]


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize(
    ("name", "session", "price"),
    [
        ("saturday", "2025-11-30", 150.0),
        ("sunday", "2025-12-01", 160.0),
        ("thanksgiving", "2025-11-28", 130.0),
    ],
)
@pytest.mark.parametrize("when_closed", ["next_open", "previous_close", "cancel"])
def test_bitcoin_is_closed_on_the_day_itself(
    name: str, session: str, price: float, when_closed: str
) -> None:
    """A UTC day closes at the midnight after it; a Saturday is a bar like any other."""
    found = run_backtest(*thanksgiving(CLOSED[name], when_closed).parts)
    entered, left = order(found, "BTC", "enter"), order(found, "BTC", "exit")
    # 1,000 of equity at 100 a coin, all of it: 10 coins.
    assert (entered["shares"], entered["price"]) == (10.0, 100.0)
    assert (entered["decided_at"], entered["filled_at"]) == (utc("2025-11-24"), utc("2025-11-25"))
    assert (left["shares"], left["price"], left["status"]) == (-10.0, price, "filled")
    assert left["filled_at"] == left["scheduled_at"] == utc(session)
    assert left["decided_at"] == utc(session) - pd.Timedelta(days=1)


# Half of the book's 1,000 is sold short in QQQ, at Monday's 50: 10 shares.
@pytest.mark.parametrize(
    ("name", "when_closed", "decided", "filled", "price"),
    [
        # The exchange opens on Monday at 9:30 New York, on the Friday after Thanksgiving as well.
        ("saturday", "next_open", "2025-11-29", "2025-12-01 14:30", 53.5),
        ("sunday", "next_open", "2025-11-30", "2025-12-01 14:30", 53.5),
        ("thanksgiving", "next_open", "2025-11-27", "2025-11-28 14:30", 52.5),
        # It closes at 13:00 on Friday the 28th; that is decided when Thursday's UTC day ends.
        ("saturday", "previous_close", "2025-11-28", "2025-11-28 18:00", 53.0),
        ("sunday", "previous_close", "2025-11-28", "2025-11-28 18:00", 53.0),
        ("thanksgiving", "previous_close", "2025-11-26", "2025-11-26 21:00", 52.0),
    ],
)
def test_an_exchange_s_leg_is_rolled_off_a_closed_day(
    name: str, when_closed: str, decided: str, filled: str, price: float
) -> None:
    found = run_backtest(*thanksgiving(CLOSED[name], when_closed).parts)
    left = order(found, "QQQ", "exit")
    assert (left["status"], left["shares"], left["price"]) == ("rolled", 10.0, price)
    assert (left["decided_at"], left["filled_at"]) == (utc(decided), utc(filled))
    words = {
        "next_open": "its market was closed: filled when it opened next",
        "previous_close": "its market would be closed: filled at the close before",
    }
    assert left["reason"] == words[when_closed]
    coin = order(found, "BTC", "exit")["price"]
    wanted = 1_000.0 + 10.0 * (coin - 100.0) - 10.0 * (price - 50.0)
    assert found.curves["hedged"].iloc[-1] == pytest.approx(wanted, rel=EXACT)
    event = found.events.iloc[0]
    assert event["hedge"] == pytest.approx(-10.0 * (price - 50.0), rel=EXACT)
    assert event["unhedged"] == pytest.approx(10.0 * (coin - 100.0), rel=EXACT)


@pytest.mark.parametrize("name", CLOSED)
def test_a_cancelled_order_is_refused_and_leaves_the_position(name: str) -> None:
    found = run_backtest(*thanksgiving(CLOSED[name], "cancel").parts)
    left = order(found, "QQQ", "exit")
    assert (left["status"], left["reason"]) == ("refused", "its market was closed")
    assert np.isnan(left["shares"])
    assert pd.isna(left["filled_at"])
    # Ten shares short are still there when prices end, at 55 (2 December).
    coin = order(found, "BTC", "exit")["price"]
    wanted = 1_000.0 + 10.0 * (coin - 100.0) - 10.0 * (55.0 - 50.0)
    assert found.curves["hedged"].iloc[-1] == pytest.approx(wanted, rel=EXACT)
    held = found.trades[found.trades["symbol"] == "QQQ"]
    assert held["status"].tolist() == ["open"]


def test_a_missing_close_is_a_named_error() -> None:
    """Everything that a reader needs is in the message: who, what, when, which price, and then."""
    world = thanksgiving(1)
    lacking = without(world.market, "QQQ", "2025-11-26")
    with pytest.raises(MissingPrice) as caught:
        run_backtest(world.strategy, lacking, world.workspace)
    said = str(caught.value)
    for part in ("small: ", "no close of QQQ on 2025-11-26", "market was open", "(exit)"):
        assert part in said
    assert said.endswith("Supply the price, move the window, or set missing: roll")
    assert isinstance(caught.value, DataError)


def test_a_missing_close_rolls_to_the_next_price_and_is_listed() -> None:
    """Wednesday's close lacks, and Thursday is Thanksgiving: Friday's open, 52.5."""
    world = thanksgiving(1, missing="roll")
    lacking = without(world.market, "QQQ", "2025-11-26")
    found = run_backtest(world.strategy, lacking, world.workspace)
    left = order(found, "QQQ", "exit")
    assert (left["status"], left["price"]) == ("rolled", 52.5)
    assert left["scheduled_at"] == utc("2025-11-27")
    assert left["filled_at"] == utc("2025-11-28 14:30")
    assert left["reason"] == "the price lacked: filled at the next"


def test_a_price_that_nobody_needs_may_lack() -> None:
    world = thanksgiving(1)
    lacking = without(world.market, "QQQ", "2025-11-25")
    found = run_backtest(world.strategy, lacking, world.workspace)
    assert set(found.orders["status"]) == {"filled"}
    assert found.sampling.set_index("symbol")["stale"].to_dict() == {"BTC": 0, "QQQ": 1}


def test_an_order_that_rolls_onto_a_missing_session_is_an_error_too() -> None:
    """Out on Saturday, and Monday, the next session, has no price: Tuesday is not what was said."""
    world = thanksgiving(4)
    lacking = without(world.market, "QQQ", "2025-12-01")
    wanted = (
        "no price of QQQ on 2025-12-01, to which an order .exit. is moved that is due on 2025-11-29"
    )
    with pytest.raises(MissingPrice, match=wanted):
        run_backtest(world.strategy, lacking, world.workspace)
    rolled = run_backtest(told(world.strategy, missing="roll"), lacking, world.workspace)
    assert order(rolled, "QQQ", "exit")["filled_at"] == utc("2025-12-02 14:30")


def test_an_order_is_not_brought_forward_past_a_missing_close() -> None:
    """Out on Saturday, Friday's close lacks: not Wednesday's, as nobody knew, but Monday's open."""
    world = thanksgiving(4, "previous_close")
    lacking = without(world.market, "QQQ", "2025-11-28")
    wanted = (
        "no close of QQQ on 2025-11-28, to which an order .exit. is moved that is due on 2025-11-29"
    )
    with pytest.raises(MissingPrice, match=wanted):
        run_backtest(world.strategy, lacking, world.workspace)
    rolled = run_backtest(told(world.strategy, missing="roll"), lacking, world.workspace)
    left = order(rolled, "QQQ", "exit")
    assert (left["status"], left["price"]) == ("rolled", 53.5)
    assert left["filled_at"] == utc("2025-12-01 14:30")


def test_what_is_brought_forward_to_a_close_is_filled_there_whatever_else_is_at_opens() -> None:
    world = thanksgiving(4, "previous_close")
    at_open = told(world.strategy, when={"enter": -1, "exit": 4, "fill": "open"})
    left = order(run_backtest(at_open, world.market, world.workspace), "QQQ", "exit")
    assert (left["price"], left["filled_at"]) == (53.0, utc("2025-11-28 18:00"))


def test_an_entry_on_a_sunday_is_brought_forward_with_its_fee() -> None:
    """Sunday the 23rd becomes Friday's close at 50; the hedge is decided on Thursday's close."""
    world = thanksgiving(2, "previous_close", costs={"fee_bps": 100, "slippage_bps": 0})
    held = world.saying(
        when={"enter": -2, "exit": 1}, exposure={"inside": 1.0, "outside": 1.0, "reset": "none"}
    )
    found = run_backtest(*held.parts)
    entered = order(found, "QQQ", "enter")
    assert (entered["status"], entered["price"]) == ("rolled", 50.0)
    assert entered["decided_at"] == utc("2025-11-21")
    assert entered["filled_at"] == utc("2025-11-21 21:00")
    event = found.events.iloc[0]
    assert event["entered_at"] == utc("2025-11-22")
    # Both fees of the hedge are the episode's: 1% of what was sold, and of what was bought back.
    shares = -entered["shares"]
    assert shares > 0
    assert event["fees"] == pytest.approx(0.01 * shares * (50.0 + 52.0), rel=EXACT)


def test_a_hedge_that_is_brought_forward_is_sized_by_the_book_to_come() -> None:
    """On Friday nothing is held yet; on Sunday all of the equity is, and half of it is hedged."""
    world = thanksgiving(1, "previous_close")
    found = run_backtest(*world.saying(when={"enter": -2, "exit": 1}).parts)
    assert order(found, "QQQ", "enter")["shares"] == pytest.approx(-10.0, rel=EXACT)
    assert order(found, "BTC", "enter")["shares"] == pytest.approx(10.0, rel=EXACT)
    assert order(found, "BTC", "enter")["filled_at"] == utc("2025-11-24")


def test_an_opening_price_that_lacks_is_taken_at_the_close_and_listed() -> None:
    world = thanksgiving(1)
    lacking = without(world.market, "QQQ", "2025-11-26", opens_only=True)
    at_open = told(world.strategy, when={"enter": -1, "exit": 1, "fill": "open"})
    found = run_backtest(at_open, lacking, world.workspace)
    left = order(found, "QQQ", "exit")
    assert (left["status"], left["price"]) == ("rolled", 52.0)
    assert left["reason"] == "no opening price: filled at the close"
    # Bitcoin has no opening prices at all here, and is filled at closes.
    assert order(found, "BTC", "exit")["price"] == 120.0


def test_what_is_due_after_the_last_price_is_refused() -> None:
    """Prices end on 2 December; the exit is due on the 5th."""
    found = run_backtest(*thanksgiving(10).parts)
    left = found.orders[found.orders["kind"] == "exit"]
    assert set(left["status"]) == {"refused"}
    assert set(left["reason"]) == {"prices end before"}
    event = found.events.iloc[0]
    assert not event["complete"]
    assert pd.isna(event["exited_at"])
