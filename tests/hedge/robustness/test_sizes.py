"""How often skill is found where there is none, and how often intervals hold the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.hedge import (
    deflated_sharpe,
    hedge_effectiveness,
    probability_of_overfitting,
    stepwise_superiority,
    superior_predictive_ability,
)
from eventlab.hedge.robustness.sharpe import sharpe_table

if TYPE_CHECKING:
    from eventlab.hedge.robustness.bootstrap import Scale


def noise(seed: int, T: int, N: int) -> np.ndarray:
    found: np.ndarray = 0.01 * np.random.default_rng(seed).standard_normal((T, N))
    return found


def within(share: float, expected: float, samples: int) -> bool:
    """Whether a share of samples is what it should be, up to 3.3 standard errors (p 0.001)."""
    return bool(abs(share - expected) < 3.3 * np.sqrt(expected * (1 - expected) / samples))


@pytest.mark.parametrize("scale", ["none", "deviation"])
def test_p_of_spa_is_uniform_without_skill(scale: Scale) -> None:
    samples = 250
    pvalues = np.sort(
        [
            superior_predictive_ability(
                noise(seed, 250, 10), draws=200, seed=seed, block=5, scale=scale
            ).upper
            for seed in range(samples)
        ]
    )
    steps = np.arange(1, samples + 1) / samples
    distance = np.max(np.maximum(steps - pvalues, pvalues - steps + 1 / samples))
    # Kolmogorov's 0.1% bound, and half a step of the 200 draws.
    assert distance < 1.95 / np.sqrt(samples) + 1 / 200
    assert within(float(np.mean(pvalues < 0.05)), 0.05, samples)


def test_stepm_names_a_false_set_no_more_often_than_its_level() -> None:
    samples = 200
    false = 0
    for seed in range(samples):
        returns = noise(seed, 250, 10)
        returns[:, :3] += 0.004  # superior beyond doubt
        found = stepwise_superiority(returns, level=0.1, draws=200, seed=seed, block=5).superior
        assert set(found) >= {0, 1, 2}
        false += len(found) > 3
    assert within(false / samples, 0.1, samples)


def test_a_deflated_sharpe_ratio_is_cautious_and_a_plain_one_is_not() -> None:
    samples = 300
    deflated, plain = 0, 0
    for seed in range(samples):
        returns = noise(seed, 250, 40)
        table = sharpe_table(returns)
        best = int(table["sharpe"].argmax())
        deflated += deflated_sharpe(returns[:, best], table["sharpe"]).probability > 0.95
        plain += table["probabilistic"].iloc[best] > 0.95
    assert deflated / samples < 0.05
    # The best of 40 exceeds the 95% bound of one in 1 - 0.95^40 of samples.
    assert within(plain / samples, 1 - 0.95**40, samples)


def test_pbo_is_a_half_without_skill() -> None:
    found = [probability_of_overfitting(noise(seed, 240, 20), splits=10).pbo for seed in range(200)]
    assert np.mean(found) == pytest.approx(0.5, abs=3.3 * np.std(found) / np.sqrt(200))


def test_intervals_of_effectiveness_hold_the_truth() -> None:
    # u = m + e, h = 0.1 m + e, both normal: variances 2 and 1.01, shortfalls as their roots.
    truth = np.array([1 - 1.01 / 2, 1 - np.sqrt(1.01 / 2)])
    held, samples = np.zeros(2), 300
    for seed in range(samples):
        m, e = 0.02 * np.random.default_rng(seed).standard_normal((2, 400))
        ids = np.arange(80).repeat(5)
        table = hedge_effectiveness(m + e, 0.1 * m + e, groups=ids, seed=seed, draws=400).table
        held += (table["low"] <= truth) & (truth <= table["high"])
    # 95% intervals of 80 episodes are a little short: 90% is what must hold.
    assert (held / samples > 0.9).all()
    assert (held / samples < 0.985).all()
