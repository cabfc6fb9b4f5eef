"""The parameter grid of a strategy, and what its best set is worth after so many tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.errors import DataError
from eventlab.hedge.answers.events import stretches
from eventlab.hedge.placebo import placebo_table
from eventlab.hedge.results import Sweep
from eventlab.hedge.runs import alone, decide_all, simulate_plan
from eventlab.hedge.setting import prepare, with_strategy
from eventlab.hedge.sweep_curves import book_alone, common_curves, funded, simulate_sets
from eventlab.hedge.sweep_doubts import overfitting_tables, walk_forward_table
from eventlab.hedge.sweep_grid import parameter_sets
from eventlab.hedge.sweep_plans import plan_sets
from eventlab.hedge.sweep_sets import exclusion_table, set_table
from eventlab.market.priced_stamp import priced_stamp

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.sweep_plans import PlannedSet
    from eventlab.market.types import Market
    from eventlab.study.steps import Progress

__all__ = ["run_sweep"]


def run_sweep(  # noqa: PLR0913 - what is swept on what, and how it is doubted
    strategy: StrategyDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    seed: int = 0,
    draws: int = 1000,
    splits: int = 16,
    progress: Progress | None = None,
) -> Sweep:
    """Backtest every combination of a strategy's swept values, and doubt the best of them.

    Parameters
    ----------
    strategy
        With ``sweep``: values by path.
    market, workspace
        As of `run_backtest`.
    seed, draws
        Of the bootstrap of SPA and StepM, and of the placebo dates.
    splits
        Blocks that the bars are cut into for the probability of overfitting.
    progress
        Called with the number of sets planned, and of all.

    Returns
    -------
    Sweep
        Every set decides what a backtest of it decides, bit for bit. All sets and the book alone
        are compared on the same bars: from the first close at which each of them has begun, the
        latest of their beginnings, to the last one they share.

    Raises
    ------
    UsageError
        The strategy has nothing to sweep, or no workspace is known.
    DataError
        No set could be entered, or they share no bars.
    """
    variants, misfits = parameter_sets(strategy)
    base = prepare(strategy, market, workspace)
    planned, refused = plan_sets(base, variants, progress)
    planned, unfunded = funded(planned)
    unusable = sorted([*misfits, *refused, *unfunded])
    if not planned:
        reason = unusable[0][1] if unusable else "there is none"
        raise DataError(f"{strategy.strategy}: no set of the sweep can be traded: {reason}")
    runs = simulate_sets(planned)
    curves = common_curves(planned, runs, book_alone(base, planned))
    sets = set_table(strategy, planned, runs, curves)
    best = int(np.flatnonzero(sets["chosen"])[0])
    overfitting, logits = overfitting_tables(
        curves, best, numbers=sets["number"].tolist(), seed=seed, draws=draws, splits=splits
    )
    symbols = {one for each in planned for one in each.setting.sleeves.symbols}
    return Sweep(
        strategy=strategy,
        stamp=priced_stamp(market, symbols),
        seed=seed,
        sets=sets,
        overfitting=overfitting,
        logits=logits,
        walk_forward=walk_forward_table(planned, curves),
        placebo=placebo_of(planned[best], base, seed=seed, draws=draws),
        exclusions=exclusion_table(planned, unusable),
    )


def placebo_of(chosen: PlannedSet, base: Setting, *, seed: int, draws: int) -> pd.DataFrame:
    """Repeat the chosen set on random dates."""
    decided = decide_all(with_strategy(base, chosen.variant.strategy))
    run = simulate_plan(decided.setting, decided.planned.plan)
    book = simulate_plan(decided.setting, alone(decided))
    spans = stretches(decided.planned, run, decided.episodes)
    return placebo_table(decided, run, book, spans, seed=seed, draws=draws)
