"""The Python that the contract prints, as it prints it, on data of the sample's kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import eventlab as ev
from eventlab import contagion, hedge
from eventlab.definitions import EventDefinition, StrategyDefinition
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.market.types import Market

REPOSITORY = Path(__file__).parents[1]
# The test names of the contract, and the one that was added to them.
TESTS = {
    "cross_sectional_t",
    "clm_j1",
    "clm_j2",
    "patell_z",
    "patell_z_naive",
    "bmp",
    "bmp_naive",
    "kolari_pynnonen_bmp",
    "kolari_pynnonen_patell",
    "corrado_rank",
    "corrado_zivney",
    "grank_t",
    "grank_z",
    "sign",
    "generalized_sign",
    "skewness_t",
    "wilcoxon",
    "crude_dependence",
    "calendar_time",
    "wild_bootstrap",
    "wild_bootstrap_percentile",
    "placebo",
}


@pytest.fixture(scope="module")
def workspace() -> ev.Workspace:
    return ev.load_workspace(REPOSITORY)


@pytest.fixture(scope="module")
def market(workspace: ev.Workspace) -> Market:
    return ev.load_market(workspace, "sample", events=[workspace.event("oracle-earnings")])


@pytest.fixture(scope="module")
def returns(market: Market) -> pd.DataFrame:
    """Sessions by symbols, simple returns: the simulated prices as a user would hold them."""
    names = {"ORCL": "ORCL", "NVDA": "NVDA", "SPY": "MKT"}
    series = {
        name: pd.Series(market.daily[symbol].prices, pd.Index(market.daily[symbol].sessions))
        for symbol, name in names.items()
    }
    return pd.DataFrame(series).pct_change(fill_method=None)


@pytest.fixture(scope="module")
def events(returns: pd.DataFrame) -> pd.DataFrame:
    rows = [400, 700, 1000, 1300, 1600, 1900]
    sessions = returns.index[rows]
    return pd.DataFrame(
        {
            "event_id": [f"e{n}" for n in range(len(rows))] * 2,
            "symbol": ["ORCL"] * len(rows) + ["NVDA"] * len(rows),
            "session": [*sessions, *sessions],
        }
    )


def test_event_study_as_the_contract_calls_it(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    study = ev.event_study(
        returns,
        events,
        benchmark="MKT",
        model="market_model",
        estimation_window=(-260, -11),
        event_window=(-10, 10),
        car_windows=[(0, 0), (-1, 1)],
        tests="all",
    )
    assert isinstance(study, ev.StudyResult)
    # `fits` (a row per event: symbol, event_session, alpha, beta, sigma, n_estimation)
    assert study.fits.columns.tolist() == [
        "symbol",
        "event_session",
        "alpha",
        "beta",
        "sigma",
        "n_estimation",
    ]
    assert study.fits["n_estimation"].tolist() == [250] * 12
    # `ar` and `sar` (event by tau), `car` (event by window)
    for table in (study.ar, study.sar):
        assert table.index.tolist() == events["event_id"].tolist()
        assert [int(tau) for tau in table.columns] == list(range(-10, 11))
    assert study.car.columns.tolist() == ["[0,0]", "[-1,1]"]
    # `aggregate` (by tau: aar, caar, n_events)
    assert study.aggregate.index.tolist() == list(range(-10, 11))
    assert {"aar", "caar", "n_events"} <= set(study.aggregate.columns)
    # `tests` (a row per test and window)
    assert study.tests.columns.tolist() == [
        "test",
        "window",
        "statistic",
        "dof",
        "distribution",
        "pvalue",
        "n_events",
        "headline",
        "note",
    ]
    assert set(study.tests["test"]) == TESTS
    assert study.exclusions.empty
    assert study.summary().startswith("market_model, 12 events")


def test_a_fit_of_event_study_is_least_squares(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    study = ev.event_study(returns, events, benchmark="MKT", estimation_window=(-260, -11))
    rows = slice(400 - 260, 400 - 11 + 1)
    y, x = (returns[name].to_numpy()[rows] for name in ("ORCL", "MKT"))
    slope, intercept = np.polyfit(x, y, 1)
    # Both solve the same least squares; 250 rows lose a few of sixteen digits.
    assert study.fits[["alpha", "beta"]].iloc[0].tolist() == pytest.approx(
        [intercept, slope], rel=1e-9
    )


def test_a_workspace_as_the_contract_reads_it(workspace: ev.Workspace) -> None:
    assert isinstance(workspace, ev.Workspace)
    assert "oracle-earnings" in workspace.events
    assert isinstance(workspace.event("oracle-earnings"), EventDefinition)
    assert workspace.event("oracle-earnings") is workspace.events["oracle-earnings"]
    assert all(isinstance(one, StrategyDefinition) for one in workspace.strategies.values())
    with pytest.raises(UsageError, match="'orcale-earnings' is no event"):
        workspace.event("orcale-earnings")
    with pytest.raises(UsageError, match="'nothing' is no strategy"):
        workspace.strategy("nothing")


def test_run_study_as_the_contract_calls_it(workspace: ev.Workspace, market: Market) -> None:
    ws = workspace
    study = ev.run_study(ws.event("oracle-earnings"), market)
    assert isinstance(study, ev.EventStudy)
    assert study.event.event == "oracle-earnings"
    assert study.stamp.simulated is True
    assert study.seed == 0
    day = study.occurrences.set_index("occurrence")["event_session"]
    assert day["fy2026-q2"] == pd.Timestamp("2025-12-11")
    assert {"ORCL", "NVDA", "AMD", "QQQ", "BTC"} <= set(study.fits["symbol"])
    assert not study.truth.empty


def test_contagion_as_the_contract_calls_it(returns: pd.DataFrame) -> None:
    frame = returns.iloc[-500:].dropna()
    calm, crisis = frame.iloc[:-20], frame.iloc[-20:]
    tests = contagion.correlation_tests(calm, crisis, source="ORCL", target="NVDA", variant="raw")
    assert {"test", "statistic", "pvalue", "note"} <= set(tests.columns)
    assert tests["test"].tolist() == [
        "fisher",
        "forbes_rigobon",
        "forbes_rigobon_delta",
        "cs12",
        "cs21",
        "ck13",
        "ck31",
        "cv22",
    ]
    found = contagion.spillover(frame, lags=4, horizon=10)
    names = frame.columns.tolist()
    for table in (found.table, found.pairwise):
        assert (table.index.tolist(), table.columns.tolist()) == (names, names)
    for series in (found.to, found.from_, found.net):
        assert series.index.tolist() == names
    assert found.tci == pytest.approx(float(found.from_.mean()))


def test_paths_of_contagion_as_the_contract_calls_them(returns: pd.DataFrame) -> None:
    frame = returns.iloc[-500:].dropna()
    rolled = contagion.rolling_spillover(frame, window=200, lags=4, horizon=10)
    assert len(rolled.tci) == len(frame) - 199
    drifting = contagion.tvp_spillover(frame, lags=1, horizon=10, kappa1=0.99, kappa2=0.99)
    assert drifting.tci.index.equals(frame.index)
    fit = contagion.dcc(frame)
    assert 0.0 <= fit.a + fit.b < 1.0
    assert fit.correlation("ORCL", "NVDA").index.equals(frame.index)
    assert set(fit.marginals["series"]) == set(frame.columns)
    tail = contagion.delta_covar(frame["NVDA"], frame["ORCL"], level=0.05)
    assert tail.delta < 0.0


def test_leads_tails_and_networks_as_the_contract_calls_them(
    returns: pd.DataFrame, market: Market
) -> None:
    frame = returns.iloc[-500:].dropna()
    logs = frame.add(1.0).apply(np.log).cumsum()
    x, y = logs["ORCL"], logs["NVDA"]
    assert contagion.hayashi_yoshida(x, y).correlation == pytest.approx(
        contagion.lead_lag(x, y, [-86_400, 0, 86_400]).curve["correlation"].iloc[1]
    )
    bubble = contagion.gsadf(x)
    assert 0.0 < bubble.pvalue <= 1.0
    network = contagion.granger_network(frame, 1)
    assert network.edges.to_numpy().dtype == np.bool_
    bent = contagion.asymmetric_beta(frame["NVDA"], frame["MKT"])
    assert bent.beta_down == pytest.approx(bent.beta_up + bent.asymmetry)


def test_run_contagion_beside_run_study(workspace: ev.Workspace, market: Market) -> None:
    event = workspace.event("oracle-earnings")
    late = event.model_copy(update={"occurrences": event.occurrences[-2:]})
    found = ev.run_contagion(late, market)
    assert isinstance(found, ev.EventContagion)
    assert {"NVDA", "BTC", "@ai_tokens"} <= set(found.pairs["target"])
    assert "\n" not in repr(found)


def test_run_backtest_as_the_contract_calls_it(workspace: ev.Workspace) -> None:
    ws = workspace
    strategy = ws.strategy("btc-ai-hedge")
    market = ev.load_market(ws, "sample", strategies=[strategy])
    found = ev.run_backtest(ws.strategy("btc-ai-hedge"), market)
    assert isinstance(found, ev.Backtest)
    assert found.stamp.simulated is True
    # backtest: `metrics` {name: value}, `events` [...], `orders`
    assert {
        "occurrence",
        "unhedged",
        "hedged",
        "hedge",
        "fees",
        "slippage",
        "borrow",
        "funding",
        "hedge_ratio",
        "ideal_ratio",
    } <= set(found.events.columns)
    assert not found.orders.empty
    assert set(found.metrics["run"]) == {"hedged", "unhedged", "always", "cash"}


def test_run_sweep_and_run_audit_beside_run_backtest(workspace: ev.Workspace) -> None:
    strategy = workspace.strategy("nvda-follow").model_copy(update={"since": "2024-01-01"})
    market = ev.load_market(workspace, "sample", strategies=[strategy])
    swept = ev.run_sweep(strategy, market, draws=50, splits=4)
    assert isinstance(swept, ev.Sweep)
    assert len(swept.sets) == 4 * 2 * 3
    assert int(swept.sets["chosen"].sum()) == int(swept.sets["base"].sum()) == 1
    audited = ev.run_audit(strategy, market, cuts=2)
    assert isinstance(audited, ev.Audit)
    assert audited.clean, audited.changes


def test_every_public_function_of_hedge_is_there() -> None:
    assert set(hedge.__all__) == set(dir(hedge))
    for name in hedge.__all__:
        assert getattr(hedge, name).__doc__
    with pytest.raises(AttributeError, match=r"has no attribute 'run_backtests'"):
        hedge.run_backtests  # noqa: B018 - that is the test


def test_every_public_function_of_contagion_is_there() -> None:
    assert set(contagion.__all__) == set(dir(contagion))
    for name in contagion.__all__:
        assert getattr(contagion, name).__doc__
    with pytest.raises(AttributeError, match=r"has no attribute 'spillovers'"):
        contagion.spillovers  # noqa: B018 - that is the test


def test_names_are_listed_and_wrong_ones_refused() -> None:
    assert set(ev.__all__) <= set(dir(ev))
    assert {getattr(ev, name) is not None for name in ev.__all__} == {True}
    with pytest.raises(AttributeError, match="module 'eventlab' has no attribute 'run_studies'"):
        ev.run_studies  # noqa: B018 - that is the test


def test_the_package_is_imported_without_what_takes_long() -> None:
    script = (
        "import sys, eventlab\n"
        "slow = {'pandas', 'numba', 'numpy', 'arch', 'altair', 'pydantic', 'exchange_calendars',"
        " 'vectorbt'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, this script
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
