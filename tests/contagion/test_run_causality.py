"""Nothing that closes after an occurrence's crisis window changes its statistics, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.contagion.worlds import CLOCK, ROWS, contagion, cut, news, series, world
from tests.market.series import market

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion
    from eventlab.market.types import Market

STATISTICS = ["statistic", "pvalue"]
PLACEBO = ["placebo_pvalue", "transmission_pvalue", "adjusted_pvalue", "romano_wolf_pvalue"]
NUMBERS = ["n_calm", "n_crisis", "rho_calm", "rho_crisis", "rho_adjusted", "rho_factor_crisis"]
RATIOS = ["variance_ratio_source", "variance_ratio_target"]
STUDY = {"assets": ["AAA"], "benchmark": "MKT"}
TIMES = [
    {"announced_at": f"{CLOCK.sessions[at - 1]} 16:05", "tags": [f"y{at // 300}"]} for at in ROWS
]
ASKED = news(TIMES, study=STUDY, by_tag=["y0", "y1"])


def after(crisis_end: int, *, scrambled: bool) -> Market:
    """Keep prices up to the close of a session; scramble the others, or cut them off.

    A token's daily close may be that of four hours later, which that session uses.
    """
    close = int(CLOCK.closes[crisis_end]) + 12 * 3_600_000_000_000
    found = []
    for one in series():
        last = int(np.searchsorted(one.closes, close, side="right")) - 1
        if scrambled:
            wild = np.random.default_rng(99).uniform(10.0, 1000.0, len(one.prices) - last - 1)
            prices = np.concatenate([one.prices[: last + 1], wild])
            found.append(replace(one, prices=prices, raw=prices))
        else:
            found.append(cut(one, last))
    return market(*found)


@pytest.fixture(scope="module")
def whole() -> EventContagion:
    return contagion(ASKED, world())


def same(mine: pd.DataFrame, theirs: pd.DataFrame, columns: list[str], **where: str) -> None:
    frames = []
    for table in (mine, theirs):
        kept = table
        for column, value in where.items():
            kept = kept[kept[column] == value]
        frames.append(kept[columns].reset_index(drop=True))
    assert len(frames[0])
    pd.testing.assert_frame_equal(frames[0], frames[1], check_exact=True)


@pytest.mark.parametrize("scrambled", [True, False])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_statistics_do_not_look_ahead(
    whole: EventContagion, place: int, *, scrambled: bool
) -> None:
    changed = contagion(ASKED, after(ROWS[place] + 10, scrambled=scrambled))
    for earlier in range(place + 1):
        name = f"n{earlier}"
        same(whole.pairs, changed.pairs, ["target", *NUMBERS, *RATIOS], occurrence=name)
        same(whole.tests, changed.tests, ["target", "kind", "test", *STATISTICS], occurrence=name)
        same(whole.sampling, changed.sampling, list(whole.sampling.columns), occurrence=name)
    if place == 3:  # the last: its placebo dates and all averages lie before too
        pd.testing.assert_frame_equal(whole.pairs, changed.pairs, check_exact=True)
        pd.testing.assert_frame_equal(whole.tests, changed.tests, check_exact=True)
        pd.testing.assert_frame_equal(whole.averages, changed.averages, check_exact=True)
        pd.testing.assert_frame_equal(whole.average_tests, changed.average_tests, check_exact=True)


def test_averages_of_earlier_occurrences_do_not_look_ahead(whole: EventContagion) -> None:
    changed = contagion(ASKED, after(ROWS[1] + 10, scrambled=True))
    columns = ["target", "n_events", "rho_calm", "rho_crisis", "change"]
    same(whole.averages, changed.averages, columns, tag="y0")
    same(
        whole.average_tests,
        changed.average_tests,
        ["target", "kind", "test", "statistic"],
        tag="y0",
    )


def test_placebo_dates_end_with_the_last_occurrence_that_is_asked_for() -> None:
    asked = ASKED.model_copy(update={"occurrences": ASKED.occurrences[:2]})
    first, again = (
        contagion(asked, given) for given in (world(), after(ROWS[1] + 10, scrambled=True))
    )
    same(first.tests, again.tests, ["occurrence", "target", "test", *STATISTICS, *PLACEBO])
    same(first.average_tests, again.average_tests, ["target", "test", "placebo_pvalue"])


def test_a_price_inside_the_crisis_window_does_change_it(whole: EventContagion) -> None:
    changed = contagion(ASKED, after(ROWS[3] + 8, scrambled=True))
    mine, theirs = (
        one.pairs.set_index(["occurrence", "target"])["rho_crisis"] for one in (whole, changed)
    )
    assert mine["n3", "AAA"] != theirs["n3", "AAA"]
    assert mine["n2", "AAA"] == theirs["n2", "AAA"]
