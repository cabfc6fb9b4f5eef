"""Oracle's report of December 2025, Nvidia's since 2023 and the FOMC on real prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import eventlab as ev
from eventlab.contagion import parts
from tests.study.lookup import number, pick, row

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion

REPOSITORY = Path(__file__).parents[2]
DECEMBER = "fy2026-q2"
NAMED = ["NVDA", "AMD", "QQQ", "BTC", "IBIT", "@ai_tokens"]
VERDICTS = {
    "contagion",
    "interdependence",
    "common volatility shock",
    "underpowered",
    "no change",
}


def run(
    name: str, market_dir: Path | str, *, whole: bool = False, since: str | None = None
) -> EventContagion:
    """Pairs and averages of a shipped event; ``whole`` with all parts of its focus."""
    workspace = ev.load_workspace(REPOSITORY)
    event = workspace.event(name)
    if since is not None and event.contagion is not None:
        section = event.contagion.model_copy(update={"since": since})
        event = event.model_copy(update={"contagion": section})
    market = ev.load_market(workspace, str(market_dir), events=[event])
    with pytest.MonkeyPatch.context() as patch:
        if not whole:
            patch.setattr(parts, "PARTS", {})
        return ev.run_contagion(event, market, seed=1, draws=200)


@pytest.fixture(scope="module")
def oracle(market_dir: Path) -> EventContagion:
    return run("oracle-earnings", market_dir, whole=True)


def test_every_pair_of_december_has_a_verdict_or_a_reason(oracle: EventContagion) -> None:
    workspace = ev.load_workspace(REPOSITORY)
    targets = {*NAMED, *workspace.expand(["@ai_tokens"])}
    for bar in ("session", "60min"):
        pairs = pick(oracle.pairs, bar=bar, occurrence=DECEMBER)
        judged = set(pairs["target"][pairs["verdict"] != ""])
        assert set(pairs["verdict"][pairs["verdict"] != ""]) <= VERDICTS
        unjudged = pairs[pairs["verdict"] == ""]
        assert unjudged["note"].ne("").all()
        left = pick(oracle.exclusions, bar=bar)
        said = set(left["symbol"][left["occurrence"].isin([DECEMBER, "all"])])
        assert judged | set(unjudged["target"]) | said == targets
        assert {"NVDA", "AMD", "QQQ", "BTC", "@ai_tokens"} <= judged
    assert "IBIT" in set(pick(oracle.pairs, bar="session", occurrence=DECEMBER)["target"])
    hours = pick(oracle.exclusions, bar="60min", symbol="IBIT")["reason"].tolist()
    assert hours == [
        (
            f"IBIT has no bars that make up 60 minutes in {oracle.stamp.source}, which "
            "has daily prices only of it"
        )
    ]


def test_every_statistic_has_a_placebo_p_where_there_are_dates(oracle: EventContagion) -> None:
    for bar in ("session", "60min"):
        tests = pick(oracle.tests, bar=bar, occurrence=DECEMBER, kind="raw")
        named = tests[tests["target"].isin(["NVDA", "AMD", "QQQ", "BTC"])]
        assert named["statistic"].notna().all()
        assert named["placebo_pvalue"].between(0.0, 1.0).all()


def test_the_statement_of_the_same_day_confounds_it(oracle: EventContagion) -> None:
    day = row(oracle.overlaps, bar="session", occurrence=DECEMBER, other_event="fomc", tau=-1)
    assert day["other_occurrence"] == "2025-12-10"
    assert day["window"] == "gap"
    assert day["minutes"] == -125
    assert day["confounds"] is True
    for bar in ("session", "60min"):
        said = row(oracle.occurrences, bar=bar, occurrence=DECEMBER)["confounders"]
        assert str(said).startswith("FOMC statements (fomc/2025-12-10), 2 hours before")
        pairs = pick(oracle.pairs, bar=bar, occurrence=DECEMBER)
        assert pairs["confounded"].all()
        assert pairs["note"].str.contains("fomc/2025-12-10").all()


def test_day_0_is_the_session_after_the_evening(oracle: EventContagion) -> None:
    days = row(oracle.occurrences, bar="session", occurrence=DECEMBER)
    assert days["event_session"] == pd.Timestamp("2025-12-11")
    hours = row(oracle.occurrences, bar="60min", occurrence=DECEMBER)
    assert hours["event_session"] == pd.Timestamp("2025-12-11 15:00")  # 9:30 to 10:00 New York


def test_bitcoin_falls_below_90000_in_the_hour_of_two_o_clock(oracle: EventContagion) -> None:
    below = row(oracle.marks, occurrence=DECEMBER, symbol="BTC", direction="below")
    assert below["first_crossing"] == pd.Timestamp("2025-12-11 02:00", tz="UTC")
    above = row(oracle.marks, occurrence=DECEMBER, symbol="BTC", direction="above")
    assert above["first_crossing"] == pd.Timestamp("2025-12-11 21:00", tz="UTC")


def test_december_is_described_in_full(oracle: EventContagion) -> None:
    notes = oracle.occurrences.set_index(["bar", "occurrence"])["note"]
    assert notes["session", DECEMBER].startswith("described in full: the latest with at least 80%")
    for name in (
        "spillover",
        "correlation_paths",
        "tails",
        "lead_lag",
        "chain",
        "network",
        "betas",
    ):
        assert DECEMBER in set(getattr(oracle, name)["occurrence"]), name


def test_correlations_are_those_of_the_prices(oracle: EventContagion, market_dir: Path) -> None:
    daily = pd.read_parquet(market_dir / "daily.parquet", columns=["date", "symbol", "adj_close"])
    wide = daily[daily["symbol"].isin(["ORCL", "NVDA"])].pivot_table(
        index="date", columns="symbol", values="adj_close"
    )
    returns = wide.pct_change()
    at = int(np.flatnonzero(pd.to_datetime(returns.index) == pd.Timestamp("2025-12-11"))[0])
    where = {"bar": "session", "occurrence": DECEMBER, "target": "NVDA"}
    for column, first, last in (("rho_calm", -120, -6), ("rho_crisis", 0, 10)):
        inside = returns.iloc[at + first : at + last + 1]
        wanted = inside["ORCL"].corr(inside["NVDA"])
        assert number(oracle.pairs, column, **where) == pytest.approx(wanted, rel=1e-9)


@pytest.fixture(scope="module")
def nvidia(market_dir: Path) -> EventContagion:
    return run("nvidia-earnings", market_dir)


def test_all_nvidia_reports_since_2023_are_averaged(nvidia: EventContagion) -> None:
    reports = nvidia.occurrences["date"]
    assert reports.min() >= pd.Timestamp("2023-01-01")
    complete = pick(nvidia.pairs, target="AMD")["occurrence"].nunique()
    assert complete == 14  # 2023-02-22 to 2026-05-20; prices end on 2026-07-31
    for target in ("AMD", "QQQ", "BTC", "ETH", "@ai_tokens"):
        found = row(nvidia.averages, tag="all", target=target)
        assert found["n_events"] in {13, 14}  # tokens end in March 2026
        assert found["verdict"] in VERDICTS
    kinds = pick(nvidia.average_tests, tag="all", target="BTC")
    assert set(kinds["kind"]) == {"raw", "adjusted"}
    assert kinds["placebo_pvalue"].notna().all()
    assert {"vix_high=yes", "vix_high=no"} <= set(nvidia.averages["tag"])


def test_the_fomc_has_averages_by_tag_and_state(market_dir: Path) -> None:
    found = run("fomc", market_dir, since="2019-01-01")
    tags = set(found.averages["tag"])
    assert {"all", "scheduled", "cut", "hold", "hike", "cut=yes", "cut=no"} <= tags
    every, cuts, holds, hikes = (
        number(found.averages, "n_events", tag=tag, target="SPY")
        for tag in ("all", "cut", "hold", "hike")
    )
    assert every >= cuts + holds + hikes > 40


@pytest.mark.parametrize("name", ["oracle-earnings", "nvidia-earnings", "fomc", "crypto-shocks"])
def test_shipped_sections_run_on_the_sample(name: str) -> None:
    found = run(name, "sample", since="2023-01-01")
    judged = found.pairs["verdict"] != ""
    assert judged.mean() > 0.9
    assert set(found.truth["kind"]) <= {"contagion", "common", "volatility", "none"}
    assert len(found.truth) > 0


def test_the_fomc_runs_on_the_history_of_arch() -> None:
    found = run("fomc", "arch", since="2012-01-01")
    assert set(found.pairs["target"]) == {"^GSPC"}
    assert number(found.averages, "n_events", tag="all", target="^GSPC") > 50
    assert found.truth.empty
