"""Which of data, versions and definition moved since a baseline was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.series_prints import series_print, year_prints
from eventlab.regression.types import Causes, Series
from eventlab.report.compare.causes import definition_changes
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.market.types import PriceSeries
    from eventlab.regression.types import Baseline

__all__ = ["LOGIC", "causes_of", "prints_of"]

LOGIC: Final = (
    "the logic: neither data, versions, definition nor seed moved, so the code of eventlab did "
    "(or of a package, under the same version), or somebody edited the baseline"
)
SHORT, SHORTER = 16, 8  # hex digits
MOST_YEARS: Final = 4


def prints_of(series: Mapping[str, PriceSeries]) -> dict[str, Series]:
    """Return the fingerprint of each series."""
    return {
        name: Series(
            rows=len(each.closes),
            first=_instant(each.closes[0]),
            last=_instant(each.closes[-1]),
            sha256=series_print(each)[:SHORT],
            years={year: text[:SHORTER] for year, text in year_prints(each).items()},
        )
        for name, each in series.items()
        if len(each.closes)
    }


def causes_of(before: Baseline, now: Baseline, series: Mapping[str, PriceSeries]) -> Causes:
    """Say what moved, most telling first.

    ``series`` are the prices of ``now``: those that were there before are compared with what the
    baseline was computed on, what follows them is not. Series that the definition reads otherwise
    than before, or did not read, say nothing about the data.
    """
    definition = definition_changes(dict(before.definition), dict(now.definition))
    keys = frozenset(key for key, _, _ in definition)
    restated, added = list[str](), list[str]()
    for name in dict.fromkeys((*before.series, *now.series)):
        old, new = before.series.get(name), now.series.get(name)
        if not _read_otherwise(name, keys, both=old is not None and new is not None):
            _tell(name, (old, new), series.get(name), restated, added)
    if before.simulated != now.simulated:
        words = ("simulated" if one.simulated else "real" for one in (before, now))
        restated.insert(0, "prices were {}, now they are {}".format(*words))
    return Causes(
        restated=tuple(restated),
        added=tuple(added),
        versions=tuple(_versions(before, now)),
        definition=tuple(
            f"{key}: {old or 'none'} -> {new or 'none'}" for key, old, new in definition
        ),
        seed=() if before.seed == now.seed else (f"{before.seed} -> {now.seed}",),
    )


def _versions(before: Baseline, now: Baseline) -> Iterator[str]:
    names = dict.fromkeys((*before.versions, *now.versions))
    for name in names:
        old, new = before.versions.get(name, "none"), now.versions.get(name, "none")
        if old != new:
            yield f"{name} {old} -> {new}"
    if before.engine != now.engine:
        yield f"engine {before.engine or 'none'} -> {now.engine or 'none'}"


def _read_otherwise(name: str, moved: frozenset[str], *, both: bool) -> bool:
    """Whether the definition decides that a series is another, by the keys of it that moved.

    Which widths of bars are read hangs on several of them: where any moved, a series that came or
    went is not held against the data.
    """
    symbol, _, width = name.partition(" ")
    if f"symbols.{symbol}" in moved or (not both and moved):
        return True
    return width != "daily" and "bar_stamp" in moved


def _tell(
    name: str,
    pair: tuple[Series | None, Series | None],
    prices: PriceSeries | None,
    restated: list[str],
    added: list[str],
) -> None:
    """Add what happened to a series to the one list or the other; nothing where it is equal."""
    before, now = pair
    if before is None:
        added.append(f"{name}: not there before")
    elif now is None or prices is None:
        restated.append(f"{name}: gone")
    elif before.sha256 != now.sha256:
        last = np.datetime64(before.last.removesuffix("Z"), "ns").astype(np.int64)
        if series_print(prices, int(last))[:SHORT] == before.sha256:
            more = counted(now.rows - before.rows, "bar")
            added.append(f"{name}: {more} added after {before.last[:10]}")
        else:
            restated.append(f"{name}: {_where(before, now)}")


def _where(before: Series, now: Series) -> str:
    """Say in which years prices are others, and what became of their number."""
    years = [
        year
        for year in sorted({*before.years, *now.years})
        if before.years.get(year) != now.years.get(year)
    ]
    told = ", ".join(years[:MOST_YEARS])
    if len(years) > MOST_YEARS:
        told += f" and {len(years) - MOST_YEARS} more years"
    count = (
        f"{before.rows:,} bars"
        if before.rows == now.rows
        else (f"{before.rows:,} -> {now.rows:,} bars")
    )
    return f"other values in {told or 'no year'} ({count})"


def _instant(closes: np.int64) -> str:
    return f"{np.datetime64(int(closes), 'ns').astype('datetime64[s]')}Z"
