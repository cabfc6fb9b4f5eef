"""The machine code of kernels on disk: what is damaged or of another source is compiled anew.

numba's own cache answers a truncated file with an exception, for ever; names machine code before
it is written, so that a process killed in between, or two that fill the cache at once, leave a name
that stands for other code; and asks of the file of a kernel only whether it is as it was, not of
the kernels that were compiled into it. Here code is written first, under a name made of what it was
compiled from. The folder is numba's: `NUMBA_CACHE_DIR`, or beside the source, or the user's cache;
its files are unpickled, so it has to be as safe as the package itself.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KernelCache"]

PLAIN: Final = (bool, int, float, str, tuple)  # globals that are compiled in as constants


class KernelCache(FunctionCache):
    """The compiled versions of one kernel on disk; whatever is wrong there, it is compiled anew.

    Raises
    ------
    RuntimeError
        No folder can be written.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._impl_class = _Places
        super().__init__(function)
        self.stamp = _stamp(function, self._cache_file._source_stamp)
        self._cache_file = _CodeFiles(self._cache_path, self._impl.filename_base, self.stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled version of a signature; None where there is none to rely on."""
        with suppress(Exception):  # unpickling foreign bytes may raise anything
            return super().load_overload(sig, target_context)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled version, if the disk takes it."""
        with suppress(OSError):
            super().save_overload(sig, data)


class _UserCache(UserWideCacheLocator):
    """The user's cache folder: none without a home, where numba takes ``~`` in any folder."""

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> Any:
        if not Path(cls(py_func, py_file).get_cache_path()).is_absolute():
            return None
        return super().from_function(py_func, py_file)


class _Places(CompileResultCacheImpl):
    _locator_classes = [UserProvidedCacheLocator, InTreeCacheLocator, _UserCache]  # noqa: RUF012


class _CodeFiles(IndexDataCacheFile):
    """The index of a kernel's compiled versions, and a file of machine code for each."""

    def save(self, key: Any, data: Any) -> None:
        """Write the code, then its name into the index; remove the code that none names."""
        base = self._index_name.removesuffix(".nbi")
        name = f"{base}.{sha256(repr((self._source_stamp, key)).encode()).hexdigest()[:16]}.nbc"
        self._save_data(name, data)
        overloads = {**self._load_index(), key: name}
        self._save_index(overloads)
        kept = {self._index_name, *overloads.values()}
        with os.scandir(self._cache_path) as entries:
            for entry in entries:
                # An unfinished file is of a killed process, or of one that will do without.
                if entry.name.startswith(f"{base}.") and entry.name not in kept:
                    with suppress(OSError):
                        Path(entry.path).unlink()

    def _load_index(self) -> dict[Any, str]:
        with suppress(Exception):  # unpickling foreign bytes may raise anything
            found = super()._load_index()
            return found if isinstance(found, dict) else {}
        return {}


def _stamp(function: Callable[..., Any], own: bytes) -> str:
    """Return what a kernel's machine code depends on: its file, those of kernels it calls, values.

    ``own`` is the sum of its file, which covers kernels that are defined further down in it.
    """
    parts = [repr(own)]
    names = sorted(set(_names(function.__code__)))
    known = function.__globals__
    modules = [known[name] for name in names if isinstance(known.get(name), ModuleType)]
    for name in names:
        for value in (known.get(name), *(vars(each).get(name) for each in modules)):
            cache = getattr(value, "_cache", None)
            if isinstance(cache, KernelCache):
                parts.append(f"{name} {cache.stamp}")
            elif isinstance(value, PLAIN):
                parts.append(f"{name} {value!r}")
    return sha256("\n".join(parts).encode()).hexdigest()


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
