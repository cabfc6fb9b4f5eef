"""Hours, sessions and draws of the simulated market."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.market.simulated_grid import (
    DAYS,
    HOURS,
    activity,
    hashed_normal,
    hour_after,
    hour_close,
    segments,
    stable_key,
    stream,
)
from tests.market.simulated_cases import utc

# Sums of a few dozen shares.
EXACT = 1e-12


def hour(text: str) -> int:
    return int(hour_after(np.array([utc(text)], dtype=np.int64))[0])


def test_the_hour_after_news_closes_strictly_after_it() -> None:
    assert int(hour_close(hour("2025-12-10T21:05"))) == utc("2025-12-10T22:00")
    assert int(hour_close(hour("2025-12-10T21:00"))) == utc("2025-12-10T22:00")
    assert int(hour_close(hour("2025-12-10T20:59:59"))) == utc("2025-12-10T21:00")
    assert hour("2015-01-02T00:00") == 0
    assert hour("2015-01-01T23:59") == -1
    assert hour("2026-06-30T23:30") == HOURS - 1


def test_sessions_are_the_hours_since_the_last_close() -> None:
    sessions = segments("XNYS")
    sums = sessions.sums(np.ones(HOURS))
    assert np.array_equal(sums, sessions.last - sessions.starts + 1)
    by_day = dict(zip(sessions.clock.sessions.astype(str), sums, strict=True))
    assert by_day["2015-01-02"] == 21  # from the start of the span
    assert by_day["2025-12-10"] == 24
    assert by_day["2025-12-08"] == 72  # a Monday
    assert by_day["2025-11-28"] == 45  # early close, 18:00 UTC, after Thanksgiving
    assert by_day["2025-03-10"] == 71  # clocks put forward over the weekend


def test_a_close_within_an_hour_takes_the_hours_that_are_over() -> None:
    london = segments("XLON")
    row = int(np.searchsorted(london.clock.sessions, np.datetime64("2024-01-10")))
    assert int(london.clock.closes[row]) == utc("2024-01-10T16:30")
    assert int(hour_close(london.last[row])) == utc("2024-01-10T16:00")


def test_activity_adds_up_to_a_regular_day() -> None:
    hours = activity()
    sums = segments("XNYS").sums(hours.equity)
    by_day = dict(zip(segments("XNYS").clock.sessions.astype(str), sums, strict=True))
    assert by_day["2025-12-10"] == pytest.approx(1.0, abs=EXACT)
    assert by_day["2025-12-08"] == pytest.approx(1.0 + 48 * 0.02 / 8.78, abs=0.02)
    crypto = hours.crypto.reshape(DAYS, 24).sum(axis=1)
    weekday = (np.datetime64("2025-12-10") - np.datetime64("2015-01-02")).astype(int)
    assert crypto[weekday] == pytest.approx(1.0, abs=EXACT)
    assert crypto[weekday + 3] == pytest.approx(0.7 * 24 / (24 + 6.5 * 0.3), abs=EXACT)  # Saturday
    assert (hours.equity > 0).all()


def test_the_opening_hour_counts_half() -> None:
    equity = activity().equity
    opening, full = equity[hour("2025-12-10T14:30")], equity[hour("2025-12-10T15:30")]
    closed = equity[hour("2025-12-10T13:30")]
    assert opening == pytest.approx((full + closed) / 2, abs=EXACT)


def test_keys_and_draws_are_the_same_in_every_version() -> None:
    """A snapshot: a change of every simulated number has to be a decision."""
    assert stable_key("NVDA") == 10_845_259_151_967_871_554
    assert stable_key("a", "bc") != stable_key("ab", "c")
    assert float(stream(1, "noise", "NVDA").random()) == 0.832027089453069
    drawn = hashed_normal(np.array([stable_key("a")], dtype=np.uint64), 1)
    assert drawn.tolist() == pytest.approx([-1.8123692451517563], rel=EXACT)


def test_hashed_draws_are_normal_and_independent() -> None:
    count = 20_000
    keys = np.array([stable_key(str(number)) for number in range(count)], dtype=np.uint64)
    first, second = hashed_normal(keys, 1), hashed_normal(keys, 2)
    for draws in (first, second):
        assert abs(draws.mean()) < 4 / np.sqrt(count)
        assert abs(draws.var() - 1) < 4 * np.sqrt(2 / count)
        assert abs((draws**4).mean() - 3) < 4 * np.sqrt(96 / count)
        assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 4 / np.sqrt(count)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(count)
    assert abs(np.corrcoef(first**2, second**2)[0, 1]) < 4 / np.sqrt(count)
    some = keys[[5, 3]]
    assert np.array_equal(hashed_normal(some, 1), first[[5, 3]])
