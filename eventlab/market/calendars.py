"""Which calendar a symbol lives on, whether it is a price or a level, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from eventlab.market.detect import is_observed
from eventlab.timeline.clock import ALWAYS_OPEN, canonical_code
from eventlab.timeline.types import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.definitions import SymbolInfo
    from eventlab.market.extract import RawSeries

__all__ = [
    "OwnCalendar",
    "is_index",
    "own_calendar",
    "own_kind",
    "stamped_days",
    "weekend_share",
]

DEFAULT_EXCHANGE = "XNYS"
# A market that never closes has two weekend rows in seven; holiday rows are never that many.
WEEKEND_SHARE = 0.1
ZONES = {
    "America/New_York": "XNYS",
    "US/Eastern": "XNYS",
    "America/Toronto": "XTSE",
    "Europe/London": "XLON",
    "Europe/Berlin": "XETR",
    "Europe/Paris": "XPAR",
    "Europe/Amsterdam": "XAMS",
    "Europe/Zurich": "XSWX",
    "Asia/Tokyo": "XTKS",
    "Asia/Hong_Kong": "XHKG",
    "Asia/Shanghai": "XSHG",
    "Asia/Seoul": "XKRX",
    "Asia/Kolkata": "XBOM",
    "Australia/Sydney": "XASX",
    "UTC": ALWAYS_OPEN,
    "Etc/UTC": ALWAYS_OPEN,
}


@dataclass(frozen=True, slots=True)
class OwnCalendar:
    """A symbol's calendar, who says so, and what speaks against it (empty: nothing)."""

    code: str
    said_by: Literal["workspace", "file", "rows"]
    conflict: str = ""


def own_calendar(symbol: str, raws: Iterable[RawSeries], info: SymbolInfo | None) -> OwnCalendar:
    """Calendar of a symbol: the workspace's word, else the file's columns, else its weekend rows.

    Where the workspace and the file's columns disagree on whether the symbol ever closes, the name
    means two instruments (DIA, an exchange-traded fund and a token): ``conflict`` says so.

    Raises
    ------
    UsageError
        The workspace names a calendar that does not exist.
    """
    raws = tuple(raws)
    stated = next((said for raw in raws if (said := _stated(raw))), None)
    named = info.calendar if info is not None else None
    if named:
        code = canonical_code(named)
        if stated is not None and (stated[0] == ALWAYS_OPEN) != (code == ALWAYS_OPEN):
            return OwnCalendar(
                code,
                "workspace",
                f"the workspace says {symbol} trades on {code}, the file says {stated[1]}: another "
                "instrument of the same name. Rename it in the file, or correct its calendar "
                "in universes/",
            )
        return OwnCalendar(code, "workspace")
    if stated is not None:
        return OwnCalendar(stated[0], "file")
    # Daily rows weigh in first: thin intraday files may begin on any day.
    most = max(raws, key=lambda raw: (raw.frequency == "daily", len(raw.stamps)))
    priced = most.stamps[~np.isnan(most.prices)]
    trades = weekend_share(priced) >= WEEKEND_SHARE or _around_the_clock(most)
    return OwnCalendar(ALWAYS_OPEN if trades else DEFAULT_EXCHANGE, "rows")


def own_kind(
    raws: Iterable[RawSeries], info: SymbolInfo | None
) -> Literal["price", "level", "return"]:
    """``level`` where the workspace or the file (price_basis percent) says so, else ``price``.

    A funding rate or open interest is a level by its name. ``return`` where the workspace says so:
    no file does.
    """
    if info is not None and info.kind == "return":
        return "return"
    raws = tuple(raws)
    bases = {(raw.label("price_basis") or "").lower() for raw in raws}
    said = info is not None and info.kind == "level"
    said |= any(is_observed(raw.symbol) for raw in raws)
    return "level" if said or bases & {"percent", "level", "rate", "yield", "spread"} else "price"


def is_index(raw: RawSeries) -> bool:
    """Whether a series cannot split because nobody holds it: an index, a rate or a spread."""
    said = (raw.label("asset_class") or "").lower()
    return raw.symbol.startswith("^") or said.startswith(("index", "rate", "spread", "macro"))


def weekend_share(stamps: npt.NDArray[np.int64]) -> float:
    """Share of stamped days that are Saturdays or Sundays in UTC; bars of one day count once."""
    days = stamped_days(stamps)
    # 1970-01-01 was a Thursday: Saturday and Sunday leave 2 and 3.
    return float(np.mean(np.isin(days % 7, (2, 3)))) if len(days) else 0.0


def _around_the_clock(raw: RawSeries) -> bool:
    """Whether a few days of bars between two weekends fill the nights too."""
    days = stamped_days(raw.stamps)
    if raw.frequency == "daily" or not len(days) or days.max() - days.min() >= 7:
        return False
    return len(np.unique(raw.stamps // (60 * MINUTE) % 24)) >= 23


def stamped_days(stamps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Day numbers (since 1970) of stamps, in their order, without immediate repeats."""
    days = stamps // DAY
    return days[np.concatenate(([True], days[1:] != days[:-1]))] if len(days) else days


def _stated(raw: RawSeries) -> tuple[str, str] | None:
    zone, said = raw.label("day_tz"), (raw.label("asset_class") or "").lower()
    if zone in ZONES:
        return ZONES[zone], f"{said or 'its days are'} in {zone}" if said else f"days of {zone}"
    # crypto_equity and crypto_etf trade on an exchange; crypto and crypto:ai do not.
    if said == "crypto" or said.startswith("crypto:"):
        return ALWAYS_OPEN, said
    return None
