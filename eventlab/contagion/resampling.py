"""Rows of bootstraps that keep neighbours together, for everything that is drawn in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["block_length", "circular_rows", "stationary_rows"]


def block_length(n: int) -> int:
    """Length of the blocks of n rows unless told otherwise: n^(1/3), rounded, at least 1."""
    return max(1, round(float(np.cbrt(n))))


def circular_rows(
    n: int, block: int, draws: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """(draws, n) rows of the circular bootstrap: blocks of ``block`` rows, wrapped.

    References
    ----------
    Politis & Romano (1992), A circular block-resampling procedure for stationary data.
    """
    starts = generator.integers(n, size=(draws, -(-n // block)))
    rows: npt.NDArray[np.int64] = starts[:, :, None] + np.arange(block)
    return rows.reshape(draws, -1)[:, :n] % n


def stationary_rows(n: int, block: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) rows of one draw of the stationary bootstrap: blocks of geometric length, wrapped.

    ``block`` is their mean length.

    References
    ----------
    Politis & Romano (1994), The stationary bootstrap.
    """
    begins = generator.random(n) < 1.0 / block
    begins[0] = True
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(begins, place, 0))
    rows: npt.NDArray[np.int64] = (generator.integers(n, size=n)[last] + place - last) % n
    return rows
