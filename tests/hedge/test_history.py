"""Joint returns of book and instruments: over closed bars, of groups, and what was known when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from eventlab.hedge.history import make_history
from eventlab.hedge.prices import build_grid
from eventlab.hedge.sleeves import Sleeve, Sleeves
from eventlab.timeline.clock import make_clock
from tests.market.series import MINUTE, daily, intraday, market, ns

NAN = float("nan")
FRIDAY = date(2025, 12, 5)


def sleeves(book: list[Sleeve], hedge: list[Sleeve]) -> Sleeves:
    names = dict.fromkeys(each.name for each in (*book, *hedge))
    return Sleeves(tuple(book), tuple(hedge), tuple(names), len(book), ())


PAIR = sleeves([Sleeve("AAA", 1.0, (0,))], [Sleeve("BBB", 1.0, (1,))])


def test_bars_that_lack_a_leg_are_compounded_into_the_next() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 11))
    held = market(
        daily("AAA", "XNYS", FRIDAY, [1, 1, 1, 3, 3]),
        daily("BBB", "XNYS", FRIDAY, [1, 2, NAN, 4, 8]),
    )
    past = make_history(build_grid(held, ["AAA"], ["BBB"], clock), PAIR)
    assert past.rows.tolist() == [1, 3, 4]  # where each return ends
    np.testing.assert_array_equal(past.book, [0, 2, 0])
    np.testing.assert_array_equal(past.instruments, [[1], [1], [1]])
    assert [past.last(row) for row in range(5)] == [0, 1, 1, 2, 3]


def test_a_weekend_of_the_instrument_is_one_return_of_both() -> None:
    clock = make_clock("24/7", FRIDAY, date(2025, 12, 8))
    held = market(
        daily("AAA", "24/7", FRIDAY, [90, 91, 92, 93]), daily("BBB", "XNYS", FRIDAY, [600, 620])
    )
    past = make_history(build_grid(held, ["AAA"], ["BBB"], clock), PAIR)
    assert past.rows.tolist() == [3]
    np.testing.assert_array_equal(past.book, [93 / 90 - 1])
    np.testing.assert_array_equal(past.instruments, [[620 / 600 - 1]])


def test_a_book_is_per_unit_of_its_gross_value_and_a_group_the_mean_of_who_has_prices() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    held = market(
        daily("AAA", "XNYS", FRIDAY, [10, 11, 22]),
        daily("BBB", "XNYS", FRIDAY, [10, 15, 15]),
        daily("CCC", "XNYS", FRIDAY, [NAN, 10, 12]),
    )
    grid = build_grid(held, ["AAA"], ["BBB", "CCC"], clock)
    book = [Sleeve("AAA", 1.5, (0,)), Sleeve("BBB", -0.5, (1,))]
    past = make_history(grid, sleeves(book, [Sleeve("@two", 1.0, (1, 2))]))
    np.testing.assert_allclose(past.book, [(1.5 * 0.1 - 0.5 * 0.5) / 2, 1.5 * 1.0 / 2], rtol=1e-14)
    np.testing.assert_allclose(past.instruments[:, 0], [0.5, (0.0 + 0.2) / 2], rtol=1e-14)


def test_an_issuer_is_its_own_leg_and_without_one_there_is_no_past() -> None:
    clock = make_clock("XNYS", FRIDAY, date(2025, 12, 9))
    held = market(
        daily("AAA", "XNYS", FRIDAY, [10, 11, 22]), daily("BBB", "XNYS", FRIDAY, [10, 15, 15])
    )
    grid = build_grid(held, ["AAA"], ["BBB"], clock)
    own = Sleeve("@issuer", 1.0, (0, 1), {"AAA": 0, "BBB": 1})
    for issuer, moves in (("AAA", [0.1, 1.0]), ("BBB", [0.5, 0.0])):
        past = make_history(grid, sleeves([own], []), issuer)
        np.testing.assert_allclose(past.book, moves, rtol=1e-14)
        assert past.instruments.shape == (2, 0)
    assert len(make_history(grid, sleeves([own], []), "CCC").rows) == 0


def test_returns_over_a_splice_compound_to_what_was_made() -> None:
    """Daily closes at midnight to 2 January, hours from the 1st on, half a percent higher."""
    clock = make_clock("XNYS", date(2022, 12, 29), date(2023, 1, 5))
    token = daily("AAA", "24/7", date(2022, 12, 29), [100, 110, 121, 120, 132, 99, 90, 80])
    ends = np.arange(ns("2023-01-01T01"), ns("2023-01-05T00") + 1, 60 * MINUTE)
    days = np.searchsorted(token.closes, ends)
    bars = intraday("AAA", "24/7", ends.tolist(), (token.prices[days] * 1.005).tolist(), 60)
    grid = build_grid(market(token, bars), ["AAA"], [], clock)
    past = make_history(grid, sleeves([Sleeve("AAA", 1.0, (0,))], []))
    assert np.prod(past.book + 1.0) == pytest.approx(80.0 / 100.0, rel=1e-15)
