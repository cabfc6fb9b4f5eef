"""Strict, frozen models of every YAML kind, and the one reader of their files."""

from eventlab.definitions.calendar_check import CalendarCheck
from eventlab.definitions.claim import ClaimDefinition, ClaimsDefinition
from eventlab.definitions.contagion import ContagionDefinition
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.occurrence import (
    Occurrence,
    OccurrenceDefaults,
    ResolvedOccurrence,
    Surprise,
)
from eventlab.definitions.problem import Problem
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.study import PlaceboDefinition, StudyDefinition
from eventlab.definitions.universe import SymbolDefinition, SymbolInfo, UniverseDefinition
from eventlab.definitions.workspace import Origin, Workspace, check_workspace, load_workspace
from eventlab.definitions.workspace_file import WorkspaceDefinition

__all__ = [
    "CalendarCheck",
    "ClaimDefinition",
    "ClaimsDefinition",
    "ContagionDefinition",
    "EventDefinition",
    "Occurrence",
    "OccurrenceDefaults",
    "Origin",
    "PlaceboDefinition",
    "Problem",
    "ResolvedOccurrence",
    "StrategyDefinition",
    "StudyDefinition",
    "Surprise",
    "SymbolDefinition",
    "SymbolInfo",
    "UniverseDefinition",
    "Workspace",
    "WorkspaceDefinition",
    "check_workspace",
    "load_workspace",
]
