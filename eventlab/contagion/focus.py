"""Which occurrences the heavy parts describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.contagion.phrases import IN_FULL
from eventlab.definitions.problem import hint, listed
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from eventlab.contagion.assembly import Assembly

__all__ = ["Focus", "choose_focus"]

NEARLY: Final = 0.8  # of the most complete pairs that any occurrence has


@dataclass(frozen=True, slots=True)
class Focus:
    """Occurrences that are described in full, and by occurrence a note for its row."""

    occurrences: tuple[str, ...]
    notes: dict[str, str]


def choose_focus(
    assembly: Assembly, pairs: pd.DataFrame, asked: Iterable[str] | None = None
) -> Focus:
    """Return the occurrences that were ``asked`` for, else the latest that is nearly complete.

    A pair is complete with a return of both on every bar of the crisis window and on nine in ten of
    the calm one. Prices of some targets end before others: the latest occurrence with at least
    `NEARLY` as many complete pairs as any has is described.

    Raises
    ------
    UsageError
        An occurrence that the event does not have.
    """
    wanted = None if asked is None else tuple(dict.fromkeys(asked))
    if wanted is None:
        return latest(assembly, pairs)
    ids = [one.id for one in assembly.event.occurrences]
    for name in wanted:
        if name not in ids:
            near = hint(name, ids) or f"; there are {listed(ids)}"
            raise UsageError(f"{assembly.event.event}: {name!r} is no occurrence{near}")
    held = tuple(name for name in wanted if name in assembly.names)
    notes = {
        name: f"{IN_FULL}, as asked for"
        if name in held
        else "not described in full: its windows are not complete"
        for name in wanted
    }
    return Focus(held, notes)


def latest(assembly: Assembly, pairs: pd.DataFrame) -> Focus:
    """Return the latest occurrence that is nearly complete."""
    if pairs.empty:
        return Focus((), {})
    scale = assembly.scale
    calm, crisis = (edge[1] - edge[0] + 1 for edge in (scale.calm, scale.crisis))
    whole = (pairs["n_crisis"] == crisis) & (pairs["n_calm"] >= 0.9 * calm)
    counts = whole.groupby(pairs["occurrence"]).sum()
    most = int(counts.max())
    if most == 0:
        return Focus((), {})
    enough = [str(name) for name in counts.index[counts >= NEARLY * most]]
    chosen = max(enough, key=lambda name: assembly.anchors[name])
    note = (
        f"{IN_FULL}: the latest with at least {NEARLY:.0%} of the {most} complete pairs "
        "that an occurrence has at most"
    )
    return Focus((chosen,), {chosen: note})
