"""The step from any result to its picture."""

from __future__ import annotations

from importlib import import_module

from eventlab.errors import UsageError

__all__ = ["draw"]


def draw(result: object, picture: str = "", **choice: str | None) -> object:
    """Return one picture of a result as an altair chart: what ``plot()`` of every result returns.

    Parameters
    ----------
    result
        One that `eventlab.report.notebook` has an album of.
    picture
        Its name; empty for the first.
    choice
        What to draw of it, as each result's ``plot`` names it; None: what a page shows first.

    Raises
    ------
    UsageError
        No such picture, nothing to draw in it, or the ``report`` extra, which brings altair, is
        not installed.
    """
    try:
        # The one step against the walk: whoever holds a result need not know the report room.
        notebook = import_module("eventlab.report.notebook")
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"plot: {missing.name} is not installed; pip install 'eventlab[report]'"
        ) from missing
    chart: object = notebook.chart(result, picture, **choice)
    return chart
