"""Which dates pairs are put on: at most so many, spread out, whoever else there is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from eventlab.contagion.breaks.pools import Pool, make_pool

DATES = np.arange(50, 1850)


def history(*first: int) -> npt.NDArray[np.bool_]:
    """(J, 2000): items that have a statistic from a place on."""
    return np.arange(2000) >= np.array(first)[:, None]


def own(pool: Pool, j: int) -> list[int]:
    return [int(place) for place in pool.own[j, : pool.count[j]]]


def test_few_dates_are_all_taken() -> None:
    pool = make_pool(history(0, 100), DATES[:300], 500)
    assert own(pool, 0) == list(range(50, 350))
    assert own(pool, 1) == list(range(100, 350))
    assert pool.at.shape == (2, 300)


@pytest.mark.parametrize("most", [100, 333, 500])
def test_dates_are_spread_evenly(most: int) -> None:
    pool = make_pool(history(0), DATES, most)
    places = np.array(own(pool, 0))
    assert len(places) == most
    step = len(DATES) / most
    assert np.diff(places).max() < 3 * step
    for part in np.array_split(DATES, 10):  # each tenth has its share
        assert abs(np.isin(places, part).sum() - most / 10) <= 0.1 * most / 10 + 2


def test_every_seventh_date_is_spread_evenly_too() -> None:
    pool = make_pool(history(0), np.arange(0, 2000, 7), 100)
    assert np.diff(own(pool, 0)).max() <= 7 * 5


def test_the_same_history_has_the_same_dates_and_a_shorter_one_nearly() -> None:
    pool = make_pool(history(0, 60, 0), DATES, 500)
    assert own(pool, 0) == own(pool, 2)
    assert len(set(own(pool, 0)) & set(own(pool, 1))) > 490


def test_a_short_history_keeps_all() -> None:
    pool = make_pool(history(0, 1700), DATES, 500)
    assert own(pool, 1) == list(range(1700, 1850))
    assert pool.at.shape == (2, 500)
    assert pool.at[0].tolist() == list(range(500))
    shared = np.array(own(pool, 0))
    inside = shared >= 1700
    assert (pool.own[1, pool.at[1, inside]] == shared[inside]).all()
    assert len(set(pool.at[1].tolist())) > 140  # the others are lent all over its own


def test_others_do_not_move_the_dates_of_a_pair() -> None:
    alone, together = make_pool(history(300), DATES, 200), make_pool(history(900, 300), DATES, 200)
    assert own(alone, 0) == own(together, 1)


def test_dates_that_no_pair_has_are_not_shared() -> None:
    pool = make_pool(history(1000, 1200), DATES, 500)
    assert pool.own[0, pool.at[0]].min() >= 1000


def test_nothing() -> None:
    none = make_pool(history(1900), DATES, 500)
    assert none.count.tolist() == [0]
    assert none.at.shape == (1, 0)
    assert make_pool(history(0), DATES[:0], 500).count.tolist() == [0]
