"""The future leaves the past as it was, bit for bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.study.panels import PanelCase, panel

FACTORS = {"factor_model": {"factors": ["MKT", "SEC"]}}
MODELS = (
    "constant_mean",
    "market_adjusted",
    "market_model",
    "scholes_williams",
    "dimson",
    "factor_model",
)
AHEAD = {"dimson": 1}  # bars of the benchmark after each bar that its normal return reads
BESIDE = {"dimson": 1, "scholes_williams": 1}  # and on either side of each row that the fit reads
LAST = 200  # row of the last event
WINDOWS = [(0, 0), (-1, 1), (-5, 3)]


def changed(case: PanelCase, first: int, seed: int) -> PanelCase:
    """Other returns from row ``first`` on, some of them missing."""
    returns = case.returns.copy()
    rng = np.random.default_rng(seed)
    values = rng.normal(1.0, 3.0, (len(returns) - first, returns.shape[1]))
    values[rng.random(values.shape) < 0.2] = np.nan
    returns.iloc[first:] = values
    return PanelCase(returns, case.events)


@given(
    seed=st.integers(0, 2**16), model=st.sampled_from(MODELS), holes=st.sampled_from([0.0, 0.03])
)
@settings(max_examples=12, deadline=None)
def test_returns_after_the_last_event_window_change_nothing(
    seed: int, model: str, holes: float
) -> None:
    case = panel(seed, holes=holes)
    options = {"model": model, "draws": 40, **FACTORS.get(model, {})}
    before = case.study(**options)
    after = changed(case, LAST + 6 + AHEAD.get(model, 0), seed).study(**options)
    for name in (
        "fits",
        "ar",
        "sar",
        "car",
        "car_error",
        "bhar",
        "tests",
        "aggregate",
        "exclusions",
    ):
        pd.testing.assert_frame_equal(getattr(before, name), getattr(after, name), check_exact=True)
    np.testing.assert_array_equal(before.placebo.draws, after.placebo.draws)


@given(seed=st.integers(0, 2**16), tau=st.integers(-5, 5), model=st.sampled_from(MODELS))
@settings(max_examples=16, deadline=None)
def test_a_bar_uses_nothing_after_it(seed: int, tau: int, model: str) -> None:
    case = panel(seed, positions=(LAST,))
    options = {"model": model, "car_windows": WINDOWS, "draws": 0, **FACTORS.get(model, {})}
    before = case.study(**options)
    after = changed(case, LAST + tau + 1 + AHEAD.get(model, 0), seed).study(**options)
    pd.testing.assert_frame_equal(before.fits, after.fits, check_exact=True)
    for name in ("ar", "sar"):
        known = slice(0, tau + 6)
        one, other = (getattr(study, name).iloc[:, known] for study in (before, after))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    for a, b in WINDOWS:
        if b <= tau:
            label = f"[{a},{b}]"
            assert before.car[label].item() == after.car[label].item()
            assert before.car_error[label].item() == after.car_error[label].item()


@pytest.mark.parametrize("model", MODELS)
def test_the_event_window_and_the_gap_leave_the_fit(model: str) -> None:
    case = panel(3, positions=(150,))
    returns, beside = case.returns.copy(), BESIDE.get(model, 0)
    returns.iloc[145 + beside :] *= -7.0
    options = {"model": model, "draws": 0, **FACTORS.get(model, {})}
    before = case.study(**options)
    after = PanelCase(returns, case.events).study(**options)
    pd.testing.assert_frame_equal(before.fits, after.fits, check_exact=True)
    gap = case.returns.copy()
    gap.iloc[: 70 - beside] = 9.0  # before the estimation window
    early = PanelCase(gap, case.events).study(**options)
    pd.testing.assert_frame_equal(before.ar, early.ar, check_exact=True)


def test_another_asset_leaves_an_event_as_it_was() -> None:
    case = panel(4)
    returns = case.returns.copy()
    returns["A1"] = 5.0 * returns["A1"] + 0.1
    before, after = case.study(), PanelCase(returns, case.events).study()
    others = (case.events["symbol"] != "A1").to_numpy()
    pd.testing.assert_frame_equal(before.ar[others], after.ar[others], check_exact=True)
    pd.testing.assert_frame_equal(before.fits[others], after.fits[others], check_exact=True)


def test_the_order_of_columns_and_events_decides_nothing() -> None:
    case = panel(5)
    before = case.study()
    mixed = PanelCase(case.returns[case.returns.columns[::-1]], case.events.iloc[::-1])
    after = mixed.study()
    pd.testing.assert_frame_equal(before.ar, after.ar.iloc[::-1], check_exact=True)
    numbers = ["statistic", "pvalue"]
    np.testing.assert_allclose(before.tests[numbers], after.tests[numbers], rtol=1e-10)
