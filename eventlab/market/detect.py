"""What a file is: prices in long or wide form, one symbol's own file, or not prices at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

    from eventlab.market.files import SourceFile

__all__ = ["LONGEST_NAME", "Layout", "detect", "is_name", "is_observed"]

# In order of preference: a column that says UTC beats one that does not, a full time beats a day.
STAMPS = (
    "ts_utc", "timestamp_utc", "datetime_utc", "time_utc", "utc", "open_time", "ts_open",
    "close_time", "ts_close", "timestamp", "datetime", "ts", "dt",
    "date", "day", "session", "trade_date", "observation_date", "time",
    "__index_level_0__", "index", "unnamed:_0", "",
)  # fmt: skip
ROLES: dict[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "asset", "sym", "instrument", "code"),
    "close": (
        "close",
        "price",
        "close_price",
        "last",
        "last_price",
        "px_last",
        "settle",
        "settlement",
    ),
    "adj_close": ("adj_close", "adjclose", "adjusted_close", "close_adj", "adj_price", "adjusted"),
    "volume": ("volume", "vol"),
    "open": ("open", "open_price"),
    "high": ("high",),
    "low": ("low",),
    "source": ("source", "provider"),
    "price_basis": ("price_basis", "basis"),
    "day_tz": ("day_tz", "tz", "timezone", "time_zone"),
    "asset_class": ("asset_class", "class", "asset_type", "type"),
}
OTHERS = frozenset(
    {
        "vwap",
        "trades",
        "dividends",
        "stock_splits",
        "time",
        "currency",
        "note",
    }
)
# What is observed of a symbol, not traded, and what its name gets in the end: BTC-FUNDING.
OBSERVED = {"funding_rate": "-FUNDING", "open_interest": "-OI", "open_interest_usd": "-OI"}
OBSERVED_COLUMN = re.compile(
    r"(?P<symbol>[a-z0-9]+)_(?:(?:futures|perpetual|perp)_)?"
    r"(?P<what>funding(?=_rate)|open_interest|oi)(?:_rate)?(?:_usd)?"
)
SYMBOL = re.compile(r"^[A-Z0-9^][A-Z0-9.\-_=^]*$")
LONGEST_NAME = 64
CLOSING = frozenset({"close_time", "ts_close"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file.

    Attributes
    ----------
    form
        ``long`` (a row per symbol and time), ``wide`` (a column per symbol), ``single`` (the
        file's name is the symbol) or ``aside`` (not prices).
    reason
        Why the file is left aside; empty otherwise.
    stamp
        The column that says when.
    stamped_at
        Which end of an intraday bar the column means. ``opening`` unless its name says otherwise.
    roles
        Role to column name, for ``long`` and ``single``.
    symbols
        For ``wide``: column name to symbol. For ``single``: the close column to the symbol.
    suffix
        For ``long``: what the symbols of the file end in, where its column is observed.
    """

    form: Literal["long", "wide", "single", "aside"]
    reason: str = ""
    stamp: str = ""
    stamped_at: Literal["opening", "closing"] = "opening"
    roles: dict[str, str] | None = None
    symbols: dict[str, str] | None = None
    suffix: str = ""

    def column(self, role: str) -> str | None:
        """Name of the column that plays ``role``; None where the file has none."""
        return (self.roles or {}).get(role)


def detect(file: SourceFile, known: Collection[str]) -> Layout:
    """Work out from the header what a file is.

    ``known`` are symbols that the workspace or the command names: a wide file's lower-case column
    is a symbol only when it is one of them. Names are compared without case, blanks or hyphens.
    """
    plain = {_plain(name): name for name in reversed(file.columns)}
    stamp = next((name for name in STAMPS if name in plain), None)
    roles = {
        role: plain[next(name for name in names if name in plain)]
        for role, names in ROLES.items()
        if any(name in plain for name in names)
    }
    if "close" not in roles and "adj_close" in roles:
        roles["close"] = roles["adj_close"]
    observed = next((name for name in OBSERVED if name in plain), "")
    if "symbol" in roles and "close" not in roles and observed:
        roles["close"] = plain[observed]
        suffix = OBSERVED[observed]
    else:
        suffix = ""
    reason = _not_prices(stamp, roles, plain)
    if stamp is None or reason:
        return Layout("aside", reason)
    at: Literal["opening", "closing"] = "closing" if stamp in CLOSING else "opening"
    if "close" in roles and "symbol" in roles:
        return Layout("long", stamp=plain[stamp], stamped_at=at, roles=roles, suffix=suffix)
    if "close" in roles:
        symbol = _symbol_of_name(file, known)
        if not symbol:
            return Layout("aside", "no symbol column, and the file's name is no symbol")
        named = {roles["close"]: symbol}
        return Layout("single", stamp=plain[stamp], stamped_at=at, roles=roles, symbols=named)
    return _wide(Layout("wide", stamp=plain[stamp], stamped_at=at), file, known)


def is_name(text: str) -> bool:
    """Whether a text can name a symbol: it is short, and nothing in it acts on a terminal."""
    return 0 < len(text.strip()) <= LONGEST_NAME and text.strip().isprintable()


def is_observed(symbol: str) -> bool:
    """Whether a series is of what is observed at an instant: a funding rate, open interest.

    Such a series is a level, and its stamps are when a value was known, not when a bar opens.
    """
    return symbol.endswith(tuple(OBSERVED.values()))


def _not_prices(stamp: str | None, roles: dict[str, str], plain: dict[str, str]) -> str:
    """Reason why a header cannot be one of prices; empty where it can."""
    if stamp is None and {"price", "close"} <= plain.keys():
        return "several header lines (Price, Ticker): write one, with columns date, symbol, close"
    if stamp is None:
        return "not prices: no date or time column"
    if stamp in {"date", "day"} and "time" in plain and "close" in roles:
        return "date and time in two columns and no zone: write one column ts_utc"
    if "symbol" in roles and "close" not in roles:
        return "not prices: no close column"
    return ""


def _wide(layout: Layout, file: SourceFile, known: Collection[str]) -> Layout:
    taken = {*OTHERS, *STAMPS, *(name for names in ROLES.values() for name in names)}
    symbols = {}
    for column in file.columns:
        name = column.strip()
        like_symbol = SYMBOL.match(name) and _plain(name) not in taken
        named = like_symbol or name.upper() in known or file.table is not None
        named = named and is_name(name)
        if column != layout.stamp and named:
            symbols[column] = name.upper()
        elif observed := OBSERVED_COLUMN.fullmatch(_plain(name)):
            what = "-FUNDING" if observed["what"] == "funding" else "-OI"
            symbols[column] = observed["symbol"].upper() + what
    if len(set(symbols.values())) < len(symbols):
        return Layout("aside", "two columns name the same symbol")
    if not symbols:
        return Layout("aside", "not prices: no close column, and no column named like a symbol")
    return replace(layout, symbols=symbols)


def _symbol_of_name(file: SourceFile, known: Collection[str]) -> str | None:
    stem = file.path.name.split(".parquet")[0].split(".pq")[0].split(".csv")[0].upper()
    first = re.split(r"[_\s]", stem)[0]
    for candidate in (stem, first):
        if candidate in known:
            return candidate
    return stem if SYMBOL.match(stem) and is_name(stem) else None


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().strip("<>").lower())
