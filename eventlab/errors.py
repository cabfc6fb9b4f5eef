"""The errors a user can meet, each with the exit code of the command line."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["DataError", "DefinitionError", "EventlabError", "GateError", "UsageError"]


class EventlabError(Exception):
    """A mistake that the user can mend; anything else that is raised is a bug (exit code 4)."""

    exit_code: ClassVar[int] = 2


class UsageError(EventlabError):
    """Wrong arguments, an unknown id or an option that does not fit."""

    exit_code: ClassVar[int] = 2


class DefinitionError(EventlabError):
    """One or more problems in definition files.

    ``problems`` holds one finished line per problem (``file:line:col: key: what``); the message
    is those lines joined, so that printing the error lists every problem at once.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class DataError(EventlabError):
    """Prices are missing or unusable."""

    exit_code: ClassVar[int] = 3


class GateError(EventlabError):
    """A gate failed: a baseline moved, a strict claim broke, an audit found look-ahead."""

    exit_code: ClassVar[int] = 1
