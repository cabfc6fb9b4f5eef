"""Betas of claims: against statsmodels, plain loops and exact lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from eventlab.claims.measures.betas import asymmetric_beta, beta, blocks
from eventlab.contagion.tails.hac import newey_west_lags
from eventlab.market.futures import scrambled
from tests.claims.stat_world import LAST, ask, bench_of, world
from tests.market.series import market, ns
from tests.naive_claims_stat import closes, in_blocks, on_days, pearson, slope

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured

EXACT = 1e-11  # least squares of a few hundred rows
Z = float(stats.norm.ppf(0.975))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("betas"), world())


def returns(bench: Bench, symbol: str, n: int) -> list[float]:
    """The last n session returns to LAST."""
    days = [day for day in closes(bench.market, "AAA") if day <= LAST][-n - 1 :]
    return on_days(closes(bench.market, symbol), days)


def line(y: Any, *x: Any) -> Any:
    """Least squares with Newey-West errors of statsmodels."""
    fit = sm.OLS(np.array(y), sm.add_constant(np.column_stack(x)))
    lags = {"maxlags": newey_west_lags(len(y)), "use_correction": False}
    return fit.fit(cov_type="HAC", cov_kwds=lags)


def test_beta_is_the_slope_with_newey_west_errors(bench: Bench) -> None:
    literal = beta(ask("beta", "TA", "AAA"), bench)[0]
    y, x = returns(bench, "TA", 63), returns(bench, "AAA", 63)
    fit = line(y, x)
    assert literal.value == pytest.approx(slope(y, x), rel=EXACT)
    assert literal.value == pytest.approx(fit.params[1], rel=EXACT)
    expected = (fit.params[1] - Z * fit.bse[1], fit.params[1] + Z * fit.bse[1])
    assert (literal.low, literal.high) == pytest.approx(expected, rel=EXACT)
    assert (literal.n, literal.unit) == (63, "beta")
    assert literal.interval == "Newey-West standard errors, 3 lags"


def test_a_series_has_beta_one_on_itself(bench: Bench) -> None:
    literal = beta(ask("beta", "AAA", "AAA"), bench)[0]
    assert (literal.value, literal.low, literal.high) == pytest.approx((1.0, 1.0, 1.0), rel=EXACT)


@pytest.mark.parametrize(
    ("word", "holds"),
    [("positive", True), ("negative", False), ("above_one", False), ("below_one", True)],
)
def test_words_are_about_the_whole_interval(bench: Bench, word: str, *, holds: bool) -> None:
    literal = beta(ask("beta", "AAA", "BBB", published=word), bench)[0]
    assert 0.0 < literal.low < literal.high < 1.0
    assert literal.holds is holds


def test_of_two_the_larger_standardised_beta(bench: Bench) -> None:
    literal = beta(ask("beta", "TA", "TB", "AAA", published="first"), bench)[0]
    series = [returns(bench, one, 63) for one in ("TA", "TB", "AAA")]
    y, first, second = (stats.zscore(one) for one in series)
    fit = line(y, first, second)
    assert literal.value == pytest.approx(fit.params[1] - fit.params[2], rel=EXACT)
    a, b, c = (pearson(series[i], series[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    assert literal.value == pytest.approx((a - b) / (1.0 - c), rel=EXACT)
    assert literal.low > 0.0
    assert (literal.word, literal.holds) == ("first", True)
    said = f"standardised beta {fit.params[1]:.2f} on TB, {fit.params[2]:.2f} on AAA"
    assert literal.note.startswith(said)
    opposite = beta(ask("beta", "TA", "AAA", "TB", published="first"), bench)[0]
    assert opposite.value == pytest.approx(-literal.value, rel=EXACT)
    assert (opposite.word, opposite.holds) == ("second", False)


def test_two_that_explain_as_much_leave_it_open(bench: Bench) -> None:
    literal = beta(ask("beta", "AAA", "BBB", "CCC", published="first"), bench)[0]
    assert literal.low < 0.0 < literal.high
    assert literal.holds is None
    assert "the 95% interval holds 0" in literal.note


def found(measured: tuple[Measured, ...], detail: str) -> Measured:
    return next(
        each
        for each in measured
        if each.reading.detail == detail and each.reading.calendar == "XNYS"
    )


def test_asymmetry_is_the_kink_of_one_line(bench: Bench) -> None:
    measured = asymmetric_beta(ask("asymmetric_beta", "TA", "AAA", window="252 bars"), bench)
    y, x = (np.array(returns(bench, one, 252)) for one in ("TA", "AAA"))
    fit = line(y, x, np.minimum(x, 0.0))
    literal = measured[0]
    assert literal.value == pytest.approx(fit.params[2], rel=EXACT)
    assert literal.high == pytest.approx(fit.params[2] + Z * fit.bse[2], rel=EXACT)
    assert literal.reading.detail == "daily, falls below 0"
    assert f"beta {fit.params[1] + fit.params[2]:.2f} on {int((x < 0).sum())} falls" in literal.note


def test_asymmetry_of_the_worst_quarter_is_two_lines(bench: Bench) -> None:
    measured = asymmetric_beta(ask("asymmetric_beta", "TA", "AAA", window="252 bars"), bench)
    y, x = (np.array(returns(bench, one, 252)) for one in ("TA", "AAA"))
    cut = np.percentile(x, 25)
    expected = slope(y[x < cut], x[x < cut]) - slope(y[x > cut], x[x > cut])
    hit = found(measured, "daily, falls below the 25th percentile")
    assert hit.value == pytest.approx(expected, rel=EXACT)


def test_asymmetry_of_five_sessions_is_of_whole_blocks(bench: Bench) -> None:
    asked = ask("asymmetric_beta", "TA", "AAA", window="252 bars")
    y, x = (np.array(in_blocks(returns(bench, one, 252), 5)) for one in ("TA", "AAA"))
    fit = line(y, x, np.minimum(x, 0.0))
    hit = found(asymmetric_beta(asked, bench), "5-session, falls below 0")
    assert hit.value == pytest.approx(fit.params[2], rel=EXACT)
    assert hit.n == 50


def test_blocks_end_with_the_last_return() -> None:
    # 0.5 is left over; 1.1 x 1.2 - 1 = .32, 0.9 x 1 - 1 = -.1.
    given = np.array([0.5, 0.1, 0.2, -0.1, 0.0])
    np.testing.assert_allclose(blocks(given, 2), [0.32, -0.1], rtol=1e-12)
    np.testing.assert_allclose(blocks(np.log1p(given), 2, log=True), np.log([1.32, 0.9]))
    np.testing.assert_allclose(blocks(given, 2), in_blocks(list(given), 2), rtol=1e-12)
    assert len(blocks(given, 6)) == 0


def test_windows_of_an_asymmetry(bench: Bench) -> None:
    asked = ask("asymmetric_beta", "TA", "AAA", window="252 bars")
    measured = asymmetric_beta(asked, bench)
    windows = dict.fromkeys(each.reading.window for each in measured)
    assert list(windows) == [f"252 sessions to {LAST}", f"2020-01-01 to {LAST}"]
    early = next(each for each in measured if each.reading.window.startswith("2020"))
    assert math.isnan(early.value)
    assert "does not lie within the data's calendar" in early.note


def bent(folder: Path, bench: Bench, *, down: float, up: float) -> Bench:
    """A bench in which TA moves exactly as AAA, by one slope on falls and another on rises."""
    stock = bench.market.daily["AAA"]
    moves = np.diff(stock.prices) / stock.prices[:-1]
    noise = 1e-4 * np.random.default_rng(9).standard_normal(len(moves))
    made = np.where(moves < 0.0, down, up) * moves + noise
    prices = 10.0 * np.concatenate([[1.0], np.cumprod(1.0 + made)])
    return bench_of(folder, market(stock, replace(stock, symbol="TA", prices=prices, raw=prices)))


@pytest.mark.parametrize(
    ("down", "up", "word"),
    [
        (2.0, 1.0, "larger_on_falls"),
        (1.0, 2.0, "larger_on_rises"),
        (1.5, 1.5, "equal"),
    ],
)
def test_asymmetric_words(bench: Bench, tmp_path: Path, down: float, up: float, word: str) -> None:
    made = bent(tmp_path, bench, down=down, up=up)
    for said in ("larger_on_falls", "larger_on_rises", "equal"):
        asked = ask("asymmetric_beta", "TA", "AAA", window="252 bars", published=said)
        literal = asymmetric_beta(asked, made)[0]
        assert literal.value == pytest.approx(down - up, abs=0.01)
        if word == said:
            assert literal.holds is True
        else:
            assert literal.holds is not True


def test_too_few_falls_have_no_value(bench: Bench) -> None:
    literal = asymmetric_beta(ask("asymmetric_beta", "TA", "AAA", window="15 bars"), bench)[0]
    assert math.isnan(literal.value)
    assert "rows" in literal.note


@pytest.mark.parametrize(
    ("measure", "symbols"),
    [
        (beta, ("TA", "AAA")),
        (beta, ("@tokens", "AAA", "BBB")),
        (asymmetric_beta, ("TA", "AAA")),
    ],
)
def test_what_comes_after_the_window_does_not_matter(
    bench: Bench, tmp_path: Path, measure: Any, symbols: tuple[str, ...]
) -> None:
    asked = ask("beta", *symbols, window="252 bars")
    other = bench_of(tmp_path, scrambled(bench.market, ns("2025-04-01"), 1))
    assert repr(measure(asked, other)) == repr(measure(asked, bench))
