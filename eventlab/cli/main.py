"""The command ``eventlab``: finds the command that was asked for and turns errors into exit codes.

Nothing heavy is imported here or at the top of a command's module: ``eventlab --help`` has to
answer at once. Each command imports what it needs when it runs.
"""

import contextlib
import errno
import io
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command, get_group

from eventlab import __version__
from eventlab.cli.garbage import collect_rarely
from eventlab.cli.messages import say_error
from eventlab.cli.stops import exit_code, stop_no_more, stop_on_signals
from eventlab.errors import DefinitionError, EventlabError, UsageError
from eventlab.visible import visible

__all__ = ["build_app", "main"]

# Each fits beside its command in `eventlab --help`; the command's own help says the rest.
COMMANDS = {
    "run": "Every event and strategy, and the pages.",
    "study": "Abnormal returns and tests of events.",
    "contagion": "Whether a shock travelled, pair by pair.",
    "claims": "Published statements against the data.",
    "backtest": "A hedge strategy, event by event.",
    "sweep": "A strategy's grid, and overfitting.",
    "audit": "Whether a strategy looks ahead.",
    "report": "Pages of a run from its stored results.",
    "compare": "What changed between two runs, and why.",
    "check": "Results against their baselines.",
    "validate": "Check definitions, list every problem.",
    "schema": "JSON Schema of a kind of definition.",
    "new": "Write an event, strategy or claims file.",
    "init": "Make a small workspace.",
    "data": "Prices: list, show and verify them.",
    "doctor": "Versions, caches, sources, workspace.",
}
WITH_VALUE = ("-C", "--directory", "--data", "--out", "--seed")
FLAGS = ("--json", "--quiet", "-q")
JOINED = tuple(f"{option}=" for option in WITH_VALUE[1:])
BUG, PIPE_CLOSED = 4, 141
# What is the machine's doing or the file's, and no bug, wherever it turns up.
UNWRITTEN = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
REFUSED = (errno.EACCES, errno.EPERM)
MISNAMED = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
REMEDIES = (
    (UNWRITTEN, "make room or write elsewhere"),
    (SHORT, "raise the limit (ulimit), or end other programs"),
    (REFUSED, "change its mode or its owner"),
    (MISNAMED, "name another file or folder"),
)
NO_MEMORY = ("annot allocate memory", "failed to map segment")
STATE_FOLDER = "eventlab"
LONGEST = 200  # characters of a path in a message


def main() -> None:
    """Run the command line and leave with its exit code."""
    collect_rarely()
    # Matrix products here are small, and threads that wait for more of them spin: `eventlab sweep`
    # of 1,000 sets took 3.4 s with two and takes 2.6 s with one. Sums are then the same on any
    # number of processors, too. Read when numpy is imported, by processes that are started as well.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _open_closed_streams()
    stop_on_signals()
    code = run(sys.argv[1:])
    stop_no_more()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns
    -------
    int
        0 fine; 1 a gate failed; 2 wrong usage or definition; 3 data missing or unusable; 4 a bug;
        130 interrupted; 143 ended by SIGTERM, 129 by SIGHUP; 141 the reader of stdout went away.
    """
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except EventlabError as error:
        _say_mistake(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort) as error:
        say_error("interrupted; nothing was left half written")
        return exit_code(error)
    except Exception as error:  # noqa: BLE001 - the one place where a bug ends
        if _is_short_of_memory(error):
            return _say_short_of_memory(error)
        if isinstance(error, OSError) and any(error.errno in each for each, _ in REMEDIES):
            return _say_unwritten(error)
        return _say_bug(error, arguments)
    return code


def _open_closed_streams() -> None:
    """Give stdout and stderr somewhere to go where the caller has closed them, as with ``>&-``."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def build_app() -> typer.Typer:
    """Return the application with every command."""
    app = _application(no_args_is_help=True)
    app.callback()(_about)
    for name, said in COMMANDS.items():
        found = _load(name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, short_help=said)
        else:
            app.command(name, short_help=said)(found)
    return app


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        sys.stdout.write(f"eventlab {__version__}\n")
        raise typer.Exit


def _about(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Event studies on real clocks: from a YAML event to abnormal returns, honest tests, a page.

    Start with `eventlab run`, which needs no data of yours, or `eventlab study EVENT`.

    Exit codes: 0 fine; 1 a gate failed; 2 wrong usage or definition, or the machine refuses (full
    disk, no right to write, no memory); 3 data missing or unusable; 4 a bug; 130 interrupted.
    """


def _load(name: str) -> typer.Typer | Callable[..., object]:
    """Return what ``eventlab/cli/<name>.py`` holds: its ``app``, or its function ``<name>``."""
    module = import_module(f"eventlab.cli.{name}")
    group = getattr(module, "app", None)
    if isinstance(group, typer.Typer):
        return group
    command: Callable[..., object] = getattr(module, name)
    return command


def _application(*, no_args_is_help: bool) -> typer.Typer:
    return typer.Typer(
        name="eventlab",
        no_args_is_help=no_args_is_help,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Rich help takes three times as long to come up as everything else together.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _alone(function: Callable[..., object]) -> typer.Typer:
    """Return one command without the group around it."""
    app = _application(no_args_is_help=False)
    app.command()(function)
    return app


def _invoke(arguments: Sequence[str]) -> int:
    """Parse and run; a usage error of the parser is shown here, with exit code 2."""
    _refuse_bytes(arguments)
    words = shared_options_last(arguments)
    program = "eventlab"
    if words and words[0] in COMMANDS:
        # Straight to the command: the way through the group imports every other command, and
        # typer builds pydantic adapters for the group's options: `--help` should not wait for it.
        program = f"eventlab {words[0]}"
        found = _load(words[0])
        alone = found if isinstance(found, typer.Typer) else _alone(found)
        command = get_group(alone) if alone is found else get_command(alone)
        words = words[1:]
    else:
        command = get_group(build_app())
    try:
        with command.make_context(program, words) as context:
            returned = command.invoke(context)
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None or isinstance(error, EventlabError):
            raise
        said = io.StringIO()
        show(file=said)
        say_error(said.getvalue())
        return int(getattr(error, "exit_code", 2))
    return returned if isinstance(returned, int) and not isinstance(returned, bool) else 0


def _refuse_bytes(arguments: Sequence[str]) -> None:
    """Refuse arguments that are no text: no JSON and no page could name them.

    Raises
    ------
    UsageError
        Bytes that are not in the encoding of the system, or a zero byte.
    """
    for word in arguments:
        if "\x00" in word or any("\ud800" <= letter <= "\udfff" for letter in word):
            raise UsageError(
                f"the argument {word[:LONGEST]!a} is no text in UTF-8; correct it, or rename the "
                "file"
            )


def shared_options_last(arguments: Sequence[str]) -> list[str]:
    """Move shared options from before the command behind it, as in ``eventlab -C DIR run``."""
    words = list(arguments)
    place = 0
    while place < len(words):
        word = words[place]
        if word in WITH_VALUE:
            place += 2
        elif word in FLAGS or word.startswith(JOINED):
            place += 1
        else:
            break
    if place == 0 or place >= len(words) or words[place] not in COMMANDS:
        return words
    return [words[place], *words[:place], *words[place + 1 :]]


def _say_mistake(error: EventlabError) -> None:
    if isinstance(error, DefinitionError):
        for problem in error.problems:
            say_error(problem)
        return
    say_error(f"error: {error}")


def _is_short_of_memory(error: BaseException | None) -> bool:
    """Whether memory is what was short, as libraries that could not be loaded say, too."""
    while error is not None:
        if isinstance(error, MemoryError) or any(each in str(error) for each in NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


def _say_short_of_memory(error: Exception) -> int:
    _forget_stdout()
    said = " ".join(str(error).split()) if isinstance(error, MemoryError) else ""
    said = f" ({said})" if said else ""
    say_error(f"error: not enough memory{said}; end other programs, or ask for less at once")
    return UsageError.exit_code


def _say_unwritten(error: OSError) -> int:
    """End where the reader went away, which is nobody's mistake, or the machine refuses."""
    _forget_stdout()
    if error.errno == errno.EPIPE:
        return PIPE_CLOSED
    place = f" for {str(error.filename)[:LONGEST]}" if error.filename else ""
    remedy = next(said for numbers, said in REMEDIES if error.errno in numbers)
    say_error(f"error: {error.strerror}{place}; {remedy}")
    return UsageError.exit_code


def _forget_stdout() -> None:
    """Drop what stdout could not take: it would raise again when the interpreter closes it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_bug(error: Exception, arguments: Sequence[str]) -> int:
    text = f"eventlab {__version__}, Python {sys.version.split()[0]} on {sys.platform}\n"
    text += f"command: {shlex.join(['eventlab', *arguments])}\n\n"
    text += "".join(traceback.format_exception(error))
    said = " ".join(str(error).split()) or "no message"
    say_error(f"a bug: {type(error).__name__}: {said}; the log is {_write_log(text)}")
    return BUG


def _write_log(text: str) -> str:
    for folder in _log_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(prefix="bug-", suffix=".log", dir=folder, text=True)
            with os.fdopen(handle, "w", encoding="utf-8") as log:
                log.write(visible(text))
        except OSError:
            continue
        return path
    return "nowhere: no folder could be written"


def _log_folders() -> tuple[Path, ...]:
    folders = [Path(tempfile.gettempdir()) / STATE_FOLDER]
    with contextlib.suppress(RuntimeError):  # raised where no home folder is known
        folders.insert(0, Path.home() / ".local" / "state" / STATE_FOLDER)
    named = os.environ.get("XDG_STATE_HOME")
    if named:
        folders.insert(0, Path(named) / STATE_FOLDER)
    return tuple(folders)
