"""``eventlab run``: every event and strategy of the workspace, and the pages that show them."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab.cli.claims import say_failed
from eventlab.cli.curves import FIRST_LOOK, add_curves, curve_symbols
from eventlab.cli.load import (
    Outcome,
    contagion_events,
    open_market,
    open_workspace,
    say_refused,
    study_events,
)
from eventlab.cli.messages import command_line, print_json, say, say_error
from eventlab.cli.options import (
    DataOption,
    JsonOption,
    OutOption,
    QuietOption,
    SeedOption,
    WorkspaceOption,
)
from eventlab.cli.progress import names_bar
from eventlab.cli.sending import PAGES_ONLY, PdfOption, Sending, SingleFileOption
from eventlab.cli.side_process import Job, SideProcess, started
from eventlab.cli.strategies import (
    MOST_SETS,
    backtest_all,
    open_strategy_market,
    sets_of,
    unusable,
)
from eventlab.errors import DataError, DefinitionError, UsageError
from eventlab.report.record import Failure, Run
from eventlab.report.versions import dependency_versions

if TYPE_CHECKING:
    from eventlab.claims.results import Claims
    from eventlab.definitions import Problem, Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market

__all__ = ["check_folder", "default_folder", "record_run", "run", "write_folder"]

DEFAULT_FOLDER = "reports"


def run(  # noqa: PLR0913 - one parameter per option of the command line
    *,
    directory: WorkspaceOption = Path(),
    data: DataOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    single_file: SingleFileOption = False,
    pdf: PdfOption = False,
    seed: SeedOption = None,
    quiet: QuietOption = False,
) -> int:
    """Study every event, see what travelled, backtest every strategy: pages in `reports/`."""
    from eventlab.definitions.questions import questions_of
    from eventlab.market.workspace_market import claim_symbols, workspace_source

    folder = out if out is not None else default_folder(directory)
    check_folder(folder)
    sending = Sending(single_file, pdf, quiet)
    sending.check()
    workspace, problems = open_workspace(directory)
    source = workspace_source(workspace, data)
    chosen_seed = seed if seed is not None else workspace.settings.seed
    for problem in problems:
        if problem.severity == "error" or not quiet:
            say_error(str(problem))
    events = tuple(
        event
        for event in workspace.events.values()
        if event.study is not None or event.contagion is not None
    )
    command = command_line()
    questions = questions_of(workspace)
    job = Job(
        directory=str(directory),
        source=source,
        seed=chosen_seed,
        loaded=tuple(event.event for event in events),
        extra=(*curve_symbols(events, workspace), *claim_symbols(questions, workspace)),
        events=tuple(event.event for event in events if event.contagion is not None),
        command=command,
    )
    strategies, unfit = _usable(workspace)
    other = replace(job, loaded=(), extra=(), events=(), strategies=strategies)
    with _new_run(folder) as new:
        with started(job, new.filling) as beside, started(other, new.filling) as further:
            outcome, refused = _study(events, workspace, job, beside, new, quiet=quiet)
            tested = _backtest(workspace, other, further, quiet=quiet)
        outcome = replace(
            outcome,
            failures=(*outcome.failures, *tested.failures),
            backtests=tested.backtests,
            sweeps=tested.sweeps,
        )
        failures = (
            *_definition_failures(problems),
            *unfit,
            *_without_study(workspace),
            *outcome.failures,
        )
        whole = replace(outcome, failures=failures)
        result = record_run(whole, workspace, command, (source, chosen_seed))
        index = new.finish(result, sending)
    _say_summary(result, index, quiet=quiet)
    sending.say_where(folder)
    if as_json:
        from eventlab.report.store import run_document

        print_json(run_document(result))
    gate = say_failed(result.claims) if result.claims is not None else 0
    return max(whole.exit_code, gate, DataError.exit_code if refused else 0)


def record_run(
    outcome: Outcome, workspace: "Workspace", command: str, basis: tuple[str, int]
) -> Run:
    """Put together what a run folder stores; ``basis`` is the data source and the seed."""
    return Run(
        studies=outcome.studies,
        failures=outcome.failures,
        command=command,
        seed=basis[1],
        source=basis[0],
        generated_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=dependency_versions(),
        definitions=_hashes(workspace),
        title=workspace.settings.title or "Event studies",
        contagions=outcome.contagions,
        backtests=outcome.backtests,
        sweeps=outcome.sweeps,
        claims=outcome.claims,
    )


def default_folder(directory: Path) -> Path:
    """Return where the run of a workspace lies.

    Raises
    ------
    UsageError
        It is a link out of the workspace, which whoever wrote the workspace may have chosen.
    """
    folder = directory / DEFAULT_FOLDER
    if folder.is_symlink() and not folder.resolve().is_relative_to(directory.resolve()):
        raise UsageError(f"{folder} is a link out of the workspace; if it is meant, give --out")
    return folder


def check_folder(folder: Path) -> None:
    """Refuse, before anything is computed, a folder that a run may not replace.

    Raises
    ------
    UsageError
        The folder holds something else, or lies where none can be.
    """
    from eventlab.report.store import check_target

    with _writing(folder):
        check_target(folder)


def write_folder(
    result: Run, folder: Path, sending: Sending = PAGES_ONLY, *, stored: Path | None = None
) -> Path:
    """Write the run folder with its pages; return the path of its first page.

    ``stored`` is the folder that the results were read from, if they were.

    Raises
    ------
    UsageError
        The folder holds something else, or cannot be written.
    """
    from eventlab.report.store import write_run

    with _writing(folder):
        write_run(result, folder, pages=sending.write, stored=stored)
    return folder / "index.html"


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run folder that is filled while results are computed, and then put in its place."""

    folder: Path
    filling: Path

    def write_studies(self, outcome: Outcome, command: str) -> None:
        """Write the studies that are there."""
        from eventlab.report.stored import STUDIES, write_results

        with _writing(self.folder):
            write_results(STUDIES, outcome.studies, command, self.filling)

    def finish(self, result: Run, sending: Sending) -> Path:
        """Write the rest with the pages; return the path of the first page."""
        from eventlab.report.store import finish_run

        with _writing(self.folder):
            finish_run(result, self.filling, self.folder, pages=sending.write)
        return self.folder / "index.html"


@contextmanager
def _new_run(folder: Path) -> Iterator[NewRun]:
    from eventlab.report.store import start_run

    with ExitStack() as stack:
        with _writing(folder):
            filling = stack.enter_context(start_run(folder))
        yield NewRun(folder, filling)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = error.strerror or error
        raise UsageError(f"{folder} cannot be written: {said}; name another with --out") from error


def _study(
    events: "tuple[EventDefinition, ...]",
    workspace: "Workspace",
    job: Job,
    beside: SideProcess | None,
    new: NewRun,
    *,
    quiet: bool,
) -> tuple[Outcome, bool]:
    """Study the events and their contagion; without usable prices every event fails.

    ``beside`` is the process that measures contagion meanwhile, if there is one.
    """
    seed = job.seed
    if not events and not job.extra:
        return Outcome((), ()), False
    try:
        market = open_market(job.source, events, workspace, seed, extra=job.extra)
    except DataError as error:
        say_error(f"error: {error}")
        return Outcome((), tuple(Failure(e.event, str(error), 3) for e in events)), False
    for line in market.understood:
        say(line, quiet=quiet)
    studied = tuple(event for event in events if event.study is not None)
    travelling = tuple(event for event in events if event.contagion is not None)
    with names_bar(len(studied) + len(travelling), quiet=quiet) as progress:
        outcome = study_events(studied, workspace, market, seed, progress=progress)
        outcome = add_curves(outcome, workspace, market, seed, FIRST_LOOK)
        new.write_studies(outcome, job.command)
        found = beside.outcome() if beside else None
        if found is None:
            found = contagion_events(travelling, workspace, market, seed, progress=progress)
    outcome = Outcome(outcome.studies, (*outcome.failures, *found.failures), found.contagions)
    outcome = replace(outcome, claims=_judge(workspace, market, outcome, seed))
    for failure in outcome.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    return outcome, say_refused(events, workspace, market)


def _judge(
    workspace: "Workspace", market: "Market", outcome: Outcome, seed: int
) -> "Claims | None":
    """Put the claims of the workspace to the prices, with the results that are there."""
    from eventlab.claims import run_claims

    found = run_claims(
        market,
        workspace,
        seed=seed,
        studies=outcome.studies,
        contagions=outcome.contagions,
    )
    return found if len(found.claims) else None


def _usable(workspace: "Workspace") -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Return the strategies that can be run, and why others cannot."""
    reasons = {name: unusable(each, workspace) for name, each in workspace.strategies.items()}
    failures = [
        Failure(name, why, DefinitionError.exit_code) for name, why in reasons.items() if why
    ]
    for failure in failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    return tuple(name for name, why in reasons.items() if not why), tuple(failures)


def _backtest(
    workspace: "Workspace", job: Job, beside: SideProcess | None, *, quiet: bool
) -> Outcome:
    """Backtest the strategies, or wait for the process that does; without prices all fail."""
    if not job.strategies:
        return Outcome((), ())
    found = beside.outcome() if beside else None
    if found is None:
        strategies = [workspace.strategies[name] for name in job.strategies]
        try:
            market = open_strategy_market(job.source, strategies, workspace, job.seed)
        except DataError as error:
            say_error(f"error: {error}")
            failed = (Failure(name, str(error), error.exit_code) for name in job.strategies)
            return Outcome((), tuple(failed))
        with names_bar(len(strategies), quiet=quiet) as progress:
            found = backtest_all(strategies, workspace, market, job.seed, progress)
    for failure in found.failures:
        say_error(f"error: {failure.event}: {failure.reason}")
    for name in job.strategies:
        size = sets_of(workspace.strategies[name])
        if size > MOST_SETS:
            say(f"{name}: its grid of {size:,} sets is left to eventlab sweep {name}", quiet=quiet)
    return found


def _definition_failures(problems: "tuple[Problem, ...]") -> tuple[Failure, ...]:
    """One failure per file with errors; the file's name stands for the event."""
    lines: dict[str, list[str]] = {}
    for problem in problems:
        if problem.severity == "error":
            lines.setdefault(Path(problem.path).stem, []).append(str(problem))
    return tuple(
        Failure(name, "\n".join(found), DefinitionError.exit_code) for name, found in lines.items()
    )


def _without_study(workspace: "Workspace") -> tuple[Failure, ...]:
    return tuple(
        Failure(event.event, "no study section: listed for overlaps only", 0)
        for event in workspace.events.values()
        if event.study is None and event.contagion is None
    )


def _hashes(workspace: "Workspace") -> dict[str, str]:
    """Return the sha256 of every definition file, by its path inside the workspace."""
    files = [workspace.root / "eventlab.toml"]
    for folder in ("events", "universes", "strategies"):
        files += sorted((workspace.root / folder).glob("*.y*ml"))
    return {
        path.relative_to(workspace.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


def _say_summary(result: Run, index: Path, *, quiet: bool) -> None:
    from eventlab.report.numbers import counted

    failed = sum(failure.exit_code != 0 for failure in result.failures)
    said = f"{counted(len(result.studies), 'event')} studied"
    if result.contagions:
        said += f", {counted(len(result.contagions), 'contagion')} measured"
    if result.backtests:
        said += f", {counted(len(result.backtests), 'strategy')} backtested"
    if result.sweeps:
        said += f", {len(result.sweeps)} of them swept"
    if result.claims is not None:
        said += f", {counted(len(result.claims.claims), 'claim')} put to the data"
    if failed:
        said += f", {failed} could not be (the reasons are above and in the index)"
    if any(stamp.simulated for stamp in result.stamps):
        said += "; SIMULATED prices"
    say(f"{said}: {index}", quiet=quiet)
