"""All claims of a workspace: tables, the same whatever else is asked; nothing on simulations."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.claims import Claims, run_claims
from eventlab.claims.results import CLAIM_COLUMNS, READING_COLUMNS
from eventlab.definitions.workspace import load_workspace
from eventlab.errors import UsageError
from eventlab.market.types import DataStamp
from eventlab.report.claims.text import print_claims
from tests.claims.model_world import CLOCK, NEWS, returns, workspace, world

if TYPE_CHECKING:
    from eventlab.definitions.workspace import Workspace

DAY = CLOCK.sessions[NEWS[1]]
PRESS = f"""\
title: Press
source: A newspaper
claims:
  - {{id: fell, statement: XXX fell, measure: return, symbols: [XXX], event: news, occurrence: two,
     window: [0, 0], published: negative}}
  - {{id: rose, statement: XXX rose, measure: return, symbols: [XXX], event: news, occurrence: two,
     window: [0, 0], published: 0.1, strict: true}}
  - {{id: abnormal, statement: It was news, measure: event_car, event: news, occurrence: two,
     symbols: [XXX], window: [0, 0], published: negative}}
  - {{id: late, statement: Far off, measure: return, symbols: [XXX], as_of: 2031-01-02,
     published: 0.1, strict: true}}
  - {{id: lacking, statement: No prices, measure: event_car, event: news, occurrence: two,
     symbols: [YYY], window: [-30, 0], published: none}}
  - {{id: debt, statement: Debt rose, measure: none, needs: balance sheets}}
  - {{id: linked, statement: Linked, measure: correlation, symbols: [XXX, MKT], window: 63 bars,
     as_of: {DAY}, published: positive}}
"""
NO_TEST = "cannot be tested with this data"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("run")
    workspace(folder)
    (folder / "events/claims-press.yaml").write_text(PRESS, "utf-8")
    return load_workspace(folder)


@pytest.fixture(scope="module")
def claims(space: Workspace) -> Claims:
    return run_claims(world(), space)


def test_a_row_per_claim_in_order(claims: Claims) -> None:
    table = claims.claims.set_index("claim")
    assert list(claims.claims.columns) == CLAIM_COLUMNS
    assert table["verdict"].to_dict() == {
        "fell": "supported",
        "rose": "contradicted",
        "abnormal": "supported",
        "late": NO_TEST,
        "lacking": NO_TEST,
        "debt": NO_TEST,
        "linked": "supported",
    }
    assert table.loc["fell", "value"] == pytest.approx(returns()["XXX"][NEWS[1]], rel=1e-12)
    assert table.loc["debt", "reason"] == "it needs balance sheets"
    assert "does not lie within" in str(table.loc["late", "reason"])
    assert "estimation window" in str(table.loc["lacking", "reason"])
    assert set(table["event"]) == {"claims-press"}
    assert set(table["source"]) == {"A newspaper"}


def test_prices_that_there_are_none_of_are_said_before_windows(space: Workspace) -> None:
    full = world()
    daily = {name: series for name, series in full.daily.items() if name != "XXX"}
    found = run_claims(replace(full, daily=daily), space, ids=["late", "linked"]).claims
    late, linked = found["reason"]
    assert found["unit"].tolist() == ["return", "correlation"]  # the published 0.1 is 10%
    assert late == f"{full.stamp.source} holds no prices of XXX"
    assert linked.startswith(late)


def test_a_claim_without_any_reading_is_shown(space: Workspace) -> None:
    claims = run_claims(world(), space, ids=["debt"])
    assert len(claims.readings) == 0
    assert claims.readings[claims.readings["within"] & claims.readings["principal"]].shape[1] > 0
    shown = io.StringIO()
    print_claims(claims, shown, verbose=True)
    assert "it needs balance sheets" in shown.getvalue()


def test_a_row_per_reading_and_one_is_principal(claims: Claims) -> None:
    readings = claims.readings
    assert list(readings.columns) == READING_COLUMNS
    for claim, own in readings.groupby("claim"):
        row = claims.claims.set_index("claim").loc[claim]
        assert own["principal"].sum() == 1
        first = own[own["principal"]].iloc[0]
        np.testing.assert_equal(first["value"], row["value"])
        within = own[own["within"]]
        silent = within["value"].isna() & (within["word"] == "") & (within["agrees"] == "open")
        assert (~silent).sum() == row["n_readings"]
        assert (within["agrees"] == "yes").sum() == row["n_agreeing"]
        np.testing.assert_equal(within["value"].min(), row["smallest"])
        np.testing.assert_equal(within["value"].max(), row["largest"])
    assert set(readings["agrees"]) <= {"yes", "no", "open"}
    assert set(readings["claim"]) == {"fell", "rose", "abnormal", "late", "linked"}


def test_strict_claims_fail_where_the_data_contradict_them(claims: Claims) -> None:
    assert claims.failed["claim"].tolist() == ["rose"]  # not the one that cannot be tested
    assert repr(claims) == (f"Claims: 7 statements: 3 supported, 3 {NO_TEST}, 1 contradicted")


def test_a_claim_is_the_same_whatever_else_is_asked(space: Workspace, claims: Claims) -> None:
    alone = run_claims(world(), space, ids=["linked"])
    for name in ("claims", "readings"):
        whole = getattr(claims, name)
        mine = whole[whole["claim"] == "linked"].reset_index(drop=True)
        pd.testing.assert_frame_equal(getattr(alone, name), mine, check_exact=True)


def test_simulated_prices_decide_nothing(space: Workspace, claims: Claims) -> None:
    stamp = DataStamp("made up", "", simulated=True)
    found = run_claims(replace(world(), stamp=stamp), space)
    assert set(found.claims["verdict"]) == {NO_TEST}
    assert set(found.claims["reading"]) == {""}
    assert found.failed.empty
    measured = found.claims["value"].notna()
    assert measured.sum() == 4
    pd.testing.assert_series_equal(found.claims["value"], claims.claims["value"])
    assert found.claims.loc[measured, "reason"].str.contains("simulated").all()
    pd.testing.assert_frame_equal(found.readings, claims.readings)


def test_progress_and_no_claims_at_all(space: Workspace) -> None:
    told: list[tuple[int, int]] = []
    run_claims(world(), space, ids=["debt", "late"], progress=lambda *each: told.append(each))
    assert told == [(1, 2), (2, 2)]
    nothing = run_claims(world(), space, owners=["plain"])
    assert nothing.claims.empty
    assert list(nothing.readings.columns) == READING_COLUMNS
    assert repr(nothing) == "Claims: 0 statements: none"


def test_claims_need_a_workspace() -> None:
    with pytest.raises(UsageError, match="claims need a workspace"):
        run_claims(world())


def test_what_has_no_value_is_nan(claims: Claims) -> None:
    row = claims.claims.set_index("claim").loc["debt"]
    assert row[["value", "low", "high", "smallest", "tolerance"]].isna().all()
    assert (row["n_readings"], row["n_agreeing"], row["published"]) == (0, 0, "")
