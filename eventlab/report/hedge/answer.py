"""What was worth hedging: the strategies of a run on its first page."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from eventlab.report.answer import Answer, Said
from eventlab.report.hedge.doubts import LEVEL
from eventlab.report.hedge.measures import cost_shares, gains, per_event, value_of, was_held
from eventlab.report.hedge.wording import change, share, wording
from eventlab.report.numbers import counted, pvalue
from eventlab.report.views import Shown, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.hedge.results import Backtest
    from eventlab.report.hedge.spoken import Spoken

__all__ = ["hedged"]

ORDER: Final = {"up": 0, "open": 1, "chance": 2, "down": 3}
COLUMNS: Final = (
    "strategy",
    "worth it?",
    "per event",
    "placebo p",
    "risk taken away",
    "cost per event",
    "whole time",
)
TERMS: Final = (
    (
        "Per event",
        "what the strategy added, in percent of equity at entry, after costs; 95% interval below",
    ),
    ("Placebo p", "how often random dates did at least as well, bar returns added up"),
    (
        "Risk taken away",
        "share of the variance, on event bars, or on all where the strategy is out on those",
    ),
    ("Whole time", "total return, below it that of the book alone"),
    ("Bold", "where the interval leaves out zero"),
    ("A dash", "no random dates could be drawn, or nothing is hedged"),
)
DID: Final = {
    "more money, less risk": "made money and took risk away",
    "more money": "made money",
    "more money, more risk": "made money and added risk",
    "less risk; money unclear": "took risk away, gain or loss of money unclear",
    "not shown": "showed neither",
    "more risk; money unclear": "added risk, gain or loss of money unclear",
    "less risk, at a cost": "took risk away at a cost",
    "less money": "lost money",
    "less money, more risk": "lost money and added risk",
}


def hedged(backtests: Sequence[tuple[Backtest, Spoken]]) -> Answer | None:
    """Answer what was worth hedging, the surest first; None where nothing was backtested."""
    if not backtests:
        return None
    found = sorted(backtests, key=lambda one: ORDER[one[1].kind])
    rows = tuple(_row(result, said) for result, said in found)
    return Answer(
        "hedged",
        "What was worth hedging",
        _sentence([said.brief for _, said in found]),
        TERMS,
        View("Every strategy at a glance", COLUMNS, rows, (2, 3, 4, 5, 6)),
        tuple(f"strategies/{result.strategy.strategy}.html" for result, _ in found),
        tuple(said.kind for _, said in found),
        1,
        tuple(_said(result, said) for result, said in found),
        doubt=_doubt([result for result, _ in found]),
    )


def _sentence(briefs: Sequence[str]) -> str:
    counts = Counter(briefs)
    listed = "; ".join(f"{n} {DID[brief]}" for brief, n in counts.items())
    return f"Of {counted(len(briefs), 'strategy')}, after costs: {listed}."


def _doubt(results: Sequence[Backtest]) -> str:
    """Say for how many strategies random dates did as well; empty where none was drawn."""
    drawn = [p for p in map(_placebo, results) if math.isfinite(p)]
    as_well = sum(p >= LEVEL for p in drawn)
    if not as_well:
        return ""
    who = f"{as_well} of {counted(len(drawn), 'strategy')}"
    return (
        f"{who} with a placebo did as well on random dates too often to credit the events "
        f"(placebo p {LEVEL} or more)."
    )


def _placebo(result: Backtest) -> float:
    statistic = wording(result.strategy).statistic
    return value_of(result.placebo, "pvalue", statistic=statistic)


def _said(result: Backtest, said: Spoken) -> Said:
    page = f"strategies/{result.strategy.strategy}.html"
    return Said(result.strategy.title, page, said.sentence, said.doubts[0] if said.doubts else "")


def _row(result: Backtest, said: Spoken) -> tuple[Shown, ...]:
    found = per_event(gains(result))
    table, risk = result.comparisons, _variance(result)
    interval = f"{change(found.low)} to {change(found.high)}" if found.n > 1 else ""
    spread = f"{share(risk['low'])} to {share(risk['high'])}" if math.isfinite(risk["low"]) else ""
    alone = change(value_of(table, "total_return", run="unhedged"), 1)
    return (
        Shown(result.strategy.title, counted(int(was_held(result).sum()), "event")),
        Shown(said.brief),
        Shown(change(found.mean), interval, loud=found.told),
        Shown(pvalue(_placebo(result))),
        Shown(share(risk["value"]), spread, loud=risk["low"] > 0 or risk["high"] < 0),
        Shown(change(math.fsum(cost_shares(result).values()), sign=False)),
        Shown(change(value_of(table, "total_return", run="hedged"), 1), f"book alone {alone}"),
    )


def _variance(result: Backtest) -> dict[str, float]:
    """Return the share of variance taken away and its interval; NaN where it says nothing."""
    words = wording(result.strategy)
    where = {"scope": words.scope, "measure": "variance"}
    if words.way == "trade":
        return dict.fromkeys(("value", "low", "high"), math.nan)
    return {key: value_of(result.effectiveness, key, **where) for key in ("value", "low", "high")}
