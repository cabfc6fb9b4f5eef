"""A picture of any result for a notebook: the templates and the rows of the pages, standing alone.

What there is to draw of each result is in its album.
"""

from __future__ import annotations

import json
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from eventlab.definitions.problem import hint, listed, show
from eventlab.errors import UsageError
from eventlab.report.claims.album import claims_album
from eventlab.report.contagion.album import contagion_album
from eventlab.report.hedge.album import backtest_album, sweep_album
from eventlab.report.look import finished
from eventlab.report.plotting import ROWS, standing
from eventlab.report.scripts import kept_templates
from eventlab.report.study_albums import curve_album, frames_album, study_album

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.report.album import Album, Choice, Rows, Sheet
    from eventlab.report.look import Spec
    from eventlab.report.plotting import Standing

__all__ = ["chart"]

# By name: who draws one kind of result need not load the rooms of the others.
ALBUMS: Final[dict[str, Callable[[Any, Choice], Album]]] = {
    "EventStudy": study_album,
    "StudyResult": frames_album,
    "SpecificationCurve": curve_album,
    "EventContagion": contagion_album,
    "Backtest": backtest_album,
    "Sweep": sweep_album,
    "Claims": claims_album,
}
MOST_NAMED: Final = 40
WIDTH, HEIGHT = 640, 300  # pixels, the least of a picture that stands alone
LETTER: Final = 7.5  # pixels; Vega does not break lines
BELOW: Final = "below"


def chart(result: object, picture: str = "", **choice: str | None) -> Standing:
    """Return a picture as an altair chart with its data, title and colours, on a light ground.

    Parameters
    ----------
    result
        One whose class is in `ALBUMS`.
    picture
        Its name; empty for the first of the album.
    choice
        ``group`` or ``panel``: which of several alike; others as the album takes them. None: what
        the page shows first.

    Raises
    ------
    UsageError
        No such picture, panel or choice, or nothing to draw: with the reason, and what there is.
    """
    given = {key: value for key, value in choice.items() if value is not None}
    found = ALBUMS[type(result).__name__](result, given)
    name = picture or next(iter(found.sheets))
    sheet = _sheet(found, name)
    for key, value in given.items():
        if key not in sheet.takes:
            takes = f"takes {listed(sheet.takes)} only" if sheet.takes else "has no choices"
            raise UsageError(f"plot: {name!r} {takes}; leave out {key}={value!r}")
    panel, rows = _panel(found, name, given.get(found.key))
    return standing(_spec(found, sheet, panel, rows))


def _sheet(found: Album, name: str) -> Sheet:
    if name not in found.sheets:
        raise UsageError(
            f"plot: {show(name)} is no picture of {found.kind}; it has {_drawable(found)}"
            f"{hint(name, found.sheets)}"
        )
    return found.sheets[name]


def _panel(found: Album, name: str, wanted: str | None) -> tuple[str, Rows]:
    panels = {each: rows for each, rows in found.sheets[name].panels().items() if rows}
    if not panels:
        raise UsageError(
            f"plot: nothing to draw in {name!r} of {found.kind}: {found.sheets[name].absent}; "
            f"it has {_drawable(found)}"
        )
    if wanted is not None and wanted not in panels:
        raise UsageError(
            f"plot: {name!r} has no {found.key} {show(wanted)}; "
            f"it has {listed(map(repr, panels), MOST_NAMED)}{hint(wanted, panels)}"
        )
    panel = next(iter(panels)) if wanted is None else wanted
    return panel, panels[panel]


def _drawable(found: Album) -> str:
    """List the pictures that have rows."""
    names = [name for name, sheet in found.sheets.items() if any(sheet.panels().values())]
    return listed(names, MOST_NAMED) or "none"


def _spec(found: Album, sheet: Sheet, panel: str, rows: Rows) -> Spec:
    said = sheet.said.replace("{}", sheet.words.get(panel, panel))
    if sheet.counted:
        said += f"; n = {max(row['n'] for row in rows):,}"
    width = max(WIDTH, sheet.width(rows))
    title = [line for text in (found.title, said) for line in wrap(text, int(width / LETTER))]
    spec = _finished(found, sheet.template, rows, title, width)
    spec["description"] = ", ".join(filter(None, (found.title, said)))
    for template, own in sheet.below.items():
        spec = _above(spec, _finished(found, template, own(), title, width))
    return spec


def _finished(found: Album, template: str, rows: Rows, title: list[str], width: int) -> Spec:
    spec = finished(
        _templates()[template],
        rows,
        title=title,
        simulated=found.simulated,
        log=found.log,
        width=width,
    )
    if isinstance(spec["height"], int | float):
        spec["height"] = max(HEIGHT, spec["height"])
    return spec


def _above(top: Spec, bottom: Spec) -> Spec:
    """Set one picture above another under its own title."""
    shared = ("title", "config", "description")
    above = (*shared, "datasets", "params")
    upper, lower = ({k: v for k, v in each.items() if k not in above} for each in (top, bottom))
    # In one specification the rows of each need a name of their own.
    lower = json.loads(json.dumps(lower).replace(f'"name": "{ROWS}"', f'"name": "{BELOW}"'))
    spec = {key: top[key] for key in shared}
    spec["params"] = [*top.get("params", ()), *bottom.get("params", ())]
    spec["datasets"] = {**bottom["datasets"], **top["datasets"], BELOW: bottom["datasets"][ROWS]}
    return {**spec, "vconcat": [upper, lower]}


@cache
def _templates() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept_templates())
    return found
