"""The order in which the links of a chain moved after the news."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import number
from eventlab.contagion.leads.first_move import FirstMove, Setting, first_move
from eventlab.contagion.leads.hayashi_yoshida import measure_curve
from eventlab.contagion.leads.observations import Observed, observed, spacing
from eventlab.definitions.problem import hint
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["STEPS", "ChainOrder", "Lead", "chain_order", "lag_grid", "lead_after", "order_of"]

STEPS: Final = 12  # lags to either side, each as long as the wider of two series' bars
MINUTE_NS: Final = 60 * 10**9
MOVE_COLUMNS = [
    "link",
    "symbol",
    "first_move",
    "since",
    "minutes_after",
    "move",
    "threshold",
    "placebo_pvalue",
    "n_placebo",
    "note",
]
PAIR_COLUMNS = [
    "link",
    "earlier",
    "later",
    "order",
    "lead_minutes",
    "lead_correlation",
    "lead_pvalue",
    "resolution_minutes",
    "note",
]

Order = Literal["in order", "tie", "reversed", "not followed", "not led", "neither moved"]
MEANING: Final[dict[Order, str]] = {
    "in order": "in the order claimed",
    "reversed": "in the reverse order",
    "tie": "too close for the bars to tell which came first",
    "not followed": "where only the earlier link moved",
    "not led": "where only the later link moved",
    "neither moved": "where neither moved",
}


@dataclass(frozen=True, slots=True)
class ChainOrder:
    """What moved first, and whether that is the order claimed.

    Attributes
    ----------
    moves
        A row per symbol: link (from 0), symbol, first_move (when the price is known that first
        lies beyond what placebo days do by then), since (the price before it, or the news: the
        move happened after that), minutes_after the news, move (cumulative return), threshold,
        placebo_pvalue (how often a day goes as far beyond its thresholds at some bar of the
        horizon: they hold bar by bar, and many bars give chance many tries), n_placebo, note.
    pairs
        A row per symbol of a link and symbol of the next: link (of the later), earlier, later,
        order, lead_minutes (Hayashi-Yoshida peak over the horizon: positive if ``earlier`` leads),
        lead_correlation, lead_pvalue (of no correlation at any lag), resolution_minutes, note.
        ``order`` is ``in order`` or ``reversed`` only where one move was seen before the other can
        have begun; ``tie`` where the bars overlap; ``not followed``, ``not led`` and ``neither
        moved`` where there are fewer than two moves.
    verdict
        In words.
    """

    moves: pd.DataFrame
    pairs: pd.DataFrame
    verdict: str

    def __repr__(self) -> str:
        """Return the verdict."""
        return f"ChainOrder({self.verdict!r})"


@dataclass(frozen=True, slots=True)
class Lead:
    """By how many minutes one series leads another over a stretch of time."""

    minutes: float
    correlation: float
    pvalue: float
    resolution: float
    note: str


def chain_order(
    prices: Mapping[str, pd.Series],
    links: Sequence[str | Sequence[str]],
    news: pd.Timestamp,
    *,
    placebo: pd.DatetimeIndex,
    horizon: pd.Timedelta | str = "2D",
    level: float = 0.05,
) -> ChainOrder:
    """Find when each link of a chain first moved after the news, and whether in the order claimed.

    Parameters
    ----------
    prices
        By symbol, on bars of its own: prices indexed by the instant at which each is known (the
        close of its bar). All zoned, or all naive as ``news`` and ``placebo`` are. Missing rows
        are left out.
    links
        The order claimed: symbols, or lists of symbols that share a link.
    news
        The instant of the news.
    placebo
        Instants like it on days without news, the same time of day above all. Those that end
        (``horizon`` later) after the news are not used: thresholds rest on the past alone.
    horizon
        How long after the news moves are looked for; also how old the last price before may be.
    level
        A placebo day exceeds the threshold of any one bar with this probability.

    Returns
    -------
    ChainOrder
        A first move at t uses prices up to t, its p the whole horizon. NaN and NaT with a ``note``
        where there is none.

    Raises
    ------
    UsageError
        A link without prices, fewer than two links, or times with and without a zone.
    DataError
        Prices that are not positive, or as `hayashi_yoshida`.
    """
    _check_kinds(prices, links, news, placebo)
    chain = [[link] if isinstance(link, str) else list(link) for link in links]
    _check_links(chain)
    if len(chain) < 2:
        raise UsageError(f"links: {len(chain)} given; a chain has two or more")
    unknown = sorted({str(name) for link in chain for name in link} - set(prices))
    if unknown:
        near = hint(unknown[0], map(str, prices))
        raise UsageError(f"links: no prices of {', '.join(unknown)}; pass them in `prices`{near}")
    series = {name: log_observed(name, prices[name]) for link in chain for name in link}
    _same_zone({name: prices[name] for name in series}, news, placebo)
    number("level", level)
    if not 0.0 < level < 1.0:
        raise UsageError(f"level: {level:g} is no probability between 0 and 1")
    reach = _nanoseconds(horizon)
    instants = np.sort(placebo.as_unit("ns").asi8)
    setting = Setting(int(news.as_unit("ns").value), instants, reach, reach, level)
    found = {name: first_move(one, setting) for name, one in series.items()}
    moves = [
        {"link": place, **move_row(name, found[name], setting.news, zoned=news.tzinfo is not None)}
        for place, link in enumerate(chain)
        for name in link
    ]
    pairs = _pairs(chain, series, found, setting)
    linked = [(found[row["earlier"]], found[row["later"]]) for row in pairs]
    return ChainOrder(
        pd.DataFrame(moves, columns=MOVE_COLUMNS),
        pd.DataFrame(pairs, columns=PAIR_COLUMNS),
        order_in_words(linked, level),
    )


def log_observed(name: str, series: pd.Series) -> Observed:
    """Arrays of the logs of prices."""
    raw = observed(name, series)
    if (raw.logs <= 0.0).any():
        raise DataError(f"{name}: a price of {raw.logs.min():g}; prices are above zero")
    return Observed(raw.times, np.log(raw.logs), raw.n_missing)


def move_row(name: str, move: FirstMove, news: int, *, zoned: bool = True) -> dict[str, Any]:
    """Row of `ChainOrder.moves` for one symbol, without its link."""
    zone = "UTC" if zoned else None
    moved = move.at >= 0
    return {
        "symbol": name,
        "first_move": pd.Timestamp(move.at, unit="ns", tz=zone) if moved else pd.NaT,
        "since": pd.Timestamp(move.since, unit="ns", tz=zone) if moved else pd.NaT,
        "minutes_after": (move.at - news) / MINUTE_NS if moved else math.nan,
        "move": move.move,
        "threshold": move.threshold,
        "placebo_pvalue": move.pvalue,
        "n_placebo": move.n_placebo,
        "note": move.note,
    }


def order_of(earlier: FirstMove, later: FirstMove) -> Order:
    """Which of two came first: only if one was seen before the other can have begun."""
    if earlier.at < 0 or later.at < 0:
        if earlier.at >= 0:
            return "not followed"
        return "not led" if later.at >= 0 else "neither moved"
    if earlier.at <= later.since:
        return "in order"
    return "reversed" if later.at <= earlier.since else "tie"


def order_in_words(pairs: Sequence[tuple[FirstMove, FirstMove]], level: float) -> str:
    """Whether the data show the order claimed, from the pairs of names of consecutive links.

    Pairs count for or against the order where both moves are beyond chance, at ``level``.
    """
    if not pairs:
        return "there is no pair of links to compare"
    orders = [order_of(*pair) for pair in pairs]
    firm = [
        order
        for order, pair in zip(orders, pairs, strict=True)
        if all(move.pvalue <= level for move in pair)
    ]
    counts = [
        f"{orders.count(one)} {text}" for one, text in MEANING.items() if orders.count(one) > 0
    ]
    said = (
        f"of {len(orders)} pairs of consecutive links {', '.join(counts)}; "
        f"in {len(firm) or 'none'} both moved farther than chance at {level:.0%}"
    )
    if "reversed" in firm:
        return f"the first moves came in another order than claimed: {said}"
    if firm.count("in order") == len(orders):
        return f"the first moves came in the order claimed: {said}"
    return f"the data do not show the order claimed, nor rule it out: {said}"


def lag_grid(x: Observed, y: Observed) -> npt.NDArray[np.int64]:
    """(2 STEPS + 1,) lags in ns: whole multiples of the larger of the usual distances in time."""
    step = spacing(x, y)
    return np.arange(-STEPS, STEPS + 1, dtype=np.int64) * step if step else np.zeros(1, np.int64)


def lead_after(x: Observed, y: Observed, setting: Setting) -> Lead:
    """By how much x leads y from the last price before the news to the end of the horizon."""
    lags = lag_grid(x, y)
    last = setting.news + setting.horizon
    curve = measure_curve(x.between(setting.news, last), y.between(setting.news, last), lags)
    place = curve.peak
    step = float(lags[-1]) / STEPS / MINUTE_NS
    if place < 0:
        return Lead(math.nan, math.nan, math.nan, step, curve.note)
    note = "" if curve.pvalue <= setting.level else "no lag at which the two differ from unrelated"
    return Lead(
        float(lags[place]) / MINUTE_NS, float(curve.correlation[place]), curve.pvalue, step, note
    )


def _pairs(
    chain: Sequence[Sequence[str]],
    series: Mapping[str, Observed],
    found: Mapping[str, FirstMove],
    setting: Setting,
) -> list[dict[str, Any]]:
    rows = []
    for place, (before, after) in enumerate(pairwise(chain), start=1):
        for x, y in ((x, y) for x in before for y in after):
            lead = lead_after(series[x], series[y], setting)
            rows.append(
                {
                    "link": place,
                    "earlier": x,
                    "later": y,
                    "order": order_of(found[x], found[y]),
                    "lead_minutes": lead.minutes,
                    "lead_correlation": lead.correlation,
                    "lead_pvalue": lead.pvalue,
                    "resolution_minutes": lead.resolution,
                    "note": lead.note,
                }
            )
    return rows


def _check_kinds(prices: object, links: object, news: object, placebo: object) -> None:
    if not isinstance(prices, Mapping):
        raise UsageError(f"prices is a {type(prices).__name__}; pass a dict of Series by symbol")
    kinds = (list, tuple)
    if not isinstance(links, kinds) or not all(isinstance(each, (str, *kinds)) for each in links):
        raise UsageError(f"links={links!r}: pass a list of symbols, or of lists of symbols")
    if not isinstance(news, pd.Timestamp) or not isinstance(placebo, pd.DatetimeIndex):
        raise UsageError(
            f"news is a {type(news).__name__} and placebo a {type(placebo).__name__}; pass a "
            "pandas Timestamp and a DatetimeIndex, without missing ones"
        )
    if placebo.hasnans:
        raise UsageError("placebo: an instant is missing (NaT); leave it out")


def _check_links(chain: list[list[str]]) -> None:
    names = [name for link in chain for name in link]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"links: {', '.join(twice)} twice; a symbol has one place in a chain")
    if not all(chain):
        raise UsageError("links: one of them is empty; name a symbol, or drop it")


def _same_zone(
    prices: Mapping[str, pd.Series], news: pd.Timestamp, placebo: pd.DatetimeIndex
) -> None:
    zoned = {name: one.index.tz is not None for name, one in prices.items()}  # type: ignore[attr-defined]
    for key, value in (*zoned.items(), ("placebo", placebo.tz is not None)):
        if value != (news.tzinfo is not None):
            raise UsageError(
                f"{key}: its times {'have' if value else 'have no'} zone and the news "
                f"{'has one' if news.tzinfo else 'has none'}; localise both with tz_localize"
            )


def _nanoseconds(horizon: pd.Timedelta | str) -> int:
    """Length of ``horizon`` in ns, above zero."""
    try:
        length = pd.Timedelta(horizon)
    except (TypeError, ValueError) as fault:
        raise UsageError(f"horizon={horizon!r} is no length of time; write '2D' or '6h'") from fault
    if not length > pd.Timedelta(0):
        raise UsageError(f"horizon={horizon!r} is not above zero; write '2D' or '6h'")
    return int(length.as_unit("ns").value)
