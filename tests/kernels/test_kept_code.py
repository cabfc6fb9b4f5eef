"""Machine code on disk is used where it is of this source, and compiled anew where it is not."""

from __future__ import annotations

import errno
import pickle
import shutil
import sys
from importlib import invalidate_caches
from importlib.util import module_from_spec, spec_from_file_location
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from numba.core import config

from eventlab.kernels import kept_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALLED = """\
from eventlab.kernels.jit import kernel

STEP = {step}

@kernel
def called_nb(x):
    return x + {more}
"""
CALLING = """\
from eventlab.kernels.jit import kernel
from called import STEP, called_nb

@kernel
def calling_nb(x):
    return called_nb(x) * {times} + STEP
"""


class Kernels:
    """Two modules, the second of which calls a kernel of the first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write()

    def write(self, step: float = 0.0, more: float = 1.0, times: float = 10.0) -> None:
        (self.root / "called.py").write_text(CALLED.format(step=step, more=more))
        (self.root / "calling.py").write_text(CALLING.format(times=times))

    def call(self, x: float = 2.0) -> tuple[float, int]:
        """Return what a new process would compute, and how many versions it took from disk."""
        invalidate_caches()
        for name in ("called", "calling"):
            spec = spec_from_file_location(name, self.root / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            sys.modules[name] = module_from_spec(spec)
            spec.loader.exec_module(sys.modules[name])
        function: Any = sys.modules["calling"].calling_nb
        return function(x), sum(function.stats.cache_hits.values())

    def files(self, ending: str) -> list[Path]:
        return sorted((self.root / "cache").rglob(f"calling*{ending}"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    """Kernels whose cache is filled, and a copy of it."""
    with pytest.MonkeyPatch.context() as patch:
        kernels = Kernels(tmp_path_factory.mktemp("kernels"))
        patch.setattr(config, "CACHE_DIR", str(kernels.root / "cache"))
        patch.setattr(sys, "dont_write_bytecode", True)  # two sources of one size and second
        assert kernels.call() == (30.0, 0)
        shutil.copytree(kernels.root / "cache", kernels.root / "copy")
        yield kernels
    for name in ("called", "calling"):
        sys.modules.pop(name, None)


@pytest.fixture
def kernels(compiled: Kernels) -> Kernels:
    compiled.write()
    shutil.rmtree(compiled.root / "cache")
    shutil.copytree(compiled.root / "copy", compiled.root / "cache")
    return compiled


def test_the_second_process_compiles_nothing(kernels: Kernels) -> None:
    assert kernels.call() == (30.0, 1)


FOREIGN = pickle.dumps(["foreign"])


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("content", [slice(0), slice(40), slice(-1), FOREIGN, b"\0" * 999])
def test_a_damaged_or_foreign_file_is_made_anew(
    kernels: Kernels, ending: str, content: bytes | slice
) -> None:
    (path,) = kernels.files(ending)
    path.write_bytes(path.read_bytes()[content] if isinstance(content, slice) else content)
    assert kernels.call() == (30.0, 0)
    assert kernels.call() == (30.0, 1)


def test_code_of_another_numba_is_not_used(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.__version__", "99.0")
    assert kernels.call() == (30.0, 0)
    assert kernels.call() == (30.0, 1)


@pytest.mark.parametrize("killed", ["_save_data", "_save_index"])
def test_a_process_killed_while_it_keeps_code_leaves_none_of_the_old_source(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    kernels.write(times=100.0)

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kept_code._CodeFiles, killed, kill)
        with pytest.raises(KeyboardInterrupt):
            kernels.call()
    assert kernels.call() == (300.0, 0)
    assert kernels.call() == (300.0, 1)


@pytest.mark.parametrize(("changed", "result"), [("more", 70.0), ("step", 35.0)])
def test_a_kernel_is_compiled_anew_where_one_that_it_calls_changed(
    kernels: Kernels, changed: str, result: float
) -> None:
    kernels.write(**{changed: 5.0})
    assert kernels.call() == (result, 0)
    assert len(kernels.files(".nbc")) == 1
    assert kernels.call() == (result, 1)


def test_a_full_disk_keeps_nothing_and_computes(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kernels.write(times=100.0)
    monkeypatch.setattr(kept_code._CodeFiles, "_save_data", full)
    assert kernels.call() == (300.0, 0)
    assert kernels.call() == (300.0, 0)


def test_what_a_killed_process_left_unfinished_is_removed(kernels: Kernels) -> None:
    (code,) = kernels.files(".nbc")
    (index,) = kernels.files(".nbi")
    for path in (code, index):
        path.with_name(f"{path.name}.tmp.0123456789abcdef").write_bytes(b"half")
    kernels.write(times=100.0)
    kernels.call()
    assert kernels.files(".tmp*") == []


def test_two_signatures_have_files_of_their_own(kernels: Kernels) -> None:
    assert kernels.call(2) == (30.0, 0)
    assert len(kernels.files(".nbc")) == 2
    assert (kernels.call(2.0), kernels.call(2)) == ((30.0, 1), (30.0, 1))


@pytest.mark.parametrize("named", ["", "relative"])
def test_without_a_home_nothing_is_taken_from_the_working_folder(
    kernels: Kernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setattr("numba.core.caching.InTreeCacheLocator.from_function", lambda *_: None)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    if named:
        monkeypatch.setenv("XDG_CACHE_HOME", named)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert kernels.call() == (30.0, 0)
    assert list((tmp_path / "cwd").iterdir()) == []


def outer() -> Any:
    """Read a constant from within, and one of another module."""
    return lambda: (LEVEL, there.STEP)  # type: ignore[name-defined] # noqa: F821


def test_constants_are_part_of_what_code_was_compiled_from() -> None:
    def stamp(level: float, step: float) -> str:
        there = ModuleType("there")
        vars(there)["STEP"] = step
        known = {"LEVEL": level, "there": there}
        return kept_code._stamp(FunctionType(outer.__code__, known), b"")

    assert stamp(1.0, 2.0) == stamp(1.0, 2.0)
    assert len({stamp(1.0, 2.0), stamp(1.5, 2.0), stamp(1.0, 2.5)}) == 3
