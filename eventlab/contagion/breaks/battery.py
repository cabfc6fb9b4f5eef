"""The correlation battery of many pairs at many events, against pseudo-dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.contagion.breaks.specs import TESTS, BreakItems, BreakResults, BreakSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = ["TESTS", "BreakItems", "BreakResults", "BreakSpec", "Breaks", "prepare_breaks"]


@dataclass(frozen=True, slots=True)
class Breaks:
    """Every pair at its own event (`results`, M items), and averages over events."""

    items: BreakItems
    spec: BreakSpec
    results: BreakResults

    def average(self, members: Sequence[npt.NDArray[np.int64]]) -> BreakResults:
        """Average each of K pairs over its events.

        Parameters
        ----------
        members
            K arrays of item numbers: the events of one pair each. The K pairs are one family.
        """
        raise NotImplementedError(members)


def prepare_breaks(
    returns: npt.NDArray[np.float64],
    items: BreakItems,
    spec: BreakSpec,
    admissible: npt.NDArray[np.bool_] | Mapping[int, npt.NDArray[np.bool_]],
) -> Breaks:
    """Test every item.

    Parameters
    ----------
    returns
        (C, T) float64, NaN where missing.
    items, spec
        What to test, and how; call once for raw returns and once with ``spec.factors``.
    admissible
        (T,) rows on which a pseudo-event may be placed, or one such array for each family.
    """
    raise NotImplementedError((returns, items, spec, admissible))
