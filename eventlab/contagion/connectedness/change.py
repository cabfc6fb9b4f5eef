"""The change of connectedness between two periods, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import (
    choice,
    draws_of,
    frame_values,
    number,
    seed_of,
    threads_of,
    whole,
)
from eventlab.contagion.connectedness.period import (
    Draws,
    Period,
    Specification,
    labels_of,
    measure_period,
)
from eventlab.contagion.connectedness.spillover import convention_words
from eventlab.contagion.connectedness.var import Estimator, check_terms, series_of
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COLUMNS", "FEWEST", "SpilloverChange", "compare", "spillover_change"]

FEWEST: Final = 40  # draws under which no 95% interval can be told
COLUMNS: Final = ("period", "measure", "series", "other", "value", "low", "high", "pvalue", "note")
FLOORED: Final = ("tci", "to", "from")  # shares: their intervals end at zero


@dataclass(frozen=True, slots=True, repr=False)
class SpilloverChange:
    """Connectedness before and after, and what changed.

    Attributes
    ----------
    table
        period (before, after, change), measure (tci, to, from, net, pairwise), series, other,
        value, low, high, pvalue, note. Percent; ``pairwise`` is what ``other`` moves ``series``
        less what ``series`` moves ``other``. ``low`` and ``high`` hold 1 - level of the draws
        (from zero on for shares); the p-value of a change is the share of draws at least as far
        from their middle.
    before, after
        The two periods: fit, table, draws and their bias.
    specification, options, convention
        How it was done.
    note
        Why there are no numbers or few draws, in words; empty if there is no such reason.
    """

    table: pd.DataFrame
    before: Period
    after: Period
    specification: Specification
    options: Draws
    convention: str
    note: str

    def __repr__(self) -> str:
        """Name the change of the total."""
        tci = self.table[(self.table["measure"] == "tci") & (self.table["period"] == "change")]
        value, low, high = tci[["value", "low", "high"]].iloc[0]
        return f"SpilloverChange(tci {value:+.2f} [{low:.2f}, {high:.2f}])"


def spillover_change(  # noqa: PLR0913 - the VAR's and the bootstrap's choices, by their names
    before: pd.DataFrame,
    after: pd.DataFrame,
    lags: int = 1,
    horizon: int = 10,
    *,
    draws: int = 300,
    seed: int = 0,
    block: int | None = None,
    estimator: Estimator = "ols",
    level: float = 0.05,
    threads: int = 1,
) -> SpilloverChange:
    """Change of connectedness from one sample to another, with bootstrap intervals.

    Parameters
    ----------
    before, after
        Rows ascending in time; the same columns in the same order.
    lags, horizon, estimator
        As in `spillover`, of one VAR per sample.
    draws, seed, block
        Bootstrap draws; a draw depends on the seed and its own number only. Each period is
        simulated from its VAR with whole rows of residuals, so that their cross-correlation stays,
        in runs of ``block`` rows (Kunsch 1989; by default the cube root of the rows).
    level
        Intervals hold 1 - ``level`` of the draws.
    threads
        The result is the same, bit for bit.

    Returns
    -------
    SpilloverChange
        A period with too few rows, a constant or collinear series or an explosive VAR is NaN with
        the reason, and so is the change then.

    Notes
    -----
    Estimated shares are biased upwards in short samples and vary less than the truth does (noise
    alone connects series). Every draw is therefore drawn from once more; b, the slope of the second
    estimates on the first, says how much of a change of the truth estimates show, and what draws
    differ from their mean is divided by it (kept between 0.4 and 1.2). Intervals are the raw
    number plus that; ``bias`` of a period, (mean of draws - estimate) / b, is reported and not
    taken off. Intervals of 95% between 115 and 60 rows of six series, 300 simulated pairs of
    samples for each of five designs, Gaussian and GARCH-t5: they hold the true change of TCI in
    90% to 95%, of NET in 96% to 99% (plain percentile intervals: TCI in 77% to 89%).

    Raises
    ------
    UsageError
        Different columns, or arguments out of range.

    References
    ----------
    Davidson & MacKinnon (2007) for the second draw; Kilian (1998).
    """
    for name, frame in (("before", before), ("after", after)):
        frame_values(frame, name)
    _check(lags, horizon, estimator, level, (draws, seed, block, threads))
    most = max(1, min(len(before), len(after)) // 2)
    if block is not None and block > most:  # every draw would be the sample once more
        raise UsageError(f"block={block} is beyond {most}, half the rows of the shorter sample")
    names = [str(name) for name in before.columns]
    if names != [str(name) for name in after.columns]:
        raise UsageError("before and after hold different columns; give both the same, in order")
    specification = Specification(tuple(names), lags, horizon, estimator)
    options = Draws(draws, seed, block, level, threads)
    first, second = (
        measure_period(series_of(frame), specification, options, stream=stream)
        for stream, frame in enumerate((before, after))
    )
    reasons = {"before": first.reason, "after": second.reason}
    rows = compare(first, second, names, level=level, words=("before", "after"))
    return SpilloverChange(
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        before=first,
        after=second,
        specification=specification,
        options=options,
        convention=convention_words(horizon),
        note="; ".join(f"{word}: {reason}" for word, reason in reasons.items() if reason),
    )


def _check(
    lags: object,
    horizon: object,
    estimator: object,
    level: float,
    counts: tuple[object, object, object, object],
) -> None:
    """Refuse arguments out of range; ``counts`` are draws, seed, block and threads."""
    draws, seed, block, threads = counts
    check_terms(lags, horizon)
    if block is not None:
        whole("block", block, 1)
    draws_of(draws)
    seed_of(seed)
    threads_of(threads)
    choice("estimator", estimator, ("ols", "ridge", "lasso"))
    number("level", level)
    if not 0.0 < level < 1.0:
        raise UsageError(f"level={level} is not between 0 and 1")


def compare(
    before: Period,
    after: Period,
    names: Sequence[str],
    *,
    level: float,
    words: tuple[str, str],
) -> list[dict[str, Any]]:
    """Lay out two periods, called ``words``, and their change; keys as `COLUMNS`."""
    change = Period(
        facts=after.facts - before.facts,
        spread=after.spread - before.spread,
        bias=after.bias - before.bias,
        reason=_both(words, before.reason, after.reason),
        note=_both(words, before.note, after.note),
    )
    rows: list[dict[str, Any]] = []
    for period, word in ((before, words[0]), (after, words[1]), (change, "change")):
        drawn = period.spread[np.isfinite(period.spread).all(axis=1)]
        few = f"only {len(drawn)} draws (an interval needs {FEWEST})" if len(drawn) < FEWEST else ""
        note = period.reason or "; ".join(filter(None, (period.note, few)))
        low, high = np.full((2, len(period.facts)), np.nan)
        if len(drawn) >= FEWEST:
            low, high = period.facts + np.quantile(drawn, [level / 2, 1 - level / 2], axis=0)
        for at, (measure, series, other) in enumerate(labels_of(names)):
            value, pvalue = float(period.facts[at]), np.nan
            floor = 0.0 if word != "change" and measure in FLOORED else -np.inf
            if word == "change" and len(drawn) >= FEWEST and np.isfinite(value):
                beyond = np.count_nonzero(np.abs(drawn[:, at]) >= abs(value))
                pvalue = (1 + beyond) / (1 + len(drawn))
            ends = (max(float(low[at]), floor), float(high[at]))
            if np.isnan(low[at]):
                ends = (np.nan, np.nan)
            row = (word, measure, series, other, value, *ends, pvalue, note)
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return rows


def _both(words: tuple[str, str], before: str, after: str) -> str:
    """Join what is to be said of two periods."""
    said = zip(words, (before, after), strict=True)
    return "; ".join(f"{word}: {what}" for word, what in said if what)
