"""Samples of the parts that take frames: labels and p-values, or whether an interval holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from benchmarks.connectedness_coverage import AFTER as LATER
from benchmarks.connectedness_coverage import BEFORE, DRAWS, NAMES
from benchmarks.connectedness_coverage import DESIGNS as COVERED
from benchmarks.contagion_designs import shocks
from eventlab.contagion.connectedness.change import spillover_change
from eventlab.contagion.connectedness.period import labels_of
from eventlab.contagion.leads.hayashi_yoshida import hayashi_yoshida, lead_lag
from eventlab.contagion.networks.granger import granger_network
from eventlab.contagion.regimes.bubbles import gsadf, sadf
from eventlab.contagion.regimes.buckets import bucket_change
from eventlab.contagion.tails.asymmetry import asymmetric_beta, downside_beta
from eventlab.contagion.tails.exceedance import exceedance_correlation
from eventlab.contagion.volatility.transmission import volatility_contagion

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.contagion.networks.wald import Covariance

WALK, STEP = 250, 0.02
COVARIANCES: Final[tuple[Covariance, ...]] = ("hc3", "plain", "hac")


def frame_of(values: npt.NDArray[np.float64], names: str = "xy") -> pd.DataFrame:
    return pd.DataFrame(values.T, columns=list(names))


def granger(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    for rows, lags in ((115, 1), (115, 2), (1000, 1), (1000, 2)):
        frame = frame_of(shocks(rng, "shock", 2, rows))
        for covariance in COVARIANCES:
            found = granger_network(frame, lags, covariance=covariance, adjust=None)
            table = found.pvalue.to_numpy()
            for p in (table[0, 1], table[1, 0]):
                yield f"`{covariance}`, {rows:,} rows, {lags} lag{'s' * (lags > 1)}", float(p)


def bubbles(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    seed = int(rng.integers(2**31))
    jump = np.where(np.arange(WALK) < 170, 1.0, 3.0)
    grown = np.where((np.arange(WALK) >= 150) & (np.arange(WALK) < 190), 0.01, 0.0)
    normal = STEP * rng.standard_normal(WALK)
    designs = {
        "normal": normal,
        "GARCH-t4": STEP * shocks(rng, "link", 1, WALK)[0],
        "variance x 9": STEP * jump * rng.standard_normal(WALK),
        "a bubble!": normal + grown,
    }
    for name, steps in designs.items():
        price = pd.Series(np.cumsum(steps))
        for test in (gsadf, sadf):
            for null in ("wild", "simulated"):
                found = test(price, null=null, draws=299, seed=seed if null == "wild" else 0)
                yield f"{test.__name__}, `{null}`: {name}", found.pvalue


def asymmetry(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    z = rng.standard_normal((2, 500))
    z[1] = 0.5 * z[0] + np.sqrt(0.75) * z[1]
    plain = z / np.sqrt(rng.chisquare(5, 500) / 5.0)
    seed = int(rng.integers(2**31))
    for name, values in (("GARCH-t4", shocks(rng, "shock", 2, 500)), ("t5", plain)):
        frame = frame_of(values)
        y, m = frame["y"], frame["x"]
        yield f"`asymmetric_beta`, t of lambda: {name}", asymmetric(y, m)
        yield f"`downside_beta`, t of the difference: {name}", downside_beta(y, m).pvalue
        tests = exceedance_correlation(m, y, draws=199, seed=seed).tests
        p = tests["pvalue"]
        simulated = tests["simulated_pvalue"]
        yield f"Hong, Tu & Zhou's J, chi-squared: {name}", float(p["hong_tu_zhou"])
        yield f"J by the delta method, chi-squared: {name}", float(p["delta_method"])
        yield f"J by the delta method, simulated p: {name}", float(simulated["delta_method"])


def asymmetric(y: pd.Series, m: pd.Series) -> float:
    return float(asymmetric_beta(y, m).coefficients["pvalue"]["lambda"])


def leads(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    x, y = np.cumsum(shocks(rng, "link", 2, 360), axis=1)
    start = pd.Timestamp("2025-01-06", tz="UTC")
    a = pd.Series(x, pd.date_range(start, periods=360, freq="5min"))
    b = pd.Series(y[:257], pd.date_range(start, periods=257, freq="7min"))
    yield "`hayashi_yoshida`, no correlation", hayashi_yoshida(a, b).pvalue
    lags = [300 * k for k in range(-12, 13)]
    yield "`lead_lag`, no correlation at any lag", lead_lag(a, b, lags).pvalue


def volatility(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """AR(1) with coefficient .9; the source's innovations move the target's by .5."""
    u = rng.standard_t(5, (2, 1000)) / np.sqrt(5.0 / 3.0)
    for name, jump in (("nothing happens", 0.0), ("the source's rises, passed on", 0.35)):
        own = u.copy()
        own[0, 980:] += jump
        own[1] = 0.5 * own[0] + np.sqrt(0.75) * u[1]
        level = np.zeros((2, 1000))
        for t in range(1, 1000):
            level[:, t] = 0.9 * level[:, t - 1] + 0.25 * own[:, t]
        frame = frame_of(level[:, 100:])
        table = volatility_contagion(frame, "x", calm=(759, 873), crisis=(880, 899))
        for row in table.to_dict("records"):
            false = jump > 0.0 and row["test"] == "excess_volatility"
            for kind in ("pvalue", "placebo_pvalue"):
                word = "placebo" if kind == "placebo_pvalue" else "asymptotic"
                label = f"`{row['test']}`, {word}: {name}{'!' * false}"
                yield label, float(row[kind])


def bucket_intervals(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    z = np.sqrt(0.4) * rng.standard_normal((1, 126)) + np.sqrt(0.6) * rng.standard_normal((14, 126))
    frame = frame_of(z / np.sqrt(rng.chisquare(4, 126) / 4.0), "abcdefghijklmn")
    found = bucket_change(
        frame.iloc[:115], frame.iloc[115:], list("abcdef"), list("ghijklmn"), draws=300
    )
    table = found.table
    for period, rows in (("before", 115), ("after", 11)):
        for row in table[(table["period"] == period)].to_dict("records"):
            if row["bucket"] != "difference":
                yield f"mean correlation, {rows} rows", float(row["low"] <= 0.4 <= row["high"])


def spillover_intervals(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    measures = [measure for measure, _, _ in labels_of(NAMES)]
    for design in COVERED:
        truth = design.facts(1) - design.facts(0)
        before, after = design.sample(0, BEFORE, rng), design.sample(1, LATER, rng)
        found = spillover_change(before, after, draws=DRAWS, seed=int(rng.integers(2**31))).table
        change = found[found["period"] == "change"]
        held = ((change["low"] <= truth) & (truth <= change["high"])).to_numpy()
        for measure, one in zip(measures, held, strict=True):
            if measure in {"tci", "net", "pairwise"}:
                yield f"{measure}: {design.name}", float(one)
