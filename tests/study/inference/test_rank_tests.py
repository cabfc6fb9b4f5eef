"""Ranks and signs: worked by hand, against scipy, and where ties, zeros and gaps come in."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eventlab.kernels.ranks import grank_sums_nb, signed_ranks_nb, zivney_sums_nb
from eventlab.study.inference.history import rank_rows
from eventlab.study.inference.ranks import corrado_rank, corrado_zivney, grank_t, grank_z
from eventlab.study.inference.samples import Past, Sample
from eventlab.study.inference.signs import EXACT_EVENTS, generalized_sign, sign_of, wilcoxon_of
from tests import naive_battery as slow

if TYPE_CHECKING:
    from eventlab.study.inference.outcomes import Column
    from tests.study.panels import Array

RTOL = 1e-12  # a handful of operations on each number
NAN = math.nan


def sample(resid: Array, ar: Array, scar: Array | None = None) -> Sample:
    """Events of one bar whose residuals have unit variance, on dates of their own."""
    n = len(ar)
    ranked = rank_rows(np.concatenate([resid, ar], axis=1))
    history: Any = SimpleNamespace(
        resid=resid,
        ar=ar,
        sar=ar,
        ranks=ranked.ranks / (1.0 + ranked.count[:, None]),
        standard=rank_rows(resid),
        positive=(resid > 0.0).sum(axis=1) / np.isfinite(resid).sum(axis=1),
        last_bar=0,
    )
    car = ar if scar is None else scar.reshape(-1, 1)
    return Sample(
        car=car,
        error=np.ones((n, 1)),
        naive=car,
        dof=np.full(n, 100),
        windows=np.array([[0, 0]]),
        past=Past(history, np.arange(n)),
    )


def one(column: Column) -> float:
    return float(column.statistic[0])


COMPLETE = np.array([[-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
GAPPY = np.array([[-1.0, 0.0, 1.0], [NAN, -1.0, 0.0]])


def test_corrado_by_hand() -> None:
    # Ranks over 5: .2 .4 .6 .8 and .6 .2 .4 .8; their means less 1/2: -.1 -.2 0 .3.
    S = math.sqrt((0.01 + 0.04 + 0.09) / 4)
    assert one(corrado_rank(sample(COMPLETE, np.full((2, 1), 2.0)))) == pytest.approx(
        0.3 / S, rel=RTOL
    )


def test_a_missing_residual_by_hand() -> None:
    # The second event has ranks 1 2 3 over 4. Means less 1/2: -.3 (of one event) -.175 .05 .275.
    S = math.sqrt((0.5 * 0.09 + 0.175**2 + 0.05**2 + 0.275**2) / 4)
    found = corrado_rank(sample(GAPPY, np.full((2, 1), 2.0)))
    assert one(found) == pytest.approx(0.275 / S, rel=RTOL)


def test_zivney_by_hand() -> None:
    # SARs 3 and 1 have sd sqrt(2): 2.12 and .71. Ranks over 5 of the first .2 .4 .6 .8; of the
    # second, .71 comes after 0: .8 .2 .4 .6. Means less 1/2: 0 -.2 0 .2.
    S = math.sqrt((0.04 + 0.04) / 4)
    found = corrado_zivney(sample(COMPLETE, np.array([[3.0], [1.0]])))
    assert one(found) == pytest.approx(0.2 / S, rel=RTOL)


def test_grank_by_hand() -> None:
    # SCARs 2 and 2 - sqrt(2) have sd 1. U of both residual rows and the SCAR, ranks over 5 less
    # 1/2: -.3 -.1 .1 | .3 and -.3 -.1 .3 | .1. Means -.3 -.1 .2 | .2, S^2 = .18/4.
    resid = np.array([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])
    scar = np.array([2.0, 2.0 - math.sqrt(2.0)])
    Z = 0.2 / math.sqrt(0.045)
    own = sample(resid, scar.reshape(2, 1))
    assert one(grank_t(own)) == pytest.approx(Z * math.sqrt(2 / (3 - Z**2)), rel=RTOL)
    assert float(grank_t(own).dof[0]) == 2.0
    assert one(grank_z(own)) == pytest.approx(0.4 / math.sqrt(2 * 3 / 60), rel=RTOL)


def test_generalized_sign_by_hand() -> None:
    # One of three residuals above zero in both: p = 1/3; both CARs above: (2 - 2/3)/(2/3).
    found = generalized_sign(sample(COMPLETE, np.full((2, 1), 2.0)))
    assert one(found) == pytest.approx((2 - 2 / 3) / math.sqrt(2 / 3 * 2 / 3), rel=RTOL)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 6), digits=st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_ties_and_gaps_take_mean_ranks(seed: int, n: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    resid, ar = rng.normal(size=(n, 12)).round(digits), rng.normal(size=(n, 1)).round(digits)
    resid[rng.random(resid.shape) < 0.1] = NAN
    own = sample(resid, ar)
    pasts, bars = list(resid), list(ar)
    if math.isfinite(one(corrado_rank(own))):
        assert one(corrado_rank(own)) == pytest.approx(
            slow.corrado_rank(pasts, bars, [0]), rel=1e-10, abs=1e-12
        )
    if len(set(ar[:, 0])) > 1:
        wanted = slow.grank(pasts, [1.0] * n, ar[:, 0].tolist())
        assert (one(grank_t(own)), one(grank_z(own))) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
        zivney = slow.corrado_zivney(pasts, [1.0] * n, bars, [0])
        assert one(corrado_zivney(own)) == pytest.approx(zivney, rel=1e-9, abs=1e-12)


def test_one_event_has_no_scaled_ranks() -> None:
    own = sample(COMPLETE[:1], np.array([[2.0]]))
    for test in (corrado_zivney, grank_t, grank_z):
        column = test(own)
        assert math.isnan(one(column))
        assert column.reason[0] == "a cross-sectional variance needs two events"


def test_equal_events_have_no_scaled_ranks() -> None:
    own = sample(COMPLETE, np.full((2, 1), 2.0))
    for test in (corrado_zivney, grank_t, grank_z):
        assert test(own).reason[0] == "all events have the same value: no variance to test with"


@pytest.mark.parametrize("n", [1, 2, 5, 12, EXACT_EVENTS])
def test_wilcoxon_is_exact_for_few_events(n: int) -> None:
    values = np.random.default_rng(n).normal(0.3, 1.0, n)
    found = wilcoxon_of(values.reshape(-1, 1))
    wanted = stats.wilcoxon(values, method="exact")
    assert found.distribution[0] == "exact"
    assert float(found.pvalue[0]) == pytest.approx(wanted.pvalue, rel=RTOL)


@pytest.mark.parametrize("digits", [1, 8])
@pytest.mark.parametrize("n", [12, 26, 60])
def test_wilcoxon_is_normal_with_ties_or_many_events(n: int, digits: int) -> None:
    values = np.random.default_rng(n).normal(0.1, 0.3, n).round(digits)
    values[:3] = (0.0, 0.2, -0.2)
    found = wilcoxon_of(values.reshape(-1, 1))
    wanted: Any = stats.wilcoxon(values, zero_method="wilcox", correction=False, method="approx")
    assert found.distribution[0] == "normal"
    assert float(found.pvalue[0]) == pytest.approx(wanted.pvalue, rel=1e-10)
    assert abs(one(found)) == pytest.approx(abs(wanted.zstatistic), rel=1e-10)


def test_wilcoxons_sum_by_hand() -> None:
    # Sizes 1 2 2 3: ranks 1, 2.5, 2.5, 4; zero and NaN take no part.
    values = np.array([[-1.0], [2.0], [-2.0], [3.0], [0.0], [NAN]])
    positive, n, ties = signed_ranks_nb(values, np.argsort(np.abs(values), axis=0))
    assert (positive[0], n[0], ties[0]) == (6.5, 4, 6.0)


def test_signs_leave_zeros_out() -> None:
    found = sign_of(np.array([[1.0], [2.0], [-1.0], [0.0], [NAN]]))
    assert one(found) == pytest.approx(0.5 / math.sqrt(0.75), rel=RTOL)
    assert sign_of(np.zeros((3, 1))).reason[0] == "every value is zero: no signs"
    assert wilcoxon_of(np.zeros((3, 1))).reason[0] == "every value is zero: no signs"


def test_python_says_what_the_machine_code_says() -> None:
    rng = np.random.default_rng(3)
    resid, bars = rng.normal(size=(4, 9)).round(1), rng.normal(size=(4, 2)).round(1)
    resid[1, 2], bars[3, 1] = NAN, NAN
    own, rows = rank_rows(resid), np.arange(4)
    zivney = (own.values, own.order, own.ranks, own.count, rows, bars)
    grank = (own.values, own.ranks, own.count, rows, np.where(np.isnan(bars), 0.0, bars))
    pairs: tuple[tuple[Any, Any], ...] = ((zivney_sums_nb, zivney), (grank_sums_nb, grank))
    for kernel, arguments in pairs:
        for mine, theirs in zip(kernel(*arguments), kernel.py_func(*arguments), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-14)
