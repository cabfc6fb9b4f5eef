"""First moves after the news, and the order of a chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab import contagion
from eventlab.contagion.leads.chain import ChainOrder, chain_order
from eventlab.contagion.leads.first_move import Setting, first_move
from eventlab.contagion.leads.observations import Observed
from eventlab.errors import DataError, UsageError
from tests import naive_contagion_lead_lag as naive

HOUR = pd.Timedelta("1h")
DAYS = 60
FIRST = pd.Timestamp("2025-03-01", tz="UTC")
NEWS = FIRST + DAYS * pd.Timedelta("1D") + pd.Timedelta("21h5min")
PLACEBO = pd.date_range(FIRST + pd.Timedelta("21h5min"), NEWS, freq="1D", inclusive="left")
CHAIN: list[str | list[str]] = ["A", ["B", "C"], "D"]


def walk(seed: int, minutes: int, jump_at: str = "", jump: float = 0.0) -> pd.Series:
    """Prices of a random walk around the clock, 1% an hour, that jumps at the bar of a time."""
    index = pd.date_range(FIRST, NEWS + pd.Timedelta("3D"), freq=f"{minutes}min")
    index = index.floor(f"{minutes}min")
    rng = np.random.default_rng(seed)
    steps = 0.01 * np.sqrt(minutes / 60) * rng.normal(size=len(index))
    if jump_at:
        steps[index.searchsorted(pd.Timestamp(jump_at, tz="UTC"))] += jump
    return pd.Series(100 * np.exp(steps.cumsum()), index)


def example() -> dict[str, pd.Series]:
    return {
        "A": walk(1, 5, "2025-04-30 21:10", -0.3),
        "B": walk(2, 5, "2025-04-30 21:40", -0.3),
        "C": walk(3, 60, "2025-04-30 22:00", -0.4),
        "D": walk(4, 60, "2025-05-01 02:00", -0.5),
    }


def order(prices: Any, links: Any = CHAIN, **rest: Any) -> ChainOrder:
    return chain_order(prices, links, NEWS, **({"placebo": PLACEBO} | rest))


def test_links_in_order_and_a_tie() -> None:
    found = order(example())
    moves = found.moves.set_index("symbol")
    assert moves["link"].to_dict() == {"A": 0, "B": 1, "C": 1, "D": 2}
    assert moves["minutes_after"].to_dict() == {"A": 5.0, "B": 35.0, "C": 55.0, "D": 295.0}
    assert moves.loc["A", "first_move"] == pd.Timestamp("2025-04-30 21:10", tz="UTC")
    assert moves.loc["A", "since"] == NEWS  # the bar before ended before the news
    assert moves.loc["D", "since"] == pd.Timestamp("2025-05-01 01:00", tz="UTC")
    assert (moves["move"].abs() > moves["threshold"]).all()
    assert (moves["placebo_pvalue"] <= 0.05).all()
    # C was first seen to have moved at 22:00, and could have since 21:05: a tie with A.
    pairs = found.pairs.set_index(["earlier", "later"])["order"].to_dict()
    assert pairs == {
        ("A", "B"): "in order",
        ("A", "C"): "tie",
        ("B", "D"): "in order",
        ("C", "D"): "in order",
    }
    assert found.verdict == (
        "the data do not show the order claimed, nor rule it out: of 4 pairs of consecutive links "
        "3 in the order claimed, 1 too close for the bars to tell which came first; in 4 both "
        "moved farther than chance at 5%"
    )


def test_an_order_that_is_shown_and_one_that_is_contradicted() -> None:
    prices = example()
    assert order(prices, ["A", "B", "D"]).verdict.startswith("the first moves came in the order")
    assert order(prices, ["D", "A"]).verdict.startswith("the first moves came in another order")
    quiet = order(prices | {"D": walk(4, 60)}, ["A", "D"])
    assert quiet.pairs["order"].tolist() == ["not followed"]
    assert "no move beyond that of placebo days within 48 hours" in quiet.moves["note"].iloc[1]
    assert quiet.moves["first_move"].isna().tolist() == [False, True]
    assert "where only the earlier link moved" in quiet.verdict


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_plain_transcription(seed: int) -> None:
    prices = walk(seed, 60, "2025-04-30 23:00", 0.2)
    kept = prices[np.random.default_rng(seed).random(len(prices)) < 0.7]  # thin trading
    series = Observed(pd.DatetimeIndex(kept.index).as_unit("ns").asi8, np.log(kept.to_numpy()))
    reach = pd.Timedelta("30h").as_unit("ns").value
    news, days = NEWS.as_unit("ns").value, PLACEBO.as_unit("ns").asi8
    setting = Setting(news, days, reach, reach, 0.05)
    found = first_move(series, setting)
    wanted = naive.first_move(series.times, series.logs, news, days, reach, reach, 0.05)
    assert (found.at, found.since, found.n_placebo) == (wanted[0], wanted[1], wanted[5])
    assert found.move == pytest.approx(wanted[2], rel=1e-12)
    assert found.threshold == pytest.approx(wanted[3], rel=1e-12)
    assert found.pvalue == wanted[4]


def test_by_hand() -> None:
    # 20 placebo days whose price goes from 100 to 101, 102, ... 120 in the bar after; the 20th
    # smallest of 20 is what a further day exceeds with probability 1/21.
    hours = np.arange(24 * 24) * 3600 * 10**9
    logs = np.zeros(len(hours))
    for day in range(20):
        logs[24 * day + 1] = np.log(1.01 + 0.01 * day)
    logs[24 * 22 + 1 :] = np.log(1.21)
    starts = hours[::24][:20]
    news = int(hours[24 * 22])
    setting = Setting(news, starts, int(hours[1]), int(hours[1]), 0.05)
    found = first_move(Observed(hours, logs), setting)
    assert (found.at, found.since) == (hours[24 * 22 + 1], news)
    assert found.move == pytest.approx(0.21)
    assert found.threshold == pytest.approx(0.20)
    # The event is 21/20 of its threshold, the day of 20% 20/19 of what the others give: 2 of 21.
    assert found.pvalue == pytest.approx(2 / 21)
    smaller = logs.copy()
    smaller[24 * 22 + 1 :] = np.log(1.2)
    assert first_move(Observed(hours, smaller), setting).at == -1


def test_chance_moves_by_its_level() -> None:
    # Bar by bar, a day without news exceeds the threshold in at most 5% of cases; the p takes the
    # many bars into account.
    rejected = beyond = 0
    for seed in range(300):
        index = np.arange(24 * 45) * 3600 * 10**9
        logs = np.random.default_rng(seed).normal(size=len(index)).cumsum() / 100
        starts = index[::24]
        setting = Setting(int(starts[42]), starts[:40], int(index[24]), int(index[1]), 0.05)
        found = first_move(Observed(index, logs), setting)
        rejected += found.pvalue <= 0.05
        once = Setting(int(starts[42]), starts[:40], int(index[1]), int(index[1]), 0.05)
        beyond += first_move(Observed(index, logs), once).at >= 0
    assert beyond <= 26  # 5% of 300 is 15, three standard errors more is 26
    assert rejected <= 26


def test_the_future_does_not_matter() -> None:
    prices = example()
    found = order(prices).moves
    rng = np.random.default_rng(9)
    past = ["first_move", "since", "minutes_after", "move", "threshold", "n_placebo"]
    for row in found.to_dict("records"):
        symbol = str(row["symbol"])
        later = prices[symbol].copy()
        after = later.index > row["first_move"]
        later[after] = later[after] * rng.uniform(0.2, 5, int(after.sum()))
        again = order(prices | {symbol: later}).moves.query("symbol == @symbol").iloc[0]
        assert again[past].tolist() == [row[name] for name in past]
    # Dates whose horizon reaches beyond the news are not used, whatever is asked for.
    more = PLACEBO.append(pd.DatetimeIndex([NEWS, NEWS + HOUR]))
    pd.testing.assert_frame_equal(order(prices, placebo=more).moves, found, check_exact=True)
    assert found["n_placebo"].tolist() == [DAYS - 1] * 4


def test_pairwise_leads() -> None:
    lead = walk(5, 5)
    late = pd.Series(lead.to_numpy()[:-6], lead.index[6:])
    found = order({"A": lead, "B": late}, ["A", "B"]).pairs.iloc[0]
    assert (found["lead_minutes"], found["resolution_minutes"]) == (30.0, 5.0)
    assert found["lead_correlation"] > 0.9
    assert found["lead_pvalue"] < 0.01
    unrelated = order({"A": lead, "B": walk(6, 5)}, ["A", "B"]).pairs.iloc[0]
    assert unrelated["note"] == "no lag at which the two differ from unrelated"


@pytest.mark.parametrize(
    ("series", "placebo", "note"),
    [
        (walk(1, 60)[:"2025-04-30 20:00"], PLACEBO, "no price after the news"),
        (walk(1, 60)["2025-04-30 22:00":], PLACEBO, "no price shortly before the news"),
        (walk(1, 60)["2025-04-20":], PLACEBO, "only 9 placebo days"),
        (walk(1, 60), PLACEBO[-12:], "only 11 placebo days"),
        (walk(1, 60), PLACEBO[:0], "only 0 placebo days"),
    ],
)
def test_what_cannot_be_found_says_why(
    series: pd.Series, placebo: pd.DatetimeIndex, note: str
) -> None:
    found = order({"A": walk(2, 5), "B": series}, ["A", "B"], placebo=placebo).moves.iloc[1]
    assert note in found["note"]
    empty = ["first_move", "minutes_after", "move", "threshold", "placebo_pvalue"]
    assert pd.isna(found[empty]).all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"links": ["A"]}, UsageError, "two or more"),
        ({"links": ["A", "X"]}, UsageError, "no prices of X"),
        ({"level": 1.0}, UsageError, "level"),
        ({"placebo": PLACEBO.tz_localize(None)}, UsageError, "have no zone"),
        ({"prices": {"A": walk(1, 60), "D": -walk(2, 60)}}, DataError, "above zero"),
    ],
)
def test_wrong_input(change: dict[str, Any], error: type[Exception], words: str) -> None:
    given = {"prices": example(), "links": ["A", "D"]} | change
    with pytest.raises(error, match=words):
        order(**given)


def test_naive_times_and_public_name() -> None:
    prices = {name: one.tz_localize(None) for name, one in example().items()}
    news, placebo = NEWS.tz_localize(None), PLACEBO.tz_localize(None)
    found = chain_order(prices, CHAIN, news, placebo=placebo).moves
    wanted = order(example()).moves
    assert found["minutes_after"].tolist() == wanted["minutes_after"].tolist()
    assert found["first_move"].dt.tz is None
    assert contagion.chain_order is chain_order
    assert "ChainOrder('the data" in repr(order(example()))
