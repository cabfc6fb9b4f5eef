"""The quality checks over a market that is not read from files: simulated, or in a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.extract import RawSeries
from eventlab.market.quality import Context, check
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    from eventlab.market.types import Market, PriceSeries, QualityIssue

__all__ = ["audit"]


def audit(market: Market) -> tuple[QualityIssue, ...]:
    """Run every check that applies to finished series; the market stays as it is.

    Prices of built-in sources count as adjusted. Series that end early are judged within their
    calendar, as in files.
    """
    series = [*market.daily.values(), *market.intraday.values()]
    filled = [one for one in series if len(one.closes)]
    lasts: dict[str, np.datetime64] = {}
    for one in filled:
        lasts[one.calendar] = max(lasts.get(one.calendar, one.sessions[-1]), one.sessions[-1])
    return tuple(
        issue for one in filled for issue in check(_raw(one), _context(one, lasts[one.calendar]))
    )


def _context(series: PriceSeries, last: np.datetime64) -> Context:
    first = series.sessions[0].astype(object).replace(month=1, day=1)
    clock = make_clock(series.calendar, first, last.astype(object).replace(month=12, day=31))
    return Context(series.kind, clock, int(last.astype(np.int64)))


def _raw(series: PriceSeries) -> RawSeries:
    if series.frequency == "daily":
        stamps = series.sessions.astype("datetime64[ns]").astype(np.int64)
    else:
        stamps = series.closes - series.bar_minutes * MINUTE
    return RawSeries(
        series.symbol,
        series.origin,
        series.frequency,
        series.bar_minutes,
        "opening",
        stamps,
        series.prices,
        series.raw,
        series.volume,
        "close",
        adjusted=True,
        labels={},
    )
