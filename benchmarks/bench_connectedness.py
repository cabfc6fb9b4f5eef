"""Rolling connectedness, and the change of one event, beside a loop of numpy and statsmodels.

Run ``python benchmarks/bench_connectedness.py``. One thread, one process, kernels compiled before
the clock starts; minimum and median over repetitions (on a machine that does other work as well,
look at the minimum). Targets: 10 series x 2,000 rows in windows of 200 with 10 terms under 0.07 s
and 20 series under 0.15 s, with the four lags that are the default; R packages need 19 to 187 s.
The loop fits a sample of the windows by statsmodels and decomposes them by numpy; its time is
scaled to all windows, and its tables must be ours.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # numpy's BLAS reads it when it is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from statsmodels.tsa.api import VAR

from eventlab.contagion.connectedness.change import spillover_change
from eventlab.contagion.connectedness.rolling import rolling_spillover

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

ROWS, WINDOW, HORIZON, REPEATS = 2_000, 200, 10, 9
SAMPLE = 60  # windows of the loop
TARGETS = {(10, 4): 0.07, (20, 4): 0.15}
EQUAL = 1e-7  # statsmodels solves by normal equations of the levels; percent


def main() -> None:
    rolling_spillover(simulated(2), WINDOW, 1)
    print(f"{ROWS:,} rows, windows of {WINDOW}, {HORIZON} terms, one thread; milliseconds")
    print(
        f"{'series':>6} {'lags':>4} {'min':>8} {'median':>8} {'target':>7} {'loop':>9} {'ratio':>6}"
    )
    for N in (4, 10, 20):
        frame = simulated(N)
        for lags in (1, 4):
            ours = timed(lambda frame=frame, lags=lags: rolling_spillover(frame, WINDOW, lags))  # type: ignore[misc]
            path = rolling_spillover(frame, WINDOW, lags)
            some = np.linspace(0, len(path.index) - 1, SAMPLE).round().astype(int)
            start = time.perf_counter()
            tables = [by_statsmodels(frame.iloc[at : at + WINDOW], lags) for at in some]
            loop = (time.perf_counter() - start) * len(path.index) / SAMPLE
            worst = float(np.abs(path.tables[some] - tables).max())
            assert worst < EQUAL, worst
            target = TARGETS.get((N, lags))
            print(
                f"{N:>6} {lags:>4} {1e3 * ours[0]:>8.1f} {1e3 * ours[1]:>8.1f} "
                f"{'' if target is None else f'{1e3 * target:.0f}':>7} {1e3 * loop:>9.0f} "
                f"{loop / ours[0]:>6.0f}"
            )
    print("change of an event, 115 and 60 rows, one lag, 300 draws drawn from twice; milliseconds")
    for N, estimator in ((6, "ols"), (10, "ols"), (20, "ridge")):
        frame = simulated(N)
        before, after = frame.iloc[:115], frame.iloc[115:175]
        change = timed(
            lambda before=before, after=after, estimator=estimator: spillover_change(  # type: ignore[misc]
                before, after, estimator=estimator
            )
        )
        print(f"{N:>6} {estimator:>5} {1e3 * change[0]:>7.1f} {1e3 * change[1]:>8.1f}")


def simulated(N: int) -> pd.DataFrame:
    """Fat-tailed returns with a common factor and a little memory."""
    rng = np.random.default_rng(N)
    values = 0.01 * (0.7 * rng.standard_t(5, (ROWS, 1)) + rng.standard_t(5, (ROWS, N)))
    values[1:] += 0.1 * values[:-1]
    index = pd.bdate_range("2016-01-04", periods=ROWS)
    return pd.DataFrame(values, index=index, columns=[f"S{j:02}" for j in range(N)])


def by_statsmodels(frame: pd.DataFrame, lags: int) -> npt.NDArray[np.float64]:
    """Pesaran & Shin's shares of one window, from a fit that a careful user would write."""
    fit = VAR(frame.to_numpy()).fit(lags, trend="c")
    sigma = np.asarray(fit.sigma_u)
    psi = fit.ma_rep(HORIZON - 1)
    shares = np.square(psi @ sigma).sum(axis=0) / np.diag(sigma)
    return np.asarray(100.0 * shares / shares.sum(axis=1, keepdims=True))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Minimum and median seconds."""
    work()
    found = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found), statistics.median(found)


if __name__ == "__main__":
    main()
