"""Did the shock travel, or did volatility rise: contagion between the assets around an event."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.contagion.breaks.rolling import rolling_correlation
    from eventlab.contagion.breaks.tests import correlation_tests
    from eventlab.contagion.connectedness.bands import frequency_spillover
    from eventlab.contagion.connectedness.change import spillover_change
    from eventlab.contagion.connectedness.quantile import quantile_spillover
    from eventlab.contagion.connectedness.rolling import rolling_spillover
    from eventlab.contagion.connectedness.spillover import spillover
    from eventlab.contagion.connectedness.tvp import tvp_spillover
    from eventlab.contagion.leads.chain import chain_order
    from eventlab.contagion.leads.hayashi_yoshida import hayashi_yoshida, lead_lag
    from eventlab.contagion.leads.mediation import mediated_share
    from eventlab.contagion.networks.granger import granger_network
    from eventlab.contagion.regimes.betas import factor_betas
    from eventlab.contagion.regimes.bubbles import gsadf, sadf
    from eventlab.contagion.regimes.buckets import (
        absorption_ratio,
        bucket_change,
        bucket_correlations,
    )
    from eventlab.contagion.results import EventContagion
    from eventlab.contagion.run import run_contagion
    from eventlab.contagion.tails.asymmetry import asymmetric_beta, downside_beta
    from eventlab.contagion.tails.delta_covar import delta_covar
    from eventlab.contagion.tails.dependence import tail_dependence
    from eventlab.contagion.tails.exceedance import exceedance_correlation
    from eventlab.contagion.tails.gaussian import delta_covar_dcc, gaussian_delta_covar
    from eventlab.contagion.volatility.dcc import dcc
    from eventlab.contagion.volatility.ranges import range_volatility
    from eventlab.contagion.volatility.transmission import volatility_contagion

__all__ = [
    "EventContagion",
    "absorption_ratio",
    "asymmetric_beta",
    "bucket_change",
    "bucket_correlations",
    "chain_order",
    "correlation_tests",
    "dcc",
    "delta_covar",
    "delta_covar_dcc",
    "downside_beta",
    "exceedance_correlation",
    "factor_betas",
    "frequency_spillover",
    "gaussian_delta_covar",
    "granger_network",
    "gsadf",
    "hayashi_yoshida",
    "lead_lag",
    "mediated_share",
    "quantile_spillover",
    "range_volatility",
    "rolling_correlation",
    "rolling_spillover",
    "run_contagion",
    "sadf",
    "spillover",
    "spillover_change",
    "tail_dependence",
    "tvp_spillover",
    "volatility_contagion",
]

# Where each public name lives below this package. They are imported when first used. No room here
# may be called like a public name: once imported, it would stand in the name's place.
_HOMES = {
    "EventContagion": "results",
    "absorption_ratio": "regimes.buckets",
    "asymmetric_beta": "tails.asymmetry",
    "bucket_change": "regimes.buckets",
    "bucket_correlations": "regimes.buckets",
    "chain_order": "leads.chain",
    "correlation_tests": "breaks.tests",
    "dcc": "volatility.dcc",
    "delta_covar": "tails.delta_covar",
    "delta_covar_dcc": "tails.gaussian",
    "downside_beta": "tails.asymmetry",
    "exceedance_correlation": "tails.exceedance",
    "factor_betas": "regimes.betas",
    "frequency_spillover": "connectedness.bands",
    "gaussian_delta_covar": "tails.gaussian",
    "granger_network": "networks.granger",
    "gsadf": "regimes.bubbles",
    "hayashi_yoshida": "leads.hayashi_yoshida",
    "lead_lag": "leads.hayashi_yoshida",
    "mediated_share": "leads.mediation",
    "quantile_spillover": "connectedness.quantile",
    "range_volatility": "volatility.ranges",
    "rolling_correlation": "breaks.rolling",
    "rolling_spillover": "connectedness.rolling",
    "run_contagion": "run",
    "sadf": "regimes.bubbles",
    "spillover": "connectedness.spillover",
    "spillover_change": "connectedness.change",
    "tail_dependence": "tails.dependence",
    "tvp_spillover": "connectedness.tvp",
    "volatility_contagion": "volatility.transmission",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
