"""The picture that a notebook shows of a study on DataFrames."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab import event_study
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.study import StudyResult


def study() -> StudyResult:
    random = np.random.default_rng(8)
    sessions = pd.bdate_range("2022-01-03", periods=300)
    returns = pd.DataFrame(
        random.normal(0.0, 0.01, (300, 3)), index=sessions, columns=["MKT", "AAA", "BBB"]
    )
    events = pd.DataFrame(
        {"event_id": ["a", "b"], "symbol": ["AAA", "BBB"], "session": sessions[[200, 250]]}
    )
    return event_study(
        returns,
        events,
        benchmark="MKT",
        estimation_window=(-100, -4),
        event_window=(-3, 3),
        car_windows=[(0, 0), (-3, 3)],
        draws=200,
    )


def test_the_path_ends_at_the_car_of_the_whole_window() -> None:
    result = study()
    assert result.path["tau"].tolist() == list(range(-3, 4))
    assert result.path["caar"].to_numpy() == pytest.approx(
        result.aggregate["caar"].to_numpy(), rel=1e-12
    )
    assert result.path["caar"].iloc[-1] == pytest.approx(result.car["[-3,3]"].mean(), rel=1e-12)
    assert (result.path["high"] > 0).all()
    assert result.path["low"].to_numpy().tolist() == (-result.path["high"]).tolist()


def test_plot_is_a_valid_chart_of_the_path() -> None:
    result = study()
    chart = result.plot()
    spec = chart.to_dict()  # type: ignore[attr-defined] # validates against the schema
    rows = spec["datasets"]["rows"]
    assert [row["tau"] for row in rows] == result.path["tau"].tolist()
    assert [row["caar"] for row in rows] == result.path["caar"].tolist()
    assert {row["n"] for row in rows} == {2}


def test_without_the_plotting_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    for name in ("figures", "contagion.pictures", "plotting"):
        monkeypatch.delitem(sys.modules, f"eventlab.report.{name}", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'eventlab\[report\]'"):
        study().plot()
