"""The parameter sets of a sweep: the strategy with every combination of its swept values."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from eventlab.definitions.problem import dotted
from eventlab.definitions.strategy_findings import strategy_findings
from eventlab.definitions.sweep import path_parts, with_value
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.definitions.strategy import StrategyDefinition

__all__ = ["MOST_SETS", "Variant", "parameter_sets", "same_as_file"]

MOST_SETS: Final = 20_000  # curves of so many on ten years of sessions fill 400 MB


class Variant(NamedTuple):
    """One parameter set: its number from 1, the swept values by path, the strategy it makes.

    ``places`` says of each path which of its values it is, by position.
    """

    number: int
    places: tuple[int, ...]
    swept: tuple[Any, ...]
    strategy: StrategyDefinition


def parameter_sets(
    strategy: StrategyDefinition,
) -> tuple[tuple[Variant, ...], tuple[tuple[int, str], ...]]:
    """Every combination of the swept values, the last path running fastest.

    Values were checked one by one with the definition; a combination is checked as a whole without
    reading it again. The second value lists (number, reason) of those that do not fit.

    Raises
    ------
    UsageError
        The strategy has no ``sweep``, or more than `MOST_SETS` combinations.
    """
    if not strategy.sweep:
        raise UsageError(
            f"{strategy.strategy}: there is nothing to sweep; add values by path to the file, as "
            "in sweep: {when.exit: [1, 5, 10]}"
        )
    size = 1
    for values in strategy.sweep.values():
        size *= len(values)
    if size > MOST_SETS:
        raise UsageError(
            f"{strategy.strategy}: sweep is a grid of {size:,} sets, at most {MOST_SETS:,}; drop "
            "values"
        )
    bare = strategy.model_copy(update={"sweep": {}})
    paths = [(path, path_parts(path)) for path in strategy.sweep]
    donors = [
        [with_value(strategy, path, value) for value in strategy.sweep[path]] for path, _ in paths
    ]
    fitting, misfits = [], []
    for number, places in enumerate(product(*(range(len(one)) for one in donors)), 1):
        found = bare
        for at, (_, parts), given in zip(places, paths, donors, strict=True):
            found = exchanged(found, parts, given[at])
        errors = [each for each in strategy_findings(found) if each.severity == "error"]
        if errors:
            said = "; ".join(f"{dotted(each.loc)}: {each.message}" for each in errors)
            misfits.append((number, said))
            continue
        swept = tuple(each[at] for each, at in zip(strategy.sweep.values(), places, strict=True))
        fitting.append(Variant(number, places, swept, found))
    return tuple(fitting), tuple(misfits)


def exchanged(model: Any, parts: Sequence[str], donor: Any) -> Any:
    """Copy a definition with the value at a path taken from another, which has read it."""
    name, *rest = parts
    if isinstance(model, dict):
        given = donor[name]
        inner = model.get(name)
        new = exchanged(inner, rest, given) if rest and inner is not None else given
        return {**model, name: new}
    given, inner = getattr(donor, name), getattr(model, name)
    new = exchanged(inner, rest, given) if rest and inner is not None else given
    return model.model_copy(update={name: new})


def same_as_file(strategy: StrategyDefinition, variant: Variant) -> bool:
    """Whether a set has the values of the file itself."""
    return variant.strategy == strategy.model_copy(update={"sweep": {}})
