"""How much of one series' effect on another disappears when those between them are held fixed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import (
    draws_of,
    frame_values,
    number,
    seed_of,
    series_values,
    whole,
)
from eventlab.contagion.phrases import NOTHING_TO_SHARE
from eventlab.contagion.placebo import MIN_DATES
from eventlab.contagion.resampling import circular_rows
from eventlab.errors import DataError, UsageError
from eventlab.study.inference.registry import t_pvalue

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MediatedShare", "Shares", "measure_share", "mediated_share", "share_note", "shares_of"]

MIN_SPARE: Final = 5  # rows beyond the coefficients of the larger regression
COLLINEAR: Final = 1e-10  # what is left of a regressor's variance after the others, at least


@dataclass(frozen=True, slots=True)
class MediatedShare:
    """The effect of a source on the last link, in all and directly.

    Attributes
    ----------
    total, total_stderr, total_pvalue
        Slope of ``last`` on ``source`` alone; its HC1 error and two-sided p, t(n - 2).
    direct
        Slope on ``source`` with the middle held fixed.
    share
        1 - direct / total; NaN where the total is not different from zero at the level: there is
        no effect to share. Below 0 or above 1 where the middle hides or reverses the effect.
    low, high
        Percentile bootstrap interval of the share at 1 - level.
    n, n_missing, note
        Rows used, rows left out because a series is missing, and why something is NaN.
    """

    total: float
    total_stderr: float
    total_pvalue: float
    direct: float
    share: float
    low: float
    high: float
    n: int
    n_missing: int
    note: str

    def __repr__(self) -> str:
        """Return the share and its interval."""
        said = f"; {self.note}" if self.note else ""
        return (
            f"MediatedShare(share={self.share:.3f} [{self.low:.3f}, {self.high:.3f}], "
            f"total={self.total:.4f}, direct={self.direct:.4f}, n={self.n}{said})"
        )


@dataclass(frozen=True, slots=True)
class Shares:
    """Slopes and shares of many samples (K,); NaN where a regression has no solution."""

    total: npt.NDArray[np.float64]
    direct: npt.NDArray[np.float64]
    stderr: npt.NDArray[np.float64]

    @property
    def share(self) -> npt.NDArray[np.float64]:
        """(K,) 1 - direct / total."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: npt.NDArray[np.float64] = 1.0 - self.direct / self.total
        found[~np.isfinite(found)] = np.nan
        return found


def mediated_share(  # noqa: PLR0913 - three series, and three choices of the interval
    source: pd.Series,
    middle: pd.Series | pd.DataFrame,
    last: pd.Series,
    *,
    level: float = 0.05,
    draws: int = 2000,
    block: int = 1,
    seed: int = 0,
) -> MediatedShare:
    """Share of the source's effect on the last link that disappears with the middle held fixed.

    Two least-squares regressions: last on source (slope c, the total effect) and last on source
    and middle (slope c', the direct effect). The share is (c - c') / c, the difference of
    coefficients, which for least squares equals the product of coefficients a b.

    It says through what the co-movement runs, not what causes it: a common shock that reaches the
    middle first, or is measured better in it, looks the same. A placebo on dates without news tells
    an event's share from the everyday one.

    Parameters
    ----------
    source, middle, last
        Returns on the same rows (joined by index): one row per event, for example each report's day
        0, or one per bar inside a window. ``middle`` may have several columns, held fixed together.
        Rows with any NaN are left out and counted.
    level
        Of the test of the total effect and of the interval.
    draws, block, seed
        Of the bootstrap, which resamples whole rows, ``block`` neighbours at a time: 1 for events,
        more for consecutive bars.

    Returns
    -------
    MediatedShare

    Raises
    ------
    UsageError
        Nothing in the middle, or a level, a block or draws out of bounds.
    DataError
        An index that repeats.

    References
    ----------
    Baron & Kenny (1986), The moderator-mediator variable distinction, eq. 1-3; MacKinnon, Warsi &
    Dwyer (1995), A simulation study of mediated effect measures.
    """
    between = middle.to_frame() if isinstance(middle, pd.Series) else middle
    frame_values(between, "middle", least=0, ordered=False)
    for key, each in (("source", source), ("last", last)):
        series_values(each, key, ordered=False)
    number("level", level)
    draws_of(draws)
    whole("block", block, high=max(1, len(last)))
    seed_of(seed)
    if not len(between.columns):
        raise UsageError("middle: no column; pass the series that is held fixed")
    for key, one in (("source", source), ("middle", between), ("last", last)):
        if not one.index.is_unique:
            raise DataError(f"{key}: rows are joined by index, and its index repeats; drop repeats")
    if not (0.0 < level < 1.0 and block >= 1 and draws >= 0):
        raise UsageError(
            f"level {level:g}, block {block}, draws {draws}: the level lies between 0 and 1, the "
            "block is 1 or more, draws are 0 or more"
        )
    frame = pd.concat([last, source, *(between[name] for name in between.columns)], axis=1)
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    kept = np.isfinite(values).all(axis=1)
    rows = np.ascontiguousarray(values[kept])
    found = measure_share(rows, level=level, draws=draws, block=block, seed=seed)
    return MediatedShare(
        *found, len(rows), int(np.count_nonzero(~kept)), share_note(rows, found, level)
    )


Found = tuple[float, float, float, float, float, float, float]


def measure_share(
    rows: npt.NDArray[np.float64], *, level: float, draws: int, block: int, seed: int
) -> Found:
    """Total, its error and p, direct, share, low and high of complete rows (n, 2 + middles).

    The columns are last, source, and what lies between.
    """
    n, k = rows.shape
    nothing = math.nan
    if n < k + MIN_SPARE:
        return (nothing,) * 7
    real = shares_of(rows[None])
    total, error = float(real.total[0]), float(real.stderr[0])
    direct = float(real.direct[0])
    pvalue = t_pvalue(total / error, n - 2.0) if error > 0.0 else nothing
    if not (pvalue <= level and math.isfinite(direct)):
        return total, error, pvalue, direct, nothing, nothing, nothing
    share = float(real.share[0])
    low, high = _interval(rows, level, draws, block, seed)
    return total, error, pvalue, direct, share, low, high


def shares_of(rows: npt.NDArray[np.float64]) -> Shares:
    """Total and direct slopes of K samples (K, n, 2 + middles): last, source, and the middle.

    ``stderr`` is the HC1 error of the total (White 1980). A source that is a combination of the
    middle (or does not move) has no direct effect: NaN.
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    last, source, middle = centred[:, :, 0], centred[:, :, 1], centred[:, :, 2:]
    n = rows.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.square(source).sum(axis=1)
        total = (source * last).sum(axis=1) / square
        resid = last - total[:, None] * source
        stderr = np.sqrt(np.square(source * resid).sum(axis=1) * n / (n - 2)) / square
        # Frisch & Waugh: the direct slope is that on what the middle leaves of the source.
        left = source - np.einsum("knj,kj->kn", middle, _slopes(middle, source))
        rest = np.square(left).sum(axis=1)
        direct = (left * last).sum(axis=1) / rest
    direct[~(rest > COLLINEAR * square)] = np.nan
    constant = rows[:, :, 1].max(axis=1) == rows[:, :, 1].min(axis=1)
    total[constant], direct[constant] = np.nan, np.nan
    return Shares(total, direct, stderr)


def _slopes(
    middle: npt.NDArray[np.float64], source: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(K, middles) least-squares slopes of the source on the middle; the smallest where many fit.

    Collinear middles span the same space as fewer of them, so the pseudo-inverse holds the same
    fixed.
    """
    # On one scale, or the unit of one middle would decide which others are held fixed.
    size = np.sqrt(np.square(middle).sum(axis=1))
    middle = middle / np.where(size > 0.0, size, 1.0)[:, None, :]
    gram = np.einsum("kni,knj->kij", middle, middle)
    product = np.einsum("kni,kn->ki", middle, source)
    slopes: npt.NDArray[np.float64] = np.einsum(
        "kij,kj->ki", np.linalg.pinv(gram, rcond=COLLINEAR, hermitian=True), product
    )
    return slopes / np.where(size > 0.0, size, 1.0)


def _interval(
    rows: npt.NDArray[np.float64], level: float, draws: int, block: int, seed: int
) -> tuple[float, float]:
    n = len(rows)
    if draws < MIN_DATES:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    drawn = shares_of(rows[circular_rows(n, block, draws, rng)]).share
    known = drawn[np.isfinite(drawn)]
    if len(known) < MIN_DATES:
        return math.nan, math.nan
    low, high = np.quantile(known, [level / 2.0, 1.0 - level / 2.0])
    return float(low), float(high)


def share_note(rows: npt.NDArray[np.float64], found: Found, level: float) -> str:
    """Why something in ``found`` is NaN; empty where nothing is."""
    n, k = rows.shape
    total, _, pvalue, direct, share, low, _ = found
    if n < k + MIN_SPARE:
        return f"{n} complete rows; {k + MIN_SPARE} are needed for {k} coefficients"
    if math.isnan(total):
        return "the source does not move"
    if math.isnan(pvalue):
        return "the source explains the last link without error"
    if pvalue > level:
        return f"{NOTHING_TO_SHARE} (p {pvalue:.2g}): nothing to share"
    if math.isnan(direct):
        return "the source is a combination of the middle, so nothing of it is left to vary"
    return "" if math.isfinite(share) and math.isfinite(low) else "no interval: too few draws"
