"""Wrong arguments of every public function of frames are named, with the nearest valid word."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from eventlab import contagion
from eventlab.errors import EventlabError, UsageError
from tests.contagion.calls import CALLS

COUNTS = {"lags", "horizon", "window", "draws", "seed", "threads", "block", "min_window", "n_first"}
COUNTS |= {"prior_rows"}
SHARES = {"level", "quantile", "confidence", "kappa1", "kappa2"}
WORDS = {"model", "marginal", "errors", "estimator", "variant", "null", "center", "adjust"}
WORDS |= {"covariance", "matrix", "prior"}
TIMES = {("lead_lag", "lags"), ("chain_order", "horizon")}


def parameters(known: set[str]) -> list[tuple[str, str]]:
    """Return pairs of a function and one of its parameters."""
    return [
        (name, key)
        for name in sorted(CALLS)
        for key in inspect.signature(getattr(contagion, name)).parameters
        if key in known and (name, key) not in TIMES
    ]


@pytest.mark.parametrize(("name", "key"), parameters(COUNTS))
@pytest.mark.parametrize("value", [-1, 2.5, 2.0, True, "3", float("nan"), [1]])
def test_counts(name: str, key: str, value: object) -> None:
    with pytest.raises(UsageError, match=key):
        CALLS[name].run(CALLS[name].frame, **{key: value})


@pytest.mark.parametrize(
    ("name", "key"), [pair for pair in parameters(COUNTS) if pair[1] != "seed"]
)
def test_counts_that_nothing_can_hold(name: str, key: str) -> None:
    with pytest.raises(EventlabError, match=f"{key}|levels"):
        CALLS[name].run(CALLS[name].frame, **{key: 10**12})


@pytest.mark.parametrize(("name", "key"), parameters(SHARES))
@pytest.mark.parametrize("value", [0.0, 1.5, -0.1, float("nan"), True, "0.05", None, [0.5]])
def test_shares(name: str, key: str, value: object) -> None:
    with pytest.raises(UsageError, match=key):
        CALLS[name].run(CALLS[name].frame, **{key: value})


@pytest.mark.parametrize(("name", "key"), parameters(WORDS))
@pytest.mark.parametrize("value", ["", 3, ["raw"], "somewhat"])
def test_words(name: str, key: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"{key}=.* is unknown; use "):
        CALLS[name].run(CALLS[name].frame, **{key: value})


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("spillover", {"estimator": "rigde"}, "did you mean 'ridge'"),
        ("dcc", {"model": "adc"}, "did you mean 'adcc'"),
        ("downside_beta", {"threshold": "men"}, "did you mean 'mean'"),
        ("volatility_contagion", {"source": "Z"}, "source 'Z' is no column of frame; it has A, B"),
        ("volatility_contagion", {"targets": "A"}, "pass a list"),
        ("bucket_change", {"top": "ABCD"}, "pass a list"),
        ("bucket_change", {"rest": ["Z"]}, "'Z' is no column of frame"),
        ("chain_order", {"links": ["A", "Z"]}, "no prices of Z"),
        ("chain_order", {"links": "AB"}, "pass a list of symbols"),
        ("chain_order", {"links": ["A", ["B", "A"]]}, "A twice"),
        ("chain_order", {"links": ["A", []]}, "empty"),
        ("chain_order", {"news": "2024-05-05"}, "news is a str"),
        ("chain_order", {"horizon": "soon"}, "no length of time"),
        ("chain_order", {"horizon": "-1D"}, "not above zero"),
        ("correlation_tests", {"factors": ["A"]}, "A twice among"),
        ("correlation_tests", {"source": ["A"]}, "is no column of calm"),
        ("dcc", {"fit_until": float("nan")}, "is no label"),
        ("dcc", {"fit_until": "soon"}, "is no label"),
        ("factor_betas", {"fit_until": "soon"}, "is no label"),
        ("asymmetric_beta", {"lags": 260}, "must be below the 260 rows"),
        ("spillover_change", {"block": 66}, "beyond 65, half the rows"),
        ("lead_lag", {"lags": [True]}, "no time"),
        ("lead_lag", {"lags": [10**12]}, "beyond 36500 days"),
        ("lead_lag", {"lags": 3}, "pass a list"),
        ("frequency_spillover", {"bands": 5}, "pass a list"),
        ("frequency_spillover", {"bands": (5, "x")}, "is no number"),
        ("exceedance_correlation", {"thresholds": "x"}, "is no number"),
    ],
)
def test_what_is_named(name: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        CALLS[name].run(CALLS[name].frame, **options)


def test_a_band_that_a_short_horizon_cannot_show_is_empty() -> None:
    found = CALLS["frequency_spillover"].run(CALLS["frequency_spillover"].frame, horizon=2)
    assert found.overall.iloc[1] == 0.0
    assert np.isnan(found.within.iloc[1])
