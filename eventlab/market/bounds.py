"""What can be a price, a level, a return or a volume, so that arithmetic with it stays finite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.extract import RawSeries

__all__ = ["LARGEST", "SMALLEST", "impossible", "without_wrong", "wrong_beside"]

# Tokens of many zeros cost 1e-12, and market values in small coins 1e16. The fourth power of a
# return between these bounds, summed over a million bars, is a double all the same.
SMALLEST, LARGEST = 1e-30, 1e30
BESIDE: Final = ("open", "high", "low", "raw", "volume")
Kind = Literal["price", "level", "return"]


def impossible(values: npt.NDArray[np.float64], kind: Kind) -> npt.NDArray[np.bool_]:
    """Which values (n,) nothing can have cost, or no rate can have been; NaN is none of them."""
    wrong: npt.NDArray[np.bool_] = np.abs(values) > LARGEST
    if kind == "price":
        wrong |= values < SMALLEST
    return wrong


def wrong_beside(raw: RawSeries, kind: Kind) -> dict[str, npt.NDArray[np.bool_]]:
    """Which opens, highs, lows, unadjusted closes and volumes (n,) cannot be what they are called.

    Only series of prices are looked at. Columns without any are left out.
    """
    found = {}
    for name in BESIDE:
        values: npt.NDArray[np.float64] | None = getattr(raw, name)
        if values is None or kind != "price":
            continue
        wrong = impossible(values, "price" if name != "volume" else "level")
        if name == "volume":
            wrong |= values < 0.0
        if wrong.any():
            found[name] = wrong
    return found


def without_wrong(raw: RawSeries, kind: Kind) -> RawSeries:
    """Return the series with NaN in the place of what :func:`wrong_beside` finds."""
    columns: dict[str, Any] = {
        name: np.where(wrong, np.nan, getattr(raw, name))
        for name, wrong in wrong_beside(raw, kind).items()
    }
    return replace(raw, **columns) if columns else raw
