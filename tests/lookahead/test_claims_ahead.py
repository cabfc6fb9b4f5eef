"""Claims: what was measured of a window does not depend on prices after it, by any measure."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.claims.bench import Bench
from eventlab.claims.measures import measure_function
from eventlab.definitions import EventDefinition
from eventlab.definitions.claim import Basket, ClaimDefinition, PriceKind
from eventlab.definitions.claim_words import MEASURES
from eventlab.definitions.questions import Question
from eventlab.timeline.types import HOUR
from tests.hedge.worlds import CALENDARS
from tests.lookahead.ahead_world import FUTURES, few, seeds, world
from tests.study.worlds import NEW_YORK, workspace

if TYPE_CHECKING:
    from eventlab.claims.types import Measured
    from eventlab.definitions import Workspace
    from eventlab.market.types import Market

NEWS: Final = (120, 140)  # rows of the sessions before the news
DAYS: Final = (160, 205)  # rows of the last day of a window
OVER: Final = 24 + 5  # hours from its midnight in London until it is over in New York
GROUPS: Final = {"tokens": ("BTC", "ETH", "SOL"), "stocks": ("QQQ", "NVDA", "ORCL")}
AXES: Final[dict[str, Any]] = {
    "windows": ["50 bars", "3 months"],
    "calendars": ["XNYS", "24/7"],
    "baskets": list(get_args(Basket)),
    "prices": list(get_args(PriceKind)),
}
# What each measure is asked of; what it may be read as comes from the measure's own rules.
ASKED: Final[dict[str, tuple[list[str], dict[str, Any]]]] = {
    "correlation": (["BTC", "@stocks"], {"published": 0.5}),
    "rolling_correlation": (["BTC", "QQQ"], {"published": 0.5, "since": "2025-03-03"}),
    "beta": (["@tokens", "QQQ", "NVDA"], {"published": "first"}),
    "asymmetric_beta": (["BTC", "QQQ"], {"published": "larger_on_falls"}),
    "realised_volatility": (["BTC"], {"published": 0.5}),
    "dispersion": (["@tokens", "@stocks"], {"published": "first_tighter"}),
    "return": (["@tokens"], {"published": -0.1}),
    "year_to_date": (["@stocks"], {"published": 0.1}),
    "relative_return": (["BTC", "QQQ"], {"published": "negative"}),
    "drawdown": (["BTC"], {"published": -0.3}),
    "rebound": (["BTC"], {"published": 0.1}),
    "sector_ranking": (["@tokens", "@stocks"], {"published": "worst"}),
    "level_crossing": (["BTC"], {"level": 45.0, "direction": "below", "after_level": 50.0}),
    "funding_sign": (["BTC"], {"published": "negative", "since": "2025-03-03"}),
    "open_interest_change": (["BTC"], {"published": -0.1}),
    "event_car": (["NVDA"], {"published": "negative", "window": [0, 3], "occurrence": "n1"}),
    "contagion_verdict": (["NVDA", "BTC"], {"published": "contagion", "occurrence": "n1"}),
    "bubble": (["BTC"], {"published": "no_bubble"}),
}
OF_EVENTS: Final = ("event_car", "contagion_verdict")
NOTHING: Final = "none"  # the measure of what no data here could say


@cache
def space() -> Workspace:
    sessions = world().clock.sessions
    news = {
        "event": "news", "title": "News", "kind": "other", "issuer": "QQQ",
        "defaults": {"zone": NEW_YORK},
        "occurrences": [
            {"id": f"n{at}", "announced_at": f"{sessions[row]} 16:05", "tags": ["bad"]}
            for at, row in enumerate(NEWS)
        ],
        "study": {
            "assets": ["NVDA"], "benchmark": "QQQ", "estimation_window": [-90, -4],
            "event_window": [0, 5], "car_windows": [[0, 1], [0, 3]], "placebo": {"draws": 40},
        },
        "contagion": {
            "source": "QQQ", "targets": ["NVDA", "BTC"], "calm_window": [-60, -6],
            "crisis_window": [0, 10], "draws": 40,
        },
    }  # fmt: skip
    return workspace(EventDefinition.model_validate(news), calendars=CALENDARS, **GROUPS)


def question(measure: str, row: int) -> Question:
    """What is asked of a measure as of a session, with every reading that it knows."""
    symbols, said = ASKED[measure]
    rules = MEASURES[measure]
    day = str(world().clock.sessions[row])
    told: dict[str, Any] = {"id": "a", "statement": "s", "measure": measure, "symbols": symbols}
    event = space().events["news"] if measure in OF_EVENTS else None
    if event is None:
        told["as_of"] = day
        told["beyond"] = {axis: AXES[axis] for axis in rules.axes if axis in AXES} | (
            {"of": list(rules.of)} if "of" in rules.axes else {}
        )
    else:
        told["event"] = "news"
    if measure == "bubble":
        told |= {"window": ["2025-01-08", day]}
        told["beyond"] = {key: one for key, one in told["beyond"].items() if key != "windows"}
    elif "window" in rules.needs | rules.reads and event is None:
        told["window"] = "60 bars"
    claim = ClaimDefinition.model_validate(told | said)
    each = () if event is None else event.resolved_occurrences()
    about = next((one for one in each if one.id == claim.occurrence), None)
    return Question("owner", claim, "", event, about)


def measured(measure: str, row: int, market: Market) -> tuple[Measured, ...]:
    bench = Bench(market, space(), (*CALENDARS, "BTC-OI"))
    return measure_function(measure)(question(measure, row), bench)


@pytest.mark.parametrize("measure", ASKED)
@few
@given(
    future=st.sampled_from(list(FUTURES)),
    row=st.integers(*DAYS),
    hours=st.integers(OVER, 24 * 40),
    seed=seeds,
)
def test_no_measure_looks_ahead(measure: str, future: str, row: int, hours: int, seed: int) -> None:
    """The window's last day is over everywhere: every reading, interval and word is the same."""
    instant = int(world().clock.sessions[row].astype("datetime64[ns]").astype(int)) + hours * HOUR
    whole = measured(measure, row, world().market)
    assert any(math.isfinite(each.value) or each.word for each in whole)
    other = measured(measure, row, FUTURES[future](world().market, instant, seed))
    assert list(map(repr, other)) == list(map(repr, whole)), future


def test_every_measure_is_asked() -> None:
    assert {*ASKED, NOTHING} == set(MEASURES)
