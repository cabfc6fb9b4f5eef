"""Count rejections over many samples, on several processes, the same whatever their number."""

from __future__ import annotations

import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.size_battery import all_tests, test_sample
from benchmarks.size_designs import designs
from benchmarks.size_draws import draw_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from benchmarks.size_designs import Design

__all__ = ["Counts", "count_design", "count_designs"]

LEVEL: Final = 0.05
CHUNK: Final = 100  # samples of one task
# A p-value that can be the level itself (the placebo's: a share) rejects there.
TOUCH: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of every test of one design.

    Attributes
    ----------
    samples
        Samples drawn.
    computed, rejected, offered, both
        (W, tests): samples in which the test had a p-value; in which that was at most 5%; in
        which it stood in the headline; in which it stood there and rejected.
    """

    samples: int
    computed: npt.NDArray[np.int64]
    rejected: npt.NDArray[np.int64]
    offered: npt.NDArray[np.int64]
    both: npt.NDArray[np.int64]

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.samples + other.samples,
            self.computed + other.computed,
            self.rejected + other.rejected,
            self.offered + other.offered,
            self.both + other.both,
        )


def count_designs(
    keys: Iterable[str],
    samples: Callable[[Design], int],
    *,
    seed: int,
    processes: int,
    say: Callable[[str], None],
) -> dict[str, Counts]:
    """Return the counts of the designs ``keys``, each with ``samples(design)`` samples."""
    known = designs()
    total: dict[str, Counts] = {}
    tasks = [
        (key, seed, start, min(start + CHUNK, samples(known[key])))
        for key in keys
        for start in range(0, samples(known[key]), CHUNK)
    ]
    with ProcessPoolExecutor(processes) as pool:
        for task, counts in zip(tasks, pool.map(count_chunk, tasks), strict=True):
            key = task[0]
            total[key] = total[key] + counts if key in total else counts
            if total[key].samples == samples(known[key]):
                say(f"{len(total)} {key}: {total[key].samples} samples")
    return total


def count_chunk(task: tuple[str, int, int, int]) -> Counts:
    key, seed, start, stop = task
    return count_design(designs()[key], seed=seed, start=start, stop=stop)


def count_design(design: Design, *, seed: int, start: int, stop: int) -> Counts:
    """Count samples ``start`` to ``stop``; each has a seed of its own, from ``seed`` and its key.

    The effect is not part of the seed: power is measured on the samples of the null.
    """
    names = {test: place for place, test in enumerate(all_tests())}
    counts = np.zeros((4, len(design.windows), len(names)), dtype=np.int64)
    stream = zlib.crc32(design.key.split("+")[0].encode())
    for number in range(start, stop):
        rng = np.random.default_rng([seed, stream, number])
        for w, row in enumerate(test_sample(design, draw_sample(design, rng))):
            for test, pvalue, offered in row:
                rejects = pvalue <= LEVEL + TOUCH
                seen = (not np.isnan(pvalue), rejects, offered, offered and rejects)
                counts[:, w, names[test]] += seen
    return Counts(stop - start, *counts)
