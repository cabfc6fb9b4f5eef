"""CARs regressed on features: what is dropped, what is left out, and what is said of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import eventlab as ev
from eventlab.errors import UsageError
from eventlab.study.conditions.cross_section import UNKNOWN, regress

EXTERNAL = 1e-10


def sample(seed: int = 0, n: int = 80, dates: int = 20) -> tuple[Any, pd.DataFrame, Any]:
    """CARs that rise with ``beta``, several events a date, as a user holds them."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"e{i}" for i in range(n)])
    drawn = np.concatenate([rng.integers(0, dates, n - dates), np.arange(dates)])
    day = pd.Series(pd.bdate_range("2024-01-02", periods=dates)[drawn], index)
    beta = rng.normal(1.0, 0.4, n)
    features = pd.DataFrame(
        {"beta": beta, "volatility": rng.gamma(4.0, 0.01, n), "cut": rng.random(n) < 0.4}, index
    )
    common = dict(zip(day.unique(), rng.normal(0, 0.01, day.nunique()), strict=True))
    car = pd.Series(0.01 * beta + day.map(common) + rng.standard_t(5, n) * 0.02, index)
    return car, features, day


def line(table: pd.DataFrame, feature: str) -> dict[str, Any]:
    return dict(table.set_index("feature").loc[feature])


def test_statsmodels_has_the_same_table() -> None:
    car, features, day = sample()
    found = regress(car, features, day)
    theirs = sm.OLS(car, sm.add_constant(features.astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(day)[0]}, use_t=True
    )
    assert found.table["feature"].tolist() == ["constant", "beta", "volatility", "cut"]
    for ours, name in (("coefficient", "params"), ("stderr", "bse"), ("statistic", "tvalues")):
        np.testing.assert_allclose(found.table[ours], getattr(theirs, name), rtol=EXTERNAL)
    np.testing.assert_allclose(found.table["pvalue"], theirs.pvalues, rtol=1e-8)
    assert found.table["dof"].tolist() == [19.0] * 4
    assert (found.table[["n_events", "n_dates"]] == [80, 20]).all(axis=None)
    assert found.table["bootstrap_pvalue"].between(0.001, 1.0).all()
    assert not found.left_out


def test_it_is_a_public_name() -> None:
    car, features, day = sample()
    pd.testing.assert_frame_equal(
        ev.cross_section(car, features, day).table, regress(car, features, day).table
    )


def test_thirty_dates_need_no_bootstrap() -> None:
    car, features, day = sample(n=200, dates=40)
    assert regress(car, features, day).table["bootstrap_pvalue"].isna().all()


def test_on_a_constant_alone_it_is_the_t_of_the_mean() -> None:
    car, features, _ = sample()
    nothing = features[[]]
    one_each = pd.Series(range(len(car)), car.index)
    found = line(regress(car, nothing, one_each).table, "constant")
    assert found["coefficient"] == pytest.approx(car.mean())
    assert found["statistic"] == pytest.approx(
        math.sqrt(len(car)) * car.mean() / car.std(ddof=1), rel=1e-12
    )


def test_a_state_alone_is_the_difference_of_means() -> None:
    car, features, day = sample()
    found = line(regress(car, features[["cut"]], day).table, "cut")
    cut = features["cut"]
    assert found["coefficient"] == pytest.approx(car[cut].mean() - car[~cut].mean(), rel=1e-12)


def test_what_says_nothing_is_dropped_with_the_reason() -> None:
    car, features, day = sample()
    features = features.assign(
        same=3.0, hold=~features["cut"], twice=2 * features["beta"] - 1, empty=np.nan
    )
    table = regress(car, features, day).table
    notes = dict(zip(table["feature"], table["note"], strict=True))
    assert notes["same"] == "dropped: the same at every event"
    assert notes["hold"].startswith("dropped: follows from constant, beta, volatility, cut")
    assert notes["twice"].startswith("dropped: follows from constant, beta")
    assert notes["empty"] == UNKNOWN
    kept = table.set_index("feature").loc[["constant", "beta", "volatility", "cut"]]
    plain = regress(car, features[["beta", "volatility", "cut"]], day).table.set_index("feature")
    pd.testing.assert_frame_equal(kept, plain)


def test_an_event_that_lacks_a_feature_or_a_car_is_left_out_and_listed() -> None:
    car, features, day = sample()
    features.loc["e3", "beta"] = np.nan
    features.loc["e4", ["beta", "volatility"]] = np.nan
    car["e5"] = np.nan
    found = regress(car, features, day)
    assert found.left_out == {"e3": "no beta", "e4": "no beta, volatility", "e5": "no CAR"}
    rest = car.index.difference(["e3", "e4", "e5"], sort=False)
    plain = regress(car[rest], features.loc[rest], day[rest]).table
    pd.testing.assert_frame_equal(found.table.drop(columns="note"), plain.drop(columns="note"))
    assert line(found.table, "constant")["note"] == (
        "2 of 79 events left out, not known at them: beta 2, volatility 1"
    )


def test_a_side_that_shares_one_date_has_a_coefficient_and_no_error() -> None:
    car, features, day = sample()
    features = features.assign(first=day == day.min())
    found = line(regress(car, features, day).table, "first")
    assert math.isfinite(found["coefficient"])
    assert math.isnan(found["statistic"])
    assert math.isnan(found["bootstrap_pvalue"])
    assert found["note"] == "all events of one side share a date, whose own mean leaves no error"


def test_a_feature_that_rests_on_one_date_says_so() -> None:
    car, features, day = sample()
    features = features.assign(level=np.where(day == day.min(), 80.0, 15.0) + features["beta"])
    found = line(regress(car, features[["level"]], day).table, "level")
    assert math.isfinite(found["statistic"])
    assert found["note"].startswith("one date holds 8")


@pytest.mark.parametrize(
    ("events", "note"),
    [
        (0, "no event has a CAR and every feature"),
        (1, "coefficients 1, events 1: more events than coefficients are needed"),
        (2, "coefficients 2, events 2: more events than coefficients are needed"),
        (3, "coefficients 2, dates 1: errors by date need more dates than that"),
    ],
)
def test_too_few_events_or_dates(events: int, note: str) -> None:
    car, features, _ = sample()
    one_day = pd.Series(pd.Timestamp("2024-01-02"), car.index)
    found = regress(
        car.iloc[:events], features[["beta"]].iloc[:events], one_day.iloc[:events]
    ).table
    assert line(found, "constant")["note"] == note
    assert found[["coefficient", "statistic", "pvalue"]].isna().all(axis=None)


def test_events_on_the_line() -> None:
    _, features, day = sample()
    found = regress(0.01 * features["beta"] + 0.002, features[["beta"]], day).table
    assert line(found, "beta")["coefficient"] == pytest.approx(0.01)
    assert line(found, "beta")["note"] == "the events lie on the line: no residual, no error"


def test_wrong_arguments_are_named() -> None:
    car, features, day = sample()
    with pytest.raises(UsageError, match="features: its index is not that of car"):
        regress(car, features.iloc[1:], day)
    with pytest.raises(UsageError, match="car: a list was given; pass a pandas Series"):
        regress(list(car), features, day)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="features: a Series was given; pass a pandas DataFrame"):
        regress(car, features["beta"], day)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cluster: 'e0' has no date"):
        regress(car, features, day.where(day.index != "e0"))
    with pytest.raises(UsageError, match=r"features: \['word'\] are no numbers"):
        regress(car, features.assign(word="x"), day)
    again = car.rename({"e1": "e0"})
    with pytest.raises(UsageError, match="car: 'e0' stands for two events"):
        regress(again, features.set_axis(again.index), day.set_axis(again.index))


def test_the_order_of_the_events_does_not_matter() -> None:
    car, features, day = sample()
    order = car.index[np.random.default_rng(3).permutation(len(car))]
    one, other = regress(car, features, day), regress(car[order], features.loc[order], day[order])
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-9)


def test_what_is_given_is_not_changed() -> None:
    car, features, day = sample()
    before = car.copy(), features.copy(), day.copy()
    regress(car, features, day)
    pd.testing.assert_series_equal(car, before[0])
    pd.testing.assert_frame_equal(features, before[1])
    pd.testing.assert_series_equal(day, before[2])
