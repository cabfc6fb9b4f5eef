"""Ratios at many rows: each as if it were the last, whatever comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.definitions.strategy import RatioDefinition
from eventlab.errors import UsageError
from eventlab.hedge.ratios.choose import ratio_at
from eventlab.hedge.ratios.many import ratios_at

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FAST = (
    RatioDefinition(method="fixed", value=0.8),
    RatioDefinition(method="ols", lookback=40),
    RatioDefinition(method="ewma", lookback=40, half_life=12.0),
    RatioDefinition(method="ridge", lookback=40, penalty=0.2),
    RatioDefinition(method="kalman", lookback=40),
    RatioDefinition(method="kalman", lookback=40, state_noise=0.01),
    RatioDefinition(method="min_es", lookback=40, level=0.1),
    RatioDefinition(method="downside_beta", lookback=60),
    RatioDefinition(method="ols", lookback=40, cap=0.9),
)
SLOW = RatioDefinition(method="dcc", lookback=120)
EVERY = [*FAST, SLOW]


def named(definition: RatioDefinition) -> str:
    return definition.method


def history(seed: int = 0, T: int = 160, K: int = 1) -> tuple[Floats, Floats]:
    """Returns with gaps in either."""
    rng = np.random.default_rng(seed)
    X = rng.standard_t(4, (T, K)) * 0.01
    b = X.sum(axis=1) + rng.standard_t(4, T) * 0.01
    b[rng.random(T) < 0.05] = np.nan
    X[rng.random(T) < 0.05, 0] = np.nan
    return b, X


@pytest.mark.parametrize("definition", FAST, ids=named)
def test_each_row_is_as_if_it_were_the_last(definition: RatioDefinition) -> None:
    several = definition.method not in ("min_es", "downside_beta")
    for K in (1, 3) if several else (1,):
        b, X = history(K=K)
        rows = np.array([159, 3, 80, 81, -1, 80, 158])
        values, n, notes = ratios_at(definition, b, X, rows)
        for place, row in enumerate(rows):
            one = ratio_at(definition, b[: row + 1], X[: row + 1])
            np.testing.assert_array_equal(values[place], one.values)
            assert (n[place], notes[place]) == (one.n, one.note)
        assert np.isfinite(values[[0, 2, 3]]).all()


def test_each_row_is_as_if_it_were_the_last_by_dcc() -> None:
    b, X = history(1, 300)
    values, n, notes = ratios_at(SLOW, b, X, np.array([299, 10, 250]))
    one = ratio_at(SLOW, b[:251], X[:251])
    np.testing.assert_array_equal(values[2], one.values)
    assert (n[2], notes[2]) == (one.n, one.note)
    assert np.isnan(values[1]).all()


@given(seed=st.integers(0, 2**32 - 1), row=st.integers(60, 158), place=st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_the_future_leaves_the_past_bit_for_bit(seed: int, row: int, place: int) -> None:
    _scramble(FAST[place], seed, row, 160)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_future_leaves_the_past_bit_for_bit_by_dcc(seed: int) -> None:
    _scramble(SLOW, seed, 200, 240)


def _scramble(definition: RatioDefinition, seed: int, row: int, T: int) -> None:
    """Change all rows after ``row``: to noise, to NaN, to infinity, and cut them off."""
    b, X = history(seed, T)
    rows = np.array([row - 20, row])
    before = ratios_at(definition, b, X, rows)
    rng = np.random.default_rng(seed + 1)
    for later in (rng.standard_normal(T - row - 1), np.nan, np.inf, -0.5):
        c, Z = b.copy(), X.copy()
        c[row + 1 :] = later
        Z[row + 1 :, 0] = later
        after = ratios_at(definition, c, Z, np.append(rows, T - 1))
        np.testing.assert_array_equal(after[0][:2], before[0])
        np.testing.assert_array_equal(after[1][:2], before[1])
        assert after[2][:2] == before[2]
    cut = ratios_at(definition, b[: row + 1], X[: row + 1], rows)
    np.testing.assert_array_equal(cut[0], before[0])


@pytest.mark.parametrize("definition", EVERY[1:], ids=named)
def test_a_ratio_reads_its_last_row_and_no_row_before_its_window(
    definition: RatioDefinition,
) -> None:
    b, X = history(3, 240)
    b, X = np.nan_to_num(b, nan=0.001), np.nan_to_num(X, nan=-0.001)
    row = np.array([230])
    base = ratios_at(definition, b, X, row)[0]
    for changed, read in ((230, True), (230 - definition.lookback, False)):
        c, Z = b.copy(), X.copy()
        c[changed], Z[changed] = -0.2, -0.15
        moved = ratios_at(definition, c, Z, row)[0]
        if definition.cap is None:
            assert bool((moved != base).any()) == read
        elif not read:
            np.testing.assert_array_equal(moved, base)


def test_a_look_ahead_would_be_seen() -> None:
    # What the tests above forbid, planted: the window ends a row late.
    b, X = history(4)
    definition = FAST[1]
    late = ratios_at(definition, b, X, np.array([101]))[0]
    c = b.copy()
    c[101] = -0.5
    assert (ratios_at(definition, c, X, np.array([101]))[0] != late).all()


def test_too_few_rows_are_said_and_nan() -> None:
    b, X = history(5)
    b[:], X[:] = np.nan_to_num(b), np.nan_to_num(X)
    definition = RatioDefinition(lookback=40)
    values, n, notes = ratios_at(definition, b, X, np.array([30, 31]))
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[1]).all()
    assert n.tolist() == [31, 32]
    assert notes == ("31 joint returns up to the decision; 32 are needed", "")


def test_a_window_reaches_over_gaps() -> None:
    b, X = history(6, 200)
    complete = np.flatnonzero(np.isfinite(b) & np.isfinite(X[:, 0]))
    values, n, _ = ratios_at(RatioDefinition(lookback=40), b, X, np.array([complete[-1]]))
    packed = ratio_at(RatioDefinition(lookback=40), b[complete], X[complete])
    np.testing.assert_array_equal(values[0], packed.values)
    assert n[0] == 40


def test_what_does_not_move_is_said() -> None:
    rng = np.random.default_rng(7)
    b, X = rng.standard_normal(100), rng.standard_normal((100, 2))
    for definition in (RatioDefinition(lookback=40), RatioDefinition(method="kalman", lookback=40)):
        for column, words in enumerate(("the book", "instrument 1", "instrument 2")):
            c, Z = b.copy(), X.copy()
            if column:
                Z[50:90, column - 1] = 0.01
            else:
                c[50:90] = 0.01
            values, _, notes = ratios_at(definition, c, Z, np.array([89, 90]))
            assert np.isnan(values[0]).all()
            assert notes[0] == f"{words} does not move in the window"
            assert np.isfinite(values[1]).all() == (not column or definition.method == "ols")
            assert ("first quarter" in notes[1]) == np.isnan(values[1]).any()
    X[70, 1] = np.inf
    values, _, notes = ratios_at(RatioDefinition(lookback=40), b, X, np.array([69, 70, 99]))
    assert notes == ("", "a return is infinite", "a return is infinite")
    assert np.isnan(values[1:]).all()


def test_the_cap_keeps_nan_and_signs() -> None:
    rng = np.random.default_rng(8)
    x = rng.standard_normal(60)
    X = np.column_stack([x, rng.standard_normal(60)])
    book = 3.0 * X[:, 0] - 2.5 * X[:, 1]
    found = ratio_at(RatioDefinition(lookback=60, cap=2.0), book, X)
    np.testing.assert_array_equal(found.values, [2.0, -2.0])
    np.testing.assert_allclose(found.estimate, [3.0, -2.5], 1e-12)
    lost = ratio_at(RatioDefinition(lookback=60, cap=2.0), book[:5], X[:5])
    assert np.isnan(lost.values).all()


def test_shapes_and_rows_are_checked() -> None:
    b, X = history(9)
    with pytest.raises(UsageError, match=r"book \(159,\) and instruments \(160, 1\) must be"):
        ratios_at(FAST[1], b[1:], X, np.array([5]))
    for row in (160, -2):
        with pytest.raises(UsageError, match="rows must lie from -1 to 159"):
            ratios_at(FAST[1], b, X, np.array([row]))
    with pytest.raises(UsageError, match="instruments has no columns"):
        ratios_at(FAST[1], b, X[:, :0], np.array([5]))
    assert ratios_at(FAST[1], b, X, np.empty(0, dtype=np.int64))[0].shape == (0, 1)


def test_arrays_are_not_changed_and_need_not_be_contiguous() -> None:
    b, X = history(10, K=2)
    wide = np.asfortranarray(np.column_stack([b, X]))
    kept = wide.copy()
    found = ratios_at(FAST[1], wide[:, 0], wide[:, 1:], np.array([120]))[0]
    np.testing.assert_array_equal(found, ratios_at(FAST[1], b, X, np.array([120]))[0])
    np.testing.assert_array_equal(wide, kept)


def test_bitcoin_on_qqq(market_dir: Path) -> None:
    frame = pd.read_parquet(market_dir / "daily.parquet", columns=["date", "symbol", "adj_close"])
    table = frame.pivot_table(index="date", columns="symbol", values="adj_close")[["BTC", "QQQ"]]
    moves = table.dropna().pct_change(fill_method=None)
    b, X = moves["BTC"].to_numpy(), moves[["QQQ"]].to_numpy()
    rows = np.arange(200, len(b), 97)
    values, n, notes = ratios_at(RatioDefinition(), b, X, rows)
    wanted = [
        sm.OLS(b[row - 119 : row + 1], sm.add_constant(X[row - 119 : row + 1])).fit().params[1]
        for row in rows
    ]
    np.testing.assert_allclose(values[:, 0], wanted, 1e-10)
    assert (n == 120).all()
    assert set(notes) == {""}
