"""Every shipped strategy on real prices: runs, parity with vectorbt, and facts known by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.definitions import load_workspace
from eventlab.hedge.portfolio import check_parity, replay
from eventlab.hedge.run import run_backtest, simulate_all
from eventlab.hedge.runs import decide_all
from eventlab.hedge.setting import prepare
from eventlab.market.workspace_market import market_for

if TYPE_CHECKING:
    from eventlab.definitions import Workspace
    from eventlab.hedge.results import Backtest
    from eventlab.market.types import Market

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "strategies").glob("*.yaml"))
PARITY = 1e-12  # of the largest equity, as the job asks for
NAMES = {"hedged", "unhedged", "cash"}


@cache
def shipped(folder: Path) -> tuple[Workspace, Market]:
    held = load_workspace(ROOT)
    return held, market_for(held, str(folder), events=[], strategies=held.strategies.values())


@cache
def result(folder: Path, name: str) -> Backtest:
    held, prices = shipped(folder)
    return run_backtest(held.strategies[name], prices, held, draws=0)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_run_is_vectorbt_s(market_dir: Path, name: str) -> None:
    """Equity, cash and orders of the strategy and of all that it is compared with."""
    held, prices = shipped(market_dir)
    tested = simulate_all(decide_all(prepare(held.strategies[name], prices, held)))
    assert set(tested) >= NAMES
    for setting, _, run, portfolio in tested.values():
        check_parity(run, portfolio)
        largest = np.abs(portfolio.equity).max()
        again = replay(setting.grid, setting.carry, run, capital=setting.strategy.capital)
        for mine, other in ((run.equity, again.equity), (run.cash, again.cash)):
            np.testing.assert_allclose(mine, other, rtol=0, atol=PARITY * largest)
        orders = again.orders
        np.testing.assert_array_equal(run.order_point, orders["point"])
        np.testing.assert_array_equal(run.order_leg, orders["leg"])
        value = np.abs(run.order_shares - orders["size"]) * orders["price"]
        assert value.max() <= PARITY * largest if len(value) else True
        np.testing.assert_allclose(run.order_fee, orders["fees"], rtol=0, atol=PARITY * largest)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_strategy_accounts_for_all(market_dir: Path, name: str) -> None:
    found = result(market_dir, name)
    capital = found.strategy.capital
    assert len(found.events) >= 5
    assert found.identity["error"].abs().max() <= 1e-9 * capital
    assert (found.curves["hedged"] > 0).all()
    # Every occurrence that was asked for is in an episode or left out with a reason.
    held, _ = shipped(market_dir)
    asked = {
        f"{event}/{one.id}"
        for event in found.strategy.events
        for one in held.event(event).resolved_occurrences()
        if (found.strategy.since or "") <= one.date.isoformat() <= (found.strategy.until or "9")
        and (not found.strategy.tags or set(found.strategy.tags) & set(one.tags))
    }
    within = {
        f"{e}/{o}" for e, o in zip(found.events["event"], found.events["occurrence"], strict=True)
    }
    within |= {one for also in found.events["also"] for one in also.split(", ") if one}
    out = set(found.exclusions.loc[found.exclusions["occurrence"] != "all", "occurrence"])
    assert within | out == asked
    assert not within & out
    assert (found.exclusions["reason"].str.len() > 10).all()
    assert set(found.orders["status"]) <= {"filled", "rolled", "refused"}
    assert (found.orders.loc[found.orders["status"] != "filled", "reason"] != "").all()


ENTRY, EXIT = (pd.Timestamp(f"2025-12-{day} 21:00", tz="UTC") for day in ("09", "18"))


def december(found: Backtest, table: str) -> pd.DataFrame:
    rows: pd.DataFrame = getattr(found, table)
    own = (rows["event"] == "oracle-earnings") & (rows["occurrence"] == "fy2026-q2")
    return rows[own].reset_index(drop=True)


def test_oracle_in_december_2025(market_dir: Path) -> None:
    """The report of Wednesday, 10 December, after the close: bar 0 is the 11th, in at the 9th."""
    found = result(market_dir, "btc-ai-hedge")
    event = december(found, "events").iloc[0]
    assert str(event["event_session"])[:10] == "2025-12-11"
    assert (event["entered_at"], event["exited_at"]) == (ENTRY, EXIT)
    daily = pd.read_parquet(market_dir / "daily.parquet")
    qqq = daily[daily["symbol"] == "QQQ"]
    closes = dict(zip(qqq["date"].astype(str).str[:10], qqq["adj_close"], strict=True))
    orders = december(found, "orders")
    own = orders[orders["symbol"] == "QQQ"]
    assert own["kind"].tolist() == ["enter", "exit"]
    for price, day in zip(own["price"], ("2025-12-09", "2025-12-18"), strict=True):
        assert price == pytest.approx(closes[day], rel=1e-12)
    move = closes["2025-12-18"] - closes["2025-12-09"]
    assert event["hedge"] == pytest.approx(own["shares"].iloc[0] * move, rel=1e-9)
    decided = december(found, "ratios")["decided_at"].tolist()
    assert decided == [pd.Timestamp("2025-12-08 21:00", tz="UTC")]


def test_funding_of_that_week_is_that_of_the_file(market_dir: Path) -> None:
    """From the 10th, 00:00 UTC, to the 18th, 16:00: rate x price of the perpetual then x coins."""
    found = result(market_dir, "btc-ai-hedge")
    rates = pd.read_parquet(market_dir / "funding_8h.parquet")
    rates = rates[(rates["symbol"] == "BTC") & rates["ts_utc"].between(ENTRY, EXIT)]
    assert len(rates) == 27  # three a day for nine days
    hourly = pd.read_parquet(market_dir / "crypto_1h.parquet")
    hourly = hourly[hourly["symbol"] == "BTC"]
    closed = hourly["ts_utc"] + pd.Timedelta(hours=1)  # stamped with the opening of the bar
    price = dict(zip(closed, hourly["close"], strict=True))
    coins = found.orders[(found.orders["symbol"] == "BTC") & (found.orders["filled_at"] <= ENTRY)]
    held = float(coins["shares"].sum())
    due = zip(rates["ts_utc"], rates["funding_rate"], strict=True)
    wanted = sum(rate * price[at] * held for at, rate in due)
    assert december(found, "events").iloc[0]["funding"] == pytest.approx(wanted, rel=1e-9)
