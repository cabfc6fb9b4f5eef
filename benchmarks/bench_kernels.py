"""10,000 events, 250-bar estimation, 21-bar window: kernels and `event_study`, side by side.

Run ``python benchmarks/bench_kernels.py``. Everything runs on one thread, in one process, on the
same simulated returns; each row is repeated and its minimum and median are printed. The kernels are
compiled before the clock starts. The statsmodels loop runs on a sample of the events, its time is
scaled to all of them, and the table says so. Every competitor's abnormal returns are compared with
the kernels' before anything is timed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # numpy's BLAS reads it when it is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import platform
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import statsmodels.api as sm

from eventlab.study import event_study
from eventlab.study.inference.registry import TESTS
from eventlab.study.models.fits import Fits, fit_events
from eventlab.study.models.specs import EventArrays, StudySpec
from eventlab.study.placebo.pseudo_dates import prepare_placebo

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]

EVENTS, ASSETS, SESSIONS = 10_000, 500, 2_600
ESTIMATION, EVENT = (-260, -11), (-10, 10)
WINDOWS = ((0, 0), (-10, 10))
PARAMETRIC = tuple(TESTS)[:9]  # those without ranks, draws or portfolios
SAMPLE = 200  # events of the statsmodels loop
DRAWS = 2_000
KERNEL_TARGET, STUDY_TARGET = 10.0, 100.0  # milliseconds
EQUAL = 1e-11  # statsmodels solves by pseudo-inverse


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of one row of the table."""

    name: str
    minimum: float
    median: float
    note: str = ""


def main() -> None:
    returns, events, arrays = simulate()
    spec = StudySpec(
        model="market_model", estimation_window=ESTIMATION, event_window=EVENT, windows=WINDOWS
    )
    factor_spec = StudySpec(
        model="factor_model", estimation_window=ESTIMATION, event_window=EVENT, windows=WINDOWS
    )
    fits = fit_events(arrays, spec)
    same(fits.ar, vectorised(arrays)[0])
    same(fits.ar[:SAMPLE], by_statsmodels(arrays, SAMPLE)[0])
    same(fits.ar, fit_events(arrays, factor_spec).ar)

    def tables(tests: tuple[str, ...]) -> None:
        study = event_study(
            returns,
            events,
            benchmark="MKT",
            estimation_window=ESTIMATION,
            event_window=EVENT,
            car_windows=WINDOWS,
            tests=tests,
            draws=DRAWS,
        )
        for name in ("fits", "ar", "sar", "car", "aggregate", "tests", "exclusions"):
            assert len(getattr(study, name)) >= 0

    scale = EVENTS / SAMPLE
    loop = timed("statsmodels loop", lambda: by_statsmodels(arrays, SAMPLE), 3)
    rows = [
        timed("kernels: market model, AR, CAR, variances", lambda: fit_events(arrays, spec), 40),
        timed("kernels: the same as a factor model", lambda: fit_events(arrays, factor_spec), 10),
        timed("event_study(): fits, AR, CAR, 9 tests", lambda: tables(PARAMETRIC), 12),
        timed(f"event_study(): the same, {len(TESTS)} tests", lambda: tables(tuple(TESTS)), 5),
        timed(
            f"event_study(): the same and the placebo ({DRAWS} draws)",
            lambda: tables((*TESTS, "placebo")),
            5,
        ),
        timed("placebo tables alone", lambda: prepare_placebo(arrays, spec, fits.fitted), 5),
        timed("numpy, all events at once", lambda: vectorised(arrays), 5),
        Timed(
            loop.name,
            loop.minimum * scale,
            loop.median * scale,
            f"scaled from {SAMPLE} events",
        ),
    ]
    report(rows, fits, arrays, spec)


def simulate() -> tuple[pd.DataFrame, pd.DataFrame, EventArrays]:
    """Events spread over all sessions and assets, so that most windows overlap with others."""
    rng = np.random.default_rng(0)
    market = rng.normal(0.0004, 0.009, SESSIONS)
    beta = rng.normal(1.0, 0.35, ASSETS)
    values = np.empty((SESSIONS, ASSETS + 1))
    values[:, 0] = market
    values[:, 1:] = beta * market[:, None] + 0.02 * rng.standard_t(5, (SESSIONS, ASSETS))
    names = [f"A{i:03}" for i in range(ASSETS)]
    index = pd.bdate_range("2014-01-01", periods=SESSIONS)
    position = rng.integers(-ESTIMATION[0], SESSIONS - EVENT[1], EVENTS)
    column = rng.integers(1, ASSETS + 1, EVENTS)
    returns = pd.DataFrame(values, index=index, columns=["MKT", *names])
    events = pd.DataFrame(
        {
            "event_id": [f"event-{i}" for i in range(EVENTS)],
            "symbol": returns.columns[column],
            "session": index[position],
        }
    )
    arrays = EventArrays(
        returns=np.ascontiguousarray(values.T),
        column=column,
        factors=np.zeros((EVENTS, 1), dtype=np.int64),
        position=position,
        asset=column,
        anchor=position,
        controls=np.empty((EVENTS, 0), dtype=np.int64),
    )
    return returns, events, arrays


def vectorised(arrays: EventArrays) -> tuple[Array, Array, Array, Array]:
    """AR, C_t, CAR and w'Gw as a careful numpy user writes them: gathered rows, no loop."""
    before = arrays.position[:, None] + np.arange(ESTIMATION[0], ESTIMATION[1] + 1)
    bars = arrays.position[:, None] + np.arange(EVENT[0], EVENT[1] + 1)
    y, x = arrays.returns[arrays.column[:, None], before], arrays.returns[0][before]
    M = y.shape[1]
    x_mean, y_mean = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    u, v = x - x_mean, y - y_mean
    sxx = (u * u).sum(axis=1, keepdims=True)
    beta = (u * v).sum(axis=1, keepdims=True) / sxx
    alpha = y_mean - beta * x_mean
    sigma = np.sqrt(((v - beta * u) ** 2).sum(axis=1) / (M - 2))
    event_y, event_x = arrays.returns[arrays.column[:, None], bars], arrays.returns[0][bars]
    ar = event_y - alpha - beta * event_x
    variance = 1.0 + 1.0 / M + (event_x - x_mean) ** 2 / sxx
    car, factor = [], []
    for first, last in WINDOWS:
        inside = slice(first - EVENT[0], last - EVENT[0] + 1)
        length = last - first + 1
        moved = (event_x[:, inside] - x_mean).sum(axis=1)
        car.append(ar[:, inside].sum(axis=1))
        factor.append(length + length**2 / M + moved**2 / sxx[:, 0])
    return ar, variance, np.stack(car, axis=1), sigma[:, None] * np.sqrt(np.stack(factor, axis=1))


def by_statsmodels(arrays: EventArrays, n: int) -> tuple[Array, Array]:
    """AR and forecast errors of the first ``n`` events, one `OLS` each."""
    length = EVENT[1] - EVENT[0] + 1
    ar, error = np.empty((n, length)), np.empty((n, length))
    for i in range(n):
        p = int(arrays.position[i])
        before = slice(p + ESTIMATION[0], p + ESTIMATION[1] + 1)
        bars = slice(p + EVENT[0], p + EVENT[1] + 1)
        y, x = arrays.returns[arrays.column[i]], arrays.returns[0]
        fitted = sm.OLS(y[before], sm.add_constant(x[before])).fit()
        forecast = fitted.get_prediction(sm.add_constant(x[bars]))
        ar[i] = y[bars] - forecast.predicted_mean
        error[i] = forecast.se_obs
    return ar, error


def same(found: Array, wanted: Array) -> None:
    np.testing.assert_allclose(found, wanted, rtol=EQUAL, atol=EQUAL)


def timed(name: str, run: Callable[[], object], repeats: int) -> Timed:
    """Run once unmeasured (compilation, caches), then ``repeats`` times."""
    run()
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        spent.append(1e3 * (time.perf_counter() - begin))
    return Timed(name, min(spent), statistics.median(spent))


def report(rows: list[Timed], fits: Fits, arrays: EventArrays, spec: StudySpec) -> None:
    base, study = rows[0], rows[2]
    print(
        f"{EVENTS} events, {ASSETS} assets, {SESSIONS} sessions, estimation {ESTIMATION}, event "
        f"window {EVENT}, CAR windows {WINDOWS}; {platform.machine()}, Python "
        f"{platform.python_version()}, one thread\n"
    )
    print(f"{'milliseconds':<60}{'minimum':>10}{'median':>10}{'x kernels':>11}")
    for row in rows:
        note = f"  ({row.note})" if row.note else ""
        ratio = row.minimum / base.minimum
        print(f"{row.name:<60}{row.minimum:>10.1f}{row.median:>10.1f}{ratio:>11.1f}{note}")
    placebo = prepare_placebo(arrays, spec, fits.fitted)
    refits = int(np.isfinite(placebo.variance[:, :, 0]).sum())
    per_fit = 1e6 * rows[5].minimum / refits
    print(f"\nplacebo: {refits} refits in {rows[5].minimum:.0f} ms, {per_fit:.0f} ns each")
    for name, row, target in (
        ("kernels", base, KERNEL_TARGET),
        ("event_study()", study, STUDY_TARGET),
    ):
        verdict = "met" if row.minimum < target else "MISSED"
        print(f"target {name} under {target:.0f} ms: {verdict} ({row.minimum:.1f})")


if __name__ == "__main__":
    main()
