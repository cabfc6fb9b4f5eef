"""Returns or price levels of several names on the same rows: symbols, and groups as baskets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.types import Untestable
from eventlab.market.types import NO_BAR
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.windows import Window
    from eventlab.definitions.claim import Basket, Of
    from eventlab.definitions.questions import Question
    from eventlab.market.types import Panel

__all__ = [
    "CALENDAR_ORDER",
    "EXCHANGE",
    "Aligned",
    "Sampling",
    "aligned",
    "calendars_of",
    "has_intraday",
    "members_aligned",
]

CALENDAR_ORDER: Final = {"own close": 0, "nearest close": 1, "previous close": 2, "intraday": 3}
EXCHANGE: Final = "XNYS"  # the usual one, whose sessions a reader means who names none
EDGE: Final = 0.1  # of a window that may lack returns at either end


@dataclass(frozen=True, slots=True)
class Sampling:
    """How series are taken.

    Attributes
    ----------
    calendar
        Whose sessions are the rows.
    of
        ``returns``, ``log_returns``, ``levels`` or ``log_levels``.
    basket
        ``equal`` (mean of the members' returns), ``held`` (bought in equal parts at the base of the
        window and held) or ``median``.
    intraday
        Whether symbols that have bars inside the day are sampled from them at the sessions'
        closes; otherwise from daily closes, each symbol's own.
    fewest
        Rows that it takes to measure anything.
    """

    calendar: str
    of: Of = "returns"
    basket: Basket = "equal"
    intraday: bool = False
    fewest: int = 10

    @property
    def levels(self) -> bool:
        """Whether prices are taken, not their changes."""
        return self.of in {"levels", "log_levels"}


@dataclass(frozen=True, slots=True)
class Aligned:
    """Series on common rows.

    Attributes
    ----------
    table
        (N, n) float64, complete: rows on which one lacks a value are left out. For returns up to
        as many rows as the window has, for levels one more: the base.
    days
        (n,) datetime64[D] of the rows.
    names
        (N,) of the series: symbols, groups.
    note
        What is left out, in words; empty where nothing is.
    problem
        Why there are too few rows to measure anything; empty otherwise.
    """

    table: npt.NDArray[np.float64]
    days: npt.NDArray[np.datetime64]
    names: tuple[str, ...]
    note: str = ""
    problem: str = ""

    @property
    def n(self) -> int:
        """Common rows."""
        return int(self.table.shape[1])

    def checked(self) -> Aligned:
        """Return the series themselves.

        Raises
        ------
        Untestable
            They cannot be measured: the ``problem``.
        """
        if self.problem:
            raise Untestable(self.problem)
        return self


def calendars_of(names: Sequence[str], question: Question, bench: Bench) -> tuple[str, ...]:
    """Calendars that names of a claim can be measured on, the usual one first.

    Where all trade around the clock 24/7; where none does the exchange; where some do the exchange
    and then 24/7.
    """
    found = []
    for symbol in _symbols(names, question, bench):
        series = bench.market.daily.get(symbol) or bench.market.intraday.get(symbol)
        if series is not None:
            found.append(series.calendar)
    exchanges = [code for code in found if code != ALWAYS_OPEN]
    if not exchanges:
        return (ALWAYS_OPEN,)
    home = EXCHANGE if EXCHANGE in exchanges else exchanges[0]
    return (home, ALWAYS_OPEN) if ALWAYS_OPEN in found else (home,)


def has_intraday(names: Sequence[str], question: Question, bench: Bench, calendar: str) -> bool:
    """Whether a calendar could sample a symbol from daily bars as well as inside the day."""
    known = set(_symbols(names, question, bench))
    columns = [one.symbol for one in bench.panel(calendar).columns if one.symbol in known]
    return len(columns) > len(set(columns))


def aligned(
    names: Sequence[str],
    question: Question,
    bench: Bench,
    *,
    window: Window,
    sampling: Sampling,
) -> Aligned:
    """Take the series of names over a window, on the rows that all of them have.

    A group counts as one series, a basket of the members that have a return on every row of the
    window that the fullest of them has; the others are named in ``note``. Levels of a symbol are
    its prices, of a basket the compounded returns from its first one to a gap. Nothing is filled.

    Raises
    ------
    Untestable
        The market has no prices of a name, or of fewer than two members of a group.
    """
    rows, notes = [], []
    for name in names:
        values, note = _series(name, question, bench, window, sampling)
        rows.append(values)
        notes.append(note)
    return _common(np.vstack(rows), tuple(names), notes, bench, window, sampling)


def members_aligned(
    name: str, question: Question, bench: Bench, *, window: Window, sampling: Sampling
) -> Aligned:
    """Take every member of a group as a series of its own; those without all returns by name."""
    symbols = bench.members(name, question)
    taken, returns, note = _members(name, symbols, bench, window, sampling)
    if sampling.levels:
        panel = bench.panel(sampling.calendar)
        returns = np.vstack([_levels(bench, panel, one, window, sampling) for one in taken])
    return _common(_logged(returns, sampling.of), taken, [note], bench, window, sampling)


def _symbols(names: Sequence[str], question: Question, bench: Bench) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for name in names for one in bench.members(name, question)))


def _series(
    name: str, question: Question, bench: Bench, window: Window, sampling: Sampling
) -> tuple[npt.NDArray[np.float64], str]:
    """Values of one name over the rows of a window, and what is left out of it."""
    panel = bench.panel(sampling.calendar)
    if not name.startswith("@"):
        if sampling.levels:
            return _logged(_levels(bench, panel, name, window, sampling), sampling.of), ""
        column = _column(bench, panel, name, window, sampling)
        return _logged(panel.returns[column, window.rows], sampling.of), ""
    symbols = bench.members(name, question)
    taken, returns, note = _members(name, symbols, bench, window, sampling)
    made = _basket(returns, sampling.basket)
    if sampling.levels:
        columns = [_column(bench, panel, one, window, sampling) for one in taken]
        closed = (panel.closes[columns, window.rows] == NO_BAR).all(axis=0)
        made = _compounded(made, closed)
    return _logged(made, sampling.of), note


def _column(bench: Bench, panel: Panel, symbol: str, window: Window, sampling: Sampling) -> int:
    """Column of a symbol: from the bars that are asked for, if they have a return in the window."""
    found = [place for place, one in enumerate(panel.columns) if one.symbol == symbol]
    if not found:
        raise Untestable(bench.lacking(symbol))

    def rank(place: int) -> tuple[bool, int]:
        order = CALENDAR_ORDER[panel.columns[place].basis]
        empty = not np.isfinite(panel.returns[place, window.rows]).any()
        return empty, -order if sampling.intraday else order

    return min(found, key=rank)


def _levels(
    bench: Bench, panel: Panel, symbol: str, window: Window, sampling: Sampling
) -> npt.NDArray[np.float64]:
    """(n + 1,) prices from the base of a window on; NaN where there is none."""
    column = _column(bench, panel, symbol, window, sampling)
    inside = panel.columns[column].basis == "intraday"
    series = (bench.market.intraday if inside else bench.market.daily)[symbol]
    if series.kind == "return":
        returns = panel.returns[column, window.rows]
        return np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    due = panel.closes[column, window.base : window.last + 1]
    rows = np.searchsorted(series.closes, due, side="right") - 1
    found = series.closes[np.maximum(rows, 0)]
    reach = series.bar_minutes * MINUTE if inside else 1
    there = (rows >= 0) & (due - found < reach) & (due >= found)
    return np.where(there, series.prices[np.maximum(rows, 0)], np.nan)


def _members(
    name: str, symbols: Sequence[str], bench: Bench, window: Window, sampling: Sampling
) -> tuple[tuple[str, ...], npt.NDArray[np.float64], str]:
    """Members with every return that the fullest has, their returns (K, n), and who is left out."""
    panel = bench.panel(sampling.calendar)
    held = {column.symbol for column in panel.columns}
    known = [one for one in symbols if one in held]
    returns = np.empty((len(known), window.n))
    for row, symbol in enumerate(known):
        column = _column(bench, panel, symbol, window, sampling)
        returns[row] = panel.returns[column, window.rows]
    counts = np.isfinite(returns).sum(axis=1)
    fullest = int(counts.max(initial=0))
    full = np.flatnonzero((counts == fullest) & (fullest > 0))
    taken = tuple(known[place] for place in full)
    left = [one for one in symbols if one not in taken]
    if len(taken) < 2:
        raise Untestable(f"fewer than two members of {name} have prices throughout {window.words}")
    note = f"{name} without {', '.join(left)}, which lack prices in the window" if left else ""
    return taken, returns[full], note


def _basket(returns: npt.NDArray[np.float64], how: str) -> npt.NDArray[np.float64]:
    """(n,) return of a basket of members (K, n); NaN where one of them has none."""
    if how == "median":
        return np.asarray(np.median(returns, axis=0), dtype=np.float64)
    if how == "equal":
        return np.asarray(returns.mean(axis=0), dtype=np.float64)
    there = np.isfinite(returns).all(axis=0)
    worth = np.cumprod(1.0 + np.where(there, returns, 0.0), axis=1).mean(axis=0)
    made = worth / np.concatenate([[1.0], worth[:-1]]) - 1.0
    return np.where(there, made, np.nan)


def _compounded(
    returns: npt.NDArray[np.float64], closed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """(n + 1,): worth of one unit put in at the base, from returns (n,) that lack on closed days.

    NaN where there is no return, and from the first one on that lacks on a day that is not closed.
    """
    there = np.isfinite(returns)
    lost = np.logical_or.accumulate(there) & ~there & ~closed
    worth = np.cumprod(1.0 + np.where(there, returns, 0.0))
    worth[~there | np.logical_or.accumulate(lost)] = np.nan
    return np.concatenate([np.where(there[:1], 1.0, np.nan), worth])


def _logged(values: npt.NDArray[np.float64], of: str) -> npt.NDArray[np.float64]:
    if of == "log_returns":
        return np.log1p(np.where(values > -1.0, values, np.nan))
    return np.log(np.where(values > 0.0, values, np.nan)) if of == "log_levels" else values


def _common(
    values: npt.NDArray[np.float64],
    names: tuple[str, ...],
    notes: Sequence[str],
    bench: Bench,
    window: Window,
    sampling: Sampling,
) -> Aligned:
    """Leave out incomplete rows, and say so."""
    days = bench.panel(sampling.calendar).clock.sessions[: window.last + 1][-values.shape[1] :]
    complete = np.asarray(np.isfinite(values).all(axis=0))
    said = [one for one in notes if one]
    n, total = int(complete.sum()), len(complete)
    if n < total:
        said.append(f"{n} of {total} rows have a value of {_listed(names)}")
    problem = _problem(values, days, names, window, sampling.fewest)
    return Aligned(values[:, complete], days[complete], names, "; ".join(said), problem)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) <= 2 else f"all {len(names)} series"


def _problem(
    values: npt.NDArray[np.float64],
    days: npt.NDArray[np.datetime64],
    names: Sequence[str],
    window: Window,
    fewest: int,
) -> str:
    """Say why a window cannot be measured."""
    edge = max(EDGE * len(days), 5.0)
    for name, row in zip(names, values, strict=True):
        rows = np.flatnonzero(np.isfinite(row))
        if not len(rows):
            return f"{name} has no prices in {window.words}"
        if rows[0] > edge or len(days) - 1 - rows[-1] > edge:
            known = f"only from {days[rows[0]]} to {days[rows[-1]]}"
            return f"{name} has values {known}, of {window.words}"
    kept = values[:, np.isfinite(values).all(axis=0)]
    if kept.shape[1] < fewest:
        return f"{kept.shape[1]} rows have values of {_listed(names)}; at least {fewest} are needed"
    still = [name for name, row in zip(names, kept, strict=True) if _is_still(row)]
    return f"{_listed(still)} stands still in {window.words}" if still else ""


def _is_still(row: npt.NDArray[np.float64]) -> bool:
    return bool(np.ptp(row) <= 1e-14 * np.abs(row).max())
