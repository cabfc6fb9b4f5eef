"""Rows of bootstraps in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from eventlab.contagion.resampling import block_length, circular_rows, stationary_rows


def test_stationary_blocks_are_geometric_and_wrap() -> None:
    rows = stationary_rows(100_000, 5, np.random.default_rng(0))
    steps = np.diff(rows) % 100_000
    assert np.mean(steps != 1) == pytest.approx(0.2, abs=0.01)
    assert np.bincount(rows, minlength=100_000).max() < 30
    np.testing.assert_array_equal(stationary_rows(1, 1, np.random.default_rng(0)), [0])


def test_circular_blocks_have_one_length_and_wrap() -> None:
    rows = circular_rows(11, 4, 500, np.random.default_rng(0))
    assert rows.shape == (500, 11)
    steps = np.diff(rows, axis=1) % 11
    inside = np.arange(10) % 4 != 3  # the fourth step goes to the next block
    assert np.all(steps[:, inside] == 1)
    assert np.mean(steps[:, ~inside] == 1) == pytest.approx(1 / 11, abs=0.03)
    # No row is drawn more often than another, the first and the last not either.
    np.testing.assert_allclose(np.bincount(rows.ravel()) / rows.size, 1 / 11, atol=0.01)


def test_circular_blocks_of_one_row_are_the_plain_bootstrap() -> None:
    drawn = circular_rows(7, 1, 3, np.random.default_rng(4))
    np.testing.assert_array_equal(drawn, np.random.default_rng(4).integers(7, size=(3, 7)))


@pytest.mark.parametrize(("n", "length"), [(0, 1), (1, 1), (3, 1), (4, 2), (27, 3), (1256, 11)])
def test_the_length_of_blocks_is_the_cube_root(n: int, length: int) -> None:
    assert block_length(n) == length
