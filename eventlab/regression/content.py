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
    from collections.abc import Iterable, Iterator

    from eventlab.definitions import StrategyDefinition, Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.regression.types import Subject

__all__ = ["content_of", "symbols_of", "tested_strategy"]

# Of which no number depends.
UNREAD: Final = {"baseline", "title", "description", "source", "confidence"}
UNREAD_OF_CLAIMS: Final = {"id", "statement", "source", "strict"}
# What a contagion takes from the study of its event.
FROM_STUDY: Final = {"clock", "daily_sampling", "benchmark", "by_tag", "states"}
UNKNOWN: Final = "as the data say"  # of a symbol that no universe has
Json = dict[str, Any]


def tested_strategy(name: str, workspace: Workspace) -> StrategyDefinition:
    """Return a strategy without its sweep, whose further symbols its backtest does not read."""
    return workspace.strategies[name].model_copy(update={"sweep": {}})


def symbols_of(subject: Subject, workspace: Workspace) -> tuple[str, ...]:
    """Return every symbol whose prices a result may read, in order and once."""
    if subject.kind == "strategy":
        return strategy_symbols(tested_strategy(subject.name, workspace), workspace)
    if subject.kind == "claims":
        questions = questions_of(workspace, [subject.name])
        events = modelled_events(questions)
        further = (one for event in events for one in _event_symbols(event, workspace))
        return tuple(dict.fromkeys((*claim_symbols(questions, workspace), *further)))
    event = workspace.events[subject.name]
    read = studied_symbols if subject.kind == "study" else contagion_symbols
    return tuple(dict.fromkeys((*read(event, workspace), *state_symbols(event.study))))


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
    contagions, which look for overlaps among them, and for claims that are judged by those. Groups
    stand with their members, symbols with calendar, kind and unit, as universes and settings give
    them.
    """
    content: Json = {
        subject.kind: _own(subject, workspace),
        "events": {name: _event(workspace.events[name]) for name in _read(subject, workspace)},
    }
    groups = dict.fromkeys(name for name in _words(content) if name.startswith("@"))
    content["groups"] = {
        name: list(workspace.universes[name[1:]].symbols)
        for name in groups
        if name[1:] in workspace.universes
    }
    content["symbols"] = {name: _symbol(name, workspace) for name in symbols_of(subject, workspace)}
    if workspace.settings.bar_stamp is not None:
        content["bar_stamp"] = workspace.settings.bar_stamp
    return content


def _own(subject: Subject, workspace: Workspace) -> Json:
    if subject.kind == "strategy":
        return _plain(workspace.strategies[subject.name], UNREAD | {"strategy", "sweep"})
    if subject.kind == "claims":
        return _claims(subject, workspace)
    event = workspace.events[subject.name]
    own = _plain(getattr(event, subject.kind), set())
    return own if subject.kind == "study" else own | _from_study(event)


def _claims(subject: Subject, workspace: Workspace) -> Json:
    """Return the claims, and the definitions of the models that judge some of them."""
    questions = questions_of(workspace, [subject.name])
    found = {one.claim.id: _plain(one.claim, UNREAD_OF_CLAIMS) for one in questions}
    for event in modelled_events(questions):
        found[f"models of {event.event}"] = {
            name: _plain(section, set())
            for name, section in (("study", event.study), ("contagion", event.contagion))
            if section is not None
        }
    return found


def _from_study(event: EventDefinition) -> Json:
    """Return what a contagion takes from the study of its event."""
    if event.study is None:
        return {}
    return {"study": event.study.model_dump(mode="json", include=FROM_STUDY, exclude_none=True)}


def _read(subject: Subject, workspace: Workspace) -> tuple[str, ...]:
    """Name the events that a result reads."""
    if subject.kind == "strategy":
        return workspace.strategies[subject.name].events
    if subject.kind == "claims":
        questions = questions_of(workspace, [subject.name])
        if not modelled_events(questions):
            own = (one.event.event for one in questions if one.event is not None)
            return tuple(dict.fromkeys(own))
    return tuple(workspace.events)


def _event(event: EventDefinition) -> Json:
    """Return what others read of an event: who announces, when, and the tags and facts."""
    own = _plain(event, UNREAD | {"event", "study", "contagion", "claims"})
    own["occurrences"] = {
        one.pop("id"): {key: value for key, value in one.items() if value and key not in UNREAD}
        for one in own["occurrences"]
    }
    return own


def _symbol(name: str, workspace: Workspace) -> str:
    """Say on which calendar a symbol trades and what its series is."""
    info = workspace.symbols.get(name)
    if info is None:
        return UNKNOWN
    unit = f" in {info.unit}" if info.kind == "return" else ""
    return f"{info.calendar} {info.kind}{unit}"


def _words(value: object) -> Iterator[str]:
    """Yield every text of nested plain values, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def _plain(model: Any, left_out: set[str]) -> Json:
    found: Json = model.model_dump(mode="json", exclude=left_out, exclude_none=True)
    return found
