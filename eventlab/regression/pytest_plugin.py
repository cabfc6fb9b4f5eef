"""The pytest plugin: an item per result, as in ``strategies/x.yaml::x[oracle-earnings]``.

pytest loads it in every project of an environment, so nothing but pytest is imported before a file
of a workspace is collected. Results are computed once per file and process.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from eventlab.regression.recognise import is_baseline, is_definition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _pytest._code.code import TerminalRepr

    from eventlab.definitions import Problem, Workspace
    from eventlab.regression.check import Basis, Checked
    from eventlab.regression.types import Item, Subject

__all__ = ["BaselineFile", "DefinitionsFile", "RegressionItem"]

SETTINGS: Final = "eventlab.toml"
BASELINES: Final = "baselines"
NAMED: Final = (BASELINES, "events")  # what makes a folder a workspace without settings
Opened = dict[Path, "tuple[Workspace, tuple[Problem, ...]]"]
WORKSPACES: Final = pytest.StashKey[Opened]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the prices and the seed to the options, as ``eventlab check`` has them."""
    group = parser.getgroup("eventlab", "results under regression test")
    group.addoption("--eventlab-data", metavar="SOURCE", help="prices, as `eventlab check --data`")
    group.addoption(
        "--eventlab-seed", metavar="N", type=int, help="seed, as `eventlab check --seed`"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect definitions and baselines of a workspace.

    That is a folder with eventlab.toml; or with both events/ and baselines/, which other programs
    have too: there only files that say what they define.
    """
    if file_path.suffix == ".yaml":
        root = _root_of_definition(file_path)
        if root is not None and (_has_settings(root) or is_definition(file_path)):
            return DefinitionsFile.from_parent(parent, path=file_path)
    if file_path.suffix == ".json" and _root_of_baseline(file_path) and is_baseline(file_path):
        return BaselineFile.from_parent(parent, path=file_path)
    return None


def _root_of_definition(file: Path) -> Path | None:
    """Return the workspace of a file somewhere below ``strategies/`` or ``events/``."""
    return _root_above(file.parents, {"strategies", "events"})


def _root_of_baseline(file: Path) -> Path | None:
    """Return the workspace of a file under ``baselines/``."""
    return _root_above(file.parents[:2], {BASELINES})


def _root_above(folders: Iterable[Path], names: set[str]) -> Path | None:
    roots = (folder.parent for folder in folders if folder.name in names)
    return next((root for root in roots if _is_workspace(root)), None)


def _is_workspace(root: Path) -> bool:
    return _has_settings(root) or all((root / name).is_dir() for name in NAMED)


def _has_settings(root: Path) -> bool:
    return (root / SETTINGS).is_file()


def _opened(config: pytest.Config, root: Path) -> tuple[Workspace, tuple[Problem, ...]]:
    """Read a workspace once per process."""
    from eventlab.definitions import check_workspace

    known = config.stash.setdefault(WORKSPACES, {})
    if root not in known:
        known[root] = check_workspace(root)
    return known[root]


def _basis(config: pytest.Config, root: Path, workspace: Workspace) -> Basis:
    from eventlab.regression.check import Basis

    try:
        named = root.relative_to(Path.cwd()).as_posix()
    except ValueError:
        named = str(root)
    return Basis(
        workspace, config.getoption("--eventlab-data"), config.getoption("--eventlab-seed"), named
    )


class DefinitionsFile(pytest.File):
    """A file of strategies, events or claims; its subjects are computed when an item first runs."""

    _checked: dict[str, Checked]

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item per part under test; nothing where nothing is.

        Raises
        ------
        CollectError
            The file has errors: each with line, key and remedy.
        """
        from eventlab.regression.subjects import errors_in, shared_errors, subjects_of

        root = _root_of_definition(self.path) or self.path.parent.parent
        workspace, problems = _opened(self.config, root)
        own = errors_in(problems, self.path) + shared_errors(problems, root)
        if own:
            raise self.CollectError("\n".join(own))
        self._checked = {}
        basis = _basis(self.config, root, workspace)
        place = self.path.relative_to(root)
        for subject in subjects_of(workspace):
            if subject.file == place:
                for part in subject.parts:
                    yield RegressionItem.of(self, subject, part, basis)

    def checked(self, subject: Subject, basis: Basis) -> Checked:
        """Compute a subject once."""
        from eventlab.regression.check import check_subject

        if subject.kind not in self._checked:
            self._checked[subject.kind] = check_subject(subject, basis)
        return self._checked[subject.kind]


class BaselineFile(pytest.File):
    """A file of ``baselines/``: an item that fails where it belongs to nothing, else nothing."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the failing item of an orphan."""
        from eventlab.regression.check import orphaned_item
        from eventlab.regression.subjects import orphans

        root = _root_of_baseline(self.path) or self.path.parent
        workspace, _ = _opened(self.config, root)
        basis = _basis(self.config, root, workspace)
        for subject in orphans(workspace):
            if subject.baseline == self.path:
                found = orphaned_item(subject, basis)
                yield OrphanItem.from_parent(self, **_named(self, found.id), found=found)


def _named(file: pytest.File, name: str) -> dict[str, str]:
    """Return name and id of an item, the id as text.

    From the name alone pytest 9.2 makes one that differs from the one it reads back for ``--lf``:
    it takes what stands in brackets for parameters there.
    """
    return {"name": name, "nodeid": f"{file.nodeid}::{name}"}


class MovedError(Exception):
    """An item is not what its baseline says."""

    def __init__(self, found: Item) -> None:
        super().__init__(found.reason)
        self.found = found


class _Item(pytest.Item):
    """An item that says in words why it fails."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str | TerminalRepr:  # type: ignore[override] # pytest's own style is for tracebacks
        """Return what moved, without a traceback."""
        if isinstance(excinfo.value, MovedError):
            from eventlab.regression.text import item_text

            return item_text(excinfo.value.found)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the file and the item."""
        return self.path, 0, self.name


class RegressionItem(_Item):
    """One part of one result: a strategy as a whole, one of its events, a study, claims."""

    subject: Subject
    part: str
    basis: Basis

    @classmethod
    def of(cls, file: DefinitionsFile, subject: Subject, part: str, basis: Basis) -> RegressionItem:
        """Make the item of a part; all of a file go to one worker of xdist where groups do."""
        name = f"{subject.name}[{part}]" if part else subject.name
        item = cls.from_parent(file, **_named(file, name))
        item.subject, item.part, item.basis = subject, part, basis
        if file.config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(file.nodeid))
        return item

    def runtest(self) -> None:
        """Compute it where that is not done yet, keep its metrics, and fail where they moved."""
        file = self.parent
        if not isinstance(file, DefinitionsFile):
            raise TypeError("an item of eventlab stands in a file of definitions")
        checked = file.checked(self.subject, self.basis)
        found = next(item for item in checked.items if item.part == self.part)
        self.user_properties += [
            (name, "NaN" if value is None else value) for name, value in found.values.items()
        ]
        if checked.measured is not None:
            self.user_properties.append(("simulated", checked.measured.record.simulated))
        if found.status != "same":
            raise MovedError(found)


class OrphanItem(_Item):
    """A baseline that belongs to nothing."""

    def __init__(self, *, found: Item, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type] # what pytest passes on
        self.found = found

    def runtest(self) -> None:
        """Fail."""
        raise MovedError(self.found)
