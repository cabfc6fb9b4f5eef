"""The probability of backtest overfitting, by combinatorially symmetric cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, whole
from eventlab.errors import DataError, UsageError
from eventlab.hedge.robustness.inputs import complete_sets

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.robustness.inputs import Matrix

__all__ = ["Overfitting", "probability_of_overfitting"]

Statistic = Literal["sharpe", "mean"]
STATISTICS: Final = ("sharpe", "mean")
MOST_SPLITS: Final = 20  # 184,756 combinations
TOGETHER: Final = 64  # combinations at a time: their scores of 1,000 sets stay in the cache
BINS: Final = 1 << 14  # of scores on [-1, 1], for the distributions
SAME: Final = 1e-12  # scores of equal sets differ by rounding


@dataclass(frozen=True, slots=True, repr=False)
class Overfitting:
    """How the set that is best in one half of the bars does in the other.

    Attributes
    ----------
    pbo
        Share of the combinations in which the chosen set is at or below the median of the other
        half (logit <= 0).
    slope, intercept, r_squared
        Line of its value in the other half on its value in the chosen half; a negative slope is
        degradation. NaN where the values do not vary.
    probability_of_loss
        Share of the combinations in which its value in the other half is below 0.
    first_order
        Largest excess of the distribution function of the chosen set's values in the other half
        over that of all sets' values: at 0, choosing dominates not choosing.
    second_order
        Smallest integral of their difference (all less chosen) up to any value: at 0, choosing
        dominates in the second order. In units of the statistic.
    logits
        A row per combination: split, chosen (label), in_sample, out_of_sample (its values), rank
        (relative rank in the other half, in (0, 1)), logit (log of rank / (1 - rank)).
    combinations, splits, bars, sets
        Numbers of them; ``bars`` are those used.
    statistic
        sharpe (per bar, ddof 1) or mean.
    notes
        What was left out or decided, in words.
    """

    pbo: float
    slope: float
    intercept: float
    r_squared: float
    probability_of_loss: float
    first_order: float
    second_order: float
    logits: pd.DataFrame
    combinations: int
    splits: int
    bars: int
    sets: int
    statistic: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Overfitting({self.pbo:.3f} of {self.combinations} combinations)"


def probability_of_overfitting(
    returns: Matrix, *, splits: int = 16, statistic: Statistic = "sharpe"
) -> Overfitting:
    """Probability that the best of N sets in some bars is at or below the median in the others.

    The bars are cut in ``splits`` blocks of equal length; each way to choose half the blocks is a
    combination: the set with the best value there is ranked among all sets in the other half.

    Parameters
    ----------
    returns
        (T, N) per bar, in time; every set has a return in every bar.
    splits
        Even, from 2 to 20. The last T modulo ``splits`` bars are left out, as a note says.
    statistic
        What is compared: ``sharpe`` or ``mean``.

    Notes
    -----
    Sets that are equal in a half (up to rounding) share the mean of their ranks there, and the
    first of equally good ones is chosen. The Sharpe ratio of a set without variation in a half,
    such as one that never trades, is 0 there.

    Raises
    ------
    UsageError
        If ``splits`` is odd or out of its bounds, or there are fewer than 2 sets.
    DataError
        If a return is missing or there are fewer than 2 bars in a block.

    References
    ----------
    Bailey, Borwein, Lopez de Prado & Zhu (2017), The probability of backtest overfitting, sections
    3 and 4.
    """
    values, labels = complete_sets(returns, least=2)
    whole("splits", splits, 2, MOST_SPLITS)
    choice("statistic", statistic, STATISTICS)
    if splits % 2:
        raise UsageError(f"splits={splits} is odd; half of the blocks are chosen: use an even one")
    T, N = values.shape
    length = T // splits
    if length < 2:
        raise DataError(f"{T} bars are {length} in each of {splits} blocks; 2 are needed")
    blocks = _blocks(values[: length * splits].reshape(splits, length, N), statistic)
    found = _compare(blocks, splits)
    rank = found.rank / (N + 1.0)
    logit = np.log(rank / (1.0 - rank))
    inside, outside = blocks.value(found.inside), blocks.value(found.outside)
    slope, intercept, r_squared = _line(inside, outside)
    first_order, second_order = _dominance(blocks, found)
    return Overfitting(
        pbo=float(np.mean(logit <= 0.0)),
        slope=slope,
        intercept=intercept,
        r_squared=r_squared,
        probability_of_loss=float(np.mean(outside < 0.0)),
        first_order=first_order,
        second_order=second_order,
        logits=pd.DataFrame(
            {
                "split": np.arange(len(rank)),
                "chosen": labels.take(found.chosen),
                "in_sample": inside,
                "out_of_sample": outside,
                "rank": rank,
                "logit": logit,
            }
        ),
        combinations=len(rank),
        splits=splits,
        bars=length * splits,
        sets=N,
        statistic=statistic,
        notes=_notes(values, length * splits),
    )


@dataclass(frozen=True, slots=True)
class Blocks:
    """Sums by block and set (S, N), from which scores of halves are made.

    A score is the mean over the root of the mean square (for the Sharpe ratio, of which it is an
    increasing function), or the mean over ``bound`` (for the mean): in [-1, 1] both.
    """

    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    steady: npt.NDArray[np.int64]  # sets that may be constant, and not zero, in a half
    bars: int  # in a half
    bound: float  # of the mean; 0 where the statistic is the Sharpe ratio

    def scores(self, halves: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """(m, N) scores of all sets in each of (m, S) halves."""
        weights = halves.astype(np.float64)
        sums: npt.NDArray[np.float64] = weights @ self.first
        if self.bound:
            sums /= self.bars * self.bound
            return sums
        squares = weights @ self.second
        squares *= self.bars
        np.sqrt(squares, out=squares)
        squares[squares == 0.0] = 1.0
        sums /= squares
        for row, half in enumerate(halves if len(self.steady) else ()):
            flat = self.low[half].min(axis=0) == self.high[half].max(axis=0)
            sums[row, self.steady[flat]] = 0.0
        return sums

    def value(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Values of the statistic that scores stand for; infinite at -1 and 1 for Sharpe."""
        if self.bound:
            return scores * self.bound
        with np.errstate(divide="ignore"):
            ratio = np.sqrt((self.bars - 1.0) / self.bars / (1.0 - np.minimum(scores**2, 1.0)))
        return scores * ratio


@dataclass(frozen=True, slots=True)
class Compared:
    """Per combination (C,): the chosen set, its scores in both halves, its rank in the other.

    ``everywhere`` and ``selected`` count scores in the other half in each of `BINS` bins on
    [-1, 1]: of all sets, and of the chosen one.
    """

    chosen: npt.NDArray[np.int64]
    inside: npt.NDArray[np.float64]
    outside: npt.NDArray[np.float64]
    rank: npt.NDArray[np.float64]
    everywhere: npt.NDArray[np.int64]
    selected: npt.NDArray[np.int64]


def _blocks(cut: npt.NDArray[np.float64], statistic: Statistic) -> Blocks:
    """Sum returns (S, bars of a block, N) by block."""
    S, length, _ = cut.shape
    first = cut.sum(axis=1)
    low, high = cut.min(axis=1), cut.max(axis=1)
    flat = ((low == high) & (low != 0.0)).sum(axis=0) >= S // 2
    steady = np.flatnonzero(flat)
    bars = S // 2 * length
    bound = float(np.abs(first).sum(axis=0).max()) / bars * (1.0 + SAME) or 1.0
    return Blocks(
        first=first,
        second=np.einsum("sbn,sbn->sn", cut, cut),
        low=low[:, steady],
        high=high[:, steady],
        steady=steady,
        bars=bars,
        bound=bound if statistic == "mean" else 0.0,
    )


def _compare(blocks: Blocks, splits: int) -> Compared:
    """Every combination with its complement, which is the combination as far from the end."""
    members = np.array(list(combinations(range(splits), splits // 2)))
    C = len(members)
    halves = np.zeros((C, splits), dtype=np.bool_)
    halves[np.arange(C)[:, None], members] = True
    chosen, counts = np.empty(C, np.int64), np.zeros(BINS, np.int64)
    inside, outside, rank = np.empty((3, C))
    for begin in range(0, C // 2, TOGETHER):
        rows = np.arange(begin, min(begin + TOGETHER, C // 2))
        scores = blocks.scores(halves[rows]), blocks.scores(halves[C - 1 - rows])
        for at, here, there in ((rows, *scores), (C - 1 - rows, *scores[::-1])):
            chosen[at], inside[at] = _best(here)
            outside[at], rank[at] = _ranked(there, chosen[at])
            counts += _binned(there)
    return Compared(chosen, inside, outside, rank, counts, _binned(outside))


def _best(scores: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    best = scores.max(axis=1)
    at = (scores >= (best - SAME * np.abs(best))[:, None]).argmax(axis=1)
    return at, scores[np.arange(len(at)), at]


def _ranked(
    scores: npt.NDArray[np.float64], chosen: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Score of the chosen set in each row and its rank, the mean of those of its equals."""
    own = scores[np.arange(len(chosen)), chosen]
    margin = SAME * np.abs(own)
    below = np.count_nonzero(scores < (own - margin)[:, None], axis=1)
    up_to = np.count_nonzero(scores <= (own + margin)[:, None], axis=1)
    return own, (below + 1.0 + up_to) / 2.0


def _binned(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    place = scores + 1.0
    place *= BINS / 2.0
    return np.bincount(np.minimum(place.astype(np.int64), BINS - 1).ravel(), minlength=BINS)


def _line(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    if not (np.ptp(x) > 0.0 and np.isfinite(x).all() and np.isfinite(y).all()):
        return np.nan, np.nan, np.nan
    moved, other = x - x.mean(), y - y.mean()
    slope = float(moved @ other / (moved @ moved))
    spread = float(other @ other)
    explained = slope * float(moved @ other) / spread if spread > 0.0 else np.nan
    return slope, float(y.mean() - slope * x.mean()), explained


def _dominance(blocks: Blocks, found: Compared) -> tuple[float, float]:
    """Return the first-order excess and the second-order integral at the bins' upper edges."""
    used = np.flatnonzero(found.everywhere)
    last = min(int(used[-1]) + 2, BINS)
    edges = blocks.value(np.linspace(-1.0, 1.0, BINS + 1)[max(used[0], 1) : last])
    all_sets, chosen = (
        np.cumsum(counts) / counts.sum() for counts in (found.everywhere, found.selected)
    )
    ahead = (all_sets - chosen)[max(used[0], 1) - 1 : last - 1]
    integral = np.concatenate([[0.0], np.cumsum(ahead[:-1] * np.diff(edges))])
    return float(max(-ahead.min(), 0.0)), float(min(integral.min(), 0.0))


def _notes(values: npt.NDArray[np.float64], used: int) -> tuple[str, ...]:
    notes = []
    if used < len(values):
        left = len(values) - used
        last = "last bar is" if left == 1 else f"last {left} bars are"
        notes.append(f"the {last} left out: blocks have equal length")
    still = int(np.count_nonzero(np.ptp(values[:used], axis=0) == 0.0))
    if still:
        notes.append(f"{still} of {values.shape[1]} sets never vary: their Sharpe ratio is 0")
    return tuple(notes)
