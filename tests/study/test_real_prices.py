"""What must hold on real prices, through the public names alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import eventlab as ev
from eventlab.definitions import EventDefinition
from tests.study.lookup import number, pick, reasons, row, session

if TYPE_CHECKING:
    from eventlab.market.types import Market

# The figures are published to two digits of a percent.
TWO_DIGITS = 5e-5
REPOSITORY = Path(__file__).parents[2]
ORACLE = "fy2026-q2"


@pytest.fixture(scope="module")
def workspace() -> ev.Workspace:
    return ev.load_workspace(REPOSITORY)


@pytest.fixture(scope="module")
def market(workspace: ev.Workspace, market_dir: Path) -> Market:
    """Prices of the two earnings files and of the made-up events below."""
    events = [workspace.event("oracle-earnings"), workspace.event("nvidia-earnings")]
    return ev.load_market(workspace, str(market_dir), events=[*events, made_up()])


@pytest.fixture(scope="module")
def oracle(workspace: ev.Workspace, market: Market) -> ev.EventStudy:
    return ev.run_study(workspace.event("oracle-earnings"), market)


@pytest.fixture(scope="module")
def daily_only(
    workspace: ev.Workspace, market_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> ev.EventStudy:
    """Oracle's study with the hourly and five-minute bars withheld."""
    folder = tmp_path_factory.mktemp("daily")
    (folder / "daily.parquet").symlink_to(market_dir / "daily.parquet")
    event = workspace.event("oracle-earnings")
    return ev.run_study(event, ev.load_market(workspace, str(folder), events=[event]))


def made_up(clock: str = "XNYS") -> EventDefinition:
    """DeepSeek, a Sunday, a token that is too young, and a day that has not come."""
    return EventDefinition.model_validate(
        {
            "event": "made-up",
            "title": "Dates that are hard",
            "kind": "shock",
            "defaults": {"zone": "America/New_York"},
            "occurrences": [
                {"id": "sunday", "announced_at": "2020-03-15 17:00"},
                {"id": "deepseek", "announced_at": "2025-01-27 08:00"},
                {"id": "token", "announced_at": "2025-06-02 10:00"},
                {"id": "future", "announced_at": "2031-05-05 10:00"},
            ],
            "study": {
                "clock": clock,
                "assets": ["SPY", "NVDA", "BTC", "ATH"],
                "model": "constant_mean",
                "car_windows": [[0, 0]],
            },
        }
    )


@pytest.fixture(scope="module")
def hard(workspace: ev.Workspace, market: Market) -> ev.EventStudy:
    return ev.run_study(made_up(), market, workspace, draws=0)


def bar(study: ev.EventStudy, occurrence: str, symbol: str, day: str) -> tuple[float, float]:
    """Tau and return of one session."""
    place = {"occurrence": occurrence, "symbol": symbol, "session": pd.Timestamp(day)}
    table = study.abnormal_returns
    return number(table, "tau", **place), number(table, "actual", **place)


def at(tau: int, percent: float) -> object:
    return tau, pytest.approx(percent / 100.0, abs=TWO_DIGITS)


def test_oracle_reports_after_the_close_of_the_tenth_and_falls_on_the_eleventh(
    oracle: ev.EventStudy,
) -> None:
    assert session(oracle.occurrences, occurrence=ORACLE) == "2025-12-11"
    assert bar(oracle, ORACLE, "ORCL", "2025-12-11") == at(0, -10.83)
    assert oracle.stamp.simulated is False
    assert oracle.truth.empty


def test_bitcoin_of_the_session_is_sampled_at_the_new_york_close(oracle: ev.EventStudy) -> None:
    assert row(oracle.sampling, occurrence=ORACLE, symbol="BTC") == {
        "occurrence": ORACLE,
        "symbol": "BTC",
        "basis": "intraday",
        "minutes_apart": 0.0,
        "max_minutes_apart": 0.0,
        "day0_shift": 0,
        "measured": "return",
    }
    assert bar(oracle, ORACLE, "BTC", "2025-12-11") == at(0, -0.72)


def test_without_hourly_bars_bitcoin_is_sampled_at_midnight_and_the_study_says_so(
    daily_only: ev.EventStudy,
) -> None:
    # Three hours after the close in winter; the shortened session of Christmas Eve lies six before.
    assert row(daily_only.sampling, occurrence=ORACLE, symbol="BTC") == {
        "occurrence": ORACLE,
        "symbol": "BTC",
        "basis": "nearest close",
        "minutes_apart": 180.0,
        "max_minutes_apart": 360.0,
        "day0_shift": -1,
        "measured": "return",
    }
    # The news came three hours before midnight UTC: the day of the tenth is bitcoin's own day 0.
    assert bar(daily_only, ORACLE, "BTC", "2025-12-11") == at(1, 0.53)
    assert session(daily_only.fits, occurrence=ORACLE, symbol="BTC") == "2025-12-10"
    assert session(daily_only.fits, occurrence=ORACLE, symbol="ORCL") == "2025-12-11"


def test_the_stocks_do_not_depend_on_the_hourly_bars(
    oracle: ev.EventStudy, daily_only: ev.EventStudy
) -> None:
    for symbol in ("ORCL", "NVDA", "AMD", "QQQ"):
        with_hours, without = (
            pick(one.cars, symbol=symbol).reset_index(drop=True) for one in (oracle, daily_only)
        )
        pd.testing.assert_frame_equal(with_hours, without, check_exact=True)


def test_the_fed_the_day_before_and_broadcom_the_day_after_are_listed(
    oracle: ev.EventStudy,
) -> None:
    inside = pick(oracle.overlaps, occurrence=ORACLE, window="event")
    assert number(inside, "tau", other_event="fomc", other_occurrence="2025-12-10") == -1
    assert number(inside, "tau", other_occurrence="avgo-2025-12-11") == 1


def test_nvidia_of_november(workspace: ev.Workspace, market: Market) -> None:
    study = ev.run_study(workspace.event("nvidia-earnings"), market, draws=0)
    reported = pd.Timestamp("2025-11-19")
    occurrence = str(row(study.occurrences, date=reported)["occurrence"])
    assert session(study.occurrences, date=reported) == "2025-11-20"
    assert bar(study, occurrence, "NVDA", "2025-11-20") == at(0, -3.15)


def test_a_token_that_ended_is_listed_with_the_day_it_ended(oracle: ev.EventStudy) -> None:
    windows = ["[0,0]", "[0,1]", "[-1,1]", "[0,5]", "[-5,10]"]
    assert reasons(oracle.exclusions, occurrence=ORACLE, symbol="AIOZ") == [
        (window, "its prices end on 2025-11-12") for window in windows
    ]


def test_deepseek(hard: ev.EventStudy) -> None:
    assert session(hard.occurrences, occurrence="deepseek") == "2025-01-27"
    assert bar(hard, "deepseek", "NVDA", "2025-01-27") == at(0, -16.97)


def test_news_on_a_sunday_is_of_monday_in_new_york_and_of_sunday_around_the_clock(
    workspace: ev.Workspace, market: Market, hard: ev.EventStudy
) -> None:
    assert session(hard.occurrences, occurrence="sunday") == "2020-03-16"
    # The Monday after the emergency cut, when trading was halted.
    tau, actual = bar(hard, "sunday", "SPY", "2020-03-16")
    assert (tau, actual < -0.1) == (0, True)
    around = ev.run_study(made_up("24/7"), market, workspace, draws=0)
    assert session(around.occurrences, occurrence="sunday") == "2020-03-15"
    assert session(around.fits, occurrence="sunday", symbol="BTC") == "2020-03-15"
    # The stock has no bar on the Sunday: its own day 0 is the same Monday as on its own clock.
    assert session(around.fits, occurrence="sunday", symbol="SPY") == "2020-03-16"
    assert number(around.sampling, "day0_shift", occurrence="sunday", symbol="SPY") == 1


def test_a_young_token_is_excluded_with_its_numbers(hard: ev.EventStudy) -> None:
    reason = (
        "its prices begin on 2025-04-02; estimation_window [-250,-11] has 30 usable bars, "
        "min_estimation is 60"
    )
    assert reasons(hard.exclusions, occurrence="token", symbol="ATH") == [("", reason)]


def test_an_event_in_the_future_is_listed_and_the_rest_is_computed(hard: ev.EventStudy) -> None:
    ((window, reason),) = reasons(hard.exclusions, occurrence="future", symbol="all")
    assert window == ""
    assert reason.startswith("made-up/future: 2031-05-05 14:00 UTC is not before the last close")
    assert session(hard.occurrences, occurrence="future") == ""
    assert set(hard.fits["occurrence"]) == {"sunday", "deepseek", "token"}
