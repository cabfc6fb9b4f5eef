"""Every table of leads and lags around one occurrence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.leads.curves import bar_curve
from eventlab.contagion.leads.part import LeadLagTables, chain_links, lead_lag_tables
from eventlab.contagion.leads.prices import moment_of
from eventlab.timeline.types import HOUR, MINUTE, EventInstant
from tests.contagion.leads.made_up import bars, definition, news_of, system
from tests.contagion.systems import make_system
from tests.market.series import market
from tests.naive_contagion_lead_lag import cross_correlation

if TYPE_CHECKING:
    from eventlab.contagion.system import System
    from eventlab.market.types import PriceSeries

CHAIN = definition(chain=["@issuer", "AAA", "@group"])
TABLES = ("lead_lag", "lead_lag_peaks", "chain", "mediation", "marks")


def chained(**rest: Any) -> System:
    made = system(("SRC", "AAA", "@group", "M1", "M2"), **rest)
    return replace(made, members={"@group": ("M1", "M2")})


def prices(made: System) -> list[PriceSeries]:
    return [
        bars("SRC", made, 5, jump=-0.2, after=5 * MINUTE),
        bars("AAA", made, 5, jump=-0.2, after=HOUR),
        bars("M1", made, 60, jump=-0.3, after=6 * HOUR),
        bars("M2", made, 60, jump=-0.3, after=6 * HOUR),
    ]


def by_window(found: LeadLagTables) -> dict[tuple[str, str], dict[str, Any]]:
    rows = found.lead_lag_peaks.to_dict("records")
    return {(str(row["target"]), str(row["window"])): {**row} for row in rows}  # type: ignore[dict-item]


def tables(made: System, *series: PriceSeries, section: Any = CHAIN) -> LeadLagTables:
    return lead_lag_tables(made, section, market(*series), seed=0)


def test_the_chain_on_bars_of_their_own() -> None:
    made = chained()
    chain = tables(made, *prices(made)).chain
    assert chain["symbol"].tolist() == ["SRC", "AAA", "@group", "M1", "M2"]
    assert chain["link"].tolist() == [0, 1, 2, 2, 2]
    assert chain["bar_minutes"].tolist() == [5, 5, 60, 60, 60]
    assert chain["minutes_after"].tolist()[:2] == [5.0, 60.0]
    assert chain["minutes_after"].tolist()[2:] == [415.0] * 3
    assert chain["order"].tolist()[:3] == ["", "SRC: in order", "AAA: in order"]
    assert chain["note"][0].startswith("the first moves came in the order claimed: of 2 pairs")
    assert "bars of 60 minutes (@group) cannot order what happens within one" in chain["note"][0]
    # The basket holds both members by equal weights.
    assert chain["move"][2] == pytest.approx(chain["move"][3:].mean(), abs=2e-4)
    assert chain["previous"].tolist()[:3] == ["", "SRC", "AAA"]


def test_curves_find_the_lead() -> None:
    made = chained()
    source = bars("SRC", made, 5)
    late = replace(source, symbol="AAA", closes=source.closes + 15 * MINUTE)
    found = tables(made, source, late, *prices(made)[2:])
    peaks = by_window(found)
    for window in ("calm", "crisis"):
        one = peaks["AAA", window]
        assert (one["peak_minutes"], one["bar"], one["resolution_minutes"]) == (15.0, "5min", 5.0)
        assert one["reading"] == "SRC leads by about 15 minutes"
        assert one["llr"] > 1.0
    assert peaks["@group", "crisis"]["reading"] == "unrelated at every lag"
    assert peaks["AAA", "crisis"]["placebo_pvalue"] > 0.05  # it always leads
    assert np.isnan(peaks["AAA", "calm"]["placebo_pvalue"])
    curve = found.lead_lag.query("target == 'AAA' and window == 'crisis'")
    assert curve["lag_minutes"].tolist() == [5.0 * k for k in range(-12, 13)]


def test_without_bars_inside_days_the_clock_serves() -> None:
    made = chained(loading=0.9)
    found = tables(made)
    own = found.lead_lag.query("target == 'AAA'")
    assert set(own["bar"]) == {"session"}
    for window, name in ((made.calm, "calm"), (made.crisis, "crisis")):
        rows = made.window(window)
        wanted = [cross_correlation(rows[0], rows[1], lag) for lag in range(-3, 4)]
        one = own[own["window"] == name]
        np.testing.assert_allclose(one["correlation"], wanted, rtol=1e-12, atol=1e-15)
        assert one["lag_minutes"].tolist() == [1440.0 * k for k in range(-3, 4)]
    peaks = by_window(found)
    assert "in bars of the clock; SRC" in peaks["AAA", "calm"]["note"]
    assert peaks["AAA", "calm"]["reading"] == "together, as far as these bars can tell"
    assert 0.0 < peaks["AAA", "crisis"]["placebo_pvalue"] <= 1.0
    assert found.chain["minutes_after"].isna().all()
    assert "SRC" in found.chain["note"][0]
    assert "no member of @group" in found.chain["note"][2]


def test_cross_correlation_against_statsmodels() -> None:
    from statsmodels.tsa.stattools import ccf  # noqa: PLC0415 - the oracle

    x, y = np.random.default_rng(0).normal(size=(2, 50))
    found = bar_curve(x, y, 1440)
    # Its lag is that of its first argument behind the second.
    np.testing.assert_allclose(found.correlation[3:], ccf(y, x, adjusted=False)[:4], rtol=1e-12)
    np.testing.assert_allclose(found.correlation[3::-1], ccf(x, y, adjusted=False)[:4], rtol=1e-12)
    holed = x.copy()
    holed[7] = np.nan
    gap = bar_curve(holed, y, 1440)
    wanted = [cross_correlation(holed, y, lag) for lag in range(-3, 4)]
    np.testing.assert_allclose(gap.correlation, wanted, rtol=1e-12)
    assert gap.n_overlapping.tolist() == [46, 47, 48, 49, 48, 47, 46]
    assert "does not move" in bar_curve(x, y * 0, 1440).note
    assert "fewer than two" in bar_curve(x * np.nan, y, 1440).note
    assert np.isnan(bar_curve(x[:2], y[:2], 1440).correlation[0])


def test_mediation_across_occurrences_and_inside_the_window() -> None:
    anchors = tuple(range(130, 800, 15))
    made = chained(anchors=anchors, crisis=(0, 5))
    shocks = np.random.default_rng(3).normal(size=(5, 900))
    returns = 0.01 * shocks
    returns[1] += 2 * returns[0]
    returns[2] += returns[1]  # the last link hears of the source through the middle alone
    made = replace(made, returns=returns)
    table = tables(made).mediation
    assert table[["source", "middle", "last"]].drop_duplicates().values.tolist() == [  # noqa: PD011
        ["SRC", "AAA", "@group"]
    ]
    events = table.iloc[0]
    assert events["horizon"] == "[0,0] of 45 occurrences"
    assert events["n"] == 45
    assert events["low"] < 1.0 < events["high"]
    assert events["total"] == pytest.approx(2.0, abs=0.8)
    assert events["placebo_pvalue"] > 0.05  # every day is like that
    assert events["placebo_share"] == pytest.approx(1.0, abs=0.15)
    assert table.iloc[1]["horizon"] == "bars [0,5]"
    assert "complete rows; 8 are needed" in table.iloc[1]["note"]


def test_without_a_chain_nothing_is_claimed() -> None:
    made = chained()
    section = definition(targets=["AAA", "@group"])
    assert chain_links(made, section) == (("SRC",), ("AAA", "@group"))
    table = tables(made, section=section).mediation
    assert len(table) == 1
    assert "name them under contagion.chain" in table["note"][0]
    links = definition(chain=["@issuer", ["AAA", "BBB"], "M1"])
    assert chain_links(made, links) == (("SRC",), ("AAA", "BBB"), ("M1",))
    lacking = tables(made, section=links).mediation
    assert "no returns of BBB" in lacking.query("middle == 'BBB'")["note"].iloc[0]


def test_placebo_instants_are_like_the_news() -> None:
    made = chained()
    moment = moment_of(made)
    assert moment is not None
    news, closes = news_of(made), made.clock.closes
    assert (moment.news, moment.last_close) == (news, int(closes[made.anchor - 1]))
    assert moment.end == closes[made.anchor + 1]
    gaps = np.diff(closes)
    for instant in moment.placebo:
        row = int(np.searchsorted(closes, instant))
        assert instant - closes[row - 1] == 5 * MINUTE
        assert made.admissible[row]
        assert closes[row + 1] <= news
        np.testing.assert_array_equal(gaps[row - 1 : row + 1], gaps[made.anchor - 1 :][:2])
    unknown = moment_of(replace(made, news=None))
    assert unknown is not None
    assert unknown.news == moment.last_close
    assert "not known" in unknown.note
    vague = moment_of(replace(made, news=EventInstant(news, news + HOUR, "session")))
    assert vague is not None
    assert "session of the news" in vague.note


def test_the_future_does_not_matter() -> None:
    made = chained()
    found = tables(made, *prices(made))
    end = int(made.clock.closes[made.anchor + 1])
    scrambled = []
    for series in prices(made):
        later = series.prices.copy()
        after = series.closes > end
        later[after] *= np.random.default_rng(0).uniform(0.1, 9, int(after.sum()))
        scrambled.append(replace(series, prices=later, raw=later))
    again = tables(made, *scrambled)
    for name in ("lead_lag", "lead_lag_peaks", "chain"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name), check_exact=True)


def test_bars_of_a_clock_inside_sessions() -> None:
    made = chained(minutes=60, T=2000, anchors=(1000, 1400), calm=(-140, -8), crisis=(0, 20))
    found = tables(made, *prices_around(made))
    assert set(found.lead_lag["bar"]) == {"5min", "60min"}
    assert len(found.chain) == 5
    without = tables(made)
    assert set(without.lead_lag["bar"]) == {"60min"}
    assert without.lead_lag["lag_minutes"].max() == 180.0


def prices_around(made: System) -> list[PriceSeries]:
    return [
        bars(name, made, 5 if name in {"SRC", "AAA"} else 60) for name in ("SRC", "AAA", "M1", "M2")
    ]


def test_too_few_sessions_give_rows_with_the_reason() -> None:
    made = make_system(T=60, anchors=(10,), calm=(-8, -3), crisis=(0, 3))
    found = tables(made, section=definition())
    assert "too few sessions" in found.chain["note"][0]
    assert found.chain["symbol"].tolist() == ["SRC", "AAA", "BBB"]
    assert found.lead_lag_peaks["note"].str.contains("too few sessions").all()


def test_the_same_seed_gives_the_same_tables() -> None:
    made = chained()
    one, two = (tables(made, *prices(made)) for _ in range(2))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
        assert (getattr(one, name).get("occurrence", "o2") == "o2").all()
