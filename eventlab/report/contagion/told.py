"""The contagion of an event in short: for the page of its study and for the first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.answer import Answer, Said
from eventlab.report.contagion import lead_views, views
from eventlab.report.contagion.figure_rows import figure_rows
from eventlab.report.contagion.layout import at
from eventlab.report.contagion.spoken import Spoken, average_pairs, spoken
from eventlab.report.numbers import counted, integer
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from eventlab.contagion.results import EventContagion

__all__ = ["PERIODS", "Told", "event_pictures", "event_rows", "tell", "travelled"]

PERIODS: Final = {"calm": "before", "event": "during", "after": "after"}
NOT_SHOWN: Final = {("no change",): "no", ("underpowered",): "cannot be told"}
ORDER: Final = {"open": 0, "chance": 1, "none": 2}
MOST_LEADS: Final = 8  # pictures of the event's page; the contagion's own page has all
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One event's contagion: what is said of it, and the rows of its pictures by picture."""

    result: EventContagion
    said: Spoken
    rows: Context

    @property
    def page(self) -> str:
        """Name of its page, in the folder of the pages of events."""
        return f"{self.result.event.event}-contagion.html"

    @property
    def source(self) -> str:
        """The source of the occurrence that is described in full."""
        own = at(self.result.pairs, self.said.occurrence)
        return str(own["source"].iloc[0]) if len(own) else ""


def tell(result: EventContagion) -> Told:
    """Put a contagion into words and rows once, for every page that shows it."""
    said = spoken(result)
    return Told(result, said, figure_rows(result, said.occurrence) if said.occurrence else {})


def event_rows(told: Told | None) -> Context:
    """Return the rows of the pictures that the page of the event's study shows, too."""
    if told is None or not told.rows:
        return {}
    leads, rows = list(told.rows["lead"].items())[:MOST_LEADS], told.rows
    connected = {name: own for name, own in rows["connected"].items() if _total(name)}
    return {
        "matrix": next(iter(rows["matrix"].values())),
        "moves": rows["moves"],
        "lead": dict(leads),
        "connected": connected,
        "network": rows["network"],
    }


def event_pictures(told: Told | None) -> Context | None:
    """Return what the page of the event's study says of its contagion; None where there is none."""
    if told is None:
        return None
    rows, at_event = event_rows(told), told.said.occurrence
    result = told.result
    return {
        "sentence": told.said.sentence,
        "page": told.page,
        "doubt": told.said.doubts[0] if told.said.doubts else "",
        "drawn": bool(rows.get("matrix")),
        "occurrence": at_event,
        "source": told.source,
        "bar": views.bars(result)[0] if at_event else "",
        "order_said": lead_views.order_said(result, at_event) if at_event else "",
        "moves": bool(rows.get("moves")),
        "lead_names": list(rows.get("lead", {})),
        "leads_left": len(told.rows.get("lead", {})) - len(rows.get("lead", {})),
        "networks": [(name, PERIODS[name]) for name in rows.get("network", {})],
        "no_arrow": _tested_periods(result, at_event),
        "connected_names": [
            (name, f"at {name}" if name == at_event else "on average over all occurrences")
            for name in rows.get("connected", {})
        ],
    }


def _tested_periods(result: EventContagion, occurrence: str) -> str:
    """Name the periods in which arrows were looked for; empty where none was."""
    table = at(result.network, occurrence)
    tested = set(table.loc[table["pvalue"].notna(), "period"]) if len(table) else set()
    *others, last = ["", *(words for name, words in PERIODS.items() if name in tested)]
    return f"{', '.join(filter(None, others))} or {last}" if any(others) else last


def _total(name: str) -> bool:
    """Whether a path is that of all series together, not of one of them."""
    return not name.startswith("NET of ")


def travelled(contagions: Sequence[Told]) -> Answer | None:
    """Answer what travelled; None where no contagion was measured."""
    if not contagions:
        return None
    found = sorted(((*_answer(each), each) for each in contagions), key=lambda one: ORDER[one[0]])
    verdicts = list(views.MEANING)
    view = View(
        "Every contagion at a glance",
        ("event", "did it travel?", "pairs", *verdicts),
        tuple(_row(each, brief, verdicts) for _, brief, each in found),
        tuple(range(2, 3 + len(verdicts))),
    )
    return Answer(
        "travelled",
        "What travelled",
        _sentence(found),
        (
            (
                "Pairs",
                "on average over all occurrences; single: of each occurrence by itself",
            ),
            *views.MEANING.items(),
        ),
        view,
        tuple(f"events/{each.page}" for *_, each in found),
        tuple(kind for kind, *_ in found),
        1,
        tuple(_said(each) for *_, each in found),
    )


def _sentence(found: Sequence[tuple[str, str, Told]]) -> str:
    """Say how many shocks travelled, and how many pairs could have hidden it."""
    titles = [told.result.event.title for kind, _, told in found if kind == "open"]
    own = [_spoken_of(told) for *_, told in found]
    unseen = sum(int((table["verdict"] == "underpowered").sum()) for table in own)
    pairs = counted(sum(len(table) for table in own), "pair")
    total = counted(len(found), "shock")
    said = (
        f"{len(titles)} of {total} travelled ({', '.join(titles)}): a correlation changed by more"
        if titles
        else f"Of {total} none is shown to have travelled: no correlation changed by more"
    )
    said += " than chance and the source's own variance explain"
    if unseen:
        said += f"; at {unseen} of {pairs} a change worth knowing could have gone unseen"
    return f"{said}."


def _answer(told: Told) -> tuple[str, str]:
    """Return the kind of answer and the answer in a few words."""
    verdicts = set(_spoken_of(told)["verdict"])
    if not verdicts:
        return "none", "not tested"
    if "contagion" in verdicts:
        return "open", "yes"
    return "chance", NOT_SHOWN.get(tuple(verdicts), "not shown")


def _spoken_of(told: Told) -> pd.DataFrame:
    """Return the pairs that the sentence speaks of: averages, or those of the one occurrence."""
    averages = average_pairs(told.result)
    return averages if len(averages) else at(_single(told), told.said.occurrence)


def _single(told: Told) -> pd.DataFrame:
    """Return the pairs of single occurrences that have a verdict, of one width of bars."""
    table = views.named(told.result, told.result.pairs)
    table = table[table["verdict"] != ""]
    return table[table["bar"] == table["bar"].iloc[0]] if len(table) else table


def _row(told: Told, brief: str, verdicts: Sequence[str]) -> tuple[Shown, ...]:
    own, single = _spoken_of(told), _single(told)
    occurrences = counted(single["occurrence"].nunique(), "occurrence")
    several = len(average_pairs(told.result)) > 0
    counts = (
        Shown(
            str(int((own["verdict"] == each).sum())),
            f"{integer(int((single['verdict'] == each).sum()))} single" if several else "",
            loud=each == "contagion" and bool((own["verdict"] == each).any()),
        )
        for each in verdicts
    )
    whole = Shown(str(len(own)), f"{integer(len(single))} single" if several else "")
    return Shown(told.result.event.title, occurrences), Shown(brief), whole, *counts


def _said(told: Told) -> Said:
    doubts = told.said.doubts
    return Said(
        told.result.event.title,
        f"events/{told.page}",
        told.said.sentence,
        doubts[0] if doubts else "",
    )
