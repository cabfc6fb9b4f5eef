"""The order log of a baseline: its hash, and a diff that a person can read."""

from __future__ import annotations

import hashlib
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from eventlab.regression.types import OrderLog, OrderMove
from eventlab.report.plain import plain_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from eventlab.regression.types import Value

__all__ = ["AMOUNTS", "COLUMNS", "compare_orders", "log_of", "order_line", "order_log"]

COLUMNS: Final = (
    "occurrence", "symbol", "kind", "decided_at", "scheduled_at", "filled_at", "shares", "price",
    "fill_price", "value", "fee", "slippage", "status", "reason",
)  # fmt: skip
AMOUNTS: Final = ("shares", "price", "fill_price", "value", "fee", "slippage")  # have a tolerance
DIGITS: Final = 10
CONTEXT: Final = 1  # orders shown around those that differ
Row = tuple["Value", ...]


def order_log(orders: pd.DataFrame) -> OrderLog:
    """Return the log of a table of orders, in its order; their numbers (1, 2, ...) do not count."""
    columns = [plain_values(orders[name]) for name in COLUMNS]
    return log_of(COLUMNS, tuple(zip(*columns, strict=True)))


def log_of(columns: Sequence[str], rows: Sequence[Row]) -> OrderLog:
    """Return a log with its hash."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(("\t".join(map(_rounded, row)) + "\n").encode())
    return OrderLog(tuple(columns), tuple(rows), digest.hexdigest())


def _rounded(value: Value) -> str:
    return f"{value:.{DIGITS - 1}e}" if isinstance(value, float) else str(value)


def compare_orders(
    before: OrderLog, now: OrderLog, agree: Callable[[str, Value, Value], bool]
) -> OrderMove | None:
    """Return how two logs differ; None where every order agrees.

    Parameters
    ----------
    agree
        Called with ``orders.<column>`` and both values: whether they are within tolerance. A hash
        that differs where all orders agree is a matter of the last digits, and no difference.
    """
    if before.rows == now.rows and before.columns == now.columns:
        return None
    lines, moved = list[str](), 0
    for tag, old, new in _blocks(before, now):
        if tag == "equal":
            pairs = list(zip(old, new, strict=True))
            same = [_rows_agree(before, now, pair, agree) for pair in pairs]
            moved += same.count(False)
            lines += _paired(pairs, same)
        else:
            moved += max(len(old), len(new))
            lines += [
                *(f"- {order_line(row)}" for row in old),
                *(f"+ {order_line(row)}" for row in new),
            ]
    if not moved:
        return None
    return OrderMove(
        tuple(lines), moved, (len(before.rows), before.sha256), (len(now.rows), now.sha256)
    )


def _blocks(
    before: OrderLog, now: OrderLog
) -> Iterator[tuple[str, tuple[Row, ...], tuple[Row, ...]]]:
    """Yield stretches of orders that are the same but for their numbers, and those that are not.

    The same are those of the same moments; between them, the first, second, ... of the same
    occurrence, symbol and kind, which may have moved in time.
    """
    for tag, old, new in _aligned(before.rows, now.rows, _moments):
        if tag == "equal":
            yield tag, old, new
        else:
            yield from _aligned(old, new, _ranks)


def _aligned(
    before: Sequence[Row], now: Sequence[Row], named: Callable[[Sequence[Row]], list[Row]]
) -> Iterator[tuple[str, tuple[Row, ...], tuple[Row, ...]]]:
    """Yield stretches of orders that have the same names in both logs, and what is between them."""
    matcher = SequenceMatcher(None, named(before), named(now), autojunk=False)
    for tag, start, end, from_, to in matcher.get_opcodes():
        yield tag, tuple(before[start:end]), tuple(now[from_:to])


def _moments(rows: Sequence[Row]) -> list[Row]:
    """Name orders by occurrence, symbol, kind and when."""
    return [row[: COLUMNS.index("filled_at") + 1] for row in rows]


def _ranks(rows: Sequence[Row]) -> list[Row]:
    """Name orders by occurrence, symbol and kind, numbered where there are several."""
    seen: Counter[Row] = Counter()
    named = []
    for row in rows:
        key = row[: COLUMNS.index("kind") + 1]
        seen[key] += 1
        named.append((*key, seen[key]))
    return named


def _rows_agree(
    before: OrderLog,
    now: OrderLog,
    pair: tuple[Row, Row],
    agree: Callable[[str, Value, Value], bool],
) -> bool:
    old = dict(zip(before.columns, pair[0], strict=True))
    new = dict(zip(now.columns, pair[1], strict=True))
    names = dict.fromkeys((*old, *new))
    return all(agree(f"orders.{name}", old.get(name), new.get(name)) for name in names)


def _paired(pairs: Sequence[tuple[Row, Row]], same: Sequence[bool]) -> Iterator[str]:
    """Yield both lines of orders that differ, those beside them, and how many are left out."""
    near = {
        place + step
        for place, agrees in enumerate(same)
        if not agrees
        for step in range(-CONTEXT, CONTEXT + 1)
    }
    left = 0
    for place, (old, new) in enumerate(pairs):
        if place not in near:
            left += 1
            continue
        if left:
            yield f"  ... {left} the same"
            left = 0
        if same[place]:
            yield f"  {order_line(new)}"
        else:
            yield f"- {order_line(old)}"
            yield f"+ {order_line(new)}"
    if left:
        yield f"  ... {left} the same"


def order_line(row: Sequence[Value]) -> str:
    """Write an order as one line: when, for what, how many, at which price, what became of it."""
    fields = dict(zip(COLUMNS, row, strict=False))
    at = str(fields["filled_at"] or fields["scheduled_at"] or fields["decided_at"] or "")[:16]
    numbers = (
        f"{_number(fields['shares'])} at {_number(fields['price'])} "
        f"fee {_number(fields['fee'])} slippage {_number(fields['slippage'])}"
    )
    said = (
        at.replace("T", " "),
        str(fields["occurrence"] or "-"),
        str(fields["kind"]),
        str(fields["symbol"]),
        numbers,
        str(fields["status"]),
        str(fields["reason"] or ""),
    )
    return " ".join(part for part in said if part)


def _number(value: Value) -> str:
    return f"{value:.10g}" if isinstance(value, float) else "-" if value is None else str(value)
