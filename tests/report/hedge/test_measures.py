"""What a strategy made per event, worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from eventlab.report.hedge.measures import cost_shares, episode_of, gains, per_event
from eventlab.report.hedge.wording import change, money, share, wording
from tests.report.hedge.make_strategy_page import ASIDE, TRADE, make_backtest

EXACT = 1e-12  # sums of a few numbers, in another order


def test_a_hedge_is_not_charged_with_what_the_book_pays_anyway() -> None:
    # -61,400 left of -100,000, of which 200 of funding were the book's own; 16,830 of 45,000 (180).
    by_hand = [(-61_400 + 100_000 + 200) / 1_000_000, (16_830 - 45_000 + 180) / 900_000]
    assert gains(make_backtest()).tolist() == pytest.approx(by_hand, rel=EXACT)


def test_stepping_aside_is_compared_with_the_books_own_move() -> None:
    by_hand = [(-61_400 + 100_000) / 1_000_000, (16_830 - 45_000) / 900_000]
    assert gains(make_backtest(**ASIDE)).tolist() == pytest.approx(by_hand, rel=EXACT)


def test_what_trades_around_events_stands_by_itself() -> None:
    by_hand = [-61_400 / 1_000_000, 16_830 / 900_000]
    assert gains(make_backtest(**TRADE)).tolist() == pytest.approx(by_hand, rel=EXACT)


def test_costs_of_a_hedge_hold_the_carry_of_its_own_legs() -> None:
    found = cost_shares(make_backtest())
    assert found["fees"] == pytest.approx((500 / 1e6 + 450 / 9e5) / 2, rel=EXACT)
    assert found["funding"] == pytest.approx((100 / 1e6 + 0.0) / 2, rel=EXACT)
    aside = cost_shares(make_backtest(**ASIDE))
    assert aside["funding"] == pytest.approx((300 / 1e6 + 180 / 9e5) / 2, rel=EXACT)


def test_the_interval_is_students() -> None:
    values = np.array([0.01, -0.03, 0.02, math.nan, 0.05])
    found, known = per_event(values), values[np.isfinite(values)]
    outside = stats.ttest_1samp(known, 0.0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((outside.low, outside.high), rel=1e-10)
    assert (found.n, found.best) == (4, 4)
    assert found.without_best == pytest.approx(0.0, abs=EXACT)


def test_one_event_has_no_interval_and_none_has_nothing() -> None:
    one, none = per_event(np.array([0.02])), per_event(np.array([math.nan]))
    assert one.mean == 0.02
    assert math.isnan(one.low)
    assert not one.told
    assert (none.n, none.best) == (0, -1)


def test_an_equity_of_nothing_has_no_share() -> None:
    made = make_backtest()
    events = made.events.assign(equity=[0.0, 900_000.0])
    found = gains(replace(made, events=events))
    assert math.isnan(found[0])
    assert np.isfinite(found[1])
    assert all(np.isfinite(value) for value in cost_shares(replace(made, events=events)).values())


def test_rows_of_occurrences_with_the_same_name_are_told_apart() -> None:
    made = make_backtest()
    assert episode_of(made, made.legs).tolist() == [0, 0, 1, 1]
    assert episode_of(made, made.ratios).tolist() == [0, 1]


def test_a_second_ratio_of_an_episode_stays_in_it() -> None:
    made = make_backtest()
    again = made.ratios.iloc[[0, 0, 1]].reset_index(drop=True)
    again.loc[1, "decided_at"] = made.events["entered_at"].iloc[0]
    assert episode_of(made, again).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("value", "capital", "sign", "text"),
    [
        (1234567.8, 1e6, False, "1,234,568"),
        (-1234.5, 1e6, True, "\N{MINUS SIGN}1,234"),
        (0.2, 1e6, True, "0"),
        (0.1234, 10.0, True, "+0.123"),
        (math.nan, 1e6, False, "\N{EN DASH}"),
    ],
)
def test_money_is_written_in_units_of_capital(
    value: float, capital: float, sign: bool, text: str
) -> None:
    assert money(value, capital, sign=sign) == text


def test_returns_are_written_in_percent() -> None:
    assert change(-0.0123) == "\N{MINUS SIGN}1.23%"
    assert change(250.531) == "+25,053%"
    assert change(0.0) == "0.00%"
    assert share(0.4) == "40.0%"
    assert share(-0.4) == "\N{MINUS SIGN}40.0%"


def test_only_what_has_a_hedge_is_called_one() -> None:
    assert wording(make_backtest().strategy).subject == "the hedge"
    assert wording(make_backtest(**ASIDE).strategy).subject == "stepping aside"
    assert wording(make_backtest(**TRADE).strategy).subject == "trading the reaction"
    put = {"instruments": ["BTC"], "ratio": {"method": "put"}, "put": {"moneyness": 0.95}}
    made = make_backtest(hedge=put, sweep={})
    assert wording(made.strategy).subject == "the put overlay"
