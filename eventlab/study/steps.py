"""How a long computation says how far it is: a callback, so that showing it is not its business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["Progress", "counted", "quietly"]

Progress = Callable[[int, int], None]  # steps done, of how many
T = TypeVar("T")


def quietly(_done: int, _total: int) -> None:
    """Say nothing of the steps done."""


def counted(made: Iterable[T], total: int, progress: Progress) -> Iterator[T]:
    """Yield what is ``made``, and tell ``progress`` of each."""
    for done, one in enumerate(made, 1):
        progress(done, total)
        yield one
