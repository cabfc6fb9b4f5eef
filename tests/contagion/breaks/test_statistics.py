"""What a constant link would have made of a crisis window, in closed form and row by row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from eventlab.contagion.breaks.statistics import (
    adjusted_correlation,
    break_statistics,
    variance_ratios,
)
from eventlab.kernels.break_placebo import (
    N_FACTS,
    break_statistics_nb,
    date_facts_nb,
    transmit_nb,
)
from eventlab.kernels.correlation_breaks import N_MOMENTS, pair_moments_nb
from tests import naive_contagion_breaks as naive

Array = npt.NDArray[np.float64]
Pair = tuple[Array, Array]
RTOL = 1e-10  # fourth moments of 20 to 120 rows


def moments(pair: Pair) -> Array:
    found = np.empty(N_MOMENTS)
    pair_moments_nb(*pair, 4, np.empty((2, len(pair[0]))), found)
    return found


def transmit(calm: Array, crisis: Array, asked: Array, noise: float, wander: float) -> Array:
    made = np.empty(N_MOMENTS)
    transmit_nb(calm, crisis, asked, noise, wander, made)
    return made


def facts(calm: Array, crisis: Array) -> Array:
    """What each date of (n, 11) says, (n, 4)."""
    both = np.ascontiguousarray(np.stack([calm, crisis], axis=1)[None])
    found = np.empty((1, len(calm), N_FACTS))
    date_facts_nb(both, found)
    own: Array = found[0]
    return own


def windows(seed: int = 0) -> tuple[Pair, Pair]:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_t(4, (2, 140))
    y += 0.8 * x
    return (x[:120].copy(), y[:120].copy()), (2.0 * x[120:], y[120:] + x[120:])


@pytest.mark.parametrize("noise", [(0.0, 0.0), (1.3, 0.0), (-0.7, 0.2)])
@pytest.mark.parametrize(("source", "unexplained"), [(3.0, 1.0), (0.5, 2.0), (9.0, 4.0)])
def test_closed_form_is_the_battery_of_changed_rows(
    source: float, unexplained: float, noise: tuple[float, float]
) -> None:
    calm, crisis = windows()
    asked = np.array([source, 1.0, unexplained])
    made = transmit(moments(calm), moments(crisis), asked, noise[0], noise[1])
    rows = naive.transmitted(calm, crisis, source, unexplained, noise)
    np.testing.assert_allclose(made, naive.moments(*rows), rtol=RTOL)
    for variant in ("raw", "nu"):
        found = break_statistics(moments(calm), made, variant)
        np.testing.assert_allclose(found, naive.battery(calm, rows, variant), rtol=RTOL)


def test_ratios() -> None:
    calm, crisis = windows(1)
    found = variance_ratios(moments(calm), moments(crisis))
    wanted = naive.ratios(calm, crisis)
    np.testing.assert_allclose(found, wanted, rtol=RTOL)


def test_what_is_made_has_the_ratios_asked_for() -> None:
    calm, crisis = windows(2)
    asked = np.array([5.0, 1.0, 2.0])
    made = transmit(moments(calm), moments(crisis), asked, 0.0, 0.0)
    found = variance_ratios(moments(calm), made)
    assert found[[0, 2]].tolist() == pytest.approx([5.0, 2.0], rel=RTOL)


def test_its_own_ratios_leave_a_window_as_it_is() -> None:
    calm, crisis = windows(3)
    own = variance_ratios(moments(calm), moments(crisis))
    made = transmit(moments(calm), moments(crisis), own, 1.0, 0.1)
    np.testing.assert_allclose(made, moments(crisis), rtol=1e-7)  # the noise's root of rounding


def test_forbes_rigobon_undoes_what_a_constant_link_does() -> None:
    """With e uncorrelated with x in both windows nu is exactly the calm correlation."""
    rng = np.random.default_rng(4)
    x, e = rng.standard_normal((2, 50))
    e -= e.mean() + (x - x.mean()) * (np.cov(x, e)[0, 1] / x.var(ddof=1))
    calm, crisis = (x, 0.5 * x + e), (3.0 * x, 1.5 * x + e)
    nu = adjusted_correlation(moments(calm), moments(crisis))
    assert float(nu) == pytest.approx(float(moments(calm)[3]), rel=RTOL)
    assert float(moments(crisis)[3]) > float(moments(calm)[3]) + 0.2


def test_moments_that_are_kept() -> None:
    calm, crisis = windows(5)
    other, _ = windows(6)
    found = np.empty(8)
    break_statistics_nb(moments(calm), moments(crisis), moments(other), False, found)
    np.testing.assert_allclose(found, naive.battery(calm, crisis, kept=other), rtol=RTOL)


def test_how_far_the_link_wanders() -> None:
    dates = [windows(seed) for seed in range(8)]
    calm, crisis = (np.stack([moments(date[w]) for date in dates]) for w in (0, 1))
    assert facts(calm, crisis)[:, 3].mean() == pytest.approx(naive.wander(dates), rel=RTOL)
    stronger = np.stack([moments((date[1][0], 3.0 * date[1][1])) for date in dates])
    assert facts(calm, stronger)[:, 3].mean() > 1.0
    assert (facts(calm, calm)[:, 3] < 0.0).all()


def test_what_dates_say_whatever_the_event() -> None:
    calm, crisis = windows(7)
    found = facts(moments(calm)[None], moments(crisis)[None])[0]
    source, target, _ = naive.ratios(calm, crisis)
    wanted = [naive.battery(calm, crisis)[0], np.log(source), np.log(target)]
    np.testing.assert_allclose(found[:3], wanted, rtol=RTOL)
