from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import special

from eventlab.report.cells import cells
from eventlab.report.summary import exclusion_counts, groups, raw_day0, sampling_rows, tags, windows
from tests.report.make_study import make_study

# The same formula in another order of operations.
RTOL = 1e-12


def test_interval_of_one_car_is_its_forecast_error() -> None:
    study = make_study(n_occurrences=1)
    car = study.cars.iloc[0]
    cell = cells(study)["ORCL", "[0,0]"]
    half = special.stdtrit(238.0, 0.975) * 0.02
    assert cell.interval.low == pytest.approx(car["car"] - half, rel=RTOL)
    assert cell.interval.high == pytest.approx(car["car"] + half, rel=RTOL)
    assert (cell.rank, cell.draws) == (car["placebo_rank"], 2000)
    assert cell.placebo == car["placebo_pvalue"]


def test_interval_of_an_average_is_the_spread_of_its_cars() -> None:
    study = make_study(n_occurrences=5)
    own = study.cars[(study.cars["symbol"] == "NVDA") & (study.cars["window"] == "[-1,1]")]["car"]
    cell = cells(study)["NVDA", "[-1,1]"]
    half = special.stdtrit(4, 0.975) * np.std(own, ddof=1) / math.sqrt(5)
    assert cell.caar == pytest.approx(own.mean(), rel=RTOL)
    assert cell.interval.low == pytest.approx(own.mean() - half, rel=RTOL)
    assert (cell.rank, cell.draws) == (0, 0)


def test_an_interval_is_widened_where_events_share_bars() -> None:
    study = make_study(n_occurrences=5)
    tests = study.tests.copy()
    here = (tests["group"] == "NVDA") & (tests["window"] == "[0,0]")
    bmp, adjusted = (here & (tests["test"] == name) for name in ("bmp", "kolari_pynnonen_bmp"))
    # r = .25 between five events: sqrt((1 + 4 r)/(1 - r)).
    widened = math.sqrt(2.0 / 0.75)
    tests.loc[bmp, "statistic"], tests.loc[adjusted, "statistic"] = -3.0, -3.0 / widened
    plain = cells(study)["NVDA", "[0,0]"].interval
    wide = cells(replace(study, tests=tests))["NVDA", "[0,0]"].interval
    assert plain.widened == 1.0
    assert wide.widened == pytest.approx(widened, rel=RTOL)
    assert wide.high - wide.low == pytest.approx(widened * (plain.high - plain.low), rel=RTOL)
    # A negative mean correlation narrows nothing.
    tests.loc[adjusted, "statistic"] = -3.3
    assert cells(replace(study, tests=tests))["NVDA", "[0,0]"].interval == plain
    tests.loc[adjusted, "statistic"] = math.nan
    assert math.isnan(cells(replace(study, tests=tests))["NVDA", "[0,0]"].interval.low)


def test_a_tag_uses_its_own_occurrences() -> None:
    study = make_study(n_occurrences=6, by_tag=("beat",))
    cars = study.cars[study.cars["occurrence"].isin(["q1", "q3", "q5"])]
    own = cars[(cars["symbol"] == "ORCL") & (cars["window"] == "[0,1]")]["car"]
    half = special.stdtrit(2, 0.975) * np.std(own, ddof=1) / math.sqrt(3)
    interval = cells(study, "beat")["ORCL", "[0,1]"].interval
    assert (interval.high - interval.low) / 2 == pytest.approx(half, rel=RTOL)


def test_groups_of_symbols_have_no_interval() -> None:
    study = make_study(n_occurrences=3)
    row = pd.DataFrame([("all", "all", "[0,0]", -0.02, 9)], columns=study.aggregates.columns)
    whole = replace(study, aggregates=pd.concat([study.aggregates, row], ignore_index=True))
    assert math.isnan(cells(whole)["all", "[0,0]"].interval.low)
    assert cells(whole)["all", "[0,0]"].n_events == 9


def test_significance_follows_the_placebo_and_otherwise_every_headline_test() -> None:
    study = make_study(n_occurrences=12)
    with_placebo = cells(study)["ORCL", "[0,0]"]
    assert with_placebo.significant(0.05)
    assert not replace(with_placebo, placebo=0.06).significant(0.05)
    without = replace(with_placebo, placebo=math.nan)
    assert without.significant(0.05)
    assert not replace(without, tests=()).significant(0.05)


def test_lists() -> None:
    study = make_study(n_occurrences=2, by_tag=("beat",))
    assert windows(study) == ("[0,0]", "[0,1]", "[-1,1]", "[0,5]")
    assert groups(study) == ("ORCL", "NVDA", "BTC")
    assert tags(study) == ("all", "beat")
    day = study.abnormal_returns[study.abnormal_returns["tau"] == 0]
    expected = day.groupby("symbol")["actual"].mean().to_dict()
    assert raw_day0(study) == pytest.approx(expected, rel=RTOL)


def test_exclusions_that_differ_in_dates_and_counts_are_one_reason() -> None:
    reasons = [
        "oracle-earnings/q0: estimation_window [-250,-11] before 2015-01-28 has 6 usable bars",
        "oracle-earnings/q1: estimation_window [-250,-11] before 2015-03-18 has 40 usable bars",
        "no prices in S&P 500 file",
    ]
    study = make_study(n_occurrences=2)
    table = pd.DataFrame(
        {
            "occurrence": ["q0", "q1", "q1"],
            "symbol": ["TAO", "FET", "FET"],
            "window": ["", "", "[0,5]"],
            "reason": reasons,
        }
    )
    first, second = exclusion_counts(replace(study, exclusions=table))
    assert first.reason == (
        "estimation_window [-250,-11] before 2015-01-28..2015-03-18 has 6..40 usable bars"
    )
    assert (first.count, first.symbols, first.occurrences) == (2, ("TAO", "FET"), 2)
    assert (second.reason, second.windows) == ("no prices in S&P 500 file", ("[0,5]",))


def test_sampling_keeps_the_furthest_with_its_sign() -> None:
    study = make_study(n_occurrences=2)
    table = study.sampling.copy()
    table.loc[table["symbol"] == "BTC", "max_minutes_apart"] = [120.0, -300.0]
    rows = sampling_rows(replace(study, sampling=table)).set_index("symbol")
    assert rows.loc["BTC"].to_dict() == {
        "basis": "nearest close",
        "minutes_apart": 180.0,
        "max_minutes_apart": -300.0,
        "day0": "1 bar earlier",
        "measured": "return",
    }
    assert rows.loc["ORCL", "day0"] == ""
    table.loc[table["symbol"] == "ORCL", "day0_shift"] = [0, 2]
    words = sampling_rows(replace(study, sampling=table)).set_index("symbol")["day0"]
    assert words["ORCL"] == "2 bars later in 1 of 2"
