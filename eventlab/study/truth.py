"""Estimates beside the truth, where the market is simulated and the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.study.fits import model_beta
from eventlab.study.measures import are_returns
from eventlab.timeline.types import MINUTE
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.study.assembly import Assembly
    from eventlab.study.tables import Computed

__all__ = ["truth_table"]

COLUMNS = [
    "occurrence",
    "symbol",
    "window",
    "true_car",
    "car",
    "stderr",
    "inside",
    "true_beta",
    "beta",
]
MARKET = "SPY"  # the simulated market factor itself, without noise
AGAINST_MARKET = ("market_model", "scholes_williams", "dimson", "garch_market_model")


def truth_table(truth: pd.DataFrame | None, computed: Computed) -> pd.DataFrame:
    """Set true beside estimated CARs, and say whether the interval holds the truth.

    The interval is that of ``spec.level``; the truth of a bar is the sum of all effects injected
    into it, of whatever event. The betas are NaN for a constant mean. Empty for real prices, for
    models that the simulated effects are not stated for, and for volume and volatility.
    """
    assembly, fits, spec = computed.assembly, computed.fits, computed.spec
    effect = None if truth is None else stated_effect(truth, computed.study)
    if truth is None or effect is None:
        return pd.DataFrame(columns=COLUMNS)
    stated = truth.assign(effect=effect)
    columns = assembly.arrays.column
    effects = {int(column): bar_effects(stated, assembly, int(column)) for column in set(columns)}
    betas = truth.drop_duplicates("symbol").set_index("symbol")["beta"]
    fitted = model_beta(fits, spec) if computed.study.model in AGAINST_MARKET else None
    error = fits.car_error
    critical = special.stdtrit(fits.car_dof, 1.0 - spec.level / 2.0)
    rows = []
    for i, w in np.argwhere(np.isfinite(fits.car[:, : computed.n_windows])):
        pair, day0 = assembly.pairs[i], int(assembly.arrays.position[i])
        first, last = spec.windows[w]
        true = float(effects[int(columns[i])][day0 + first : day0 + last + 1].sum())
        estimate, stderr = float(fits.car[i, w]), float(error[i, w])
        inside = abs(estimate - true) <= critical[i, w] * stderr
        label = window_label(spec.windows[w])
        beta = (np.nan, np.nan) if fitted is None else (betas.get(pair.symbol, np.nan), fitted[i])
        names = (pair.occurrence, pair.symbol, label)
        rows.append((*names, true, estimate, stderr, inside, float(beta[0]), float(beta[1])))
    return pd.DataFrame(rows, columns=COLUMNS)


def stated_effect(truth: pd.DataFrame, study: StudyDefinition) -> pd.Series[float] | None:
    """Return what the model should find of each effect; None where the simulation does not say.

    A market model against the market factor finds what an effect adds beyond beta, however beta is
    estimated; a constant mean also finds the market's own move.
    """
    if not are_returns(study.measure):
        return None
    if study.model in AGAINST_MARKET and study.benchmark == MARKET:
        return truth["abnormal_return"]
    if study.model == "constant_mean":
        return truth["abnormal_return"] + truth["beta"] * truth["market_move"]
    return None


def bar_effects(stated: pd.DataFrame, assembly: Assembly, column: int) -> npt.NDArray[np.float64]:
    """(T,): the sum of injected effects that each bar of a panel column carries."""
    panel = assembly.panel
    effects = np.zeros(len(panel.clock))
    own = stated[stated["symbol"] == panel.columns[column].symbol]
    apart = panel.minutes_apart[column]
    sampled = np.flatnonzero(np.isfinite(apart))
    closes = panel.clock.closes[sampled] + (apart[sampled] * MINUTE).astype(np.int64)
    place = np.searchsorted(closes, own["instant"].to_numpy(dtype=np.int64), side="left")
    inside = place < len(sampled)
    np.add.at(effects, sampled[place[inside]], own["effect"].to_numpy()[inside])
    return effects
