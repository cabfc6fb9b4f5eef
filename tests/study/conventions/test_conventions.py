"""Numbers of other programs: by hand, against transcriptions of their sources, and the reasons."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from eventlab.errors import UsageError
from eventlab.study.conventions.choice import CONVENTIONS, PROGRAMS, check_convention, foreign_tests
from eventlab.study.conventions.sample import (
    ForeignSample,
    has_ties,
    mean_pair_correlation,
    ranks,
)
from tests.naive_conventions import r_estudy2, r_eventstudy, stata_eventstudy2

if TYPE_CHECKING:
    from eventlab.study.inference.registry import Outcome

Array = npt.NDArray[np.float64]

RTOL = 1e-10  # the transcriptions fit by statsmodels, whose pseudo-inverse costs some digits
EXACT = 1e-14  # numbers worked out by hand, a few operations


def hand(window: tuple[int, int] = (0, 1)) -> ForeignSample:
    """Two events, six estimation rows, a forecast variance of 16 sigma^2.

    Sums of squared residuals 4 and 16, so sigma is 1 and 2 with divisor 4; the mean residual by
    row is (3, -1, 1, -3, 0, 0) / 2 with variance 1; the residuals of the two are uncorrelated.
    """
    market = np.array([2.0, 0.0, 2.0, 0.0, 2.0, 0.0])
    return ForeignSample(
        model="market_model",
        resid=np.array([[1.0, 1.0, -1.0, -1.0, 0.0, 0.0], [2.0, -2.0, 2.0, -2.0, 0.0, 0.0]]),
        ar=np.array([[2.0, 4.0], [4.0, -2.0]]),
        variance=np.full((2, 2), 16.0),
        sigma=np.array([1.0, 2.0]),
        n_parameters=np.array([2, 2]),
        regressors=np.tile(market, (2, 1, 1)),
        market=np.array([[2.0, 3.0], [2.0, 3.0]]),
        session=np.array([6, 6]),
        window=window,
    )


def take(sample: ForeignSample, rows: list[int]) -> ForeignSample:
    """Keep some events of a sample, in the order named."""
    chosen = np.array(rows, dtype=np.intp)
    return replace(
        sample,
        resid=sample.resid[chosen],
        ar=sample.ar[chosen],
        variance=sample.variance[chosen],
        sigma=sample.sigma[chosen],
        n_parameters=sample.n_parameters[chosen],
        regressors=sample.regressors[chosen],
        market=sample.market[chosen],
        session=sample.session[chosen],
    )


def one(convention: str, sample: ForeignSample, test: str) -> Outcome:
    return foreign_tests(convention, sample, (test,))[0]


@pytest.mark.parametrize(
    ("test", "statistic", "dof"),
    [
        ("cross_sectional_t", 3.0, 1.0),  # (2, 4): mean 3 over sqrt(2)/sqrt(2)
        ("clm_j1", 3.0, 5.0),  # 6 / sqrt(4/5 + 16/5)
        ("patell_z", math.sqrt(5.0) / 4.0, math.nan),  # SARs sqrt(5)/4 each, Q = 2 each
        ("sign", math.sqrt(2.0), math.nan),
        ("generalized_sign", 2.0, math.nan),  # p = 1/3: (2 - 2/3) / (2/3)
        ("corrado_rank", 3.0 / math.sqrt(20.375 / 8.0), math.nan),
        ("wilcoxon", 3.0, math.nan),
        ("crude_dependence", 3.0, 5.0),
    ],
)
def test_estudy2_by_hand_on_one_day(test: str, statistic: float, dof: float) -> None:
    found = one("estudy2", hand((0, 0)), test)
    assert found.statistic == pytest.approx(statistic, rel=EXACT)
    assert found.dof == dof or (math.isnan(found.dof) and math.isnan(dof))
    assert not found.headline


def test_estudy2_by_hand_over_two_days() -> None:
    crude, rank = (one("estudy2", hand(), test) for test in ("crude_dependence", "corrado_rank"))
    assert crude.statistic == pytest.approx((3.0 + 1.0) / math.sqrt(2.0), rel=EXACT)
    assert crude.distribution == "normal"
    # Mean ranks less 4.5: (1.5, -.75, -.5, -2.75, -.5, -.5 | 3, .5), squares 20.375 over 8 rows.
    wanted = math.sqrt(2.0) * 1.75 / math.sqrt(20.375 / 8.0)
    assert rank.statistic == pytest.approx(wanted, rel=EXACT)
    for test in ("cross_sectional_t", "patell_z", "bmp", "sign", "wilcoxon"):
        refused = one("estudy2", hand(), test)
        assert math.isnan(refused.statistic)
        assert refused.note == "estudy2 has this test for single days only"


@pytest.mark.parametrize(
    ("test", "statistic", "dof"),
    [
        ("cross_sectional_t", 2.0, 1.0),  # CARs 6 and 2
        ("patell_z", (1.5 + 0.25) / 2.0 / math.sqrt(2.0), math.nan),  # L Q = 4
        ("bmp", 1.4, 1.0),  # CAR / sigma 6 and 1
        ("kolari_pynnonen_bmp", 1.4, 1.0),  # no correlation
        ("sign", math.sqrt(2.0), math.nan),
        ("generalized_sign", 2.0, math.nan),
        ("crude_dependence", 4.0 / math.sqrt(2.0), 5.0),
    ],
)
def test_eventstudytools_by_hand(test: str, statistic: float, dof: float) -> None:
    found = one("eventstudytools", hand(), test)
    assert found.statistic == pytest.approx(statistic, rel=EXACT)
    assert found.dof == dof or (math.isnan(found.dof) and math.isnan(dof))


def test_eventstudytools_ranks_of_a_day_by_hand() -> None:
    found = one("eventstudytools", hand((0, 0)), "corrado_rank")
    assert found.statistic == pytest.approx(3.0 / math.sqrt(20.375 / 7.0), rel=EXACT)


@pytest.mark.parametrize(
    ("test", "statistic", "dof"),
    [
        # V = AR / s / 2: (1, 2) and (1, -1/2); sums 1 + 2/sqrt(2) and 1 - 1/(2 sqrt(2)).
        ("patell_z", (2.0 + 1.5 / math.sqrt(2.0)) / 2.0, math.nan),
        ("bmp", math.sqrt(2.0) * (1.0 + 0.75 / math.sqrt(2.0)) / 1.25, 4.0),
        ("kolari_pynnonen_patell", (2.0 + 1.5 / math.sqrt(2.0)) / 2.0, math.nan),
        ("kolari_pynnonen_bmp", math.sqrt(2.0) * (1.0 + 0.75 / math.sqrt(2.0)) / 1.25, 4.0),
        # L + L/N + (5 - 3)^2 / 6 = 11/3 of s^2 = 1 and 4.
        ("clm_j1", 8.0 / math.sqrt(5.0 * 11.0 / 3.0), 4.0),
        ("crude_dependence", 4.0 / math.sqrt(2.0 * 1.25), 4.0),
        ("generalized_sign", math.sqrt(2.0), math.nan),  # zeros count half: p = 1/2
    ],
)
def test_eventstudy2_by_hand(test: str, statistic: float, dof: float) -> None:
    found = one("eventstudy2", hand(), test)
    assert found.statistic == pytest.approx(statistic, rel=EXACT)
    assert found.dof == dof or (math.isnan(found.dof) and math.isnan(dof))


@pytest.mark.parametrize("test", ["corrado_rank", "corrado_zivney", "grank_t", "wilcoxon"])
def test_eventstudy2_does_not_promise_ranks_of_equal_values(test: str) -> None:
    sample = replace(hand(), ar=np.array([[2.0, 4.0], [3.0, -2.0]]))
    found = one("eventstudy2", sample, test)
    assert math.isnan(found.statistic)
    assert found.note == "not known: eventstudy2 ranks equal values in arbitrary order"


def random_case(
    seed: int, N: int, L: int, rows: int = 60, *, shared: bool = False
) -> tuple[ForeignSample, Array, Array]:
    """Returns and markets of N events (rows + L, N), on one market if shared, and their sample."""
    rng = np.random.default_rng(seed)
    X = rng.normal(0.001, 0.01, (rows + L, N))
    if shared:
        X[:] = X[:, :1]
    common = rng.normal(0.0, 0.01, (rows + L, 1))
    Y = 0.001 + 1.2 * X + common + rng.standard_t(5, (rows + L, N)) * 0.02
    resid, ar, variance, sigma = [], [], [], []
    for y, x in zip(Y.T, X.T, strict=True):
        design = np.column_stack([np.ones(rows + L), x])
        before, after = design[:rows], design[rows:]
        coefficients, square, *_ = np.linalg.lstsq(before, y[:rows], rcond=None)
        inverse = np.linalg.inv(before.T @ before)
        resid.append(y[:rows] - before @ coefficients)
        ar.append(y[rows:] - after @ coefficients)
        variance.append(1.0 + np.einsum("tj,jk,tk->t", after, inverse, after))
        sigma.append(math.sqrt(square[0] / (rows - 2)))
    sample = ForeignSample(
        model="market_model",
        resid=np.array(resid),
        ar=np.array(ar),
        variance=np.array(variance),
        sigma=np.array(sigma),
        n_parameters=np.full(N, 2),
        regressors=X[:rows].T[:, None, :],
        market=X[rows:].T,
        session=np.full(N, rows),
        window=(0, L - 1),
    )
    return sample, Y, X


@pytest.mark.parametrize(("N", "L"), [(2, 1), (5, 1), (5, 4), (12, 7)])
def test_eventstudy2_follows_its_source(N: int, L: int) -> None:
    sample, Y, X = random_case(N + L, N, L)
    wanted = stata_eventstudy2(Y, X, 60)
    assert set(wanted) == set(PROGRAMS["eventstudy2"].tests)
    for found in foreign_tests("eventstudy2", sample, tuple(wanted)):
        assert found.statistic == pytest.approx(wanted[found.test], rel=RTOL), found.test


@pytest.mark.parametrize("day", [0, 2])
def test_estudy2_follows_its_source(day: int) -> None:
    sample, Y, X = random_case(3, 6, 3, shared=True)
    wanted = r_estudy2(Y, X, 60, day)
    assert set(wanted) == set(PROGRAMS["estudy2"].tests)
    at_day = replace(sample, window=(day, day))
    for found in foreign_tests("estudy2", at_day, tuple(wanted)):
        assert found.statistic == pytest.approx(wanted[found.test], rel=RTOL), found.test


@pytest.mark.parametrize(("first", "last"), [(1, 1), (0, 3), (1, 2)])
def test_eventstudytools_follows_its_source(first: int, last: int) -> None:
    sample, Y, X = random_case(4, 7, 4)
    wanted = r_eventstudy(Y, X, 60, (first, last))
    known = set(PROGRAMS["eventstudytools"].tests)
    assert set(wanted) == known - (set() if first == last else {"corrado_rank"})
    inside = replace(sample, window=(first, last))
    for found in foreign_tests("eventstudytools", inside, tuple(wanted)):
        assert found.statistic == pytest.approx(wanted[found.test], rel=RTOL), found.test


def test_divisors_of_one_day_differ_by_their_factors() -> None:
    sample, _, _ = random_case(5, 8, 1, shared=True)
    M, T = 60.0, 61.0
    paper = sample.car / (sample.sigma * np.sqrt(sample.variance[:, 0]))
    patell = paper.sum() / math.sqrt(8 * (M - 2) / (M - 4))
    statistic = {
        (name, test): one(name, sample, test).statistic
        for name in ("estudy2", "eventstudy2", "eventstudytools")
        for test in PROGRAMS[name].tests
    }
    root = math.sqrt((M - 1) / (M - 2))
    assert statistic["estudy2", "patell_z"] == pytest.approx(patell * root, rel=RTOL)
    assert statistic["eventstudytools", "patell_z"] == pytest.approx(patell, rel=RTOL)
    # One market for all: C is the same of all events, so its power scales every SAR alike.
    quarter = sample.variance[0, 0] ** 0.25
    assert statistic["eventstudy2", "patell_z"] == pytest.approx(patell * quarter, rel=RTOL)
    t = stats.ttest_1samp(paper, 0.0).statistic
    for name in ("estudy2", "eventstudy2", "eventstudytools"):
        assert statistic[name, "bmp"] == pytest.approx(t, rel=RTOL)
    assert statistic["estudy2", "crude_dependence"] == pytest.approx(
        statistic["eventstudy2", "crude_dependence"] * root, rel=RTOL
    )
    assert statistic["eventstudytools", "corrado_rank"] == pytest.approx(
        statistic["estudy2", "corrado_rank"] * math.sqrt((T - 1) / T), rel=RTOL
    )
    assert statistic["eventstudy2", "corrado_rank"] == pytest.approx(
        statistic["estudy2", "corrado_rank"], rel=RTOL
    )


def test_long_estimation_windows_bring_the_programs_together() -> None:
    sample, _, _ = random_case(6, 10, 1, rows=20_000, shared=True)
    for test in ("patell_z", "bmp", "crude_dependence", "corrado_rank", "generalized_sign"):
        found = [one(name, sample, test).statistic for name in PROGRAMS]
        np.testing.assert_allclose(found, found[0], rtol=3e-4)


def test_a_window_of_eventstudy2_weighs_its_days_unequally() -> None:
    # A SAR of one on the second day alone counts 1/sqrt(2); the paper's sum over sqrt(L) too. On
    # the first day alone it counts 1 in the program, 1/sqrt(2) in the paper.
    sample = replace(hand(), ar=np.array([[2.0, 0.0], [4.0, 0.0]]))
    early = one("eventstudy2", sample, "patell_z").statistic
    late = one("eventstudy2", replace(sample, ar=sample.ar[:, ::-1].copy()), "patell_z").statistic
    assert early == pytest.approx(math.sqrt(2.0) * late, rel=EXACT)


def test_other_models_have_their_own_sigma() -> None:
    sample = replace(hand(), model="market_adjusted", n_parameters=np.zeros(2, dtype=np.int64))
    shifted = replace(sample, resid=sample.resid + 1.0)
    car = sample.car / np.array([math.sqrt(4.0 / 5.0), math.sqrt(16.0 / 5.0)])
    wanted = stats.ttest_1samp(car, 0.0).statistic
    assert one("eventstudytools", shifted, "bmp").statistic == pytest.approx(wanted, rel=RTOL)
    assert (shifted.leverage == 0.0).all()
    mean = replace(hand(), model="constant_mean", n_parameters=np.ones(2, dtype=np.int64))
    np.testing.assert_allclose(mean.leverage, 1.0 / 6.0, rtol=RTOL)
    np.testing.assert_allclose(hand().leverage, 1.0 / 3.0, rtol=RTOL)
    # No market, no forecast term: 8 / sqrt(2 (1 + 4)).
    t = one("eventstudy2", mean, "clm_j1").statistic
    assert t == pytest.approx(8.0 / math.sqrt(10.0), rel=EXACT)
    for test in ("patell_z", "bmp"):
        refused = one("estudy2", replace(mean, window=(0, 0)), test)
        assert refused.note == "estudy2 has this test for the market model only"


def test_leverage_of_several_factors() -> None:
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(3, 2, 40))
    sample = replace(
        hand(),
        model="factor_model",
        resid=rng.normal(size=(3, 40)),
        ar=np.zeros((3, 2)),
        n_parameters=np.full(3, 3),
        regressors=factors,
    )
    for i in range(3):
        X = np.column_stack([np.ones(40), *factors[i]])
        hat = np.diag(X @ np.linalg.inv(X.T @ X) @ X.T)
        np.testing.assert_allclose(sample.leverage[i], hat, rtol=1e-10)


@pytest.mark.parametrize(
    ("convention", "change", "reason"),
    [
        ("estudy2", {"session": np.array([6, 9])}, "one calendar date for all securities"),
        ("estudy2", {"model": "factor_model"}, "estudy2 has no model factor_model"),
        ("eventstudytools", {"model": "dimson"}, "EventStudy has no model dimson"),
        ("eventstudy2", {"controlled": 1}, "no indicators of overlapping events"),
        ("eventstudy2", {"ar": np.array([[2.0, np.nan], [4.0, 2.0]])}, "not known: 1 of 2 events"),
    ],
)
def test_events_that_a_program_could_not_have_studied(
    convention: str, change: dict[str, object], reason: str
) -> None:
    sample = replace(hand(), **change)  # type: ignore[arg-type]
    for found in foreign_tests(convention, sample, tuple(PROGRAMS[convention].tests)):
        assert math.isnan(found.statistic)
        assert math.isnan(found.pvalue)
        assert reason in found.note


def test_no_event_and_one_event() -> None:
    whole, _, _ = random_case(8, 1, 2, shared=True)
    empty = take(whole, [])
    for name in PROGRAMS:
        tests = tuple(PROGRAMS[name].tests)
        for found in foreign_tests(name, empty, tests):
            assert found.note == "no event has a complete window"
        for found in foreign_tests(name, whole, tests):
            assert math.isfinite(found.statistic) or found.note
    for test in ("bmp", "kolari_pynnonen_bmp", "corrado_zivney", "grank_t"):
        found = one("eventstudy2", whole, test)
        assert math.isnan(found.statistic)
        assert found.note == "a cross-sectional variance needs two events"
    assert math.isfinite(one("eventstudy2", whole, "patell_z").statistic)
    assert one("eventstudytools", whole, "patell_z").note == (
        "EventStudy gives NA for a single event"
    )


def test_equal_events_have_no_cross_sectional_variance() -> None:
    sample, _, _ = random_case(9, 1, 1, shared=True)
    both = take(sample, [0, 0])
    for name, test in (
        ("estudy2", "cross_sectional_t"),
        ("estudy2", "bmp"),
        ("eventstudy2", "bmp"),
        ("eventstudy2", "corrado_zivney"),
        ("eventstudy2", "grank_t"),
        ("eventstudytools", "bmp"),
    ):
        assert one(name, both, test).note == "the values do not vary: no variance to test with"
    assert "no positive variance" in one("eventstudytools", both, "kolari_pynnonen_bmp").note


def test_tests_that_a_program_lacks_say_so() -> None:
    assert one("estudy2", hand(), "grank_t").note == "estudy2 has no such test"
    assert "clm_j1" in one("eventstudy2", hand(), "cross_sectional_t").note
    assert "crude_dependence" in one("eventstudytools", hand(), "calendar_time").note
    assert "is not known here" in one("eventstudytools", hand(), "skewness_t").note


def test_no_test_of_a_program_is_a_headline() -> None:
    for name in PROGRAMS:
        tests = (*PROGRAMS[name].tests, "placebo")
        assert not any(found.headline for found in foreign_tests(name, hand((0, 0)), tests))


def test_conventions_are_named() -> None:
    assert CONVENTIONS == ("paper", "estudy2", "eventstudy2", "eventstudytools")
    assert check_convention("paper") == "paper"
    with pytest.raises(UsageError, match="Did you mean eventstudy2") as caught:
        check_convention("eventstudy3")
    assert "paper, estudy2, eventstudy2, eventstudytools" in str(caught.value)


def test_ranks_and_correlations_against_scipy_and_numpy() -> None:
    rng = np.random.default_rng(10)
    values = rng.integers(-3, 4, (4, 30)).astype(float)
    np.testing.assert_array_equal(ranks(values), stats.rankdata(values, axis=1))
    assert has_ties(values)
    assert not has_ties(rng.normal(size=(4, 30)))
    pairs = [
        stats.pearsonr(values[i], values[j]).statistic for i in range(4) for j in range(i + 1, 4)
    ]
    assert mean_pair_correlation(values) == pytest.approx(np.mean(pairs), rel=RTOL)
