"""A hand-made specification curve."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.study.specifications.columns import SPECIFICATION_COLUMNS, SUMMARY_COLUMNS
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study import EventStudy

N = 700


def with_curve(*, simulated: bool = False) -> EventStudy:
    """Study with 700 specifications of ORCL, of which the last repeats the first."""
    rng = np.random.default_rng(0)
    estimate = rng.normal(0.01, 0.005, N)
    specs = pd.DataFrame(index=range(N), columns=list(SPECIFICATION_COLUMNS))
    specs["group"], specs["model"] = "ORCL", ["market_model", "constant_mean"] * (N // 2)
    specs["benchmark"] = np.where(specs["model"] == "constant_mean", "none", "SPY")
    specs["estimation_window"], specs["window"] = "[-250,-11]", ["[0,0]", "[-1,1]"] * (N // 2)
    specs["clock"], specs["sampling"], specs["overlaps"] = "XNYS", "nearest", "flag"
    specs["days"], specs["test"], specs["note"] = "all", "bmp", ""
    specs["estimate"], specs["n_events"] = estimate, 40
    specs["low"], specs["high"] = estimate - 0.01, estimate + 0.01
    specs["pvalue"] = rng.random(N)
    for name in ("statistic", "score", "placebo_pvalue", "null_low", "null_high"):
        specs[name] = 0.5
    specs["significant"], specs["joint"] = specs["pvalue"] < 0.05, True
    specs["same_as"] = -1
    rank = np.argsort(np.argsort(estimate[: N - 1]))
    specs["rank"] = [*rank, -1]
    specs.loc[N - 1, ["same_as", "note"]] = 0, "the same numbers as specification 0"
    row = dict.fromkeys(SUMMARY_COLUMNS, 0.25) | {"group": "ORCL", "note": "", "exact": False}
    row |= {"n_asked": N, "n": N - 1, "n_same": 1, "n_without": 0, "n_joint": 5, "n_draws": 2000}
    row |= {"n_dates": 40, "smallest_pool": 900, "seed": 0, "short": True, "median": 0.0123}
    summary = pd.DataFrame([row])
    return replace(
        make_study(simulated=simulated), specifications=specs, specification_summary=summary
    )
