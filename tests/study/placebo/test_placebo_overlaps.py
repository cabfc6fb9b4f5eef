"""The placebo where windows of different dates share bars, which pseudo-dates do not."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventlab
from eventlab.report.cells import cells
from eventlab.study import run_study
from eventlab.study.placebo.tables import shared_variance
from tests.market.series import market
from tests.study.lookup import row
from tests.study.worlds import event, noise, stock, workspace

T, LOADED = 420, 0.3


def staggered(seed: int, steps: list[int]) -> eventlab.StudyResult:
    """One event of each of several assets that move together, ``steps`` bars after bar 300."""
    rng = np.random.default_rng(seed)
    n, benchmark = len(steps), rng.normal(0.0, 0.01, T)
    common, own = rng.normal(size=(T, 1)), rng.normal(size=(T, n))
    moves = np.sqrt(LOADED) * common + np.sqrt(1.0 - LOADED) * own
    returns = pd.DataFrame(
        benchmark[:, None] + 0.02 * moves,
        pd.bdate_range("2018-01-01", periods=T),
        [f"A{i}" for i in range(n)],
    ).assign(MKT=benchmark)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(n)],
            "symbol": returns.columns[:n],
            "session": returns.index[300 + np.array(steps)],
        }
    )
    return eventlab.event_study(
        returns,
        events,
        benchmark="MKT",
        estimation_window=(-200, -11),
        event_window=(0, 4),
        car_windows=((0, 0), (0, 4)),
        tests=["placebo"],
        draws=199,
    )


def one(table: pd.DataFrame, **where: object) -> Any:
    """The only row with these values, its cells of any type."""
    return row(table, **where)


def test_the_variance_that_shared_bars_add_is_counted_by_window() -> None:
    anchor = np.array([10, 10, 12, 13, 30])
    known = np.ones((5, 3), dtype=np.bool_)
    known[2, 2] = False
    # Two events on date 10 and one on each of the others: sum n^2 = 7. Of three bars 10 and 12
    # share one, 12 and 13 two; of four 10 and 13 share one, and 12 has no CAR.
    wanted = [0.0, 2 * (2 * 1 / 3 + 2 / 3) / 7, 2 * (2 * 1 / 4) / 6]
    found = shared_variance(anchor, known, np.array([1, 3, 4]))
    np.testing.assert_allclose(found, wanted, rtol=1e-15)


def test_the_placebo_leaves_the_headline_where_windows_of_different_dates_overlap() -> None:
    table = staggered(1, [0, 0, 2, 30, 60]).tests
    alone, shared = one(table, window="[0,0]"), one(table, window="[0,4]")
    assert alone["headline"]
    assert "draws of dates" in alone["note"]
    assert not shared["headline"]
    assert np.isfinite(shared["pvalue"])
    # n is 2, 1, 1, 1, and three of five bars are shared: 1 + 2 (2 * 3/5)/7.
    assert "their mean varies up to 1.3 times as much as the draws'" in shared["note"]
    assert staggered(1, [0, 0, 0, 30, 60]).tests["headline"].all()


def test_one_shared_bar_in_many_does_not_matter() -> None:
    # Twelve dates, of which two share one bar in five: at most 3% more variance.
    steps = [-10 * k for k in range(11)] + [4]
    assert staggered(1, steps).tests["headline"].all()


def test_why_the_draws_would_reject_too_often_there() -> None:
    # Five windows of five bars, a day apart, and returns that move together: most bars are shared.
    tables = [staggered(seed, [0, 1, 2, 3, 4]).tests for seed in range(60)]
    found = [one(table, window="[0,4]") for table in tables]
    assert np.mean([one["pvalue"] < 0.05 for one in found]) > 0.08  # 12% of 1,200 samples
    assert not any(one["headline"] for one in found)


def test_a_page_does_not_decide_by_it() -> None:
    news = event(
        "news",
        ["2023-06-01 10:00", "2023-06-02 10:00", "2023-08-01 10:00"],
        assets=["AAA"],
        model="constant_mean",
        estimation_window=[-100, -11],
        event_window=[-1, 3],
        car_windows=[[0, 0], [0, 3]],
    )
    held = market(stock("AAA", date(2022, 1, 3), noise(1, 500)))
    study = run_study(news, held, workspace(news, calendars={"AAA": "XNYS"}), draws=99)
    found = cells(study)
    assert found["AAA", "[0,0]"].placebo == pytest.approx(
        one(study.tests, group="AAA", window="[0,0]", test="placebo")["pvalue"]
    )
    assert np.isnan(found["AAA", "[0,3]"].placebo)


def test_the_band_of_a_path_ends_where_windows_of_different_dates_overlap() -> None:
    path = staggered(1, [0, 0, 2, 30, 60]).path.set_index("tau")
    assert path["caar"].notna().all()
    # Two dates are two bars apart: windows of one and two bars share none, of three bars one.
    assert path["low"].notna().tolist() == [True, True, False, False, False]
    apart = staggered(1, [0, 0, 20, 40, 60]).path
    assert apart["low"].notna().all()
