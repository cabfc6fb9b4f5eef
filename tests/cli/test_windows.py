"""Bars and windows as options of ``eventlab study``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import eventlab as ev
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.cli.windows import given_windows
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.definitions import EventDefinition, StudyDefinition

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def oracle() -> EventDefinition:
    return ev.load_workspace(REPOSITORY).event("oracle-earnings")


def changed(event: EventDefinition, overrides: Overrides) -> StudyDefinition:
    study = apply_overrides(event, overrides).study
    assert study is not None
    return study


def test_another_width_takes_windows_of_its_own(oracle: EventDefinition) -> None:
    assert oracle.study is not None
    study = changed(oracle, Overrides(bar="5min"))
    assert (study.estimation_window, study.event_window) == ((-2418, -79), (-12, 77))
    hourly = changed(oracle, Overrides(bar="60min", clock="24/7", benchmark="ETH"))
    assert (hourly.event_window, hourly.benchmark) == ((-6, 23), "ETH")
    same = changed(oracle, Overrides(bar="session", clock="24/7"))
    assert same.car_windows == oracle.study.car_windows


def test_windows_that_are_given_stay(oracle: EventDefinition) -> None:
    windows = given_windows("-1560,-79", "[-12, 24]", ["0,0", " 0,11 "])
    assert windows == {
        "estimation_window": (-1560, -79),
        "event_window": (-12, 24),
        "car_windows": ((0, 0), (0, 11)),
    }
    study = changed(oracle, Overrides(bar="5min", windows=windows))
    assert (study.estimation_window, study.car_windows) == ((-1560, -79), ((0, 0), (0, 11)))
    assert given_windows(None, None, None) == given_windows(None, None, []) == {}


def test_no_benchmark_is_a_benchmark_of_none(oracle: EventDefinition) -> None:
    study = changed(oracle, Overrides(model="constant_mean", benchmark="none"))
    assert study.benchmark is None


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("12", "--event-window '12': write two whole bars"),
        ("5,-5", r"--event-window '5,-5': window \[5,-5\] runs backwards; write \[-5,5\]"),
        ("a,b", "--event-window 'a,b': write two whole bars"),
    ],
)
def test_what_is_no_window_is_refused(event: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        given_windows(None, event, None)


def test_a_width_that_no_study_has_is_refused_as_in_a_file(oracle: EventDefinition) -> None:
    with pytest.raises(UsageError, match="bar: '7min'"):
        changed(oracle, Overrides(bar="7min"))
