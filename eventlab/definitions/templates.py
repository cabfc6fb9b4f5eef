"""New definitions and workspaces from templates that validate as they stand."""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Literal

from eventlab import __version__
from eventlab.definitions.definition_file import CLAIMS_PREFIX
from eventlab.definitions.problem import listed, show
from eventlab.definitions.schema import SCHEMA_KINDS, schema_text
from eventlab.definitions.workspace_file import SETTINGS_FILE
from eventlab.definitions.yaml_reader import resolve
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from importlib.resources.abc import Traversable

    from eventlab.definitions.workspace import Workspace

__all__ = ["NewKind", "make_workspace", "new_definition"]

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A dot file is easily lost when a package is built.
_RENAMED = {"gitignore": ".gitignore"}
_FOR_GITHUB = {
    "workflow.yml": ".github/workflows/eventlab.yml",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
_ASSETS = ("NVDA", "ORCL", "BTC")
_BENCHMARKS = ("SPY", "QQQ", "^GSPC")
_COMMENT_COLUMN = 35
_FOLDERS = {"event": "events", "strategy": "strategies", "claims": "events"}
_ARTICLES = {"event": "an event", "strategy": "a strategy", "claims": "a file of claims"}

NewKind = Literal["event", "strategy", "claims"]


def make_workspace(folder: Path, *, github: bool = False) -> tuple[Path, ...]:
    """Make a small workspace that runs as it stands; return its files, relative to ``folder``.

    The folder is made where it does not exist; what lies there stays. A new folder appears whole
    or not at all. ``github`` adds a workflow for GitHub Actions and the configuration of
    pre-commit; a folder that is a workspace already gets nothing but these.

    Raises
    ------
    UsageError
        A file would be overwritten, or the folder cannot be written.
    """
    known = (folder / SETTINGS_FILE).exists() or (folder / "events").is_dir()
    contents = {} if github and known else _workspace_files()
    contents |= _github_files() if github else {}
    taken = [name for name in contents if (folder / name).exists() or (folder / name).is_symlink()]
    if taken:
        raise UsageError(f"{folder} has {listed(taken)} already; nothing was written")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = folder if folder.is_dir() else folder.parent
        filling = Path(tempfile.mkdtemp(prefix=".new-", dir=beside))
        try:
            _fill(filling, contents)
            _move(filling, folder, contents)
        finally:
            shutil.rmtree(filling, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from error
    return tuple(Path(name) for name in contents)


def new_definition(kind: NewKind, name: str, workspace: Workspace) -> Path:
    """Write a commented definition into a workspace; return the path of the file.

    A file of claims is called ``claims-NAME``, whether or not ``name`` begins like that.

    Raises
    ------
    UsageError
        The name has not the right form or is taken, or a strategy has no event to refer to.
    """
    if not _NAME.fullmatch(name) or len(name) > 64:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64].strip("-")
        near = f"; did you mean {plain!r}?" if plain else ""
        raise UsageError(f"{show(name)} is not lower-case words joined by hyphens{near}")
    if kind == "claims":
        name = CLAIMS_PREFIX + name.removeprefix(CLAIMS_PREFIX)
    target = workspace.root / _FOLDERS[kind] / f"{name}.yaml"
    known: dict[NewKind, Collection[str]] = {
        "event": workspace.events,
        "strategy": workspace.strategies,
        "claims": workspace.claims,
    }
    if name in known[kind]:
        where = workspace.where(kind, name, kind)
        raise UsageError(f"there is {_ARTICLES[kind]} {name} already, in {where}")
    template = files(__package__) / "template_files" / f"{kind}.yaml"
    words = _words(name, workspace)
    if kind == "strategy" and not workspace.events:
        raise UsageError("a strategy needs an event; make one first: `eventlab new event NAME`")
    filled = Template(template.read_text(encoding="utf-8")).substitute(words)
    _write_new(target, "".join(f"{_aligned(line)}\n" for line in filled.splitlines()))
    return target


def _workspace_files() -> dict[str, str]:
    """Return the files of a new workspace: relative path to content."""
    root = files(__package__) / "template_files" / "workspace"
    contents = dict(sorted(_below(root, "")))
    for kind in SCHEMA_KINDS:
        contents[f"schemas/{kind}.schema.json"] = schema_text(kind)
    return contents


def _github_files() -> dict[str, str]:
    root = files(__package__) / "template_files" / "github"
    return {
        place: (root / name).read_text(encoding="utf-8").replace("VERSION", __version__)
        for name, place in _FOR_GITHUB.items()
    }


def _below(folder: Traversable, prefix: str) -> Iterable[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            name = _RENAMED.get(entry.name, entry.name)
            yield f"{prefix}{name}", entry.read_text(encoding="utf-8")


def _fill(folder: Path, contents: dict[str, str]) -> None:
    folder.chmod(0o755)  # mkdtemp makes folders for their owner only
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _move(filling: Path, folder: Path, contents: dict[str, str]) -> None:
    if not folder.exists():
        filling.rename(folder)
        return
    for name in contents:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _link_new(filling / name, folder / name)


def _write_new(target: Path, text: str) -> None:
    """Write a file that must not exist yet, whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as beside:
            filling = Path(beside) / target.name
            filling.write_text(text, encoding="utf-8")
            _link_new(filling, target)
    except FileExistsError as error:
        raise UsageError(f"{target} exists already; nothing was written") from error
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from error


def _link_new(source: Path, target: Path) -> None:
    """Give a finished file its name. A hard link fails where the name is taken; rename does not."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with target.open("x", encoding="utf-8") as stream:
            stream.write(source.read_text(encoding="utf-8"))


def _words(name: str, workspace: Workspace) -> dict[str, str]:
    """Choose symbols that the workspace knows, so that the template validates in it."""
    symbols = tuple(workspace.symbols) or (*_ASSETS, *_BENCHMARKS)
    asset = _pick(_ASSETS, symbols)
    rest = tuple(each for each in symbols if each != asset)
    benchmark = _pick(_BENCHMARKS, rest) if rest else ""
    model = "  model: constant_mean # market_model needs a benchmark"
    if benchmark:
        model = (
            f"  benchmark: {_scalar(benchmark)} # the market that normal returns are measured on\n"
            "  model: market_model # or constant_mean, market_adjusted, scholes_williams, dimson,\n"
            "  # factor_model, garch_market_model"
        )
    hedge = "exposure: {inside: 0.0} # out of the book around the events"
    if benchmark:
        hedge = (
            f"hedge:\n  instruments: [{_scalar(benchmark)}] # what is sold against the book\n"
            "  ratio: {method: ols, lookback: 120, cap: 2.0} # fixed, ewma, ridge, kalman, ..."
        )
    info = workspace.symbols.get(asset)
    return {
        "name": _scalar(name),
        "title": _scalar(name.removeprefix(CLAIMS_PREFIX).replace("-", " ").capitalize()),
        "asset": _scalar(asset),
        "hedge": hedge,
        "clock": info.calendar if info is not None and not benchmark else "XNYS",
        "model": model,
        "event": _scalar(next(iter(workspace.events), "")),
    }


def _pick(preferred: tuple[str, ...], known: tuple[str, ...]) -> str:
    return next((each for each in preferred if each in known), known[0])


def _scalar(text: str) -> str:
    """Write a word so that YAML reads it as text: 2025 and true need quotes."""
    return text if resolve(text) == text else f'"{text}"'


def _aligned(line: str) -> str:
    """Move the comment behind a value to the column that the others have."""
    code, mark, comment = line.partition(" #")
    return f"{code.rstrip():<{_COMMENT_COLUMN - 1}} #{comment}" if code.strip() and mark else line
