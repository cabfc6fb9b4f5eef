"""What residuals say about the tests, against loops over the formulas, and the rules made of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks.size_designs import Design
from benchmarks.size_draws import draw_sample
from eventlab.study.inference.battery import Battery
from eventlab.study.inference.shape import Shape
from eventlab.study.models.fits import fit_events

if TYPE_CHECKING:
    from eventlab.study.models.specs import EventArrays
    from tests.study.panels import Array

RTOL = 1e-12
WINDOWS = ((0, 0), (0, 5))
GAPPY = Design("shape", n=6, bars=80, windows=WINDOWS, dates="one", trading=0.8, missing=True)


def drawn(design: Design, seed: int = 1) -> tuple[EventArrays, Battery]:
    arrays = draw_sample(design, np.random.default_rng(seed))
    return arrays, battery_of(arrays, design)


def battery_of(arrays: EventArrays, design: Design) -> Battery:
    return Battery(arrays, fit_events(arrays, design.spec), design.spec)


def shape_of(battery: Battery) -> Shape:
    members = np.arange(len(battery.fits.sigma))
    return Shape(battery.sample(members, slice(0, battery.n_windows)))


def notes(design: Design, seed: int = 1) -> dict[str, str]:
    """Note of every test in the first window."""
    _, battery = drawn(design, seed)
    found = battery.outcomes(np.arange(design.n))[0]
    assert all(one.note for one in found if one.test in {"grank_t", "bmp"} and not one.headline)
    return {one.test: one.note for one in found}


def residuals(arrays: EventArrays, design: Design, i: int) -> Array:
    """Residuals of event i over sigma, by a fit of its own."""
    first, last = design.spec.estimation_window
    bars = slice(arrays.position[i] + first, arrays.position[i] + last + 1)
    y, x = arrays.returns[arrays.column[i], bars], arrays.returns[arrays.factors[i, 0], bars]
    kept = np.isfinite(y)
    X = np.column_stack([np.ones(kept.sum()), x[kept]])
    resid = y[kept] - X @ np.linalg.lstsq(X, y[kept], rcond=None)[0]
    scaled: Array = resid / math.sqrt(resid @ resid / (len(resid) - 2))
    return scaled


def test_against_loops() -> None:
    arrays, battery = drawn(GAPPY, seed=13)
    shape, sample = shape_of(battery), battery.sample(np.arange(6), slice(0, 2))
    assert sample.n.tolist() == [4, 2]
    quantiles = [stats.norm.ppf((k + 0.5) / 40) for k in range(40)]
    for w, length in enumerate((1, 6)):
        inside = [i for i in range(6) if sample.known[i, w]]
        own = [residuals(arrays, GAPPY, i) for i in inside]
        n = len(inside)
        positive = sum((z > 0).mean() for z in own) / n
        skewness = 6 * math.sqrt(2 * math.pi) * (0.5 - positive) / math.sqrt(length)
        fourth = sum((z**4).mean() for z in own) / n
        second = sum((z**2).mean() for z in own) / n
        kurtosis = 3 + (fourth / second**2 - 3) / length
        ranks = np.array([[(z < q).mean() - 0.5 for q in quantiles] for z in own])
        shift = math.sqrt(12 * n) * ranks.mean()
        spread = math.sqrt(12 * (ranks**2).mean())
        level = stats.norm.cdf((shift - 1.959963984540054) / spread) + stats.norm.cdf(
            (-shift - 1.959963984540054) / spread
        )
        assert shape.skewness[w] == pytest.approx(skewness, rel=RTOL)
        assert shape.kurtosis[w] == pytest.approx(kurtosis, rel=RTOL)
        assert shape.variance_error[w] == pytest.approx(math.sqrt((kurtosis - 1) / n), rel=RTOL)
        assert shape.rank_level[w] == pytest.approx(level if length > 1 else 0.05, rel=RTOL)
        assert shape.present[w] == pytest.approx(sum(map(len, own)) / 80 / n, rel=RTOL)
        assert shape.tails[w] == pytest.approx((kurtosis - 3) / n, rel=RTOL)
        there = sum(map(len, own)) / 80 / n
        assert shape.common_bars[w] == pytest.approx(80 * there**2, rel=RTOL)


def test_the_expansion_of_a_t_by_hand() -> None:
    # z = 1.96: phi = .05845, z^4 + 2 z^2 - 3 = 19.44, z^2 - 3 = .8415. Skewness 1 and kurtosis 3:
    # 2 (1.96)(.05845)(19.44)/18 = .2474 over N; kurtosis 9: less 2 (1.96)(.05845)(6)(.8415)/12.
    _, battery = drawn(replace(GAPPY, missing=False, trading=1.0))
    shape = shape_of(battery)
    z = 1.959963984540054
    factor = 2 * z * stats.norm.pdf(z)
    for w in range(2):
        skewed = shape.skewness[w] ** 2 * (z**4 + 2 * z**2 - 3) / 18
        fat = (shape.kurtosis[w] - 3) * (z**2 - 3) / 12
        assert shape.t_excess[w] == pytest.approx(factor * (skewed - fat) / 6, rel=RTOL)
    assert factor * 19.44 / 18 == pytest.approx(0.2474, abs=1e-4)
    assert factor * 6 * 0.8415 / 12 == pytest.approx(0.0964, abs=1e-4)


def test_skewness_from_signs_is_that_of_the_edgeworth_density() -> None:
    # The density phi (1 + g/6 (x^3 - 3x)) has skewness g; its share above zero gives g back.
    g = 0.3
    share = integrate.quad(lambda x: stats.norm.pdf(x) * (1 + g / 6 * (x**3 - 3 * x)), 0, np.inf)[0]
    assert 6 * math.sqrt(2 * math.pi) * (0.5 - share) == pytest.approx(g, rel=1e-9)


def test_normal_residuals_leave_every_test_its_level() -> None:
    _, battery = drawn(Design("normal", n=60, windows=WINDOWS, errors="normal"))
    shape = shape_of(battery)
    np.testing.assert_allclose(shape.kurtosis, 3.0, atol=0.1)
    np.testing.assert_allclose(shape.skewness, 0.0, atol=0.1)
    np.testing.assert_allclose(shape.rank_level, 0.05, atol=0.002)
    np.testing.assert_allclose(shape.traded, 60.0)
    assert (shape.unmeasured == 0.0).all()
    found = battery.outcomes(np.arange(60))
    for window in found:
        headlines = {one.test for one in window if one.headline}
        assert headlines == {"patell_z", "bmp", "kolari_pynnonen_bmp", "grank_t"}


def test_nothing_of_the_event_window_or_after_is_read() -> None:
    arrays, battery = drawn(GAPPY)
    changed = arrays.returns.copy()
    changed[:, arrays.position.min() :] *= -3.0
    other = shape_of(battery_of(replace(arrays, returns=changed), GAPPY))
    shape = shape_of(battery)
    for name in ("traded", "skewness", "kurtosis", "t_excess", "rank_level", "present"):
        np.testing.assert_array_equal(getattr(shape, name), getattr(other, name))
    np.testing.assert_array_equal(shape.unmeasured, other.unmeasured)


def test_a_zero_return_counts_as_no_trade() -> None:
    arrays, _ = drawn(replace(GAPPY, missing=False, trading=1.0))
    returns = arrays.returns.copy()
    start = int(arrays.position[0]) - 80
    returns[0, start : start + 60] = 0.0  # one asset trades in 20 of its 80 bars
    shape = shape_of(battery_of(replace(arrays, returns=returns), GAPPY))
    np.testing.assert_allclose(shape.traded, [5.25, 6 - 0.75**6], rtol=RTOL)


def test_pairs_without_thirty_common_bars_have_no_known_correlation() -> None:
    assert shape_of(drawn(Design("a", n=6, bars=29, dates="one"))[1]).unmeasured.tolist() == [1.0]
    assert shape_of(drawn(Design("b", n=6, bars=30, dates="one"))[1]).unmeasured.tolist() == [0.0]
    arrays, _ = drawn(Design("c", n=4, bars=80, dates="one"))
    returns = arrays.returns.copy()
    end = int(arrays.position[0])
    returns[0, end - 80 : end - 40] = np.nan  # 40 bars late, 40 early: none in common
    returns[1, end - 40 : end] = np.nan
    design = replace(GAPPY, n=4, windows=((0, 0),))
    shape = shape_of(battery_of(replace(arrays, returns=returns), design))
    assert shape.unmeasured[0] == pytest.approx(1 / 6)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_events_or_none(n: int) -> None:
    arrays, battery = drawn(GAPPY)
    members = np.arange(len(arrays))[:n]
    shape = Shape(battery.sample(members, slice(0, 2)))
    assert np.isfinite(shape.t_excess).all() or n == 0
    for window in battery.outcomes(members):
        assert not any(one.headline for one in window)
        assert all(one.note for one in window)


@pytest.mark.parametrize(
    ("design", "test", "words"),
    [
        (Design("few", n=39), "grank_t", "over-rejects with few events: 39 that trade (40)"),
        (
            Design("short", n=50, bars=20, dates="one"),
            "kolari_pynnonen_bmp",
            "100% of pairs that share bars have fewer than 30",
        ),
        (
            Design("tight", n=50, dates="one", rho=0.6, errors="normal"),
            "kolari_pynnonen_bmp",
            "independent ones (3): one shared move decides",
        ),
        (
            Design("uneven", n=10, dates="one", rho=0.2, errors="garch_t4"),
            "kolari_pynnonen_bmp",
            "scatter too unevenly to judge a move that they share",
        ),
        (
            Design("short", n=50, bars=50, dates="one"),
            "kolari_pynnonen_bmp",
            "rests on 50 common estimation bars (60)",
        ),
        (Design("thin", n=9, trading=0.4), "bmp", "thin trading: of 9 events 3."),
        (Design("thin", n=60, trading=0.4), "grank_t", "over-rejects with few events: 24 that"),
        (Design("skewed", n=10, errors="skewed"), "bmp", "at 5% too often"),
        (Design("skewed", n=60, errors="skewed"), "grank_t", "needs symmetric residuals"),
        (Design("skewed", n=60, errors="skewed"), "patell_z", "hide one from 60 events"),
        (Design("fat", n=30, errors="normal"), "patell_z", "30 events do not rule out that it"),
        (Design("long", n=50, windows=((0, 5),)), "grank_t", "ranks returns of 6 bars among"),
        (
            Design("holes", n=80, trading=0.7, missing=True, dates="one", rho=0.05),
            "grank_t",
            "of their estimation bars are missing",
        ),
    ],
)
def test_the_reason_is_given_in_words(design: Design, test: str, words: str) -> None:
    found = notes(design)
    assert words in found[test], found[test]
