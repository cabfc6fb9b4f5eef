"""How many independent tries a sweep is."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.errors import DataError
from eventlab.hedge.robustness.trials import effective_trials
from tests import naive_hedge_robustness as naive

SUMS = 1e-10  # sums over pairs against one sum


def mixed(T: int, N: int, shared: float) -> np.ndarray:
    generator = np.random.default_rng(1)
    found: np.ndarray = shared * generator.standard_normal((T, 1))
    return found + generator.standard_normal((T, N))


@pytest.mark.parametrize(("T", "N"), [(80, 6), (12, 30)])
def test_against_the_transcription(T: int, N: int) -> None:
    values = mixed(T, N, 1.0)
    found = effective_trials(values)
    rho = naive.average_correlation(values.T.tolist())
    assert found.average_correlation == pytest.approx(rho, rel=SUMS)
    assert found.implied == pytest.approx(rho + (1 - rho) * N, rel=SUMS)


def test_equal_sets_are_one_try() -> None:
    one = mixed(100, 1, 0.0)
    alike = effective_trials(np.repeat(one, 7, axis=1) * np.arange(1, 8))
    assert alike.implied == pytest.approx(1)
    basis = np.linalg.qr(mixed(100, 4, 0.0) - mixed(100, 4, 0.0).mean(axis=0))[0]
    groups = effective_trials(np.repeat(basis - basis.mean(axis=0), 5, axis=1))
    assert groups.implied > 4  # an average correlation does not see groups


def test_sets_that_do_not_vary() -> None:
    values = mixed(50, 4, 0.5)
    values[:, 2] = 0.1
    found = effective_trials(values)
    assert found.note == "1 of 4 sets do not vary"
    assert found.implied == effective_trials(values[:, [0, 1, 3]]).implied
    single = effective_trials(values[:, :1])
    assert single.implied == 1.0
    assert np.isnan(single.average_correlation)
    assert np.isnan(effective_trials(np.zeros((9, 2))).implied)


def test_opposite_sets_count_no_more_than_all() -> None:
    one = mixed(60, 1, 0.0)
    assert effective_trials(np.hstack([one, -one])).implied == 2


def test_a_missing_return_is_refused() -> None:
    values = mixed(20, 3, 0.1)
    values[4, 1] = np.nan
    with pytest.raises(DataError, match="returns: 1 has no return in row 4"):
        effective_trials(values)
