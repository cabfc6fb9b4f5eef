"""The same strategy on random dates: whether its events have anything to do with its money.

Each pseudo-episode is simulated once, in one of a few schedules that hold them all without an
overlap; draws choose among the episodes of all schedules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from eventlab.errors import EventlabError
from eventlab.hedge.answers.curves import bar_returns, before_entries
from eventlab.hedge.answers.events import stretches
from eventlab.hedge.episodes import Accepted, Episode, decide, entry_ratios, inside_multiple
from eventlab.hedge.plan import Planned, episode_drafts, make_plan, place, start, start_row
from eventlab.hedge.puts import holds_puts, with_puts
from eventlab.hedge.robustness.placebo import placebo_summary
from eventlab.hedge.runs import ground_under, without_hedge
from eventlab.hedge.simulate import simulate_on
from eventlab.hedge.timing import span_of
from eventlab.hedge.types import Plan
from eventlab.timeline.types import EventInstant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd

    from eventlab.hedge.answers.events import Stretch
    from eventlab.hedge.runs import Decided
    from eventlab.hedge.simulate import Ground
    from eventlab.hedge.timing import Span
    from eventlab.hedge.types import Simulation

__all__ = ["PLACEBO_COLUMNS", "placebo_table"]

PLACEBO_COLUMNS = ["statistic", "value", "mean", "low", "high", "pvalue", "draws", "note"]
POOL: Final = {"dcc": 40, "kalman": 120, "min_es": 240}  # dates that ratios are estimated at
USUAL_POOL: Final = 300
FREE_POOL: Final = 500  # without a hedge
PLENTY: Final = 8  # dates per episode: with fewer, draws have too many of them in common
FEWEST: Final = 20  # pseudo-dates, below which a placebo says nothing
STATISTICS: Final = ("event_return", "hedge_return", "variance_reduction")


class Pool(NamedTuple):
    """Episodes on dates without an event, each with the orders it would give."""

    episodes: list[Episode]
    plans: list[Planned]


def placebo_table(
    decided: Decided,
    own: Simulation,
    unhedged: Simulation,
    spans: Sequence[Stretch],
    *,
    seed: int,
    draws: int,
) -> pd.DataFrame:
    """Compare a strategy with itself on random dates.

    Parameters
    ----------
    own, unhedged
        The strategy and its book alone.
    spans
        Its episodes.
    seed, draws
        Each draw chooses as many windows as there were episodes, none of which overlap, among
        those without an event of the strategy and its own: dates that mean nothing would have been
        as likely as any. Without its own, p was at most 5% in some 8% of samples.

    Returns
    -------
    DataFrame
        Columns as of `Backtest`. ``event_return`` is the mean return of an episode's bars, the
        costs of entry and exit among them, ``hedge_return`` what of it the book alone would not
        have made, ``variance_reduction`` 1 - hedged / unhedged on those bars. A book that is set
        anew at entries and exits is so on random dates, with and without the hedge. p-values are
        one-sided: the share of draws, the observed one among them, that did at least as well. NaN
        with the reason where too few dates are left.
    """
    alone = before_entries(unhedged, spans)
    observed = sums_of(before_entries(own, spans), alone, spans)
    actual = dict(zip(STATISTICS, statistics(observed.sum(axis=0), len(spans)), strict=True))
    if decided.by_rule:
        why = "a rule in Python may remember what it saw: it is not repeated on random dates"
        return summary(actual, np.full((1, len(actual)), np.nan), why)
    rounds = rounds_of(make_pool(decided, len(spans))) if draws else []
    number = sum(len(each.episodes) for each in rounds)
    if number < FEWEST:
        why = "no draws were asked for"
        if draws:
            dates = "date without an event is" if number == 1 else "dates without an event are"
            why = f"only {number} {dates} left; a placebo needs {FEWEST}"
        return summary(actual, np.full((1, len(actual)), np.nan), why)
    ground = None if holds_puts(decided.bare) else ground_under(decided.bare)
    lived = [live(decided, each, unhedged, ground) for each in rounds]
    bars = len(decided.bare.grid) - start_row(decided.bare, decided.episodes)
    own_dates = Lived(observed, windows_of(decided.episodes, spans))
    lived += [own_dates] * times_over(number, float(observed[:, 0].sum()), len(spans), bars)
    windows = [each for one in lived for each in one.windows]
    generator = np.random.default_rng([seed, 1])
    chosen = [
        schedule(windows, len(decided.bare.grid), len(spans), generator) for _ in range(draws)
    ]
    sums = np.concatenate([each.sums for each in lived])
    found = np.array([statistics(sums[each].sum(axis=0), len(each)) for each in chosen])
    least = min(len(each) for each in chosen)
    note = f"of {number} dates" if number < PLENTY * len(spans) else ""
    if least < len(spans):
        note = f"{note}; {least} episodes fit into a draw" if note else f"{least} fit into a draw"
    return summary(actual, found, note)


def times_over(dates: int, inside: float, episodes: int, bars: int) -> int:
    """How often the strategy's own windows stand among ``dates`` others, which overlap.

    So often that each of their bars (``inside`` of ``bars``) is drawn as often as any: k E of
    dates + k E windows are their own, and inside / bars of the bars.
    """
    return max(1, round(dates * inside / (episodes * max(bars - inside, 1.0))))


def sums_of(
    equity: npt.NDArray[np.float64],
    unhedged: npt.NDArray[np.float64],
    spans: Sequence[Stretch],
) -> npt.NDArray[np.float64]:
    """(E, 5) sums over the bars of each episode: n, r, r^2, and of the book alone b, b^2."""
    own, book = bar_returns(equity), bar_returns(unhedged)
    terms = np.column_stack([np.ones(len(own)), own, own**2, book, book**2])
    bars = [slice((one.first + 1) // 2, one.last // 2 + 1) for one in spans]
    return np.array([terms[each].sum(axis=0) for each in bars]).reshape(-1, 5)


def statistics(
    sums: npt.NDArray[np.float64], number: int | npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], ...]:
    """Statistics of schedules with (..., 5) sums over all episodes; see `placebo_table`."""
    n, own, own2, book, book2 = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hedged, alone = own2 / n - (own / n) ** 2, book2 / n - (book / n) ** 2
        reduction = np.where(alone > 0, 1.0 - hedged / alone, np.nan)
        return own / number, (own - book) / number, reduction


def schedule(
    windows: Sequence[tuple[int, int]], bars: int, number: int, generator: np.random.Generator
) -> list[int]:
    """Choose as many windows as asked, or as many as fit, so that no two share one of the bars."""
    taken = bytearray(bars + 1)
    chosen: list[int] = []
    for at in generator.permutation(len(windows)).tolist():
        first, last = windows[at]
        if taken.find(1, first, last + 1) < 0:
            taken[first : last + 1] = b"\x01" * (last + 1 - first)
            chosen.append(at)
            if len(chosen) == number:
                break
    return chosen


def summary(
    actual: dict[str, npt.NDArray[np.float64]], found: npt.NDArray[np.float64], note: str
) -> pd.DataFrame:
    """Tabulate observed statistics beside their draws (D, 3)."""
    observed = {name: float(value) for name, value in actual.items()}
    table = placebo_summary(observed, dict(zip(observed, found.T, strict=True)))
    if note:
        table["note"] = note
    return table[PLACEBO_COLUMNS]


def make_pool(decided: Decided, number: int) -> Pool:
    """Lay out the strategy on dates without an event, evenly over the time of the backtest.

    There are at least `PLENTY` for each of ``number`` episodes where ratios are quickly estimated.
    """
    setting = decided.bare
    hedge = setting.strategy.hedge
    most = FREE_POOL
    if hedge is not None:
        most = POOL.get(hedge.ratio.method, max(USUAL_POOL, PLENTY * number))
    spans = list(free_spans(decided))
    if setting.strategy.signal is not None:
        spans = [each for each in spans if inside_multiple(setting, each)[0] is not None]
    if len(spans) > most:
        spans = [spans[at] for at in np.linspace(0, len(spans) - 1, most).round().astype(int)]
    bought, pool = start_row(setting, decided.episodes), Pool([], [])
    for span, (ratios, note) in zip(spans, entry_ratios(setting, spans), strict=True):
        entry = decide(setting, span, ratios, note)
        if not isinstance(entry, Accepted):
            continue
        episode = Episode((entry,), max(span.leave, span.decided + 2))
        try:
            planned = place(setting, list(episode_drafts(setting, episode, 0)))
        except EventlabError:  # a price lacks around this date: it is no date to trade on
            continue
        if planned.plan.decided[0] <= bought:
            continue
        pool.episodes.append(episode)
        pool.plans.append(planned)
    return pool


def rounds_of(pool: Pool) -> list[Pool]:
    """Share episodes out to schedules in which none overlaps another, as few as it takes."""
    rounds: list[Pool] = []
    for episode, planned in zip(*pool, strict=True):
        earliest = int(planned.plan.decided[0])  # orders may have been brought forward
        free = (one for one in rounds if one.episodes[-1].leave < earliest)
        chosen = next(free, None)
        if chosen is None:
            chosen = Pool([], [])
            rounds.append(chosen)
        chosen.episodes.append(episode)
        chosen.plans.append(planned)
    return rounds


class Lived(NamedTuple):
    """What became of episodes: (E, 5) sums as of `sums_of`, first and last row of each."""

    sums: npt.NDArray[np.float64]
    windows: list[tuple[int, int]]


def live(decided: Decided, one: Pool, unhedged: Simulation, ground: Ground | None = None) -> Lived:
    """Simulate a schedule and its book alone, bought when the strategy's is.

    Its episodes last as the strategy's own do: to a stop, or to an order that was rolled further.
    ``unhedged`` is the book of a strategy without a hedge: no schedule changes it. ``ground`` is
    that of all schedules, where they have one: with puts each has prices of its own.
    """
    setting, episodes = decided.bare, tuple(one.episodes)
    if holds_puts(setting):
        setting, episodes, _ = with_puts(setting, episodes)
        planned = make_plan(setting, episodes, since=decided.episodes)
    else:
        base = place(setting, list(start(setting, decided.episodes)))
        planned = joined([base, *one.plans])
    ground, book = ground or ground_under(setting), unhedged
    if setting.strategy.hedge is not None:
        book = simulate_on(ground, without_hedge(setting, planned.plan))
    own = simulate_on(ground, planned.plan)
    spans = stretches(planned, own, episodes)
    sums = sums_of(before_entries(own, spans), before_entries(book, spans), spans)
    return Lived(sums, windows_of(episodes, spans))


def windows_of(episodes: Sequence[Episode], spans: Sequence[Stretch]) -> list[tuple[int, int]]:
    """First and last row of episodes, from the decision to the exit or the last order."""
    pairs = zip(episodes, spans, strict=True)
    return [
        (min(one.first.span.decided, span.first // 2), max(one.leave, span.last // 2))
        for one, span in pairs
    ]


def free_spans(decided: Decided) -> Iterator[Span]:
    """Yield the windows of pseudo-events that are complete and touch no real one."""
    setting = decided.bare
    first, last = start_row(setting, decided.episodes), len(setting.grid) - 2
    taken = np.zeros(len(setting.grid), dtype=np.bool_)
    for episode in decided.episodes:
        taken[episode.first.span.decided : episode.leave + 1] = True
    taken[[each.day0 for each in setting.occasions.every if each.day0 < len(taken)]] = True
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


def joined(plans: Sequence[Planned]) -> Planned:
    """Put plans of one episode each behind each other; the first is of none."""
    sizes = [len(each.plan) for each in plans]
    numbers = np.repeat(np.arange(-1, len(plans) - 1), sizes)
    parts = {
        name: np.concatenate([getattr(each.plan, name) for each in plans])
        for name in Plan.__slots__
        if name != "episode"
    }
    due, ways = (
        np.concatenate([getattr(each, name) for each in plans]) for name in ("due", "ways")
    )
    return Planned(Plan(**parts, episode=numbers), due, ways, plans[0].at_close)
