"""Returns, drawdowns and rebounds: by hand, against slow transcriptions, and on real prices."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.claims.measures.moves import (
    drawdown,
    rebound,
    relative_return,
    window_return,
    year_to_date,
)
from eventlab.claims.types import Untestable
from eventlab.claims.verdict import judge
from tests import naive_claims_moves as naive
from tests.claims.move_world import (
    MONDAY,
    ask,
    bench_of,
    bench_on,
    found,
    hours,
    scrambled,
    stock,
    token,
    walk,
    workspace_in,
)
from tests.market.series import daily, market, ns

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured

EXACT = 1e-12  # products of a few dozen ratios
WEEK = ("2025-03-03", "2025-03-07")
BASKETS = {"equal": "equal weights", "held": "bought and held", "median": "median"}
WALKS = {name: walk(40, seed) for seed, name in enumerate(("TA", "TB", "TC", "TD"))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_in(tmp_path_factory.mktemp("ws"))


@pytest.fixture(scope="module")
def walks(folder: Path) -> Bench:
    return bench_of(folder, *(token(name, prices) for name, prices in WALKS.items()))


def oracle(folder: Path) -> Bench:
    """A stock that closes 10% lower after a low of 16%, and rises to 3% above its close before."""
    return bench_of(folder, stock("AAA", [100.0, 90.0], high=[101.0, 103.0], low=[99.0, 84.0]))


def test_a_fall_is_read_at_the_close_and_at_the_low(folder: Path) -> None:
    asked = ask("return", "AAA", as_of="2025-03-04", published=-0.16)
    measured = window_return(asked, oracle(folder))
    assert [each.reading.price for each in measured] == ["close", "intraday"]
    assert [each.value for each in measured] == pytest.approx([-0.10, -0.16])
    assert measured[1].at == "2025-03-04"
    assert measured[1].note == "low 84 against 100, from daily bars"
    assert measured[0].interval == "none: a price change is a fact, no estimate"
    judgement = judge(asked, measured, simulated=False)
    assert (judgement.verdict, judgement.reading) == ("supported only as", "intraday")


@pytest.mark.parametrize(
    ("published", "value"), [(0.03, 0.03), ("negative", -0.16), ("positive", 0.03)]
)
def test_the_extreme_is_the_one_that_the_statement_speaks_of(
    folder: Path, published: float | str, value: float
) -> None:
    asked = ask("return", "AAA", as_of="2025-03-04", published=published)
    assert found(window_return(asked, oracle(folder)), price="intraday").value == pytest.approx(
        value
    )


def test_dividends_are_another_reading_where_there_are_any(folder: Path) -> None:
    bench = bench_of(folder, stock("AAA", [98.0, 99.0], raw=[100.0, 99.0]))
    asked = ask("return", "AAA", as_of="2025-03-04", readings={"prices": ["close", "total"]})
    assert found(window_return(asked, bench), price="with dividends").value == pytest.approx(
        99 / 98 - 1
    )
    plain = bench_of(folder, stock("AAA", [100.0, 99.0]))
    default = window_return(ask("return", "AAA", as_of="2025-03-04"), plain)
    assert {each.reading.price for each in default} == {"close", "intraday"}


def test_three_baskets_of_two_by_hand(folder: Path) -> None:
    # TA +10% then -10%; TB -10% then +10%. Equal weights: no move on either day.
    bench = bench_of(folder, token("TA", [100.0, 110.0, 99.0]), token("TB", [100.0, 90.0, 99.0]))
    asked = ask("return", "@pair", window=["2025-03-03", "2025-03-05"], published=0.0)
    measured = [
        found(window_return(asked, bench), basket=words, calendar="24/7", first="2025-03-03")
        for words in BASKETS.values()
    ]
    assert [each.value for each in measured] == pytest.approx([0.0, -0.01, -0.01], abs=EXACT)
    assert measured[0].interval == "none: 2 members are too few to draw from"
    assert measured[0].n == 2


@pytest.mark.parametrize("how", BASKETS)
def test_baskets_agree_with_the_transcription(walks: Bench, how: str) -> None:
    asked = ask("return", "@tokens", window=["2025-03-05", "2025-04-04"], published=0.0)
    measured = found(
        window_return(asked, walks), basket=BASKETS[how], calendar="24/7", first="2025-03-05"
    )
    rows = [prices[2:33] for prices in WALKS.values()]
    assert measured.value == pytest.approx(naive.basket(rows, how), rel=EXACT)
    assert measured.low < measured.value < measured.high
    assert "over its 4 members" in measured.interval


def test_a_group_of_one_is_its_symbol(walks: Bench) -> None:
    window = ["2025-03-05", "2025-04-04"]
    lone = window_return(ask("return", "@lone", window=window), walks)
    symbol = window_return(ask("return", "TA", window=window), walks)
    assert repr(lone) == repr(symbol)
    frame = pd.Series(WALKS["TA"])
    assert symbol[0].value == pytest.approx(frame.pct_change(30)[32], rel=EXACT)


def test_twins_are_the_same_in_every_basket(folder: Path) -> None:
    prices = walk(20, 7)
    bench = bench_of(folder, *(token(name, prices) for name in WALKS))
    asked = ask("return", "@tokens", window=list(WEEK))
    measured = window_return(asked, bench)
    literal = [each for each in measured if each.reading.window == measured[0].reading.window]
    for each in literal:
        if each.reading.calendar == "24/7":
            assert each.value == pytest.approx(prices[4] / prices[0] - 1, rel=EXACT)
            assert each.high - each.low == pytest.approx(0.0, abs=EXACT)


def test_the_interval_of_a_basket_is_as_wide_as_its_mean_is_uncertain(tmp_path: Path) -> None:
    names = [f"M{number}" for number in range(60)]
    listed = ", ".join(f"{name}: {{}}" for name in names)
    root = workspace_in(tmp_path / "ws")
    text = f"universe: many\ntitle: many\ncalendar: 24/7\nsymbols: {{{listed}}}\n"
    (root / "universes" / "many.yaml").write_text(text, encoding="utf-8")
    ends = 1.0 + 0.1 * np.random.default_rng(5).standard_normal(60)
    bench = bench_of(
        root, *(token(each, [1.0, end]) for each, end in zip(names, ends, strict=True))
    )
    asked = ask("return", "@many", as_of="2025-03-04", published=0.0)
    held = found(window_return(asked, bench), basket="bought and held", calendar="24/7")
    width = 2 * 1.96 * ends.std() / math.sqrt(60)
    assert held.high - held.low == pytest.approx(width, rel=0.12)  # 999 draws: 3% of noise


def test_members_without_prices_are_left_out_by_name(folder: Path) -> None:
    series = [token(name, WALKS[name]) for name in ("TA", "TB")]
    gap = daily("TC", "24/7", series[0].sessions[0].astype(object), WALKS["TC"], drop=[3])
    bench = bench_of(folder, *series, gap)
    asked = ask("return", "@tokens", window=["2025-03-03", "2025-03-10"], published=0.0)
    measured = window_return(asked, bench)
    literal = {
        each.reading.basket: each
        for each in measured
        if each.reading.calendar == "24/7" and each.reading.first == "2025-03-03"
    }
    assert "left out: made up holds no prices of TD" in literal["median"].note
    assert literal["median"].n == 3
    assert literal["equal weights"].n == 2
    assert "left out for prices missing between: TC" in literal["equal weights"].note


def test_a_symbol_without_prices_has_no_value_and_says_why(folder: Path) -> None:
    bench = bench_of(folder, daily("TA", "24/7", MONDAY, walk(9, 1), drop=[4]))
    asked = ask("return", "TA", window=["2025-03-03", "2025-03-07"], published=0.0)
    measured = window_return(asked, bench)
    assert math.isnan(measured[0].value)
    assert measured[0].note == "no price of TA at the close of 2025-03-07"
    assert window_return(ask("return", "TB", as_of="2025-03-05"), bench)[0].note.endswith(
        "holds no prices of TB"
    )


@pytest.mark.parametrize(
    ("claim", "firsts"),
    [
        ({"window": ["2025-03-05", "2025-04-03"]}, ["2025-03-05", "2025-03-04"]),
        (
            {"window": "1 month", "as_of": "2025-04-10"},
            ["2025-03-10", "2025-03-09", "2025-03-11", "2025-03-13"],
        ),
        ({"window": "1 week", "as_of": "2025-03-24"}, ["2025-03-17", "2025-03-16", "2025-03-14"]),
        ({"window": ["2025-03-10", "2025-03-17"]}, ["2025-03-10", "2025-03-09", "2025-03-07"]),
        ({"window": "10 bars", "as_of": "2025-04-03"}, ["2025-03-24"]),
        (
            {
                "window": "10 bars",
                "as_of": "2025-04-03",
                "readings": {"windows": ["5 bars"], "calendars": ["24/7"]},
            },
            ["2025-03-24", "2025-03-29"],
        ),
    ],
)
def test_windows_that_the_words_may_mean(
    walks: Bench, claim: dict[str, Any], firsts: list[str]
) -> None:
    measured = window_return(ask("return", "TA", published=0.0, **claim), walks)
    days = [each.reading.first for each in measured if each.reading.calendar == "24/7"]
    assert list(dict.fromkeys(days)) == firsts


def test_readings_beyond_the_words_come_last_and_say_so(walks: Bench) -> None:
    asked = ask(
        "return", "TA", window=["2025-03-05", "2025-03-12"], published=0.0,
        beyond={"windows": [["2025-03-03", "2025-04-03"]], "calendars": ["24/7"]},
    )  # fmt: skip
    measured = window_return(asked, walks)
    assert [each.reading.within for each in measured][-1] is False
    assert measured[-1].reading.first == "2025-03-03"


def test_a_year_begins_at_the_last_close_of_the_one_before(folder: Path) -> None:
    prices = walk(30, 4)
    one = daily("TA", "24/7", date(2024, 12, 20), prices)
    bench = bench_of(folder, one)
    measured = year_to_date(ask("year_to_date", "TA", as_of="2025-01-10", published=0.1), bench)
    assert measured[0].reading.first == "2024-12-31"
    assert measured[0].value == pytest.approx(prices[21] / prices[11] - 1, rel=EXACT)
    assert [each.reading.calendar for each in measured] == ["24/7", "XNYS"]


def test_a_level_moves_by_percentage_points_and_says_so(folder: Path) -> None:
    bench = bench_of(folder, daily("AAA", "XNYS", date(2025, 3, 3), [4.0, 4.1, 4.5], kind="level"))
    asked = ask("return", "AAA", window=["2025-03-03", "2025-03-05"], published=0.005)
    (literal, *_) = window_return(asked, bench)
    assert literal.value == pytest.approx(0.005, rel=EXACT)
    assert literal.note == "AAA in percentage points"


def test_on_new_years_day_an_exchange_has_no_year_yet(folder: Path) -> None:
    prices = walk(30, 4)
    bench = bench_of(folder, daily("TA", "24/7", date(2024, 12, 20), prices))
    asked = ask("year_to_date", "TA", as_of="2025-01-01", published=0.1)
    always, exchange = year_to_date(asked, bench)
    assert always.value == pytest.approx(prices[12] / prices[11] - 1, rel=EXACT)
    assert math.isnan(exchange.value)  # not the year before
    assert exchange.note == "no session of XNYS lies between 2024-12-31 and 2025-01-01"


def test_two_figures_are_those_of_two_names(folder: Path) -> None:
    bench = bench_of(folder, token("TA", [100.0, 80.0]), token("TB", [100.0, 106.0]))
    asked = ask("relative_return", "TA", "TB", as_of="2025-03-04", published=[-0.2, 0.06])
    measured = relative_return(asked, bench)
    assert measured[0].value == pytest.approx(-0.26)
    assert measured[0].holds is True
    assert "TA -20.0%, TB +6.0%" in measured[0].note
    assert judge(asked, measured, simulated=False).verdict == "supported"
    swapped = ask("relative_return", "TA", "TB", as_of="2025-03-04", published=[0.06, -0.2])
    assert relative_return(swapped, bench)[0].holds is False
    near = ask("relative_return", "TA", "TB", as_of="2025-03-04", published=[-0.2, 0.08])
    assert relative_return(near, bench)[0].holds is False
    wide = ask(
        "relative_return", "TA", "TB", as_of="2025-03-04", published=[-0.2, 0.08], tolerance=0.02
    )
    assert relative_return(wide, bench)[0].holds is True


def test_one_figure_is_the_difference_and_a_word_its_sign(folder: Path) -> None:
    bench = bench_of(folder, token("TA", [100.0, 80.0]), token("TB", [100.0, 106.0]))
    figure = ask("relative_return", "TA", "TB", as_of="2025-03-04", published=-0.26)
    assert judge(figure, relative_return(figure, bench), simulated=False).verdict == "supported"
    word = ask("relative_return", "TA", "TB", as_of="2025-03-04", published="positive")
    assert relative_return(word, bench)[0].holds is False
    with pytest.raises(Untestable, match="two names"):
        relative_return(ask("relative_return", "TA", as_of="2025-03-04"), bench)


def test_no_move_has_neither_sign(folder: Path) -> None:
    bench = bench_of(folder, token("TA", [100.0, 100.0]))
    asked = ask("return", "TA", as_of="2025-03-04", published="negative")
    measured = found(window_return(asked, bench), price="close", calendar="24/7")
    assert (measured.word, measured.holds) == ("no change", False)


@pytest.mark.parametrize(("measure", "slow"), [(drawdown, naive.falls), (rebound, naive.rises)])
def test_swings_agree_with_the_transcription(walks: Bench, measure: Any, slow: Any) -> None:
    asked = ask("drawdown", "TB", window=["2025-03-05", "2025-04-04"], published=-0.1)
    closes = [
        each
        for each in measure(asked, walks)
        if each.reading.price == "close" and each.reading.calendar == "24/7"
    ]
    first = 2 if measure is drawdown else 3  # the base is no price of a rebound
    expected = slow(WALKS["TB"][first:33])
    assert closes[0].value == pytest.approx(expected[-1], rel=EXACT)
    assert closes[1].value == pytest.approx(max(expected, key=abs), rel=EXACT)


def test_the_deepest_fall_is_that_of_pandas(walks: Bench) -> None:
    asked = ask("drawdown", "TC", window=["2025-03-03", "2025-04-11"], published=-0.1)
    measured = found(
        drawdown(asked, walks), price="close", calendar="24/7", detail="at its deepest"
    )
    frame = pd.Series(WALKS["TC"])
    expected = (frame / frame.cummax() - 1.0).min()
    assert measured.value == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("how", BASKETS)
def test_falls_of_a_basket_are_those_of_its_worth(walks: Bench, how: str) -> None:
    asked = ask("drawdown", "@tokens", window=["2025-03-05", "2025-04-04"], published=-0.1)
    measured = found(
        drawdown(asked, walks), basket=BASKETS[how], calendar="24/7", detail="at the last close"
    )
    path = naive.path([prices[2:33] for prices in WALKS.values()], how)
    assert measured.value == pytest.approx(naive.falls(path)[-1], rel=EXACT)


def test_highs_and_lows_within_a_bar_have_no_order(folder: Path) -> None:
    # From 200 the close is 98. The low of 97 may have come before 200, in the same bar.
    bench = bench_of(
        folder,
        stock("AAA", [100.0, 105.0, 95.0, 98.0], high=[101, 110, 104, 200], low=[99, 90, 88, 97]),
    )
    asked = ask("drawdown", "AAA", window=["2025-03-03", "2025-03-06"], published=-0.2)
    measured = drawdown(asked, bench)
    intraday = [each.value for each in measured if each.reading.price == "intraday"]
    assert intraday == pytest.approx([98 / 200 - 1])  # deeper than any before: 88 / 110 - 1
    up = rebound(ask("rebound", "AAA", window=["2025-03-03", "2025-03-06"]), bench)
    assert up[0].value == pytest.approx(98 / 88 - 1)
    assert up[1].value == pytest.approx(200 / 88 - 1)


def test_all_history_without_a_window(folder: Path) -> None:
    prices = [100.0, 200.0, 50.0, 150.0]
    bench = bench_of(folder, stock("AAA", prices))
    measured = drawdown(ask("drawdown", "AAA", as_of="2025-03-06", published=-0.25), bench)
    assert measured[0].value == pytest.approx(-0.25)
    assert measured[0].reading.window == "all prices to 2025-03-06"
    assert found(measured, detail="at its deepest").reading.within is False
    with pytest.raises(Untestable, match="needs a window"):
        drawdown(ask("drawdown", "@pair", as_of="2025-03-06"), bench)


def everything(folder: Path) -> tuple[Bench, int]:
    """A bench of tokens, hours and stocks; and the end of the claims of below."""
    bars = hours("TA", "2025-03-03T01:00", walk(900, 11), high=walk(900, 12), low=walk(900, 13))
    series = [token(name, each, high=each, low=each) for name, each in WALKS.items()]
    stocks = [stock(name, walk(28, seed), high=walk(28, 3)) for seed, name in ((21, "AAA"),)]
    return bench_on(folder, market(*series, *stocks, bars)), ns("2025-03-22T00:00")


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        (window_return, ("TA",)),
        (window_return, ("@tokens",)),
        (relative_return, ("TA", "AAA")),
        (relative_return, ("@tokens", "AAA")),
        (drawdown, ("TA",)),
        (drawdown, ("AAA",)),
        (rebound, ("TA",)),
    ],
)
def test_what_comes_after_the_window_changes_nothing(
    folder: Path, measure: Any, names: tuple[str, ...]
) -> None:
    bench, end = everything(folder)
    asked = ask("return", *names, window=["2025-03-07", "2025-03-21"], published=-0.1)
    before = measure(asked, bench)
    after = measure(asked, bench_on(folder, scrambled(bench.market, end)))
    assert any(math.isfinite(each.value) for each in before)
    assert repr(before) == repr(after)


def test_claims_draw_from_streams_of_their_own(walks: Bench) -> None:
    asked = ask("return", "@tokens", window=["2025-03-05", "2025-04-04"], published=0.0)

    def lows(each: tuple[Measured, ...]) -> list[float]:
        return [one.low for one in each]

    assert lows(window_return(asked, walks)) == lows(window_return(asked, walks))
