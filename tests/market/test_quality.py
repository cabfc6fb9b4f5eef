"""Every check: what it reports, by symbol and date, and what it leaves alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from eventlab.market.extract import Label, RawSeries
from eventlab.market.quality import Context, check, clean
from eventlab.market.types import QualityIssue
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DAY = 86_400 * 10**9
MONDAY = np.datetime64("2025-12-01")


def raw(
    days: Sequence[str],
    prices: Sequence[float],
    *,
    adjusted: bool = False,
    labels: Mapping[str, Sequence[str]] | None = None,
) -> RawSeries:
    stamps = np.array(days, dtype="datetime64[ns]").astype(np.int64)
    values = np.array(prices, dtype=np.float64)
    coded = {}
    for name, texts in (labels or {}).items():
        kinds = tuple(dict.fromkeys(texts))
        coded[name] = Label(np.array([kinds.index(one) for one in texts], np.int32), kinds)
    return RawSeries(
        "AAA", "a.csv", "daily", 1440, "opening", stamps, values, values, values,
        "close", adjusted, coded,
    )  # fmt: skip


def context(
    calendar: str = "XNYS", kind: Literal["price", "level"] = "price", last: str = "2025-12-31"
) -> Context:
    clock = make_clock(calendar, date(2025, 1, 1), date(2025, 12, 31))
    return Context(kind, clock, int(np.datetime64(last).astype(np.int64)))


def weekdays(count: int, first: np.datetime64 = MONDAY) -> list[str]:
    return [str(day) for day in np.busday_offset(first, np.arange(count))]


def issue(first: str, last: str, count: int, name: str, severity: str, detail: str) -> QualityIssue:
    assert severity in {"refused", "warning", "note"}
    weight: Literal["refused", "warning", "note"] = severity  # type: ignore[assignment]
    return QualityIssue("AAA", first, last, count, name, weight, detail)


def found(series: RawSeries, **options: str) -> list[QualityIssue]:
    until = str(series.stamps.max().astype("datetime64[ns]"))[:10]
    return list(check(series, context(**{"last": until, **options})))  # type: ignore[arg-type]


def test_a_clean_series_has_no_issue() -> None:
    assert found(raw(weekdays(5), [100, 101, 102, 103, 102])) == []


def test_unsorted_rows_are_noted_and_sorted() -> None:
    series = raw(["2025-12-03", "2025-12-01", "2025-12-02"], [103, 101, 102])
    assert found(series) == [
        issue("2025-12-01", "2025-12-01", 1, "unsorted", "note",
              "a.csv: rows out of order were sorted: 2025-12-01")
    ]  # fmt: skip
    np.testing.assert_array_equal(clean(series, context()).prices, [101, 102, 103])
    np.testing.assert_array_equal(series.prices, [103, 101, 102])


def test_identical_duplicates_count_once() -> None:
    series = raw(["2025-12-01", "2025-12-02", "2025-12-02", "2025-12-03"], [101, 102, 102, 103])
    assert found(series) == [
        issue("2025-12-02", "2025-12-02", 1, "duplicate", "warning",
              "a.csv: the same row twice, counted once: 2025-12-02")
    ]  # fmt: skip
    np.testing.assert_array_equal(clean(series, context()).prices, [101, 102, 103])


def test_conflicting_duplicates_are_refused() -> None:
    series = raw(["2025-12-01", "2025-12-02", "2025-12-02"], [101, 102, 102.5])
    assert found(series) == [
        issue("2025-12-02", "2025-12-02", 1, "duplicate", "refused",
              "a.csv: two rows with different close (102 and 102.5 on 2025-12-02): 2025-12-02. "
              "Remove the wrong ones")
    ]  # fmt: skip


@pytest.mark.parametrize("price", [0.0, -1.0, np.inf])
def test_non_positive_prices_are_refused(price: float) -> None:
    (one,) = found(raw(weekdays(3), [1, price, 1.2]))
    assert (one.check, one.severity, one.first, one.count) == (
        "non_positive",
        "refused",
        "2025-12-02",
        1,
    )


def test_a_level_may_be_negative() -> None:
    assert found(raw(weekdays(3), [0.1, -0.2, 0.0]), kind="level") == []


def test_missing_prices_are_listed_and_stay() -> None:
    series = raw(weekdays(3), [1, np.nan, 1.2])
    assert found(series) == [
        issue("2025-12-02", "2025-12-02", 1, "missing", "warning",
              "a.csv: rows without close; these returns and the ones after are missing: 2025-12-02")
    ]  # fmt: skip
    assert len(clean(series, context()).prices) == 3
    assert [(one.check, one.severity) for one in found(raw(weekdays(3), [np.nan] * 3))] == [
        ("missing", "refused")
    ]


def test_gaps_are_bars_of_the_own_calendar_only() -> None:
    # Thanksgiving and the weekend are no gap; Monday to Tuesday are.
    days = ["2025-11-25", "2025-11-26", "2025-11-28", "2025-12-03", "2025-12-05"]
    assert found(raw(days, [1, 1.1, 1.2, 1.1, 1])) == [
        issue("2025-12-01", "2025-12-04", 3, "gap", "warning",
              "a.csv: no bar while XNYS was open; never bridged: "
              "2025-12-01 to 2025-12-02 (2), 2025-12-04")
    ]  # fmt: skip
    (one,) = found(raw(["2025-12-05", "2025-12-08"], [1, 1.1]), calendar="24/7")
    assert (one.check, one.first, one.last, one.count) == ("gap", "2025-12-06", "2025-12-07", 2)


def test_a_weekday_series_does_not_trade_around_the_clock() -> None:
    days = weekdays(60, np.datetime64("2025-09-01"))
    (one,) = found(raw(days, np.linspace(1, 2, 60).tolist()), calendar="24/7")
    assert (one.check, one.severity) == ("gap", "refused")


def test_rows_of_closed_days_are_listed_and_left_out() -> None:
    days = [*weekdays(20, np.datetime64("2025-10-27")), "2025-11-22", "2025-11-24"]
    series = raw(days, np.linspace(1, 2, len(days)).tolist())
    assert found(series) == [
        issue("2025-11-22", "2025-11-22", 1, "closed_day", "warning",
              "a.csv: not used, XNYS was closed: 2025-11-22")
    ]  # fmt: skip
    assert len(clean(series, context()).stamps) == len(days) - 1


def test_weekend_rows_all_along_mean_another_calendar() -> None:
    days = [str(MONDAY + day) for day in range(20)]
    one = found(raw(days, np.linspace(1, 2, 20).tolist()))[0]
    assert (one.check, one.severity, one.count) == ("closed_day", "refused", 5)


def test_only_closed_days_leave_nothing_and_do_not_fail() -> None:
    assert [one.check for one in found(raw(["2025-12-06", "2025-12-07"], [1, 2]))] == ["closed_day"]


@pytest.mark.parametrize(
    ("repeats", "kind", "expected"),
    [(4, "price", 0), (5, "price", 1), (9, "level", 0), (10, "level", 1)],
)
def test_stale_runs(repeats: int, kind: str, expected: int) -> None:
    prices = [1.0, *[1.1] * repeats, 1.2]
    issues = found(raw(weekdays(len(prices)), prices), kind=kind)
    assert len(issues) == expected
    if expected:
        assert (issues[0].check, issues[0].first, issues[0].count) == (
            "stale",
            "2025-12-02",
            repeats,
        )


def jumpy(ratio: float, *, noise: float = 0.01) -> list[float]:
    logs = np.random.default_rng(0).normal(0, noise, 80)
    logs[40] = np.log(ratio) + 0.005
    prices: list[float] = np.exp(np.cumsum(logs)).tolist()
    return prices


SPLIT_DAYS = weekdays(80, np.datetime64("2025-08-01"))


@pytest.mark.parametrize(
    ("ratio", "calendar", "adjusted", "expected"),
    [
        (1 / 10, "XNYS", False, "refused"),
        (1 / 2, "XNYS", False, "refused"),
        (20.0, "XNYS", False, "refused"),
        (2 / 3, "XNYS", False, "warning"),  # real falls of a third happen
        (1 / 10, "XNYS", True, None),
        (0.62, "XNYS", False, None),
        (0.85, "XNYS", False, None),
    ],
)
def test_split_like_jumps(
    ratio: float, calendar: str, adjusted: bool, expected: str | None
) -> None:
    days = SPLIT_DAYS
    issues = check(raw(days, jumpy(ratio), adjusted=adjusted), context(calendar, last=days[-1]))
    said = {one.severity for one in issues if one.check == "split_like"}
    assert said == ({expected} if expected else set())


def test_halving_of_a_wild_stock_or_a_token_is_a_warning() -> None:
    wild = check(raw(SPLIT_DAYS, jumpy(0.5, noise=0.08)), context(last=SPLIT_DAYS[-1]))
    assert {one.severity for one in wild if one.check == "split_like"} == {"warning"}
    days = [str(MONDAY - 100 + day) for day in range(80)]
    token = check(raw(days, jumpy(0.5)), context("24/7", last=days[-1]))
    assert [(one.check, one.severity, one.first) for one in token] == [
        ("split_like", "warning", days[40])
    ]


@pytest.mark.parametrize(("last", "expected"), [("2025-12-12", None), ("2025-12-15", "note")])
def test_series_that_end_early(last: str, expected: str | None) -> None:
    issues = found(raw(weekdays(5), [1, 2.2, 3.1, 2.7, 2.5]), last=last)
    assert [one.severity for one in issues if one.check == "ends_early"] == (
        [expected] if expected else []
    )


def test_long_dead_series_are_a_warning() -> None:
    series = raw(weekdays(3, np.datetime64("2025-06-02")), [1, 1.1, 1.2])
    assert found(series, last="2025-12-31") == [
        issue("2025-06-04", "2025-06-04", 145, "ends_early", "warning",
              "ends on 2025-06-04, 145 bars before the latest of the source on XNYS")
    ]  # fmt: skip


def test_splices_are_dated_with_the_return_across_them() -> None:
    labels = {"source": ["a", "a", "b"], "price_basis": ["spot", "spot", "perp"]}
    assert found(raw(weekdays(3), [1, 1, 1.05], labels=labels)) == [
        issue("2025-12-03", "2025-12-03", 1, "splice", "warning",
              "a.csv: put together from several series: 2025-12-03 a to b, spot to perp, "
              "return there +5.00%")
    ]  # fmt: skip


def test_check_leaves_the_rows_as_they_were() -> None:
    series = raw(["2025-12-03", "2025-12-01", "2025-12-01", "2025-12-06"], [3, 1, 1, -2])
    before = (series.stamps.copy(), series.prices.copy())
    series.stamps.flags.writeable = False
    series.prices.flags.writeable = False
    check(series, context())
    np.testing.assert_array_equal(series.stamps, before[0])
    np.testing.assert_array_equal(series.prices, before[1])
