"""The ratio of least expected shortfall: a linear programme, and numbers by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linprog

from eventlab.hedge.ratios.choose import hedge_ratio
from tests import naive_hedge_ratios as naive

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

PROGRAMME = 1e-9  # of the solver's least value, absolute in units of the returns
TWIN = 1e-12


def returns(seed: int = 0, T: int = 120) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.standard_t(3, T) * 0.01
    return 1.3 * x + rng.standard_t(3, T) * 0.02, x


def programme(b: Floats, x: Floats, level: float) -> tuple[float, float]:
    """Rockafellar & Uryasev (2000), section 4: least v + sum u / (level n), u >= r x - b - v, 0."""
    n = len(b)
    cost = np.concatenate([[0.0, 1.0], np.full(n, 1.0 / (level * n))])
    A = np.column_stack([x, -np.ones(n), -np.eye(n)])
    bounds = [(None, None)] * 2 + [(0.0, None)] * n
    solved: Any = linprog(cost, A_ub=A, b_ub=b, bounds=bounds, method="highs-ds")
    assert solved.status == 0
    return float(solved.x[0]), float(solved.fun)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.13, 0.5])
def test_a_linear_programme_finds_no_less(level: float) -> None:
    for seed in range(10):
        b, x = returns(seed)
        found = hedge_ratio(b, x, method="min_es", level=level).values[0]
        ratio, least = programme(b, x, level)
        mine = naive.shortfall(list(b - found * x), level * 120)
        assert mine == pytest.approx(least, abs=PROGRAMME)
        assert mine <= least + 1e-15
        assert found == pytest.approx(ratio, abs=1e-6)


def test_by_hand() -> None:
    # Of ten rows the worst counts (level 0.1). b - r x: -4 + 2 r, -1 - r, and zeros otherwise:
    # losses 4 - 2 r and 1 + r are equal, and least, at r = 1.
    b, x = np.zeros(10), np.zeros(10)
    b[0], x[0] = -4.0, -2.0
    b[1], x[1] = -1.0, 1.0
    found = hedge_ratio(b, x, method="min_es", level=0.1, lookback=10).values[0]
    assert found == pytest.approx(1.0, rel=TWIN)
    # Of the two worst (4 - 2 r + 1 + r) / 2 falls until the row of x = -2 is better than the
    # zeros, at r = 2.
    found = hedge_ratio(b, x, method="min_es", level=0.2, lookback=10).values[0]
    assert found == pytest.approx(2.0, rel=TWIN)


def test_two_points_of_a_symmetrical_distribution() -> None:
    # b = 0.7 x with x = -1 or 1: losses are |r - 0.7| in the worst half, zero at r = 0.7; so are
    # they in a tail of any level up to a half.
    x = np.array([-1.0, 1.0] * 10)
    for level in (0.05, 0.2, 0.5):
        found = hedge_ratio(0.7 * x, x, method="min_es", level=level, lookback=20)
        assert found.values[0] == pytest.approx(0.7, rel=TWIN)
    # Hedged returns of an independent instrument are spread wider for any r: no hedge is best.
    b, x = np.array([-1.0, -1.0, 1.0, 1.0] * 5), np.array([-1.0, 1.0, -1.0, 1.0] * 5)
    found = hedge_ratio(b, x, method="min_es", level=0.25, lookback=20)
    assert found.values[0] == pytest.approx(0.0, abs=TWIN)


def test_of_several_the_smallest() -> None:
    # The worst row does not depend on r while 1/2 <= r <= 3/2: 1/2 is enough.
    b = np.array([-1.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    x = np.array([0.0, -2.0, 2.0 / 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = hedge_ratio(b, x, method="min_es", level=0.1, lookback=10).values[0]
    assert found == pytest.approx(0.5, rel=TWIN)
    assert hedge_ratio(b, -x, method="min_es", level=0.1, lookback=10).values[0] == -found


def test_an_exact_hedge_is_found_for_elliptical_returns() -> None:
    # Without noise any measure of risk asks for the same: the beta.
    _, x = returns(1)
    assert hedge_ratio(-2.0 * x, x, method="min_es").values[0] == pytest.approx(-2.0, rel=1e-9)


def test_a_free_lunch_is_refused_in_words() -> None:
    x = np.linspace(0.01, 0.02, 40)
    found = hedge_ratio(np.sin(np.arange(40.0)), x, method="min_es", lookback=40)
    assert np.isnan(found.values).all()
    assert found.note == "more of the instrument always lowers the shortfall"
