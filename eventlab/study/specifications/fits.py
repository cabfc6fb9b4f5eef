"""The fits of a specification curve: each once, for all its windows and all rules of exclusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.measures import measure_panel
from eventlab.market.panel import build_panel
from eventlab.study.assembly import (
    Listed,
    Span,
    collect_pairs,
    confounders,
    event_arrays,
    first_events,
    make_targets,
    with_day0,
)
from eventlab.study.bar_prices import absence
from eventlab.study.models.controls import control
from eventlab.study.models.fits import fit_events, prepare
from eventlab.study.models.specs import StudySpec
from eventlab.study.schedule import make_schedule, study_clock
from eventlab.study.specifications.grid import Rule, study_of
from eventlab.study.specifications.placebo_tables import prepare_tables

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market, Panel
    from eventlab.study.assembly import Pair
    from eventlab.study.models.controls import Target
    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import EventArrays
    from eventlab.study.schedule import Schedule
    from eventlab.study.specifications.grid import FitChoice
    from eventlab.study.specifications.placebo_tables import Tables
    from eventlab.timeline.windows import Window

__all__ = ["Frame", "World", "fit_world", "lay_frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all fits on one clock with one sampling share.

    ``overlapped`` has the occurrences with another event in the event window; ``doubtful`` those
    whose day 0 may be another session. ``targets`` remembers the columns chosen for each list of
    regressors and estimation window, and ``chosen`` each of them.
    """

    schedule: Schedule
    panel: Panel
    listed: Listed
    market: Market
    overlapped: frozenset[str]
    doubtful: frozenset[str]
    targets: dict[tuple[tuple[str, ...], Window], tuple[Listed, list[Target]]]
    chosen: dict[tuple[object, ...], int]


@dataclass(frozen=True, slots=True)
class World:
    """One fit of every pair, with the placebo table of every series.

    ``spec.windows`` are the CAR windows, then the event window: a pseudo-date must be complete in
    all of it, as in a study. ``pairs`` are the studied ones, row by row of ``fits``. ``reason``
    says why nothing could be fitted; the other fields are then without events.
    """

    choice: FitChoice
    frame: Frame
    spec: StudySpec
    pairs: tuple[Pair, ...]
    arrays: EventArrays
    fits: Fits
    placebo: Tables
    reason: str = ""

    def members(self, rule: Rule) -> npt.NDArray[np.intp]:
        """Rows of the pairs that a rule lets in."""
        out = self.frame.overlapped if rule.overlaps == "exclude" else frozenset()
        if rule.days == "certain":
            out = out | self.frame.doubtful
        return np.flatnonzero([pair.occurrence not in out for pair in self.pairs])


def lay_frame(
    event: EventDefinition,
    symbols: tuple[str, ...],
    market: Market,
    workspace: Workspace,
) -> Frame:
    """Place the event on the clock of its study and sample the prices of ``symbols``."""
    study = event.study
    assert study is not None  # noqa: S101 - a curve is made of events that say how
    schedule = make_schedule(event, workspace, study_clock(study, market, symbols))
    open_ones = event.model_copy(update={"study": study.model_copy(update={"overlaps": "flag"})})
    held = sorted(set(symbols) & set(market.symbols))
    panel = build_panel(market, held, schedule.clock, study.daily_sampling)
    return Frame(
        schedule=schedule,
        panel=measure_panel(panel, market, study.measure),
        listed=collect_pairs(open_ones, workspace, market, schedule),
        market=market,
        overlapped=frozenset(confounders(event.event, schedule)),
        doubtful=frozenset(one.occurrence for one in schedule.sessions.values() if one.note),
        targets={},
        chosen={},
    )


def fit_world(
    event: EventDefinition,
    group: str,
    frame: Frame,
    choice: FitChoice,
    car_windows: tuple[Window, ...],
    basis: tuple[int, int],
) -> World:
    """Fit one choice; ``basis`` are the draws (0: no placebo tables) and the seed."""
    rule = Rule("control" if choice.controlled else "flag", "all")
    study = study_of(event, group, choice, rule).study
    assert study is not None  # noqa: S101 - made of one
    spec = StudySpec(
        model=study.model,
        estimation_window=study.estimation_window,
        event_window=study.event_window,
        windows=(*car_windows, study.event_window),
        min_estimation=study.min_estimation,
        level=study.level,
        draws=basis[0],
        seed=basis[1],
        lags=study.lags,
        volatility=study.volatility,
        errors=study.errors,
    )
    absent = [name for name in choice.regressors if name not in frame.market.symbols]
    reason = "; ".join(f"benchmark or factor: {absence(name, frame.market)}" for name in absent)
    listed, targets = (Listed(), []) if absent else columns_for(frame, choice, spec)
    pairs = (*listed.pairs, *listed.set_aside)
    controls = control(study, frame.panel, targets, frame.schedule.others)
    laid = event_arrays(frame.panel, pairs, targets, controls, len(choice.regressors))
    every = prepare(laid, spec)
    arrays = first_events(every, len(listed.pairs))
    fits = fit_events(arrays, spec)
    studied = np.concatenate([fits.fitted, np.zeros(len(listed.set_aside), dtype=np.bool_)])
    if spec.draws == 0:  # the kernels of the tables take longer than those of the fits
        every, studied = arrays, np.zeros(len(arrays), dtype=np.bool_)
        every = first_events(every, 0)
    placebo = prepare_tables(every, spec, studied[: len(every)])
    return World(choice, frame, spec, tuple(listed.pairs), arrays, fits, placebo, reason)


def columns_for(frame: Frame, choice: FitChoice, spec: StudySpec) -> tuple[Listed, list[Target]]:
    """Choose the columns of every pair, once for all models that read the same bars."""
    key = (choice.regressors, choice.estimation_window)
    if key not in frame.targets:
        span = Span(spec.estimation_window[0], spec.event_window[0], spec.event_window[1])
        listed = replace(frame.listed, left_out=[])
        both = (*listed.pairs, *listed.set_aside)
        targets = make_targets(both, frame.panel, choice.regressors, span, frame.chosen)
        frame.targets[key] = with_day0(listed, targets, frame.schedule.clock)
    return frame.targets[key]
