"""The study of one event file: from its definition and prices to every table of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.errors import UsageError
from eventlab.study.assembly import Assembly, assemble, regressors_of
from eventlab.study.event_days import event_day_table
from eventlab.study.exclusions import explain
from eventlab.study.fits import Fits, buy_and_hold, fit_events, market_adjust
from eventlab.study.groups import aggregate_groups, make_groups
from eventlab.study.placebo import Placebo, prepare_placebo
from eventlab.study.results import EventStudy
from eventlab.study.schedule import make_schedule, occurrence_table, study_clock
from eventlab.study.specs import StudySpec
from eventlab.study.truth import truth_table
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market
    from eventlab.study.schedule import Schedule

__all__ = ["run_study"]


def run_study(
    event: EventDefinition,
    workspace: Workspace,
    market: Market,
    seed: int = 0,
    draws: int | None = None,
) -> EventStudy:
    """Abnormal returns, tests, placebo, exclusions and overlaps of one event file.

    Parameters
    ----------
    event
        A definition with a ``study`` section.
    workspace
        Where ``@groups`` are expanded and whose other events can overlap.
    market
        Prices; symbols that it lacks or has refused are listed in ``exclusions``.
    seed, draws
        Of the placebo; ``draws`` replaces the definition's.

    Returns
    -------
    EventStudy
        Abnormal returns of bar t use estimation rows that end before the event window and the
        prices of bars t - 1 and t. Placebo p-values also read the history up to the last event.

    Raises
    ------
    UsageError
        The event has no ``study`` section, or controls for overlaps without an intercept.
    DataError
        None of the symbols has prices.
    """
    study = event.study
    if study is None:
        raise UsageError(f"{event.event}: no `study` section; add one to compute abnormal returns")
    if study.overlaps == "control" and study.model == "market_adjusted":
        raise UsageError(
            f"{event.event}: study.overlaps: control needs a fitted model, market_adjusted fits "
            "nothing; use market_model, constant_mean or factor_model"
        )
    spec = study_spec(study, seed, draws)
    symbols = studied_symbols(event, workspace)
    schedule = make_schedule(event, workspace, study_clock(study, market, symbols))
    assembly = assemble(event, workspace, market, schedule)
    arrays = assembly.arrays
    if study.model == "market_adjusted":
        arrays = market_adjust(arrays)
    fits = fit_events(arrays, spec)
    placebo = prepare_placebo(arrays, spec, fits.fitted)
    n = len(study.car_windows)
    tags = {one.id: one.tags for one in schedule.occurrences}
    groups = make_groups(study, assembly.pairs, tags)
    grouped = aggregate_groups(groups, arrays, fits, spec, placebo, n)
    occurrences = occurrence_table(schedule)
    for name, reason in assembly.uncontrolled.items():
        occurrences.loc[occurrences["occurrence"] == name, "note"] += reason
    return EventStudy(
        event=event,
        stamp=market.stamp,
        seed=seed,
        occurrences=occurrences,
        fits=fit_table(assembly, fits, study),
        abnormal_returns=abnormal_return_table(assembly, fits, spec),
        cars=car_table(assembly, fits, spec, placebo, n),
        paths=grouped.paths,
        aggregates=grouped.aggregates,
        tests=grouped.tests,
        event_days=event_day_table(assembly, schedule, tags, study.by_tag),
        exclusions=exclusion_table(assembly, fits, spec, n),
        overlaps=overlap_table(schedule),
        sampling=sampling_table(assembly, spec),
        quality=quality_table(market, symbols),
        truth=truth_table(market.truth, assembly, fits, spec, n),
    )


def study_spec(study: StudyDefinition, seed: int, draws: int | None) -> StudySpec:
    """Windows of the definition, then one from the first event bar to each tau for the paths."""
    first, last = study.event_window
    paths = tuple((first, tau) for tau in range(first, last + 1))
    return StudySpec(
        model=study.model,
        estimation_window=study.estimation_window,
        event_window=study.event_window,
        windows=(*study.car_windows, *paths),
        min_estimation=study.min_estimation,
        level=study.level,
        draws=study.placebo.draws if draws is None else draws,
        seed=seed,
    )


def studied_symbols(event: EventDefinition, workspace: Workspace) -> tuple[str, ...]:
    """Every symbol that the study reads, regressors included."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller has checked
    found: dict[str, None] = {}
    for issuer in dict.fromkeys(one.issuer for one in event.resolved_occurrences()):
        found |= dict.fromkeys(workspace.expand(study.assets, issuer=issuer))
    return tuple(found | dict.fromkeys(regressors_of(study)))


def pair_columns(assembly: Assembly, rows: npt.NDArray[np.intp]) -> dict[str, object]:
    """Columns occurrence and symbol of pairs ``rows``."""
    return {
        "occurrence": np.array([assembly.pairs[i].occurrence for i in rows], dtype=object),
        "symbol": np.array([assembly.pairs[i].symbol for i in rows], dtype=object),
    }


def fit_table(assembly: Assembly, fits: Fits, study: StudyDefinition) -> pd.DataFrame:
    """One row per fitted pair."""
    rows = np.flatnonzero(fits.fitted)
    position = assembly.arrays.position[rows]
    found = fits.coefficients[rows]
    nothing = np.zeros(len(rows))
    imposed = found.shape[1] == 0  # market-adjusted: alpha 0 and beta 1
    regressors = regressors_of(study)
    betas = {
        f"beta_{name}": found[:, 1 + j]
        for j, name in enumerate(regressors if study.model == "factor_model" else ())
    }
    return pd.DataFrame(
        {
            **pair_columns(assembly, rows),
            "event_session": assembly.panel.clock.sessions[position].astype("datetime64[s]"),
            "model": study.model,
            "benchmark": ", ".join(regressors),
            "alpha": nothing if imposed else found[:, 0],
            "beta": nothing + 1.0 if imposed else (found[:, 1] if regressors else nothing + np.nan),
            "sigma": fits.sigma[rows],
            "n_estimation": fits.n_rows[rows],
            **betas,
        }
    )


def abnormal_return_table(assembly: Assembly, fits: Fits, spec: StudySpec) -> pd.DataFrame:
    """One row per fitted pair and bar of the event window that the data reach."""
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
            "session": assembly.panel.clock.sessions[t].astype("datetime64[s]"),
            "actual": assembly.panel.returns[assembly.arrays.column[pair], t],
            "ar": fits.ar[pair, bar],
            "sar": fits.sar[pair, bar],
        }
    )


def car_table(
    assembly: Assembly, fits: Fits, spec: StudySpec, placebo: Placebo, n_windows: int
) -> pd.DataFrame:
    """One row per fitted pair and CAR window, with its own t and its placebo p-value."""
    rows = np.flatnonzero(fits.fitted)
    car, error = fits.car[rows, :n_windows], fits.car_error[rows, :n_windows]
    bhar = buy_and_hold(assembly.arrays, fits, spec)[rows, :n_windows]
    statistic = car / error
    dof = np.repeat(fits.dof[rows].astype(np.float64), n_windows)
    pvalue, rank, n_draws = placebo.single(statistic, rows)
    labels = [window_label(window) for window in spec.windows[:n_windows]]
    pairs = np.repeat(rows, n_windows)
    return pd.DataFrame(
        {
            **pair_columns(assembly, pairs),
            "window": np.tile(np.array(labels, dtype=object), len(rows)),
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


def exclusion_table(
    assembly: Assembly, fits: Fits, spec: StudySpec, n_windows: int
) -> pd.DataFrame:
    """Everything that is not in the numbers, with its reason."""
    sessions = pd.Index(assembly.panel.clock.sessions.astype("datetime64[s]"))
    rows = [(occurrence, symbol, "", reason) for occurrence, symbol, reason in assembly.left_out]
    for i, window, reason in explain(fits, assembly.arrays, spec, sessions, n_windows):
        rows.append((assembly.pairs[i].occurrence, assembly.pairs[i].symbol, window, reason))
    return pd.DataFrame(rows, columns=["occurrence", "symbol", "window", "reason"])


def overlap_table(schedule: Schedule) -> pd.DataFrame:
    """One row per overlap."""
    columns = ["occurrence", "other_event", "other_occurrence", "title", "tau", "window"]
    return pd.DataFrame(
        [[getattr(one, name) for name in columns] for one in schedule.overlaps], columns=columns
    )


def sampling_table(assembly: Assembly, spec: StudySpec) -> pd.DataFrame:
    """How each pair's asset was sampled, and how far its closes lie from the clock's.

    Minutes are those of the bars of the event window: positive where the asset's close is later.
    """
    rows = []
    for pair, column in zip(assembly.pairs, assembly.arrays.column, strict=True):
        start = max(0, pair.position + spec.event_window[0])
        stop = max(0, pair.position + spec.event_window[1] + 1)
        apart = assembly.panel.minutes_apart[column, start:stop]
        known = apart[np.isfinite(apart)]
        rows.append(
            {
                "occurrence": pair.occurrence,
                "symbol": pair.symbol,
                "basis": assembly.panel.columns[column].basis,
                "minutes_apart": float(np.median(known)) if len(known) else np.nan,
                "max_minutes_apart": float(known[np.abs(known).argmax()]) if len(known) else np.nan,
            }
        )
    columns = ["occurrence", "symbol", "basis", "minutes_apart", "max_minutes_apart"]
    return pd.DataFrame(rows, columns=columns)


def quality_table(market: Market, symbols: tuple[str, ...]) -> pd.DataFrame:
    """What the quality checks found about the symbols of the study."""
    columns = ["symbol", "first", "last", "count", "check", "severity", "detail"]
    return pd.DataFrame(
        [
            [getattr(issue, name) for name in columns]
            for issue in market.issues
            if issue.symbol in symbols
        ],
        columns=columns,
    )
