"""Other events inside the windows: flagged, excluded, or controlled for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError

from eventlab.errors import UsageError
from eventlab.study import EventStudy, run_study
from eventlab.timeline.clock import make_clock
from tests.market.series import market
from tests.study.lookup import number, pick, reasons, row, values
from tests.study.worlds import event, noise, stock, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.definitions import EventDefinition
    from eventlab.market.types import Market

START = date(2024, 1, 2)
CALENDARS = {"AAA": "XNYS", "COIN": "24/7", "MKT": "XNYS"}
STUDY = {
    "assets": ["AAA"],
    "model": "constant_mean",
    "estimation_window": [-60, -4],
    "event_window": [-2, 2],
    "min_estimation": 20,
    "car_windows": [[0, 0], [-1, 1]],
}
LENGTH = 140
EFFECT = 0.08  # what the other event adds to a bar
SCALE = 0.001  # of the noise: a mean over three to six other events misses by about half of it
NEAR = 5 * SCALE
# Bars on which the other event happens: often in the estimation window, once beside ours (91).
OTHER = (40, 50, 60, 70, 80, 91)
OURS = (90, 110)


def on_bars(rows: Sequence[int], at: str = "10:00") -> list[str]:
    """New York times on these rows of the clock."""
    clock = make_clock("XNYS", START, date(2024, 12, 31))
    return [f"{clock.sessions[row]} {at}" for row in rows]


def moved_by(rows: Sequence[int], seed: int = 3) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Noise, and the effect on bars ``rows``; entry t is the return of bar t + 1."""
    returns = noise(seed, LENGTH, SCALE)
    returns[[row - 1 for row in rows]] += EFFECT
    return returns


def run(
    overlaps: str,
    *others: EventDefinition,
    made: Market | None = None,
    **study: object,
) -> EventStudy:
    ours = event("ours", on_bars(OURS), **{**STUDY, "overlaps": overlaps, **study})
    space = workspace(ours, *others, calendars=CALENDARS)
    made = made or market(stock("AAA", START, moved_by(OTHER)))
    return run_study(ours, made, space, draws=500)


def car(study: EventStudy, occurrence: str, symbol: str = "AAA", window: str = "[-1,1]") -> float:
    return number(study.cars, "car", occurrence=occurrence, symbol=symbol, window=window)


def test_flag_lists_the_overlap_and_leaves_the_numbers_as_they_are() -> None:
    study = run("flag", event("theirs", on_bars(OTHER)))
    inside = pick(study.overlaps, window="event")
    assert inside.to_numpy().tolist() == [["n0", "theirs", "n5", "theirs", 1, "event"]]
    # Five of theirs lie in the estimation window of n0; of n1 five as well, and n0 itself.
    estimation = pick(study.overlaps, window="estimation")
    assert estimation.groupby("occurrence").size().to_dict() == {"n0": 5, "n1": 6}
    assert row(estimation, occurrence="n1", other_event="ours")["tau"] == -20
    # A constant mean holds the mean of five effects in 57 bars.
    mean = EFFECT * 5 / 57
    assert car(study, "n0") == pytest.approx(EFFECT - 3 * mean, abs=NEAR)
    assert car(study, "n0", window="[0,0]") == pytest.approx(-mean, abs=NEAR)
    assert set(study.occurrences["note"]) == {""}


def test_control_removes_the_effect_of_the_other_event() -> None:
    study = run("control", event("theirs", on_bars(OTHER)))
    assert car(study, "n0") == pytest.approx(0.0, abs=NEAR)
    assert car(study, "n0", window="[0,0]") == pytest.approx(0.0, abs=NEAR)
    assert set(study.occurrences["note"]) == {""}
    # Where nothing overlaps nothing is controlled for: the fit is that of a flagged study.
    flagged = run("flag", event("theirs", on_bars(OTHER)))
    assert car(study, "n1") == car(flagged, "n1")
    fits = study.fits.set_index("occurrence")
    others = flagged.fits.set_index("occurrence")
    # One more parameter is estimated, and the bars of the effect no longer widen sigma.
    assert number(study.cars, "dof", occurrence="n0", window="[0,0]") == 57 - 2
    assert fits["sigma"]["n0"] == pytest.approx(SCALE, rel=0.3)
    assert others["sigma"]["n0"] > 10 * SCALE


def test_control_looks_for_the_other_event_on_the_assets_own_days() -> None:
    # In the evening: bitcoin reacts before midnight UTC, on the bar before New York's day 0.
    clock = make_clock("24/7", START, date(2024, 12, 31))
    days = [np.datetime64(when[:10]) for when in on_bars(OTHER)]
    rows = [int(np.searchsorted(clock.sessions, day)) for day in days]
    returns = noise(7, 200, SCALE)
    returns[[at - 1 for at in rows]] += EFFECT
    made = market(
        stock("AAA", START, moved_by([at + 1 for at in OTHER])),
        stock("COIN", START, returns, calendar="24/7"),
    )
    theirs = event("theirs", on_bars(OTHER, "18:00"))
    study = run("control", theirs, made=made, assets=["AAA", "COIN"])
    for symbol in ("AAA", "COIN"):
        for window in ("[0,0]", "[-1,1]"):
            assert car(study, "n0", symbol, window) == pytest.approx(0.0, abs=2 * NEAR)
    sessions = pick(study.abnormal_returns, occurrence="n0", symbol="COIN")
    assert np.abs(sessions["ar"]).max() < 2 * NEAR


def test_too_few_bars_to_control_with_are_noted_by_event_and_asset() -> None:
    rare = event("rare", on_bars([80, 91]))
    theirs = event("theirs", on_bars(OTHER))
    never = event("never", on_bars([89]))
    study = run("control", theirs, rare, never)
    assert row(study.occurrences, occurrence="n0")["note"] == (
        "not controlled for never (0 of its bars among the estimation rows, 3 are needed); "
        "rare (1 of its bars among the estimation rows, 3 are needed)"
    )
    assert car(study, "n0") == pytest.approx(0.0, abs=NEAR)
    # An asset whose prices lack the other event's bars is named; the other is controlled.
    gaps = stock("MKT", START, moved_by(OTHER, 9), drop=[40, 50, 60])
    made = market(stock("AAA", START, moved_by(OTHER)), gaps)
    study = run("control", theirs, made=made, assets=["AAA", "MKT"])
    assert row(study.occurrences, occurrence="n0")["note"] == (
        "not controlled for theirs (2 of its bars among the estimation rows, 3 are needed): MKT"
    )
    assert car(study, "n0") == pytest.approx(0.0, abs=NEAR)
    assert np.isfinite(car(study, "n0", "MKT"))


def test_two_events_on_the_very_same_bars_are_controlled_for_once() -> None:
    study = run("control", event("one", on_bars(OTHER)), event("two", on_bars(OTHER, "11:00")))
    assert row(study.occurrences, occurrence="n0")["note"] == (
        "not controlled for two (on the very bars of one)"
    )
    assert car(study, "n0") == pytest.approx(0.0, abs=NEAR)


def test_control_of_market_and_factor_models() -> None:
    mkt = noise(11, LENGTH)
    made = market(stock("AAA", START, moved_by(OTHER) + 0.7 * mkt), stock("MKT", START, mkt))
    theirs = event("theirs", on_bars(OTHER))
    fitted = run("control", theirs, made=made, model="market_model", benchmark="MKT")
    assert car(fitted, "n0") == pytest.approx(0.0, abs=NEAR)
    assert number(fitted.fits, "beta", occurrence="n0") == pytest.approx(0.7, abs=0.1)
    factors = run("control", theirs, made=made, model="factor_model", factors=["MKT"])
    assert car(factors, "n0") == pytest.approx(car(fitted, "n0"), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "does"), [("market_adjusted", "fits nothing"), ("scholes_williams", "adds up three")]
)
def test_models_without_one_regression_take_no_controls(model: str, does: str) -> None:
    words = f"overlaps: control needs a fitted model of one regression, {model} {does}; use market"
    with pytest.raises(ValidationError, match=words):
        run("control", model=model, benchmark="MKT")
    # Given on the command line, the model does not go through the file's checks.
    ours = event("ours", on_bars(OURS), **{**STUDY, "overlaps": "control", "benchmark": "MKT"})
    assert ours.study is not None
    changed = ours.model_copy(update={"study": ours.study.model_copy(update={"model": model})})
    made = market(stock("AAA", START, noise(1, LENGTH)), stock("MKT", START, noise(2, LENGTH)))
    with pytest.raises(UsageError, match=words):
        run_study(changed, made, workspace(ours, calendars=CALENDARS))


def test_exclude_leaves_the_occurrence_out_and_names_everything_that_overlaps() -> None:
    study = run("exclude", event("theirs", on_bars(OTHER)), event("never", on_bars([89])))
    assert reasons(study.exclusions, occurrence="n0") == [
        ("", "overlaps: exclude; never/n0 on bar -1, theirs/n5 on bar 1")
    ]
    assert study.fits["occurrence"].tolist() == ["n1"]
    assert study.sampling["occurrence"].tolist() == ["n1"]
    assert number(study.aggregates, "n_events", group="AAA", window="[0,0]") == 1
    # Its day is neither an event day nor one of the others.
    days = row(study.event_days, symbol="AAA")
    assert (days["n"], days["n_other"]) == (1, LENGTH - 2)
    flagged = run("flag", event("theirs", on_bars(OTHER)), event("never", on_bars([89])))
    assert car(study, "n1") == car(flagged, "n1")


def test_no_placebo_date_lies_on_an_occurrence_that_was_excluded() -> None:
    flagged = run("flag", event("theirs", on_bars(OTHER)))
    excluded = run("exclude", event("theirs", on_bars(OTHER)))
    for window in ("[0,0]", "[-1,1]"):
        place = {"occurrence": "n1", "window": window}
        columns = ("placebo_pvalue", "placebo_rank", "n_placebo")
        assert [number(excluded.cars, name, **place) for name in columns] == [
            number(flagged.cars, name, **place) for name in columns
        ]


def test_ones_own_other_occurrences_are_listed_but_no_reason_to_exclude() -> None:
    definition = event("ours", on_bars([90, 91]), **STUDY, overlaps="exclude")
    space = workspace(definition, calendars=CALENDARS)
    study = run_study(definition, market(stock("AAA", START, moved_by(()))), space, draws=0)
    assert pick(study.overlaps, window="event")["tau"].tolist() == [1, -1]
    assert study.exclusions.empty
    assert values(study.cars, "car", window="[0,0]").shape == (2,)
