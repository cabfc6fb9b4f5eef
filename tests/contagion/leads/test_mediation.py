"""Mediated shares against statsmodels, by hand, and where they must be 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from eventlab import contagion
from eventlab.contagion.leads.mediation import mediated_share, shares_of
from eventlab.errors import DataError, UsageError
from tests.naive_contagion_lead_lag import slopes

RTOL = 1e-10


def chain(seed: int, n: int, through: float = 0.5, direct: float = 0.5) -> tuple[pd.Series, ...]:
    """Source, middle and last, of which last takes ``through`` from the middle."""
    source, noise, own = np.random.default_rng(seed).normal(size=(3, n))
    middle = source + noise
    last = direct * source + through * middle + 0.5 * own
    return tuple(pd.Series(one) for one in (source, middle, last))


def test_agrees_with_statsmodels() -> None:
    source, middle, last = chain(0, 80)
    found = mediated_share(source, middle, last)
    alone = sm.OLS(last, sm.add_constant(source)).fit(cov_type="HC1", use_t=True)
    both = sm.OLS(last, sm.add_constant(pd.concat([source, middle], axis=1))).fit()
    assert found.total == pytest.approx(alone.params[0], rel=RTOL)
    assert found.total_stderr == pytest.approx(alone.bse[0], rel=RTOL)
    assert found.total_pvalue == pytest.approx(alone.pvalues[0], rel=1e-8)
    assert found.direct == pytest.approx(both.params[0], rel=RTOL)
    # The difference of coefficients is the product of coefficients a b.
    a = sm.OLS(middle, sm.add_constant(source)).fit().params[0]
    assert found.total - found.direct == pytest.approx(a * both.params[1], rel=RTOL)
    assert found.share == pytest.approx(1 - found.direct / found.total, rel=RTOL)
    assert found.low < found.share < found.high
    assert found.note == ""


def test_agrees_with_the_plain_transcription_of_many() -> None:
    rows = np.random.default_rng(1).normal(size=(7, 30, 5))
    found = shares_of(rows)
    for k, sample in enumerate(rows):
        y, x, middle = sample[:, 0], sample[:, 1], sample[:, 2:].T
        assert found.total[k] == pytest.approx(slopes(y, x)[0], rel=RTOL)
        assert found.direct[k] == pytest.approx(slopes(y, x, *middle)[0], rel=1e-9)


def test_units_of_the_middle_are_of_no_consequence() -> None:
    source, middle, last = chain(3, 80)
    other = 0.8 * source + np.random.default_rng(4).normal(size=80)
    plain = mediated_share(source, pd.concat([middle, other], axis=1), last)
    scaled = mediated_share(source, pd.concat([1e-4 * middle, 1e4 * other], axis=1), last)
    assert scaled.direct == pytest.approx(plain.direct, rel=1e-9)
    assert (scaled.low, scaled.high) == pytest.approx((plain.low, plain.high), rel=1e-9)


def test_by_hand() -> None:
    # Orthogonal contrasts: middle = source + noise, last = middle, so nothing is direct.
    source = pd.Series([1.0, 1.0, -1.0, -1.0] * 4)
    noise = pd.Series([1.0, -1.0, 1.0, -1.0] * 4)
    found = mediated_share(source, source + noise, source + noise)
    assert found.total == pytest.approx(1.0)
    assert found.direct == pytest.approx(0.0, abs=1e-14)
    assert found.share == pytest.approx(1.0)
    # A middle that has nothing to do with the source mediates nothing.
    apart = mediated_share(source, noise, 2 * source + noise)
    assert (apart.total, apart.direct, apart.share) == pytest.approx((2.0, 2.0, 0.0), abs=1e-14)


def test_collinear_middles_hold_the_same_fixed() -> None:
    source, middle, last = chain(2, 60)
    once = mediated_share(source, middle, last, draws=0)
    twice = pd.DataFrame({"a": middle, "b": 2 * middle})
    found = mediated_share(source, twice, last, draws=0)
    assert found.share == pytest.approx(once.share, rel=1e-9)
    assert found.note == "no interval: too few draws"


def test_the_interval_covers_the_share() -> None:
    held = sum(
        (found := mediated_share(*chain(seed, 60), draws=300, seed=seed)).low < 0.5 < found.high
        for seed in range(100)
    )
    assert 88 <= held <= 100  # 95 of 100, less three standard errors


def test_what_cannot_be_shared_says_why() -> None:
    rng = np.random.default_rng(4)
    source, middle, last = (pd.Series(rng.normal(size=40)) for _ in range(3))
    nothing = mediated_share(source, middle, last)
    assert "not different from zero" in nothing.note
    assert np.isfinite([nothing.total, nothing.direct]).all()
    assert np.isnan([nothing.share, nothing.low, nothing.high]).all()
    flat = mediated_share(source * 0 + 0.1, middle, last)
    assert flat.note == "the source does not move"
    assert np.isnan([flat.total, flat.direct]).all()
    same = mediated_share(source, 3 * source, source + 0.1 * last)
    assert "combination of the middle" in same.note
    assert np.isnan([same.direct, same.share]).all()
    short = mediated_share(source[:7], middle[:7], last[:7])
    assert short.note == "7 complete rows; 8 are needed for 3 coefficients"
    assert np.isnan(short.total)


def test_missing_rows_are_left_out_and_counted() -> None:
    source, middle, last = chain(5, 50)
    holed = middle.copy()
    holed.iloc[[3, 9]] = np.nan
    found = mediated_share(source, holed, last.iloc[:-4])
    keep = [row for row in range(46) if row not in (3, 9)]
    wanted = mediated_share(source.iloc[keep], middle.iloc[keep], last.iloc[keep])
    assert (found.n, found.n_missing) == (44, 6)
    assert (found.total, found.share, found.low) == (wanted.total, wanted.share, wanted.low)


def test_the_seed_and_blocks() -> None:
    given = chain(6, 50)
    one = mediated_share(*given, seed=1)
    assert mediated_share(*given, seed=1) == one
    assert mediated_share(*given, seed=2).low != one.low
    assert mediated_share(*given, seed=1, block=4).low != one.low


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"level": 0.0}, UsageError, "level"),
        ({"block": 0}, UsageError, "block"),
        ({"draws": -1}, UsageError, "draws"),
        ({"middle": pd.DataFrame(index=range(50))}, UsageError, "no column"),
        ({"source": pd.Series(np.ones(50), [0] * 50)}, DataError, "source: .* repeats"),
    ],
)
def test_wrong_input(change: dict[str, Any], error: type[Exception], words: str) -> None:
    source, middle, last = chain(0, 50)
    given: dict[str, Any] = {"source": source, "middle": middle, "last": last} | change
    with pytest.raises(error, match=words):
        mediated_share(**given)


def test_public_name_and_repr() -> None:
    assert contagion.mediated_share is mediated_share
    assert "share=" in repr(mediated_share(*chain(0, 30)))
