"""``eventlab validate``: every problem of every definition, in one go."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab import __version__
from eventlab.cli.messages import command_line, print_json, say, say_error
from eventlab.cli.options import JsonOption, QuietOption, WorkspaceOption
from eventlab.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.definitions import Problem, Workspace

__all__ = ["validate"]


def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files and folders; the whole workspace if none."),
    ] = None,
    *,
    directory: WorkspaceOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Check every definition and the settings; list every problem of every file."""
    from eventlab.definitions import CalendarCheck, check_workspace
    from eventlab.timeline import calendar_problems, check_calendar

    calendars = CalendarCheck(code=check_calendar, occurrences=calendar_problems)
    workspace, problems = check_workspace(directory, paths or (), calendars)
    failed = any(each.severity == "error" for each in problems)
    if as_json:
        print_json(_document(workspace, problems), indent=2)
        return DefinitionError.exit_code if failed else 0
    for problem in problems:
        if problem.severity == "error" or not quiet:
            say_error(str(problem))
    say(_summary(workspace, problems), quiet=quiet)
    return DefinitionError.exit_code if failed else 0


def _summary(workspace: "Workspace", problems: "Sequence[Problem]") -> str:
    errors = sum(each.severity == "error" for each in problems)
    warnings = len(problems) - errors
    counted = [_counted(errors, "problem")] if errors else []
    counted += [_counted(warnings, "warning")] if warnings else []
    claims = [each.claims for each in workspace.events.values()]
    claims += [each.claims for each in workspace.claims.values()]
    counts = {
        "event": len(workspace.events),
        "strategy": len(workspace.strategies),
        "universe": len(workspace.universes),
        "claim": sum(map(len, claims)),
    }
    kinds = [kind for kind, count in counts.items() if count or kind != "claim"]
    found = ", ".join(_counted(counts[kind], kind) for kind in kinds)
    said = " and ".join(counted) or "no problems"
    return f"{said}; sound are {found}" if errors else f"{found}: {said}"


def _counted(number: int, word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def _document(workspace: "Workspace", problems: "Sequence[Problem]") -> dict[str, object]:
    """Return the JSON document. Validation reads no prices and draws nothing: both are null."""
    return {
        "schema": "eventlab.validate/1",
        "eventlab": __version__,
        "data": None,
        "seed": None,
        "command": command_line(),
        "events": list(workspace.events),
        "strategies": list(workspace.strategies),
        "universes": list(workspace.universes),
        "claims": list(workspace.claims),
        "problems": [
            {
                "path": each.path.as_posix(),
                "line": each.line,
                "column": each.column,
                "key": each.key,
                "message": each.message,
                "severity": each.severity,
            }
            for each in problems
        ],
    }
