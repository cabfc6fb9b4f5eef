"""Volume and volatility in place of returns: the same panel, in logs, for the same machinery.

Every value speaks of the asset's own bars since the previous sample, put on the scale of one bar:
a Monday of a market that never closes holds three days and is compared with Tuesdays all the same.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.between import own_bars, reduce_between

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.study import Measure
    from eventlab.market.between import Between
    from eventlab.market.types import DataStamp, Market, Panel, PanelColumn, PriceSeries

__all__ = ["RANGE_BARS", "SHARE", "measure_panel", "measured_stamp"]

# The share of the own bars between two samples that must be there. 60-minute stock bars that lack
# the first half hour have 92% of a session and 86% of an early close; a lost day is 67% of Monday.
SHARE: Final = 0.8
# From so many daily bars with a high and a low on, an asset's volatility is its range. Fewer are
# no estimation window, and the absolute returns of all its bars say more.
RANGE_BARS: Final = 250
# E[range^2] = 4 ln 2 sigma^2 of a driftless random walk, Parkinson (1980).
PARKINSON: Final = 4.0 * math.log(2.0)


def measure_panel(panel: Panel, market: Market, measure: Measure) -> Panel:
    """Log volume or log volatility of every column of a panel, in place of its returns.

    Parameters
    ----------
    panel
        C columns by T sessions, sampled from ``market``. Day 0 of an asset and which bar is sampled
        stay as they are.
    measure
        - ``returns``: the panel as it is.
        - ``volume``: log of the mean volume of the own bars since the previous sample; of a stock's
          daily bars that is the log of the session's volume.
        - ``volatility``: log of the root of the mean variance per own bar since the previous
          sample, with one definition for each column, `PanelColumn.measured`: squared log returns
          of intraday bars, the night's among them; for daily bars with a high and a low (at least
          `RANGE_BARS` of them) ln(highest / lowest)^2 / (4 ln 2), the close before counting as a
          price of the bar, so that a gap is part of it (Parkinson 1980 on the true range of Wilder
          1978); otherwise the squared log return of the daily bar. Levels have changes over 100.

    Returns
    -------
    Panel
        ``returns`` (C, T) holds logs. NaN where fewer than `SHARE` of the own bars since the
        previous sample are there (of the prices on both sides of the first return, too), where
        their volume or variance is zero, whose log does not exist, and at the first sample.
        ``minutes_apart`` is NaN there too.

        Timing: as the returns, row t uses bars up to the sampled one. Which definition of
        volatility an asset gets depends on how many bars of its file have a high and a low.
    """
    if measure == "returns":
        return panel
    values = np.full_like(panel.returns, np.nan)
    columns = []
    for row, column in enumerate(panel.columns):
        series = _series(market, column)
        between = own_bars(series, panel.closes[row])
        found = _volume(series, between) if measure == "volume" else _volatility(series, between)
        values[row, between.rows] = found.values
        columns.append(replace(column, measured=found.words))
    apart = np.where(np.isnan(values), np.nan, panel.minutes_apart)
    return replace(
        panel,
        columns=tuple(columns),
        returns=values,
        minutes_apart=apart,
        measure=measure,
        priced=panel.returns,
    )


def measured_stamp(market: Market, panel: Panel) -> DataStamp:
    """Stamp of the prices, its fingerprint over the volumes or ranges that were used as well."""
    if panel.measure == "returns":
        return market.stamp
    digest = hashlib.sha256(f"{market.stamp.fingerprint}|{panel.measure}\n".encode())
    for column in panel.columns:
        series = _series(market, column)
        digest.update(f"{column.symbol}|{column.measured}\n".encode())
        used = (series.volume,) if panel.measure == "volume" else (series.high, series.low)
        for values in used:
            if values is not None:
                digest.update(values.astype("<f8").tobytes())
    return replace(market.stamp, fingerprint=digest.hexdigest())


@dataclass(frozen=True, slots=True)
class _Found:
    """Values (n,) of the samples of a column, and what they are."""

    values: npt.NDArray[np.float64]
    words: str


def _series(market: Market, column: PanelColumn) -> PriceSeries:
    held = market.intraday if column.basis == "intraday" else market.daily
    return held[column.symbol]


def _bars(series: PriceSeries) -> str:
    return "daily bars" if series.frequency == "daily" else f"{series.bar_minutes}-minute bars"


def _volume(series: PriceSeries, between: Between) -> _Found:
    known = np.isfinite(series.volume) & (series.volume >= 0.0) & _counted(series, between)
    start, stop = between.slices(series.closes[known])
    total = reduce_between(np.add, series.volume[known], start, stop)
    count = (stop - start).astype(np.float64)
    total[~(count >= SHARE * between.expected)] = np.nan
    mean = "mean " if series.frequency == "intraday" or series.calendar == "24/7" else ""
    return _Found(_log(total / np.maximum(count, 1.0)), f"log {mean}volume of {_bars(series)}")


def _volatility(series: PriceSeries, between: Between) -> _Found:
    if series.frequency == "intraday":
        return _realised(series, between)
    previous = _neighbours(series, between)
    ranged = _range_squares(series)
    if ranged is not None:
        squares, name = ranged, "log range of daily bars, from the close before"
    else:
        what = "change" if series.kind == "level" else "return"
        squares, name = _return_squares(series, series.prices), f"log absolute {what} of daily bars"
    known = np.isfinite(squares) & previous
    start, stop = between.slices(series.closes[known])
    count = (stop - start).astype(np.float64)
    mean = reduce_between(np.add, squares[known], start, stop) / np.maximum(count, 1.0)
    mean[~(count >= SHARE * between.expected)] = np.nan
    return _Found(0.5 * _log(mean), name)


def _realised(series: PriceSeries, between: Between) -> _Found:
    """Realised volatility: every bar's squared return, from the last bar of the night before on."""
    known = np.isfinite(series.prices) & _counted(series, between)
    closes = series.closes[known]
    squares = _return_squares(series, series.prices[known])
    start, stop = between.slices(closes)
    count = (stop - start).astype(np.float64)
    # The first return begins at the bar before: that one must have closed at the previous sample,
    # give or take the bars that may lack.
    there = start > 0
    last = closes[np.maximum(start - 1, 0)] if len(closes) else between.begin
    lost = between.open_time(between.begin) - between.open_time(last)
    span = between.open_time(between.end) - between.open_time(between.begin)
    enough = there & (count >= SHARE * between.expected) & (lost <= (1.0 - SHARE) * span)
    total = reduce_between(np.add, squares, start, stop)
    total[~enough] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = total / between.expected
    return _Found(0.5 * _log(variance), f"log realised volatility of {_bars(series)}")


def _counted(series: PriceSeries, between: Between) -> npt.NDArray[np.bool_]:
    """Bars that count: daily ones, and intraday ones inside the sessions of the own market."""
    if series.frequency == "daily" or not len(between.own):
        return np.ones(len(series.closes), dtype=np.bool_)
    return between.within(series.closes)


def _neighbours(series: PriceSeries, between: Between) -> npt.NDArray[np.bool_]:
    """Whether the bar before each daily bar is that of the own session before."""
    found = np.zeros(len(series.closes), dtype=np.bool_)
    if len(between.own):
        place = np.searchsorted(between.own.closes, series.closes)
        found[1:] = np.diff(place) == 1
    return found


def _return_squares(
    series: PriceSeries, prices: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Squared log return of each bar (n,), from the bar before; NaN for the first."""
    if series.kind == "return":
        logs = np.log1p(prices)
    else:
        logs = np.full(len(prices), np.nan)
        steps = np.diff(prices) / 100.0 if series.kind == "level" else np.diff(np.log(prices))
        logs[1:] = steps
    return logs**2


def _range_squares(series: PriceSeries) -> npt.NDArray[np.float64] | None:
    """Variance of each bar (n,) from its true range; None where too few bars have a range.

    High and low stand beside ``raw``, the close before comes adjusted: both go onto the scale of
    the prices, or a dividend would be a gap.
    """
    if series.kind != "price" or series.high is None or series.low is None:
        return None
    there = (series.low > 0.0) & (series.low <= series.high) & (series.raw > 0.0)
    if np.count_nonzero(there) < RANGE_BARS:
        return None
    scale = np.where(there, series.prices / series.raw, np.nan)
    before = np.concatenate([[np.nan], series.prices[:-1]])
    with np.errstate(invalid="ignore"):
        highest = np.maximum(series.high * scale, before)
        lowest = np.minimum(series.low * scale, before)
        squares: npt.NDArray[np.float64] = np.log(highest / lowest) ** 2 / PARKINSON
    return squares


def _log(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log of what is above zero; NaN for the rest, which has none."""
    logs = np.full(len(values), np.nan)
    positive = values > 0.0
    logs[positive] = np.log(values[positive])
    return logs
