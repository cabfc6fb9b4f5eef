"""Which occurrences are averaged together: all, those with a tag, those in a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.study.conditions.states import read_states, subjects

if TYPE_CHECKING:
    from eventlab.contagion.assembly import Assembly
    from eventlab.market.types import Market

__all__ = ["EVERY", "Family", "families_of"]

EVERY: Final = "all"


@dataclass(frozen=True, slots=True)
class Family:
    """Occurrences under one name: ``all``, a tag, ``state=yes`` or ``state=no``."""

    tag: str
    occurrences: frozenset[str]


def families_of(assembly: Assembly, market: Market) -> tuple[Family, ...]:
    """Return the families of an event that hold an occurrence with pairs.

    Tags are those of ``contagion.by_tag``, else of ``study.by_tag``; states those of the study,
    read strictly before the news. Where a state is not known the occurrence is on neither side.
    """
    study, known = assembly.event.study, frozenset(assembly.names)
    found = {EVERY: known}
    for tag in assembly.section.by_tag or (study.by_tag if study is not None else ()):
        tagged = (one.id for one in assembly.schedule.occurrences if tag in one.tags)
        found[tag] = known & frozenset(tagged)
    asked = subjects(assembly.schedule)
    states = read_states(study.states, market, asked) if study is not None else {}
    for name, state in states.items():
        for word, value in (("yes", 1.0), ("no", 0.0)):
            inside = (
                one.id for one, v in zip(asked.occurrences, state.value, strict=True) if v == value
            )
            found[f"{name}={word}"] = known & frozenset(inside)
    return tuple(Family(tag, members) for tag, members in found.items() if members)
