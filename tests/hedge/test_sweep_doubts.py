"""What the best of many sets is worth: luck is told from skill, and few bars say so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.hedge.sweep_curves import Curves
from eventlab.hedge.sweep_doubts import overfitting_tables


def curves_of(returns: np.ndarray[Any, Any], book: np.ndarray[Any, Any]) -> Curves:
    """Money that makes these returns, daily from 2020 on."""
    start = np.ones((1, returns.shape[1]))
    equity = np.concatenate([start, np.cumprod(1 + returns, axis=0)]).T
    day = np.int64(86_400_000_000_000)
    instants = np.datetime64("2020-01-01", "ns").astype(np.int64) + day * np.arange(len(book) + 1)
    money = np.concatenate([[1.0], np.cumprod(1 + book)])
    return Curves(instants, equity, money, returns, book, 252.0, np.zeros(len(book)))


def doubts(
    returns: np.ndarray[Any, Any], book: np.ndarray[Any, Any], **said: Any
) -> tuple[dict[str, float], dict[str, str]]:
    """Values and notes by statistic."""
    best = int(np.argmax(returns.mean(axis=0) / returns.std(axis=0)))
    asked: dict[str, Any] = {"seed": 0, "draws": 200, "splits": 10, **said}
    numbers = list(range(1, returns.shape[1] + 1))
    table, _ = overfitting_tables(curves_of(returns, book), best, numbers=numbers, **asked)
    table = table.set_index("statistic")
    values = dict(zip(table.index, table["value"].to_numpy(np.float64), strict=True))
    return values, dict(zip(table.index, table["note"], strict=True))


def test_noise_is_overfitted_half_of_the_time_and_beats_nothing() -> None:
    found = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        book = random.normal(0.0, 0.02, 600)
        returns = book[:, None] + random.normal(0.0, 0.01, (600, 30))
        found.append(doubts(returns, book)[0])
    table = pd.DataFrame(found)
    # Three standard errors of 60 grids: of a share of 5%, and of the mean PBO (0.22 a grid). Blocks
    # of sqrt(T) bars make SPA a little quick to reject, as published: 7% of 300 such grids.
    most = 0.05 + 3 * math.sqrt(0.05 * 0.95 / 60)
    assert abs(table["pbo"].mean() - 0.5) < 3 * 0.22 / math.sqrt(60)
    assert (table["spa_consistent"] <= 0.05).mean() <= most
    assert (table["stepm"] > 0).mean() <= most
    assert (table["deflated_sharpe"] > 0.95).mean() <= most


def test_planted_skill_is_found() -> None:
    random = np.random.default_rng(0)
    book = random.normal(0.0, 0.02, 600)
    returns = book[:, None] + random.normal(0.0, 0.01, (600, 30))
    returns[:, 17] += 0.004
    found, notes = doubts(returns, book)
    assert found["spa_upper"] < 0.01
    assert found["pbo"] < 0.05
    assert found["stepm"] == 1
    assert notes["stepm"].endswith(": 18")
    assert found["deflated_sharpe"] > 0.95


@pytest.mark.parametrize(("bars", "blocks"), [(85, 16), (40, 8), (21, 4), (12, 2), (9, 0)])
def test_few_bars_are_cut_into_fewer_blocks(bars: int, blocks: int) -> None:
    random = np.random.default_rng(1)
    returns = random.normal(0.0, 0.01, (bars, 4))
    found, notes = doubts(returns, returns[:, 0] * 0.5, splits=16)
    said = notes["pbo"]
    assert np.isfinite(found["pbo"]) == (blocks > 0)
    if not blocks:
        assert said == "9 bars; 2 blocks of 5 are needed"
    else:
        assert f"splits in {blocks} blocks of {bars // blocks} bars" in said
        assert ("not 16: there are" in said) == (blocks < 16)
    assert np.isfinite(found["spa_upper"]) == (bars >= 20)
    assert notes["spa_upper"]


def test_what_cash_earns_is_no_skill() -> None:
    """Sets that hold bills alone earn a Sharpe ratio of a thousand, and none over cash."""
    generator = np.random.default_rng(0)
    bills = np.full(500, 2e-4)
    returns = bills[:, None] + generator.normal(0.0, 1e-6, (500, 8))
    curves = curves_of(returns, bills)._replace(idle=bills)
    np.testing.assert_allclose(curves.above, returns - 2e-4, rtol=0, atol=1e-18)
    assert curves.book_above.tolist() == [0.0] * 500
    table, _ = overfitting_tables(curves, 0, numbers=list(range(8)), seed=0, draws=0, splits=6)
    found = table.set_index("statistic")["value"]
    assert found["deflated_sharpe"] < 0.9
    plain, _ = overfitting_tables(
        curves._replace(idle=0.0 * bills), 0, numbers=list(range(8)), seed=0, draws=0, splits=6
    )
    assert plain.set_index("statistic")["value"]["deflated_sharpe"] > 0.999
