"""What a reader of a strategy must not be told wrongly: notes, signals, states, counts, costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from eventlab.report.hedge import event_views, rest_views, views
from eventlab.report.hedge.doubts import doubts
from eventlab.report.hedge.figure_rows import _shortest as shortest
from eventlab.report.hedge.figure_rows import figure_rows
from eventlab.report.hedge.spoken import spoken
from eventlab.report.hedge.sweep_spoken import sweep_spoken
from eventlab.report.hedge.wording import true_minus
from eventlab.report.numbers import MINUS
from tests.report.hedge.make_strategy_page import (
    ASIDE,
    TRADE,
    make_backtest,
    make_placebo,
    make_sweep,
)

if TYPE_CHECKING:
    from eventlab.report.views import View


def cells_of(view: View, column: str) -> list[str]:
    return [row[view.columns.index(column)].text for row in view.rows]


def noted(*notes: str, **changes: Any) -> Any:
    made = make_backtest(**changes)
    return replace(made, events=made.events.assign(note=list(notes)))


def test_costs_of_events_are_shares_of_equity_with_money_below() -> None:
    made = make_backtest()
    view = event_views.events(made)
    first, row = view.rows[0][view.columns.index("fees")], made.events.iloc[0]
    assert first.text == f"{100 * row['fees'] / row['equity']:.2f}%"
    assert first.below == f"{row['fees']:,.0f}"


def test_a_trade_shows_what_its_position_made() -> None:
    made = make_backtest(**TRADE)
    view = event_views.events(made)
    assert "the book's own move" in view.columns
    row = made.events.iloc[0]
    moved = 100 * (row["unhedged"] + row["hedge"]) / row["equity"]
    shown = cells_of(view, "position")[0]
    assert float(shown.replace(MINUS, "-").rstrip("%")) == pytest.approx(moved, abs=5e-3)
    assert "difference" not in view.columns


def test_notes_that_differ_in_days_only_stand_once() -> None:
    said = "only the session is known: day 0 would be {}"
    days = [said.format(day) for day in ("2024-01-02", "2024-04-03", "2024-07-04", "2024-10-01")]
    made = make_backtest()
    several = pd.concat([made.events] * 2, ignore_index=True).assign(note=days)
    view = event_views.events(replace(made, events=several))
    assert cells_of(view, "note") == ["a"] * 4
    assert view.notes == (("a", f"{days[0]} (the first of 4 such notes)"),)


def test_few_notes_keep_their_own_days() -> None:
    two = noted("closed on 2024-01-02 for a holiday of its own", "closed on 2024-04-03 for a storm")
    view = event_views.events(two)
    assert "such notes" not in str(view)


def test_an_event_without_a_signal_is_no_doubt() -> None:
    made = make_backtest(**TRADE)
    reason = "reaction -0.45% is not below -2%"
    left = pd.DataFrame({"occurrence": ["a", "b"], "symbol": "all", "reason": [reason] * 2})
    said = spoken(replace(made, exclusions=left))
    everything = 2 + len(made.events)
    assert (
        f"Signal: 2 of {everything} events gave none, for instance as reaction {MINUS}0.45% is not "
        f"below {MINUS}2%."
    ) in said.lines
    assert not any("exclusion" in doubt for doubt in said.doubts)


@pytest.mark.parametrize(
    ("reasons", "wanted"),
    [
        (["no price of X"], "1 exclusion: no price of X."),
        (["no price of X"] * 2, "2 exclusions, all for this reason: no price of X."),
        (["no price of X"] * 2 + ["late"], "3 exclusions, 2 of them as this: no price of X."),
        (["no price of X", "late"], "2 exclusions, 1 of them as this: no price of X."),
    ],
)
def test_exclusions_are_counted_as_one_would_say_it(reasons: list[str], wanted: str) -> None:
    names = [f"n{k}" for k in range(len(reasons))]
    left = pd.DataFrame({"occurrence": names, "symbol": "all", "reason": reasons})
    assert wanted in doubts(replace(make_backtest(), exclusions=left))


def test_a_state_that_was_not_seen_is_a_doubt() -> None:
    late = "the state was not seen in 120 bars, left anyway"
    assert any(
        doubt.startswith("In 1 of 2 events the state that should end it was not seen")
        for doubt in doubts(noted(late, "", **ASIDE))
    )
    assert not any("state" in doubt for doubt in doubts(noted("", "", **ASIDE)))


def test_a_liquidation_comes_first() -> None:
    made = make_backtest()
    orders = made.orders.assign(kind=["liquidation", *made.orders["kind"].iloc[1:]])
    gone = made.events.assign(unhedged=[-1.0, 0.0], hedged=[-1.0, 0.0], bars=[7, 0])
    found = replace(made, orders=orders, events=gone)
    assert doubts(found)[0] == (
        f"Everything was liquidated at {orders['filled_at'].iloc[0]:%Y-%m-%d %H:%M} UTC: equity "
        "fell below the margin; 1 of 2 events came after it."
    )
    assert {row["name"] for row in figure_rows(found)["gains"]} == {"nvidia-earnings/q1"}
    assert not any(doubt.startswith("Only 1 event") for doubt in doubts(found))


def test_random_dates_that_did_better_are_told_so() -> None:
    said = spoken(replace(make_backtest(), placebo=make_placebo(0.98)))
    assert "random dates nearly always did better (p 0.980 for +1.00%, " in said.sentence


def test_funding_that_came_in_is_called_received() -> None:
    made = make_backtest()
    legs = made.legs.assign(funding=[-500.0 * (role == "hedge") for role in made.legs["role"]])
    line = spoken(replace(made, legs=legs)).lines[0]
    assert "funding received 0." in line
    assert MINUS not in line


def test_a_sweep_says_on_which_bars_it_compares() -> None:
    sweep, made = make_sweep(), make_backtest()
    bars = pd.DataFrame(
        {"statistic": ["bars"], "value": [9.0], "low": [float("nan")], "high": [float("nan")],
         "note": ["closes after 2025-05-14, when the last of the sets has begun"]}
    )  # fmt: skip
    other = sweep.overfitting[sweep.overfitting["statistic"] != "bars"]
    short = replace(sweep, overfitting=pd.concat([other, bars], ignore_index=True))
    lines = spoken(made, short).lines
    whole = f"compared on the last 9 of {len(made.curves)} bars, which all of them share"
    assert any(whole in line for line in lines)
    assert sweep_spoken(short).lines[0] == (
        "Compared on 9 bars: closes after 2025-05-14, when the last of the sets has begun."
    )


@pytest.mark.parametrize("changes", [ASIDE, TRADE])
def test_who_has_no_hedge_takes_no_variance_away_on_random_dates(changes: dict[str, Any]) -> None:
    shown = cells_of(views.placebo(make_backtest(**changes)), "per event")
    assert not any("variance" in text for text in shown)
    hedged = cells_of(views.placebo(make_backtest()), "per event")
    assert any("variance" in text for text in hedged)


@pytest.mark.parametrize("changes", [ASIDE, TRADE])
def test_nor_does_the_best_set(changes: dict[str, Any]) -> None:
    sweep = make_sweep()
    other = replace(sweep, strategy=make_backtest(**changes).strategy, placebo=make_placebo(0.9))
    assert not any("variance" in doubt for doubt in sweep_spoken(other).doubts)
    hedge = replace(sweep, placebo=make_placebo(0.9))
    assert any("variance" in doubt for doubt in sweep_spoken(hedge).doubts)


def test_rounding_is_shown_as_nothing_and_a_leak_is_not() -> None:
    made = make_backtest()
    small = replace(made, identity=made.identity.assign(error=3e-9))
    assert set(cells_of(rest_views.identity(small), "unexplained")) == {"0"}
    large = replace(made, identity=made.identity.assign(error=0.5))
    assert set(cells_of(rest_views.identity(large), "unexplained")) == {"5e-01"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("reaction -0.5% is not below -2%", f"reaction {MINUS}0.5% is not below {MINUS}2%"),
        ("2016-02-12 21:00 UTC", "2016-02-12 21:00 UTC"),
        ("fy2016-4 and XNYS-24", "fy2016-4 and XNYS-24"),
    ],
)
def test_only_the_minus_of_a_number_is_set(text: str, wanted: str) -> None:
    assert true_minus(text) == wanted


def test_panels_are_named_by_the_last_part_unless_two_end_alike() -> None:
    paths = ["hedge.ratio.lookback", "hedge.put.lookback", "hedge.ratio.method"]
    assert shortest(paths[0], paths) == "ratio.lookback"
    assert shortest(paths[2], paths) == "method"
