"""What ``eventlab backtest``, ``sweep`` and ``audit`` change in a strategy for one call only."""
# ruff: noqa: PLC0415 - pydantic is imported when a definition is changed

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StrategyDefinition

__all__ = [
    "EventOption",
    "SetOption",
    "SinceOption",
    "StrategyOverrides",
    "UntilOption",
    "apply_strategy",
]

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Exchange a value of the file, as in hedge.ratio.lookback=60; repeatable.",
    ),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="Only occurrences from this day on.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="Only occurrences up to this day.")
]
EventOption = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="EVENT", help="Around this event, not the file's; repeatable."),
]
OPTIONS = {"since": "--since", "until": "--until", "events": "--event", "sweep": "--grid"}


@dataclass(frozen=True, slots=True)
class StrategyOverrides:
    """Options that replace what strategy files say; empty means as the file says.

    ``values`` and ``grid`` are as they were written, PATH=VALUE.
    """

    values: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    events: tuple[str, ...] = ()
    grid: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.since or self.until or self.events or self.grid)


def apply_strategy(
    strategy: "StrategyDefinition", overrides: StrategyOverrides, workspace: "Workspace"
) -> "StrategyDefinition":
    """Return the strategy that this call runs, checked as a file with these values would be.

    Raises
    ------
    UsageError
        A path or a name that there is not, or a value that does not fit: all of them at once.
    """
    if not overrides:
        return strategy
    values = dict(_given("--set", each) for each in overrides.values)
    _known_paths("--set", values, strategy, overrides.values)
    grid = dict(_given("--grid", each) for each in overrides.grid)
    _known_paths("--grid", grid, strategy, overrides.grid)
    for name in ("since", "until"):
        if (said := getattr(overrides, name)) is not None:
            values[name] = said
    changed = _changed(strategy, overrides, values, grid)
    _fits_workspace(changed, workspace)
    return changed


def _given(option: str, text: str) -> tuple[str, object]:
    """Split PATH=VALUE; the value is read as YAML, by the reader of the files."""
    from eventlab.definitions.yaml_reader import compose

    path, equals, value = text.partition("=")
    if not (path.strip() and equals and value.strip()):
        raise UsageError(
            f"{option} {text!r}: write PATH=VALUE, as in hedge.ratio.lookback=60; null for nothing"
        )
    node, faults = compose(value)
    if node is None or faults:
        said = faults[0].message if faults else "is no value"
        raise UsageError(f"{option} {text!r}: the value {said}")
    return path.strip(), node.plain()


def _known_paths(
    option: str, found: Mapping[str, object], strategy: "StrategyDefinition", texts: Sequence[str]
) -> None:
    """Refuse a path that the strategy does not have, and one that is given twice."""
    from eventlab.definitions.problem import hint, listed, show
    from eventlab.definitions.sweep import sweep_paths

    if not found:
        return
    paths = sweep_paths(strategy)
    wrong = []
    for path in found:
        if path not in paths:
            own = f"; use {OPTIONS[path]}" if path in OPTIONS else ""
            ends = [each for each in paths if each.endswith(f".{path}")]
            own = f"; did you mean {' or '.join(ends)}?" if ends else own
            near = own or hint(path, paths) or f"; there are {listed(paths, 60)}"
            wrong.append(f"{option} {show(path)} is no path of {strategy.strategy}{near}")
    written = [text.partition("=")[0].strip() for text in texts]
    wrong += [f"{option} {path} is given twice" for path in found if written.count(path) > 1]
    if wrong:
        raise UsageError("; ".join(wrong))


def _changed(
    strategy: "StrategyDefinition",
    overrides: StrategyOverrides,
    values: Mapping[str, object],
    grid: Mapping[str, object],
) -> "StrategyDefinition":
    """Exchange values; a path that is set is swept no longer, a grid replaces the file's."""
    from pydantic import ValidationError

    from eventlab.definitions.sweep import with_values

    kept = grid or {path: each for path, each in strategy.sweep.items() if path not in values}
    try:
        changed = with_values(strategy, values)
        data = changed.model_dump(exclude={"sweep", "events"})
        events = overrides.events or strategy.events
        return type(strategy).model_validate({**data, "events": events, "sweep": kept})
    except ValidationError as error:
        raise UsageError(_said(error, type(strategy), values)) from error


def _said(error: object, model: "type[StrategyDefinition]", values: Mapping[str, object]) -> str:
    """Say what does not fit, by the option that gave it where one did."""
    from pydantic import ValidationError

    from eventlab.definitions.translate import message_of, plain_errors

    if not isinstance(error, ValidationError):
        raise TypeError(error)
    lines = []
    for each in plain_errors(error.errors(include_url=False)):
        if each["type"] == "value_error":
            said = str(each["msg"]).removeprefix("Value error, ")
            if said.startswith("sweep."):
                said = f"--grid {said.removeprefix('sweep.')}"
            path = said.partition(": ")[0]
            lines.append(f"{_option(path)}{said.removeprefix(path)}" if path in values else said)
            continue
        lines.append(f"{_named(each['loc'], values)}: {message_of(each, model)}")
    return "; ".join(dict.fromkeys(lines))


def _named(loc: tuple[str | int, ...], values: Mapping[str, object]) -> str:
    """Name the option that gave the value at a place, or else the place."""
    from eventlab.definitions.problem import dotted
    from eventlab.definitions.sweep import path_parts

    if loc[:1] == ("sweep",):
        return f"--grid {'.'.join(str(part) for part in loc[1:2])}"
    for path in values:
        parts = path_parts(path)
        if loc[: len(parts)] == parts:
            return _option(path)
    return OPTIONS.get(str(loc[0]), dotted(loc)) if loc else "the strategy"


def _option(path: str) -> str:
    return OPTIONS.get(path, f"--set {path}")


def _fits_workspace(strategy: "StrategyDefinition", workspace: "Workspace") -> None:
    """Refuse symbols, groups, events and tags that the workspace does not have."""
    from eventlab.definitions.problem import dotted
    from eventlab.definitions.references import Catalogue
    from eventlab.definitions.strategy_references import strategy_reference_findings

    catalogue = Catalogue(
        groups={name: tuple(each.symbols) for name, each in workspace.universes.items()},
        events=frozenset(workspace.events),
        known=workspace.events,
    )
    found = [
        one for one in strategy_reference_findings(strategy, catalogue) if one.severity == "error"
    ]
    if found:
        raise UsageError(
            "; ".join(f"{strategy.strategy}: {dotted(one.loc)}: {one.message}" for one in found)
        )
