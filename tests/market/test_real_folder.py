"""The folder of real prices as it stands: what is found, what is refused, how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from eventlab.market.sources import load_market

if TYPE_CHECKING:
    from pathlib import Path

# 16 symbols with hourly bars of 11 tokens take 0.3 s alone; this leaves room for a busy machine.
STUDY = "ORCL NVDA AMD QQQ SPY BTC ETH SOL NEAR TAO RENDER FET GRT ICP THETA LINK"


def test_real_folder_as_it_stands(market_dir: Path) -> None:
    market = load_market(str(market_dir), None, {})
    assert dict(market.refused) == {}
    observed = [name for name in market.symbols if name.endswith(("-FUNDING", "-OI"))]
    assert (len(market.daily), len(market.intraday)) == (118 + 1, 84 + len(observed) - 1)
    assert len(observed) == 44
    assert {market.intraday[one].kind for one in observed if one != "BTC-OI"} == {"level"}
    assert market.daily["DGS10"].kind == market.daily["HY_OAS"].kind == "level"
    assert {market.daily[one].calendar for one in ("IBIT", "DIA", "^VIX", "MARA")} == {"XNYS"}
    assert {market.daily[one].calendar for one in ("BTC", "RENDER")} == {"24/7"}
    assert {market.intraday[one].calendar for one in ("BONK", "BTC")} == {"24/7"}
    assert market.intraday["ORCL"].bar_minutes == 5
    assert market.intraday["NVDA"].bar_minutes == 60  # 2019 on, against 2025 on at five minutes
    found = {(one.symbol, one.check): one for one in market.issues}
    gap = found["RENDER", "gap"]
    assert (gap.first, gap.last, gap.count) == ("2024-07-22", "2024-07-25", 4)
    for symbol in ("AIOZ", "HNT", "MNT"):
        assert found[symbol, "ends_early"].first == "2025-11-12"
    assert found["^VIX", "closed_day"].count == 32
    assert ("FET", "splice") in found
    aside = [line.split(":")[0] for line in market.understood if line.endswith("left aside")]
    assert aside == [
        "event_facts.csv",
        "fomc_1994_2026.csv",
    ]
    late = next(line for line in market.understood if line.startswith("equity_60min"))
    assert "no bar in the first 30 minutes of a session" in late


def test_real_prices_are_the_same_through_csv(market_dir: Path, tmp_path: Path) -> None:
    symbols = ["ORCL", "BTC", "DGS10"]
    table = pq.read_table(market_dir / "daily.parquet", filters=[("symbol", "in", symbols)])
    pacsv.write_csv(table, tmp_path / "prices.csv")
    there = load_market(str(market_dir / "daily.parquet"), symbols, {})
    here = load_market(str(tmp_path), symbols, {})
    assert here.stamp.fingerprint == there.stamp.fingerprint
    assert dict(here.refused) == {}


def test_real_close_only_export_refuses_nothing_legitimate(
    market_dir: Path, tmp_path: Path
) -> None:
    table = pq.read_table(market_dir / "daily.parquet", columns=["date", "symbol", "close"])
    pacsv.write_csv(table, tmp_path / "prices.csv")
    assert dict(load_market(str(tmp_path), None, {}).refused) == {}
