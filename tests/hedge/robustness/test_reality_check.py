"""SPA and StepM: equal to arch's on the same draws, and to transcriptions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import SPA, StationaryBootstrap, StepM

from eventlab.errors import DataError, UsageError
from eventlab.hedge import stepwise_superiority, superior_predictive_ability
from eventlab.hedge.robustness.bootstrap import (
    CENTRINGS,
    Scale,
    bootstrap_means,
    stationary_draws,
)
from tests import naive_hedge_robustness as naive

SUMS = 1e-11  # matrix products and Fourier sums against plain sums


def world(T: int, N: int, best: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns of sets whose means rise to ``best`` daily deviations, and of a benchmark."""
    generator = np.random.default_rng(seed)
    sizes = np.linspace(0.5, 2.0, N)
    moves = generator.standard_t(5, (T, N)) + 0.5 * generator.standard_normal((T, 1))
    means = np.linspace(-best, best, N)
    return 0.01 * (moves * sizes + means), 0.01 * generator.standard_normal(T)


@pytest.mark.parametrize("best", [0.0, 0.06, 0.12])
@pytest.mark.parametrize("block", [None, 1, 5])
def test_pvalues_are_those_of_arch(best: float, block: int | None) -> None:
    sets, benchmark = world(250, 12, best)
    ours = superior_predictive_ability(
        sets, benchmark, draws=400, block=block, seed=9, scale="none"
    )
    theirs = SPA(-benchmark, -sets, block_size=block, reps=400, seed=9)
    theirs.compute()
    assert [ours.lower, ours.consistent, ours.upper] == theirs.pvalues.tolist()
    assert ours.lower <= ours.consistent <= ours.upper


@pytest.mark.parametrize("scale", ["hac", "deviation"])
def test_divided_pvalues_are_those_of_arch_on_divided_returns(scale: Scale) -> None:
    # arch's `studentize` changes nothing; on returns that are divided beforehand it does.
    sets, benchmark = world(250, 12, 0.08)
    differences = sets - benchmark[:, None]
    reference = SPA(np.zeros(250), -differences, block_size=5, reps=10)
    reference._compute_variance()
    units = np.sqrt(reference._loss_diff_var) if scale == "hac" else differences.std(axis=0)
    theirs = SPA(np.zeros(250), -differences / units, block_size=5, reps=400, seed=2)
    theirs.compute()
    ours = superior_predictive_ability(sets, benchmark, draws=400, block=5, seed=2, scale=scale)
    assert [ours.lower, ours.consistent, ours.upper] == theirs.pvalues.tolist()
    # Ours are over standard errors of the mean.
    ratio = (differences.mean(axis=0) / units).max() * np.sqrt(250)
    assert ours.statistic == pytest.approx(ratio, rel=SUMS)


@pytest.mark.parametrize("block", [1, 4, 15])
@pytest.mark.parametrize("T", [101, 250])
def test_the_variance_is_that_of_arch(T: int, block: int) -> None:
    sets, benchmark = world(T, 6, 0.1)
    reference = SPA(-benchmark, -sets, block_size=block, reps=10)
    reference._compute_variance()
    ours = bootstrap_means(sets, benchmark, block=block, draws=10)
    np.testing.assert_allclose(ours.stderr**2 * T, reference._loss_diff_var, rtol=SUMS)


def test_the_draws_are_those_of_arch() -> None:
    ours = stationary_draws(77, 6, 20, np.random.default_rng(4))
    theirs = StationaryBootstrap(6, np.arange(77), seed=4)
    for row, drawn in zip(ours, theirs.bootstrap(20), strict=True):
        np.testing.assert_array_equal(row, drawn[0][0])
    np.testing.assert_array_equal(ours, naive.stationary_rows(77, 6, 20, 4))


@pytest.mark.parametrize(("best", "level"), [(0.05, 0.05), (0.4, 0.05), (0.6, 0.1)])
def test_superior_sets_are_those_of_arch(best: float, level: float) -> None:
    sets, benchmark = world(300, 10, best, seed=3)
    ours = stepwise_superiority(
        sets, benchmark, level=level, draws=500, seed=11, block=4, scale="none"
    )
    theirs = StepM(-benchmark, -sets, size=level, block_size=4, reps=500, seed=11)
    theirs.compute()
    assert list(ours.superior) == theirs.superior_models
    if best > 0.05:
        assert ours.superior


def test_more_than_one_step() -> None:
    # A volatile set that is far ahead hides a quiet one until it is out of the comparison.
    generator = np.random.default_rng(0)
    sets = generator.standard_normal((400, 3)) * [0.05, 0.01, 0.01] + [0.02, 0.002, -0.001]
    found = stepwise_superiority(sets, draws=500, seed=1, block=1)
    assert found.table["step"].tolist() == [1, 2, 0]
    assert found.superior == (0, 1)
    assert found.critical[0] > found.critical[1] > found.critical[2]
    # Divided by its deviation it hides nothing.
    divided = stepwise_superiority(sets, draws=500, seed=1, block=1, scale="deviation")
    assert divided.table["step"].tolist() == [1, 1, 0]


def test_all_sets_may_be_superior() -> None:
    # arch fails here: it takes the largest of no sets.
    generator = np.random.default_rng(0)
    sets = generator.standard_normal((400, 2)) * [0.05, 0.01] + [0.02, 0.002]
    found = stepwise_superiority(sets, draws=500, seed=1, block=1)
    assert found.table["step"].tolist() == [1, 2]
    assert len(found.critical) == 2


@pytest.mark.parametrize("scale", ["none", "deviation", "hac"])
def test_against_the_transcription(scale: Scale) -> None:
    sets, benchmark = world(40, 4, 0.3, seed=5)
    sets[:, 1] -= 0.02  # poor enough to be left out of the consistent null
    differences = (sets - benchmark[:, None]).T.tolist()
    rows = naive.stationary_rows(40, 3, 60, 8)
    expected = naive.spa(differences, rows, 3, scale=scale)
    found = superior_predictive_ability(sets, benchmark, draws=60, block=3, seed=8, scale=scale)
    assert (found.lower, found.consistent, found.upper) == expected


def test_draws_can_be_shared() -> None:
    sets, _ = world(120, 5, 0.2)
    drawn = bootstrap_means(sets, 0.0001, draws=200, seed=3)
    one = superior_predictive_ability(drawn)
    assert one == superior_predictive_ability(sets, 0.0001, draws=200, seed=3)
    both = stepwise_superiority(drawn), stepwise_superiority(sets, 0.0001, draws=200, seed=3)
    pd.testing.assert_frame_equal(both[0].table, both[1].table)
    assert one.block == 10  # floor(sqrt(120))


def test_centrings() -> None:
    sets, benchmark = world(200, 6, 0.3)
    drawn = bootstrap_means(sets, benchmark, draws=50, block=1)
    lower, consistent, upper = (drawn.centred(one) for one in CENTRINGS)
    better = drawn.means > 0
    np.testing.assert_array_equal(upper, drawn.draws - drawn.means)
    np.testing.assert_array_equal(lower[:, better], upper[:, better])
    np.testing.assert_array_equal(lower[:, ~better], drawn.draws[:, ~better])
    poor = drawn.means < -drawn.stderr * np.sqrt(2 * np.log(np.log(200)))
    assert 0 < poor.sum() < (~better).sum()
    np.testing.assert_array_equal(consistent[:, poor], lower[:, poor])
    np.testing.assert_array_equal(consistent[:, ~poor], upper[:, ~poor])
    few = stepwise_superiority(drawn, centring="upper").superior
    assert set(few) <= set(stepwise_superiority(drawn, centring="lower").superior)


def test_labels_and_words() -> None:
    sets, benchmark = world(100, 3, 0.8)
    frame = pd.DataFrame(sets, columns=["slow", "middle", "fast"])
    found = superior_predictive_ability(frame, pd.Series(benchmark))
    assert found.best == "fast"
    assert "no set has a higher expected return" in found.null
    assert stepwise_superiority(frame, pd.Series(benchmark)).superior[-1] == "fast"


@pytest.mark.parametrize("scale", ["none", "deviation", "hac"])
def test_a_set_that_equals_the_benchmark(scale: Scale) -> None:
    sets, benchmark = world(60, 3, 0.0)
    sets[:, 1] = benchmark
    sets[:, 0] -= 1.0
    sets[:, 2] -= 1.0
    found = superior_predictive_ability(sets, benchmark, draws=100, scale=scale)
    assert (found.best, found.statistic) == (1, 0.0)
    assert found.notes == (
        "1 sets differ from the benchmark by a constant",
        "no set has a higher mean than the benchmark",
    )
    assert stepwise_superiority(sets, benchmark, draws=100, scale=scale).superior == ()
    # No draw of it exceeds it: by counting p would be 0, although no set is better.
    assert (found.lower, found.consistent, found.upper) == (1.0, 1.0, 1.0)


def test_the_same_seed_gives_the_same_answer() -> None:
    sets, benchmark = world(80, 4, 0.1)
    first = superior_predictive_ability(sets, benchmark, draws=99, seed=5)
    assert first == superior_predictive_ability(sets, benchmark, draws=99, seed=5)
    assert first != superior_predictive_ability(sets, benchmark, draws=99, seed=6)


def test_refusals() -> None:
    sets, benchmark = world(60, 3, 0.1)
    with pytest.raises(UsageError, match="benchmark has 59 bars and returns has 60"):
        superior_predictive_ability(sets, benchmark[1:])
    with pytest.raises(DataError, match="19 bars; 20 are needed"):
        superior_predictive_ability(sets[:19], benchmark[:19])
    with pytest.raises(UsageError, match="block=61 is above 60"):
        superior_predictive_ability(sets, block=61)
    with pytest.raises(UsageError, match="draws=0 is below 1"):
        superior_predictive_ability(sets, draws=0)
    with pytest.raises(UsageError, match="scale='sd' is unknown"):
        superior_predictive_ability(sets, scale="sd")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="level=1 is not between 0 and 1"):
        stepwise_superiority(sets, level=1)
    with pytest.raises(UsageError, match="centring='middle' is unknown"):
        stepwise_superiority(sets, centring="middle")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="benchmark has 1 bars without a return"):
        superior_predictive_ability(sets, np.where(np.arange(60) == 3, np.nan, benchmark))
