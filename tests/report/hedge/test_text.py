from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from rich.console import Console

from eventlab.report.hedge.audit_views import answer, changes, first_change
from eventlab.report.hedge.sweep_spoken import sweep_spoken
from eventlab.report.hedge.text import (
    audit_table,
    backtest_table,
    print_audit,
    print_backtest,
    print_sweep,
    sweep_table,
)
from tests.report.hedge.make_results import make_results

if TYPE_CHECKING:
    from eventlab.hedge.results import Audit, Backtest, Sweep

MINUS = "\N{MINUS SIGN}"
CUT = pd.Timestamp("2025-04-14 20:00", tz="UTC")


def shown(table: Any, width: int = 140) -> str:
    """What a console of some width shows."""
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, markup=False, emoji=False).print(table)
    return stream.getvalue()


def piped(write: Any, result: Any, *, verbose: bool = False) -> str:
    """What goes into a pipe."""
    stream = io.StringIO()
    write(result, stream, verbose=verbose)
    return stream.getvalue()


def titles(text: str, names: tuple[str, ...]) -> list[int]:
    """Where each title begins; an error for one that is not there."""
    return [text.index(f"\n{name}") for name in names]


def test_a_pipe_gets_no_colours_and_one_width() -> None:
    made = make_results()
    for write, result in zip((print_backtest, print_sweep, print_audit), made, strict=True):
        text = piped(write, result, verbose=True)
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 140


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 250])
def test_no_number_and_no_name_is_broken_at_any_width(width: int) -> None:
    made = make_results()
    text = " ".join(shown(backtest_table(made.backtest, verbose=True), width).split())
    row = made.backtest.events.iloc[0]
    assert f"{abs(row['unhedged']):,.0f}" in text
    for run in made.backtest.comparisons.to_dict("records"):
        assert f"{abs(run['costs']):,.0f}" in text
    for order in made.backtest.orders.to_dict("records"):
        assert f"{abs(order['value']):,.0f}" in text
    assert max(map(len, shown(sweep_table(made.sweep), width).splitlines())) <= max(width, 60)
    assert max(map(len, shown(audit_table(made.audit), width).splitlines())) <= max(width, 60)


def test_a_backtest_is_read_from_the_top() -> None:
    text = piped(print_backtest, make_results().backtest)
    places = titles(
        text,
        (
            "Acme hedged <with> the market  (acme-hedge)",
            "Event by event",
            "Against doing nothing",
            "Share of the risk taken away",
            "The same strategy on random dates",
            "Where the money went",
        ),
    )
    assert places == sorted(places)
    assert "more tables" in text


def test_verbose_has_what_a_quant_asks_for() -> None:
    text = piped(print_backtest, make_results().backtest, verbose=True)
    titles(
        text,
        (
            "What each leg made",
            "Ratio used against",
            "Every order",
            "Round trips",
            "Falls from a peak",
            "Metrics",
            "Paid and received for holding, by month",
            "Prices of each leg",
        ),
    )
    assert "more tables" not in text


def test_the_ledger_by_month_adds_up() -> None:
    made = make_results().backtest
    months = made.ledger["at"].dt.strftime("%Y-%m")
    text = piped(print_backtest, made, verbose=True)
    lines = text[text.index("Paid and received for holding") :].splitlines()
    for month, amount in made.ledger["amount"].groupby(months).sum().items():
        (line,) = (line for line in lines if line.startswith(str(month)))
        assert line.split()[-1] == f"{MINUS}{abs(amount):,.0f}"


def test_what_was_rolled_refused_or_left_out_is_shown_without_asking() -> None:
    made = make_results().backtest
    orders = made.orders.copy()
    orders.loc[1, ["status", "reason"]] = ["rolled", "its market was closed: filled next"]
    orders.loc[2, ["status", "reason"]] = ["refused", "the price lacked"]
    exclusions = pd.DataFrame(
        [
            *((f"old{k}", "all", f"AAA has {k} of 60 returns before") for k in range(7)),
            ("late", "all", "the prices end on 2025-12-31, before its entry"),
        ],
        columns=["occurrence", "symbol", "reason"],
    )
    notes = pd.DataFrame([("costs", "no rate: no interest")], columns=["about", "note"])
    text = piped(print_backtest, replace(made, orders=orders, exclusions=exclusions, notes=notes))
    assert "its market was" in text
    assert "the price lacked" in text
    assert "AAA has 0 of 60 returns before" in text
    assert "AAA has 1 of 60" not in text  # the same reason with another number
    (line,) = (line for line in text.splitlines() if line.startswith("old0, old1, old2"))
    assert " 7 " in line
    assert "no rate: no interest" in text


def test_simulated_prices_are_said_on_top() -> None:
    made = make_results()
    mark, stamp = "SIMULATED PRICES", replace(made.audit.stamp, simulated=True)
    pairs = (
        (print_backtest, made.backtest, replace(made.backtest, stamp=stamp)),
        (print_sweep, made.sweep, replace(made.sweep, stamp=stamp)),
        (print_audit, made.audit, replace(made.audit, stamp=stamp)),
    )
    for write, real, simulated in pairs:
        assert mark not in piped(write, real)
        assert mark in piped(write, simulated)


def doubted(sweep: Sweep, **values: float) -> Sweep:
    """The sweep with other values of overfitting statistics."""
    table = sweep.overfitting.copy()
    for name, value in values.items():
        table.loc[table["statistic"] == name, "value"] = value
    return replace(sweep, overfitting=table)


@pytest.mark.parametrize(
    ("deflated", "spa", "said"),
    [
        (0.99, 0.01, "is beyond what so many tries give by luck, and beats the book"),
        (0.40, 0.30, "Nothing shows that the best set is worth anything."),
        (0.40, 0.01, "beats the book alone, but its Sharpe may be luck"),
        (0.99, 0.30, "Nothing shows that the best set adds to its book."),
        (math.nan, 0.30, "what it is worth cannot be told"),
        (0.99, math.nan, "what it is worth cannot be told"),
        (0.95, 0.049, "is beyond what so many tries give by luck"),  # at the bounds
        (0.95, 0.05, "Nothing shows that the best set adds to its book."),
    ],
)
def test_the_verdict_of_a_sweep(deflated: float, spa: float, said: str) -> None:
    sweep = doubted(make_results().sweep, deflated_sharpe=deflated, spa_consistent=spa)
    sentence = sweep_spoken(sweep).sentence
    assert said in sentence
    assert "of 4 sets" in sentence
    assert "hedge.ratio.value" in sentence
    assert sentence in " ".join(piped(print_sweep, sweep).split())


def test_a_sweep_says_what_its_statistics_mean() -> None:
    sweep = doubted(make_results().sweep, pbo=0.7, expected_max_sharpe=0.81, stepm=2)
    said = sweep_spoken(sweep)
    text = " ".join((*said.lines, *said.doubts))
    assert "the best would show a Sharpe of 0.81" in text
    assert "PBO: in 70% of splits" in text
    assert "no better than a coin here (PBO 0.70)" in text
    assert "StepM: 2 of 4 sets" in text
    assert "Only 3 events" in text
    better = sweep_spoken(doubted(sweep, pbo=0.3))
    assert not any("coin" in doubt for doubt in better.doubts)


def test_a_sweep_sets_the_file_beside_the_best() -> None:
    sweep = make_results().sweep
    sets = sweep.sets.sort_values("sharpe", ascending=False, kind="stable", ignore_index=True)

    def with_base(place: int) -> str:
        table = sets.assign(chosen=sets.index == 0, base=sets.index == place)
        return " ".join(sweep_spoken(replace(sweep, sets=table)).lines)

    assert "The best set is that of the file." in with_base(0)
    assert "rank 3 of 4" in with_base(2)
    assert "The file's own values are not among the sets" in with_base(99)


def test_a_long_table_of_sets_keeps_the_file_and_counts_the_rest() -> None:
    sweep = make_results().sweep
    many = pd.concat([sweep.sets] * 8, ignore_index=True)
    many = many.assign(
        number=range(1, 33),
        sharpe=[1.0 - k / 100 for k in range(32)],
        chosen=[k == 0 for k in range(32)],
        base=[k == 20 for k in range(32)],
    )
    short = piped(print_sweep, replace(sweep, sets=many))
    assert "of the file" in short
    assert "21 of them: --verbose" in short
    assert "21 of them" not in piped(print_sweep, replace(sweep, sets=many), verbose=True)


def test_sets_that_could_not_be_run_are_listed() -> None:
    sweep = make_results().sweep
    rows = pd.DataFrame(
        {"number": [9], "occurrence": ["all"], "symbol": ["all"], "reason": ["no ratio fits"]}
    ).astype({"number": "Int64"})
    lost = replace(sweep, exclusions=rows)
    assert "1 set could not be run: the reasons are below." in sweep_spoken(lost).doubts
    assert "no ratio fits" in piped(print_sweep, lost)


def changed(*rows: tuple[Any, ...]) -> Audit:
    """An audit that found these changes."""
    clean = make_results().audit
    return replace(clean, changes=pd.DataFrame(rows, columns=clean.changes.columns))


def test_the_first_change_is_the_cause_not_its_consequence() -> None:
    later = CUT + pd.Timedelta("1D")
    audit = changed(
        (CUT, "scrambled", later, "q1", "exit", "MKT", "target", 0.0, 1.0),
        (CUT, "truncated", CUT, "", "bar", "", "equity", 100.0, 101.0),
        (CUT, "scrambled", CUT, "", "order enter", "MKT", "shares", -3.0, -4.0),
        (CUT, "scrambled", CUT, "q1", "enter", "MKT", "target", -0.5, -0.25),
    )
    first = first_change(audit)
    assert (first["field"], first["decided_at"], first["with_future"]) == ("target", CUT, -0.5)
    assert answer(audit) == (
        "It looks ahead: the target of MKT (enter) at q1, 2025-04-14 20:00 UTC, was "
        f"{MINUS}0.5 with the future and is {MINUS}0.25 without it."
    )


def test_values_that_hardly_differ_are_told_apart() -> None:
    audit = changed((CUT, "scrambled", CUT, "", "bar", "", "equity", 1000000.001, 1000000.002))
    said = answer(audit)
    assert "1,000,000.001" in said
    assert "1,000,000.002" in said
    assert "equity, 2025-04-14" in said


def test_an_audit_shows_ten_changes_and_all_on_demand() -> None:
    rows = [(CUT, "scrambled", CUT, "", "bar", "", "equity", 1.0, 2.0 + k) for k in range(15)]
    audit = changed(*rows)
    assert len(changes(audit).rows) == 10
    assert len(changes(audit, whole=True).rows) == 15
    text = piped(print_audit, audit)
    assert "5 more rows are in the document of --json" in text
    assert "Every comparison" not in text
    assert "Every comparison" in piped(print_audit, audit, verbose=True)


def test_a_clean_audit_says_what_was_compared() -> None:
    audit = make_results().audit
    text = " ".join(piped(print_audit, audit).split())
    assert "Clean: nothing that acme-hedge decided changed when the future did." in text
    assert f"Up to {audit.cuts['decisions'].max():,} targets, orders, prices" in text
    assert "What changed" not in text


def test_what_is_held_when_is_said() -> None:
    made = make_results().backtest
    text = " ".join(piped(print_backtest, made).split())
    assert "1 AAA against MKT (fixed); from bar -2 to bar 5 of each event" in text
    assert "times the book" not in text
    exposure = made.strategy.exposure.model_copy(update={"inside": 0.0})
    aside = made.strategy.model_copy(update={"exposure": exposure})
    text = " ".join(piped(print_backtest, replace(made, strategy=aside)).split())
    assert "0 times the book inside, 1 times outside" in text


def test_a_strategy_without_a_hedge() -> None:
    made: Backtest = make_results().backtest
    bare = made.strategy.model_copy(update={"hedge": None})
    book = made.legs[made.legs["role"] == "book"]
    nothing = replace(made, strategy=bare, ratios=made.ratios.iloc[:0], legs=book)
    text = piped(print_backtest, nothing, verbose=True)
    assert "against MKT" not in text
    assert "Event by event" in text
