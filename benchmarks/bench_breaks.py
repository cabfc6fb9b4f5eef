"""Correlation breaks: 1,000 placebo dates of the battery on 30 pairs, and rolling correlations.

The battery is everything that `prepare_breaks` gives an event: eight statistics at each date as it
is and as a constant link would have made it, placebo p-values, Benjamini-Hochberg, Romano-Wolf over
the 30 pairs, the smallest change that would have shown, verdicts. Its peer is numpy that a careful
user writes for less: windows of all dates at once, Fisher's statistic and the five co-moment tests
as they are, and their placebo p-values, which must be the same. That of all-pairs rolling
correlation is cumulative sums, one series against all others at a time.

Run: python benchmarks/bench_breaks.py
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from eventlab.contagion.breaks.battery import BreakItems, BreakResults, BreakSpec, prepare_breaks
from eventlab.contagion.breaks.rolling import all_pairs_correlation

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

PAIRS, DATES, CALM, CRISIS = 30, 1_000, (-120, -6), (0, 10)
ROW = DATES - CALM[0] + CRISIS[1]  # the event lies behind its placebo dates
BATTERY_TARGET = 2.0  # seconds on one thread
SERIES, ROWS, WINDOW = 100, 1_500, 60
ROLLING_TARGET = 0.06  # seconds on two threads
EQUAL = 1e-8  # plain cumulative sums lose digits
REPEATS = 5
ORDERS = ((1, 2), (2, 1), (1, 3), (3, 1), (2, 2))

Result = TypeVar("Result")


def main() -> None:
    battery()
    rolling()


def battery() -> None:
    """Time 30 pairs at one event, and stop where the peer's p-values are others."""
    rng = np.random.default_rng(0)
    returns = 0.01 * rng.standard_t(4, (PAIRS + 1, ROW + CRISIS[1] + 1))
    returns[1:] += 0.7 * returns[0]
    targets = np.arange(1, PAIRS + 1)
    zeros = np.zeros(PAIRS, dtype=np.int64)
    items = BreakItems(np.full(PAIRS, ROW), zeros, targets, zeros)
    free = np.zeros(returns.shape[1], dtype=np.bool_)
    free[-CALM[0] : -CALM[0] + DATES] = True

    def run(threads: int) -> BreakResults:
        spec = BreakSpec(CALM, CRISIS, most_dates=DATES, threads=threads)
        return prepare_breaks(returns, items, spec, free).results

    ours, found = timed(lambda: run(1))
    two, again = timed(lambda: run(2))
    theirs, wanted = timed(lambda: by_numpy(returns, np.flatnonzero(free)))
    assert (found.n_placebo == DATES).all()
    assert found.romano_wolf_pvalue.tobytes() == again.romano_wolf_pvalue.tobytes()
    np.testing.assert_allclose(found.placebo_pvalue[:, [0, 3, 4, 5, 6, 7]], wanted, rtol=EQUAL)
    print(f"battery, {PAIRS} pairs, {DATES:,} placebo dates")
    print(f"  one thread {ours:7.3f} s (two {two:.3f} s)")
    print(f"  numpy      {theirs:7.3f} s for a third of it, {theirs / ours:.1f} times as long")
    print(f"  target {BATTERY_TARGET:.0f} s: {'met' if ours < BATTERY_TARGET else 'MISSED'}")


def by_numpy(returns: Array, dates: npt.NDArray[np.int64]) -> Array:
    """Placebo p-values (30, 6) of Fisher and the co-moment tests."""
    rows = np.append(dates, ROW)
    calm, crisis = (rows[:, None] + np.arange(first, last + 1) for first, last in (CALM, CRISIS))
    found = []
    for target in range(1, PAIRS + 1):
        before, after = moments(returns, target, calm), moments(returns, target, crisis)
        n_x, n_y = calm.shape[1], crisis.shape[1]
        x, y = before[0], after[0]
        fisher = np.abs(np.arctanh(y) - np.arctanh(x)) / np.sqrt(1 / (n_x - 3) + 1 / (n_y - 3))
        x = x[-1]  # of the event, as in all that follows
        skew = (4 * y**2 + 2) / n_y + (4 * x**2 + 2) / n_x
        kurtosis = (18 * y**2 + 6) / n_y + (18 * x**2 + 6) / n_x
        both = (4 * y**4 + 16 * y**2 + 4) / n_y + (4 * x**4 + 16 * x**2 + 4) / n_x
        gap = [after[k] - before[k][-1] for k in range(1, 6)]
        scores = [
            fisher,
            gap[0] ** 2 / skew,
            gap[1] ** 2 / skew,
            (gap[2] - 3 * (y - x)) ** 2 / kurtosis,
            (gap[3] - 3 * (y - x)) ** 2 / kurtosis,
            (gap[4] - 2 * (y**2 - x**2)) ** 2 / both,
        ]
        found.append([(1 + np.sum(one[:-1] >= one[-1])) / len(rows) for one in scores])
    return np.array(found)


def moments(returns: Array, target: int, rows: npt.NDArray[np.int64]) -> list[Array]:
    """Correlation and five co-moments of every window."""
    x, y = (
        (one - one.mean(axis=1, keepdims=True)) / one.std(axis=1, keepdims=True)
        for one in (returns[0][rows], returns[target][rows])
    )
    return [np.mean(x**a * y**b, axis=1) for a, b in ((1, 1), *ORDERS)]


def rolling() -> None:
    """Time all pairs of 100 series, and stop where the peer has other correlations."""
    rng = np.random.default_rng(1)
    returns = rng.standard_normal((ROWS, SERIES)) + rng.standard_normal((ROWS, 1))
    one, found = timed(lambda: all_pairs_correlation(returns, WINDOW, 1))
    two, again = timed(lambda: all_pairs_correlation(returns, WINDOW, 2))
    theirs, wanted = timed(lambda: by_sums(returns))
    assert found.tobytes() == again.tobytes(), "two threads gave other numbers"
    np.testing.assert_allclose(found[WINDOW - 1 :], wanted, rtol=EQUAL, atol=EQUAL)
    print(f"rolling correlation, all pairs of {SERIES} series x {ROWS:,} rows, {WINDOW} rows each")
    print(f"  two threads{two:7.3f} s, the same bits as one ({one:.3f} s)")
    print(f"  numpy      {theirs:7.3f} s, {theirs / two:.1f} times as long")
    print(f"  target {ROLLING_TARGET} s: {'met' if two < ROLLING_TARGET else 'MISSED'}")


def by_sums(returns: Array) -> Array:
    """(windows, pairs) correlations by cumulative sums."""

    def sums(values: Array) -> Array:
        total = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values]), axis=0)
        return np.asarray(total[WINDOW:] - total[:-WINDOW])

    mean = sums(returns) / WINDOW
    scale = np.sqrt(sums(returns**2) / WINDOW - mean**2)
    found = []
    for i in range(SERIES - 1):
        both = sums(returns[:, [i]] * returns[:, i + 1 :]) / WINDOW
        covariance = both - mean[:, [i]] * mean[:, i + 1 :]
        found.append(covariance / (scale[:, [i]] * scale[:, i + 1 :]))
    return np.concatenate(found, axis=1)


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
