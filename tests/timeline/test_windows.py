"""Windows: writing and reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.timeline import Window, parse_window, window_label

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
