"""The contagion of one event in a sentence, with its doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion import views
from eventlab.report.contagion.layout import number, signed
from eventlab.report.numbers import counted, pvalue

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.contagion.results import EventContagion

__all__ = ["Spoken", "spoken"]

# What each verdict says of the targets that have it, the strongest first.
MEANING: Final = {
    "contagion": "the link itself became stronger",
    "interdependence": "they move more together, no more than the source's own variance explains",
    "common volatility shock": "the variance of both rose, the link did not change",
    "no change": "nothing changed that the windows would have shown",
    "underpowered": "the windows are too short to tell",
}
MOST_NAMED: Final = 4
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The answer, what it means for each verdict, and the reasons for doubt, strongest first."""

    sentence: str
    lines: tuple[str, ...]
    doubts: tuple[str, ...]
    occurrence: str


def spoken(result: EventContagion) -> Spoken:
    """Say what travelled: at the latest occurrence, and on average over all of them."""
    occurrence = views.focus(result)
    if not occurrence:
        reason = _why_not(result)
        return Spoken(f"No pair could be tested: {reason}.", (), (), "")
    found = views.named(result, result.pairs)
    found = found[found["occurrence"] == occurrence]
    bar = views.bars(result)[0]
    own = found[found["bar"] == bar]
    lines = [*_verdict_lines(own), *_other_bars(found, bar), *_average_line(result)]
    return Spoken(
        _sentence(result, own, occurrence), tuple(lines), _doubts(result, own), occurrence
    )


def _sentence(result: EventContagion, own: pd.DataFrame, occurrence: str) -> str:
    source = own["source"].iloc[0]
    reached = own[own["verdict"] == "contagion"]
    when = f"at {occurrence}" if len(result.occurrences) > 1 else ""
    total = counted(int((own["verdict"] != "").sum()), "pair")
    if reached.empty:
        most = _strongest(result, own)
        return " ".join(
            f"No pair of {total} shows that the shock of {source} {when} travelled{most}.".split()
        )
    first = reached.iloc[0]
    change = f"{number(first['rho_calm'])} to {number(first['rho_crisis'])}"
    return " ".join(
        f"The shock of {source} {when} travelled to {_named(reached['target'].tolist())}: "
        f"correlation with {first['target']} went from {change}, beyond what the variance of "
        f"{source} explains ({len(reached)} of {total}).".split()
    )


def _strongest(result: EventContagion, own: pd.DataFrame) -> str:
    """Name the smallest placebo p, which is the nearest thing to a finding."""
    keys = ["bar", "occurrence", "source", "target"]
    tests = result.tests
    fisher = tests[(tests["test"] == "fisher") & (tests["kind"] == "raw")]
    joined = own[keys].merge(fisher, on=keys)
    joined = joined[joined["placebo_pvalue"].notna()]
    if joined.empty:
        return ""
    least = joined.sort_values("placebo_pvalue", kind="stable").iloc[0]
    said = f"; the nearest is {least['target']}, placebo p {pvalue(least['placebo_pvalue'])}"
    if len(own) > 1:
        said += f" by itself and {pvalue(least['romano_wolf_pvalue'])} with all pairs tried"
    return said


def _verdict_lines(own: pd.DataFrame) -> list[str]:
    lines = []
    for verdict, meaning in MEANING.items():
        names = own.loc[own["verdict"] == verdict, "target"].tolist()
        if names:
            lines.append(f"{verdict.capitalize()}: {_named(names)}; {meaning}.")
    untested = own.loc[own["verdict"] == "", "target"].tolist()
    if untested:
        lines.append(f"Not tested: {_named(untested)}.")
    return lines


def _other_bars(found: pd.DataFrame, first: str) -> list[str]:
    lines = []
    for bar in dict.fromkeys(found["bar"]):
        own = found[found["bar"] == bar]
        if bar != first:
            counts = own.loc[own["verdict"] != "", "verdict"].value_counts()
            said = ", ".join(f"{counts[name]} {name}" for name in MEANING if name in counts)
            lines.append(f"In bars of {bar.replace('min', ' minutes')}: {said or 'none tested'}.")
    return lines


def _average_line(result: EventContagion) -> list[str]:
    table = result.averages
    if table.empty:
        return []
    table = views.named(result, table)
    own = table[(table["tag"] == views.ALL) & (table["verdict"] != "") & (table["n_events"] > 1)]
    if own.empty:
        return []
    n = int(own["n_events"].max())
    reached = own.loc[own["verdict"] == "contagion", "target"].tolist()
    if reached:
        return [f"On average over {counted(n, 'event')}: contagion to {_named(reached)}."]
    known = own[own["change"].notna()]
    if known.empty:
        return []
    place = int(known["change"].abs().to_numpy().argmax())
    change, target = known["change"].iloc[place], known["target"].iloc[place]
    said = (
        f"On average over {counted(n, 'event')} no pair shows contagion; the largest change of "
        f"correlation is {signed(change)} ({target})."
    )
    return [said]


def _doubts(result: EventContagion, own: pd.DataFrame) -> tuple[str, ...]:
    doubts = []
    occurrence = own["occurrence"].iloc[0]
    rows = result.occurrences[result.occurrences["occurrence"] == occurrence]
    confounders = [text for text in rows["confounders"] if text]
    if confounders:
        doubts.append(f"Other news fell into the windows: {confounders[0]}.")
    crisis = own.loc[own["n_crisis"] > 0, "n_crisis"]
    blind = own.loc[~own["detectable"].map(math.isfinite), "target"]
    if len(crisis):
        doubts.append(
            f"The crisis window has {int(crisis.min())} bars"
            + (
                f"; for {len(blind)} of {len(own)} targets no change could be shown"
                * bool(len(blind))
            )
            + "."
        )
    if len(own) > 1:
        doubts.append(
            f"{len(own)} targets were tried: p-values of one pair do not account for the others, "
            "those over targets do."
        )
    return tuple(doubts)


def _why_not(result: EventContagion) -> str:
    notes = [note for note in result.pairs.get("note", []) if note]
    reasons = [reason for reason in result.exclusions.get("reason", []) if reason]
    return str((notes or reasons or ["no occurrence has prices in both windows"])[0])


def _named(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
