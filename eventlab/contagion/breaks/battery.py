"""The correlation battery of many pairs at many events, against pseudo-dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.breaks.families import Material, average_results, event_results
from eventlab.contagion.breaks.notes import item_note
from eventlab.contagion.breaks.pools import make_pool
from eventlab.contagion.breaks.specs import TESTS, BreakItems, BreakResults, BreakSpec
from eventlab.contagion.breaks.tables import make_tables
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.contagion.breaks.pools import Pool

__all__ = ["TESTS", "BreakItems", "BreakResults", "BreakSpec", "Breaks", "prepare_breaks"]


@dataclass(frozen=True, slots=True)
class Breaks:
    """Every pair at its own event (`results`, M items), and averages over events."""

    material: Material
    results: BreakResults

    def average(self, members: Sequence[npt.NDArray[np.int64]]) -> BreakResults:
        """Average each of K pairs over its events.

        Statistics are means over events; correlations are averaged as atanh(rho), variance ratios
        as logarithms. A draw moves every event to one of its own pseudo-dates, the same for all
        pairs, and depends on the seed and the event's row alone: the average over a part of the
        events sees the same draws. Dates of different events are drawn apart from each other.

        Parameters
        ----------
        members
            K arrays of item numbers: the events of one pair each. The K pairs are one family, and
            items of one event row share their draws. An event without a statistic is left out of
            the mean and counted in ``note``.

        Returns
        -------
        BreakResults of K rows; ``pvalue`` is NaN where more than one event is averaged.
        """
        return self.averages([members])[0]

    def averages(self, families: Sequence[Sequence[npt.NDArray[np.int64]]]) -> list[BreakResults]:
        """Average several families of pairs, as `average` does each, in less time."""
        return average_results(self.material, families)


def prepare_breaks(
    returns: npt.NDArray[np.float64],
    items: BreakItems,
    spec: BreakSpec,
    admissible: npt.NDArray[np.bool_] | Mapping[int, npt.NDArray[np.bool_]],
) -> Breaks:
    """Test every item, and keep what averages over events need.

    Parameters
    ----------
    returns
        (C, T) float64, NaN where missing: rows without both returns are left out of a pair's
        window, which needs half of its rows and 4 of them.
    items, spec
        What to test, and how; call once for raw returns and once with ``spec.factors``.
    admissible
        (T,) rows on which a pseudo-event may be placed, or one such array for each family. The
        event row itself is never its own pseudo-event. Pseudo-dates on which a pair lacks a window
        are left out for that pair.

    Raises
    ------
    UsageError
        If items are empty, point beyond the returns, or items of one family differ in row.
    """
    _check(returns, items, spec)
    T = returns.shape[1]
    members = {one: np.flatnonzero(items.family == one) for one in np.unique(items.family).tolist()}
    dates = {}
    for family, own in members.items():
        mask = admissible[family] if isinstance(admissible, Mapping) else admissible
        free = np.flatnonzero(np.asarray(mask)[:T])
        dates[family] = free[free != items.row[own[0]]]
    tables = make_tables(returns, items, spec, np.unique(np.concatenate(list(dates.values()))))
    events = tables.events()
    pools: dict[int, Pool] = {}
    made: dict[tuple[bytes, bytes, bytes], Pool] = {}  # most families share theirs
    for family, own in members.items():
        known, pair = events.known[own], tables.pair[own]
        key = known.tobytes(), pair.tobytes(), dates[family].tobytes()
        if key not in made:
            has = tables.known[pair] & known[:, None]
            made[key] = make_pool(has, np.searchsorted(tables.rows, dates[family]), spec.most_dates)
        pools[family] = made[key]
    notes = tuple(
        item_note(moments, int(row), T, spec)
        for moments, row in zip(events.moments, items.row, strict=True)
    )
    material = Material(items, tables, events, members, pools, notes)
    return Breaks(material, event_results(material))


def _check(returns: npt.NDArray[np.float64], items: BreakItems, spec: BreakSpec) -> None:
    columns = np.concatenate([items.source, items.target, np.array(spec.factors, dtype=np.int64)])
    if not len(items.row):
        raise UsageError("no pair to test: items are empty")
    if columns.min() < 0 or columns.max() >= len(returns):
        raise UsageError(
            f"columns reach from {columns.min()} to {columns.max()}; returns have 0 to "
            f"{len(returns) - 1}"
        )
    for family in np.unique(items.family).tolist():
        rows = np.unique(items.row[items.family == family])
        if len(rows) > 1:
            raise UsageError(f"items of family {family} are of rows {rows.tolist()}, not of one")
