"""Verdicts beside what was injected, where the market is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.contagion.assembly import Assembly
    from eventlab.market.simulated_crises import Crisis, SimulatedCrises
    from eventlab.market.types import Market

__all__ = ["TRUTH_COLUMNS", "truth_table"]

TRUTH_COLUMNS: Final = ["bar", "occurrence", "source", "target", "kind", "verdict"]
WHOLE: Final = 0.9  # share of the crisis window that one crisis covers
LINKED: Final = 0.1  # change of a pair's covariance over the variance of tech that is one


def truth_table(market: Market, assembly: Assembly, pairs: pd.DataFrame) -> pd.DataFrame:
    """Set what the simulation injected beside the verdict of every pair that it can be said of.

    ``none``: no crisis touches either window. ``volatility``: one covers the crisis window, none
    touches the calm one, and what the pair shares of tech stays as it is. ``contagion``: the target
    takes on what the source always loaded on. ``common``: the source takes on more of tech itself,
    as bitcoin does, so that the pair shares more than before, but not from the source: its link to
    ether, a beta of 1.15, stays 1.15. Pairs of windows that crises touch in another way have no
    row, nor do symbols that the simulation has no loadings of. What news itself moves is another
    truth, which `eventlab data truth` lists.
    """
    truth = market.crises
    if truth is None or pairs.empty:
        return pd.DataFrame(columns=TRUTH_COLUMNS)
    states = {name: state_at(assembly, row, truth.crises) for name, row in assembly.anchors.items()}
    rows = []
    for occurrence, source, target, verdict in zip(
        pairs["occurrence"], pairs["source"], pairs["target"], pairs["verdict"], strict=True
    ):
        state = states[occurrence]
        members = assembly.members(target, source) or (target,)
        changes = [passed_on(truth, source, one) for one in members]
        known = [change for change in changes if change is not None]
        if not state or not known:
            continue
        kind = state
        if state == "contagion":
            shared_more = sum(known) / len(known) > LINKED
            itself = "common" if truth.contagion[source] > 0.0 else "contagion"
            kind = itself if shared_more else "volatility"
        rows.append((assembly.scale.bar, occurrence, source, target, kind, verdict))
    return pd.DataFrame(rows, columns=TRUTH_COLUMNS)


def state_at(assembly: Assembly, row: int, crises: Iterable[Crisis]) -> str:
    """Kind of the crisis around a row, ``none``, or nothing where that cannot be said."""
    clock, scale = assembly.schedule.clock, assembly.scale
    calm, crisis = (
        (int(clock.opens[row + window[0]]), int(clock.closes[row + window[1]]))
        for window in (scale.calm, scale.crisis)
    )
    found = "none"
    for one in crises:
        if shared(one, calm) > 0.0:
            return ""
        covered = shared(one, crisis)
        if covered >= WHOLE:  # of two at once loadings are the larger
            found = "contagion" if "contagion" in (found, one.kind) else one.kind
        elif covered > 0.0:
            return ""
    return found


def shared(crisis: Crisis, span: tuple[int, int]) -> float:
    """Share of a span of time that lies inside a crisis."""
    inside = min(crisis.end, span[1]) - max(crisis.start, span[0])
    return max(0, inside) / (span[1] - span[0])


def passed_on(truth: SimulatedCrises, source: str, target: str) -> float | None:
    """Return what a crisis adds to the covariance of a pair, over the variance of tech."""
    if source not in truth.tech or target not in truth.tech:
        return None
    return (
        truth.tech[source] * truth.contagion[target]
        + truth.contagion[source] * truth.tech[target]
        + truth.contagion[source] * truth.contagion[target]
    )
