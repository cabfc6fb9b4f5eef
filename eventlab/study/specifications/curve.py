"""The specification curve: one question asked in every reasonable way.

Simonsohn, U., Simmons, J., Nelson, L. (2020). Specification curve analysis. Nature Human Behaviour
4, 1208-1214.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from eventlab.errors import DataError, UsageError
from eventlab.market.sources import missing_symbol_reason
from eventlab.study.drawing import draw
from eventlab.study.inference.history import History
from eventlab.study.period import within_period
from eventlab.study.specifications.columns import (
    CurveParts,
    curve_tables,
    first_of_each,
    no_specifications,
    no_summary,
)
from eventlab.study.specifications.draws import draw_jointly
from eventlab.study.specifications.fits import fit_world, lay_frame
from eventlab.study.specifications.grid import (
    FitChoice,
    Rule,
    curve_group,
    make_grid,
    study_of,
    without_idle_rules,
)
from eventlab.study.specifications.rows import cells_of
from eventlab.study.steps import counted, quietly
from eventlab.timeline.windows import parse_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import DataStamp, Market
    from eventlab.study.results import EventStudy
    from eventlab.study.specifications.fits import Frame, World
    from eventlab.study.specifications.grid import SpecificationGrid
    from eventlab.study.specifications.rows import Cells
    from eventlab.study.steps import Progress

__all__ = [
    "CurveSheet",
    "SpecificationCurve",
    "no_curve",
    "no_specifications",
    "no_summary",
    "specification_curve",
    "with_curves",
]

S = TypeVar("S", "EventStudy", "CurveSheet")


@dataclass(frozen=True, slots=True)
class SpecificationCurve:
    """Every specification of one asset or group, and what they say together.

    Attributes
    ----------
    specs
        One row per specification, those without a number and those that repeat another included:
        group; the choices model, benchmark (regressors joined by +, ``none``), estimation_window,
        window, clock, sampling, overlaps, days; estimate (CAAR), low and high (interval of the
        definition's level), n_events; test (``bmp``, ``kolari_pynnonen_bmp``, ``car_t`` or
        ``placebo``), statistic, pvalue, score (the z of the same tail, signed); placebo_pvalue,
        significant (bool); joint (bool: takes part in the joint inference); rank (place on the
        curve from 0, -1 without), null_low and null_high (where 95% of the placebo curves run at
        that place); same_as (row with the same numbers, -1 if it is the first), note.
    summary
        One row: n_asked, n (distinct specifications with an estimate), n_same, n_without; median,
        q25, q75, least and most of the n; share_positive, share_significant, share_dominant
        (significant and of the more frequent sign), mean_score (Stouffer); of the n_joint that take
        part: joint_median, joint_share, joint_score and their placebo p-values median_pvalue,
        share_pvalue, score_pvalue; n_draws, exact, n_dates, smallest_pool, seed, short; note.
    event, stamp
        What was asked about, and where its prices come from; None where nothing was computed.
    """

    group: str
    specs: pd.DataFrame
    summary: pd.DataFrame
    event: EventDefinition | None = None
    stamp: DataStamp | None = None

    def __repr__(self) -> str:
        """Name what was specified; a notebook would print both tables."""
        n = int(self.summary["n"].iloc[0]) if len(self.summary) else 0
        return (
            f"SpecificationCurve: {self.group or 'nothing'}, {n} of {len(self.specs)} "
            "specifications; tables in .specs, .summary"
        )

    def plot(self, picture: str = "curve") -> object:
        """Draw every estimate in ascending order, and below them the choices that each made.

        An altair chart, the only ``picture``; the grey band is where placebo curves run.

        Raises
        ------
        UsageError
            Another picture, no specification has an estimate, or the ``report`` extra is not
            installed.
        """
        return draw(self, picture)

    def definition(self, event: EventDefinition, row: int) -> EventDefinition:
        """Return the event whose study gives row ``row``; ``days`` is left to the caller."""
        one = self.specs.iloc[row]
        regressors = () if one["benchmark"] == "none" else tuple(one["benchmark"].split("+"))
        choice = FitChoice(
            one["clock"],
            one["sampling"],
            one["model"],
            regressors,
            parse_window(one["estimation_window"]),
            one["overlaps"] == "control",
        )
        made = study_of(event, self.group, choice, Rule(one["overlaps"], one["days"]))
        assert made.study is not None  # noqa: S101 - made of one
        window = (parse_window(one["window"]),)
        return made.model_copy(
            update={"study": made.study.model_copy(update={"car_windows": window})}
        )


def specification_curve(  # noqa: PLR0913 - the public names of the contract
    event: EventDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    group: str | None = None,
    draws: int | None = None,
    seed: int = 0,
    short: bool = False,
    threads: int = 2,
    progress: Progress = quietly,
) -> SpecificationCurve:
    """Study an event in every reasonable way, and test all answers together.

    Parameters
    ----------
    event
        A definition with a ``study`` section; its ``specifications`` name the choices, or a rule
        does (`study.specifications.grid.make_grid`).
    market, workspace
        As in `run_study`. Benchmarks that the market lacks are left out of the rules' choices.
    group
        A symbol, ``@group`` or ``@issuer``; by default what `specification_grid.curve_group`
        chooses: the issuer, or the first asset that the prices cover well.
    draws, seed
        Joint placebo draws (the definition's by default) and their seed. One event date: all
        pseudo-dates.
    short
        Whether the rules choose fewer specifications, for a first look.
    threads
        Threads for fits and draws; the result does not depend on them.
    progress
        Called with (done, total) after every fit with its tables and after its draws.

    Returns
    -------
    SpecificationCurve
        Abnormal returns read what those of a study read; the joint inference also the history up
        to the last event.

    Raises
    ------
    UsageError
        No ``study`` section, no workspace, or a study in bars inside the session.
    DataError
        None of the symbols has prices.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208-1214.
    """
    study = event.study
    workspace = workspace or market.workspace
    if study is None or workspace is None:
        missing = "`study` section" if study is None else "workspace"
        raise UsageError(f"{event.event}: no {missing}; a specification curve needs one")
    if study.bar != "session":
        raise UsageError(
            f"{event.event}: study.bar is {study.bar}; a specification curve counts whole sessions"
        )
    event = within_period(event)
    group = group or curve_group(event, workspace, market)
    symbols = members(event, group, workspace)
    if not set(symbols) & set(market.symbols):
        reasons = "; ".join(missing_symbol_reason(market, each) for each in symbols[:3])
        raise DataError(f"{event.event}: {reasons or f'{group} has no symbols'}")
    grid = make_grid(event, symbols, market, short=short)
    basis = (study.placebo.draws if draws is None else draws, seed)
    if not grid.fits:
        raise UsageError(f"{event.event}: the specifications leave no model with its benchmark")
    with ThreadPoolExecutor(threads) as pool:
        frames = frames_of(event, group, (*symbols, *regressors_of(grid)), market, workspace, grid)
        grid = with_rules(event, grid, frames[base_key(event, grid)])
        made = pool.map(
            lambda fit: fit_world(
                event, group, frames[fit.clock, fit.sampling], fit, grid.car_windows, basis
            ),
            grid.fits,
        )
        steps = 2 * len(grid.fits)
        worlds = list(counted(made, steps, progress))
        cells = list(pool.map(lambda world: all_cells(world, grid), worlds))
    same = first_of_each(worlds, cells)
    keys = [(fit.clock, fit.sampling) for fit in grid.fits]
    base = keys.index(base_key(event, grid))
    drawn = draw_jointly(
        worlds,
        cells,
        base,
        threads=threads,
        progress=lambda done, total: progress(steps - total + done, steps),
    )
    parts = CurveParts(group, grid, worlds, cells, same, drawn, study.level, seed)
    specs, summary = curve_tables(parts)
    return SpecificationCurve(group, specs, summary, event, market.stamp)


@dataclass(frozen=True, slots=True)
class CurveSheet:
    """The curves of one event without the study beside them; tables as in `EventStudy`."""

    event: EventDefinition
    stamp: DataStamp
    specifications: pd.DataFrame
    specification_summary: pd.DataFrame


def no_curve(group: str, reason: str) -> SpecificationCurve:
    """Return a curve without specifications that says why."""
    row = dict.fromkeys(("n_asked", "n", "n_same", "n_without", "n_joint", "n_draws"), 0)
    row |= {"short": False, "n_dates": 0, "smallest_pool": 0, "seed": 0}
    empty = no_summary()
    summary = pd.DataFrame([{**row, "group": group, "exact": False, "note": reason}])
    return SpecificationCurve(group, no_specifications(), summary.reindex(columns=empty.columns))


def with_curves(study: S, curves: Sequence[SpecificationCurve]) -> S:
    """Return the study, or the sheet, with these curves in its tables."""
    if not curves:
        return study
    return replace(
        study,
        specifications=pd.concat([one.specs for one in curves], ignore_index=True),
        specification_summary=pd.concat([one.summary for one in curves], ignore_index=True),
    )


def members(event: EventDefinition, group: str, workspace: Workspace) -> tuple[str, ...]:
    """Symbols that a group stands for over all occurrences."""
    issuers = dict.fromkeys(one.issuer for one in event.resolved_occurrences())
    found: dict[str, None] = {}
    for issuer in issuers:
        found |= dict.fromkeys(workspace.expand((group,), issuer=issuer))
    return tuple(found)


def regressors_of(grid: SpecificationGrid) -> tuple[str, ...]:
    """Every regressor of any fit."""
    return tuple(dict.fromkeys(name for fit in grid.fits for name in fit.regressors))


def frames_of(
    event: EventDefinition,
    group: str,
    symbols: tuple[str, ...],
    market: Market,
    workspace: Workspace,
    grid: SpecificationGrid,
) -> dict[tuple[str, str], Frame]:
    """Lay out the clock of every clock and sampling."""
    frames: dict[tuple[str, str], Frame] = {}
    for fit in grid.fits:
        if (fit.clock, fit.sampling) not in frames:
            own = study_of(event, group, fit, grid.rules_of(fit)[0])
            frames[fit.clock, fit.sampling] = lay_frame(own, symbols, market, workspace)
    return frames


def all_cells(world: World, grid: SpecificationGrid) -> list[Cells]:
    """Test a fit under every rule that goes with it."""
    history = History(world.arrays, world.fits, world.spec)
    return [cells_of(world, rule, history) for rule in grid.rules_of(world.choice)]


def base_key(event: EventDefinition, grid: SpecificationGrid) -> tuple[str, str]:
    """Return the clock and sampling that dates are drawn on: the definition's if they are run."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller has checked
    wanted = (study.clock, study.daily_sampling)
    own = [(fit.clock, fit.sampling) for fit in grid.fits]
    return wanted if wanted in own else own[0]


def with_rules(event: EventDefinition, grid: SpecificationGrid, frame: Frame) -> SpecificationGrid:
    """Keep the rules of exclusion that are a choice on the definition's clock."""
    placed = {pair.occurrence for pair in frame.listed.pairs}
    out = {
        "exclude": len(placed & frame.overlapped),
        "certain": len(placed & frame.doubtful),
    }
    return without_idle_rules(event, grid, out, len(placed))
