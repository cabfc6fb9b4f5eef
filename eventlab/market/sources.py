"""From a name or a path to the prices that a command works on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eventlab.errors import DataError
from eventlab.market.places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from eventlab.definitions import EventDefinition, SymbolInfo
    from eventlab.market.types import Market

__all__ = ["BUILT_IN", "load_market", "missing_symbol_reason"]

BUILT_IN = {
    "sample": "a simulated market of the shipped symbols, whose true effects are known",
    "arch": "S&P 500 and Nasdaq 1999-2018 and VIX, the real prices that the arch package carries",
}


def load_market(
    source: str,
    symbols: Iterable[str] | Mapping[str, AbstractSet[int]] | None,
    info: Mapping[str, SymbolInfo],
    events: Sequence[EventDefinition] = (),
    seed: int = 0,
    bar_stamp: Literal["open", "close"] | None = None,
) -> Market:
    """Read the prices of some symbols.

    Parameters
    ----------
    source
        ``sample``, ``arch``, or the path of a file or folder of Parquet or CSV. A folder that is
        called like a built-in source is reached as ``./sample``.
    symbols
        What is needed; None for everything the source holds. A mapping also says which widths of
        bars, in minutes, a symbol is studied in (none: whole sessions only). A symbol that the
        source does not hold is absent from the result: :func:`missing_symbol_reason` says why.
    info
        What the workspace knows of the symbols; its calendar and kind go before the file's.
    events, seed
        What a simulated market injects, and its seed; without effect on real prices.
    bar_stamp
        Which end of its bar the time of an intraday row in a file is; None: its opening, unless
        the column's name or the exchange's hours say otherwise.

    Returns
    -------
    Market
        Closes in UTC ns, prices as in the file; ``refused`` and ``issues`` say what is wrong,
        ``understood`` what each file was taken for.

    Raises
    ------
    DataError
        No such source; nothing in it holds prices; or a file is damaged or ambiguous.
    """
    wanted = None if symbols is None else frozenset(symbols)
    if source == "sample":
        from eventlab.market.simulated import simulated_market  # noqa: PLC0415 - only when asked for

        return simulated_market(wanted, info, events, seed)
    if source == "arch":
        from eventlab.market.arch_source import arch_market  # noqa: PLC0415 - only when asked for

        return arch_market(wanted)
    if not place_of(source)[1] and Path(source).name == source:
        raise DataError(_unknown(source))
    from eventlab.market.prices import market_from_files  # noqa: PLC0415 - imports pyarrow

    widths = symbols if isinstance(symbols, Mapping) else {}
    return market_from_files(source, wanted, info, bar_stamp, widths)


def missing_symbol_reason(market: Market, symbol: str) -> str:
    """Say in one line why a symbol is not in the market, and which one may have been meant."""
    if symbol in market.refused:
        return f"{symbol} was refused: {market.refused[symbol]}"
    near = difflib.get_close_matches(symbol, {*market.symbols, *market.available}, n=1, cutoff=0.6)
    hint = f". Did you mean {near[0]}?" if near else ""
    return f"{symbol} has no prices in {market.stamp.source}{hint}"


def _unknown(source: str) -> str:
    near = difflib.get_close_matches(source.lower(), BUILT_IN, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}? " if near else ""
    return (
        f"{source}: no file or folder of that name, and no built-in source "
        f"({', '.join(BUILT_IN)}). {hint}Give --data a folder or file of prices"
    )
