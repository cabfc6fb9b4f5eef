"""The contagion of one event in a sentence, with its doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion import lead_views, occurrence_views, views
from eventlab.report.contagion.layout import at, listed, number, signed
from eventlab.report.numbers import counted, integer, pvalue

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion

__all__ = ["Spoken", "average_pairs", "spoken"]

MOST_NEWS: Final = 2  # confounders that are named, the nearest first; the page lists all


@dataclass(frozen=True, slots=True)
class Spoken:
    """The answer, what it means for each verdict, and the reasons for doubt, strongest first."""

    sentence: str
    lines: tuple[str, ...]
    doubts: tuple[str, ...]
    occurrence: str


def spoken(result: EventContagion) -> Spoken:
    """Say what travelled: on average over repeated events, and at the one described in full."""
    occurrence = views.focus(result)
    if not occurrence:
        return Spoken(f"No pair could be tested: {_why_not(result).rstrip('.')}.", (), (), "")
    found = views.named(result, at(result.pairs, occurrence))
    bar = next(bar for bar in views.bars(result) if (_tested(found)["bar"] == bar).any())
    own = views.with_pvalues(found[found["bar"] == bar], at(result.tests, occurrence))
    source = str(own["source"].iloc[0])
    several = len(set(result.occurrences["occurrence"])) > 1
    shock = f"the shock of {source} at {occurrence}" if several else f"the shock of {source}"
    sentence = _sentence(own, shock)
    named = result.event.contagion.source if result.event.contagion else source
    average = _average(result, source if named == source else "the issuer")
    lines = [
        *filter(None, [occurrence_views.changed_said(result, bar)]),
        *((sentence,) if average else ()),
        *(_verdict_lines(own) if len(set(own["verdict"])) > 1 else ()),
        *_could_have_shown(own, views.family_size(result, occurrence, bar)),
        *_other_bars(found, bar),
        *_order_line(result, occurrence),
        *lead_views.marks_said(result, occurrence),
    ]
    doubts = _doubts(result, _tested(own), occurrence)
    return Spoken(average or sentence, tuple(lines), doubts, occurrence)


def average_pairs(result: EventContagion) -> pd.DataFrame:
    """Return the averages over several events that the answer speaks of; no row where none are."""
    if result.averages.empty:
        return result.averages
    table = _tested(views.named(result, result.averages))
    table = table[(table["tag"] == views.ALL) & (table["n_events"] > 1)]
    return table[table["bar"] == table["bar"].iloc[0]] if len(table) else table


def _tested(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["verdict"] != ""]


def _sentence(own: pd.DataFrame, shock: str) -> str:
    """Answer for one occurrence."""
    tested = _tested(own)
    source, total = tested["source"].iloc[0], counted(len(tested), "pair")
    reached = tested[tested["verdict"] == "contagion"]
    if len(reached):
        first = reached.iloc[0]
        change = f"{number(first['rho_calm'])} to {number(first['rho_crisis'])}"
        return _capital(
            f"{shock} travelled to {listed(reached['target'].tolist())}: correlation with "
            f"{first['target']} went from {change}, more than the variance of {source} explains "
            f"({len(reached)} of {total})."
        )
    return _capital(_nothing(tested, shock, total))


def _nothing(tested: pd.DataFrame, shock: str, total: str, over: str = "") -> str:
    """Answer where no pair has the verdict contagion, no surer than the verdicts are."""
    verdicts = set(tested["verdict"])
    unchanged = f"none of {total} changed" if len(tested) > 1 else "the pair did not change"
    if verdicts == {"underpowered"}:
        return (
            f"whether {shock} travelled{over} cannot be told: {unchanged} beyond chance, and"
            " a change worth knowing could have gone unseen."
        )
    if verdicts == {"no change"}:
        return f"{shock} did not travel{over}: {unchanged}, and would have shown it."
    return f"nothing shows that {shock} travelled to any of {counted(len(tested), 'target')}{over}."


def _average(result: EventContagion, source: str) -> str:
    """Answer on average over repeated events; nothing where there are none."""
    own = average_pairs(result)
    if own.empty:
        return ""
    total = counted(len(own), "pair")
    over = f"over {counted(int(own['n_events'].max()), 'event')}"
    reached = own[own["verdict"] == "contagion"]
    if len(reached):
        first = reached.iloc[0]
        return (
            f"On average {over} the shock of {source} travelled to "
            f"{listed(reached['target'].tolist())}: correlation with {first['target']} changed by "
            f"{signed(first['change'])}, more than the variance of {source} explains "
            f"({len(reached)} of {total})."
        )
    said = _nothing(own, f"the shock of {source}", total, f" on average {over}").rstrip(".")
    counts = own["verdict"].value_counts()
    if not set(counts.index) <= {"underpowered"} and not set(counts.index) <= {"no change"}:
        said += f" ({', '.join(f'{counts[n]} {n}' for n in views.MEANING if n in counts)})"
    return _capital(said) + _span(own["detectable"])


def _span(detectable: pd.Series[float]) -> str:
    """Say which changes of an average would have shown."""
    seen = detectable[detectable.map(math.isfinite)]
    if seen.empty:
        return "."
    low, high = signed(seen.min()), signed(seen.max())
    span = low if low == high else f"{low} to {high}, by pair"
    return f". A stronger link, a change of correlation of {span}, would have shown."


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _verdict_lines(own: pd.DataFrame) -> list[str]:
    lines = []
    for verdict, meaning in views.MEANING.items():
        names = own.loc[own["verdict"] == verdict, "target"].tolist()
        if names:
            lines.append(f"{verdict.capitalize()}: {listed(names, 6)}; {meaning}.")
    untested = own.loc[own["verdict"] == "", "target"].tolist()
    if untested:
        lines.append(f"Not tested: {listed(untested, 6)}.")
    return lines


def _could_have_shown(own: pd.DataFrame, tried: int) -> list[str]:
    """Say what was nearest to a finding, and which change the windows could have shown."""
    tested = _tested(own)
    if (tested["verdict"] == "contagion").any():
        return []
    lines = []
    known = tested[tested["change_p"].notna()]
    if len(known):
        least = known.sort_values("change_p", kind="stable").iloc[0]
        said = (
            f"Nearest to a finding: {least['target']}, correlation "
            f"{number(least['rho_calm'])} to {number(least['rho_crisis'])}, placebo p "
            f"{pvalue(least['change_p'])}"
        )
        family = f" alone and {pvalue(least['change_family'])} over all {tried} pairs tried"
        lines.append(said + (family if tried > 1 else "") + ".")
    seen = tested[tested["detectable"].map(math.isfinite)].sort_values("detectable")
    if len(seen):
        first, last = seen.iloc[0], seen.iloc[-1]
        span = f"{signed(first['detectable'])} ({first['target']})"
        if len(seen) > 1:
            span += f" to {signed(last['detectable'])} ({last['target']})"
        lines.append(f"What would have shown: a stronger link, a change of correlation of {span}.")
    return lines


def _other_bars(found: pd.DataFrame, first: str) -> list[str]:
    lines = []
    for bar in dict.fromkeys(found["bar"]):
        if bar != first:
            counts = _tested(found[found["bar"] == bar])["verdict"].value_counts()
            said = ", ".join(f"{counts[name]} {name}" for name in views.MEANING if name in counts)
            lines.append(f"In {views.bar_words(bar)}: {said or 'none tested'}.")
    return lines


def _order_line(result: EventContagion, occurrence: str) -> list[str]:
    """Return what the data say of the order, without the counts behind it."""
    said = lead_views.order_said(result, occurrence).split(": ")[0].rstrip(".")
    return [f"Order of the chain: {said[:1].lower()}{said[1:]}."] if said else []


def _doubts(result: EventContagion, own: pd.DataFrame, occurrence: str) -> tuple[str, ...]:
    doubts = []
    rows = at(result.occurrences, occurrence)
    news = next((str(text).split("; ") for text in rows["confounders"] if text), [])
    if news:
        more = f", and {len(news) - MOST_NEWS} more" if len(news) > MOST_NEWS else ""
        doubts.append(
            f"Other news: {'; '.join(news[:MOST_NEWS])}{more}. What moved then may be "
            "theirs: no test here can tell their effect from that of the event."
        )
    crisis = own.loc[own["n_crisis"] > 0, "n_crisis"]
    blind = own.loc[~own["detectable"].map(math.isfinite) & (own["verdict"] != ""), "target"]
    if len(crisis):
        short = f"The crisis window has {integer(crisis.min())} bars"
        if len(blind):
            short += f"; for {listed(blind.tolist())} no change could have been shown"
        doubts.append(f"{short}.")
    if _asymptotic(own):
        doubts.append(
            "There are too few placebo dates for some pairs: their p-values are asymptotic, and "
            "on short windows of fat-tailed returns these reject far too often."
        )
    left = len(result.exclusions)
    if left:
        doubts.append(f"{counted(left, 'exclusion')}, listed with their reasons.")
    return tuple(doubts)


def _asymptotic(own: pd.DataFrame) -> bool:
    return any("ASYMPTOTIC" in rule for rule in own["rule"].astype(str))


def _why_not(result: EventContagion) -> str:
    notes = [note for note in result.pairs.get("note", []) if note]
    reasons = [reason for reason in result.exclusions.get("reason", []) if reason]
    return str((notes or reasons or ["no occurrence has prices in both windows"])[0])
