"""Draws of the mean differences between many sets and a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eventlab.contagion.arguments import choice, draws_of, number, seed_of, whole
from eventlab.errors import DataError, UsageError
from eventlab.hedge.robustness.inputs import bars_of, complete_sets

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from eventlab.hedge.robustness.inputs import Matrix, Vector

__all__ = ["CENTRINGS", "SCALES", "Bootstrap", "Centring", "Scale", "bootstrap_means"]

Centring = Literal["lower", "consistent", "upper"]
Scale = Literal["none", "deviation", "hac"]
CENTRINGS: Final[tuple[Centring, ...]] = ("lower", "consistent", "upper")
SCALES: Final = ("none", "deviation", "hac")
LEAST: Final = 20  # bars: below, log log T is too small for the threshold to mean anything


@dataclass(frozen=True, slots=True, repr=False)
class Bootstrap:
    """Mean differences of N sets from a benchmark and their draws, for both tests.

    Attributes
    ----------
    labels, means
        (N,) sets and the mean of their return less the benchmark's.
    stderr
        (N,) of the means: the bootstrap's own, in closed form.
    units
        (N,) what means and draws are divided by.
    draws
        (B, N) means of each draw, not centred.
    """

    labels: pd.Index
    means: npt.NDArray[np.float64]
    stderr: npt.NDArray[np.float64]
    units: npt.NDArray[np.float64]
    draws: npt.NDArray[np.float64]
    bars: int
    block: int
    seed: int
    scale: str

    @property
    def statistics(self) -> npt.NDArray[np.float64]:
        """(N,) means over their units."""
        return self.means / self.units

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided about sets that equal the benchmark."""
        same = int(np.count_nonzero(self.stderr == 0.0))
        return (f"{same} sets differ from the benchmark by a constant",) if same else ()

    def centred(self, centring: Centring) -> npt.NDArray[np.float64]:
        """(B, N) draws under the null over their units; Hansen (2005), section 2.4.

        ``lower``: less the mean where it is above 0; ``consistent``: less the mean unless it is
        below -sqrt(2 log log T) standard errors; ``upper``: less the mean.
        """
        if centring == "lower":
            centre = np.maximum(self.means, 0.0)
        elif centring == "consistent":
            bound = -self.stderr * np.sqrt(2.0 * np.log(np.log(self.bars)))
            centre = np.where(self.means >= bound, self.means, 0.0)
        else:
            centre = self.means
        moved = self.draws - centre
        return moved if self.scale == "none" else moved / self.units


def bootstrap_means(
    returns: Matrix,
    benchmark: Vector | float = 0.0,
    *,
    draws: int = 1000,
    block: int | None = None,
    seed: int = 0,
    scale: Scale = "none",
) -> Bootstrap:
    """Draw the mean differences that `superior_predictive_ability` and the stepwise test need.

    The mean of a draw is the count of each bar in it times the bars' differences, over T: all
    draws of all sets are one matrix product.
    """
    values, labels = complete_sets(returns)
    T = len(values)
    if T < LEAST:
        raise DataError(f"returns has {T} bars; {LEAST} are needed")
    draws_of(draws, 1)
    seed_of(seed)
    block = int(np.sqrt(T)) if block is None else block
    whole("block", block, 1, T)
    choice("scale", scale, SCALES)
    differences = values - _benchmark(benchmark, T)
    stderr = np.sqrt(_variances(differences, block) / T)
    units = stderr if scale == "hac" else np.sqrt(_variances(differences, 1) / T)
    rows = stationary_draws(T, block, draws, np.random.default_rng(seed))
    return Bootstrap(
        labels=labels,
        means=differences.mean(axis=0),
        stderr=stderr,
        units=np.where((units > 0.0) & (scale != "none"), units, 1.0),
        draws=_counts(rows) @ differences / T,
        bars=T,
        block=block,
        seed=seed,
        scale=scale,
    )


def stationary_draws(
    n: int, block: int, draws: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """(draws, n) rows of the stationary bootstrap, from the random numbers that arch draws.

    Politis & Romano (1994): a block begins at each row with probability 1/block, anywhere.
    """
    starts, begins = np.empty((draws, n), np.int64), np.empty((draws, n), np.bool_)
    for draw in range(draws):
        starts[draw] = generator.integers(n, size=n)
        begins[draw] = generator.random(n) <= 1.0 / block
    begins[:, 0] = True
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    rows: npt.NDArray[np.int64] = (np.take_along_axis(starts, last, axis=1) + place - last) % n
    return rows


def _benchmark(benchmark: Vector | float, T: int) -> npt.NDArray[np.float64]:
    if np.ndim(benchmark) == 0:
        number("benchmark", benchmark)
        return np.full((1, 1), float(benchmark))  # type: ignore[arg-type]
    values = bars_of(benchmark, "benchmark")  # type: ignore[arg-type]
    if len(values) != T:
        raise UsageError(f"benchmark has {len(values)} bars and returns has {T}; align them")
    if np.isnan(values).any():
        raise DataError(f"benchmark has {np.isnan(values).sum()} bars without a return")
    return values[:, None]


def _counts(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(B, T) how often each row is in each of (B, T) draws."""
    B, T = rows.shape
    places = rows + np.arange(B)[:, None] * T
    return np.bincount(places.ravel(), minlength=B * T).reshape(B, T).astype(np.float64)


def _variances(differences: npt.NDArray[np.float64], block: int) -> npt.NDArray[np.float64]:
    """(N,) variance of sqrt(T) times the mean of a draw; Politis & Romano (1994), lemma 1.

    The weight of autocovariance i is k_i = (1 - i/T) q^i + (i/T) q^(T - i), q = 1 - 1/block, which
    is the same at i and T - i: a circulant matrix, which the Fourier transform makes diagonal.
    Sums of products lag by lag took 1 s for 750 bars of 1,000 sets.
    """
    T = len(differences)
    lag = np.arange(T)
    q = 1.0 - 1.0 / block
    kernel = (1.0 - lag / T) * q**lag + lag / T * q ** (T - lag)
    moved = differences - differences.mean(axis=0)
    flat = np.ptp(differences, axis=0) == 0.0
    power = np.abs(np.fft.rfft(moved, axis=0)) ** 2
    twice = np.full(len(power), 2.0)
    twice[0] = 1.0
    if T % 2 == 0:
        twice[-1] = 1.0
    found = (twice * np.fft.rfft(kernel).real) @ power / T**2
    return np.where(flat, 0.0, np.maximum(found, 0.0))
