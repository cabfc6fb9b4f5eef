"""Joint inference over all specifications: the same pseudo-dates for every one of them.

Simonsohn, Simmons & Nelson (2020) ask whether all specifications together could come from a world
without an effect. Here that world is the history of the same assets outside their events: each draw
moves every event date to a pseudo-date, on which all specifications are computed anew, so that what
they share (assets, days, overlapping windows) is in the distribution of the curve as well.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.kernels.specifications import SCORE_STEP, pseudo_rows_nb, specification_draws_nb
from eventlab.study.placebo.pseudo_dates import MIN_DATES
from eventlab.study.steps import counted, quietly

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.study.specifications.fits import World
    from eventlab.study.specifications.rows import Cells
    from eventlab.study.steps import Progress
    from eventlab.timeline.types import Clock

__all__ = ["Drawn", "draw_jointly"]

TABLE_REACH: Final = 40.0  # of the tables of normal scores, in Wallace's variable


@dataclass(frozen=True, slots=True)
class Drawn:
    """What K joint draws gave in the worlds that take part.

    Attributes
    ----------
    worlds
        Indices of the worlds that take part, ascending.
    estimate, studentised, score
        By world: (K, V, W) CAAR, studentised CAAR and normal score of the test.
    exact
        Whether the draws are all pseudo-dates there are (one event date).
    n_dates, smallest
        Event dates, and the fewest pseudo-dates that one of them has.
    left_out
        By world: why it takes no part.
    note
        Why there is no joint inference; empty where there is.
    """

    worlds: tuple[int, ...]
    estimate: tuple[npt.NDArray[np.float64], ...]
    studentised: tuple[npt.NDArray[np.float64], ...]
    score: tuple[npt.NDArray[np.float64], ...]
    exact: bool
    n_dates: int
    smallest: int
    left_out: dict[int, str]
    note: str = ""

    @property
    def n_draws(self) -> int:
        """K."""
        return len(self.estimate[0]) if self.estimate else 0


@dataclass(frozen=True, slots=True)
class Laid:
    """One world on the rows of the base clock.

    ``date``, ``series`` and ``which_map`` (P,) of its counted pairs (rows ``pairs`` of the world);
    ``maps`` (n, T) its own row for each row of the base clock, -1 for none.
    """

    pairs: npt.NDArray[np.intp]
    date: npt.NDArray[np.int64]
    series: npt.NDArray[np.int64]
    which_map: npt.NDArray[np.int64]
    maps: npt.NDArray[np.int64]


def draw_jointly(
    worlds: Sequence[World],
    cells: Sequence[Sequence[Cells]],
    base: int,
    *,
    threads: int = 2,
    progress: Progress = quietly,
) -> Drawn:
    """Draw pseudo-dates on the clock of world ``base``; ``cells`` has the rules of each world.

    Every date may move to the rows that are admissible for all its assets in all worlds. Where
    those are too few, the estimation windows that reach back furthest take no part, one after the
    other. The result is the same, bit for bit, for any number of ``threads``.
    """
    spec = worlds[base].spec
    left_out = {
        i: world.placebo.note or world.reason or "no event with a CAR"
        for i, world in enumerate(worlds)
        if not any(one.counted.any() for one in cells[i]) or world.placebo.note
    }
    if spec.draws == 0:
        return nothing(left_out, "no placebo draws asked for")
    clock = worlds[base].frame.schedule.clock
    dates = event_dates(worlds, cells, left_out, clock)
    laid: dict[int, Laid] = {}
    for i, world in enumerate(worlds):
        if i not in left_out:
            found = lay(world, cells[i], clock, dates)
            if isinstance(found, str):
                left_out[i] = found
            else:
                laid[i] = found
    if not laid:
        return nothing(left_out, "no specification with a placebo")
    pool = shrink(worlds, laid, (len(dates), len(clock)), left_out)
    counts = pool.sum(axis=1)
    smallest, least = int(counts.min()), max(MIN_DATES, len(dates))
    if smallest < least:
        note = (
            f"only {smallest} placebo dates are admissible in all specifications (at least {least} "
            "are needed): history too short, or event windows that leave no other dates"
        )
        return nothing(left_out, note)
    rows = pseudo_dates(pool, spec.draws, spec.seed)
    tables = Scores()
    with ThreadPoolExecutor(threads) as pool_of_threads:
        each = pool_of_threads.map(
            lambda i: draws_of(worlds[i], cells[i], laid[i], rows, tables), laid
        )
        made = list(counted(each, len(laid), progress))
    return Drawn(
        tuple(laid),
        tuple(one[0] for one in made),
        tuple(one[1] for one in made),
        tuple(one[2] for one in made),
        len(dates) == 1,
        len(dates),
        smallest,
        left_out,
    )


def nothing(left_out: dict[int, str], note: str) -> Drawn:
    """No draws, and why."""
    return Drawn((), (), (), (), exact=False, n_dates=0, smallest=0, left_out=left_out, note=note)


def event_dates(
    worlds: Sequence[World],
    cells: Sequence[Sequence[Cells]],
    left_out: dict[int, str],
    clock: Clock,
) -> npt.NDArray[np.int64]:
    """(U,) rows of ``clock`` on which a counted pair of any world has its event session."""
    found: set[int] = set()
    for i, world in enumerate(worlds):
        if i not in left_out:
            found |= set(base_anchors(world, counted_pairs(cells[i]), clock).tolist())
    return np.array(sorted(found - {len(clock)}), dtype=np.int64)


def counted_pairs(cells: Sequence[Cells]) -> npt.NDArray[np.intp]:
    """Rows of the pairs that count under any rule in any window."""
    return np.flatnonzero(np.any([one.counted.any(axis=1) for one in cells], axis=0))


def base_anchors(world: World, pairs: npt.NDArray[np.intp], clock: Clock) -> npt.NDArray[np.int64]:
    """Event sessions of some pairs on ``clock``; its length for those after its end."""
    own = world.frame.schedule.clock
    if own.code == clock.code and len(own) == len(clock):
        return world.placebo.anchor[pairs].astype(np.int64)
    instants = np.array([world.pairs[i].instant for i in pairs], dtype=np.int64)
    return np.searchsorted(clock.closes, instants, side="right").astype(np.int64)


def lay(
    world: World, cells: Sequence[Cells], clock: Clock, dates: npt.NDArray[np.int64]
) -> Laid | str:
    """Bring a world onto the rows of the base clock; a reason where an event has no row there."""
    pairs = counted_pairs(cells)
    anchors = base_anchors(world, pairs, clock)
    if (anchors >= len(clock)).any():
        return "an event has no session on the definition's clock"
    own = world.frame.schedule.clock
    series = world.placebo.series[pairs]
    date = np.searchsorted(dates, anchors).astype(np.int64)
    if own.code == clock.code and len(own) == len(clock):
        identity = np.arange(len(clock), dtype=np.int64)[None]
        return Laid(pairs, date, series, np.zeros(len(pairs), dtype=np.int64), identity)
    instants = np.array([world.pairs[i].instant for i in pairs], dtype=np.int64)
    distances, which = np.unique(
        np.stack(distance(instants, anchors, clock)), axis=1, return_inverse=True
    )
    maps = np.stack([mapped(clock, own, before, after) for before, after in distances.T])
    # A pseudo-date keeps the real event's distance to the row that its instant would have.
    shift = world.placebo.anchor[pairs] - maps[which.reshape(-1), anchors]
    if (shift != 0).any():
        return "a pseudo-date of this clock cannot be told from the definition's clock"
    return Laid(pairs, date, series, which.reshape(-1).astype(np.int64), maps)


def distance(
    instants: npt.NDArray[np.int64], anchors: npt.NDArray[np.int64], clock: Clock
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How long after the last close, or before the next, the news came: the shorter; -1 else."""
    before = instants - clock.closes[np.maximum(anchors - 1, 0)]
    after = clock.closes[anchors] - instants
    early = (before <= after) & (anchors > 0)
    return np.where(early, before, -1), np.where(early, -1, after)


def mapped(clock: Clock, own: Clock, before: int, after: int) -> npt.NDArray[np.int64]:
    """(T,): row of ``own`` for news as long after or before a close of each session of ``clock``.

    -1 where ``own`` has no such row.
    """
    closes = clock.closes
    last = np.concatenate([closes[:1] - 1, closes[:-1]])
    instants = last + before if before >= 0 else closes - after
    instants = np.clip(instants, last, closes - 1)
    rows = np.searchsorted(own.closes, instants, side="right").astype(np.int64)
    rows[(rows >= len(own)) | (instants < own.opens[0])] = -1
    return rows


def shrink(
    worlds: Sequence[World],
    laid: dict[int, Laid],
    shape: tuple[int, int],
    left_out: dict[int, str],
) -> npt.NDArray[np.bool_]:
    """(U, T): rows each date may move to; worlds are left out of ``laid`` until they suffice."""
    least = max(MIN_DATES, shape[0])
    while True:
        pool = np.ones(shape, dtype=np.bool_)
        for i, one in laid.items():
            restrict(pool, worlds[i], one)
        reach = {i: worlds[i].choice.estimation_window[0] for i in laid}
        furthest = min(reach.values())
        if pool.sum(axis=1).min() >= least or furthest == max(reach.values()):
            return pool
        for i in [i for i, first in reach.items() if first == furthest]:
            del laid[i]
            left_out[i] = "its estimation window leaves too few placebo dates"


def restrict(pool: npt.NDArray[np.bool_], world: World, laid: Laid) -> None:
    """Take out of ``pool`` (U, T) what is not admissible for the pairs of each date."""
    keys = np.unique(np.stack([laid.series, laid.which_map, laid.date]), axis=1)
    known: dict[tuple[int, int], npt.NDArray[np.bool_]] = {}
    for series, which, date in keys.T.tolist():
        if (series, which) not in known:
            rows = laid.maps[which]
            known[series, which] = (rows >= 0) & world.placebo.admissible[series, rows]
        pool[date] &= known[series, which]


def pseudo_dates(pool: npt.NDArray[np.bool_], draws: int, seed: int) -> npt.NDArray[np.int64]:
    """(K, U) rows of the base clock: all that there are for one date, else joint draws."""
    each = [np.flatnonzero(own).astype(np.int64) for own in pool]
    if len(each) == 1:
        return each[0][:, None].copy()
    rows = np.empty((draws, len(each)), dtype=np.int64)
    starts = np.cumsum([0, *map(len, each)])
    pseudo_rows_nb(np.concatenate(each), starts, np.uint64(seed), rows)
    return rows


class Scores:
    """Tables that turn a t into the z of the same tail, a row for each number of freedom."""

    def __init__(self) -> None:
        self.place = np.arange(0.0, TABLE_REACH, SCORE_STEP)
        self._rows: dict[float, npt.NDArray[np.float64]] = {}

    def table(self, dof: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n, G) z on an even grid of Wallace's variable for each of ``dof`` (n,)."""
        for one in dof.tolist():
            if one not in self._rows:
                with np.errstate(over="ignore", invalid="ignore"):
                    t = np.sqrt(one * np.expm1(self.place**2 / one))
                    z = -special.ndtri(special.stdtr(one, -t))
                # Where the tail is no longer a float, z goes on as Wallace's variable does.
                self._rows[one] = np.where(np.isfinite(z), z, self.place)
        return np.stack([self._rows[one] for one in dof.tolist()])


def draws_of(
    world: World,
    cells: Sequence[Cells],
    laid: Laid,
    rows: npt.NDArray[np.int64],
    scores: Scores,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """CAAR, studentised CAAR and z (K, V, W) of the draws ``rows`` (K, U) in one world."""
    W = len(world.spec.windows) - 1
    shape = (len(rows), len(cells), W)
    estimate, studentised, score = np.empty(shape), np.empty(shape), np.empty(shape)
    dof = np.stack([one.dof for one in cells])
    finite = np.unique(dof[np.isfinite(dof)])
    specification_draws_nb(
        world.placebo.scar,
        world.placebo.error,
        rows,
        laid.maps,
        laid.date,
        world.placebo.base[laid.series],
        laid.which_map,
        np.stack([one.counted[laid.pairs] for one in cells]).astype(np.float64),
        np.stack([one.spread for one in cells]),
        np.stack([one.factor for one in cells]),
        dof,
        scores.table(finite if len(finite) else np.ones(1)),
        np.searchsorted(finite, np.where(np.isfinite(dof), dof, 0.0)).astype(np.int64),
        estimate,
        studentised,
        score,
    )
    return estimate, studentised, score
