"""The table of two frames: worked by hand, by scipy and statsmodels, and where it must collapse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.contagion.breaks.tests import correlation_tests
from eventlab.errors import UsageError
from eventlab.market.arch_source import arch_market
from tests import naive_contagion_breaks as naive

RTOL = 1e-10  # a few hundred rows in double precision
HAND = 1e-6  # numbers worked with a pocket calculator

# Orthogonal, mean 0, equal variance 4/7: x = U, y = .6 U + .8 V have a correlation of .6.
U = np.array([1.0, -1.0, 1.0, -1.0, 0.0, 0.0, 0.0])
V = np.array([1.0, 1.0, -1.0, -1.0, 0.0, 0.0, 0.0])


def frame(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame({"A": x, "B": y})


def random(seed: int = 0, n: int = 150, names: str = "ABC") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.standard_t(4, n)
    return pd.DataFrame({c: 0.01 * (rng.standard_t(4, n) + common) for c in names})


def column(table: pd.DataFrame, name: str = "statistic") -> dict[str, Any]:
    return dict(zip(table["test"], table[name], strict=True))


def test_by_hand() -> None:
    calm, crisis = frame(U, V), frame(U, 0.6 * U + 0.8 * V)
    found = column(correlation_tests(calm, crisis, source="A", target="B"))
    assert found["fisher"] == pytest.approx(0.6931472 / 0.7071068, rel=HAND)
    assert found["cs12"] == pytest.approx(0.0, abs=1e-12)
    assert found["cs21"] == pytest.approx(0.0, abs=1e-12)
    # m13 = (.6^3 4 + 3 .6 .8^2 4) / 7 / (4/7)^2 = 2.394, less 3 (.6); calm: 0.
    assert found["ck13"] == pytest.approx(0.594**2 * 7 / 18.48, rel=HAND)
    # m31 = .6 (7/4) = 1.05, less 1.8.
    assert found["ck31"] == pytest.approx(0.75**2 * 7 / 18.48, rel=HAND)
    # m22 = 7/4 in both windows, so that 2 (.36) is left.
    assert found["cv22"] == pytest.approx(0.72**2 * 7 / 14.2784, rel=HAND)


def test_forbes_rigobon_by_hand() -> None:
    """The source's variance is four times the calm one: nu = .6 / sqrt(1 + 3 (1 - .36))."""
    table = correlation_tests(frame(U, V), frame(2 * U, 0.6 * U + 0.8 * V), "A", "B")
    nu = 0.6 / 1.7088007
    assert table.attrs["rho_adjusted"] == pytest.approx(nu, rel=HAND)
    found = column(table)
    assert found["forbes_rigobon"] == pytest.approx(0.3667240 / 0.7071068, rel=1e-5)
    # Var nu = 8 / 2.92^3 (1.64 .64^2 / 7 + .36 .64^2 / 7), Var rho_x = 1/7, Cov = 0.
    spread = 8 / 24.897088 * (1.64 * 0.4096 / 7 + 0.36 * 0.4096 / 7) + 1 / 7
    assert found["forbes_rigobon_delta"] == pytest.approx(nu / math.sqrt(spread), rel=HAND)


def test_without_a_change_of_variance_forbes_rigobon_is_fisher() -> None:
    calm, crisis = random(1), random(2, 30)
    crisis["A"] *= calm["A"].std() / crisis["A"].std()
    raw = column(correlation_tests(calm, crisis, "A", "B"))
    published = column(correlation_tests(calm, crisis, "A", "B", variant="nu"))
    assert raw["forbes_rigobon"] == pytest.approx(raw["fisher"], rel=RTOL)
    for test, value in raw.items():
        assert published[test] == pytest.approx(value, rel=RTOL)


def test_the_same_window_twice_is_no_change() -> None:
    calm = random(3)
    table = correlation_tests(calm, calm, "A", "B")
    np.testing.assert_allclose(table["statistic"], 0.0, atol=1e-12)
    np.testing.assert_allclose(table["pvalue"], 1.0, rtol=1e-12)


def test_swapping_the_series_swaps_the_co_moments() -> None:
    calm, crisis = random(4), random(5, 25)
    one = column(correlation_tests(calm, crisis, "A", "B"))
    other = column(correlation_tests(calm, crisis, "B", "A"))
    for name, swapped in (("cs12", "cs21"), ("ck13", "ck31"), ("cv22", "cv22")):
        assert one[name] == pytest.approx(other[swapped], rel=RTOL)
    assert one["fisher"] == pytest.approx(other["fisher"], rel=RTOL)


def test_scipy() -> None:
    calm, crisis = random(6), random(7, 40)
    table = correlation_tests(calm, crisis, "A", "B")
    r = [stats.pearsonr(w["A"], w["B"]).statistic for w in (calm, crisis)]
    assert [table.attrs["rho_calm"], table.attrs["rho_crisis"]] == pytest.approx(r, rel=RTOL)
    z = (np.arctanh(r[1]) - np.arctanh(r[0])) / math.sqrt(1 / 147 + 1 / 37)
    statistic, p = column(table), column(table, "pvalue")
    assert statistic["fisher"] == pytest.approx(z, rel=RTOL)
    for test in ("fisher", "forbes_rigobon", "forbes_rigobon_delta"):
        assert p[test] == pytest.approx(2 * stats.norm.sf(abs(statistic[test])), rel=RTOL)
    for test in ("cs12", "cs21", "ck13", "ck31", "cv22"):
        assert p[test] == pytest.approx(stats.chi2(1).sf(statistic[test]), rel=RTOL)
    assert list(table["distribution"]) == ["normal"] * 3 + ["chi2"] * 5


@pytest.mark.parametrize("variant", ["raw", "nu"])
def test_naive_twin(variant: Any) -> None:
    calm, crisis = random(8), 1.7 * random(9, 22)
    calm.loc[[3, 50], "A"] = np.nan
    crisis.loc[2, "B"] = np.nan
    table = correlation_tests(calm, crisis, "A", "B", variant)
    windows = [(w["A"].to_numpy(), w["B"].to_numpy()) for w in (calm, crisis)]
    wanted = naive.battery(windows[0], windows[1], variant)
    np.testing.assert_allclose(table["statistic"], wanted, rtol=RTOL)
    assert (table.attrs["n_calm"], table.attrs["n_crisis"], table.attrs["n_missing"]) == (
        148,
        21,
        3,
    )


def test_residuals_are_those_of_statsmodels() -> None:
    calm, crisis = random(10, names="ABFG"), random(11, 30, "ABFG")
    found = correlation_tests(calm, crisis, "A", "B", factors=["F", "G"])
    net = []
    for window in (calm, crisis):
        own = {}
        for name in "AB":
            fit = sm.OLS(calm[name], sm.add_constant(calm[["F", "G"]])).fit()
            own[name] = window[name] - fit.predict(sm.add_constant(window[["F", "G"]]))
        net.append(pd.DataFrame(own))
    wanted = correlation_tests(net[0], net[1], "A", "B")
    np.testing.assert_allclose(found["statistic"], wanted["statistic"], rtol=1e-8)


def test_nasdaq_to_sp500_in_february_2018() -> None:
    """.886 to .987: z 4.4 as it stands, 0.6 at the Nasdaq's calm variance (arch's own data)."""
    series = arch_market(["^IXIC", "^GSPC"]).daily
    prices = pd.DataFrame(
        {name: pd.Series(one.prices, index=one.sessions) for name, one in series.items()}
    )
    returns = prices.transform(np.log).diff().dropna()
    at = int(returns.index.searchsorted(np.datetime64("2018-02-05")))
    table = correlation_tests(
        returns.iloc[at - 250 : at], returns.iloc[at : at + 20], source="^IXIC", target="^GSPC"
    )
    assert round(table.attrs["rho_calm"], 4) == 0.8861
    assert round(table.attrs["rho_crisis"], 4) == 0.9870
    found = column(table)
    assert round(found["fisher"], 4) == 4.4248
    assert round(found["forbes_rigobon"], 4) == 0.5928


def test_rescaling_changes_nothing_but_rounding() -> None:
    calm, crisis = random(12), random(13, 25)
    wanted = correlation_tests(calm, crisis, "A", "B")
    scale = {"A": 1e-7, "B": 1e6, "C": 1.0}
    found = correlation_tests(calm * scale, crisis * scale, "A", "B")
    np.testing.assert_allclose(found["statistic"], wanted["statistic"], rtol=1e-9)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (3, "3 complete rows in the crisis window; at least 4 are needed"),
        (0, "0 complete rows in the crisis window; at least 4 are needed"),
    ],
)
def test_too_few_rows(rows: int, note: str) -> None:
    table = correlation_tests(random(), random(1, 10).iloc[:rows], "A", "B")
    assert table[["statistic", "pvalue"]].isna().all(axis=None)
    assert set(table["note"]) == {note}


def test_constant_series() -> None:
    calm = random()
    table = correlation_tests(calm.assign(B=0.25), random(1, 10), "A", "B")
    assert table["statistic"].isna().all()
    assert set(table["note"]) == {"a series is constant in the calm window"}


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_perfect_correlation(sign: float) -> None:
    crisis = random(1, 10)
    table = correlation_tests(random(), crisis.assign(B=sign * 2.0 * crisis["A"]), "A", "B")
    assert table["statistic"].isna().all()
    assert set(table["note"]) == {f"correlation is {sign:.0f} in the crisis window"}


def test_collinear_factors() -> None:
    calm = random()
    table = correlation_tests(
        calm.assign(D=calm["C"]), random(1, 9, "ABCD"), "A", "B", factors=["C", "D"]
    )
    assert "collinear factors" in table["note"][0]


def test_missing_values_are_not_filled() -> None:
    crisis = random(1, 20)
    gaps = crisis.copy()
    gaps.loc[4, "A"] = np.nan
    found = correlation_tests(random(), gaps, "A", "B")
    wanted = correlation_tests(random(), crisis.drop(index=4), "A", "B")
    assert found["statistic"].to_numpy().tobytes() == wanted["statistic"].to_numpy().tobytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": "X", "target": "B"}, "'X' is no column of calm; it has A, B, C"),
        ({"source": "A", "target": "A"}, "name two series"),
        ({"source": "A", "target": "B", "variant": "new"}, "unknown; use raw or nu"),
        ({"source": "A", "target": "B", "factors": ["Z"]}, "'Z' is no column of calm"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        correlation_tests(random(), random(1), **arguments)
