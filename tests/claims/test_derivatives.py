"""The sign of funding, how long it held, and open interest in dollars and coins."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.claims.measures.derivatives import funding_sign, open_interest_change, sign_runs
from eventlab.claims.types import Untestable
from tests import naive_claims_moves as naive
from tests.claims.move_world import (
    HOUR,
    ask,
    bench_of,
    bench_on,
    found,
    scrambled,
    token,
    walk,
    workspace_in,
)
from tests.market.series import daily, intraday, ns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eventlab.market.types import PriceSeries

STEP = 8 * HOUR


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("ws"))


def funding(rates: Sequence[float], drop: Sequence[int] = ()) -> PriceSeries:
    """Rates from 08:00 UTC on Monday 3 March on, some milliseconds late."""
    rows = [row for row in range(len(rates)) if row not in drop]
    ends = [ns("2025-03-03T08:00") + row * STEP + 3_000_000 for row in rows]
    made = intraday("TA-FUNDING", "24/7", ends, [1e-4 * rates[row] for row in rows], 480)
    return replace(made, kind="level")


def test_the_sign_is_that_of_the_mean_and_the_value_a_share(folder: Path) -> None:
    # Tuesday has 1, 1, -5: two of three are positive, their sum is not.
    bench = bench_of(folder, funding([9, 9, 9, 1, 1, -5, 9, 9, 9]))
    asked = ask("funding_sign", "TA", as_of="2025-03-04", published="negative")
    rates, days, weeks = funding_sign(asked, bench)
    assert rates.value == pytest.approx(1 / 3)
    assert (rates.word, rates.holds) == ("negative", True)
    assert (days.value, days.n, days.holds) == (1.0, 1, True)
    assert (math.isnan(weeks.value), weeks.holds) == (True, None)
    assert weeks.note == "no means of 7 days between 2025-03-03 and 2025-03-04"
    other = ask("funding_sign", "TA", as_of="2025-03-04", published="positive")
    against = funding_sign(other, bench)[0]
    assert against.value == pytest.approx(2 / 3)
    assert against.holds is False


@pytest.mark.parametrize(
    ("rates", "drop", "hours", "before", "holds"),
    [
        ([-1, -1, 1, 1, 1, 1, -1, -1, -1], (), 24, 16, True),
        ([-1, -1, -1, 1, 1, 1, -1, -1, -1], (), 24, 24, False),
        # The stretch began before the window, and ends in it.
        ([1, 1, 1, -1, -1, -1, -1, 1, 1], (), 32, 0, True),
        # A rate that lacks ends a stretch.
        ([1, 1, 1, 1, 1, 1, -1, -1, -1], (7,), 8, 0, True),
        ([1] * 9, (), 0, 0, False),
    ],
)
def test_stretches_by_hand(
    folder: Path,
    rates: list[float],
    drop: tuple[int, ...],
    hours: float,
    before: float,
    holds: bool,
) -> None:
    # Days of three rates: since Monday, the window is Wednesday.
    asked = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-03-03", published="negative")
    measured = funding_sign(asked, bench_of(folder, funding(rates, drop)))[0]
    assert (measured.value, measured.holds) == (hours, holds)
    assert f"against at most {before} hours from 2025-03-03" in measured.note


@pytest.mark.parametrize(
    ("rates", "drop", "holds", "said"),
    [
        # Three rates lack before the window: with the one beside them they may make four.
        ([-1, 1, 1, 1, 1, 1, -1, -1, -1], (1, 2, 3), None, "as many as 32 hours"),
        # The stretch of the window and all that lacks may have been two, of four and one.
        ([1, -1, -1, -1, -1, -1, -1, -1, 1], (1, 2, 3, 4, 5), None, "as many as 2.3 days"),
        # One lacks: with both beside it that makes two, and three are longer.
        ([1, -1, 1, 1, 1, 1, -1, -1, -1], (2,), True, ""),
        # In the window one lacks: at most two, as many as before.
        ([-1, -1, 1, 1, 1, 1, -1, 1, 1], (7,), False, ""),
        ([-1, -1, 1, 1, 1, 1, -1, 1, -1], (7,), None, "as many as 24 hours"),
    ],
)
def test_rates_that_lack_leave_it_open(
    folder: Path, rates: list[float], drop: tuple[int, ...], holds: bool | None, said: str
) -> None:
    asked = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-03-03", published="negative")
    measured = funding_sign(asked, bench_of(folder, funding(rates, drop)))[0]
    assert measured.holds is holds
    assert said in measured.note
    assert ("rates lack" in measured.note) == (holds is None)


def test_rates_begin_after_the_day_since_which(folder: Path) -> None:
    asked = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-02-01", published="negative")
    measured = funding_sign(asked, bench_of(folder, funding([1, 1, 1, 1, 1, 1, -1, -1, -1])))[0]
    assert (measured.value, measured.holds) == (24.0, None)
    assert "as many as 30 days may have had that sign" in measured.note
    inside = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-03-05", published="negative")
    measured = funding_sign(inside, bench_of(folder, funding([1.0] * 9)))[0]
    assert math.isnan(measured.value)
    assert measured.note == "2025-03-05 does not come before the window"


def test_a_window_that_lacks_rates_has_no_sign(folder: Path) -> None:
    asked = ask("funding_sign", "TA", window="3 days", as_of="2025-03-05", published="positive")
    bench = bench_of(folder, funding([1.0] * 9, drop=[4]))
    assert funding_sign(asked, bench)[0].note == "8 of 9 rates of every 8 hours are known"
    assert funding_sign(asked, bench)[0].holds is None
    assert funding_sign(asked, bench_of(folder, funding([1.0] * 9)))[0].holds is True


def test_since_leaves_out_what_came_before(folder: Path) -> None:
    rates = [-1, -1, -1, 1, 1, 1, -1, -1, 1]
    bench = bench_of(folder, funding(rates))
    since = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-03-04", published="negative")
    longer = ask("funding_sign", "TA", as_of="2025-03-05", since="2025-03-03", published="negative")
    assert funding_sign(since, bench)[0].holds is True
    assert funding_sign(longer, bench)[0].holds is False


def test_stretches_of_days_and_weeks_count_in_hours(folder: Path) -> None:
    rates = [1.0] * 30 + [-9.0] * 12
    asked = ask("funding_sign", "TA", as_of="2025-03-16", since="2025-03-03", published="negative")
    every, days, weeks = funding_sign(asked, bench_of(folder, funding(rates)))
    assert (every.value, days.value) == (96.0, 96.0)
    means = pd.Series(rates).rolling(21).mean()  # a rolling mean of a week of three rates a day
    assert weeks.value == 8.0 * int((means < 0).sum())
    assert days.word == "negative for 4 days"


def test_runs_agree_with_the_transcription() -> None:
    for seed in range(30):
        random = np.random.default_rng(seed)
        values = random.choice([-1.0, 0.0, 1.0, np.nan], size=40, p=[0.5, 0.1, 0.3, 0.1])
        at = np.cumsum(random.choice([8, 16], size=40, p=[0.9, 0.1])).astype(np.int64)
        for sign in (1, -1):
            expected = naive.longest(list(values), [int(each) for each in at], 8, sign)
            assert [tuple(each) for each in sign_runs(at, values, 8, sign)] == expected
    assert len(sign_runs(np.empty(0, np.int64), np.empty(0), 8, 1)) == 0


def test_funding_needs_a_sign_one_symbol_and_rates(folder: Path) -> None:
    bench = bench_of(folder, funding([1.0] * 9))
    with pytest.raises(Untestable, match="which sign"):
        funding_sign(ask("funding_sign", "TA", as_of="2025-03-05"), bench)
    with pytest.raises(Untestable, match="holds no prices of TB-FUNDING"):
        funding_sign(ask("funding_sign", "TB", as_of="2025-03-05", published="negative"), bench)
    with pytest.raises(Untestable, match="names 2"):
        funding_sign(ask("funding_sign", "@pair", as_of="2025-03-05", published="negative"), bench)


def test_a_window_outside_of_the_data_leaves_the_others(folder: Path) -> None:
    asked = ask(
        "funding_sign", "TA", as_of="2025-03-05", published="positive",
        readings={"windows": [["1990-01-01", "1990-02-01"]]},
    )  # fmt: skip
    measured = funding_sign(asked, bench_of(folder, funding([1.0] * 9)))
    assert [each.holds for each in measured] == [True, True, None, None, None, None]
    assert "does not lie within the data's calendar" in measured[3].note


def interest(values: Sequence[float], column: str) -> PriceSeries:
    made = daily("TA-OI", "24/7", date(2025, 3, 3), values, kind="level")
    return replace(made, column=column)


def test_open_interest_in_dollars_and_in_coins(folder: Path) -> None:
    # Dollars halve while the price halves: coins stay.
    prices = token("TA", [10.0, 10.0, 10.0, 8.0, 6.0, 5.0])
    dollars = interest([1000.0, 1000.0, 1000.0, 800.0, 600.0, 500.0], "ta_oi_usd")
    asked = ask("open_interest_change", "TA", window=["2025-03-05", "2025-03-08"], published=-0.5)
    measured = open_interest_change(asked, bench_of(folder, dollars, prices))
    assert measured[0].value == pytest.approx(-0.5)
    assert (measured[0].word, measured[0].holds) == ("", None)
    for word, holds in (("negative", True), ("positive", False)):
        said = replace(asked, claim=asked.claim.model_copy(update={"published": word}))
        literal = open_interest_change(said, bench_of(folder, dollars, prices))[0]
        assert (literal.word, literal.holds) == ("negative", holds)
    assert measured[0].reading.detail == "in dollars"
    assert measured[0].note == "1,000 to 500 dollars"
    coins = found(measured, detail="in coins", first="2025-03-05", last="2025-03-08")
    assert coins.value == pytest.approx(0.0)
    assert coins.reading.within is False
    in_coins = interest([100.0] * 6, "ta_open_interest")
    again = open_interest_change(asked, bench_of(folder, in_coins, prices))
    assert [each.value for each in again] == pytest.approx([each.value for each in measured])


def test_ends_move_by_days_but_never_past_the_window(folder: Path) -> None:
    dollars = interest([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0], "ta_oi_usd")
    asked = ask("open_interest_change", "TA", window=["2025-03-05", "2025-03-08"], published=-0.5)
    bench = bench_of(folder, dollars, token("TA", walk(9, 1)))
    measured = [
        each for each in open_interest_change(asked, bench) if each.reading.detail == "in dollars"
    ]
    assert [each.value + 1.0 for each in measured] == [8.0, 16.0, 32.0, 4.0, 2.0, 4.0, 2.0]
    assert max(each.reading.last for each in measured) == "2025-03-08"


def test_no_open_interest_says_so(folder: Path) -> None:
    bench = bench_of(folder, token("TA", walk(9, 1)))
    asked = ask("open_interest_change", "TA", as_of="2025-03-05", published=-0.1)
    with pytest.raises(Untestable, match="holds no prices of TA-OI"):
        open_interest_change(asked, bench)
    short = bench_of(folder, interest([1.0, 2.0], "ta_oi_usd"), token("TA", walk(9, 1)))
    lost = open_interest_change(asked, short)[0]
    assert math.isnan(lost.value)
    assert lost.note == "no price of TA-OI at the close of 2025-03-05"


def test_what_comes_after_the_window_changes_nothing(folder: Path) -> None:
    rates = list(np.random.default_rng(3).standard_normal(90))
    bench = bench_of(
        folder, funding(rates), interest(walk(30, 4), "ta_oi_usd"), token("TA", walk(30, 5))
    )
    later = bench_on(folder, scrambled(bench.market, ns("2025-03-18T00:01")))
    window = ["2025-03-10", "2025-03-17"]
    signs = ask("funding_sign", "TA", window=window, published="negative", since="2025-03-04")
    plain = ask("funding_sign", "TA", window=window, published="negative")
    change = ask("open_interest_change", "TA", window=window, published=-0.1)
    for measure, asked in (
        (funding_sign, signs),
        (funding_sign, plain),
        (open_interest_change, change),
    ):
        assert repr(measure(asked, bench)) == repr(measure(asked, later))
