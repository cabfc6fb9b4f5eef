"""Returns times 1e-12 and 1e12: what is free of units stays, what has units scales."""

from __future__ import annotations

import numpy as np
import pytest

from tests.contagion.calls import CALLS
from tests.scaled import EXACT, POWER_OF_TWO, SAME, SCALES, check

# By call: what is not free of units, as the power of the returns by which it scales; None where a
# column holds several units, or is a log-likelihood.
UNITS: dict[str, dict[str, int | None]] = {
    "asymmetric_beta": {".coefficients[value]": None, ".coefficients[stderr]": None},
    # a lies on its bound here: 1e-16 in one unit and 0 in another.
    "dcc": {".volatilities": 1, ".loglik": None, ".marginals": None, ".a": None},
    "delta_covar": {".coefficients": None, ".path": 1, ".stderr": 1, ".low": 1, ".high": 1},
    "downside_beta": {".threshold": 1},
    "factor_betas": {".filtered[alpha]": 1, ".stderr[alpha]": 1, ".sigma": 1, ".loglik": None},
    "hayashi_yoshida": {".covariance": 2, ".variance": 2},
    "lead_lag": {".curve[covariance]": 2},
    "quantile_spillover": {".fit.constant": 1, ".fit.residuals": 1},
    "spillover_change": {
        f".{period}.fit.{field}": degree
        for period in ("before", "after")
        for field, degree in (("constant", 1), ("residuals", 1), ("sigma", 2))
    },
    "tvp_spillover": {".prior.spread": -2, ".prior.sigma": 2, ".prior.means": 1},
}
# The logs of ranges are no returns.
LEFT_OUT = {"volatility_contagion"}
# Prices, whose logs are shifted and round anew.
OF_PRICES = {"chain_order", "range_volatility"}


def power(call: str, column: str) -> int | None:
    for start, degree in UNITS.get(call, {}).items():
        if column.startswith(start):
            return degree
    return 0


@pytest.mark.parametrize("name", sorted(CALLS.keys() - LEFT_OUT))
def test_units(name: str) -> None:
    call = CALLS[name]
    before = call.run(call.frame)
    for scale in SCALES:
        exact = scale == POWER_OF_TWO and name not in OF_PRICES

        def factor(column: str, scale: float = scale) -> float | None:
            degree = power(name, column)
            return None if degree is None else scale**degree

        after = call.run(call.frame * scale)
        assert check(before, after, factor, EXACT if exact else SAME)


FREE = {
    "absorption_ratio": (".path", ".value"),
    "asymmetric_beta": (".coefficients[statistic]", ".coefficients[pvalue]"),
    "bucket_correlations": (".path",),
    "correlation_tests": ("[statistic]", "[pvalue]", "[rho]"),
    "exceedance_correlation": (".correlation", ".table", ".statistic", ".pvalue"),
    "frequency_spillover": ("",),
    "granger_network": ("",),
    "mediated_share": (".share", ".pvalue"),
    "rolling_correlation": ("",),
    "rolling_spillover": ("",),
    "spillover": (".table", ".total"),
    "tail_dependence": ("",),
    "tvp_spillover": (".tables", ".total"),
}


@pytest.mark.parametrize("name", sorted(FREE))
def test_each_series_may_have_its_own_unit(name: str) -> None:
    call = CALLS[name]
    units = np.resize([1e-12, 1e12, 1.0, 1e-12], call.frame.shape[1])
    before, after = call.run(call.frame), call.run(call.frame * units)

    def factor(column: str) -> float | None:
        return 1.0 if column.startswith(FREE[name]) else None

    assert check(before, after, factor, SAME)
