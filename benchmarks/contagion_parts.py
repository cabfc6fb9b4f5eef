"""Sizes of the other parts of a contagion: how often they reject where nothing happened."""

from __future__ import annotations

import math
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks import contagion_event_parts as events
from benchmarks import contagion_frame_parts as frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PARTS", "Part", "Rate", "measure_part", "measure_parts"]

CHUNK: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn and asked of a part.

    ``draw`` yields, of one sample, labels of rows with a p-value, or 0 and 1 for what an interval
    misses and holds; NaN is left out. Rows whose label ends with ``!`` are of a false null.
    ``remark`` says of the table what explains it.
    """

    title: str
    words: str
    samples: int
    draw: Callable[[np.random.Generator], Iterator[tuple[str, float]]]
    interval: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Of ``tries`` p-values (intervals), ``hits`` were at most 5% (held the truth)."""

    part: str
    label: str
    samples: int
    tries: int
    hits: int

    @property
    def value(self) -> float:
        return self.hits / self.tries if self.tries else math.nan

    @property
    def error(self) -> float:
        """Standard error, samples being independent and tries within one perhaps not."""
        return math.sqrt(self.value * (1.0 - self.value) / min(self.samples, self.tries))


PARTS: Final = {
    "granger": Part(
        "Granger causality (`granger_network`)",
        "Two series of correlated shocks, one and two lags, 115 and 1,000 rows; neither leads.",
        2_000,
        frames.granger,
        remark="The default is `hc3`.",
    ),
    "bubbles": Part(
        "Explosive prices (`gsadf`, `sadf`)",
        "Random walks of 250 bars, as at an event, 299 draws; steps normal, GARCH-t4, or with nine "
        "times the variance from bar 170 on; or a drift of 1% a bar for 40 bars.",
        500,
        frames.bubbles,
        remark="The default is `wild`; `simulated` is the published null, whose steps are normal.",
    ),
    "asymmetry": Part(
        "Asymmetry (`asymmetric_beta`, `downside_beta`, `exceedance_correlation`)",
        "500 rows of two symmetric series: correlated shocks, and t5 of correlation .5 without "
        "clusters.",
        400,
        frames.asymmetry,
        remark="Newey-West errors are too small where tails are fat; exceedances have the "
        "simulated p for that.",
    ),
    "leads": Part(
        "Unequal clocks (`hayashi_yoshida`, `lead_lag`)",
        "Unrelated random walks with GARCH-t4 steps, seen every 5 and every 7 minutes for 30 "
        "hours; 25 lags.",
        2_000,
        frames.leads,
        remark="`lead_lag` multiplies its p by the number of lags, which are not independent: "
        "cautious.",
    ),
    "volatility": Part(
        "Volatility that travels (`volatility_contagion`)",
        "Log volatilities are AR(1) with t5 innovations of correlation .5, 900 rows; 115 calm bars "
        "and 20 of crisis, in which nothing happens, or the source's volatility rises by two "
        "thirds and is passed on by the calm link.",
        500,
        frames.volatility,
    ),
    "buckets_interval": Part(
        "95% intervals of mean correlations (`bucket_change`)",
        "Buckets of 6 and 8 series of t(4), correlation .4; 115 rows before the event, 11 after.",
        500,
        frames.bucket_intervals,
        interval=True,
        remark="Too narrow on few fat-tailed rows; the placebo p of the change (below) does not "
        "rest on it.",
    ),
    "spillover": Part(
        "95% intervals of a change of connectedness (`spillover_change`)",
        "The designs of `benchmarks/connectedness_coverage.py`: six series, 115 rows before and 60 "
        "after, 200 draws.",
        300,
        frames.spillover_intervals,
        interval=True,
        remark="Intervals of NET and of pairs are wide, those of TCI a little narrow.",
    ),
    "tails": Part(
        "Tails of an event (`tails`)",
        "Correlated shocks, 2,700 bars, the event near the end; placebo, or asymptotic p.",
        1_000,
        events.tails,
        remark="Histories are 500 bars long, and 2,700 bars hold five of them side by side: a "
        "placebo p of a whole history rejects too often. With fewer than four there is "
        "none.",
    ),
    "regimes": Part(
        "Buckets and betas of an event (`buckets`, `beta_changes`)",
        "Buckets of 6 and 8 series, and a series on two factors with constant betas; GARCH-t4, "
        "900 bars, 115 calm and 20 of crisis.",
        1_000,
        events.regimes,
    ),
    "networks": Part(
        "Networks and connectedness of an event (`network_density`, `spillover`)",
        "Four series of correlated shocks, 1,500 bars, the event near the end; nothing happens.",
        500,
        events.networks,
        remark="Densities are shares of few pairs, with ties, that count as extreme: cautious.",
    ),
    "paths": Part(
        "Conditional correlations of an event (`dcc_fits`)",
        "Two series of correlated shocks, 1,300 bars; change of the mean conditional correlation.",
        1_000,
        events.paths,
        remark="Where a fit says that correlation is constant there is no change to test, and no "
        "p: hence fewer of them.",
    ),
}


def measure_parts(
    times: float, *, seed: int, processes: int, say: Callable[[str], None]
) -> list[Rate]:
    """Measure every part with ``times`` as many samples as it has."""
    tasks = []
    for key, part in PARTS.items():
        n = round(times * part.samples)
        tasks += [(key, seed, at, min(at + CHUNK, n)) for at in range(0, n, CHUNK)]
    total: dict[tuple[str, str], Rate] = {}
    with ProcessPoolExecutor(processes) as pool:
        for task, rates in zip(tasks, pool.map(_chunk, tasks), strict=True):
            for rate in rates:
                place = (rate.part, rate.label)
                total[place] = _sum(total[place], rate) if place in total else rate
            if task[3] == round(times * PARTS[task[0]].samples):
                say(f"{task[0]}: {task[3]} samples")
    return list(total.values())


def _chunk(task: tuple[str, int, int, int]) -> list[Rate]:
    key, seed, start, stop = task
    return measure_part(key, seed=seed, start=start, stop=stop)


def measure_part(key: str, *, seed: int, start: int, stop: int) -> list[Rate]:
    """Measure samples ``start`` to ``stop``; each has a seed of its own."""
    part, found = PARTS[key], dict[str, Rate]()
    for number in range(start, stop):
        rng = np.random.default_rng([seed, zlib.crc32(key.encode()), number])
        seen: set[str] = set()
        for label, value in part.draw(rng):
            hit = value > 0.0 if part.interval else value <= 0.05 + 1e-12
            known = not math.isnan(value)
            rate = Rate(key, label, int(label not in seen), int(known), int(known and hit))
            found[label] = _sum(found[label], rate) if label in found else rate
            seen.add(label)
    return list(found.values())


def _sum(a: Rate, b: Rate) -> Rate:
    return Rate(a.part, a.label, a.samples + b.samples, a.tries + b.tries, a.hits + b.hits)
