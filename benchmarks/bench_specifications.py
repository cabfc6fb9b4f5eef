"""The specification curve of one event set against a loop of single studies.

Run ``python benchmarks/bench_specifications.py [FOLDER]``: prices of FOLDER, else the simulated
market. The curve runs warm (kernels compiled, prices loaded) and with its joint placebo draws. The
loop runs `run_study` on a sample of the specifications, each with its own placebo, and its time is
scaled to all of them; the numbers of the sample are compared first.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

import eventlab
from eventlab.market.workspace_market import market_for, studied_symbols
from eventlab.study import run_study
from eventlab.study.specifications.curve import specification_curve
from eventlab.study.specifications.grid import specification_symbols

EVENT = "oracle-earnings"
SAMPLE = 24  # specifications of the loop
REPEATS = 5
TARGET = 3.0  # seconds for 2,000 specifications
EQUAL = 1e-10


def main() -> None:
    """Print one table."""
    source = sys.argv[1] if len(sys.argv) > 1 else "sample"
    workspace = eventlab.load_workspace(".")
    event = workspace.events[EVENT]
    read = {*studied_symbols(event, workspace), *specification_symbols(event, workspace)}
    market = market_for(workspace, source, events=[event], extra=sorted(read))
    curve = specification_curve(event, market, workspace)
    times, busy = [], []
    for _ in range(REPEATS):
        start, cpu = time.perf_counter(), time.process_time()
        specification_curve(event, market, workspace)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
    n = len(curve.specs)
    rows = np.random.default_rng(0).choice(n, SAMPLE, replace=False)
    loop = []
    for row in rows.tolist():
        one = curve.definition(event, row)
        start = time.perf_counter()
        study = run_study(one, market, workspace)
        loop.append(time.perf_counter() - start)
        average = study.aggregates.iloc[0]
        assert average["n_events"] == curve.specs.loc[row, "n_events"]
        np.testing.assert_allclose(curve.specs.loc[row, "estimate"], average["caar"], rtol=EQUAL)
    whole = statistics.median(loop) * n
    draws = curve.summary.iloc[0]["n_draws"]
    best, usual = min(times), statistics.median(times)
    print(f"{EVENT}, {curve.group}: {n:,} specifications, {draws:,} joint draws, {source}")
    print(f"  curve, warm        {best:8.2f} s least, {usual:.2f} s median")
    print(f"  its time of CPU    {min(busy):8.2f} s least, on two threads")
    print(f"  a loop of studies  {whole:8.1f} s, scaled from {SAMPLE} ({whole / best:.0f} times)")
    met = "met" if best * 2000 / n < TARGET else "MISSED"
    print(f"  target for 2,000   {TARGET:8.2f} s: {met}")


if __name__ == "__main__":
    main()
