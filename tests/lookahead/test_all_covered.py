"""Nothing that is a function of time is left out: a new one fails here until it is looked at."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from inspect import isclass
from pathlib import Path
from typing import Final, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.definitions.cross_section import When
from eventlab.definitions.study import Errors, Model
from eventlab.timeline import make_bar_clock, make_clock
from tests.lookahead.ahead_world import few
from tests.lookahead.test_contagion_ahead import WINDOWS
from tests.lookahead.test_paths_ahead import PATHS
from tests.lookahead.test_studies_ahead import CASES, STATES

TESTS = Path(__file__).parents[1]
STRATEGIES, CLAIMS = "lookahead/test_strategies_ahead.py", "lookahead/test_claims_ahead.py"
# Public functions whose futures are tried in other files, by room.
ELSEWHERE: Final = {
    "run_study": ("lookahead/test_studies_ahead.py", "test_a_study_does_not_look_ahead"),
    "event_study": ("study/test_causality.py", "test_a_bar_uses_nothing_after_it"),
    "specification_curve": ("study/specifications/test_specifications.py", "test_the_future"),
    "run_contagion": ("lookahead/test_contagion_ahead.py", "test_no_part_of_contagion"),
    "run_backtest": (STRATEGIES, "test_no_strategy_looks_ahead"),
    "run_audit": ("hedge/test_audit.py", "test_no_rule_looks_ahead"),
    "run_claims": (CLAIMS, "test_no_measure_looks_ahead"),
    "measured_stamp": ("market/test_measures.py", "test_the_future_leaves"),
    "event_session": ("timeline/test_sessions.py", "test_later_sessions_never_change_day_zero"),
    "find_overlaps": ("timeline/test_overlaps.py", "test_later_events_never_change"),
    "make_clock": ("lookahead/test_all_covered.py", "test_a_clock_goes_on_as_it_began"),
    "make_bar_clock": ("lookahead/test_all_covered.py", "test_a_clock_goes_on_as_it_began"),
    "delayed": ("market/test_futures.py", "test_the_past_is_bit_for_bit"),
    "scrambled": ("market/test_futures.py", "test_the_past_is_bit_for_bit"),
    "truncated": ("market/test_futures.py", "test_the_past_is_bit_for_bit"),
    "events_known": ("market/test_events_known.py", "def test_"),
}
_ROWS = "one number from all rows that it is given; who calls it chooses them"
_WHOLE = "sums up returns of a whole run, when it is over"
_CALENDAR = "knows calendars and texts, no data"
_FILES = "judges whole files before anything is computed, and changes no value"
# Public functions that are not of time, or that say themselves that they use every row.
EXEMPT: Final = {
    **dict.fromkeys(
        ("asymmetric_beta", "downside_beta", "delta_covar", "exceedance_correlation",
         "frequency_spillover", "granger_network", "hayashi_yoshida", "lead_lag", "mediated_share",
         "quantile_spillover", "spillover", "tail_dependence", "hedge_ratio"), _ROWS),
    **dict.fromkeys(("bucket_change", "correlation_tests", "spillover_change"),
                    "compares the rows of two windows that it is given"),
    **dict.fromkeys(
        ("deflated_sharpe", "hedge_effectiveness", "probabilistic_sharpe", "sharpe_ratio",
         "probability_of_overfitting", "stepwise_superiority", "superior_predictive_ability"),
        _WHOLE),
    "run_sweep": "ranks whole runs; each set equals its backtest to 1e-12",
    "run_check": "runs what is tried here, and compares it with a file",
    "black_scholes_put": "one instant",
    "cross_section": "a regression across events that it is given",
    **dict.fromkeys(
        ("build_problem", "calendar_bounds", "calendar_problems", "canonical_code", "clock_codes",
         "check_calendar", "is_session", "event_instant", "Window", "parse_window", "window_label"),
        _CALENDAR),
    **dict.fromkeys(("check", "clean", "audit"), _FILES),
    **dict.fromkeys(("load_market", "load_workspace"), "reads files"),
    **dict.fromkeys(("equal_at", "nearest_rows", "open_at", "own_clock"),
                    "steps of build_panel"),
}  # fmt: skip
ROOMS: Final = (
    "eventlab", "eventlab.timeline", "eventlab.market.panel", "eventlab.market.measures",
    "eventlab.market.futures", "eventlab.market.quality", "eventlab.market.audit",
    "eventlab.study", "eventlab.contagion", "eventlab.hedge", "eventlab.claims",
)  # fmt: skip
NAMED: Final = {name for cases in (PATHS, WINDOWS) for case in cases for name in case.split(", ")}


def functions() -> set[str]:
    found = set()
    for room in ROOMS:
        module = import_module(room)
        for name in module.__all__:
            one = getattr(module, name)
            if callable(one) and not isclass(one):
                found.add(name)
    return found


def test_every_public_function_is_tried_or_exempt_with_a_reason() -> None:
    known = {*NAMED, *ELSEWHERE, *EXEMPT}
    assert functions() - known == set()
    named = {name for name in NAMED if not name.startswith("ratio ")}
    assert {*named, *ELSEWHERE, *EXEMPT} - functions() == set()  # nor is anything named in vain
    assert not set(EXEMPT) & {*NAMED, *ELSEWHERE}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_tried_elsewhere_is_there(name: str) -> None:
    path, test = ELSEWHERE[name]
    assert test in (TESTS / path).read_text(encoding="utf-8")


def test_every_word_of_a_study_is_tried() -> None:
    """Models that a definition can name, errors of variances, and states of the world."""
    assert {said.get("model", "market_model") for said in CASES.values()} == set(get_args(Model))
    assert {said.get("errors", "normal") for said in CASES.values()} == set(get_args(Errors))
    assert {said["when"] for said in STATES.values()} == set(get_args(When))


@few
@given(
    code=st.sampled_from(["XNYS", "XLON", "XTKS", "CMES", "24/7"]),
    last=st.integers(40, 300),
    minutes=st.sampled_from([0, 5, 30, 60]),
)
def test_a_clock_goes_on_as_it_began(code: str, last: int, minutes: int) -> None:
    begin, end = date(2024, 10, 1), date(2025, 9, 30)
    day = date.fromordinal(begin.toordinal() + last)
    short, whole = (
        make_bar_clock(code, begin, each, minutes) if minutes else make_clock(code, begin, each)
        for each in (day, end)
    )
    n = len(short)
    assert n > 0
    for name in ("opens", "closes", "sessions"):
        mine, theirs = (getattr(each, name) for each in (short, whole))
        np.testing.assert_array_equal(mine, theirs[:n], name)
