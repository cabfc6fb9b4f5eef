"""The placebo is the same, bit for bit, however many threads share it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.study.placebo.pseudo_dates import prepare_placebo, shared
from tests.study.panels import panel


@given(
    seed=st.integers(0, 2**16),
    draws=st.integers(1, 300),
    threads=st.integers(2, 7),
    model=st.sampled_from(["constant_mean", "market_model", "scholes_williams", "dimson"]),
    holes=st.sampled_from([0.0, 0.02]),
)
@settings(max_examples=15, deadline=None)
def test_any_number_of_threads(
    seed: int, draws: int, threads: int, model: str, holes: float
) -> None:
    found = panel(seed, holes=holes).study(model=model, draws=draws, seed=seed)
    fits = found.estimates
    one, several = (
        prepare_placebo(found.arrays, found.spec, fits.fitted, threads=n) for n in (1, threads)
    )
    for name in ("series", "car", "variance", "admissible", "anchor"):
        np.testing.assert_array_equal(getattr(one, name), getattr(several, name))
    members = np.arange(len(found.arrays))
    drawn = one.outcome(members, fits.car, fits.car_error)
    again = several.outcome(members, fits.car, fits.car_error, threads=threads)
    assert drawn.note == again.note
    np.testing.assert_array_equal(drawn.draws, again.draws)
    np.testing.assert_array_equal(drawn.pvalue, again.pvalue)
    np.testing.assert_array_equal(found.placebo.draws, drawn.draws)


@pytest.mark.parametrize(("n", "threads"), [(0, 2), (1, 4), (10, 3), (7, 7), (5, 1)])
def test_runs_cover_the_whole_once(n: int, threads: int) -> None:
    runs: list[tuple[int, int]] = []
    shared(lambda start, stop: runs.append((start, stop)), n, threads)
    covered = [row for start, stop in runs for row in range(start, stop)]
    assert sorted(covered) == list(range(n))
    assert len(runs) == max(1, min(n, threads))
