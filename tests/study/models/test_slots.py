"""Bars inside sessions in the tests over events: every slot is brought to one scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from eventlab.study.inference.battery import Battery
from eventlab.study.inference.registry import TESTS
from eventlab.study.models.fits import Fits, fit_events, prepare
from eventlab.study.models.specs import EventArrays, StudySpec
from tests.naive_battery import calendar_time as naive_calendar_time

Floats = npt.NDArray[np.float64]

# Sums of rescaled numbers.
CLOSE = 1e-9

SLOTS, SESSIONS, ASSETS = 5, 90, 4
T = SLOTS * SESSIONS
SPEC = StudySpec(
    model="market_adjusted",
    estimation_window=(-SLOTS * 31, -SLOTS - 1),
    event_window=(-4, 5),
    windows=((0, 0), (0, 3), (-4, 5)),
)
SHAPE = np.array([9.0, 4.0, 1.0, 0.5, 2.0])


def made(shape: Floats, slot: bool = True) -> tuple[Fits, Battery]:
    """Events of four assets on bar 1 of ten sessions; bars have the sizes ``shape`` (SLOTS,)."""
    rng = np.random.default_rng(3)
    returns = 0.002 * rng.standard_t(6, (ASSETS + 1, T)) * np.tile(shape, SESSIONS)
    sessions = 40 + 4 * np.arange(10)
    position = np.repeat(sessions * SLOTS + 1, ASSETS)
    n = len(position)
    spans = np.zeros(returns.shape, dtype=np.bool_)
    spans[:, ::SLOTS] = True
    arrays = EventArrays(
        returns=np.ascontiguousarray(returns),
        column=np.tile(np.arange(1, ASSETS + 1), n // ASSETS),
        factors=np.zeros((n, 1), dtype=np.int64),
        position=position,
        asset=np.tile(np.arange(ASSETS), n // ASSETS),
        anchor=position,
        controls=np.empty((n, 0), dtype=np.int64),
        slot=np.tile(np.arange(SLOTS), SESSIONS) if slot else None,
        spans=spans if slot else None,
    )
    adjusted = prepare(arrays, SPEC)
    fits = fit_events(adjusted, SPEC)
    return fits, Battery(adjusted, fits, SPEC)


def test_without_parameters_nothing_knows_the_scale_of_a_slot() -> None:
    (shaped, of_shaped), (even, of_even) = made(SHAPE), made(np.ones(SLOTS))
    np.testing.assert_allclose(shaped.sar, even.sar, rtol=CLOSE)
    np.testing.assert_allclose(shaped.ar_dof, even.ar_dof, rtol=CLOSE)
    for name in ("ranks", "positive"):
        np.testing.assert_allclose(
            getattr(of_shaped.history, name), getattr(of_even.history, name), rtol=CLOSE
        )
    # Over each event's sigma, which is another.
    np.testing.assert_allclose(
        of_shaped.history.standard.values, of_even.history.standard.values, rtol=CLOSE
    )
    # Assets weigh in a portfolio as their sigma is, to which slots of other scales add otherwise.
    tests = tuple(name for name in TESTS if name != "calendar_time")
    everyone = np.arange(40)
    one_bar = [of.outcomes(everyone, tests)[0] for of in (of_shaped, of_even)]
    for shape, plain in zip(*one_bar, strict=True):
        np.testing.assert_allclose(shape.statistic, plain.statistic, rtol=CLOSE, err_msg=plain.test)
        assert shape.note == plain.note


def test_no_test_of_a_window_is_that_of_its_wildest_bar() -> None:
    # As if all bars were of one kind the night has a rank at the end of any row.
    (_, by_slot), (_, alike) = made(SHAPE), made(SHAPE, slot=False)
    night = 4 - 1  # bar -1 of an event on bar 1 of its session
    far = [np.abs(of.history.ranks[:, -10:] - 0.5)[:, night].mean() for of in (by_slot, alike)]
    assert abs(far[0] - 0.25) < 0.05
    assert far[1] > 0.4


def test_the_portfolio_holds_bars_on_one_scale() -> None:
    fits, battery = made(SHAPE)
    assert fits.slots is not None
    slot = (1 + SPEC.taus) % SLOTS
    root = np.sqrt(fits.slots.kappa[:, np.where(slot == 0, SLOTS, slot)])
    ar = fits.ar / root
    position = 1 + SLOTS * np.repeat(40 + 4 * np.arange(10), ASSETS)
    expected = naive_calendar_time(list(ar), position.tolist(), (0, 3), SPEC.event_window[0])
    found = battery.outcomes(np.arange(40), ("calendar_time",))[1][0]
    assert found.statistic == pytest.approx(expected, rel=CLOSE)
    assert found.dof == 39.0


def test_whole_sessions_are_left_as_they_are() -> None:
    fits, battery = made(SHAPE, slot=False)
    assert fits.slots is None
    np.testing.assert_array_equal(battery.history.ar, fits.ar[battery.history.fitted])
