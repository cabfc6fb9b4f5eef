"""One pass over the estimation windows against plain numpy."""

from __future__ import annotations

import numpy as np

from eventlab.kernels.shape import even_moments_nb, traded_nb
from tests.kernels.arrays import close, ints

RTOL = 1e-13  # sums of thirty numbers


def test_even_moments() -> None:
    rng = np.random.default_rng(0)
    resid, sigma = rng.normal(size=(3, 30)), np.array([0.5, 1.0, 2.0])
    resid[1, :4], resid[2] = np.nan, np.nan
    found = even_moments_nb(resid, sigma)
    z = resid / sigma[:, None]
    for row, power in enumerate((2, 4)):
        close(found[row, :2], np.nanmean(z[:2] ** power, axis=1), RTOL)
    assert found[:, 2].tolist() == [0.0, 0.0]
    close(even_moments_nb.py_func(resid, sigma), found, RTOL)  # type: ignore[attr-defined]


def test_traded_by_hand() -> None:
    returns = np.array([[0.0, 0.1, 0.0, np.nan, 0.2, 0.0]])
    column, position = ints([0, 0, 0]), ints([5, 2, 90])
    # Bars 1 to 4: .1, 0, missing, .2. Bars 0 and 1 (two more lie before the first). None.
    found = traded_nb(returns, column, position, ints([-4, -1]))
    close(found, np.array([2 / 3, 1 / 2, 1.0]), RTOL)
