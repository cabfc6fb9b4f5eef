"""The regimes of one occurrence as tables: what they hold, what they read, what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.contagion.placebo import pseudo_rows
from eventlab.contagion.regimes.betas import factor_betas
from eventlab.contagion.regimes.bubbles import gsadf, sadf
from eventlab.contagion.regimes.buckets import bucket_change
from eventlab.contagion.regimes.part import RegimeTables, regime_tables
from eventlab.definitions.contagion import (
    BetasDefinition,
    BucketsDefinition,
    ContagionDefinition,
    RegimesDefinition,
)
from tests.contagion.systems import make_system

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System

TABLES = ("buckets", "betas", "beta_changes", "bubbles", "exclusions")
GROUPS = {
    "@top": tuple(f"T{i}" for i in range(5)),
    "@rest": (*(f"R{i}" for i in range(7)), "GONE"),
    "@miners": ("M0", "M1"),
    "@nobody": ("GONE",),
}
END = 711  # row after the crisis window [0, 10] of the occurrence at row 700

Returns = dict[str, "npt.NDArray[np.float64]"]


def regimes(**options: Any) -> ContagionDefinition:
    return ContagionDefinition(
        source="SRC",
        targets=("AAA",),
        calm_window=(-120, -6),
        crisis_window=(0, 10),
        regimes=RegimesDefinition(**options),
    )


BUCKETS = BucketsDefinition(top=("@top",), rest=("@rest",))
BETAS = BetasDefinition(assets=("@miners",), factors=("BTC", "NVDA"))
EVERYTHING = regimes(buckets=BUCKETS, betas=BETAS, bubbles=("BTC", "@top"))


def returns_of(T: int = 900, seed: int = 0) -> Returns:
    rng = np.random.default_rng(seed)
    btc = 0.02 * rng.standard_t(5, T)
    found = {"BTC": btc, "NVDA": 0.3 * btc + 0.02 * rng.standard_t(5, T)}
    for name in GROUPS["@top"]:
        found[name] = 0.9 * btc + 0.01 * rng.standard_normal(T)
    for name in GROUPS["@rest"][:-1]:
        found[name] = 0.6 * btc + 0.03 * rng.standard_normal(T)
    for name in GROUPS["@miners"]:
        found[name] = 1.3 * btc + 0.2 * found["NVDA"] + 0.02 * rng.standard_normal(T)
    return found


def run(
    definition: ContagionDefinition = EVERYTHING,
    returns: Returns | None = None,
    system: System | None = None,
    seed: int = 1,
) -> RegimeTables:
    return regime_tables(
        make_system() if system is None else system,
        definition,
        returns_of() if returns is None else returns,
        GROUPS.__getitem__,
        seed=seed,
    )


def test_nothing_is_asked_for() -> None:
    found = run(regimes())
    for name in TABLES:
        assert getattr(found, name).empty
        assert len(getattr(found, name).columns) >= 5


def test_buckets_are_those_of_the_windows() -> None:
    found = run().buckets
    returns = pd.DataFrame(returns_of())
    wanted = bucket_change(
        returns[580:695], returns[700:711], GROUPS["@top"], GROUPS["@rest"][:-1], draws=300, seed=1
    ).table
    columns = wanted.columns.tolist()
    pd.testing.assert_frame_equal(found[columns], wanted, check_exact=True)
    changes = found[found["period"] == "change"]
    assert changes["placebo_pvalue"].between(1 / 101, 1.0).all()
    assert changes["absorption_placebo_pvalue"].between(1 / 101, 1.0).all()
    assert (changes["n_placebo"] == 100).all()
    assert found.loc[found["period"] != "change", "placebo_pvalue"].isna().all()
    assert (found["note"] == "absorption ratios: 1 eigenvectors of 5 series, runs of 11 rows").all()


def test_the_placebo_p_of_buckets_counts_dates() -> None:
    system = make_system(T=720)
    few = system.admissible.copy()
    few[: np.flatnonzero(few)[-25]] = False
    system = replace(system, admissible=few)
    found = run(regimes(buckets=BUCKETS), system=system).buckets
    returns = pd.DataFrame(returns_of())
    names = (GROUPS["@top"], GROUPS["@rest"][:-1])
    pseudo = [
        bucket_change(
            returns[row - 120 : row - 5], returns[row : row + 11], *names, draws=0, seed=1
        ).table
        for row in pseudo_rows(system).tolist()
    ]
    assert len(pseudo) == 25
    at: Any
    for at, row in found[found["period"] == "change"].iterrows():
        for value, p in (
            ("mean_correlation", "placebo_pvalue"),
            ("absorption_ratio", "absorption_placebo_pvalue"),
        ):
            drawn = np.array([table.loc[at, value] for table in pseudo])
            assert row[p] == (1 + np.count_nonzero(abs(drawn) >= abs(row[value]))) / 26


def test_a_placebo_date_needs_four_fifths_of_the_members() -> None:
    returns = returns_of()
    returns["R0"][:400] = np.nan
    assert set(run(regimes(buckets=BUCKETS), returns).buckets["n_placebo"].dropna()) == {100.0}
    for name in ("R1", "R2"):
        returns[name][:500] = np.nan
    found = run(regimes(buckets=BUCKETS), returns).buckets
    changes = found[found["period"] == "change"]
    # No date before row 620, whose calm window begins in row 500.
    dates = [row for row in pseudo_rows(make_system()).tolist() if 620 <= row <= 700]
    assert changes["n_placebo"].tolist() == [len(dates)] * 3


def test_a_common_shock_in_the_rest_is_seen() -> None:
    returns = returns_of()
    shock = np.random.default_rng(5).normal(0.0, 0.10, 11)
    for name in GROUPS["@rest"][:-1]:
        returns[name][700:711] += shock
    found: Any = run(regimes(buckets=BUCKETS), returns).buckets.set_index(["bucket", "period"])
    assert found.loc[("rest", "change"), "mean_correlation"] > 0.3
    assert found.loc[("rest", "change"), "placebo_pvalue"] <= 0.05
    assert found.loc[("difference", "change"), "placebo_pvalue"] <= 0.05


def test_betas_are_those_of_the_filter() -> None:
    found = run()
    returns, rows = returns_of(), pd.RangeIndex(0, END)
    factors = pd.DataFrame({name: returns[name][:END] for name in ("BTC", "NVDA")}, rows)
    wanted = factor_betas(pd.Series(returns["M1"][:END], rows), factors, fit_until=694)
    one = found.betas[(found.betas["symbol"] == "M1") & (found.betas["factor"] == "NVDA")]
    assert one["tau"].tolist() == list(range(-120, 11))
    np.testing.assert_array_equal(one["beta"], wanted.filtered["NVDA"][580:])
    np.testing.assert_array_equal(one["share"], wanted.shares["NVDA"][580:])
    half = 1.959963984540054 * wanted.stderr["NVDA"][580:]
    np.testing.assert_allclose(one["high"] - one["beta"], half, 1e-9)
    np.testing.assert_allclose(one["beta"] - one["low"], half, 1e-9)
    system = make_system()
    assert one["session"].iloc[-1] == pd.Timestamp(system.clock.sessions[710])
    changes: Any = found.beta_changes.set_index(["symbol", "factor"])
    change = changes.loc[("M1", "NVDA")]
    path, error = wanted.filtered["NVDA"].to_numpy(), wanted.stderr["NVDA"].to_numpy()

    def moved(row: int) -> float:
        # From 6 bars before to 10 bars after: 16 steps.
        variance = error[row - 6] ** 2 + 16 * wanted.step["NVDA"] ** 2 - error[row + 10] ** 2
        return float((path[row + 10] - path[row - 6]) / np.sqrt(variance))

    assert change["change"] == path[710] - path[694]
    assert change["share_calm"] == wanted.shares["NVDA"][694]
    assert change["statistic"] == pytest.approx(moved(700))
    dates = [row for row in pseudo_rows(system).tolist() if row >= 66 and row + 10 < END]
    drawn = np.abs([moved(row) for row in dates])
    assert change["n_placebo"] == len(dates)
    as_large = np.count_nonzero(drawn >= abs(change["statistic"]))
    assert change["placebo_pvalue"] == (1 + as_large) / (1 + len(dates))


def test_a_miner_that_turns_is_seen() -> None:
    returns = returns_of()
    returns["M0"][695:] += -1.0 * returns["BTC"][695:] + 1.2 * returns["NVDA"][695:]
    found: Any = run(regimes(betas=BETAS), returns).beta_changes.set_index(["symbol", "factor"])
    assert found.loc[("M0", "NVDA"), "statistic"] > 2.0
    assert found.loc[("M0", "BTC"), "statistic"] < -2.0
    assert (found.loc["M0", "placebo_pvalue"] <= 0.01).all()
    assert (found.loc["M1", "placebo_pvalue"] > 0.05).all()
    # One that turned long before is a proxy of the other factor by then.
    returns = returns_of()
    returns["M0"][600:] += -1.0 * returns["BTC"][600:] + 1.2 * returns["NVDA"][600:]
    shares: Any = run(regimes(betas=BETAS), returns).beta_changes.set_index(["symbol", "factor"])
    shares = shares["share_crisis"]
    assert shares[("M0", "NVDA")] > shares[("M0", "BTC")]
    assert shares[("M1", "BTC")] > shares[("M1", "NVDA")]


def test_bubbles_are_those_of_the_log_price() -> None:
    found = run().bubbles
    returns, system = returns_of(), make_system()
    price = pd.Series(np.log1p(returns["BTC"][461:END]).cumsum(), system.clock.sessions[461:END])
    for test in (gsadf, sadf):
        wanted = test(price, draws=499, seed=1)
        row = found[(found["symbol"] == "BTC") & (found["test"] == wanted.test)].iloc[0]
        for name in ("statistic", "critical_90", "critical_95", "critical_99", "pvalue"):
            assert row[name] == getattr(wanted, name)
        published = test(price, null="simulated", draws=499, seed=1)
        assert row["simulated_pvalue"] == published.pvalue
    assert found["n"].tolist() == [250] * 4
    basket = np.mean([returns[name] for name in GROUPS["@top"]], axis=0)
    price = pd.Series(np.log1p(basket[461:END]).cumsum())
    wanted = gsadf(price, draws=499, seed=1)
    assert found.loc[found["symbol"] == "@top", "statistic"].iloc[0] == wanted.statistic


def test_an_explosive_price_has_dates() -> None:
    returns = returns_of()
    returns["BTC"][671:711] = 0.002 * np.exp(0.09 * np.arange(40)) + returns["BTC"][671:711] / 10
    returns["NVDA"][:] = 0.0
    found = run(regimes(bubbles=("BTC", "NVDA")), returns).bubbles
    dated = found[(found["symbol"] == "BTC") & (found["test"] == "gsadf")]
    sessions = pd.to_datetime(make_system().clock.sessions)
    assert (dated["pvalue"] <= 0.05).all()
    assert dated["last"].iloc[-1] == sessions[710]
    assert dated["first"].iloc[-1] >= sessions[671]
    assert dated["note"].iloc[-1] == "open at the last bar"
    still = found[found["symbol"] == "NVDA"]
    assert still["statistic"].isna().all()
    assert (still["note"] == "no residual varies in any window").all()


def test_no_row_after_the_crisis_window_is_read() -> None:
    scrambled = returns_of()
    for values in scrambled.values():
        values[END:] = np.random.default_rng(3).normal(0.0, 0.5, len(values) - END)
    one, other = run(), run(returns=scrambled)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_an_earlier_occurrence_reads_nothing_later() -> None:
    scrambled = returns_of()
    for values in scrambled.values():
        values[511:] = np.random.default_rng(4).normal(0.0, 0.5, len(values) - 511)
    system = make_system(focus=1)
    one, other = run(system=system), run(returns=scrambled, system=system)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert set(one.bubbles["occurrence"]) == {"o1"}


def test_the_seed_decides() -> None:
    one, same, other = run(), run(), run(seed=2)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name), check_exact=True)
    assert not one.bubbles["pvalue"].equals(other.bubbles["pvalue"])


def test_who_has_no_prices_is_listed() -> None:
    found = run(
        regimes(
            buckets=BUCKETS,
            betas=BetasDefinition(assets=("M0", "GONE", "BTC"), factors=("BTC", "NVDA")),
            bubbles=("@nobody",),
        )
    )
    rows = found.exclusions[["symbol", "part", "reason"]].to_numpy().tolist()
    assert rows == [["GONE", part, "no prices"] for part in ("buckets", "betas", "bubbles")]
    changes: Any = found.beta_changes.set_index(["symbol", "factor"])
    assert changes.loc[("BTC", "NVDA"), "note"] == "it is one of the factors"
    assert found.bubbles["note"].tolist() == ["no prices"] * 2


def test_a_factor_without_prices() -> None:
    asked = BetasDefinition(assets=("M0",), factors=("BTC", "AI"))
    found = run(regimes(betas=asked))
    assert found.beta_changes["note"].tolist() == ["no prices of the factor AI"] * 2
    assert found.betas["beta"].isna().all()


def test_what_cannot_be_computed_says_why() -> None:
    returns = returns_of()
    returns["M0"][:600] = np.nan
    returns["M1"][[650, 694]] = np.nan
    returns["BTC"][600] = np.nan
    for name in GROUPS["@rest"][:5]:
        returns[name][705] = np.nan
    found = run(returns=returns)
    assert found.buckets["note"].str.contains("2 of 7 members of rest").all()
    changes: Any = found.beta_changes.set_index(["symbol", "factor"])["note"]
    assert changes[("M0", "BTC")].startswith("110 rows are complete, 34 of them after the first 60")
    assert "no beta at the end of a window" in changes[("M1", "NVDA")]
    bubbles: Any = found.bubbles.set_index(["symbol", "test"])["note"]
    assert bubbles[("BTC", "gsadf")].startswith("log_price has 111 rows without a finite level")
    missing = found.betas[(found.betas["symbol"] == "M1") & (found.betas["tau"] == -50)]
    assert (missing["note"] == "a return is missing").all()


def test_too_short_a_history() -> None:
    system = make_system(T=300, anchors=(30,), calm=(-25, -6))
    returns = returns_of(300)
    returns["T0"][20] = -1.0
    definition = EVERYTHING.model_copy(update={"calm_window": (-25, -6)})
    found = run(definition, returns, system)
    assert found.bubbles["note"].str.contains("41 bars; at least 60 are needed").all()
    assert found.beta_changes["note"].str.contains("at least 60 are needed").all()
    late = regime_tables(
        make_system(), regimes(bubbles=("X",)), {"X": np.full(900, -1.0)}, lambda _: (), seed=0
    )
    assert late.bubbles["note"].str.contains("leaves no price").all()


def test_bars_inside_sessions_say_their_width() -> None:
    system = make_system(T=900, minutes=30)
    found = run(system=system)
    assert found.exclusions["bar"].tolist() == ["30min"]
    assert len(found.bubbles) >= 4
