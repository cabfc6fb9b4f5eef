"""Tests as another program prints them, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from eventlab.report import summary
from eventlab.report.cells import cells
from eventlab.report.numbers import pvalue, statistic, test_name

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy

__all__ = ["convention_table"]


def convention_table(study: EventStudy, window: str) -> Table:
    """Lay out every test that the program has, of every asset, with what it does in words.

    An asset for which it has none gets one row with the reason.
    """
    table = Table(
        title=Text(f"Tests of {window} as {study.convention} has them, none a headline", "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for name in ("asset", "test", "n", "statistic", "p", "as the program does it"):
        right = name in {"n", "statistic", "p"}
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    found = cells(study)
    for group in summary.groups(study):
        cell = found.get((group, window))
        if cell is None:
            continue
        known = [each for each in cell.tests if np.isfinite(each.statistic)]
        for each in known:
            shown = (statistic(each.statistic), pvalue(each.pvalue))
            table.add_row(group, test_name(each.test), str(each.n_events), *shown, each.note)
        if not known and cell.tests:
            table.add_row(group, "none", str(cell.n_events), "", "", cell.tests[0].note)
    return table
