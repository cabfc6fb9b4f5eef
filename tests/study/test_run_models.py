"""Models that read neighbouring bars or fit a variance, in studies of event files."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.study import EventStudy, run_study
from tests.market.series import market
from tests.study.lookup import number, pick
from tests.study.test_run_overlaps import (
    CALENDARS,
    EFFECT,
    NEAR,
    OTHER,
    OURS,
    START,
    STUDY,
    car,
    moved_by,
    on_bars,
    run,
)
from tests.study.worlds import event, noise, stock, workspace

# Bar t of the asset moves 0.7 times with the market of that bar and 0.4 times with the last one's.
MARKET = noise(11, 140)
LATE = 0.7 * MARKET + 0.4 * np.concatenate([[0.0], MARKET[:-1]])
LATE_ASSET = market(stock("AAA", START, moved_by(OTHER) + LATE), stock("MKT", START, MARKET))


def test_dimson_adds_up_the_betas_of_a_late_asset_and_takes_controls() -> None:
    theirs = event("theirs", on_bars(OTHER))
    study = run("control", theirs, made=LATE_ASSET, benchmark="MKT", model="dimson", lags=2)
    fits = pick(study.fits, occurrence="n0")
    wanted = {"beta_-2": 0.0, "beta_-1": 0.4, "beta_0": 0.7, "beta_+1": 0.0, "beta_+2": 0.0}
    for name, beta in wanted.items():
        assert fits[name].item() == pytest.approx(beta, abs=0.1)
    assert fits["beta"].item() == pytest.approx(fits[list(wanted)].sum(axis=1).item(), rel=1e-12)
    # The other event's effect is taken out of the bar of the overlap, as by market_model.
    assert car(study, "n0") == pytest.approx(0.0, abs=NEAR)
    plain = run("flag", theirs, made=LATE_ASSET, benchmark="MKT", model="dimson", lags=2)
    assert car(plain, "n0") == pytest.approx(EFFECT, abs=2 * NEAR)
    assert "beta_+1" in plain.fits.columns


def test_a_control_needs_bars_whose_neighbours_are_there() -> None:
    # The market lacks the bar after four of the five that the estimation window holds.
    gaps = [row + 1 for row in OTHER[:4]]
    asset = stock("AAA", START, moved_by(OTHER) + LATE)
    made = market(asset, stock("MKT", START, MARKET, drop=gaps))
    theirs = event("theirs", on_bars(OTHER))
    study = run("control", theirs, made=made, benchmark="MKT", model="dimson")
    note = pick(study.occurrences, occurrence="n0")["note"].item()
    assert "not controlled for theirs (1 of its bars among the estimation rows, 3 are need" in note
    assert car(study, "n0") == pytest.approx(EFFECT, abs=2 * NEAR)
    least_squares = run("control", theirs, made=made, benchmark="MKT", model="market_model")
    assert "not controlled" not in pick(least_squares.occurrences, occurrence="n0")["note"].item()


def test_scholes_williams_finds_the_sum_too_but_takes_no_controls() -> None:
    study = run("flag", model="scholes_williams", made=LATE_ASSET, benchmark="MKT")
    least_squares = run("flag", model="market_model", made=LATE_ASSET, benchmark="MKT")
    # Three slopes with standard errors of some 0.4 each (the other event's 8% bars are in them).
    assert number(study.fits, "beta", occurrence="n1") != pytest.approx(
        number(least_squares.fits, "beta", occurrence="n1"), abs=0.05
    )


def garch(**study: object) -> EventStudy:
    asked = {
        **STUDY,
        "model": "garch_market_model",
        "benchmark": "MKT",
        "estimation_window": [-104, -4],
        **study,
    }
    ours = event("ours", on_bars([120, 128]), **asked)
    return run_study(ours, LATE_ASSET, workspace(ours, calendars=CALENDARS), draws=50)


def test_garch_in_a_study_of_a_file() -> None:
    study = garch(volatility="gjr", errors="t")
    assert study.fits["variance_nu"].notna().all()
    assert study.cars["statistic"].notna().all()
    assert study.cars["placebo_pvalue"].isna().all()
    assert (study.cars["n_placebo"] == 0).all()
    notes = pick(study.tests, test="placebo")["note"]
    assert notes.str.startswith("no placebo: each pseudo-date").all()
    assert study.paths["low"].isna().all()
    # The same returns have a placebo with least squares.
    assert garch(model="market_model").cars["placebo_pvalue"].notna().all()


def test_a_fit_that_does_not_converge_is_an_exclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlab.study.models.likelihood.MOST_ITERATIONS", 1)
    study = garch()
    assert study.fits.empty
    assert (
        study.exclusions["reason"].tolist()
        == ["the garch likelihood did not converge (none of 4 searches came to an end)"] * 2
    )


def test_another_model_on_the_command_line_takes_its_own_defaults() -> None:
    asked = {**STUDY, "model": "dimson", "lags": 3, "benchmark": "MKT"}
    ours = event("ours", on_bars(OURS), **asked)
    changed = apply_overrides(ours, Overrides(model="market_model")).study
    assert changed is not None
    assert (changed.model, changed.lags) == ("market_model", None)
    kept = apply_overrides(ours, Overrides(assets=("AAA",))).study
    assert kept is not None
    assert (kept.model, kept.lags) == ("dimson", 3)
