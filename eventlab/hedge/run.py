"""The backtest of one strategy file: from definition and prices to every table of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from eventlab.errors import DataError
from eventlab.hedge.answers.comparisons import comparison_table, identity_table, metric_table
from eventlab.hedge.answers.curves import curve_table, ledger_table
from eventlab.hedge.answers.drawdowns import drawdown_table
from eventlab.hedge.answers.effects import effectiveness_table
from eventlab.hedge.answers.events import event_tables, stretches
from eventlab.hedge.answers.flows import flows_of
from eventlab.hedge.answers.orders import order_table, trade_table
from eventlab.hedge.answers.sampling import exclusion_table, note_table, sampling_table
from eventlab.hedge.funding import require_funding
from eventlab.hedge.placebo import placebo_table
from eventlab.hedge.portfolio import check_parity, replay
from eventlab.hedge.results import Backtest
from eventlab.hedge.rule_plan import decide_by_rule
from eventlab.hedge.runs import (
    alone,
    always,
    cash,
    decide_all,
    simulate_plan,
    why_not_entered,
)
from eventlab.hedge.setting import prepare
from eventlab.kernels.threads import one_blas_thread
from eventlab.market.priced_stamp import priced_stamp

if TYPE_CHECKING:
    from eventlab.definitions import Workspace
    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.hedge.known import Rule
    from eventlab.hedge.portfolio import Portfolio
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Plan, Simulation
    from eventlab.market.types import Market

__all__ = ["run_backtest"]


@one_blas_thread()
def run_backtest(
    strategy: StrategyDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    seed: int = 0,
    draws: int = 500,
    rule: Rule | None = None,
) -> Backtest:
    """Backtest one strategy around its events, with all its costs.

    Parameters
    ----------
    strategy
        What is held, hedged, when and at what cost.
    market
        Prices, loaded with the strategy's symbols (``load_market(..., strategies=[strategy])``).
    workspace
        Whose events and groups the strategy names; that of ``market`` if it was loaded for one.
    seed, draws
        Of bootstrap intervals and of the placebo dates.
    rule
        A Python strategy in place of the file's own book and hedge rules: a function of what is
        known at the close of each bar to target weights. Legs, costs and limits are the file's.

    Returns
    -------
    Backtest
        Every decision uses data up to the close of its bar, every order is filled after it. Money
        agrees with vectorbt's portfolio to 1e-12 of the largest equity, or an error is raised.

    Raises
    ------
    UsageError
        No workspace is known, or no occurrence is left of the events.
    DataError
        A leg has no prices, or no occurrence could be entered.
    MissingPrice, MissingFunding
        A price or a funding rate lacks where one has to be paid, and ``missing`` is raise.
    """
    setting = prepare(strategy, market, workspace)
    decided = decide_all(setting) if rule is None else decide_by_rule(setting, rule)
    refuse_none(decided)
    runs = simulate_all(decided)
    return tables_of(decided, runs, seed=seed, draws=draws)


def refuse_none(decided: Decided) -> None:
    """Refuse a backtest without a single entry, with the commonest reasons.

    Raises
    ------
    DataError
        No occurrence could be entered.
    """
    if decided.episodes:
        return
    strategy = decided.setting.strategy.strategy
    raise DataError(f"{strategy}: {why_not_entered(decided.left_out)}")


class Tested(NamedTuple):
    """One run: where it was simulated, and what came of it, here and in vectorbt."""

    setting: Setting
    plan: Plan
    run: Simulation
    portfolio: Portfolio


def simulate_all(decided: Decided) -> dict[str, Tested]:
    """Simulate the strategy and what it is compared with, each replayed by vectorbt.

    Raises
    ------
    MissingFunding
        A perpetual was held over a rate that is not known.
    """
    setting = decided.setting
    plans: dict[str, tuple[Setting, Plan]] = {
        "hedged": (setting, decided.planned.plan),
        "unhedged": (setting, alone(decided)),
    }
    throughout = always(decided)
    if throughout is not None:
        plans["always"] = throughout
    plans["cash"] = setting, cash(decided)
    rolled, found = setting.strategy.missing == "roll", {}
    for name, (where, plan) in plans.items():
        run = simulate_plan(where, plan)
        require_funding(where.funding, where.grid, run.shares, rolled=rolled)
        portfolio = replay(where.grid, where.carry, run, capital=setting.strategy.capital)
        check_parity(run, portfolio)
        found[name] = Tested(where, plan, run, portfolio)
    return found


def tables_of(decided: Decided, tested: dict[str, Tested], *, seed: int, draws: int) -> Backtest:
    """Put every table of the result together."""
    setting, planned, episodes = decided.setting, decided.planned, decided.episodes
    hedged = tested["hedged"].run
    runs = {name: each.run for name, each in tested.items()}
    flows = {name: flows_of(each.setting.grid, each.run) for name, each in tested.items()}
    equity = {name: each.portfolio.equity[1::2] for name, each in tested.items()}
    events, legs, ratios = event_tables(setting, planned, hedged, flows["hedged"], episodes)
    spans = stretches(planned, hedged, episodes)
    first = min(int(each.plan.decided[0]) for each in tested.values() if len(each.plan))
    curves = curve_table(setting, equity, hedged, spans).iloc[first:].reset_index(drop=True)
    return Backtest(
        strategy=setting.strategy,
        stamp=priced_stamp(setting.market, setting.sleeves.symbols),
        seed=seed,
        metrics=metric_table(setting, curves, runs, spans),
        events=events,
        legs=legs,
        ratios=ratios,
        orders=order_table(setting, planned, hedged, episodes),
        trades=trade_table(setting, tested["hedged"].portfolio),
        ledger=ledger_table(setting, flows["hedged"]),
        curves=curves,
        drawdowns=drawdown_table(curves, tuple(tested)),
        effectiveness=effectiveness_table(curves, runs, spans, seed=seed),
        comparisons=comparison_table(setting, curves, runs, flows),
        placebo=placebo_table(decided, hedged, runs["unhedged"], spans, seed=seed, draws=draws),
        identity=identity_table(setting.strategy.capital, runs, flows),
        exclusions=exclusion_table(decided),
        sampling=sampling_table(setting, hedged),
        notes=note_table(setting, hedged, begun=2 * first + 1),
    )
