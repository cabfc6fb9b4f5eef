"""How much risk a hedge took away, with bootstrap intervals, and what exposure it left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import draws_of, number, seed_of, whole
from eventlab.contagion.resampling import block_length, circular_rows
from eventlab.contagion.tails.hac import hac_fit, normal_pvalue
from eventlab.errors import UsageError
from eventlab.hedge.robustness.inputs import bars_of
from eventlab.kernels.hedge_risks import drawn_risks_nb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    from eventlab.hedge.robustness.inputs import Vector

    Floats: TypeAlias = npt.NDArray[np.float64]
    Rows: TypeAlias = npt.NDArray[np.int64]

__all__ = ["Effectiveness", "ResidualBeta", "hedge_effectiveness", "residual_beta"]

LEAST_BARS: Final = 20
LEAST_GROUPS: Final = 2
COVERAGE: Final = 0.95
MEASURES: Final = {  # and why they do not exist
    "variance": "the unhedged returns do not vary",
    "expected_shortfall": "the worst unhedged bars do not lose",
}


@dataclass(frozen=True, slots=True, repr=False)
class Effectiveness:
    """Share of the risk that a hedge took away.

    Attributes
    ----------
    table
        A row per measure (variance, expected_shortfall): measure, value (1 - hedged/unhedged; 1
        is perfect, below 0 the hedge added risk), low, high (95%, percentiles of the draws), n
        (bars), note (why something is NaN).
    level
        Share of the worst bars in the expected shortfall.
    draws, block, groups
        Of the bootstrap: ``groups`` episodes are resampled whole, or, where it is 0, circular
        blocks of ``block`` bars.
    """

    table: pd.DataFrame
    level: float
    draws: int
    block: int
    groups: int

    def __repr__(self) -> str:
        value = self.table["value"].iloc[0]
        return f"Effectiveness({value:.3f} of the variance)"


@dataclass(frozen=True, slots=True)
class ResidualBeta:
    """Slope ``beta`` of hedged returns on an instrument: 0 for a complete hedge.

    ``stderr`` is Newey-West's with ``lags``; ``pvalue`` two-sided, standard normal, of slope 0.
    NaN with the reason in ``note``.
    """

    beta: float
    stderr: float
    statistic: float
    pvalue: float
    n: int
    lags: int
    note: str


def hedge_effectiveness(  # noqa: PLR0913 - two series, the measure's level, four of the bootstrap
    unhedged: Vector,
    hedged: Vector,
    *,
    level: float = 0.05,
    draws: int = 1000,
    block: int | None = None,
    seed: int = 0,
    groups: Sequence[object] | npt.NDArray[np.generic] | pd.Series | None = None,
) -> Effectiveness:
    """Share of the variance and of the expected shortfall that a hedge took away.

    Parameters
    ----------
    unhedged, hedged
        (T,) returns per bar of the same bars. A bar without one of the two is left out.
    level
        Share of the worst bars whose mean is the expected shortfall; the bar at the boundary
        counts with the fraction that belongs to it.
    block
        Bars in a block; cube root of their number unless given.
    groups
        (T,) id of the episode of each bar; None, NaN or a negative number is outside of all and
        left out. Episodes are then resampled whole: around events they, not bars, are independent.

    Notes
    -----
    Both series of a bar are drawn together. Intervals need 20 bars and, with ``groups``, 2
    episodes; draws in which the measure does not exist are left out, as the note says.

    Few episodes make intervals too short. With fat tails and a volatility of each episode, 95%
    intervals of 5, 10, 20, 40 and 160 episodes of 5 bars hold the truth in 84, 87, 88, 89 and 93%
    of samples (variance) and in 80, 84, 92, 92 and 94% (shortfall).

    Raises
    ------
    UsageError
        If lengths differ or options are out of their bounds.

    References
    ----------
    Ederington (1979), The hedging performance of the new futures markets: the share of variance.
    Politis & Romano (1992), A circular block-resampling procedure for stationary data.
    """
    _check(level, draws, seed)
    u, h, ids = _paired(unhedged, hedged, groups)
    n = len(u)
    block = block_length(n) if block is None else block
    whole("block", block, 1)
    count = 0 if ids is None else len(np.unique(ids))
    why = _why_no_interval(n, None if ids is None else count)
    # A unit of the draws is a bar, or the bars of an episode.
    owners = np.arange(n) if ids is None else ids
    units = np.argsort(owners, kind="stable")
    offsets = np.searchsorted(owners[units], np.arange((n if ids is None else count) + 1))
    value, drawn = np.full(2, np.nan), None
    if n > 1:
        value = _shares(u, h, (units, offsets, np.arange(len(offsets) - 1)[None]), level)[:, 0]
    if not why:
        generator = np.random.default_rng(seed)
        chosen = (
            circular_rows(n, min(block, n), draws, generator)
            if ids is None
            else generator.integers(count, size=(draws, count))
        )
        drawn = _shares(u, h, (units, offsets, chosen), level)
    rows = []
    for k, (measure, lacking) in enumerate(MEASURES.items()):
        low, high, note = np.nan, np.nan, why
        if np.isnan(value[k]):
            note = lacking if n > 1 else "fewer than 2 bars"
        elif drawn is not None:
            low, high, note = _interval(drawn[k])
        rows.append((measure, float(value[k]), low, high, n, note))
    table = pd.DataFrame(rows, columns=["measure", "value", "low", "high", "n", "note"])
    return Effectiveness(table, level, draws, block, count)


def residual_beta(hedged: Vector, instrument: Vector, *, lags: int | None = None) -> ResidualBeta:
    """Slope of (T,) hedged returns on the returns of an instrument, with a HAC standard error.

    ``lags`` are Newey & West's (1994) of the complete bars unless given; a bar without one of the
    two is left out.

    Raises
    ------
    UsageError
        If lengths differ or ``lags`` is below 0.

    References
    ----------
    Newey & West (1987), eq. 5.
    """
    if lags is not None:
        whole("lags", lags, 0)
    y, x = bars_of(hedged, "hedged"), bars_of(instrument, "instrument")
    _same_length("hedged", y, "instrument", x)
    fit = hac_fit(y, np.column_stack([np.ones(len(x)), x]), lags)
    value, stderr = fit.combination(np.array([0.0, 1.0]))
    statistic = value / stderr if stderr > 0 else np.nan
    note = ""
    if np.isnan(value):
        note = "fewer than 3 bars" if fit.n < 3 else "the instrument does not vary"
    elif not stderr > 0:
        note = "the fit is exact: no standard error"
    return ResidualBeta(value, stderr, statistic, normal_pvalue(statistic), fit.n, fit.lags, note)


def _check(level: float, draws: int, seed: int) -> None:
    number("level", level)
    if not 0 < level < 1:
        raise UsageError(f"level={level} is not between 0 and 1; pass the share of the worst bars")
    draws_of(draws, 1)
    seed_of(seed)


def _same_length(name: str, values: Floats, other: str, others: Floats) -> None:
    if len(values) != len(others):
        raise UsageError(f"{name} has {len(values)} bars and {other} has {len(others)}; align them")


def _paired(
    unhedged: Vector, hedged: Vector, groups: object
) -> tuple[Floats, Floats, npt.NDArray[np.int64] | None]:
    """Both returns of the bars that have them, and the number of each bar's episode."""
    u, h = bars_of(unhedged, "unhedged"), bars_of(hedged, "hedged")
    _same_length("unhedged", u, "hedged", h)
    known = np.isfinite(u) & np.isfinite(h)
    if groups is None:
        return u[known], h[known], None
    ids = pd.Series(groups).reset_index(drop=True)
    if len(ids) != len(u):
        raise UsageError(f"groups has {len(ids)} bars and unhedged has {len(u)}; align them")
    outside = ids.isna()
    if pd.api.types.is_numeric_dtype(ids):
        outside |= ids < 0
    known &= ~outside.to_numpy()
    return u[known], h[known], pd.factorize(ids[known])[0].astype(np.int64)


def _why_no_interval(n: int, episodes: int | None) -> str:
    if episodes is not None and episodes < LEAST_GROUPS:
        return f"{episodes} episode{'' if episodes == 1 else 's'}: an interval needs 2"
    return f"{n} bars: an interval needs {LEAST_BARS}" if n < LEAST_BARS else ""


def _shares(u: Floats, h: Floats, draw: tuple[Rows, Rows, Rows], level: float) -> Floats:
    """(2, B) one less hedged over unhedged variance and shortfall of draws; NaN without risk."""
    values = np.stack([u, h])
    order = np.argsort(values, axis=1, kind="stable")
    before, after = drawn_risks_nb(values, order, *draw, level).transpose(1, 0, 2)
    share: Floats = 1.0 - after / np.where(before > 0.0, before, np.nan)
    return share


def _interval(shares: Floats) -> tuple[float, float, str]:
    left = shares[np.isfinite(shares)]
    lost = len(shares) - len(left)
    if 2 * lost > len(shares):
        return np.nan, np.nan, f"{lost} of {len(shares)} draws have no value: no interval"
    low, high = np.quantile(left, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    note = f"{lost} of {len(shares)} draws have no value and are left out" if lost else ""
    return float(low), float(high), note
