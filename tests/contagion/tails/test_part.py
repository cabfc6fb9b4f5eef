"""The tails of one event: agreement with the functions for frames, timing, placebo dates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.tails import part
from eventlab.contagion.tails.asymmetry import asymmetric_beta, downside_beta
from eventlab.contagion.tails.delta_covar import delta_covar
from eventlab.contagion.tails.dependence import tail_dependence
from eventlab.contagion.tails.exceedance import exceedance_correlation as exceedance
from eventlab.contagion.tails.part import HISTORY, MEASURES, tail_tables
from eventlab.definitions.contagion import ContagionDefinition
from eventlab.kernels.tails import tail_windows_nb
from tests import naive_contagion_tails as naive
from tests.contagion.systems import CALM, CRISIS, make_system

if TYPE_CHECKING:
    from eventlab.contagion.system import System

COLUMNS = [
    *("occurrence", "source", "target", "measure", "value", "low", "high"),
    *("statistic", "pvalue", "placebo_pvalue", "n", "note"),
]
DEFINITION = ContagionDefinition(
    source="SRC", targets=("AAA", "BBB"), calm_window=CALM, crisis_window=CRISIS
)
KERNEL = 1e-9  # relative: one pass about other centres


def table_of(system: System, seed: int = 0) -> pd.DataFrame:
    return tail_tables(system, DEFINITION, seed=seed).tails


def value(table: pd.DataFrame, measure: str, target: str = "AAA", column: str = "value") -> float:
    row = table[(table["measure"] == measure) & (table["target"] == target)]
    return float(row[column].iloc[0])


@pytest.fixture(scope="module")
def system() -> System:
    return make_system(T=1000, anchors=(600, 800, 950))


@pytest.fixture(scope="module")
def table(system: System) -> pd.DataFrame:
    return table_of(system)


def test_every_target_has_every_measure(system: System, table: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    assert list(table["measure"]) == list(MEASURES) * 2
    assert list(table["target"]) == ["AAA"] * 9 + ["BBB"] * 9
    assert set(table["occurrence"]) == {system.occurrence}
    assert table["value"].notna().all()
    change = table["measure"] == "delta_covar_change"
    assert table.loc[change, "placebo_pvalue"].between(0, 1).all()
    assert table.loc[~change, "placebo_pvalue"].isna().all()
    assert table.loc[~change, "note"].str.contains("placebo dates reach over").all()
    tested = table[~table["measure"].str.startswith("tail_")]
    assert tested[["low", "high", "statistic", "pvalue"]].notna().all(axis=None)


def test_values_are_those_of_the_functions_for_frames(system: System, table: pd.DataFrame) -> None:
    stop = system.anchor + CRISIS[1] + 1
    rows = pd.DataFrame(system.returns[:2, stop - HISTORY : stop].T, columns=["m", "y"])
    y, m = rows["y"], rows["m"]
    assert value(table, "delta_covar") == pytest.approx(delta_covar(y, m, draws=0).delta, rel=1e-12)
    calm = rows.iloc[: HISTORY - (CRISIS[1] - CALM[1])]
    before = delta_covar(calm["y"], calm["m"], draws=0).delta
    assert value(table, "delta_covar_change") == pytest.approx(
        delta_covar(y, m, draws=0).delta - before, rel=1e-12
    )
    kink, sides = asymmetric_beta(y, m), downside_beta(y, m)
    for measure, expected, stderr in (
        ("asymmetry", kink.asymmetry, kink.stderr),
        ("downside_beta", sides.beta_down, sides.stderr_down),
        ("upside_beta", sides.beta_up, sides.stderr_up),
        ("downside_difference", sides.difference, sides.stderr),
    ):
        assert value(table, measure) == expected
        assert value(table, measure, column="high") == pytest.approx(expected + 1.959964 * stderr)
    both = exceedance(m, y, (0.5,), draws=0).table.iloc[0]
    assert value(table, "exceedance_difference") == both["difference"]
    tails = tail_dependence(m, y)
    assert value(table, "tail_dependence_lower") == tails.lower
    assert value(table, "tail_dependence_upper", column="high") == tails.upper_interval[1]


def test_a_placebo_date_at_the_event_gives_the_value_of_the_event(
    system: System, table: pd.DataFrame
) -> None:
    span = part._span(system, system.anchor, HISTORY)
    fast = part._fast(system.returns, [span])[0, 0]
    np.testing.assert_allclose(
        fast, [value(table, measure) for measure in MEASURES[2:7]], rtol=KERNEL
    )
    slow = part._slow(system.returns[:2], span)
    expected = [value(table, measure) for measure in (*MEASURES[:2], *MEASURES[7:])]
    np.testing.assert_allclose(slow, expected, rtol=1e-12)


def test_the_kernel_agrees_with_the_twins() -> None:
    rng = np.random.default_rng(3)
    returns = 0.01 * rng.standard_t(4, (3, 90)) + 0.002
    returns[1] += 0.5 * returns[0]
    returns[2, [4, 50]] = np.nan
    starts, stops = np.array([0, 20, 85]), np.array([70, 90, 90])
    found = tail_windows_nb(returns, starts, stops, 0.2, np.array([20, 3]))
    for p in range(2):
        for target in (1, 2):
            rows = slice(starts[p], stops[p])
            known = np.isfinite(returns[target, rows])
            x, y = list(returns[0, rows][known]), list(returns[target, rows][known])
            expected = [
                naive.asymmetric(y, x, 0)[0][2],
                *naive.downside(y, x, naive.mean(x)),
                naive.exceedance(x, y, 0.2, -1)[0],
                naive.exceedance(x, y, 0.2, 1)[0],
            ]
            np.testing.assert_allclose(found[p, target - 1], expected, rtol=1e-9)
    assert np.isnan(found[2]).all()  # five rows


def test_a_window_of_the_kernel_reads_its_rows_only() -> None:
    rng = np.random.default_rng(5)
    returns = 0.01 * rng.standard_t(4, (3, 300))
    args = np.array([40]), np.array([200]), 0.5, np.array([100, 10])
    before = tail_windows_nb(returns, *args)
    changed = returns.copy()
    changed[:, :40], changed[:, 200:] = 7.0, np.nan
    np.testing.assert_array_equal(before, tail_windows_nb(changed, *args))


def test_values_do_not_see_past_the_crisis_window() -> None:
    short = make_system(T=1000, anchors=(600, 700))
    later = short.returns.copy()
    later[:, short.anchor + CRISIS[1] + 1 :] *= -3.0
    columns = ["value", "low", "high", "statistic", "pvalue", "n"]
    before, after = table_of(short), table_of(replace(short, returns=later))
    pd.testing.assert_frame_equal(before[columns], after[columns], check_exact=True)
    inside = short.returns.copy()
    inside[1, short.anchor + CRISIS[1]] = -0.2
    changed = table_of(replace(short, returns=inside))
    assert value(changed, "asymmetry") != value(before, "asymmetry")


def test_seeds_move_the_bootstrap_alone(system: System, table: pd.DataFrame) -> None:
    again, other = table_of(system), table_of(system, seed=1)
    pd.testing.assert_frame_equal(table, again, check_exact=True)
    assert value(other, "delta_covar") == value(table, "delta_covar")
    assert value(other, "delta_covar", column="low") != value(table, "delta_covar", column="low")


def test_a_crisis_in_which_only_falls_travel_is_seen() -> None:
    plain = make_system(T=2700, anchors=(2650,), loading=0.2, seed=4)
    returns = plain.returns.copy()
    stop = plain.anchor + CRISIS[1] + 1
    source = returns[0, plain.anchor : stop]
    source -= 0.03
    returns[1, plain.anchor : stop] += 2.0 * np.minimum(source, 0.0)
    table = table_of(replace(plain, returns=returns))
    for measure in ("asymmetry", "downside_beta", "delta_covar_change"):
        assert value(table, measure, column="placebo_pvalue") < 0.05, measure
    for measure in ("asymmetry", "downside_beta"):
        assert value(table, measure, "BBB", "placebo_pvalue") > 0.05, measure
    assert value(table, "asymmetry") > 0.5
    assert value(table, "delta_covar_change") < 0


def test_placebo_p_needs_histories_of_equal_length() -> None:
    early = make_system(T=700, anchors=(150, 640), focus=0)
    table = table_of(early)
    assert (table.loc[table["measure"] == "delta_covar", "n"] == 161).all()
    assert value(table, "delta_covar_change", column="placebo_pvalue") > 0
    assert "need 644" in table.iloc[0]["note"]
    # A history of 500 bars ends at rows 489 to 494, before what the event itself takes.
    few = table_of(make_system(T=600, anchors=(505,)))
    assert few.iloc[1]["note"] == "only 6 placebo dates with a statistic (at least 20 are needed)"


def test_unusable_pairs_say_why() -> None:
    plain = make_system(("SRC", "AAA", "BBB", "CCC"), T=1000, anchors=(600, 800))
    returns = plain.returns.copy()
    returns[1, :750] = np.nan
    returns[2] = 0.001
    definition = DEFINITION.model_copy(update={"targets": ("AAA", "BBB", "CCC")})
    table = tail_tables(replace(plain, returns=returns), definition, seed=0).tails
    short, flat, fine = (table[table["target"] == name] for name in ("AAA", "BBB", "CCC"))
    assert (short["note"] == "only 61 complete rows; at least 100 are needed").all()
    assert (flat["note"] == "the target is constant").all()
    for rows in (short, flat):
        assert rows[["value", "low", "high", "pvalue", "placebo_pvalue"]].isna().all(axis=None)
    assert fine["value"].notna().all()
    returns[0] = 0.0
    nothing = tail_tables(replace(plain, returns=returns), definition, seed=0).tails
    assert (nothing.loc[nothing["target"] == "CCC", "note"] == "the source is constant").all()


def test_missing_bars_and_closures_are_left_out() -> None:
    bars = make_system(T=900, anchors=(500, 800), minutes=60)
    assert bars.spans is not None
    table = table_of(bars)
    stop = bars.anchor + CRISIS[1] + 1
    inside = ~bars.spans[0, max(0, stop - HISTORY) : stop]
    assert value(table, "delta_covar", column="n") == inside.sum()
    wild = bars.returns.copy()
    wild[bars.spans] = 0.5
    pd.testing.assert_frame_equal(table, table_of(replace(bars, returns=wild)))
