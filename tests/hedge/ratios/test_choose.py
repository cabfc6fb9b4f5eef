"""What a user may ask of a hedge ratio, and what is answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.definitions.strategy import RatioDefinition
from eventlab.errors import DataError, UsageError
from eventlab.hedge import hedge_ratio
from eventlab.hedge.ratios.choose import ideal_ratio


def frames(T: int = 130, K: int = 2) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2024-01-01", periods=T)
    names = ["QQQ", "NVDA", "SMH"][:K]
    X = pd.DataFrame(rng.standard_normal((T, K)) * 0.01, days, names)
    return X.sum(axis=1).rename("BTC") + rng.standard_normal(T) * 0.01, X


def test_frames_and_arrays_say_the_same() -> None:
    b, X = frames()
    one = hedge_ratio(b, X)
    for other in (
        hedge_ratio(b.to_numpy(), X.to_numpy()),
        hedge_ratio(b, X, RatioDefinition()),
        hedge_ratio(b, X, RatioDefinition(lookback=20), lookback=120),
        hedge_ratio(b, X, method="ols", lookback=120),
    ):
        np.testing.assert_array_equal(other.values, one.values)
    np.testing.assert_array_equal(one.estimate, one.values)
    single = hedge_ratio(b, X["QQQ"])
    np.testing.assert_array_equal(single.values, hedge_ratio(b, X[["QQQ"]]).values)


def test_a_fixed_ratio_needs_no_history_and_is_shared() -> None:
    b, X = frames(3)
    found = hedge_ratio(b, X, method="fixed", value=0.9)
    np.testing.assert_array_equal(found.values, [0.45, 0.45])
    assert (found.n, found.note) == (3, "")
    single = hedge_ratio(b.to_numpy(), X["QQQ"].to_numpy(), method="fixed", value=-0.9, cap=0.5)
    np.testing.assert_array_equal(single.estimate, [-0.9])
    np.testing.assert_array_equal(single.values, [-0.5])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "fixed"}, "method fixed needs a value, as in value=1.0"),
        ({"method": "ewma"}, "method ewma needs a half_life, as in half_life=30"),
        ({"method": "put"}, "method put holds puts, not a ratio of the instrument"),
        ({"method": "min_es"}, "method min_es takes one instrument, not 2; use ols"),
        ({"method": "downside_beta"}, "method downside_beta takes one instrument, not 2"),
        ({"method": "olz"}, "method: input should be 'fixed', 'ols'"),
        ({"lookback": 5}, "lookback: input should be greater than or equal to 10"),
        ({"lookback": 50.5}, "lookback: input should be a valid integer"),
        ({"level": 0.0, "penalty": -1.0}, "penalty: .*; level: "),
        ({"half_live": 5.0}, "half_live: extra inputs are not permitted"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], words: str) -> None:
    b, X = frames()
    with pytest.raises(UsageError, match=words):
        hedge_ratio(b, X, **options)


def test_wrong_data_are_named() -> None:
    b, X = frames()
    with pytest.raises(UsageError, match="different indexes; align them first"):
        hedge_ratio(b.iloc[1:], X)
    with pytest.raises(UsageError, match="not ascending in time"):
        hedge_ratio(b.iloc[::-1], X.iloc[::-1])
    with pytest.raises(UsageError, match="book is a list and instruments a DataFrame; pass"):
        hedge_ratio([0.1], X)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="must hold numbers"):
        hedge_ratio(np.array(["a"]), np.array([["b"]]))
    X.iloc[4, 1] = np.inf
    with pytest.raises(DataError, match="infinite return"):
        hedge_ratio(b, X)


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    b, X = frames()
    b.iloc[50:80] = np.nan
    found = hedge_ratio(b, X)
    assert found.n == 100
    kept = b.notna()
    packed = hedge_ratio(b[kept], X[kept], lookback=100)
    np.testing.assert_array_equal(found.values, packed.values)
    b.iloc[80:90] = np.nan
    short = hedge_ratio(b, X)
    assert np.isnan(short.values).all()
    assert short.note == "90 joint returns up to the decision; 96 are needed"


def test_the_ideal_ratio_leaves_the_least_variance() -> None:
    b, X = frames(7)
    left, right = b.to_numpy(), X.to_numpy()
    best = ideal_ratio(left, right)
    least = np.var(left - right @ best)
    for step in ([0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01]):
        assert np.var(left - right @ (best + step)) > least
    wanted = np.linalg.lstsq(right - right.mean(axis=0), left - left.mean(), rcond=None)[0]
    np.testing.assert_allclose(best, wanted, 1e-12)


def test_the_ideal_ratio_by_hand_and_of_too_little() -> None:
    b, x = np.array([0.0, 2.0, 1.0]), np.array([[0.0], [1.0], [2.0]])
    np.testing.assert_allclose(ideal_ratio(b, x), [0.5], 1e-15)
    assert np.isnan(ideal_ratio(b[:2], x[:2])).all()
    assert np.isnan(ideal_ratio(np.array([1.0, np.nan, 2.0]), x)).all()
    assert np.isnan(ideal_ratio(b, np.ones((3, 1)))).all()
    assert np.isnan(ideal_ratio(b[:0], x[:0])).all()
    with pytest.raises(UsageError, match="must be"):
        ideal_ratio(b, x[:, 0])


def test_ridge_spares_rows_of_many_instruments() -> None:
    rng = np.random.default_rng(1)
    b, X = rng.standard_normal(12), rng.standard_normal((12, 14))
    assert np.isfinite(hedge_ratio(b, X, method="ridge", lookback=12).values).all()
    found = hedge_ratio(b, X, lookback=12)
    assert found.note == "12 joint returns up to the decision; 16 are needed"
