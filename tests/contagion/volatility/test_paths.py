"""Correlations followed around an event: what is in the tables, and that nothing looks ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.volatility import paths as module
from eventlab.contagion.volatility.dcc import dcc
from eventlab.contagion.volatility.paths import CorrelationPaths, correlation_path_tables
from eventlab.errors import DataError
from tests.contagion.systems import make_system

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System

MODELS = ["dcc", "cdcc", "adcc"]
SAME = 1e-12


@pytest.fixture(scope="module")
def system() -> System:
    return make_system(added_loading=1.5)


@pytest.fixture(scope="module")
def tables(system: System) -> CorrelationPaths:
    return correlation_path_tables(system)


def changed(system: System, returns: npt.NDArray[np.float64]) -> System:
    return replace(system, returns=np.ascontiguousarray(returns))


def with_values(system: System, place: int, rows: slice, value: float) -> System:
    returns = system.returns.copy()
    returns[place, rows] = value
    return changed(system, returns)


def test_every_target_has_a_path_per_model(system: System, tables: CorrelationPaths) -> None:
    paths = tables.correlation_paths
    counts = paths.groupby(["target", "model"]).size()
    assert counts.to_dict() == {(t, m): 31 for t in ("AAA", "BBB") for m in MODELS}
    one = paths[(paths["target"] == "AAA") & (paths["model"] == "dcc")]
    assert one["tau"].tolist() == list(range(-20, 11))
    sessions = system.clock.sessions[system.anchor - 20 : system.anchor + 11]
    assert (one["session"].to_numpy() == sessions).all()
    assert set(paths["occurrence"]) == {"o2"}
    assert set(paths["source"]) == {"SRC"}


def test_a_path_is_that_of_the_function_on_frames(system: System, tables: CorrelationPaths) -> None:
    frame = pd.DataFrame(system.returns[[0, 2]].T, columns=["SRC", "BBB"])
    until = system.anchor + system.calm[1]
    for model in MODELS:
        known = dcc(frame, model=model, marginal="gjr", fit_until=until)  # type: ignore[arg-type]
        own = tables.correlation_paths.query("target == 'BBB' and model == @model")
        rows = system.anchor + own["tau"].to_numpy()
        correlation = known.correlation("SRC", "BBB").to_numpy()
        np.testing.assert_allclose(own["correlation"], correlation[rows], rtol=SAME)
        np.testing.assert_allclose(
            own["beta"], known.beta("BBB", "SRC").to_numpy()[rows], rtol=SAME
        )
        calm = slice(system.anchor + system.calm[0], until + 1)
        np.testing.assert_allclose(own["calm_mean"], correlation[calm].mean(), rtol=SAME)
        fits = tables.dcc_fits.query("target == 'BBB' and model == @model").set_index("parameter")
        assert fits.loc["a", "value"] == pytest.approx(known.a, rel=SAME, abs=SAME)
        crisis = slice(system.anchor, system.anchor + 11)
        change = correlation[crisis].mean() - correlation[calm].mean()
        assert fits.loc["change", "value"] == pytest.approx(change, rel=1e-9, abs=SAME)


def test_placebo_p_counts_the_dates_before(system: System, tables: CorrelationPaths) -> None:
    frame = pd.DataFrame(system.returns[[0, 1]].T, columns=["SRC", "AAA"])
    known = dcc(frame, marginal="gjr", fit_until=system.anchor + system.calm[1])
    path = known.correlation("SRC", "AAA").to_numpy()

    def change(row: int) -> float:
        calm = path[row + system.calm[0] : row + system.calm[1] + 1].mean()
        return float(path[row + system.crisis[0] : row + system.crisis[1] + 1].mean() - calm)

    real = change(system.anchor)
    pseudo = [change(int(row)) for row in np.flatnonzero(system.admissible)]
    beyond = sum(abs(value) >= abs(real) - SAME for value in pseudo)
    row = tables.dcc_fits.query("target == 'AAA' and model == 'dcc' and parameter == 'change'")
    assert row["n_placebo"].tolist() == [len(pseudo)]
    assert row["placebo_pvalue"].tolist() == pytest.approx([(1 + beyond) / (1 + len(pseudo))])


def test_a_link_that_tightens_shows(tables: CorrelationPaths) -> None:
    # The model must have correlations that move, or no crisis could move them.
    rng = np.random.default_rng(3)
    returns = 0.01 * rng.standard_normal((3, 900))
    loading = 0.5 + 0.45 * np.sin(np.arange(900) / 25.0)
    returns[1:] = loading * returns[0] + np.sqrt(1.0 - loading**2) * returns[1:]
    plain = make_system(returns=returns)
    tight = returns.copy()
    tight[1, 700:711] = 3.0 * tight[0, 700:711]
    tight[0, 700:711] *= 3.0
    fits = correlation_path_tables(make_system(returns=tight)).dcc_fits
    before = correlation_path_tables(plain).dcc_fits
    query = "target == 'AAA' and model == 'dcc' and parameter == 'change'"
    assert fits.query(query)["value"].item() > before.query(query)["value"].item() + 0.1


@pytest.mark.parametrize("bars", [1, 6])
def test_what_comes_later_changes_nothing(
    system: System, tables: CorrelationPaths, bars: int
) -> None:
    returns = system.returns.copy()
    returns[:, system.anchor + bars :] *= -5.0
    other = correlation_path_tables(changed(system, returns))
    keep = tables.correlation_paths["tau"] <= bars
    pd.testing.assert_frame_equal(
        tables.correlation_paths[keep], other.correlation_paths[keep], check_exact=True
    )
    later = tables.correlation_paths["tau"] == bars + 1
    assert not tables.correlation_paths[later].equals(other.correlation_paths[later])
    fitted = tables.dcc_fits["parameter"].isin(["a", "b", "g", "mu", "omega", "alpha", "beta"])
    pd.testing.assert_frame_equal(tables.dcc_fits[fitted], other.dcc_fits[fitted], check_exact=True)


def test_a_target_that_cannot_be_fitted_costs_no_other(system: System) -> None:
    twin = system.returns.copy()
    twin[1] = 2.0 * twin[0]
    end = system.anchor + system.calm[1]
    cases = {
        "AAA: 84 returns up to the end of the calm window; 100 are needed": with_values(
            system, 1, slice(0, end - 83), np.nan
        ),
        "AAA: it does not move before the crisis": with_values(system, 1, slice(0, end + 1), 0.001),
        "AAA and SRC move as one": changed(system, twin),
    }
    whole = correlation_path_tables(system).correlation_paths
    for reason, one in cases.items():
        found = correlation_path_tables(one)
        row = found.dcc_fits[(found.dcc_fits["target"] == "AAA") & (found.dcc_fits["source"] != "")]
        assert row["note"].tolist() == [reason]
        assert row["value"].isna().all()
        assert set(found.correlation_paths["target"]) == {"BBB"}
        other = whole[whole["target"] == "BBB"].reset_index(drop=True)
        pd.testing.assert_frame_equal(found.correlation_paths, other, check_exact=True)


def test_too_few_bars_of_a_window_give_no_change(system: System) -> None:
    gone = with_values(system, 1, slice(system.anchor + 2, system.anchor + 6), np.nan)
    found = correlation_path_tables(gone)
    row = found.dcc_fits.query("target == 'AAA' and parameter == 'change'")
    assert row["value"].isna().all()
    assert row["note"].tolist() == ["fewer than 80% of the bars of a window are there"] * 3
    path = found.correlation_paths.query("target == 'AAA' and model == 'dcc'").set_index("tau")
    assert path["correlation"].isna().to_numpy().nonzero()[0].tolist() == [22, 23, 24, 25]


def test_constant_correlations_have_no_change() -> None:
    rng = np.random.default_rng(0)
    returns = 0.01 * rng.standard_normal((2, 900))
    signs = np.where(np.arange(900) % 2, 1.0, -1.0)
    returns[1] = 0.8 * signs * returns[0] + 0.6 * returns[1]
    found = correlation_path_tables(make_system(("SRC", "AAA"), returns=returns)).dcc_fits
    row = found.query("model == 'dcc' and parameter == 'change'")
    assert row["value"].tolist() == [0.0]
    assert row["placebo_pvalue"].isna().all()
    assert row["note"].tolist() == ["a is 0: the correlations are constant, and b means nothing"]


def test_bars_inside_sessions_are_refused_in_words() -> None:
    found = correlation_path_tables(make_system(minutes=60, calm=(-40, -2), crisis=(0, 6)))
    assert found.correlation_paths.empty
    assert found.dcc_fits["note"].str.startswith("conditional correlations are measured on").all()


def test_without_the_package_every_target_says_so(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise DataError("GARCH needs the package arch; pip install 'eventlab[arch]'")

    monkeypatch.setattr(module, "fit_marginal", missing)
    found = correlation_path_tables(system).dcc_fits
    assert found["target"].tolist() == ["AAA", "BBB"]
    assert found["note"].str.contains(r"pip install 'eventlab\[arch\]'").all()
