"""What R's EventStudy 0.50, by the author of EventStudyTools, prints, for reconciling with it.

Facts from its vignette "Statistical Conventions and Formula Audit" (CRAN package EventStudy,
github.com/sipemu/eventstudy, ``vignettes/statistical-conventions.Rmd``, with the corrections dated
2026-09-24) and from ``R/multi_event_test_statistics.R``. Its cumulated statistics run from the
first day of its event window: a window here is read as that event window. P-values are two-sided.

The web calculator of EventStudyTools (ARC) lists more tests. How it computes them in full is not
documented well enough to promise its digits, so nothing is said of them here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.study.conventions.estudy2 import over_spread
from eventlab.study.conventions.sample import (
    ForeignSample,
    from_normal,
    from_student,
    mean_pair_correlation,
    ranks,
)
from eventlab.study.inference.registry import Outcome, not_available

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = ["LACKS", "MODELS", "TESTS"]

MODELS: Final = ("constant_mean", "market_adjusted", "market_model", "factor_model")

ONLY_ARC: Final = (
    "EventStudy has no such test; the web calculator has, but how it computes it is not known here"
)
LACKS: Final = {
    "kolari_pynnonen_patell": ONLY_ARC,
    "skewness_t": ONLY_ARC,
    "grank_t": ONLY_ARC,
    "grank_z": ONLY_ARC,
    "wilcoxon": ONLY_ARC,
    "calendar_time": (
        "EventStudy's CalendarTimePortfolioTest is the crude dependence adjustment; see "
        "crude_dependence"
    ),
}


def model_sigma(sample: ForeignSample) -> npt.NDArray[np.float64]:
    """(N,): residual standard deviation; of market-adjusted returns that about their mean."""
    return sample.sd if sample.model == "market_adjusted" else sample.sigma


def two_events(test: str, sample: ForeignSample) -> Outcome | None:
    """Refuse a single event, for which EventStudy gives NA."""
    if sample.n >= 2:
        return None
    return not_available(test, sample.n, "EventStudy gives NA for a single event")


def cross_sectional_t(sample: ForeignSample) -> Outcome:
    """``CSectTTest``: t(N - 1) of the CARs."""
    refused = two_events("cross_sectional_t", sample)
    note = "EventStudy CSectTTest: as ours"
    return refused or from_student(
        "cross_sectional_t", over_spread(sample.car), sample.n - 1.0, sample.n, note
    )


def patell_z(sample: ForeignSample) -> Outcome:
    """``PatellZTest``: sum SAR / sqrt(sum Q); cumulated N^-1/2 sum csar / sqrt(L Q)."""
    refused = two_events("patell_z", sample)
    if refused:
        return refused
    error = model_sigma(sample)[:, None] * np.sqrt(sample.of_window(sample.variance))
    total = (sample.inside / error).sum(axis=1)
    dof = sample.rows - sample.n_parameters
    q = np.where(dof > 2, dof / np.maximum(dof - 2.0, 1.0), 1.0)
    if sample.length == 1:
        z, how = float(total.sum()) / math.sqrt(float(q.sum())), "as ours"
    else:
        z = float((total / np.sqrt(sample.length * q)).sum()) / math.sqrt(sample.n)
        how = "sum of SARs over sqrt(L), each over its own sqrt(Q)"
    return from_normal("patell_z", z, sample.n, f"EventStudy PatellZTest: {how}")


def bmp_statistic(sample: ForeignSample) -> float:
    """Cross-sectional t of the CARs over sigma."""
    return over_spread(sample.car / model_sigma(sample))


def bmp(sample: ForeignSample) -> Outcome:
    """``BMPTest``: cross-sectional t of CAR / sigma, t(N - 1)."""
    refused = two_events("bmp", sample)
    note = "EventStudy BMPTest: CAR over sigma, without the forecast error"
    return refused or from_student("bmp", bmp_statistic(sample), sample.n - 1.0, sample.n, note)


def kolari_pynnonen_bmp(sample: ForeignSample) -> Outcome:
    """``KolariPynnonenTest``: BMPTest times sqrt((1 - r)/(1 + (N - 1) r)), t(N - 1)."""
    test = "kolari_pynnonen_bmp"
    refused = two_events(test, sample)
    if refused:
        return refused
    r = mean_pair_correlation(sample.resid)
    spread = 1.0 + (sample.n - 1) * r
    if not (spread > 0.0 and r < 1.0):
        reason = f"the mean correlation {r:.3f} gives no positive variance"
        return not_available(test, sample.n, reason)
    t = bmp_statistic(sample) * math.sqrt((1.0 - r) / spread)
    note = (
        f"EventStudy KolariPynnonenTest: BMPTest with the plain mean correlation {r:.3f} of "
        "residuals aligned by relative bar"
    )
    return from_student(test, t, sample.n - 1.0, sample.n, note)


def sign(sample: ForeignSample) -> Outcome:
    """``SignTest``: normal approximation with p = 1/2; a CAR of zero is not positive."""
    refused = two_events("sign", sample)
    z = (int((sample.car > 0.0).sum()) - sample.n / 2.0) / (0.5 * math.sqrt(sample.n))
    return refused or from_normal("sign", z, sample.n, "EventStudy SignTest: as ours")


def generalized_sign(sample: ForeignSample) -> Outcome:
    """``GeneralizedSignTest``: p is the mean over events of the share of positive residuals."""
    p = float((sample.resid > 0.0).mean(axis=1).mean())
    spread = math.sqrt(sample.n * p * (1.0 - p))
    z = (int((sample.car > 0.0).sum()) - sample.n * p) / spread if spread > 0.0 else math.nan
    return from_normal("generalized_sign", z, sample.n, "EventStudy GeneralizedSignTest: as ours")


def corrado_rank(sample: ForeignSample) -> Outcome:
    """``RankTest``: mean centred rank of a day over its standard deviation over all days."""
    if sample.length > 1:
        reason = "EventStudy has this test for single days only"
        return not_available("corrado_rank", sample.n, reason)
    every = np.concatenate([sample.resid, sample.ar], axis=1)
    mean = (ranks(every) / (every.shape[1] + 1.0) - 0.5).mean(axis=0)
    scale = float(mean.std(ddof=1))
    z = float(mean[sample.rows + sample.window[0]]) / scale if scale > 0.0 else math.nan
    note = "EventStudy RankTest: standard deviation of the daily mean ranks with divisor T-1"
    return from_normal("corrado_rank", z, sample.n, note)


def crude_dependence(sample: ForeignSample) -> Outcome:
    """``CalendarTimePortfolioTest``: CAAR / (sqrt(L) sd of the estimation AARs), t(M - 1)."""
    scale = float(sample.resid.mean(axis=0).std(ddof=1))
    total = float(sample.inside.mean(axis=0).sum())
    t = total / (scale * math.sqrt(sample.length)) if scale > 0.0 else math.nan
    note = "EventStudy CalendarTimePortfolioTest: t(M-1)"
    return from_student("crude_dependence", t, sample.rows - 1.0, sample.n, note)


TESTS: Final[dict[str, Callable[[ForeignSample], Outcome]]] = {
    "cross_sectional_t": cross_sectional_t,
    "patell_z": patell_z,
    "bmp": bmp,
    "kolari_pynnonen_bmp": kolari_pynnonen_bmp,
    "sign": sign,
    "generalized_sign": generalized_sign,
    "corrado_rank": corrado_rank,
    "crude_dependence": crude_dependence,
}
