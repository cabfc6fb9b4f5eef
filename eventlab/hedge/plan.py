"""From episodes to the decisions of a plan: what is bought and sold, when, and what it rolls to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventlab.hedge.episodes import ratios_on
from eventlab.hedge.funding import missing_intervals
from eventlab.hedge.puts import put_ratio
from eventlab.hedge.rolls import MissingPrice, Roll
from eventlab.hedge.types import Kind, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.hedge.episodes import Accepted, Episode
    from eventlab.hedge.setting import Setting

__all__ = [
    "LEAD",
    "Draft",
    "Planned",
    "episode_drafts",
    "make_plan",
    "place",
    "rebalance_rows",
    "start",
    "start_row",
]

LEAD = 20  # bars that the book is held before the first entry is decided


class Draft(NamedTuple):
    """One decision before its orders are placed: targets by leg, NaN where it is left alone.

    ``ratio_of`` is the issuer and the row that the hedge's ratios are of, where they are of any;
    ``due_bar`` the closed bar that its orders were due in, where they were brought forward.
    """

    decided: int
    kind: Kind
    episode: int
    targets: npt.NDArray[np.float64]
    of_equity: npt.NDArray[np.bool_]
    stop: float = np.nan
    movable: bool = False  # whether a closed session's order can be decided earlier
    ratio_of: tuple[str | None, int] | None = None
    due_bar: int = -1


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what every order of it was meant to be.

    Attributes
    ----------
    due
        (D, A) int64: the point that each order was due at; -1 where there is none.
    ways
        (D, A) int8: the `Roll` it took.
    based_on
        Per decision the issuer and the row that its hedge ratios are of; None where it sets none.
    """

    plan: Plan
    due: npt.NDArray[np.int64]
    ways: npt.NDArray[np.int8]
    at_close: int  # 1 where orders are due at closes, 0 at opens
    based_on: tuple[tuple[str | None, int] | None, ...] = ()


def make_plan(
    setting: Setting, episodes: Sequence[Episode], *, since: Sequence[Episode] | None = None
) -> Planned:
    """Place the decisions of a strategy's episodes.

    It starts when the strategy of the episodes ``since`` does, its own unless given.

    Raises
    ------
    MissingPrice
        An order is due where its price lacks in an open market, and ``missing`` is raise.
    """
    return place(setting, draft_plan(setting, episodes, since or episodes))


def draft_plan(
    setting: Setting, episodes: Sequence[Episode], since: Sequence[Episode]
) -> list[Draft]:
    """List the decisions of a strategy in order of time."""
    drafts = list(start(setting, since))
    for number, episode in enumerate(episodes):
        drafts += episode_drafts(setting, episode, number)
    drafts += ended_legs(setting)
    return sorted(drafts, key=lambda each: each.decided)


def start_row(setting: Setting, episodes: Sequence[Episode]) -> int:
    """Row at whose close the book is first decided: `LEAD` bars before the first entry."""
    first = min((each.first.span.decided for each in episodes), default=len(setting.grid) - 2)
    priced = np.ones(len(setting.grid), dtype=np.bool_)
    for sleeve in setting.sleeves.book:
        priced &= setting.fresh[:, sleeve.legs].any(axis=1)
    unfunded = missing_intervals(setting.funding, setting.grid)
    for sleeve in setting.sleeves.book:
        if sleeve.single:
            priced &= ~unfunded[:, sleeve.legs[0]]
            priced[:-1] &= setting.grid.trades[1:, sleeve.legs[0]]
    rows = np.flatnonzero(priced[: first + 1])
    early = rows[rows <= first - LEAD]
    if len(early):
        return int(early[-1])
    return int(rows[0]) if len(rows) else first


def start(setting: Setting, episodes: Sequence[Episode]) -> Iterator[Draft]:
    """Buy the book that is held outside of episodes; where none is, the capital earns interest."""
    if not episodes:
        return
    row, outside = start_row(setting, episodes), setting.strategy.exposure.outside
    targets, of_equity = book_targets(setting, row, outside, None)
    yield Draft(row, Kind.START, -1, np.where(outside == 0, np.nan, targets), of_equity)


def episode_drafts(setting: Setting, episode: Episode, number: int) -> Iterator[Draft]:
    """List the decisions of one episode: entries, new ratios, the exit."""
    held = np.zeros(len(setting.grid.symbols), dtype=np.bool_)
    book_set = False
    rows = rebalance_rows(setting, episode)
    ratios = ratios_on(setting, [(episode.first.span.occasion.issuer, row) for row in rows])
    later = dict(zip(rows, ratios, strict=True))
    for at, entry in enumerate(episode.entries):
        kind = Kind.REBALANCE if at else Kind.ENTER
        sets_book = entry.resets or changes_book(setting, entry.multiple)
        if at and setting.put is not None and not sets_book:
            continue  # the put that is held covers the book: to size it anew would trade dust
        targets, of_equity = entry_targets(setting, entry, sets_book=sets_book)
        held |= np.isfinite(targets)
        book_set |= sets_book
        stop = setting.strategy.limits.stop if at == 0 else None
        row = entry.span.decided
        later.pop(row, None)
        yield Draft(
            row, kind, number, targets, of_equity, np.nan if stop is None else stop,
            movable=foreseen(setting), ratio_of=(entry.span.occasion.issuer, row),
        )  # fmt: skip
    for row, (values, _) in later.items():
        if np.isfinite(values).all():
            issuer = episode.first.span.occasion.issuer
            targets, of_equity = hedge_targets(setting, row, values, issuer)
            held |= np.isfinite(targets)
            yield Draft(row, Kind.REBALANCE, number, targets, of_equity, ratio_of=(issuer, row))
    yield leave_draft(setting, episode, number, held, book_set=book_set)


def foreseen(setting: Setting) -> bool:
    """Whether entries are known long before; a put is not: it is struck when it is decided."""
    strategy = setting.strategy
    enter = strategy.when.enter
    return strategy.signal is None and isinstance(enter, int) and enter <= 0 and not setting.put


def rebalance_rows(setting: Setting, episode: Episode) -> list[int]:
    """Rows at whose close the hedge is decided anew between entry and exit."""
    rule = setting.strategy.when.rebalance
    if rule == "none" or setting.strategy.hedge is None:
        return []
    first = episode.first.span.decided + 1
    rows = range(first, min(episode.leave - 2, len(setting.grid) - 1))
    if rule == "daily":
        return list(rows)
    weeks = (setting.grid.clock.days.astype("datetime64[D]").astype(np.int64) + 3) // 7
    return [row for row in rows if weeks[row + 1] != weeks[row]]


def changes_book(setting: Setting, multiple: float) -> bool:
    """Whether an entry sets the book: another multiple than outside, or a group to form anew."""
    grouped = any(not each.single for each in setting.sleeves.book)
    return grouped or multiple != setting.strategy.exposure.outside


def entry_targets(
    setting: Setting, entry: Accepted, *, sets_book: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Targets (A,) of one entry, and whether each is a weight of equity."""
    row, issuer = entry.span.decided, entry.span.occasion.issuer
    ratios = put_ratio(setting, row) if setting.put else entry.ratios
    targets, of_equity = hedge_targets(setting, row, ratios, issuer)
    if sets_book:
        book, _ = book_targets(setting, row, entry.multiple, issuer)
        legs = np.arange(len(book)) < setting.sleeves.n_book
        targets = np.where(legs, book, targets)
        of_equity = of_equity | legs
    return targets, of_equity


def book_targets(
    setting: Setting, row: int, multiple: float, issuer: str | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Weights of equity (A,) of the book; members without a price are left alone."""
    targets = np.full(len(setting.grid.symbols), np.nan)
    for sleeve in setting.sleeves.book:
        spread(targets, setting, sleeve.of(issuer), row, multiple * sleeve.weight)
    return targets, np.ones(len(targets), dtype=np.bool_)


def hedge_targets(
    setting: Setting, row: int, ratios: npt.NDArray[np.float64], issuer: str | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Values (A,) of the hedge per gross value of the book: the ratios with their signs turned."""
    targets = np.full(len(setting.grid.symbols), np.nan)
    for sleeve, ratio in zip(setting.sleeves.hedge, ratios, strict=False):
        spread(targets, setting, sleeve.of(issuer), row, -float(ratio))
    return targets, np.zeros(len(targets), dtype=np.bool_)


def spread(
    targets: npt.NDArray[np.float64], setting: Setting, legs: Sequence[int], row: int, total: float
) -> None:
    """Share a target equally among the legs that have a price."""
    there = [leg for leg in legs if setting.fresh[row, leg]]
    for leg in there:
        targets[leg] = total / len(there)


def leave_draft(
    setting: Setting, episode: Episode, number: int, held: npt.NDArray[np.bool_], *, book_set: bool
) -> Draft:
    """Close the hedge, and bring the book back to what is held outside."""
    row = episode.leave - 1
    targets = np.where(held, 0.0, np.nan)
    outside = setting.strategy.exposure.outside
    resets = setting.strategy.exposure.reset == "exit"
    if outside != 0 and (book_set or resets):
        known = min(row, len(setting.grid) - 1)
        book, _ = book_targets(setting, known, outside, episode.first.span.occasion.issuer)
        same = all(entry.multiple == outside for entry in episode.entries)
        legs = np.arange(len(book)) < setting.sleeves.n_book
        targets = np.where(legs, np.nan if same and not resets else book, targets)
    movable = isinstance(setting.strategy.when.exit, int)
    of_equity = np.ones(len(targets), dtype=np.bool_)
    return Draft(row, Kind.EXIT, number, targets, of_equity, movable=movable)


def ended_legs(setting: Setting) -> Iterator[Draft]:
    """Close legs whose prices have ended, at their last one."""
    for leg, row in setting.ends.items():
        if row >= 1:
            targets = np.full(len(setting.grid.symbols), np.nan)
            targets[leg] = 0.0
            of_equity = np.ones(len(targets), dtype=np.bool_)
            yield Draft(row - 1, Kind.EXIT, -1, targets, of_equity)


def place(setting: Setting, drafts: Sequence[Draft]) -> Planned:
    """Give every order its point; what falls on a closed session goes where the rolls say.

    Raises
    ------
    MissingPrice
        As `make_plan`.
    """
    legs, rolls = len(setting.grid.symbols), setting.rolls()
    moved = [one for draft in drafts for one in advanced(setting, draft)]
    ordered = sorted(moved, key=lambda each: each.decided)
    size = (len(ordered), legs)
    decided = np.array([each.decided for each in ordered], dtype=np.int64)
    targets = np.array([each.targets for each in ordered]).reshape(size)
    for leg, row in setting.ends.items():
        targets[decided >= row, leg] = np.nan  # it has been closed, and has no price any more
    asked = np.isfinite(targets)
    bars = [due_bar(setting, each) for each in ordered]
    points = np.where(asked, rolls.points[bars], -1)
    ways = np.where(asked, rolls.ways[bars], Roll.AS_DUE).astype(np.int8)
    due = np.where(asked, rolls.due[bars][:, None], -1)
    for number, draft in enumerate(ordered):
        settled = draft.kind == Kind.EXIT and draft.episode == -1
        if settled:
            close = 2 * (draft.decided + 1) + 1
            points[number] = np.where(asked[number], close, -1)
            due[number] = points[number]
            ways[number] = Roll.AS_DUE
    early = (ways == Roll.PREVIOUS_CLOSE) & (points <= 2 * decided[:, None] + 1)
    points[early] = -1
    refuse_missing(setting, ordered, due, ways)
    plan = Plan(
        decided=decided,
        kind=np.array([each.kind for each in ordered], dtype=np.int64),
        episode=np.array([each.episode for each in ordered], dtype=np.int64),
        targets=np.ascontiguousarray(targets),
        of_equity=np.array([each.of_equity for each in ordered], dtype=np.bool_).reshape(size),
        points=np.ascontiguousarray(points),
        stop=np.array([each.stop for each in ordered], dtype=np.float64),
    )
    at_close = int(setting.strategy.when.fill == "close")
    return Planned(plan, due, ways, at_close, tuple(each.ratio_of for each in ordered))


def due_bar(setting: Setting, draft: Draft) -> int:
    """Bar that the orders of a draft are due in, T for all after the end of prices."""
    return min(draft.decided + 1 if draft.due_bar < 0 else draft.due_bar, len(setting.grid))


def advanced(setting: Setting, draft: Draft) -> Iterator[Draft]:
    """Split off orders that ``previous_close`` brings forward, decided a bar before that close.

    Only what was known long before can be: scheduled entries and exits without a signal.
    """
    if setting.strategy.when_closed != "previous_close":
        yield draft
        return
    bar, rolls = due_bar(setting, draft), setting.rolls()
    points = rolls.points[bar]
    early = np.isfinite(draft.targets) & (rolls.ways[bar] == Roll.PREVIOUS_CLOSE) & (points >= 2)
    rows = np.where(early, points // 2 - 1, -1)
    stop = draft.stop
    if draft.movable:
        for row in np.unique(rows[early]).tolist():
            one = earlier(setting, draft, rows == row, row)
            gone = np.isfinite(one.targets)
            if gone.any():
                yield one._replace(stop=stop)
                draft = draft._replace(targets=np.where(gone, np.nan, draft.targets), stop=np.nan)
                stop = np.nan  # the loss counts from the first of them
    yield draft


def earlier(setting: Setting, draft: Draft, legs: npt.NDArray[np.bool_], row: int) -> Draft:
    """Decide some orders of a draft at an earlier row; NaN where no ratio is known there.

    What hedges a book that is set by the same draft is sized by the book to come.
    """
    targets, of_equity, based_on = draft.targets, draft.of_equity, None
    if draft.ratio_of is not None and not of_equity[legs].all():
        based_on = draft.ratio_of[0], row
        values, _ = ratios_on(setting, [based_on])[0]
        anew, _ = hedge_targets(setting, row, values, based_on[0])
        book = targets[: setting.sleeves.n_book]
        if np.isfinite(book).any():
            anew = anew * np.nansum(np.abs(book))
        targets = np.where(of_equity, targets, anew)
        of_equity = of_equity | np.isfinite(book).any()
    return draft._replace(
        decided=row,
        targets=np.where(legs, targets, np.nan),
        of_equity=of_equity,
        ratio_of=based_on,
        due_bar=draft.decided + 1,
    )


def refuse_missing(
    setting: Setting,
    drafts: Sequence[Draft],
    due: npt.NDArray[np.int64],
    ways: npt.NDArray[np.int8],
) -> None:
    """Raise a named error for orders whose price lacks."""
    lacking = np.argwhere(ways == Roll.MISSING)
    if not len(lacking):
        return
    lines = [
        f"{setting.strategy.strategy}: "
        + lacking_words(setting, int(due[number, leg]), int(leg), drafts[number].kind)
        for number, leg in lacking[:5]
    ]
    more = f"\nand {len(lacking) - 5} more" if len(lacking) > 5 else ""
    raise MissingPrice(
        "\n".join(lines) + more + "\nSupply the price, move the window, or set missing: roll"
    )


def lacking_words(setting: Setting, point: int, leg: int, kind: Kind) -> str:
    """Say which price lacks for an order that is due at a point."""
    grid, bar, order = setting.grid, point // 2, f"an order ({kind.name.lower()})"
    symbol, days = grid.symbols[leg], grid.clock.days
    if grid.trades[bar, leg]:
        price = "close" if point % 2 else "open"
        return f"no {price} of {symbol} on {days[bar]}, when its market was open and {order} is due"
    sessions = np.flatnonzero(grid.trades[:, leg])
    if setting.strategy.when_closed == "previous_close":
        price, session = "close", sessions[sessions < bar][-1]
    else:
        price, session = "price", sessions[sessions > bar][0]
    return (
        f"no {price} of {symbol} on {days[session]}, to which {order} is moved that is due on "
        f"{days[bar]}, when its market was closed"
    )
