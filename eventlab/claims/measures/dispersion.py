"""Whether the members of one group move as one more than those of another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.intervals import (
    draw_counts,
    drawn_interval,
    open_words,
    resampled_correlations,
    sided,
)
from eventlab.claims.joint_readings import Axes, measure_all
from eventlab.claims.joint_series import members_aligned
from eventlab.claims.types import Untestable
from eventlab.contagion.regimes.absorption import absorbed, equal_subsets, mean_correlation

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.joint_readings import JointChoice
    from eventlab.claims.types import Measured, Unit
    from eventlab.definitions.questions import Question

__all__ = ["dispersion"]

PAIRS = "mean correlation of all pairs"
COMPONENT = "share of the first principal component"
SPREAD = "spread of returns across members"
AXES: Final = Axes(
    of=("returns",),
    windows=("3 months", "1 year"),
    beyond_windows=(),
    details=(PAIRS, COMPONENT),
    beyond_details=(SPREAD,),
    baskets=(),
    intraday=False,
)
UNITS: Final[dict[str, Unit]] = {PAIRS: "correlation", COMPONENT: "ratio", SPREAD: "return"}
SUBSETS: Final = 10


def dispersion(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """By how much more the members of a first group move as one than those of a second.

    The literal reading is the mean Pearson correlation of all pairs of the first group less that of
    the second, of daily returns. Another is the share of variance of standardised returns along the
    first principal component, in random subsets of as many members of either group (a share falls
    with their number). Beyond the words is the standard deviation of returns across members,
    averaged over rows (second less first): it is smaller as well where volatility is. Only members
    with every return of the window count; the others are named in ``note``.

    Intervals: block bootstrap of rows, those of both groups drawn together. A word holds where all
    of the interval is on its side, and is open where it straddles 0.

    Raises
    ------
    Untestable
        The claim's own window lies outside of the data.
    """

    def measure(choice: JointChoice) -> Measured:
        return _compared(question, bench, choice)

    return measure_all(question, bench, AXES, measure, unit="correlation")


def _compared(question: Question, bench: Bench, choice: JointChoice) -> Measured:
    groups, note = _groups(question, bench, choice)
    n = groups[0].shape[1]
    # The first "draw" has every row once: the sample itself.
    counts = np.vstack([np.ones(n), draw_counts(n, bench.generator(question))])
    if choice.detail == SPREAD:
        first, second = (_spread(each, counts) for each in groups)
        draws, said = second - first, f"{first[0]:.2%} a day in the first group, {second[0]:.2%}"
    else:
        size = min(len(each) for each in groups) if choice.detail == COMPONENT else 0
        seed = int(bench.generator(question).integers(2**32))
        first, second = (_unity(each, counts, size, seed) for each in groups)
        draws, said = first - second, f"{first[0]:.2f} in the first group, {second[0]:.2f}"
    value = float(draws[0])
    interval = drawn_interval(value, draws[1:], n)
    published, holds, why = question.claim.published, None, ""
    if isinstance(published, str):
        holds = sided(interval, 0.0, above=published == "first_tighter")
        why = open_words(holds, 0.0)
    said += f" in the second ({len(groups[0])} and {len(groups[1])} members)"
    found = interval.around(choice.reading, value, UNITS[choice.detail], n, said, why, note)
    word = "first_tighter" if value > 0.0 else "second_tighter"
    return replace(found, word=word, holds=holds)


def _groups(
    question: Question, bench: Bench, choice: JointChoice
) -> tuple[list[npt.NDArray[np.float64]], str]:
    """Take returns (K, n) of both groups on the rows that both have, and who is left out."""
    window, sampling = choice.window, choice.sampling
    both = [
        members_aligned(name, question, bench, window=window, sampling=sampling).checked()
        for name in question.claim.symbols
    ]
    days = np.intersect1d(both[0].days, both[1].days)
    if len(days) < choice.sampling.fewest:
        raise Untestable(f"the groups have {len(days)} rows in common")
    note = "; ".join(one.note for one in both if one.note)
    return [one.table[:, np.isin(one.days, days)] for one in both], note


def _unity(
    values: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], size: int, seed: int
) -> npt.NDArray[np.float64]:
    """(B,) mean correlation of all pairs; with a ``size`` the first component's share instead."""
    matrices = resampled_correlations(values, counts)
    if not size:
        return mean_correlation(matrices)
    subsets = equal_subsets(np.arange(len(values)), size, SUBSETS, seed)
    shares = [absorbed(matrices[:, each[:, None], each], 1) for each in subsets]
    return np.asarray(np.mean(shares, axis=0), dtype=np.float64)


def _spread(
    values: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(B,) mean over rows of the standard deviation (ddof 1) across members."""
    return np.asarray(counts @ values.std(axis=0, ddof=1) / counts.sum(axis=1), dtype=np.float64)
