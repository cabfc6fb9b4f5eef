"""Which sizes of the contagion battery are judged, and which are off."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from benchmarks.contagion_counts import ADJUSTED, AVERAGES, FAMILY
from benchmarks.contagion_designs import DESIGNS, KINDS, WORLDS, truth
from eventlab.contagion.breaks.specs import TESTS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contagion_counts import Counts

__all__ = ["MARGIN", "cells", "is_off", "problems", "standard_error", "truth_of"]

LEVEL, MARGIN = 0.05, 0.02
JUDGED_KINDS: Final = ("placebo", "transmission", "benjamini_hochberg", "romano_wolf")


def kinds_of(world: str) -> tuple[str, ...]:
    return ADJUSTED if world == FAMILY else KINDS


def truth_of(world: str, design: str, kind: str, test: str) -> str:
    """Of a p-value adjusted over a family: that of its placebo p."""
    variant = WORLDS[world].variant if world in WORLDS else "raw"
    return truth(design, "placebo" if world == FAMILY else kind, test, variant)


def cells(world: str) -> Iterator[tuple[int, int, int, str]]:
    """Places (design, kind, test) whose null is true, and how (``null`` or ``room``)."""
    for d, design in enumerate(DESIGNS):
        for k, kind in enumerate(kinds_of(world)):
            for t, test in enumerate(TESTS):
                how = truth_of(world, design, kind, test)
                if kind in JUDGED_KINDS and how != "false":
                    yield d, k, t, how


def is_off(rejected: int, samples: int, how: str) -> bool:
    """Whether a rate is more than two points off 5%; where the null has room, above it."""
    apart = rejected / samples - LEVEL
    return bool(apart > MARGIN + 1e-12 or (how == "null" and apart < -MARGIN - 1e-12))


def standard_error(rate: float, samples: int) -> float:
    return math.sqrt(rate * (1.0 - rate) / samples)


def problems(counts: dict[str, Counts]) -> list[str]:
    """Every size that is off, a line for each kind of p; contagion found where there is none."""
    found = []
    for world, one in counts.items():
        lines: dict[tuple[int, int], list[str]] = {}
        for d, k, t, how in cells(world):
            rejected = int(one.rejected[d, k, t])
            if is_off(rejected, one.samples, how):
                rate = f"`{TESTS[t]}` {100 * rejected / one.samples:.1f}%"
                lines.setdefault((d, k), []).append(rate)
        designs, kinds = list(DESIGNS), kinds_of(world)
        for (d, k), rates in lines.items():
            kind = kinds[k].replace("_", "-")
            found.append(f"{title(world)}, {designs[d]}, {kind} p: {', '.join(rates)}")
        for d, design in enumerate(designs):
            share = one.verdicts[d, VERDICTS.index("contagion")] / one.samples
            if design != "stronger link" and share > LEVEL + MARGIN:
                found.append(f"{title(world)}, {design}: the verdict contagion in {share:.1%}")
    return found


def title(world: str) -> str:
    titles = {FAMILY: "Five targets", AVERAGES: "Averages over eight events"}
    return titles.get(world) or WORLDS[world].title
