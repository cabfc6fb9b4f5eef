"""The kernels of hedge ratios on spans that overlap, are empty, or hold what cannot be fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.kernels.hedge_kalman import filtered_ratios_nb
from eventlab.kernels.hedge_ratios import (
    COLLINEAR,
    CONSTANT,
    FINE,
    INFINITE,
    hedge_slopes_nb,
    window_flaw_nb,
)
from tests import naive_hedge_ratios as naive

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

TWIN = 1e-10  # normal equations in the twin
SPANS = np.array([[0, 40], [10, 30], [0, 0], [10, 30], [55, 60]])


def data(K: int = 2) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, K))
    return X.sum(axis=1) + rng.standard_normal(60), X


def slopes(b: Floats, X: Floats, weights: Floats, penalty: float = 0.0) -> tuple[Floats, Ints]:
    found, flaws = np.zeros((len(SPANS), X.shape[1])), np.zeros(len(SPANS), dtype=np.int64)
    hedge_slopes_nb(b, X, SPANS, weights, penalty, 0, found, flaws)
    return found, flaws


@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_each_span_is_fitted_on_its_own(penalty: float) -> None:
    b, X = data()
    weights = 0.97 ** np.arange(40.0)
    found, flaws = slopes(b, X, weights, penalty)
    for (start, stop), row in zip(SPANS.tolist(), found, strict=True):
        if start == stop:
            assert np.isnan(row).all()
            continue
        by_row = weights[: stop - start][::-1].tolist()
        wanted = naive.least_squares(b[start:stop], X[start:stop], by_row, penalty)
        np.testing.assert_allclose(row, wanted, TWIN)
    np.testing.assert_array_equal(found[1], found[3])
    assert (flaws == FINE).all()


def test_filtered_spans_are_the_twin() -> None:
    b, X = data()
    found, noises = np.zeros((5, 2)), np.zeros(5)
    flaws = np.zeros(5, dtype=np.int64)
    filtered_ratios_nb(b, X, SPANS, 0.03, found, flaws, noises)
    for place, (start, stop) in enumerate(SPANS[:2].tolist()):
        wanted, _ = naive.filtered(b[start:stop], X[start:stop], 0.03)
        np.testing.assert_allclose(found[place], wanted, TWIN)
    assert np.isnan(found[[2, 4]]).all()  # empty, and five rows that are fewer than its prior's
    assert flaws.tolist() == [FINE, FINE, FINE, FINE, COLLINEAR]
    np.testing.assert_array_equal(noises[[0, 1, 3]], 0.03)


def test_flaws_are_told_apart() -> None:
    b, X = data()
    assert window_flaw_nb(b, X, 0, 60) == FINE
    for column in range(3):
        c, Z = b.copy(), X.copy()
        one = c if column == 0 else Z[:, column - 1]
        one[10:30] = 1e-3
        assert window_flaw_nb(c, Z, 10, 30) == CONSTANT + column
        assert window_flaw_nb(c, Z, 10, 31) == FINE
        one[12] = -np.inf
        assert window_flaw_nb(c, Z, 10, 30) == INFINITE
        assert slopes(c, Z, np.ones(40))[1].tolist() == [INFINITE, INFINITE, FINE, INFINITE, FINE]
    X[:, 1] = 3.0 * X[:, 0] - 1.0
    assert slopes(b, X, np.ones(40))[1].tolist() == [COLLINEAR, COLLINEAR, 0, COLLINEAR, COLLINEAR]
