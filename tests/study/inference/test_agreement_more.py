"""Agreement with statsmodels and scipy where no reference file goes.

Missing returns, a constant mean, market-adjusted returns: fits and forecast errors by statsmodels,
tests by scipy and statsmodels, from the printed returns alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from eventlab.study import event_study
from eventlab.timeline.windows import window_label
from tests.study.lookup import number, row, values
from tests.study.panels import ESTIMATION, EVENT, WINDOWS, Array, PanelCase, panel

if TYPE_CHECKING:
    from eventlab.study import StudyResult

RTOL = 1e-9  # asked for by the project
POSITIONS = tuple(100 + 4 * i for i in range(24))  # windows of some events overlap
CASES = [
    ("market_model", 0.0),
    ("market_model", 0.03),
    ("constant_mean", 0.0),
    ("constant_mean", 0.03),
    ("market_adjusted", 0.0),
    ("market_adjusted", 0.03),
]
WIDE = (-5, 5)


@dataclass(frozen=True)
class Fitted:
    """One event by another route: parameters, residuals, and the CAR of each window."""

    params: Array
    sigma: float
    dof: int
    resid: Array  # by row of the estimation window, NaN where the fit has none
    ar: Array
    error: Array
    car: dict[tuple[int, int], float]
    car_error: dict[tuple[int, int], float]


@cache
def case(holes: float) -> PanelCase:
    return panel(11, T=260, assets=6, positions=POSITIONS, holes=holes)


@cache
def study(model: str, holes: float) -> StudyResult:
    return case(holes).study(model=model, draws=0)


def fit(model: str, y: Array, market: Array, position: int) -> Fitted:
    """Fit one event by statsmodels; market-adjusted returns estimate nothing."""
    before = np.arange(position + ESTIMATION[0], position + ESTIMATION[1] + 1)
    bars = np.arange(position + EVENT[0], position + EVENT[1] + 1)
    if model == "market_adjusted":
        y = y - market
    design = {
        "market_model": np.column_stack([np.ones(len(y)), market]),
        "constant_mean": np.ones((len(y), 1)),
        "market_adjusted": np.empty((len(y), 0)),
    }[model]
    used = before[np.isfinite(y[before]) & np.isfinite(design[before]).all(axis=1)]
    k = design.shape[1]
    if k == 0:
        sigma = float(np.sqrt(np.mean(y[used] ** 2)))
        params, resid, covariance, ar = np.empty(0), y[used], np.eye(len(bars)), y[bars]
    else:
        found = sm.OLS(y[used], design[used]).fit()
        sigma, params, resid = float(np.sqrt(found.scale)), found.params, found.resid
        after = design[bars]
        covariance = np.eye(len(bars)) + after @ found.cov_params() @ after.T / found.scale
        ar = y[bars] - after @ found.params
    every = np.full(len(before), np.nan)
    every[used - before[0]] = resid
    car, error = {}, {}
    for a, b in WINDOWS:
        w = ((bars - position >= a) & (bars - position <= b)).astype(float)
        inside = w > 0.0
        car[a, b] = float(ar[inside].sum())
        part = covariance[np.ix_(inside, inside)]
        error[a, b] = sigma * math.sqrt(float(part.sum()))
    return Fitted(
        params=params,
        sigma=sigma,
        dof=len(used) - k,
        resid=every,
        ar=ar,
        error=sigma * np.sqrt(np.diag(covariance)),
        car=car,
        car_error=error,
    )


@cache
def fits(model: str, holes: float) -> list[Fitted]:
    own = case(holes)
    market = own.returns["MKT"].to_numpy()
    return [
        fit(model, own.returns[symbol].to_numpy(), market, position)
        for symbol, position in zip(own.events["symbol"], own.positions, strict=True)
    ]


def complete(model: str, holes: float, window: tuple[int, int]) -> list[Fitted]:
    """Events that have a CAR in the window."""
    return [one for one in fits(model, holes) if math.isfinite(one.car[window])]


def statistic_of(model: str, holes: float, test: str, window: tuple[int, int]) -> float:
    """Our number."""
    table = study(model, holes).tests
    return number(table, "statistic", test=test, window=window_label(window))


@pytest.mark.parametrize(("model", "holes"), CASES)
def test_parameters_and_abnormal_returns(model: str, holes: float) -> None:
    found = study(model, holes)
    for i, one in enumerate(fits(model, holes)):
        given = found.fits.iloc[i]
        params = given[["alpha", "beta"]].to_numpy(dtype=float)[: len(one.params)]
        np.testing.assert_allclose(params, one.params, rtol=RTOL, atol=1e-14)
        np.testing.assert_allclose(given["sigma"], one.sigma, rtol=RTOL)
        assert given["n_estimation"] == np.isfinite(one.resid).sum()
        np.testing.assert_allclose(found.ar.iloc[i], one.ar, rtol=RTOL, atol=1e-14)
        np.testing.assert_allclose(found.sar.iloc[i], one.ar / one.error, rtol=RTOL, atol=1e-12)
    if holes:
        assert found.ar.isna().to_numpy().any()
        rows = ESTIMATION[1] - ESTIMATION[0] + 1
        assert (found.fits["n_estimation"] < rows).any()


@pytest.mark.parametrize(("model", "holes"), CASES)
def test_t_of_each_car(model: str, holes: float) -> None:
    table = study(model, holes).car_tests
    for window in WINDOWS:
        one = fits(model, holes)
        t = np.array([each.car[window] / each.car_error[window] for each in one])
        dof = np.array([each.dof for each in one])
        label = window_label(window)
        np.testing.assert_allclose(values(table, "statistic", window=label), t, rtol=RTOL)
        np.testing.assert_array_equal(values(table, "dof", window=label), dof)
        pvalue = 2.0 * stats.t.sf(np.abs(t), dof)
        np.testing.assert_allclose(values(table, "pvalue", window=label), pvalue, rtol=1e-8)


def expected(one: list[Fitted], window: tuple[int, int]) -> dict[str, tuple[float, float]]:
    """Statistic and p-value of each test by scipy and statsmodels."""
    car = np.array([each.car[window] for each in one])
    error = np.array([each.car_error[window] for each in one])
    dof = np.array([each.dof for each in one], dtype=float)
    share = float(np.mean([np.mean(each.resid[np.isfinite(each.resid)] > 0.0) for each in one]))
    N = len(car)
    scar = car / error
    patell = scar.sum() / np.sqrt((dof / (dof - 2)).sum())
    # The variance of t(M - k) is Patell's Q: another road to the same number.
    variance = np.array([stats.t(each).var() for each in dof])
    np.testing.assert_allclose(patell, scar.sum() / np.sqrt(variance.sum()), rtol=RTOL)
    j1 = car.mean() / np.sqrt((error**2).sum() / N**2)
    j2 = np.sqrt(N) * scar.mean() / np.sqrt(variance.mean())
    positive = int((car > 0.0).sum())
    S, g = car.mean() / car.std(ddof=1), stats.skew(car, bias=False)
    skew = np.sqrt(N) * (S + g * S**2 / 3 + g**2 * S**3 / 27 + g / (6 * N))
    signed = stats.wilcoxon(car, method="exact")

    def against_normal(z: float) -> tuple[float, float]:
        return float(z), float(2.0 * stats.norm.sf(abs(z)))

    return {
        "cross_sectional_t": tuple(stats.ttest_1samp(car, 0.0)),
        "bmp": tuple(stats.ttest_1samp(scar, 0.0)),
        "patell_z": against_normal(patell),
        "clm_j1": against_normal(j1),
        "clm_j2": against_normal(j2),
        "sign": proportions_ztest(positive, N, 0.5, prop_var=0.5),
        "generalized_sign": proportions_ztest(positive, N, share, prop_var=share),
        "skewness_t": against_normal(skew),
        "wilcoxon": (math.nan, float(signed.pvalue)),
    }


@pytest.mark.parametrize(("model", "holes"), CASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_tests_of_the_mean(model: str, holes: float, window: tuple[int, int]) -> None:
    one = complete(model, holes, window)
    assert len(one) < len(POSITIONS) if holes and window == WIDE else len(one) > 15
    table, label = study(model, holes).tests, window_label(window)
    for test, (statistic, pvalue) in expected(one, window).items():
        given = row(table, test=test, window=label)
        assert given["n_events"] == len(one), test
        if not math.isnan(statistic):
            assert given["statistic"] == pytest.approx(statistic, rel=RTOL), test
        assert given["pvalue"] == pytest.approx(pvalue, rel=1e-8), test


def rank_shares(of: Array, extra: int) -> Array:
    """Ranks of each row over one plus the values there, plus ``extra``."""
    ranks: Array = stats.rankdata(of, axis=1, nan_policy="omit")
    shares: Array = ranks / (np.isfinite(of).sum(axis=1, keepdims=True) + extra)
    return shares


def mean_over_deviation(shares: Array, middle: float) -> tuple[Array, float]:
    """Mean excess rank of each column, and its deviation weighted by how many are there."""
    excess = np.nanmean(shares, axis=0) - middle
    weight = np.isfinite(shares).sum(axis=0) / len(shares)
    return excess, float(np.sqrt(np.mean(weight * excess**2)))


@pytest.mark.parametrize(("model", "holes"), CASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_rank_tests(model: str, holes: float, window: tuple[int, int]) -> None:
    one = complete(model, holes, window)
    first, L = window[0] - EVENT[0], window[1] - window[0] + 1
    resid = np.array([each.resid for each in one])
    start, N = resid.shape[1] + first, len(one)
    sigma = np.array([each.sigma for each in one])[:, None]
    sar = np.array([each.ar / each.error for each in one])
    raw = np.hstack([resid, [each.ar for each in one]])
    scaled = np.hstack([resid / sigma, sar / np.nanstd(sar, axis=0, ddof=1)])
    wanted = {}
    for test, every in (("corrado_rank", raw), ("corrado_zivney", scaled)):
        excess, S = mean_over_deviation(rank_shares(every, 1), 0.5)
        wanted[test] = np.sqrt(L) * excess[start : start + L].mean() / S
    scar = np.array([each.car[window] / each.car_error[window] for each in one])
    beside = np.hstack([resid / sigma, (scar / scar.std(ddof=1))[:, None]])
    excess, S = mean_over_deviation(rank_shares(beside, 1), 0.5)
    T, Z = beside.shape[1], excess[-1] / S
    M = np.isfinite(resid).sum(axis=1)
    wanted["grank_t"] = Z * np.sqrt((T - 2) / (T - 1 - Z**2))
    wanted["grank_z"] = N * excess[-1] / np.sqrt((M / (12 * (M + 2))).sum())
    for test, statistic in wanted.items():
        given = statistic_of(model, holes, test, window)
        assert given == pytest.approx(statistic, rel=RTOL), test


@pytest.mark.parametrize(("model", "holes"), CASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_kolari_pynnonen(model: str, holes: float, window: tuple[int, int]) -> None:
    # Pairwise correlations by pandas on a calendar, where each event's residuals have their dates.
    positions = case(holes).positions
    L = window[1] - window[0] + 1
    rows = [i for i, each in enumerate(fits(model, holes)) if math.isfinite(each.car[window])]
    one = complete(model, holes, window)
    calendar = pd.DataFrame(
        {
            i: pd.Series(each.resid, index=np.arange(len(each.resid)) + positions[i])
            for i, each in zip(rows, one, strict=True)
        }
    )
    rho = calendar.corr(min_periods=30).to_numpy()
    apart = np.abs(np.subtract.outer(np.array(positions)[rows], np.array(positions)[rows]))
    weight = np.clip(L - apart, 0, None) / L
    pairs = ~np.eye(len(one), dtype=bool)
    r = float(np.where(weight > 0.0, np.nan_to_num(rho) * weight, 0.0)[pairs].mean())
    N, scar = len(one), np.array([each.car[window] / each.car_error[window] for each in one])
    bmp = stats.ttest_1samp(scar, 0.0).statistic
    given = statistic_of(model, holes, "kolari_pynnonen_bmp", window)
    assert given == pytest.approx(bmp * np.sqrt((1 - r) / (1 + (N - 1) * r)), rel=RTOL)
    patell = statistic_of(model, holes, "patell_z", window)
    given = statistic_of(model, holes, "kolari_pynnonen_patell", window)
    assert given == pytest.approx(patell / np.sqrt(1 + (N - 1) * r), rel=RTOL)


@pytest.mark.parametrize(("model", "holes"), CASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_crude_dependence(model: str, holes: float, window: tuple[int, int]) -> None:
    # The mean over the events of a window by relative bar, of those that are there.
    one = complete(model, holes, window)
    aar = np.nanmean([each.resid for each in one], axis=0)
    car = float(np.mean([each.car[window] for each in one]))
    wanted = car / (np.sqrt(window[1] - window[0] + 1) * np.std(aar, ddof=1))
    given = statistic_of(model, holes, "crude_dependence", window)
    assert given == pytest.approx(wanted, rel=RTOL)


def study_of(percent: list[float]) -> StudyResult:
    """Events of one date whose CARs are the numbers given, in percent.

    Before the event every asset alternates around zero, so that a constant mean is zero.
    """
    rows = 70
    before = np.where(np.arange(rows) % 2, 0.01, -0.01)[:, None]
    sizes = 1.0 + np.arange(len(percent)) / 10.0
    values = np.vstack([before * sizes, np.array(percent) / 100.0])
    names = [f"A{i}" for i in range(len(percent))]
    index = pd.bdate_range("2024-01-01", periods=rows + 1)
    events = pd.DataFrame({"event_id": names, "symbol": names, "session": index[-1]})
    return event_study(
        pd.DataFrame(values, index=index, columns=names),
        events,
        model="constant_mean",
        estimation_window=(-rows, -1),
        event_window=(0, 0),
        car_windows=[(0, 0)],
        draws=0,
    )


def test_the_sleep_of_student() -> None:
    # Student (1908), the ten differences of hours of sleep; t.test of R prints t = 4.0621,
    # df = 9, p-value = 0.002833.
    found = study_of([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    given = row(found.tests, test="cross_sectional_t")
    assert given["statistic"] == pytest.approx(4.0621, abs=5e-5)
    assert given["dof"] == 9
    assert given["pvalue"] == pytest.approx(0.002833, abs=5e-7)


def test_signed_ranks_of_eleven_pairs() -> None:
    # Sawyer, Washington University, Math 408 (2009), output WcxSignRank: eleven differences with
    # three groups of ties, T+ = 60.5, T- = 5.5, mean 33.
    differences = [11, 4, 3, -2, 13, 2, 7, 4, 3, -3, 12]
    found = study_of([float(one) for one in differences])
    given = row(found.tests, test="wilcoxon")
    z = (60.5 - 33.0) / math.sqrt(11 * 12 * 23 / 24 - (6 + 24 + 6) / 48)
    assert given["statistic"] == pytest.approx(z, rel=RTOL)
    assert given["pvalue"] == pytest.approx(2.0 * stats.norm.sf(z), rel=1e-8)
