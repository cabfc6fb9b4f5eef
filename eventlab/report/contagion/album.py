"""The pictures of an event's contagion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.report.album import BAND, Album, Sheet, known
from eventlab.report.contagion import views
from eventlab.report.contagion.figure_rows import figure_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.contagion.results import EventContagion
    from eventlab.report.album import Choice, Panels

__all__ = ["contagion_album"]

# Picture to what it shows, and why it may be empty at every occurrence.
CONTAGION: Final = {
    "matrix": ("Correlation with SOURCE, {}; framed: contagion", ""),
    "breaks": (
        "Correlation of SOURCE and {}: rings before, dots after",
        "no target has correlations at several occurrences",
    ),
    "moves": ("First move after the news: blue up, orange down", ""),
    "lead": ("Correlation of SOURCE with {} by lag; grey: unrelated series", ""),
    "connected": ("Connectedness, {}; grey: " + BAND, ""),
    "network": (
        "Who leads whom, {}: an arrow from cause to effect",
        "no arrow stands in any period, or none was tested",
    ),
    "dynamic": (
        "Conditional correlation of SOURCE and {}: blue DCC, purple cDCC, orange ADCC",
        "",
    ),
    "conditional_beta": ("Conditional beta of {} on SOURCE", ""),
    "betas": (
        "Betas of {} through time",
        "the definition asks for none, or none could be computed",
    ),
}
NAMED_PANELS: Final = frozenset({"matrix", "network", "connected"})


def contagion_album(result: EventContagion, choice: Choice) -> Album:
    """Pairs, order, connectedness, models and regimes of one occurrence."""
    focus = views.focus(result)
    there = dict.fromkeys(result.pairs["occurrence"])
    occurrence = known("occurrence", choice.get("occurrence", focus), there)
    source = next(iter(result.pairs["source"]), "the source")

    def rows(name: str) -> Callable[[], Panels]:
        def made() -> Panels:
            found = figure_rows(result, occurrence)[name] if occurrence else []
            panels: Panels = found if isinstance(found, dict) else {"": found}
            return _arrows_first(panels) if name == "network" else panels

        return made

    at = occurrence or "any occurrence"
    full = f"; described in full is {focus}" if occurrence != focus else ""
    sheets = {
        name: Sheet(
            name,
            said.replace("SOURCE", str(source)),
            rows("dynamic" if name == "conditional_beta" else name),
            why or f"nothing of it could be computed at {at}{full}",
            _takes(name),
            words=_panel_words(result, occurrence) if name in NAMED_PANELS else {},
        )
        for name, (said, why) in CONTAGION.items()
    }
    title = f"{result.event.title}, {occurrence}" if occurrence else result.event.title
    return Album("the contagion", title, result.stamp.simulated, sheets)


def _panel_words(result: EventContagion, occurrence: str) -> dict[str, str]:
    return {
        **{bar: views.bar_words(bar) for bar in views.bars(result)},
        "calm": "before",
        "event": "during",
        "after": "after",
        occurrence: "total, at this occurrence",
        "average": "total, average of occurrences",
    }


def _arrows_first(panels: Panels) -> Panels:
    bare = {name: all(row["kind"] == "node" for row in rows) for name, rows in panels.items()}
    return dict(sorted(panels.items(), key=lambda item: bare[item[0]]))


def _takes(name: str) -> tuple[str, ...]:
    if name == "breaks":
        return ("panel",)
    return ("occurrence",) if name == "moves" else ("panel", "occurrence")
