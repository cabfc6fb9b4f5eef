"""Connectedness by a VAR that drifts: 10 series x 2,000 rows, one thread, warm.

Run ``python benchmarks/bench_tvp.py``. The recursion of the test suite, numpy and no structure, is
timed on the first rows of the same series and scaled; the tables of both are compared before
anything is timed. Exact quantile regressions are timed beside scipy's HiGHS.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # numpy's BLAS reads it when it is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linprog

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from eventlab.contagion.connectedness.quantile import quantile_spillover
from eventlab.contagion.connectedness.tvp import tvp_spillover
from eventlab.contagion.networks.granger import granger_network
from eventlab.kernels.quantile_regression import quantile_regression_nb
from tests.naive_contagion_tvp import recursion

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, PRIOR, SLOW_ROWS = 2_000, 199, 60
TARGET = 2.0  # seconds, 10 series x 2,000 rows
EQUAL = 1e-8


def main() -> None:
    first = time.perf_counter()
    tvp_spillover(series(2, 300))
    print(f"compiled or read from the cache in {time.perf_counter() - first:.1f} s\n")
    print(f"{'what':<58}{'minimum':>10}{'median':>10}")
    for N in (4, 6, 10, 15):
        frame = series(N, ROWS)
        note = f" (target {TARGET:g} s)" if N == 10 else ""
        show(f"tvp_spillover {N} x {ROWS}{note}", partial(tvp_spillover, frame))
    show("tvp_spillover 10 x 2000, 2 lags", lambda: tvp_spillover(series(10, ROWS), 2), 3)
    compare_with_numpy(series(10, ROWS))
    for q in (0.05, 0.5):
        run = partial(quantile_spillover, series(6, 500), q)
        show(f"quantile_spillover 6 x 500 at {q}", run)
    compare_with_highs()
    show("granger_network 10 x 500", lambda: granger_network(series(10, 500), 1))


def series(N: int, T: int) -> pd.DataFrame:
    noise = 0.01 * np.random.default_rng(N).standard_t(5, size=(T, N))
    return pd.DataFrame(noise + 0.5 * noise[:, :1], columns=[f"S{j}" for j in range(N)])


def show(what: str, run: Callable[[], object], times: int = 7, scale: float = 1.0) -> None:
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(scale * (time.perf_counter() - start))
    print(f"{what:<58}{min(taken):>8.4f} s{statistics.median(taken):>8.4f} s")


def compare_with_numpy(frame: pd.DataFrame) -> None:
    """Time the plain recursion on a few rows, after its tables agree."""
    found = tvp_spillover(frame)
    x = frame.to_numpy() - found.prior.means
    spread = np.asarray(np.kron(found.prior.sigma, found.prior.spread), dtype=np.float64)
    prior = (found.prior.coefficients, spread, found.prior.sigma)
    some = x[PRIOR - 1 : PRIOR + SLOW_ROWS]
    tables, _ = recursion(some, prior, (0.99, 0.99, 0.0), 10)
    apart = np.abs(tables[1:] - found.tables[PRIOR : PRIOR + SLOW_ROWS]).max()
    assert apart < EQUAL, apart
    show(
        f"the same in numpy, {SLOW_ROWS} rows scaled (apart by {apart:.0e})",
        lambda: recursion(some, prior, (0.99, 0.99, 0.0), 10),
        times=3,
        scale=(ROWS - PRIOR) / SLOW_ROWS,
    )


def compare_with_highs() -> None:
    """Time one exact quantile regression of 1,000 rows on eleven columns."""
    rng = np.random.default_rng(0)
    n, k, q = 1_000, 11, 0.05
    design = np.column_stack([np.ones(n), rng.standard_t(3, size=(n, k - 1))])
    response = rng.standard_t(3, size=n)
    cost = np.r_[np.zeros(k), np.full(n, q), np.full(n, 1 - q)]
    equal = np.c_[design, np.eye(n), -np.eye(n)]
    limits = [(None, None)] * k + [(0, None)] * (2 * n)
    found = quantile_regression_nb(response, design, q)[0]
    resid = response - design @ found
    loss = float(np.sum(resid * (q - (resid < 0))))
    best = linprog(cost, A_eq=equal, b_eq=response, bounds=limits).fun
    assert best is not None
    assert abs(loss / best - 1) < EQUAL
    show("quantile regression 1000 x 11", lambda: quantile_regression_nb(response, design, q), 20)
    show(
        "the same by HiGHS",
        lambda: linprog(cost, A_eq=equal, b_eq=response, bounds=limits),
        times=3,
    )


if __name__ == "__main__":
    main()
