"""Placebo p-values of several pairs: against statsmodels, plain loops, and the single pair."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from statsmodels.stats.multitest import multipletests

from eventlab.contagion.breaks import multiplicity
from eventlab.contagion.breaks.multiplicity import benjamini_hochberg
from eventlab.contagion.breaks.pools import lend
from eventlab.contagion.placebo import placebo_pvalue
from tests import naive_contagion_breaks as naive

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
RTOL = 1e-13


def scores(seed: int = 0, n: int = 60, J: int = 4) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    pseudo = np.abs(rng.standard_normal((n, J)) + rng.standard_normal((n, 1)))
    return np.abs(rng.standard_normal(J)) * np.arange(1, J + 1), pseudo


def laid_out(pseudo: Array) -> tuple[Array, Places, Places, Places]:
    """Scores (n, J), NaN on dates that a pair lacks, as (J, n), their order and number, and at."""
    dates = np.flatnonzero(np.isfinite(pseudo).any(axis=1))
    own = [np.flatnonzero(np.isfinite(column)) for column in pseudo.T]
    found = np.full(pseudo.T.shape, np.nan)
    for j, places in enumerate(own):
        found[j, : len(places)] = pseudo[places, j]
    at = np.stack([lend(places, dates) for places in own])
    return found, np.argsort(found, axis=1), np.array([len(places) for places in own]), at


def family_pvalues(real: Array, pseudo: Array) -> tuple[Array, Array]:
    found, order, count, at = laid_out(pseudo)
    given = real[None], found[None]
    alone, joint = multiplicity.family_pvalues(*given, order[None], count, at)
    assert alone.tobytes() == multiplicity.placebo_pvalues(*given, count).tobytes()
    return alone[0], joint[0]


def placebo_pvalues(real: Array, pseudo: Array) -> Array:
    return family_pvalues(real, pseudo)[0]


def romano_wolf(real: Array, pseudo: Array) -> Array:
    return family_pvalues(real, pseudo)[1]


def critical_scores(pseudo: Array, level: float) -> Array:
    return multiplicity.critical_scores(*laid_out(pseudo), level)


def test_benjamini_hochberg_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(0)
    for J in (1, 2, 7, 30):
        p = rng.uniform(size=J) ** 2
        wanted = multipletests(p, method="fdr_bh")[1]
        np.testing.assert_allclose(benjamini_hochberg(p), wanted, rtol=RTOL)


def test_benjamini_hochberg_leaves_out_what_is_missing() -> None:
    p = np.array([[0.01, np.nan], [np.nan, np.nan], [0.04, 0.5]])
    found = benjamini_hochberg(p)
    np.testing.assert_allclose(found[:, 0], [0.02, np.nan, 0.04], rtol=RTOL)
    np.testing.assert_allclose(found[:, 1], [np.nan, np.nan, 0.5], rtol=RTOL)


def test_placebo_pvalues_are_the_room_s() -> None:
    real, pseudo = scores()
    pseudo[:30, 1] = np.nan
    pseudo[:50, 2] = np.nan
    found = placebo_pvalues(real, pseudo)
    wanted = [placebo_pvalue(real[j], pseudo[:, j], "greater").pvalue for j in range(4)]
    np.testing.assert_allclose(found, wanted, rtol=RTOL)
    assert np.isnan(found[2])


@pytest.mark.parametrize("seed", range(6))
def test_romano_wolf_is_a_plain_loop(seed: int) -> None:
    real, pseudo = scores(seed, n=40 + seed)
    if seed == 5:
        pseudo = np.round(pseudo, 1)  # ties
        real = np.round(real, 1)
    wanted = naive.romano_wolf(real.tolist(), pseudo.T.tolist())
    np.testing.assert_allclose(romano_wolf(real, pseudo), wanted, rtol=RTOL)


def test_romano_wolf_of_one_pair_is_its_placebo_p() -> None:
    real, pseudo = scores(3, J=1)
    assert romano_wolf(real, pseudo)[0] == placebo_pvalues(real, pseudo)[0]


def test_romano_wolf_of_the_same_pair_twice_costs_nothing() -> None:
    real, pseudo = scores(4, J=1)
    twice = romano_wolf(np.repeat(real, 2), np.repeat(pseudo, 2, axis=1))
    np.testing.assert_allclose(twice, placebo_pvalues(real, pseudo)[[0, 0]], rtol=RTOL)


def test_romano_wolf_lies_between_the_placebo_p_and_bonferroni() -> None:
    real, pseudo = scores(5, n=300, J=6)
    alone = placebo_pvalues(real, pseudo)
    found = romano_wolf(real, pseudo)
    assert (found >= alone).all()
    assert (found <= np.minimum(1.0, 6.0 * alone) + 1e-12).all()


def test_scales_of_the_pairs_do_not_matter() -> None:
    real, pseudo = scores(6)
    scale = np.array([1e-6, 1.0, 1e3, 5.0])
    found = romano_wolf(scale * real, scale * pseudo)
    assert found.tobytes() == romano_wolf(real, pseudo).tobytes()


def test_a_pair_without_history_is_left_out_of_the_family() -> None:
    real, pseudo = scores(7)
    pseudo[19:, 2] = np.nan
    found = romano_wolf(real, pseudo)
    assert np.isnan(found[2])
    others = [0, 1, 3]
    np.testing.assert_allclose(found[others], romano_wolf(real[others], pseudo[:, others]))


def test_a_short_history_does_not_shorten_that_of_others() -> None:
    real, pseudo = scores(8, n=400, J=2)
    real[:] = 100.0
    pseudo[30:, 1] = np.nan
    found = romano_wolf(real, pseudo)
    assert found[0] == 1 / 401
    assert found[1] == 1 / 31  # its own 31 dates say no more


def test_a_date_of_ones_own_is_not_lent() -> None:
    own, shared = np.array([4, 9, 20]), np.arange(3, 25)
    place = lend(own, shared)
    assert own[place[[1, 6, 17]]].tolist() == [4, 9, 20]
    assert set(place) == {0, 1, 2}
    assert lend(own, own).tolist() == [0, 1, 2]
    assert lend(own[:0], shared).tolist() == [0] * 22


@pytest.mark.parametrize("seed", range(4))
def test_romano_wolf_with_short_histories_is_a_plain_loop(seed: int) -> None:
    real, pseudo = scores(seed, n=70)
    pseudo[30:, 1] = np.nan
    pseudo[:25, 2] = np.nan
    at = laid_out(pseudo)[-1]
    own = [column[np.isfinite(column)].tolist() for column in pseudo.T]
    wanted = naive.romano_wolf(real.tolist(), own, at.tolist())
    np.testing.assert_allclose(romano_wolf(real, pseudo), wanted, rtol=RTOL)


@pytest.mark.parametrize("J", [1, 3])
def test_beyond_the_critical_score_is_significant_and_at_it_is_not(J: int) -> None:
    _, pseudo = scores(10, n=200, J=J)
    critical = critical_scores(pseudo, 0.05)
    quiet = np.zeros(J)
    for j in range(J):
        for score, significant in ((np.nextafter(critical[j], 9.0), True), (critical[j], False)):
            real = quiet.copy()
            real[j] = score
            assert (romano_wolf(real, pseudo)[j] <= 0.05) == significant


def test_too_few_dates_for_any_score() -> None:
    _, pseudo = scores(11, n=19, J=2)
    assert np.isinf(critical_scores(pseudo, 0.05)).all()
    _, pseudo = scores(11, n=30, J=2)
    assert np.isinf(critical_scores(pseudo, 0.01)).all()
