"""From a workspace's folder to the studies that a command shows, whatever goes wrong on the way."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab.cli.messages import say_error
from eventlab.cli.progress import likelihoods, steps_bar
from eventlab.errors import DataError, DefinitionError, EventlabError, UsageError
from eventlab.report.record import Failure

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.claims.results import Claims
    from eventlab.contagion.results import EventContagion
    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.market.types import Market
    from eventlab.study.results import EventStudy

__all__ = [
    "Outcome",
    "Progress",
    "contagion_events",
    "needed_symbols",
    "open_market",
    "open_workspace",
    "say_refused",
    "study_events",
]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What could be computed, and why the rest could not."""

    studies: "tuple[EventStudy, ...]"
    failures: tuple[Failure, ...]
    contagions: "tuple[EventContagion, ...]" = ()
    backtests: "tuple[Backtest, ...]" = ()
    sweeps: "tuple[Sweep, ...]" = ()
    claims: "Claims | None" = None

    @property
    def exit_code(self) -> int:
        """The worst exit code of the failures; 0 when there is none."""
        return max((failure.exit_code for failure in self.failures), default=0)


def open_workspace(
    root: Path, *, calendars: bool = True
) -> "tuple[Workspace, tuple[Problem, ...]]":
    """Read what is valid of a workspace, and every problem of the rest.

    ``calendars`` also checks clock codes and occurrences against the exchanges' calendars.

    Raises
    ------
    UsageError
        The folder does not exist or is no workspace.
    """
    from eventlab.definitions import CalendarCheck, check_workspace

    if not calendars:
        return check_workspace(root)
    from eventlab.timeline import calendar_problems, check_calendar

    return check_workspace(root, calendar_check=CalendarCheck(check_calendar, calendar_problems))


def needed_symbols(events: "Iterable[EventDefinition]", workspace: "Workspace") -> tuple[str, ...]:
    """Return every symbol that the studies of ``events`` read, in order and once."""
    from eventlab.market.workspace_market import studied_symbols

    return tuple(
        dict.fromkeys(symbol for event in events for symbol in studied_symbols(event, workspace))
    )


def open_market(
    source: str | None,
    events: "Sequence[EventDefinition]",
    workspace: "Workspace",
    seed: int,
    *,
    extra: Iterable[str] = (),
    problems: "Sequence[Problem]" = (),
) -> "Market":
    """Load the prices that the studies of ``events`` need, from the settings' source by default.

    ``extra`` names further symbols that are read where the source has them; ``problems`` are those
    of the workspace, one of which may be why a group is not known.

    Raises
    ------
    DataError
        The source does not exist or holds no usable price.
    DefinitionError
        A group is not known, and files of groups are faulty.
    """
    from eventlab.market.workspace_market import market_for

    try:
        return market_for(workspace, source, events=events, seed=seed, extra=extra)
    except UsageError as error:
        faulty = [
            str(problem)
            for problem in problems
            if problem.severity == "error"
            and problem.path.is_relative_to(workspace.root / "universes")
        ]
        if not faulty:
            raise
        raise DefinitionError((*faulty, f"error: {error}")) from error


def study_events(  # noqa: PLR0913 - what a command decides for all its studies
    events: "Sequence[EventDefinition]",
    workspace: "Workspace",
    market: "Market",
    seed: int,
    *,
    progress: Progress = lambda _: None,
    convention: str = "paper",
    quiet: bool = True,
) -> Outcome:
    """Study one event after another; what cannot be studied does not stop the rest.

    Fits by maximum likelihood, which take long, show their number unless ``quiet``.
    """
    from eventlab.study import run_study

    studies: list[EventStudy] = []
    failures: list[Failure] = []
    for event in events:
        progress(event.event)
        try:
            with likelihoods(event.event, quiet=quiet) as fitted:
                study = run_study(
                    event, market, workspace, seed=seed, convention=convention, progress=fitted
                )
            if study.cars["car"].notna().any():
                studies.append(study)
            else:
                failures.append(_nothing_computed(study))
        except EventlabError as error:
            reason = str(error).removeprefix(f"{event.event}: ")
            failures.append(Failure(event.event, reason, error.exit_code))
    return Outcome(tuple(studies), tuple(failures))


def contagion_events(  # noqa: PLR0913 - what a command decides for all its events
    events: "Sequence[EventDefinition]",
    workspace: "Workspace",
    market: "Market",
    seed: int,
    *,
    focus: tuple[str, ...] | None = None,
    progress: Progress = lambda _: None,
    quiet: bool = True,
) -> Outcome:
    """Measure the contagion of one event after another; one that fails does not stop the rest.

    An event without a single pair has failed.
    ``focus`` names the occurrences that are described in full; the latest of each by default.
    """
    from eventlab.contagion.run import run_contagion

    contagions: list[EventContagion] = []
    failures: list[Failure] = []
    for event in events:
        progress(event.event)
        try:
            with steps_bar(event.event, quiet=quiet) as steps:
                found = run_contagion(
                    event, market, workspace, seed=seed, focus=focus, progress=steps
                )
            if found.pairs.empty:
                failures.append(_no_pair(found))
            else:
                contagions.append(found)
        except EventlabError as error:
            reason = str(error).removeprefix(f"{event.event}: ")
            failures.append(Failure(event.event, f"contagion: {reason}", error.exit_code))
    return Outcome((), tuple(failures), tuple(contagions))


def say_refused(
    events: "Sequence[EventDefinition]", workspace: "Workspace", market: "Market"
) -> bool:
    """Name the symbols that were asked for and whose prices are wrong; whether there are any."""
    refused = [name for name in needed_symbols(events, workspace) if name in market.refused]
    for symbol in refused:
        say_error(f"error: {symbol} was refused: {market.refused[symbol]}")
    return bool(refused)


def _reasons(exclusions: "pd.DataFrame") -> str:
    """Return the commonest reasons of a table of exclusions, with their counts."""
    counts = exclusions["reason"].value_counts()
    reasons = "; ".join(f"{reason} ({count})" for reason, count in counts.head(3).items())
    more = f"; and {len(counts) - 3} more reasons" if len(counts) > 3 else ""
    return reasons + more


def _no_pair(found: "EventContagion") -> Failure:
    """Say why no pair could be laid out."""
    return Failure(
        found.event.event,
        f"contagion: no pair has prices in both windows in {found.stamp.source}: "
        f"{_reasons(found.exclusions) or 'the event has no occurrence in its period'}",
        DataError.exit_code,
    )


def _nothing_computed(study: "EventStudy") -> Failure:
    """Say why no abnormal return came out: the commonest reasons, with their counts."""
    said = _reasons(study.exclusions) or "no price in the windows"
    return Failure(
        study.event.event,
        f"nothing could be computed from {study.stamp.source}: {said}",
        DataError.exit_code,
    )
