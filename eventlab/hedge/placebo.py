"""The same strategy on random dates: whether its events have anything to do with its money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.errors import EventlabError
from eventlab.hedge.answers.curves import bar_returns, event_bars
from eventlab.hedge.answers.events import Stretch
from eventlab.hedge.episodes import Accepted, Episode, decide, entry_ratios
from eventlab.hedge.plan import episode_drafts, place, start, start_row
from eventlab.hedge.puts import holds_puts, with_puts
from eventlab.hedge.robustness.placebo import placebo_summary
from eventlab.hedge.rolls import roll_table
from eventlab.hedge.runs import limits_of, simulate_plan
from eventlab.hedge.simulate import simulate_many
from eventlab.hedge.timing import span_of
from eventlab.hedge.types import Plan
from eventlab.timeline.types import EventInstant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.hedge.runs import Decided
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.timing import Span

__all__ = ["PLACEBO_COLUMNS", "placebo_table"]

PLACEBO_COLUMNS = ["statistic", "value", "mean", "low", "high", "pvalue", "draws", "note"]
POOL: Final = {"dcc": 40, "kalman": 120, "min_es": 240}  # dates that ratios are estimated at
USUAL_POOL: Final = 300
FEWEST: Final = 20  # pseudo-dates, below which a placebo says nothing
PUT_DRAWS: Final = 200  # each needs a column of puts of its own


@dataclass(frozen=True, slots=True)
class Pool:
    """Episodes on dates without an event, each with the orders it would give."""

    episodes: tuple[Episode, ...]
    plans: tuple[Plan, ...]
    spans: tuple[Stretch, ...]


def placebo_table(
    decided: Decided,
    equity: npt.NDArray[np.float64],
    unhedged: npt.NDArray[np.float64],
    spans: Sequence[Stretch],
    *,
    seed: int,
    draws: int,
) -> pd.DataFrame:
    """Compare a strategy with itself on random dates.

    Parameters
    ----------
    equity, unhedged
        (T,) money at the closes: of the strategy and of its book alone.
    spans
        Its episodes.
    seed, draws
        Each draw puts as many episodes as there were on dates whose windows hold no event of the
        strategy and do not overlap.

    Returns
    -------
    DataFrame
        Columns as of `Backtest`. ``event_return`` is the mean return of an episode's bars,
        ``hedge_return`` what of it the book alone would not have made, ``variance_reduction``
        1 - hedged / unhedged on those bars. p-values are one-sided: the share of draws, the
        observed one among them, that did at least as well. NaN with the reason where too few
        dates are left.
    """
    setting = decided.bare
    complete = [one for one in spans if one.last > one.first]
    actual = statistics(equity, unhedged, complete)
    pool = make_pool(decided) if draws else Pool((), (), ())
    if len(pool.episodes) < FEWEST:
        why = "no draws were asked for"
        if draws:
            why = f"only {len(pool.episodes)} dates without an event are left; needs {FEWEST}"
        return summary(actual, np.full((1, len(actual)), np.nan), why)
    generator = np.random.default_rng([seed, 1])
    chosen = [draw(pool, len(complete), generator) for _ in range(draws)]
    if holds_puts(setting):
        chosen = chosen[:PUT_DRAWS]
        curves = put_curves(decided, pool, chosen)
    else:
        first = list(start(setting, decided.episodes))
        base = place(setting, first, roll_table(setting.grid, setting.strategy)).plan
        plans = [joined([base, *(pool.plans[at] for at in each)]) for each in chosen]
        curves = simulate_many(
            setting.grid,
            setting.carry,
            plans,
            capital=setting.strategy.capital,
            limits=limits_of(setting.strategy),
        ).equity
    found = np.array(
        [
            list(statistics(curve, unhedged, [pool.spans[at] for at in each]).values())
            for curve, each in zip(curves, chosen, strict=True)
        ]
    )
    fewer = min(len(each) for each in chosen)
    note = "" if fewer == len(complete) else f"some draws hold only {fewer} episodes"
    return summary(actual, found, note)


def statistics(
    equity: npt.NDArray[np.float64],
    unhedged: npt.NDArray[np.float64],
    spans: Sequence[Stretch],
) -> dict[str, float]:
    """Statistics of one schedule; see `placebo_table`."""
    inside = event_bars(len(equity), spans) >= 0
    own, book = bar_returns(equity)[inside], bar_returns(unhedged)[inside]
    number = max(len(spans), 1)
    spread = float(book.var()) if len(book) else 0.0
    return {
        "event_return": float(own.sum()) / number,
        "hedge_return": float((own - book).sum()) / number,
        "variance_reduction": 1.0 - float(own.var()) / spread if spread > 0 else np.nan,
    }


def summary(actual: dict[str, float], found: npt.NDArray[np.float64], note: str) -> pd.DataFrame:
    """Tabulate observed statistics beside their draws (D, 3)."""
    table = placebo_summary(actual, dict(zip(actual, found.T, strict=True)))
    if note:
        table["note"] = note
    return table[PLACEBO_COLUMNS]


def make_pool(decided: Decided) -> Pool:
    """Lay out the strategy on dates without an event, evenly over the time of the backtest."""
    setting = decided.bare
    hedge = setting.strategy.hedge
    most = POOL.get(hedge.ratio.method, USUAL_POOL) if hedge else USUAL_POOL
    spans = list(free_spans(decided))
    if len(spans) > most:
        spans = [spans[at] for at in np.linspace(0, len(spans) - 1, most).round().astype(int)]
    rolls = roll_table(setting.grid, setting.strategy)
    episodes, plans, stretches = [], [], []
    for span, (ratios, note) in zip(spans, entry_ratios(setting, spans), strict=True):
        entry = decide(setting, span, ratios, note)
        if not isinstance(entry, Accepted):
            continue
        episode = Episode((entry,), max(span.leave, span.decided + 2))
        try:
            plan = place(setting, list(episode_drafts(setting, episode, 0)), rolls).plan
        except EventlabError:  # a price lacks around this date: it is no date to trade on
            continue
        at = int(setting.strategy.when.fill == "close")
        episodes.append(episode)
        plans.append(plan)
        stretches.append(Stretch(2 * (span.decided + 1) + at, 2 * episode.leave + at, True))
    return Pool(tuple(episodes), tuple(plans), tuple(stretches))


def free_spans(decided: Decided) -> Iterator[Span]:
    """Yield the windows of pseudo-events that are complete and touch no real one."""
    setting = decided.bare
    first, last = start_row(setting, decided.episodes), len(setting.grid) - 2
    taken = np.zeros(len(setting.grid), dtype=np.bool_)
    for episode in decided.episodes:
        taken[episode.first.span.decided : episode.leave + 1] = True
    models = [each.first.span.occasion for each in decided.episodes]
    for row in range(first + 1, last):
        close = int(setting.grid.instants[2 * row - 1])
        occasion = replace(
            models[row % len(models)],  # whose issuer it is
            day0=row,
            session=setting.grid.clock.days[row],
            news=EventInstant(close + 1, close + 1, "minute"),
            scheduled=True,
            note="",
        )
        span = span_of(setting.strategy, occasion, setting.grid, setting.states)
        if isinstance(span, str) or span.decided <= first or span.leave > last:
            continue
        if not taken[span.decided : span.leave + 1].any():
            yield span


def draw(pool: Pool, number: int, generator: np.random.Generator) -> list[int]:
    """Choose episodes at random that do not overlap, as many as fit, in order of time."""
    chosen: list[int] = []
    busy = np.zeros(max(each.last for each in pool.spans) // 2 + 2, dtype=np.bool_)
    for at in generator.permutation(len(pool.episodes)):
        episode = pool.episodes[at]
        window = slice(episode.first.span.decided, episode.leave + 1)
        if not busy[window].any():
            busy[window] = True
            chosen.append(int(at))
            if len(chosen) == number:
                break
    return sorted(chosen, key=lambda at: pool.episodes[at].first.span.decided)


def joined(plans: Sequence[Plan]) -> Plan:
    """Put plans of one episode each behind each other; the first is of none."""
    sizes = [len(each) for each in plans]
    numbers = np.repeat(np.arange(-1, len(plans) - 1), sizes)
    parts = {
        name: np.concatenate([getattr(each, name) for each in plans])
        for name in Plan.__slots__
        if name != "episode"
    }
    return Plan(**parts, episode=numbers)


def put_curves(
    decided: Decided, pool: Pool, chosen: Sequence[Sequence[int]]
) -> npt.NDArray[np.float64]:
    """(D, T) equity at the closes where every schedule has puts of its own."""
    curves = []
    for each in chosen:
        setting, kept, _ = with_puts(decided.bare, [pool.episodes[at] for at in each])
        plan = whole_plan(setting, kept, decided)
        curves.append(simulate_plan(setting, plan).equity[1::2])
    return np.array(curves)


def whole_plan(setting: Setting, episodes: Sequence[Episode], decided: Decided) -> Plan:
    """Plan episodes with the book bought when the strategy's own is."""
    drafts = list(start(setting, decided.episodes))
    for number, episode in enumerate(episodes):
        drafts += episode_drafts(setting, episode, number)
    drafts.sort(key=lambda each: each.decided)
    return place(setting, drafts, roll_table(setting.grid, setting.strategy)).plan
