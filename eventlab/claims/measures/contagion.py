"""Whether a shock travelled: the verdicts of pairs, and what simpler looks at them would say."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from eventlab.claims.types import Measured, Reading, Untestable
from eventlab.claims.windows import place_window
from eventlab.contagion.run import run_contagion
from eventlab.definitions.contagion import RegimesDefinition
from eventlab.errors import EventlabError
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.claims.bench import Bench
    from eventlab.contagion.results import EventContagion
    from eventlab.definitions import EventDefinition
    from eventlab.definitions.questions import Question

__all__ = ["contagion_verdict"]

EVERY: Final = "all"
NO_CHANGE: Final = "no change"
UNDERPOWERED: Final = "underpowered"
# Ways to look at a pair, the literal one first; the last is beyond the words.
WAYS: Final = {
    "full": "variances taken out",
    "adjusted": "variances and the market taken out",
    "plain": "correlation alone",
    "textbook": "correlation alone, by Fisher's normal distribution instead of placebo dates",
}
OPEN: Final = frozenset({"", UNDERPOWERED})
NO_INTERVAL: Final = "none: a verdict, by placebo dates"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One pair as one reading sees it: its verdict, by how much correlation changed, and why."""

    target: str
    verdict: str
    change: float
    n: int
    rule: str


def contagion_verdict(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Give the verdict of contagion from the event's source to a claim's symbols.

    The literal reading is the verdict of the pair as the event's contagion gives it. Two others
    look at the same windows: on residuals of the market factor (where the event has one), by the
    same rule of correlation and link; and by correlation alone, as commentary does when it says
    that one asset dragged another along: ``contagion`` where it rose beyond placebo dates, whatever
    the variances. Beyond the words lies the same by Fisher's normal distribution, which takes
    returns for normal and independent. Bars inside sessions, where the event has them, are
    readings too.

    Without an occurrence it is the average over all, or over those with ``tag``. Several targets
    agree only as one: the reading has their common verdict, or says ``mixed``. The value is the
    mean change of correlation from the calm to the crisis window. A pair that the windows have not
    the power to judge leaves the claim open.

    Raises
    ------
    Untestable
        The event has no contagion section, or the prices for it are not there.

    References
    ----------
    Forbes & Rigobon (2002), No contagion, only interdependence, Journal of Finance 57.
    """
    event = question.event
    if event is None or event.contagion is None:
        name = event.event if event is not None else question.owner
        raise Untestable(f"{name} has no contagion section; add one with a source and targets")
    result = _result(question, bench, event)
    found = []
    for bar in dict.fromkeys(result.pairs["bar"]):
        for way in WAYS:
            pairs = _pairs(question, result, bar, way)
            if pairs:
                reading = _reading(question, bench, bar, way)
                found.append(_measured(question, reading, pairs))
    if not found:
        raise Untestable(_lacking(question, result))
    return tuple(found)


def _result(question: Question, bench: Bench, event: EventDefinition) -> EventContagion:
    """Return the event's own contagion where it has the pairs, or run them alone.

    Its own: of all its pairs and occurrences, from this run or made here. What p is beyond chance
    hangs on how many pairs are looked at.
    """

    def run(asked: EventDefinition) -> EventContagion:
        return run_contagion(asked, bench.market, bench.workspace, seed=bench.seed, focus=())

    section, known = event.contagion, bench.contagions.get(event.event)
    assert section is not None  # noqa: S101 - the caller has looked
    try:
        if set(question.claim.symbols) <= set(section.targets):
            if known is None or known.event != event:
                known = bench.once(f"contagion of {event.event}", lambda: run(event))
            if not _missing(question, known):
                return known
        return run(_reduced(question, event))
    except EventlabError as error:
        raise Untestable(str(error)) from error


def _reduced(question: Question, event: EventDefinition) -> EventDefinition:
    """Leave the claim's pairs and occurrences, and nothing that only describes them."""
    claim, section, study = question.claim, event.contagion, event.study
    assert section is not None  # noqa: S101 - the caller has looked
    if section.source in claim.symbols:
        raise Untestable(f"{section.source} is where the shock of {event.event} began")
    contagion = section.model_copy(
        update={
            "targets": claim.symbols,
            "by_tag": () if claim.tag is None else (claim.tag,),
            "chain": (),
            "marks": (),
            "regimes": RegimesDefinition(),
        }
    )
    plain: dict[str, Any] = {"states": {}, "cross_section": None, "by_tag": ()}
    kept = (one for one in event.occurrences if claim.occurrence in (None, one.id))
    return event.model_copy(
        update={
            "occurrences": tuple(kept),
            "contagion": contagion,
            "study": None if study is None else study.model_copy(update=plain),
        }
    )


def _missing(question: Question, result: EventContagion) -> list[str]:
    names = set(_rows(question, result.pairs, result.averages)["target"])
    return [name for name in question.claim.symbols if name not in names]


def _rows(question: Question, single: pd.DataFrame, averages: pd.DataFrame) -> pd.DataFrame:
    """Rows of the claim's occurrence and symbols, or of its average over several."""
    claim = question.claim
    if claim.occurrence is not None:
        rows = single[single["occurrence"] == claim.occurrence]
    else:
        rows = averages[averages["tag"] == (claim.tag or EVERY)]
    return rows[rows["target"].isin(claim.symbols)]


def _pairs(question: Question, result: EventContagion, bar: str, way: str) -> tuple[_Pair, ...]:
    """Judge every target by one way to look at it; nothing where one was not measured."""
    section = result.event.contagion
    assert section is not None  # noqa: S101 - it was measured
    rows = _rows(question, result.pairs, result.averages)
    tests = _rows(question, result.tests, result.average_tests)
    kind = "adjusted" if way == "adjusted" else "raw"
    tests = tests[(tests["bar"] == bar) & (tests["kind"] == kind)]
    found = []
    for row in rows[rows["bar"] == bar].to_dict("records"):
        own = tests[tests["target"] == row["target"]].set_index("test")
        if way == "full":
            change = float(row["rho_crisis"] - row["rho_calm"])
            rule = row["rule"].partition(" [")[0]
            found.append(_Pair(row["target"], row["verdict"], change, _observations(row), rule))
        elif not own.empty and (way != "textbook" or "pvalue" in own):
            found.append(_looked_at(way, row, own, section.level))
    whole = {each.target for each in found} == set(question.claim.symbols)
    return tuple(found) if whole else ()


def _looked_at(way: str, row: dict[Any, Any], tests: pd.DataFrame, level: float) -> _Pair:
    """Judge one pair by correlation and link (``adjusted``), or by correlation alone."""
    fisher: dict[Any, Any] = tests.loc["fisher"].to_dict()
    link: dict[Any, Any] = tests.loc["forbes_rigobon"].to_dict()
    suffix = "_factor" if way == "adjusted" else ""
    calm, crisis = (float(row.get(f"rho{suffix}_{when}", math.nan)) for when in ("calm", "crisis"))
    p = fisher["pvalue" if way == "textbook" else "romano_wolf_pvalue"]
    p_link = link["romano_wolf_transmission"]
    target, n, change = row["target"], _observations(row), crisis - calm
    if not math.isfinite(p):
        return _Pair(target, "", math.nan, n, "no p-value")
    moved = f"correlation from {calm:.2f} to {crisis:.2f}" if math.isfinite(calm) else "correlation"
    if p > level:
        # What the windows could not show in full, a part of it cannot rule out.
        verdict = UNDERPOWERED if row["verdict"] == UNDERPOWERED else NO_CHANGE
        return _Pair(target, verdict, change, n, f"{moved} is not beyond chance (p {p:.3f})")
    rose = fisher["statistic"] * (-1.0 if calm < 0.0 else 1.0) > 0.0
    rule = f"{moved} is beyond chance (p {p:.3f})"
    if way == "adjusted":
        rose &= p_link <= level
        rule += f", its link given the variances p {p_link:.3f}"
    return _Pair(target, "contagion" if rose else "interdependence", change, n, rule)


def _observations(row: dict[Any, Any]) -> int:
    """Bars of the crisis window of one occurrence, or occurrences of an average."""
    return int(row["n_crisis"] if "n_crisis" in row else row["n_events"])


def _reading(question: Question, bench: Bench, bar: str, way: str) -> Reading:
    event = question.event
    assert event is not None  # noqa: S101 - the caller has looked
    assert event.contagion is not None  # noqa: S101
    section, study = event.contagion, event.study
    clock = section.clock or (study.clock if study is not None else "XNYS")
    calm, crisis = section.calm_window, section.crisis_window
    words = f"bars {window_label(crisis)} against {window_label(calm)}"
    if bar != section.bar:
        words = f"bars of {bar}"
    if question.occurrence is None:
        words += f" of {event.event}"
        words += f" with tag {question.claim.tag}" if question.claim.tag else ""
    reading = Reading(window=words, calendar=clock, detail=WAYS[way], within=way != "textbook")
    if question.occurrence is None or bar != section.bar or bar != "session":
        return reading
    try:
        around = place_window((calm[0], crisis[1]), question, bench.clock(clock))
    except Untestable:  # an event at the edge of the data, whose calm window is cut
        return reading
    return replace(reading, first=around.first_day, last=around.last_day)


def _measured(question: Question, reading: Reading, pairs: tuple[_Pair, ...]) -> Measured:
    verdicts = list(dict.fromkeys(each.verdict for each in pairs))
    published = question.claim.published
    changes = [each.change for each in pairs if math.isfinite(each.change)]
    return Measured(
        reading,
        math.fsum(changes) / len(changes) if len(changes) == len(pairs) else math.nan,
        "correlation",
        min(each.n for each in pairs),
        interval=NO_INTERVAL,
        word=(verdicts[0] or "not tested") if len(verdicts) == 1 else "mixed",
        holds=_holds(published if isinstance(published, str) else "", pairs),
        note="; ".join(_said(each, alone=len(pairs) == 1) for each in pairs),
    )


def _said(pair: _Pair, *, alone: bool) -> str:
    """Say why a pair has its verdict; of several only what moved."""
    why = pair.rule if alone else pair.rule.partition(", and ")[0]
    return ", ".join(filter(None, (f"{pair.target}: {pair.verdict or 'not tested'}", why)))


def _holds(published: str, pairs: tuple[_Pair, ...]) -> bool | None:
    """All pairs have the published verdict; open where the rest of them lacks power to say."""
    others = [each.verdict for each in pairs if each.verdict != published]
    if not others:
        return True
    return None if all(verdict in OPEN for verdict in others) else False


def _lacking(question: Question, result: EventContagion) -> str:
    gone = result.exclusions
    if question.claim.occurrence is not None:
        gone = gone[gone["occurrence"].isin([question.claim.occurrence, "all"])]
    gone = gone[gone["symbol"].isin([*question.claim.symbols, "all"])]
    reasons = list(dict.fromkeys(gone["reason"]))
    return "; ".join(reasons[:2]) or "the windows hold no returns of every symbol"
