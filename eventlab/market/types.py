"""The frozen types that the market hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import pandas as pd

    from eventlab.definitions import Workspace
    from eventlab.definitions.study import Measure
    from eventlab.market.simulated_crises import SimulatedCrises
    from eventlab.timeline.types import Clock

__all__ = ["NO_BAR", "DataStamp", "Market", "Panel", "PanelColumn", "PriceSeries", "QualityIssue"]


NO_BAR = -(2**63)  # in place of a close where a market offers no bar


@dataclass(frozen=True, slots=True)
class DataStamp:
    """Where the numbers come from; part of every output."""

    source: str
    fingerprint: str  # sha256 over the contents that were used
    simulated: bool


@dataclass(frozen=True, slots=True)
class QualityIssue:
    """Something about a symbol's prices that a reader has to know.

    ``severity`` is ``refused`` (the symbol is not used), ``warning`` or ``note``. ``check`` is one
    of duplicate, unsorted, non_positive, opening, missing, stale, split_like, closed_day,
    ends_early, splice, gap.
    """

    symbol: str
    first: str  # ISO date
    last: str
    count: int
    check: str
    severity: Literal["refused", "warning", "note"]
    detail: str


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """One symbol from one kind of file.

    Attributes
    ----------
    kind
        ``price`` (returns are relative changes), ``level`` (a rate or spread in percent: its
        "return" is the change in decimals, i.e. percentage points over 100) or ``return``
        (``prices`` are simple returns in decimals themselves).
    frequency, bar_minutes
        ``daily`` (bar_minutes 1440) or ``intraday`` with the width of its bars.
    calendar
        The symbol's own calendar: an ``exchange_calendars`` code or ``24/7``.
    closes
        (n,) int64 UTC ns: the instant at which each bar closes, strictly ascending.
    sessions
        (n,) datetime64[D]: the day label of each daily bar (for intraday: the UTC day).
    prices
        (n,) float64: adjusted close (returns come from it); NaN where missing.
    raw, volume
        (n,) float64: unadjusted close and volume as given; NaN where the file has none.
    high, low
        (n,) float64: the extremes of each bar beside ``raw``; None where the file has none.
    open
        (n,) float64: the first price of each bar beside ``raw`` (times prices / raw it is adjusted
        as ``prices`` are); NaN where missing, None where the file has none.
    column
        Name of the column that ``prices`` are, which may tell their unit; empty where no file is.
    """

    symbol: str
    kind: Literal["price", "level", "return"]
    frequency: Literal["daily", "intraday"]
    bar_minutes: int
    calendar: str
    closes: npt.NDArray[np.int64]
    sessions: npt.NDArray[np.datetime64]
    prices: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64]
    origin: str  # file name
    high: npt.NDArray[np.float64] | None = None
    low: npt.NDArray[np.float64] | None = None
    open: npt.NDArray[np.float64] | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Market:
    """All the prices that one command works on.

    ``refused`` maps a symbol whose prices are unusable to the reason; such symbols are in neither
    mapping. ``bars`` has further intraday series of symbols that are studied in bars: ``intraday``
    holds the one with the longest history, which need not be fine enough.
    ``understood`` has one line per file: what it was taken for. ``truth`` is the table of
    injected effects of a simulated market (None for real prices): columns event, occurrence,
    symbol, instant (UTC ns: close of the bar that carries the effect), abnormal_return, beta,
    market_move; :mod:`eventlab.market.simulated` says what each means. ``workspace`` is the one
    that the prices were loaded for: its groups and other events are what a study expands and
    looks for overlaps in. ``crises`` are those of a simulated market.
    """

    stamp: DataStamp
    daily: Mapping[str, PriceSeries]
    intraday: Mapping[str, PriceSeries]
    issues: tuple[QualityIssue, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    understood: tuple[str, ...] = ()
    truth: pd.DataFrame | None = None
    available: tuple[str, ...] = ()  # what else the source holds, asked for or not
    workspace: Workspace | None = None
    bars: Mapping[str, tuple[PriceSeries, ...]] = field(default_factory=dict)
    crises: SimulatedCrises | None = None

    def dividing(self, symbol: str, minutes: int) -> tuple[PriceSeries, ...]:
        """Intraday series of a symbol whose bars make up bars of ``minutes`` without a rest."""
        main = (self.intraday[symbol],) if symbol in self.intraday else ()
        every = (*main, *self.bars.get(symbol, ()))
        return tuple(one for one in every if minutes % one.bar_minutes == 0)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All usable symbols, sorted."""
        return tuple(sorted(set(self.daily) | set(self.intraday)))


@dataclass(frozen=True, slots=True)
class PanelColumn:
    """One column of a panel: a symbol sampled in one way, and what its numbers are."""

    symbol: str
    basis: Literal["own close", "intraday", "nearest close", "previous close"]
    measured: str = "return"


@dataclass(frozen=True, slots=True)
class Panel:
    """Returns of many assets on one clock.

    Attributes
    ----------
    clock
        T sessions.
    columns
        C columns. A symbol with intraday and daily bars has two: the study chooses one per
        occurrence and never mixes them in one fit.
    returns
        (C, T) float64, C-contiguous, simple returns in decimals. Row t is the return from the
        symbol's previous own sample to session t: closed days of the symbol are compounded into
        the next bar, missing bars of an open market leave NaN there and at the next bar.
    minutes_apart
        (C, T) float64: close of the sampled bar minus close of the clock's session; NaN where
        there is no sample.
    closes
        (C, T) int64: when the bar on offer is due to close, priced or not, UTC ns; `NO_BAR` where
        the asset's market offers none.
    measure
        ``returns``, or ``volume`` or ``volatility``: then ``returns`` holds their logs, and
        :func:`~eventlab.market.measures.measure_panel` says of which bars.
    priced
        (C, T): the simple returns where ``returns`` holds something else; otherwise None.
    spans
        (C, T) bool: on a clock of bars, where a return spans a closure (of the clock or of the
        asset's own market) and so more time than one bar; None on a clock of sessions.
    """

    clock: Clock
    columns: tuple[PanelColumn, ...]
    returns: npt.NDArray[np.float64]
    minutes_apart: npt.NDArray[np.float64]
    closes: npt.NDArray[np.int64]
    spans: npt.NDArray[np.bool_] | None = None
    measure: Measure = "returns"
    priced: npt.NDArray[np.float64] | None = None

    @property
    def simple_returns(self) -> npt.NDArray[np.float64]:
        """(C, T): the returns of the prices, whatever is measured."""
        return self.returns if self.priced is None else self.priced

    def positions_after(
        self, column: int, instants: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Rows of the column's first bars due to close strictly after ``instants`` (n,), UTC ns.

        That is day 0 of the asset: its own calendar decides, not which bars the data hold. T where
        there is none.
        """
        offered = np.flatnonzero(self.closes[column] != NO_BAR)
        found = np.searchsorted(self.closes[column, offered], instants, side="right")
        return np.append(offered, len(self.clock))[found]
