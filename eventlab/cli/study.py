"""``eventlab study``: abnormal returns and tests of the events that are asked for."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.cli.curves import (
    Curves,
    SpecificationsOption,
    add_curves,
    check_curves,
    curve_sheets,
    curve_symbols,
)
from eventlab.cli.load import (
    Outcome,
    needed_symbols,
    open_market,
    open_workspace,
    say_refused,
    study_events,
)
from eventlab.cli.messages import command_line, print_documents, say, say_error
from eventlab.cli.models import (
    ErrorsOption,
    FactorOption,
    LagsOption,
    ModelOption,
    OverlapsOption,
    VolatilityOption,
    given_options,
)
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.cli.windows import (
    BarOption,
    BenchmarkOption,
    CarWindowOption,
    EstimationWindowOption,
    EventWindowOption,
    given_windows,
)
from eventlab.errors import DataError, DefinitionError, UsageError

if TYPE_CHECKING:
    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market
    from eventlab.study.specifications.curve import CurveSheet

__all__ = ["find_events", "study"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call asks for, with the workspace's defaults filled in."""

    workspace: "Workspace"
    events: "tuple[EventDefinition, ...]"
    source: str
    seed: int
    broken: tuple[str, ...]  # problems of definitions that were asked for
    problems: "tuple[Problem, ...]"  # all


def study(  # noqa: PLR0913 - one parameter per option of the command line
    events: Annotated[
        list[str] | None, typer.Argument(metavar="EVENT...", help="Ids or paths of events.")
    ] = None,
    *,
    occurrence: Annotated[
        list[str] | None,
        typer.Option("--occurrence", metavar="ID", help="Only this occurrence; repeatable."),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="TAG", help="Only occurrences with this tag.")
    ] = None,
    asset: Annotated[
        list[str] | None,
        typer.Option(
            "--asset", metavar="SYMBOL", help="This asset or @group, not the file's; repeatable."
        ),
    ] = None,
    model: ModelOption = None,
    factor: FactorOption = None,
    lags: LagsOption = None,
    volatility: VolatilityOption = None,
    errors: ErrorsOption = None,
    measure: Annotated[
        str | None,
        typer.Option("--measure", metavar="WHAT", help="returns, volume or volatility."),
    ] = None,
    clock: Annotated[
        str | None, typer.Option("--clock", metavar="CODE", help="XNYS, 24/7 or another calendar.")
    ] = None,
    bar: BarOption = None,
    benchmark: BenchmarkOption = None,
    estimation_window: EstimationWindowOption = None,
    event_window: EventWindowOption = None,
    car_window: CarWindowOption = None,
    overlaps: OverlapsOption = None,
    convention: Annotated[
        str,
        typer.Option(
            "--convention",
            metavar="NAME",
            help="Tests as a program prints them: estudy2, eventstudy2, eventstudytools.",
        ),
    ] = "paper",
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", min=0, help="Placebo dates to draw.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only from this date on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Only up to this date.")
    ] = None,
    specifications: SpecificationsOption = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 3 when prices of an asset are missing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every window, test and exclusion.")
    ] = False,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Abnormal returns and tests of one or more events."""
    overrides = Overrides(
        tuple(occurrence or ()),
        tag,
        tuple(asset or ()),
        model,
        clock,
        draws,
        measure,
        since,
        until,
        bar,
        benchmark,
        given_windows(estimation_window, event_window, car_window),
        given_options(factor, lags, volatility, errors, overlaps),
    )
    _check_convention(convention)
    asked = _ask(directory, events or [], overrides, (data, seed))
    for problem in asked.broken:
        say_error(problem)
    if specifications:
        check_curves(asked.events)
    extra = curve_symbols(asked.events, asked.workspace) if specifications else ()
    market = open_market(
        asked.source,
        asked.events,
        asked.workspace,
        asked.seed,
        extra=extra,
        problems=asked.problems,
    )
    if not as_json:
        _say_market(market, quiet=quiet)
    silent = quiet or as_json
    curves = Curves(overrides.assets, draws, quiet=silent)
    left = asked.events
    if specifications and not as_json and out is None:  # nothing of the studies would be shown
        sheets, without = curve_sheets(left, asked.workspace, market, asked.seed, curves)
        _print_sheets(sheets)
        left = tuple(without)
    outcome = study_events(
        left, asked.workspace, market, asked.seed, convention=convention, quiet=silent
    )
    if specifications:
        outcome = add_curves(outcome, asked.workspace, market, asked.seed, curves)
    command = command_line()
    if as_json:
        _print_documents(outcome, command, several=len(set(events or [])) > 1)
    else:
        _print_tables(outcome, verbose=verbose, curves=specifications)
    for failure in outcome.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    if out is not None:
        _write(outcome, asked, command, out)
    refused = say_refused(asked.events, asked.workspace, market)
    missing = strict and _say_missing(asked, market)
    codes = [outcome.exit_code, DefinitionError.exit_code if asked.broken else 0]
    codes.append(DataError.exit_code if refused or missing else 0)
    return max(codes)


def _check_convention(name: str) -> None:
    """Refuse an unknown convention before prices are read; ``paper`` needs no import to know."""
    if name != "paper":
        from eventlab.study.conventions.choice import check_convention

        check_convention(name)


def _ask(
    directory: Path,
    names: list[str],
    overrides: Overrides,
    given: tuple[str | None, int | None],
) -> Asked:
    """Find the events that are named, changed as the options say."""
    from eventlab.market.workspace_market import workspace_source

    workspace, problems = open_workspace(directory, calendars=False)
    found, broken = find_events(workspace, problems, names, directory)
    events = tuple(apply_overrides(event, overrides) for event in found)
    source = workspace_source(workspace, given[0])
    seed = given[1] if given[1] is not None else workspace.settings.seed
    return Asked(workspace, events, source, seed, broken, problems)


def find_events(
    workspace: "Workspace", problems: "tuple[Problem, ...]", names: list[str], directory: Path
) -> "tuple[tuple[EventDefinition, ...], tuple[str, ...]]":
    """Find the events that are named, and what is wrong with those that cannot be found.

    Raises
    ------
    UsageError
        No event is named, or one that the workspace does not have.
    DefinitionError
        None of the named events has a definition without errors.
    """
    from eventlab.definitions.problem import listed

    if not names:
        known = listed(workspace.events, most=40) or "none"
        raise UsageError(f"name at least one event; {directory} has: {known}")
    events: dict[str, EventDefinition] = {}
    broken: dict[str, None] = {}
    for name in names:
        own = [str(each) for each in problems if _concerns(each, name, workspace.root)]
        try:
            event = workspace.event(name)
        except DefinitionError as error:
            broken.update(dict.fromkeys(error.problems))
            continue
        except UsageError as error:
            if not own:
                raise
            broken.update(dict.fromkeys(own))
            if not any(
                each.path.is_relative_to(workspace.root / "events")
                and _concerns(each, name, workspace.root)
                for each in problems
            ):
                broken[f"error: {error}"] = None
            continue
        events[event.event] = event
    if not events:
        raise DefinitionError(tuple(broken))
    return tuple(events.values()), tuple(broken)


def _concerns(problem: "Problem", name: str, root: Path) -> bool:
    """Whether a problem keeps the named event from being studied."""
    if problem.severity != "error":
        return False
    path = problem.path
    if path.is_relative_to(root / "strategies"):
        return False
    if not path.is_relative_to(root / "events"):
        return True  # a universe or the workspace itself: every event rests on it
    return path.stem == name or path.resolve() == Path(name).resolve()


def _say_market(market: "Market", *, quiet: bool) -> None:
    for line in market.understood:
        say(line, quiet=quiet)


def _print_documents(outcome: Outcome, command: str, *, several: bool) -> None:
    """Print one document, or a list where several events were asked for; nothing for no study."""
    from eventlab.report.documents import study_document

    documents = [study_document(each, command) for each in outcome.studies]
    print_documents(documents, several=several)


def _print_tables(outcome: Outcome, *, verbose: bool, curves: bool) -> None:
    from eventlab.report.specification_text import print_curves
    from eventlab.report.tables import print_study

    for each in outcome.studies:
        if curves:
            print_curves(each, sys.stdout)
        else:
            print_study(each, sys.stdout, verbose=verbose)


def _print_sheets(sheets: "list[CurveSheet]") -> None:
    from eventlab.report.specification_text import print_curves

    for each in sheets:
        print_curves(each, sys.stdout)


def _write(outcome: Outcome, asked: Asked, command: str, out: Path) -> None:
    from eventlab.cli.run import record_run, write_folder

    write_folder(record_run(outcome, asked.workspace, command, (asked.source, asked.seed)), out)


def _say_missing(asked: Asked, market: "Market") -> bool:
    needed = needed_symbols(asked.events, asked.workspace)
    missing = [name for name in needed if name not in {*market.symbols, *market.refused}]
    for symbol in missing:
        say_error(f"error: {symbol} has no prices in {asked.source} (--strict)")
    return bool(missing)
