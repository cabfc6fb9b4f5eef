"""Studying a part of the occurrences: the others happened all the same."""

from __future__ import annotations

from datetime import date

import pandas as pd

from eventlab.study import run_study
from eventlab.timeline.clock import make_clock
from tests.market.series import market
from tests.study.lookup import number, pick
from tests.study.worlds import event, noise, stock, workspace

START = date(2024, 1, 2)
CALENDARS = {"AAA": "XNYS"}
STUDY = {
    "assets": ["AAA"],
    "model": "constant_mean",
    "estimation_window": [-60, -4],
    "event_window": [-2, 2],
    "min_estimation": 20,
    "car_windows": [[0, 0]],
}
BARS = (80, 100, 130)  # the last one is studied alone, so that the history it may use is the same


def times() -> list[str]:
    clock = make_clock("XNYS", START, date(2024, 12, 31))
    return [f"{clock.sessions[row]} 10:00" for row in BARS]


def test_occurrences_that_are_not_asked_for_keep_the_placebo_away_and_overlap() -> None:
    whole = event("ours", times(), **STUDY)
    last = whole.model_copy(update={"occurrences": whole.occurrences[-1:]})
    prices = market(stock("AAA", START, noise(5, 140)))
    space = workspace(whole, calendars=CALENDARS)
    full, part = run_study(whole, prices, space), run_study(last, prices, space)
    mine = {"occurrence": "n2", "symbol": "AAA", "window": "[0,0]"}
    for column in ("car", "pvalue", "placebo_pvalue", "n_placebo"):
        assert number(part.cars, column, **mine) == number(full.cars, column, **mine)
    pd.testing.assert_frame_equal(
        part.overlaps, pick(full.overlaps, occurrence="n2").reset_index(drop=True)
    )
    assert part.overlaps["other_occurrence"].tolist() == ["n0", "n1"]
    assert part.occurrences["occurrence"].tolist() == ["n2"]
    assert set(part.fits["occurrence"]) == {"n2"}
    assert "n0" not in set(part.exclusions["occurrence"])
    # Had the file only this occurrence, pseudo-dates could lie on the two others: 2 x 9 more.
    alone = run_study(last, prices, workspace(last, calendars=CALENDARS))
    assert number(alone.cars, "n_placebo", **mine) == number(part.cars, "n_placebo", **mine) + 18
