"""Studies in bars: their widths, and the windows that they have unless they name some."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from eventlab.definitions.bars import BarWidth, bar_minutes, default_windows
from eventlab.definitions.study import StudyDefinition


def study(**fields: Any) -> StudyDefinition:
    return StudyDefinition.model_validate({"assets": ["A"], "benchmark": "B", **fields})


@pytest.mark.parametrize("width", get_args(BarWidth))
@pytest.mark.parametrize("clock", ["XNYS", "24/7"])
def test_every_width_divides_an_hour_and_has_windows_that_are_valid(width: str, clock: str) -> None:
    minutes = bar_minutes(width)
    assert minutes == 0 or 60 % minutes == 0
    made = study(bar=width, clock=clock)
    assert made.estimation_window[1] < made.event_window[0]
    assert all(
        made.event_window[0] <= first <= last <= made.event_window[1]
        for first, last in made.car_windows
    )
    assert len(set(made.car_windows)) == len(made.car_windows)


def test_default_windows_are_counted_in_sessions() -> None:
    # 78 bars of five minutes in a session of New York, 24 hours around the clock.
    five, hourly = study(bar="5min"), study(bar="60min", clock="24/7")
    assert (five.estimation_window, five.event_window) == ((-31 * 78, -79), (-12, 77))
    assert five.car_windows == ((0, 0), (0, 11), (0, 35), (0, 77), (-12, -1))
    assert (hourly.estimation_window, hourly.event_window) == ((-31 * 24, -25), (-6, 23))
    assert hourly.car_windows == ((0, 0), (0, 2), (0, 23), (-6, -1))


def test_sessions_keep_their_windows() -> None:
    assert default_windows({}) == default_windows({"bar": "session"}) == {}
    assert study().estimation_window == study(bar="session").estimation_window == (-250, -11)


def test_windows_that_are_named_stay() -> None:
    made = study(bar="5min", event_window=[-2, 40], car_windows=[[0, 3]])
    assert (made.event_window, made.car_windows) == ((-2, 40), ((0, 3),))
    assert made.estimation_window == (-31 * 78, -79)


@pytest.mark.parametrize("width", ["7min", "90min", "5", "1h", 5, "daily"])
def test_other_widths_are_refused(width: object) -> None:
    with pytest.raises(ValidationError, match="bar"):
        study(bar=width)
