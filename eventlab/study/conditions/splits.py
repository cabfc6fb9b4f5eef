"""Average CARs where a state holds and where it does not, and whether they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.inference.clustered import cluster_sums
from eventlab.study.inference.registry import t_pvalue

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["PERMUTATIONS", "SPLIT_COLUMNS", "Split", "split_difference"]

PERMUTATIONS: Final = 999
# With fewer dates than this on a side, a variance from that side is little evidence.
FEW_DATES: Final = 5
STREAM: Final = 0x5B17
SPLIT_COLUMNS = [
    "state",
    "group",
    "window",
    "caar_in",
    "n_in",
    "dates_in",
    "caar_out",
    "n_out",
    "dates_out",
    "n_unknown",
    "difference",
    "stderr",
    "statistic",
    "dof",
    "pvalue",
    "permutation_pvalue",
    "note",
]


@dataclass(frozen=True, slots=True)
class Split:
    """Events in a state against those outside of it.

    ``difference`` is mean in less mean out; ``stderr`` clustered by date (CR1), ``statistic`` its
    t with ``dof`` = G - 1. ``note`` says why one is missing, or what weakens it.
    """

    caar_in: float
    n_in: int
    dates_in: int
    caar_out: float
    n_out: int
    dates_out: int
    difference: float
    stderr: float
    statistic: float
    dof: float
    pvalue: float
    permutation_pvalue: float
    note: str

    def row(self) -> dict[str, float | int | str]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def split_difference(
    car: npt.NDArray[np.float64],
    inside: npt.NDArray[np.bool_],
    dates: npt.NDArray[np.int64],
    *,
    draws: int = PERMUTATIONS,
    seed: int = 0,
) -> Split:
    """Compare the mean CAR of events inside a state with that of the others.

    The t is that of the indicator in a regression of CARs on a constant and the indicator, with
    CR1 errors by date and t(G - 1) (Cameron, Gelbach & Miller 2008). The permutation p deals the
    states anew over the dates and compares |t|: studentised, it also holds where one state is
    wilder than the other, for many dates (Janssen 1997; Chung & Romano 2013).

    Parameters
    ----------
    car, inside, dates
        (N,) finite CARs, whether the state holds, and any codes of day 0's date.
    draws, seed
        Of the permutations; 0 leaves them out.
    """
    codes = np.unique(dates, return_inverse=True)[1].astype(np.int64)
    n_dates = int(codes.max()) + 1 if len(codes) else 0
    label = inside.astype(np.float64)
    own = np.column_stack([label, label * car, 1.0 - label, (1.0 - label) * car])
    sums = cluster_sums(own, codes, n_dates)
    n_in, n_out = int(label.sum()), int(len(car) - label.sum())
    dates_in, dates_out = int((sums[:, 0] > 0).sum()), int((sums[:, 2] > 0).sum())
    mean_in = float(car[inside].mean()) if n_in else math.nan
    mean_out = float(car[~inside].mean()) if n_out else math.nan
    reason = _obstacle(n_in, n_out, dates_in, dates_out)
    stderr = math.nan
    if not reason:
        influence = (sums[:, 1] - mean_in * sums[:, 0]) / n_in
        influence -= (sums[:, 3] - mean_out * sums[:, 2]) / n_out
        factor = n_dates / (n_dates - 1) * (len(car) - 1) / (len(car) - 2)
        stderr = math.sqrt(factor * float(influence @ influence))
        flat = np.ptp(car[inside]) == 0.0 and np.ptp(car[~inside]) == 0.0
        reason = "no CAR differs from its side's mean" if flat or not stderr > 0.0 else ""
    difference = mean_in - mean_out
    statistic = math.nan if reason else difference / stderr
    mixed = dates_in + dates_out > n_dates
    permuted = math.nan
    if not reason and draws and not mixed:
        permuted = _permuted_pvalue(sums, draws, seed)
    return Split(
        mean_in,
        n_in,
        dates_in,
        mean_out,
        n_out,
        dates_out,
        difference,
        math.nan if reason else stderr,
        statistic,
        math.nan if reason else n_dates - 1.0,
        math.nan if reason else t_pvalue(statistic, n_dates - 1.0),
        permuted,
        reason or _caution(min(dates_in, dates_out), mixed=mixed),
    )


def _obstacle(n_in: int, n_out: int, dates_in: int, dates_out: int) -> str:
    if not n_in:
        return "the state holds at no event with a CAR"
    if not n_out:
        return "the state holds at every event with a CAR"
    if min(dates_in, dates_out) < 2:
        side = "where it holds" if dates_in < 2 else "where it does not hold"
        return f"one date {side}: a single date has no variance"
    return ""


def _caution(fewest: int, *, mixed: bool) -> str:
    if mixed:
        return "a date has events of both sides: no permutation over dates"
    if fewest < FEW_DATES:
        return f"{fewest} dates on one side: the t rejects too often, read the permutation p"
    return ""


def _permuted_pvalue(sums: npt.NDArray[np.float64], draws: int, seed: int) -> float:
    """Share of random assignments of the states to the dates with a |t| at least as large.

    The factor of CR1 is the same for all of them and left out on both sides of the comparison;
    the observed assignment counts as one, computed in the same way.
    """
    label = (sums[:, 0] > 0).astype(np.float64)
    count, total = sums[:, 0] + sums[:, 2], sums[:, 1] + sums[:, 3]
    total = total - count * (total.sum() / count.sum())  # centred, against cancellation below
    labels = np.vstack([label, label[_orders(len(label), draws, seed)]])
    moments = np.column_stack([count, total, count**2, count * total, total**2])
    inside = labels @ moments
    outside = moments.sum(axis=0) - inside
    drawn = np.abs(_means(inside) - _means(outside))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = drawn / np.sqrt(_variances(inside) + _variances(outside))
    extreme = drawn[1:] >= drawn[0] * (1.0 - 1e-9)
    return (1.0 + float(extreme.sum())) / (1.0 + draws)


def _means(moments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(moments[:, 1] / moments[:, 0])


def _variances(moments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sum over the dates of a side of (S_g - n_g m)^2, over its number of events squared."""
    mean = _means(moments)
    square = moments[:, 4] - 2.0 * mean * moments[:, 3] + mean**2 * moments[:, 2]
    return np.maximum(square, 0.0) / moments[:, 0] ** 2


@lru_cache(maxsize=64)
def _orders(n_dates: int, draws: int, seed: int) -> npt.NDArray[np.intp]:
    """(draws, G): random orders of the dates, the same for every split over as many dates."""
    generator = np.random.default_rng([seed, STREAM, n_dates])
    orders = generator.random((draws, n_dates)).argsort(axis=1)
    orders.flags.writeable = False
    return orders
