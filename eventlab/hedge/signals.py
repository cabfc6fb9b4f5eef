"""What the market did first, and which way a strategy goes then."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.strategy import SignalDefinition

__all__ = ["direction", "reaction", "why_unknown"]

_UNKNOWN = "its reaction is not known"


def reaction(
    closes: npt.NDArray[np.float64],
    day0: int,
    bars: tuple[int, int],
    *,
    trades: npt.NDArray[np.bool_] | None = None,
) -> float:
    """Measure the return of a symbol over some bars around an event session.

    Parameters
    ----------
    closes
        (T,) own closes on the clock; NaN where it did not trade.
    day0
        Row of the event session.
    bars
        First and last bar (a, b) of the reaction relative to it: the return runs from the close
        of bar day0 + a - 1 to that of day0 + b, and is known at the latter.
    trades
        (T,) whether its market was open in the bar. Where it was closed, its last close before
        stands. None: it was open in every bar.

    Returns
    -------
    float
        Simple, in decimals. NaN where a price lacks: `why_unknown` says which.
    """
    first, last = (_close_at(closes, day0 + bar, trades) for bar in (bars[0] - 1, bars[1]))
    return last / first - 1.0


def why_unknown(
    closes: npt.NDArray[np.float64],
    day0: int,
    bars: tuple[int, int],
    *,
    trades: npt.NDArray[np.bool_] | None = None,
) -> str:
    """Say in words which price of a `reaction` lacks; an empty text where none does."""
    lacking = [
        f"bar {bar:+d}" if bar else "bar 0"
        for bar in (bars[0] - 1, bars[1])
        if math.isnan(_close_at(closes, day0 + bar, trades))
    ]
    return f"no price at the close of {' and '.join(lacking)}" if lacking else ""


def direction(
    definition: SignalDefinition, reaction: float, unknown: str = ""
) -> tuple[float, str]:
    """Multiple of the book that a reaction calls for, and the reason where it is 0.

    follow: its sign; fade: the opposite sign; gate: 1. With ``below`` under ``above``, a reaction
    beyond either is enough; otherwise it has to meet what is given of the two. A reaction of
    exactly 0 has no direction to follow or fade. ``unknown`` is why the reaction is NaN.

    Returns
    -------
    multiple
        -1, 0 or 1.
    reason
        Why the multiple is 0; else an empty text.
    """
    if math.isnan(reaction):
        return 0.0, f"{_UNKNOWN}: {unknown}" if unknown else _UNKNOWN
    missed = _missed(definition, reaction)
    if missed:
        return 0.0, f"reaction {_percent(reaction)} {missed}"
    if definition.take == "gate":
        return 1.0, ""
    if reaction == 0:
        return 0.0, f"reaction 0% has no direction to {definition.take}"
    sign = math.copysign(1.0, reaction)
    return (sign if definition.take == "follow" else -sign), ""


def _missed(definition: SignalDefinition, reaction: float) -> str:
    """Say which of ``below`` and ``above`` the reaction does not meet; nothing where it does."""
    below, above = definition.below, definition.above
    low = "" if below is None or reaction < below else f"is not below {_percent(below)}"
    high = "" if above is None or reaction > above else f"is not above {_percent(above)}"
    if below is not None and above is not None and below < above:
        return f"{low} and {high}" if low and high else ""
    return low or high


def _close_at(
    closes: npt.NDArray[np.float64], row: int, trades: npt.NDArray[np.bool_] | None
) -> float:
    """Close of the last bar up to ``row`` in which the market was open; NaN where it lacks."""
    if not 0 <= row < len(closes):
        return math.nan
    if trades is None:
        return float(closes[row])
    open_rows = np.flatnonzero(trades[: row + 1])
    return float(closes[open_rows[-1]]) if len(open_rows) else math.nan


def _percent(value: float) -> str:
    """Write a return with a sign and no digit more than it takes to tell it: -2%, +1.23%."""
    return f"{100 * value:+.3g}%" if value else "0%"
