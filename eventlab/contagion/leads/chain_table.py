"""The table of a chain: when each link first moved on the finest prices there are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.contagion.leads.chain import lead_after, move_row, order_in_words, order_of
from eventlab.contagion.leads.first_move import FirstMove, Setting, first_move
from eventlab.timeline.types import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.contagion.leads.prices import Moment, Prices
    from eventlab.contagion.system import System

__all__ = ["CHAIN_COLUMNS", "chain_table"]

Links = tuple[tuple[str, ...], ...]
Row = dict[str, Any]

CHAIN_COLUMNS: Final = [
    "occurrence",
    "link",
    "symbol",
    "first_move",
    "since",
    "minutes_after",
    "move",
    "threshold",
    "placebo_pvalue",
    "n_placebo",
    "bar_minutes",
    "previous",
    "order",
    "lead_minutes",
    "lead_correlation",
    "note",
]


def chain_table(
    system: System,
    links: Links,
    held: Mapping[str, Prices],
    moment: Moment | None,
    level: float,
) -> pd.DataFrame:
    """First moves of every name of the chain, then of the members of its baskets.

    Parameters
    ----------
    links
        Names by link, baskets among them.
    held
        Prices of every name.
    moment
        The news; None gives rows without numbers.

    Returns
    -------
    DataFrame
        The columns of `ChainOrder.moves` and: bar_minutes; previous, the first name of the link
        before, which lead_minutes (none where the two are unrelated at every lag) and
        lead_correlation are against, where both have bars inside days; order, against each name
        of the link before. The note of the source begins with the verdict on the whole chain.
    """
    if moment is None:
        why = "too few sessions on the clock around the news"
        rows = [_bare(place, name, why) for place, link in enumerate(links) for name in link]
    else:
        rows = _rows(system, links, held, moment, level)
    table = pd.DataFrame(rows).assign(occurrence=system.occurrence)
    return table.reindex(columns=CHAIN_COLUMNS)


def _rows(
    system: System, links: Links, held: Mapping[str, Prices], moment: Moment, level: float
) -> list[Row]:
    oldest = moment.news - moment.last_close
    setting = Setting(moment.news, moment.placebo, moment.end - moment.news, oldest, level)
    named = [name for link in links for name in link]
    inside = [one for name in named for one in system.members.get(name, ())]
    found = {name: _moved(held[name], setting) for name in dict.fromkeys((*named, *inside))}
    rows: list[Row] = []
    linked: list[tuple[FirstMove, FirstMove]] = []
    for place, link in enumerate(links):
        before = links[place - 1] if place else ()
        for name in link:
            pairs = [(found[one], found[name]) for one in before]
            linked += pairs
            row = _row(place, name, held[name], found[name], moment)
            row |= _lead(before, name, held, setting)
            row["order"] = ", ".join(
                f"{one}: {order_of(*pair)}" for one, pair in zip(before, pairs, strict=True)
            )
            rows.append(row)
    verdict = _joined(order_in_words(linked, level), _widest(named, held))
    rows[0]["note"] = _joined(verdict, rows[0]["note"])
    return rows + list(_members(links, system.members, held, found, moment))


def _moved(one: Prices, setting: Setting) -> FirstMove:
    if one.observed is None:
        return FirstMove(-1, -1, math.nan, math.nan, math.nan, 0, one.note)
    # The last bar before the news may end up to its width, or an hour, short of the close.
    slack = max(HOUR, one.bar_minutes * MINUTE)
    return first_move(one.observed, replace(setting, oldest=setting.oldest + slack))


def _row(link: int, name: str, one: Prices, found: FirstMove, moment: Moment) -> Row:
    row = {"link": link, **move_row(name, found, moment.news)}
    row["bar_minutes"] = one.bar_minutes if one.bar_minutes else math.nan
    row["note"] = _joined(*dict.fromkeys((found.note, one.note, moment.note)))
    return row


def _lead(before: tuple[str, ...], name: str, held: Mapping[str, Prices], setting: Setting) -> Row:
    if not before:
        return {"previous": ""}
    x, y = held[before[0]].intraday, held[name].intraday
    if x is None or y is None:
        return {"previous": before[0]}
    lead = lead_after(x, y, setting)
    unrelated = not lead.pvalue <= setting.level
    return {
        "previous": before[0],
        "lead_minutes": math.nan if unrelated else lead.minutes,
        "lead_correlation": lead.correlation,
    }


def _members(
    links: Links,
    groups: Mapping[str, tuple[str, ...]],
    held: Mapping[str, Prices],
    found: Mapping[str, FirstMove],
    moment: Moment,
) -> Iterator[Row]:
    named = {name for link in links for name in link}
    for place, link in enumerate(links):
        for group in link:
            for name in groups.get(group, ()):
                if name not in named:
                    row = _row(place, name, held[name], found[name], moment)
                    yield row | {"previous": "", "order": f"member of {group}"}


def _widest(named: list[str], held: Mapping[str, Prices]) -> str:
    widest = max((held[name].bar_minutes for name in named), default=0)
    if widest < HOUR // MINUTE:
        return ""
    inside = ", ".join(name for name in named if held[name].bar_minutes == widest)
    return f"bars of {widest} minutes ({inside}) cannot order what happens within one"


def _bare(link: int, name: str, why: str) -> Row:
    return {"link": link, "symbol": name, "n_placebo": 0, "order": "", "note": why}


def _joined(*said: str) -> str:
    return "; ".join(text for text in said if text)
