"""Rolling correlations of all pairs of a frame."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import frame_values, threads_of, whole
from eventlab.errors import UsageError
from eventlab.kernels.rolling_correlation import rolling_correlation_nb, rolling_scale_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["all_pairs_correlation", "rolling_correlation"]

FEWEST: Final = 3  # two points always lie on a line


def rolling_correlation(frame: pd.DataFrame, window: int, *, threads: int = 2) -> pd.DataFrame:
    """Correlate every pair of columns over a rolling window.

    Parameters
    ----------
    frame
        T rows ascending in time, at least two columns of returns. The correlation of price levels
        is another thing: unrelated random walks often have a high one.
    window
        Rows, at least 3. Row t uses the ``window`` rows up to and with t.
    threads
        Threads that share the pairs; results do not depend on how many.

    Returns
    -------
    DataFrame of T rows; columns are pairs (first, second) in the order of the frame. NaN before
    the first full window, where a window holds a missing value, and where a series is constant.

    Raises
    ------
    UsageError
        If there are fewer than two columns, repeated columns, or the window does not fit.
    """
    values = frame_values(frame, least=2)
    whole("window", window)
    threads_of(threads)
    if not FEWEST <= window <= len(frame):
        raise UsageError(
            f"window {window} does not fit: at least {FEWEST} rows, at most the {len(frame)} of "
            "the frame"
        )
    first, second = np.triu_indices(frame.shape[1], 1)
    columns = pd.MultiIndex.from_arrays(
        [frame.columns[first], frame.columns[second]], names=["first", "second"]
    )
    found = all_pairs_correlation(values, window, threads)
    return pd.DataFrame(found, index=frame.index, columns=columns, copy=False)


def all_pairs_correlation(
    returns: npt.NDArray[np.float64], window: int, threads: int
) -> npt.NDArray[np.float64]:
    """(T, C (C - 1) / 2) rolling correlations of the series (T, C), as in `rolling_correlation`."""
    data = np.ascontiguousarray(np.where(np.isfinite(returns), returns, np.nan))
    T, C = data.shape
    near, after, scale, shift = (np.empty((T, C)) for _ in range(4))
    alone = np.empty((T, C), dtype=np.bool_)
    rolling_scale_nb(data, window, near, after, scale, shift, alone)
    found = np.empty((T, C * (C - 1) // 2))
    edges = _equal_parts(C, max(1, threads))

    def fill(part: int) -> None:
        first, last = edges[part], edges[part + 1]
        rolling_correlation_nb(data, window, near, after, scale, shift, alone, first, last, found)

    with ThreadPoolExecutor(len(edges) - 1) as pool:
        list(pool.map(fill, range(len(edges) - 1)))
    return found


def _equal_parts(C: int, threads: int) -> list[int]:
    """Cut the columns where each part has about as many pairs: column i has C - i - 1."""
    pairs = np.concatenate([[0], np.cumsum(np.arange(C - 1, 0, -1))])
    wanted = np.linspace(0, pairs[-1], min(threads, C - 1) + 1)
    edges: list[int] = np.unique(np.searchsorted(pairs, wanted)).tolist()
    return edges
