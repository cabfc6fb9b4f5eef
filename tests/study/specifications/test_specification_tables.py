"""The tables of a curve hold what those of a study hold, on every row that may be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eventlab.study.models.fits import prepare
from eventlab.study.models.specs import EventArrays, StudySpec
from eventlab.study.placebo.pseudo_dates import prepare_placebo
from eventlab.study.specifications.placebo_tables import prepare_tables

T = 160


def arrays() -> EventArrays:
    """Two assets with days 0 before, on and after the study's; one begins late; gaps."""
    rng = np.random.default_rng(3)
    returns = rng.standard_t(5, (3, T)) * 0.01
    returns[0, :70] = np.nan
    returns[1, [20, 90]] = np.nan
    anchor = np.array([110, 110, 130, 130])
    return EventArrays(
        returns=returns,
        column=np.array([0, 1, 0, 1]),
        factors=np.full((4, 1), 2),
        position=anchor + np.array([0, 1, -1, 0]),
        asset=np.array([0, 1, 0, 1]),
        anchor=anchor,
        controls=np.empty((4, 0), dtype=np.int64),
    )


def spec(model: str) -> StudySpec:
    return StudySpec(
        model=model,
        estimation_window=(-30, -6),
        event_window=(-2, 2),
        windows=((0, 0), (-1, 1), (-2, 2)),
        min_estimation=15,
        level=0.05,
        draws=100,
        seed=0,
    )


@pytest.mark.parametrize("model", ["constant_mean", "market_model", "scholes_williams"])
def test_every_admissible_row_is_that_of_a_study(model: str) -> None:
    own = prepare(arrays(), spec(model))
    fitted = np.ones(4, dtype=np.bool_)
    tables = prepare_tables(own, spec(model), fitted)
    placebo = prepare_placebo(own, spec(model), fitted)
    np.testing.assert_array_equal(tables.series, placebo.series)
    np.testing.assert_array_equal(tables.admissible, placebo.admissible)
    assert placebo.admissible.sum() > 100
    for s, free in enumerate(placebo.admissible):
        rows = np.flatnonzero(free)
        error = np.sqrt(placebo.variance[s, rows, :-1])
        np.testing.assert_array_equal(tables.error[tables.base[s] + rows], error)
        scar = placebo.car[s, rows, :-1] / error
        np.testing.assert_array_equal(tables.scar[tables.base[s] + rows], scar)
    assert len(tables.scar) < placebo.admissible.size


def test_events_without_a_fit_leave_no_row() -> None:
    tables = prepare_tables(arrays(), spec("constant_mean"), np.zeros(4, dtype=np.bool_))
    assert not tables.admissible.any()
    assert tables.scar.shape == (0, 2)


def test_garch_has_none() -> None:
    long = replace(spec("market_model"), model="garch_market_model", estimation_window=(-106, -6))
    tables = prepare_tables(arrays(), long, np.ones(4, dtype=np.bool_))
    assert tables.note.startswith("no placebo")
    assert not tables.admissible.any()
