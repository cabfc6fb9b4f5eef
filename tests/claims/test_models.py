"""Abnormal returns as claims: against loops, statsmodels and by hand; causality and limits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.claims.measures.models import event_car
from eventlab.claims.types import Measured, Untestable
from eventlab.market.futures import scrambled
from eventlab.market.workspace_market import claim_symbols
from eventlab.study.run import run_study
from tests.claims.model_world import CLOCK, NEWS, ask, bench_of, returns
from tests.naive_claims_models import market_model_car

if TYPE_CHECKING:
    from eventlab.claims.bench import Bench
    from eventlab.definitions import EventDefinition

CLOSE = 1e-12  # relative: two ways to sum the same few hundred numbers
ROWS = (-200, -11)
WINDOW = (0, 1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("models"))


def car(bench: Bench, *symbols: str, **said: Any) -> tuple[Measured, ...]:
    given: dict[str, Any] = {"window": WINDOW, "published": "negative"} | said
    return event_car(ask(bench, "event_car", *symbols, **given), bench)


def naive(symbol: str, row: int, rows: tuple[int, int] = ROWS) -> tuple[float, float, int]:
    moves = returns()
    return market_model_car(moves[symbol].tolist(), moves["MKT"].tolist(), row, rows, WINDOW)


def test_one_occurrence_is_the_car_with_its_forecast_interval(bench: Bench) -> None:
    first = car(bench, "XXX", occurrence="two")[0]
    value, error, dof = naive("XXX", NEWS[1])
    half = stats.t.ppf(0.975, dof) * error
    found = [first.value, first.low, first.high]
    np.testing.assert_allclose(found, [value, value - half, value + half], rtol=1e-10)
    assert (first.word, first.holds, first.n, first.unit) == ("negative", True, 1, "return")
    assert first.interval == "forecast error of the model"
    assert (first.reading.first, first.reading.last) == (
        str(CLOCK.sessions[NEWS[1] - 1]),
        str(CLOCK.sessions[NEWS[1] + 1]),
    )
    assert first.reading.detail == "market model on MKT"
    assert first.note.startswith("placebo p 0.")


def test_one_bar_agrees_with_statsmodels(bench: Bench) -> None:
    first = car(bench, "XXX", occurrence="one", window=(0, 0))[0]
    moves, row = returns(), NEWS[0]
    own = slice(row + ROWS[0], row + ROWS[1] + 1)
    fit = sm.OLS(moves["XXX"][own], sm.add_constant(moves["MKT"][own])).fit()
    ahead = fit.get_prediction([[1.0, moves["MKT"][row]]])
    low, high = ahead.conf_int(obs=True, alpha=0.05)[0]
    actual = moves["XXX"][row]
    expected = [actual - ahead.predicted_mean[0], actual - high, actual - low]
    np.testing.assert_allclose([first.value, first.low, first.high], expected, rtol=1e-9)


def test_every_reading_varies_one_thing(bench: Bench) -> None:
    found = car(bench, "XXX", occurrence="two")
    windows = [each.reading.window.partition(" from ")[0] for each in found]
    assert list(zip(windows, (each.reading.detail for each in found), strict=True)) == [
        ("bars [0, 1]", "market model on MKT"),
        ("bars [0, 1]", "market adjusted on MKT"),
        ("bars [0, 1]", "constant mean"),
        ("bars [0, 1]", "market model on MKT, estimated on [-105,-11]"),
        ("bars [-1, 1]", "market model on MKT"),
        ("bars [0, 2]", "market model on MKT"),
    ]
    moves, row = returns(), NEWS[1]
    bars = slice(row, row + 2)
    assert found[1].value == pytest.approx((moves["XXX"] - moves["MKT"])[bars].sum(), rel=1e-9)
    mean = moves["XXX"][row + ROWS[0] : row + ROWS[1] + 1].mean()
    assert found[2].value == pytest.approx((moves["XXX"][bars] - mean).sum(), rel=1e-9)
    half = naive("XXX", row, (-105, -11))
    assert found[3].value == pytest.approx(half[0], rel=1e-9)


def test_windows_of_readings_replace_the_neighbours(bench: Bench) -> None:
    found = car(
        bench,
        "XXX",
        occurrence="two",
        readings={"windows": [(0, 5)]},
        beyond={"windows": [(0, 20)]},
    )
    windows = [each.reading.window.partition(" from ")[0] for each in found[4:]]
    assert windows == ["bars [0, 5]", "bars [0, 20]"]
    assert [each.reading.within for each in found[4:]] == [True, False]


@pytest.mark.parametrize(("tag", "rows"), [(None, NEWS), ("bad", NEWS[:2])])
def test_several_occurrences_are_averaged(
    bench: Bench, tag: str | None, rows: tuple[int, ...]
) -> None:
    first = car(bench, "XXX", tag=tag)[0]
    cars = [naive("XXX", row)[0] for row in rows]
    mean = sum(cars) / len(cars)
    assert first.value == pytest.approx(mean, rel=1e-9)
    assert first.n == len(rows)
    spread = math.sqrt(sum((one - mean) ** 2 for one in cars) / (len(cars) - 1) / len(cars))
    plain = stats.t.ppf(0.975, len(cars) - 1) * spread
    assert first.high - mean == pytest.approx(mean - first.low, rel=1e-9)
    assert first.high - mean >= plain * (1 - CLOSE)  # widened, never narrowed
    assert first.reading.first == str(CLOCK.sessions[rows[0]])
    assert ("with tag bad" in first.reading.window) == (tag is not None)


def test_members_that_share_dates_have_no_interval(bench: Bench) -> None:
    both = car(bench, "@followers", occurrence="two")[0]
    mean = (naive("YYY", NEWS[1])[0] + naive("ZZZ", NEWS[1])[0]) / 2
    assert both.value == pytest.approx(mean, rel=1e-9)
    assert math.isnan(both.low)
    assert both.interval == "none: members share dates, the placebo p speaks"
    assert car(bench, "YYY", "ZZZ", occurrence="two")[0].value == pytest.approx(mean, rel=1e-9)


def test_words(bench: Bench) -> None:
    def holds(symbol: str, published: object) -> bool | None:
        return car(bench, symbol, occurrence="two", published=published)[0].holds

    assert holds("XXX", "negative") is True
    assert holds("XXX", "positive") is False
    assert holds("XXX", "none") is False
    assert holds("ZZZ", "negative") is None
    assert holds("ZZZ", "positive") is None
    assert holds("ZZZ", "none") is True
    assert holds("XXX", -0.08) is None  # a figure: the verdict compares


def event_with(bench: Bench, **study: Any) -> EventDefinition:
    event = bench.workspace.events["news"]
    assert event.study is not None
    return event.model_copy(update={"study": event.study.model_copy(update=study)})


def test_the_study_of_the_run_is_read_where_it_is_of_the_same_event(bench: Bench) -> None:
    event = bench.workspace.events["news"]
    study = run_study(event, bench.market, bench.workspace, draws=50)
    mine = study.cars["symbol"].eq("XXX") & study.cars["occurrence"].eq("two")
    marked = replace(study, cars=study.cars.assign(car=study.cars["car"].where(~mine, -0.5)))
    ours = replace(bench, studies={"news": marked})
    assert car(ours, "XXX", occurrence="two")[0].value == -0.5
    assert car(ours, "XXX", occurrence="two")[1].value != -0.5
    other = replace(marked, event=event_with(bench, level=0.1))
    assert car(replace(bench, studies={"news": other}), "XXX", occurrence="two")[0].value != -0.5
    tagged = car(replace(bench, studies={"news": study}), "XXX", tag="bad")[0]
    assert tagged.value == pytest.approx(car(bench, "XXX", tag="bad")[0].value, rel=1e-9)
    assert (tagged.low, tagged.high) == pytest.approx(
        (car(bench, "XXX", tag="bad")[0].low, car(bench, "XXX", tag="bad")[0].high), rel=1e-9
    )


def test_the_future_changes_nothing(bench: Bench) -> None:
    last = int(CLOCK.closes[NEWS[1] + 2])  # of the longest reading
    other = replace(bench, market=scrambled(bench.market, last, 3))
    here, there = (car(each, "XXX", occurrence="two") for each in (bench, other))
    for now, then in zip(here, there, strict=True):
        assert (now.value, now.low, now.high) == (then.value, then.low, then.high)
    first = replace(bench, market=scrambled(bench.market, int(CLOCK.closes[NEWS[1] - 1]), 3))
    assert car(first, "XXX", occurrence="two")[0].value != here[0].value


def test_what_cannot_be_measured_says_why(bench: Bench) -> None:
    plain = ask(bench, "event_car", "XXX", event="plain", window=(0, 0), published="none")
    with pytest.raises(Untestable, match="plain has no study section"):
        event_car(plain, bench)
    with pytest.raises(Untestable, match=r"reach into the estimation window \[-200,-11\]"):
        car(bench, "XXX", occurrence="two", window=(-11, 0))
    with pytest.raises(Untestable, match="write window"):
        car(bench, "XXX", occurrence="two", window="3 months")
    volume = event_with(bench, measure="volume")
    question = ask(bench, "event_car", "XXX", occurrence="two", window=(0, 0), published="none")
    with pytest.raises(Untestable, match="measures volume, not returns"):
        event_car(replace(question, event=volume), bench)
    lacking = car(bench, "QQQ", occurrence="two")
    assert all(math.isnan(each.value) for each in lacking)
    assert all("made up" in each.note for each in lacking)


def test_who_announced_is_everyone_where_no_occurrence_is_named(bench: Bench) -> None:
    own = event_car(ask(bench, "event_car", "XXX", window=(0, 0), published="none"), bench)
    whose = event_car(ask(bench, "event_car", "@issuer", window=(0, 0), published="none"), bench)
    assert [each.value for each in whose] == [each.value for each in own]
    assert math.isfinite(whose[0].value)
    one = ask(bench, "event_car", "@issuer", occurrence="two", window=(0, 0), published="none")
    same = ask(bench, "event_car", "XXX", occurrence="two", window=(0, 0), published="none")
    assert event_car(one, bench)[0].value == event_car(same, bench)[0].value


def test_symbols_of_the_model_are_loaded(bench: Bench) -> None:
    questions = [
        ask(bench, "event_car", "@issuer", window=(0, 0), published="none"),
        ask(bench, "contagion_verdict", "YYY", occurrence="two", published="contagion"),
        ask(bench, "bubble", "ZZZ", event=None, as_of="2023-06-01", published="bubble"),
    ]
    assert set(claim_symbols(questions[:1], bench.workspace)) == {"XXX", "MKT"}
    assert set(claim_symbols(questions[1:2], bench.workspace)) == {"YYY", "XXX", "MKT"}
    assert claim_symbols(questions[2:], bench.workspace) == ("ZZZ",)
