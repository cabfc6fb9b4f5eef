"""The same strategy on random dates: schedules to draw, and what the draws say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, draws_of, whole
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["placebo_summary", "random_schedules"]

Side = Literal["greater", "less", "two-sided"]
SIDES: Final = ("greater", "less", "two-sided")
SAME: Final = 1e-12  # a draw that differs from the observed value by rounding is as extreme
COLUMNS: Final = ("statistic", "value", "mean", "low", "high", "pvalue", "draws", "side", "note")


def placebo_summary(
    observed: Mapping[str, float],
    draws: pd.DataFrame | Mapping[str, npt.NDArray[np.float64]],
    *,
    side: Side | Mapping[str, Side] = "greater",
) -> pd.DataFrame:
    """Where the observed statistics stand among those of random dates.

    Parameters
    ----------
    observed
        Value by name of the statistic.
    draws
        (B,) values of the draws by the same names; a draw that has none is NaN and left out.
    side
        Which draws are as extreme: those not below the observed value (``greater``), not above it
        (``less``), or at least as far from the draws' median (``two-sided``). One for all, or by
        name.

    Returns
    -------
    pandas.DataFrame
        A row per statistic: statistic, value, mean, low, high (2.5% and 97.5% of the draws),
        pvalue = (1 + draws as extreme)/(1 + draws), draws (counted), side, note.

    Raises
    ------
    UsageError
        If a name has no draws or a side is unknown.

    References
    ----------
    Phipson & Smyth (2010), Permutation p-values should never be zero, eq. 2.
    """
    rows = []
    for name, value in observed.items():
        if name not in draws:
            raise UsageError(f"draws has no {name!r}; pass the draws of each observed statistic")
        one: Side = side if isinstance(side, str) else side[name]
        choice("side", one, SIDES)
        rows.append(_summary(name, float(value), np.asarray(draws[name], dtype=np.float64), one))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def random_schedules(
    n_rows: int,
    lengths: npt.NDArray[np.int64],
    admissible: npt.NDArray[np.bool_],
    draws: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """(draws, E) random entry rows of E episodes that follow each other without an overlap.

    Each schedule has the same probability. Episode e covers the ``lengths[e]`` rows from its entry
    on; episodes keep their order, so entry rows ascend. None is rejected: an entry is drawn with
    the share of the schedules that have it, which a backward recursion counts.

    Parameters
    ----------
    n_rows
        Rows that episodes may cover: 0 to n_rows - 1.
    lengths
        (E,) rows of each episode, at least 1.
    admissible
        (n_rows,) or (E, n_rows): rows at which an episode may begin.

    Raises
    ------
    UsageError
        If shapes do not fit or a length is below 1.
    DataError
        If no schedule fits.
    """
    lengths = np.asarray(lengths, dtype=np.int64)
    E = len(lengths)
    whole("n_rows", n_rows, 1)
    draws_of(draws, 1)
    if E and lengths.min() < 1:
        raise UsageError(f"lengths has {lengths.min()}; an episode covers at least 1 row")
    if np.shape(admissible)[-1:] != (n_rows,) or np.shape(admissible)[:-1] not in {(), (E,)}:
        raise UsageError(
            f"admissible has shape {np.shape(admissible)}; pass ({n_rows},) or ({E}, {n_rows})"
        )
    ways = _ways(n_rows, lengths, np.broadcast_to(admissible, (E, n_rows)))
    if ways[0, 0] == -np.inf:
        raise DataError(
            f"no schedule fits: {E} episodes cover {lengths.sum()} of {n_rows} rows, of which "
            f"{int(np.any(np.atleast_2d(admissible), axis=0).sum())} are open to an entry; ask for "
            "fewer episodes or a longer history"
        )
    entries = np.empty((draws, E), np.int64)
    begin = np.zeros(draws, np.int64)
    for e in range(E):
        # P(entry >= t) is ways[e, t] / ways[e, begin], which falls with t.
        target = ways[e, begin] + np.log1p(-generator.random(draws))
        entries[:, e] = np.maximum(np.searchsorted(-ways[e], -target, side="right") - 1, 0)
        begin = entries[:, e] + lengths[e]
    return entries


def _summary(
    name: str, value: float, drawn: npt.NDArray[np.float64], side: Side
) -> tuple[object, ...]:
    left = drawn[np.isfinite(drawn)]
    lost = len(drawn) - len(left)
    note = f"{lost} of {len(drawn)} draws have no value and are left out" if lost else ""
    if not len(left):
        return name, value, np.nan, np.nan, np.nan, np.nan, 0, side, "no draw has a value"
    low, middle, high = np.quantile(left, [0.025, 0.5, 0.975])
    pvalue = (1 + _extreme(value, left, float(middle), side)) / (1 + len(left))
    if not np.isfinite(value):
        pvalue, note = np.nan, "the observed value is missing"
    return name, value, float(left.mean()), low, high, pvalue, len(left), side, note


def _extreme(value: float, drawn: npt.NDArray[np.float64], middle: float, side: Side) -> int:
    if side == "two-sided":
        value, drawn = abs(value - middle), np.abs(drawn - middle)
    elif side == "less":
        value, drawn = -value, -drawn
    return int(np.count_nonzero(drawn >= value - SAME * abs(value)))


def _ways(
    n_rows: int, lengths: npt.NDArray[np.int64], admissible: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """(E + 1, n_rows + 1) log number of ways to place the episodes from e on from row t on.

    ways(e, t) = ways(e, t + 1) + [t is open to e] ways(e + 1, t + length of e).
    """
    E = len(lengths)
    ways = np.full((E + 1, n_rows + 1), -np.inf)
    ways[E] = 0.0
    for e in range(E - 1, -1, -1):
        last = n_rows - int(lengths[e])
        if last < 0:
            break
        placed = np.full(n_rows + 1, -np.inf)
        placed[: last + 1] = np.where(
            admissible[e, : last + 1], ways[e + 1, lengths[e] : lengths[e] + last + 1], -np.inf
        )
        ways[e] = np.logaddexp.accumulate(placed[::-1])[::-1]
    return ways
