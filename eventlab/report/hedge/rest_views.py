"""The tables behind a backtest: orders, exclusions, prices, and the identity of its money."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import (
    Column,
    Row,
    blank,
    count_of,
    instant,
    lay_out,
    listed,
    rows_of,
    words,
)
from eventlab.report.hedge.measures import several_events
from eventlab.report.hedge.wording import change, label, money, true_minus, wording
from eventlab.report.numbers import MISSING, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.views import View

__all__ = [
    "exclusions",
    "identity",
    "notes",
    "orders",
    "orders_all",
    "pattern",
    "reasons",
    "sampling",
    "trades",
]

MOST_ORDERS: Final = 80
UNTIL: Final = ("rolled", "refused")
# What differs between occurrences that are left out for the same reason.
INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2} UTC)?")
OCCURRENCE: Final = re.compile(r"^[\w-]+/[\w.-]+: ")
NUMBER: Final = re.compile(r"(?<![\w.-])[+-]?\d+(\.\d+)?%?(?![\w-])")


def orders(result: Backtest) -> View:
    """Lay out the orders that were rolled, refused or cut, with the reason."""
    table = result.orders
    odd = table[table["status"].isin(UNTIL) | (table["reason"].fillna("") != "")]
    if odd.empty:
        return blank()
    caption = "Orders out of the ordinary: rolled, refused, stopped or cut. "
    return _orders(result, odd, f"{caption}Of {order_counts(result)}")


def orders_all(result: Backtest) -> View:
    """Lay out every order."""
    return _orders(result, result.orders, f"Every order: {len(result.orders):,}")


def _of(*, several: bool) -> Callable[[Row], str]:
    """Name the episode of an order; a dash for what is held outside of any."""
    return lambda row: label(row, several=several) if row["occurrence"] else MISSING


def _orders(result: Backtest, table: pd.DataFrame, caption: str) -> View:
    capital = result.strategy.capital
    columns = (
        Column("no.", count_of("number")),
        Column("event", _of(several=several_events(result)), numeric=False),
        Column("leg", words("symbol"), numeric=False),
        Column("kind", words("kind"), numeric=False),
        Column("decided", lambda row: instant(row["decided_at"]), numeric=False),
        Column("filled", _filled, _due, numeric=False),
        Column("shares", lambda row: _figure(row["shares"])),
        Column("price", lambda row: _figure(row["price"])),
        Column("value", lambda row: money(row["value"], capital)),
        Column("fee", lambda row: money(row["fee"], capital)),
        Column("slippage", lambda row: money(row["slippage"], capital)),
        Column("status", words("status"), numeric=False),
        Column("note", words("reason"), numeric=False),
    )
    return lay_out(caption, table, columns, most=MOST_ORDERS, file="backtest_orders.csv")


def _filled(row: Row) -> str:
    return instant(row["filled_at"])


def _due(row: Row) -> str:
    due = instant(row["scheduled_at"])
    return "" if due in {MISSING, instant(row["filled_at"])} else f"due {due}"


def _figure(value: float) -> str:
    """Write shares or a price with four digits at least: they run from 0.00001 to 100,000."""
    if value != value:  # noqa: PLR0124 - NaN
        return MISSING
    shown = f"{abs(value):,.2f}" if abs(value) >= 100 else f"{abs(value):.4g}"
    return ("\N{MINUS SIGN}" if value < 0 else "") + shown


def reasons(table: pd.DataFrame) -> list[Row]:
    """Group exclusions whose reasons differ in dates and numbers only, the commonest first."""
    found: dict[str, Row] = {}
    for row in rows_of(table):
        reason = OCCURRENCE.sub("", str(row["reason"]))
        own = found.setdefault(pattern(reason), {"reason": reason, "names": [], "symbols": []})
        own["names"].append(str(row["occurrence"]))
        own["symbols"].append(str(row["symbol"]))
    rows = sorted(found.values(), key=lambda own: -len(own["names"]))
    return [own | {"count": len(own["names"])} for own in rows]


def pattern(reason: str) -> str:
    """Return what is the same in reasons that differ in dates and numbers only."""
    return NUMBER.sub("#", INSTANT.sub("@", reason))


def exclusions(result: Backtest | Sweep) -> View:
    """Lay out what was left out, by reason."""
    columns = (
        Column("left out", _who, numeric=False),
        Column("how many", count_of("count")),
        Column("reason", _reason, numeric=False),
    )
    return lay_out(
        "What was left out. Grouped by reason; where dates or numbers differ, those of the first",
        reasons(result.exclusions),
        columns,
        file="backtest_exclusions.csv",
    )


def _who(row: Row) -> str:
    names = [name for name in dict.fromkeys(row["names"]) if name != "all"]
    symbols = [name for name in dict.fromkeys(row["symbols"]) if name != "all"]
    return listed(names or symbols, 3)


def _reason(row: Row) -> str:
    return true_minus(str(row["reason"]))


def sampling(result: Backtest) -> View:
    """Lay out how the prices of each leg were taken."""
    columns = (
        Column("leg", words("symbol"), numeric=False),
        Column("role", words("role"), numeric=False),
        Column("priced at", words("basis"), numeric=False),
        Column("bars", count_of("bars")),
        Column("first", lambda row: instant(row["first"]), numeric=False),
        Column("last", lambda row: instant(row["last"]), numeric=False),
        Column("stale", count_of("stale")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        "Prices of each leg. Stale: bars in which it was held, its market was open, and it had to "
        "be valued at an earlier price",
        result.sampling,
        columns,
        file="backtest_sampling.csv",
    )


def identity(result: Backtest) -> View:
    """Lay out where the money of each run came from and went."""
    said, capital = wording(result.strategy), result.strategy.capital
    names = [str(name) for name in result.identity.columns if name not in {"run", "error"}]

    def term(name: str) -> Column:
        sign = name not in {"start", "end"}
        return Column(
            "P&L" if name == "pnl" else name, lambda row: money(row[name], capital, sign=sign)
        )

    used = [name for name in names if (result.identity[name] != 0).any()]
    columns = (
        Column("run", lambda row: said.runs.get(row["run"], str(row["run"])), numeric=False),
        *(term(name) for name in used),
        Column("unexplained", lambda row: _error(row["error"], row["end"])),
    )
    return lay_out(
        "Where the money went. Start, plus P&L of prices, less each cost, plus interest, is the "
        "end; unexplained is rounding",
        result.identity,
        columns,
        file="backtest_identity.csv",
    )


def notes(result: Backtest) -> View:
    """Lay out what the costs leave out, and what else has to be known of the prices."""
    columns = (
        Column("about", words("about"), numeric=False),
        Column("what", words("note"), numeric=False),
    )
    return lay_out("What else has to be known", result.notes, columns, file="backtest_notes.csv")


def trades(result: Backtest) -> View:
    """Lay out the round trips, as vectorbt counts them."""
    capital = result.strategy.capital
    columns = (
        Column("leg", words("symbol"), numeric=False),
        Column("entered", lambda row: instant(row["entered_at"]), numeric=False),
        Column("left", lambda row: instant(row["exited_at"]), numeric=False),
        Column("shares", lambda row: _figure(row["shares"])),
        Column("at", lambda row: _figure(row["entry_price"])),
        Column("out at", lambda row: _figure(row["exit_price"])),
        Column("fees", lambda row: money(row["fees"], capital)),
        Column("P&L", lambda row: money(row["pnl"], capital, sign=True)),
        Column("return", lambda row: change(row["return"])),
    )
    return lay_out(
        "Round trips. As vectorbt counts them, at prices after slippage; open ones at the last",
        result.trades,
        columns,
        most=MOST_ORDERS,
        file="backtest_trades.csv",
    )


def _error(value: float, end: float) -> str:
    """Write rounding as nothing: less than a billionth of what is left."""
    return "0" if abs(value) <= 1e-9 * max(abs(end), 1.0) else f"{abs(value):.0e}"


def order_counts(result: Backtest) -> str:
    """Say what became of the orders: ``68 orders: 66 filled, 2 rolled``."""
    counts = result.orders["status"].value_counts()
    parts = [f"{counts[name]:,} {name}" for name in ("filled", *UNTIL) if name in counts]
    return f"{counted(len(result.orders), 'order')}: {', '.join(parts)}"
