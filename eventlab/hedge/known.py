"""What a strategy written in Python may see, and the call of one, bar by bar.

A rule is a function of what is known at a close. It is given copies that end there, so that the
future is not in reach, whatever it does with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from eventlab.definitions.problem import hint
from eventlab.errors import EventlabError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from eventlab.hedge.types import Grid

__all__ = ["Known", "KnownEvent", "Rule", "RuleTargets", "RuleWindow", "rule_targets"]

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An occurrence whose window is open at a close.

    Attributes
    ----------
    event, occurrence
        Ids, as in ``fomc`` and ``2025-12-10``.
    tau
        Bars since its event session; negative before.
    announced
        Whether its news is out at the close.
    tags
        Its tags, as in ``cut``, once the news is out; before that none.
    """

    event: str
    occurrence: str
    tau: int
    announced: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at the close of one bar.

    Arrays are read-only copies of their own. What the strategy holds is not in it: positions
    depend on fills to come, and target weights are of equity, whatever that is.

    Attributes
    ----------
    row
        Bar t of the clock.
    session
        Its label.
    instant
        Its close, UTC ns.
    symbols
        The legs, those of the book first.
    sessions
        (t + 1,) datetime64: labels up to it.
    closes
        (t + 1, A) float64: close of each leg in each bar in which it traded, else NaN.
    returns
        (t + 1, A) float64: simple return from the leg's last close before; NaN where there is no
        close, or none before.
    events
        Occurrences whose window is open, in the order of their sessions.
    """

    row: int
    session: np.datetime64
    instant: int
    symbols: tuple[str, ...]
    sessions: npt.NDArray[np.datetime64]
    closes: npt.NDArray[np.float64]
    returns: npt.NDArray[np.float64]
    events: tuple[KnownEvent, ...]

    def history(self, symbol: str, bars: int) -> npt.NDArray[np.float64]:
        """(n,) closes of a symbol in the last ``bars`` bars, NaN where it did not trade.

        Shorter where the clock begins later.

        Raises
        ------
        UsageError
            No leg is called so, or ``bars`` is negative.
        """
        if bars < 0:
            raise UsageError(f"history of {symbol}: {bars} bars; give 0 or more")
        column = self.closes[:, _leg(symbol, self.symbols)]
        return column[max(len(column) - bars, 0) :]


class Rule(Protocol):
    """A strategy as a function: from what is known at a close to what is held from the next fill.

    It returns weights of equity by symbol, negative for short; a leg that is not named is left as
    it is, and so is everything with None.
    """

    def __call__(self, known: Known, /) -> Mapping[str, float] | None:
        """Decide at one close."""
        ...


@dataclass(frozen=True, slots=True)
class RuleWindow:
    """The bars around one occurrence in which a rule is shown it.

    ``first`` and ``last`` are rows, both included; ``day0`` is the row of its event session and
    ``news_instant`` when its news is out for certain, UTC ns.
    """

    event: str
    occurrence: str
    tags: tuple[str, ...]
    first: int
    last: int
    day0: int
    news_instant: int


@dataclass(frozen=True, slots=True)
class RuleTargets:
    """What a rule decided.

    Attributes
    ----------
    decided
        (D,) int64, ascending: rows at whose close it wanted a change.
    targets
        (D, A) float64: weights of equity; NaN where a leg is left as it is.
    """

    decided: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float64]


def rule_targets(
    rule: Rule, grid: Grid, rows: Iterable[int], *, windows: Sequence[RuleWindow] = ()
) -> RuleTargets:
    """Call a rule at the close of each of some bars, in order of time.

    Parameters
    ----------
    rule
        Called once per row. It may remember what it has seen.
    grid
        T bars of A legs; only their closes are shown.
    rows
        At which bars, in any order, each once.
    windows
        The occurrences that it is shown.

    Returns
    -------
    RuleTargets
        Timing: a decision in row t rests on closes of rows up to t, whatever the grid holds later.

    Raises
    ------
    UsageError
        A row lies outside of the grid; or the rule fails, returns anything but a mapping or None,
        names a leg that there is not, or gives a weight that is no finite number. The message names
        session and symbol.
    """
    ordered = sorted(set(rows))
    for row in (row for row in ordered if not 0 <= row < len(grid)):
        raise UsageError(f"row {row} lies outside of the {len(grid)} bars of the clock")
    closes = np.ascontiguousarray(grid.closes)
    returns = _returns(closes)
    decided, targets = [], []
    for row in ordered:
        wanted = _asked(rule, _known(grid, closes, returns, row, windows))
        if wanted is None:
            continue
        decided.append(row)
        targets.append(_weights(wanted, grid.symbols, f"at {grid.clock.sessions[row]}"))
    rows_decided = np.array(decided, dtype=np.int64)
    return RuleTargets(rows_decided, np.array(targets).reshape(len(decided), len(grid.symbols)))


def _known(
    grid: Grid,
    closes: npt.NDArray[np.float64],
    returns: npt.NDArray[np.float64],
    row: int,
    windows: Sequence[RuleWindow],
) -> Known:
    """Copy what is known; a view would keep the whole array, and with it the future, in reach."""
    instant = int(grid.clock.closes[row])
    shown = sorted(
        (each for each in windows if each.first <= row <= each.last),
        key=lambda each: (each.day0, each.event, each.occurrence),
    )
    return Known(
        row=row,
        session=grid.clock.sessions[row],
        instant=instant,
        symbols=grid.symbols,
        sessions=_sealed(grid.clock.sessions[: row + 1]),
        closes=_sealed(closes[: row + 1]),
        returns=_sealed(returns[: row + 1]),
        events=tuple(_event(each, row, instant) for each in shown),
    )


def _event(window: RuleWindow, row: int, instant: int) -> KnownEvent:
    announced = window.news_instant <= instant
    tags = window.tags if announced else ()
    return KnownEvent(window.event, window.occurrence, row - window.day0, announced, tags)


def _sealed(values: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """Copy into memory that nobody can write to, not even by asking for it."""
    return np.frombuffer(values.tobytes(), dtype=values.dtype).reshape(values.shape)


def _returns(closes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(T, A): return of each close on the leg's last one before."""
    returns = np.full_like(closes, np.nan)
    for leg, column in enumerate(closes.T):
        rows = np.flatnonzero(~np.isnan(column))
        returns[rows[1:], leg] = column[rows[1:]] / column[rows[:-1]] - 1.0
    return returns


def _asked(rule: Rule, known: Known) -> Mapping[str, float] | None:
    """Ask a rule; its own failures become errors that name the session."""
    try:
        wanted = rule(known)
    except EventlabError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise UsageError(f"the rule failed at {known.session}: {said}") from error
    if wanted is not None and not isinstance(wanted, Mapping):
        raise UsageError(
            f"the rule returned {type(wanted).__name__} at {known.session}; return weights by "
            "symbol, as in {'BTC': 1.0}, or None for no change"
        )
    return wanted


def _weights(
    wanted: Mapping[str, float], symbols: tuple[str, ...], when: str
) -> npt.NDArray[np.float64]:
    """Put weights in the order of the legs (A,); NaN where none is given."""
    targets = np.full(len(symbols), np.nan)
    for symbol, weight in wanted.items():
        try:
            leg = _leg(symbol, symbols)
        except UsageError as error:
            raise UsageError(f"the rule {when}: {error}") from error
        number = isinstance(weight, Real) and not isinstance(weight, bool | np.bool_)
        if not number or not math.isfinite(weight):
            raise UsageError(
                f"the rule {when}: weight of {symbol} is {weight!r}; give a finite number, or "
                "leave the symbol out to keep what is held"
            )
        targets[leg] = weight
    return targets


def _leg(symbol: str, symbols: tuple[str, ...]) -> int:
    if symbol not in symbols:
        raise UsageError(
            f"{symbol!r} is no leg of the strategy ({', '.join(symbols)}){hint(symbol, symbols)}"
        )
    return symbols.index(symbol)
