"""Numbers of results by where they stand, and whether they scale as units say."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

POWER_OF_TWO = 2.0**-40  # near 1e-12, and scales without rounding
SCALES = (POWER_OF_TWO, 1e-12, 1e12)
SAME = 1e-9  # of the largest number of a column
# Everything but what is searched for by an optimiser scales without rounding by a power of two.
EXACT = 1e-14


def leaves(result: Any, path: str = "") -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
    """Every numeric column of a result as (name, values)."""
    if isinstance(result, pd.Series | np.ndarray):
        if result.dtype.kind in "fiub":
            yield path, np.asarray(result, dtype=np.float64).ravel()
    elif isinstance(result, int | float):
        yield path, np.array([float(result)])
    else:
        for name, held in inside(result):
            yield from leaves(held, f"{path}{name}")


def inside(result: Any) -> Iterator[tuple[str, Any]]:
    """What a frame, a mapping, a sequence or a dataclass holds, by name."""
    if isinstance(result, pd.DataFrame):
        yield from ((f"[{name}]", result[name]) for name in result.columns)
    elif isinstance(result, dict):
        yield from ((f".{key}", held) for key, held in result.items())
    elif isinstance(result, list | tuple):
        yield from ((f".{place}", held) for place, held in enumerate(result))
    elif dataclasses.is_dataclass(result):
        names = [field.name for field in dataclasses.fields(result)]
        yield from ((f".{name}", getattr(result, name)) for name in names)


def check(result: Any, scaled: Any, factor: Callable[[str], float | None], rtol: float) -> int:
    """Every column of ``scaled`` is ``factor`` (None: whatever) times that of ``result``; count."""
    before, after = dict(leaves(result)), dict(leaves(scaled))
    assert before.keys() == after.keys()
    count = 0
    for name, values in before.items():
        expected = factor(name)
        if expected is None:
            continue
        count += 1
        found = after[name] / expected
        size = np.abs(values[np.isfinite(values)]).max(initial=0.0)
        np.testing.assert_allclose(found, values, rtol=rtol, atol=rtol * size, err_msg=name)
    return count


def repriced(given: Market, factor: float) -> Market:
    """The market in another unit of money: prices, opens, highs and lows times ``factor``."""

    def one(series: PriceSeries) -> PriceSeries:
        if series.kind != "price":
            return series
        names = ("prices", "raw", "high", "low", "open")
        held = {name: getattr(series, name) for name in names}
        return replace(
            series, **{name: values * factor for name, values in held.items() if values is not None}
        )

    def every(held: Any) -> dict[str, PriceSeries]:
        return {symbol: one(series) for symbol, series in held.items()}

    return replace(given, daily=every(given.daily), intraday=every(given.intraday))
