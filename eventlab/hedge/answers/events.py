"""Event by event: what the book did, what the hedge gave, what each cost was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from eventlab.hedge.answers.instants import moment
from eventlab.hedge.ratios.choose import ideal_ratio
from eventlab.hedge.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from eventlab.hedge.answers.flows import Flows
    from eventlab.hedge.episodes import Episode
    from eventlab.hedge.plan import Planned
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Simulation

__all__ = ["EVENT_COLUMNS", "LEG_COLUMNS", "RATIO_COLUMNS", "Stretch", "event_tables", "stretches"]

EVENT_COLUMNS = [
    "occurrence", "event", "also", "title", "event_session", "entered_at", "exited_at", "bars",
    "equity", "unhedged", "hedge", "fees", "slippage", "borrow", "funding", "interest", "hedged",
    "unhedged_return", "hedged_return", "hedge_ratio", "ideal_ratio", "complete", "note",
]  # fmt: skip
LEG_COLUMNS = [
    "occurrence", "event", "symbol", "role", "weight", "pnl", "fees", "slippage", "borrow",
    "funding",
]  # fmt: skip
RATIO_COLUMNS = [
    "occurrence", "event", "decided_at", "symbol", "ratio", "ideal_ratio", "n", "note",
]  # fmt: skip


class Stretch(NamedTuple):
    """The points of one episode: money counts after the first of them up to the last."""

    first: int
    last: int
    complete: bool


def stretches(planned: Planned, run: Simulation, episodes: Sequence[Episode]) -> list[Stretch]:
    """Find from where to where each episode's money counts.

    From the point at which its entry was due, or of its first order where that was brought
    forward, to that of its exit, or of its last order where that was rolled further; to the end of
    prices where it is still on.
    """
    plan, end = planned.plan, len(run.equity) - 1
    due = due_points(planned)
    of_order = np.where(
        run.order_decision >= 0, plan.episode[np.maximum(run.order_decision, 0)], -1
    )
    found = []
    for number, _ in enumerate(episodes):
        own = plan.episode == number
        first = int(due[own & (plan.kind == Kind.ENTER)].max())
        last = int(due[own & (plan.kind == Kind.EXIT)].max())
        orders = run.order_point[of_order == number]
        stopped = orders[run.order_kind[of_order == number] == Kind.STOP]
        if len(stopped):
            last = int(stopped.max())
        elif len(orders):
            last = max(last, int(orders.max()))
        first = min([first, *orders.tolist()])
        if run.liquidated >= 0:
            last = min(last, max(run.liquidated, first))
        found.append(Stretch(first, min(last, end), last <= end))
    return found


def due_points(planned: Planned) -> npt.NDArray[np.int64]:
    """(D,): the point at which each decision was due, whatever became of its orders."""
    return np.asarray(2 * (planned.plan.decided + 1) + planned.at_close)


def event_tables(
    setting: Setting,
    planned: Planned,
    run: Simulation,
    flows: Flows,
    episodes: Sequence[Episode],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Tabulate episodes, their legs and their ratios; columns as of `Backtest`."""
    events: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    ratios: list[dict[str, Any]] = []
    for number, (episode, span) in enumerate(
        zip(episodes, stretches(planned, run, episodes), strict=True)
    ):
        used = ratio_rows(setting, planned, episode, number, span)
        events.append(event_row(setting, episode, span, run, flows, ratios=used))
        legs += leg_rows(setting, episode, span, run, flows)
        ratios += used
    return (
        pd.DataFrame(events, columns=EVENT_COLUMNS),
        pd.DataFrame(legs, columns=LEG_COLUMNS),
        pd.DataFrame(ratios, columns=RATIO_COLUMNS),
    )


def event_row(
    setting: Setting,
    episode: Episode,
    span: Stretch,
    run: Simulation,
    flows: Flows,
    *,
    ratios: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """One episode as a row of `EVENT_COLUMNS`."""
    occasion, grid = episode.first.span.occasion, setting.grid
    since = slice(span.first, span.last + 1)
    money = {name: float(getattr(flows, name)[since].sum()) for name in ("fees", "slippage")}
    held = slice(span.first + 1, span.last + 1)
    money |= {
        name: float(getattr(flows, name)[held].sum()) for name in ("borrow", "funding", "interest")
    }
    entry_costs = float(flows.fees[span.first].sum() + flows.slippage[span.first].sum())
    equity = float(run.equity[span.first]) + entry_costs
    earned = float(flows.pnl[held].sum())
    unhedged = book_move(setting, episode, span, flows, equity)
    costs = math.fsum(money[name] for name in ("fees", "slippage", "borrow", "funding"))
    shortfall = run.shortfall if span.first <= run.liquidated <= span.last else 0.0
    hedged = earned - costs + money["interest"] + shortfall
    at_entry = [each for each in ratios if each["decided_at"] == ratios[0]["decided_at"]]
    notes = dict.fromkeys(entry.note for entry in episode.entries if entry.note)
    return {
        "occurrence": occasion.occurrence,
        "event": occasion.event,
        "also": ", ".join(entry.span.occasion.name for entry in episode.entries[1:]),
        "title": occasion.title,
        "event_session": pd.Timestamp(occasion.session),
        "entered_at": moment(grid.instants[span.first]),
        "exited_at": moment(grid.instants[span.last]) if span.complete else pd.NaT,
        "bars": span.last // 2 - span.first // 2,
        "equity": equity,
        "unhedged": unhedged,
        "hedge": earned - unhedged,
        **money,
        "hedged": hedged,
        "unhedged_return": unhedged / equity if equity > 0 else np.nan,
        "hedged_return": hedged / equity if equity > 0 else np.nan,
        "hedge_ratio": _total(at_entry, "ratio"),
        "ideal_ratio": _total(at_entry, "ideal_ratio"),
        "complete": span.complete,
        "note": "; ".join(notes),
    }


def _total(ratios: Sequence[Mapping[str, Any]], name: str) -> float:
    """Sum the ratios of one decision; NaN without one."""
    return math.fsum(each[name] for each in ratios) if ratios else np.nan


def book_move(
    setting: Setting, episode: Episode, span: Stretch, flows: Flows, equity: float
) -> float:
    """Return what prices did to the book alone.

    That is the book as it was held where a hedge stood beside it. Of a strategy without one, which
    changes the book itself (it steps aside, follows or fades), it is what equity at entry would
    have made in the book's own weights.
    """
    book = slice(0, setting.sleeves.n_book)
    outside = setting.strategy.exposure.outside
    kept = all(entry.multiple == outside for entry in episode.entries)
    if kept or setting.strategy.hedge is not None:
        return float(flows.pnl[span.first + 1 : span.last + 1, book].sum())
    total, row = 0.0, episode.first.span.decided
    marks = setting.grid.marks
    for sleeve in setting.sleeves.book:
        there = [a for a in sleeve.of(episode.first.span.occasion.issuer) if setting.fresh[row, a]]
        moves = [marks[span.last, a] / marks[span.first, a] - 1.0 for a in there]
        total += (outside or 1.0) * sleeve.weight * float(np.mean(moves))
    return total * equity


def leg_rows(
    setting: Setting, episode: Episode, span: Stretch, run: Simulation, flows: Flows
) -> Iterator[dict[str, Any]]:
    """Rows of `LEG_COLUMNS`: every leg that was held or traded."""
    since, held = slice(span.first, span.last + 1), slice(span.first + 1, span.last + 1)
    marks = np.nan_to_num(setting.grid.marks)
    for leg, symbol in enumerate(setting.grid.symbols):
        positions = run.shares[span.first : span.last + 1, leg]
        if not positions.any() and not flows.fees[since, leg].any():
            continue
        at = span.first + int(np.flatnonzero(positions)[0]) if positions.any() else span.first
        yield {
            "occurrence": episode.first.span.occasion.occurrence,
            "event": episode.first.span.occasion.event,
            "symbol": symbol,
            "role": "book" if leg < setting.sleeves.n_book else "hedge",
            "weight": float(run.shares[at, leg] * marks[at, leg] / run.equity[span.first])
            if run.equity[span.first] > 0
            else np.nan,
            "pnl": float(flows.pnl[held, leg].sum()),
            "fees": float(flows.fees[since, leg].sum()),
            "slippage": float(flows.slippage[since, leg].sum()),
            "borrow": float(flows.borrow[held, leg].sum()),
            "funding": float(flows.funding[held, leg].sum()),
        }


def ratio_rows(
    setting: Setting, planned: Planned, episode: Episode, number: int, span: Stretch
) -> list[dict[str, Any]]:
    """Rows of `RATIO_COLUMNS`: entries and new ratios of one episode."""
    hedge = setting.strategy.hedge
    if hedge is None:
        return []
    issuer = episode.first.span.occasion.issuer
    ideal = ideal_of(setting, issuer, span)
    plan, rows = planned.plan, []
    own = (plan.episode == number) & (plan.kind != Kind.EXIT)
    for at in np.flatnonzero(own):
        row = int(plan.decided[at])
        known = setting.ratios.get((hedge.ratio, issuer, row))
        for k, sleeve in enumerate(setting.sleeves.hedge):
            targets = plan.targets[at, list(sleeve.of(issuer))]
            if np.isnan(targets).all():
                continue
            rows.append(
                {
                    "occurrence": episode.first.span.occasion.occurrence,
                    "event": episode.first.span.occasion.event,
                    "decided_at": moment(setting.grid.instants[2 * row + 1]),
                    "symbol": sleeve.name,
                    "ratio": -float(np.nansum(targets)),
                    "ideal_ratio": float(ideal[k]),
                    "n": known.n if known else 0,
                    "note": known.note if known else "",
                }
            )
    return rows


def ideal_of(setting: Setting, issuer: str | None, span: Stretch) -> npt.NDArray[np.float64]:
    """(K,): ratios that would have minimised the variance of the episode's bars; NaN for puts."""
    if setting.put is not None:
        return np.full(1, np.nan)
    past = setting.history(issuer)
    first, last = past.last(span.first // 2), past.last(span.last // 2)
    return ideal_ratio(past.book[first:last], past.instruments[first:last])
