from __future__ import annotations

import math

import pytest

from eventlab.report.numbers import (
    counted,
    days_words,
    enumerated,
    integer,
    percent,
    pvalue,
    statistic,
)
from eventlab.report.numbers import (
    test_name as name_of,
)

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-0.1083, f"{MINUS}10.83%"),
        (0.0028, "+0.28%"),
        (-0.00001, "0.00%"),  # no minus before a zero
        (0.0, "0.00%"),
        (math.nan, DASH),
    ],
)
def test_percent(value: float, shown: str) -> None:
    assert percent(value) == shown


def test_percent_without_sign() -> None:
    assert percent(0.109, 1, sign=False) == "10.9%"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0004, "<0.001"), (0.0005, "0.001"), (0.049, "0.049"), (1.0, "1.000"), (math.nan, DASH)],
)
def test_pvalue(value: float, shown: str) -> None:
    assert pvalue(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-2.345, f"{MINUS}2.35"), (-0.001, "0.00"), (2.0, "2.00"), (math.nan, DASH)],
)
def test_statistic(value: float, shown: str) -> None:
    assert statistic(value) == shown


def test_counts() -> None:
    assert (integer(2400), integer(math.nan)) == ("2,400", DASH)
    assert (counted(1, "bar"), counted(2400, "bar")) == ("1 bar", "2,400 bars")


def test_windows_in_words() -> None:
    assert [days_words(window) for window in ("[0,0]", "[-2,-2]", "[0,5]", "[-1,1]")] == [
        "on day 0",
        f"on day {MINUS}2",
        "over days 0 to 5",
        f"from day {MINUS}1 to day 1",
    ]


def test_names_of_tests() -> None:
    assert name_of("kolari_pynnonen_bmp") == "Kolari-Pynnonen BMP"
    assert name_of("some_other_test") == "some other test"


def test_counts_of_one_are_singular() -> None:
    counts = {"strategies": 1, "contagion sections": 2, "claims": 1}
    assert enumerated(counts) == "1 strategy, 2 contagion sections, 1 claim"
    assert enumerated({}) == ""
