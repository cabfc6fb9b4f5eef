"""The real S&P 500, Nasdaq and VIX history that the ``arch`` package carries.

The files are read from the installed package without importing it: ``import arch`` loads its
models, scipy and statsmodels for a second and more, and none of them is needed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.errors import DataError
from eventlab.market.fingerprint import fingerprint
from eventlab.market.types import DataStamp, Market, PriceSeries, QualityIssue
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.timeline.types import Clock

__all__ = ["ARCH_SYMBOLS", "arch_market"]


@dataclass(frozen=True, slots=True)
class _File:
    folder: str
    price: str  # column that returns come from
    raw: str
    volume: str | None
    opening: str | None = None


_FILES = {
    "^GSPC": _File("sp500", "Adj Close", "Close", "Volume", "Open"),
    "^IXIC": _File("nasdaq", "Adj Close", "Close", "Volume", "Open"),
    "^VIX": _File("vix", "vix", "vix", None),
}
ARCH_SYMBOLS = tuple(_FILES)
_FIRST, _LAST = date(1999, 1, 4), date(2019, 1, 3)


def arch_market(symbols: Iterable[str] | None = None) -> Market:
    """Read ^GSPC and ^IXIC (1999-01-04 to 2018-12-31) and ^VIX (2014-01-03 to 2019-01-03).

    Daily closes on XNYS sessions, early closes included. All three are of kind ``price``, as
    index levels are in files too: the return of ^VIX is its relative change.

    Parameters
    ----------
    symbols
        Symbols that are wanted; others than the three are left out, as in a folder that has no
        such file. None: all three.

    Raises
    ------
    DataError
        ``arch`` is not installed, or its files are not what they were.
    """
    wanted = set(ARCH_SYMBOLS if symbols is None else symbols)
    folder = _data_folder()
    clock = make_clock("XNYS", _FIRST, _LAST)
    daily: dict[str, PriceSeries] = {}
    issues: list[QualityIssue] = []
    for symbol in ARCH_SYMBOLS:
        if symbol in wanted:
            daily[symbol], found = _read(symbol, folder, clock)
            issues += found
    return Market(
        stamp=DataStamp("arch", fingerprint(daily, {}), simulated=False),
        daily=daily,
        intraday={},
        issues=tuple(issues),
        understood=tuple(_sentence(series) for series in daily.values()),
        available=ARCH_SYMBOLS,
    )


def _data_folder() -> Path:
    spec = find_spec("arch")
    if spec is None or spec.origin is None:
        raise DataError("source arch: the package arch is missing; pip install 'eventlab[arch]'")
    return Path(spec.origin).parent / "data"


def _read(symbol: str, folder: Path, clock: Clock) -> tuple[PriceSeries, list[QualityIssue]]:
    file = _FILES[symbol]
    path = folder / file.folder / f"{file.folder}.csv.gz"
    try:
        table = pd.read_csv(path, na_values=["."])
        days = pd.to_datetime(table["Date"], format="%m/%d/%Y").to_numpy().astype("datetime64[D]")
        prices, raw = (table[name].to_numpy(np.float64) for name in (file.price, file.raw))
        volume = (
            table[file.volume].to_numpy(np.float64)
            if file.volume is not None
            else np.full(len(days), np.nan)
        )
        opens = None if file.opening is None else table[file.opening].to_numpy(np.float64)
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"source arch: cannot read {file.folder} ({type(error).__name__}: {error}); "
            "reinstall with pip install 'eventlab[arch]'"
        ) from error
    rows = np.searchsorted(clock.sessions, days)
    is_session = clock.sessions[np.minimum(rows, len(clock) - 1)] == days
    # The VIX file has a row, mostly empty, on every weekday, holidays too.
    used = is_session & ~np.isnan(prices)
    series = PriceSeries(
        symbol=symbol,
        kind="price",
        frequency="daily",
        bar_minutes=1440,
        calendar="XNYS",
        closes=clock.closes[rows[used]],
        sessions=days[used],
        prices=prices[used],
        raw=raw[used],
        volume=volume[used],
        origin=f"arch {path.name}",
        open=None if opens is None else opens[used],
    )
    return series, _issues(symbol, days, prices, is_session)


def _issues(
    symbol: str,
    days: npt.NDArray[np.datetime64],
    prices: npt.NDArray[np.float64],
    is_session: npt.NDArray[np.bool_],
) -> list[QualityIssue]:
    """List priced rows on closed days and sessions without a price, both left out."""
    found: list[QualityIssue] = []
    missing = np.isnan(prices)
    for check, rows, detail in (
        ("closed_day", ~is_session & ~missing, "priced rows on closed days are left out"),
        ("missing", is_session & missing, "sessions without a price are left out"),
    ):
        hit = days[rows]
        if len(hit):
            ends = str(hit[0]), str(hit[-1])
            found.append(QualityIssue(symbol, *ends, len(hit), check, "note", detail))
    return found


def _sentence(series: PriceSeries) -> str:
    return (
        f"{series.origin}: {series.symbol}, daily closes on XNYS sessions, "
        f"{series.sessions[0]} to {series.sessions[-1]}, {len(series.closes)} bars"
    )
