"""Pairs that are judged together: the pairs of one event, or averages over events."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.contagion.breaks.inference import Family, infer, verdicts
from eventlab.contagion.breaks.specs import BreakResults
from eventlab.contagion.breaks.statistics import N, asymptotic_pvalues
from eventlab.contagion.breaks.tables import spread
from eventlab.contagion.placebo import MIN_DATES
from eventlab.kernels.break_placebo import (
    N_LIFTS,
    N_SCORES,
    lifts_nb,
    pseudo_scores_nb,
    shown_nb,
)
from eventlab.kernels.family_pvalues import add_draws_nb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from eventlab.contagion.breaks.pools import Pool
    from eventlab.contagion.breaks.specs import BreakItems, BreakSpec
    from eventlab.contagion.breaks.tables import Events, Tables

__all__ = ["Material", "average_results", "event_results"]


@dataclass(frozen=True, slots=True)
class Material:
    """Items, moments around every date, the items at their own events, and pseudo-dates.

    ``members`` and ``pools``: by family, its items and their pseudo-dates. ``notes`` (M,): why an
    item has no statistic.
    """

    items: BreakItems
    tables: Tables
    events: Events
    members: Mapping[int, npt.NDArray[np.int64]]
    pools: Mapping[int, Pool]
    notes: tuple[str, ...]

    @property
    def place(self) -> npt.NDArray[np.int64]:
        """(M,): which of its family an item is."""
        found = np.empty(len(self.items.row), dtype=np.int64)
        for items in self.members.values():
            found[items] = np.arange(len(items))
        return found

    @property
    def spec(self) -> BreakSpec:
        """How pairs are tested."""
        return self.tables.spec

    def scores(self, family: int) -> npt.NDArray[np.float64]:
        """Put the items of a family on their pseudo-dates, (16, J, n)."""
        items, pool, tables = self.members[family], self.pools[family], self.tables
        found = np.empty((N_SCORES, *pool.own.shape))
        pseudo_scores_nb(
            tables.moments,
            tables.facts,
            tables.pair[items],
            pool.own,
            pool.count,
            tables.noise,
            self.events.moments[items],
            self.events.ratios[items],
            self.spec.variant == "nu",
            found,
        )
        return found

    def lifts(self, family: int) -> npt.NDArray[np.float64]:
        """Fisher's statistics of true changes at the pseudo-dates of a family, (J, 5, n)."""
        items, pool, tables = self.members[family], self.pools[family], self.tables
        found = np.zeros((len(items), N_LIFTS, pool.own.shape[1]))
        for j, item in enumerate(items.tolist()):
            moments, side = tables.moments[tables.pair[item]], float(self.events.side[item])
            lifts_nb(moments, pool.own[j], pool.count[j], side, found[j])
        return found


@dataclass(frozen=True, slots=True)
class _Means:
    """K pairs, each a mean over events of its own: correlations as atanh(rho).

    ``counts`` (K, 3) are calm rows, crisis rows and events.
    """

    statistic: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    side: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def event_results(material: Material) -> BreakResults:
    """Judge the items of every family at their event."""

    def judge(family: int) -> BreakResults:
        items, pool = material.members[family], material.pools[family]
        lifts = material.lifts(family)
        dates = [np.arange(n)[None] for n in pool.count.tolist()]

        def power(j: int, shift: float, critical: float) -> float:
            return shown_nb(lifts, np.array([j]), dates[j], shift, critical)

        notes = [material.notes[item] for item in items.tolist()]
        means = _means(material.events, list(items[:, None]), notes)
        found = _family(means, material.scores(family), pool.count, pool.at, power)
        return _results(found, means, material.spec)

    parts = spread(judge, list(material.members), material.spec.threads)
    order = np.argsort(np.concatenate(list(material.members.values())))
    return _join(parts, order)


def average_results(
    material: Material, families: Sequence[Sequence[npt.NDArray[np.int64]]]
) -> list[BreakResults]:
    """Judge averages over the events of each pair, once for each of ``families``."""
    known, draws = material.events.known, material.spec.draws
    kept = [[each[known[each]] for each in members] for members in families]
    drawn = {family: _draws(material, family) for family in material.members}
    totals, lifts = _totals(material, kept, drawn), _all_lifts(material)
    pools, place, number = material.pools, material.place, material.items.family.tolist()

    def judge(f: int) -> BreakResults:
        def power(k: int, shift: float, critical: float) -> float:
            return shown_nb(lifts, kept[f][k], dates(k), shift, critical)

        @cache
        def dates(k: int) -> npt.NDArray[np.int64]:
            own = kept[f][k].tolist()
            return np.stack([pools[number[i]].at[place[i]][drawn[number[i]]] for i in own])

        notes = [_note(len(own), len(all_)) for own, all_ in zip(kept[f], families[f], strict=True)]
        means = _means(material.events, kept[f], notes)
        complete = np.isfinite(totals[f][0]).all(axis=1)
        count = np.where(complete, draws, 0)
        at = np.tile(np.arange(draws), (len(kept[f]), 1))
        return _results(_family(means, totals[f], count, at, power), means, material.spec)

    return list(spread(judge, range(len(families)), material.spec.threads))


def _draws(material: Material, family: int) -> npt.NDArray[np.int64]:
    """(draws,) dates of a family: of the seed and the event row alone, whatever else is drawn."""
    spec, row = material.spec, int(material.items.row[material.members[family][0]])
    size = material.pools[family].at.shape[1]
    return np.random.default_rng([spec.seed, row]).integers(0, max(size, 1), spec.draws)


def _totals(
    material: Material,
    kept: Sequence[Sequence[npt.NDArray[np.int64]]],
    drawn: Mapping[int, npt.NDArray[np.int64]],
) -> list[npt.NDArray[np.float64]]:
    """Mean scores of all draws, (16, K, draws) for each of the averages ``kept``.

    NaN where a pair has no event, or too few pseudo-dates at one.
    """
    number, place = material.items.family, material.place
    totals = [np.zeros((N_SCORES, len(members), material.spec.draws)) for members in kept]
    owners = [np.concatenate(members) for members in kept]
    slots = [np.repeat(np.arange(len(members)), [len(one) for one in members]) for members in kept]
    for family, pool in material.pools.items():
        inside = [number[items] == family for items in owners]
        if not any(mask.any() for mask in inside):
            continue
        scores = material.scores(family)
        scores[:, pool.count < MIN_DATES] = np.nan
        for total, items, slot, mask in zip(totals, owners, slots, inside, strict=True):
            uses = np.stack([place[items[mask]], slot[mask]], axis=1)
            if pool.at.shape[1]:
                add_draws_nb(scores, pool.at, drawn[family], uses, total)
            else:
                total[:, uses[:, 1]] = np.nan
    with np.errstate(invalid="ignore"):  # 0 / 0 of no event
        return [
            total / np.array([len(one) for one in members])[:, None]
            for total, members in zip(totals, kept, strict=True)
        ]


def _all_lifts(material: Material) -> npt.NDArray[np.float64]:
    """Lifts of every item, (M, 5, n), zeros where one has fewer dates."""
    widest = max(pool.own.shape[1] for pool in material.pools.values())
    found = np.zeros((len(material.items.row), N_LIFTS, widest))
    for family, items in material.members.items():
        found[items, :, : material.pools[family].own.shape[1]] = material.lifts(family)
    return found


def _note(n_kept: int, n: int) -> str:
    if not n_kept:
        return f"none of {n} events has a statistic"
    return f"{n - n_kept} events without a statistic are left out" if n > n_kept else ""


def _means(
    events: Events, members: Sequence[npt.NDArray[np.int64]], notes: Sequence[str]
) -> _Means:
    """Average items over the events of each pair; one item is itself, with a statistic or not."""
    sizes = np.array([len(own) for own in members], dtype=np.int64)
    flat, some = np.concatenate(members), sizes > 0
    first = (np.cumsum(sizes) - sizes)[some]

    def total(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        found = np.zeros((len(sizes), *values.shape[1:]))
        found[some] = np.add.reduceat(values[flat], first, axis=0) if len(flat) else 0.0
        return found

    with np.errstate(invalid="ignore"):  # 0 / 0 of no event
        statistic, variance, z = (
            total(values) / sizes[:, None]
            for values in (events.statistic, events.variance, events.z)
        )
    rows = total(events.moments[..., N]).astype(np.int64)
    side = np.where(total(events.side) >= 0.0, 1.0, -1.0)
    return _Means(statistic, variance, side, z, np.column_stack([rows, sizes]), tuple(notes))


def _family(
    means: _Means,
    pseudo: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    power: Callable[[int, float, float], float],
) -> Family:
    return Family(
        statistic=means.statistic,
        variance=means.variance,
        pseudo=pseudo,
        count=count,
        at=at,
        power=power,
        side=means.side,
        rho_calm=np.tanh(means.z[:, 0]),
        rho_crisis=np.tanh(means.z[:, 1]),
        events=means.counts[:, 2],
    )


def _results(family: Family, means: _Means, spec: BreakSpec) -> BreakResults:
    found = infer(family, spec)
    judged = verdicts(family, found, spec)
    asymptotic = asymptotic_pvalues(family.statistic)
    asymptotic[family.events > 1] = np.nan  # of means: no known distribution
    with np.errstate(over="ignore"):
        ratios = np.exp(family.variance)
    return BreakResults(
        statistic=family.statistic,
        pvalue=asymptotic,
        placebo_pvalue=found.placebo,
        transmission_pvalue=found.transmission,
        adjusted_pvalue=found.adjusted,
        romano_wolf_pvalue=found.romano_wolf,
        romano_wolf_transmission=found.romano_wolf_transmission,
        rho_calm=family.rho_calm,
        rho_crisis=family.rho_crisis,
        rho_adjusted=np.tanh(means.z[:, 2]),
        variance_source=ratios[:, 0],
        variance_target=ratios[:, 1],
        placebo_source=found.variance[:, 0],
        placebo_target=found.variance[:, 1],
        n_calm=means.counts[:, 0],
        n_crisis=means.counts[:, 1],
        n_placebo=family.count,
        n_events=family.events,
        detectable=found.detectable,
        verdict=tuple(verdict for verdict, _ in judged),
        rule=tuple(rule for _, rule in judged),
        note=tuple(
            "; ".join(filter(None, (note, _placebo_note(fisher, n))))
            for note, fisher, n in zip(
                means.notes, family.statistic[:, 0].tolist(), family.count.tolist(), strict=True
            )
        ),
    )


def _placebo_note(fisher: float, n: int) -> str:
    if not np.isfinite(fisher) or n >= MIN_DATES:
        return ""
    return f"no placebo p: {n} placebo dates have a statistic (at least {MIN_DATES} are needed)"


def _join(parts: Sequence[BreakResults], order: npt.NDArray[np.int64]) -> BreakResults:
    """Put the rows of several results one below the other, in ``order``."""
    joined: dict[str, Any] = {}
    for field in fields(BreakResults):
        values = [getattr(part, field.name) for part in parts]
        if isinstance(values[0], tuple):
            flat = [one for part in values for one in part]
            joined[field.name] = tuple(flat[i] for i in order)
        else:
            joined[field.name] = np.concatenate(values)[order]
    return BreakResults(**joined)
