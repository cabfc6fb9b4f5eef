"""Small events and symbols for the tests of the simulated market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.definitions.event import EventDefinition
from eventlab.definitions.universe import SymbolInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from eventlab.market.types import PriceSeries

_STOCKS = ("SPY", "QQQ", "IWM", "NVDA", "AMD", "ORCL", "MSFT", "META", "MU", "CRWV", "MARA", "TLT")
_TOKENS = ("BTC", "ETH", "SOL", "TAO", "FET", "ATH", "DOGE")

INFO = {
    **{symbol: SymbolInfo(symbol, symbol, "XNYS", "price") for symbol in (*_STOCKS, "^VIX")},
    **{symbol: SymbolInfo(symbol, symbol, "24/7", "price") for symbol in _TOKENS},
    **{symbol: SymbolInfo(symbol, symbol, "XNYS", "level") for symbol in ("DGS10", "HY_OAS")},
}


def event(
    name: str, kind: str, times: Sequence[str], *, issuer: str | None = None
) -> EventDefinition:
    """Event with an occurrence at each New York time."""
    body = {
        "event": name,
        "title": name,
        "kind": kind,
        "issuer": issuer,
        "defaults": {"zone": "America/New_York"},
        "occurrences": [
            {"id": f"n{number}", "announced_at": when} for number, when in enumerate(times)
        ],
    }
    return EventDefinition.model_validate(body)


def utc(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def simple_returns(series: PriceSeries) -> npt.NDArray[np.float64]:
    return np.asarray(series.prices[1:] / series.prices[:-1] - 1.0)


def true_effect(truth: pd.DataFrame, symbol: str, after: int, until: int) -> float:
    """Sum a symbol's true abnormal returns over its own bars with after < close <= until."""
    inside = (truth["symbol"] == symbol) & (truth["instant"] > after) & (truth["instant"] <= until)
    return float(truth.loc[inside, "abnormal_return"].sum())
