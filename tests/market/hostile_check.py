"""What has to hold of whatever is given as prices."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.errors import DataError
from eventlab.market.bounds import LARGEST, SMALLEST
from eventlab.market.sources import load_market

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import Market, PriceSeries

__all__ = ["faults_of"]

MOST_SECONDS: Final = 10.0
LONGEST_LINE: Final = 3000  # of a message: an issue lists up to twelve stretches


def faults_of(source: Path) -> tuple[str, list[str]]:
    """Return what became of a source (``market`` or ``refused``), and what is wrong with that."""
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            market = load_market(str(source), None, {})
    except DataError as error:
        became, faults = "refused", _message_faults(str(error), source)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        became, faults = "fault", [f"{type(error).__name__}: {error}"[:300]]
    else:
        became, faults = "market", _market_faults(market)
    seconds = time.perf_counter() - began
    if seconds > MOST_SECONDS:
        faults.append(f"took {seconds:.1f} s")
    return became, faults


def _message_faults(said: str, source: Path) -> list[str]:
    """A message names the file and says what to do; it holds nothing that acts on a terminal."""
    faults = []
    for line in said.split("\n"):
        if source.name[:100] not in line and not any(
            path.name in line for path in source.rglob("*")
        ):
            faults.append(f"names no file: {line[:200]!r}")
        if len(line) > LONGEST_LINE:
            faults.append(f"{len(line)} characters: {line[:200]!r}")
        if not ("." in line or "(" in line):
            faults.append(f"no remedy: {line[:200]!r}")
    return faults


def _market_faults(market: Market) -> list[str]:
    faults = [
        f"{len(text)} characters: {text[:200]!r}"
        for text in (*market.understood, *(issue.detail for issue in market.issues))
        if len(text) > LONGEST_LINE
    ]
    faults += [
        f"no reason why {name} is refused" for name, why in market.refused.items() if not why
    ]
    bars = (one for several in market.bars.values() for one in several)
    for series in (*market.daily.values(), *market.intraday.values(), *bars):
        faults += [f"{series.symbol!r}: {fault}" for fault in _series_faults(series)]
    return faults


def _series_faults(series: PriceSeries) -> list[str]:
    faults = []
    if not len(series.closes) or not (np.diff(series.closes) > 0).all():
        faults.append("closes are not sorted and unique, or there are none")
    for name in ("prices", "raw", "open", "high", "low", "volume"):
        values = getattr(series, name)
        if values is None:
            continue
        if len(values) != len(series.closes):
            faults.append(f"{len(values)} {name} of {len(series.closes)} bars")
        known = values[~np.isnan(values)]
        least = SMALLEST if name != "volume" else 0.0
        if series.kind != "price":
            least = -LARGEST if name == "prices" else -np.inf
        most = LARGEST if np.isfinite(least) else np.inf
        if (known < least).any() or (known > most).any():
            faults.append(f"{name} from {known.min()} to {known.max()}")
    if not series.symbol.isprintable() or not series.symbol.strip():
        faults.append("no name")
    return faults
