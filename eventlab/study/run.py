"""The study of one event file: from its definition and prices to every table of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.definitions.study import UNCONTROLLED
from eventlab.errors import UsageError
from eventlab.kernels.threads import one_blas_thread
from eventlab.market.measures import measured_stamp
from eventlab.market.workspace_market import state_symbols, studied_symbols
from eventlab.study import tables
from eventlab.study.assembly import assemble, first_events
from eventlab.study.conditions.tables import condition_tables
from eventlab.study.conventions.choice import check_convention
from eventlab.study.event_days import event_day_table
from eventlab.study.groups import aggregate_groups, make_groups
from eventlab.study.measures import refuse_model
from eventlab.study.models.fits import fit_events, prepare
from eventlab.study.models.slots import refuse_convention
from eventlab.study.models.specs import StudySpec
from eventlab.study.paths import path_windows
from eventlab.study.period import within_period
from eventlab.study.placebo.pseudo_dates import prepare_placebo
from eventlab.study.results import EventStudy
from eventlab.study.schedule import make_schedule, occurrence_table, study_clock
from eventlab.study.steps import quietly
from eventlab.study.truth import truth_table

if TYPE_CHECKING:
    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market
    from eventlab.study.assembly import Assembly
    from eventlab.study.schedule import Schedule
    from eventlab.study.steps import Progress

__all__ = ["run_study"]


@one_blas_thread()
def run_study(  # noqa: PLR0913 - the public names of the contract
    event: EventDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    seed: int = 0,
    draws: int | None = None,
    convention: str = "paper",
    progress: Progress = quietly,
) -> EventStudy:
    """Abnormal returns, tests, placebo, exclusions and overlaps of one event file.

    Parameters
    ----------
    event
        A definition with a ``study`` section.
    market
        Prices; symbols that it lacks or has refused are listed in ``exclusions``.
    workspace
        Where ``@groups`` are expanded and whose other events can overlap; that of ``market`` if
        it was loaded for one.
    seed, draws
        Of the placebo; ``draws`` replaces the definition's.
    convention
        ``paper``, or the program whose numbers the tests shall have; see `event_study`.
    progress
        Called with (done, total) before each fit by maximum likelihood; other fits are quick.

    Returns
    -------
    EventStudy
        Abnormal returns of bar t use estimation rows that end before the event window and the
        prices of bars t - 1 and t. Placebo p-values also read the history up to the last event.
        Models that read the benchmark on later bars say so in `eventlab.event_study`.

    Raises
    ------
    UsageError
        The event has no ``study`` section, no workspace is known, or overlaps are controlled for
        without an intercept.
    DataError
        None of the symbols has prices.
    """
    check_convention(convention)
    study = event.study
    if study is None:
        raise UsageError(f"{event.event}: no `study` section; add one to compute abnormal returns")
    if study.overlaps == "control" and study.model in UNCONTROLLED:
        raise UsageError(
            f"{event.event}: study.overlaps: control needs a fitted model "
            f"{UNCONTROLLED[study.model]}"
        )
    refuse_model(event.event, study)
    workspace = workspace or market.workspace
    if workspace is None:
        raise UsageError(
            f"{event.event}: groups and overlaps need a workspace; load the prices with "
            "eventlab.load_market(workspace, source) or pass workspace="
        )
    symbols = studied_symbols(event, workspace)
    asked = within_period(event)
    schedule = make_schedule(asked, workspace, study_clock(study, market, symbols))
    assembly = assemble(asked, workspace, market, schedule)
    spec = study_spec(study, seed, draws)
    computed = compute(study, schedule, assembly, spec, progress)
    refuse_convention(convention, computed.fits)
    tags = {one.id: one.tags for one in schedule.occurrences}
    groups = make_groups(study, assembly.pairs, tags)
    grouped = aggregate_groups(groups, computed, convention)
    conditions = condition_tables(computed, market, groups)
    return EventStudy(
        event=event,
        stamp=measured_stamp(market, assembly.panel),
        seed=seed,
        occurrences=occurrence_table(schedule, assembly.uncontrolled),
        fits=tables.fit_table(computed),
        abnormal_returns=tables.abnormal_return_table(computed),
        cars=tables.car_table(computed),
        paths=grouped.paths,
        aggregates=grouped.aggregates,
        tests=grouped.tests,
        aar_tests=grouped.aar_tests,
        bhar_tests=grouped.bhar_tests,
        event_days=event_day_table(assembly, tags, study),
        states=conditions.states,
        splits=conditions.splits,
        cross_section=conditions.cross_section,
        features=conditions.features,
        exclusions=tables.exclusion_table(computed, simulated=market.truth is not None),
        overlaps=tables.overlap_table(schedule),
        sampling=tables.sampling_table(computed),
        quality=tables.quality_table(market, (*symbols, *state_symbols(study))),
        truth=truth_table(market.truth, computed),
        convention=convention,
    )


def compute(
    study: StudyDefinition,
    schedule: Schedule,
    assembly: Assembly,
    spec: StudySpec,
    progress: Progress = quietly,
) -> tables.Computed:
    """Fit every pair and tabulate its placebo."""
    every = prepare(assembly.every, spec)
    arrays = first_events(every, len(assembly.pairs))
    fits = fit_events(arrays, spec, progress)
    # Occurrences that are set aside are in no average, but no pseudo-date may lie on them either.
    studied = np.concatenate([fits.fitted, np.zeros(len(assembly.set_aside), dtype=np.bool_)])
    placebo = prepare_placebo(every, spec, studied)
    return tables.Computed(study, schedule, assembly, spec, arrays, fits, placebo)


def study_spec(study: StudyDefinition, seed: int, draws: int | None) -> StudySpec:
    """Windows of the definition, then one from the first event bar to each tau for the paths."""
    return StudySpec(
        model=study.model,
        estimation_window=study.estimation_window,
        event_window=study.event_window,
        windows=(*study.car_windows, *path_windows(study.event_window)),
        min_estimation=study.min_estimation,
        level=study.level,
        draws=study.placebo.draws if draws is None else draws,
        seed=seed,
        lags=study.lags,
        volatility=study.volatility,
        errors=study.errors,
    )
