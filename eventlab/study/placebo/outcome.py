"""The placebo distribution of a group of events, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.placebo.tables import SHARED_VARIANCE

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["PlaceboOutcome"]


@dataclass(frozen=True)
class PlaceboOutcome:
    """The placebo distribution of a group of events in every window.

    Attributes
    ----------
    statistic
        (W,): studentised CAAR of the real dates; NaN where no event has a CAR.
    draws
        (K, W): the same on pseudo-dates. K = 0 where there is no distribution, and ``note`` says
        why.
    exact
        Whether the draws are all pseudo-dates there are (one event date) and not a sample.
    shared
        (W,): `placebo_tables.shared_variance` of the real dates, which draws do not have.
    """

    statistic: npt.NDArray[np.float64]
    draws: npt.NDArray[np.float64]
    exact: bool
    note: str = ""
    shared: npt.NDArray[np.float64] | None = None

    @property
    def n_draws(self) -> int:
        """K."""
        return len(self.draws)

    @cached_property
    def rank(self) -> npt.NDArray[np.int64]:
        """(W,): pseudo-dates at least as extreme as the real ones."""
        count: npt.NDArray[np.int64] = (np.abs(self.draws) >= np.abs(self.statistic)).sum(axis=0)
        return count

    @cached_property
    def pvalue(self) -> npt.NDArray[np.float64]:
        """(W,): (1 + rank) / (1 + K), two-sided; NaN without draws or statistic."""
        if self.n_draws == 0:
            return np.full(len(self.statistic), np.nan)
        share = (1.0 + self.rank) / (1.0 + self.n_draws)
        return np.where(np.isnan(self.statistic), np.nan, share)

    @property
    def most_shared(self) -> npt.NDArray[np.float64]:
        """(W,): ``shared``, 0 where nothing was drawn."""
        return np.zeros(len(self.statistic)) if self.shared is None else self.shared

    @property
    def sound(self) -> npt.NDArray[np.bool_]:
        """(W,): whether the draws vary as the real dates do: dates share hardly any bars.

        Dates are drawn one by one, so what windows of different dates have in common is missing.
        """
        return self.most_shared <= SHARED_VARIANCE

    def half_width(self, level: float) -> npt.NDArray[np.float64]:
        """(W,): the value that |statistic| exceeds on a share ``level`` of pseudo-dates.

        NaN without draws, and where they are not ``sound``.
        """
        if self.n_draws == 0:
            return np.full(len(self.statistic), np.nan)
        return np.where(self.sound, np.quantile(np.abs(self.draws), 1.0 - level, axis=0), np.nan)
