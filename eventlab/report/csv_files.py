"""The tables of a result as CSV, for readers who want every row that a page cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.study.results import EventStudy

__all__ = ["CSV_TABLES", "write_csv_files"]

CSV_TABLES = (
    "aggregates",
    "tests",
    "aar_tests",
    "bhar_tests",
    "cars",
    "paths",
    "occurrences",
    "event_days",
    "states",
    "splits",
    "cross_section",
    "features",
    "exclusions",
    "overlaps",
    "sampling",
    "quality",
    "truth",
    "specifications",
    "specification_summary",
)


def write_csv_files(
    result: EventStudy | EventContagion | Backtest | Sweep,
    folder: Path,
    names: tuple[str, ...] = CSV_TABLES,
    prefix: str = "",
) -> None:
    """Write ``<prefix><table>.csv`` for every table that pages link to."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        frame: pd.DataFrame = getattr(result, name)
        if "tags" in frame:
            frame = frame.assign(tags=frame["tags"].map(" ".join))
        # pandas writes the same ten times slower.
        table = pa.Table.from_pandas(frame, preserve_index=False)
        csv.write_csv(table, folder / f"{prefix}{name}.csv")
