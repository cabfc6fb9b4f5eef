"""Windows: writing, reading, rows, and what does not fit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.timeline import (
    Window,
    bars,
    intersect,
    make_clock,
    parse_window,
    rows,
    window_label,
    window_problem,
)

windows = st.tuples(st.integers(-300, 300), st.integers(-300, 300)).map(
    lambda pair: (min(pair), max(pair))
)


def test_labels() -> None:
    assert window_label((0, 1)) == "[0,1]"
    assert window_label((-250, -11)) == "[-250,-11]"


@pytest.mark.parametrize(
    ("text", "window"),
    [("[0,1]", (0, 1)), (" [ -250 , -11 ] ", (-250, -11)), ("[+1,+5]", (1, 5)), ("[3,3]", (3, 3))],
)
def test_parsing(text: str, window: Window) -> None:
    assert parse_window(text) == window


@given(windows)
def test_what_is_written_is_read_again(window: Window) -> None:
    assert parse_window(window_label(window)) == window


@pytest.mark.parametrize("text", ["", "0,1", "[0]", "[0,1,2]", "[0.5,1]", "[a,b]", "[0,1", "[0-1]"])
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_window(text)
    assert (
        str(caught.value)
        == f"{text!r} is no window; write two whole bars such as [0,1] or [-250,-11]"
    )


def test_a_window_that_runs_backwards() -> None:
    with pytest.raises(UsageError) as caught:
        parse_window("[1, 0]")
    assert str(caught.value) == "window [1, 0] runs backwards; write [0,1]"


@given(windows, st.integers(300, 400))
def test_rows_are_the_bars_of_the_window(window: Window, position: int) -> None:
    covered = list(range(1000)[rows(position, window)])
    assert covered == [position + tau for tau in range(window[0], window[1] + 1)]
    assert len(covered) == bars(window)


@pytest.mark.parametrize(("position", "window"), [(3, (-4, 0)), (10, (2, 1))])
def test_rows_never_wrap_around(position: int, window: Window) -> None:
    with pytest.raises(ValueError, match="is no range of rows"):
        rows(position, window)


@given(windows, windows)
def test_intersection_is_that_of_the_sets_of_bars(one: Window, other: Window) -> None:
    shared = set(range(one[0], one[1] + 1)) & set(range(other[0], other[1] + 1))
    expected = (min(shared), max(shared)) if shared else None
    assert intersect(one, other) == intersect(other, one) == expected


def test_whether_a_window_fits() -> None:
    clock = make_clock("XNYS", date(2025, 3, 20), date(2025, 12, 31))
    position = clock.position_after(int(clock.closes[183]) - 1)
    assert position == 183
    day = clock.sessions[183]
    assert str(day) == "2025-12-10"
    assert (
        window_problem("estimation_window", (-250, -11), position, clock)
        == "estimation_window [-250, -11] needs 250 bars before 2025-12-10; the clock has 183"
    )
    assert (
        window_problem("event_window", (-5, 20), position, clock)
        == "event_window [-5, 20] needs 20 bars after 2025-12-10; the clock has 14"
    )
    assert window_problem("event_window", (-183, 14), position, clock) is None
    assert window_problem("estimation_window", (-183, -11), position, clock) is None
