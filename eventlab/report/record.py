"""What one run of the workspace produced, apart from its layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.claims.results import Claims
    from eventlab.contagion.results import EventContagion
    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.market.types import DataStamp
    from eventlab.report.stored import AnyResult
    from eventlab.study.results import EventStudy

__all__ = ["Failure", "Run"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An event or strategy that was not computed, with ``exit_code`` 0 if there was nothing to.

    ``event`` is its id.
    """

    event: str
    reason: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a run folder stores.

    Attributes
    ----------
    generated_at
        ISO-8601 instant, given by the command line: nothing below it knows the time.
    versions
        Package name to version, of what the numbers depend on.
    definitions
        File of the workspace (relative) to the sha256 of its content.
    title
        Heading of the first page.
    contagions
        Those of the events that have a contagion section and could be computed.
    backtests, sweeps
        Those of the strategies that could be computed; sweeps of those with a grid.
    claims
        All claims of the workspace; None where it has none.
    """

    studies: tuple[EventStudy, ...]
    failures: tuple[Failure, ...]
    command: str
    seed: int
    source: str
    generated_at: str
    versions: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    title: str = "eventlab"
    contagions: tuple[EventContagion, ...] = ()
    backtests: tuple[Backtest, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    claims: Claims | None = None

    @property
    def results(self) -> tuple[AnyResult, ...]:
        """Everything that was computed, kind by kind."""
        claims = () if self.claims is None else (self.claims,)
        return (*self.studies, *self.contagions, *self.backtests, *self.sweeps, *claims)

    @property
    def stamps(self) -> frozenset[DataStamp]:
        """Where the prices of any of the results come from."""
        return frozenset(each.stamp for each in self.results)
