"""What the residuals say about the distributions of the tests: tails, asymmetry, thin trading.

The tests of the headline are exact for normal returns and good for many events. How many are many
depends on the residuals, which are plenty: N M of them stand behind N events. Nothing here looks
at the event itself, so that leaving a test out does not select samples by their outcome.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.inference.history import History
    from eventlab.study.inference.samples import Sample

__all__ = ["Shape"]

TWO_SIDED: Final = 1.959963984540054  # of N(0, 1) at 5%
QUANTILES: Final = special.ndtri((np.arange(40) + 0.5) / 40.0)  # of N(0, 1)


@dataclass(frozen=True)
class Shape:
    """The residuals of the events of a sample, in each of its W windows.

    A window has its own events where some have no CAR there. NaN without residuals.
    """

    sample: Sample

    @cached_property
    def traded(self) -> npt.NDArray[np.float64]:
        """(W,): events, each counted by the chance that its asset trades in the window.

        The share of estimation bars with a return other than zero, p, taken as that of a trade:
        1 - (1 - p)^L. An asset that did not trade has an abnormal return that says nothing.
        """
        past = self.sample.past
        if past is None:
            return self.sample.n.astype(np.float64)
        missed = 1.0 - past.history.traded[past.rows]
        chance = 1.0 - missed[:, None] ** self.sample.length
        total: npt.NDArray[np.float64] = (chance * self.sample.known).sum(axis=0)
        return total

    @cached_property
    def skewness(self) -> npt.NDArray[np.float64]:
        """(W,): skewness of SCARs, from the share p of residuals above zero.

        6 sqrt(2 pi) (1/2 - p)/sqrt(L), the first term of the Edgeworth expansion at the mean. The
        third moment itself is made by a few outliers where tails are fat.
        """
        skew = 6.0 * math.sqrt(2.0 * math.pi) * (0.5 - self.mean_of("positive"))
        shrunk: npt.NDArray[np.float64] = skew / np.sqrt(self.sample.length)
        return shrunk

    @cached_property
    def kurtosis(self) -> npt.NDArray[np.float64]:
        """(W,): kurtosis of SCARs, 3 + (residuals' - 3)/L."""
        fourth, second = self.mean_of("fourth"), self.mean_of("second")
        second = np.where(second > 0.0, second, np.nan)  # 0 where a window has no events
        pooled: npt.NDArray[np.float64] = 3.0 + (fourth / second**2 - 3.0) / self.sample.length
        return pooled

    @cached_property
    def t_excess(self) -> npt.NDArray[np.float64]:
        """(W,): by how much a t over N events rejects too often at 5%; negative: too rarely.

        2 z phi(z) (g^2 (z^4 + 2 z^2 - 3)/18 - k (z^2 - 3)/12)/N with skewness g and excess kurtosis
        k, the second term of the Edgeworth expansion of the t statistic (Hall 1992, section 2.6).
        """
        z = TWO_SIDED
        density = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
        skewed = self.skewness**2 * (z**4 + 2.0 * z**2 - 3.0) / 18.0
        fat = (self.kurtosis - 3.0) * (z**2 - 3.0) / 12.0
        excess: npt.NDArray[np.float64] = 2.0 * z * density * (skewed - fat) / self.n
        return excess

    @cached_property
    def tails(self) -> npt.NDArray[np.float64]:
        """(W,): excess kurtosis over N: what tails add to the variance of a variance."""
        heavy: npt.NDArray[np.float64] = (self.kurtosis - 3.0) / self.n
        return heavy

    @cached_property
    def common_bars(self) -> npt.NDArray[np.float64]:
        """(W,): estimation bars that two events can be expected to have in common."""
        past = self.sample.past
        bars = past.history.resid.shape[1] if past is not None else math.nan
        return bars * self.present**2

    @cached_property
    def variance_error(self) -> npt.NDArray[np.float64]:
        """(W,): relative standard error of the variance of N SCARs, sqrt((kurtosis - 1)/N)."""
        beyond = np.maximum(self.kurtosis - 1.0, 0.0)  # two values: 1 but for rounding
        error: npt.NDArray[np.float64] = np.sqrt(beyond / self.n)
        return error

    @cached_property
    def rank_level(self) -> npt.NDArray[np.float64]:
        """(W,): level of a nominal 5% rank test of CARs over several bars; .05 for one bar.

        A sum of bars is nearly normal; its rank is taken among single bars, which are not. For a
        normal variable the rank then has mean 1/2 + b and variance v/12 in place of 0 and 1, and
        the test rejects with the probability that |sqrt(12 N) b + sqrt(v) Z| exceeds 1.96.
        """
        shift = self.mean_of("normal_mean") * np.sqrt(12.0 * self.n)
        spread = np.sqrt(12.0 * self.mean_of("normal_square"))
        with np.errstate(divide="ignore", invalid="ignore"):  # a window without events
            level = special.ndtr((shift - TWO_SIDED) / spread) + special.ndtr(
                (-shift - TWO_SIDED) / spread
            )
        return np.where(self.sample.length > 1, level, 0.05)

    @cached_property
    def present(self) -> npt.NDArray[np.float64]:
        """(W,): share of the estimation bars that have a residual."""
        return self.mean_of("present")

    @cached_property
    def unmeasured(self) -> npt.NDArray[np.float64]:
        """(W,): share of the pairs that share bars with too few common rows for a correlation."""
        shared = self.sample.shared
        share: npt.NDArray[np.float64] = shared.unmeasured / np.maximum(shared.pairs, 1)
        return share

    @property
    def n(self) -> npt.NDArray[np.int64]:
        """(W,): events, 1 where there is none."""
        return np.maximum(self.sample.n, 1)

    def mean_of(self, name: str) -> npt.NDArray[np.float64]:
        """(W,): mean over the events of each window of a property of their residuals."""
        past = self.sample.past
        if past is None:
            return np.full(self.sample.n_windows, np.nan)
        values = getattr(shapes_of(past.history), name)[past.rows]
        total: npt.NDArray[np.float64] = (values[:, None] * self.sample.known).sum(axis=0)
        return total / self.n


class RowShapes:
    """Properties of the residuals of F events, each (F,), computed when first asked for."""

    def __init__(self, history: History) -> None:
        self._history = history

    @property
    def positive(self) -> npt.NDArray[np.float64]:
        """Share of residuals above zero."""
        return self._history.positive

    @cached_property
    def count(self) -> npt.NDArray[np.int64]:
        """Residuals, at least 1."""
        there: npt.NDArray[np.int64] = np.isfinite(self._history.resid).sum(axis=1)
        return np.maximum(there, 1)

    @cached_property
    def present(self) -> npt.NDArray[np.float64]:
        """Share of estimation bars that have a residual."""
        share: npt.NDArray[np.float64] = self.count / self._history.resid.shape[1]
        return share

    @property
    def second(self) -> npt.NDArray[np.float64]:
        """Mean of the squares of the residuals over sigma."""
        mean: npt.NDArray[np.float64] = self._history.even_moments[0]
        return mean

    @property
    def fourth(self) -> npt.NDArray[np.float64]:
        """Mean of their fourth powers."""
        mean: npt.NDArray[np.float64] = self._history.even_moments[1]
        return mean

    @cached_property
    def normal_ranks(self) -> npt.NDArray[np.float64]:
        """(F, 40): F(z) at quantiles z of a normal, F the distribution of the residuals."""
        own = self._history.standard
        ranks = [
            np.searchsorted(row[order[:m]], QUANTILES) / m
            for row, order, m in zip(own.values, own.order, self.count, strict=True)
        ]
        return np.array(ranks).reshape(-1, len(QUANTILES))

    @cached_property
    def normal_mean(self) -> npt.NDArray[np.float64]:
        """Mean of F(z) - 1/2."""
        mean: npt.NDArray[np.float64] = self.normal_ranks.mean(axis=1) - 0.5
        return mean

    @cached_property
    def normal_square(self) -> npt.NDArray[np.float64]:
        """Mean square of F(z) - 1/2."""
        square: npt.NDArray[np.float64] = ((self.normal_ranks - 0.5) ** 2).mean(axis=1)
        return square


def shapes_of(history: History) -> RowShapes:
    """Return the properties of all events of a study, computed once."""
    found: RowShapes | None = history.__dict__.get("_shapes")
    if found is None:
        found = RowShapes(history)
        history.__dict__["_shapes"] = found
    return found
