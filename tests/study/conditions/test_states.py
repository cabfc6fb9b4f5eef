"""States are read strictly before the news, or not known, with the reason."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.study import EventStudy, run_study
from eventlab.study.conditions.readings import known_values
from tests.market.series import MINUTE, daily, intraday, market, ns
from tests.naive_cross_section import last_known
from tests.study.lookup import pick, row
from tests.study.worlds import event, noise, stock, workspace

START = date(2024, 1, 2)
DAY = 1440 * MINUTE
CALENDARS = {"AAA": "XNYS", "BBB": "XNYS", "MKT": "XNYS"}
TIMES = ["2024-03-28 14:00", "2024-05-10 18:00", "2024-06-25 10:00"]
STATES: dict[str, Any] = {
    "vix_high": {"series": "^VIX", "when": "above_median", "lookback": 40},
    "spread_rising": {"series": "HY", "when": "rising", "lookback": 20},
    "funding_negative": {"series": "BTC-FUNDING", "when": "negative"},
    "loud": {"series": "^VIX", "when": "above", "threshold": 16.5},
}
STUDY = {
    "assets": ["AAA", "BBB"],
    "benchmark": "MKT",
    "estimation_window": [-40, -4],
    "event_window": [-2, 2],
    "min_estimation": 20,
    "car_windows": [[0, 0]],
}


def vix(length: int = 150) -> Any:
    return daily("^VIX", "XNYS", START, (16.0 + noise(11, length, 2.0)).tolist(), drop=[33, 50])


@lru_cache(maxsize=1)
def whole_market() -> Any:
    """Stocks, a volatility index, a spread that is a level, and funding every eight hours."""
    first = ns("2024-01-02")
    closes = [first + 8 * 60 * MINUTE * k for k in range(220 * 3)]
    funding = intraday("BTC-FUNDING", "24/7", closes, noise(13, len(closes), 1e-4).tolist(), 480)
    return market(
        stock("AAA", START, noise(1, 150)),
        stock("BBB", START, noise(2, 150)),
        stock("MKT", START, noise(3, 150)),
        vix(),
        daily("HY", "XNYS", START, (4.0 + noise(12, 150, 0.3)).tolist(), kind="level"),
        replace(funding, kind="level"),
    )


def study(made: Any = None, times: list[Any] | None = None, **changes: Any) -> EventStudy:
    ours = event("ours", times or TIMES, **{**STUDY, "states": STATES, **changes})
    return run_study(ours, made or whole_market(), workspace(ours, calendars=CALENDARS), draws=0)


def test_the_last_close_before_the_news_is_read() -> None:
    states = study().states
    # 2024-03-28 14:00 New York: the session closes at 16:00, so the day before is the last known.
    found = row(states, occurrence="n0", state="vix_high")
    assert str(found["as_of"]) == "2024-03-27 20:00:00+00:00"
    # 2024-05-10 18:00 New York is after that day's close.
    assert (
        str(row(states, occurrence="n1", state="vix_high")["as_of"]) == "2024-05-10 20:00:00+00:00"
    )
    # A spread of one day is known a day later: on the 28th that of the 26th, at the 27th's close.
    found = row(states, occurrence="n0", state="spread_rising")
    series = whole_market().daily["HY"]
    assert str(found["as_of"]) == "2024-03-27 20:00:00+00:00"
    at = int(np.searchsorted(series.sessions, np.datetime64("2024-03-26")))
    assert found["reading"] == series.prices[at]
    assert found["threshold"] == series.prices[at - 20]
    # Funding of 16:00 UTC is known at 18:00 UTC.
    found = row(states, occurrence="n0", state="funding_negative")
    assert str(found["as_of"]) == "2024-03-28 16:00:00+00:00"


def test_what_is_known_at_the_very_instant_is_not_read() -> None:
    at_close = [{"announced_at": "2024-05-10 16:00"}, {"announced_at": "2024-05-10 16:01"}]
    states = study(times=at_close).states
    found = [row(states, occurrence=f"n{i}", state="loud")["as_of"] for i in (0, 1)]
    assert [str(one) for one in found] == ["2024-05-09 20:00:00+00:00", "2024-05-10 20:00:00+00:00"]


def test_news_of_a_date_only_reads_what_was_known_when_the_date_began() -> None:
    on_a_day = [{"announced_at": "2024-05-10", "precision": "date"}]
    found = row(study(times=on_a_day).states, state="loud")
    assert str(found["as_of"]) == "2024-05-09 20:00:00+00:00"


def test_the_median_is_of_the_last_values_the_reading_among_them() -> None:
    found = row(study().states, occurrence="n2", state="vix_high")
    series = whole_market().daily["^VIX"]
    known = series.prices[series.closes < ns("2024-06-25T14:00")][-40:]
    assert found["reading"] == known[-1]
    assert found["threshold"] == np.median(known)
    assert found["value"] == (known[-1] > np.median(known))


def test_a_value_that_equals_its_threshold_is_no() -> None:
    flat = replace(vix(), prices=np.full(148, 15.0))
    made = replace(whole_market(), daily={**whole_market().daily, "^VIX": flat})
    states = study(
        made,
        states={
            name: {"series": "^VIX", "when": name, "lookback": 5}
            for name in ("above_median", "below_median", "rising", "falling")
        },
    ).states
    assert not states["value"].any()


def test_facts_surprises_and_tags_are_read_from_the_occurrence() -> None:
    times = [
        {"announced_at": TIMES[0], "tags": ["cut"], "facts": {"bp": -25}},
        {"announced_at": TIMES[1], "tags": ["hold"], "facts": {"bp": 0}},
        {"announced_at": TIMES[2], "surprise": {"eps": {"expected": 1.0, "actual": 1.2}}},
    ]
    asked = {
        "cut": {"tag": "cut"},
        "easing": {"fact": "bp", "when": "negative"},
        "beat": {"surprise": "eps", "when": "positive"},
    }
    states = study(times=times, states=asked).states
    answers = {name: pick(states, state=name)["value"].tolist() for name in asked}
    assert answers == {
        "cut": [True, False, False],
        "easing": [True, False, pd.NA],
        "beat": [pd.NA, pd.NA, True],
    }
    assert row(states, state="easing", occurrence="n2")["note"] == "the occurrence has no fact bp"
    assert row(states, state="beat", occurrence="n2")["reading"] == pytest.approx(0.2)


def test_what_is_not_known_says_why_and_is_on_neither_side() -> None:
    asked = {
        "absent": {"series": "DXY", "when": "rising"},
        "short": {"series": "^VIX", "when": "above_median", "lookback": 100},
        "ended": {"series": "OLD", "when": "positive"},
    }
    old = daily("OLD", "XNYS", START, [1.0] * 60)
    made = replace(whole_market(), daily={**whole_market().daily, "OLD": old})
    found = study(made, states=asked)
    notes = {
        (each["state"], each["occurrence"]): each["note"]
        for each in found.states.to_dict("records")
    }
    assert notes["absent", "n0"] == "DXY has no prices in made up"
    assert notes["short", "n0"] == "^VIX had 58 known values, 100 are needed"
    assert notes["short", "n2"] == ""
    assert notes["ended", "n0"] == ""
    assert notes["ended", "n1"] == ("OLD was last known on 2024-03-27, more than 7 days before")
    absent = row(found.splits, state="absent", group="AAA")
    assert (absent["n_in"], absent["n_out"], absent["n_unknown"]) == (0, 0, 3)
    assert absent["note"] == "not known at any event: DXY has no prices in made up"
    # n0 lacks a hundred values; n1 and n2 have them.
    assert row(found.splits, state="short", group="AAA")["n_unknown"] == 2 - int(
        notes["short", "n1"] == ""
    )


def test_an_old_value_can_be_allowed() -> None:
    old = daily("OLD", "XNYS", START, [1.0] * 60)
    made = replace(whole_market(), daily={**whole_market().daily, "OLD": old})
    asked = {"ended": {"series": "OLD", "when": "positive", "max_age": 365}}
    assert study(made, states=asked).states["value"].all()


@given(seed=st.integers(0, 10_000), lag=st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_the_transcription_agrees(seed: int, lag: int) -> None:
    rng = np.random.default_rng(seed)
    prices = rng.normal(15, 3, 40)
    prices[rng.random(40) < 0.2] = np.nan
    series = daily("^VIX", "XNYS", START, prices.tolist())
    known = known_values(market(series), "^VIX", lag)
    assert not isinstance(known, str)
    instants = np.sort(rng.integers(series.closes[0] - DAY, series.closes[-1] + 3 * DAY, 12))
    instants[:3] = series.closes[rng.integers(0, 40, 3)]
    found = known.before(instants, 1000)
    for i, instant in enumerate(instants):
        place, value = last_known(series.closes.tolist(), prices.tolist(), lag, int(instant))
        assert (found.row[i], math.isnan(found.value[i])) == (place, math.isnan(value))
        assert math.isnan(value) or found.value[i] == value


def scrambled(made: Any, instant: int, seed: int) -> Any:
    """Other values, and holes, in every bar that closes at an instant or after it."""

    def other(one: Any) -> Any:
        rng = np.random.default_rng([seed, len(one.closes)])
        anew = np.where(rng.random(len(one.prices)) < 0.3, np.nan, one.prices * rng.random())
        return replace(one, prices=np.where(one.closes >= instant, anew, one.prices))

    return replace(
        made,
        daily={name: other(one) for name, one in made.daily.items()},
        intraday={name: other(one) for name, one in made.intraday.items()},
    )


FEATURES = ["beta", "volatility", "momentum", "level.^VIX", "state.vix_high", "state.loud"]


@given(which=st.integers(0, 2), seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_data_at_or_after_the_news_leave_states_and_features_bit_equal(
    which: int, seed: int
) -> None:
    section = {"features": FEATURES}
    before = study(cross_section=section)
    instant = pd.Timestamp(TIMES[which], tz="America/New_York").value
    after = study(scrambled(whole_market(), instant, seed), cross_section=section)
    past = [f"n{i}" for i in range(which + 1)]
    for name in ("states", "features"):
        one, other = (
            table[table["occurrence"].isin(past)].reset_index(drop=True)
            for table in (getattr(before, name), getattr(after, name))
        )
        if name == "features":  # an event without its own day 0 has no fit and no row
            both = one[["occurrence", "symbol"]].merge(
                other[["occurrence", "symbol"]].drop_duplicates()
            )
            assert set(both["occurrence"]) == set(past)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_study_without_states_has_empty_tables_of_the_same_columns() -> None:
    plain = study(states={})
    full = study(cross_section={"features": ["beta"]})
    for name in ("states", "splits", "cross_section", "features"):
        assert len(getattr(plain, name)) == 0
        assert getattr(plain, name).columns.tolist() == getattr(full, name).columns.tolist()
