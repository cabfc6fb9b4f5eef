"""Returns and prices in other units: hedge ratios, Sharpe ratios, doubts and whole backtests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.hedge.ratios.choose import hedge_ratio
from eventlab.hedge.robustness.effectiveness import hedge_effectiveness, residual_beta
from eventlab.hedge.robustness.moments import moments
from eventlab.hedge.robustness.pbo import probability_of_overfitting
from eventlab.hedge.robustness.reality_check import (
    stepwise_superiority,
    superior_predictive_ability,
)
from eventlab.hedge.robustness.sharpe import probabilistic_sharpe, sharpe_ratio, sharpe_table
from eventlab.hedge.robustness.trials import effective_trials
from eventlab.hedge.run import run_backtest
from tests.hedge.worlds import random_world
from tests.scaled import EXACT, POWER_OF_TWO, SAME, SCALES, check, leaves, repriced

if TYPE_CHECKING:
    from collections.abc import Callable

METHODS: dict[str, dict[str, Any]] = {
    "ols": {},
    "ewma": {"half_life": 20.0},
    "ridge": {"penalty": 0.1},
    "kalman": {},
    "dcc": {},
    "min_es": {"level": 0.1},
    "downside_beta": {},
}
ONE_ONLY = {"min_es", "downside_beta"}
RANDOM = np.random.default_rng(5)
SETS = 0.01 * RANDOM.standard_t(5, (240, 8)) + 0.0005 + RANDOM.normal(0, 0.005, (240, 1))
BOOK, OTHER = SETS[:, 0].copy(), SETS[:, 1].copy()


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("instruments", [1, 2])
def test_hedge_ratios(method: str, instruments: int) -> None:
    if method in ONE_ONLY and instruments > 1:
        return
    x = SETS[:, 1 : 1 + instruments]
    before = hedge_ratio(BOOK, x, method=method, **METHODS[method]).estimate
    own = np.array([1e12, 1.0][:instruments])
    units = [(scale, np.full(instruments, scale)) for scale in SCALES]
    if method != "ridge" or instruments == 1:  # its penalty is on slopes, which have units
        units.append((1e-12, own))
    for of_book, of_instruments in units:
        after = hedge_ratio(
            BOOK * of_book, x * of_instruments, method=method, **METHODS[method]
        ).estimate
        np.testing.assert_allclose(after * of_instruments / of_book, before, rtol=SAME)


FREE: dict[str, Callable[[float], Any]] = {
    "effectiveness": lambda scale: hedge_effectiveness(BOOK * scale, (BOOK - 0.6 * OTHER) * scale),
    "residual beta": lambda scale: residual_beta(BOOK * scale, OTHER * scale),
    "sharpe": lambda scale: sharpe_ratio(BOOK * scale),
    "probabilistic": lambda scale: probabilistic_sharpe(BOOK * scale),
    "table": lambda scale: sharpe_table(SETS * scale),
    "overfitting": lambda scale: probability_of_overfitting(SETS * scale),
    "trials": lambda scale: effective_trials(SETS * scale),
    "moments": lambda scale: moments(SETS * scale),
    "spa": lambda scale: superior_predictive_ability(SETS * scale),
    "stepwise": lambda scale: stepwise_superiority(SETS * scale),
}


@pytest.mark.parametrize("name", list(FREE))
def test_what_a_backtest_is_worth(name: str) -> None:
    before = dict(leaves(FREE[name](1.0)))
    for scale in SCALES:
        after = dict(leaves(FREE[name](scale)))
        assert before.keys() == after.keys()
        for column, values in before.items():
            same = np.allclose(after[column], values, rtol=SAME, atol=0.0, equal_nan=True)
            with_unit = np.allclose(after[column] / scale, values, rtol=SAME, equal_nan=True)
            squared = np.allclose(after[column] / scale**2, values, rtol=SAME, equal_nan=True)
            assert same or with_unit or squared, column


def test_backtests_know_no_unit_of_prices() -> None:
    """Prices times a power of two: the same money to the bit, of other numbers of shares."""
    ratio = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 30}}
    world = random_world(3, hedge=ratio)
    before = run_backtest(*world.parts)
    for scale in (POWER_OF_TWO, 1.0 / POWER_OF_TWO, 1e-12, 1e12):
        moved = replace(world, market=repriced(world.market, scale))
        after = run_backtest(*moved.parts)
        rtol = EXACT if np.log2(scale).is_integer() else SAME

        def factor(column: str, scale: float = scale) -> float | None:
            if "price" in column:
                return scale
            if "shares" in column:
                return 1.0 / scale
            return None if "[error]" in column else 1.0  # rounding that an identity leaves

        assert check(before, after, factor, rtol) > 40
