"""Prices crossed after the news."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab import load_workspace
from eventlab.contagion.leads.marks import MARK_COLUMNS, mark_tables
from eventlab.market.workspace_market import market_for
from eventlab.timeline.types import MINUTE, EventInstant
from tests.contagion.leads.made_up import definition, news_of, system
from tests.contagion.systems import make_system
from tests.market.series import daily, intraday, market, ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import PriceSeries

ROWS = {"below": 95.0, "above": 103.0}


def hourly(
    closes: list[float], low: list[float] | None = None, high: list[float] | None = None
) -> PriceSeries:
    """Bars of an hour; the first closes with the session before the news, the next holds it."""
    start = news_of(system()) - 5 * MINUTE
    ends = [start + k * 60 * MINUTE for k in range(len(closes))]
    made = intraday("AAA", "24/7", ends, closes, 60)
    if low is None or high is None:
        return made
    return replace(made, low=np.array(low), high=np.array(high))


def crossed(series: PriceSeries, *marks: dict[str, Any]) -> pd.DataFrame:
    section = definition(marks=[{"symbol": "AAA", **mark} for mark in marks])
    found = mark_tables(system(), section, market(series))
    assert found.columns.tolist() == MARK_COLUMNS
    return found


def test_by_hand() -> None:
    # Lows reach 95 in the fourth bar after the news, closes in the fifth; highs 103 in the second.
    series = hourly(
        [100, 101, 102, 99, 97, 94, 96],
        low=[99, 99, 100, 98, 94.5, 93, 94],
        high=[101, 102, 103.5, 102, 99, 97, 97],
    )
    found = crossed(series, ROWS)
    assert found["direction"].tolist() == ["below", "above"]
    assert found["minutes_after"].tolist() == [175.0, 55.0]  # bars open on the hour, news at :05
    assert found["extreme"].tolist() == [93.0, 103.5]
    assert found["bar_minutes"].tolist() == [60, 60]
    opened = pd.Timestamp(news_of(system()) - 5 * MINUTE, unit="ns", tz="UTC")
    wanted = [opened + pd.Timedelta("3h"), opened + pd.Timedelta("1h")]
    assert found["first_crossing"].tolist() == wanted
    assert found["note"].tolist() == ["", ""]
    by_close = crossed(hourly([100, 101, 102, 99, 97, 94, 96]), ROWS)
    assert by_close["minutes_after"].tolist()[0] == 235.0
    assert by_close["note"].tolist()[0] == "no lows and highs: closes"
    assert by_close["note"].tolist()[1] == (
        "no lows and highs: closes; not crossed by the end of the crisis window"
    )


def test_the_bar_that_holds_the_news_says_so() -> None:
    found = crossed(hourly([100, 94, 94]), {"below": 95.0})
    assert found["minutes_after"].tolist() == [-5.0]
    assert "the bar opened 5 minutes before the news" in found["note"][0]


@pytest.mark.parametrize(
    ("closes", "marks", "minutes", "words"),
    [
        # Above 103 at the news: after the mark below, although it was crossed before that too.
        ([104, 102, 104, 94, 100, 104], [ROWS], 235.0, "the return after the mark before"),
        # Without a mark before: after the first close on the other side.
        ([104, 105, 102, 104], [{"above": 103.0}], 115.0, "a close on the other side"),
        ([104, 105, 106, 107], [{"above": 103.0}], None, "at every close since"),
        ([94, 90, 96, 94], [{"below": 95.0}], 115.0, "below it at the news"),
    ],
)
def test_prices_already_beyond_have_to_come_back(
    closes: list[float], marks: list[dict[str, Any]], minutes: float | None, words: str
) -> None:
    last = crossed(hourly(closes), *marks).iloc[-1]
    assert words in last["note"]
    assert pd.isna(last["minutes_after"]) if minutes is None else last["minutes_after"] == minutes


def test_daily_prices_open_with_their_session() -> None:
    made = system()
    prices = np.full(made.anchor + 20, 100.0)
    prices[made.anchor + 1] = 90.0
    series = daily("AAA", "XNYS", date(2021, 1, 4), prices.tolist())
    found = crossed(series, {"below": 95.0}).iloc[0]
    assert found["first_crossing"].value == made.clock.opens[made.anchor + 1]
    assert found["note"] == "daily prices only; no lows and highs: closes"


def test_what_cannot_be_looked_up_says_why() -> None:
    found = crossed(hourly([100.0]), {"below": 95.0}).iloc[0]
    assert found["note"] == "no prices at the news"
    missing = definition(marks=[{"symbol": "ZZZ", "below": 1.0}])
    assert "ZZZ" in mark_tables(system(), missing, market(hourly([100.0, 99.0])))["note"][0]
    early = make_system(T=60, anchors=(10,))
    note = mark_tables(early, missing, market())["note"][0]
    assert note == "too few sessions on the clock around the news"
    assert mark_tables(system(), definition(), market()).empty


def test_later_bars_do_not_matter() -> None:
    closes = [100.0, 101, 99, 94, 120, 80]
    found = crossed(hourly(closes), {"below": 95.0}).iloc[0]
    again = crossed(hourly([*closes[:4], 200, 1]), {"below": 95.0}).iloc[0]
    past = ["first_crossing", "minutes_after", "note"]
    assert found[past].equals(again[past])


def test_bitcoin_after_oracle(market_dir: Path) -> None:
    # Known of these bars: first under 90,000 at 02:00 UTC on 11 December 2025, back above 92,000
    # at 21:00 UTC; the report came at 16:05 New York the day before.
    workspace = load_workspace(".")
    event = workspace.events["oracle-earnings"]
    prices = market_for(workspace, str(market_dir), events=[event])
    made = make_system(T=1300, anchors=(1241,))
    assert str(made.clock.sessions[made.anchor]) == "2025-12-11"
    news = ns("2025-12-10T21:05")
    made = replace(made, news=EventInstant(news, news, "minute"))
    section = definition(marks=[{"symbol": "BTC", "below": 90_000, "above": 92_000}])
    found = mark_tables(made, section, prices)
    assert found["first_crossing"].tolist() == [
        pd.Timestamp("2025-12-11 02:00", tz="UTC"),
        pd.Timestamp("2025-12-11 21:00", tz="UTC"),
    ]
    assert found["minutes_after"].tolist() == [295.0, 1435.0]
    assert found["bar_minutes"].tolist() == [60, 60]
