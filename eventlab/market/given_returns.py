"""Series that hold returns themselves, as files of factors do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eventlab.market.between import own_bars, reduce_between
from eventlab.market.bounds import LARGEST, impossible
from eventlab.market.stamps import day_text
from eventlab.market.types import QualityIssue

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.extract import RawSeries
    from eventlab.market.types import PriceSeries

__all__ = ["as_decimals", "given_returns", "unit_issue"]

# What Kenneth French writes where there is no return, in percent; neither can be a return.
MISSING: Final = (-99.99, -999.0)
# No market moves by a tenth on half of its days, and factors in percent by more than 0.1 on most.
LARGEST_MEDIAN: Final = 0.1


def as_decimals(raw: RawSeries, unit: Literal["percent", "decimal"]) -> RawSeries:
    """Put the returns of a file into decimals; -99.99 and -999 are missing ones, NaN."""
    given = np.where(np.isin(raw.prices, MISSING), np.nan, raw.prices)
    returns = given / 100.0 if unit == "percent" else given
    return replace(raw, prices=returns, raw=returns)


def unit_issue(raw: RawSeries) -> QualityIssue | None:
    """Refuse returns in decimals of which no market has made the like: they are in percent."""
    known = raw.prices[np.isfinite(raw.prices)]
    median = float(np.median(np.abs(known))) if len(known) else 0.0
    lost = int(np.count_nonzero(impossible(raw.prices, "return") | (raw.prices <= -1.0)))
    if not lost and median <= LARGEST_MEDIAN:
        return None
    said = f"half of its returns exceed {median:.0%}"
    if lost:
        said = f"{lost} of its returns are -100% or less, or beyond {LARGEST:g}"
    text = (
        f"{raw.origin}: {said}: they are not in decimals. Say unit: percent beside kind: return "
        "under universes/, or kind: price"
    )
    first, last = day_text(int(raw.stamps.min())), day_text(int(raw.stamps.max()))
    return QualityIssue(raw.symbol, first, last, len(raw.stamps), "unit", "refused", text)


def given_returns(series: PriceSeries, closes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Compound a series of returns between the samples of a panel column.

    Parameters
    ----------
    series
        Its ``prices`` are simple returns in decimals, each of one own bar.
    closes
        (T,) int64: ``Panel.closes`` of the column.

    Returns
    -------
    ndarray
        (T,) simple returns. Row t compounds the own bars since the previous sample, and is the
        return as given where that is one. NaN where one of them is missing, and at the first
        sample.
    """
    returns = np.full(len(closes), np.nan)
    between = own_bars(series, closes)
    known = np.isfinite(series.prices)
    start, stop = between.slices(series.closes[known])
    given = series.prices[known]
    compounded = reduce_between(np.multiply, 1.0 + given, start, stop) - 1.0
    single = stop - start == 1
    compounded[single] = given[start[single]]  # as given, without the rounding of 1 + r - 1
    compounded[stop - start != between.expected] = np.nan
    returns[between.rows] = compounded
    return returns
