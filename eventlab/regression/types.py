"""The frozen types of a regression test: what was recorded, what is now, and what moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eventlab.definitions.baseline import BaselineDefinition

__all__ = [
    "WHOLE",
    "Baseline",
    "Causes",
    "Change",
    "Item",
    "Kind",
    "OrderLog",
    "OrderMove",
    "Part",
    "Series",
    "Status",
    "Subject",
    "Value",
]

Kind = Literal["strategy", "study", "contagion", "claims"]
Status = Literal["same", "moved", "missing", "orphaned", "failed"]
Value = float | int | str | bool | None  # None: not a number, with its reason elsewhere
WHOLE = ""  # the part of a strategy that belongs to no single event


@dataclass(frozen=True, slots=True)
class Subject:
    """One result under regression test.

    Attributes
    ----------
    kind, name
        What it is and the id of its definition.
    file
        The definition, from the workspace's folder: ``strategies/btc-ai-hedge.yaml``.
    baseline
        Where its baseline is, or has to be.
    tolerances
        How far its metrics may move.
    events
        Of a strategy, the events it is held around: each is an item of its own.
    """

    kind: Kind
    name: str
    file: Path
    baseline: Path
    tolerances: BaselineDefinition
    events: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Its items: the whole first, then one per event; of an event file, its section."""
        return (WHOLE, *self.events) if self.kind == "strategy" else (self.kind,)

    @property
    def argument(self) -> str:
        """Return what names it on the command line."""
        return self.name if self.kind == "strategy" else f"{self.name}:{self.kind}"


@dataclass(frozen=True, slots=True)
class OrderLog:
    """Orders as text and numbers, in order of time.

    ``columns`` name the fields of ``rows``; ``sha256`` is over all rows with numbers at ten
    significant digits, so that two logs can be told apart at a glance.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one item is held to: its metrics by name, and its orders (None where it has none)."""

    values: Mapping[str, Value]
    orders: OrderLog | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The fingerprint of one series of prices.

    Attributes
    ----------
    rows, first, last
        Bars, and the instants (ISO, UTC) at which the first and the last of them close.
    sha256
        Over kind, calendar, closes, prices, raw closes, opens, highs, lows and volumes, NaN with
        their bits: 16 hex digits.
    years
        The same by UTC year of the close, 8 digits each: where a difference lies.
    """

    rows: int
    first: str
    last: str
    sha256: str
    years: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Numbers that were accepted, and what they rested on.

    Attributes
    ----------
    seed
        Of placebo dates and bootstraps.
    engine
        What computed the portfolio; empty where there is none.
    versions
        Package to version.
    definition
        Everything from files that the result depends on: nested plain values.
    source, simulated, series
        The prices: by symbol and width of bars.
    parts
        By name, `WHOLE` or an event's id, or the section of an event's file.
    """

    kind: Kind
    name: str
    seed: int
    engine: str
    versions: Mapping[str, str]
    definition: Mapping[str, object]
    source: str
    simulated: bool
    series: Mapping[str, Series]
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Change:
    """A metric that moved by more than its tolerance, appeared or went.

    ``before`` and ``now`` are absent (`ABSENT`) where there is no such metric. ``change`` is the
    difference over the baseline's value, or NaN where there is none; ``tolerance`` in words.
    """

    metric: str
    before: Value
    now: Value
    change: float
    tolerance: str


@dataclass(frozen=True, slots=True)
class OrderMove:
    """How two order logs differ: ``lines`` begin with ``-`` (baseline), ``+`` (now) or two blanks.

    ``moved`` counts the orders that differ beyond tolerance, of ``before`` and ``now``.
    """

    lines: tuple[str, ...]
    moved: int
    before: tuple[int, str]
    now: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Causes:
    """What moved of everything that a result rests on; each is a list of sentences.

    ``restated`` are prices that the baseline was computed on and that are others now, ``added``
    prices after the last of them and series that were not there.
    """

    restated: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    definition: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()

    @property
    def data(self) -> tuple[str, ...]:
        """Everything about prices."""
        return (*self.restated, *self.added)


@dataclass(frozen=True, slots=True)
class Item:
    """The verdict about one part of one result.

    Attributes
    ----------
    subject, part
        Whose; `WHOLE` or an event for strategies, the section for events.
    status
        ``same``; ``moved``; ``missing`` (no baseline, or none of this part); ``orphaned`` (a
        baseline of what is not under test any more); ``failed`` (it could not be computed, or its
        baseline could not be read).
    values
        The metrics now.
    changes, orders
        What moved by more than the tolerances.
    causes
        Which of data, versions and definition moved.
    reason
        Why, in words; empty where it is the same.
    exit_code
        0 where it is the same.
    accept
        The command that accepts what is; empty where there is nothing to accept.
    """

    subject: Subject
    part: str
    status: Status
    values: Mapping[str, Value] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    orders: OrderMove | None = None
    causes: Causes = field(default_factory=Causes)
    reason: str = ""
    exit_code: int = 0
    accept: str = ""

    @property
    def n_metrics(self) -> int:
        """Metrics that are held to the baseline: those that are now and those that are gone."""
        return len({*self.values, *(each.metric for each in self.changes)})

    @property
    def id(self) -> str:
        """Name of the item, as pytest writes it behind the file: ``x[oracle-earnings]``."""
        return self.subject.name if self.part == WHOLE else f"{self.subject.name}[{self.part}]"
