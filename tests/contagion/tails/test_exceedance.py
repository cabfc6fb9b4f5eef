"""Exceedance correlations: references, twins, the simulated null and unusable data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventlab.contagion.tails.exceedance import exceedance_correlation, exceedances
from eventlab.contagion.tails.hac import newey_west_lags
from eventlab.errors import UsageError
from tests import naive_contagion_tails as naive

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = 1e-8  # the agreement that is asked for
TWIN = 1e-10  # relative: sums of products in another order, and an inverted matrix


def pair(n: int = 300, rho: float = 0.6, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    x, e = rng.standard_t(5, (2, n))
    return pd.Series(x, name="QQQ"), pd.Series(rho * x + np.sqrt(1 - rho**2) * e, name="BTC")


def at(table: pd.DataFrame, row: float | str, column: str) -> float:
    return float(table[column].loc[row])


def test_correlations_and_counts_agree_with_the_reference(reference_dir: Path) -> None:
    folder = reference_dir / "contagion"
    vectors = json.loads((folder / "asymmetry_vectors.json").read_text(encoding="utf-8"))
    returns = pd.read_csv(folder / "arch_returns.csv", index_col=0)
    found = exceedance_correlation(returns["NASDAQ"], returns["SP500"], draws=0).table
    for threshold, word in ((0.0, "0"), (0.5, "0.5"), (1.0, "1.0")):
        for side, sign in (("lower", "minus"), ("upper", "plus")):
            rho, count = vectors[f"exceed_corr_{sign}_{word}"]
            assert at(found, threshold, side) == pytest.approx(rho, rel=REFERENCE)
            assert at(found, threshold, f"n_{side}") == count


def test_everything_agrees_with_its_twin() -> None:
    x, y = pair(200)
    found = exceedance_correlation(x, y, (0.0, 0.4), draws=0)
    for theta in (0.0, 0.4):
        for side, sign in (("lower", -1), ("upper", 1)):
            rho, count = naive.exceedance(list(x), list(y), theta, sign)
            assert at(found.table, theta, side) == pytest.approx(rho, rel=TWIN)
            assert at(found.table, theta, f"n_{side}") == count
    published = naive.hong_tu_zhou(list(x), list(y), [0.0, 0.4], newey_west_lags(200))
    assert at(found.tests, "hong_tu_zhou", "statistic") == pytest.approx(published, rel=1e-8)
    assert at(found.tests, "hong_tu_zhou", "pvalue") == pytest.approx(
        stats.chi2.sf(published, 2), rel=1e-7
    )


def test_one_threshold_is_the_squared_ratio_of_difference_and_standard_error() -> None:
    found = exceedance_correlation(*pair(), (0.2,), draws=0)
    row = found.table.iloc[0]
    expected = (row["difference"] / row["stderr"]) ** 2
    assert at(found.tests, "delta_method", "statistic") == pytest.approx(expected, rel=1e-12)


def test_turning_both_series_swaps_the_sides() -> None:
    x, y = pair()
    found = exceedance_correlation(x, y, draws=0).table
    turned = exceedance_correlation(-x, -y, draws=0).table
    np.testing.assert_allclose(found["lower"], turned["upper"], rtol=1e-12)
    np.testing.assert_allclose(found["stderr"], turned["stderr"], rtol=1e-10)
    again = exceedance_correlation(100 * x + 3, y, draws=0).table
    np.testing.assert_allclose(found["lower"], again["lower"], rtol=1e-12)


def test_a_case_by_hand() -> None:
    # Joint falls lie on a falling line, joint rises on a rising one; means are zero.
    side = np.arange(1.0, 11.0)
    x = pd.Series(np.concatenate([side - 11.0, side]))
    y = pd.Series(np.concatenate([-side, side]))
    row = exceedance_correlation(x, y, (0.0,), draws=0).table.iloc[0]
    assert (row["n_lower"], row["n_upper"]) == (10, 10)
    assert (row["lower"], row["upper"]) == pytest.approx((-1.0, 1.0))
    assert row["difference"] == pytest.approx(-2.0)


def test_the_standard_error_is_that_of_many_samples() -> None:
    rng = np.random.default_rng(7)
    n, differences, stderr = 800, [], []
    for _ in range(300):
        x, e = rng.standard_normal((2, n))
        sides = exceedances(x, 0.8 * x + 0.6 * e, np.array([0.0]))
        differences.append(sides.difference[0])
        stderr.append(sides.stderr[0])
    # Its mean against the spread over samples, whose own standard error is 4%.
    assert np.mean(stderr) == pytest.approx(np.std(differences), rel=0.12)


def test_the_normal_null_is_that_of_the_closed_form() -> None:
    # Rows with both coordinates of a standard normal above 0: moments by Rosenbaum (1961).
    rho = 0.6
    x, e = np.random.default_rng(3).standard_normal((2, 4000))
    x -= x.mean()
    e -= e.mean()
    e -= x * (x @ e) / (x @ x)
    y = rho * x / x.std() + np.sqrt(1 - rho**2) * e / e.std()
    found = exceedance_correlation(
        pd.Series(x), pd.Series(y), (0.0,), null="normal", draws=60
    ).table.iloc[0]
    inside = 0.25 + np.arcsin(rho) / (2 * np.pi)
    first = (1 + rho) / (2 * np.sqrt(2 * np.pi)) / inside
    square = 1 + rho * np.sqrt(1 - rho**2) / (2 * np.pi) / inside
    product = rho + np.sqrt(1 - rho**2) / (2 * np.pi) / inside
    expected = (product - first**2) / (square - first**2)
    assert found["null_lower"] == pytest.approx(expected, abs=0.01)
    assert found["null_upper"] == pytest.approx(expected, abs=0.01)


def test_simulated_p_keeps_its_size_with_fat_tails() -> None:
    rng = np.random.default_rng(21)
    rejected = np.zeros(2)
    for seed in range(120):
        z = rng.standard_normal((2, 200)) / np.sqrt(rng.chisquare(6, 200) / 6)
        y = 0.7 * z[0] + np.sqrt(0.51) * z[1]
        found = exceedance_correlation(pd.Series(z[0]), pd.Series(y), (0.0,), draws=19, seed=seed)
        rejected[0] += found.table["pvalue"].iloc[0] <= 0.05
        rejected[1] += at(found.tests, "ang_chen_lower", "simulated_pvalue") <= 0.05
    # 5% and three standard errors of 120 samples.
    assert ((rejected / 120 >= 0.005) & (rejected / 120 <= 0.11)).all()


def test_falls_that_are_more_alike_than_rises_are_found() -> None:
    rng = np.random.default_rng(8)
    x, e = rng.standard_normal((2, 1500))
    y = np.where(x < 0, 0.95 * x + 0.3 * e, 0.95 * np.abs(x) * np.sign(e) * 0.3 + 0.9 * e)
    found = exceedance_correlation(
        pd.Series(x, name="QQQ"), pd.Series(y, name="BTC"), (0.0,), draws=99
    )
    assert found.table["difference"].iloc[0] > 0.3
    assert found.table["pvalue"].iloc[0] == pytest.approx(0.01)
    assert at(found.tests, "delta_method", "pvalue") < 0.001
    assert "more apart than in symmetric data (p = 0.010)" in found.sentence


def test_draws_depend_on_the_seed_and_their_number_only() -> None:
    x, y = pair()
    one, two = (exceedance_correlation(x, y, draws=40, seed=s) for s in (0, 0))
    pd.testing.assert_frame_equal(one.table, two.table)
    other = exceedance_correlation(x, y, draws=40, seed=1)
    assert (one.table["null_lower"] != other.table["null_lower"]).all()
    assert one.null.startswith("40 draws of 300 rows of a bivariate t with ")
    assert "normal" in exceedance_correlation(x, y, draws=1, null="normal").null


def test_few_joint_falls_give_nan_with_the_reason() -> None:
    found = exceedance_correlation(*pair(120), (0.0, 2.5), draws=25)
    row = found.table.loc[2.5]
    assert "joint falls; at least 10 are needed" in row["note"]
    assert np.isnan([row["difference"], row["stderr"], row["pvalue"]]).all()
    assert at(found.tests, "delta_method", "dof") == 1
    nothing = exceedance_correlation(*pair(120), (3.0,), draws=25)
    assert nothing.tests[["statistic", "pvalue", "simulated_pvalue"]].isna().all(axis=None)
    assert "no threshold" in nothing.tests["note"].iloc[0]
    assert "too few joint falls" in nothing.sentence


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.arange(15.0), np.arange(15.0), "only 15 complete rows; at least 20"),
        (np.arange(30.0), np.full(30, 1.0), "a series is constant"),
        (np.full(30, np.nan), np.arange(30.0), "only 0 complete rows"),
        (np.arange(30.0), 2 - 3 * np.arange(30.0), "one series is a multiple of the other"),
    ],
)
def test_what_cannot_be_computed_says_why(x: np.ndarray, y: np.ndarray, words: str) -> None:
    found = exceedance_correlation(pd.Series(x), pd.Series(y), draws=5)
    assert words in found.note
    assert found.table["difference"].isna().all()
    assert found.tests["statistic"].isna().all()
    assert words in repr(found)


def test_tied_returns_do_not_disturb() -> None:
    x, y = pair(400)
    found = exceedance_correlation(x.round(0), y.round(0), (0.0,), draws=0).table.iloc[0]
    rho, count = naive.exceedance(list(x.round(0)), list(y.round(0)), 0.0, -1)
    assert found["lower"] == pytest.approx(rho, rel=TWIN)
    assert found["n_lower"] == count


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"thresholds": ()}, "one or more ascending"),
        ({"thresholds": (1.0, 0.5)}, "one or more ascending"),
        ({"thresholds": (-1.0,)}, "one or more ascending"),
        ({"null": "cauchy"}, "unknown; use t or normal"),
        ({"draws": -1}, "draws=-1"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        exceedance_correlation(*pair(), **options)  # type: ignore[arg-type]
