"""The results of the hedge room: one frozen object of tidy tables per command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.study.drawing import draw

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.definitions.strategy import StrategyDefinition
    from eventlab.market.types import DataStamp

__all__ = ["Audit", "Backtest", "Sweep"]


@dataclass(frozen=True, slots=True, repr=False)
class Backtest:
    """One strategy, event by event and bar by bar. Money is in units of ``strategy.capital``.

    Runs are ``hedged`` (the strategy), ``unhedged`` (its book without the hedge, or held all the
    time where the strategy has none), ``always`` (the hedge on all the time) and ``cash``.

    Attributes
    ----------
    metrics
        run, scope (all, event), metric, value, low, high, n, note. Bootstrap intervals at 95% where
        there are any.
    events
        A row per episode: occurrence, event, also (ids of occurrences in the same window),
        title, event_session, entered_at, exited_at (UTC; NaT where not), bars, equity (at entry),
        unhedged, hedge, fees, slippage, borrow, funding, interest, hedged (money: unhedged +
        hedge - fees - slippage - borrow - funding + interest; unhedged is the book's own price
        move), unhedged_return, hedged_return (over equity at entry), hedge_ratio, ideal_ratio (sums
        over instruments), complete, note.
    legs
        occurrence, event, symbol, role (book, hedge), weight (over equity at entry), pnl, fees,
        slippage, borrow, funding.
    ratios
        occurrence, event, decided_at, symbol, ratio (used), ideal_ratio (which would have minimised
        the variance of the episode's bars), n (returns that it was estimated on), note.
    orders
        number, occurrence, event, symbol, kind, decided_at, scheduled_at, filled_at, shares, price
        (before slippage), fill_price, value, fee, slippage (money), status (filled, rolled,
        refused), reason.
    trades
        symbol, entered_at, exited_at (NaT: open), shares, entry_price, exit_price, fees, pnl,
        return, status: round trips as vectorbt counts them, at prices after slippage.
    ledger
        at, symbol (empty for interest), kind (borrow, funding, interest), amount (negative: paid).
    curves
        session, at, in_event, then per run equity and drawdown (``hedged``, ``hedged_drawdown``,
        ...), gross, net (exposure over equity of the strategy), and ``hedged_return``, ...
    drawdowns
        run, peak, trough, recovered (NaT: not yet), depth, bars.
    effectiveness
        scope, measure (variance, expected_shortfall), value (1 - hedged / unhedged), low, high, n,
        note.
    comparisons
        run, total_return, annual_return, volatility, sharpe (of returns less those of cash),
        max_drawdown, turnover (traded value over mean equity, per year), costs (money; negative
        where more funding was received than all else cost), cost_rate (over mean equity, per
        year), and ``difference`` of the strategy's total return from the run's.
    placebo
        statistic, value, mean, low, high (2.5% and 97.5% of draws), pvalue, draws, note: the same
        strategy on random dates.
    identity
        Per run: start, one column per term, end, error: equity = start + P&L - costs.
    exclusions
        occurrence, symbol, reason.
    sampling
        symbol, role, basis, bars, first, last, stale (bars valued at an earlier price), note.
    notes
        about, note: what the costs leave out, funding rates that were charged again.
    """

    strategy: StrategyDefinition
    stamp: DataStamp
    seed: int
    metrics: pd.DataFrame
    events: pd.DataFrame
    legs: pd.DataFrame
    ratios: pd.DataFrame
    orders: pd.DataFrame
    trades: pd.DataFrame
    ledger: pd.DataFrame
    curves: pd.DataFrame
    drawdowns: pd.DataFrame
    effectiveness: pd.DataFrame
    comparisons: pd.DataFrame
    placebo: pd.DataFrame
    identity: pd.DataFrame
    exclusions: pd.DataFrame
    sampling: pd.DataFrame
    notes: pd.DataFrame

    def plot(self, picture: str = "equity", *, panel: str | None = None) -> object:
        """Draw one picture of the strategy's page, as an altair chart.

        Parameters
        ----------
        picture
            ``equity`` (on a log scale where it needs one), ``fall`` (drawdowns), ``gains`` (event
            by event with costs), ``hedge_ratios`` (used and right), ``exposure`` or ``spent``
            (costs by kind).
        panel
            For hedge_ratios: the instrument; by default the first.

        Raises
        ------
        UsageError
            No such picture or panel, nothing to draw in it, or the ``report`` extra is not
            installed.
        """
        return draw(self, picture, panel=panel)

    def __repr__(self) -> str:
        return f"Backtest({self.strategy.strategy}: {len(self.events)} episodes)"


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """The parameter grid of a strategy, and what its best is worth after so many tries.

    Attributes
    ----------
    sets
        number (from 1, the last path running fastest), a column per swept path, total_return,
        annual_return, volatility, sharpe, sharpe_stderr (per year, of returns less those of cash),
        max_drawdown, hedge_pnl (money at the end over that of the file's book alone, from
        ``capital`` at the first shared close), effectiveness (1 - variance over the book's),
        turnover (traded value over mean equity, per year, of the set's own time),
        episodes, probabilistic (PSR against 0), chosen (bool: the best Sharpe), base (bool: the
        file's own values), note (why something is NaN, or when everything was liquidated).
    overfitting
        statistic, value, low, high, note: sets, bars, deflated_sharpe, expected_max_sharpe (per
        year), effective_trials, deflated_sharpe_effective (of that many tries), pbo, pbo_slope,
        probability_of_loss, spa_lower, spa_consistent, spa_upper (p-values against the book
        alone), stepm (how many sets are superior). All on the closes from which on every set and
        the book alone have begun; NaN with the reason where there is no choice or too few bars.
    logits
        split, chosen (number), in_sample, out_of_sample (Sharpe ratios per bar), rank, logit: PBO,
        split by split.
    walk_forward
        fold, first, last (occurrences tested), chosen (number), in_sample, out_of_sample,
        unhedged (Sharpe ratios per year, on bars of episodes), purged (occurrences), note.
    placebo
        As of a backtest, for the chosen set.
    exclusions
        number, occurrence, symbol, reason. Sets that do not fit or cannot be traded have ``all``
        as their occurrence; one that no set entered stands once, without a number and with the
        reason of the first set.
    """

    strategy: StrategyDefinition
    stamp: DataStamp
    seed: int
    sets: pd.DataFrame
    overfitting: pd.DataFrame
    logits: pd.DataFrame
    walk_forward: pd.DataFrame
    placebo: pd.DataFrame
    exclusions: pd.DataFrame

    def plot(self, picture: str = "sets", *, panel: str | None = None) -> object:
        """Draw one picture of what the strategy's page says of its sweep, as an altair chart.

        Parameters
        ----------
        picture
            ``sets`` (Sharpe ratios over the two paths with the most values), ``logits`` (PBO) or
            ``folds`` (walk forward).
        panel
            For sets: the values of the other paths; by default those of the best set.

        Raises
        ------
        UsageError
            No such picture or panel, nothing to draw in it, or the ``report`` extra is not
            installed.
        """
        return draw(self, picture, panel=panel)

    def __repr__(self) -> str:
        return f"Sweep({self.strategy.strategy}: {len(self.sets)} sets)"


@dataclass(frozen=True, slots=True, repr=False)
class Audit:
    """Whether a decision of a strategy depends on what came after it.

    Attributes
    ----------
    cuts
        cut_at (instant), future (truncated, scrambled, delayed), decisions (compared), changed.
    changes
        cut_at, future, decided_at, occurrence, kind, symbol, field, with_future, without: every
        decision up to the cut that changed, in order of time; the first one names the fault.
    """

    strategy: StrategyDefinition
    stamp: DataStamp
    seed: int
    cuts: pd.DataFrame
    changes: pd.DataFrame

    @property
    def clean(self) -> bool:
        """Whether nothing changed."""
        return self.changes.empty

    def __repr__(self) -> str:
        said = "clean" if self.clean else f"{len(self.changes)} changes"
        return f"Audit({self.strategy.strategy}: {said})"
