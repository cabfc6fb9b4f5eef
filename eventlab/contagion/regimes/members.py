"""Who is in two buckets of series, and what the buckets have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from eventlab.contagion.arguments import names_of
from eventlab.contagion.regimes.absorption import (
    absorbed,
    equal_subsets,
    mean_correlation,
    n_eigenvectors,
)
from eventlab.definitions.problem import hint
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    Columns: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

__all__ = ["BUCKETS", "MIN_SERIES", "SUBSETS", "Buckets", "choose"]

BUCKETS: Final = ("top", "rest", "difference")
MIN_SERIES: Final = 3
SUBSETS: Final = 10
_STILL = 1e-12


@dataclass(frozen=True, slots=True)
class Buckets:
    """Returns of the members of both.

    Attributes
    ----------
    returns
        (T, N) of all members, those of top first.
    columns
        By bucket: its columns.
    sets
        By bucket: (S, m) columns of the equally large subsets behind absorption ratios.
    members, left_out
        By bucket its names; by name why a member is left out.
    """

    returns: npt.NDArray[np.float64]
    columns: Columns
    sets: Columns
    members: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]

    @property
    def n_equal(self) -> int:
        """Series behind both absorption ratios."""
        return len(self.sets[0][0])

    def only(self, known: npt.NDArray[np.bool_], seed: int) -> Buckets:
        """Return the same of the ``known`` columns (N,) alone: the first column is that of them."""
        sizes = [int(np.count_nonzero(known[columns])) for columns in self.columns]
        columns, sets = _columns(sizes[0], sizes[1], seed)
        return replace(self, returns=self.returns[:, known], columns=columns, sets=sets)

    def measure(self, matrices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n, 2, 3) of correlation matrices (n, N, N): mean correlation and absorption ratio."""
        found = np.empty((len(matrices), 2, 3))
        k = n_eigenvectors(self.n_equal)
        found[:, 0] = self.mean_correlations(matrices)
        for b, sets in enumerate(self.sets):
            inside = matrices[:, sets[:, :, None], sets[:, None, :]]
            found[:, 1, b] = absorbed(inside, k).mean(axis=1)
        found[:, 1, 2] = found[:, 1, 0] - found[:, 1, 1]
        return found

    def mean_correlations(self, matrices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n, 3) mean correlations of top, of rest, and their difference."""
        top, rest = (
            mean_correlation(matrices[:, columns[:, None], columns]) for columns in self.columns
        )
        return np.stack([top, rest, top - rest], axis=1)


def choose(
    frame: pd.DataFrame,
    top: Sequence[str],
    rest: Sequence[str],
    *,
    seed: int,
    cut: int = 0,
) -> Buckets:
    """Members with a return on every row that move, before and from row ``cut`` on.

    Raises
    ------
    UsageError
        A bucket holds an unknown or repeated column, or one of the other's.
    DataError
        Fewer than `MIN_SERIES` members of a bucket remain.
    """
    _check(frame, top, rest)
    left_out = {name: why for name in (*top, *rest) if (why := _lacking(frame[name], cut))}
    kept = {
        bucket: tuple(name for name in names if name not in left_out)
        for bucket, names in zip(BUCKETS, (top, rest), strict=False)
    }
    for bucket, asked in zip(BUCKETS, (top, rest), strict=False):
        if len(kept[bucket]) < MIN_SERIES:
            raise DataError(
                f"{len(kept[bucket])} of {len(asked)} members of {bucket} have a moving return on "
                f"every row; at least {MIN_SERIES} are needed"
            )
    n_top, n_rest = (len(names) for names in kept.values())
    columns, sets = _columns(n_top, n_rest, seed)
    names = [*kept["top"], *kept["rest"]]
    returns = np.ascontiguousarray(frame[names].to_numpy(np.float64))
    return Buckets(returns, columns, sets, kept, left_out)


def _columns(n_top: int, n_rest: int, seed: int) -> tuple[Columns, Columns]:
    """Columns of both buckets, and of subsets of them that are equally large."""
    top, rest = np.arange(n_top), np.arange(n_top, n_top + n_rest)
    size = min(n_top, n_rest)
    sets = equal_subsets(top, size, SUBSETS, seed), equal_subsets(rest, size, SUBSETS, seed)
    return (top, rest), sets


def _check(frame: pd.DataFrame, top: Sequence[str], rest: Sequence[str]) -> None:
    if not frame.columns.is_unique:
        raise UsageError("frame has a column twice")
    for bucket, names in (("top", top), ("rest", rest)):
        names_of(bucket, names)
        for name in names:
            if name not in frame.columns:
                near = hint(name, map(str, frame.columns))
                raise UsageError(f"{bucket}: {name!r} is no column of frame{near}")
        if len(set(names)) < len(names):
            raise UsageError(f"{bucket} names a column twice")
    both = sorted(set(top) & set(rest))
    if both:
        raise UsageError(f"{', '.join(both)} in both buckets; keep each in one")


def _lacking(returns: pd.Series, cut: int) -> str:
    """Why a member is left out; nothing where it stays."""
    values = returns.to_numpy(np.float64)
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        return f"{missing} of {len(values)} rows are missing"
    parts = (values[:cut], values[cut:]) if cut else (values,)
    return "it does not move" if any(still(part) for part in parts) else ""


def still(values: npt.NDArray[np.float64]) -> bool:
    """Whether (T,) values are constant, up to rounding."""
    return bool(np.ptp(values) <= _STILL * np.abs(values).max())
