"""Did the shock travel, or did volatility rise: contagion between the assets around an event."""

from __future__ import annotations

from importlib import import_module

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
