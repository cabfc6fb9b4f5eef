"""The parameter grid of a strategy: which paths can be swept, and whether the values fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from eventlab.definitions.list_findings import repeated
from eventlab.definitions.problem import Finding, Loc, dotted, hint, listed, show
from eventlab.definitions.translate import forms_of, message_of, plain_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["path_parts", "sweep_findings", "sweep_paths", "with_value", "with_values"]

_FIXED = frozenset({"strategy", "title", "description", "events", "sweep", "baseline"})
_BY_SYMBOL = "costs.by_symbol."
_MAX_GRID = 1_000_000
_MAX_VALUES = 10_000  # each is tried, on a copy of
_MAX_NAMES = 500  # names, or fewer values on more of them


def sweep_findings(strategy: StrategyDefinition, *, sound: bool) -> Iterator[Finding]:
    """Find paths that do not exist, values that do not fit, and grids without end.

    Values are only tried where the strategy without them is ``sound``.
    """
    too_much = _size_findings(strategy)
    if too_much is not None:
        yield too_much
        return
    paths = sweep_paths(strategy) if strategy.sweep else ()
    for path, values in strategy.sweep.items():
        loc = ("sweep", path)
        if path not in paths:
            near = hint(path, paths) or f"; there are {listed(paths, 20)}"
            message = f"{show(path)} is no path of this strategy{near}"
            yield Finding(loc, message, at_key=True)
            continue
        needs = (path_parts(path),)
        yield from repeated(values, loc)
        yield from _swept_whole(path, strategy.sweep)
        for index, value in enumerate(values):
            said = _misfit(strategy, path, value) if sound else ""
            if said:
                yield Finding((*loc, index), f"does not fit {path}: {said}", needs=needs)


def _size_findings(strategy: StrategyDefinition) -> Finding | None:
    """Find a grid without end before any of its values is tried."""
    count, names = sum(map(len, strategy.sweep.values())), _names(strategy)
    most = _MAX_VALUES * _MAX_NAMES // max(names, _MAX_NAMES)
    if count > most:
        what = f"{count:,} values to try" + (f" on {names:,} names" if names > _MAX_NAMES else "")
        return Finding(("sweep",), f"has {what}; at most {most:,} values")
    size = 1
    for values in strategy.sweep.values():
        size *= len(values)
        if size > _MAX_GRID * _MAX_GRID:  # Python refuses to print numbers of thousands of digits
            message = f"is a grid of far more strategies than {_MAX_GRID:,}, which is the most"
            return Finding(("sweep",), message)
    if size > _MAX_GRID:
        return Finding(("sweep",), f"is a grid of {size:,} strategies; at most {_MAX_GRID:,}")
    return None


def _names(strategy: StrategyDefinition) -> int:
    instruments = strategy.hedge.instruments if strategy.hedge is not None else ()
    costs = strategy.costs
    held = (strategy.book, instruments, costs.perpetuals or (), costs.by_symbol)
    return sum(map(len, (*held, strategy.events, strategy.tags)))


def sweep_paths(strategy: StrategyDefinition) -> tuple[str, ...]:
    """Name every value of the strategy that a sweep can change, as dotted paths.

    Values that are null count, and those of sections that are left out: ``scale.volatility`` is a
    path of a strategy without ``scale``.
    """
    return tuple(".".join(str(part) for part in loc) for loc in _leaves(strategy))


def with_value(strategy: StrategyDefinition, path: str, value: object) -> StrategyDefinition:
    """Return the strategy with the value at ``path`` exchanged and the sweep dropped.

    Raises
    ------
    ValueError
        Where the value does not fit (pydantic's ValidationError is one).
    """
    return with_values(strategy, {path: value})


def with_values(strategy: StrategyDefinition, values: Mapping[str, object]) -> StrategyDefinition:
    """Return the strategy with all ``values`` exchanged at once, by path, and the sweep dropped.

    Raises
    ------
    ValueError
        Where they do not fit, by themselves or together.
    """
    data = strategy.model_dump(exclude={"sweep"})
    for path, value in values.items():
        inner = data
        *parents, last = path_parts(path)
        for part in parents:
            if inner.get(part) is None:
                inner[part] = {}  # a section that was left out
            inner = inner[part]
        inner[last] = value
    return type(strategy).model_validate(data)


def _leaves(strategy: StrategyDefinition) -> Iterator[Loc]:
    for name, field in type(strategy).model_fields.items():
        if name not in _FIXED:
            yield from _leaves_of(field.annotation, getattr(strategy, name), (name,))


def _leaves_of(annotation: object, value: object, loc: Loc) -> Iterator[Loc]:
    """Follow what is there; where nothing is, what could be."""
    model, scalar = forms_of(annotation)
    if scalar:
        yield loc
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves_of(type(each), each, (*loc, key))
    elif isinstance(value, BaseModel) or (model is not None and value is None):
        held = value if isinstance(value, BaseModel) else None
        for name, field in (type(held) if held else model or BaseModel).model_fields.items():
            inner = getattr(held, name) if held else None
            yield from _leaves_of(field.annotation, inner, (*loc, name))


def path_parts(path: str) -> tuple[str, ...]:
    """Split at dots that are not part of a symbol: book.BRK.B, costs.by_symbol.BRK.B.fee_bps."""
    head, _, rest = path.partition(".")
    if head == "book":
        return head, rest
    if path.startswith(_BY_SYMBOL):
        symbol, _, key = path.removeprefix(_BY_SYMBOL).rpartition(".")
        return "costs", "by_symbol", symbol, key
    return tuple(path.split("."))


def _swept_whole(path: str, others: Mapping[str, object]) -> Iterator[Finding]:
    """Find a value that is exchanged as a whole while a part of it is swept as well."""
    for other in others:
        if other.startswith(f"{path}."):
            message = f"{path} is swept as a whole, and so is {other} inside of it; keep one"
            yield Finding(("sweep", path), message, at_key=True)


def _misfit(strategy: StrategyDefinition, path: str, value: object) -> str:
    try:
        with_value(strategy, path, value)
    except ValidationError as error:
        first = plain_errors(error.errors(include_url=False))[0]
        if first["type"] == "value_error":
            return str(first["msg"]).removeprefix("Value error, ")
        parts, loc = path_parts(path), first["loc"]
        elsewhere = "" if loc[: len(parts)] == parts else f"{dotted(loc)} "
        return elsewhere + message_of(first, type(strategy))
    return ""
