"""The kernel of the least expected shortfall against sorting and against all breakpoints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.kernels.hedge_shortfall import least_shortfall_nb, select_nb
from tests import naive_hedge_ratios as naive

TWIN = 1e-15  # absolute, of a mean of returns
CORNER = 1e-9  # where two lines cross: their slopes may be close


@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 1.5, -2.0, 7.0]), min_size=1, max_size=40),
    place=st.integers(0, 39),
)
@settings(max_examples=60, deadline=None)
def test_selection_is_sorting(values: list[float], place: int) -> None:
    k = place % len(values)
    assert select_nb(np.array(values), k) == sorted(values, reverse=True)[k]


@given(
    seed=st.integers(0, 2**32 - 1),
    level=st.floats(0.02, 0.5),
    rounded=st.booleans(),
    turned=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_the_best_of_all_breakpoints(
    seed: int, level: float, *, rounded: bool, turned: bool
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_t(3, 30) * 0.01
    b = 1.3 * x + rng.standard_t(3, 30) * 0.02
    if rounded:  # ties everywhere
        b, x = np.round(b, 2), np.round(x, 2)
    x = -x if turned else x
    found = least_shortfall_nb(b, x, level * 30)
    if np.isnan(found):
        assert rounded
        return
    ratio, least = naive.least_shortfall(b, x, level * 30)
    assert naive.shortfall(list(b - found * x), level * 30) == pytest.approx(least, abs=TWIN)
    if not rounded:
        assert found == pytest.approx(ratio, rel=CORNER, abs=CORNER)


def test_the_level_runs_from_the_worst_row_to_all() -> None:
    # b - r x of three rows: -3 + r, 1 - 2 r, 0. The worst row is least bad at r = 4/3; with all of
    # them the mean of x decides alone, and it falls without end.
    b, x = np.array([-3.0, 1.0, 0.0]), np.array([-1.0, 2.0, 0.0])
    assert least_shortfall_nb(b, x, 1.0) == pytest.approx(4.0 / 3.0, rel=1e-14)
    assert least_shortfall_nb(b, x, 0.3) == pytest.approx(4.0 / 3.0, rel=1e-14)
    assert np.isnan(least_shortfall_nb(b, x, 3.0))
