"""Hedge ratios of one rule at every row that any set of a sweep asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.hedge.ratios.many import ratios_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition
    from eventlab.hedge.setting import Setting

__all__ = ["RatioTable", "Rows", "make_rows"]


class Rows(NamedTuple):
    """Closes at which ratios are wanted: (R,) rows of the grid, and where each issuer's are.

    ``named`` are the (issuer, row) as they were asked for; without an ``@issuer`` among the legs
    all are alike.
    """

    named: tuple[tuple[str | None, int], ...]
    rows: npt.NDArray[np.int64]
    places: dict[str | None, npt.NDArray[np.int64]]


def make_rows(setting: Setting, named: Sequence[tuple[str | None, int]]) -> Rows:
    """Sort what is asked for by issuer."""
    sleeves = setting.sleeves
    by_issuer = any(each.issuers for each in (*sleeves.book, *sleeves.hedge))
    rows = np.array([row for _, row in named], dtype=np.int64)
    if not by_issuer:
        return Rows(tuple(named), rows, {None: np.arange(len(rows))})
    issuers = [issuer for issuer, _ in named]
    places = {
        one: np.array([at for at, issuer in enumerate(issuers) if issuer == one], dtype=np.int64)
        for one in dict.fromkeys(issuers)
    }
    return Rows(tuple(named), rows, places)


@dataclass(slots=True)
class RatioTable:
    """Ratios of one rule without its cap, each estimated once.

    By issuer: (T, K) ratios known at the close of each row, (T,) whether they were asked for, and
    the reason by row where they are NaN.
    """

    setting: Setting
    definition: RatioDefinition
    values: dict[str | None, npt.NDArray[np.float64]] = field(default_factory=dict)
    known: dict[str | None, npt.NDArray[np.bool_]] = field(default_factory=dict)
    notes: dict[tuple[str | None, int], str] = field(default_factory=dict)

    def at(self, wanted: Rows) -> npt.NDArray[np.float64]:
        """(R, K) ratios known at some closes."""
        if not all(self._has(wanted, issuer) for issuer in wanted.places):
            self.estimate([wanted])
        if len(wanted.places) == 1:
            return self.values[next(iter(wanted.places))][wanted.rows]
        found = np.empty((len(wanted.rows), len(self.setting.sleeves.hedge)))
        for issuer, places in wanted.places.items():
            found[places] = self.values[issuer][wanted.rows[places]]
        return found

    def note(self, wanted: Rows, at: int) -> str:
        """Say why a ratio is NaN."""
        issuer = next(one for one, places in wanted.places.items() if at in places)
        return self.notes.get((issuer, int(wanted.rows[at])), "")

    def estimate(self, wanted: Iterable[Rows]) -> None:
        """Estimate all that is asked for and not known yet, at once."""
        rows: dict[str | None, list[npt.NDArray[np.int64]]] = {}
        for each in wanted:
            for issuer, places in each.places.items():
                rows.setdefault(issuer, []).append(each.rows[places])
        for issuer, parts in rows.items():
            self._estimate(issuer, np.unique(np.concatenate(parts)))

    def _has(self, wanted: Rows, issuer: str | None) -> bool:
        known = self.known.get(issuer)
        return known is not None and bool(known[wanted.rows[wanted.places[issuer]]].all())

    def _estimate(self, issuer: str | None, rows: npt.NDArray[np.int64]) -> None:
        T, K = len(self.setting.grid), len(self.setting.sleeves.hedge)
        values = self.values.setdefault(issuer, np.full((T, K), np.nan))
        known = self.known.setdefault(issuer, np.zeros(T, dtype=np.bool_))
        new = rows[~known[rows]]
        if not len(new):
            return
        past = self.setting.history(issuer)
        at = np.searchsorted(past.rows, new, side="right") - 1
        values[new], _, notes = ratios_at(self.definition, past.book, past.instruments, at)
        known[new] = True
        said = zip(new.tolist(), notes, strict=True)
        self.notes.update({(issuer, row): note for row, note in said if note})
