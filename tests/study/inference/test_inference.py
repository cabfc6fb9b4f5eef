"""Tests of a window: worked by hand, collapsed to simpler ones, and who makes the headline."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eventlab.study.inference.registry import TESTS, Outcome, normal_pvalue, run_tests, t_pvalue
from eventlab.study.inference.samples import Overlaps, Sample

if TYPE_CHECKING:
    from tests.study.panels import Array

RTOL = 1e-12  # a handful of operations on each number

CARS_ONLY = (
    "cross_sectional_t",
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "bmp",
    "bmp_naive",
    "kolari_pynnonen_bmp",
    "kolari_pynnonen_patell",
)


@dataclass(frozen=True)
class WindowSample:
    """Events of one window, as they are written down by hand."""

    car: Array
    sigma: Array
    factor: Array
    dof: npt.NDArray[np.int64]
    sar_sum: Array
    length: int
    correlation: float = 0.0
    overlapping: int = 0

    @property
    def scar(self) -> Array:
        scaled: Array = self.car / (self.sigma * np.sqrt(self.factor))
        return scaled

    @property
    def sample(self) -> Sample:
        n = len(self.car)
        count = np.array([self.overlapping])
        return Sample(
            car=self.car.reshape(n, 1),
            error=(self.sigma * np.sqrt(self.factor)).reshape(n, 1),
            naive=(self.sar_sum / math.sqrt(self.length)).reshape(n, 1),
            dof=self.dof,
            windows=np.array([[0, self.length - 1]]),
            overlaps=Overlaps(
                np.array([self.correlation]), count, 0 * count, 0 * count + n, 0 * count
            ),
        )


# Four events of two bars. Forecast standard errors sigma sqrt(w'Gw) are .02 x 1.5 = .03 and
# .01 x 2 = .02 for the pairs, dof 12 and 7 give Q = 12/10 = 1.2 and 7/5 = 1.4.
# CAR .06, .03, -.02, .04 -> SCAR 2, 1, -1, 2.
HAND = WindowSample(
    car=np.array([0.06, 0.03, -0.02, 0.04]),
    sigma=np.array([0.02, 0.02, 0.01, 0.01]),
    factor=np.array([2.25, 2.25, 4.0, 4.0]),
    dof=np.array([12, 12, 7, 7]),
    sar_sum=np.array([3.0, 1.0, -2.0, 4.0]),
    length=2,
    correlation=0.1,
    overlapping=6,
)
# cs t: mean .0275; squared deviations (.0325^2 + .0025^2 + .0475^2 + .0125^2) = .003475,
#   sd = sqrt(.003475/3); t = 2 x .0275/sd = .055/.034034296...
# J1: sum CAR .11 over sqrt(2 x .03^2 + 2 x .02^2) = sqrt(.0026).
# J2: mean SCAR 1, times 2, over sqrt(mean Q) = sqrt(1.3). Patell: 4 over sqrt(5.2): the same.
# BMP: deviations 1, 0, -2, 1: sd = sqrt(6/3); 2 x 1/sqrt(2) = sqrt(2).
# naive: sums over sqrt(2): mean 1.5/sqrt(2); Patell 6/sqrt(2)/sqrt(5.2); deviations of the sums
#   from 1.5 are 1.5, -.5, -3.5, 2.5: 21, sd sqrt(7); BMP 2 x 1.5/sqrt(7).
# KP: (1 - .1)/(1 + 3 x .1) = .9/1.3.
BY_HAND = {
    "cross_sectional_t": 0.055 / math.sqrt(0.003475 / 3),
    "clm_j1": 0.11 / math.sqrt(0.0026),
    "clm_j2": 2.0 / math.sqrt(1.3),
    "patell_z": 4.0 / math.sqrt(5.2),
    "patell_z_naive": 6.0 / math.sqrt(10.4),
    "bmp": math.sqrt(2.0),
    "bmp_naive": 3.0 / math.sqrt(7.0),
    "kolari_pynnonen_bmp": math.sqrt(2.0 * 0.9 / 1.3),
    "kolari_pynnonen_patell": 4.0 / math.sqrt(5.2 * 1.3),
}
STUDENT = {"cross_sectional_t", "bmp", "bmp_naive", "kolari_pynnonen_bmp"}


def sample(seed: int, N: int, L: int = 3, spread: float = 1.0, mean: float = 0.0) -> WindowSample:
    """Events with SCARs of the given spread."""
    rng = np.random.default_rng(seed)
    sigma, factor = rng.uniform(0.01, 0.04, N), L * rng.uniform(1.0, 1.1, N)
    sar_sum = rng.normal(mean, spread, N) * math.sqrt(L)
    scar = sar_sum / math.sqrt(L) * rng.uniform(0.99, 1.01, N)
    dof = rng.integers(60, 250, N)
    return WindowSample(scar * sigma * np.sqrt(factor), sigma, factor, dof, sar_sum, L)


def outcomes(one: WindowSample) -> dict[str, Outcome]:
    return {outcome.test: outcome for outcome in run_tests(one.sample, CARS_ONLY).outcomes(0)}


def test_by_hand() -> None:
    found = outcomes(HAND)
    assert {name: one.statistic for name, one in found.items()} == pytest.approx(BY_HAND, rel=RTOL)


@pytest.mark.parametrize("test", BY_HAND)
def test_pvalues_are_those_of_scipy(test: str) -> None:
    one = outcomes(HAND)[test]
    if test in STUDENT:
        assert (one.distribution, one.dof) == ("t", 3.0)
        assert one.pvalue == pytest.approx(2 * stats.t.sf(abs(BY_HAND[test]), 3), rel=RTOL)
    else:
        assert one.distribution == "normal"
        assert math.isnan(one.dof)
        assert one.pvalue == pytest.approx(2 * stats.norm.sf(abs(BY_HAND[test])), rel=RTOL)


def test_pvalues_keep_their_digits_in_the_tail() -> None:
    assert normal_pvalue(30.0) == pytest.approx(2 * stats.norm.sf(30.0), rel=1e-10)
    assert t_pvalue(-40.0, 200.0) == pytest.approx(2 * stats.t.sf(40.0, 200.0), rel=1e-10)
    assert normal_pvalue(0.0) == t_pvalue(0.0, 3.0) == 1.0
    assert normal_pvalue(-2.0) == normal_pvalue(2.0)


def test_cross_sectional_t_is_scipys() -> None:
    one = sample(0, 20)
    wanted = stats.ttest_1samp(one.car, 0.0)
    found = outcomes(one)["cross_sectional_t"]
    assert found.statistic == pytest.approx(wanted.statistic, rel=RTOL)
    assert found.pvalue == pytest.approx(wanted.pvalue, rel=RTOL)


@given(seed=st.integers(0, 2**32 - 1), N=st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_collapses(seed: int, N: int) -> None:
    one = sample(seed, N)
    found = {name: outcome.statistic for name, outcome in outcomes(one).items()}
    assert found["clm_j2"] == pytest.approx(found["patell_z"], rel=RTOL)
    assert found["kolari_pynnonen_patell"] == found["patell_z"]  # r = 0
    if N > 1:
        assert found["kolari_pynnonen_bmp"] == found["bmp"]
    if N == 1:  # a single CAR over its forecast error, as N(0, 1)
        assert found["clm_j1"] == pytest.approx(one.scar[0], rel=RTOL)
    equal = replace(one, sigma=np.full(N, 0.02), factor=np.full(N, 3.0), dof=np.full(N, 10**12))
    same = {name: outcome.statistic for name, outcome in outcomes(equal).items()}
    assert same["clm_j1"] == pytest.approx(same["clm_j2"], rel=1e-10)  # equal variances, Q = 1
    if N > 1:
        assert same["bmp"] == pytest.approx(same["cross_sectional_t"], rel=1e-10)
    single = replace(one, length=1, sar_sum=one.scar)  # L = 1: nothing to forget
    bar = {name: outcome.statistic for name, outcome in outcomes(single).items()}
    assert bar["patell_z_naive"] == pytest.approx(bar["patell_z"], rel=RTOL)
    if N > 1:
        assert bar["bmp_naive"] == pytest.approx(bar["bmp"], rel=RTOL)


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([-1.0, 1e-6, 1e4]))
@settings(max_examples=20, deadline=None)
def test_scale_and_sign(seed: int, scale: float) -> None:
    one = sample(seed, 12)
    sign = math.copysign(1.0, scale)
    scaled = replace(
        one, car=scale * one.car, sigma=abs(scale) * one.sigma, sar_sum=sign * one.sar_sum
    )
    found, wanted = outcomes(scaled), outcomes(one)
    for name in CARS_ONLY:
        assert found[name].statistic == pytest.approx(sign * wanted[name].statistic, rel=1e-10)
        assert found[name].pvalue == pytest.approx(wanted[name].pvalue, rel=1e-9)


def test_no_events() -> None:
    empty = np.empty(0)
    one = WindowSample(empty, empty, empty, np.empty(0, dtype=np.int64), empty, 1)
    for outcome in run_tests(one.sample, tuple(TESTS)).outcomes(0):
        assert math.isnan(outcome.statistic)
        assert math.isnan(outcome.pvalue)
        assert not outcome.headline
        assert outcome.distribution == "none"
        assert outcome.note == "no event has a complete window"


def test_one_event_leaves_the_headline_to_the_placebo() -> None:
    found = outcomes(sample(1, 1))
    assert not any(one.headline for one in found.values())
    for name in ("bmp", "cross_sectional_t", "kolari_pynnonen_bmp"):
        assert math.isnan(found[name].statistic)
        assert found[name].note == "a cross-sectional variance needs two events"
    assert "rely on the placebo" in found["patell_z"].note


def test_equal_events_have_no_cross_sectional_test() -> None:
    one = replace(HAND, car=np.full(4, 0.1), sigma=np.full(4, 0.1), factor=np.full(4, 3.0))
    for name in STUDENT - {"bmp_naive"}:
        found = outcomes(one)[name]
        assert math.isnan(found.statistic)
        assert "no variance" in found.note


def headline(one: WindowSample) -> set[str]:
    return {name for name, outcome in outcomes(one).items() if outcome.headline}


def test_headline_of_independent_events() -> None:
    one = sample(2, 40)
    assert headline(one) == {"patell_z", "bmp", "kolari_pynnonen_bmp"}
    for name in ("patell_z_naive", "bmp_naive"):
        assert outcomes(one)[name].note.startswith("for comparison")


def test_shared_dates_leave_the_adjusted_test_only() -> None:
    one = replace(sample(3, 40), overlapping=7, correlation=0.02)
    assert headline(one) == {"kolari_pynnonen_bmp"}
    note = outcomes(one)["patell_z"].note
    assert "7 of 780 pairs share bars" in note
    assert "0.020" in note


def test_an_increase_of_variance_takes_patell_out() -> None:
    assert headline(sample(4, 40, spread=1.6)) == {"bmp", "kolari_pynnonen_bmp"}
    assert "assumes no change of variance" in outcomes(sample(4, 40, spread=1.6))["clm_j1"].note


def test_few_events() -> None:
    assert headline(sample(5, 4)) == set()
    assert "too few" in outcomes(sample(5, 4))["bmp"].note
    assert "4 events do not rule out that it doubled" in outcomes(sample(5, 4))["patell_z"].note
    assert "bmp" in headline(sample(5, 5))


def test_an_increase_of_variance_is_seen_in_few_events_too() -> None:
    # SCARs 9, -2 and 5: a variance of 31 against 1.01; chi-squared of 61 with 2 degrees of freedom.
    one = WindowSample(
        car=np.array([9.0, -2.0, 5.0]),
        sigma=np.ones(3),
        factor=np.ones(3),
        dof=np.full(3, 200),
        sar_sum=np.array([9.0, -2.0, 5.0]),
        length=1,
    )
    found = outcomes(one)["patell_z"]
    assert found.pvalue < 1e-6
    assert not found.headline
    assert "assumes no change of variance; the events' is 30.7 times" in found.note


@pytest.mark.parametrize("r", [-0.4, 1.0, 1.2])
def test_a_correlation_without_a_variance(r: float) -> None:
    found = outcomes(replace(HAND, correlation=r))["kolari_pynnonen_bmp"]
    assert math.isnan(found.statistic)
    assert math.isnan(found.pvalue)
    assert "no positive variance" in found.note
