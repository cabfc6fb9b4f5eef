"""Whole contagions on made-up prices: tables, reasons, focus, families, other news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion import parts
from eventlab.contagion.run import run_contagion
from eventlab.errors import DataError, UsageError
from tests.contagion.worlds import (
    CLOCK,
    ROWS,
    contagion,
    cut,
    home,
    hourly_world,
    news,
    other,
    series,
    stock_returns,
    world,
)
from tests.market.series import market
from tests.study.lookup import number, pick, row

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion


@pytest.fixture(scope="module")
def plain() -> EventContagion:
    return contagion()


def reasons(exclusions: pd.DataFrame) -> list[str]:
    """Reasons of these exclusions."""
    return [str(reason) for reason in exclusions["reason"]]


def test_every_pair_of_every_occurrence_has_a_row_or_a_reason(plain: EventContagion) -> None:
    wanted = {"AAA", "BBB", "@tokens", "T1", "T2", "T3"}
    for occurrence in ("n0", "n1", "n2", "n3"):
        has = set(pick(plain.pairs, occurrence=occurrence)["target"])
        said = set(pick(plain.exclusions, occurrence=occurrence)["symbol"])
        assert has | said == wanted
        assert not has & said


def test_pairs_are_the_correlations_of_the_windows(plain: EventContagion) -> None:
    returns = stock_returns()
    for occurrence, at in zip(("n0", "n1", "n2", "n3"), ROWS, strict=True):
        found = row(plain.pairs, occurrence=occurrence, target="AAA")
        for column, first, last in (("rho_calm", -60, -6), ("rho_crisis", 0, 10)):
            inside = slice(at + first, at + last + 1)
            wanted = np.corrcoef(returns["SRC"][inside], returns["AAA"][inside])[0, 1]
            assert found[column] == pytest.approx(wanted, rel=1e-9)
        assert (found["n_calm"], found["n_crisis"]) == (55, 11)
        assert found["source"] == "SRC"
        assert found["bar"] == "session"


def test_a_verdict_comes_with_its_rule(plain: EventContagion) -> None:
    assert plain.pairs["verdict"].ne("").all()
    assert plain.pairs["rule"].ne("").all()
    assert plain.averages["verdict"].ne("").all()


def test_a_token_without_prices_in_the_windows_is_excluded_with_the_reason(
    plain: EventContagion,
) -> None:
    found = pick(plain.exclusions, occurrence="n0", symbol="T3")
    assert reasons(found) == ["no return in calm_window; its first is of 2022-11-01"]
    assert not len(pick(plain.pairs, occurrence="n0", target="T3"))
    assert len(pick(plain.pairs, occurrence="n3", target="T3"))


def test_averages_are_over_all_occurrences_that_have_the_pair(plain: EventContagion) -> None:
    assert set(plain.averages["tag"]) == {"all"}
    assert row(plain.averages, target="AAA")["n_events"] == 4
    assert row(plain.averages, target="T3")["n_events"] == len(pick(plain.pairs, target="T3"))
    change = plain.averages["rho_crisis"] - plain.averages["rho_calm"]
    np.testing.assert_array_equal(plain.averages["change"], change)


def test_tags_and_states_have_averages_of_their_own() -> None:
    times = [
        {"announced_at": f"{CLOCK.sessions[at - 1]} 16:05", "tags": ["good" if at < 400 else "bad"]}
        for at in ROWS
    ]
    study = {"assets": ["AAA"], "benchmark": "MKT", "states": {"was_good": {"tag": "good"}}}
    found = contagion(news(times, by_tag=["good"], study=study))
    assert list(dict.fromkeys(found.averages["tag"])) == [
        "all",
        "good",
        "was_good=yes",
        "was_good=no",
    ]
    good, yes = (
        pick(found.averages, tag=tag).drop(columns="tag").reset_index(drop=True)
        for tag in ("good", "was_good=yes")
    )
    assert row(good, target="AAA")["n_events"] == 2
    pd.testing.assert_frame_equal(good, yes)


def test_a_state_is_read_strictly_before_the_news() -> None:
    study = {
        "assets": ["AAA"],
        "benchmark": "MKT",
        "states": {"rising": {"series": "MKT", "when": "rising", "lookback": 5}},
    }
    asked = news(study=study)
    later = {"MKT": stock_returns()["MKT"].copy()}
    later["MKT"][ROWS[-1] :] = 0.3  # from the last day 0 on
    found = contagion(asked), contagion(asked, market(*series(changed=later)))
    families = [
        [(tag, n) for tag, n in pick(one.averages, target="AAA")[["tag", "n_events"]].to_numpy()]
        for one in found
    ]
    assert families[0] == families[1]
    assert {"rising=yes", "rising=no"} <= {tag for tag, _ in families[0]}


def test_the_benchmark_of_the_study_is_the_factor_unless_the_section_has_its_own() -> None:
    study = {"assets": ["AAA"], "benchmark": "MKT"}
    found = contagion(news(study=study))
    assert set(found.tests["kind"]) == {"raw", "adjusted"}
    returns, at = stock_returns(), ROWS[0]
    calm = slice(at - 60, at - 5)
    design = np.column_stack([np.ones(55), returns["MKT"][calm]])
    left = []
    for name in ("SRC", "AAA"):
        beta = np.linalg.lstsq(design, returns[name][calm], rcond=None)[0]
        left.append(returns[name][calm] - design @ beta)
    pair = row(found.pairs, occurrence="n0", target="AAA")
    assert pair["rho_factor_calm"] == pytest.approx(np.corrcoef(left)[0, 1], rel=1e-9)
    own = contagion(news(study=study, factors=["BBB"]))
    assert (
        row(own.pairs, occurrence="n0", target="AAA")["rho_factor_calm"] != pair["rho_factor_calm"]
    )
    itself = pick(own.tests, occurrence="n0", target="BBB", kind="adjusted")
    assert itself["statistic"].isna().all()
    assert itself["note"].str.contains("factor").all()


def test_without_a_factor_there_is_no_adjusted_kind(plain: EventContagion) -> None:
    assert set(plain.tests["kind"]) == {"raw"}
    assert plain.pairs["rho_factor_calm"].isna().all()


def test_a_factor_without_prices_is_named() -> None:
    found = contagion(news(factors=["MKT"]), world(without=["MKT"]))
    assert reasons(pick(found.exclusions, symbol="MKT")) == ["factor: MKT has no prices in made up"]
    assert set(found.tests["kind"]) == {"raw"}


@pytest.mark.parametrize("order", [["@tokens", "BBB", "AAA"], ["BBB", "@tokens", "AAA"]])
def test_the_order_of_targets_changes_nothing(plain: EventContagion, order: list[str]) -> None:
    turned = contagion(news(targets=order))
    keys = ["occurrence", "target"]
    for name, by in (("pairs", keys), ("tests", [*keys, "test"]), ("averages", ["target"])):
        mine, theirs = (
            getattr(one, name).sort_values(by, ignore_index=True) for one in (plain, turned)
        )
        pd.testing.assert_frame_equal(mine, theirs)


def test_a_seed_moves_draws_alone(plain: EventContagion) -> None:
    again, otherwise = contagion(), contagion(seed=5)
    pd.testing.assert_frame_equal(plain.average_tests, again.average_tests)
    pd.testing.assert_frame_equal(plain.tests, otherwise.tests)
    pd.testing.assert_frame_equal(
        plain.average_tests[["target", "test", "statistic"]],
        otherwise.average_tests[["target", "test", "statistic"]],
    )
    assert not plain.average_tests["placebo_pvalue"].equals(
        otherwise.average_tests["placebo_pvalue"]
    )


def test_draws_replace_the_definitions() -> None:
    assert set(contagion(draws=40).averages["n_placebo"]) == {40}


def test_occurrences_before_since_are_left_out_and_stay_off_the_placebo_dates() -> None:
    found = contagion(news(since="2023-05-01"))
    assert set(found.occurrences["occurrence"]) == {"n2", "n3"}
    whole = contagion()
    fewer, more = (
        number(one.pairs, "n_placebo", occurrence="n3", target="AAA") for one in (found, whole)
    )
    assert 20 < fewer < more


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("2022-02-01 16:05", "calm_window [-60,-6] needs 60 sessions before 2022-02-02"),
        ("2024-10-08 16:05", "crisis_window [0,10] needs 10 sessions after 2024-10-09"),
        ("2026-10-08 16:05", "is not before the last close"),
    ],
)
def test_an_occurrence_at_the_edge_says_why_it_has_no_pair(times: str, said: str) -> None:
    given = [one for one in series() if one.calendar == "XNYS"]
    found = contagion(news([times, f"{CLOCK.sessions[330]} 16:05"]), market(*given))
    assert any(said in reason for reason in reasons(pick(found.exclusions, occurrence="n0")))
    assert set(found.pairs["occurrence"]) == {"n1"}


def test_a_source_without_prices_has_no_pair(plain: EventContagion) -> None:
    found = contagion(given=world(without=["SRC"]))
    assert found.pairs.empty
    assert list(found.pairs.columns) == list(plain.pairs.columns)
    assert "SRC has no prices in made up" in reasons(found.exclusions)


def test_no_price_at_all_is_an_error() -> None:
    with pytest.raises(DataError, match="none of the symbols of the contagion has prices here"):
        contagion(given=market())


def test_what_is_needed() -> None:
    event = news().model_copy(update={"contagion": None})
    with pytest.raises(UsageError, match="news: no `contagion` section; add one"):
        run_contagion(event, world(), home(event))
    with pytest.raises(UsageError, match="need a workspace"):
        run_contagion(news(), world())


def test_the_focus_is_the_latest_occurrence_that_is_nearly_complete() -> None:
    late = f"{CLOCK.sessions[690]} 16:05"
    tokens = {"T1", "T2", "T3"}
    given = [cut(one, 750) if one.symbol in tokens else one for one in series()]
    times = [f"{CLOCK.sessions[at - 1]} 16:05" for at in ROWS]
    found = run(news([*times, late]), market(*given), focus=None)
    notes = found.occurrences.set_index("occurrence")["note"]
    assert notes[notes != ""].index.tolist() == ["n2"]
    assert notes["n2"].startswith("described in full: the latest with at least 80% of the 6")


def run(asked: Any, given: Any, **options: Any) -> EventContagion:
    """Run without the parts, which have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PARTS", {})
        return contagion(asked, given, **options)


def test_an_unknown_focus_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="'n9' is no occurrence; there are n0, n1, n2, n3"):
        contagion(focus=["n9"])


def test_a_source_that_differs_by_occurrence() -> None:
    times = [
        {"announced_at": f"{CLOCK.sessions[at - 1]} 16:05", "issuer": name}
        for at, name in zip(ROWS, ("AAA", "BBB", "AAA", "BBB"), strict=True)
    ]
    found = contagion(news(times, source="@issuer", targets=["SRC", "AAA", "BBB"]))
    pairs = found.pairs.groupby("occurrence")["source"].unique().map(list).to_dict()
    assert pairs == {"n0": ["AAA"], "n1": ["BBB"], "n2": ["AAA"], "n3": ["BBB"]}
    assert set(pick(found.pairs, occurrence="n0")["target"]) == {"SRC", "BBB"}
    said = pick(found.exclusions, occurrence="n0", symbol="AAA")
    assert reasons(said) == ["it is the source of this occurrence"]
    assert row(found.averages, target="SRC")["n_events"] == 4
    assert row(found.averages, target="BBB")["n_events"] == 2


@pytest.fixture(scope="module")
def hourly() -> EventContagion:
    times = ["2022-04-06 16:05", "2022-06-08 16:05"]
    section: dict[str, Any] = {"intraday": {"bar": "60min"}, "calm_window": [-50, -6]}
    return contagion(news(times, **section), hourly_world())


def test_hours_are_measured_beside_days(hourly: EventContagion) -> None:
    for name in ("occurrences", "pairs", "tests", "averages", "average_tests", "sampling"):
        assert list(dict.fromkeys(getattr(hourly, name)["bar"])) == ["session", "60min"]
    pair = row(hourly.pairs, bar="60min", occurrence="n1", target="AAA")
    assert (pair["n_calm"], pair["n_crisis"]) == (20 * 7, 3 * 7)
    lacking = pick(hourly.exclusions, bar="60min", symbol="BBB")
    assert reasons(lacking) == [
        "BBB has no bars that make up 60 minutes in made up, which has daily prices only of it"
    ]


def test_days_are_the_same_with_hours_beside_them(hourly: EventContagion) -> None:
    times = ["2022-04-06 16:05", "2022-06-08 16:05"]
    alone = contagion(news(times, calm_window=[-50, -6]), hourly_world())
    for name in ("pairs", "tests", "averages", "average_tests", "sampling", "occurrences"):
        mine = pick(getattr(hourly, name), bar="session").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, getattr(alone, name))


def test_hours_without_prices_cost_the_hours_alone(plain: EventContagion) -> None:
    found = contagion(news(intraday={"bar": "60min"}))
    pd.testing.assert_frame_equal(found.pairs, plain.pairs)
    said = pick(found.exclusions, bar="60min")
    assert len(said) == 1
    assert (
        "none of the symbols of the contagion has bars that make up 60 minutes" in reasons(said)[0]
    )


def test_other_news_is_listed_by_window_and_marks_what_it_confounds() -> None:
    at = ROWS[1]
    calm, early, near, after = (f"{CLOCK.sessions[at + tau]} 14:00" for tau in (-20, -4, -1, 3))
    other_news = other("fed", calm, early, near, after)
    found = contagion(others=[other_news])
    own = pick(found.overlaps, occurrence="n1", other_event="fed")
    listed = own[["other_occurrence", "tau", "window", "confounds"]].to_numpy().tolist()
    assert sorted(listed) == [
        ["o0", -20, "calm", False],
        ["o1", -4, "gap", False],
        ["o2", -1, "gap", True],
        ["o3", 3, "crisis", True],
    ]
    said = row(found.occurrences, occurrence="n1")["confounders"]
    assert said == "Fed (fed/o2), 2 hours before; Fed (fed/o3), on bar 3"
    pairs = pick(found.pairs, occurrence="n1")
    assert pairs["confounded"].all()
    assert (
        pairs["note"]
        .str.contains("confounded by Fed (fed/o2), 2 hours before and 1 more", regex=False)
        .all()
    )
    assert not pick(found.pairs, occurrence="n2")["confounded"].any()
    assert found.occurrences["confounders"].eq("").sum() == 3


def test_the_same_news_in_another_file_is_listed_and_confounds_nothing() -> None:
    again = other("copy", f"{CLOCK.sessions[ROWS[1] - 1]} 16:30", issuer="SRC")
    rival = other("rival", f"{CLOCK.sessions[ROWS[1] - 1]} 16:30", issuer="AAA")
    asked = news(issuer="SRC")
    found = contagion(asked, others=[again, rival])
    listed = pick(found.overlaps, occurrence="n1")
    assert dict(zip(listed["other_event"], listed["confounds"], strict=True)) == {
        "copy": False,
        "rival": True,
    }
    said = row(found.occurrences, occurrence="n1")["confounders"]
    assert said == "AAA: Rival (rival/o0), 25 minutes after"
