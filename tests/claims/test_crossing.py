"""First times beyond a level."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.claims.measures.crossing import first_crossing, level_crossing
from eventlab.claims.price_tracks import bars_between
from eventlab.claims.types import Untestable
from tests import naive_claims_moves as naive
from tests.claims.move_world import (
    ask,
    bench_of,
    bench_on,
    found,
    hours,
    scrambled,
    stock,
    token,
    walk,
    workspace_in,
)
from tests.market.series import ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench

# From 22:00 UTC on 3 March: bars close at 22:00, 23:00, 00:00, ...
CLOSES = [95.0, 94.0, 93.0, 91.0, 90.5, 89.0, 91.0, 92.5, 88.0]
LOWS = [94.0, 93.0, 92.0, 90.5, 89.5, 88.5, 89.0, 91.0, 87.0]
HIGHS = [96.0, 95.0, 94.0, 93.0, 91.0, 91.0, 91.5, 93.0, 92.5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("ws"))


@pytest.fixture(scope="module")
def bench(folder: Path) -> Bench:
    bars = hours("TA", "2025-03-03T22:00", CLOSES, high=HIGHS, low=LOWS)
    return bench_of(folder, bars, token("TB", walk(9, 1)))


def test_a_low_is_enough_and_comes_before_the_close(bench: Bench) -> None:
    asked = ask(
        "level_crossing", "TA", level=90, direction="below", as_of="2025-03-04",
        published="2025-03-04",
    )  # fmt: skip
    measured = level_crossing(asked, bench)
    assert measured[0].reading.words == (
        "intraday, the session 2025-03-04, UTC days, 60-minute bars"
    )
    low, close = (
        found(measured, price=price, calendar="UTC days") for price in ("intraday", "close")
    )
    assert (low.value, low.at, low.holds) == (89.5, "2025-03-04 02:00 UTC", True)
    assert low.note == "below 90 in the bar from 2025-03-04 01:00 to 2025-03-04 02:00 UTC"
    assert (close.value, close.at) == (89.0, "2025-03-04 03:00 UTC")
    assert low.n == 6  # bars of the day that there are


def test_days_of_new_york_end_later(bench: Bench) -> None:
    # Midnight in New York is 05:00 UTC: only the last bar is of the 4th, and it falls.
    asked = ask(
        "level_crossing", "TA", level=90, direction="below", as_of="2025-03-04",
        published="2025-03-04",
    )  # fmt: skip
    late = found(level_crossing(asked, bench), calendar="New York days", price="intraday")
    assert (late.value, late.at) == (87.0, "2025-03-04 06:00 UTC")
    wider = ask(
        "level_crossing", "TA", level=90, direction="below",
        window=["2025-03-02", "2025-03-04"], published="2025-03-04",
    )  # fmt: skip
    early = found(level_crossing(wider, bench), calendar="New York days", price="intraday")
    assert (early.word, early.holds) == ("crossed on 2025-03-03", False)


def test_another_level_has_to_be_crossed_before(bench: Bench) -> None:
    asked = ask(
        "level_crossing", "TA", level=92, direction="above", after_level=90,
        as_of="2025-03-04", published="2025-03-04",
    )  # fmt: skip
    measured = found(level_crossing(asked, bench), price="intraday", calendar="UTC days")
    assert (measured.value, measured.at) == (93.0, "2025-03-04 05:00 UTC")
    assert measured.note.startswith("below 90 in the bar from 2025-03-04 01:00")
    never = asked.claim.model_copy(update={"after_level": 80.0})
    lost = level_crossing(replace(asked, claim=never), bench)[0]
    assert (lost.word, lost.holds) == ("not crossed", False)
    assert lost.note == "never came to stand below 80 in the window"


def test_who_stands_beyond_already_does_not_cross(bench: Bench) -> None:
    asked = ask("level_crossing", "TA", level=100, direction="below", as_of="2025-03-04")
    measured = found(level_crossing(asked, bench), price="close", calendar="UTC days")
    assert (measured.holds, math.isnan(measured.value)) == (False, True)
    assert measured.note == "never crossed to below 100, where it stood before the window"
    back = ask("level_crossing", "TA", level=90.8, direction="below", as_of="2025-03-04")
    assert found(level_crossing(back, bench), price="close", calendar="UTC days").value == 90.5


def test_a_window_outside_of_the_data_leaves_the_others(bench: Bench) -> None:
    asked = ask(
        "level_crossing", "TA", level=90, direction="below", as_of="2025-03-04",
        readings={"windows": [["1990-01-01", "1990-02-01"]], "prices": ["close"]},
    )  # fmt: skip
    measured = level_crossing(asked, bench)
    assert [each.holds for each in measured] == [True, None, True, None]
    assert "does not lie within the data's calendar" in measured[1].note


def test_nothing_published_asks_whether_it_happened(bench: Bench) -> None:
    asked = ask("level_crossing", "TA", level=90, direction="below", as_of="2025-03-04")
    assert level_crossing(asked, bench)[0].holds is True


def test_daily_bars_where_there_are_no_hours(bench: Bench, folder: Path) -> None:
    prices = [100.0, 95.0, 89.0, 92.0]
    one = stock("AAA", prices, high=prices, low=[99.0, 89.5, 88.0, 90.0])
    asked = ask(
        "level_crossing", "AAA", level=90, direction="below",
        window=["2025-03-03", "2025-03-06"], published="2025-03-04",
    )  # fmt: skip
    measured = level_crossing(asked, bench_of(folder, one))
    assert [(each.reading.price, each.at, each.holds) for each in measured] == [
        ("intraday", "2025-03-04", True),
        ("close", "2025-03-05", False),
    ]
    assert measured[0].reading.calendar == "XNYS"
    of_token = ask("level_crossing", "TB", level=90, direction="below", as_of="2025-03-06")
    assert {each.reading.calendar for each in level_crossing(of_token, bench)} == {"UTC days"}


def test_days_without_bars_leave_it_open(folder: Path) -> None:
    """Monday 3 March to Sunday 9 March; nothing is known of Wednesday."""
    prices = [95.0, 94.0, math.nan, 93.0, 92.0, 89.0, 91.0]
    bench = bench_of(folder, token("TA", prices, raw=prices))
    week = {"window": ["2025-03-03", "2025-03-09"], "direction": "below"}
    never = level_crossing(ask("level_crossing", "TA", level=80, **week), bench)[0]
    assert (never.holds, never.word) == (None, "")
    assert never.note == "never crossed to below 80, but 1 of 6 days has no daily bars"
    late = ask("level_crossing", "TA", level=90, published="2025-03-08", **week)
    found_late = level_crossing(late, bench)[0]
    assert (found_late.holds, found_late.word) == (None, "crossed on 2025-03-08")
    assert found_late.note.endswith("2025-03-08, but 1 of 5 days has no daily bars before")
    early = ask("level_crossing", "TA", level=94.5, published="2025-03-04", **week)
    assert level_crossing(early, bench)[0].holds is True
    assert level_crossing(ask("level_crossing", "TA", level=90, **week), bench)[0].holds is True
    ended = bench_of(folder, token("TA", [95.0, 94.0]), token("TB", walk(9, 1)))
    assert level_crossing(ask("level_crossing", "TA", level=80, **week), ended)[0].holds is None


def test_no_bars_leave_it_open(bench: Bench) -> None:
    asked = ask("level_crossing", "TA", level=90, direction="below", as_of="2025-03-01")
    with pytest.raises(Untestable, match="names no level and direction"):
        level_crossing(ask("level_crossing", "TA", as_of="2025-03-04"), bench)
    with pytest.raises(Untestable, match="holds no prices of TC"):
        level_crossing(ask("level_crossing", "TC", level=1, direction="below"), bench)
    measured = level_crossing(asked, bench)[0]
    assert (measured.holds, measured.note) == (None, "no 60-minute bars of TA in the window")


@pytest.mark.parametrize("extremes", [True, False])
@pytest.mark.parametrize("below", [True, False])
def test_crossings_agree_with_the_transcription(
    folder: Path, *, extremes: bool, below: bool
) -> None:
    for seed in range(25):
        random = np.random.default_rng(seed)
        closes = np.array(walk(60, seed))
        high, low = closes * (1.0 + 0.02 * random.random(60)), closes * 0.985
        series = hours("TA", "2025-03-03T01:00", list(closes), high=list(high), low=list(low))
        clock = bench_of(folder, series).clock("24/7")
        bars = bars_between(series, clock, ns("2025-03-03T06:00"), ns("2025-03-05T12:00"))
        level = float(closes[5] * random.uniform(0.9, 1.1))
        reached = (low if below else high) if extremes else closes
        expected = naive.crossing(
            list(reached[6:]), list(closes[6:]), float(closes[5]), level, below=below
        )
        side = -1 if below else 1
        assert first_crossing(bars, level, side, extremes=extremes) == expected


def test_what_comes_after_the_window_changes_nothing(folder: Path) -> None:
    closes = walk(200, 5)
    bars = hours("TA", "2025-03-03T01:00", closes, high=closes, low=closes)
    bench = bench_of(folder, bars, token("TA", walk(9, 1)))
    later = bench_on(folder, scrambled(bench.market, ns("2025-03-07T05:00")))
    for direction in ("below", "above"):
        asked = ask(
            "level_crossing", "TA", level=closes[50], direction=direction,
            window=["2025-03-03", "2025-03-06"],
        )  # fmt: skip
        assert repr(level_crossing(asked, bench)) == repr(level_crossing(asked, later))
