"""The tables of a backtest event by event: what was made, by which leg, at which ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion.layout import (
    Column,
    Row,
    blank,
    count_of,
    instant,
    lay_out,
    number,
    rows_of,
    words,
)
from eventlab.report.hedge.measures import COSTS, episode_of, several_events
from eventlab.report.hedge.rest_views import pattern
from eventlab.report.hedge.wording import (
    change,
    is_put,
    label,
    money,
    share,
    true_minus,
    wording,
)
from eventlab.report.numbers import MISSING, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.hedge.results import Backtest
    from eventlab.report.views import View

__all__ = ["events", "legs", "ratios"]

MOST_EVENTS: Final = 100
MANY: Final = 3  # notes of one kind from which one stands for all
LONG_NOTE: Final = 36  # characters of a note that is said once


def events(result: Backtest) -> View:
    """Lay out episodes in order of time: the book, what was added, each cost, what was left."""
    said, capital = wording(result.strategy), result.strategy.capital
    several = several_events(result)

    table = result.events.assign(position=result.events["unhedged"] + result.events["hedge"])
    put = is_put(result.strategy)

    def over(key: str, name: str = "") -> Column:
        return _over_equity(name or said.compared(key), key, capital)

    moves = (over("unhedged"), over("hedge", said.part))
    if said.way == "trade":
        moves = (over("unhedged", "the book's own move"), over("position"))
    columns = (
        Column("event", lambda row: str(row["occurrence"]), _event(several=several), numeric=False),
        Column("day 0", lambda row: instant(row["event_session"]), _held, numeric=False),
        *moves,
        *(
            _cost_over_equity(kind, capital)
            for kind in (*COSTS, "interest")
            if (result.events[kind] != 0).any()
        ),
        over("hedged"),
        Column("premium", lambda row: share(-row["hedge_ratio"]))
        if put
        else Column("ratio", lambda row: number(row["hedge_ratio"])),
        Column("right ratio", lambda row: number(row["ideal_ratio"])),
        Column("note", _note(table), numeric=False),
    )
    what = "what was added to the book's own price move"
    what = "what prices did to it" if said.way == "trade" else what
    caption = (
        "Event by event. Percent of equity at entry, money below; "
        f"{'position' if said.way == 'trade' else said.part}: {what}, before costs."
    )
    if put:
        caption += " Premium: price of the puts over the value of the book, at entry."
    if (result.events["ideal_ratio"].notna()).any():
        caption += (
            " Right ratio: the one that would have left the least variance in the bars of the "
            "episode, known only afterwards; of so few bars it is rough."
        )
    return lay_out(caption, table, columns, most=MOST_EVENTS, file="backtest_events.csv")


def _over_equity(name: str, key: str, capital: float) -> Column:
    return Column(
        name,
        lambda row: change(row[key] / row["equity"] if row["equity"] > 0 else math.nan),
        lambda row: money(row[key], capital, sign=True),
    )


def _money_of(key: str, capital: float) -> Callable[[Row], str]:
    return lambda row: money(row[key], capital)


def _cost_over_equity(kind: str, capital: float) -> Column:
    """Write a cost as a share of equity: small ones, so without a sign where they are paid."""
    return Column(
        kind,
        lambda row: share(row[kind] / row["equity"] if row["equity"] > 0 else math.nan, 2),
        lambda row: money(row[kind], capital),
        wide=True,
    )


def _note(table: pd.DataFrame) -> Callable[[Row], str]:
    """Write notes; of those that differ in days and numbers only, the first for all."""
    parts = [part for note in table["note"] if note for part in str(note).split("; ")]
    alike: dict[str, list[str]] = {}
    for part in parts:
        alike.setdefault(pattern(part), []).append(part)

    def shown(part: str) -> str:
        own = alike.get(pattern(part), [part])
        if len(own) < MANY or len(set(own)) == 1 or len(part) < LONG_NOTE:
            return true_minus(part)
        return f"{true_minus(own[0])} (the first of {len(own)} such notes)"

    return lambda row: (
        "; ".join(map(shown, str(row["note"]).split("; "))) if row["note"] else MISSING
    )


def _event(*, several: bool) -> Callable[[Row], str]:
    """Name the event where there are several, and who shares the episode."""

    def below(row: Row) -> str:
        parts = [str(row["event"]) if several else "", f"with {row['also']}" if row["also"] else ""]
        return ", ".join(filter(None, parts))

    return below


def _held(row: Row) -> str:
    bars = counted(int(row["bars"]), "bar")
    return bars if row["complete"] else f"{bars}, still on at the end"


def legs(result: Backtest) -> View:
    """Lay out what every leg held and made, summed over episodes."""
    capital = result.strategy.capital
    table = result.legs
    if table.empty:
        return blank()
    sums = table.groupby(["role", "symbol"], sort=False)
    columns = ["pnl", *COSTS]
    rows = (
        sums[columns].sum().assign(weight=sums["weight"].mean(), episodes=sums["occurrence"].size())
    )
    shown = (
        Column("leg", lambda row: row["symbol"], numeric=False),
        Column("role", lambda row: row["role"], numeric=False),
        Column("episodes", count_of("episodes")),
        Column("mean weight", lambda row: change(row["weight"], 1)),
        Column("P&L", lambda row: money(row["pnl"], capital, sign=True)),
        *(Column(kind, _money_of(kind, capital)) for kind in COSTS if (table[kind] != 0).any()),
    )
    return lay_out(
        "What each leg made inside the episodes. In money, over all of them; weight: at entry, "
        "over equity; costs are paid where positive, received where negative",
        rows.reset_index(),
        shown,
        file="backtest_legs.csv",
    )


def ratios(result: Backtest) -> View:
    """Lay out every ratio that was used beside the right one."""
    if result.ratios.empty:
        return blank()
    owner = episode_of(result, result.ratios)
    several = several_events(result)
    names = [label(row, several=several) for row in rows_of(result.events)]
    columns = (
        Column("event", lambda row: row["name"], numeric=False),
        Column("decided", lambda row: instant(row["decided_at"]), numeric=False),
        Column("instrument", lambda row: row["symbol"], numeric=False),
        Column("ratio", lambda row: number(row["ratio"])),
        Column("right ratio", lambda row: number(row["ideal_ratio"])),
        Column("returns", count_of("n")),
        Column("note", words("note"), numeric=False),
    )
    return lay_out(
        "Ratio used against the ratio that would have been right, which is rough, as it rests on "
        "the bars of the episode alone. Value of the instrument sold per value of the book; "
        "returns: how many the ratio used was estimated on",
        result.ratios.assign(name=[names[at] for at in owner]),
        columns,
        most=MOST_EVENTS,
        file="backtest_ratios.csv",
    )
