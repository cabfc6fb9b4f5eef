"""What `event_study` accepts and what it refuses, by which error and in which words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.study import event_study
from tests.study.panels import ESTIMATION, EVENT, PanelCase, panel

BASE: dict[str, Any] = {
    "benchmark": "MKT",
    "estimation_window": ESTIMATION,
    "event_window": EVENT,
    "min_estimation": 30,
}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "market_modle"}, ["model", "'market_modle'", "Did you mean market_model"]),
        ({"model": None}, ["model", "None"]),
        ({"benchmark": "MKTT"}, ["benchmark", "'MKTT'", "did you mean MKT"]),
        ({"benchmark": None}, ["benchmark", "market_model needs one"]),
        ({"model": "constant_mean"}, ["benchmark", "'MKT'", "leave it out"]),
        ({"factors": ["SEC"]}, ["factors", "SEC", "model='factor_model'"]),
        ({"model": "factor_model", "benchmark": None}, ["factors", "name columns"]),
        ({"model": "factor_model", "factors": ["SECT"]}, ["'SECT'", "did you mean SEC"]),
        ({"model": "factor_model", "factors": ["MKT"]}, ["factors", "'MKT'", "twice"]),
        (
            {"model": "factor_model", "factors": ["SEC"], "min_estimation": 7},
            ["min_estimation", "7", "2 factors", "at least 8"],
        ),
        ({"estimation_window": (-6, -80)}, ["estimation_window", "[-6, -80]", "[-80, -6]"]),
        ({"estimation_window": (-80, -5)}, ["estimation_window", "event_window", "before bar -5"]),
        ({"estimation_window": (-30, -6)}, ["estimation_window", "25 bars", "min_estimation 30"]),
        ({"estimation_window": -80}, ["estimation_window", "-80", "two whole bars"]),
        ({"estimation_window": (-80, -6, 1)}, ["estimation_window", "two whole bars"]),
        ({"event_window": (5, -5)}, ["event_window", "[5, -5]", "[-5, 5]"]),
        ({"event_window": ("a", "b")}, ["event_window", "'a'", "two whole bars"]),
        ({"event_window": (-0.5, 5.0)}, ["event_window", "-0.5", "two whole bars"]),
        ({"car_windows": (0, 1)}, ["car_windows", "(0, 1)", "list of windows"]),
        ({"car_windows": "all"}, ["car_windows", "'all'", "list of windows"]),
        ({"car_windows": [(0, 9)]}, ["car_windows", "[0, 9]", "widen event_window"]),
        ({"car_windows": [(3, 1)]}, ["car_windows", "[3, 1]", "[1, 3]"]),
        ({"car_windows": [(0, 1), (0, 1)]}, ["car_windows", "(0, 1)", "twice"]),
        ({"min_estimation": 6}, ["min_estimation", "6", "at least 7"]),
        ({"tests": "bmpp"}, ["tests", "'bmpp'", "did you mean bmp"]),
        ({"tests": ["bmp", "patel_z"]}, ["tests", "'patel_z'", "patell_z"]),
        ({"level": 5.0}, ["level", "5.0", "between 0 and 1"]),
        ({"draws": -1}, ["draws", "-1", "0 leaves"]),
        ({"draws": 100.0}, ["draws", "100.0", "no whole number"]),
        ({"seed": "0"}, ["seed", "'0'", "no whole number"]),
        ({"seed": -1}, ["seed", "-1", "2**64"]),
        ({"seed": 2**64}, ["seed", str(2**64)]),
    ],
)
def test_a_wrong_argument_is_named(options: dict[str, Any], words: list[str]) -> None:
    case = panel()
    with pytest.raises(UsageError) as caught:
        event_study(case.returns, case.events, **(BASE | options))
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def mixed_zones() -> pd.DataFrame:
    events = panel().events
    first = events["session"].dt.strftime("%Y-%m-%d").tolist()
    return events.assign(session=[f"{first[0]}T00:00:00+00:00", *first[1:]])


def with_column(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    return frame.assign(**columns)


def returns_wrong() -> list[tuple[str, pd.DataFrame, list[str]]]:
    returns = panel().returns
    day = returns.index[7]
    infinite = returns.copy()
    infinite.loc[day, "A1"] = np.inf
    twice = returns.set_axis(["MKT", "SEC", "A0", "A1", "A1", "A3", "A4"], axis=1)
    return [
        ("backwards", returns.iloc[::-1], ["sessions must ascend", "2023-12-01", "sort"]),
        (
            "repeated",
            returns.iloc[[0, 1, 1, 2]],
            ["2023-01-03 00:00:00 follows 2023-01-03", "sort"],
        ),
        ("columns", twice, ["'A1'", "twice"]),
        ("text", with_column(returns, A1="0.1"), ["A1", "not numeric", "convert"]),
        ("objects", with_column(returns, A1=returns["A1"].astype(object)), ["A1", "not numeric"]),
        ("booleans", with_column(returns, A1=True), ["A1", "not numeric"]),
        ("infinite", infinite, ["A1 is infinite on 2023-01-11", "NaN"]),
        ("prices", with_column(returns, A1=100.0 + returns["A1"]), ["A1", "pct_change"]),
    ]


@pytest.mark.parametrize(
    ("returns", "words"),
    [pytest.param(frame, words, id=name) for name, frame, words in returns_wrong()],
)
def test_unusable_returns_are_refused(returns: pd.DataFrame, words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        event_study(returns, panel().events, **BASE)
    for word in words:
        assert word in str(caught.value)


def events_wrong() -> list[tuple[str, Any, list[str]]]:
    events = panel().events
    empty = events.copy()
    empty.loc[3, "symbol"] = None
    no_day = events.copy()
    no_day.loc[2, "session"] = pd.NaT
    zoned = with_column(events, session=events["session"].dt.tz_localize("UTC"))
    names = ["event_id", "symbol", "symbol"]
    return [
        ("series", events["symbol"], ["events", "Series", "DataFrame"]),
        (
            "columns",
            events[["event_id", "symbol"]],
            ["'session'", "missing", "event_id, symbol"],
        ),
        ("column twice", events.set_axis(names, axis=1), ["events"]),
        ("symbol", events.replace("A1", "A11"), ["events", "'A11'", "did you mean A1"]),
        ("numbers", with_column(events, symbol=range(8)), ["events", "no '0'"]),
        ("no symbol", empty, ["events", "row 3", "symbol"]),
        ("no session", no_day, ["events", "row 2", "session"]),
        ("again", pd.concat([events, events.iloc[[1]]]), ["e1 of A1", "twice"]),
        ("zone", zoned, ["session", "UTC", "tz_localize"]),
        ("zones", mixed_zones(), ["session", "time zone", "convert"]),
        ("rows", with_column(events, session=range(8)), ["session", "no date"]),
        ("words", with_column(events, session="soon"), ["session", "soon", "YYYY-MM-DD"]),
    ]


@pytest.mark.parametrize(
    ("events", "words"),
    [pytest.param(frame, words, id=name) for name, frame, words in events_wrong()],
)
def test_wrong_events_are_named(events: Any, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        event_study(panel().returns, events, **BASE)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_no_frame_at_all() -> None:
    with pytest.raises(UsageError, match="returns: a ndarray was given; pass a pandas DataFrame"):
        event_study(panel().returns.to_numpy(), panel().events, **BASE)  # type: ignore[arg-type]


def test_many_unknown_symbols_are_cut_short() -> None:
    events = panel(positions=tuple(range(100, 130))).events
    events["symbol"] = [f"Z{i}" for i in range(30)]
    with pytest.raises(UsageError, match="and 20 more in `returns`"):
        event_study(panel().returns, events, **BASE)


# --- kinds of index and of values -----------------------------------------------------------------


def numbers(case: PanelCase, **options: Any) -> np.ndarray[Any, Any]:
    return case.study(**options).ar.to_numpy()


@pytest.mark.parametrize(
    "write",
    [
        lambda day: day.strftime("%Y-%m-%d"),
        lambda day: day.date(),
        lambda day: dt.datetime(day.year, day.month, day.day),
        lambda day: day.to_datetime64(),
    ],
)
def test_sessions_as_texts_and_dates(write: Any) -> None:
    case = panel()
    events = case.events.assign(session=[write(day) for day in case.events["session"]])
    np.testing.assert_array_equal(numbers(PanelCase(case.returns, events)), numbers(case))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_of_the_index(unit: Any) -> None:
    case = panel()
    index = pd.DatetimeIndex(case.returns.index).as_unit(unit)
    np.testing.assert_array_equal(
        numbers(PanelCase(case.returns.set_axis(index), case.events)), numbers(case)
    )


def test_zoned_sessions() -> None:
    case = panel()
    index = pd.DatetimeIndex(case.returns.index).tz_localize("America/New_York")
    session = case.events["session"].dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    zoned = PanelCase(case.returns.set_axis(index), case.events.assign(session=session))
    np.testing.assert_array_equal(numbers(zoned), numbers(case))


def test_sessions_that_are_no_dates() -> None:
    case = panel()
    rows = PanelCase(
        case.returns.reset_index(drop=True), case.events.assign(session=case.positions)
    )
    np.testing.assert_array_equal(numbers(rows), numbers(case))
    names = [f"T{i:03}" for i in range(len(case.returns))]
    texts = PanelCase(
        case.returns.set_axis(names),
        case.events.assign(session=[names[p] for p in case.positions]),
    )
    np.testing.assert_array_equal(numbers(texts), numbers(case))
    with pytest.raises(UsageError, match="of kind integer, the sessions of returns are string"):
        PanelCase(texts.returns, rows.events).study()


@pytest.mark.parametrize("kind", ["int64", "float32", "Float64", "Int64"])
def test_kinds_of_numbers(kind: Any) -> None:
    case = panel(1)
    whole = (case.returns * 60).round().astype("int64")
    typed = PanelCase(whole.astype(kind), case.events)
    np.testing.assert_array_equal(
        numbers(typed), numbers(PanelCase(whole.astype("float64"), case.events))
    )


def test_missing_values_of_nullable_columns() -> None:
    case = panel(2, holes=0.02)
    nullable = PanelCase(case.returns.convert_dtypes(), case.events)
    np.testing.assert_array_equal(numbers(nullable), numbers(case))


def test_pandas_options_decide_nothing() -> None:
    case = panel(3, holes=0.02)
    usual = case.study()
    with pd.option_context("display.precision", 1, "compute.use_bottleneck", False):
        again = case.study()
        pd.testing.assert_frame_equal(again.ar, usual.ar, check_exact=True)
        assert again.summary() == usual.summary()
        assert again.tests.to_dict("list")["pvalue"] == pytest.approx(
            usual.tests["pvalue"].tolist(), rel=0, abs=0, nan_ok=True
        )
