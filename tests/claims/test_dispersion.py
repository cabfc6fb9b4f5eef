"""Whether one group moves as one more than another: plain loops, numpy, and cases by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.claims.measures.dispersion import COMPONENT, PAIRS, SPREAD, dispersion
from eventlab.market.futures import scrambled
from tests.claims.stat_world import LAST, TOKENS, ask, bench_of, world
from tests.market.series import market, ns
from tests.naive_claims_stat import closes, mean_pairwise, on_days, spread

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured

EXACT = 1e-11  # eigenvalues of a few dozen members


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("dispersion"), world())


def found(measured: tuple[Measured, ...], detail: str, window: str) -> Measured:
    return next(
        each
        for each in measured
        if each.reading.detail == detail and each.reading.window.startswith(window)
    )


def returns(bench: Bench, symbols: tuple[str, ...], n: int) -> list[list[float]]:
    days = [day for day in closes(bench.market, symbols[0]) if day <= LAST][-n - 1 :]
    return [on_days(closes(bench.market, one), days) for one in symbols]


def test_pairs_component_and_spread(bench: Bench) -> None:
    asked = ask("dispersion", "@twins", "@others", window="90 bars", published="first_tighter")
    measured = dispersion(asked, bench)
    first, second = (returns(bench, each, 90) for each in (("TA", "TB"), ("TC", "TD")))
    pairs = found(measured, PAIRS, "90 days")
    assert measured[0] == pairs
    expected = mean_pairwise(first) - mean_pairwise(second)
    assert pairs.value == pytest.approx(expected, rel=EXACT)
    assert pairs.note.startswith(
        f"{mean_pairwise(first):.2f} in the first group, {mean_pairwise(second):.2f} in the second"
    )
    # The first eigenvalue of a correlation matrix of two is 1 + |r|, its share half of that.
    component = found(measured, COMPONENT, "90 days")
    assert component.value == pytest.approx(expected / 2.0, rel=EXACT)
    apart = found(measured, SPREAD, "90 days")
    assert apart.value == pytest.approx(spread(second) - spread(first), rel=EXACT)
    assert [each.reading.within for each in (pairs, component, apart)] == [True, True, False]
    assert [each.unit for each in (pairs, component, apart)] == ["correlation", "ratio", "return"]


def test_components_are_of_as_many_members(bench: Bench) -> None:
    asked = ask("dispersion", "@tokens", "@stocks", window="90 bars")
    component = found(dispersion(asked, bench), COMPONENT, "90 sessions")
    days = [day for day in closes(bench.market, "AAA") if day <= LAST][-91:]
    tokens = np.array([on_days(closes(bench.market, one), days) for one in TOKENS])
    stocks = np.array([on_days(closes(bench.market, one), days) for one in ("AAA", "BBB", "CCC")])
    own = np.linalg.eigvalsh(np.corrcoef(stocks))[-1] / 3.0
    shares = [
        np.linalg.eigvalsh(np.corrcoef(np.delete(tokens, left, axis=0)))[-1] / 3.0
        for left in range(4)
    ]
    # Ten random threes of the four tokens, against all three stocks.
    assert min(shares) - own <= component.value <= max(shares) - own
    assert "(4 and 3 members)" in component.note
    assert "@tokens without YOUNG" in component.note


def test_the_same_group_twice_is_no_tighter(bench: Bench) -> None:
    asked = ask("dispersion", "@tokens", "@tokens", published="first_tighter")
    literal = dispersion(asked, bench)[0]
    assert (literal.value, literal.low, literal.high) == (0.0, 0.0, 0.0)
    assert literal.holds is None


def with_copies(folder: Path, bench: Bench) -> Bench:
    """A bench in which TB moves as TA and TD against TC."""
    daily = bench.market.daily
    token = daily["TC"]
    moves = np.diff(token.prices) / token.prices[:-1]
    against = 50.0 * np.concatenate([[1.0], np.cumprod(1.0 - moves)])
    copy = replace(daily["TA"], symbol="TB", prices=2.0 * daily["TA"].prices)
    return bench_of(
        folder,
        market(daily["TA"], copy, token, replace(token, symbol="TD", prices=against)),
    )


@pytest.mark.parametrize(
    ("groups", "word"),
    [(("@twins", "@others"), "first_tighter"), (("@others", "@twins"), "second_tighter")],
)
def test_copies_move_as_one_and_opposites_do_not(
    bench: Bench, tmp_path: Path, groups: tuple[str, str], word: str
) -> None:
    made = with_copies(tmp_path, bench)
    for said in ("first_tighter", "second_tighter"):
        literal = dispersion(ask("dispersion", *groups, published=said), made)[0]
        assert abs(literal.value) == pytest.approx(2.0, rel=EXACT)
        assert (literal.word, literal.holds) == (word, said == word)


def test_readings_are_the_windows_of_a_quarter_and_a_year(bench: Bench) -> None:
    measured = dispersion(ask("dispersion", "@twins", "@others", window="30 bars"), bench)
    windows = dict.fromkeys(each.reading.window for each in measured)
    assert list(windows) == [f"{span} to {LAST}" for span in ("30 days", "3 months", "1 year")]


def test_a_group_without_prices_has_no_value(bench: Bench) -> None:
    asked = ask("dispersion", "@twins", "@others", window="30 bars")
    alone = bench_of_two(bench)
    literal = dispersion(asked, alone)[0]
    assert math.isnan(literal.value)
    assert "fewer than two members of @others" in literal.note


def bench_of_two(bench: Bench) -> Bench:
    daily = {one: bench.market.daily[one] for one in ("TA", "TB")}
    return type(bench)(
        replace(bench.market, daily=daily, intraday={}), bench.workspace, bench.symbols
    )


def test_what_comes_after_the_window_does_not_matter(bench: Bench, tmp_path: Path) -> None:
    asked = ask("dispersion", "@tokens", "@stocks")
    other = bench_of(tmp_path, scrambled(bench.market, ns("2025-04-01"), 1))
    assert repr(dispersion(asked, other)) == repr(dispersion(asked, bench))
