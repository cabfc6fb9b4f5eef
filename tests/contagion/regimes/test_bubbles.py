"""SADF and GSADF: published critical values, size under clustered volatility, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.contagion.regimes.bubbles import (
    Null,
    bubble_tests,
    default_window,
    gsadf,
    sadf,
    stretches,
)
from eventlab.contagion.regimes.critical_values import (
    BubbleSpec,
    backward_suprema,
    simulated_null,
    wild_null,
)
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_regimes import bsadf

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

RTOL = 1e-9  # raw cross-moments of a window against orthogonal least squares
# Three standard errors of a 95% quantile from 2,000 draws, where the density is some .12, and of
# one from 4,000: those of the published numbers and of ours.
SIMULATION = 0.15


def series(values: npt.NDArray[np.float64]) -> pd.Series:
    return pd.Series(values, pd.date_range("2023-01-01", periods=len(values)))


def walk(seed: int = 0, T: int = 100) -> pd.Series:
    return series(0.02 * np.random.default_rng(seed).standard_t(5, T).cumsum())


def bubble(seed: int = 0) -> pd.Series:
    """A random walk of 200 bars that grows 4% a bar from row 100 to 139, and falls back."""
    rng = np.random.default_rng(seed)
    levels = np.full(200, 20.0)
    for t in range(1, 200):
        levels[t] = (1.04 if 100 <= t < 140 else 1.0) * levels[t - 1] + rng.standard_normal()
        if t == 140:
            levels[t] = levels[99]
    return series(levels)


@pytest.mark.parametrize(
    ("T", "share", "sadf_value", "gsadf_value"),
    [(100, 0.190, 1.30, 2.00), (200, 0.137, 1.40, 2.08)],
)
def test_published_critical_values(
    T: int, share: float, sadf_value: float, gsadf_value: float
) -> None:
    # Phillips, Shi & Yu (2015), Table 1: finite-sample 95% critical values, 2,000 replications.
    spec = BubbleSpec(0, int(share * T), 4000, 0)
    null = simulated_null(T, spec)
    assert default_window(T) == int(share * T)
    assert null.critical(0)[1] == pytest.approx(gsadf_value, abs=SIMULATION)
    assert null.critical(1)[1] == pytest.approx(sadf_value, abs=SIMULATION)


def test_the_statistics_by_least_squares() -> None:
    price = walk(1, 70)
    wanted = bsadf(price.to_numpy(), default_window(70))
    found = bubble_tests(price, draws=99)
    assert found["gsadf"].statistic == pytest.approx(np.nanmax(wanted[0]), rel=RTOL)
    assert found["sadf"].statistic == pytest.approx(np.nanmax(wanted[1]), rel=RTOL)
    np.testing.assert_allclose(found["gsadf"].path["statistic"], wanted[0], RTOL, 1e-9)
    np.testing.assert_allclose(found["sadf"].path["statistic"], wanted[1], RTOL, 1e-9)
    assert found["sadf"].statistic <= found["gsadf"].statistic


def test_lags_are_those_of_the_regression() -> None:
    price = walk(2, 60)
    found = gsadf(price, lags=2, min_window=20, draws=99)
    wanted = np.nanmax(bsadf(price.to_numpy(), 20, 2)[0])
    assert found.statistic == pytest.approx(wanted, rel=RTOL)
    assert np.isfinite(found.pvalue)


@pytest.mark.parametrize("null", ["wild", "simulated"])
def test_the_level_and_the_scale_of_prices_do_not_matter(null: Null) -> None:
    price = walk(3)
    one = gsadf(price, null=null, draws=99)
    two = gsadf(7.0 - 3.0 + 50.0 * price, null=null, draws=99)
    assert two.statistic == pytest.approx(one.statistic, rel=RTOL)
    assert two.pvalue == one.pvalue


def test_the_pvalue_counts_draws() -> None:
    price = walk(4)
    spec = BubbleSpec(0, default_window(100), 199, 5)
    rng = np.random.default_rng(5)
    steps = np.diff(price.to_numpy())
    signs = np.where(rng.random((199, 99)) < 0.5, 1.0, -1.0)
    drawn = steps.mean() + signs * (steps - steps.mean())
    paths = np.concatenate([np.zeros((199, 1)), drawn.cumsum(axis=1)], axis=1)
    suprema = np.nanmax(backward_suprema(paths, spec), axis=2)
    for kind, name in enumerate(("gsadf", "sadf")):
        found = bubble_tests(price, draws=199, seed=5)[name]  # type: ignore[index]
        as_large = np.count_nonzero(suprema[kind] >= found.statistic)
        assert found.pvalue == (1 + as_large) / 200
        # The 10th largest of 199: a larger statistic has at most nine above, p = 10/200.
        assert found.critical_95 == pytest.approx(np.sort(suprema[kind])[-10], rel=1e-12)


def test_threads_give_the_same_bits() -> None:
    steps = np.diff(walk(5).to_numpy())
    spec = BubbleSpec(0, 19, 150, 0)
    one, three = (wild_null(steps, spec, threads) for threads in (1, 3))
    np.testing.assert_array_equal(one.suprema, three.suprema)
    np.testing.assert_array_equal(one.sequences, three.sequences)


def test_simulated_critical_values_are_kept() -> None:
    spec = BubbleSpec(0, 19, 120, 1)
    assert simulated_null(100, spec) is simulated_null(100, BubbleSpec(0, 19, 120, 1))


def test_size_under_clustered_volatility() -> None:
    # GARCH(.04, .10, .86) with t(4) shocks, 120 series of 120 bars: the published null rejects too
    # often. Standard error of a share of 5%: 2 points.
    rng = np.random.default_rng(6)
    shocks = rng.standard_t(4, (120, 320)) / np.sqrt(2.0)
    variance, steps = np.ones(120), np.empty((120, 320))
    for t in range(320):
        steps[:, t] = np.sqrt(variance) * shocks[:, t]
        variance = 0.04 + 0.10 * steps[:, t] ** 2 + 0.86 * variance
    prices = [series(row) for row in steps[:, 200:].cumsum(axis=1)]
    wild, simulated = (
        np.mean([gsadf(price, null=null, draws=199).pvalue <= 0.05 for price in prices])
        for null in ("wild", "simulated")
    )
    assert wild <= 0.10
    assert simulated >= wild + 0.03


def test_a_bubble_is_found_and_dated() -> None:
    price = bubble()
    found = gsadf(price, draws=199)
    assert found.pvalue <= 0.01
    longest = found.stretches.sort_values("bars").iloc[-1]
    assert price.index[100] <= longest["first"] <= price.index[125]
    assert price.index[135] <= longest["last"] <= price.index[141]
    assert not longest["open"]
    assert gsadf(walk(8), draws=199).pvalue > 0.05


def test_stretches_by_hand() -> None:
    # 20 rows: log 20 = 2.996, so that runs of three count and runs of two do not.
    above = np.zeros(20, dtype=bool)
    above[[3, 4, 5, 6, 10, 11, 18, 19]] = True
    path = pd.DataFrame({"statistic": np.arange(20.0), "explosive": above})
    levels = np.array([*range(10), *range(0, -10, -1)], dtype=np.float64)
    found = stretches(path, levels, 5)
    assert found["first"].tolist() == [3]
    assert found["last"].tolist() == [6]
    assert found["peak"].tolist() == [6.0]
    above[17] = True
    found = stretches(path.assign(explosive=above), levels, 5)
    assert found["bars"].tolist() == [4, 3]
    assert found["open"].tolist() == [False, True]
    assert found["rise"].tolist() == [4.0, -4.0]  # of the five rows up to the last
    assert stretches(path.assign(explosive=False), levels, 5).empty


@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(25, 99))
@settings(max_examples=15, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, cut: int) -> None:
    price = walk(seed)
    later = price.copy()
    later.iloc[cut:] = np.random.default_rng(seed).normal(9.0, 5.0, 100 - cut)
    for name in ("gsadf", "sadf"):
        before, after = (
            bubble_tests(each, null="simulated", draws=99)[name] for each in (price, later)
        )
        pd.testing.assert_frame_equal(before.path[:cut], after.path[:cut], check_exact=True)


def test_a_price_that_stands_still_has_no_statistic() -> None:
    found = bubble_tests(series(np.full(80, 4.2)), draws=99)
    for test in found.values():
        assert np.isnan([test.statistic, test.pvalue, test.critical_95]).all()
        assert test.note == "no residual varies in any window"
        assert test.stretches.empty
        assert "no residual" in repr(test)


def test_a_price_that_stood_still_at_first() -> None:
    levels = np.concatenate([np.zeros(40), walk(9, 60).to_numpy()])
    found = gsadf(series(levels), draws=99)
    assert found.note == ""
    assert 0.0 < found.pvalue <= 1.0
    assert not found.path["explosive"][:40].any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"null": "wilde"}, "did you mean 'wild'"),
        ({"lags": -1}, "lags -1 is below 0"),
        ({"draws": 98}, "draws 98 is below 99"),
        ({"min_window": 5}, "min_window 5 is below 6"),
        ({"lags": 3, "min_window": 11}, "min_window 11 is below 12"),
    ],
)
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gsadf(walk(), **options)  # type: ignore[arg-type]


def test_unusable_levels() -> None:
    price = walk()
    price.iloc[[7, 30]] = np.nan
    with pytest.raises(DataError, match="2 rows without a finite level, the first at 2023-01-08;"):
        sadf(price)
    with pytest.raises(DataError, match="6 levels; at least 7"):
        sadf(walk()[:6])
    with pytest.raises(UsageError, match="log_price is a DataFrame; pass a pandas Series"):
        gsadf(pd.DataFrame({"a": price, "b": price}))  # type: ignore[arg-type]


def closes(market_dir: Path, symbol: str) -> pd.Series:
    daily = pd.read_parquet(market_dir / "daily.parquet", columns=["date", "symbol", "adj_close"])
    own = daily[daily["symbol"] == symbol].set_index("date")["adj_close"]
    return own.set_axis(pd.to_datetime(own.index))


def test_bitcoin_in_2017_and_in_2021(market_dir: Path) -> None:
    price = np.log(closes(market_dir, "BTC"))
    weekly = price["2015-06":"2018-06"].resample("W").last()
    # The published null calls 2017 a bubble; with the drift and the volatility of these three
    # years one walk in five looks like it.
    published = gsadf(weekly, null="simulated", draws=499)
    assert published.pvalue <= 0.01
    assert published.path["explosive"]["2017-12-10":"2017-12-24"].all()
    assert not published.path["explosive"]["2018-04":].any()
    assert gsadf(weekly, draws=499).pvalue > 0.10
    daily = gsadf(price["2020-06":"2021-04"], draws=499)
    assert daily.pvalue <= 0.03
    assert daily.path["explosive"]["2020-12-31":"2021-01-10"].all()


def test_a_fall_that_speeds_up_is_explosive_too() -> None:
    price = bubble()
    rising, falling = (gsadf(each, draws=199) for each in (price, -price))
    assert falling.statistic == pytest.approx(rising.statistic, rel=RTOL)
    assert rising.stretches["rise"].iloc[-1] > 0.0
    assert falling.stretches["rise"].iloc[-1] < 0.0
