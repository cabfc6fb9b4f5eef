"""What one fit says under each rule and in each window: an estimate and its test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from eventlab.study.inference.headline import MIN_EVENTS
from eventlab.study.placebo.tables import SHARED_VARIANCE, shared_variance

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.study.inference.history import History
    from eventlab.study.specifications.fits import World
    from eventlab.study.specifications.grid import Rule

__all__ = ["WITHOUT", "Cells", "cells_of", "joint_note", "normal_score"]

WITHOUT: Final = "windows of its dates share bars, or its statistic is not finite"
LARGEST_SCORE: Final = 37.0  # where the normal tail leaves the range of a float


@dataclass(frozen=True, slots=True)
class Cells:
    """One fit under one rule in W windows; see the table of a curve for what the fields mean.

    Attributes
    ----------
    counted
        (N, W) bool: pairs of the fit that have a CAR and that the rule lets in.
    spread, factor, dof
        (W,): whether the test takes its variance across events, what it is multiplied by for
        shared bars, and its degrees of freedom (infinite where the placebo stands in for it).
    overlapping
        (W,) int64: pairs of events whose windows share a bar.
    alone
        (W,) bool: whether windows of different dates share so few bars that draws of one date after
        the other say what chance does.
    """

    counted: npt.NDArray[np.bool_]
    estimate: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    studentised: npt.NDArray[np.float64]
    statistic: npt.NDArray[np.float64]
    pvalue: npt.NDArray[np.float64]
    spread: npt.NDArray[np.bool_]
    factor: npt.NDArray[np.float64]
    dof: npt.NDArray[np.float64]
    overlapping: npt.NDArray[np.int64]
    alone: npt.NDArray[np.bool_]

    @property
    def n_events(self) -> npt.NDArray[np.int64]:
        """(W,): events with a CAR."""
        count: npt.NDArray[np.int64] = self.counted.sum(axis=0)
        return count

    @property
    def test(self) -> list[str]:
        """The name of the test in each window; empty without one."""
        names = []
        for n, spread, shared, known in zip(
            self.n_events, self.spread, self.overlapping, np.isfinite(self.statistic), strict=True
        ):
            own = "kolari_pynnonen_bmp" if shared else "bmp"
            few = "car_t" if n == 1 else "placebo"
            names.append((own if spread else few) if known else "")
        return names


def cells_of(world: World, rule: Rule, history: History) -> Cells:
    """Average the CARs that a rule lets in and test the mean, in every CAR window.

    Five events and more: BMP, with Kolari and Pynnonen's adjustment where windows share bars. One:
    its CAR t. Two to four: the studentised CAAR, whose p is that of the placebo (NaN here).
    """
    W = len(world.spec.windows) - 1
    members = world.members(rule)
    counted = np.zeros((len(world.pairs), W), dtype=np.bool_)
    counted[members] = np.isfinite(world.fits.car[members, :W])
    car = np.where(counted, world.fits.car[:, :W], 0.0)
    error = np.where(counted, world.fits.car_error[:, :W], 1.0)
    n = counted.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = car.sum(axis=0) / n
        studentised = car.sum(axis=0) / np.sqrt(np.where(counted, error**2, 0.0).sum(axis=0))
        t = cross_sectional(car / error, counted)
        deviation = np.where(counted, car - estimate, 0.0)
        stderr = np.sqrt((deviation**2).sum(axis=0) / (n - 1) / n)
    spread = (n >= MIN_EVENTS) & np.isfinite(t)
    factor, overlapping = shared_bars(world, counted, history)
    dof = np.where(spread, n - 1.0, np.inf)
    single = n == 1
    if single.any():
        row = counted.argmax(axis=0)
        dof[single] = world.fits.dof[row[single]]
        stderr[single] = error[row[single], np.flatnonzero(single)]
    statistic = np.where(spread, t * factor, studentised)
    pvalue = np.where(np.isinf(dof), np.nan, 2.0 * special.stdtr(dof, -np.abs(statistic)))
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = np.where(single, dof, n - 1.0)
        half = stderr * special.stdtrit(freedom, 1.0 - world.spec.level / 2.0)
        half *= np.maximum(1.0, 1.0 / factor)
    low, high = estimate - half, estimate + half
    anchors = world.arrays.anchor[: len(counted)]
    added = shared_variance(anchors, counted, world.spec.lengths[:W])
    return Cells(
        counted,
        estimate,
        low,
        high,
        studentised,
        statistic,
        pvalue,
        spread,
        factor,
        dof,
        overlapping,
        added <= SHARED_VARIANCE,
    )


def joint_note(cells: Sequence[Sequence[Cells]]) -> str:
    """Say how many specifications the joint tests leave out because their windows share bars."""
    n = sum(int((~one.alone).sum()) for own in cells for one in own)
    why = "whose windows of different dates share bars: pseudo-dates are drawn one by one"
    return f"the joint tests leave {n} out, {why}" if n else ""


def cross_sectional(
    scar: npt.NDArray[np.float64], counted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """(W,): sqrt(N) mean / sd of the SCARs that count; NaN where they do not vary."""
    n = counted.sum(axis=0)
    mean = np.where(counted, scar, 0.0).sum(axis=0) / n
    sd = np.sqrt((np.where(counted, scar - mean, 0.0) ** 2).sum(axis=0) / (n - 1.0))
    varies = sd > 1e-14 * np.where(counted, np.abs(scar), 0.0).max(axis=0, initial=0.0)
    t: npt.NDArray[np.float64] = np.where(varies, np.sqrt(n) * mean / sd, np.nan)
    return t


def shared_bars(
    world: World, counted: npt.NDArray[np.bool_], history: History
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(W,): sqrt((1 - r)/(1 + (N - 1) r)), and how many pairs of events share bars.

    Kolari & Pynnonen (2010), eq. 4, with the overlap-weighted r of a study.
    """
    W = counted.shape[1]
    factor, overlapping = np.ones(W), np.zeros(W, dtype=np.int64)
    known: dict[tuple[bytes, int], tuple[float, int]] = {}
    for w in range(W):
        first, last = world.spec.windows[w]
        key = (counted[:, w].tobytes(), last - first + 1)
        if key not in known:
            inside = np.flatnonzero(counted[:, w])
            known[key] = history.overlap_correlation(history.row[inside], key[1])
        r, overlapping[w] = known[key]
        spread = 1.0 + (counted[:, w].sum() - 1) * r
        factor[w] = np.sqrt((1.0 - r) / spread) if spread > 0.0 and r < 1.0 else np.nan
    return factor, overlapping


def normal_score(
    statistic: npt.NDArray[np.float64], dof: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return z with the normal tail that ``statistic`` has under t(dof); itself at infinity."""
    with np.errstate(invalid="ignore"):
        tail = special.stdtr(np.where(np.isinf(dof), 1.0, dof), -np.abs(statistic))
        z = np.minimum(-special.ndtri(tail), LARGEST_SCORE) * np.sign(statistic)
    score: npt.NDArray[np.float64] = np.where(np.isinf(dof), statistic, z)
    return score
