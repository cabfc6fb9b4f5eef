"""What the counts say: rates with standard errors, and where they are not what they should be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from benchmarks.size_battery import all_tests
from benchmarks.size_designs import KNOWN, KNOWN_SAMPLES, KNOWN_TESTS, designs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.size_counts import Counts

__all__ = ["ENOUGH", "MARGIN", "bmp_closed_form", "known_rows", "problems", "share", "wrong_level"]

LEVEL: Final = 0.05
MARGIN: Final = 0.015  # what a headline test may be off
ENOUGH: Final = 1900  # samples for a standard error of half a point at 5%
SIGMAS: Final = 3.0


def problems(counts: dict[str, Counts]) -> list[str]:
    """Headline tests off their level, and rates that miss the known ones or the closed form."""
    return [*wrong_levels(counts), *missed(counts)]


def wrong_levels(counts: dict[str, Counts]) -> Iterator[str]:
    for key, design in designs().items():
        if key not in counts:
            continue
        for w, window in enumerate(design.windows):
            for test in all_tests():
                if wrong_level(counts[key], key, w, test):
                    rate, _ = share(counts[key], w, test, offered=True)
                    place = all_tests().index(test)
                    times = int(counts[key].offered[w, place])
                    yield f"{key} {list(window)}: {test} {rate:.1%} of {times} in the headline"


def wrong_level(counts: Counts, key: str, w: int, test: str) -> bool:
    """Whether ``test`` is off by more than `MARGIN` where it stands in the headline.

    Judged in null rows only, and where it stands there `ENOUGH` times.
    """
    design = designs()[key]
    rate, _ = share(counts, w, test, offered=True)
    times = int(counts.offered[w, all_tests().index(test)])
    judged = design.is_null and test not in design.not_null_for and times >= ENOUGH
    return judged and abs(rate - LEVEL) > MARGIN


def missed(counts: dict[str, Counts]) -> Iterator[str]:
    for key, test, known, ours, apart in known_rows(counts):
        if abs(apart) > SIGMAS:
            yield f"{key}: {test} {ours:.1%}, known {known:.1%}, {apart:+.1f} s.e. apart"
    for key, rate, closed, apart in bmp_closed_form(counts):
        if abs(apart) > SIGMAS:
            yield f"{key}: bmp {rate:.1%}, closed form {closed:.1%}, {apart:+.1f} s.e. apart"


def known_rows(counts: dict[str, Counts]) -> Iterator[tuple[str, str, float, float, float]]:
    """Yield design, test, known rate, ours, and how many standard errors of both lie between."""
    for key, rates in KNOWN.items():
        for test, percent in zip(KNOWN_TESTS, rates, strict=True):
            if key in counts and test in all_tests():
                known = percent / 100
                ours, _ = share(counts[key], 0, test)
                n = counts[key].samples
                error = math.sqrt(known * (1 - known) * (1 / n + 1 / KNOWN_SAMPLES))
                yield key, test, known, ours, (ours - known) / error


def bmp_closed_form(counts: dict[str, Counts]) -> Iterator[tuple[str, float, float, float]]:
    """Yield design, rate of BMP, 2(1 - Phi(1.96/sqrt((1 + (N-1) rho)/(1 - rho)))), their distance.

    The formula takes the normal distribution for Student's with N - 1 degrees of freedom.
    """
    for key in ("rho.02", "rho.05", "rho.10"):
        if key in counts:
            design = designs()[key]
            spread = math.sqrt((1 + (design.n - 1) * design.rho) / (1 - design.rho))
            closed = math.erfc(1.96 / spread / math.sqrt(2))
            rate, _ = share(counts[key], 0, "bmp")
            error = math.sqrt(closed * (1 - closed) / counts[key].samples)
            yield key, rate, closed, (rate - closed) / error


def share(counts: Counts, w: int, test: str, *, offered: bool = False) -> tuple[float, float]:
    """Rejection rate of ``test`` in window ``w`` and its standard error; NaN where never run.

    Of the samples in which it has a p-value, or of those that had it in the headline.
    """
    place = all_tests().index(test)
    top, of = (counts.both, counts.offered) if offered else (counts.rejected, counts.computed)
    n = int(of[w, place])
    if n == 0:
        return math.nan, math.nan
    rate = int(top[w, place]) / n
    return rate, math.sqrt(rate * (1 - rate) / n)
