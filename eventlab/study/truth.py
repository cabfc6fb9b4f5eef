"""Estimates beside the truth, where the market is simulated and the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.assembly import Assembly
    from eventlab.study.tables import Computed

__all__ = ["truth_table"]

COLUMNS = ["occurrence", "symbol", "window", "true_car", "car", "stderr", "inside"]
MINUTE = 60 * 10**9


def truth_table(truth: pd.DataFrame | None, computed: Computed) -> pd.DataFrame:
    """Set true beside estimated CARs, and say whether the interval holds the truth.

    The interval is that of ``spec.level``. The truth of a bar is the sum of all effects injected
    into it, of whatever event, less the benchmark's times the true beta where the model has one
    benchmark. Empty for real prices and for factor models, whose true loadings are not those of a
    single beta.
    """
    assembly, fits, spec = computed.assembly, computed.fits, computed.spec
    if truth is None or len(truth) == 0 or spec.model == "factor_model":
        return pd.DataFrame(columns=COLUMNS)
    betas = truth.drop_duplicates("symbol").set_index("symbol")["beta"]
    arrays = assembly.arrays
    used = np.unique(np.concatenate([arrays.column, arrays.factors.reshape(-1)]))
    effects = {int(column): bar_effects(truth, assembly, int(column)) for column in used}
    rows = []
    for i in np.flatnonzero(fits.fitted):
        pair = assembly.pairs[i]
        bars = effects[int(arrays.column[i])]
        if arrays.factors.shape[1]:
            beta = 1.0 if spec.model == "market_adjusted" else float(betas.get(pair.symbol, np.nan))
            bars = bars - beta * effects[int(arrays.factors[i, 0])]
        critical = float(special.stdtrit(float(fits.dof[i]), 1.0 - spec.level / 2.0))
        for w in np.flatnonzero(np.isfinite(fits.car[i, : computed.n_windows])):
            first, last = spec.windows[w]
            true = float(bars[pair.position + first : pair.position + last + 1].sum())
            estimate, error = float(fits.car[i, w]), float(fits.car_error[i, w])
            inside = abs(estimate - true) <= critical * error
            label = window_label(spec.windows[w])
            rows.append((pair.occurrence, pair.symbol, label, true, estimate, error, inside))
    return pd.DataFrame(rows, columns=COLUMNS)


def bar_effects(truth: pd.DataFrame, assembly: Assembly, column: int) -> npt.NDArray[np.float64]:
    """(T,): the sum of injected effects that each bar of a panel column carries."""
    panel = assembly.panel
    effects = np.zeros(len(panel.clock))
    own = truth[truth["symbol"] == panel.columns[column].symbol]
    apart = panel.minutes_apart[column]
    sampled = np.flatnonzero(np.isfinite(apart))
    closes = panel.clock.closes[sampled] + (apart[sampled] * MINUTE).astype(np.int64)
    place = np.searchsorted(closes, own["instant"].to_numpy(dtype=np.int64), side="left")
    inside = place < len(sampled)
    np.add.at(effects, sampled[place[inside]], own["abnormal_return"].to_numpy()[inside])
    return effects
