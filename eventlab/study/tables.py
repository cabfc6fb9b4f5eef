"""The tables of a study: what was computed, labelled."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.study.assembly import regressors_of
from eventlab.study.exclusions import explain
from eventlab.study.inference.labels import labels
from eventlab.study.measures import not_applicable, without_buy_and_hold
from eventlab.study.models.fits import buy_and_hold, model_alpha, model_beta, parameter_columns
from eventlab.study.models.slots import day0_class
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market
    from eventlab.study.assembly import Assembly
    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.study.placebo.pseudo_dates import Placebo
    from eventlab.study.schedule import Schedule

__all__ = ["Computed"]


@dataclass(frozen=True, slots=True)
class Computed:
    """Everything that the tables of one study are made of.

    ``arrays`` are those that were fitted: the assembly's, or in a market-adjusted study the
    differences to the benchmark. The first ``n_windows`` windows of ``spec`` are the definition's
    CAR windows; a path window for each bar of the event window follows.
    """

    study: StudyDefinition
    schedule: Schedule
    assembly: Assembly
    spec: StudySpec
    arrays: EventArrays
    fits: Fits
    placebo: Placebo

    @property
    def n_windows(self) -> int:
        """Number of CAR windows of the definition."""
        return len(self.study.car_windows)


def pair_columns(assembly: Assembly, rows: npt.NDArray[np.intp]) -> dict[str, object]:
    """Columns occurrence and symbol of pairs ``rows``."""
    return {
        "occurrence": np.array([assembly.pairs[i].occurrence for i in rows], dtype=object),
        "symbol": np.array([assembly.pairs[i].symbol for i in rows], dtype=object),
    }


def fit_table(computed: Computed) -> pd.DataFrame:
    """One row per fitted pair."""
    assembly, fits, study = computed.assembly, computed.fits, computed.study
    rows = np.flatnonzero(fits.fitted)
    position = assembly.arrays.position[rows]
    regressors = regressors_of(study)
    others = parameter_columns(fits, computed.spec, regressors)
    return pd.DataFrame(
        {
            **pair_columns(assembly, rows),
            "event_session": labels(assembly.panel.clock, position),
            "model": study.model,
            "benchmark": ", ".join(regressors),
            "alpha": model_alpha(fits)[rows],
            "beta": model_beta(fits, computed.spec)[rows],
            "sigma": fits.sigma[rows],
            "n_estimation": fits.n_rows[rows],
            **day0_columns(computed, rows),
            **{name: values[rows] for name, values in others.items()},
        }
    )


def day0_columns(computed: Computed, rows: npt.NDArray[np.intp]) -> dict[str, object]:
    """Return sigma and number of the estimation rows of the class of day 0, in bars."""
    fits, slots = computed.fits, computed.fits.slots
    if slots is None:
        return {}
    kind = day0_class(computed.assembly.arrays, rows)
    return {
        "day0_sigma": fits.sigma[rows] * np.sqrt(slots.kappa[rows, kind]),
        "n_day0": slots.n_rows[rows, kind],
    }


def abnormal_return_table(computed: Computed) -> pd.DataFrame:
    """One row per fitted pair and bar of the event window that the data reach."""
    assembly, fits, spec = computed.assembly, computed.fits, computed.spec
    rows = np.flatnonzero(fits.fitted)
    taus = spec.taus
    pair, bar = np.repeat(rows, len(taus)), np.tile(np.arange(len(taus)), len(rows))
    t = assembly.arrays.position[pair] + taus[bar]
    inside = (t >= 0) & (t < len(assembly.panel.clock))
    pair, bar, t = pair[inside], bar[inside], t[inside]
    return pd.DataFrame(
        {
            **pair_columns(assembly, pair),
            "tau": taus[bar],
            "session": labels(assembly.panel.clock, t),
            "actual": assembly.panel.returns[assembly.arrays.column[pair], t],
            "ar": fits.ar[pair, bar],
            "sar": fits.sar[pair, bar],
        }
    )


def car_table(computed: Computed) -> pd.DataFrame:
    """One row per fitted pair and CAR window, with its own t and its placebo p-value."""
    assembly, fits, spec = computed.assembly, computed.fits, computed.spec
    n_windows, placebo = computed.n_windows, computed.placebo
    rows = np.flatnonzero(fits.fitted)
    car, error = fits.car[rows, :n_windows], fits.car_error[rows, :n_windows]
    held = buy_and_hold(assembly.arrays, fits, spec)[rows, :n_windows]
    bhar = without_buy_and_hold(held, computed.study.measure)
    statistic = car / error
    dof = fits.car_dof[rows, :n_windows].reshape(-1)
    pvalue, rank, n_draws = placebo.single(statistic, rows)
    names = [window_label(window) for window in spec.windows[:n_windows]]
    pairs = np.repeat(rows, n_windows)
    return pd.DataFrame(
        {
            **pair_columns(assembly, pairs),
            "window": np.tile(np.array(names, dtype=object), len(rows)),
            "car": car.reshape(-1),
            "bhar": bhar.reshape(-1),
            "stderr": error.reshape(-1),
            "statistic": statistic.reshape(-1),
            "dof": dof,
            "pvalue": 2.0 * special.stdtr(dof, -np.abs(statistic.reshape(-1))),
            "placebo_pvalue": pvalue.reshape(-1),
            "placebo_rank": rank.reshape(-1),
            "n_placebo": np.repeat(n_draws, n_windows),
        }
    )


def exclusion_table(computed: Computed, *, simulated: bool = False) -> pd.DataFrame:
    """Everything that is not in the numbers, with its reason."""
    assembly, fits, spec = computed.assembly, computed.fits, computed.spec
    sessions = labels(assembly.panel.clock)
    rows = [(occurrence, symbol, "", reason) for occurrence, symbol, reason in assembly.left_out]
    for i, window, reason in explain(
        fits, assembly.arrays, spec, sessions, computed.n_windows, panel=assembly.panel
    ):
        rows.append((assembly.pairs[i].occurrence, assembly.pairs[i].symbol, window, reason))
    if fits.fitted.any():
        rows += not_applicable(computed.study.measure, simulated=simulated)
    return pd.DataFrame(rows, columns=["occurrence", "symbol", "window", "reason"])


def overlap_table(schedule: Schedule) -> pd.DataFrame:
    """One row per overlap."""
    columns = ["occurrence", "other_event", "other_occurrence", "title", "tau", "window"]
    rows = map(attrgetter(*columns), schedule.overlaps)
    return pd.DataFrame(dict(zip(columns, zip(*rows, strict=True), strict=False)), columns=columns)


def sampling_table(computed: Computed) -> pd.DataFrame:
    """How each pair's asset was sampled, and how far its closes lie from the clock's.

    Minutes are those of the bars of the event window: positive where the asset's close is later.
    ``day0_shift`` is the distance in bars of the asset's own day 0 from the clock's: its first
    bar that closes after the news may be another one.
    """
    columns = [
        "occurrence",
        "symbol",
        "basis",
        "minutes_apart",
        "max_minutes_apart",
        "day0_shift",
        "measured",
    ]
    assembly, (first, last) = computed.assembly, computed.spec.event_window
    column, row = assembly.arrays.column, assembly.arrays.position
    every = np.arange(len(column))
    if not len(every):
        return pd.DataFrame(columns=columns)
    apart = assembly.panel.minutes_apart
    bars = row[:, None] + np.arange(first, last + 1)
    inside = (bars >= 0) & (bars < apart.shape[1])
    found = apart[column[:, None], np.clip(bars, 0, apart.shape[1] - 1)]
    found = np.where(inside & np.isfinite(found), found, np.nan)
    ordered, n = np.sort(found, axis=1), np.isfinite(found).sum(axis=1)
    furthest = np.where(np.isnan(found), -1.0, np.abs(found)).argmax(axis=1)
    of = [assembly.panel.columns[int(c)] for c in column]
    values = (
        *pair_columns(assembly, every).values(),
        np.array([one.basis for one in of], dtype=object),
        (ordered[every, np.maximum(n - 1, 0) // 2] + ordered[every, n // 2]) / 2.0,
        found[every, furthest],
        row - np.array([pair.anchor for pair in assembly.pairs], dtype=np.int64),
        np.array([one.measured for one in of], dtype=object),
    )
    return pd.DataFrame(dict(zip(columns, values, strict=True)))


def quality_table(market: Market, symbols: tuple[str, ...]) -> pd.DataFrame:
    """List what the quality checks found about the symbols of the study."""
    columns = ["symbol", "first", "last", "count", "check", "severity", "detail"]
    return pd.DataFrame(
        [
            [getattr(issue, name) for name in columns]
            for issue in market.issues
            if issue.symbol in symbols
        ],
        columns=columns,
    )
