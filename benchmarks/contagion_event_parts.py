"""Samples of the parts that measure one event; each yields labels and p-values."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.contagion_designs import shocks
from eventlab.contagion.connectedness.part import spillover_tables
from eventlab.contagion.networks.part import network_tables
from eventlab.contagion.regimes.part import regime_tables
from eventlab.contagion.system import System
from eventlab.contagion.tails.part import tail_tables
from eventlab.contagion.volatility.paths import correlation_path_tables
from eventlab.definitions.contagion import ContagionDefinition
from eventlab.timeline.clock import make_clock
from eventlab.timeline.types import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

CALM, CRISIS = (-120, -6), (0, 19)
TOP, REST = tuple(f"T{k}" for k in range(6)), tuple(f"R{k}" for k in range(8))


@cache
def clock_of(T: int) -> Clock:
    whole = make_clock("XNYS", date(2010, 1, 4), date(2010 + T // 240 + 1, 1, 4))
    return Clock(
        whole.code, whole.sessions[:T], whole.opens[:T], whole.closes[:T], whole.bar_minutes,
        whole.slots,
    )  # fmt: skip


def system_of(returns: npt.NDArray[np.float64], *, after: int = 20) -> System:
    """A system whose event has ``after`` bars from its session on."""
    N, T = returns.shape
    anchor = T - after
    admissible = np.zeros(T, dtype=np.bool_)
    admissible[-CALM[0] : anchor - CRISIS[1]] = True
    return System(
        names=tuple(f"S{k}" for k in range(N)),
        returns=np.ascontiguousarray(0.01 * returns),
        clock=clock_of(T),
        occurrence="event",
        anchor=anchor,
        anchors={"event": anchor},
        admissible=admissible,
        calm=CALM,
        crisis=CRISIS,
    )


def definition_of(system: System, **options: object) -> ContagionDefinition:
    return ContagionDefinition.model_validate(
        {
            "source": system.source,
            "targets": system.targets,
            "calm_window": CALM,
            "crisis_window": CRISIS,
            **options,
        }
    )


def tails(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    system = system_of(shocks(rng, "shock", 2, 2700))
    table = tail_tables(system, definition_of(system), seed=int(rng.integers(2**31))).tails
    for row in table.to_dict("records"):
        yield f"`{row['measure']}`, placebo", float(row["placebo_pvalue"])
        if row["measure"] in {"asymmetry", "downside_difference", "exceedance_difference"}:
            yield f"`{row['measure']}`, asymptotic", float(row["pvalue"])


def regimes(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    T = 900
    common, factor, *own = shocks(rng, "link", 2 + len(TOP) + len(REST) + 1, T)
    named = dict(zip((*TOP, *REST), (0.6 * common + 0.8 * one for one in own[:-1]), strict=True))
    named |= {"F0": common, "F1": factor, "MINER": 0.8 * common + 0.5 * factor + own[-1]}
    system = system_of(np.stack([common, factor]))
    definition = definition_of(
        system,
        regimes={
            "buckets": {"top": list(TOP), "rest": list(REST)},
            "betas": {"assets": ["MINER"], "factors": ["F0", "F1"]},
        },
    )
    seed = int(rng.integers(2**31))
    series = {name: 0.01 * values for name, values in named.items()}
    found = regime_tables(system, definition, series, lambda name: (name,), seed=seed)
    for row in found.buckets.to_dict("records"):
        if row["period"] == "change" and row["bucket"] == "difference":
            yield "difference of the buckets' mean correlations, placebo", row["placebo_pvalue"]
            p = row["absorption_placebo_pvalue"]
            yield "difference of the buckets' absorption ratios, placebo", p
    for row in found.beta_changes.to_dict("records"):
        yield "change of a beta, placebo", row["placebo_pvalue"]


def networks(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    system = system_of(shocks(rng, "shock", 4, 1500), after=121)
    definition = definition_of(system, connectedness={"draws": 0})
    density = network_tables(system, definition).network_density
    for row in density.to_dict("records"):
        yield f"density of the network, {row['period']}, placebo", row["placebo_pvalue"]
    table = spillover_tables(system, definition, seed=0).spillover
    change = table[(table["period"] == "change") & table["measure"].isin(["tci", "net"])]
    for row in change.to_dict("records"):
        yield f"change of {row['measure']}, placebo", row["placebo_pvalue"]


def paths(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    system = system_of(shocks(rng, "shock", 2, 1300))
    fits = correlation_path_tables(system).dcc_fits
    for row in fits[fits["parameter"].isin(["change", "beta_change"])].to_dict("records"):
        what = "correlation" if row["parameter"] == "change" else "conditional beta"
        yield f"change of the {what}, `{row['model']}`, placebo", row["placebo_pvalue"]
