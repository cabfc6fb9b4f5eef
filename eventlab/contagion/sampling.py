"""How every series of every occurrence was sampled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from eventlab.contagion.assembly import Assembly

__all__ = ["SAMPLING_COLUMNS", "sampling_table"]

SAMPLING_COLUMNS: Final = [
    "bar",
    "occurrence",
    "symbol",
    "basis",
    "minutes_apart",
    "max_minutes_apart",
    "n_members",
    "note",
]


def sampling_table(assembly: Assembly) -> pd.DataFrame:
    """One row per series of each occurrence's pairs.

    Minutes are how far the sampled closes lie from the clock's over the crisis window: their
    median, and the one furthest away. Of a basket, those of all members; ``n_members`` counts those
    with a return on the event session, and ``note`` says how many had one before.
    """
    book, scale = assembly.book, assembly.scale
    rows = []
    for occurrence, names in assembly.names.items():
        anchor = assembly.anchors[occurrence]
        window = slice(anchor + scale.crisis[0], anchor + scale.crisis[1] + 1)
        for name in names:
            parts = book.parts(book.row(name, anchor, assembly.members(name, names[0])))
            rows.append((scale.bar, occurrence, name, *described(assembly, parts, anchor, window)))
    return pd.DataFrame(rows, columns=SAMPLING_COLUMNS)


def described(
    assembly: Assembly, parts: tuple[int, ...], anchor: int, window: slice
) -> tuple[str, float, float, int, str]:
    """Basis, both distances in minutes, number of members and note of one series."""
    panel = assembly.book.panel
    apart = panel.minutes_apart[list(parts), window]
    apart = np.sort(apart[np.isfinite(apart)])
    middle = float(np.median(apart)) if len(apart) else np.nan
    furthest = float(max(apart[0], apart[-1], key=abs)) if len(apart) else np.nan
    bases = Counter(panel.columns[c].basis for c in parts)
    if len(parts) == 1:
        return next(iter(bases)), middle, furthest, 1, ""
    there = np.isfinite(panel.returns[list(parts)])
    first = anchor + assembly.scale.calm[0]
    counts = there[:, first : window.stop].sum(axis=0)
    note = f"mean of {counts.min()} to {counts.max()} of {len(parts)} members inside the windows"
    basis = ", ".join(f"{n} {name}" for name, n in bases.most_common())
    return basis, middle, furthest, int(there[:, anchor].sum()), note
