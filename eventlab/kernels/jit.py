"""How every kernel is compiled, in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast, overload

import numba

from eventlab.kernels.kept_code import KernelCache

__all__ = ["kernel"]

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def kernel(function: Function) -> Function:  # noqa: D418 - every public function says what it does
    """Compile a kernel, as ``@kernel``."""


@overload
def kernel(*, inline: bool) -> Callable[[Function], Function]:  # noqa: D418
    """Compile a step of kernels, as ``@kernel(inline=True)``."""


def kernel(function: Function | None = None, *, inline: bool = False) -> Any:
    """Compile ``function`` at its first call, without the GIL, and keep the machine code on disk.

    Division follows numpy (0/0 is NaN, never an exception) because a kernel reports what cannot
    be computed as NaN. ``fastmath`` stays off: NaN marks missing data. Where no folder can be
    written for the cache, or what it holds is damaged, the kernel is compiled anew.

    ``@kernel(inline=True)`` puts a step into the kernels that call it: a call counts a reference
    to each array that is handed over, which is dear in a loop of a hundred nanoseconds.
    """
    if function is None:
        return partial(_compile, inline="always" if inline else "never")
    return _compile(function)


def _compile(function: Function, inline: str = "never") -> Function:
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "inline": inline,
        "no_cfunc_wrapper": True,  # no C code calls a kernel: compiling takes a twentieth less
    }
    compiled = numba.njit(**options)(function)
    compiled.get_call_template = partial(_any_number, compiled.get_call_template)
    with suppress(RuntimeError):  # numba's "no locator available": nowhere to write a cache
        compiled._cache = KernelCache(function)
    return cast("Function", compiled)


def _any_number(template: Callable[..., Any], args: Any, kws: Any) -> Any:
    """Answer a kernel that calls a step: compiled for integers, not anew for each literal."""
    plain: Callable[[Any], Any] = numba.types.unliteral
    return template([plain(arg) for arg in args], {name: plain(kws[name]) for name in kws})
