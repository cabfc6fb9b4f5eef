"""Common factors of the simulated market, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from eventlab.market.simulated_grid import HOURS, activity, segments, stream
from eventlab.market.simulated_symbols import DAILY_VOLATILITY

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.market.simulated_crises import CrisisPaths
    from eventlab.market.simulated_news import News

__all__ = ["Clustering", "Factors", "common_factors", "day_scales"]

_MARKET_DRIFT = 0.0005  # per session


@dataclass(frozen=True, slots=True)
class Clustering:
    """How volatility moves from one day to the next.

    The log of volatility is a first-order autoregression (Taylor 1986): with its draws given, a
    whole path is one pass, and squared returns are autocorrelated as in a GARCH model. On top, each
    day has its own scale that makes the day's return Student's t.

    Attributes
    ----------
    persistence, deviation
        Autocorrelation and stationary standard deviation of log volatility.
    dof
        Degrees of freedom of the day's return given its volatility.
    leverage
        Correlation of the next day's log volatility with today's standardised return.
    """

    persistence: float
    deviation: float
    dof: float
    leverage: float = 0.0


_CLUSTERING = {
    "market": Clustering(0.97, 0.35, 6.0, -0.6),
    "tech": Clustering(0.97, 0.30, 6.0, -0.3),
    "crypto": Clustering(0.96, 0.45, 4.5),
    "ai_tokens": Clustering(0.95, 0.45, 4.5),
    "rates": Clustering(0.97, 0.30, 7.0),
}
_ON_SESSIONS = ("market", "tech", "rates")


@dataclass(frozen=True, slots=True)
class Factors:
    """Hourly simple returns of the common factors, and the market's expected volatility.

    Attributes
    ----------
    returns
        By factor: (HOURS,) float64. ``contagion`` is what crises pass on of the tech factor to
        crypto: the factor times the loading that is added in that hour.
    expected_volatility
        (S,) float64: the market's volatility after each XNYS session relative to its mean, as known
        at that close.
    """

    returns: dict[str, npt.NDArray[np.float64]]
    expected_volatility: npt.NDArray[np.float64]


def common_factors(news: News, crises: CrisisPaths, seed: int) -> Factors:
    """Simulate the factors, each from its own stream, mutually independent.

    A crisis scales hours from its first one on. Volatility paths react to draws before scaling, so
    that news never changes an hour before it.
    """
    shapes = {name: _hourly(name, seed) for name in _CLUSTERING}
    returns: dict[str, npt.NDArray[np.float64]] = {}
    for name, (shape, _) in shapes.items():
        scale = crises.equity_volatility if name in _ON_SESSIONS else crises.crypto_volatility
        returns[name] = DAILY_VOLATILITY[name] * shape * scale
    returns["market"] += _MARKET_DRIFT * activity().equity
    np.add.at(returns["market"], news.hours, news.market_moves)
    returns["contagion"] = returns["tech"] * crises.tech_to_crypto
    return Factors(returns, _expected_volatility(shapes["market"][1], crises))


def _hourly(name: str, seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Hourly path with unit variance per regular day, and each coming day's relative volatility."""
    rng = stream(seed, "factor", name)
    variance = activity().equity if name in _ON_SESSIONS else activity().crypto
    draws = rng.standard_normal(HOURS) * np.sqrt(variance)
    starts, day_of_hour = _days_of_hours(on_sessions=name in _ON_SESSIONS)
    totals = np.add.reduceat(draws, starts) / np.sqrt(np.add.reduceat(variance, starts))
    volatility, tails = day_scales(rng, totals, _CLUSTERING[name])
    days = len(starts)
    return draws * (volatility[:days] * tails)[day_of_hour], volatility[1:]


def _expected_volatility(
    coming: npt.NDArray[np.float64], crises: CrisisPaths
) -> npt.NDArray[np.float64]:
    """Volatility of the coming session times the crises' mean over the last five sessions.

    Options price a month ahead: they neither double on a crisis' first day nor halve on its last.
    """
    at_close = crises.equity_volatility[segments("XNYS").last]
    padded = np.concatenate((np.repeat(at_close[0], 4), at_close))
    smoothed = np.lib.stride_tricks.sliding_window_view(padded, 5).mean(axis=1)
    return np.asarray(coming[: len(smoothed)] * smoothed)


def _days_of_hours(*, on_sessions: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First hour of each day, and the day of each hour.

    The exchange's days run from close to close, with what is left after the last close as one more.
    """
    starts = np.arange(0, HOURS, 24)
    if on_sessions:
        sessions = segments("XNYS")
        starts = np.append(sessions.starts, sessions.last[-1] + 1)
    lengths = np.diff(np.append(starts, HOURS))
    return starts, np.repeat(np.arange(len(starts)), lengths)


def day_scales(
    rng: np.random.Generator, totals: npt.NDArray[np.float64], clustering: Clustering
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Volatility and tail scale of consecutive days, each with a mean square of 1.

    Parameters
    ----------
    totals
        (n,) standardised returns of the days, before any scaling.

    Returns
    -------
    volatility
        (n + 1,): row t uses totals up to t-1.
    tails
        (n,): independent scales that make a normal return Student's t of unit variance.
    """
    days = len(totals)
    own = rng.standard_normal(days + 1)
    innovations = np.sqrt(1.0 - clustering.leverage**2) * own
    innovations[1:] += clustering.leverage * totals
    innovations[1:] *= np.sqrt(1.0 - clustering.persistence**2)
    persistence = clustering.persistence
    logs = np.fromiter(
        accumulate(innovations.tolist(), lambda state, shock: persistence * state + shock),
        dtype=np.float64,
        count=days + 1,
    )
    # E exp(2(x - s^2)) = 1 for x ~ N(0, s^2).
    volatility = np.exp(clustering.deviation * logs - clustering.deviation**2)
    tails = np.sqrt((clustering.dof - 2.0) / rng.chisquare(clustering.dof, days))
    return volatility, tails
