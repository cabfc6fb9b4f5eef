"""The probability of backtest overfitting."""

from __future__ import annotations

import math

import ffn
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError, UsageError
from eventlab.hedge import probability_of_overfitting
from tests import naive_hedge_robustness as naive

SUMS = 1e-10  # sums of blocks against sums of bars


def noise(T: int, N: int, seed: int = 0) -> np.ndarray:
    return 0.01 * np.random.default_rng(seed).standard_normal((T, N))


@pytest.mark.parametrize("splits", [2, 4, 6])
def test_against_the_transcription(splits: int) -> None:
    values = noise(47, 5, splits)
    values[:, 3] = 0.0  # never trades
    values[:, 4] = values[:, 1]  # the same set twice
    found = probability_of_overfitting(values, splits=splits)
    expected = np.array(naive.cscv(values.T.tolist(), splits))
    assert found.combinations == math.comb(splits, splits // 2) == len(expected)
    np.testing.assert_array_equal(found.logits["chosen"], expected[:, 0])
    for at, column in ((1, "in_sample"), (2, "out_of_sample"), (3, "rank")):
        np.testing.assert_allclose(
            found.logits[column], expected[:, at], rtol=SUMS, atol=1e-14, err_msg=column
        )
    logit = np.log(expected[:, 3] / (1 - expected[:, 3]))
    assert found.pbo == np.mean(logit <= 0)
    assert found.probability_of_loss == np.mean(expected[:, 2] < 0)


def test_by_hand() -> None:
    # Two blocks of 2 bars, three sets. The best of block 1 is a (mean 2), the worst of block 2;
    # the best of block 2 is c, the worst of block 1: relative rank 1/4, logit log(1/3), both.
    frame = pd.DataFrame(
        {"a": [1.0, 3.0, -3.0, -1.0], "b": [0.0, 2.0, 0.0, 2.0], "c": [-3.0, -1.0, 1.0, 3.0]}
    )
    found = probability_of_overfitting(frame, splits=2)
    assert found.logits["chosen"].tolist() == ["a", "c"]
    np.testing.assert_allclose(found.logits["rank"], 0.25)
    np.testing.assert_allclose(found.logits["logit"], math.log(1 / 3))
    np.testing.assert_allclose(found.logits["in_sample"], 2 / math.sqrt(2))
    np.testing.assert_allclose(found.logits["out_of_sample"], -2 / math.sqrt(2))
    assert (found.pbo, found.probability_of_loss) == (1.0, 1.0)
    assert math.isnan(found.slope)  # both combinations have the same value


@pytest.mark.parametrize("seed", [0, 1])
def test_ffn_agrees(seed: int) -> None:
    frame = pd.DataFrame(noise(133, 9, seed) + np.linspace(0, 0.001, 9))
    ours = probability_of_overfitting(frame, splits=8)
    theirs = ffn.core.calc_prob_backtest_overfitting(frame, n_blocks=8, full_output=True)
    assert ours.pbo == theirs["pbo"]
    np.testing.assert_allclose(ours.logits["logit"], theirs["logits"], rtol=1e-12)
    assert ours.logits["rank"].mean() == pytest.approx(theirs["mean_oos_rank"], rel=1e-12)


def test_a_set_that_is_always_best_is_not_overfitted() -> None:
    values = noise(160, 10)
    values[:, 6] += 0.05
    found = probability_of_overfitting(values)
    assert set(found.logits["chosen"]) == {6}
    assert (found.pbo, found.probability_of_loss) == (0.0, 0.0)
    np.testing.assert_allclose(found.logits["rank"], 10 / 11)
    assert found.combinations == 12_870
    assert (found.first_order, found.second_order) == (0.0, 0.0)
    # One Sharpe ratio per bar in one half is what is missing in the other.
    assert found.slope < 0


def test_winners_that_turn_to_losers_are_overfitted() -> None:
    # Set k gains in block k and loses as much in all others.
    values = noise(80, 8) / 100
    for k in range(8):
        values[:, k] -= 0.001
        values[k * 10 : (k + 1) * 10, k] += 0.02
    found = probability_of_overfitting(values, splits=8)
    assert found.pbo == 1.0
    assert found.slope < 0
    assert found.first_order > 0.4
    assert found.second_order < 0


def test_line_and_dominance_against_plain_sums() -> None:
    values = noise(64, 6, 3)
    found = probability_of_overfitting(values, splits=4)
    slope, intercept = np.polyfit(found.logits["in_sample"], found.logits["out_of_sample"], 1)
    assert found.slope == pytest.approx(slope, rel=1e-9)
    assert found.intercept == pytest.approx(intercept, rel=1e-9)
    r = np.corrcoef(found.logits["in_sample"], found.logits["out_of_sample"])[0, 1]
    assert found.r_squared == pytest.approx(r**2, rel=1e-9)
    chosen = np.sort(found.logits["out_of_sample"].to_numpy())
    halves = values.reshape(4, 16, 6)
    everywhere = []
    for row in range(6):
        blocks = ((2, 3), (1, 3), (1, 2), (0, 3), (0, 2), (0, 1))[row]
        half = halves[list(blocks)].reshape(32, 6)
        everywhere.append(half.mean(axis=0) / half.std(axis=0, ddof=1))
    all_sets = np.sort(np.concatenate(everywhere))
    grid = np.linspace(all_sets[0] - 1e-6, all_sets[-1] + 1e-6, 200_001)
    ahead = np.searchsorted(all_sets, grid, side="right") / len(all_sets) - np.searchsorted(
        chosen, grid, side="right"
    ) / len(chosen)
    # Bins of 1.2e-4 against a grid: one value may fall on either side.
    assert found.first_order == pytest.approx(max(-ahead.min(), 0), abs=1e-9)
    integral = np.concatenate([[0.0], np.cumsum(ahead[:-1] * np.diff(grid))])
    assert found.second_order == pytest.approx(min(integral.min(), 0), abs=5e-4)


def test_the_mean_may_be_compared_instead() -> None:
    values = noise(60, 7, 2) * np.arange(1.0, 8.0)
    found = probability_of_overfitting(values, splits=4, statistic="mean")
    halves = values[:30], values[30:]
    first = found.logits.iloc[0]
    best = halves[0].mean(axis=0).argmax()
    assert first["chosen"] == best
    assert first["in_sample"] == pytest.approx(halves[0].mean(axis=0)[best], rel=SUMS)
    there = halves[1].mean(axis=0)
    assert first["out_of_sample"] == pytest.approx(there[best], rel=SUMS)
    assert first["rank"] == (1 + np.sum(there < there[best])) / 8


def test_equal_sets_share_a_rank_wherever_they_stand() -> None:
    # 37 copies of one set among others, at places that a matrix product treats apart.
    values = noise(96, 50, 4)
    copies = np.random.default_rng(0).permutation(50)[:37]
    values[:, copies] = values[:, copies[:1]] + 0.001
    found = probability_of_overfitting(values, splits=6)
    assert set(found.logits["chosen"]) & set(copies.tolist()) == {int(copies.min())}
    chosen_copy = found.logits["chosen"] == copies.min()
    rank = found.logits["rank"][chosen_copy] * 51
    # 37 equal ranks average to a whole number, from 19 (all are last) on.
    np.testing.assert_allclose(rank, np.round(rank), atol=1e-9)
    assert rank.min() >= 19


def test_all_sets_equal_is_a_half_by_ties() -> None:
    found = probability_of_overfitting(np.repeat(noise(64, 1), 5, axis=1))
    np.testing.assert_allclose(found.logits["rank"], 0.5)
    assert found.pbo == 1.0  # at the median counts, as in the paper


def test_sets_without_variation() -> None:
    values = noise(70, 4) - 0.02
    values[:, 0] = 0.0
    values[:, 1] = 0.001  # a constant gain has no Sharpe ratio: 0, as for not trading
    found = probability_of_overfitting(values, splits=4)
    assert found.notes == (
        "the last 2 bars are left out: blocks have equal length",
        "2 of 4 sets never vary: their Sharpe ratio is 0",
    )
    assert set(found.logits["chosen"]) == {0}
    np.testing.assert_array_equal(found.logits["out_of_sample"], 0.0)
    np.testing.assert_allclose(found.logits["rank"], 3.5 / 5)
    still = probability_of_overfitting(np.zeros((40, 3)), splits=4)
    assert still.pbo == 1.0
    np.testing.assert_allclose(still.logits["logit"], 0.0, atol=1e-15)


def test_a_set_that_is_constant_in_some_halves_only() -> None:
    values = noise(40, 3, 8)
    values[:20, 1] = 0.002
    values[20:, 1] += 0.05
    found = probability_of_overfitting(values, splits=2)
    expected = np.array(naive.cscv(values.T.tolist(), 2))
    np.testing.assert_allclose(found.logits["in_sample"], expected[:, 1], rtol=SUMS)
    np.testing.assert_allclose(found.logits["rank"], expected[:, 3])


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 4, 6]), st.integers(2, 9))
@settings(max_examples=25, deadline=None)
def test_scale_and_order_of_sets_do_not_matter(seed: int, splits: int, N: int) -> None:
    values = noise(48, N, seed)
    found = probability_of_overfitting(values, splits=splits)
    order = np.random.default_rng(seed).permutation(N)
    moved = probability_of_overfitting(values[:, order] * 3.0, splits=splits)
    np.testing.assert_array_equal(order[moved.logits["chosen"]], found.logits["chosen"])
    np.testing.assert_allclose(moved.logits["logit"], found.logits["logit"], rtol=1e-12)


def test_refusals() -> None:
    with pytest.raises(UsageError, match="splits=5 is odd"):
        probability_of_overfitting(noise(40, 3), splits=5)
    with pytest.raises(UsageError, match="splits=22 is above 20"):
        probability_of_overfitting(noise(40, 3), splits=22)
    with pytest.raises(DataError, match="31 bars are 1 in each of 16 blocks"):
        probability_of_overfitting(noise(31, 3))
    with pytest.raises(UsageError, match="1 column; at least 2"):
        probability_of_overfitting(noise(40, 1))
    with pytest.raises(UsageError, match="statistic='sortino' is unknown"):
        probability_of_overfitting(noise(40, 3), statistic="sortino")  # type: ignore[arg-type]
    values = noise(40, 3)
    values[7, 2] = np.nan
    with pytest.raises(DataError, match="2 has no return in row 7"):
        probability_of_overfitting(values)
    values[7, 2] = np.inf
    with pytest.raises(DataError, match="row 7 is inf"):
        probability_of_overfitting(values)
