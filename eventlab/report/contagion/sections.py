"""What is shown of a contagion, section by section: the same for the page and the terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eventlab.report.contagion import (
    every_test,
    lead_views,
    link_views,
    occurrence_views,
    regime_views,
    rest_views,
    spill_views,
    views,
)
from eventlab.report.contagion.layout import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["Piece", "sections"]

MEMBERS: Final = "Members of groups"


@dataclass(frozen=True, slots=True)
class Piece:
    """A table and its file; ``folded`` is the summary that it is folded under, empty if open.

    ``detail`` tables are on the terminal with ``--verbose`` only.
    """

    view: View
    file: str
    folded: str = ""
    detail: bool = False


def sections(result: EventContagion, occurrence: str) -> dict[str, tuple[Piece, ...]]:
    """Return the tables of an occurrence by section: only those with rows, in reading order.

    The keys are ``pairs <bar>`` for every width of bars, ``averages``, ``order``, ``connected``,
    ``network``, ``dynamic``, ``tails``, ``regimes``, ``left_out``, ``truth`` and ``sampling``.
    """
    every, result = result, _narrowed(result, occurrence)
    found = {f"pairs {bar}": _pairs(result, occurrence, bar) for bar in views.bars(result)}
    found |= {
        "averages": _averages(every),
        "order": _order(result, occurrence),
        "connected": _connected(result, occurrence),
        "network": _network(result, occurrence),
        "dynamic": _dynamic(result, occurrence),
        "tails": _tails(result, occurrence),
        "regimes": _regimes(result, occurrence),
        "left_out": _left_out(result, occurrence),
        "truth": _truth(result),
        "sampling": _sampling(result, occurrence),
    }
    return {name: tuple(piece for piece in own if piece.view) for name, own in found.items()}


def _narrowed(result: EventContagion, occurrence: str) -> EventContagion:
    """Leave out the rows of other occurrences: tables are searched again and again."""
    return replace(
        result,
        pairs=at(result.pairs, occurrence),
        tests=at(result.tests, occurrence),
        overlaps=at(result.overlaps, occurrence),
        sampling=at(result.sampling, occurrence),
    )


def _pairs(result: EventContagion, where: str, bar: str) -> Iterator[Piece]:
    file, tests = "contagion_pairs.csv", "contagion_tests.csv"
    yield Piece(views.pairs(result, where, bar), file)
    for members in (False, True):
        if members:
            yield Piece(views.pairs(result, where, bar, members=True), file, MEMBERS, detail=True)
        summary = "Every test of members" if members else "Every test"
        for view in every_test.pair_tests(result, where, bar, members=members):
            yield Piece(view, tests, summary, detail=True)


def _averages(result: EventContagion) -> Iterator[Piece]:
    file, tests = "contagion_averages.csv", "contagion_average_tests.csv"
    for bar in views.bars(result):
        whole = views.averages(result, bar=bar)
        yield Piece(whole, file)
        yield Piece(views.by_tag(result, bar), file, detail=True)
        yield Piece(occurrence_views.changed(result, bar), "contagion_pairs.csv", detail=True)
        yield Piece(views.averages(result, bar=bar, members=True), file, MEMBERS, detail=True)
        if not whole:
            continue
        for view in every_test.average_tests(result, bar=bar):
            yield Piece(view, tests, "Every test of the averages", detail=True)


def _order(result: EventContagion, where: str) -> Iterator[Piece]:
    chain, peaks = "contagion_chain.csv", "contagion_lead_lag_peaks.csv"
    yield Piece(lead_views.order(result, where), chain)
    yield Piece(lead_views.order(result, where, members=True), chain, MEMBERS, detail=True)
    yield Piece(lead_views.marks(result, where), "contagion_marks.csv")
    yield Piece(lead_views.mediation(result, where), "contagion_mediation.csv", detail=True)
    yield Piece(lead_views.leads(result, where), peaks, detail=True)
    yield Piece(lead_views.leads(result, where, members=True), peaks, MEMBERS, detail=True)


def _connected(result: EventContagion, where: str) -> Iterator[Piece]:
    file = "contagion_spillover.csv"
    yield Piece(spill_views.spillover(result, where), file)
    yield Piece(spill_views.parts_of_tci(result, where), file, detail=True)
    yield Piece(spill_views.pairwise(result, where), file, "Who gives to whom", detail=True)


def _network(result: EventContagion, where: str) -> Iterator[Piece]:
    yield Piece(link_views.density(result, where), "contagion_network_density.csv", detail=True)
    yield Piece(
        link_views.network(result, where), "contagion_network.csv", "Every arrow", detail=True
    )


def _dynamic(result: EventContagion, where: str) -> Iterator[Piece]:
    fits, volatility = "contagion_dcc_fits.csv", "contagion_volatility.csv"
    yield Piece(link_views.dynamics(result, where), fits, detail=True)
    yield Piece(link_views.dynamics(result, where, members=True), fits, MEMBERS, detail=True)
    yield Piece(link_views.variances(result, where), fits, "Variance of each series", detail=True)
    yield Piece(link_views.volatility(result, where), volatility, detail=True)
    yield Piece(
        link_views.volatility(result, where, members=True), volatility, MEMBERS, detail=True
    )


def _tails(result: EventContagion, where: str) -> Iterator[Piece]:
    file = "contagion_tails.csv"
    yield Piece(link_views.tails(result, where), file, detail=True)
    yield Piece(link_views.tails(result, where, members=True), file, MEMBERS, detail=True)


def _regimes(result: EventContagion, where: str) -> Iterator[Piece]:
    yield Piece(regime_views.buckets(result, where), "contagion_buckets.csv", detail=True)
    yield Piece(regime_views.betas(result, where), "contagion_beta_changes.csv", detail=True)
    yield Piece(regime_views.bubbles(result, where), "contagion_bubbles.csv", detail=True)


def _left_out(result: EventContagion, where: str) -> Iterator[Piece]:
    file = "contagion_overlaps.csv"
    yield Piece(rest_views.overlaps(result, where), file, detail=True)
    yield Piece(
        rest_views.overlaps(result, where, calm=True), file, "In the calm window", detail=True
    )
    yield Piece(rest_views.exclusions(result), "contagion_exclusions.csv")


def _truth(result: EventContagion) -> Iterator[Piece]:
    file = "contagion_truth.csv"
    yield Piece(rest_views.truth_counts(result), file)
    yield Piece(rest_views.truth(result), file, "Pairs with a stronger link", detail=True)


def _sampling(result: EventContagion, where: str) -> Iterator[Piece]:
    yield Piece(rest_views.sampling(result, where), "contagion_sampling.csv", detail=True)
