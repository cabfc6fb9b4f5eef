"""A result beside its baseline: the verdict on each of its items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.definitions.problem import hint
from eventlab.errors import DefinitionError, GateError
from eventlab.regression.causes import causes_of
from eventlab.regression.orders import AMOUNTS, compare_orders, log_of
from eventlab.regression.tolerances import Tolerances, metric_changes
from eventlab.regression.types import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.regression.measure import Measured
    from eventlab.regression.types import Baseline, Causes, OrderMove, Part, Status, Subject

__all__ = ["compared_items", "missing_items"]

MOST_UNUSED: Final = 3
NUMBERS: Final = "numbers moved"
MISSING: Final = "there is no baseline yet"
RESTATED: Final = "no number moved, but the prices that the baseline was computed on did"


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is the same for all items of a subject."""

    subject: Subject
    causes: Causes
    tolerances: Tolerances
    is_restated: bool
    accept: str


def compared_items(
    subject: Subject, before: Baseline, measured: Measured, accept: str
) -> Iterator[Item]:
    """Compare part by part.

    A part fails where a metric or an order moved by more than its tolerance, and where prices that
    the baseline was computed on are others now: the same numbers from other prices are chance.
    Simulated prices are made anew by every machine, whose last digits differ: there only numbers
    count. Versions and definitions may move as long as no number does. What concerns the subject
    as a whole (a tolerance that fits no metric, an event that it has no more) fails its first item.
    """
    now = measured.record
    causes = causes_of(before, now, measured.series)
    whole = _Whole(
        subject,
        causes,
        Tolerances(subject.tolerances),
        bool(causes.restated) and not (before.simulated and now.simulated),
        accept,
    )
    first = list(_of_the_whole(whole, before, now))
    for name, part in now.parts.items():
        yield _item(whole, name, before.parts.get(name), part, tuple(first))
        first.clear()


def missing_items(subject: Subject, measured: Measured, accept: str) -> Iterator[Item]:
    """Yield the items of a subject without a baseline; the first says what else is wrong."""
    further = list(_unused(Tolerances(subject.tolerances), measured.record))
    for name, part in measured.record.parts.items():
        yield Item(
            subject,
            name,
            "missing",
            values=part.values,
            reason="; ".join([MISSING, *(reason for reason, _ in further)]),
            exit_code=max([GateError.exit_code, *(code for _, code in further)]),
            accept=accept,
        )
        further.clear()


def _unused(tolerances: Tolerances, now: Baseline) -> Iterator[tuple[str, int]]:
    """Yield the patterns that fit nothing, with the exit code of it."""
    every = {metric: None for part in now.parts.values() for metric in part.values}
    if any(part.orders is not None for part in now.parts.values()):
        every |= dict.fromkeys(f"orders.{name}" for name in AMOUNTS)
    unused = tolerances.unused(every)
    if unused:
        said = (f"{each!r} fits no metric{hint(each, every)}" for each in unused[:MOST_UNUSED])
        yield f"baseline.metrics: {'; '.join(said)}", DefinitionError.exit_code


def _of_the_whole(whole: _Whole, before: Baseline, now: Baseline) -> Iterator[tuple[str, int]]:
    """Yield what is wrong with the subject as a whole, with the exit code of it."""
    yield from _unused(whole.tolerances, now)
    gone = [name for name in before.parts if name not in now.parts]
    if gone:
        yield (
            f"the baseline has {', '.join(gone)}, which is not under test any more",
            GateError.exit_code,
        )


def _item(
    whole: _Whole, name: str, old: Part | None, now: Part, further: tuple[tuple[str, int], ...]
) -> Item:
    changes = () if old is None else metric_changes(old.values, now.values, whole.tolerances)
    orders = None if old is None else _orders_moved(old, now, whole.tolerances)
    reasons = [reason for reason, _ in further]
    if old is None:
        reasons.insert(0, "the baseline has no such part")
    elif changes or orders:
        reasons.insert(0, NUMBERS)
    elif whole.is_restated:
        reasons.append(RESTATED)
    codes = [code for _, code in further]
    in_vain = bool(codes) and set(codes) == {DefinitionError.exit_code} and len(reasons) == 1
    status: Status = "missing" if old is None else "moved" if reasons else "same"
    if in_vain and old is not None:  # nothing moved, and accepting mends no definition
        status = "failed"
    return Item(
        whole.subject,
        name,
        status,
        values=now.values,
        changes=changes,
        orders=orders,
        causes=whole.causes,
        reason="; ".join(reasons),
        exit_code=max([GateError.exit_code, *codes]) if reasons else 0,
        accept=whole.accept if reasons and status != "failed" else "",
    )


def _orders_moved(old: Part, now: Part, tolerances: Tolerances) -> OrderMove | None:
    if now.orders is None:
        return None
    before = old.orders if old.orders is not None else log_of(now.orders.columns, ())
    return compare_orders(before, now.orders, tolerances.allow)
