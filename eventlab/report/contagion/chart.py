"""The picture of a contagion for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.report.contagion import views
from eventlab.report.contagion.figure_rows import matrix_rows
from eventlab.report.contagion.pictures import contagion_pictures
from eventlab.report.plotting import ROWS

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.report.plotting import Picture

__all__ = ["matrix_chart"]


def matrix_chart(result: EventContagion) -> Picture:
    """Picture of the correlations of every pair of an occurrence, as a page shows it."""
    occurrence = views.focus(result)
    rows = matrix_rows(result, occurrence, views.bars(result)[0]) if occurrence else []
    chart = contagion_pictures()["matrix"].properties(width=420, title=occurrence)
    chart.datasets = {ROWS: rows}
    return chart
