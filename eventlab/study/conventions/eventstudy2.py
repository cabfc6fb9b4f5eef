"""What Stata's eventstudy2 prints in its CAR file, for reconciling with it.

Facts from ``eventstudy2.ado`` version 3.0 of November 2019 (Kaspereit, SSC s458086), the Mata
functions TESTSTATS and KOLARI, with the mean correlation as corrected in July 2022 (its help file:
pairs of an event with itself are left out; version 3.0 meant to). Later versions may differ.

The program turns discrete returns into logarithms unless told that they are: pass log returns to
compare. It bridges missing returns by trade-to-trade returns, which is not reproduced. Some of its
formulas differ from the papers they cite, and the differences are kept:

- the standard error of a SAR is s C^(1/4): the forecast error over s is rooted once more;
- a SAR is divided by the root of its own running number in the window, V_1/1 + V_2/sqrt(2) + ...,
  where Patell divides the sum by sqrt(L);
- Student's t has the degrees of freedom of the fit also where the variance is cross-sectional;
- in the t of the CAAR the forecast term is L/N for L^2/M, and the market's mean is subtracted
  t times on day t;
- Corrado-Zivney's cross-sectional deviations are inflated by sqrt(N/(N - 1));
- GRANK divides the SCARs by the standard error of their mean, and its variance leaves day 0 out;
- Wilcoxon ranks all days of all firms of the window together, in the normal approximation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.conventions.estudy2 import ROUNDING, over_spread
from eventlab.study.conventions.sample import (
    NO_SPREAD,
    ONE_EVENT,
    ForeignSample,
    from_normal,
    from_student,
    has_ties,
    mean_pair_correlation,
    ranks,
)
from eventlab.study.inference.registry import Outcome, not_available

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = ["LACKS", "MODELS", "TESTS"]

MODELS: Final = ("constant_mean", "market_adjusted", "market_model", "factor_model")
LACKS: Final = {
    "cross_sectional_t": "eventstudy2 has no such test; its t_test is clm_j1",
    "skewness_t": "eventstudy2 has this test for buy-and-hold returns only",
}
TIES: Final = "not known: eventstudy2 ranks equal values in arbitrary order"


def extra_factors(sample: ForeignSample) -> int:
    """Regressors beside the constant and the market."""
    return max(0, int(sample.n_parameters[0]) - 2)


def fit_dof(sample: ForeignSample) -> float:
    """M - 2 less the extra factors, whatever the model."""
    return sample.rows - 2.0 - extra_factors(sample)


def sigma(sample: ForeignSample) -> npt.NDArray[np.float64]:
    """(N,): root of the sum of squared residuals over `fit_dof`."""
    found: npt.NDArray[np.float64] = np.sqrt((sample.resid**2).sum(axis=1) / fit_dof(sample))
    return found


def standardised(
    sample: ForeignSample,
    values: npt.NDArray[np.float64],
    variance: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """``values`` (N, T) over sqrt(s f) where f is the forecast standard error: s C^(1/4)."""
    s = sigma(sample)[:, None]
    error = sample.sigma[:, None] * np.sqrt(variance)
    scaled: npt.NDArray[np.float64] = values / s / np.sqrt(error / s)
    return scaled


def weighted_sum(sample: ForeignSample) -> npt.NDArray[np.float64]:
    """(N,): sum over the window of SAR_t / sqrt(t), t from 1."""
    v = standardised(sample, sample.inside, sample.of_window(sample.variance))
    total: npt.NDArray[np.float64] = (v / np.sqrt(np.arange(1.0, sample.length + 1.0))).sum(axis=1)
    return total


def adjustment(sample: ForeignSample) -> tuple[float, float]:
    """sqrt((1 - r)/(1 + (N - 1) r)) and r; NaN where that is not defined."""
    if sample.n < 2:
        return math.nan, math.nan
    r = mean_pair_correlation(standardised(sample, sample.resid, 1.0 + sample.leverage))
    spread = 1.0 + (sample.n - 1) * r
    return (math.sqrt((1.0 - r) / spread) if spread > 0.0 and r < 1.0 else math.nan), r


def undefined(test: str, sample: ForeignSample, r: float) -> Outcome:
    """Refuse an adjustment that is not defined for ``r`` (NaN for a single event)."""
    reason = ONE_EVENT if sample.n < 2 else f"the mean correlation {r:.3f} gives no variance"
    return not_available(test, sample.n, reason)


def clm_j1(sample: ForeignSample) -> Outcome:
    """``NCAAREt_test``: CAAR over the root of N^-2 sum s^2 C, t(M - 2)."""
    L = float(sample.length)
    factor = np.full(sample.n, L)
    if sample.model != "constant_mean":
        market = sample.regressors[:, 0]
        mean = market.mean(axis=1)
        # Its running sum takes the mean off 1, 2, ..., L times: L(L + 1)/2 in all.
        drift = sample.of_window(sample.market).sum(axis=1) - mean * L * (L + 1.0) / 2.0
        square = ((market - mean[:, None]) ** 2).sum(axis=1)
        factor = L + L / sample.n + drift**2 / square
    error = math.sqrt(float((sigma(sample) ** 2 * factor).sum()))
    note = "eventstudy2 t_test: forecast term L/N for L^2/M, mean of the market taken off t times"
    return from_student("clm_j1", float(sample.car.sum()) / error, fit_dof(sample), sample.n, note)


def crude_dependence(sample: ForeignSample) -> Outcome:
    """``NCAARECDA``: CAAR over sqrt(L) times the sd of the estimation AARs, t(M - 2)."""
    dof = fit_dof(sample)
    variance = float(sample.resid.mean(axis=0).var(ddof=1)) * (sample.rows - 1.0) / dof
    total = float(sample.inside.mean(axis=0).sum())
    t = total / math.sqrt(sample.length * variance) if variance > 0.0 else math.nan
    note = "eventstudy2 CDA: variance with divisor M-2, t(M-2)"
    return from_student("crude_dependence", t, dof, sample.n, note)


def patell_statistic(sample: ForeignSample) -> float:
    """Sum of `weighted_sum` over sqrt(N (M - 2)/(M - 4))."""
    dof = fit_dof(sample)
    return float(weighted_sum(sample).sum()) / math.sqrt(sample.n * dof / (dof - 2.0))


PATELL_NOTE: Final = "SARs over s C^(1/4), each divided by the root of its number in the window"


def patell_z(sample: ForeignSample) -> Outcome:
    """``NCAAREPatell``, N(0, 1)."""
    note = f"eventstudy2 Patell: {PATELL_NOTE}"
    return from_normal("patell_z", patell_statistic(sample), sample.n, note)


def kolari_pynnonen_patell(sample: ForeignSample) -> Outcome:
    """``NCAAREPatellADJ``: Patell times sqrt((1 - r)/(1 + (N - 1) r)), N(0, 1)."""
    factor, r = adjustment(sample)
    if math.isnan(factor):
        return undefined("kolari_pynnonen_patell", sample, r)
    note = f"eventstudy2 PatellADJ: {PATELL_NOTE}; times sqrt((1-r)/(1+(N-1)r)), r {r:.3f}"
    z = patell_statistic(sample) * factor
    return from_normal("kolari_pynnonen_patell", z, sample.n, note)


def bmp(sample: ForeignSample) -> Outcome:
    """``NCAAREBoehmer``: cross-sectional t of `weighted_sum`, t(M - 2)."""
    note = f"eventstudy2 Boehmer: {PATELL_NOTE}; t(M-2)"
    t = over_spread(weighted_sum(sample))
    return from_student("bmp", t, fit_dof(sample), sample.n, note)


def kolari_pynnonen_bmp(sample: ForeignSample) -> Outcome:
    """``NCAAREKolari``: Boehmer times sqrt((1 - r)/(1 + (N - 1) r)), t(M - 2)."""
    factor, r = adjustment(sample)
    if math.isnan(factor):
        return undefined("kolari_pynnonen_bmp", sample, r)
    t = over_spread(weighted_sum(sample)) * factor
    note = (
        f"eventstudy2 Kolari: Boehmer with the plain mean correlation {r:.3f} of residuals "
        "aligned by relative bar; t(M-2)"
    )
    return from_student("kolari_pynnonen_bmp", t, fit_dof(sample), sample.n, note)


def mean_rank_statistic(sample: ForeignSample, values: npt.NDArray[np.float64]) -> float:
    """Cowan (1992) on rows of the estimation window, then of the window: ``values`` (N, M + L)."""
    centred = ranks(values).mean(axis=0) - (values.shape[1] + 1.0) / 2.0
    scale = math.sqrt(float((centred**2).mean()))
    level = float(centred[sample.rows :].mean())
    return math.sqrt(sample.length) * level / scale if scale > 0.0 else math.nan


def corrado_rank(sample: ForeignSample) -> Outcome:
    """``NCAARECorrado_Cowan``, N(0, 1)."""
    every = np.concatenate([sample.resid, sample.inside], axis=1)
    if has_ties(every):
        return not_available("corrado_rank", sample.n, TIES)
    note = "eventstudy2 Corrado_Cowan: ranks over the estimation window and the days of the CAR"
    return from_normal("corrado_rank", mean_rank_statistic(sample, every), sample.n, note)


def corrado_zivney(sample: ForeignSample) -> Outcome:
    """``NCAAREZivney_Cowan``, N(0, 1)."""
    if sample.n < 2:
        return not_available("corrado_zivney", 1, ONE_EVENT)
    scale = sample.sd[:, None] * math.sqrt(sample.rows / (sample.rows - 1.0))
    event = sample.inside / scale
    spread = event.std(axis=0, ddof=1) * math.sqrt(sample.n / (sample.n - 1.0))
    if not (spread > ROUNDING * np.abs(event).max(axis=0)).all():
        return not_available("corrado_zivney", sample.n, NO_SPREAD)
    every = np.concatenate([sample.resid / scale, event / spread], axis=1)
    if has_ties(every):
        return not_available("corrado_zivney", sample.n, TIES)
    note = (
        "eventstudy2 Zivney_Cowan: ranks over the estimation window and the days of the CAR; no "
        "forecast error, cross-sectional sd times sqrt(N/(N-1))"
    )
    return from_normal("corrado_zivney", mean_rank_statistic(sample, every), sample.n, note)


def grank_t(sample: ForeignSample) -> Outcome:
    """``NCAAREGRANKT``: t(M - 2)."""
    if sample.n < 2:
        return not_available("grank_t", sample.n, ONE_EVENT)
    total, (factor, r) = weighted_sum(sample), adjustment(sample)
    spread = float(total.std(ddof=1))
    if not spread > ROUNDING * float(np.abs(total).max()):
        return not_available("grank_t", sample.n, NO_SPREAD)
    if math.isnan(factor):
        return undefined("grank_t", sample, r)
    scar = total * factor / (spread / math.sqrt(sample.n))
    every = np.concatenate([sample.resid / sigma(sample)[:, None], scar[:, None]], axis=1)
    if has_ties(every):
        return not_available("grank_t", sample.n, TIES)
    mean = (ranks(every) / (every.shape[1] + 1.0) - 0.5).mean(axis=0)
    z = float(mean[-1]) / math.sqrt(float((mean[:-1] ** 2).mean()))
    rest = sample.rows - 1.0 - z**2
    t = z * math.sqrt((sample.rows - 2.0) / rest) if rest > 0.0 else math.nan
    note = (
        "eventstudy2 GRANKT: SCARs over the standard error of their mean, variance over the "
        "estimation rows alone; t(M-2)"
    )
    return from_student("grank_t", t, sample.rows - 2.0, sample.n, note)


def generalized_sign(sample: ForeignSample) -> Outcome:
    """``NCAAREGenSign``: p pooled over all residuals, zeros half; a CAR of zero is positive."""
    p = float(np.sign(sample.resid).mean()) / 2.0 + 0.5
    spread = math.sqrt(sample.n * p * (1.0 - p))
    z = (int((sample.car >= 0.0).sum()) - sample.n * p) / spread if spread > 0.0 else math.nan
    note = "eventstudy2 GenSign: one share of positive residuals, pooled"
    return from_normal("generalized_sign", z, sample.n, note)


def wilcoxon(sample: ForeignSample) -> Outcome:
    """``NCAAREWilcox``: N(0, 1), without continuity correction, over N L returns."""
    values = sample.inside.reshape(1, -1)
    if has_ties(np.abs(values)):
        return not_available("wilcoxon", sample.n, TIES)
    n = values.shape[1]
    total = float(ranks(np.abs(values))[values >= 0.0].sum())
    z = (total - n * (n + 1.0) / 4.0) / math.sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0)
    note = "eventstudy2 Wilcox: the abnormal returns of all days together, normal, uncorrected"
    return from_normal("wilcoxon", z, sample.n, note)


TESTS: Final[dict[str, Callable[[ForeignSample], Outcome]]] = {
    "clm_j1": clm_j1,
    "crude_dependence": crude_dependence,
    "patell_z": patell_z,
    "kolari_pynnonen_patell": kolari_pynnonen_patell,
    "bmp": bmp,
    "kolari_pynnonen_bmp": kolari_pynnonen_bmp,
    "corrado_rank": corrado_rank,
    "corrado_zivney": corrado_zivney,
    "grank_t": grank_t,
    "generalized_sign": generalized_sign,
    "wilcoxon": wilcoxon,
}
