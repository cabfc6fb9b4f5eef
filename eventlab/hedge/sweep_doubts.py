"""What the best of many sets is worth: luck of the draw, of the sample, and of the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.definitions.strategy import PutDefinition
from eventlab.errors import DataError
from eventlab.hedge.robustness.bootstrap import bootstrap_means
from eventlab.hedge.robustness.moments import moments
from eventlab.hedge.robustness.pbo import probability_of_overfitting
from eventlab.hedge.robustness.reality_check import (
    stepwise_superiority,
    superior_predictive_ability,
)
from eventlab.hedge.robustness.sharpe import deflated_sharpe
from eventlab.hedge.robustness.trials import effective_trials
from eventlab.hedge.robustness.walk_forward import walk_forward
from eventlab.timeline.instants import utc_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from eventlab.hedge.sweep_curves import Curves
    from eventlab.hedge.sweep_plans import PlannedSet

__all__ = ["LOGIT_COLUMNS", "WALK_COLUMNS", "overfitting_tables", "walk_forward_table"]

COLUMNS = ["statistic", "value", "low", "high", "note"]
LOGIT_COLUMNS = ["split", "chosen", "in_sample", "out_of_sample", "rank", "logit"]
WALK_COLUMNS = [
    "fold", "first", "last", "chosen", "in_sample", "out_of_sample", "unhedged", "purged", "note",
]  # fmt: skip
LEAST_BLOCK: Final = 5  # bars of a block: below, a Sharpe ratio of it means nothing
ONE: Final = "1 set: nothing was chosen"
FOLDS: Final = 5
MOST_NAMED: Final = 20
CHOOSING = (
    "deflated_sharpe", "expected_max_sharpe", "effective_trials", "deflated_sharpe_effective",
    "pbo", "pbo_slope", "probability_of_loss", "spa_lower", "spa_consistent", "spa_upper", "stepm",
)  # fmt: skip


def overfitting_tables(
    curves: Curves, best: int, *, numbers: Sequence[int], seed: int, draws: int, splits: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Doubt the choice of set ``best`` among the sets of some curves; tables as of `Sweep`."""
    sets, bars = len(numbers), len(curves.returns)
    since = utc_day(int(curves.instants[0]))
    rows: list[dict[str, object]] = [
        row("sets", sets),
        row("bars", bars, f"closes after {since}, when the last of the sets has begun"),
    ]
    blank = pd.DataFrame(columns=LOGIT_COLUMNS)
    if sets < 2:
        rows += [row(name, np.nan, ONE) for name in CHOOSING]
        return pd.DataFrame(rows, columns=COLUMNS), blank
    rows += deflated(curves, best)
    more, logits = overfitted(curves, numbers, splits)
    rows += [*more, *superior(curves, numbers, seed=seed, draws=draws)]
    return pd.DataFrame(rows, columns=COLUMNS), logits


def row(statistic: str, value: float, note: str = "") -> dict[str, object]:
    """One row of the table; there are no intervals but where they are given."""
    return {
        "statistic": statistic, "value": value, "low": np.nan, "high": np.nan, "note": note,
    }  # fmt: skip


def deflated(curves: Curves, best: int) -> Iterator[dict[str, object]]:
    """Yield the deflated Sharpe ratio of the best, of all sets and of those that differ."""
    above = curves.above
    ratios = np.nan_to_num(moments(above).sharpe)
    own = np.ascontiguousarray(above[:, best])
    plain = deflated_sharpe(own, ratios)
    trials = effective_trials(curves.returns)
    fewer = deflated_sharpe(own, ratios, n_trials=max(trials.implied, 1.0))
    root = np.sqrt(curves.periods)
    least = "chance that the true Sharpe ratio of the best is above 0, of"
    yield row("deflated_sharpe", plain.probability, plain.note or f"{least} {len(ratios)} tries")
    yield row(
        "expected_max_sharpe",
        plain.expected_max * root,
        f"per year, of the best of {len(ratios)} tries without skill",
    )
    said = f"of average correlation {trials.average_correlation:.3g}"
    yield row("effective_trials", trials.implied, "; ".join(filter(None, (said, trials.note))))
    yield row(
        "deflated_sharpe_effective",
        fewer.probability,
        fewer.note or f"{least} {fewer.trials:.3g} independent tries",
    )


def overfitted(
    curves: Curves, numbers: Sequence[int], splits: int
) -> tuple[list[dict[str, object]], pd.DataFrame]:
    """Probability of overfitting, in fewer blocks than asked for where there are few bars."""
    bars = len(curves.returns)
    fitting = min(splits, bars // LEAST_BLOCK // 2 * 2)
    names = ("pbo", "pbo_slope", "probability_of_loss")
    if fitting < 2:
        why = f"{bars} bars; 2 blocks of {LEAST_BLOCK} are needed"
        return [row(name, np.nan, why) for name in names], pd.DataFrame(columns=LOGIT_COLUMNS)
    found = probability_of_overfitting(curves.above, splits=fitting)
    notes = [f"{found.combinations} splits in {fitting} blocks of {found.bars // fitting} bars"]
    if fitting < splits:
        notes.append(f"not {splits}: there are {bars} bars")
    if np.ptp(curves.returns, axis=1).max() == 0:
        notes.append("all sets are the same in every bar: none is better than another")
    notes += found.notes
    values = (found.pbo, found.slope, found.probability_of_loss)
    logits = found.logits.assign(chosen=np.asarray(numbers)[found.logits["chosen"].to_numpy()])
    return [
        row(name, value, "; ".join(notes) if name == "pbo" else "")
        for name, value in zip(names, values, strict=True)
    ], logits[LOGIT_COLUMNS]


def superior(
    curves: Curves, numbers: Sequence[int], *, seed: int, draws: int
) -> list[dict[str, object]]:
    """Whether any set has a higher mean return than the book alone, and which."""
    names = ("spa_lower", "spa_consistent", "spa_upper", "stepm")
    if not draws:
        return [row(name, np.nan, "no draws were asked for") for name in names]
    try:
        drawn = bootstrap_means(curves.returns, curves.book_returns, draws=draws, seed=seed)
    except DataError as error:
        return [row(name, np.nan, str(error)) for name in names]
    test, steps = superior_predictive_ability(drawn), stepwise_superiority(drawn)
    best = f"p of the best mean return, set {numbers[test.best]}, over that of the book alone"
    found = [numbers[at] for at in steps.superior]
    listed = ", ".join(str(one) for one in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    said = f"sets with a higher mean return than the book alone, at {steps.level:g}"
    return [
        row("spa_lower", test.lower, best),
        row("spa_consistent", test.consistent, "; ".join((best, *test.notes))),
        row("spa_upper", test.upper, best),
        row("stepm", len(found), f"{said}: {listed}{more}" if found else f"{said}: none"),
    ]


def walk_forward_table(planned: Sequence[PlannedSet], curves: Curves) -> pd.DataFrame:
    """Choose on past events and trade on the next ones; Sharpe ratios per year, as of `Sweep`.

    Where sets differ in their timing, an occurrence lasts from the first of their entries to the
    last of their exits.
    """
    names, spans = occurrence_spans(planned, curves.instants)
    numbers = np.array([each.variant.number for each in planned])
    folds = min(FOLDS, max(len(spans) - 1, 1))
    try:
        found = walk_forward(curves.above, spans, unhedged=curves.book_above, folds=folds)
    except DataError as error:
        blank = dict.fromkeys(WALK_COLUMNS, np.nan) | {"fold": 1, "first": "", "last": ""}
        return pd.DataFrame([blank | {"note": str(error)}], columns=WALK_COLUMNS)
    table = found.table
    root = np.sqrt(curves.periods)
    return pd.DataFrame(
        {
            "fold": table["fold"],
            "first": [names[at] for at in table["first"]],
            "last": [names[at] for at in table["last"]],
            "chosen": numbers[table["chosen"].to_numpy(np.int64)],
            **{name: table[name] * root for name in ("in_sample", "out_of_sample", "unhedged")},
            "purged": table["purged"],
            "note": table["note"],
        }
    )[WALK_COLUMNS]


def occurrence_spans(
    planned: Sequence[PlannedSet], instants: npt.NDArray[np.int64]
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Occurrences that any set entered in the shared bars: names, and (E, 3) of `walk_forward`."""
    lookbacks: dict[int, int] = {}
    for each in planned:
        key = id(each.episodes)
        lookbacks[key] = max(lookbacks.get(key, 0), looked_back(each))
    found: dict[str, list[int]] = {}
    for each in {id(one.episodes): one for one in planned}.values():
        lookback = lookbacks[id(each.episodes)]
        closes = each.setting.grid.instants[1::2]
        for entry in (one for episode in each.episodes for one in episode.entries):
            leave = min(max(entry.span.leave, entry.span.decided + 2), len(closes) - 1)
            first, last = int(closes[entry.span.decided]), int(closes[leave])
            old = found.setdefault(entry.span.occasion.name, [first, last, lookback])
            old[:] = min(old[0], first), max(old[1], last), max(old[2], lookback)
    table = np.array(list(found.values()), dtype=np.int64).reshape(-1, 3)
    # Money moves from the bar after the decision on; the return of bar b is in row b - 1.
    begin = np.maximum(np.searchsorted(instants, table[:, 0], side="right") - 1, 0)
    end = np.minimum(np.searchsorted(instants, table[:, 1]) - 1, len(instants) - 2)
    inside = end >= begin
    order = np.argsort(begin[inside], kind="stable")
    names = np.array(list(found), dtype=object)[inside][order]
    spans = np.column_stack([begin, end, table[:, 2]])[inside][order]
    return list(names), spans


def looked_back(each: PlannedSet) -> int:
    """Bars that a set's ratios or puts are estimated on."""
    hedge = each.variant.strategy.hedge
    if hedge is None or hedge.ratio.method == "fixed":
        return 0
    if hedge.ratio.method == "put":
        return hedge.put.lookback if hedge.put else PutDefinition().lookback
    return hedge.ratio.lookback
