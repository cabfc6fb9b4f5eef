"""Whole studies of small markets: numbers worked by hand, tables, groups, models, exclusions."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from datetime import date
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import special

from eventlab.errors import DataError, UsageError
from eventlab.market.types import Market
from eventlab.study import EventStudy, run_study
from tests.market.series import market
from tests.study.lookup import number, pick, reasons, row, values
from tests.study.worlds import event, noise, stock, workspace

# Numbers worked by hand pass through a product of prices and back: a few units of the last digit
# of a price of 100, on returns of a percent.
BY_HAND = 1e-11
START = date(2024, 1, 2)
SYMBOLS = {"AAA": "XNYS", "BBB": "XNYS", "MKT": "XNYS", "SEC": "XNYS", "GONE": "XNYS"}
WINDOWS = {"estimation_window": [-60, -6], "event_window": [-3, 3], "min_estimation": 20}
CARS = {"car_windows": [[0, 0], [-1, 1]]}
# Bars 70, 90 and 110 of the clock that begins on 2 January 2024.
DAYS = ["2024-04-12 10:00", "2024-05-10 10:00", "2024-06-10 10:00"]


def random_market(length: int = 140) -> Market:
    """AAA = .001 + 1.2 MKT + .5 SEC + noise, BBB the same with other noise."""
    mkt, sec = noise(1, length), noise(2, length)
    own = [noise(seed, length, 0.005) for seed in (3, 4)]
    a, b = (0.001 + 1.2 * mkt + 0.5 * sec + e for e in own)
    named = {"AAA": a, "BBB": b, "MKT": mkt, "SEC": sec}
    return market(*(stock(symbol, START, returns) for symbol, returns in named.items()))


def study_of(times: list[str], *, draws: int | None = 0, **study: object) -> EventStudy:
    definition = event("news", list(times), **{**WINDOWS, **CARS, **study})
    return run_study(
        definition, random_market(), workspace(definition, calendars=SYMBOLS), draws=draws
    )


def returns_of(symbol: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Row t is the return of bar t; bar 0 has none."""
    series = random_market().daily[symbol].prices
    return np.concatenate([[np.nan], series[1:] / series[:-1] - 1.0])


def test_a_tiny_market_worked_by_hand() -> None:
    # Estimation bars 1 to 6 have mean zero and s^2 = 6 x .0001 / 5; the event is bar 10.
    returns = [0.01, -0.01, 0.01, -0.01, 0.01, -0.01, 0.3, -0.2, 0.02, 0.05, -0.01, 0.0, 0.0]
    definition = event(
        "news",
        ["2024-01-17 10:00"],
        assets=["AAA"],
        model="constant_mean",
        estimation_window=[-9, -4],
        event_window=[-1, 1],
        min_estimation=6,
        car_windows=[[0, 0], [-1, 1]],
    )
    made = market(stock("AAA", START, returns))
    study = run_study(definition, made, workspace(definition, calendars=SYMBOLS))
    fit = row(study.fits, occurrence="n0", symbol="AAA")
    sigma = sqrt(6 * 0.01**2 / 5)
    assert fit["event_session"] == pd.Timestamp("2024-01-17")
    assert (fit["model"], fit["benchmark"], fit["n_estimation"]) == ("constant_mean", "", 6)
    assert [fit["alpha"], fit["sigma"]] == pytest.approx([0.0, sigma], abs=BY_HAND)
    assert np.isnan(number(study.fits, "beta"))
    ars = study.abnormal_returns
    assert ars["tau"].tolist() == [-1, 0, 1]
    assert ars["ar"].tolist() == pytest.approx([0.02, 0.05, -0.01], abs=BY_HAND)
    assert ars["actual"].tolist() == pytest.approx([0.02, 0.05, -0.01], abs=BY_HAND)
    error = sigma * sqrt(1 + 1 / 6)
    assert ars["sar"].tolist() == pytest.approx(
        [0.02 / error, 0.05 / error, -0.01 / error], abs=1e3 * BY_HAND
    )
    car = row(study.cars, window="[-1,1]")
    stderr = sigma * sqrt(3 + 9 / 6)
    assert car["car"] == pytest.approx(0.06, abs=BY_HAND)
    assert car["bhar"] == pytest.approx(1.02 * 1.05 * 0.99 - 1.0, abs=BY_HAND)
    assert car["stderr"] == pytest.approx(stderr, abs=BY_HAND)
    assert car["statistic"] == pytest.approx(0.06 / stderr, abs=1e3 * BY_HAND)
    assert car["dof"] == 5
    pvalue = 2.0 * special.stdtr(5.0, -0.06 / stderr)
    assert car["pvalue"] == pytest.approx(pvalue, abs=1e3 * BY_HAND)
    # Thirteen bars hold no twenty placebo dates.
    assert (car["placebo_rank"], np.isnan(float(str(car["placebo_pvalue"])))) == (-1, True)


def documented_columns() -> dict[str, list[str]]:
    """Column names in the docstring of each table of `EventStudy`."""
    text = inspect.getdoc(EventStudy) or ""  # Python 3.13 takes the indentation off, 3.12 does not
    found = {}
    for name, body in re.findall(r"^(\w+)\n((?:    .+(?:\n|$))+)", text, flags=re.MULTILINE):
        plain = re.sub(r"\([^)]*\)", "", re.sub(r"\s+", " ", body))
        listed = re.split(r"[.;:](?: |$)", plain.strip())[0]
        found[name] = [column.strip() for column in listed.split(",")]
    return found


@pytest.mark.parametrize("model", ["constant_mean", "market_model"])
@pytest.mark.parametrize("times", [DAYS, ["2031-01-02 10:00"]])
def test_every_table_has_the_columns_that_are_documented(model: str, times: list[str]) -> None:
    study = study_of(times, assets=["AAA", "BBB"], model=model, benchmark="MKT", draws=50)
    documented = documented_columns()
    tables = {
        each.name: getattr(study, each.name)
        for each in fields(study)
        if isinstance(getattr(study, each.name), pd.DataFrame)
    }
    assert len(tables) > 12
    for name, table in tables.items():
        assert list(table.columns) == documented[name], name
    assert str(study.occurrences["announced_at"].dtype).endswith("UTC]")
    assert study.occurrences["event_session"].dtype.kind == "M"
    assert study.fits["event_session"].dtype.kind == "M"


def test_market_model_of_run_study_is_least_squares() -> None:
    study = study_of(DAYS, assets=["AAA"], benchmark="MKT", model="market_model")
    y, x = returns_of("AAA"), returns_of("MKT")
    rows = slice(70 - 60, 70 - 6 + 1)
    slope, intercept = np.polyfit(x[rows], y[rows], 1)
    fit = row(study.fits, occurrence="n0")
    assert (fit["benchmark"], fit["n_estimation"]) == ("MKT", 55)
    assert [fit["alpha"], fit["beta"]] == pytest.approx([intercept, slope], abs=BY_HAND)
    expected = y[67:74] - intercept - slope * x[67:74]
    assert values(study.abnormal_returns, "ar", occurrence="n0") == pytest.approx(
        expected, abs=BY_HAND
    )


def test_market_adjusted_subtracts_and_estimates_nothing() -> None:
    study = study_of(DAYS, assets=["AAA"], benchmark="MKT", model="market_adjusted")
    difference = returns_of("AAA") - returns_of("MKT")
    fit = row(study.fits, occurrence="n0")
    sigma = sqrt(float((difference[10:65] ** 2).mean()))
    assert (fit["alpha"], fit["beta"]) == (0.0, 1.0)
    assert fit["sigma"] == pytest.approx(sigma, abs=BY_HAND)
    assert number(study.cars, "car", occurrence="n0", window="[-1,1]") == pytest.approx(
        difference[69:72].sum(), abs=BY_HAND
    )
    # `actual` stays the asset's own return.
    assert number(study.abnormal_returns, "actual", occurrence="n0", tau=0) == pytest.approx(
        returns_of("AAA")[70], abs=BY_HAND
    )


def test_factor_model_has_a_beta_for_each_regressor() -> None:
    study = study_of(DAYS, assets=["AAA"], benchmark="MKT", factors=["SEC"], model="factor_model")
    X = np.column_stack([np.ones(55), returns_of("MKT")[10:65], returns_of("SEC")[10:65]])
    expected = np.linalg.lstsq(X, returns_of("AAA")[10:65], rcond=None)[0]
    fit = row(study.fits, occurrence="n0")
    assert [fit["alpha"], fit["beta_MKT"], fit["beta_SEC"]] == pytest.approx(expected, abs=BY_HAND)
    assert (fit["beta"], fit["benchmark"]) == (fit["beta_MKT"], "MKT, SEC")


def test_groups_are_assets_universes_the_issuers_and_all() -> None:
    occurrences: list[str | dict[str, object]] = [
        {"announced_at": DAYS[0], "issuer": "AAA", "tags": ["cut"]},
        {"announced_at": DAYS[1], "issuer": "BBB", "tags": ["cut", "big"]},
        {"announced_at": DAYS[2], "issuer": "BBB"},
    ]
    definition = event(
        "news",
        occurrences,
        assets=["@pair", "@issuer"],
        model="constant_mean",
        by_tag=["cut", "big"],
        **WINDOWS,
        **CARS,
    )
    space = workspace(definition, calendars=SYMBOLS, pair=["AAA", "BBB"])
    study = run_study(definition, random_market(), space, draws=50)
    found = {
        (one.group, one.tag): one.n_events
        for one in pick(study.aggregates, window="[0,0]").itertuples()
    }
    assert found == {
        ("AAA", "all"): 3,
        ("BBB", "all"): 3,
        ("@pair", "all"): 6,
        ("@issuer", "all"): 3,
        ("all", "all"): 6,
        ("AAA", "cut"): 2,
        ("BBB", "cut"): 2,
        ("@pair", "cut"): 4,
        ("@issuer", "cut"): 2,
        ("all", "cut"): 4,
        ("AAA", "big"): 1,
        ("BBB", "big"): 1,
        ("@pair", "big"): 2,
        ("@issuer", "big"): 1,
        ("all", "big"): 2,
    }
    cars = pick(study.cars, window="[-1,1]").set_index(["occurrence", "symbol"])["car"]
    issuers = [cars["n0", "AAA"], cars["n1", "BBB"], cars["n2", "BBB"]]
    where = {"tag": "all", "window": "[-1,1]"}
    assert number(study.aggregates, "caar", group="@issuer", **where) == pytest.approx(
        np.mean(issuers), abs=BY_HAND
    )
    assert number(study.aggregates, "caar", group="all", **where) == pytest.approx(
        cars.mean(), abs=BY_HAND
    )


def test_paths_cumulate_the_average_abnormal_returns() -> None:
    study = study_of(DAYS, assets=["AAA"], model="constant_mean", draws=200)
    path = pick(study.paths, group="AAA", tag="all")
    aar = study.abnormal_returns.groupby("tau")["ar"].mean()
    assert path["tau"].tolist() == list(range(-3, 4))
    assert path["aar"].to_numpy() == pytest.approx(aar.to_numpy(), abs=BY_HAND)
    assert path["caar"].to_numpy() == pytest.approx(aar.cumsum().to_numpy(), abs=BY_HAND)
    assert (path["low"] == -path["high"]).all()
    assert (path["high"] > 0).all()


def test_event_days_compare_day_0_with_every_other_bar() -> None:
    study = study_of(DAYS, assets=["AAA"], model="constant_mean")
    returns = returns_of("AAA")[1:]
    inside = np.isin(np.arange(1, 141), [70, 90, 110])
    x, z = returns[inside], returns[~inside]
    found = row(study.event_days, tag="all")
    assert (found["n"], found["n_other"]) == (3, 137)
    assert found["difference"] == pytest.approx(x.mean() - z.mean(), abs=BY_HAND)
    squares = ((x - x.mean()) ** 2).sum() / 9 + ((z - z.mean()) ** 2).sum() / 137**2
    t = (x.mean() - z.mean()) / sqrt(squares * 140 / 138)
    assert found["statistic"] == pytest.approx(t, abs=1e3 * BY_HAND)


def test_everything_that_is_left_out_is_listed_with_its_reason() -> None:
    series = random_market().daily
    short = stock("SEC", date(2024, 3, 4), noise(9, 96))  # forty bars before the second event
    flat = stock("BBB", START, [0.0] * 140)
    made = market(series["AAA"], series["MKT"], short, flat)
    made = Market(made.stamp, made.daily, {}, refused={"BAD": "p.csv: close is -1"})
    definition = event(
        "news",
        ["1999-06-01 10:00", "2024-01-17 10:00", DAYS[1], "2024-07-19 10:00", "2031-01-02 10:00"],
        assets=["AAA", "BBB", "SEC", "MKT", "BAD", "GONE"],
        benchmark="MKT",
        **{**WINDOWS, "min_estimation": 50},
        **CARS,
    )
    study = run_study(definition, made, workspace(definition, calendars=SYMBOLS), draws=0)
    short_of = "estimation_window [-60,-6] has {} usable bars, min_estimation is 50"
    assert reasons(study.exclusions, occurrence="all") == [
        ("", "BAD was refused: p.csv: close is -1"),
        ("", "GONE has no prices in made up"),
    ]
    assert reasons(study.exclusions, occurrence="n1", symbol="AAA") == [
        ("", f"its prices begin on 2024-01-02; {short_of.format(4)}")
    ]
    assert reasons(study.exclusions, occurrence="n2", symbol="SEC") == [
        ("", f"its prices begin on 2024-03-04; {short_of.format(42)}")
    ]
    assert reasons(study.exclusions, occurrence="n2", symbol="BBB")[0][1].startswith(
        "no residual variance: the price is stale"
    )
    assert reasons(study.exclusions, occurrence="n2", symbol="MKT") == [
        ("", "it is a benchmark or factor of this study itself; nothing is left to explain")
    ]
    # Day 0 is bar 137 of 140: the window of three bars after it just fits; of the news after the
    # last close there is no day 0 at all.
    assert reasons(study.exclusions, occurrence="n3", symbol="AAA") == []
    for occurrence in ("n0", "n4"):
        ((window, reason),) = reasons(study.exclusions, occurrence=occurrence, symbol="all")
        assert window == ""
        assert f"news/{occurrence}: " in reason
    assert set(zip(study.fits["occurrence"], study.fits["symbol"], strict=True)) == {
        ("n2", "AAA"),
        ("n3", "AAA"),
        ("n3", "SEC"),
    }


def test_a_window_that_runs_off_the_end_of_the_prices_is_listed_window_by_window() -> None:
    study = study_of(["2024-07-22 10:00"], assets=["AAA"], model="constant_mean")
    table = study.exclusions
    assert table["window"].tolist() == ["[-3,3]"]
    (reason,) = table["reason"]
    assert re.fullmatch(r"its prices end on 2024-07-2\d", reason)
    assert values(study.cars, "car").shape == (2,)
    assert np.isfinite(values(study.cars, "car")).all()


def test_without_the_benchmark_nothing_is_fitted_and_every_asset_says_so() -> None:
    study = study_of(DAYS, assets=["AAA", "BBB"], benchmark="GONE", model="market_model")
    assert study.fits.empty
    assert study.tests.empty
    reason = "benchmark or factor: GONE has no prices in made up"
    assert study.exclusions.to_numpy().tolist() == [
        ["all", "AAA", "", reason],
        ["all", "BBB", "", reason],
    ]


def test_a_symbol_that_was_not_loaded_is_told_from_one_that_is_not_there() -> None:
    definition = event(
        "news", DAYS, assets=["AAA", "SEC"], model="constant_mean", **WINDOWS, **CARS
    )
    made = market(random_market().daily["AAA"])
    made = Market(made.stamp, made.daily, {}, available=("AAA", "SEC"))
    study = run_study(definition, made, workspace(definition, calendars=SYMBOLS), draws=0)
    ((_, reason),) = reasons(study.exclusions, symbol="SEC")
    assert reason == "SEC is in made up but was not loaded; load the market for this event too"


def test_what_a_study_cannot_do_is_a_usage_error() -> None:
    plain = event("news", DAYS)
    with pytest.raises(UsageError, match="news: no `study` section"):
        run_study(plain, random_market(), workspace(plain, calendars=SYMBOLS))
    definition = event("news", DAYS, assets=["AAA"], model="constant_mean", **WINDOWS, **CARS)
    with pytest.raises(UsageError, match="need a workspace"):
        run_study(definition, random_market())
    lonely = event("news", DAYS, assets=["GONE"], model="constant_mean", **WINDOWS, **CARS)
    with pytest.raises(DataError, match="none of the symbols of the study has prices here"):
        run_study(lonely, random_market(), workspace(lonely, calendars=SYMBOLS))


def test_a_study_is_shown_in_a_line() -> None:
    study = study_of(DAYS, assets=["AAA", "BBB"], benchmark="MKT", model="market_model")
    assert repr(study).startswith("EventStudy: ")
    assert "3 of 3 occurrences, 2 symbols, prices " in repr(study)
