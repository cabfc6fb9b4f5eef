"""Walk-forward over episodes, with purging."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError, UsageError
from eventlab.hedge.robustness.sharpe import sharpe_ratio
from eventlab.hedge.robustness.walk_forward import walk_forward, walk_forward_splits
from tests import naive_hedge_robustness as naive


def spans(E: int, step: int = 10, length: int = 4, lookback: int = 3) -> np.ndarray:
    first = 10 + step * np.arange(E)
    return np.column_stack([first, first + length - 1, np.full(E, lookback)])


def test_by_hand() -> None:
    folds = walk_forward_splits(spans(7), folds=2, minimum=3)
    assert [fold.train.tolist() for fold in folds] == [[0, 1, 2], [0, 1, 2, 3, 4]]
    assert [fold.test.tolist() for fold in folds] == [[3, 4], [5, 6]]
    assert [fold.purged.tolist() for fold in folds] == [[], []]
    # Exits are 7 bars before the next entry (13 and 20): an embargo of 6 leaves them, 7 does not.
    assert walk_forward_splits(spans(7), folds=2, minimum=3, embargo=6)[0].purged.tolist() == []
    purged = walk_forward_splits(spans(7), folds=2, minimum=3, embargo=7)
    assert [fold.purged.tolist() for fold in purged] == [[2], [4]]
    assert [fold.train.tolist() for fold in purged] == [[0, 1], [0, 1, 2, 3]]


def test_an_episode_that_is_still_open_is_purged() -> None:
    episodes = spans(5)
    episodes[1, 1] = 45  # from row 20 into those that begin in rows 30 and 40
    first, second = walk_forward_splits(episodes, folds=2, minimum=2)
    assert (first.train.tolist(), first.purged.tolist(), first.test.tolist()) == ([0], [1], [2, 3])
    assert (second.train.tolist(), second.purged.tolist()) == ([0, 1, 2, 3], [])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_against_the_transcription(data: st.DataObject) -> None:
    E = data.draw(st.integers(2, 9))
    number = st.integers(0, 12)
    first = np.cumsum([data.draw(number) for _ in range(E)])
    episodes = np.array([[row, row + data.draw(number), data.draw(number)] for row in first])
    folds = data.draw(st.integers(1, E - 1))
    embargo = data.draw(number)
    found = walk_forward_splits(episodes, folds=folds, minimum=1, embargo=embargo)
    assert np.concatenate([fold.test for fold in found]).tolist() == list(range(1, E))
    for fold in found:
        kept, out = naive.purged(
            [tuple(row) for row in episodes.tolist()], fold.test.tolist(), embargo
        )
        assert (fold.train.tolist(), fold.purged.tolist()) == (kept, out)


def test_default_minimum() -> None:
    assert walk_forward_splits(spans(40))[0].test.tolist()[0] == 6  # 40 // 6
    assert walk_forward_splits(spans(2), folds=1)[0].train.tolist() == [0]


def test_it_chooses_on_the_past_and_reports_the_next() -> None:
    generator = np.random.default_rng(2)
    returns = pd.DataFrame(0.01 * generator.standard_normal((120, 4)), columns=list("abcd"))
    unhedged = 0.01 * generator.standard_normal(120)
    episodes = pd.DataFrame(spans(9, length=6), columns=["first_row", "last_row", "lookback"])
    found = walk_forward(returns, episodes, unhedged=unhedged, folds=3, minimum=3)
    stitched: list[float] = []
    for row, fold in zip(found.table.itertuples(index=False), found.folds, strict=True):
        train = [t for e in fold.train for t in range(10 + 10 * e, 16 + 10 * e)]
        test = [t for e in fold.test for t in range(10 + 10 * e, 16 + 10 * e)]
        inside = {name: sharpe_ratio(returns[name].iloc[train]).value for name in "abcd"}
        best = max(inside, key=lambda name: inside[name])
        assert row.chosen == best
        assert row.in_sample == pytest.approx(inside[best], rel=1e-12)
        outside = sharpe_ratio(returns[best].iloc[test]).value
        assert row.out_of_sample == pytest.approx(outside, rel=1e-12)
        assert row.unhedged == pytest.approx(sharpe_ratio(unhedged[test]).value, rel=1e-12)
        assert (row.in_sample_bars, row.out_of_sample_bars) == (len(train), len(test))
        assert (row.first, row.last, row.note) == (fold.test[0], fold.test[-1], "")
        stitched += returns[best].iloc[test].tolist()
    assert found.out_of_sample == pytest.approx(sharpe_ratio(np.array(stitched)).value, rel=1e-12)
    np.testing.assert_array_equal(found.returns, stitched)
    assert found.unhedged == pytest.approx(sharpe_ratio(unhedged[found.rows]).value, rel=1e-12)


def test_the_future_does_not_choose() -> None:
    generator = np.random.default_rng(3)
    returns = generator.standard_normal((120, 6))
    before = walk_forward(returns, spans(10), folds=4, minimum=2)
    k = 2
    cut = int(spans(10)[before.folds[k].test[0], 0])
    scrambled = returns.copy()
    scrambled[cut:] = generator.standard_normal((120 - cut, 6))
    after = walk_forward(scrambled, spans(10), folds=4, minimum=2)
    known = ["chosen", "in_sample", "in_sample_bars", "purged"]
    pd.testing.assert_frame_equal(before.table[known][: k + 1], after.table[known][: k + 1])
    pd.testing.assert_frame_equal(before.table[:k], after.table[:k])
    assert not before.table[k + 1 :].equals(after.table[k + 1 :])
    cut_off = returns.copy()
    cut_off[cut:] = 0.0
    after = walk_forward(cut_off, spans(10), folds=4, minimum=2)
    pd.testing.assert_frame_equal(before.table[known][: k + 1], after.table[known][: k + 1])


def test_what_cannot_be_said_is_noted() -> None:
    returns = np.random.default_rng(0).standard_normal((60, 3))
    short = np.array([[5, 5, 0], [6, 6, 0], [20, 20, 0]])
    found = walk_forward(returns, short, folds=1, minimum=2)
    assert found.table.loc[0, "chosen"] == 0
    note = "training: fewer than 3 returns; test: fewer than 3 returns"
    assert found.table.loc[0, "note"] == note
    assert np.isnan(found.out_of_sample)
    assert np.isnan(found.unhedged)
    still = np.array(spans(3))
    returns[10:24] = 0.0
    returns[10:24, 2] = np.random.default_rng(1).standard_normal(14) - 9.0
    assert walk_forward(returns, still, folds=1, minimum=2).table.loc[0, "chosen"] == 2
    everything = walk_forward(returns, np.array([[0, 9, 0], [8, 12, 0], [15, 20, 0]]), folds=1)
    assert everything.table.loc[0, "purged"] == 1
    assert everything.table.loc[0, "in_sample_bars"] == 0
    assert str(everything.table.loc[0, "note"]).startswith("training: fewer than 3 returns")


def test_refusals() -> None:
    with pytest.raises(DataError, match="4 episodes are too few for 5 folds after the first 1"):
        walk_forward_splits(spans(4))
    with pytest.raises(UsageError, match="episodes has no column lookback"):
        walk_forward_splits(pd.DataFrame({"first_row": [1], "last_row": [2]}))
    with pytest.raises(UsageError, match="not in order of their first_row"):
        walk_forward_splits(spans(4)[::-1], folds=1)
    with pytest.raises(UsageError, match="last_row not before first_row"):
        walk_forward_splits(np.array([[4, 3, 0], [5, 6, 0]]), folds=1)
    with pytest.raises(UsageError, match="dtype float64"):
        walk_forward_splits(spans(4).astype(float), folds=1)
    with pytest.raises(UsageError, match=r"shape \(4, 2\)"):
        walk_forward_splits(spans(4)[:, :2], folds=1)
    with pytest.raises(UsageError, match="embargo=-1"):
        walk_forward_splits(spans(4), folds=1, embargo=-1)
    with pytest.raises(DataError, match="an episode ends in row 43; returns has 40 bars"):
        walk_forward(np.zeros((40, 2)), spans(4), folds=1)
    with pytest.raises(UsageError, match="unhedged has 3 bars"):
        walk_forward(np.zeros((50, 2)), spans(4), folds=1, unhedged=np.zeros(3))
