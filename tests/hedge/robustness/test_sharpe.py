"""Sharpe ratios: published numbers, other programs, transcriptions and edges."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import ffn
import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.hedge import deflated_sharpe, probabilistic_sharpe, sharpe_ratio
from eventlab.hedge.robustness.moments import ratio_stderr
from eventlab.hedge.robustness.normal import normal_probability
from eventlab.hedge.robustness.sharpe import (
    aggregation_factor,
    expected_max_sharpe,
    sharpe_table,
)
from tests import naive_hedge_robustness as naive

if TYPE_CHECKING:
    from eventlab.hedge.robustness.moments import Form

SUMS = 1e-12  # the same sums in another order
QUANTILE = 1e-9  # the transcription's normal quantile is accurate to about 1e-16 / density


def skewed(n: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    found: np.ndarray = 0.02 * generator.standard_t(4, n) + 0.002
    for t in range(1, n):
        found[t] += 0.25 * found[t - 1]
    return found


def sharpe_probability(
    sharpe: float, benchmark: float = 0.0, *, n: int, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """Probability from the moments of n returns, which papers print, instead of the returns."""
    stderr = ratio_stderr(*(np.array([each]) for each in (sharpe, n, skew, kurtosis)))
    return float(normal_probability((sharpe - benchmark) / stderr)[0])


def test_deflated_sharpe_of_the_paper() -> None:
    # Bailey & Lopez de Prado (2014), "a numerical example": 100 trials, variance 1/2 (annual, of
    # 250 bars), T 1250, annual Sharpe ratio 2.5, skew -3, kurtosis 10. SR0 0.1132, DSR 0.9004.
    hurdle = expected_max_sharpe(100, 0.5 / 250)
    assert hurdle == pytest.approx(0.1132, abs=5e-5)
    best = 2.5 / math.sqrt(250)
    found = sharpe_probability(best, hurdle, n=1250, skew=-3.0, kurtosis=10.0)
    assert found == pytest.approx(0.9004, abs=5e-5)
    # The same with 46 trials, and with 88 trials of normal returns: 0.9505 both.
    fewer = expected_max_sharpe(46, 0.5 / 250)
    found = sharpe_probability(best, fewer, n=1250, skew=-3.0, kurtosis=10.0)
    assert found == pytest.approx(0.9505, abs=5e-5)
    normal = expected_max_sharpe(88, 0.5 / 250)
    assert sharpe_probability(best, normal, n=1250) == pytest.approx(0.9505, abs=5e-5)


def test_probabilistic_sharpe_of_the_paper() -> None:
    # Bailey & Lopez de Prado (2012): 24 months, Sharpe ratio 0.458 a month; 0.982 if returns were
    # normal and 0.913 with their skew of -2.448 and kurtosis of 10.164.
    assert sharpe_probability(0.458, n=24) == pytest.approx(0.982, abs=5e-4)
    found = sharpe_probability(0.458, n=24, skew=-2.448, kurtosis=10.164)
    assert found == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(
    ("rho", "q", "factor"),
    # Lo (2002), table 2: scale factors of AR(1) returns. Without autocorrelation sqrt(q).
    [(0.0, 12, 3.46), (0.2, 12, 2.88), (-0.2, 12, 4.17), (0.0, 250, 15.81), (0.5, 250, 9.15)],
)
def test_factor_of_lo(rho: float, q: int, factor: float) -> None:
    correlations = np.power(rho, np.arange(1, q), dtype=np.float64)
    assert aggregation_factor(correlations, q) == pytest.approx(factor, abs=0.0051)
    closed = 1 + 2 * rho / (1 - rho) * (1 - (1 - rho**q) / (q * (1 - rho)))  # his eq. 22
    assert aggregation_factor(correlations, q) == pytest.approx(math.sqrt(q / closed), rel=SUMS)


@pytest.mark.parametrize(("ratio", "n", "stderr"), [(0.5, 12, 0.306), (0.5, 60, 0.137)])
def test_normal_standard_error_of_lo(ratio: float, n: int, stderr: float) -> None:
    # Lo (2002), table 1.
    values = np.random.default_rng(0).standard_normal(n)
    values = (values - values.mean()) / values.std(ddof=1) + ratio
    found = sharpe_ratio(values)
    assert found.value == pytest.approx(ratio, rel=SUMS)
    assert found.stderr_normal == pytest.approx(stderr, abs=5e-4)


def test_by_hand() -> None:
    # Mean 0.02, deviations -1, 0, 1 percent: sd 0.01 (ddof 1); no skew, kurtosis (2/3)/(2/3)^2.
    found = sharpe_ratio(np.array([0.01, 0.02, 0.03]), lags=0)
    assert found.value == pytest.approx(2.0, rel=SUMS)
    assert found.n == 3
    assert [found.skew, found.kurtosis] == pytest.approx([0.0, 1.5])
    # sqrt((1 + 0.5/4 * 4)/2)
    assert found.stderr == pytest.approx(math.sqrt(0.75), rel=SUMS)
    assert found.annual == pytest.approx(2 * math.sqrt(252), rel=SUMS)


@pytest.mark.parametrize("lags", [0, 1, 5])
def test_against_the_transcription(lags: int) -> None:
    values = skewed(90)
    found = sharpe_ratio(values, periods=12, lags=lags)
    listed = values.tolist()
    assert found.value == pytest.approx(naive.sharpe(listed), rel=SUMS)
    assert found.skew == pytest.approx(naive.moment(listed, 3), rel=SUMS)
    assert found.kurtosis == pytest.approx(naive.moment(listed, 4), rel=SUMS)
    assert found.stderr_hac == pytest.approx(naive.hac_stderr(listed, lags), rel=1e-11)
    assert found.factor == pytest.approx(naive.lo_factor(listed, lags, 12), rel=SUMS)
    assert found.annual_hac == pytest.approx(found.value * found.factor, rel=SUMS)
    for benchmark in (0.0, 0.1):
        assert probabilistic_sharpe(values, benchmark) == pytest.approx(
            naive.probabilistic_sharpe(listed, benchmark), rel=SUMS
        )


def test_without_lags_the_errors_are_one() -> None:
    found = sharpe_ratio(skewed(200), lags=0)
    assert found.stderr_hac == pytest.approx(found.stderr, rel=SUMS)
    assert found.factor == pytest.approx(math.sqrt(252), rel=SUMS)
    assert found.annual_hac == pytest.approx(found.annual, rel=SUMS)


@pytest.mark.parametrize("form", ["population", "adjusted"])
def test_moments_of_scipy(form: Form) -> None:
    stats = pytest.importorskip("scipy.stats")
    values = skewed(60)
    found = deflated_sharpe(values, n_trials=3, variance=0.01, form=form)
    bias = form == "population"
    assert found.skew == pytest.approx(stats.skew(values, bias=bias), rel=SUMS)
    kurtosis = stats.kurtosis(values, fisher=False, bias=bias)
    assert found.kurtosis == pytest.approx(kurtosis, rel=SUMS)


@pytest.mark.parametrize(("trials", "variance"), [(2, 0.3), (17.5, 0.02), (1000, 1.0), (10**6, 2)])
def test_expected_max_against_the_transcription(trials: float, variance: float) -> None:
    expected = naive.expected_max(trials, variance)
    assert expected_max_sharpe(trials, variance) == pytest.approx(expected, rel=QUANTILE)


def test_expected_max_is_that_of_normal_draws() -> None:
    draws = np.random.default_rng(3).standard_normal((20_000, 50)).max(axis=1)
    # The formula is asymptotic: within 1% of the mean of 50 draws, whose own error is 0.3%.
    assert expected_max_sharpe(50, 1.0) == pytest.approx(draws.mean(), rel=0.015)


def test_one_try_or_none_alike_deflates_nothing() -> None:
    values = skewed(120)
    one = deflated_sharpe(values, np.array([0.3]))
    assert (one.trials, one.variance, one.expected_max) == (1.0, 0.0, 0.0)
    assert one.probability == probabilistic_sharpe(values)
    alike = deflated_sharpe(values, np.full(40, 0.3))
    assert alike.probability == pytest.approx(probabilistic_sharpe(values), rel=SUMS)
    assert expected_max_sharpe(1.05, 1.0) == 0.0


def test_trials_give_count_and_variance_unless_told() -> None:
    values, trials = skewed(120), np.array([0.1, -0.2, 0.05, 0.3])
    own = deflated_sharpe(values, trials)
    assert own.trials == 4
    assert own.variance == pytest.approx(np.var(trials, ddof=1), rel=SUMS)
    assert own == deflated_sharpe(values, n_trials=4, variance=own.variance)
    fewer = deflated_sharpe(values, trials, n_trials=2.5)
    assert (fewer.trials, fewer.variance) == (2.5, own.variance)
    assert fewer.probability > own.probability


def test_ffn_agrees() -> None:
    sets = 0.01 * np.random.default_rng(5).standard_t(5, (400, 30)) + 0.0004
    table = sharpe_table(sets)
    best = int(table["sharpe"].argmax())
    ours = deflated_sharpe(sets[:, best], table["sharpe"], form="adjusted")
    # Series: ffn adds its methods to pandas objects.
    theirs = ffn.core.calc_deflated_sharpe_ratio(
        pd.Series(sets[:, best]), table["sharpe"], nperiods=252, annualized_trials=False
    )
    assert ours.probability == pytest.approx(theirs, rel=1e-10)
    hurdle = ffn.core.calc_expected_max_sharpe(30, math.sqrt(ours.variance))
    assert ours.expected_max == pytest.approx(hurdle, rel=1e-10)


def test_a_table_is_its_rows() -> None:
    frame = pd.DataFrame({"a": skewed(80), "b": skewed(80, 1), "flat": 0.1, "short": np.nan})
    frame.loc[:1, "short"] = [0.01, 0.02]
    frame.loc[5:9, "b"] = np.nan
    table = sharpe_table(frame, periods=365, benchmark=0.01)
    for name in ("a", "b"):
        one = sharpe_ratio(frame[name], periods=365)
        row = table.loc[name]
        for field in ("stderr", "annual", "annual_stderr", "skew", "kurtosis", "n"):
            assert row[field] == pytest.approx(getattr(one, field), rel=SUMS)
        assert row["sharpe"] == pytest.approx(one.value, rel=SUMS)
        assert row["probabilistic"] == pytest.approx(
            probabilistic_sharpe(frame[name], 0.01), rel=SUMS
        )
        assert row["note"] == ""
    assert table.loc["b", "n"] == 75
    assert table.loc["flat", "note"] == "the returns do not vary"
    assert table.loc["short", "note"] == "fewer than 3 returns"
    assert table.loc[["flat", "short"], ["sharpe", "stderr", "probabilistic"]].isna().all(axis=None)


def test_a_gap_does_not_join_its_sides() -> None:
    values = skewed(60)
    values[30] = np.nan
    found = sharpe_ratio(values, lags=1, periods=2)
    known = values[np.isfinite(values)]
    moved = np.where(np.isfinite(values), values - known.mean(), 0.0)
    rho = moved[1:] @ moved[:-1] / (moved @ moved)
    assert found.factor == pytest.approx(2 / math.sqrt(2 + 2 * rho), rel=SUMS)
    assert found.n == 59


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([], "fewer than 3 returns"),
        ([0.1, 0.2], "fewer than 3 returns"),
        ([np.nan] * 5, "fewer than 3 returns"),
        ([0.0] * 5, "the returns do not vary"),
        ([0.1] * 7, "the returns do not vary"),
    ],
)
def test_what_cannot_be_said_is_nan_with_the_reason(values: list[float], note: str) -> None:
    found = sharpe_ratio(np.array(values))
    assert found.note == note
    assert np.isnan([found.value, found.stderr, found.stderr_hac, found.annual_hac]).all()
    deflated = deflated_sharpe(np.array(values), n_trials=5, variance=0.1)
    assert deflated.note == note
    assert np.isnan(deflated.probability)
    assert np.isnan(probabilistic_sharpe(np.array(values)))


def test_alternating_returns_leave_no_variance_over_a_year() -> None:
    found = sharpe_ratio(np.tile([0.01, -0.009], 50), lags=1)
    assert np.isnan(found.annual_hac)
    assert found.note == "autocorrelations leave no variance over a year"
    assert np.isfinite([found.value, found.stderr, found.stderr_hac, found.annual]).all()


def test_refusals() -> None:
    values = skewed(20)
    with pytest.raises(UsageError, match="periods=0 is not above 0"):
        sharpe_ratio(values, periods=0)
    with pytest.raises(UsageError, match="lags=-1 is below 0"):
        sharpe_ratio(values, lags=-1)
    with pytest.raises(DataError, match="row 3 is infinite"):
        sharpe_ratio(np.array([0.0, 1.0, 2.0, np.inf]))
    with pytest.raises(UsageError, match="2 dimensions; pass one return per bar"):
        sharpe_ratio(np.zeros((3, 2)))
    with pytest.raises(UsageError, match="both n_trials and variance"):
        deflated_sharpe(values, n_trials=4)
    with pytest.raises(UsageError, match="1 missing of 2"):
        deflated_sharpe(values, np.array([0.1, np.nan]))
    with pytest.raises(UsageError, match="trials=0 is not a number from 1 on"):
        expected_max_sharpe(0, 0.1)
    with pytest.raises(UsageError, match="variance=-1"):
        expected_max_sharpe(3, -1)
    with pytest.raises(UsageError, match="form='sample' is unknown"):
        deflated_sharpe(values, n_trials=4, variance=0.1, form="sample")  # type: ignore[arg-type]
