"""Orders of names by their returns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from eventlab.claims.measures.ranking import order_agreement, sector_ranking
from eventlab.claims.types import Untestable
from tests import naive_claims_moves as naive
from tests.claims.move_world import (
    ask,
    bench_of,
    bench_on,
    found,
    scrambled,
    stock,
    token,
    walk,
    workspace_in,
)
from tests.market.series import ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench

NAMES = ("TA", "TB", "TC", "TD")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("ws"))


@pytest.fixture(scope="module")
def walks(folder: Path) -> Bench:
    return bench_of(folder, *(token(name, walk(40, seed)) for seed, name in enumerate(NAMES)))


def day(folder: Path, *moves: float) -> Bench:
    """A day on which the tokens move so."""
    return bench_of(
        folder, *(token(name, [1.0, 1.0 + move]) for name, move in zip(NAMES, moves, strict=False))
    )


@pytest.mark.parametrize(
    ("moves", "published", "value", "holds"),
    [
        ((-0.3, -0.2, -0.1), "worst_first", 1.0, True),
        ((-0.3, -0.1, -0.2), "worst_first", 1 / 3, False),
        ((-0.1, -0.2, -0.3), "worst_first", -1.0, False),
        ((0.3, 0.2, -0.1), "best_first", 1.0, True),
        ((-0.3, -0.2, -0.1), "worst", 1.0, True),
        ((-0.1, -0.2, -0.3), "worst", 3.0, False),
        ((-0.1, -0.2, -0.3), "best", 1.0, True),
        ((-0.2, -0.1, -0.3), "best", 2.0, False),
    ],
)
def test_orders_by_hand(
    folder: Path, moves: tuple[float, ...], published: str, value: float, holds: bool
) -> None:
    asked = ask("sector_ranking", "TA", "TB", "TC", as_of="2025-03-04", published=published)
    measured = found(sector_ranking(asked, day(folder, *moves)), calendar="24/7")
    assert measured.value == pytest.approx(value)
    assert measured.holds is holds
    assert measured.interval == "none: a price change is a fact, no estimate"


def test_the_note_has_every_return_from_the_worst_on(folder: Path) -> None:
    asked = ask("sector_ranking", "TA", "TB", "TC", as_of="2025-03-04", published="worst")
    measured = found(sector_ranking(asked, day(folder, -0.1, -0.3, 0.2)), calendar="24/7")
    assert measured.note == "2025-03-03 to 2025-03-04: TB -30.0%, TA -10.0%, TC +20.0%"
    assert measured.word == "not worst"


def test_ties_are_neither_order_and_both_worst(folder: Path) -> None:
    bench = day(folder, -0.1, -0.1)
    ordered = ask("sector_ranking", "TA", "TB", as_of="2025-03-04", published="worst_first")
    assert found(sector_ranking(ordered, bench), calendar="24/7").value == 0.0
    worst = ask("sector_ranking", "TA", "TB", as_of="2025-03-04", published="worst")
    assert found(sector_ranking(worst, bench), calendar="24/7").holds is True


def test_agreement_is_kendalls_tau() -> None:
    random = np.random.default_rng(8)
    for values in random.standard_normal((20, 6)):
        expected = stats.kendalltau(range(6), values).statistic
        assert float(order_agreement(values)) == pytest.approx(expected, abs=1e-12)
        assert float(order_agreement(values)) == pytest.approx(
            naive.agreement([float(each) for each in values])
        )
    assert np.isnan(order_agreement(np.array([1.0, np.nan])))


def test_weeks_are_ranked_one_by_one(folder: Path) -> None:
    # Monday 3, 10, 17 March. TA is worst in the first week and best in the second, worst over both.
    path = {
        "TA": [100.0] * 7 + [50.0] * 7 + [60.0],
        "TB": [100.0] * 7 + [90.0] * 7 + [90.0],
    }
    bench = bench_of(folder, *(token(name, prices) for name, prices in path.items()))
    asked = ask(
        "sector_ranking", "TA", "TB", window="2 weeks", as_of="2025-03-17", published="worst",
        readings={"windows": [], "calendars": ["24/7"]},
    )  # fmt: skip
    (measured,) = sector_ranking(asked, bench)
    assert (measured.value, measured.holds) == (2.0, False)
    assert measured.word == "worst in 1 of 2 weeks"
    assert "2025-03-03 to 2025-03-10: TA -50.0%, TB -10.0%" in measured.note
    assert "2025-03-10 to 2025-03-17: TB +0.0%, TA +20.0%" in measured.note


def test_weeks_end_on_mondays_sundays_or_fridays(walks: Bench) -> None:
    asked = ask(
        "sector_ranking", "TA", "TB", window=["2025-03-17", "2025-03-24"], published="worst"
    )
    ends = [each.reading.last for each in sector_ranking(asked, walks)]
    assert ends == ["2025-03-24", "2025-03-23", "2025-03-21", "2025-03-24", "2025-03-21"]


def test_ranks_of_groups_agree_with_the_transcription(walks: Bench) -> None:
    asked = ask(
        "sector_ranking", "@pair", "TC", "TD", window=["2025-03-05", "2025-04-04"],
        published="worst",
    )  # fmt: skip
    rows = [walk(40, seed)[2:33] for seed in range(4)]
    values = [naive.basket(rows[:2], "held"), naive.change(rows[2]), naive.change(rows[3])]
    measured = sector_ranking(asked, walks)
    literal = found(measured, basket="bought and held", calendar="24/7", first="2025-03-05")
    assert literal.value == naive.rank_from_worst(values)


def test_intervals_are_over_members(walks: Bench) -> None:
    asked = ask("sector_ranking", "@tokens", "TC", as_of="2025-03-20", published="worst")
    measured = sector_ranking(asked, walks)[0]
    assert 1.0 <= measured.low <= measured.value <= measured.high <= 2.0
    assert "bootstraps over their members" in measured.interval


@pytest.mark.parametrize("claim", [{"published": -0.1}, {"published": None}])
def test_an_order_has_to_be_published(walks: Bench, claim: dict[str, Any]) -> None:
    with pytest.raises(Untestable, match="which order"):
        sector_ranking(ask("sector_ranking", "TA", "TB", as_of="2025-03-20", **claim), walks)


def test_a_name_without_prices_leaves_it_open(folder: Path) -> None:
    asked = ask("sector_ranking", "TA", "TD", as_of="2025-03-04", published="worst")
    measured = sector_ranking(asked, day(folder, -0.1, -0.2, -0.3))
    assert all(math.isnan(each.value) and each.holds is None for each in measured)
    assert measured[0].note == "made up holds no prices of TD"


def test_what_comes_after_the_window_changes_nothing(walks: Bench, folder: Path) -> None:
    asked = ask("sector_ranking", "@pair", "TC", "TD", window="2 weeks", as_of="2025-03-24",
                published="worst_first")  # fmt: skip
    later = bench_on(folder, scrambled(walks.market, ns("2025-03-25T00:00")))
    assert repr(sector_ranking(asked, walks)) == repr(sector_ranking(asked, later))


def test_stocks_and_tokens_are_ranked_at_the_exchanges_close_first(folder: Path) -> None:
    bench = bench_of(folder, stock("AAA", walk(9, 1)), token("TA", walk(15, 2)))
    asked = ask("sector_ranking", "TA", "AAA", as_of="2025-03-06", published="worst")
    assert [each.reading.calendar for each in sector_ranking(asked, bench)] == ["XNYS", "24/7"]
