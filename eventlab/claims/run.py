"""All claims of a workspace put to its prices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.claims.bench import Bench
from eventlab.claims.measures import measure_function
from eventlab.claims.results import CLAIM_COLUMNS, READING_COLUMNS, Claims
from eventlab.claims.types import AXES, Judgement, Untestable
from eventlab.claims.verdict import answered, judge, untestable
from eventlab.definitions.questions import questions_of
from eventlab.errors import DataError, UsageError
from eventlab.kernels.threads import one_blas_thread
from eventlab.market.workspace_market import claim_symbols
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventlab.claims.types import Measured, Unit
    from eventlab.contagion.results import EventContagion
    from eventlab.definitions import Workspace
    from eventlab.definitions.questions import Question
    from eventlab.market.types import Market
    from eventlab.study.results import EventStudy
    from eventlab.study.steps import Progress

__all__ = ["run_claims"]

# These say by themselves what they lack: rates, open interest, what their event reads.
NOT_OF_PRICES: Final = frozenset(
    {"funding_sign", "open_interest_change", "event_car", "contagion_verdict"}
)
MOST_NAMED: Final = 3
# Units of what was published, where nothing was measured.
PUBLISHED_IN: Final[dict[str, Unit]] = {
    "return": "return",
    "year_to_date": "return",
    "drawdown": "return",
    "rebound": "return",
    "relative_return": "return",
    "open_interest_change": "return",
    "event_car": "return",
    "realised_volatility": "volatility",
}


@one_blas_thread()
def run_claims(  # noqa: PLR0913 - the public names of the contract
    market: Market,
    workspace: Workspace | None = None,
    *,
    owners: Iterable[str] | None = None,
    ids: Iterable[str] | None = None,
    seed: int = 0,
    studies: Iterable[EventStudy] = (),
    contagions: Iterable[EventContagion] = (),
    progress: Progress = quietly,
) -> Claims:
    """Measure every claim of a workspace under every reading, and judge it.

    Parameters
    ----------
    market
        Prices, as ``eventlab.load_market(workspace, claims=True)`` loads them.
    workspace
        Whose claims; that of ``market`` if it was loaded for one.
    owners
        Ids of events and names of files of claims; all by default.
    ids
        Only these claims of theirs; all by default.
    seed
        Of bootstraps. Each claim draws from a stream of its own.
    studies, contagions
        Results on the same prices, which claims about them read; what lacks is computed.
    progress
        Called with (done, total) after each claim.

    Returns
    -------
    Claims
        A row per claim and one per reading. What cannot be measured has NaN and says why.

    Raises
    ------
    UsageError
        No workspace is known, or there is no such owner or claim.
    """
    workspace = workspace or market.workspace
    if workspace is None:
        raise UsageError(
            "claims need a workspace; load the prices with eventlab.load_market(workspace, "
            "claims=True) or pass workspace="
        )
    questions = questions_of(workspace, owners, ids)
    bench = Bench(
        market,
        workspace,
        claim_symbols(questions, workspace),
        seed,
        {each.event.event: each for each in studies},
        {each.event.event: each for each in contagions},
    )
    claims: list[dict[str, Any]] = []
    readings: list[dict[str, Any]] = []
    for done, question in enumerate(questions, start=1):
        measured, judgement = _answer(question, bench)
        claims.append(_claim_row(question, measured, judgement))
        readings += _reading_rows(question, measured, judgement)
        progress(done, len(questions))
    return Claims(
        market.stamp,
        seed,
        pd.DataFrame(claims, columns=CLAIM_COLUMNS),
        # Where nothing could be measured there are no readings, and yet these are answers.
        pd.DataFrame(readings, columns=READING_COLUMNS).astype({"within": bool, "principal": bool}),
    )


def _answer(question: Question, bench: Bench) -> tuple[tuple[Measured, ...], Judgement]:
    """Measure a claim and judge it; what cannot be measured says why."""
    claim = question.claim
    if claim.measure == "none":
        needs = claim.needs or "data of another kind"
        return (), untestable(f"it needs {needs}")
    try:
        _require_prices(question, bench)
        measured = measure_function(claim.measure)(question, bench)
    except (Untestable, DataError) as reason:
        return (), untestable(str(reason))
    return measured, judge(question, measured, simulated=bench.market.stamp.simulated)


def _require_prices(question: Question, bench: Bench) -> None:
    """Refuse a claim about prices of which there are none, before any window is looked for."""
    claim, market = question.claim, bench.market
    if claim.measure in NOT_OF_PRICES:
        return
    members = [one for name in claim.symbols for one in bench.members(name, question)]
    if not any(each in held for each in members for held in (market.daily, market.intraday)):
        raise Untestable("; ".join(map(bench.lacking, members[:MOST_NAMED])))


def _claim_row(
    question: Question, measured: tuple[Measured, ...], judgement: Judgement
) -> dict[str, Any]:
    claim = question.claim
    own = [each for each in measured if each.reading.within]
    values = [each.value for each in own if math.isfinite(each.value)]
    agreeing = [
        agreed
        for each, agreed in zip(measured, judgement.agrees, strict=True)
        if each.reading.within and agreed
    ]
    first = own[0] if own else None
    return {
        "event": question.owner,
        "claim": claim.id,
        "statement": claim.statement,
        "source": question.source,
        "measure": claim.measure,
        "symbols": ", ".join(claim.symbols),
        "published": _published(claim.published, claim.measure),
        "value": first.value if first else math.nan,
        "low": first.low if first else math.nan,
        "high": first.high if first else math.nan,
        "unit": first.unit if first else PUBLISHED_IN.get(claim.measure, ""),
        "at": first.at if first else "",
        "word": first.word if first else "",
        "smallest": min(values, default=math.nan),
        "largest": max(values, default=math.nan),
        "n_readings": sum(map(answered, own)),
        "n_agreeing": len(agreeing),
        "tolerance": judgement.tolerance,
        "verdict": judgement.verdict,
        "reading": judgement.reading,
        "reason": judgement.reason,
        "strict": claim.strict,
    }


def _published(published: object, measure: str) -> str:
    if published is None:
        return ""
    if isinstance(published, tuple):
        between = ", " if measure == "relative_return" else " to "  # a figure for each name
        return between.join(f"{each:g}" for each in published)
    return published if isinstance(published, str) else f"{published:g}"


def _reading_rows(
    question: Question, measured: tuple[Measured, ...], judgement: Judgement
) -> Iterator[dict[str, Any]]:
    principal = next((place for place, each in enumerate(measured) if each.reading.within), -1)
    words = {True: "yes", False: "no", None: "open"}
    for place, (each, agreed) in enumerate(zip(measured, judgement.agrees, strict=True)):
        reading = each.reading
        yield {
            "event": question.owner,
            "claim": question.claim.id,
            "definition": reading.words,
            **{name: getattr(reading, name) for name in (*AXES, "first", "last", "within")},
            "principal": place == principal,
            "value": each.value,
            "low": each.low,
            "high": each.high,
            "interval": each.interval,
            "n": each.n,
            "unit": each.unit,
            "at": each.at,
            "word": each.word,
            "agrees": words[agreed],
            "note": each.note,
        }
