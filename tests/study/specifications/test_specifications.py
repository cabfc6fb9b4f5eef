"""The specification curve: every row is a study, and the joint test keeps its size."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import special

import eventlab
from eventlab.errors import DataError
from eventlab.study import run_study
from eventlab.study.specifications.columns import choice_table, dominant
from eventlab.study.specifications.curve import SpecificationCurve, specification_curve
from eventlab.study.specifications.grid import specification_symbols
from tests.market.series import market
from tests.study.worlds import event, noise, stock, workspace

if TYPE_CHECKING:
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market

# Two programs sum the same numbers in another order; tables come from prefix sums (1e-12).
RTOL = 1e-10
START = date(2022, 1, 3)
SYMBOLS = {"AAA": "XNYS", "BBB": "XNYS", "SPY": "XNYS", "QQQ": "XNYS", "TTT": "24/7"}
LENGTH = 700
# Sessions 190, 260, 330 and so on of the clock, in two of which another event lies in the window.
DAYS = ["2022-10-05", "2023-01-17", "2023-04-27", "2023-08-09", "2023-11-16", "2024-03-01"]
OTHERS = ["2023-01-18", "2023-08-11"]
STUDY = {
    "assets": ["AAA"],
    "benchmark": "SPY",
    "estimation_window": [-100, -11],
    "event_window": [-3, 5],
    "car_windows": [[0, 0], [-1, 1]],
    "min_estimation": 40,
    "placebo": {"draws": 200},
}


def made(seed: int = 1, effect: float = 0.0, *, until: int = LENGTH) -> Market:
    """AAA and BBB on SPY and QQQ; ``effect`` on AAA's event bars, chaos after bar ``until``."""
    spy, qqq = noise(seed, LENGTH), noise(seed + 1, LENGTH, 0.006)
    own = [noise(seed + 2 + i, LENGTH, 0.012) for i in range(2)]
    for series in (spy, qqq, *own):
        series[until:] = noise(99, LENGTH - until, 0.2)
    a, b = (0.0003 + 1.1 * spy + 0.4 * qqq + e for e in own)
    a[np.array(event_bars()) - 1] += effect  # bar 0 has no return
    named = {"AAA": a, "BBB": b, "SPY": spy, "QQQ": 0.9 * spy + qqq}
    return market(*(stock(symbol, START, returns) for symbol, returns in named.items()))


@cache
def event_bars() -> list[int]:
    """Bars of day 0, read off a study of prices that do not matter."""
    series = stock("AAA", START, noise(0, LENGTH))
    days = [np.datetime64(day) for day in DAYS]
    return [int(np.flatnonzero(series.sessions == day)[0]) for day in days]


def news(**study: object) -> EventDefinition:
    return event("news", [f"{day} 10:00" for day in DAYS], **{**STUDY, **study})


def curve(
    definition: EventDefinition | None = None,
    prices: Market | None = None,
    **given: object,
) -> SpecificationCurve:
    definition = definition or news()
    other = event("other", [f"{day} 10:00" for day in OTHERS])
    there = workspace(definition, other, calendars=SYMBOLS)
    return specification_curve(definition, prices or made(), there, **given)  # type: ignore[arg-type]


def study_row(
    found: SpecificationCurve, row: int, definition: EventDefinition, prices: Market
) -> tuple[pd.Series, pd.DataFrame]:
    """Average and tests of the study that a row of the curve stands for."""
    own = found.definition(definition, row)
    other = event("other", [f"{day} 10:00" for day in OTHERS])
    study = run_study(own, prices, workspace(definition, other, calendars=SYMBOLS))
    average = study.aggregates[study.aggregates["group"] == found.group]
    tests = study.tests[study.tests["group"] == found.group].set_index("test")
    return average.iloc[0], tests


def test_every_choice_is_a_study() -> None:
    definition, prices = news(), made()
    found = curve(definition, prices, draws=0)
    specs = found.specs
    assert set(specs["model"]) >= {"constant_mean", "market_adjusted", "market_model"}
    assert set(specs["benchmark"]) == {"none", "SPY", "QQQ", "SPY+QQQ"}
    assert set(specs["overlaps"]) == {"flag", "exclude"}
    rng = np.random.default_rng(0)
    sampled = [
        int(rng.choice(part.index))
        for _, part in specs.groupby(["model", "benchmark", "overlaps"], sort=False)
    ]
    assert len(sampled) >= 12
    for row in sampled:
        average, tests = study_row(found, row, definition, prices)
        one = specs.loc[row]
        assert one["n_events"] == average["n_events"]
        np.testing.assert_allclose(one["estimate"], average["caar"], rtol=RTOL)
        if one["test"] == "bmp":
            wanted = tests.loc["bmp"]
            np.testing.assert_allclose(one["statistic"], wanted["statistic"], rtol=RTOL)
            np.testing.assert_allclose(one["pvalue"], wanted["pvalue"], rtol=RTOL)


def test_one_specification_is_the_study() -> None:
    only = {
        "models": ["market_model"],
        "benchmarks": ["SPY"],
        "estimation_windows": [[-100, -11]],
        "car_windows": [[-1, 1]],
        "overlaps": ["flag"],
        "days": ["all"],
    }
    definition, prices = news(specifications=only), made(effect=0.01)
    found = curve(definition, prices, seed=0)
    assert len(found.specs) == 1
    one = found.specs.iloc[0]
    average, tests = study_row(found, 0, definition, prices)
    np.testing.assert_allclose(one["estimate"], average["caar"], rtol=RTOL)
    assert one["placebo_pvalue"] == tests.loc["placebo", "pvalue"]
    summary = found.summary.iloc[0]
    assert summary["median"] == summary["q25"] == summary["least"] == one["estimate"]
    assert summary["n"] == summary["n_joint"] == 1
    assert summary["mean_score"] == one["score"]


def test_the_joint_tests_by_hand() -> None:
    # From the draws themselves, in plain numpy: medians, shares and mean scores of the joint rows.
    found = curve(prices=made(effect=0.004), draws=150)
    specs, summary = found.specs, found.summary.iloc[0]
    joint = specs[specs["joint"]]
    assert summary["joint_median"] == joint["estimate"].median()
    significant = joint["pvalue"] < 0.05
    shares = [(significant & (joint["score"] * sign > 0)).mean() for sign in (1, -1)]
    assert summary["joint_share"] == max(shares)
    tested = joint[joint["test"] == "bmp"]
    z = -special.ndtri(tested["pvalue"] / 2) * np.sign(tested["statistic"])
    np.testing.assert_allclose(tested["score"], z, rtol=1e-9)
    assert summary["joint_score"] == joint["score"].mean()
    ordered = specs[specs["rank"] >= 0].sort_values("rank")
    assert ordered["estimate"].is_monotonic_increasing
    assert ordered["null_low"].is_monotonic_increasing
    assert (ordered["null_low"] <= ordered["null_high"]).all()
    for name in ("median_pvalue", "share_pvalue", "score_pvalue"):
        assert round(summary[name] * 151) == pytest.approx(summary[name] * 151, abs=1e-9)


def test_the_direction_of_a_share_is_that_of_the_tests() -> None:
    # Draws are counted by their scores. A wild asset can turn the mean CAR while the mean of the
    # standardised CARs, which is tested, stays where it is: both specifications here say up.
    specs = pd.DataFrame(
        {
            "estimate": [-0.01, 0.02, 0.01],
            "score": [3.0, 3.0, 1.0],
            "significant": [True, True, False],
        }
    )
    assert dominant(specs) == 2 / 3
    assert dominant(specs.assign(score=-specs["score"])) == 2 / 3


def test_windows_of_different_dates_that_share_bars_leave_the_joint_tests() -> None:
    # Draws of one date after the other have no such windows; with all of them in, 19% reject at 5%.
    days = ["2023-08-09", "2023-08-10", "2023-08-11", "2023-11-15", "2023-11-16", "2023-11-17"]
    definition = event("news", [f"{day} 10:00" for day in days], **STUDY)
    found = curve(definition, draws=60)
    specs, summary = found.specs, found.summary.iloc[0]
    assert set(specs.loc[specs["joint"], "window"]) == {"[0,0]"}
    longer = specs[(specs["window"] == "[0,1]") & (specs["same_as"] < 0)]
    assert longer["placebo_pvalue"].isna().all()
    assert longer["note"].str.contains("windows of its dates share bars").all()
    assert "whose windows of different dates share bars" in summary["note"]
    assert np.isfinite(summary["score_pvalue"])


def test_an_effect_is_found_and_its_absence_is_not() -> None:
    strong, none = curve(prices=made(effect=0.03)), curve(prices=made())
    assert strong.summary.iloc[0][["median_pvalue", "score_pvalue"]].max() < 0.01
    assert strong.summary.iloc[0]["share_positive"] == 1.0
    assert none.summary.iloc[0][["median_pvalue", "share_pvalue", "score_pvalue"]].min() > 0.05


def test_the_joint_tests_hold_their_size() -> None:
    # Sixty markets without an effect: at 10% six rejections are expected, with a standard error of
    # 2.3; fourteen or more have a probability of 0.3%.
    small = {
        "models": ["market_model", "constant_mean"],
        "estimation_windows": [[-100, -11]],
        "car_windows": [[0, 0], [0, 1], [-1, 1]],
        "overlaps": ["flag"],
        "days": ["all"],
    }
    definition = news(specifications=small)
    names = ["median_pvalue", "share_pvalue", "score_pvalue"]
    found = pd.concat(
        [curve(definition, made(seed), draws=99).summary[names] for seed in range(100, 400, 5)]
    )
    rejected = (found < 0.1).sum()
    assert len(found) == 60
    assert (rejected[["median_pvalue", "score_pvalue"]] <= 13).all()
    assert rejected["share_pvalue"] <= 13
    # And they do not sleep: p-values of no effect are spread out.
    assert found["median_pvalue"].median() < 0.75
    assert found["median_pvalue"].median() > 0.25


def test_threads_and_seed_decide_nothing_and_everything() -> None:
    first = curve(threads=1, seed=3)
    again = curve(threads=2, seed=3)
    pd.testing.assert_frame_equal(first.specs, again.specs, check_exact=True)
    pd.testing.assert_frame_equal(first.summary, again.summary, check_exact=True)
    other = curve(seed=4)
    assert not first.specs["placebo_pvalue"].equals(other.specs["placebo_pvalue"])
    pd.testing.assert_series_equal(first.specs["estimate"], other.specs["estimate"])


def test_the_future_changes_nothing() -> None:
    # The last bar that anything reads: the event window ends on bar 5, dimson reads one more.
    last = max(event_bars()) + 6
    before, after = curve(), curve(prices=made(until=last))
    pd.testing.assert_frame_equal(before.specs, after.specs, check_exact=True)
    pd.testing.assert_frame_equal(before.summary, after.summary, check_exact=True)
    other = curve(prices=made(until=last - 2))
    assert not before.specs["estimate"].equals(other.specs["estimate"])


def test_what_changes_nothing_is_counted_once() -> None:
    # Without another event nothing is excluded: each such specification repeats one that counts.
    definition = news(specifications={"overlaps": ["flag", "exclude"]})
    alone = workspace(definition, calendars=SYMBOLS)
    found = specification_curve(definition, made(), alone, draws=50)
    specs, summary = found.specs, found.summary.iloc[0]
    repeats = specs[specs["overlaps"] == "exclude"]
    assert (repeats["same_as"] >= 0).all()
    assert (repeats["rank"] == -1).all()
    assert summary["n"] == summary["n_same"] == len(specs) / 2
    first = specs.loc[repeats["same_as"], "estimate"].to_numpy()
    np.testing.assert_array_equal(repeats["estimate"].to_numpy(), first)
    assert repeats["note"].str.startswith("the same numbers as specification").all()


def test_a_rule_that_leaves_other_events_is_no_choice() -> None:
    # One of two occurrences has another event in its window: half are left, still a choice.
    half = event("news", [f"{day} 10:00" for day in DAYS[:2]], **STUDY)
    assert set(curve(half, draws=0).specs["overlaps"]) == {"flag", "exclude"}
    one = event("news", [f"{DAYS[1]} 10:00"], **STUDY)
    found = curve(one, draws=0)
    assert set(found.specs["overlaps"]) == {"flag"}
    said = "overlaps: exclude would leave 0 of 1 occurrences and is not a choice"
    assert said in found.summary.iloc[0]["note"]
    named = event("news", [f"{DAYS[1]} 10:00"], **STUDY, specifications={"overlaps": ["exclude"]})
    found = curve(named, draws=0)
    assert (found.specs["note"] == "overlaps: exclude with days: all leaves no event").any()


def test_an_asset_that_few_occurrences_can_have_is_not_the_first_choice() -> None:
    definition = news(assets=["AAA", "BBB"])
    assert curve(definition).group == "AAA"
    prices = made()
    cut = prices.daily["AAA"]
    last = int(np.searchsorted(cut.sessions, np.datetime64(DAYS[0]))) + 1  # spans one of them
    kept = ("closes", "sessions", "prices", "raw", "volume")
    short = replace(cut, **{name: getattr(cut, name)[:last] for name in kept})
    found = curve(definition, replace(prices, daily={**prices.daily, "AAA": short}))
    assert found.group == "BBB"


def test_a_history_too_short_is_listed_with_its_reason() -> None:
    windows = {"estimation_windows": [[-160, -11], [-400, -250]], "car_windows": [[0, 0]]}
    first = [f"{DAYS[0]} 10:00"]
    definition = event("news", first, **{**STUDY, "specifications": windows})
    found = curve(definition, draws=50)
    short = found.specs[found.specs["n_events"] == 0]
    assert len(short)
    assert set(short["estimation_window"]) == {"[-400,-250]"}
    assert short["note"].str.startswith("no fit: at most 0 usable estimation rows").all()
    assert found.summary.iloc[0]["n_without"] == len(short)
    assert len(found.specs) == found.summary.iloc[0]["n_asked"]


def test_one_event_date_takes_every_placebo_date() -> None:
    definition = event("news", [f"{DAYS[4]} 10:00"], **STUDY)
    found = curve(definition, made(effect=0.05))
    summary = found.summary.iloc[0]
    assert bool(summary["exact"])
    assert summary["n_draws"] == summary["smallest_pool"] > 200
    assert summary["n_dates"] == 1
    assert set(found.specs["test"]) <= {"car_t", ""}
    one = found.specs[found.specs["rank"] >= 0].iloc[0]
    np.testing.assert_allclose(abs(one["score"]), -special.ndtri(one["pvalue"] / 2), rtol=1e-9)


def test_three_events_are_tested_by_the_placebo() -> None:
    definition = event("news", [f"{day} 10:00" for day in DAYS[3:]], **STUDY)
    found = curve(definition, made(effect=0.05))
    counted = found.specs[(found.specs["rank"] >= 0) & (found.specs["n_events"] > 1)]
    assert (counted["test"] == "placebo").all()
    np.testing.assert_array_equal(counted["pvalue"], counted["placebo_pvalue"])
    assert counted.loc[counted["window"] == "[0,0]", "significant"].all()


def test_a_group_on_shared_dates_is_widened() -> None:
    definition, prices = news(assets=["AAA", "BBB"]), made()
    found = curve(definition, prices, group="AAA", draws=0)
    assert found.group == "AAA"
    there = workspace(definition, calendars=SYMBOLS, pair=("AAA", "BBB"))
    both = specification_curve(definition, prices, there, group="@pair", draws=100)
    assert "kolari_pynnonen_bmp" in set(both.specs["test"])
    assert both.specs["n_events"].max() == 12


def test_the_choice_that_moves_the_answer_most() -> None:
    specs = curve(draws=0).specs
    table = choice_table(specs)
    model = table[table["choice"] == "model"].set_index("value")
    counted = specs[specs["rank"] >= 0]
    own = counted[counted["model"] == "constant_mean"]["estimate"]
    assert model.loc["constant_mean", "median"] == own.median()
    assert model["n"].sum() == len(counted)
    spread = model["median"].max() - model["median"].min()
    np.testing.assert_allclose(model["spread"], spread)
    assert "clock" not in set(table["choice"])  # one value only


def test_tokens_are_asked_on_both_clocks() -> None:
    # TTT trades round the clock: the same news is day 0 of a New York session and of a UTC day.
    spy = noise(5, LENGTH)
    token = noise(6, 1100, 0.03)
    prices = market(
        stock("SPY", START, spy),
        stock("TTT", START, token, calendar="24/7"),
        stock("QQQ", START, spy),
    )
    days = [f"{day} 10:00" for day in DAYS]
    definition = event("news", days, **{**STUDY, "assets": ["TTT"]})
    there = workspace(definition, calendars=SYMBOLS)
    found = specification_curve(definition, prices, there, draws=100)
    specs = found.specs
    asked = set(zip(specs["clock"], specs["sampling"], strict=True))
    assert asked == {("XNYS", "nearest"), ("XNYS", "previous"), ("24/7", "nearest")}
    # A regressor that is closed at weekends is no choice on a clock that never is.
    assert set(specs.loc[specs["clock"] == "24/7", "benchmark"]) == {"none"}
    joint = specs[specs["joint"]]
    assert set(joint["clock"]) == {"XNYS", "24/7"}
    row = int(joint.index[joint["clock"] == "24/7"][0])
    own = run_study(found.definition(definition, row), prices, there, draws=0)
    caar = own.aggregates.iloc[0]["caar"]
    np.testing.assert_allclose(specs["estimate"].to_numpy()[row], caar, rtol=RTOL)


def test_real_earnings_in_two_thousand_ways(market_dir: Path) -> None:
    there = eventlab.load_workspace(Path(__file__).parents[3])
    definition = there.event("oracle-earnings")
    read = specification_symbols(definition, there)
    prices = eventlab.load_market(there, str(market_dir), events=[definition], extra=read)
    found = specification_curve(definition, prices, there, draws=200)
    summary = found.summary.iloc[0]
    assert found.group == "ORCL"  # the issuer
    assert summary["n"] == summary["n_asked"] == 1980
    assert summary["n_joint"] == 1980
    # The study of the file is one of them, with its own number.
    row = found.specs.query(
        "model == 'market_model' and benchmark == 'SPY' and estimation_window == '[-250,-11]' "
        "and window == '[0,0]'"
    )
    assert len(row) == 1
    study = run_study(definition, prices, there, draws=0)
    average = study.aggregates.query("group == 'ORCL' and tag == 'all' and window == '[0,0]'")
    caar = average["caar"].to_numpy()
    np.testing.assert_allclose(row["estimate"].to_numpy(), caar, rtol=RTOL)


def test_a_group_without_prices_is_named() -> None:
    with pytest.raises(DataError, match=r"AAB has no prices in .*Did you mean AAA\?"):
        curve(group="AAB")
