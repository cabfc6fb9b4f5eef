"""Whole studies in bars inside sessions, on made-up prices: clocks, nights, slots, causality."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.study import EventStudy, run_study
from eventlab.timeline import make_bar_clock
from tests.market.series import intraday, market
from tests.naive_slots import CLOSURE, naive_slot_fit
from tests.study.lookup import number, pick, reasons, row, values
from tests.study.worlds import event, prices, stock, workspace

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.types import Market, PriceSeries

# The same sums in another order.
CLOSE = 1e-9
START, END = date(2025, 9, 2), date(2025, 12, 12)
CALENDARS = {"AAA": "XNYS", "BBB": "XNYS", "MKT": "XNYS", "COIN": "24/7", "DAY": "XNYS"}
CLOCK = make_bar_clock("XNYS", START, END, 60)
CLASSES = np.where(CLOCK.slots == 0, CLOSURE, CLOCK.slots)
AROUND = make_bar_clock("24/7", START, END, 60)
SHAPE = np.array([5.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.5])
# Tuesday after the close: day 0 is Wednesday's first bar, which closes at 10:00 in New York.
EVENING, MORNING = "2025-12-09 16:05", "2025-12-10 15:00"
WINDOWS = {
    "estimation_window": [-140, -8],
    "event_window": [-3, 6],
    "car_windows": [[0, 0], [0, 2], [-3, -1]],
}
MODEL = {"bar": "60min", "benchmark": "MKT", **WINDOWS}


def hourly(symbol: str, seed: int, *, beta: float = 1.0, jump: float = 0.0) -> PriceSeries:
    """Bars of a stock with wild nights; ``jump`` is its abnormal return of day 0."""
    returns = beta * moves(1) + (moves(seed) if seed > 1 else 0.0)
    returns[int(np.flatnonzero(labels() == MORNING)[0])] += jump
    path = prices(returns[1:])
    return intraday(symbol, "XNYS", CLOCK.closes.tolist(), path, 60)


def moves(seed: int) -> npt.NDArray[np.float64]:
    """Returns of a wild night, a wild hour after it, and calm ones."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.002, len(CLOCK))
    shaped: npt.NDArray[np.float64] = drawn * SHAPE[CLOCK.slots]
    return shaped


def labels() -> npt.NDArray[np.str_]:
    return np.char.replace(CLOCK.sessions.astype("datetime64[m]").astype(str), "T", " ")


def coin(seed: int) -> PriceSeries:
    path = prices(np.random.default_rng(seed).normal(0.0, 0.004, len(AROUND) - 1))
    return intraday("COIN", "24/7", AROUND.closes.tolist(), path, 60)


def world() -> Market:
    return market(
        hourly("MKT", 1),
        hourly("AAA", 2, beta=1.3, jump=-0.08),
        hourly("BBB", 3, beta=0.7),
        coin(4),
        stock("DAY", START, [0.01] * 40),
    )


def study(prices: Market, times: tuple[str, ...] = (EVENING,), **options: object) -> EventStudy:
    chosen = {"assets": ["AAA", "BBB", "COIN"], **MODEL, **options}
    asked = event("news", times, **{key: held for key, held in chosen.items() if held is not None})
    return run_study(asked, prices, workspace(asked, calendars=CALENDARS), seed=3)


def test_day_0_is_a_bar_and_tables_show_its_time() -> None:
    found = study(world())
    day0 = row(found.occurrences, occurrence="n0")["event_session"]
    assert str(day0) == "2025-12-10 15:00:00+00:00"
    bars = pick(found.abnormal_returns, symbol="AAA")
    assert [f"{time:%d %H:%M}" for time in bars["session"]] == [
        *("09 19:00", "09 20:00", "09 21:00"),
        *("10 15:00", "10 16:00", "10 17:00", "10 18:00", "10 19:00", "10 20:00", "10 21:00"),
    ]
    assert found.sampling["basis"].unique().tolist() == ["intraday"]
    assert found.sampling["minutes_apart"].tolist() == [0.0, 0.0, 0.0]


def test_every_car_equals_the_naive_one() -> None:
    found = study(world())
    returns = {name: pick(found.abnormal_returns, symbol=name) for name in ("AAA", "COIN")}
    held = world()
    closes = {
        "AAA": held.intraday["AAA"].prices,
        "MKT": held.intraday["MKT"].prices,
        "COIN": held.intraday["COIN"].prices[np.searchsorted(AROUND.closes, CLOCK.closes)],
    }
    simple = {name: np.append(np.nan, path[1:] / path[:-1] - 1) for name, path in closes.items()}
    day0 = int(np.flatnonzero(labels() == MORNING)[0])
    for name in ("AAA", "COIN"):
        naive = naive_slot_fit(
            simple[name],
            simple["MKT"][:, None],
            CLASSES,
            slice(day0 - 140, day0 - 7),
            slice(day0 - 3, day0 + 7),
        )
        fit = row(found.fits, symbol=name)
        assert (fit["n_estimation"], fit["n_day0"]) == (naive.n_regular, naive.n_rows[CLOSURE])
        assert fit["day0_sigma"] == pytest.approx(np.sqrt(naive.variance[CLOSURE]), rel=CLOSE)
        np.testing.assert_allclose(returns[name]["ar"], naive.ar, rtol=CLOSE, atol=1e-14)
        for label, bars in (("[0,0]", (3, 3)), ("[0,2]", (3, 5)), ("[-3,-1]", (0, 2))):
            car, variance, dof = naive.car(*bars)
            made = row(found.cars, symbol=name, window=label)
            assert made["car"] == pytest.approx(car, rel=CLOSE)
            assert made["stderr"] == pytest.approx(np.sqrt(variance), rel=CLOSE)
            assert made["dof"] == pytest.approx(dof, rel=CLOSE)


def test_pseudo_dates_are_the_same_bar_of_other_sessions() -> None:
    found = study(world(), assets=["AAA"])
    closes = {name: world().intraday[name].prices for name in ("AAA", "MKT")}
    y, x = (np.append(np.nan, path[1:] / path[:-1] - 1) for path in closes.values())
    day0 = int(np.flatnonzero(labels() == MORNING)[0])

    def statistic(t: int) -> float:
        naive = naive_slot_fit(
            y, x[:, None], CLASSES, slice(max(1, t - 140), t - 7), slice(t - 3, t + 7)
        )
        car, variance, _ = naive.car(3, 5)
        return float(car / np.sqrt(variance))

    dates = pseudo_dates(slot=0, last=day0, news=(day0,))
    extreme = sum(abs(statistic(t)) >= abs(statistic(day0)) for t in dates)
    made = row(found.cars, symbol="AAA", window="[0,2]")
    assert len(dates) > 30
    assert (made["n_placebo"], made["placebo_rank"]) == (len(dates), extreme)
    assert made["placebo_pvalue"] == (1 + extreme) / (1 + len(dates))


def pseudo_dates(slot: int, last: int, news: tuple[int, ...]) -> list[int]:
    """Bars of a slot with 60 bars and 10 of each slot before them, away from the bars of news."""
    found = []
    for t in np.flatnonzero(CLOCK.slots == slot).tolist():
        before = CLOCK.slots[max(1, t - 140) : max(1, t - 7)]
        enough = (before != 0).sum() >= 60 and np.bincount(before, minlength=7).min() >= 10
        if enough and t <= last and all(abs(t - day0) > 9 for day0 in news):
            found.append(t)
    return found


def test_events_on_different_bars_move_to_bars_of_their_own() -> None:
    both = study(world(), (EVENING, "2025-11-20 12:30"), assets=["AAA"])
    noon, morning = (
        int(np.flatnonzero(labels() == bar)[0]) for bar in ("2025-11-20 18:00", MORNING)
    )
    for name, slot in (("n0", 0), ("n1", 3)):
        expected = len(pseudo_dates(slot, last=morning, news=(noon, morning)))
        assert set(pick(both.cars, occurrence=name)["n_placebo"]) == {expected}
    joint = pick(both.tests, group="AAA", test="placebo", window="[0,0]").iloc[0]
    assert joint["n_events"] == 2
    assert "2000 at least as extreme; draws of dates" in joint["note"]


def test_assets_without_such_bars_are_listed() -> None:
    found = study(world(), assets=["AAA", "DAY", "NONE"])
    said = {
        symbol: reason
        for symbol in ("DAY", "NONE")
        for _, reason in reasons(found.exclusions, symbol=symbol)
    }
    assert said["DAY"] == (
        "DAY has no bars that make up 60 minutes in made up, which has daily prices only of it"
    )
    assert "NONE has no prices" in said["NONE"]
    thirty = study(world(), assets=["AAA"], bar="60min", benchmark="DAY")
    assert "benchmark or factor: DAY has no bars" in reasons(thirty.exclusions, symbol="AAA")[0][1]
    with pytest.raises(DataError, match="has bars that make up 30 minutes here"):
        study(world(), assets=["AAA"], bar="30min")


def test_too_few_bars_of_a_kind_are_an_exclusion_with_a_reason() -> None:
    def excluded(first: int) -> tuple[list[tuple[str, str]], EventStudy]:
        found = study(world(), assets=["AAA"], estimation_window=[first, -8], min_estimation=40)
        return reasons(found.exclusions, symbol="AAA"), found

    # One session closed at 18:00, so that of its later hours there are fewer.
    needed = "the estimation window has 9 usable ones to know their variance from; 10 are needed"
    hour = f"of the bar of the session at 2025-12-09 19:00 UTC {needed}"
    hours = f"of the bar of the session at 2025-12-09 19:00 UTC, 2025-12-10 19:00 UTC {needed}"
    night = f"the return of 2025-12-10 15:00 UTC spans a closure, and {needed}"
    evenings = [("[-3,-1]", hour), ("[-3,6]", hours)]
    said, found = excluded(-74)
    assert said == evenings
    assert np.isfinite(number(found.cars, "car", symbol="AAA", window="[0,0]"))
    assert excluded(-73)[0] == [("[0,0]", night), ("[0,2]", night), *evenings]
    said, found = excluded(-70)
    reason = (
        "estimation_window [-70,-8] has at most 9 usable rows of any bar of the session; 10 are "
        "needed to know their variance"
    )
    assert said == [("", reason)]
    assert found.fits.empty


def test_events_overnight_cannot_be_controlled_for() -> None:
    # The bars that could react to them are in no regression.
    asked = event("news", [EVENING], assets=["AAA"], overlaps="control", **MODEL)
    noon, evening = (
        event("theirs", [f"2025-{day} {hour}:05" for day in days], assets=["AAA"], **MODEL)
        for hour, days in (
            ("12", ("11-12", "11-18", "11-24", "12-10")),
            ("16", ("11-12", "11-18", "11-24", "12-09")),
        )
    )
    notes, fits = [], []
    for other in (noon, evening):
        found = run_study(asked, world(), workspace(asked, other, calendars=CALENDARS), seed=3)
        notes.append(row(found.occurrences, occurrence="n0")["note"])
        fits.append(row(found.fits, symbol="AAA"))
    assert notes[0] == ""
    assert "not controlled for theirs (0 of its bars among the estimation rows" in str(notes[1])
    plain = row(study(world(), assets=["AAA"]).fits, symbol="AAA")
    assert fits[1]["beta"] == plain["beta"] != fits[0]["beta"]


def test_a_stale_price_is_not_said_to_lack_bars() -> None:
    stale = intraday("BBB", "XNYS", CLOCK.closes.tolist(), [100.0] * len(CLOCK), 60)
    found = study(
        market(hourly("MKT", 1), stale), assets=["BBB"], model="constant_mean", benchmark=None
    )
    assert "no residual variance" in reasons(found.exclusions, symbol="BBB")[0][1]


def test_round_the_clock_hours_have_a_variance_each_and_are_held_against_the_same_hour() -> None:
    found = study(
        world(),
        assets=["COIN"],
        clock="24/7",
        model="constant_mean",
        benchmark=None,
        estimation_window=[-480, -25],
    )
    assert str(row(found.occurrences, occurrence="n0")["event_session"])[:16] == "2025-12-09 22:00"
    # One pseudo-date a day: ten of every hour before it, no bar in its window that the news' has.
    day0 = int(np.searchsorted(AROUND.closes, pd.Timestamp("2025-12-09 22:00").value))
    path = coin(4).prices
    hour = np.append(np.nan, path[1:] / path[:-1] - 1)[day0 - 480 : day0 - 24].reshape(19, 24)
    deviation = hour - hour.mean()
    sigma = float(np.sqrt((deviation[:, 0] ** 2).sum() / (19 * (1 - 1 / 456))))
    fit = row(found.fits, symbol="COIN")
    assert (fit["n_estimation"], fit["n_day0"]) == (456, 19)
    assert fit["day0_sigma"] == pytest.approx(sigma, rel=CLOSE)
    hours = np.arange(day0 % 24, day0, 24)
    # The first row has no return, so that its hour lacks one.
    least = 10 * 24 + (1 if AROUND.slots[0] == 0 else 0)
    expected = int(((hours - 24 >= least) & (hours + 9 < day0)).sum())
    assert set(found.cars["n_placebo"]) == {expected}


def test_event_bars_are_compared_with_the_same_bar_of_other_sessions() -> None:
    days = row(study(world(), assets=["AAA"]).event_days, symbol="AAA", tag="all")
    sessions = int((CLOCK.slots == 0).sum())
    assert (days["n"], days["n_other"]) == (1, sessions - 2)  # nor the first, which has no return


def test_what_comes_after_the_window_changes_nothing() -> None:
    held = world()
    after = AROUND.closes[-1] - 24 * 3_600_000_000_000
    wild = replace(
        held,
        intraday={
            name: replace(one, prices=np.where(one.closes <= after, one.prices, 3.0 * one.prices))
            for name, one in held.intraday.items()
        },
    )
    before, later = study(held), study(wild)
    for name in ("fits", "abnormal_returns", "cars", "tests", "paths"):
        pd.testing.assert_frame_equal(getattr(before, name), getattr(later, name), check_exact=True)


def test_bars_are_on_one_scale_in_ranks_and_correlations() -> None:
    tests = pick(study(world()).tests, group="all", window="[0,0]")
    crude = row(tests, test="crude_dependence")
    assert np.isnan(number(tests, "statistic", test="crude_dependence"))
    assert crude["note"] == "takes one variance for all bars, and those of a session differ"
    # Three assets on one date: r of standardised residuals is near 0, as the draws are.
    plain, adjusted = (
        number(tests, "statistic", test=name) for name in ("patell_z", "kolari_pynnonen_patell")
    )
    assert 0.8 < adjusted / plain < 1.25


@pytest.mark.parametrize("model", ["scholes_williams", "garch_market_model"])
def test_models_without_a_variance_by_slot_are_refused(model: str) -> None:
    with pytest.raises(UsageError, match="no variance for each bar of a session"):
        study(world(), model=model)


def test_conventions_that_know_one_variance_are_refused() -> None:
    asked = event("news", [EVENING], assets=["AAA"], **MODEL)
    made = workspace(asked, calendars=CALENDARS)
    with pytest.raises(UsageError, match="estudy2 knows one variance for all bars"):
        run_study(asked, world(), made, convention="estudy2")


def test_a_study_of_sessions_does_not_read_the_bars() -> None:
    held = world()
    chosen: dict[str, Any] = {
        "bar": "session",
        "assets": ["COIN"],
        "benchmark": None,
        "model": "constant_mean",
        "estimation_window": [-40, -8],
        "min_estimation": 30,
    }
    plain = study(held, **chosen)
    with_bars = study(replace(held, bars={"COIN": (coin(9),)}), **chosen)
    pd.testing.assert_frame_equal(plain.cars, with_bars.cars, check_exact=True)
    assert values(plain.cars, "car", window="[0,0]").size == 1


def test_many_bars_that_a_market_does_not_offer_are_named_by_both_ends() -> None:
    options: dict[str, object] = {
        "assets": ["AAA"],
        "clock": "24/7",
        "model": "constant_mean",
        "benchmark": None,
        "estimation_window": [-700, -8],
        "event_window": [-3, 20],
        "min_estimation": 60,
        "car_windows": [[0, 0], [0, 20]],
    }
    found = study(world(), (EVENING,), **options)
    told = dict(reasons(found.exclusions, symbol="AAA"))
    night = "2025-12-10 22:00 UTC and 2025-12-11 11:00 UTC"
    assert told["[0,20]"] == f"its market offers no bar for 14 bars between {night}"
