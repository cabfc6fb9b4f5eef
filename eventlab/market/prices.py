"""A market from files: each symbol taken from one of them, checked, and put on its calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.errors import DataError
from eventlab.market.calendars import own_calendar, own_kind
from eventlab.market.choose import (
    bars_outside,
    choose_daily,
    choose_intraday,
    closing_stamps,
    late_minutes,
    other_instrument,
)
from eventlab.market.detect import detect
from eventlab.market.extract import extract
from eventlab.market.files import find_files, open_file
from eventlab.market.fingerprint import fingerprint
from eventlab.market.given_returns import as_decimals
from eventlab.market.quality import Context, check, clean
from eventlab.market.stamps import day_text
from eventlab.market.types import DataStamp, Market, PriceSeries, QualityIssue
from eventlab.market.understood import Hours, Reading, Used, understood
from eventlab.timeline.clock import calendar_bounds, make_clock
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    from eventlab.definitions import SymbolInfo
    from eventlab.market.calendars import OwnCalendar
    from eventlab.market.extract import RawSeries
    from eventlab.timeline.types import Clock

__all__ = ["market_from_files"]

DAY_ZERO = date(1970, 1, 1).toordinal()


def market_from_files(
    source: str,
    wanted: frozenset[str] | None,
    info: Mapping[str, SymbolInfo],
    bar_stamp: Literal["open", "close"] | None = None,
    widths: Mapping[str, AbstractSet[int]] = MappingProxyType({}),
) -> Market:
    """Read a file or folder of prices as it is; parameters and errors as ``load_market``.

    Where several files hold daily rows of a symbol, equal ones count once and different ones refuse
    the symbol. Where several hold its intraday bars, the one that spans most days is used, at equal
    span the one with the narrowest bars. The others are kept beside it for symbols that are
    studied in bars of which theirs are a part (``widths``, in minutes).
    """
    readings = _read(source, wanted, info)
    every = _by_symbol(raw for reading in readings for raw in reading.series)
    calendars = {
        symbol: own_calendar(symbol, raws, info.get(symbol)) for symbol, raws in every.items()
    }
    clocks, lasts = _clocks(every, calendars), _last_days(every, calendars)
    draft = _Draft(bar_stamp, widths)
    for symbol in sorted(every.keys() & wanted) if wanted is not None else sorted(every):
        raws, own = every[symbol], calendars[symbol]
        if own.conflict:
            draft.refused[symbol] = own.conflict
            continue
        kind = own_kind(raws, info.get(symbol))
        if kind == "return":
            raws = [as_decimals(raw, info[symbol].unit) for raw in raws]
        _settle(draft, symbol, raws, Context(kind, clocks[own.code], lasts.get(own.code, 0)))
    stamp = DataStamp(source, fingerprint(draft.daily, draft.intraday, draft.bars), simulated=False)
    lines = understood(readings, draft.used(), calendars)
    available = {s for reading in readings if reading.extract for s in reading.extract.symbols}
    return Market(
        stamp,
        draft.daily,
        draft.intraday,
        tuple(draft.issues),
        draft.refused,
        lines,
        available=tuple(sorted(available)),
        bars={symbol: tuple(found) for symbol, found in draft.bars.items()},
    )


@dataclass(slots=True)
class _Draft:
    """The market that is being put together, symbol by symbol."""

    bar_stamp: Literal["open", "close"] | None
    widths: Mapping[str, AbstractSet[int]]
    daily: dict[str, PriceSeries] = field(default_factory=dict)
    intraday: dict[str, PriceSeries] = field(default_factory=dict)
    bars: dict[str, list[PriceSeries]] = field(default_factory=dict)
    issues: list[QualityIssue] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    raw_daily: dict[str, RawSeries] = field(default_factory=dict)
    raw_intraday: dict[str, RawSeries] = field(default_factory=dict)
    raw_bars: dict[str, list[RawSeries]] = field(default_factory=dict)
    unused: dict[tuple[str, str], str] = field(default_factory=dict)
    hours: dict[tuple[str, str], Hours] = field(default_factory=dict)

    def used(self) -> Used:
        return Used(self.raw_daily, self.raw_intraday, self.raw_bars, self.unused, self.hours)


def _read(
    source: str, wanted: frozenset[str] | None, info: Mapping[str, SymbolInfo]
) -> tuple[Reading, ...]:
    known = frozenset(info) | (wanted or frozenset())
    readings, faults = [], []
    for path, name in find_files(source):
        try:
            file = open_file(path, name)
            layout = detect(file, known)
            found = None if layout.form == "aside" else extract(file, layout, wanted)
        except DataError as fault:  # every file that cannot be read is named in one go
            faults.append(str(fault))
        else:
            readings.append(Reading(file, layout, found))
    if faults:
        raise DataError("\n".join(faults))
    if all(reading.layout.form == "aside" for reading in readings):
        said = "; ".join(f"{reading.file.name}: {reading.layout.reason}" for reading in readings)
        raise DataError(
            f"{source}: no prices in it ({said}). A file of prices has a column date (or "
            "ts_utc), and symbol and close, or a column per symbol"
        )
    return tuple(readings)


def _by_symbol(every: Iterable[RawSeries]) -> dict[str, list[RawSeries]]:
    found: dict[str, list[RawSeries]] = {}
    for raw in every:
        if len(raw.stamps):
            found.setdefault(raw.symbol, []).append(raw)
    return found


def _clocks(
    every: Mapping[str, Sequence[RawSeries]], calendars: Mapping[str, OwnCalendar]
) -> dict[str, Clock]:
    """One clock per calendar, in whole years around all rows on it, so that they are shared.

    Raises
    ------
    DataError
        A row lies outside of the years that its calendar knows.
    """
    bounds: dict[str, tuple[int, int]] = {}
    for symbol, raws in every.items():
        code = calendars[symbol].code
        low, high = bounds.get(code, (2**62, -(2**62)))
        for raw in raws:
            low, high = min(low, int(raw.stamps.min())), max(high, int(raw.stamps.max()))
            _check_known(code, raw, low, high)
        bounds[code] = low, high
    return {code: _around(code, low, high) for code, (low, high) in bounds.items()}


def _check_known(code: str, raw: RawSeries, low: int, high: int) -> None:
    begins, ends = calendar_bounds(code)
    for day in (_day(low), _day(high)):
        if not begins <= day <= ends:
            raise DataError(
                f"{raw.origin}: {raw.symbol}: a row of {day}, and the calendar {code} is known "
                f"from {begins} to {ends}. Remove the row, or set another calendar under universes/"
            )


def _around(code: str, low: int, high: int) -> Clock:
    begins, ends = calendar_bounds(code)
    first, last = date(_day(low).year, 1, 1), date(_day(high + 2 * DAY).year, 12, 31)
    return make_clock(code, max(first, begins), min(last, ends))


def _day(stamp: int) -> date:
    return date.fromordinal(stamp // DAY + DAY_ZERO)


def _last_days(
    every: Mapping[str, Sequence[RawSeries]], calendars: Mapping[str, OwnCalendar]
) -> dict[str, int]:
    lasts: dict[str, int] = {}
    for symbol, raws in every.items():
        code = calendars[symbol].code
        for raw in raws:
            if raw.frequency == "daily":
                lasts[code] = max(lasts.get(code, 0), int(raw.stamps.max() // DAY))
    return lasts


def _settle(draft: _Draft, symbol: str, raws: Sequence[RawSeries], context: Context) -> None:
    """Check and place one symbol. Wrong daily prices refuse it, wrong bars only themselves."""
    daily = [raw for raw in raws if raw.frequency == "daily"]
    intraday = [raw for raw in raws if raw.frequency == "intraday"]
    if daily:
        best, issues = choose_daily(daily)
        issues += check(best, context)
        draft.issues += issues
        wrong = next((issue for issue in issues if issue.severity == "refused"), None)
        _leave(draft, daily, best, f"{best.origin} holds it too")
        if wrong is not None:
            draft.refused[symbol] = wrong.detail
            return
        draft.raw_daily[symbol] = best
        draft.daily[symbol] = _daily_series(clean(best, context), context)
    if intraday:
        _settle_intraday(draft, symbol, intraday, context)


def _settle_intraday(
    draft: _Draft, symbol: str, raws: Sequence[RawSeries], context: Context
) -> None:
    fitting = []
    for raw in raws:
        reason = other_instrument(raw, context.clock)
        if not reason:
            fitting.append(raw)
        else:
            text = f"{raw.origin}: {reason}: another instrument of the same name; not used"
            first, last = day_text(int(raw.stamps.min())), day_text(int(raw.stamps.max()))
            draft.issues.append(
                QualityIssue(symbol, first, last, len(raw.stamps), "closed_day", "warning", text)
            )
            draft.unused[symbol, raw.origin] = reason
    if not fitting:
        return
    best = choose_intraday(fitting)
    _leave(draft, fitting, best, f"{best.origin} spans more days")
    series, fault = _checked_bars(draft, best, context)
    if series is not None:
        draft.raw_intraday[symbol] = best
        draft.intraday[symbol] = series
    elif symbol not in draft.daily:
        draft.refused[symbol] = fault
    if symbol in draft.refused:
        return
    for raw in fitting:
        if raw is not best and any(width % raw.bar_minutes == 0 for width in _widths(draft, raw)):
            del draft.unused[symbol, raw.origin]
            further, _ = _checked_bars(draft, raw, context)
            if further is not None:
                draft.raw_bars.setdefault(symbol, []).append(raw)
                draft.bars.setdefault(symbol, []).append(further)


def _widths(draft: _Draft, raw: RawSeries) -> AbstractSet[int]:
    """Widths of bars, in minutes, that the symbol is studied in."""
    return draft.widths.get(raw.symbol, frozenset())


def _checked_bars(
    draft: _Draft, raw: RawSeries, context: Context
) -> tuple[PriceSeries | None, str]:
    """Return the bars of one file on their calendar; or None and what is wrong with them."""
    issues = check(raw, context)
    draft.issues += issues
    wrong = next((issue for issue in issues if issue.severity == "refused"), None)
    if wrong is not None:
        draft.unused[raw.symbol, raw.origin] = "refused"
        return None, wrong.detail
    end = closing_stamps(raw, context.clock, draft.bar_stamp)
    series = _intraday_series(clean(raw, context), context, end)
    late = late_minutes(raw, context.clock) if end == "opening" else 0
    draft.hours[raw.symbol, raw.origin] = Hours(end, late, bars_outside(series, context.clock))
    return series, ""


def _leave(draft: _Draft, raws: Sequence[RawSeries], best: RawSeries, reason: str) -> None:
    for raw in raws:
        if raw is not best:
            draft.unused[raw.symbol, raw.origin] = reason


def _daily_series(raw: RawSeries, context: Context) -> PriceSeries:
    sessions = raw.stamps.astype("datetime64[ns]").astype("datetime64[D]")
    closes = context.clock.closes[np.searchsorted(context.clock.sessions, sessions)]
    return _series(raw, context, closes, sessions)


def _intraday_series(raw: RawSeries, context: Context, stamped_at: str) -> PriceSeries:
    width = raw.bar_minutes * MINUTE if stamped_at == "opening" else 0
    sessions = raw.stamps.astype("datetime64[ns]").astype("datetime64[D]")
    return _series(raw, context, raw.stamps + width, sessions)


def _series(
    raw: RawSeries,
    context: Context,
    closes: npt.NDArray[np.int64],
    sessions: npt.NDArray[np.datetime64],
) -> PriceSeries:
    return PriceSeries(
        raw.symbol,
        context.kind,
        raw.frequency,
        raw.bar_minutes,
        context.clock.code,
        np.ascontiguousarray(closes),
        sessions,
        np.ascontiguousarray(raw.prices, np.float64),
        np.ascontiguousarray(raw.raw, np.float64),
        np.ascontiguousarray(raw.volume, np.float64),
        raw.origin,
        None if raw.high is None else np.ascontiguousarray(raw.high, np.float64),
        None if raw.low is None else np.ascontiguousarray(raw.low, np.float64),
        None if raw.open is None else np.ascontiguousarray(raw.open, np.float64),
        raw.price_column,
    )
