"""Prices at the ends of a window, and the bars between them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.claims.price_tracks import bars_between, every_series, extreme_bars, track
from eventlab.claims.types import Untestable
from eventlab.claims.windows import place_window
from tests.claims.move_world import HOUR, ask, bench_of, hours, stock, token, walk, workspace_in
from tests.market.series import daily, intraday, ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.price_tracks import Track


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("ws"))


def tracked(bench: Bench, symbol: str, first: str, last: str, calendar: str) -> Track:
    clock = bench.clock(calendar)
    window = place_window((first, last), ask("return", symbol), clock)
    return track(bench, symbol, clock, window)


def test_prices_with_and_without_dividends_at_both_ends(folder: Path) -> None:
    # A dividend of 2 on the second day: adjusted closes before it are 2% lower.
    one = stock("AAA", [98.0, 98.0, 99.0], raw=[100.0, 98.0, 99.0])
    found = tracked(bench_of(folder, one), "AAA", "2025-03-03", "2025-03-05", "XNYS")
    assert found.total("close") == pytest.approx(-0.01)
    assert found.total("total") == pytest.approx(99 / 98 - 1)
    assert found.steps("total") == pytest.approx([0.0, 99 / 98 - 1])
    assert found.pays
    assert (found.basis, found.begin) == ("own close", ns("2025-03-03T21:00"))


def test_rounded_adjustments_are_no_dividends(folder: Path) -> None:
    one = stock("AAA", [100.00001, 99.0], raw=[100.0, 99.0])
    assert not tracked(bench_of(folder, one), "AAA", "2025-03-03", "2025-03-04", "XNYS").pays


def test_a_close_that_a_split_cuts_has_no_changes(folder: Path) -> None:
    one = stock("AAA", [50.0, 51.0, 52.0], raw=[100.0, 102.0, 52.0])
    with pytest.raises(Untestable, match="no price of AAA at the close of 2025-03-03"):
        tracked(bench_of(folder, one), "AAA", "2025-03-03", "2025-03-05", "XNYS")


def test_tokens_are_sampled_when_the_exchange_closes(folder: Path) -> None:
    bars = hours("TA", "2025-03-03T01:00", [float(row) for row in range(1, 60)])
    bench = bench_of(folder, token("TA", [500.0, 600.0, 700.0]), bars)
    found = tracked(bench, "TA", "2025-03-03", "2025-03-04", "XNYS")
    # 16:00 New York is 21:00 UTC: bars 21 and 45 of the ones that count from 01:00.
    assert found.quoted.tolist() == [21.0, 45.0]
    assert found.basis == "60-minute bars"
    assert tracked(bench, "TA", "2025-03-03", "2025-03-04", "24/7").quoted.tolist() == [500, 600]


def test_hours_that_lack_an_end_give_way_to_the_nearest_close(folder: Path) -> None:
    bars = hours("TA", "2025-03-04T01:00", [float(row) for row in range(1, 60)])
    bench = bench_of(folder, token("TA", [500.0, 600.0, 700.0]), bars)
    found = tracked(bench, "TA", "2025-03-03", "2025-03-04", "XNYS")
    assert (found.basis, found.quoted.tolist()) == ("nearest own close", [500.0, 600.0])


def test_stocks_keep_their_last_close_over_a_weekend(folder: Path) -> None:
    one = stock("AAA", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    bench = bench_of(folder, one, token("TA", walk(9, 1)))
    found = tracked(bench, "AAA", "2025-03-06", "2025-03-10", "24/7")
    assert found.quoted.tolist() == [4.0, 5.0, 5.0, 5.0, 6.0]  # Thursday to Monday
    assert found.basis == "last own close"


def test_what_is_missing_is_named(folder: Path) -> None:
    one = daily("TA", "24/7", date(2025, 3, 3), walk(9, 1), drop=[4])
    bench = bench_of(folder, one)
    with pytest.raises(Untestable, match="no price of TA at the close of 2025-03-07"):
        tracked(bench, "TA", "2025-03-03", "2025-03-07", "24/7")
    with pytest.raises(Untestable, match="holds no prices of TB"):
        tracked(bench, "TB", "2025-03-03", "2025-03-07", "24/7")
    inside = tracked(bench, "TA", "2025-03-03", "2025-03-08", "24/7")
    assert np.isnan(inside.steps("close")).tolist() == [False, False, False, True, True]


def test_levels_change_by_hundredths_and_returns_compound(folder: Path) -> None:
    rate = daily("AAA", "XNYS", date(2025, 3, 3), [4.0, 4.1, 4.25], kind="level")
    given = daily("BBB", "XNYS", date(2025, 3, 3), [0.5, 0.1, -0.2], kind="return")
    bench = bench_of(folder, rate, given)
    level = tracked(bench, "AAA", "2025-03-03", "2025-03-05", "XNYS")
    assert level.total("close") == pytest.approx(0.0025)
    assert level.steps("close") == pytest.approx([0.001, 0.0015])
    compounded = tracked(bench, "BBB", "2025-03-03", "2025-03-05", "XNYS")
    assert compounded.total("total") == pytest.approx(1.1 * 0.8 - 1)


def test_bars_lie_between_the_ends_and_inside_sessions(folder: Path) -> None:
    ends = [ns(f"2025-03-04T{hour:02d}:00") for hour in (12, 15, 18, 21, 23)]
    bars = intraday("AAA", "XNYS", ends, [1.0, 2.0, 3.0, 4.0, 5.0], 60)
    bench = bench_of(folder, bars)
    clock = bench.clock("XNYS")
    found = bars_between(bars, clock, ns("2025-03-04T15:00"), ns("2025-03-05T21:00"))
    assert found.close.tolist() == [3.0, 4.0]  # 12:00 and 23:00 UTC are no session
    assert (found.before, found.filled, found.words) == (2.0, 2, "60-minute bars")


def test_extremes_come_from_own_bars_and_closes_stand_in(folder: Path) -> None:
    nan = float("nan")
    one = stock("AAA", [10.0, 9.0, 8.0], high=[11.0, 12.0, nan], low=[9.0, 7.0, nan])
    bench = bench_of(folder, one)
    found = extreme_bars(
        bench, tracked(bench, "AAA", "2025-03-03", "2025-03-05", "XNYS"), bench.clock("XNYS")
    )
    assert (found.low.tolist(), found.high.tolist(), found.filled) == ([7, 8], [12, 8], 1)


def test_hours_of_a_part_of_the_window_tell_no_extreme(folder: Path) -> None:
    closes = walk(40, 2)
    bars = hours("TA", "2025-03-19T01:00", closes, high=closes, low=closes)
    bench = bench_of(folder, token("TA", walk(30, 3)), bars)
    whole = tracked(bench, "TA", "2025-03-03", "2025-03-20", "24/7")
    with pytest.raises(Untestable, match="no highs and lows of TA over the whole window"):
        extreme_bars(bench, whole, bench.clock("24/7"))


def test_series_come_with_the_narrowest_bars_first(folder: Path) -> None:
    bench = bench_of(folder, token("TA", [1.0, 2.0]), hours("TA", "2025-03-03T01:00", [1.0, 2.0]))
    assert [one.bar_minutes for one in every_series(bench.market, "TA")] == [60, 1440]
    assert every_series(bench.market, "TB") == ()
    assert HOUR == 3600 * 10**9
