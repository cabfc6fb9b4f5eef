"""The battery: every test by its name, and what all of them say about a sample.

Every test is two-sided with the null hypothesis that the mean CAR of the window is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.study.inference.calendar_time import calendar_time
from eventlab.study.inference.headline import HEADLINE, objections
from eventlab.study.inference.outcomes import (
    Column,
    Outcome,
    normal_pvalue,
    not_available,
    t_pvalue,
)
from eventlab.study.inference.parametric import (
    bmp,
    bmp_naive,
    clm_j1,
    clm_j2,
    cross_sectional_t,
    crude_dependence,
    kolari_pynnonen_bmp,
    kolari_pynnonen_patell,
    patell_z,
    patell_z_naive,
    skewness_t,
)
from eventlab.study.inference.ranks import corrado_rank, corrado_zivney, grank_t, grank_z
from eventlab.study.inference.resampling import wild_bootstrap, wild_bootstrap_percentile
from eventlab.study.inference.signs import generalized_sign, sign, wilcoxon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from eventlab.study.inference.samples import Sample

__all__ = [
    "TESTS",
    "Outcome",
    "Table",
    "normal_pvalue",
    "not_available",
    "run_tests",
    "t_pvalue",
    "tabulate",
]

TESTS: Final[dict[str, Callable[[Sample], Column]]] = {
    "cross_sectional_t": cross_sectional_t,
    "clm_j1": clm_j1,
    "clm_j2": clm_j2,
    "patell_z": patell_z,
    "patell_z_naive": patell_z_naive,
    "bmp": bmp,
    "bmp_naive": bmp_naive,
    "kolari_pynnonen_bmp": kolari_pynnonen_bmp,
    "kolari_pynnonen_patell": kolari_pynnonen_patell,
    "corrado_rank": corrado_rank,
    "corrado_zivney": corrado_zivney,
    "grank_t": grank_t,
    "grank_z": grank_z,
    "sign": sign,
    "generalized_sign": generalized_sign,
    "skewness_t": skewness_t,
    "wilcoxon": wilcoxon,
    "crude_dependence": crude_dependence,
    "calendar_time": calendar_time,
    "wild_bootstrap": wild_bootstrap,
    "wild_bootstrap_percentile": wild_bootstrap_percentile,
}


@dataclass(frozen=True, slots=True)
class Table:
    """T tests of W windows.

    Attributes
    ----------
    tests, mean, n_events
        Names (T,); mean CAR (W,), NaN without events; how many there are (W,) int64.
    statistic, dof, pvalue
        (W, T); NaN where a test does not apply.
    distribution, note
        (W, T) of str.
    headline
        (W, T) bool.
    """

    tests: tuple[str, ...]
    mean: npt.NDArray[np.float64]
    n_events: npt.NDArray[np.int64]
    statistic: npt.NDArray[np.float64]
    dof: npt.NDArray[np.float64]
    distribution: npt.NDArray[Any]
    pvalue: npt.NDArray[np.float64]
    headline: npt.NDArray[np.bool_]
    note: npt.NDArray[Any]

    def outcomes(self, w: int) -> list[Outcome]:
        """Return the tests of window ``w`` one by one."""
        return [
            Outcome(
                test=test,
                statistic=float(self.statistic[w, j]),
                dof=float(self.dof[w, j]),
                distribution=str(self.distribution[w, j]),
                pvalue=float(self.pvalue[w, j]),
                n_events=int(self.n_events[w]),
                headline=bool(self.headline[w, j]),
                note=str(self.note[w, j]),
            )
            for j, test in enumerate(self.tests)
        ]

    def joined(self, test: str, others: list[Outcome]) -> Table:
        """Return the table with one more ``test``, given by its outcome in each window."""

        def beside(name: str) -> npt.NDArray[Any]:
            own = getattr(self, name)
            column = np.array([getattr(other, name) for other in others], dtype=own.dtype)
            return np.concatenate([own, column.reshape(-1, 1)], axis=1)

        names = ("statistic", "dof", "distribution", "pvalue", "headline", "note")
        return Table(
            tests=(*self.tests, test),
            mean=self.mean,
            n_events=self.n_events,
            **{name: beside(name) for name in names},
        )

    def part(self, windows: slice) -> Table:
        """Return the tests of some windows."""
        cut = {name: getattr(self, name)[windows] for name in Table.__slots__ if name != "tests"}
        return Table(tests=self.tests, **cut)


def run_tests(sample: Sample, tests: tuple[str, ...]) -> Table:
    """Compute ``tests`` in all windows and mark the headline: what of it has its assumptions met.

    A window without events gives every test as not available.
    """
    total = np.where(sample.known, sample.car, 0.0).sum(axis=0)
    return tabulate(
        {test: TESTS[test](sample) for test in tests},
        objections(sample, tests),
        mean=np.where(sample.n > 0, total / np.maximum(sample.n, 1), np.nan),
        n_events=sample.n,
        headline=HEADLINE,
    )


def tabulate(
    columns: Mapping[str, Column],
    notes: npt.NDArray[Any],
    *,
    mean: npt.NDArray[np.float64],
    n_events: npt.NDArray[np.int64],
    headline: tuple[str, ...],
) -> Table:
    """Put tests side by side; ``notes`` (W, T) say why not to rely on those that are defined.

    Of the tests named in ``headline`` those without a note are in it.
    """
    shape = (len(mean), len(columns))

    def stacked(name: str) -> npt.NDArray[Any]:
        kind = object if name in {"reason", "distribution"} else np.float64
        out: npt.NDArray[Any] = np.empty(shape, dtype=kind)
        for j, column in enumerate(columns.values()):
            out[:, j] = getattr(column, name)
        return out

    statistic, reason = stacked("statistic"), stacked("reason")
    missing = ~np.isfinite(statistic)
    reason[missing & (reason == "")] = "not defined for these events"
    note = np.where(missing, reason, notes)
    note[n_events == 0] = "no event has a complete window"
    relied = np.array([test in headline for test in columns], dtype=np.bool_)
    return Table(
        tests=tuple(columns),
        mean=mean,
        n_events=n_events,
        statistic=np.where(missing, np.nan, statistic),
        dof=np.where(missing, np.nan, stacked("dof")),
        distribution=np.where(missing, "none", stacked("distribution")),
        pvalue=np.where(missing, np.nan, stacked("pvalue")),
        headline=relied & (note == ""),
        note=note,
    )
