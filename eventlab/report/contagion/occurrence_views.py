"""The occurrences at which a pair changed, where an event has many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.report.contagion.layout import Column, blank, lay_out, listed, number, p_of, words
from eventlab.report.contagion.views import CHANGED, bar_words, level_of, with_pvalues
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["changed", "changed_said"]


def changed(result: EventContagion, bar: str) -> View:
    """Lay out the pairs whose correlation changed at an occurrence, the latest first."""
    table = result.pairs[(result.pairs["bar"] == bar) & result.pairs["verdict"].isin(CHANGED)]
    days = result.occurrences.drop_duplicates("occurrence").set_index("occurrence")
    if len(days) < 2 or table.empty:
        return blank()
    table = table.assign(day=table["occurrence"].map(days["event_session"]))
    table = table.sort_values("day", ascending=False, kind="stable")
    columns = (
        Column("occurrence", words("occurrence"), numeric=False),
        Column("target", words("target"), numeric=False),
        Column("calm", lambda row: number(row["rho_calm"])),
        Column("crisis", lambda row: number(row["rho_crisis"])),
        Column("at calm variance", lambda row: number(row["rho_adjusted"])),
        Column("p", p_of("change_p")),
        Column("p, all pairs", p_of("change_family")),
        Column("p of link", p_of("link_p")),
        Column("link, all pairs", p_of("link_family")),
        Column("verdict", words("verdict"), numeric=False),
    )
    return lay_out(
        f"Occurrences at which a pair changed, in {bar_words(bar)}. {_by_chance(result, bar)}",
        with_pvalues(table, result.tests),
        columns,
        most=40,
        file="contagion_pairs.csv",
    )


def changed_said(result: EventContagion, bar: str) -> str:
    """Say how many occurrences had contagion; nothing of a single occurrence."""
    own = result.pairs[(result.pairs["bar"] == bar) & (result.pairs["verdict"] != "")]
    total = own["occurrence"].unique()
    if len(total) < 2:
        return ""
    reached = own[own["verdict"] == "contagion"]
    where = reached["occurrence"].unique().tolist()
    if not where:
        return f"No pair has the verdict contagion at any of {len(total)} occurrences."
    return (
        f"{counted(len(reached), 'pair')} of {len(own):,} at single occurrences had the verdict "
        f"contagion, at {listed(where, 3)}. {_by_chance(result, bar)}"
    )


def _by_chance(result: EventContagion, bar: str) -> str:
    """Say at how many occurrences chance alone would change something.

    P-values account for all pairs of an occurrence, not for all occurrences.
    """
    own = result.pairs[(result.pairs["bar"] == bar) & (result.pairs["verdict"] != "")]
    n = len(own["occurrence"].unique())
    level = level_of(result)
    return f"Chance alone would change one at up to {level:.0%} of them: {n * level:.1f} of {n}."
