"""Count how often the correlation battery rejects, and its verdicts, over many samples."""

from __future__ import annotations

import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.contagion_designs import (
    DESIGNS,
    KINDS,
    PAIRS,
    WORLDS,
    changed,
    sample,
    shocks,
    with_correlation,
)
from eventlab.contagion.breaks.battery import (
    TESTS,
    BreakItems,
    BreakResults,
    Breaks,
    BreakSpec,
    prepare_breaks,
)
from eventlab.contagion.breaks.specs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from benchmarks.contagion_designs import World

__all__ = ["ADJUSTED", "AVERAGES", "FAMILY", "Counts", "count", "count_all"]

LEVEL: Final = 0.05 + 1e-12  # a placebo p is a share and can be the level itself
CHUNK: Final = 100
FAMILY, AVERAGES = "family", "averages"  # beside the worlds of one pair
ADJUSTED: Final = ("alone", "benjamini_hochberg", "romano_wolf")
N_TARGETS, N_EVENTS, SPACING, DRAWS = 5, 8, 250, 999
WORTH: Final = 0.2  # the change that files ask for unless they say so

Array = Any


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of ``samples`` samples of one world.

    Attributes
    ----------
    rejected
        (designs, kinds, tests): p-values of at most 5%. Of a family: (designs, `ADJUSTED`, tests),
        samples in which that is so of any target.
    verdicts
        (designs, 6): `VERDICTS`, and none. Of a family: samples in which any target has it.
    detectable
        (3,): null samples in which some change would have shown; those in which that change did
        show, once made; those in which it was at most the change worth knowing.
    """

    samples: int
    rejected: npt.NDArray[np.int64]
    verdicts: npt.NDArray[np.int64]
    detectable: npt.NDArray[np.int64]

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


def count_all(
    samples: Mapping[str, int], *, seed: int, processes: int, say: Callable[[str], None]
) -> dict[str, Counts]:
    """Count every world as often as asked for."""
    tasks = [
        (key, seed, start, min(start + CHUNK, n))
        for key, n in samples.items()
        for start in range(0, n, CHUNK)
    ]
    total: dict[str, Counts] = {}
    with ProcessPoolExecutor(processes) as pool:
        for task, counts in zip(tasks, pool.map(_chunk, tasks), strict=True):
            key = task[0]
            total[key] = total[key] + counts if key in total else counts
            if total[key].samples == samples[key]:
                say(f"{key}: {total[key].samples} samples")
    return total


def _chunk(task: tuple[str, int, int, int]) -> Counts:
    key, seed, start, stop = task
    return count(key, seed=seed, start=start, stop=stop)


def count(key: str, *, seed: int, start: int, stop: int) -> Counts:
    """Count samples ``start`` to ``stop``, each with a seed of its own."""
    one = {FAMILY: _family, AVERAGES: _averages}.get(key)
    rejected = np.zeros((len(DESIGNS), len(KINDS), len(TESTS)), dtype=np.int64)
    counts = Counts(0, rejected, np.zeros((len(DESIGNS), 6), dtype=np.int64), np.zeros(3, np.int64))
    for number in range(start, stop):
        rng = np.random.default_rng([seed, zlib.crc32(key.encode()), number])
        counts = counts + (one(rng) if one else _pair(rng, WORLDS[key]))
    return counts


def _pair(rng: np.random.Generator, world: World) -> Counts:
    """One pair, all designs, each a family of its own."""
    returns = sample(rng, world)
    found = _run(returns, world, PAIRS).results
    pvalues = (found.pvalue, found.placebo_pvalue, found.transmission_pvalue)
    return Counts(1, _rejections(pvalues), _verdicts(found), _detectable(returns, world, found))


def _run(returns: Array, world: World, pairs: Array, *, joint: bool = False) -> Breaks:
    """Test pairs at the event, each a family of its own or all one."""
    n = len(pairs)
    items = BreakItems(
        row=np.full(n, world.row),
        source=np.ascontiguousarray(pairs[:, 0]),
        target=np.ascontiguousarray(pairs[:, 1]),
        family=np.zeros(n, dtype=np.int64) if joint else np.arange(n),
    )
    admissible = np.zeros(world.rows, dtype=np.bool_)
    admissible[-world.calm[0] : world.row - world.crisis[1]] = True
    factors = (len(returns) - 1,) if world.market else ()
    spec = BreakSpec(world.calm, world.crisis, factors, variant=world.variant, threads=1)
    return prepare_breaks(returns, items, spec, admissible)


def _rejections(pvalues: tuple[Array, ...]) -> npt.NDArray[np.int64]:
    return np.asarray(np.stack(pvalues, axis=1) <= LEVEL, dtype=np.int64)


def _verdicts(found: BreakResults) -> npt.NDArray[np.int64]:
    words = np.array([*VERDICTS, ""])
    return np.asarray(np.array(found.verdict)[:, None] == words, dtype=np.int64)


def _detectable(returns: Array, world: World, found: BreakResults) -> npt.NDArray[np.int64]:
    """Make the change that would have shown in the first design, and see whether it shows."""
    change, rho = float(found.detectable[0]), float(found.rho_calm[0])
    if world.market or not np.isfinite(change):
        return np.zeros(3, dtype=np.int64)
    inside = np.arange(world.rows) >= world.row
    shift = float(np.arctanh(rho + change) - np.arctanh(rho))
    made = _run(with_correlation(returns, inside, shift), world, PAIRS[:1]).results
    shown = made.placebo_pvalue[0, 0] <= LEVEL and made.statistic[0, 0] > 0.0
    return np.array([1, shown, change <= WORTH])


def _family(rng: np.random.Generator) -> Counts:
    """Five targets of one source, in `link`, whose own parts are correlated .3."""
    world = WORLDS["link"]
    x, common, *own = shocks(rng, "link", N_TARGETS + 2, world.rows)
    inside = np.arange(world.rows) >= world.row
    others = [np.sqrt(0.3) * common + np.sqrt(0.7) * one for one in own]
    made = np.stack([changed(x, other, inside, "link") for other in others])
    rejected = np.zeros((len(DESIGNS), len(ADJUSTED), len(TESTS)), dtype=np.int64)
    verdicts = np.zeros((len(DESIGNS), 6), dtype=np.int64)
    for d, (source, target) in enumerate(PAIRS):
        returns = np.concatenate([made[:1, source], made[:, target]])
        pairs = np.array([[0, 1 + j] for j in range(N_TARGETS)])
        found = _run(returns, world, pairs, joint=True).results
        pvalues = (found.placebo_pvalue, found.adjusted_pvalue, found.romano_wolf_pvalue)
        rejected[d] = _rejections(pvalues).any(axis=0)
        verdicts[d] = _verdicts(found).any(axis=0)
    return Counts(1, rejected, verdicts, np.zeros(3, dtype=np.int64))


def _averages(rng: np.random.Generator) -> Counts:
    """The mean over eight events of one pair, in `shock`, windows as there."""
    world = WORLDS["shock"]
    calm, crisis = world.calm, world.crisis
    rows = -calm[0] + 100 + SPACING * np.arange(N_EVENTS)
    T = int(rows[-1]) + crisis[1] + 1
    x, y = shocks(rng, "shock", 2, T)
    inside, taken = np.zeros(T, dtype=np.bool_), np.ones(T, dtype=np.bool_)
    taken[-calm[0] : rows[-1]] = False
    for row in rows:
        inside[row : row + crisis[1] + 1] = True
        taken[row - crisis[1] : row + crisis[1] + 1] = True
    n = len(PAIRS)
    items = BreakItems(
        np.repeat(rows, n), np.tile(PAIRS[:, 0], N_EVENTS), np.tile(PAIRS[:, 1], N_EVENTS),
        np.arange(n * N_EVENTS),
    )  # fmt: skip
    spec = BreakSpec(calm, crisis, draws=DRAWS, seed=int(rng.integers(2**31)), threads=1)
    breaks = prepare_breaks(changed(x, y, inside, "shock"), items, spec, ~taken)
    rejected, verdicts = [], []
    for d in range(n):
        found = breaks.average([np.arange(d, n * N_EVENTS, n)])
        pvalues = (found.pvalue, found.placebo_pvalue, found.transmission_pvalue)
        rejected.append(_rejections(pvalues)[0])
        verdicts.append(_verdicts(found)[0])
    return Counts(1, np.stack(rejected), np.stack(verdicts), np.zeros(3, dtype=np.int64))
