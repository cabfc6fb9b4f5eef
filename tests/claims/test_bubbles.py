"""Bubbles as claims: made-up ones, random walks, when they were, and what is read of the prices."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab import contagion
from eventlab.claims.measures.bubbles import PATHS, WHEN, bubble
from eventlab.claims.types import Measured, Untestable
from eventlab.market.futures import scrambled
from tests.claims.model_world import CLOCK, ask, bench_of, world
from tests.naive_claims_models import last_of_week

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.bench import Bench

START, LAST = "2022-01-10", "2023-10-20"
ROWS = 460
# Rows in which the price explodes: late, and early enough to be more than a year back.
LATE, EARLY = slice(300, 400), slice(60, 150)


def path(explosive: slice | None = None, *, down: bool = False) -> npt.NDArray[np.float64]:
    """(ROWS,) simple returns of a quiet walk that in some rows grows faster the further it is."""
    random = np.random.default_rng(11)
    moves = 0.004 * random.standard_normal(ROWS)
    if explosive is not None:
        n = explosive.stop - explosive.start
        growth = 0.012 * np.linspace(0.2, 2.0, n)
        moves[explosive] += -growth if down else growth
        moves[explosive.stop : explosive.stop + 10] -= -0.06 if down else 0.06
    return moves


def with_moves(folder: Any, moves: npt.NDArray[np.float64]) -> Bench:
    quiet = path()
    return bench_of(folder, world({"MKT": quiet, "XXX": moves, "YYY": moves, "ZZZ": quiet}))


def found(bench: Bench, *symbols: str, **said: Any) -> tuple[Measured, ...]:
    given: dict[str, Any] = {"as_of": LAST, "window": (START, LAST), "published": "bubble"} | said
    given = {key: value for key, value in given.items() if value is not None}
    return bubble(ask(bench, "bubble", *symbols, event=None, **given), bench)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return with_moves(tmp_path_factory.mktemp("late"), path(LATE))


ASK = {"readings": {"of": ["log_levels"], "windows": [(START, LAST)], "baskets": ["equal"]}}


def test_a_bubble_of_late(late: Bench) -> None:
    first, ever, still, *_ = found(late, "XXX", **ASK)
    assert (first.word, first.holds) == ("bubble", True)
    assert (ever.word, still.word) == ("bubble", "no_bubble")  # it burst fifty rows ago
    assert first.reading.detail == "weekly closes, explosive within the last year"
    assert first.reading.of == "log price levels"
    assert "explosive 2023" in first.note
    assert first.interval.startswith("none: a test; 5% of paths without a bubble are above ")
    assert found(late, "XXX", published="no_bubble", **ASK)[0].holds is False


def test_it_agrees_with_the_test_of_weekly_closes(late: Bench) -> None:
    first = found(late, "XXX", **ASK)[0]
    days = CLOCK.sessions[:ROWS].astype(object)
    inside = [at for at, day in enumerate(days) if date(2022, 1, 10) <= day <= date(2023, 10, 20)]
    weeks = [inside[place] for place in last_of_week([days[at] for at in inside])]
    log_price = np.log(100.0 * np.cumprod(1.0 + path(LATE)))
    series = pd.Series(log_price[weeks], pd.DatetimeIndex(CLOCK.sessions[weeks]))
    test = contagion.gsadf(series, draws=PATHS["weekly"], seed=0)
    assert first.n == len(weeks)
    assert first.value == pytest.approx(test.statistic, rel=1e-9)
    assert first.note.startswith(f"p {test.pvalue:.3f}")
    assert first.word == ("bubble" if test.pvalue <= 0.05 else "no_bubble")


def test_one_that_is_long_gone(tmp_path: Any) -> None:
    bench = with_moves(tmp_path, path(EARLY))
    first, ever, still, *_ = found(bench, "XXX", **ASK)
    assert [each.word for each in (first, ever, still)] == ["no_bubble", "bubble", "no_bubble"]
    assert first.value == ever.value == still.value


def test_a_walk_and_a_fall_are_none(tmp_path: Any, late: Bench) -> None:
    walk = found(late, "ZZZ", **ASK)
    assert {each.word for each in walk} == {"no_bubble"}
    assert "a test that does not reject is no proof" in walk[0].note
    fall = found(with_moves(tmp_path, path(LATE, down=True)), "XXX", **ASK)
    assert fall[1].word == "no_bubble"
    assert fall[1].note.count("(falling)") == fall[1].note.count(" to ")


def test_every_reading_varies_one_thing(late: Bench) -> None:
    each = found(late, "@followers", window=None, as_of="2023-10-20")
    assert [(one.reading.of, one.reading.basket, one.reading.detail) for one in each] == [
        ("log price levels", "equal weights", f"weekly closes, {WHEN['lately']}"),
        ("log price levels", "equal weights", f"weekly closes, {WHEN['ever']}"),
        ("log price levels", "equal weights", f"weekly closes, {WHEN['still']}"),
        ("log price levels", "equal weights", f"daily closes, {WHEN['lately']}"),
        ("price levels", "equal weights", f"weekly closes, {WHEN['lately']}"),
        ("log price levels", "equal weights", f"weekly closes, {WHEN['lately']}"),
        ("log price levels", "bought and held", f"weekly closes, {WHEN['lately']}"),
        (
            "log price levels",
            "",
            f"at least half of the members, weekly closes, {WHEN['lately']}",
        ),
    ]
    assert math.isnan(each[5].value)  # no prices since 2019
    assert each[5].note.startswith("2019-01-01 to 2023-10-20 does not lie within")
    assert len({(one.reading, one.value) for one in each}) == len(each)


def test_half_of_the_members(late: Bench) -> None:
    members = found(late, "@followers", **ASK)[-1]  # YYY has one, ZZZ has none
    assert members.reading.detail.startswith("at least half of the members")
    assert members.word == "bubble"
    assert members.note.startswith("1 of 2 members; YYY")


def test_readings_beyond_the_words(late: Bench) -> None:
    asked = ASK | {"beyond": {"of": ["levels"]}}
    last = found(late, "XXX", **asked)[-1]
    assert (last.reading.of, last.reading.within) == ("price levels", False)


def test_the_future_changes_nothing(late: Bench) -> None:
    end = int(CLOCK.closes[np.searchsorted(CLOCK.sessions, np.datetime64(LAST))])
    other = replace(late, market=scrambled(late.market, end, 5), _panels={})
    assert found(other, "XXX", **ASK) == found(late, "XXX", **ASK)
    day = int(CLOCK.closes[350])
    changed = replace(late, market=scrambled(late.market, day, 5), _panels={})
    assert found(changed, "XXX", **ASK)[0].value != found(late, "XXX", **ASK)[0].value


def test_what_cannot_be_measured_says_why(late: Bench) -> None:
    with pytest.raises(Untestable, match="QQQ"):
        found(late, "QQQ", **ASK)
    with pytest.raises(Untestable, match="does not lie within"):
        found(late, "XXX", window=("2019-01-01", LAST))
    with pytest.raises(Untestable, match="a matter of prices, not of returns"):
        found(late, "XXX", readings={"of": ["returns"]})
    with pytest.raises(Untestable, match="at least 60"):
        found(late, "XXX", window=("2023-09-01", LAST))
