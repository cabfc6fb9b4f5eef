"""The contagion of one event file: from its definition and prices to every table of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from eventlab.contagion.assembly import assemble
from eventlab.contagion.confounders import find_confounders
from eventlab.contagion.families import families_of
from eventlab.contagion.focus import choose_focus
from eventlab.contagion.pairs import pair_tables
from eventlab.contagion.parts import heavy_tables
from eventlab.contagion.results import EventContagion
from eventlab.contagion.sampling import sampling_table
from eventlab.contagion.scales import scales_of
from eventlab.contagion.truth import truth_table
from eventlab.errors import DataError, UsageError
from eventlab.kernels.threads import one_blas_thread
from eventlab.study.schedule import occurrence_table
from eventlab.study.steps import quietly

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventlab.contagion.assembly import Assembly
    from eventlab.contagion.confounders import Confounders
    from eventlab.contagion.pairs import PairTables
    from eventlab.contagion.scales import Scale
    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.market.types import Market
    from eventlab.study.steps import Progress

__all__ = ["run_contagion"]

EXCLUSION_COLUMNS = ["bar", "occurrence", "symbol", "part", "reason"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything about the pairs of one scale."""

    assembly: Assembly
    confounders: Confounders
    pairs: PairTables


@one_blas_thread()
def run_contagion(  # noqa: PLR0913 - the public names of the contract
    event: EventDefinition,
    market: Market,
    workspace: Workspace | None = None,
    *,
    seed: int = 0,
    draws: int | None = None,
    focus: Iterable[str] | None = None,
    progress: Progress = quietly,
) -> EventContagion:
    """Whether the shock of an event travelled: every pair, their averages, and the parts.

    Parameters
    ----------
    event
        A definition with a ``contagion`` section.
    market
        Prices; symbols that it lacks or has refused are listed in ``exclusions``.
    workspace
        Where ``@groups`` are expanded and whose other events can confound; that of ``market`` if
        it was loaded for one.
    seed, draws
        Of placebo draws and bootstraps; ``draws`` replaces the definition's.
    focus
        Ids of the occurrences that the heavy parts describe (spillovers, paths, tails, leads,
        networks, regimes), a ``@group`` as its basket alone. Else the latest whose windows nearly
        all pairs have complete: ``note`` of ``occurrences`` says which. Pairs and averages are of
        all occurrences and members.
    progress
        Called with (done, total) after each part of each occurrence in focus.

    Returns
    -------
    EventContagion
        Statistics of an occurrence use returns up to the end of its crisis window (connectedness
        and networks, of their own ``after`` windows); its placebo p-values also
        read the history up to the last occurrence that is asked for. So do averages and what is
        mediated across occurrences, which are of all of them.

    Raises
    ------
    UsageError
        The event has no ``contagion`` section, no workspace is known, or ``focus`` names an
        occurrence that it does not have.
    DataError
        None of the symbols has prices.
    """
    section = event.contagion
    if section is None:
        raise UsageError(
            f"{event.event}: no `contagion` section; add one with source, targets, calm_window and "
            "crisis_window"
        )
    workspace = workspace or market.workspace
    if workspace is None:
        raise UsageError(
            f"{event.event}: groups and other events need a workspace; load the prices with "
            "eventlab.load_market(workspace, source) or pass workspace="
        )
    drawn = section.draws if draws is None else draws
    measured, left_out = measure_scales(event, workspace, market, (drawn, seed))
    main = measured[0].assembly
    described = choose_focus(main, measured[0].pairs.pairs, focus)
    parts = heavy_tables(main, market, described.occurrences, seed, progress)
    left_out += [(main.scale.bar, *each) for each in parts.left_out]
    return EventContagion(
        event=event,
        stamp=market.stamp,
        seed=seed,
        occurrences=stacked([about(one, described.notes) for one in measured]),
        pairs=stacked([one.pairs.pairs for one in measured]),
        tests=stacked([one.pairs.tests for one in measured]),
        averages=stacked([one.pairs.averages for one in measured]),
        average_tests=stacked([one.pairs.average_tests for one in measured]),
        exclusions=pd.DataFrame(left_out, columns=EXCLUSION_COLUMNS),
        overlaps=stacked([one.confounders.overlaps for one in measured]),
        sampling=stacked([sampling_table(one.assembly) for one in measured]),
        truth=stacked([truth_table(market, one.assembly, one.pairs.pairs) for one in measured]),
        **parts.tables,
    )


def measure_scales(
    event: EventDefinition, workspace: Workspace, market: Market, draws: tuple[int, int]
) -> tuple[list[Measured], list[tuple[str, ...]]]:
    """Measure the pairs of every scale, and list what is left out as `EXCLUSION_COLUMNS`.

    Bars inside sessions that cannot be measured cost themselves alone; without the first scale
    there is nothing.
    """
    assert event.contagion is not None  # noqa: S101 - the caller has looked
    scales = scales_of(event, event.contagion)
    measured: list[Measured] = []
    left_out: list[tuple[str, ...]] = []
    for scale in scales:
        try:
            measured.append(measure(event, workspace, market, scale, draws))
        except DataError as error:
            if scale is scales[0]:
                raise
            left_out.append((scale.bar, "all", "all", "pairs", str(error)))
    for one in measured:
        bar = one.assembly.scale.bar
        left_out += [
            (bar, name, symbol, "pairs", why) for name, symbol, why in one.assembly.left_out
        ]
    return measured, left_out


def measure(
    event: EventDefinition,
    workspace: Workspace,
    market: Market,
    scale: Scale,
    draws: tuple[int, int],
) -> Measured:
    """Assemble one scale and test its pairs; ``draws`` are their number and their seed."""
    assembly = assemble(event, workspace, market, scale)
    confounders = find_confounders(assembly.schedule, workspace, scale)
    families = families_of(assembly, market)
    tables = pair_tables(assembly, families, confounders.words, draws=draws[0], seed=draws[1])
    return Measured(assembly, confounders, tables)


def about(measured: Measured, notes: dict[str, str]) -> pd.DataFrame:
    """One row per occurrence: what it is, what confounds it, whether it is described in full."""
    assembly, said = measured.assembly, measured.confounders.words
    table = occurrence_table(assembly.schedule, notes)
    days = pd.to_datetime(table["event_session"])  # of bars their closes in UTC
    return pd.DataFrame(
        {
            "bar": assembly.scale.bar,
            **{name: table[name] for name in ("occurrence", "title", "announced_at", "date")},
            "event_session": days if days.dt.tz is None else days.dt.tz_localize(None),
            "source": [
                assembly.names[one][0] if one in assembly.names else ""
                for one in table["occurrence"]
            ],
            "tags": table["tags"],
            "confounders": ["; ".join(said.get(one, ())) for one in table["occurrence"]],
            "note": table["note"],
        }
    )


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of all scales below each other; the first where all are empty."""
    held = [table for table in tables if len(table)]
    if not held:
        return tables[0]
    return held[0] if len(held) == 1 else pd.concat(held, ignore_index=True)
