"""Statistics of pseudo-dates from moments against plain arithmetic, and true changes row by row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from eventlab.kernels.break_placebo import (
    N_FACTS,
    N_LIFTS,
    N_SCORES,
    break_statistics_nb,
    date_facts_nb,
    lifts_nb,
    pseudo_scores_nb,
    shown_nb,
)
from eventlab.kernels.correlation_breaks import N_MOMENTS, pair_moments_nb
from tests import naive_contagion_breaks as naive

Array = npt.NDArray[np.float64]
RTOL = 1e-12  # closed forms of the same numbers
ROWS_RTOL = 1e-9  # moments of 20 to 60 rows of which every one was changed
PAIRS, DATES = 2, 9


def rows(seed: int, n: int) -> tuple[Array, Array]:
    x, y = np.random.default_rng(seed).standard_t(5, (2, n))
    return x.copy(), y + 0.6 * x


def of(pair: tuple[Array, Array]) -> Array:
    found = np.empty(N_MOMENTS)
    pair_moments_nb(*pair, 4, np.empty((2, len(pair[0]))), found)
    return found


def table() -> Array:
    """(2, 9, 2, 11) moments of two pairs at nine dates."""
    seeds = np.arange(PAIRS * DATES).reshape(PAIRS, DATES)
    both = [[[of(rows(s, 60)), of(rows(s + 100, 20))] for s in line] for line in seeds.tolist()]
    return np.array(both)


def facts_of(moments: Array) -> Array:
    found = np.empty((*moments.shape[:2], N_FACTS))
    date_facts_nb(moments, found)
    return found


@pytest.mark.parametrize("variant", ["raw", "nu"])
def test_scores_are_plain_arithmetic(variant: Any) -> None:
    moments = table()
    facts = facts_of(moments)
    pair, own = np.array([1, 0, 1]), np.array([[0, 2, 5, 8], [1, 3, 0, 0], [0, 0, 0, 0]])
    count, noise = np.array([4, 2, 0]), np.linspace(-1.5, 1.5, DATES)
    events = np.ascontiguousarray(moments[[0, 1, 0], 4])
    ratios = np.array([[3.0, 9.0, 1.2], [0.5, 9.0, 2.0], [1.0, 9.0, 1.0]])
    found = np.full((N_SCORES, 3, 4), 7.0)
    pseudo_scores_nb(
        moments, facts, pair, own, count, noise, events, ratios, variant == "nu", found
    )
    for j in range(3):
        dates = own[j, : count[j]].tolist()
        moved = [float(facts[pair[j], t, 3]) for t in dates]
        wander = max(0.0, math.fsum(moved) / len(moved)) if moved else 0.0
        for i, t in enumerate(dates):
            calm, crisis = moments[pair[j], t].tolist()
            kept, asked = events[j, 0].tolist(), (ratios[j, 0], ratios[j, 2])
            made = naive.transmitted_moments(calm, crisis, asked, (noise[t], wander))
            plain = naive.battery_of_moments(calm, crisis, kept, "raw")
            wanted = [
                *(plain[k] for k in (0, 3, 4, 5, 6, 7)),
                *naive.battery_of_moments(calm, made, kept, variant),
                math.log(crisis[1] / calm[1]),
                math.log(crisis[2] / calm[2]),
            ]
            np.testing.assert_allclose(found[:, j, i], wanted, rtol=RTOL, atol=RTOL)
        assert np.isnan(found[:, j, count[j] :]).all()


def test_both_forms_of_the_naive_battery_agree() -> None:
    calm, crisis, kept = rows(1, 60), rows(2, 20), rows(3, 50)
    for variant in ("raw", "nu"):
        before, after, own = (naive.moments(*pair) for pair in (calm, crisis, kept))
        found = naive.battery_of_moments(before, after, own, variant)
        signed = naive.battery(calm, crisis)[:3]
        np.testing.assert_allclose(found[:3], signed, rtol=1e-10)
        np.testing.assert_allclose(found[3:], naive.battery(kept, crisis, variant)[3:], rtol=1e-10)


@pytest.mark.parametrize(("place", "value"), [(0, 3.0), (3, 1.0), (3, -1.0), (3, np.nan)])
def test_no_statistic_of_a_window_without_a_correlation(place: int, value: float) -> None:
    for w in (0, 1):
        both = [of(rows(1, 60)), of(rows(2, 20))]
        both[w][place] = value
        found = np.zeros(8)
        break_statistics_nb(both[0], both[1], both[0], False, found)
        assert np.isnan(found).all()
        assert np.isnan(facts_of(np.array([[both]]))[0, 0, 0])


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("shift", [0.02, 0.5, 3.0])
def test_a_true_change_is_made_row_by_row(side: float, shift: float) -> None:
    calm, crisis = rows(4, 60), rows(5, 20)
    lifts = np.zeros((1, N_LIFTS, 1))
    moments = np.array([[of(calm), of(crisis)]])
    lifts_nb(moments, np.zeros(1, dtype=np.int64), 1, side, lifts[0])
    x, y = crisis[0] / calm[0].std(), side * crisis[1] / calm[1].std()
    own = side * float(np.corrcoef(*calm)[0, 1])
    wanted = math.tanh(math.atanh(own) + shift)
    v = math.sqrt((1 - wanted**2) / (1 - own**2))
    made = (wanted - own * v) * x + v * y
    fisher = (math.atanh(np.corrcoef(x, made)[0, 1]) - math.atanh(own)) / math.sqrt(1 / 57 + 1 / 17)
    zero = np.zeros(1, dtype=np.int64)
    for critical, share in ((fisher - ROWS_RTOL, 1.0), (fisher + ROWS_RTOL, 0.0)):
        assert shown_nb(lifts, zero, zero[None], shift, critical) == share


def test_power_of_a_mean_over_two_events() -> None:
    moments = table()
    lifts = np.zeros((PAIRS, N_LIFTS, DATES))
    for p in range(PAIRS):
        lifts_nb(moments[p], np.arange(DATES), DATES, 1.0, lifts[p])
    drawn = np.random.default_rng(0).integers(0, DATES, (PAIRS, 40))
    members = np.arange(PAIRS)

    def lifted(p: int, t: int, shift: float) -> float:
        A, B, C, D, E = lifts[p, :, t].tolist()
        moved = math.asinh(A * (math.cosh(shift) - 1) + B * math.sinh(shift) + C) - D
        return float(moved * E)

    for shift in (0.1, 0.9):
        means = [(lifted(0, a, shift) + lifted(1, b, shift)) / 2 for a, b in drawn.T.tolist()]
        for critical in (-0.3, 0.4, 1.7):
            wanted = sum(mean > critical for mean in means) / len(means)
            assert shown_nb(lifts, members, drawn, shift, critical) == wanted
