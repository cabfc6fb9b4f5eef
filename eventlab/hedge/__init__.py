"""Hedges around events with their real costs: plan, simulation, answers and doubts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.hedge.audit import run_audit
    from eventlab.hedge.known import Known
    from eventlab.hedge.options import black_scholes_put
    from eventlab.hedge.ratios.choose import hedge_ratio
    from eventlab.hedge.results import Audit, Backtest, Sweep
    from eventlab.hedge.robustness.effectiveness import hedge_effectiveness
    from eventlab.hedge.robustness.pbo import probability_of_overfitting
    from eventlab.hedge.robustness.reality_check import (
        stepwise_superiority,
        superior_predictive_ability,
    )
    from eventlab.hedge.robustness.sharpe import (
        deflated_sharpe,
        probabilistic_sharpe,
        sharpe_ratio,
    )
    from eventlab.hedge.run import run_backtest
    from eventlab.hedge.sweep import run_sweep

__all__ = [
    "Audit",
    "Backtest",
    "Known",
    "Sweep",
    "black_scholes_put",
    "deflated_sharpe",
    "hedge_effectiveness",
    "hedge_ratio",
    "probabilistic_sharpe",
    "probability_of_overfitting",
    "run_audit",
    "run_backtest",
    "run_sweep",
    "sharpe_ratio",
    "stepwise_superiority",
    "superior_predictive_ability",
]

# Where each public name lives below this package. They are imported when first used.
_HOMES = {
    "Audit": "results",
    "Backtest": "results",
    "Known": "known",
    "Sweep": "results",
    "black_scholes_put": "options",
    "deflated_sharpe": "robustness.sharpe",
    "hedge_effectiveness": "robustness.effectiveness",
    "hedge_ratio": "ratios.choose",
    "probabilistic_sharpe": "robustness.sharpe",
    "probability_of_overfitting": "robustness.pbo",
    "run_audit": "audit",
    "run_backtest": "run",
    "run_sweep": "sweep",
    "sharpe_ratio": "robustness.sharpe",
    "stepwise_superiority": "robustness.reality_check",
    "superior_predictive_ability": "robustness.reality_check",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
