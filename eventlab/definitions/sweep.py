"""The parameter grid of a strategy: which paths can be swept, and whether the values fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from eventlab.definitions.list_findings import repeated
from eventlab.definitions.problem import Finding, Loc, hint, listed, show
from eventlab.definitions.translate import message_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["sweep_findings", "sweep_paths", "with_value"]

_FIXED = frozenset({"strategy", "title", "description", "events", "sweep", "baseline"})
_MAX_GRID = 1_000_000


def sweep_findings(strategy: StrategyDefinition, *, sound: bool) -> Iterator[Finding]:
    """Find paths that do not exist, values that do not fit, and grids without end.

    Values are only tried where the strategy without them is ``sound``.
    """
    paths = sweep_paths(strategy)
    size = 1
    for path, values in strategy.sweep.items():
        loc = ("sweep", path)
        size *= len(values)
        if path not in paths:
            near = hint(path, paths) or f"; there are {listed(paths, 20)}"
            message = f"{show(path)} is no path of this strategy{near}"
            yield Finding(loc, message, at_key=True)
            continue
        needs = (tuple(_parts(path)),)
        yield from repeated(values, loc)
        for index, value in enumerate(values):
            said = _misfit(strategy, path, value) if sound else ""
            if said:
                yield Finding((*loc, index), f"does not fit {path}: {said}", needs=needs)
    if size > _MAX_GRID:
        yield Finding(("sweep",), f"is a grid of {size:,} strategies; at most {_MAX_GRID:,}")


def sweep_paths(strategy: StrategyDefinition) -> tuple[str, ...]:
    """Name every value of the strategy that a sweep can change, as dotted paths."""
    return tuple(".".join(str(part) for part in loc) for loc in _leaves(strategy, ()))


def with_value(strategy: StrategyDefinition, path: str, value: object) -> StrategyDefinition:
    """Return the strategy with the value at ``path`` exchanged and the sweep dropped.

    Raises
    ------
    ValueError
        Where the value does not fit (pydantic's ValidationError is one).
    """
    data = strategy.model_dump(exclude={"sweep"})
    inner = data
    *parents, last = _parts(path)
    for part in parents:
        inner = inner[part]
    inner[last] = value
    return type(strategy).model_validate(data)


def _leaves(model: BaseModel, above: Loc) -> Iterator[Loc]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if not above and (name in _FIXED or value is None):
            continue
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*above, name))
        elif isinstance(value, dict):
            yield from ((*above, name, key) for key in value)
        else:
            yield (*above, name)


def _parts(path: str) -> list[str]:
    """Split at dots; what follows ``book.`` is a symbol and may hold dots itself."""
    head, _, symbol = path.partition(".")
    return [head, symbol] if head == "book" else path.split(".")


def _misfit(strategy: StrategyDefinition, path: str, value: object) -> str:
    try:
        with_value(strategy, path, value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "value_error":
            return str(first["msg"]).removeprefix("Value error, ")
        return message_of(first, type(strategy))
    return ""
