"""Estimates beside the truth, where the market is simulated and the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from eventlab.study.measures import are_returns
from eventlab.study.models.fits import model_beta
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
    n = computed.n_windows
    rows, windows = np.nonzero(np.isfinite(fits.car[:, :n]))
    if not len(rows):
        return pd.DataFrame(columns=COLUMNS)
    true = true_cars(truth.assign(effect=effect), computed)[rows, windows]
    estimate, stderr = fits.car[rows, windows], fits.car_error[rows, windows]
    dof, same = np.unique(fits.car_dof[rows, windows], return_inverse=True)
    critical = special.stdtrit(dof, 1.0 - spec.level / 2.0)[same]  # slow: once for each dof
    occurrence = np.array([pair.occurrence for pair in assembly.pairs], dtype=object)
    symbol = np.array([pair.symbol for pair in assembly.pairs], dtype=object)
    labels = np.array([window_label(window) for window in spec.windows[:n]], dtype=object)
    against = computed.study.model in AGAINST_MARKET
    betas = truth.drop_duplicates("symbol").set_index("symbol")["beta"]
    return pd.DataFrame(
        {
            "occurrence": occurrence[rows],
            "symbol": symbol[rows],
            "window": labels[windows],
            "true_car": true,
            "car": estimate,
            "stderr": stderr,
            "inside": np.abs(estimate - true) <= critical * stderr,
            "true_beta": betas.reindex(symbol).to_numpy()[rows] if against else np.nan,
            "beta": model_beta(fits, spec)[rows] if against else np.nan,
        }
    )


def true_cars(stated: pd.DataFrame, computed: Computed) -> npt.NDArray[np.float64]:
    """(N, W): the effects in each window of each pair; NaN where its CAR is."""
    assembly, fits, n = computed.assembly, computed.fits, computed.n_windows
    columns, place = np.unique(assembly.arrays.column, return_inverse=True)
    effects = np.stack([bar_effects(stated, assembly, int(column)) for column in columns])
    true = np.full((len(place), n), np.nan)
    for w, (first, last) in enumerate(computed.spec.windows[:n]):
        rows = np.flatnonzero(np.isfinite(fits.car[:, w]))
        bars = assembly.arrays.position[rows, None] + np.arange(first, last + 1)
        true[rows, w] = effects[place[rows, None], bars].sum(axis=1)
    return true


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
