"""Event studies on real clocks: from YAML to abnormal returns, contagion, backtests and a page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.claims import Claims, run_claims
    from eventlab.contagion.results import EventContagion
    from eventlab.contagion.run import run_contagion
    from eventlab.definitions import Workspace, load_workspace
    from eventlab.hedge import Audit, Backtest, Sweep, run_audit, run_backtest, run_sweep
    from eventlab.market.workspace_market import market_for as load_market
    from eventlab.regression.check import Check, run_check
    from eventlab.study import (
        EventStudy,
        SpecificationCurve,
        StudyResult,
        event_study,
        run_study,
        specification_curve,
    )
    from eventlab.study.conditions.cross_section import regress as cross_section

__all__ = [
    "Audit",
    "Backtest",
    "Check",
    "Claims",
    "EventContagion",
    "EventStudy",
    "SpecificationCurve",
    "StudyResult",
    "Sweep",
    "Workspace",
    "__version__",
    "cross_section",
    "event_study",
    "load_market",
    "load_workspace",
    "run_audit",
    "run_backtest",
    "run_check",
    "run_claims",
    "run_contagion",
    "run_study",
    "run_sweep",
    "specification_curve",
]

__version__ = "0.1.0"

# Where each public name lives. They are imported when first used: `eventlab --help` and
# `import eventlab` must not wait for pandas and numba.
_HOMES = {
    "Audit": ("eventlab.hedge", "Audit"),
    "Backtest": ("eventlab.hedge", "Backtest"),
    "Check": ("eventlab.regression.check", "Check"),
    "Claims": ("eventlab.claims", "Claims"),
    "EventContagion": ("eventlab.contagion", "EventContagion"),
    "EventStudy": ("eventlab.study", "EventStudy"),
    "SpecificationCurve": ("eventlab.study", "SpecificationCurve"),
    "StudyResult": ("eventlab.study", "StudyResult"),
    "Sweep": ("eventlab.hedge", "Sweep"),
    "Workspace": ("eventlab.definitions", "Workspace"),
    "cross_section": ("eventlab.study.conditions.cross_section", "regress"),
    "event_study": ("eventlab.study", "event_study"),
    "load_market": ("eventlab.market.workspace_market", "market_for"),
    "load_workspace": ("eventlab.definitions", "load_workspace"),
    "run_audit": ("eventlab.hedge", "run_audit"),
    "run_backtest": ("eventlab.hedge", "run_backtest"),
    "run_check": ("eventlab.regression.check", "run_check"),
    "run_claims": ("eventlab.claims", "run_claims"),
    "run_contagion": ("eventlab.contagion", "run_contagion"),
    "run_study": ("eventlab.study", "run_study"),
    "run_sweep": ("eventlab.hedge", "run_sweep"),
    "specification_curve": ("eventlab.study", "specification_curve"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
