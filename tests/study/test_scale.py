"""Returns times 1e-12 and 1e12 through every model and test of the battery."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eventlab.errors import DataError
from eventlab.study.inference.registry import TESTS
from tests.scaled import EXACT, POWER_OF_TWO, SAME, SCALES, check
from tests.study.panels import panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.study import StudyResult

MODELS: dict[str, dict[str, Any]] = {
    "constant_mean": {},
    "market_adjusted": {},
    "market_model": {},
    "scholes_williams": {},
    "dimson": {},
    "factor_model": {"factors": ["MKT", "SEC"]},
}
# Powers of the returns by which columns scale; the rest of a table is free of units.
UNITS = {
    "fits": {"[alpha]": 1, "[sigma]": 1},
    "ar": {"": 1},
    "car": {"": 1},
    "sar": {"": 0},
    "aggregate": {"[aar]": 1, "[caar]": 1},
    "tests": {"": 0},
    "placebo": {"": 0},
}
CASE = panel(holes=0.01)


def study(model: str, scale: Any = 1.0, **options: Any) -> StudyResult:
    case = dataclasses.replace(CASE, returns=CASE.returns * scale)
    options = MODELS.get(model, {}) | {"tests": (*TESTS, "placebo")} | options
    # Logs of volume: compounding, of which returns are made, knows no other unit than 1.
    return case.study(model=model, measure="volume", **options)


def degree(table: str, column: str) -> int:
    for end, power in UNITS[table].items():
        if not end or column.endswith(end):
            return power
    return 0


def constant(scale: float) -> Callable[[str], float]:
    return lambda _: scale


def scales(before: StudyResult, after: StudyResult, scale: float, rtol: float) -> None:
    for table in UNITS:
        given = getattr(before, table, None)
        if given is None:
            continue

        def factor(column: str, table: str = table) -> float:
            return scale ** degree(table, column)

        assert check(given, getattr(after, table), factor, rtol), table


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let through what the door refuses: no log of a volume, and no return, is 1e12."""
    module = import_module("eventlab.study.event_study")  # the name is the function's as well
    monkeypatch.setattr(module, "check_inputs", lambda *_, **__: None)


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("model", list(MODELS))
def test_every_test_of_every_model(model: str) -> None:
    before = study(model)
    assert np.isfinite(before.tests["statistic"]).mean() > 0.9
    for scale in SCALES:
        rtol = EXACT if scale == POWER_OF_TWO else SAME
        scales(before, study(model, scale), scale, rtol)


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("model", ["market_model", "scholes_williams", "dimson", "factor_model"])
def test_assets_and_benchmarks_may_have_their_own_units(model: str) -> None:
    units = np.array([1e12, 1.0, *[1e-12] * (CASE.returns.shape[1] - 2)])
    before, after = study(model), study(model, units)
    for table, scale in (("sar", 1.0), ("tests", 1.0), ("ar", 1e-12), ("car", 1e-12)):
        assert check(getattr(before, table), getattr(after, table), constant(scale), SAME)
    np.testing.assert_allclose(after.fits["beta"] * 1e24, before.fits["beta"], rtol=SAME)


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("errors", ["normal", "t"])
@pytest.mark.parametrize("form", ["garch", "gjr"])
def test_a_likelihood_sees_the_same_series_in_any_unit(form: str, errors: str) -> None:
    options = {
        "tests": ("bmp",), "volatility": form, "errors": errors, "estimation_window": (-110, -6),
    }  # fmt: skip
    before = study("garch_market_model", **options)
    for scale in SCALES:
        after = study("garch_market_model", scale, **options)
        rtol = EXACT if scale == POWER_OF_TWO else SAME
        for table, factor in (("sar", 1.0), ("tests", 1.0), ("ar", scale)):
            assert check(getattr(before, table), getattr(after, table), constant(factor), rtol)


def test_the_door_refuses_what_is_no_return() -> None:
    big = dataclasses.replace(CASE, returns=CASE.returns * 1e12)
    with pytest.raises(DataError, match="100%"):
        big.study()
