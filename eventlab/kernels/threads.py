"""One thread for the linear algebra of numpy and scipy, so that its sums have one order."""

from __future__ import annotations

from contextlib import ContextDecorator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

__all__ = ["one_blas_thread"]


class one_blas_thread(ContextDecorator):  # noqa: N801 - reads as the function it stands for
    """Run a block, or a function decorated with it, with one thread of BLAS.

    With several, OpenBLAS splits sums by their number, and the last bits of a product follow the
    machine. A likelihood's optimiser turns those into the fourth digit of what it finds.
    """

    def __enter__(self) -> one_blas_thread:
        self._limit: Any = controller().limit(limits=1, user_api="blas")
        self._limit.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._limit.__exit__(*raised)

    def _recreate_cm(self) -> one_blas_thread:
        return one_blas_thread()  # calls may overlap


@cache
def controller() -> ThreadpoolController:
    """Libraries that are loaded by the first call: numpy's and scipy's."""
    import scipy.linalg  # noqa: F401, PLC0415 - loads the library that is to be found
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415

    return ThreadpoolController()
