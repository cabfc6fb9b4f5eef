"""The future leaves the past as it was, bit for bit, and nothing is changed or drawn anew."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.study import EventStudy, run_study
from eventlab.timeline.clock import make_clock
from tests.market.series import MINUTE, intraday, market
from tests.study.lookup import values
from tests.study.worlds import event, noise, prices, stock, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.definitions import EventDefinition, Workspace
    from eventlab.market.types import Market, PriceSeries
    from eventlab.timeline.types import Clock

START, SESSIONS = date(2024, 1, 2), 150
HOUR = 60 * MINUTE
CALENDARS = {"AAA": "XNYS", "MKT": "XNYS", "TKO": "XTKS", "COIN": "24/7", "TOK": "24/7"}
ASSETS = ["AAA", "TKO", "COIN", "TOK"]
# Row of the last bar of any window: Tokyo's day 0 of the last news is row 121, two bars follow.
LAST_ROW = 123
# Rows 60, 90 and 120 of the clock, in the morning and in the evening before.
TIMES = ["2024-03-28 10:00", "2024-05-10 18:00", "2024-06-25 10:00"]
# Everything but what says of itself that it compares with all days of the data.
PAST = [
    "fits",
    "abnormal_returns",
    "cars",
    "paths",
    "aggregates",
    "tests",
    "sampling",
    "exclusions",
]
SCHEDULES = {
    "nearest": {"daily_sampling": "nearest"},
    "previous": {"daily_sampling": "previous"},
    "controlled": {"daily_sampling": "previous", "overlaps": "control"},
    "mean": {"daily_sampling": "previous", "model": "constant_mean"},
    "adjusted": {"daily_sampling": "previous", "model": "market_adjusted"},
}
MODEL = {
    "assets": ASSETS,
    "benchmark": "MKT",
    "estimation_window": [-40, -4],
    "event_window": [-2, 2],
    "min_estimation": 20,
    "car_windows": [[0, 0], [-1, 1]],
}


@lru_cache(maxsize=1)
def whole_market() -> Market:
    """Stocks, Tokyo, a token with hourly bars too, and one with daily bars only."""
    first = int(np.datetime64(START, "ns").astype(np.int64))
    closes = [first + HOUR * (k + 1) for k in range(220 * 24)]
    hours = prices(noise(6, len(closes) - 1, 0.004))
    return market(
        stock("AAA", START, noise(1, SESSIONS), drop=[30, 75]),
        stock("MKT", START, noise(2, SESSIONS)),
        stock("TKO", START, noise(3, SESSIONS), calendar="XTKS"),
        stock("COIN", START, noise(4, 220), calendar="24/7"),
        stock("TOK", START, noise(5, 220), calendar="24/7", drop=[100]),
        intraday("COIN", "24/7", closes, hours, 60),
    )


def clock() -> Clock:
    return make_clock("XNYS", START, date(2024, 12, 31))


def definitions(schedule: str) -> tuple[EventDefinition, Workspace]:
    ours = event("ours", list(TIMES), **{**MODEL, **SCHEDULES[schedule]})
    sessions = clock().sessions
    theirs = event(
        "theirs", [f"{sessions[row]} 10:00" for row in (25, 35, 45, 55, 61, 75, 91, 121)]
    )
    return ours, workspace(ours, theirs, calendars=CALENDARS)


def study_of(schedule: str, made: Market) -> EventStudy:
    ours, space = definitions(schedule)
    return run_study(ours, made, space, seed=7, draws=60)


@lru_cache(maxsize=8)
def undisturbed(schedule: str) -> EventStudy:
    return study_of(schedule, whole_market())


def scrambled(made: Market, after: int, seed: int, *, holes: bool) -> Market:
    """Other prices, and holes, in every bar that closes after an instant."""

    def other(series: Mapping[str, PriceSeries]) -> dict[str, PriceSeries]:
        return {symbol: rewritten(one) for symbol, one in series.items()}

    def rewritten(one: PriceSeries) -> PriceSeries:
        generator = np.random.default_rng([seed, len(one.closes)])
        later = one.closes > after
        anew = one.prices * np.exp(generator.normal(0.0, 0.5, len(one.prices)))
        if holes:
            anew[generator.random(len(anew)) < 0.3] = np.nan
        return replace(one, prices=np.where(later, anew, one.prices))

    return replace(made, daily=other(made.daily), intraday=other(made.intraday))


def disturbed(schedule: str, row: int, seed: int, *, holes: bool) -> EventStudy:
    # A nearest close may lie up to twelve hours after the session's.
    reach = 12 * HOUR if schedule == "nearest" else 0
    after = int(clock().closes[row]) + reach
    return study_of(schedule, scrambled(whole_market(), after, seed, holes=holes))


def assert_equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), check_exact=True
    )


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(row=st.integers(40, SESSIONS - 1), seed=st.integers(0, 2**32), holes=st.booleans())
@settings(max_examples=8, deadline=None)
def test_what_comes_later_leaves_finished_occurrences_bit_for_bit(
    schedule: str, row: int, seed: int, holes: bool
) -> None:
    before, after = undisturbed(schedule), disturbed(schedule, row, seed, holes=holes)
    last = before.abnormal_returns.groupby("occurrence")["session"].max()
    finished = set(last.index[last <= pd.Timestamp(clock().sessions[row])])
    for name in ("fits", "abnormal_returns", "sampling"):
        one, other = (getattr(study, name) for study in (before, after))
        keep = [column for column in one.columns if not column.startswith("placebo")]
        assert_equal(
            one.loc[one["occurrence"].isin(finished), keep],
            other.loc[other["occurrence"].isin(finished), keep],
        )


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(row=st.integers(40, SESSIONS - 1), seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_a_bar_inside_an_event_window_depends_on_no_later_bar(
    schedule: str, row: int, seed: int
) -> None:
    before, after = undisturbed(schedule), disturbed(schedule, row, seed, holes=False)
    past = pd.Timestamp(clock().sessions[row])
    one, other = (
        study.abnormal_returns[study.abnormal_returns["session"] <= past]
        for study in (before, after)
    )
    # The fit may be of the future of the bars in the estimation window, never of the event's.
    fitted = set(zip(one["occurrence"], one["symbol"], strict=True))
    assert fitted == set(zip(other["occurrence"], other["symbol"], strict=True))
    ends = before.fits.set_index(["occurrence", "symbol"])["event_session"]
    sessions = clock().sessions
    known = [
        key for key in fitted if np.searchsorted(sessions, np.datetime64(ends[key], "D")) - 4 <= row
    ]
    mask = [key in known for key in zip(one["occurrence"], one["symbol"], strict=True)]
    assert_equal(one[mask], other[mask])


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(row=st.integers(LAST_ROW, SESSIONS - 1), seed=st.integers(0, 2**32), holes=st.booleans())
@settings(max_examples=6, deadline=None)
def test_after_the_last_window_nothing_matters_to_anything_placebo_included(
    schedule: str, row: int, seed: int, holes: bool
) -> None:
    before, after = undisturbed(schedule), disturbed(schedule, row, seed, holes=holes)
    # At the nearest close Tokyo has no bar on Fridays, and so no placebo date of five bars.
    assert values(before.cars, "n_placebo", symbol="AAA").min() > 20
    for name in PAST:
        assert_equal(getattr(before, name), getattr(after, name))


def test_the_last_window_ends_where_the_tests_say() -> None:
    sessions = undisturbed("previous").abnormal_returns["session"]
    assert sessions.max() == pd.Timestamp(clock().sessions[LAST_ROW])


def digest(study: EventStudy) -> str:
    """Hash of every bit of every table."""
    parts = [getattr(study, name).to_csv(float_format="%.17g") for name in [*PAST, "event_days"]]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def test_the_same_seed_gives_the_same_study_in_another_process() -> None:
    here = digest(undisturbed("nearest"))
    assert digest(study_of("nearest", whole_market())) == here
    script = (
        "from tests.study.test_run_causality import digest, undisturbed\n"
        "print(digest(undisturbed('nearest')))"
    )
    there = subprocess.run(  # noqa: S603 - this interpreter, this script
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_another_seed_gives_other_draws_and_the_same_estimates() -> None:
    ours, space = definitions("previous")
    one, other = (run_study(ours, whole_market(), space, seed=seed, draws=200) for seed in (1, 2))
    assert_equal(one.fits, other.fits)
    first, second = (values(study.tests, "pvalue", test="placebo") for study in (one, other))
    assert not np.array_equal(first, second)


def contents(made: Market) -> list[bytes]:
    series = [*made.daily.values(), *made.intraday.values()]
    names = ("closes", "sessions", "prices", "raw", "volume")
    return [getattr(one, name).tobytes() for one in series for name in names]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_neither_the_prices_nor_the_definition_are_changed(schedule: str) -> None:
    ours, space = definitions(schedule)
    written, held = ours.model_dump_json(), contents(whole_market())
    study = run_study(ours, whole_market(), space, draws=20)
    assert ours.model_dump_json() == written
    assert contents(whole_market()) == held
    assert study.event is ours
