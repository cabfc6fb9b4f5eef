"""FOMC days on the real S&P 500 that the package ``arch`` carries, against published figures."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import eventlab as ev
from tests.study.lookup import number, row, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.definitions import EventDefinition
    from eventlab.market.types import Market

# Published in percent to three digits (0.3715 for 0.371496 became 0.372: half a digit more than
# rounding allows), t to two.
MEAN, T = 6e-6, 5e-3
INDEX = "^GSPC"


@pytest.fixture(scope="module")
def workspace() -> ev.Workspace:
    return ev.load_workspace(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def market(workspace: ev.Workspace) -> Market:
    return ev.load_market(workspace, "arch", events=[workspace.event("fomc")])


@pytest.fixture(scope="module")
def study(workspace: ev.Workspace, market: Market) -> ev.EventStudy:
    return ev.run_study(workspace.event("fomc"), market, draws=200)


def of_days(event: EventDefinition, wanted: Callable[[str], bool]) -> EventDefinition:
    """The event with those occurrences whose date passes."""
    kept = tuple(one for one in event.occurrences if wanted(one.announced_at[:10]))
    return event.model_copy(update={"occurrences": kept})


def test_scheduled_statements_against_all_other_days(study: ev.EventStudy) -> None:
    found = row(study.event_days, symbol=INDEX, tag="scheduled")
    assert found["basis"] == "own close"
    assert found["n"] == 160
    assert found["n_other"] == 5030 - 160
    assert found["mean"] == pytest.approx(0.00280, abs=MEAN)
    assert found["mean_other"] == pytest.approx(0.00013, abs=MEAN)
    assert found["difference"] == pytest.approx(0.00267, abs=MEAN)
    assert found["statistic"] == pytest.approx(2.78, abs=T)


@pytest.mark.parametrize(
    ("first", "last", "mean", "t"),
    [("1999-01-01", "2011-03-31", 0.00372, 2.91), ("2011-04-01", "2018-12-31", 0.00136, 0.98)],
)
def test_the_two_halves(
    workspace: ev.Workspace, market: Market, first: str, last: str, mean: float, t: float
) -> None:
    event = of_days(workspace.event("fomc"), lambda day: first <= day <= last)
    study = ev.run_study(event, market, draws=0)
    found = row(study.event_days, symbol=INDEX, tag="scheduled")
    assert found["mean"] == pytest.approx(mean, abs=MEAN)
    # The published t of a half is that of its mean alone.
    days = study.occurrences["event_session"].to_numpy()
    scheduled = np.array(["scheduled" in tags for tags in study.occurrences["tags"]])
    series = market.daily[INDEX]
    rows = np.searchsorted(series.sessions, days[scheduled].astype("datetime64[D]"))
    returns = series.prices[rows] / series.prices[rows - 1] - 1.0
    assert len(returns) == found["n"]
    assert sqrt(len(returns)) * returns.mean() / returns.std(ddof=1) == pytest.approx(t, abs=T)


def test_abnormal_returns_are_those_of_the_days_that_have_a_fit(study: ev.EventStudy) -> None:
    # The first meetings of 1999 lack sixty estimation bars.
    n = number(study.aggregates, "n_events", group=INDEX, tag="scheduled", window="[0,0]")
    fitted = set(study.fits["occurrence"])
    tags = dict(zip(study.occurrences["occurrence"], study.occurrences["tags"], strict=True))
    assert n == sum("scheduled" in tags[one] for one in fitted) == 158
    caar = number(study.aggregates, "caar", group=INDEX, tag="scheduled", window="[0,0]")
    cars = values(study.cars, "car", symbol=INDEX, window="[0,0]")
    mask = [
        "scheduled" in tags[one]
        for one in study.cars[lambda t: t["symbol"] == INDEX]["occurrence"].unique()
    ]
    assert caar == pytest.approx(cars[mask].mean(), rel=1e-12)


def test_only_what_the_source_holds_is_computed_and_the_rest_is_listed(
    study: ev.EventStudy,
) -> None:
    assert set(study.fits["symbol"]) == {"^GSPC", "^IXIC"}
    assert row(study.exclusions, symbol="SPY") == {
        "occurrence": "all",
        "symbol": "SPY",
        "window": "",
        "reason": "SPY has no prices in arch",
    }
    early = row(study.exclusions, occurrence="1994-02-04")
    assert str(early["reason"]).startswith("fomc/1994-02-04: 1994-02-04 16:05 UTC is before")
