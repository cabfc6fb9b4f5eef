"""How long does GSADF take with its critical values, and are threads the same?

One statistic compares every window of a series; critical values take 1,000 such series. The peer
is numpy that a careful user writes: for each end, the moments of all windows at once by cumulative
sums. Its statistics must agree.

Run: python benchmarks/bench_gsadf.py
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from eventlab.contagion.regimes.bubbles import default_window
from eventlab.contagion.regimes.critical_values import BubbleSpec, backward_suprema

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

DRAWS = 1_000
PEER_DRAWS = 20
BARS = (100, 250, 500)
EQUAL = 1e-8  # the peer's plain cumulative sums lose digits
REPEATS = 3

Result = TypeVar("Result")


def main() -> None:
    for T in BARS:
        measure(T)


def measure(T: int) -> None:
    """Print the seconds for one length, and stop where a promise is broken."""
    spec = BubbleSpec(0, default_window(T), DRAWS, 0)
    paths = np.random.default_rng(0).standard_normal((DRAWS, T)).cumsum(axis=1)
    few = paths[:PEER_DRAWS]
    one, found = timed(lambda: backward_suprema(paths, spec))
    two, again = timed(lambda: backward_suprema(paths, spec, threads=2))
    peer, theirs = timed(lambda: np.array([by_numpy(path, spec.min_window) for path in few]))
    assert np.array_equal(found, again, equal_nan=True), "two threads gave other numbers"
    np.testing.assert_allclose(found[0, :PEER_DRAWS], theirs, rtol=EQUAL, atol=EQUAL)
    windows = DRAWS * (T - spec.min_window + 1) * (T - spec.min_window + 2) // 2
    whole = peer * DRAWS / PEER_DRAWS
    print(f"{T} bars, {DRAWS:,} paths, {windows / 1e6:,.1f} million windows")
    print(f"  one thread  {one:7.3f} s, {1e9 * one / windows:.1f} ns a window")
    print(f"  two threads {two:7.3f} s, the same bits")
    print(f"  numpy       {whole:7.3f} s (from {PEER_DRAWS} paths), {whole / one:.0f} times")


def by_numpy(y: Array, min_window: int) -> Array:
    """(T,) backward suprema of one path."""
    x, d = y[:-1], np.diff(y)
    sums = [np.append(0.0, each.cumsum()) for each in (x, d, x * x, x * d, d * d)]
    found = np.full(len(y), np.nan)
    for e in range(min_window - 1, len(y)):
        starts = np.arange(e - min_window + 2)
        n = e - starts
        sx, sd, sxx, sxd, sdd = (each[e] - each[starts] for each in sums)
        xx, xd, dd = sxx - sx * sx / n, sxd - sx * sd / n, sdd - sd * sd / n
        s2 = (dd - xd * xd / xx) / (n - 2)
        found[e] = (xd / xx / np.sqrt(s2 / xx)).max()
    return found


def timed(run: Callable[[], Result]) -> tuple[float, Result]:
    """Least seconds of some runs after one that compiles, and the result."""
    found = run()
    spent = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        found = run()
        spent.append(time.perf_counter() - begin)
    return min(spent), found


if __name__ == "__main__":
    main()
