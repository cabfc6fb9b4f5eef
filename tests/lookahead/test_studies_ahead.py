"""Studies: what they say of an occurrence does not depend on what comes after its windows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.definitions.study import Measure, Model, OverlapPolicy, Sampling, Volatility
from eventlab.study.conditions.states import read_states, subjects
from eventlab.study.run import run_study
from eventlab.study.schedule import make_schedule, study_clock
from tests.hedge.worlds import CALENDARS
from tests.lookahead.ahead_world import (
    FUTURES,
    assert_same,
    few,
    instant_after,
    last_complete,
    others,
    seeds,
    world,
)
from tests.study.worlds import event, workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from eventlab.definitions import EventDefinition, Workspace
    from eventlab.definitions.cross_section import StateDefinition
    from eventlab.market.types import Market
    from eventlab.study import EventStudy
    from eventlab.study.conditions.states import Subjects

NEWS: Final = (125, 150, 175, 200)  # rows of the sessions before the news
AFTER: Final = 3  # bars of the event window
FIRST, LAST = 140, 218
STUDY: Final[dict[str, Any]] = {
    "assets": ["NVDA", "BTC", "LSEG"],
    "benchmark": "QQQ",
    "estimation_window": [-110, -4],
    "event_window": [-2, AFTER],
    "min_estimation": 60,
    "car_windows": [[0, 0], [-1, 3]],
}
GARCH: Final = {"model": "garch_market_model", "assets": ["NVDA"]}
CASES: Final[Mapping[str, dict[str, Any]]] = {
    **{f"model {name}": {"model": name} for name in get_args(Model) if "garch" not in name},
    "model factor_model": {"model": "factor_model", "factors": ["ORCL"]},
    "model dimson": {"model": "dimson", "lags": 2},
    "model constant_mean": {"model": "constant_mean", "benchmark": None},
    **{f"variance {name}": {**GARCH, "volatility": name} for name in get_args(Volatility)},
    "errors t": {**GARCH, "errors": "t"},
    **{
        f"measure {name}": {"measure": name, "benchmark": None}
        for name in get_args(Measure)
        if name != "returns"
    },
    **{f"overlaps {name}": {"overlaps": name} for name in get_args(OverlapPolicy)},
    **{f"sampling {name}": {"daily_sampling": name} for name in get_args(Sampling)},
    "bars of an hour": {
        "bar": "60min", "clock": "24/7", "assets": ["BTC"], "benchmark": None,
        "model": "constant_mean", "estimation_window": [-400, -10], "event_window": [-4, 24],
        "car_windows": [[0, 8]],
    },
}  # fmt: skip
READS: Final = {"dimson": 2}  # bars of the benchmark after a bar that its normal return reads
STATES: Final[dict[str, Any]] = {
    "vix_high": {"series": "^VIX", "when": "above_median", "lookback": 40},
    "vix_low": {"series": "^VIX", "when": "below_median", "lookback": 40},
    "yield_up": {"series": "DGS2", "when": "rising", "lookback": 20},
    "token_down": {"series": "BTC", "when": "falling", "lookback": 3},
    "funding_paid": {"series": "BTC-FUNDING", "when": "positive"},
    "funding_got": {"series": "BTC-FUNDING", "when": "negative"},
    "loud": {"series": "^VIX", "when": "above", "threshold": 20.0},
    "quiet": {"series": "^VIX", "when": "below", "threshold": 20.0, "lag": 2},
}
FEATURES: Final = ["beta", "volatility", "momentum", "level.DGS2", "state.loud"]


def told(**said: Any) -> tuple[EventDefinition, Workspace]:
    """Four reports, in the evening, and other news between and during them."""
    sessions = world().clock.sessions
    ours = event("ours", [f"{sessions[row]} 18:00" for row in NEWS], **{**STUDY, **said})
    theirs = event("theirs", [f"{sessions[row]} 10:00" for row in (100, 152, 160, 176, 201, 210)])
    return ours, workspace(ours, theirs, calendars=CALENDARS)


def study_of(name: str, market: Market) -> EventStudy:
    ours, space = told(**CASES[name])
    return run_study(ours, market, space, seed=3, draws=20)


@cache
def before(name: str) -> EventStudy:
    return study_of(name, world().market)


@pytest.mark.parametrize("name", CASES)
@few
@given(
    future=st.sampled_from(list(FUTURES)),
    row=st.integers(FIRST, LAST),
    share=st.floats(0, 1),
    seed=seeds,
)
def test_a_study_does_not_look_ahead(
    name: str, future: str, row: int, share: float, seed: int
) -> None:
    """Up to an instant: fits, abnormal returns, CARs and what was sampled of what has ended."""
    whole, definition = before(name), told(**CASES[name])[0].study
    assert definition is not None
    instant = instant_after(world().clock, row, share)
    nearest = definition.daily_sampling == "nearest"
    last = last_complete(world().clock, instant, nearest=nearest) - READS.get(definition.model, 0)
    ended = [f"n{at}" for at, news in enumerate(NEWS) if news + 1 + AFTER + 1 <= last]
    other = study_of(name, others(row, share, seed)[future].market)
    for table in ("fits", "abnormal_returns", "cars", "sampling"):
        mine, theirs = (finished(getattr(each, table), ended) for each in (whole, other))
        assert len(mine)
        assert_same(mine, theirs, f"{table}, {future} after row {last}")
    if len(ended) == len(NEWS):  # and so have the dates that the placebo draws from
        assert_same(whole.cars, other.cars, f"placebo, {future}")
        assert_same(whole.tests, other.tests, f"tests, {future}")


def finished(table: pd.DataFrame, ended: list[str]) -> pd.DataFrame:
    """Rows of these occurrences, without what compares them with all other days."""
    columns = [name for name in table.columns if "placebo" not in name]
    return table.loc[table["occurrence"].isin(ended), columns].reset_index(drop=True)


@cache
def asked() -> tuple[Mapping[str, StateDefinition], Subjects]:
    """The states, and the occurrences as a study on all prices places them."""
    ours, space = told(states=STATES)
    assert ours.study is not None
    clock = study_clock(ours.study, world().market, ["NVDA", "QQQ"])
    return ours.study.states, subjects(make_schedule(ours, space, clock))


@few
@given(row=st.integers(FIRST, LAST), share=st.floats(0, 1), seed=seeds)
def test_a_state_is_read_before_the_news(row: int, share: float, seed: int) -> None:
    states, placed = asked()
    instant = instant_after(world().clock, row, share)
    out = placed.instants <= instant
    whole = read_states(states, world().market, placed)
    for future, seen in others(row, share, seed).items():
        other = read_states(states, seen.market, placed)
        for name, column in whole.items():
            for field in ("value", "reading", "threshold", "as_of"):
                mine, theirs = (getattr(each, field)[out] for each in (column, other[name]))
                np.testing.assert_array_equal(mine, theirs, f"{name} {field}, {future}")


def explained(market: Market) -> EventStudy:
    ours, space = told(states=STATES, cross_section={"features": FEATURES})
    return run_study(ours, market, space, draws=0)


@few
@given(row=st.integers(FIRST, LAST), share=st.floats(0, 1), seed=seeds)
def test_features_were_known_before_the_news(row: int, share: float, seed: int) -> None:
    last = last_complete(world().clock, instant_after(world().clock, row, share), nearest=True)
    ended = [f"n{at}" for at, news in enumerate(NEWS) if news + 1 + AFTER + 1 <= last]
    whole = explained(world().market)
    for future, seen in others(row, share, seed).items():
        other = explained(seen.market)
        for table in ("features", "states"):
            mine, theirs = (finished(getattr(each, table), ended) for each in (whole, other))
            assert len(mine)
            assert_same(mine, theirs, f"{table}, {future}")
