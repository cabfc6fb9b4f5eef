"""Choosing a set on past events and trading it on the next ones, with purging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import whole
from eventlab.errors import DataError, UsageError
from eventlab.hedge.robustness.inputs import bars_of, complete_sets
from eventlab.hedge.robustness.moments import moments, why_not

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.robustness.inputs import Matrix, Vector

__all__ = ["Fold", "WalkForward", "walk_forward", "walk_forward_splits"]

FOLDS: Final = 5
COLUMNS: Final = ("first_row", "last_row", "lookback")


@dataclass(frozen=True, slots=True)
class Fold:
    """Episodes to learn from, to test on, and those purged in between, by number."""

    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    purged: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class WalkForward:
    """What the sets chosen on past episodes did in the next ones.

    Attributes
    ----------
    table
        A row per fold: fold, first, last (episodes tested, by number), chosen (label of the set),
        in_sample, out_of_sample, unhedged (Sharpe ratios per bar: of the chosen set on the
        training bars, of it and of the benchmark on the test bars), in_sample_bars,
        out_of_sample_bars, purged (episodes), note (why something is NaN).
    out_of_sample, unhedged
        Sharpe ratios per bar of all test bars together.
    rows, returns
        (M,) the test bars, and the returns in them of the sets chosen for each.
    folds
        The splits.
    """

    table: pd.DataFrame
    out_of_sample: float
    unhedged: float
    rows: npt.NDArray[np.int64]
    returns: npt.NDArray[np.float64]
    folds: tuple[Fold, ...]

    def __repr__(self) -> str:
        return f"WalkForward({len(self.folds)} folds, {self.out_of_sample:.3f} per bar)"


def walk_forward_splits(
    episodes: pd.DataFrame | npt.NDArray[np.int64],
    *,
    folds: int = FOLDS,
    minimum: int | None = None,
    embargo: int = 0,
) -> tuple[Fold, ...]:
    """Anchored walk-forward over episodes: each fold learns from all before it, less the purged.

    Parameters
    ----------
    episodes
        E rows in order of entry: first_row, last_row (entry and exit; inclusive) and lookback (the
        bars before the entry that its ratio was estimated on), by these names or as an (E, 3)
        array.
    folds
        Groups of consecutive episodes that are tested, as equal as can be.
    minimum
        Episodes before the first test; E // (folds + 1), at least 1, unless given.
    embargo
        Bars that must lie between a training exit and the first test entry.

    Notes
    -----
    A training episode is purged if its bars from ``first_row - lookback`` to ``last_row +
    embargo`` reach the holding bars of a test episode. What is left is known at the close before
    the first test entry.

    Raises
    ------
    UsageError
        If columns are missing, rows are out of order, or an option is out of its bounds.
    DataError
        If there are fewer episodes than ``minimum`` plus ``folds``.

    References
    ----------
    Lopez de Prado (2018), Advances in financial machine learning, sections 7.4.1 and 7.4.2, and
    12.2 (walk-forward).
    """
    spans = _spans(episodes)
    whole("folds", folds, 1)
    whole("embargo", embargo, 0)
    E = len(spans)
    if minimum is None:
        minimum = max(E // (folds + 1), 1)
    whole("minimum", minimum, 1)
    if minimum + folds > E:
        raise DataError(
            f"{E} episodes are too few for {folds} folds after the first {minimum}; "
            f"{minimum + folds} are needed: ask for fewer folds"
        )
    return tuple(
        _fold(spans, test, embargo) for test in np.array_split(np.arange(minimum, E), folds)
    )


def walk_forward(
    returns: Matrix,
    episodes: pd.DataFrame | npt.NDArray[np.int64],
    *,
    unhedged: Vector | None = None,
    folds: int = FOLDS,
    minimum: int | None = None,
    embargo: int = 0,
) -> WalkForward:
    """Choose the set with the best Sharpe ratio on past episodes and report it on the next ones.

    Parameters
    ----------
    returns
        (T, N) per bar of N sets, complete. Only the bars of episodes are read.
    episodes
        As of `walk_forward_splits`, in rows of ``returns``; where sets differ in their timing, the
        union of theirs.
    unhedged
        (T,) returns to compare with; NaN in the table without.
    folds, minimum, embargo
        As of `walk_forward_splits`.

    Notes
    -----
    The first of equally good sets is chosen; a set that does not vary in the training bars is
    chosen only if none does, and the note says so. A Sharpe ratio needs 3 bars.

    Raises
    ------
    UsageError
        As of `walk_forward_splits`, or if ``unhedged`` has another length.
    DataError
        As of `walk_forward_splits`, if a return is missing or an episode is beyond the last bar.
    """
    values, labels = complete_sets(returns)
    spans = _spans(episodes)
    T = len(values)
    if len(spans) and spans[:, 1].max() >= T:
        raise DataError(f"an episode ends in row {spans[:, 1].max()}; returns has {T} bars")
    base = np.full(T, np.nan) if unhedged is None else bars_of(unhedged, "unhedged")
    if len(base) != T:
        raise UsageError(f"unhedged has {len(base)} bars and returns has {T}; align them")
    splits = walk_forward_splits(episodes, folds=folds, minimum=minimum, embargo=embargo)
    rows: list[tuple[Any, ...]] = []
    tested, traded = [], []
    for k, fold in enumerate(splits, start=1):
        train, test = _bars(spans[fold.train]), _bars(spans[fold.test])
        inside = moments(values[train]).sharpe
        at = int(np.argmax(np.where(np.isnan(inside), -np.inf, inside)))
        outside, without = _sharpe(values[test, at]), _sharpe(base[test])
        sizes = (len(train), len(test), len(fold.purged))
        ends = (int(fold.test[0]), int(fold.test[-1]))
        note = _note(len(train), float(inside[at]), len(test), outside)
        rows.append((k, *ends, labels[at], float(inside[at]), outside, without, *sizes, note))
        tested.append(test)
        traded.append(values[test, at])
    together, kept = np.unique(np.concatenate(tested), return_index=True)
    stitched = np.concatenate(traded)[kept]
    return WalkForward(
        table=pd.DataFrame(rows, columns=TABLE),
        out_of_sample=_sharpe(stitched),
        unhedged=_sharpe(base[together]),
        rows=together,
        returns=stitched,
        folds=splits,
    )


TABLE: Final = [
    "fold",
    "first",
    "last",
    "chosen",
    "in_sample",
    "out_of_sample",
    "unhedged",
    "in_sample_bars",
    "out_of_sample_bars",
    "purged",
    "note",
]


def _spans(episodes: pd.DataFrame | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if isinstance(episodes, pd.DataFrame):
        lacking = [name for name in COLUMNS if name not in episodes]
        if lacking:
            raise UsageError(f"episodes has no column {lacking[0]}; it needs {', '.join(COLUMNS)}")
        episodes = episodes[list(COLUMNS)].to_numpy()
    spans = np.asarray(episodes)
    if spans.ndim != 2 or spans.shape[1] != 3:
        raise UsageError(f"episodes has shape {spans.shape}; pass a row per episode of 3 columns")
    if spans.dtype.kind not in "iu":
        raise UsageError(f"episodes has dtype {spans.dtype}; rows are whole numbers")
    spans = spans.astype(np.int64)
    if (spans[:, 0] < 0).any() or (spans[:, 1] < spans[:, 0]).any() or (spans[:, 2] < 0).any():
        raise UsageError(
            "episodes: first_row and lookback from 0 on, last_row not before first_row"
        )
    if (np.diff(spans[:, 0]) < 0).any():
        raise UsageError("episodes are not in order of their first_row; sort them")
    return spans


def _fold(spans: npt.NDArray[np.int64], test: npt.NDArray[np.int64], embargo: int) -> Fold:
    before = np.arange(test[0])
    starts, ends = spans[before, 0] - spans[before, 2], spans[before, 1] + embargo
    held = spans[test]
    reaches = (starts[:, None] <= held[:, 1]) & (ends[:, None] >= held[:, 0])
    purged = reaches.any(axis=1)
    return Fold(before[~purged], test, before[purged])


def _bars(spans: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows that episodes cover, each once, ascending."""
    if not len(spans):
        return np.empty(0, np.int64)
    covered = np.concatenate([np.arange(first, last + 1) for first, last, _ in spans])
    return np.unique(covered)


def _sharpe(values: npt.NDArray[np.float64]) -> float:
    return float(moments(values[:, None]).sharpe[0])


def _note(train: int, inside: float, test: int, outside: float) -> str:
    notes = []
    if np.isnan(inside):
        notes.append(f"training: {why_not(train, inside)}")
    if np.isnan(outside):
        notes.append(f"test: {why_not(test, outside)}")
    return "; ".join(notes)
