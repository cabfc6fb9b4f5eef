"""How often a 95% interval of one bar misses 0 on ordinary days, by the bar of the session.

    EVENTLAB_MARKET=DIR python benchmarks/bars.py

Real five-minute and hourly bars around no event: every bar of one slot in the history is studied
as if it were day 0, with the windows that ``--bar`` has by default, against SPY. Printed with the
bars that span a closure fitted apart, as eventlab does, and as if they were bars like others.
Measured on prices from May 2025 to March 2026:

=====  ==============  =====  ============  =========
bar    of the session  n      fitted apart  all alike
=====  ==============  =====  ============  =========
5min   1               1,896  6.0%          65.4%
5min   2               1,896  40.3%         24.9%
5min   3               1,896  36.4%         21.5%
5min   7               1,896  22.1%         11.2%
5min   40              1,890  2.3%          0.7%
5min   78              1,859  11.0%         5.3%
60min  1               1,386  6.4%          32.9%
60min  2               1,386  15.8%         4.1%
60min  3               1,386  6.0%          0.6%
60min  5               1,365  3.0%          0.5%
60min  7               1,365  3.9%          0.7%
=====  ==============  =====  ============  =========
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

import eventlab as ev
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.market.workspace_market import studied_symbols
from eventlab.study.assembly import assemble
from eventlab.study.fits import fit_events
from eventlab.study.run import study_spec
from eventlab.study.schedule import make_schedule, study_clock

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.specs import EventArrays, StudySpec

ASSETS = {
    "5min": ("ORCL", "NVDA", "AMD", "AVGO", "META", "MSFT", "COIN", "MSTR", "SMH", "QQQ"),
    "60min": ("ORCL", "NVDA", "AMD", "QQQ", "BTC", "ETH", "SOL"),
}
SLOTS = {"5min": (0, 1, 2, 6, 39, 77), "60min": (0, 1, 2, 4, 6)}


def arrays_of(bar: str, source: str) -> tuple[EventArrays, StudySpec]:
    """Columns of every asset with SPY, one pair each, and the windows of the study."""
    workspace = ev.load_workspace(Path(__file__).parents[1])
    asked = Overrides(occurrences=("fy2026-q2",), assets=ASSETS[bar], bar=bar)
    event = apply_overrides(workspace.event("oracle-earnings"), asked)
    assert event.study is not None
    market = ev.load_market(workspace, source, events=[event])
    clock = study_clock(event.study, market, studied_symbols(event, workspace))
    assembly = assemble(event, workspace, market, make_schedule(event, workspace, clock))
    return assembly.arrays, study_spec(event.study, 0, 0)


def missed(arrays: EventArrays, spec: StudySpec, rows: npt.NDArray[np.int64]) -> tuple[float, int]:
    """Share of the bars ``rows`` of all pairs whose 95% interval misses 0, and their number."""
    found: list[npt.NDArray[np.bool_]] = []
    n = len(rows)
    for pair in range(len(arrays)):
        moved = replace(
            arrays,
            column=np.full(n, arrays.column[pair]),
            factors=np.repeat(arrays.factors[pair : pair + 1], n, axis=0),
            position=rows,
            asset=np.zeros(n, dtype=np.int64),
            anchor=rows,
            controls=np.empty((n, 0), dtype=np.int64),
        )
        fits = fit_events(moved, replace(spec, windows=((0, 0),)))
        known = np.isfinite(fits.car[:, 0])
        bound = special.stdtrit(fits.car_dof[known, 0], 0.975) * fits.car_error[known, 0]
        found.append(np.abs(fits.car[known, 0]) > bound)
    every = np.concatenate(found)
    return float(every.mean()), len(every)


def main() -> None:
    """Print the table."""
    print("| bar | of the session | n | fitted apart | all alike |\n|---|---|---|---|---|")
    for bar, slots in SLOTS.items():
        arrays, spec = arrays_of(bar, os.environ["EVENTLAB_MARKET"])
        assert arrays.slot is not None
        for slot in slots:
            rows = np.flatnonzero(arrays.slot == slot).astype(np.int64)
            rows = rows[rows >= -spec.estimation_window[0]]
            apart, n = missed(arrays, spec, rows)
            alike, _ = missed(replace(arrays, spans=None), spec, rows)
            print(f"| {bar} | {slot + 1} | {n:,} | {apart:.1%} | {alike:.1%} |")


if __name__ == "__main__":
    main()
