"""A simulated market for every symbol of the workspace, whose true effects are known.

The model, in simple returns per hour, around the clock from 2015-01-02 to 2026-06-30::

    r = drift + beta market + a tech + b crypto + c ai_tokens + d rates + e added + noise + news

- The five factors are independent; each has clustered volatility (an autoregression of its log)
  and Student's t days. ``market``, ``tech`` and ``rates`` get three quarters of a session's
  variance while New York is open and an eighth in the four hours after; ``crypto`` and
  ``ai_tokens`` never close. A session of an exchange is the sum of its hours, so that what moves
  stocks moves crypto in the same hours: sampled at 16:00 New York, bitcoin is closer to the
  Nasdaq than sampled at UTC midnight.
- SPY is the market factor itself, without noise. ``beta`` is the loading on it. The other factors
  are independent of it, so that this is what a market model against SPY estimates, in crises too:
  there the volatilities of the factors rise and, in two of three, crypto gets an ``added`` loading
  on tech, never on the market. ``contagion_truth`` lists the crises. Against another benchmark
  (QQQ, say) the coefficient is none of these numbers.
- News adds to one bar. Its ``abnormal_return`` is what it adds beyond beta times SPY: what a
  market model against SPY should find. A central bank's news also moves the market factor by
  ``market_move``: the whole effect on a symbol is abnormal_return + beta * market_move, which is
  what a constant-mean model should find. Two news in one bar add up.
- ^VIX is the market's coming volatility. Levels (yields, spreads) revert to a mean in logs, funding
  rates to a mean near zero. None of them has effects or a beta.

Clustered volatility and fat tails move the coverage of a nominal 95% interval a little: over 50
seeds of the shipped events, one-bar windows against SPY hold the truth in 94.3% (index ETFs) to
95.7% (AI tokens) of event bars, 95.4% for AI stocks (s.e. 0.1); ``benchmarks/intervals.py``.

Parameters are known, not estimated; volumes are not simulated (NaN). An open is the price at the
hour in which the market opens: around the clock the close before, on an exchange what the night
left of it, news of the night included. Levels and ^VIX have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.errors import UsageError
from eventlab.market.fingerprint import fingerprint
from eventlab.market.simulated_crises import (
    SimulatedCrises,
    contagion_truth,
    crises,
    crisis_paths,
)
from eventlab.market.simulated_factors import common_factors
from eventlab.market.simulated_grid import FIRST_DAY, HOURLY_FROM, LAST_DAY
from eventlab.market.simulated_news import collect_news
from eventlab.market.simulated_paths import World, symbol_paths
from eventlab.market.simulated_symbols import symbol_model
from eventlab.market.types import DataStamp, Market

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.universe import SymbolInfo
    from eventlab.market.simulated_news import News
    from eventlab.market.simulated_paths import SymbolPaths
    from eventlab.market.simulated_symbols import SymbolModel

__all__ = ["contagion_truth", "simulated_market"]


def simulated_market(
    symbols: Iterable[str] | None,
    info: Mapping[str, SymbolInfo],
    events: Sequence[EventDefinition] = (),
    seed: int = 0,
) -> Market:
    """Simulate prices; the module describes the model.

    Prices are a function of (seed, events, symbol): bit for bit the same whatever other symbols are
    loaded, and an event that is added changes no bar that closes at or before its instant.

    Parameters
    ----------
    symbols
        Symbols that are wanted; None: all of ``info``.
    info
        Calendar and kind of each symbol. Symbols that do not ship get the parameters of a stock, an
        altcoin (24/7) or a level.
    events
        All events of the workspace; an event's list of assets does not matter.
    seed
        0 or more.

    Returns
    -------
    Market
        ``truth`` has a row per occurrence and symbol with a beta, the true zeros included, in the
        order of symbols, then events: event, occurrence, symbol, instant (int64 UTC ns: close of
        the finest published bar that carries the effect), abnormal_return, beta, market_move.
        Symbols that ``info`` does not know are absent.

    Raises
    ------
    UsageError
        The seed is negative.
    """
    if seed < 0:
        raise UsageError(f"seed {seed}: must be 0 or more")
    wanted = sorted(info if symbols is None else set(symbols) & set(info))
    news = collect_news(events, seed)
    found = crises(news, seed)
    factors = common_factors(news, crisis_paths(found), seed)
    world = World(news, factors, seed)
    models = {symbol: symbol_model(info[symbol], seed) for symbol in wanted}
    paths = {
        symbol: symbol_paths(model, info[symbol].calendar, world)
        for symbol, model in models.items()
    }
    daily = {symbol: path.daily for symbol, path in paths.items()}
    intraday = {symbol: path.hourly for symbol, path in paths.items() if path.hourly is not None}
    return Market(
        stamp=DataStamp("sample", fingerprint(daily, intraday), simulated=True),
        daily=daily,
        intraday=intraday,
        understood=(_sentence(len(daily), len(intraday), len(news.occurrences), seed),),
        truth=_truth(news, models, paths),
        available=tuple(sorted(info)),
        crises=SimulatedCrises(
            found,
            {symbol: model.loadings["tech"] for symbol, model in models.items()},
            {symbol: model.loadings["contagion"] for symbol, model in models.items()},
        ),
    )


def _sentence(daily: int, hourly: int, occurrences: int, seed: int) -> str:
    return (
        f"simulated: {daily} symbols, {FIRST_DAY} to {LAST_DAY}, {hourly} of them around the clock "
        f"with hourly bars from {HOURLY_FROM}; {occurrences} occurrences with known effects; "
        f"seed {seed}"
    )


def _truth(
    news: News, models: Mapping[str, SymbolModel], paths: Mapping[str, SymbolPaths]
) -> pd.DataFrame:
    injections = {
        symbol: path.injection for symbol, path in paths.items() if path.injection is not None
    }
    counts = [len(each.rows) for each in injections.values()]
    betas = [models[symbol].loadings["market"] for symbol in injections]
    # An empty array in front, because nothing can be joined of nothing.
    rows = np.concatenate([np.empty(0, np.int64), *(each.rows for each in injections.values())])
    instants = [np.empty(0, np.int64), *(each.closes for each in injections.values())]
    returns = [np.empty(0), *(each.abnormal_returns for each in injections.values())]
    return pd.DataFrame(
        {
            "event": np.array(news.events, dtype=object)[rows],
            "occurrence": np.array(news.occurrences, dtype=object)[rows],
            "symbol": np.repeat(np.array(list(injections), dtype=object), counts),
            "instant": np.concatenate(instants),
            "abnormal_return": np.concatenate(returns),
            "beta": np.repeat(np.array(betas, dtype=np.float64), counts),
            "market_move": news.market_moves[rows],
        }
    ).astype({"event": "str", "occurrence": "str", "symbol": "str"})
