"""Risks of drawn bars, against plain sums and by hand."""

from __future__ import annotations

import numpy as np

from eventlab.kernels.hedge_risks import drawn_risks_nb
from tests import naive_hedge_robustness as naive
from tests.kernels.arrays import close, ints

RTOL = 1e-12  # one pass over centred values against two passes


def test_risks_of_draws_of_units() -> None:
    values = 0.01 * np.random.default_rng(0).standard_t(3, (2, 30)) + 0.002
    order = np.argsort(values, axis=1)
    units = np.random.default_rng(1).permutation(30)
    offsets = ints([0, 4, 5, 17, 30])
    drawn = np.random.default_rng(2).integers(4, size=(25, 6))
    for level in (0.05, 0.3):
        found = drawn_risks_nb(values, order, units, offsets, drawn, level)
        for b, chosen in enumerate(drawn):
            bars = np.concatenate([units[offsets[k] : offsets[k + 1]] for k in chosen])
            for k in range(2):
                sample = values[k, bars].tolist()
                close(found[0, k, b : b + 1], np.array([naive.variance(sample)]), RTOL)
                close(found[1, k, b : b + 1], np.array([naive.shortfall(sample, level)]), RTOL)
        python = drawn_risks_nb.py_func  # type: ignore[attr-defined]
        close(python(values, order, units, offsets, drawn, level), found, RTOL)


def test_by_hand() -> None:
    # Draw 0 takes unit 0 twice (1 and 3, twice each), draw 1 both units: 1, 3 and 8.
    values = np.array([[1.0, 3.0, 8.0]])
    found = drawn_risks_nb(
        values, ints([[0, 1, 2]]), ints([0, 1, 2]), ints([0, 2, 3]), ints([[0, 0], [0, 1]]), 0.5
    )
    close(found[0, 0], np.array([1.0, 26 / 3]), RTOL)  # (9 + 1 + 16)/3
    # The worst half: 1 and 1; 1 and half of 3, over 1.5.
    close(found[1, 0], np.array([-1.0, -(1.0 + 1.5) / 1.5]), RTOL)


def test_equal_values_have_no_variance() -> None:
    values = np.array([[0.1] * 7 + [0.3]])
    found = drawn_risks_nb(
        values,
        ints([list(range(8))]),
        ints(range(8)),
        ints(range(9)),
        ints([[0, 1, 2, 3, 4, 5, 6, 6]]),
        0.1,
    )
    assert found[0, 0, 0] == 0.0
