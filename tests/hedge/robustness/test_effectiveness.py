"""How much risk a hedge took away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from eventlab.contagion.resampling import circular_rows
from eventlab.errors import UsageError
from eventlab.hedge import hedge_effectiveness
from eventlab.hedge.robustness.effectiveness import residual_beta
from tests import naive_hedge_robustness as naive

SUMS = 1e-10


def book(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unhedged and hedged returns, and the instrument's."""
    generator = np.random.default_rng(seed)
    instrument = 0.02 * generator.standard_t(5, n)
    unhedged = 1.5 * instrument + 0.02 * generator.standard_normal(n)
    return unhedged, unhedged - 1.2 * instrument, instrument


def shares(u: list[float], h: list[float], level: float) -> tuple[float, float]:
    return (
        1 - naive.variance(h) / naive.variance(u),
        1 - naive.shortfall(h, level) / naive.shortfall(u, level),
    )


def values_of(table: pd.DataFrame, column: str) -> list[float]:
    found: list[float] = (
        table.set_index("measure").loc[["variance", "expected_shortfall"], column].tolist()
    )
    return found


@pytest.mark.parametrize("level", [0.05, 0.1, 0.33])
def test_blocks_against_the_transcription(level: float) -> None:
    u, h, _ = book(41)
    found = hedge_effectiveness(u, h, level=level, draws=80, block=4, seed=3)
    np.testing.assert_allclose(
        values_of(found.table, "value"), shares(u.tolist(), h.tolist(), level), rtol=SUMS
    )
    rows = circular_rows(41, 4, 80, np.random.default_rng(3))
    drawn = np.array([shares(u[row].tolist(), h[row].tolist(), level) for row in rows])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(values_of(found.table, "low"), low, rtol=SUMS)
    np.testing.assert_allclose(values_of(found.table, "high"), high, rtol=SUMS)
    assert found.table["n"].tolist() == [41, 41]
    assert (found.block, found.groups) == (4, 0)


def test_episodes_against_the_transcription() -> None:
    u, h, _ = book(50)
    names: list[str | None] = ["b"] * 9 + [None] * 5 + ["a"] * 14 + ["c"] * 22
    found = hedge_effectiveness(u, h, draws=60, seed=5, groups=names)
    inside = [t for t, name in enumerate(names) if name is not None]
    np.testing.assert_allclose(
        values_of(found.table, "value"), shares(u[inside].tolist(), h[inside].tolist(), 0.05)
    )
    members = [[t for t, other in enumerate(names) if other == name] for name in "bac"]
    drawn = []
    for chosen in np.random.default_rng(5).integers(3, size=(60, 3)):
        bars = [t for episode in chosen for t in members[episode]]
        drawn.append(shares(u[bars].tolist(), h[bars].tolist(), 0.05))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(values_of(found.table, "low"), low, rtol=SUMS)
    np.testing.assert_allclose(values_of(found.table, "high"), high, rtol=SUMS)
    assert (found.groups, found.table["n"].tolist()) == (3, [45, 45])


def test_by_hand() -> None:
    # Variances (divisor n) 4 and 1; worst half 2 and 1: three quarters and a half are gone.
    u, h = np.tile([2.0, -2.0], 10), np.tile([1.0, -1.0], 10)
    found = hedge_effectiveness(u, h, level=0.5, draws=50)
    assert values_of(found.table, "value") == [0.75, 0.5]
    # The worst 3 of 10 bars at a level of 25%: 2.5 bars, the third one with half its weight.
    losses = -np.arange(1.0, 11.0)
    flat = hedge_effectiveness(losses, losses / 2, level=0.25)
    assert values_of(flat.table, "value")[1] == pytest.approx(0.5)
    other = np.where(losses == -8, 0.0, losses)
    # (10 + 9 + 8/2)/2.5 before, (10 + 9 + 7/2)/2.5 after
    kept = hedge_effectiveness(losses, other, level=0.25)
    assert values_of(kept.table, "value")[1] == pytest.approx(1 - 22.5 / 23)


def test_collapse() -> None:
    u, _, _ = book(60)
    same = hedge_effectiveness(u, u, draws=50)
    assert values_of(same.table, "value") == [0.0, 0.0]
    assert values_of(same.table, "low") == values_of(same.table, "high") == [0.0, 0.0]
    gone = hedge_effectiveness(u, np.zeros(60), draws=50)
    assert values_of(gone.table, "value") == [1.0, 1.0]
    half = hedge_effectiveness(u, u / 2, draws=50)
    np.testing.assert_allclose(values_of(half.table, "value"), [0.75, 0.5])
    np.testing.assert_allclose(values_of(half.table, "low"), [0.75, 0.5])
    doubled = hedge_effectiveness(u, 2 * u, draws=50)
    np.testing.assert_allclose(values_of(doubled.table, "value"), [-3, -1])


def test_one_episode_per_bar_is_the_plain_bootstrap() -> None:
    u, h, _ = book(80)
    bars = hedge_effectiveness(u, h, draws=70, block=1, seed=2)
    episodes = hedge_effectiveness(u, h, draws=70, seed=2, groups=np.arange(80))
    pd.testing.assert_frame_equal(bars.table, episodes.table)


def test_missing_bars_and_bars_outside_are_left_out() -> None:
    u, h, _ = book(60)
    u[4], h[9] = np.nan, np.nan
    keep = np.ones(60, dtype=bool)
    keep[[4, 9]] = False
    pd.testing.assert_frame_equal(
        hedge_effectiveness(u, h, draws=30).table,
        hedge_effectiveness(u[keep], h[keep], draws=30).table,
    )
    ids = np.repeat([-1, 5, 2, 7], 15)
    pd.testing.assert_frame_equal(
        hedge_effectiveness(u, h, draws=30, groups=ids).table,
        hedge_effectiveness(
            u[keep & (ids >= 0)], h[keep & (ids >= 0)], draws=30, groups=ids[keep & (ids >= 0)]
        ).table,
    )


@pytest.mark.parametrize(
    ("n", "groups", "note"),
    [
        (19, None, "19 bars: an interval needs 20"),
        (40, [1] * 40, "1 episode: an interval needs 2"),
        (40, [-1] * 40, "fewer than 2 bars"),
        (1, None, "fewer than 2 bars"),
        (0, None, "fewer than 2 bars"),
    ],
)
def test_too_little_has_no_interval(n: int, groups: list[int] | None, note: str) -> None:
    u, h, _ = book(n)
    table = hedge_effectiveness(u, h, groups=groups).table
    assert set(table["note"]) == {note}
    assert table[["low", "high"]].isna().all(axis=None)
    assert table["value"].isna().all() == ("fewer" in note)


def test_risk_that_is_not_there_has_no_share() -> None:
    _, h, _ = book(40)
    flat = hedge_effectiveness(np.full(40, 0.1), h).table
    assert flat["note"].tolist() == [
        "the unhedged returns do not vary",
        "the worst unhedged bars do not lose",
    ]
    assert flat[["value", "low", "high"]].isna().all(axis=None)


def test_draws_without_risk_are_left_out_and_counted() -> None:
    # One of four episodes has all the movement: draws without it (0.75^4 = 32%) have no value.
    u = np.zeros(40)
    u[:10] = np.tile([0.1, -0.1], 5)
    found = hedge_effectiveness(u, u / 2, groups=np.repeat(np.arange(4), 10), draws=500).table
    lost = [int(note.split()[0]) for note in found["note"]]
    assert lost[0] == lost[1] == pytest.approx(158, abs=40)
    assert found["note"].str.endswith("of 500 draws have no value and are left out").all()
    np.testing.assert_allclose(found["low"], [0.75, 0.5])
    rare = hedge_effectiveness(u, u / 2, groups=np.r_[[0] * 10, np.arange(1, 31)], draws=500).table
    assert rare["low"].notna().all()


def test_residual_beta_is_that_of_statsmodels() -> None:
    _, h, instrument = book(150)
    found = residual_beta(h, instrument, lags=5)
    fit = sm.OLS(h, sm.add_constant(instrument)).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
    assert found.beta == pytest.approx(fit.params[1], rel=SUMS)
    assert found.stderr == pytest.approx(fit.bse[1], rel=SUMS)
    assert found.statistic == pytest.approx(fit.tvalues[1], rel=SUMS)
    assert found.pvalue == pytest.approx(fit.pvalues[1], rel=1e-8)
    assert (found.n, found.lags, found.note) == (150, 5, "")
    assert residual_beta(h, instrument).lags == 4  # floor(4 * 1.5^(2/9))


def test_residual_beta_that_cannot_be_said() -> None:
    _, h, instrument = book(30)
    assert residual_beta(h[:2], instrument[:2]).note == "fewer than 3 bars"
    assert residual_beta(h, np.full(30, 0.1)).note == "the instrument does not vary"
    exact = residual_beta(2 * instrument, instrument)
    assert exact.beta == pytest.approx(2)
    assert exact.note == "the fit is exact: no standard error"
    assert np.isnan([exact.statistic, exact.pvalue]).all()


def test_refusals() -> None:
    u, h, instrument = book(30)
    with pytest.raises(UsageError, match="unhedged has 30 bars and hedged has 29"):
        hedge_effectiveness(u, h[1:])
    with pytest.raises(UsageError, match="level=0 is not between 0 and 1"):
        hedge_effectiveness(u, h, level=0)
    with pytest.raises(UsageError, match="groups has 3 bars"):
        hedge_effectiveness(u, h, groups=[1, 2, 3])
    with pytest.raises(UsageError, match="draws=0 is below 1"):
        hedge_effectiveness(u, h, draws=0)
    with pytest.raises(UsageError, match="block=0 is below 1"):
        hedge_effectiveness(u, h, block=0)
    with pytest.raises(UsageError, match="hedged has 30 bars and instrument has 29"):
        residual_beta(h, instrument[1:])
    with pytest.raises(UsageError, match="lags=-1"):
        residual_beta(h, instrument, lags=-1)
