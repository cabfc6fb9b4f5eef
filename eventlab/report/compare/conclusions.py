"""What a result answers, in a sentence, a word and the numbers that the sentence rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.claims.results import Claims
from eventlab.contagion.results import EventContagion
from eventlab.hedge.results import Backtest, Sweep
from eventlab.report.contagion.spoken import spoken as contagion_spoken
from eventlab.report.hedge.spoken import spoken as backtest_spoken
from eventlab.report.hedge.sweep_spoken import named, sweep_spoken
from eventlab.report.verdict import principal, verdict

if TYPE_CHECKING:
    from eventlab.report.stored import AnyResult
    from eventlab.study.results import EventStudy

__all__ = ["Conclusion", "conclusion"]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The sentence of a page.

    ``word`` is its verdict: where that differs the answer is another one. ``numbers`` is name to
    value of what else stands in the sentence.
    """

    sentence: str
    word: str
    numbers: dict[str, float]


def conclusion(result: AnyResult) -> Conclusion:
    """Return what a result answers; that of claims is in its rows."""
    if isinstance(result, Claims):
        return Conclusion("", "", {})
    if isinstance(result, EventContagion):
        return Conclusion(contagion_spoken(result).sentence, "", {})
    if isinstance(result, Backtest):
        said = backtest_spoken(result)
        return Conclusion(said.sentence, said.kind, {})
    if isinstance(result, Sweep):
        return _of_sweep(result)
    return _of_study(result)


def _of_study(study: EventStudy) -> Conclusion:
    said = verdict(study)
    cell, _ = principal(study)
    if cell is None:
        return Conclusion(said.sentence, "nothing could be computed", {})
    way = f" {'down' if cell.caar < 0 else 'up'}" if said.kind == "moved" else ""
    numbers = {
        "caar": cell.caar,
        "low": cell.interval.low,
        "high": cell.interval.high,
        "placebo_pvalue": cell.placebo,
    }
    return Conclusion(said.sentence, f"{said.kind}{way}: {cell.group} {cell.window}", numbers)


def _of_sweep(sweep: Sweep) -> Conclusion:
    if not sweep.sets["chosen"].any():
        return Conclusion("No set could be chosen.", "no set", {})
    best = sweep.sets[sweep.sets["chosen"].astype(bool)].iloc[0]
    sharpe = float(best["sharpe"])
    numbers = {"sharpe": sharpe} if math.isfinite(sharpe) else {}
    return Conclusion(sweep_spoken(sweep).sentence, f"best set {named(sweep, best)}", numbers)
