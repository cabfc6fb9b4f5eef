"""Factors of every kind, from files: sector, bitcoin, the dollar, a rate, Fama and French."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import eventlab as ev
from eventlab.market.panel import build_panel
from eventlab.timeline.clock import make_clock
from tests.study.lookup import pick

if TYPE_CHECKING:
    import numpy.typing as npt

OUTSIDE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-15}
REPOSITORY = Path(__file__).parents[3]
FACTORS = ("SPY", "SMH", "BTC", "UUP", "DGS10")
NVIDIA = """\
event: nvidia
title: Nvidia against everything at hand
kind: earnings
defaults: {zone: America/New_York}
occurrences:
  - {id: q2, announced_at: "2025-08-27 16:20"}
  - {id: q3, announced_at: "2025-11-19 16:20"}
study: {assets: [NVDA], model: factor_model, factors: [SPY, SMH, BTC, UUP, DGS10]}
"""
FRENCH = """\
This file was created by CMPT_ME_BEME_RETS_DAILY using the 202506 CRSP database.
The 1-month TBill rate data until 202405 are from Ibbotson, and from then on from ICE BofA.

,Mkt-RF,SMB,HML,RF
"""
UNIVERSE = """\
universe: fama_french
title: Daily factors of Kenneth French's library, in percent
kind: return
unit: percent
symbols: {MKT-RF: {}, SMB: {}, HML: {}, RF: {}}
"""
STOCKS = "universe: stocks\ntitle: One stock\nsymbols: {AAA: {}}\n"
EVENT = """\
event: news
title: News about one stock
kind: other
defaults: {zone: America/New_York}
occurrences: [{id: one, announced_at: "2025-03-20 10:00"}]
study:
  assets: [AAA]
  model: factor_model
  factors: [MKT-RF, SMB, HML]
  estimation_window: [-120, -6]
  event_window: [-2, 2]
  car_windows: [[0, 0], [-1, 1]]
"""


def fitted(
    y: npt.NDArray[Any], factors: npt.NDArray[Any], day: int, window: tuple[int, int]
) -> tuple[list[float], float, float, int]:
    """Coefficients, sigma, abnormal return of the day and rows, by statsmodels."""
    rows = np.arange(day + window[0], day + window[1] + 1)
    rows = rows[np.isfinite(y[rows]) & np.isfinite(factors[:, rows]).all(axis=0)]
    fit = sm.OLS(y[rows], sm.add_constant(factors[:, rows].T)).fit()
    abnormal = y[day] - fit.params[0] - fit.params[1:] @ factors[:, day]
    return fit.params.tolist(), float(np.sqrt(fit.mse_resid)), float(abnormal), len(rows)


def test_sector_bitcoin_dollar_and_rate_are_factors_beside_the_market(
    market_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "nvidia.yaml"
    path.write_text(NVIDIA, encoding="utf-8")
    workspace = ev.load_workspace(REPOSITORY)
    one = workspace.event(str(path))
    market = ev.load_market(workspace, str(market_dir), events=[one])
    found = ev.run_study(one, market, draws=0)
    clock = make_clock("XNYS", date(2024, 1, 2), date(2026, 1, 30))
    panel = build_panel(market, ["NVDA", *FACTORS], clock)
    basis = {(c.symbol, c.basis): row for row, c in enumerate(panel.columns)}
    rows = [basis[n, "intraday" if n == "BTC" else "own close"] for n in ("NVDA", *FACTORS)]
    for occurrence, session in (("q2", "2025-08-28"), ("q3", "2025-11-20")):
        day = int(np.flatnonzero(clock.sessions == np.datetime64(session))[0])
        params, sigma, abnormal, n = fitted(
            panel.returns[rows[0]], panel.returns[rows[1:]], day, (-250, -11)
        )
        fit = pick(found.fits, occurrence=occurrence).iloc[0]
        names = ["alpha", *(f"beta_{name}" for name in FACTORS), "sigma"]
        np.testing.assert_allclose([fit[name] for name in names], [*params, sigma], **OUTSIDE)
        assert fit["n_estimation"] == n
        car = pick(found.cars, occurrence=occurrence, window="[0,0]")["car"].iloc[0]
        np.testing.assert_allclose(car, abnormal, **OUTSIDE)
    # Nvidia follows the chip makers, whatever else it follows.
    assert found.fits["beta_SMH"].min() > 0.5


@pytest.fixture
def french_folder(tmp_path: Path) -> Path:
    """A workspace with prices and factors beside each other, the factors as they are published."""
    clock = make_clock("XNYS", date(2024, 7, 1), date(2025, 6, 30))
    rng = np.random.default_rng(8)
    factors = np.round(rng.normal(0.0, [1.0, 0.5, 0.6], (len(clock), 3)), 2)
    own = 0.002 + (factors @ [1.1, 0.4, -0.3] + rng.normal(0.0, 0.8, len(clock))) / 100.0
    days = [str(day).replace("-", "") for day in clock.sessions]
    lines = [
        f"{day},{row[0]:8.2f},{row[1]:8.2f},{row[2]:8.2f},{0.02:8.2f}"
        for day, row in zip(days, factors, strict=True)
    ]
    lines[60] = f"{days[60]},  -99.99,{factors[60, 1]:8.2f},{factors[60, 2]:8.2f},    0.02"
    text = FRENCH + "\n".join(lines) + "\n\nCopyright 2025 Eugene F. Fama and Kenneth R. French\n"
    prices = 50.0 * np.cumprod(1.0 + own)
    rows = [
        f"{day},AAA,{price!r}" for day, price in zip(clock.sessions, prices.tolist(), strict=True)
    ]
    files = {
        "data/F-F_Research_Data_Factors_daily.csv": text,
        "data/prices.csv": "date,symbol,close\n" + "\n".join(rows) + "\n",
        "universes/fama_french.yaml": UNIVERSE,
        "universes/stocks.yaml": STOCKS,
        "events/news.yaml": EVENT,
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "strategies").mkdir()
    return tmp_path


def test_fama_and_french_from_a_file(french_folder: Path) -> None:
    workspace = ev.load_workspace(french_folder)
    one = workspace.event("news")
    market = ev.load_market(workspace, str(french_folder / "data"))
    found = ev.run_study(one, market, draws=0)
    prices = pd.read_csv(french_folder / "data" / "prices.csv")
    y = prices["close"].pct_change(fill_method=None).to_numpy(np.float64)
    table = pd.read_csv(
        french_folder / "data" / "F-F_Research_Data_Factors_daily.csv", skiprows=3, skipfooter=1,
        engine="python", skip_blank_lines=True,
    )  # fmt: skip
    factors = table[["Mkt-RF", "SMB", "HML"]].replace(-99.99, np.nan).to_numpy().T / 100.0
    day = prices["date"].tolist().index("2025-03-20")
    params, sigma, abnormal, n = fitted(y, factors, day, (-120, -6))
    fit = found.fits.iloc[0]
    names = ["alpha", "beta_MKT-RF", "beta_SMB", "beta_HML", "sigma"]
    np.testing.assert_allclose([fit[name] for name in names], [*params, sigma], **OUTSIDE)
    assert (fit["n_estimation"], n) == (114, 114)  # 115 rows, one without a market return
    car = pick(found.cars, window="[0,0]")["car"].iloc[0]
    np.testing.assert_allclose(car, abnormal, **OUTSIDE)
    assert "RF" in market.available  # there for those who want excess returns
