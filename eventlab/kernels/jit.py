"""How every kernel is compiled, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["kernel"]

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile ``function`` at its first call, without the GIL, and keep the machine code on disk.

    Division follows numpy (0/0 is NaN, never an exception) because a kernel reports what cannot
    be computed as NaN. ``fastmath`` stays off: NaN marks missing data. Where no folder can be
    written for the cache the kernel is compiled anew in each process.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba's "no locator available": nowhere to write a cache
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    return cast("Function", compiled)
