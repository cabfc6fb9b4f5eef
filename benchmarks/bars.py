"""How often a 95% interval misses 0 on all days alike, by the bars of the session it is of.

    EVENTLAB_MARKET=DIR python benchmarks/bars.py

Real five-minute and hourly bars: every bar of one slot in the history is studied as if it were day
0, with the estimation window that ``--bar`` has by default; ten stocks, or four and three tokens,
against SPY, and the tokens around the clock against their mean. Days with news are among them.
Printed with a variance for each slot, as eventlab has it, with one variance for all bars but those
that span a closure, and as if these were bars like others. Measured to March 2026 on stocks from
May 2025 and tokens from January 2023:

===========  ====  ===  =====  =======  ==========================  =========
bars         from  to   n      by slot  one variance, nights apart  all alike
===========  ====  ===  =====  =======  ==========================  =========
5min         1     1    1,896  6.0%     6.0%                        65.4%
5min         2     2    1,896  6.6%     40.3%                       24.9%
5min         3     3    1,896  6.6%     36.4%                       21.5%
5min         7     7    1,896  6.9%     22.1%                       11.2%
5min         40    40   1,890  6.2%     2.3%                        0.7%
5min         78    78   1,859  6.2%     11.0%                       5.3%
5min         1     12   1,896  7.4%     10.2%                       29.6%
5min         2     13   1,896  6.3%     22.8%                       10.1%
5min         40    51   1,890  5.3%     1.5%                        0.5%
5min         1     78   1,889  5.9%     5.9%                        6.0%
5min         40    117  1,880  6.3%     6.2%                        6.6%
60min        1     1    1,386  6.3%     6.4%                        32.9%
60min        2     2    1,386  6.4%     15.8%                       4.1%
60min        3     3    1,386  6.6%     6.0%                        0.6%
60min        5     5    1,365  5.9%     3.0%                        0.5%
60min        7     7    1,365  6.9%     3.9%                        0.7%
60min        1     3    1,379  7.1%     7.8%                        16.4%
60min        1     7    1,379  6.9%     6.9%                        7.2%
60min, 24/7  5     5    3,447  6.0%     3.0%                        3.0%
60min, 24/7  11    11   3,447  7.3%     2.9%                        2.9%
60min, 24/7  15    15   3,444  6.9%     13.4%                       13.4%
60min, 24/7  21    21   3,444  6.2%     5.9%                        5.9%
60min, 24/7  15    20   3,444  8.4%     11.9%                       11.9%
60min, 24/7  15    38   3,444  5.5%     5.5%                        5.5%
===========  ====  ===  =====  =======  ==========================  =========
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

import eventlab as ev
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.market.workspace_market import studied_symbols
from eventlab.study.assembly import assemble
from eventlab.study.models.fits import fit_events
from eventlab.study.run import study_spec
from eventlab.study.schedule import make_schedule, study_clock

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.specs import EventArrays, StudySpec
    from eventlab.timeline.windows import Window

STOCKS = ("ORCL", "NVDA", "AMD", "AVGO", "META", "MSFT", "COIN", "MSTR", "SMH", "QQQ")
TOKENS = ("BTC", "ETH", "SOL")
# Options of the study, and (slot of day 0, window) to count.
STUDIES: dict[str, tuple[dict[str, Any], tuple[tuple[int, Window], ...]]] = {
    "5min": (
        {"assets": STOCKS, "bar": "5min"},
        (
            *((slot, (0, 0)) for slot in (0, 1, 2, 6, 39, 77)),
            *((slot, (0, 11)) for slot in (0, 1, 39)),
            *((slot, (0, 77)) for slot in (0, 39)),
        ),
    ),
    "60min": (
        {"assets": ("ORCL", "NVDA", "AMD", "QQQ", *TOKENS), "bar": "60min"},
        (*((slot, (0, 0)) for slot in (0, 1, 2, 4, 6)), (0, (0, 2)), (0, (0, 6))),
    ),
    "60min, 24/7": (
        {
            "assets": TOKENS,
            "bar": "60min",
            "clock": "24/7",
            "model": "constant_mean",
            "benchmark": "none",
        },
        (*((slot, (0, 0)) for slot in (4, 10, 14, 20)), (14, (0, 5)), (14, (0, 23))),
    ),
}


def arrays_of(options: dict[str, Any], source: str) -> tuple[EventArrays, StudySpec]:
    """Columns of every asset with its benchmark, one pair each, and the windows of the study."""
    workspace = ev.load_workspace(Path(__file__).parents[1])
    asked = Overrides(occurrences=("fy2026-q2",), **options)
    event = apply_overrides(workspace.event("oracle-earnings"), asked)
    assert event.study is not None
    market = ev.load_market(workspace, source, events=[event])
    clock = study_clock(event.study, market, studied_symbols(event, workspace))
    assembly = assemble(event, workspace, market, make_schedule(event, workspace, clock))
    return assembly.arrays, study_spec(event.study, 0, 0)


def missed(arrays: EventArrays, spec: StudySpec, rows: npt.NDArray[np.int64]) -> tuple[float, int]:
    """Share of the CARs from the bars ``rows`` whose 95% interval misses 0, and their number."""
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
        fits = fit_events(moved, spec)
        known = np.isfinite(fits.car[:, 0])
        bound = special.stdtrit(fits.car_dof[known, 0], 0.975) * fits.car_error[known, 0]
        found.append(np.abs(fits.car[known, 0]) > bound)
    every = np.concatenate(found)
    return float(every.mean()), len(every)


def main() -> None:
    """Print the table."""
    print("| bars | from | to | n | by slot | one variance, nights apart | all alike |")
    print("|---|---|---|---|---|---|---|")
    for name, (options, cells) in STUDIES.items():
        arrays, spec = arrays_of(options, os.environ["EVENTLAB_MARKET"])
        assert arrays.slot is not None
        one = replace(arrays, slot=np.zeros_like(arrays.slot))
        for slot, window in cells:
            rows = np.flatnonzero(arrays.slot == slot).astype(np.int64)
            rows = rows[rows >= -spec.estimation_window[0]]
            asked = replace(spec, event_window=window, windows=(window,))
            found = [missed(each, asked, rows) for each in (arrays, one, replace(one, spans=None))]
            shares = " | ".join(f"{share:.1%}" for share, _ in found)
            print(f"| {name} | {slot + 1} | {slot + 1 + window[1]} | {found[0][1]:,} | {shares} |")


if __name__ == "__main__":
    main()
