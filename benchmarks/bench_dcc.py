"""Conditional correlations: `dcc` on ten series, and the parts that its time goes to.

Run ``python benchmarks/bench_dcc.py``. One thread, one process, kernels compiled before the clock
starts; minimum and median over repetitions. The target is 0.6 s for 10 series of 2,000 rows with
their GARCH marginals; rmgarch 1.4.2 takes 3.7 s for the same without standard errors. Where
EVENTLAB_MARKET names a folder with the reference numbers beside it, the distance to rmgarch on the
S&P 500 and the Nasdaq is printed as well.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # numpy's BLAS reads it when it is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import json
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.volatility.dcc import dcc
from eventlab.contagion.volatility.marginals import fit_marginal
from eventlab.contagion.volatility.second_stage import fit_stage

if TYPE_CHECKING:
    from collections.abc import Callable

SERIES, ROWS, REPEATS = 10, 2_000, 5
TARGET = 0.6  # seconds


def main() -> None:
    frame = simulated()
    columns = [np.ascontiguousarray(one) for one in frame.to_numpy().T]
    singles = [fit_marginal(one, ROWS, "garch", "normal") for one in columns]
    z = np.ascontiguousarray(np.column_stack([one.z for one in singles]))
    print(f"{SERIES} series x {ROWS:,} rows, one thread; seconds: minimum, median")
    show("dcc without errors", lambda: dcc(frame, stderr=False))
    show("dcc with two-step errors", lambda: dcc(frame))
    show("cdcc with two-step errors", lambda: dcc(frame, model="cdcc"))
    show("adcc with two-step errors", lambda: dcc(frame, model="adcc"))
    show(
        "of it: marginals", lambda: [fit_marginal(one, ROWS, "garch", "normal") for one in columns]
    )
    show("of it: second stage", lambda: fit_stage(z, "dcc"))
    print(f"target: {TARGET} s with marginals; rmgarch: 3.7 s without errors")
    compare()


def simulated() -> pd.DataFrame:
    """GARCH(1,1) returns with correlations of .5 that move."""
    rng = np.random.default_rng(1)
    C = np.full((SERIES, SERIES), 0.5) + 0.5 * np.eye(SERIES)
    Q, h, out = C.copy(), np.ones(SERIES), np.empty((ROWS, SERIES))
    for t in range(ROWS):
        root = 1.0 / np.sqrt(np.diag(Q))
        z = np.linalg.cholesky(Q * np.outer(root, root)) @ rng.standard_normal(SERIES)
        out[t] = np.sqrt(h) * z
        h = 0.05 + 0.08 * out[t] ** 2 + 0.87 * h
        Q = 0.03 * C + 0.03 * np.outer(z, z) + 0.94 * Q
    return pd.DataFrame(0.01 * out, columns=list("ABCDEFGHIJ"))


def show(name: str, work: Callable[[], object]) -> None:
    work()
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    print(f"{name:28} {min(taken):7.3f} {statistics.median(taken):7.3f}")


def compare() -> None:
    named = os.environ.get("EVENTLAB_MARKET")
    folder = Path(named).parent / "ref" / "contagion" if named else None
    if folder is None or not folder.is_dir():
        return
    known = json.loads((folder / "dcc_sp_nq.json").read_text())
    returns = pd.read_csv(folder / "arch_returns.csv", index_col=0)[["SP500", "NASDAQ"]]
    found = dcc(returns)
    path = pd.read_csv(folder / "dcc_sp_nq_R12.csv")["R12"].to_numpy()
    away = np.abs(found.correlations.to_numpy()[:, 0] - path).max()
    print(
        f"rmgarch: a {found.a - known['coef']['[Joint]dcca1']:+.1e}, "
        f"b {found.b - known['coef']['[Joint]dccb1']:+.1e}, "
        f"log-likelihood {found.loglik - known['loglik']:+.4f}, correlations {away:.1e} at most"
    )


if __name__ == "__main__":
    main()
