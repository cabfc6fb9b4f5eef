"""What of files a result depends on: its definition, and the events and symbols it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.definitions.questions import questions_of
from eventlab.market.workspace_market import (
    claim_symbols,
    contagion_symbols,
    modelled_events,
    state_symbols,
    strategy_symbols,
    studied_symbols,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.regression.types import Subject

__all__ = ["content_of", "symbols_of"]

UNREAD: Final = {
    "baseline",
    "title",
    "description",
    "source",
    "confidence",
}  # of which no number depends
Json = dict[str, Any]


def symbols_of(subject: Subject, workspace: Workspace) -> tuple[str, ...]:
    """Return every symbol whose prices a result may read."""
    if subject.kind == "strategy":
        return strategy_symbols(workspace.strategies[subject.name], workspace)
    if subject.kind == "claims":
        questions = questions_of(workspace, [subject.name])
        found = dict.fromkeys(claim_symbols(questions, workspace))
        for event in modelled_events(questions):
            found |= dict.fromkeys(_event_symbols(event, workspace))
        return tuple(found)
    event = workspace.events[subject.name]
    if subject.kind == "study":
        return tuple(
            dict.fromkeys((*studied_symbols(event, workspace), *state_symbols(event.study)))
        )
    return contagion_symbols(event, workspace)


def _event_symbols(event: EventDefinition, workspace: Workspace) -> Iterable[str]:
    return (
        *studied_symbols(event, workspace),
        *state_symbols(event.study),
        *contagion_symbols(event, workspace),
    )


def content_of(subject: Subject, workspace: Workspace) -> Json:
    """Return everything from files that a result depends on, as nested plain values.

    Titles, descriptions and sources are left out. Events are there with the time of each
    occurrence: of the event itself, of those of a strategy, and of all others for studies and
    contagions, which look for overlaps among them. Symbols stand with calendar and kind, as
    universes and settings give them.
    """
    content: Json = {subject.kind: _own(subject, workspace)}
    content["events"] = {
        name: _event(workspace.events[name]) for name in _events_read(subject, workspace)
    }
    infos = (workspace.symbols.get(name) for name in symbols_of(subject, workspace))
    content["symbols"] = {
        each.symbol: f"{each.calendar} {each.kind}" for each in infos if each is not None
    }
    if workspace.settings.bar_stamp is not None:
        content["bar_stamp"] = workspace.settings.bar_stamp
    return content


def _own(subject: Subject, workspace: Workspace) -> Json:
    if subject.kind == "strategy":
        return _plain(workspace.strategies[subject.name], UNREAD | {"strategy", "sweep"})
    if subject.kind == "claims":
        return {
            one.claim.id: _plain(one.claim, {"id", "source"})
            for one in questions_of(workspace, [subject.name])
        }
    own: Json = _plain(workspace.events[subject.name], set())
    section: Json = own.get(subject.kind, {})
    return section


def _events_read(subject: Subject, workspace: Workspace) -> tuple[str, ...]:
    if subject.kind == "strategy":
        return workspace.strategies[subject.name].events
    if subject.kind == "claims":
        questions = questions_of(workspace, [subject.name])
        return tuple(dict.fromkeys(one.event.event for one in questions if one.event is not None))
    return tuple(workspace.events)


def _event(event: EventDefinition) -> Json:
    """Return what others read of an event: who announces, when, and the tags and facts."""
    own = _plain(event, UNREAD | {"event", "study", "contagion", "claims"})
    own["occurrences"] = {
        one.pop("id"): {key: value for key, value in one.items() if value and key not in UNREAD}
        for one in own["occurrences"]
    }
    return own


def _plain(model: Any, left_out: set[str]) -> Json:
    found: Json = model.model_dump(mode="json", exclude=left_out, exclude_none=True)
    return found
