"""Features, splits and regressions of a whole study, from its definition to its tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.study.conditions.cross_section import regress
from eventlab.study.conditions.splits import split_difference
from tests.market.series import market
from tests.study.conditions.test_states import START, study, whole_market
from tests.study.lookup import pick, row
from tests.study.worlds import noise, stock

# One planted day in twenty lies in the estimation windows of later events and raises their alpha.
PLANTED = 0.05
DAYS = [f"2024-{month:02d}-{day:02d}" for month in (4, 5, 6, 7) for day in (2, 9, 16, 23)]
TIMES = [
    {
        "announced_at": f"{day} 10:00",
        "tags": ["cut"] if k % 3 == 0 else ["hold"],
        "facts": {"bp": -25 * (k % 3 == 0)},
        "surprise": {"eps": {"expected": 1.0, "actual": 1.0 + k % 5}} if k else {},
    }
    for k, day in enumerate(DAYS)
]
STATES = {"cut": {"tag": "cut"}, "loud": {"series": "^VIX", "when": "above_median", "lookback": 30}}
FEATURES = ["beta", "volatility", "momentum", "fact.bp", "surprise.eps", "tag.cut", "level.^VIX"]


def one(table: pd.DataFrame, **where: object) -> Any:
    """The only row with these values, its cells of any type."""
    return row(table, **where)


@pytest.fixture(scope="module")
def found() -> Any:
    return study(times=TIMES, states=STATES, cross_section={"features": FEATURES})


def test_features_are_those_of_the_pair_and_of_the_occurrence(found: Any) -> None:
    pair = {"occurrence": "n4", "symbol": "BBB"}
    values = {name: one(found.features, feature=name, **pair)["value"] for name in FEATURES}
    fit = one(found.fits, **pair)
    assert values["beta"] == fit["beta"]
    series = whole_market().daily["BBB"]
    day0 = int(np.searchsorted(series.sessions, np.datetime64(fit["event_session"], "D")))
    returns = series.prices[1:] / series.prices[:-1] - 1.0  # of bar i at place i - 1
    last = returns[day0 - 21 : day0 - 1]  # the twenty bars before day 0, which is not among them
    assert len(last) == 20
    assert values["volatility"] == pytest.approx(last.std(ddof=1), rel=1e-12)
    assert values["momentum"] == pytest.approx(
        series.prices[day0 - 1] / series.prices[day0 - 21] - 1.0, rel=1e-12
    )
    assert (values["fact.bp"], values["surprise.eps"], values["tag.cut"]) == (0.0, 4.0, 0.0)
    level = one(found.features, feature="level.^VIX", **pair)
    loud = one(found.states, state="loud", occurrence="n4")
    assert (level["value"], level["as_of"]) == (loud["reading"], loud["as_of"])


def test_the_regression_is_that_of_the_tables(found: Any) -> None:
    wide = found.features.set_index(["occurrence", "symbol", "feature"])["value"].unstack()  # noqa: PD010
    cars = found.cars[found.cars["window"] == "[0,0]"].set_index(["occurrence", "symbol"])["car"]
    days = found.fits.set_index(["occurrence", "symbol"])["event_session"].reindex(cars.index)
    names = ["beta", "volatility", "momentum", "fact.bp", "surprise.eps", "tag.cut", "level.^VIX"]
    plain = regress(cars, wide.reindex(cars.index)[names], days).table
    own = pick(found.cross_section, group="all", window="[0,0]")
    pd.testing.assert_frame_equal(
        own.drop(columns=["group", "window"]).reset_index(drop=True), plain, check_exact=False
    )
    # The change of the rate and the tag say the same.
    notes = dict(zip(own["feature"], own["note"], strict=True))
    assert notes["tag.cut"].startswith("dropped: follows from constant, beta")
    assert "surprise.eps 2" in notes["constant"]


def test_the_splits_are_those_of_the_tables(found: Any) -> None:
    cars = pick(found.cars, window="[0,0]", symbol="AAA").set_index("occurrence")["car"]
    cut = {f"n{k}" for k in range(0, len(TIMES), 3)}
    inside = np.array([name in cut for name in cars.index])
    plain = split_difference(cars.to_numpy(), inside, np.arange(len(cars)))
    own = one(found.splits, state="cut", group="AAA", window="[0,0]")
    for name, value in plain.row().items():
        assert own[name] == value or name == "note", name
    both = one(found.splits, state="cut", group="all", window="[0,0]")
    assert (both["n_in"], both["dates_in"]) == (2 * own["n_in"], own["dates_in"])


def test_only_the_windows_asked_for_are_explained() -> None:
    asked: dict[str, Any] = {
        "times": TIMES,
        "states": {},
        "car_windows": [[0, 0], [-1, 1], [0, 2]],
        "cross_section": {"features": ["beta"], "windows": [[-1, 1]]},
    }
    assert set(study(**asked).cross_section["window"]) == {"[-1,1]"}
    asked["cross_section"] = {"features": ["beta"]}
    assert set(study(**asked).cross_section["window"]) == {"[0,0]", "[-1,1]", "[0,2]"}


def test_a_model_without_beta_drops_it_with_the_reason() -> None:
    section = {"features": ["beta", "volatility"]}
    found = study(times=TIMES, model="constant_mean", benchmark=None, cross_section=section)
    dropped = one(found.cross_section, group="AAA", feature="beta")
    assert dropped["note"] == ("dropped: not known at any event: constant_mean has no beta")
    assert np.isfinite(one(found.cross_section, group="AAA", feature="volatility")["statistic"])


def test_a_feature_of_a_series_that_is_absent_is_dropped_with_the_reason() -> None:
    found = study(times=TIMES, cross_section={"features": ["beta", "level.DXY"]})
    dropped = one(found.cross_section, group="AAA", feature="level.DXY")
    assert dropped["note"] == "dropped: not known at any event: DXY has no prices in made up"
    beta = one(found.cross_section, group="AAA", feature="beta")
    assert np.isfinite(beta["statistic"])


def test_a_planted_slope_is_found() -> None:
    """Day 0 gets 2% where the fact is -25 and nothing else differs: a slope of -0.0008 per bp."""
    plain = study(times=TIMES, states={})
    extra = {"AAA": np.zeros(150), "BBB": np.zeros(150)}
    for occurrence, day in zip(plain.fits["occurrence"], plain.fits["event_session"], strict=True):
        if int(occurrence[1:]) % 3 == 0:
            sessions = whole_market().daily["AAA"].sessions
            at = int(np.searchsorted(sessions, np.datetime64(day, "D")))
            for added in extra.values():
                added[at - 1] = 0.02
    made = market(
        stock("AAA", START, noise(1, 150, 1e-4) + extra["AAA"]),
        stock("BBB", START, noise(2, 150, 1e-4) + extra["BBB"]),
        stock("MKT", START, noise(3, 150)),
    )
    made = replace(made, daily={**made.daily, "^VIX": whole_market().daily["^VIX"]})
    ours = {"features": ["fact.bp"]}
    found = study(made, times=TIMES, states={"cut": {"tag": "cut"}}, cross_section=ours)
    slope = one(found.cross_section, group="all", feature="fact.bp")
    assert slope["coefficient"] == pytest.approx(-0.0008, rel=PLANTED)
    assert slope["pvalue"] < 1e-6
    split = one(found.splits, state="cut", group="all")
    assert split["difference"] == pytest.approx(0.02, rel=PLANTED)
    assert split["permutation_pvalue"] <= 0.005


def test_a_study_of_volatility_is_described_by_the_volatility_of_returns() -> None:
    features = {}
    for measure in ("returns", "volatility"):
        section = {"features": ["volatility"]}
        changes = {"measure": measure, "model": "constant_mean", "benchmark": None}
        found = study(times=TIMES, cross_section=section, **changes).features
        features[measure] = found[found["symbol"] == "AAA"]["value"].tolist()
    assert features["volatility"] == features["returns"]
    assert np.isfinite(features["returns"]).all()
