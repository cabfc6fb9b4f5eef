"""Returns whose correlation breaks are known, and the battery run on them."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from eventlab.contagion.breaks.battery import BreakItems, Breaks, BreakSpec, prepare_breaks
from tests import naive_contagion_breaks as naive

Array = npt.NDArray[np.float64]
CALM, CRISIS = (-60, -6), (0, 14)
ROWS = (150, 250, 350)
GOLDEN = (5**0.5 - 1) / 2


def returns(seed: int = 0, C: int = 4, T: int = 420) -> Array:
    """(C, T): every series loads .7 on the first."""
    rng = np.random.default_rng(seed)
    data = 0.01 * rng.standard_t(5, (C, T))
    data[1:] += 0.7 * data[0]
    return data


def make_items(
    targets: tuple[int, ...] = (1, 2), rows: tuple[int, ...] = ROWS, source: int = 0
) -> BreakItems:
    """Every target at every row; a row is a family."""
    laid_out = [(row, source, target, k) for k, row in enumerate(rows) for target in targets]
    table = np.array(laid_out, dtype=np.int64)
    return BreakItems(*(np.ascontiguousarray(table[:, k]) for k in range(4)))


def free_rows(T: int = 420, rows: tuple[int, ...] = ROWS) -> npt.NDArray[np.bool_]:
    """Rows up to the last event whose crisis window shares no bar with that of an event."""
    free = np.zeros(T, dtype=np.bool_)
    free[-CALM[0] : max(rows)] = True
    for row in rows:
        free[row - CRISIS[1] : row + CRISIS[1] + 1] = False
    return free


def run(data: Array, items: BreakItems | None = None, **options: Any) -> Breaks:
    spec = BreakSpec(CALM, CRISIS, **{"draws": 200, "threads": 1, **options})
    return prepare_breaks(data, items or make_items(), spec, free_rows(data.shape[1]))


def window(data: Array, pair: tuple[int, int], row: int, w: int) -> tuple[Array, Array]:
    first, last = (CALM, CRISIS)[w]
    own = slice(row + first, row + last + 1)
    return data[pair[0], own], data[pair[1], own]


def pseudo(data: Array, pair: tuple[int, int], row: int, variant: str) -> tuple[Array, Array]:
    """Plain and transmitted statistics of a pair at every pseudo-date of the event at ``row``."""
    calm, crisis = window(data, pair, row, 0), window(data, pair, row, 1)
    source, _, left = naive.ratios(calm, crisis)
    plain, given_variance = [], []
    dates = np.flatnonzero(free_rows(data.shape[1])).tolist()
    wander = naive.wander([(window(data, pair, t, 0), window(data, pair, t, 1)) for t in dates])
    for date in dates:
        own, then = window(data, pair, date, 0), window(data, pair, date, 1)
        noise = NormalDist().inv_cdf((date * GOLDEN + 0.5) % 1.0)
        made = naive.transmitted(own, then, source, left, (noise, wander))
        plain.append(naive.battery(own, then, variant, kept=calm))
        given_variance.append(naive.battery(own, made, variant, kept=calm))
    return np.array(plain), np.array(given_variance)
