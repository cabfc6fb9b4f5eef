"""A backtest, a sweep and an audit on made prices, once for all tests of what shows them."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eventlab.definitions import load_workspace
from eventlab.hedge.audit import run_audit
from eventlab.hedge.run import run_backtest
from eventlab.hedge.sweep import run_sweep
from eventlab.market.workspace_market import market_for
from tests.cli.make_workspace import STRATEGY, add_strategy, make_workspace

if TYPE_CHECKING:
    from eventlab.hedge.results import Audit, Backtest, Sweep

__all__ = ["Made", "make_results"]

# Short the market against the stock, so that every cost but funding is there.
SHORT = STRATEGY.replace("{lookback: 60, cap: 3.0}", "{method: fixed, value: 0.8}").replace(
    "{hedge.ratio.lookback: [30, 60], when.exit: [3, 5]}",
    "{hedge.ratio.value: [0.8, 1.2], when.exit: [3, 5]}",
)


class Made(NamedTuple):
    """What the three commands give for ``acme-hedge``."""

    backtest: Backtest
    sweep: Sweep
    audit: Audit


@cache
def make_results() -> Made:
    """Run the strategy of `make_workspace` with a fixed ratio; the audit is clean."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_workspace(Path(folder) / "ws")
        add_strategy(root, text=SHORT)
        workspace = load_workspace(root)
        strategy = workspace.strategies["acme-hedge"]
        market = market_for(
            workspace, str(root / "prices"), events=(), seed=3, strategies=[strategy]
        )
        return Made(
            run_backtest(strategy, market, workspace, seed=3, draws=50),
            run_sweep(strategy, market, workspace, seed=3, draws=50, splits=4),
            run_audit(strategy, market, workspace, seed=3, cuts=2),
        )
