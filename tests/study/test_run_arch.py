"""FOMC days on the real S&P 500 that the package ``arch`` carries, against published figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import eventlab as ev
from eventlab.errors import UsageError
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
def period(workspace: ev.Workspace) -> Callable[[str | None, str | None], EventDefinition]:
    """The event, studied within two dates."""
    event = workspace.event("fomc")
    assert event.study is not None
    section = event.study

    def within(since: str | None, until: str | None) -> EventDefinition:
        half = section.model_copy(update={"since": since, "until": until})
        return event.model_copy(update={"study": half})

    return within


@pytest.fixture(scope="module")
def study(workspace: ev.Workspace, market: Market) -> ev.EventStudy:
    return ev.run_study(workspace.event("fomc"), market, draws=200)


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
    ("since", "until", "mean", "t"),
    [(None, "2011-03-31", 0.00372, 2.91), ("2011-04-01", None, 0.00136, 0.98)],
)
def test_the_two_halves(
    workspace: ev.Workspace,
    market: Market,
    period: Callable[[str | None, str | None], EventDefinition],
    since: str | None,
    until: str | None,
    mean: float,
    t: float,
) -> None:
    study = ev.run_study(period(since, until), market, workspace, draws=0)
    found = row(study.event_days, symbol=INDEX, tag="scheduled")
    assert found["mean"] == pytest.approx(mean, abs=MEAN)
    # The published t of a half is that of its mean alone.
    assert found["mean_statistic"] == pytest.approx(t, abs=T)
    # Other days are those of the same half.
    sessions = market.daily[INDEX].sessions[1:]
    inside = (sessions >= np.datetime64(since or "1999-01-01")) & (
        sessions <= np.datetime64(until or "2018-12-31")
    )
    assert int(str(found["n"])) + int(str(found["n_other"])) == inside.sum()


def test_the_days_of_both_halves_are_the_days_of_the_whole(
    market: Market,
    study: ev.EventStudy,
    period: Callable[[str | None, str | None], EventDefinition],
) -> None:
    total = 0.0
    for half in (period(None, "2011-03-31"), period("2011-04-01", None)):
        found = ev.run_study(half, market, draws=0)
        total += number(found.event_days, "n", symbol=INDEX, tag="scheduled")
        assert set(found.cars["occurrence"]) < set(study.cars["occurrence"])
    assert total == 160


def test_a_period_without_occurrences_is_refused(
    market: Market, period: Callable[[str | None, str | None], EventDefinition]
) -> None:
    with pytest.raises(UsageError, match="they run from 1994-02-04 to 2027-12-08"):
        ev.run_study(period("2040-01-01", None), market, draws=0)


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
