"""Studies in bars around Oracle's report of 2025-12-10 16:05 New York, on real prices.

Expected prices stand in the files of EVENTLAB_MARKET: closes of five-minute bars of
``equity_5min.parquet`` (ts_utc is a bar's opening) and hourly ones of ``crypto_1h.parquet``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import special

import eventlab as ev
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.market.workspace_market import studied_symbols
from eventlab.study.assembly import assemble
from eventlab.study.models.fits import fit_events
from eventlab.study.run import study_spec
from eventlab.study.schedule import make_schedule, study_clock
from tests.study.lookup import number, pick, row, values

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parents[2]
ORACLE = "fy2026-q2"
# The same quotient of the same two prices.
EXACT = 1e-12


def study(market_dir: Path, assets: tuple[str, ...], **options: object) -> ev.EventStudy:
    """Oracle's report, with what the command line replaces."""
    workspace = ev.load_workspace(REPOSITORY)
    chosen = Overrides(occurrences=(ORACLE,), assets=assets, **options)  # type: ignore[arg-type]
    event = apply_overrides(workspace.event("oracle-earnings"), chosen)
    market = ev.load_market(workspace, str(market_dir), events=[event])
    return ev.run_study(event, market, workspace)


@pytest.fixture(scope="module")
def five(market_dir: Path) -> ev.EventStudy:
    return study(market_dir, ("ORCL", "NVDA", "QQQ", "BTC"), bar="5min")


@pytest.fixture(scope="module")
def sixty(market_dir: Path) -> ev.EventStudy:
    return study(market_dir, ("ORCL", "NVDA", "QQQ", "BTC"), bar="60min")


@pytest.fixture(scope="module")
def around_the_clock(market_dir: Path) -> ev.EventStudy:
    windows: Mapping[str, object] = {
        "event_window": (-6, 24),
        "car_windows": ((0, 0), (0, 5), (0, 6), (0, 24)),
    }
    return study(
        market_dir,
        ("BTC", "@ai_tokens"),
        bar="60min",
        clock="24/7",
        model="constant_mean",
        benchmark="none",
        windows=windows,
    )


def actual(found: ev.EventStudy, symbol: str, tau: int) -> float:
    return number(found.abnormal_returns, "actual", symbol=symbol, tau=tau)


@pytest.mark.parametrize(
    ("symbol", "before", "after", "next_bar"),
    [
        ("ORCL", 223.27, 189.08, 190.16),
        ("NVDA", 183.74, 178.48, 178.78),
        ("QQQ", 627.55, 622.16, 622.45),
    ],
)
def test_the_night_and_the_first_five_minutes(
    five: ev.EventStudy, symbol: str, before: float, after: float, next_bar: float
) -> None:
    # Bars that open at 20:55 on the 10th, and at 14:30 and 14:35 on the 11th.
    assert actual(five, symbol, 0) == pytest.approx(after / before - 1.0, rel=EXACT)
    assert actual(five, symbol, 1) == pytest.approx(next_bar / after - 1.0, rel=EXACT)
    day0 = row(five.fits, symbol=symbol)["event_session"]
    assert str(day0) == "2025-12-11 14:35:00+00:00"


def test_bars_after_hours_are_in_no_return(five: ev.EventStudy) -> None:
    # The bar that opens at 16:05 New York, with Oracle at 210.04, is in the file and in no session.
    bars = pick(five.abnormal_returns, symbol="ORCL")
    assert not ((bars["session"].dt.hour == 21) & (bars["session"].dt.minute > 0)).any()


def test_oracle_fell_more_than_in_any_other_night(five: ev.EventStudy) -> None:
    first = row(five.cars, symbol="ORCL", window="[0,0]")
    assert first["placebo_rank"] == 0
    assert number(five.cars, "n_placebo", symbol="ORCL", window="[0,0]") > 100
    # The night's standard error is several times that of a bar of the session.
    fit = row(five.fits, symbol="ORCL")
    assert isinstance(fit["day0_sigma"], float)
    assert isinstance(fit["sigma"], float)
    assert 5.0 < fit["day0_sigma"] / fit["sigma"] < 15.0
    assert fit["n_day0"] in {30, 31}


@pytest.mark.parametrize("slot", [1, 2, 6, 39, 77])
def test_intervals_of_bars_miss_zero_about_as_often_as_they_say(
    market_dir: Path, slot: int
) -> None:
    workspace = ev.load_workspace(REPOSITORY)
    asked = Overrides(occurrences=(ORACLE,), assets=("ORCL", "NVDA", "AMD", "QQQ"), bar="5min")
    event = apply_overrides(workspace.event("oracle-earnings"), asked)
    assert event.study is not None
    market = ev.load_market(workspace, str(market_dir), events=[event])
    clock = study_clock(event.study, market, studied_symbols(event, workspace))
    arrays = assemble(event, workspace, market, make_schedule(event, workspace, clock)).arrays
    assert arrays.slot is not None
    spec = replace(study_spec(event.study, 0, 0), event_window=(0, 0), windows=((0, 0),))
    rows = np.flatnonzero(arrays.slot == slot)
    rows = rows[rows >= -spec.estimation_window[0]]
    every = replace(
        arrays,
        column=np.repeat(arrays.column, len(rows)),
        factors=np.repeat(arrays.factors, len(rows), axis=0),
        position=np.tile(rows, len(arrays)),
        asset=np.repeat(arrays.asset, len(rows)),
        anchor=np.tile(rows, len(arrays)),
        controls=np.empty((len(arrays) * len(rows), 0), dtype=np.int64),
    )
    fits = fit_events(every, spec)
    known = np.isfinite(fits.car[:, 0])
    t = np.abs(fits.car[known, 0] / fits.car_error[known, 0])
    assert known.sum() > 600
    # 2 to 40% of them with one variance for all bars of the session.
    assert 0.035 < np.mean(t > special.stdtrit(fits.car_dof[known, 0], 0.975)) < 0.085


def test_bitcoin_has_hours_only(five: ev.EventStudy, sixty: ev.EventStudy) -> None:
    said = pick(five.exclusions, symbol="BTC")["reason"].tolist()
    assert len(said) == 1
    assert said[0].startswith("BTC has no bars that make up 5 minutes in ")
    assert said[0].endswith(", which has bars of 60 minutes of it")
    assert "BTC" in set(sixty.fits["symbol"])


@pytest.mark.parametrize(
    ("symbol", "before", "after"),
    [("ORCL", 223.27, 190.13), ("BTC", 92409.1, 89514.5)],
)
def test_hours_of_new_york(sixty: ev.EventStudy, symbol: str, before: float, after: float) -> None:
    # Stocks from their bars of five minutes, bitcoin's night from 21:00 to 15:00 UTC.
    assert actual(sixty, symbol, 0) == pytest.approx(after / before - 1.0, rel=EXACT)
    assert number(sixty.fits, "n_day0", symbol=symbol) >= 30


def test_bitcoin_hour_by_hour(around_the_clock: ev.EventStudy) -> None:
    day0 = row(around_the_clock.fits, symbol="BTC")["event_session"]
    assert str(day0) == "2025-12-10 22:00:00+00:00"
    assert actual(around_the_clock, "BTC", 0) == pytest.approx(92308.2 / 92409.1 - 1.0, rel=EXACT)
    returns = values(around_the_clock.abnormal_returns, "actual", symbol="BTC")[6:]
    closes = 92409.1 * np.cumprod(1.0 + returns)
    # It touched 89,820 in the hour from 2:00 UTC, which ended at 90,034.4; the next ended below.
    below, above = np.flatnonzero(closes < 90_000.0), np.flatnonzero(closes > 92_000.0)
    np.testing.assert_allclose(closes[4:8], [90_637.0, 90_034.4, 89_833.1, 90_386.6], rtol=EXACT)
    assert below[0] == 6
    # Above 92,000 again in the hour from 21:00 UTC on the 11th.
    assert above[above > below[0]][0] == 24
    assert closes[24] == pytest.approx(92_823.6, rel=EXACT)


def test_tokens_are_fitted_on_hours_that_span_nothing(around_the_clock: ev.EventStudy) -> None:
    assert len(around_the_clock.fits) >= 18
    assert set(around_the_clock.fits["n_estimation"]) == {720}
    assert set(around_the_clock.fits["n_day0"]) == {30}
