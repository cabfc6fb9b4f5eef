"""The likelihood of conditional correlations at its highest maximum, wherever searches begin."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.contagion.volatility.second_stage import Model, fit_stage, likelihood

PERSISTENCES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 0.995)
SHOCKS = (0.0, 0.003, 0.006, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15)


@pytest.mark.parametrize("model", ["dcc", "cdcc", "adcc"])
@pytest.mark.parametrize(("n", "rho", "seed"), [(300, 0.0, 9), (300, 0.0, 37), (500, 0.1, 9)])
def test_no_point_of_a_grid_is_likelier_than_the_fit(
    n: int, rho: float, seed: int, model: Model
) -> None:
    rng = np.random.default_rng(seed)
    z = rng.standard_t(5, size=(n, 2)) * np.sqrt(0.6)
    z[:, 1] = rho * z[:, 0] + np.sqrt(1.0 - rho * rho) * z[:, 1]
    grid = [
        likelihood(z, np.array([a, both - a, 0.0]), model)
        for both in PERSISTENCES
        for a in SHOCKS
        if a <= both
    ]
    assert fit_stage(z, model).loglik >= max(grid)
