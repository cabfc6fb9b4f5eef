"""Many pairs at many events against plain loops over pseudo-dates; what must not matter."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.contagion.breaks.battery import (
    TESTS,
    BreakItems,
    BreakResults,
    BreakSpec,
    prepare_breaks,
)
from eventlab.contagion.breaks.specs import VERDICTS
from eventlab.errors import UsageError
from tests import naive_contagion_breaks as naive
from tests.contagion.breaks.worlds import (
    CALM,
    CRISIS,
    ROWS,
    free_rows,
    make_items,
    pseudo,
    returns,
    run,
    window,
)

Array = npt.NDArray[np.float64]
RTOL = 1e-9  # statistics of residuals


def same(one: BreakResults, other: BreakResults) -> None:
    for field in fields(BreakResults):
        mine, yours = getattr(one, field.name), getattr(other, field.name)
        equal = mine == yours if isinstance(mine, tuple) else mine.tobytes() == yours.tobytes()
        assert equal, field.name


@pytest.mark.parametrize("variant", ["raw", "nu"])
def test_plain_loops_over_pseudo_dates(variant: Any) -> None:
    data = returns(T=380)
    found = run(data, variant=variant).results
    item, pair, row = 3, (0, 2), ROWS[1]
    real = naive.battery(window(data, pair, row, 0), window(data, pair, row, 1), variant)
    np.testing.assert_allclose(found.statistic[item], real, rtol=RTOL)
    plain, given_variance = pseudo(data, pair, row, variant)
    link = [naive.pvalue(real[k], given_variance[:, k].tolist()) for k in range(8)]
    np.testing.assert_allclose(found.transmission_pvalue[item], link, rtol=RTOL)
    own = [naive.pvalue(real[k], plain[:, k].tolist()) for k in range(8)]
    own[0] = naive.pvalue(abs(real[0]), np.abs(plain[:, 0]).tolist())
    seen = slice(1, 3) if variant == "raw" else slice(1, 8)  # tests that see variances
    own[seen] = link[seen]
    np.testing.assert_allclose(found.placebo_pvalue[item], own, rtol=RTOL)
    assert found.n_placebo[item] == np.count_nonzero(free_rows(380))


def test_what_pairs_look_like() -> None:
    data = returns(1)
    found = run(data).results
    for item, (row, target) in enumerate((row, target) for row in ROWS for target in (1, 2)):
        calm, crisis = window(data, (0, target), row, 0), window(data, (0, target), row, 1)
        wanted = np.corrcoef(*calm)[0, 1], np.corrcoef(*crisis)[0, 1]
        assert (found.rho_calm[item], found.rho_crisis[item]) == pytest.approx(wanted, rel=RTOL)
        ratio = np.var(crisis, axis=1, ddof=1) / np.var(calm, axis=1, ddof=1)
        assert found.variance_source[item] == pytest.approx(ratio[0], rel=RTOL)
        assert found.variance_target[item] == pytest.approx(ratio[1], rel=RTOL)
        nu = wanted[1] / math.sqrt(1 + (ratio[0] - 1) * (1 - wanted[1] ** 2))
        assert found.rho_adjusted[item] == pytest.approx(nu, rel=RTOL)
    assert set(found.verdict) <= set(VERDICTS)
    assert (found.n_calm == 55).all()
    assert (found.n_crisis == 15).all()
    assert (found.n_events == 1).all()
    assert set(found.note) == {""}


def test_residuals_are_fitted_on_every_calm_window() -> None:
    data = returns(2)
    found = run(data, factors=(3,)).results
    row = ROWS[0]
    calm = data[:, row + CALM[0] : row + CALM[1] + 1].T.copy()
    crisis = data[:, row + CRISIS[0] : row + CRISIS[1] + 1].T.copy()
    net = naive.residuals(calm, crisis, (3,))
    real = naive.battery((net[0][:, 0], net[0][:, 1]), (net[1][:, 0], net[1][:, 1]))
    np.testing.assert_allclose(found.statistic[0], real, rtol=RTOL)


def test_what_one_family_does_is_nothing_to_another() -> None:
    data = returns(3)
    whole = run(data).results
    alone = run(data, make_items(rows=ROWS[1:2])).results
    for name in ("statistic", "placebo_pvalue", "romano_wolf_pvalue", "adjusted_pvalue"):
        assert getattr(alone, name).tobytes() == getattr(whole, name)[2:4].tobytes()


def test_items_in_any_order() -> None:
    data, items = returns(4), make_items()
    order = np.array([5, 0, 3, 1, 4, 2])
    mixed = BreakItems(*(getattr(items, f)[order] for f in ("row", "source", "target", "family")))
    found, wanted = run(data, mixed).results, run(data, items).results
    assert found.placebo_pvalue.tobytes() == wanted.placebo_pvalue[order].tobytes()
    assert found.rule == tuple(wanted.rule[i] for i in order)


@pytest.mark.parametrize("factors", [(), (3,)])
def test_threads_do_not_matter(factors: tuple[int, ...]) -> None:
    data = returns(5)
    one, three = run(data, factors=factors), run(data, factors=factors, threads=3)
    same(one.results, three.results)
    members = [np.array([0, 2, 4]), np.array([1, 3, 5])]
    same(one.average(members), three.average(members))


@pytest.mark.parametrize("factors", [(), (3,)])
def test_the_future_does_not_matter(factors: tuple[int, ...]) -> None:
    data = returns(6)
    other = data.copy()
    other[:, max(ROWS) + CRISIS[1] + 1 :] = 9.0
    same(run(data, factors=factors).results, run(other, factors=factors).results)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1e-6, 0.3, 7.0, 1e5]), st.sampled_from([1e-3, 1e4]))
def test_units_do_not_matter(seed: int, source: float, target: float) -> None:
    data = returns(seed, C=3)
    scaled = data * np.array([source, target, 1.0])[:, None]
    one, other = run(data).results, run(scaled).results
    assert one.verdict == other.verdict
    np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-7, atol=1e-9)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_turning_the_sign_of_a_series_turns_the_statistic(seed: int) -> None:
    data = returns(seed, C=3)
    turned = data * np.array([-1.0, 1.0, 1.0])[:, None]
    one, other = run(data).results, run(turned).results
    np.testing.assert_allclose(one.statistic[:, :3], -other.statistic[:, :3], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.statistic[:, 3:], other.statistic[:, 3:], rtol=1e-9, atol=1e-9)
    assert one.placebo_pvalue[:, 0].tolist() == other.placebo_pvalue[:, 0].tolist()


def test_averages_are_means_over_joint_draws() -> None:
    data, items = returns(7, T=380), make_items()
    breaks = run(data, items, draws=60, seed=3)
    members = [np.array([0, 2, 4]), np.array([1, 3, 5])]
    found = breaks.average(members)
    own = breaks.results.statistic[members[1]]
    np.testing.assert_allclose(found.statistic[1], own.mean(axis=0), rtol=1e-12)
    drawn = np.zeros((60, 8))
    linked = np.zeros((60, 8))
    for row in ROWS:
        plain, given_variance = pseudo(data, (0, 2), row, "raw")
        dates = np.random.default_rng([3, row]).integers(0, len(plain), 60)
        drawn += plain[dates] / 3.0
        linked += given_variance[dates] / 3.0
    real = found.statistic[1]
    fisher = naive.pvalue(abs(real[0]), np.abs(drawn[:, 0]).tolist())
    assert found.placebo_pvalue[1, 0] == pytest.approx(fisher, rel=RTOL)
    for k in range(3, 8):
        wanted = naive.pvalue(real[k], drawn[:, k].tolist())
        assert found.placebo_pvalue[1, k] == pytest.approx(wanted, rel=RTOL)
    link = [naive.pvalue(real[k], linked[:, k].tolist()) for k in range(8)]
    np.testing.assert_allclose(found.transmission_pvalue[1], link, rtol=RTOL)
    assert np.isnan(found.pvalue).all()
    assert (found.n_events == 3).all()
    assert (found.n_placebo == 60).all()
    mean = np.tanh(np.arctanh(breaks.results.rho_crisis[members[1]]).mean())
    assert found.rho_crisis[1] == pytest.approx(mean, rel=RTOL)


def test_an_average_over_one_event_is_that_event() -> None:
    breaks = run(returns(8), draws=3000)
    found, own = breaks.average([np.array([2])]), breaks.results
    assert found.statistic.tobytes() == own.statistic[2:3].tobytes()
    assert found.pvalue.tobytes() == own.pvalue[2:3].tobytes()
    error = 4 * np.sqrt(0.25 / 3000)  # four standard errors of a share of 3,000 draws
    np.testing.assert_allclose(found.placebo_pvalue[0], own.placebo_pvalue[2], atol=error)


def test_the_same_draws_for_a_part_of_the_events() -> None:
    breaks = run(returns(9), draws=500)
    pairs = [np.array([0, 2]), np.array([1, 3])]
    one = breaks.average(pairs)
    other = breaks.average([pairs[1]])
    assert one.placebo_pvalue[1].tobytes() == other.placebo_pvalue[0].tobytes()
    assert (
        run(returns(9), draws=500, seed=1).average(pairs).placebo_pvalue[0, 0]
        != (one.placebo_pvalue[0, 0])
    )


def test_contagion_is_found_where_the_link_is_stronger() -> None:
    data = returns(10)
    for row in ROWS:
        data[1, row : row + 15] += 3.0 * data[0, row : row + 15]
    breaks = run(data, draws=1000)
    found = breaks.average([np.array([0, 2, 4]), np.array([1, 3, 5])])
    assert found.verdict[0] == "contagion"
    assert found.verdict[1] != "contagion"
    assert "beyond what the source's variance explains" in found.rule[0]


def test_a_louder_source_alone_is_no_contagion() -> None:
    rng = np.random.default_rng(11)
    e = 0.01 * rng.standard_normal((2, 420))
    x = e[0].copy()
    for row in ROWS:
        x[row : row + 15] *= 3.0
    breaks = run(np.stack([x, 0.7 * x + e[1]]), make_items((1,)), draws=1000)
    found = breaks.average([np.array([0, 1, 2])])
    assert found.placebo_pvalue[0, 0] < 0.05
    assert found.transmission_pvalue[0, 1] > 0.05
    assert found.verdict == ("interdependence",)


def test_both_louder_is_a_common_volatility_shock() -> None:
    data = returns(12, C=2)
    for row in ROWS:
        data[:, row : row + 15] *= 3.0
    found = run(data, make_items((1,)), draws=1000).average([np.array([0, 1, 2])])
    assert found.verdict == ("common volatility shock",)
    assert found.placebo_source[0] < 0.05
    assert found.placebo_target[0] < 0.05


def test_decoupling_is_said() -> None:
    rng = np.random.default_rng(13)
    data = returns(13, C=2)
    for row in ROWS:
        data[1, row : row + 15] = 0.012 * rng.standard_normal(15)
    found = run(data, make_items((1,)), draws=1000).average([np.array([0, 1, 2])])
    assert found.verdict == ("interdependence",)
    assert found.rule[0].startswith("decoupling: correlation fell")
    assert found.transmission_pvalue[0, 1] > 0.95


def test_a_stronger_negative_link_is_contagion_too() -> None:
    data = returns(10)
    for row in ROWS:
        data[1, row : row + 15] += 3.0 * data[0, row : row + 15]
    data[0] *= -1.0
    found = run(data, draws=1000).average([np.array([0, 2, 4])])
    assert found.verdict == ("contagion",)
    assert "fell further below zero" in found.rule[0]
    assert found.statistic[0, 0] < 0.0


def test_what_would_have_shown_shows_in_four_of_five() -> None:
    """Give every pseudo-date the detectable change, row by row: 80% of them are significant."""
    data = returns(14)
    results = run(data, make_items((1,)), draws=100).results
    dates = np.flatnonzero(free_rows()).tolist()
    rho = float(results.rho_calm[0])
    shift = np.arctanh(rho + results.detectable[0]) - np.arctanh(rho)
    plain, lifted = [], []
    for date in dates:
        (a, b), (x, y) = (window(data, (0, 1), date, w) for w in (0, 1))
        own = np.corrcoef(a, b)[0, 1]
        wanted = np.tanh(np.arctanh(own) + shift)
        v = np.sqrt((1 - wanted**2) / (1 - own**2))
        made = (wanted - own * v) * x / a.std() + v * y / b.std()
        plain.append(abs(naive.battery((a, b), (x, y))[0]))
        lifted.append(naive.battery((a, b), (x, made))[0])
    critical = np.sort(plain)[::-1][int(0.05 * (1 + len(plain)) + 1e-9) - 1]
    assert np.mean(np.array(lifted) > critical) == pytest.approx(0.8, abs=0.03)  # between shifts


def test_nothing_is_silent() -> None:
    data = returns(15, C=7)
    data[1, 255:265] = np.nan  # ten of fifteen crisis rows of the second event
    data[2, 250:265] = 0.001
    data[3, :] = -2.0 * data[0, :]
    data[4, : ROWS[1] - 40] = np.nan
    data[5, : ROWS[1] - 61] = np.nan
    items = make_items((1, 2, 3, 4, 5, 6), rows=(ROWS[1],))
    found = run(data, items).results
    assert found.note[0] == "5 complete rows in crisis window [0,14]; at least 8 are needed"
    assert found.note[1] == "a series is constant in crisis window [0,14]"
    assert found.note[2] == "correlation is -1 in calm window [-60,-6]"
    assert found.note[3] == ""  # 35 calm rows are enough
    assert found.note[4] == ""
    assert found.verdict[:3] == ("", "", "")
    assert found.rule[:3] == ("", "", "")
    assert np.isnan(found.statistic[:3]).all()
    assert np.isnan(found.placebo_pvalue[:3]).all()
    assert np.isfinite(found.romano_wolf_pvalue[3:]).all()
    assert (found.n_placebo[3:5] < found.n_placebo[5]).all()
    assert "Romano-Wolf over 3 pairs" in found.rule[5]


def test_too_few_placebo_dates_are_said_aloud() -> None:
    data = returns(16)
    data[1, : ROWS[2] - 61] = np.nan
    data[1, ROWS[2] : ROWS[2] + 15] = 5.0 * data[0, ROWS[2] : ROWS[2] + 15]
    data[1, ROWS[2] : ROWS[2] + 15] += 0.001 * data[2, ROWS[2] : ROWS[2] + 15]
    spec = BreakSpec(CALM, CRISIS, draws=100)
    few = free_rows()
    few[: ROWS[2] - 25] = False
    found = prepare_breaks(data, make_items((1,), (ROWS[2],)), spec, few).results
    assert found.n_placebo[0] < 20
    assert np.isnan(found.placebo_pvalue).all()
    assert np.isnan(found.detectable[0])
    assert found.note[0].startswith("no placebo p: ")
    assert found.verdict == ("contagion",)
    assert "ASYMPTOTIC" in found.rule[0]


def test_no_placebo_date_at_all() -> None:
    breaks = prepare_breaks(
        returns(17), make_items(), BreakSpec(CALM, CRISIS, draws=50), np.zeros(420, dtype=np.bool_)
    )
    assert np.isfinite(breaks.results.statistic).all()
    assert np.isnan(breaks.results.placebo_pvalue).all()
    average = breaks.average([np.array([0, 2, 4])])
    assert np.isnan(average.placebo_pvalue).all()
    assert "ASYMPTOTIC" in average.rule[0]


def test_windows_beyond_the_prices() -> None:
    found = run(returns(18), make_items((1,), (30, 415))).results
    assert found.note == (
        "calm window [-60,-6] reaches beyond the prices",
        "crisis window [0,14] reaches beyond the prices",
    )


def test_an_event_without_a_statistic_is_left_out_of_the_average() -> None:
    data = returns(19)
    data[1, 250:265] = np.nan
    breaks = run(data)
    found = breaks.average([np.array([0, 2, 4]), np.array([2])])
    assert found.n_events.tolist() == [2, 0]
    own = breaks.results.statistic[[0, 4]].mean(axis=0)
    np.testing.assert_allclose(found.statistic[0], own, rtol=1e-12)
    assert found.note == (
        "1 events without a statistic are left out",
        "none of 1 events has a statistic",
    )
    assert found.verdict[1] == ""


def test_pools_of_families() -> None:
    data = returns(20)
    early, late = free_rows(), free_rows()
    early[300:] = False
    late[:200] = False
    masks = {0: early, 1: late, 2: early}
    found = prepare_breaks(data, make_items((1,)), BreakSpec(CALM, CRISIS, draws=50), masks).results
    assert found.n_placebo.tolist() == [early.sum(), late.sum(), early.sum()]


def test_the_event_is_not_its_own_placebo() -> None:
    everywhere = np.ones(420, dtype=np.bool_)
    spec = BreakSpec(CALM, CRISIS, draws=50)
    found = prepare_breaks(returns(21), make_items((1,)), spec, everywhere).results
    assert found.n_placebo.tolist() == [420 - 60 - 14 - 1] * 3


@pytest.mark.parametrize("change", ["empty", "column", "factor", "rows"])
def test_wrong_items(change: str) -> None:
    items = make_items()
    spec = BreakSpec(CALM, CRISIS, factors=(9,) if change == "factor" else ())
    if change == "empty":
        items = BreakItems(*(np.empty(0, dtype=np.int64) for _ in range(4)))
    if change == "column":
        items.target[0] = 4
    if change == "rows":
        items.family[:] = 0
    with pytest.raises(UsageError):
        prepare_breaks(returns(), items, spec, free_rows())


def test_the_tests_are_those_of_the_contract() -> None:
    assert TESTS == (
        "fisher",
        "forbes_rigobon",
        "forbes_rigobon_delta",
        "cs12",
        "cs21",
        "ck13",
        "ck31",
        "cv22",
    )
