"""FOMC statements on real prices, by state: readings against pandas, and sane sizes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import eventlab as ev
from tests.study.lookup import pick, row

if TYPE_CHECKING:
    from collections.abc import Iterator

PERCENT = 5e-5  # figures of this file, in percent with two digits


@pytest.fixture(scope="module")
def study(market_dir: Path) -> ev.EventStudy:
    workspace = ev.load_workspace(Path(__file__).parents[3])
    event = workspace.event("fomc")
    return ev.run_study(event, ev.load_market(workspace, str(market_dir), events=[event]), draws=0)


@pytest.fixture(scope="module")
def prices(market_dir: Path) -> pd.DataFrame:
    return pd.read_parquet(
        market_dir / "daily.parquet",
        columns=["date", "symbol", "close"],
        filters=[("symbol", "in", ["^VIX", "HY_OAS", "SPY"])],
    ).dropna()


def one(table: pd.DataFrame, **where: object) -> Any:
    return row(table, **where)


def days(study: ev.EventStudy) -> Iterator[tuple[str, pd.Timestamp]]:
    """Occurrences since 2015 with the New York day of their statement, all before the close."""
    table = study.occurrences.dropna(subset="event_session")
    same = table["event_session"] == table["date"]
    for name, day in zip(table.loc[same, "occurrence"], table.loc[same, "date"], strict=True):
        yield name, pd.Timestamp(day)


def closes(prices: pd.DataFrame, symbol: str) -> pd.Series[float]:
    """Closes on days on which stocks were traded too: holidays have stray rows."""
    traded = prices.loc[prices["symbol"] == "SPY", "date"]
    own = prices[(prices["symbol"] == symbol) & prices["date"].isin(traded)]
    return own.set_index("date")["close"].sort_index()


def test_volatility_was_above_its_median_where_pandas_says_so(
    study: ev.EventStudy, prices: pd.DataFrame
) -> None:
    index = closes(prices, "^VIX")
    checked = 0
    for name, day in days(study):
        before = index[index.index < day].tail(250)
        found = one(study.states, state="vix_high", occurrence=name)
        if len(before) == 250:
            assert found["reading"] == before.iloc[-1]
            assert found["threshold"] == before.median()
            assert found["value"] == (before.iloc[-1] > before.median())
            checked += 1
    assert checked > 80


def test_the_spread_is_that_of_two_days_before(study: ev.EventStudy, prices: pd.DataFrame) -> None:
    spread = closes(prices, "HY_OAS")
    checked = 0
    for name, day in days(study):
        before = spread[spread.index < day].iloc[:-1]  # yesterday's is published today
        found = one(study.states, state="spread_rising", occurrence=name)
        if len(before) > 20 and found["note"] == "":
            assert found["reading"] == before.iloc[-1]
            assert found["value"] == (before.iloc[-1] > before.iloc[-21])
            checked += 1
    assert checked > 80


def test_funding_is_the_rate_last_settled(study: ev.EventStudy, market_dir: Path) -> None:
    funding = pd.read_parquet(market_dir / "funding_8h.parquet")
    own = funding[funding["symbol"] == "BTC"].set_index("ts_utc")["funding_rate"].sort_index()
    states = pick(study.states, state="funding_negative")
    known = states[states["value"].notna()]
    announced = study.occurrences.set_index("occurrence")["announced_at"]
    for each in known.to_dict("records"):
        before = own[own.index < announced[each["occurrence"]]]
        assert each["reading"] == before.iloc[-1]
        assert each["as_of"] == before.index[-1]
    assert (len(known), int(known["value"].sum())) == (34, 3)
    assert set(states.loc[states["value"].isna(), "note"].str.slice(0, 31)) >= {
        "BTC-FUNDING is known from 2022-"
    }


def test_cuts_went_with_falls_and_the_one_of_the_crash_makes_most_of_it(
    study: ev.EventStudy,
) -> None:
    found = one(study.splits, state="cut", group="SPY", window="[0,0]")
    assert (found["n_in"], found["n_out"]) == (11, 83)
    assert found["caar_in"] == pytest.approx(-0.0156, abs=PERCENT)
    assert found["caar_out"] == pytest.approx(0.0003, abs=PERCENT)
    assert found["pvalue"] > 0.05
    cars = pick(study.cars, symbol="SPY", window="[0,0]").set_index("occurrence")["car"]
    cuts = pick(study.states, state="cut")
    own = cars[cuts.loc[cuts["value"], "occurrence"].tolist()]
    assert own.idxmin() == "2020-03-15"  # a Sunday; the Monday after, trading was halted
    assert own.drop("2020-03-15").mean() > found["caar_in"] / 2


def test_bitcoin_does_not_tell_the_states_apart(study: ev.EventStudy) -> None:
    for state in ("vix_high", "spread_rising", "funding_negative"):
        found = one(study.splits, state=state, group="BTC", window="[0,0]")
        assert found["permutation_pvalue"] > 0.1
        assert abs(found["difference"]) < 0.02


def test_one_stormy_day_does_not_make_a_slope_of_bonds(study: ev.EventStudy) -> None:
    """TLT on its volatility: the clustered t is beyond 4, and rests on March 2020."""
    found = one(study.cross_section, group="TLT", window="[0,0]", feature="volatility")
    assert found["statistic"] > 4
    assert found["note"].startswith("one date holds")
    assert found["bootstrap_pvalue"] > 0.1


def test_the_vix_of_a_quarter_past_four_is_not_known_at_five_past(
    market_dir: Path, prices: pd.DataFrame
) -> None:
    # Oracle reported on 2025-12-10 at 16:05; the VIX of that day, 15.77, is that of 16:15.
    workspace = ev.load_workspace(Path(__file__).parents[3])
    event = workspace.event("oracle-earnings")
    market = ev.load_market(workspace, str(market_dir), events=[event])
    states = ev.run_study(event, market, workspace, draws=0).states
    assert one(states, state="vix_high", occurrence="fy2026-q2")["reading"] == 16.93
    index = closes(prices, "^VIX")
    assert index["2025-12-09":"2025-12-10"].tolist() == [16.93, 15.77]
