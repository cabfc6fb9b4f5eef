"""The model, its regressors and the rule for overlaps as options of ``eventlab study``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import eventlab as ev
from eventlab.cli.models import given_options
from eventlab.cli.overrides import Overrides, apply_overrides
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.definitions import EventDefinition, StudyDefinition

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def oracle() -> EventDefinition:
    return ev.load_workspace(REPOSITORY).event("oracle-earnings")


def changed(event: EventDefinition, overrides: Overrides) -> StudyDefinition:
    study = apply_overrides(event, overrides).study
    assert study is not None
    return study


def test_what_is_left_out_replaces_nothing() -> None:
    assert given_options(None, None, None, None, None) == {}
    assert given_options([], 2, None, None, "control") == {"lags": 2, "overlaps": "control"}


def test_factors_follow_the_benchmark_of_the_file(oracle: EventDefinition) -> None:
    options = given_options(["SMH", "BTC"], None, None, None, None)
    study = changed(oracle, Overrides(model="factor_model", options=options))
    assert (study.model, study.benchmark, study.factors) == ("factor_model", "SPY", ("SMH", "BTC"))
    back = oracle.model_copy(update={"study": study})
    assert changed(back, Overrides(model="market_model")).factors == ()


def test_options_go_with_the_model_that_is_asked_for(oracle: EventDefinition) -> None:
    options = given_options(None, None, "gjr", "t", "exclude")
    study = changed(oracle, Overrides(model="garch_market_model", options=options))
    assert (study.volatility, study.errors, study.overlaps) == ("gjr", "t", "exclude")
    lagged = changed(oracle, Overrides(model="dimson", options={"lags": 2}))
    assert lagged.lags == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (given_options(None, 9, None, None, None), "lags: 9 is out of bounds; at most 5"),
        (given_options(None, None, "grj", None, None), "volatility: 'grj' .*did you mean 'gjr'"),
        (given_options(None, None, None, "student", None), "errors: 'student' is not allowed"),
        (given_options(None, None, None, None, "drop"), "overlaps: 'drop' is not allowed"),
    ],
)
def test_wrong_values_are_refused_as_in_a_file(
    oracle: EventDefinition, options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        changed(oracle, Overrides(options=options))
