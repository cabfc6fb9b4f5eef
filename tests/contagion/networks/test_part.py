"""Networks around an occurrence: values, density, placebo dates, reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.networks.granger import granger_network
from eventlab.contagion.networks.part import (
    COLUMNS,
    DENSITY_COLUMNS,
    NetworkTables,
    network_tables,
)
from eventlab.contagion.results import EventContagion
from eventlab.definitions.contagion import ContagionDefinition
from tests.contagion.systems import make_system

SECTION = ContagionDefinition(
    source="SRC", targets=("AAA", "BBB"), calm_window=(-120, -6), crisis_window=(0, 10)
)
WINDOWS = {"calm": (-120, -6), "event": (-60, 20), "after": (0, 120)}


def periods(found: NetworkTables) -> dict[str, Any]:
    return {str(row["period"]): row for row in found.network_density.to_dict("records")}


@pytest.mark.parametrize("period", list(WINDOWS))
def test_rows_are_those_of_the_network_of_the_window(period: str) -> None:
    system = make_system()
    found = network_tables(system, SECTION)
    assert list(found.network.columns) == list(COLUMNS)
    expected = granger_network(system.frame(WINDOWS[period]), 1)
    own = found.network[found.network["period"] == period]
    assert len(own) == 6
    for row in own.to_dict("records"):
        i, j = system.names.index(row["cause"]), system.names.index(row["effect"])
        assert row["statistic"] == pytest.approx(expected.statistic.to_numpy()[i, j], rel=1e-12)
        assert row["adjusted_pvalue"] == pytest.approx(
            expected.adjusted.to_numpy()[i, j], rel=1e-12
        )
        assert row["edge"] == expected.edges.to_numpy()[i, j]
        assert row["note"] == ""


def test_a_network_names_the_series_that_it_is_without() -> None:
    system = make_system()
    returns = system.returns.copy()
    returns[2, system.anchor : system.anchor + 121] = np.nan
    found = network_tables(replace(system, returns=returns), SECTION).network_density
    notes = dict(zip(found["period"], found["note"], strict=True))
    assert notes["calm"] == ""
    assert notes["after"].startswith(f"without {system.names[2]}: ")


def test_density_counts_pairs_before_adjusting() -> None:
    found = network_tables(make_system(), SECTION)
    assert list(found.network_density.columns) == list(DENSITY_COLUMNS)
    for row in found.network_density.to_dict("records"):
        own = found.network[found.network["period"] == row["period"]]
        assert row["density"] == (own["pvalue"] <= 0.05).mean()
        assert row["edges"] == own["edge"].sum()
        assert (row["pairs"], row["n_placebo"]) == (6, 40)
        assert 1 / 41 <= row["placebo_pvalue"] <= 1


def test_a_lead_that_begins_with_the_event_is_found() -> None:
    returns = make_system(anchors=(500,)).returns.copy()
    returns[1:, 500:640] += 1.5 * returns[0, 499:639]
    found = network_tables(make_system(returns=returns, anchors=(500,)), SECTION)
    edges = found.network[found.network["edge"]]
    after = set(edges.loc[edges["period"] == "after", ["cause", "effect"]].itertuples(index=False))
    assert {("SRC", "AAA"), ("SRC", "BBB")} <= after
    density = periods(found)
    assert density["after"]["placebo_pvalue"] < 0.1
    assert density["calm"]["edges"] == 0


def test_what_lies_after_a_window_does_not_matter() -> None:
    returns = make_system(anchors=(700,)).returns.copy()
    changed = returns.copy()
    changed[:, 721:] *= np.random.default_rng(1).standard_normal(changed[:, 721:].shape)
    found, other = (
        network_tables(make_system(returns=one, anchors=(700,)), SECTION).network
        for one in (returns, changed)
    )
    early = found["period"].isin(["calm", "event"])
    pd.testing.assert_frame_equal(found[early], other[early])
    assert not found[~early].equals(other[~early])


def test_the_end_of_the_prices_is_said() -> None:
    found = periods(network_tables(make_system(T=780), SECTION))
    assert found["after"]["note"] == "only 80 of 121 bars lie inside the prices"
    assert found["after"]["n_rows"] == 79
    short = network_tables(make_system(T=730), SECTION)
    density = periods(short)
    assert density["after"]["note"].startswith("only 29 usable rows; at least 40 are needed")
    after = short.network[short.network["period"] == "after"]
    assert after["pvalue"].isna().all()
    assert after["note"].str.startswith("only 29 usable rows").all()


def test_series_without_the_bars_stay_out_and_their_pairs_say_so() -> None:
    returns = make_system().returns.copy()
    returns[1, :700] = np.nan
    returns[2] = 0.001
    found = network_tables(make_system(returns=returns), SECTION).network
    calm = found[found["period"] == "calm"].set_index(["cause", "effect"])["note"]
    assert calm[("AAA", "SRC")] == "AAA lacks more than a tenth of bars [-120,-6]"
    assert calm[("SRC", "BBB")] == "the effect is constant"
    after = found[found["period"] == "after"].set_index(["cause", "effect"])["pvalue"]
    assert np.isfinite(after[("SRC", "AAA")])


def test_one_series_alone_has_no_network() -> None:
    returns = make_system().returns.copy()
    returns[1:] = np.nan
    found = network_tables(make_system(returns=returns), SECTION)
    assert found.network["pvalue"].isna().all()
    assert not found.network["edge"].any()
    assert found.network_density["note"].str.startswith("fewer than two series").all()


def test_tables_are_fields_of_the_result() -> None:
    assert {"network", "network_density"} <= set(EventContagion.__dataclass_fields__)
