"""The order log: its hash, and a diff that says what a person would."""

from __future__ import annotations

from eventlab.definitions.baseline import BaselineDefinition
from eventlab.regression.orders import COLUMNS, compare_orders, log_of
from eventlab.regression.tolerances import Tolerances
from eventlab.regression.types import OrderLog, OrderMove, Value

Row = tuple[Value, ...]
TOLERANCES = Tolerances(BaselineDefinition())


def order(
    day: int, shares: float, price: float = 100.0, occurrence: str = "q1", symbol: str = "AAA",
    kind: str = "enter",
) -> Row:  # fmt: skip
    """One filled order of March 2025, decided the day before."""
    at, before = (f"2025-03-{each:02}T20:00:00+00:00" for each in (day, day - 1))
    value = shares * price
    return (occurrence, symbol, kind, before, at, at, shares, price, price, value, 1.5, 0.5,
            "filled", "")  # fmt: skip


def line(sign: str, day: int, said: str) -> str:
    return f"{sign} 2025-03-{day:02} 20:00 {said} fee 1.5 slippage 0.5 filled"


def log(*rows: Row) -> OrderLog:
    return log_of(COLUMNS, rows)


def moved(before: OrderLog, now: OrderLog) -> OrderMove | None:
    return compare_orders(before, now, TOLERANCES.allow)


FIVE = [
    order(3, 10.0),
    order(5, -4.0, kind="rebalance"),
    order(6, 2.0, kind="rebalance"),
    order(7, 1.0, kind="rebalance"),
    order(10, -9.0, kind="exit"),
]


def test_equal_logs_have_one_hash_and_no_move() -> None:
    assert log(*FIVE).sha256 == log(*FIVE).sha256
    assert moved(log(*FIVE), log(*FIVE)) is None


def test_last_digits_are_no_difference() -> None:
    rounded = order(3, 10.0 * (1 + 3e-16))
    assert rounded != FIVE[0]
    assert log(rounded).sha256 == log(FIVE[0]).sha256
    assert moved(log(*FIVE), log(rounded, *FIVE[1:])) is None
    # At the edge of a rounding the hashes differ where the orders agree.
    low, high = log(order(3, 1.00000000049999)), log(order(3, 1.00000000050001))
    assert low.sha256 != high.sha256
    assert moved(low, high) is None


def test_one_order_of_another_size() -> None:
    found = moved(log(*FIVE), log(*FIVE[:2], order(6, 3.0, kind="rebalance"), *FIVE[3:]))
    assert found is not None
    assert (found.moved, found.before[0], found.now[0]) == (1, 5, 5)
    assert found.lines == (
        "  ... 1 the same",
        line(" ", 5, "q1 rebalance AAA -4 at 100"),
        line("-", 6, "q1 rebalance AAA 2 at 100"),
        line("+", 6, "q1 rebalance AAA 3 at 100"),
        line(" ", 7, "q1 rebalance AAA 1 at 100"),
        "  ... 1 the same",
    )


def test_one_order_less_and_one_more() -> None:
    for before, now, sign in (
        (FIVE, [*FIVE[:1], *FIVE[2:]], "-"),
        ([*FIVE[:1], *FIVE[2:]], FIVE, "+"),
    ):
        found = moved(log(*before), log(*now))
        assert found is not None
        assert found.moved == 1
        assert found.lines == (
            "  ... 1 the same",
            line(sign, 5, "q1 rebalance AAA -4 at 100"),
            "  ... 3 the same",
        )  # fmt: skip


def test_one_order_on_another_day() -> None:
    found = moved(log(*FIVE), log(*FIVE[:4], order(11, -9.0, kind="exit")))
    assert found is not None
    assert found.moved == 1
    assert found.lines == (
        "  ... 4 the same",
        line("-", 10, "q1 exit AAA -9 at 100"),
        line("+", 11, "q1 exit AAA -9 at 100"),
    )


def test_a_whole_log_one_bar_later_pairs_each_order_with_itself() -> None:
    before = [order(3, 10.0), order(10, -10.0, kind="exit"), order(17, 8.0, occurrence="q2")]
    now = [order(4, 10.0), order(11, -10.0, kind="exit"), order(18, 8.0, occurrence="q2")]
    found = moved(log(*before), log(*now))
    assert found is not None
    assert found.moved == 3
    assert found.lines == (
        line("-", 3, "q1 enter AAA 10 at 100"),
        line("+", 4, "q1 enter AAA 10 at 100"),
        line("-", 10, "q1 exit AAA -10 at 100"),
        line("+", 11, "q1 exit AAA -10 at 100"),
        line("-", 17, "q2 enter AAA 8 at 100"),
        line("+", 18, "q2 enter AAA 8 at 100"),
    )


def test_an_order_that_was_not_filled_says_why() -> None:
    lost = (*order(3, 10.0)[:5], None, 10.0, None, None, None, None, None, "cancelled", "closed")
    found = moved(log(), log(lost))
    assert found is not None
    assert found.lines == (
        "+ 2025-03-03 20:00 q1 enter AAA 10 at - fee - slippage - cancelled closed",
    )


def test_tolerances_of_fields_of_orders() -> None:
    own = Tolerances(
        BaselineDefinition.model_validate({"metrics": {"orders.shares": {"atol": 1.0}}})
    )
    before, now = log(order(3, 10.0, 0.0)), log(order(3, 11.0, 0.0))
    assert moved(before, now) is not None
    assert compare_orders(before, now, own.allow) is None


def test_thousands_of_orders_that_all_moved_take_no_time() -> None:
    many = [order(3 + n % 20, float(n), kind="rebalance") for n in range(4000)]
    found = moved(log(*many), log(*((*row[:7], 101.0, *row[8:]) for row in many[1:])))
    assert found is not None
    assert found.moved >= 3999
