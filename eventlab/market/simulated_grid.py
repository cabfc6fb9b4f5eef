"""The hours of the simulated market, and its random numbers.

Everything is simulated hour by hour around the clock over one fixed span; a session of an exchange
is the sum of its hours. Nothing depends on today's date.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import HOUR

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.timeline.types import Clock

__all__ = [
    "DAYS",
    "FIRST_DAY",
    "HOURLY_FROM",
    "HOURS",
    "LAST_DAY",
    "ORIGIN",
    "Activity",
    "Segments",
    "activity",
    "hashed_normal",
    "hour_after",
    "hour_close",
    "segments",
    "stable_key",
    "stream",
]

FIRST_DAY = date(2015, 1, 2)
LAST_DAY = date(2026, 6, 30)
HOURLY_FROM = date(2022, 1, 1)  # first day with published hourly bars

ORIGIN = int(np.datetime64(FIRST_DAY, "ns").astype(np.int64))  # UTC midnight of the first day
DAYS = (LAST_DAY - FIRST_DAY).days + 1
HOURS = 24 * DAYS

# Variance of stocks per hour. Most of it comes while the exchange is open, and then in the four
# hours after the close, when companies report: those are the hours that a daily bar of crypto,
# which ends at midnight UTC, puts on the wrong day.
_OPEN_RATE, _LATE_RATE, _CLOSED_RATE, _WEEKEND_RATE = 1.0, 0.30, 0.08, 0.02
_LATE_HOURS = 4
_SESSION_VARIANCE = (
    6.5 * _OPEN_RATE + _LATE_HOURS * _LATE_RATE + (17.5 - _LATE_HOURS) * _CLOSED_RATE
)
# Crypto never rests, but is a little quieter on weekends and busier in New York hours.
_CRYPTO_OPEN_EXTRA, _CRYPTO_WEEKEND = 0.3, 0.7
_CRYPTO_DAY_VARIANCE = 24.0 + 6.5 * _CRYPTO_OPEN_EXTRA


@dataclass(frozen=True, slots=True)
class Segments:
    """How the hours fall into the sessions of one calendar.

    Attributes
    ----------
    clock
        S sessions.
    starts
        (S,) int64: first hour after the previous close; hours from the span's start for row 0.
    last
        (S,) int64: last hour that is over at the close, so that ``starts[s]`` to ``last[s]`` is
        session s. Hours after the last close belong to no session.
    opening
        (S,) int64: first hour that is not over at the open, from ``starts[s]`` on: the hours
        before it are those that the opening price has seen.
    """

    clock: Clock
    starts: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    opening: npt.NDArray[np.int64]

    def sums(self, hourly: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sum (HOURS,) values to (S,) sessions."""
        used = hourly[: self.last[-1] + 1]
        return np.asarray(np.add.reduceat(used, self.starts), dtype=np.float64)

    def sums_to_open(self, hourly: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sum what of (HOURS,) values each of S sessions has seen at its open."""
        # Every other sum of the cuts start, opening, start...; an empty one would repeat a value.
        cuts = np.column_stack((self.starts, self.opening)).ravel()
        found = np.add.reduceat(hourly[: self.last[-1] + 1], cuts)[::2]
        return np.where(self.opening > self.starts, found, 0.0)


@dataclass(frozen=True, slots=True)
class Activity:
    """Variance of each hour relative to a regular day of its kind.

    Attributes
    ----------
    equity, crypto
        (HOURS,) float64. ``equity`` sums to 1 over a regular New York session and the hours since
        the previous close; ``crypto`` sums to 1 over a regular weekday.
    """

    equity: npt.NDArray[np.float64]
    crypto: npt.NDArray[np.float64]


@lru_cache(maxsize=16)
def segments(calendar: str) -> Segments:
    """Sessions of a calendar inside the span, in hours.

    A close within an hour (London's 16:30) counts at the hour's start, so that a session never
    holds news from after its close.
    """
    clock = make_clock(calendar, FIRST_DAY, LAST_DAY)
    over = (clock.closes - ORIGIN) // HOUR  # hours that are over at each close
    starts = np.concatenate(([0], over[:-1]))
    opening = np.clip((clock.opens - ORIGIN) // HOUR, starts, over - 1)
    return Segments(clock, starts, over - 1, opening)


@lru_cache(maxsize=1)
def activity() -> Activity:
    """Hourly variance profiles, from the sessions of XNYS."""
    sessions = segments("XNYS")
    clock = sessions.clock
    edges = np.arange(HOURS + 1, dtype=np.float64)
    bounds = np.column_stack((clock.opens, clock.closes)).ravel()
    open_so_far = np.cumsum((clock.closes - clock.opens) / HOUR)
    elapsed = np.repeat(np.concatenate(([0.0], open_so_far)), 2)[1:-1]
    is_open = np.diff(np.interp(edges, (bounds - ORIGIN) / HOUR, elapsed))
    first_weekday = FIRST_DAY.weekday()
    weekend = (np.arange(HOURS) // 24 + first_weekday) % 7 >= 5
    closed_rate = np.where(weekend, _WEEKEND_RATE, _CLOSED_RATE)
    late = sessions.last[:, None] + np.arange(1, _LATE_HOURS + 1)
    closed_rate[late[late < HOURS]] = _LATE_RATE
    equity = is_open * _OPEN_RATE + (1.0 - is_open) * closed_rate
    crypto = np.where(weekend, _CRYPTO_WEEKEND, 1.0 + _CRYPTO_OPEN_EXTRA * is_open)
    return Activity(equity / _SESSION_VARIANCE, crypto / _CRYPTO_DAY_VARIANCE)


def hour_close(hour: int | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """UTC nanoseconds at which hours close."""
    return np.asarray(ORIGIN + (np.asarray(hour, dtype=np.int64) + 1) * HOUR)


def hour_after(instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Index of the first hour that closes strictly after each UTC-nanosecond instant, unbounded."""
    return np.asarray((instants - ORIGIN) // HOUR)


def stable_key(*names: str) -> int:
    """64 bits that depend on nothing but the names."""
    return int.from_bytes(hashlib.sha256("\x1f".join(names).encode()).digest()[:8], "little")


def stream(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that belong to the names alone: no other stream can shift them."""
    sequence = np.random.SeedSequence([seed, stable_key(*names)])
    return np.random.Generator(np.random.PCG64DXSM(sequence))


def hashed_normal(keys: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.float64]:
    """Draw standard normals, one per key, each a function of (key, salt) alone.

    A generator per draw would cost 15 microseconds, and effects are drawn for every occurrence and
    symbol: here it is two mixed 64-bit integers and Box-Muller (1958).
    """
    salted = np.uint64(salt)
    first = _uniform(_mixed(keys ^ salted))
    second = _uniform(_mixed(_mixed(keys + salted) ^ salted))
    return np.asarray(np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second))


def _mixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix bits as splitmix64 does (Steele, Lea & Flood 2014); wraps on purpose."""
    x = keys + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def _uniform(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Numbers strictly between 0 and 1."""
    return np.asarray(((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)
