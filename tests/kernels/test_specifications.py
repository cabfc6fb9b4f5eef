"""Joint draws of specifications against Python integers and plain sums, and t against z."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from eventlab.kernels.specifications import (
    normal_score_nb,
    pseudo_rows_nb,
    specification_draws_nb,
)
from eventlab.study.specifications.draws import Scores
from tests.kernels.arrays import Array, close, ints
from tests.naive import split_mix
from tests.naive_specifications import drawn_cell

RTOL = 1e-11
SERIES, T, W, V, U, K = 3, 40, 4, 2, 4, 25
DATE, OWN = ints([0, 0, 1, 2, 2, 3]), ints([0, 1, 2, 0, 1, 1])


def given(seed: int = 0) -> dict[str, Any]:
    """Two rules, four windows, six pairs on four dates; one map turns the rows around."""
    rng = np.random.default_rng(seed)
    weight = (rng.random((V, len(DATE), W)) < 0.8).astype(float)
    weight[:, :3, :] = 1.0
    spread = np.array([[True, True, False, True], [True, False, True, False]])
    dof = np.where(spread, weight.sum(axis=1) - 1.0, np.inf)
    finite = np.unique(dof[np.isfinite(dof)])
    return {
        "scar": rng.standard_t(5, (SERIES * T, W)),
        "error": rng.uniform(0.01, 0.03, (SERIES * T, W)),
        "rows": rng.integers(0, T, (K, U)),
        "maps": np.stack([np.arange(T), np.arange(T)[::-1]]).astype(np.int64),
        "date": DATE,
        "base": OWN * T,
        "which_map": ints([0, 0, 1, 1, 0, 0]),
        "weight": weight,
        "spread": spread,
        "factor": rng.uniform(0.5, 1.0, (V, W)),
        "dof": dof,
        "scores": Scores().table(finite),
        "which_scores": np.searchsorted(finite, np.where(np.isfinite(dof), dof, 0.0)).astype(int),
    }


def run(arrays: dict[str, Any], kernel: Any = specification_draws_nb) -> list[Array]:
    out = [np.full((K, V, W), -999.0) for _ in range(3)]
    kernel(*arrays.values(), *out)
    return out


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_draws_are_plain_sums(seed: int) -> None:
    arrays = given(seed)
    estimate, studentised, score = run(arrays)
    for k in range(K):
        for v in range(V):
            for w in range(W):
                wanted = drawn_cell(arrays, k, v, w)
                close(estimate[k, v, w], np.array(wanted.caar), RTOL, 1e-14)
                close(studentised[k, v, w], np.array(wanted.studentised), RTOL, 1e-13)
                dof = arrays["dof"][v, w]
                z = wanted.statistic
                if np.isfinite(dof):
                    z = np.sign(z) * -special.ndtri(special.stdtr(dof, -abs(z)))
                close(score[k, v, w], np.array(z), 0.0, 1e-6 * max(1.0, abs(z)))


def test_python_says_what_the_machine_code_says() -> None:
    machine = run(given(3))
    python = run(given(3), specification_draws_nb.py_func)  # type: ignore[attr-defined]
    for one, other in zip(machine, python, strict=True):
        close(one, other, RTOL, 1e-13)


@pytest.mark.parametrize("dof", [4.0, 5.0, 11.0, 41.0, 240.0])
def test_normal_scores_have_the_same_tail(dof: float) -> None:
    table = Scores().table(np.array([dof]))[0]
    for t in (-30.0, -8.0, -2.5, -0.4, -1e-9, 0.0, 0.3, 1.0, 1.96, 4.0, 12.0, 30.0):
        z = normal_score_nb(t, dof, table)
        exact = float(np.sign(t) * stats.norm.isf(stats.t.sf(abs(t), dof)))
        assert z == pytest.approx(exact, abs=2e-6)
    assert np.isnan(normal_score_nb(np.nan, dof, table))
    assert normal_score_nb(-np.inf, dof, table) == -np.inf
    assert normal_score_nb(2.5, np.inf, table) == 2.5
    large = [normal_score_nb(t, dof, table) for t in (1e2, 1e4, 1e8)]
    assert large == sorted(large)


def test_pseudo_dates_are_those_of_a_study() -> None:
    pools, seed = [[3, 5, 9], [1, 2, 4, 8, 16]], 7
    rows = np.empty((50, 2), dtype=np.int64)
    flat, starts = ints([row for pool in pools for row in pool]), ints([0, 3, 8])
    pseudo_rows_nb(flat, starts, np.uint64(seed), rows)
    step, mask = 0x9E3779B97F4A7C15, 2**64 - 1
    for draw in range(50):
        state = split_mix((seed + (draw + 1) * step) & mask)
        for u, pool in enumerate(pools):
            state = (state + step) & mask
            place = int((split_mix(state) >> 11) * 2.0**-53 * len(pool))
            assert rows[draw, u] == pool[place]
