"""The history that arch carries, against published facts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError
from eventlab.market import arch_source
from eventlab.market.arch_source import arch_market

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import PriceSeries

# The facts are published to the thousandth of a percent.
PUBLISHED = 0.5e-5


def returns_by_day(series: PriceSeries) -> pd.Series[float]:
    prices = pd.Series(series.prices, index=pd.DatetimeIndex(series.sessions))
    return prices.pct_change().dropna()


def utc(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def test_what_it_holds() -> None:
    market = arch_market()
    assert market.symbols == ("^GSPC", "^IXIC", "^VIX")
    assert (market.stamp.source, market.stamp.simulated) == ("arch", False)
    found = {
        symbol: (len(series.closes), str(series.sessions[0]), str(series.sessions[-1]), series.kind)
        for symbol, series in market.daily.items()
    }
    assert found == {
        "^GSPC": (5031, "1999-01-04", "2018-12-31", "price"),
        "^IXIC": (5031, "1999-01-04", "2018-12-31", "price"),
        "^VIX": (1259, "2014-01-03", "2019-01-03", "price"),
    }
    assert market.intraday == {}
    assert market.issues == ()
    assert len(market.understood) == 3


def test_closes_are_instants_with_early_closes_and_daylight_saving() -> None:
    series = arch_market(["^GSPC"]).daily["^GSPC"]
    assert (np.diff(series.closes) > 0).all()
    closes = dict(zip(series.sessions.astype(str), series.closes, strict=True))
    assert closes["1999-01-04"] == utc("1999-01-04T21:00")
    assert closes["2018-07-02"] == utc("2018-07-02T20:00")
    assert closes["2018-07-03"] == utc("2018-07-03T17:00")  # 13:00 New York
    assert series.prices[0] == 1228.099976


def test_only_what_is_asked_for() -> None:
    market = arch_market(["^IXIC", "NVDA"])
    assert market.symbols == ("^IXIC",)
    assert market.available == ("^GSPC", "^IXIC", "^VIX")
    assert market.stamp.fingerprint != arch_market(["^GSPC"]).stamp.fingerprint
    assert market.stamp.fingerprint == arch_market(["^IXIC"]).stamp.fingerprint


def test_without_arch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arch_source, "find_spec", lambda _: None)
    with pytest.raises(DataError, match=r"pip install 'eventlab\[arch\]'"):
        arch_market()


def test_arch_itself_is_not_imported() -> None:
    code = (
        "import sys; from eventlab.market.arch_source import arch_market; arch_market(); "
        "print(sorted({n.split('.')[0] for n in sys.modules} & {'arch', 'scipy', 'statsmodels'}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_sp500_on_scheduled_fomc_days(market_dir: Path) -> None:
    meetings = pd.read_csv(market_dir / "fomc_1994_2026.csv")
    days = pd.DatetimeIndex(meetings.loc[meetings["kind"] == "scheduled", "date"])
    returns = returns_by_day(arch_market(["^GSPC"]).daily["^GSPC"])
    on_day = returns.index.isin(days)
    assert on_day.sum() == 160
    assert returns[on_day].mean() == pytest.approx(0.00280, abs=PUBLISHED)
    assert returns[~on_day].mean() == pytest.approx(0.00013, abs=PUBLISHED)
