"""Bootstraps and the calendar-time portfolio: transcriptions, statsmodels, special cases."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.kernels.calendar_time import calendar_time_nb, newey_west_nb
from eventlab.study.inference.battery import Battery
from tests import naive_battery as slow
from tests.study.panels import PanelCase, panel

if TYPE_CHECKING:
    from eventlab.study import StudyResult

RTOL = 1e-10  # sums of some hundred numbers
WILD = ("wild_bootstrap_percentile", "wild_bootstrap")
SCATTERED = tuple(range(90, 230, 11))  # thirteen dates: too many to take every sign vector


def row(found: StudyResult, test: str, window: str = "[0,0]") -> dict[str, object]:
    tests = found.tests
    own = tests[(tests["test"] == test) & (tests["window"] == window)]
    return dict(own.iloc[0])


def cluster_case(positions: tuple[int, ...]) -> PanelCase:
    return panel(6, positions=positions)


@pytest.mark.parametrize(
    "positions", [(120, 120, 121, 124, 150, 200, 120, 90), (*SCATTERED, *SCATTERED[:4])]
)
def test_wild_bootstrap_transcribed(positions: tuple[int, ...]) -> None:
    case = cluster_case(positions)
    found = case.study(draws=199, seed=11, car_windows=[(0, 0), (-1, 1)])
    for window in ("[0,0]", "[-1,1]"):
        scar = (found.car[window] / found.car_error[window]).tolist()
        wanted = slow.wild_bootstrap(scar, case.positions, 199, 11)
        assert tuple(row(found, test, window)["pvalue"] for test in WILD) == wanted
        t = slow.cluster_t(scar, case.positions)
        assert row(found, "wild_bootstrap", window)["statistic"] == pytest.approx(t, rel=RTOL)


def test_dates_of_their_own_make_it_bmp() -> None:
    found = cluster_case(SCATTERED).study(draws=99)
    for window in found.windows:
        wild, bmp = (row(found, test, window)["statistic"] for test in ("wild_bootstrap", "bmp"))
        assert wild == pytest.approx(bmp, rel=RTOL)


def test_one_date_gives_nothing_to_resample() -> None:
    found = panel(positions=(150,) * 5).study(draws=99)
    for test in WILD:
        one = row(found, test)
        assert math.isnan(float(str(one["pvalue"])))
        assert one["note"] == "all events share one date: nothing to resample over"


def test_few_dates_say_how_small_a_pvalue_can_be() -> None:
    found = panel(positions=(120, 120, 160, 200, 200)).study(car_windows=[(0, 0)], draws=99)
    assert row(found, "wild_bootstrap")["note"] == "3 dates cannot give a p-value under 0.25"
    assert float(str(row(found, "wild_bootstrap")["pvalue"])) in {k / 8 for k in range(1, 9)}


def test_draws_depend_on_the_seed_and_not_on_threads() -> None:
    case = cluster_case(SCATTERED)
    first = case.study(draws=199, seed=5)
    battery = Battery(first.arrays, first.estimates, first.spec)
    groups = [np.arange(n, len(SCATTERED)) for n in range(8)]
    alone = [battery.table(group, WILD).pvalue for group in groups]
    with ThreadPoolExecutor(2) as threads:
        shared = list(threads.map(lambda group: battery.table(group, WILD).pvalue, groups))
    for mine, theirs in zip(alone, shared, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(
        alone[0], case.study(draws=199, seed=5).battery.table(groups[0], WILD).pvalue
    )
    other = case.study(draws=199, seed=6).battery.table(groups[0], WILD)
    assert (other.pvalue != alone[0]).any()


def test_newey_west_is_statsmodels() -> None:
    values = np.random.default_rng(1).normal(size=70).cumsum() * 0.1
    known = np.ones(70, dtype=np.bool_)
    for lags in (0, 1, 4, 12):
        fitted = sm.OLS(values, np.ones(70)).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
        )
        assert newey_west_nb(values, known, lags) == pytest.approx(
            float(fitted.bse[0]) ** 2, rel=RTOL
        )


def test_bars_without_a_portfolio_are_no_neighbours() -> None:
    values = np.array([1.0, 2.0, 9.0, 4.0, 3.0])  # the third bar does not exist
    known = np.array([True, True, False, True, True])
    # Deviations from 2.5: -1.5 -.5 | 1.5 .5; lag 1: .75 + .75, weight 1/2, twice.
    assert newey_west_nb(values, known, 1) == pytest.approx((5.0 + 1.5) / (4 * 3), rel=RTOL)
    gappy = np.where(known, values, np.nan).tolist()
    assert slow.newey_west(gappy, 1) == pytest.approx((5.0 + 1.5) / 12, rel=RTOL)


def test_disjoint_bars_make_it_the_cross_sectional_t() -> None:
    found = cluster_case(SCATTERED).study(car_windows=[(0, 0)])
    wanted = stats.ttest_1samp(found.car["[0,0]"], 0.0)
    one = row(found, "calendar_time")
    assert one["statistic"] == pytest.approx(wanted.statistic, rel=RTOL)
    assert one["pvalue"] == pytest.approx(wanted.pvalue, rel=RTOL)


def test_one_date_is_one_return_a_bar() -> None:
    found = panel(positions=(150,) * 5).study(car_windows=[(0, 0), (-5, 5)])
    assert "a portfolio of one return" in str(row(found, "calendar_time")["note"])
    aar = found.aggregate["aar"].to_numpy()
    lags = math.floor(4 * (11 / 100) ** (2 / 9))
    t = aar.mean() / math.sqrt(slow.newey_west(aar.tolist(), lags))
    one = row(found, "calendar_time", "[-5,5]")
    assert (one["statistic"], one["dof"]) == (pytest.approx(t, rel=RTOL), 10.0)


def test_python_says_what_the_machine_code_says() -> None:
    ar = np.random.default_rng(2).normal(size=(4, 5))
    arguments = (ar, np.array([3, 4, 9, 30]), np.array([0, 1, 3]), np.array([[-1, 1], [0, 0]]), -2)
    python = calendar_time_nb.py_func(*arguments)  # type: ignore[attr-defined]
    for mine, theirs in zip(calendar_time_nb(*arguments), python, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)
