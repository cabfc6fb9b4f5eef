"""Every statement that ships on real prices, which are read from their folder if it is there.

Figures were worked out from the price files alone, with pandas and without this package: closes of
``daily.parquet``, hours of ``crypto_1h.parquet`` sampled at the closes of New York, half sessions
and daylight saving included, least squares by statsmodels and the bubble statistic by loops.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.claims import Claims, run_claims
from eventlab.definitions.questions import questions_of
from eventlab.definitions.workspace import Workspace, load_workspace
from eventlab.market.futures import scrambled
from eventlab.market.workspace_market import market_for
from eventlab.study.run import run_study

if TYPE_CHECKING:
    from typing import Any

    from eventlab.market.types import Market

ROOT = Path(__file__).resolve().parents[2]
NO_TEST = "cannot be tested with this data"
ONLY = "supported only as"
MODELLED = {"event_car", "contagion_verdict", "bubble"}  # they take seconds, the others none
LITERAL = {
    "btc-nvda-096": 0.2874182807872018,
    "nvda-sold-into": -0.03152479491810023,  # 180.64 after 186.52
    "oracle-down-16": -0.1083358997283852,  # 198.85 after 223.01
    "oracle-drags-nvidia": -0.015507705530775517,
    "oracle-drags-amd": 4.513823014451468e-05,  # a cent of 221.42
    "oracle-drags-nasdaq": -0.0025492344686938173,
    "oracle-contagion": 0.3984277277559378,  # mean of three changes of correlation
    "btc-under-90k": 89820.0,
    "btc-back-over-92k": 93547.3,
    "nvidia-off-its-low": 0.024402659255731818,
    "btc-off-its-low": 0.035551894644106685,
    "btc-nasdaq-30d": 0.5369205198614995,
    "since-easing": -0.26309480628141635,
    "falls-more": 0.49464591962801174,
    "dollar": -0.07873510997035349,
    "cuts-lift-bitcoin": -0.017404037016861815,
    "cuts-lift-miners": -0.04713573894727069,
    "ai-tokens-month": -0.2780032897791148,
    "ai-tokens-year": -0.7273354807780714,
    "tokens-follow-stocks": 0.8708884279770851,
    "ai-stocks-bubble": 1.4044557185332731,
    "ai-tokens-bubble": 2.3002234748630013,
    "sp500-2025": 0.1635271004396326,  # 681.92 after 586.08
    "miners-bitcoin-proxy": 0.07771773686384122,
    "third-worst-week": 6.0,
    "layer2-week": -0.10604440995233444,
    "gaming-week": -0.10347847399097898,
    "depin-week": -0.028390832463123905,
    "ai-tokens-week": -0.059096189845058156,
    "core-l1-week": -0.04214865527340761,
    "sectors-in-order": 0.6,
    "funding-negative": 24.0,
    "open-interest": -0.3773791117599872,
    "volatility-near-50": 0.511347477309707,
    "top-ten-as-one": -0.04666052154822298,
}
SUPPORTED = {
    "nvda-sold-into",
    "oracle-drags-nvidia",
    "oracle-drags-nasdaq",
    "btc-under-90k",
    "btc-back-over-92k",
    "nvidia-off-its-low",
    "btc-off-its-low",
    "btc-nasdaq-30d",
    "since-easing",
    "ai-tokens-year",
    "tokens-follow-stocks",
    "funding-negative",
    "volatility-near-50",
}
ONLY_AS = {
    "oracle-down-16": "intraday",
    "oracle-drags-amd": "intraday",
    "sp500-2025": "with dividends",
    "third-worst-week": "2025-10-31 to 2025-11-21 or 2025-11-02 to 2025-11-23",
    "ai-tokens-bubble": "weekly closes, explosive at any time",
    "open-interest": "2025-10-08 to 2025-11-24",
    "layer2-week": "median, 2025-11-14 to 2025-11-21, 24/7",
}


@pytest.fixture(scope="module")
def space() -> Workspace:
    return load_workspace(ROOT)


@pytest.fixture(scope="module")
def market(space: Workspace, market_dir: Path) -> Market:
    return market_for(space, str(market_dir), events=(), claims=True)


@pytest.fixture(scope="module")
def claims(market: Market, space: Workspace) -> Claims:
    return run_claims(market, space)


def row(claims: Claims, claim: str) -> dict[Any, Any]:
    return claims.claims.set_index("claim").loc[claim].to_dict()


def readings(claims: Claims, claim: str, **axes: str) -> pd.DataFrame:
    found = claims.readings[claims.readings["claim"] == claim]
    for axis, value in axes.items():
        found = found[found[axis] == value]
    return found


def simple(space: Workspace) -> list[str]:
    known = questions_of(space)
    return [one.claim.id for one in known if one.claim.measure not in {*MODELLED, "none"}]


def test_every_statement_has_its_figure_and_its_verdict(claims: Claims) -> None:
    table = claims.claims.set_index("claim")
    measured = table[table["measure"] != "none"]
    assert measured["value"].to_dict() == pytest.approx(LITERAL, rel=1e-9)
    assert set(table.index[table["verdict"] == "supported"]) == SUPPORTED
    assert (table["reason"] != "").all()
    only = table[table["verdict"] == ONLY]
    assert set(only.index) == {*ONLY_AS, "falls-more", "ai-tokens-month", "depin-week"}
    assert only.loc[list(ONLY_AS), "reading"].to_dict() == ONLY_AS
    wrong = table.index[table["verdict"] == "contradicted"]
    assert set(wrong) == {"btc-nvda-096", "ai-stocks-bubble", "sectors-in-order"}
    assert claims.failed.empty


def test_what_prices_cannot_decide_says_what_could(claims: Claims, space: Workspace) -> None:
    nothing = [one.claim for one in questions_of(space) if one.claim.measure == "none"]
    assert len(nothing) == 11
    for claim in nothing:
        found = row(claims, claim.id)
        assert (found["verdict"], found["n_readings"]) == (NO_TEST, 0)
        assert found["reason"] == f"it needs {claim.needs}"


def test_every_statement_says_who_made_it(claims: Claims) -> None:
    assert claims.claims["source"].str.contains("commentary").all()


def test_bitcoin_and_the_nasdaq_over_30_sessions(claims: Claims) -> None:
    assert row(claims, "btc-nasdaq-30d")["verdict"] == "supported"
    # At 16:00 New York; and over UTC days, where a Monday has no weekend.
    found = readings(claims, "btc-nasdaq-30d", of="returns", window="30 sessions to 2025-12-10")
    assert found["value"].tolist()[1:3] == pytest.approx([0.5577482551775567, 0.4625183295573314])


def test_bitcoin_and_nvidia_are_alike_on_price_levels_of_three_years_alone(claims: Claims) -> None:
    found = row(claims, "btc-nvda-096")
    assert found["verdict"] == "contradicted"
    assert found["reading"] == "price levels or log price levels, 3 years to 2025-11-19"
    levels = readings(claims, "btc-nvda-096", of="price levels").set_index("window")
    quarter, years = levels.loc["63 sessions to 2025-11-19"], levels.loc["3 years to 2025-11-19"]
    assert [quarter["value"], years["value"]] == pytest.approx(
        [-0.21738513216026623, 0.9443639583599333], rel=1e-9
    )
    assert [quarter["agrees"], years["agrees"]] == ["no", "yes"]
    assert not levels["within"].any()
    within = readings(claims, "btc-nvda-096").query("within")
    assert within["value"].between(0.23, 0.30).all()


def test_bitcoin_crossed_with_the_times(claims: Claims) -> None:
    below, above = (row(claims, name) for name in ("btc-under-90k", "btc-back-over-92k"))
    assert (below["at"], above["at"]) == ("2025-12-11 03:00 UTC", "2025-12-11 22:00 UTC")
    note = readings(claims, "btc-back-over-92k")["note"].iloc[0]
    assert note == (
        "below 90,000 in the bar from 2025-12-11 02:00 to 2025-12-11 03:00 UTC; "
        "above 92,000 in the bar from 2025-12-11 21:00 to 2025-12-11 22:00 UTC"
    )
    # The day's one bar lies beyond both: which came first is in no daily bar.
    daily = readings(claims, "btc-back-over-92k", price="intraday", detail="daily bars").iloc[0]
    assert daily["agrees"] == "open"
    assert daily["note"].endswith("in the same bar, in an order that it does not tell")


def test_oracle_fell_so_far_inside_the_day_alone(claims: Claims) -> None:
    intraday = readings(claims, "oracle-down-16", price="intraday").iloc[0]
    assert intraday["value"] == pytest.approx(186.23 / 223.01 - 1, rel=1e-6)
    assert intraday["agrees"] == "yes"
    assert readings(claims, "oracle-down-16", price="close")["agrees"].tolist() == ["no"]


def test_bitcoin_and_the_nasdaq_since_the_fed_began(claims: Claims) -> None:
    found = readings(claims, "since-easing")
    assert found["note"].iloc[0].startswith("BTC -20.1%, ^IXIC +6.3%")
    assert found["agrees"].tolist() == ["yes"] * 4


def test_ai_tokens_of_the_month_hang_on_basket_and_date(claims: Claims) -> None:
    found = row(claims, "ai-tokens-month")
    # Of 18 readings: from the day before by the median, to four weeks at New York's closes.
    assert [found["smallest"], found["largest"]] == pytest.approx(
        [-0.359173777943746, -0.21761607452491694], rel=1e-9
    )
    assert (found["n_readings"], found["n_agreeing"]) == (18, 4)
    held = readings(claims, "ai-tokens-month", agrees="yes")
    assert held["window"].unique().tolist() == ["4 weeks to 2025-12-11"]
    assert found["low"] < -0.249 < found["high"]  # other members would give it


def test_a_basket_has_no_levels_before_its_prices(claims: Claims) -> None:
    early = readings(claims, "ai-tokens-bubble", first="2019-01-01").iloc[0]
    assert np.isnan(early["value"])
    assert early["note"].startswith("@ai_tokens has values only from 2021-01-02")


def test_rate_cuts_are_the_events_own_study_alone_or_in_a_run(
    claims: Claims, market: Market, space: Workspace
) -> None:
    study = run_study(space.events["fomc"], market, space)
    again = run_claims(market, space, ids=["cuts-lift-bitcoin"], studies=[study])
    pd.testing.assert_frame_equal(
        again.readings, readings(claims, "cuts-lift-bitcoin").reset_index(drop=True)
    )
    table = study.aggregates.set_index(["group", "tag", "window"])
    own = row(claims, "cuts-lift-bitcoin")
    assert own["value"] == table.loc[("BTC", "cut", "[0,5]"), "caar"]
    # Eleven CARs and Student's t with 10 degrees of freedom.
    assert [own["low"], own["high"]] == pytest.approx(
        [-0.1061099894832488, 0.07130191544952517], rel=1e-9
    )
    literal = readings(claims, "cuts-lift-bitcoin").iloc[0]
    assert (literal["first"], literal["last"]) == ("2019-07-31", "2025-12-10")
    assert "11 of 40 occurrences have prices" in literal["note"]


@pytest.mark.parametrize(("after", "last"), [("", "2025-11-24"), ("2025-11-24", "2025-12-11")])
def test_what_comes_after_a_window_changes_nothing(
    claims: Claims, market: Market, space: Workspace, after: str, last: str
) -> None:
    ends = claims.readings.groupby("claim")["last"].max()
    ids = [name for name in simple(space) if after < ends[name] <= last]
    assert len(ids) >= 13
    midnight = pd.Timestamp(last) + pd.Timedelta(days=1)
    made_up = run_claims(scrambled(market, midnight.value, 7), space, ids=ids)
    same = claims.readings[claims.readings["claim"].isin(ids)].reset_index(drop=True)
    pd.testing.assert_frame_equal(made_up.readings, same, check_exact=True)


def test_simulated_prices_decide_no_statement(space: Workspace) -> None:
    sample = market_for(space, "sample", events=(), claims=True)
    found = run_claims(sample, space, ids=simple(space)).claims
    assert len(found) == 30
    assert set(found["verdict"]) == {NO_TEST}
