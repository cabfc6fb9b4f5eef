"""What pictures a result has: their names, rows and words, and why one of them may be empty.

The albums themselves are in `study_albums`, `contagion.album`, `hedge.album` and `claims.album`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eventlab.definitions.problem import hint, listed, show
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["BAND", "Album", "Choice", "Panels", "Rows", "Sheet", "any_width", "known", "made"]

Rows = list[dict[str, Any]]
Panels = dict[str, Rows]
Choice = dict[str, str]
BAND: Final = "where placebo dates lie"


def any_width(_: Rows) -> int:
    """Ask for no width."""
    return 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of a result.

    Attributes
    ----------
    template
        Name of the template (`eventlab.report.figures.figure_templates`).
    said
        What it shows and what its colours mean, ``{}`` standing for the panel.
    panels
        Makes the rows: name of each panel to its own; ``""`` where there is one only.
    absent
        Why there may be no rows, in words.
    takes
        Keywords of ``plot`` that choose what is drawn.
    words
        Panel to how its title says it, where that is not its name.
    counted
        Whether rows have an ``n`` that belongs into the title.
    width
        How many pixels the rows need at least.
    below
        Template to rows of what is drawn beneath, on the same x axis.
    """

    template: str
    said: str
    panels: Callable[[], Panels]
    absent: str
    takes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    counted: bool = False
    width: Callable[[Rows], int] = any_width
    below: Mapping[str, Callable[[], Rows]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of one result, the one that a reader wants first standing first.

    ``kind`` is what the result is, with its article; ``title`` of which event or strategy;
    ``key`` the keyword of ``plot`` that names a panel; ``log`` whether values are logs of ratios.
    """

    kind: str
    title: str
    simulated: bool
    sheets: dict[str, Sheet]
    key: str = "panel"
    log: bool = False


def made(found: Rows | Panels) -> Callable[[], Panels]:
    """Return rows that are there already as a sheet's ``panels``."""
    panels = found if isinstance(found, dict) else {"": found}
    return lambda: panels


def known(key: str, value: str, allowed: Iterable[str]) -> str:
    """Return a choice that the result has."""
    names = list(allowed)
    if value and value not in names:
        raise UsageError(
            f"plot: no {key} {show(value)}; there are {listed(names)}{hint(value, names)}"
        )
    return value
