"""The placebo test: how often a date on which nothing happened looks like the event.

Pseudo-dates are drawn jointly across assets, so the cross-correlation that ruins the tests of one
shared date is in the null distribution as well. A statistic is the studentised CAAR (sum of CARs
over the root of the sum of their forecast variances), recomputed with a fit of its own on every
pseudo-date.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.kernels.placebo import placebo_draws_nb
from eventlab.study.placebo.outcome import PlaceboOutcome
from eventlab.study.placebo.tables import (
    apart,
    at_rows,
    bar_table,
    shared_variance,
    slot_rows,
    tabulate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec

__all__ = ["MIN_DATES", "Placebo", "prepare_placebo"]

MIN_DATES = 20  # fewer pseudo-dates cannot give a p-value under 0.05
NO_GARCH = (
    "no placebo: each pseudo-date would need a likelihood of its own; market_model has a placebo"
)


@dataclass(frozen=True, slots=True)
class Placebo:
    """Tables of what every series of a study would have given on every row.

    Attributes
    ----------
    series
        (N,) int64: the series of each event: asset, regressors, and the distance of the asset's
        own day 0 from the study's.
    car, variance
        (S, T, W): CAR and its forecast variance had the study's event session been at that row.
    admissible
        (S, T) bool: rows that may be drawn: complete, outside the event windows of the series'
        own events, and not after the study's last event.
    anchor
        (N,) int64: rows of the real event sessions.
    draws, seed
        Number of draws for several dates, and their seed.
    length
        (W,): bars of each window.
    note
        Why the model has no placebo; empty if it has one.
    slot, event_slot
        (T,) and (N,) int64: of bars inside sessions, which bar of its session each row and each
        event is on; an event moves to its own slot only. The tables then hold the rows of the
        events' slots alone, and T counts these. None: all rows are of one kind.
    """

    series: npt.NDArray[np.int64]
    car: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    admissible: npt.NDArray[np.bool_]
    anchor: npt.NDArray[np.int64]
    draws: int
    seed: int
    length: npt.NDArray[np.int64]
    note: str = ""
    slot: npt.NDArray[np.int64] | None = None
    event_slot: npt.NDArray[np.int64] | None = None

    def outcome(
        self,
        members: npt.NDArray[np.intp],
        car: npt.NDArray[np.float64],
        car_error: npt.NDArray[np.float64],
        *,
        threads: int = 1,
    ) -> PlaceboOutcome:
        """Distribution for the events ``members`` (rows) with real ``car`` and errors (N, W).

        Events on one date move together to one pseudo-date, on which all their assets must be
        admissible. One date: all its pseudo-dates are used. Several: ``draws`` joint draws. An
        event without a real CAR in a window is left out of that window's draws too. The result
        is the same, bit for bit, for any number of ``threads``.
        """
        statistic = studentised(car[members], car_error[members])
        members = members[np.isfinite(car_error[members]).any(axis=1)]
        nothing = np.empty((0, len(statistic)))
        if len(members) == 0:
            return PlaceboOutcome(statistic, nothing, exact=True, note="no event with a CAR")
        if self.draws == 0:
            note = self.note or "no placebo draws asked for"
            return PlaceboOutcome(statistic, nothing, exact=True, note=note)
        known = np.isfinite(car[members])
        pools, series, counted = self.pools(members, known)
        smallest = min(len(pool) for pool in pools)
        if smallest < max(MIN_DATES, len(pools)):
            note = (
                f"only {smallest} admissible placebo dates (at least "
                f"{max(MIN_DATES, len(pools))} are needed): history too short, or event windows "
                "that leave no other dates; shorten event_window"
            )
            return PlaceboOutcome(statistic, nothing, exact=True, note=note)
        if len(pools) == 1:
            draws = self.enumerate(pools[0], series[0], counted[0])
            return PlaceboOutcome(statistic, draws, exact=True)
        drawn = self.sample(pools, series, counted, threads)
        added = shared_variance(self.anchor[members], known, self.length)
        return PlaceboOutcome(statistic, drawn, exact=False, shared=added)

    def single(
        self, statistic: npt.NDArray[np.float64], rows: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """p-values and ranks (n, W), and numbers of dates (n,), of events on their own.

        ``statistic`` (n, W) are the studentised CARs of the events ``rows`` in the first W
        windows; each is held against every admissible date of its own series. NaN (rank -1)
        with fewer than `MIN_DATES` dates or without a CAR.
        """
        pvalue = np.full(statistic.shape, np.nan)
        rank = np.full(statistic.shape, -1, dtype=np.int64)
        n_dates = np.zeros(len(rows), dtype=np.int64)
        if self.draws == 0:
            return pvalue, rank, n_dates
        of_row = np.zeros(len(rows)) if self.event_slot is None else self.event_slot[rows]
        for s, slot in np.unique(np.stack([self.series[rows], of_row], axis=1), axis=0).astype(int):
            dates = self.of_slot(np.flatnonzero(self.admissible[s]), slot)
            mine = np.flatnonzero((self.series[rows] == s) & (of_row == slot))
            n_dates[mine] = len(dates)
            if len(dates) < MIN_DATES:
                continue
            for w in range(statistic.shape[1]):
                drawn = np.sort(np.abs(self.car[s, dates, w]) / np.sqrt(self.variance[s, dates, w]))
                real = np.abs(statistic[mine, w])
                known = np.isfinite(real)
                beyond = len(drawn) - np.searchsorted(drawn, real[known], side="left")
                rank[mine[known], w] = beyond
                pvalue[mine[known], w] = (1.0 + beyond) / (1.0 + len(drawn))
        return pvalue, rank, n_dates

    def pools(
        self, members: npt.NDArray[np.intp], known: npt.NDArray[np.bool_]
    ) -> tuple[
        list[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]], list[npt.NDArray[np.bool_]]
    ]:
        """Return, for each distinct event row, the rows it may move to and its series.

        And (n, W) which of the series count in which windows; ``known`` holds that of ``members``.
        """
        pools, series, counted = [], [], []
        cache: dict[tuple[bytes, int], npt.NDArray[np.int64]] = {}
        for row in np.unique(self.anchor[members]):
            here = np.flatnonzero(self.anchor[members] == row)
            here = here[np.argsort(self.series[members[here]], kind="stable")]
            own = self.series[members[here]]
            slot = 0 if self.event_slot is None else int(self.event_slot[members[here[0]]])
            key = (own.tobytes(), slot)
            if key not in cache:
                free = np.flatnonzero(self.admissible[own].all(axis=0)).astype(np.int64)
                cache[key] = self.of_slot(free, slot)
            pools.append(cache[key])
            series.append(own)
            counted.append(known[here])
        return pools, series, counted

    def of_slot(self, rows: npt.NDArray[np.int64], slot: int) -> npt.NDArray[np.int64]:
        """Those of ``rows`` of the tables that are this bar of their session."""
        return rows if self.slot is None else rows[self.slot[rows] == slot]

    def enumerate(
        self,
        pool: npt.NDArray[np.int64],
        series: npt.NDArray[np.int64],
        counted: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.float64]:
        """(K, W): the statistic on every row of ``pool``."""
        total = summed(self.car, series, counted)[pool]
        variance = summed(self.variance, series, counted)[pool]
        with np.errstate(invalid="ignore"):  # no event has a CAR in this window
            statistic: npt.NDArray[np.float64] = total / np.sqrt(variance)
        return statistic

    def sample(
        self,
        pools: list[npt.NDArray[np.int64]],
        series: list[npt.NDArray[np.int64]],
        counted: list[npt.NDArray[np.bool_]],
        threads: int = 1,
    ) -> npt.NDArray[np.float64]:
        """(K, W): the statistic on K joint draws of one row per date.

        Dates with the same assets share one table, summed over them beforehand: a draw then reads
        one row per date and not one per asset. Threads take runs of consecutive draws.
        """
        keys = [(own.tobytes(), part.tobytes()) for own, part in zip(series, counted, strict=True)]
        distinct = dict(zip(keys, zip(series, counted, strict=True), strict=True))
        places = {key: place for place, key in enumerate(distinct)}
        statistic = np.empty((self.draws, self.car.shape[2]))
        given = (
            np.stack([summed(self.car, own, part) for own, part in distinct.values()]),
            np.stack([summed(self.variance, own, part) for own, part in distinct.values()]),
            np.array([places[key] for key in keys], dtype=np.int64),
            np.arange(len(series) + 1),
            np.concatenate(pools),
            np.cumsum([0, *map(len, pools)]),
            np.uint64(self.seed),
        )

        def draw(start: int, stop: int) -> None:
            placebo_draws_nb(*given, start, statistic[start:stop])

        shared(draw, self.draws, threads)
        return statistic


def shared(work: Callable[[int, int], None], n: int, threads: int) -> None:
    """Call ``work`` (start, stop) for runs that make up [0, n), on ``threads`` threads."""
    edges = np.linspace(0, n, max(1, min(threads, n)) + 1).astype(int).tolist()
    if len(edges) == 2:
        work(0, n)
        return
    with ThreadPoolExecutor(len(edges) - 1) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def summed(
    table: npt.NDArray[np.float64],
    series: npt.NDArray[np.int64],
    counted: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """(T, W): sum of ``table`` (S, T, W) over ``series`` (n,) that are ``counted`` (n, W) there.

    One after the other: gathering them first takes three times as long.
    """
    each = (
        table[s] if there.all() else np.where(there, table[s], 0.0)
        for s, there in zip(series, counted, strict=True)
    )
    total = next(each).copy()
    for one in each:
        total += one
    return total


def studentised(
    car: npt.NDArray[np.float64], car_error: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(W,): sum of CARs over the root of the sum of their variances, missing ones left out."""
    known = np.isfinite(car)
    variance = np.where(known, car_error, 0.0) ** 2
    total = np.where(known, car, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        statistic: npt.NDArray[np.float64] = total / np.sqrt(variance.sum(axis=0))
    return statistic


def prepare_placebo(
    arrays: EventArrays, spec: StudySpec, fitted: npt.NDArray[np.bool_], *, threads: int = 1
) -> Placebo:
    """Tabulate every series of ``arrays`` once; ``fitted`` (N,) are the events in use.

    Pseudo-dates keep away from all events of their asset: one without a fit happened as well.
    Controls for overlapping events are left out: a pseudo-date has no such event. A GARCH model has
    no placebo: statistics of the real dates and of pseudo-dates must come from the same fit, and
    one by maximum likelihood on every row takes minutes a series.
    """
    offset = arrays.position - arrays.anchor
    keys = np.concatenate([offset[:, None], arrays.column[:, None], arrays.factors], axis=1)
    distinct, series = np.unique(keys, axis=0, return_inverse=True)
    series = series.reshape(-1).astype(np.int64)
    T = arrays.returns.shape[1]
    shape, length = (len(distinct), T, len(spec.windows)), spec.lengths
    if spec.model == "garch_market_model":
        nothing, nowhere = np.broadcast_to(np.nan, shape), np.zeros(shape[:2], dtype=np.bool_)
        given = (series, nothing, nothing, nowhere, arrays.anchor, 0, spec.seed, length)
        return Placebo(*given, NO_GARCH)
    if arrays.slot is not None:
        return prepare_bars(arrays, spec, fitted, distinct, series)
    car, variance = np.empty(shape), np.empty(shape)
    last = int(arrays.anchor[fitted].max()) if fitted.any() else -1
    admissible = np.zeros(shape[:2], dtype=np.bool_)

    def tabulate_some(start: int, stop: int) -> None:
        for s in range(start, stop):
            tabulate(arrays.returns, distinct[s, 1:], spec, car[s], variance[s])

    shared(tabulate_some, len(distinct), threads)
    for s, key in enumerate(distinct):
        asset = arrays.asset[np.argmax(series == s)]
        own = arrays.position[(arrays.asset == asset) & (arrays.position < T)]
        free = np.isfinite(car[s]).all(axis=1) & apart(own, T, spec)
        car[s], variance[s], free = (
            moved(each, int(key[0])) for each in (car[s], variance[s], free)
        )
        admissible[s] = free
        admissible[s, last + 1 :] = False
    return Placebo(series, car, variance, admissible, arrays.anchor, spec.draws, spec.seed, length)


def prepare_bars(
    arrays: EventArrays,
    spec: StudySpec,
    fitted: npt.NDArray[np.bool_],
    distinct: npt.NDArray[np.int64],
    series: npt.NDArray[np.int64],
) -> Placebo:
    """Tabulate the ``distinct`` (S, 2 + F) series of bars inside sessions, at their slots only."""
    assert arrays.slot is not None  # noqa: S101 - bars have slots
    rows, T = slot_rows(arrays, fitted), arrays.returns.shape[1]
    shape = (len(distinct), len(rows), len(spec.windows))
    car, variance = np.empty(shape), np.empty(shape)
    admissible = np.zeros(shape[:2], dtype=np.bool_)
    for s, key in enumerate(distinct):
        asset = arrays.asset[np.argmax(series == s)]
        own = arrays.position[(arrays.asset == asset) & (arrays.position < T)]
        car[s], variance[s] = bar_table(arrays, key, spec, rows)
        free = at_rows(apart(own, T, spec).astype(np.float64)[:, None], rows + key[0])[:, 0] == 1.0
        admissible[s] = np.isfinite(car[s]).all(axis=1) & free
    return Placebo(
        series,
        car,
        variance,
        admissible,
        arrays.anchor,
        spec.draws,
        spec.seed,
        spec.lengths,
        slot=arrays.slot[rows],
        event_slot=arrays.slot[arrays.anchor],
    )


def moved(rows: npt.NDArray[Any], offset: int) -> npt.NDArray[Any]:
    """Row t + ``offset`` of ``rows`` (T, ...) at row t; False or NaN beyond the ends."""
    out = np.zeros_like(rows) if rows.dtype == np.bool_ else np.full_like(rows, np.nan)
    T = len(rows)
    start, stop = max(0, -offset), min(T, T - offset)
    out[start:stop] = rows[start + offset : stop + offset]
    return out
