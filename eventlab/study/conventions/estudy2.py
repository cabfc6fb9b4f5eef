"""What R's estudy2 0.10.0 prints, for reconciling with it.

Facts from its sources (github.com/irudnyts/estudy2, files named below). One calendar date for all
securities; tests of single days (``parametric_tests.R``, ``nonparametric_tests.R``) whose rows are
the estimation period and the event period; for more days only ``car_parametric_tests.R`` and
``car_nonparametric_tests.R``, whose rows are the estimation period and those days. Significance is
printed as stars from two-sided critical values of the distributions below, a p-value never.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.conventions.sample import ForeignSample, from_normal, from_student, ranks
from eventlab.study.inference.registry import Outcome, not_available

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = ["MODELS", "ROUNDING", "TESTS", "obstacle", "over_spread"]

ROUNDING: Final = 1e-14  # a spread this small relative to the values is rounding
MODELS: Final = ("constant_mean", "market_adjusted", "market_model")


def obstacle(sample: ForeignSample) -> str:
    """Why estudy2 could not have studied these events; empty if it could."""
    dates = len(np.unique(sample.session))
    if dates > 1:
        return f"estudy2 tests one calendar date for all securities; these events have {dates}"
    return ""


def single_day(test: str, sample: ForeignSample) -> Outcome | None:
    """Refuse a window of several days for a test that estudy2 has for single days only."""
    if sample.length == 1:
        return None
    return not_available(test, sample.n, "estudy2 has this test for single days only")


def standardised(sample: ForeignSample) -> npt.NDArray[np.float64]:
    """(N, L): AR / (sd sqrt(C_t)) where sd has the divisor M - 1."""
    error = sample.sd[:, None] * np.sqrt(sample.of_window(sample.variance))
    scaled: npt.NDArray[np.float64] = sample.inside / error
    return scaled


def over_spread(values: npt.NDArray[np.float64]) -> float:
    """sqrt(N) mean / sd with divisor N - 1; NaN where that is not defined."""
    if len(values) < 2:
        return math.nan
    spread = float(values.std(ddof=1))
    if not spread > ROUNDING * float(np.abs(values).max()):
        return math.nan
    return math.sqrt(len(values)) * float(values.mean()) / spread


def cross_sectional_t(sample: ForeignSample) -> Outcome:
    """``t_test``: AAR over its cross-sectional standard error, t(N - 1)."""
    refused = single_day("cross_sectional_t", sample)
    note = "estudy2 t_test: as ours"
    return refused or from_student(
        "cross_sectional_t", over_spread(sample.car), sample.n - 1.0, sample.n, note
    )


def clm_j1(sample: ForeignSample) -> Outcome:
    """``brown_warner_1980``: AAR N / sqrt(sum of residual variances), t(mean M - 1)."""
    refused = single_day("clm_j1", sample)
    note = "estudy2 brown_warner_1980: sigma with M-1, no forecast error, t(M-1)"
    t = float(sample.car.sum()) / math.sqrt(float((sample.sd**2).sum()))
    return refused or from_student("clm_j1", t, sample.rows - 1.0, sample.n, note)


def patell_z(sample: ForeignSample) -> Outcome:
    """``patell``: sum of SARs over sqrt(sum (M - 2)/(M - 4)), N(0, 1)."""
    refused = single_day("patell_z", sample) or index_model("patell_z", sample)
    if refused:
        return refused
    q = sample.n * (sample.rows - 2.0) / (sample.rows - 4.0)
    z = float(standardised(sample).sum()) / math.sqrt(q)
    return from_normal("patell_z", z, sample.n, "estudy2 patell: sigma with M-1 instead of M-2")


def bmp(sample: ForeignSample) -> Outcome:
    """``boehmer``: cross-sectional t of the SARs, t(N - 1)."""
    refused = single_day("bmp", sample) or index_model("bmp", sample)
    if refused:
        return refused
    note = "estudy2 boehmer: sigma with M-1, which cancels where all M are equal"
    t = over_spread(standardised(sample)[:, 0])
    return from_student("bmp", t, sample.n - 1.0, sample.n, note)


def index_model(test: str, sample: ForeignSample) -> Outcome | None:
    """Refuse what estudy2 refuses: standardised tests of other than the market model."""
    if sample.model == "market_model":
        return None
    return not_available(test, sample.n, "estudy2 has this test for the market model only")


def sign(sample: ForeignSample) -> Outcome:
    """``sign_test``: normal approximation with p = 1/2, no continuity correction."""
    refused = single_day("sign", sample)
    z = (int((sample.car > 0.0).sum()) - sample.n / 2.0) / math.sqrt(sample.n / 4.0)
    return refused or from_normal("sign", z, sample.n, "estudy2 sign_test: as ours")


def generalized_sign(sample: ForeignSample) -> Outcome:
    """``generalized_sign_test``: p is the share of positive residuals of all events together."""
    refused = single_day("generalized_sign", sample)
    if refused:
        return refused
    p = float((sample.resid > 0.0).mean())
    spread = math.sqrt(sample.n * p * (1.0 - p))
    z = (int((sample.car > 0.0).sum()) - sample.n * p) / spread if spread > 0.0 else math.nan
    note = "estudy2 generalized_sign_test: one share of positive residuals, pooled"
    return from_normal("generalized_sign", z, sample.n, note)


def corrado_rank(sample: ForeignSample) -> Outcome:
    """``modified_rank_test`` for a day, ``car_rank_test`` (Cowan 1992) for more.

    With no return missing ``rank_test`` gives the same number as ``modified_rank_test``.
    """
    one = sample.length == 1
    event = sample.ar if one else sample.inside
    mean = ranks(np.concatenate([sample.resid, event], axis=1)).mean(axis=0)
    centred = mean - (len(mean) + 1.0) / 2.0
    scale = math.sqrt(float((centred**2).mean()))
    at = sample.rows + (sample.window[0] if one else 0)
    level = float(centred[at : at + sample.length].mean())
    z = math.sqrt(sample.length) * level / scale if scale > 0.0 else math.nan
    rows = "event window" if one else "days of the CAR"
    name = "modified_rank_test" if one else "car_rank_test"
    note = f"estudy2 {name}: ranks over the estimation window and the {rows}"
    return from_normal("corrado_rank", z, sample.n, note)


def wilcoxon(sample: ForeignSample) -> Outcome:
    """``wilcoxon_test``: the sum of the positive ranks, zeros left out. It prints no p-value.

    Its stars take ``qsignrank(1 - level)`` above and ``qsignrank(1 - level / 2)`` below, so that
    they are one-sided above and two-sided below; no p-value belongs to both.
    """
    refused = single_day("wilcoxon", sample)
    if refused:
        return refused
    known = sample.car[sample.car != 0.0]
    if not len(known):
        return not_available("wilcoxon", sample.n, "every abnormal return is zero")
    total = float(ranks(np.abs(known)[None])[0, known > 0.0].sum())
    note = (
        "estudy2 wilcoxon_test: prints W and stars, no p; its stars are one-sided above and "
        "two-sided below"
    )
    return Outcome("wilcoxon", total, math.nan, "none", math.nan, sample.n, note=note)


def crude_dependence(sample: ForeignSample) -> Outcome:
    """``brown_warner_1985``, t(mean M - 1); over L days ``car_brown_warner_1985``, N(0, 1)."""
    scale = float(sample.resid.mean(axis=0).std(ddof=1))
    total = float(sample.inside.mean(axis=0).sum())
    value = total / (scale * math.sqrt(sample.length)) if scale > 0.0 else math.nan
    if sample.length == 1:
        note = "estudy2 brown_warner_1985: t(M-1)"
        return from_student("crude_dependence", value, sample.rows - 1.0, sample.n, note)
    note = "estudy2 car_brown_warner_1985: sum of the daily statistics over sqrt(L), normal"
    return from_normal("crude_dependence", value, sample.n, note)


TESTS: Final[dict[str, Callable[[ForeignSample], Outcome]]] = {
    "cross_sectional_t": cross_sectional_t,
    "clm_j1": clm_j1,
    "patell_z": patell_z,
    "bmp": bmp,
    "sign": sign,
    "generalized_sign": generalized_sign,
    "corrado_rank": corrado_rank,
    "wilcoxon": wilcoxon,
    "crude_dependence": crude_dependence,
}
