"""What the prices of each leg were, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.carry import carry_notes
from eventlab.hedge.funding import rolled_rates
from eventlab.timeline.instants import utc_day

if TYPE_CHECKING:
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Simulation

__all__ = [
    "EXCLUSION_COLUMNS",
    "NOTE_COLUMNS",
    "SAMPLING_COLUMNS",
    "exclusion_table",
    "note_table",
    "sampling_table",
]

EXCLUSION_COLUMNS = ["occurrence", "symbol", "reason"]
NOTE_COLUMNS = ["about", "note"]
SAMPLING_COLUMNS = ["symbol", "role", "basis", "bars", "first", "last", "stale", "note"]


def sampling_table(setting: Setting, run: Simulation) -> pd.DataFrame:
    """One row per leg; ``stale`` counts bars in which it was held and valued at an older price."""
    grid, rows = setting.grid, []
    there = np.isfinite(grid.closes)
    held = run.shares[1::2] != 0
    for leg, symbol in enumerate(grid.symbols):
        priced = np.flatnonzero(there[:, leg])
        stale = int((held[:, leg] & ~there[:, leg] & grid.trades[:, leg]).sum())
        end = setting.ends.get(leg)
        rows.append(
            {
                "symbol": symbol,
                "role": "book" if leg < setting.sleeves.n_book else "hedge",
                "basis": grid.basis[leg],
                "bars": len(priced),
                "first": grid.clock.days[priced[0]] if len(priced) else np.datetime64("NaT"),
                "last": grid.clock.days[priced[-1]] if len(priced) else np.datetime64("NaT"),
                "stale": stale,
                "note": ""
                if end is None
                else f"prices end early: closed at the last one on {grid.clock.days[end]}",
            }
        )
    table = pd.DataFrame(rows, columns=SAMPLING_COLUMNS)
    return table.astype({"first": "datetime64[s]", "last": "datetime64[s]"})


def exclusion_table(decided: Decided) -> pd.DataFrame:
    """List occurrences that were not entered and members that have no prices, with the reason."""
    members = [("all", symbol, why) for symbol, why in decided.setting.sleeves.left_out]
    return pd.DataFrame([*members, *decided.left_out], columns=EXCLUSION_COLUMNS)


def note_table(setting: Setting, run: Simulation, *, begun: int = 0) -> pd.DataFrame:
    """Say what states and costs leave out, and which funding rates were charged a second time."""
    notes = carry_notes(setting.strategy, setting.market, setting.grid, begun=begun)
    rows = [(f"when.{key}", each) for key, one in setting.states.items() for each in one.notes]
    rows += [("costs", each) for each in notes]
    if setting.strategy.missing == "roll":
        lacking: dict[str, list[int]] = {}
        for each in rolled_rates(setting.funding, setting.grid, run.shares):
            lacking.setdefault(each.symbol, []).append(each.due)
        for symbol, due in lacking.items():
            said = f"{len(due)} funding rates lack between {utc_day(due[0])} and {utc_day(due[-1])}"
            rows.append((symbol, f"{said}; the last known one was charged"))
    return pd.DataFrame(rows, columns=NOTE_COLUMNS).astype("str")
