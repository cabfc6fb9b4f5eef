"""Abnormal volume and volatility: the machinery of returns on another series."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import eventlab as ev
from eventlab.definitions.study import StudyDefinition
from eventlab.errors import DataError, UsageError
from eventlab.study import run_study
from tests.market.series import market
from tests.study.lookup import number, pick, reasons
from tests.study.worlds import event, noise, stock, workspace

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions import EventDefinition
    from eventlab.market.types import PriceSeries

REPOSITORY = Path(__file__).parents[2]
START, SESSIONS, DAY0 = date(2024, 1, 2), 150, 120
NEWS = ["2024-06-25 10:00"]  # row 120 of New York's sessions
WINDOWS = {"estimation_window": [-79, -6], "event_window": [-2, 2], "car_windows": [[0, 0], [0, 1]]}
CALENDARS = {"AAA": "XNYS", "MKT": "XNYS"}
EXACT: dict[str, Any] = {"rel": 0, "abs": 1e-13}  # sums of 74 logs
OUTSIDE: dict[str, Any] = {"rtol": 1e-9, "atol": 0}
# 400 draws of 5%: s.e. 1.1 points, and three of them.
SIZE_RUNS, SIZE_BOUND = 400, 0.033


def traded(symbol: str, volume: npt.NDArray[np.float64], seed: int = 1) -> PriceSeries:
    return replace(stock(symbol, START, noise(seed, len(volume) - 1)), volume=volume)


def study_of(*series: PriceSeries, **study: object) -> ev.EventStudy:
    one = event("one", NEWS, **{"assets": ["AAA"], "measure": "volume", **WINDOWS, **study})
    return run_study(one, market(*series), workspace(one, calendars=CALENDARS), draws=0)


def test_the_abnormal_value_is_the_log_of_the_ratio_to_the_usual() -> None:
    volume = np.where(np.arange(SESSIONS) % 2, 400.0, 100.0)  # their logs' mean is that of 200
    volume[DAY0], volume[DAY0 + 1] = 600.0, 50.0
    found = study_of(traded("AAA", volume))
    assert number(found.fits, "alpha", symbol="AAA") == pytest.approx(math.log(200.0), **EXACT)
    assert number(found.cars, "car", window="[0,0]") == pytest.approx(math.log(3.0), **EXACT)
    assert number(found.cars, "car", window="[0,1]") == pytest.approx(math.log(0.75), **EXACT)
    actual = number(found.abnormal_returns, "actual", tau=0)
    assert actual == pytest.approx(math.log(600.0), **EXACT)
    assert found.fits["model"].tolist() == ["constant_mean"]


def test_what_only_returns_have_is_left_out_with_the_reason() -> None:
    found = study_of(traded("AAA", np.exp(noise(3, SESSIONS, 0.3) + 9.0)))
    assert found.cars["bhar"].isna().all()
    assert found.event_days.empty
    assert found.truth.empty
    said = pick(found.exclusions, occurrence="all", symbol="all")
    assert dict(zip(said["window"], said["reason"], strict=True)) == {
        "bhar": "a buy-and-hold return compounds returns, and the log of volume is none",
        "event_days": "raw event days compare mean returns; for volume see the abnormal values",
    }
    assert found.sampling["measured"].tolist() == ["log volume of daily bars"]


def test_on_a_simulated_market_the_truth_is_one_of_returns() -> None:
    one = event("one", ["2024-05-08 16:20"], assets=["BTC"], measure="volatility")
    held = ev.load_market(ev.load_workspace(REPOSITORY), "sample", events=[one])
    found = run_study(one, held, draws=0)
    assert held.truth is not None
    assert found.truth.empty
    assert "truth" in found.exclusions["window"].tolist()
    assert found.cars["car"].notna().any()
    wanted = replace_measure(one, "volume")
    empty = run_study(wanted, held, draws=0)
    assert empty.cars.empty
    assert "its prices have no volume above zero on this clock" in str(reasons(empty.exclusions))


def replace_measure(one: EventDefinition, measure: str) -> EventDefinition:
    assert one.study is not None
    return one.model_copy(update={"study": one.study.model_copy(update={"measure": measure})})


def test_a_session_without_volume_is_missing_and_said_to_be() -> None:
    volume = np.exp(noise(3, SESSIONS, 0.3) + 9.0)
    volume[DAY0 + 1] = 0.0
    found = study_of(traded("AAA", volume))
    assert number(found.cars, "car", window="[0,0]") != 0.0
    assert np.isnan(number(found.cars, "car", window="[0,1]"))
    assert "no volume above zero on 2024-06-26" in str(reasons(found.exclusions))


def test_a_market_model_regresses_on_the_log_volume_of_the_benchmark() -> None:
    own, other = (np.exp(noise(seed, SESSIONS, 0.3) + 9.0) for seed in (3, 4))
    own *= np.sqrt(other)
    found = study_of(
        traded("AAA", own), traded("MKT", other), benchmark="MKT", model="market_model"
    )
    rows = slice(DAY0 - 79, DAY0 - 5)
    fit = sm.OLS(np.log(own[rows]), sm.add_constant(np.log(other[rows]))).fit()
    alpha, beta = fit.params
    names = ["alpha", "beta", "sigma"]
    want = [alpha, beta, math.sqrt(fit.mse_resid)]
    np.testing.assert_allclose(found.fits[names].to_numpy()[0], want, **OUTSIDE)
    ar = np.log(own[DAY0]) - alpha - beta * np.log(other[DAY0])
    np.testing.assert_allclose(number(found.cars, "car", window="[0,0]"), ar, **OUTSIDE)


def test_features_of_an_occurrence_speak_of_returns_still() -> None:
    held = traded("AAA", np.exp(noise(3, SESSIONS, 0.3) + 9.0))
    given = {"cross_section": {"features": ["volatility"]}}
    found = study_of(held, **given)
    returns = held.prices[1:] / held.prices[:-1] - 1.0
    want = returns[DAY0 - 21 : DAY0 - 1].std(ddof=1)  # return t stands in row t + 1
    assert found.features["value"].tolist() == pytest.approx([want], rel=1e-12)


def test_frames_of_logs_give_the_numbers_of_the_event_file() -> None:
    volume = np.exp(noise(3, SESSIONS, 0.3) + 9.0)
    found = study_of(traded("AAA", volume))
    logs = pd.DataFrame({"AAA": np.log(volume)})
    events = pd.DataFrame({"event_id": ["n0"], "symbol": ["AAA"], "session": [DAY0]})
    given: dict[str, Any] = {"estimation_window": (-79, -6), "event_window": (-2, 2)}
    result = ev.event_study(
        logs, events, measure="volume", car_windows=[(0, 0), (0, 1)], draws=0, **given
    )
    np.testing.assert_allclose(result.car.to_numpy()[0], found.cars["car"], rtol=1e-12)
    assert result.bhar.isna().all(axis=None)
    assert result.summary().startswith("log volume, constant_mean, 1 events")
    assert "%" not in result.summary()


def test_frames_are_refused_where_they_are_no_logs_or_no_known_measure() -> None:
    events = pd.DataFrame({"event_id": ["a"], "symbol": ["AAA"], "session": [100]})
    volume = pd.DataFrame({"AAA": np.exp(noise(3, SESSIONS, 0.3) + 12.0)})
    with pytest.raises(DataError, match=r"no log of a volume does; pass logs, np\.log"):
        ev.event_study(volume, events, measure="volume")
    with pytest.raises(DataError, match="or say measure='volume' for log volumes"):
        ev.event_study(volume.transform(np.log), events, model="constant_mean")
    with pytest.raises(UsageError, match=r"no 'volum' .did you mean volume"):
        ev.event_study(volume, events, measure="volum")


def test_what_cannot_be_said_is_refused_in_files_and_calls() -> None:
    volume = traded("AAA", np.exp(noise(3, SESSIONS, 0.3) + 9.0))
    with pytest.raises(ValueError, match="market_adjusted takes the benchmark's log volume off"):
        study_of(volume, model="market_adjusted", benchmark="MKT")
    one = event("one", NEWS, assets=["AAA"], benchmark="MKT", model="market_adjusted")
    with pytest.raises(UsageError, match=r"one: study\.model: market_adjusted takes"):
        run_study(
            replace_measure(one, "volume"), market(volume), workspace(one, calendars=CALENDARS)
        )
    with pytest.raises(ValueError, match="has a shape over the day"):
        event("one", NEWS, assets=["AAA"], measure="volatility", bar="5min")


def test_the_placebo_keeps_its_size_on_a_series_that_remembers_where_the_t_does_not() -> None:
    rng = np.random.default_rng(11)
    given: dict[str, Any] = {
        "estimation_window": (-120, -11),
        "event_window": (0, 5),
        "car_windows": [(0, 5)],
    }
    placebo, single = 0, 0
    for run in range(SIZE_RUNS):
        shocks = rng.normal(0.0, 0.3, 1100)
        logs = np.empty(1100)
        logs[0] = shocks[0] / 0.6
        for t in range(1, 1100):
            logs[t] = 0.8 * logs[t - 1] + shocks[t]
        events = pd.DataFrame({"event_id": ["a"], "symbol": ["AAA"], "session": [1000]})
        found = ev.event_study(
            pd.DataFrame({"AAA": logs + 15.0}), events, measure="volume", draws=199, seed=run,
            tests=["placebo"], **given,
        )  # fmt: skip
        placebo += found.tests["pvalue"].iloc[0] < 0.05
        single += found.car_tests["pvalue"].iloc[0] < 0.05
    assert abs(placebo / SIZE_RUNS - 0.05) < SIZE_BOUND
    assert single / SIZE_RUNS > 0.2  # which is why the page says so


@pytest.fixture(scope="module")
def shipped() -> ev.Workspace:
    return ev.load_workspace(REPOSITORY)


def test_oracle_traded_eight_times_its_usual_volume(
    shipped: ev.Workspace, market_dir: Path
) -> None:
    event_file = shipped.event("oracle-earnings")
    one = event_file.model_copy(
        update={"study": StudyDefinition.model_validate({"assets": ["ORCL"], "measure": "volume"})}
    )
    found = run_study(one, ev.load_market(shipped, str(market_dir), events=[one]))
    raw = pd.read_parquet(market_dir / "daily.parquet", columns=["date", "symbol", "volume"])
    logs = raw[raw["symbol"] == "ORCL"].set_index("date")["volume"].transform(np.log)
    day = int(np.flatnonzero(logs.index == pd.Timestamp("2025-12-11"))[0])
    usual = logs.iloc[day - 250 : day - 10]
    own = pick(found.cars, occurrence="fy2026-q2", window="[0,0]").iloc[0]
    np.testing.assert_allclose(own["car"], logs.iloc[day] - usual.mean(), **OUTSIDE)
    error = usual.std(ddof=1) * math.sqrt(1 + 1 / 240)
    np.testing.assert_allclose(own["stderr"], error, **OUTSIDE)
    assert math.exp(own["car"]) == pytest.approx(8.0, abs=0.1)
    assert own["placebo_pvalue"] < 0.01
    mean = pick(found.aggregates, group="ORCL", tag="all", window="[0,0]")["caar"].iloc[0]
    assert math.exp(mean) == pytest.approx(3.8, abs=0.1)


def test_bitcoin_was_wild_on_the_day_of_the_liquidations(
    shipped: ev.Workspace, market_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "daily.parquet").symlink_to(market_dir / "daily.parquet")
    study = {"assets": ["BTC"], "measure": "volatility", "clock": "24/7"}
    when = [{"announced_at": "2025-10-10T17:20:00", "id": "liquidations"}]
    one = event("liquidations", when, **study)
    found = run_study(one, ev.load_market(shipped, str(tmp_path), events=[one]))
    raw = pd.read_parquet(market_dir / "daily.parquet")
    bars = raw[raw["symbol"] == "BTC"].set_index("date")
    before = bars["close"].shift().to_numpy()
    highest = np.maximum(bars["high"].to_numpy(), before)
    lowest = np.minimum(bars["low"].to_numpy(), before)
    logs = 0.5 * np.log(np.log(highest / lowest) ** 2 / (4 * math.log(2)))
    day = int(np.flatnonzero(bars.index == pd.Timestamp("2025-10-10"))[0])
    usual = logs[day - 250 : day - 10]
    own = pick(found.cars, window="[0,0]").iloc[0]
    np.testing.assert_allclose(own["car"], logs[day] - usual.mean(), **OUTSIDE)
    assert math.exp(own["car"]) > 4.0
    assert own["placebo_pvalue"] < 0.01
    assert found.sampling["measured"].tolist() == ["log range of daily bars, from the close before"]
