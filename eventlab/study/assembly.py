"""From definitions and prices to the arrays of a study: one row per occurrence and asset."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.measures import measure_panel
from eventlab.market.panel import build_panel
from eventlab.study.bar_prices import absence, fullest, usable_symbols
from eventlab.study.models.controls import Controls, Target, control
from eventlab.study.models.specs import EventArrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market, Panel
    from eventlab.study.schedule import Schedule
    from eventlab.timeline.types import Clock, EventSession, Overlap

__all__ = ["Assembly", "Pair", "assemble", "first_events", "regressors_of"]

# Intraday sampling is used where it has at least this share of the rows that daily bars have:
# a fit never mixes the two, and a few missing hours do not turn a study back to daily closes.
INTRADAY_SHARE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Pair:
    """One asset at one occurrence.

    ``tokens`` are the entries of ``study.assets`` it came from, ``anchor`` the row of the event
    session on the study's clock, ``instant`` the news (UTC ns). The row of the asset's own day 0
    is in ``Assembly.arrays.position``.
    """

    occurrence: str
    symbol: str
    tokens: tuple[str, ...]
    anchor: int
    instant: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """The arrays of a study and what each row and column of them is.

    Attributes
    ----------
    pairs
        N pairs of occurrence and asset, in the order of ``arrays``.
    set_aside
        Pairs of occurrences that the study excludes because of an overlap, or that were not asked
        for this time. Nothing is computed for them, but they happened: the placebo keeps away
        from them.
    arrays, every
        Rows of ``pairs`` alone; and followed by those of ``set_aside``.
    left_out
        (occurrence or "all", symbol or "all", reason) of what never reaches the fits.
    uncontrolled
        By occurrence: which overlaps could not be controlled for.
    """

    panel: Panel
    pairs: tuple[Pair, ...]
    set_aside: tuple[Pair, ...]
    arrays: EventArrays
    every: EventArrays
    left_out: tuple[tuple[str, str, str], ...]
    uncontrolled: Mapping[str, str] = field(default_factory=dict)

    def column_of(self, symbol: str) -> int:
        """Column in which every occurrence of a symbol is studied; where they differ, daily bars.

        Those reach further back, and returns of both are never in one mean.
        """
        own = np.array([pair.symbol == symbol for pair in self.pairs], dtype=np.bool_)
        used = np.unique(self.arrays.column[own])
        return int(used[0]) if len(used) == 1 else columns_of(self.panel, symbol)[0]


@dataclass(frozen=True, slots=True)
class Span:
    """The bars that one occurrence reads, relative to its event session.

    From the first bar of the estimation window to the last of the event window, which begins at
    ``event``.
    """

    first: int
    event: int
    last: int

    def rows(self, anchor: int) -> slice:
        """Rows of the clock around ``anchor``."""
        return slice(max(0, anchor + self.first), max(0, anchor + self.last + 1))

    def event_rows(self, anchor: int) -> slice:
        """Those of the event window alone."""
        return slice(max(0, anchor + self.event), max(0, anchor + self.last + 1))


def regressors_of(study: StudyDefinition) -> tuple[str, ...]:
    """Symbols that the model regresses on (or subtracts), the benchmark first."""
    named = () if study.benchmark is None else (study.benchmark,)
    if study.model == "factor_model":
        return (*named, *study.factors)
    return () if study.model == "constant_mean" else named


def assemble(
    event: EventDefinition, workspace: Workspace, market: Market, schedule: Schedule
) -> Assembly:
    """Sample every price on the clock and lay out the pairs of occurrence and asset."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller studies events that say how
    listed = collect_pairs(event, workspace, market, schedule)
    regressors = regressors_of(study)
    symbols = {pair.symbol for pair in (*listed.pairs, *listed.set_aside)}
    held = sorted(symbols | (set(regressors) & set(market.symbols)))
    returns = build_panel(market, held, schedule.clock, study.daily_sampling)
    panel = measure_panel(returns, market, study.measure)
    known = usable_symbols(market, schedule.clock.bar_minutes)
    absent = [name for name in regressors if name not in known]
    if absent:
        reasons = "; ".join(absence(name, market, schedule.clock) for name in absent)
        listed.left_out += [
            ("all", symbol, f"benchmark or factor: {reasons}")
            for symbol in dict.fromkeys(pair.symbol for pair in listed.pairs)
        ]
        listed = Listed([], [], listed.left_out)
    span = Span(study.estimation_window[0], study.event_window[0], study.event_window[1])
    targets = make_targets((*listed.pairs, *listed.set_aside), panel, regressors, span)
    listed, targets = with_day0(listed, targets, schedule.clock)
    pairs = (*listed.pairs, *listed.set_aside)
    controls = control(study, panel, targets, schedule.others)
    every = event_arrays(panel, pairs, targets, controls, len(regressors))
    return Assembly(
        panel=panel,
        pairs=tuple(listed.pairs),
        set_aside=tuple(listed.set_aside),
        arrays=first_events(every, len(listed.pairs)),
        every=every,
        left_out=tuple(listed.left_out),
        uncontrolled=controls.refused,
    )


def event_arrays(
    panel: Panel,
    pairs: tuple[Pair, ...],
    targets: list[Target],
    controls: Controls,
    n_regressors: int,
) -> EventArrays:
    """Lay out the pairs; the indicators of other events follow the columns of the panel."""
    own = sorted({pair.symbol for pair in pairs})
    arrays = EventArrays(
        returns=np.ascontiguousarray(np.concatenate([panel.returns, controls.indicators])),
        column=np.array([one.columns[0] for one in targets], dtype=np.int64),
        factors=np.array([one.columns[1:] for one in targets], dtype=np.int64).reshape(
            len(pairs), n_regressors
        ),
        position=np.array([one.position for one in targets], dtype=np.int64),
        asset=np.array([own.index(pair.symbol) for pair in pairs], dtype=np.int64),
        anchor=np.array([pair.anchor for pair in pairs], dtype=np.int64),
        controls=np.where(controls.of_pair >= 0, controls.of_pair + len(panel.columns), -1),
    )
    return arrays if panel.spans is None else bar_arrays(panel, arrays)


def bar_arrays(panel: Panel, arrays: EventArrays) -> EventArrays:
    """Add what tells bars inside sessions apart; an indicator spans nothing."""
    assert panel.spans is not None  # noqa: S101 - a panel of bars has them
    others = np.zeros((len(arrays.returns) - len(panel.columns), len(panel.clock)), dtype=np.bool_)
    spans = np.concatenate([panel.spans, others])
    return replace(arrays, slot=panel.clock.slots, spans=spans if spans.any() else None)


def with_day0(listed: Listed, targets: list[Target], clock: Clock) -> tuple[Listed, list[Target]]:
    """Keep what has a day 0 of its own; a studied pair that has none is left out, and listed."""
    kept = Listed(left_out=listed.left_out)
    found: list[Target] = []
    for i, (pair, target) in enumerate(
        zip((*listed.pairs, *listed.set_aside), targets, strict=True)
    ):
        studied = i < len(listed.pairs)
        if target.position < len(clock):
            (kept.pairs if studied else kept.set_aside).append(pair)
            found.append(target)
        elif studied:
            reason = (
                f"no bar of it closes after the news before the data end, on {clock.sessions[-1]}"
            )
            kept.left_out.append((pair.occurrence, pair.symbol, reason))
    return kept, found


def make_targets(
    pairs: tuple[Pair, ...],
    panel: Panel,
    regressors: tuple[str, ...],
    span: Span,
    known: dict[tuple[object, ...], int] | None = None,
) -> list[Target]:
    """Choose the columns of every pair and find the asset's own day 0.

    ``known`` remembers choices on this panel from one call to the next.
    """
    chosen = Chosen(panel, span, {} if known is None else known)
    column = [chosen.own(pair.symbol, pair.anchor) for pair in pairs]
    position = own_day0(panel, pairs, np.array(column, dtype=np.int64))
    targets = []
    for pair, own, row in zip(pairs, column, position, strict=True):
        beside = (chosen.beside(name, own, pair.anchor) for name in regressors)
        targets.append(Target(pair.occurrence, pair.symbol, (own, *beside), int(row)))
    return targets


@dataclass(frozen=True, slots=True)
class Chosen:
    """Columns of a panel over a span, each chosen once: assets share dates and regressors."""

    panel: Panel
    span: Span
    known: dict[tuple[object, ...], int]

    def own(self, symbol: str, anchor: int) -> int:
        """Column of an asset at an event."""
        key = (self.span, symbol, anchor)
        if key not in self.known:
            self.known[key] = choose(self.panel, symbol, anchor, self.span)
        return self.known[key]

    def beside(self, symbol: str, column: int, anchor: int) -> int:
        """Column of a regressor of an asset that is sampled in ``column``."""
        key = (self.span, symbol, column, anchor)
        if key not in self.known:
            self.known[key] = choose_beside(self.panel, symbol, column, anchor, self.span)
        return self.known[key]


@dataclass(slots=True)
class Listed:
    """Pairs to study, pairs that are set aside, and what is left out of the numbers.

    ``left_out`` has (occurrence or "all", symbol or "all", reason).
    """

    pairs: list[Pair] = field(default_factory=list)
    set_aside: list[Pair] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)


def collect_pairs(
    event: EventDefinition, workspace: Workspace, market: Market, schedule: Schedule
) -> Listed:
    """Expand the assets of every occurrence, leaving out what cannot be studied."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller studies events that say how
    overlapped = confounders(event.event, schedule) if study.overlaps == "exclude" else {}
    known = usable_symbols(market, schedule.clock.bar_minutes)
    listed = Listed()
    missing: dict[str, None] = {}
    for occurrence in schedule.occurrences:
        session = schedule.sessions.get(occurrence.id)
        if session is None:
            listed.left_out.append((occurrence.id, "all", schedule.outside[occurrence.id]))
            continue
        others = overlapped.get(occurrence.id)
        if others:
            listed.left_out.append((occurrence.id, "all", f"overlaps: exclude; {others}"))
        for symbol, tokens in expand(workspace, study.assets, occurrence.issuer).items():
            if symbol in known:
                pair = pair_at(session, symbol, tokens)
                (listed.set_aside if others else listed.pairs).append(pair)
            else:
                missing[symbol] = None
    listed.left_out += [
        ("all", symbol, absence(symbol, market, schedule.clock)) for symbol in missing
    ]
    for sibling in schedule.siblings:
        session = schedule.sessions.get(sibling.id)
        for symbol, tokens in expand(workspace, study.assets, sibling.issuer).items():
            if session is not None and symbol in known:
                listed.set_aside.append(pair_at(session, symbol, tokens))
    return listed


def confounders(event_id: str, schedule: Schedule) -> dict[str, str]:
    """By occurrence: the other events inside its event window, in the order of their bars."""
    found: dict[str, list[str]] = {}
    for one in schedule.overlaps:
        if is_confounder(one, event_id):
            said = f"{one.other_event}/{one.other_occurrence} on bar {one.tau}"
            found.setdefault(one.occurrence, []).append(said)
    return {occurrence: ", ".join(said) for occurrence, said in found.items()}


def expand(
    workspace: Workspace, tokens: tuple[str, ...], issuer: str | None
) -> dict[str, tuple[str, ...]]:
    """Symbols that the entries of ``study.assets`` stand for, each with the entries it is from."""
    found: dict[str, list[str]] = {}
    for token in tokens:
        for symbol in workspace.expand((token,), issuer=issuer):
            found.setdefault(symbol, []).append(token)
    return {symbol: tuple(names) for symbol, names in found.items()}


def pair_at(session: EventSession, symbol: str, tokens: tuple[str, ...]) -> Pair:
    """Make the pair of an asset and an occurrence that has a day 0."""
    instant = session.instant.earliest
    return Pair(session.occurrence, symbol, tokens, session.position, instant)


def is_confounder(overlap: Overlap, event_id: str) -> bool:
    """Whether an overlap is another event inside the event window."""
    return overlap.window == "event" and overlap.other_event != event_id


def own_day0(
    panel: Panel, pairs: tuple[Pair, ...], column: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """(N,): row of each asset's own first bar that is due to close after the news."""
    instants = np.array([pair.instant for pair in pairs], dtype=np.int64)
    position = np.empty(len(pairs), dtype=np.int64)
    for c in np.unique(column):
        rows = column == c
        position[rows] = panel.positions_after(int(c), instants[rows])
    return position


def columns_of(panel: Panel, symbol: str) -> list[int]:
    """Columns of a symbol, daily before intraday."""
    found = [c for c, column in enumerate(panel.columns) if column.symbol == symbol]
    return sorted(found, key=lambda c: panel.columns[c].basis == "intraday")


def choose(panel: Panel, symbol: str, anchor: int, span: Span) -> int:
    """Column to use for a symbol over the rows that one occurrence reads.

    Intraday bars, unless they have fewer than `INTRADAY_SHARE` of the rows of the daily ones, or
    lack a bar of the event window that those have (they end inside it, say).
    """
    columns = columns_of(panel, symbol)
    if len(columns) == 1:
        return columns[0]
    if panel.clock.bar_minutes:  # several series of intraday bars
        return fullest(panel, columns, span.rows(anchor))
    daily, intraday = np.isfinite(panel.returns[columns][:, span.rows(anchor)])
    event = np.isfinite(panel.returns[columns][:, span.event_rows(anchor)])
    enough = intraday.any() and intraday.sum() >= INTRADAY_SHARE * daily.sum()
    return columns[1] if enough and not (event[0] & ~event[1]).any() else columns[0]


def choose_beside(panel: Panel, symbol: str, column: int, anchor: int, span: Span) -> int:
    """Column to use for a regressor of an asset that is sampled in ``column``.

    Where the asset has only daily bars that close hours from the clock, the regressor's daily bars
    are used too if they close nearer to them than its intraday bars: a token at midnight UTC is
    measured against bitcoin at midnight UTC, not at the exchange's close.
    """
    best = choose(panel, symbol, anchor, span)
    daily = columns_of(panel, symbol)[0]
    if panel.columns[column].basis not in {"nearest close", "previous close"} or best == daily:
        return best
    rows = span.rows(anchor)
    distances = []
    for candidate in (daily, best):
        gap = np.abs(panel.minutes_apart[candidate, rows] - panel.minutes_apart[column, rows])
        known = gap[np.isfinite(gap)]
        distances.append(float(np.median(known)) if len(known) else np.inf)
    return daily if distances[0] < distances[1] else best


def first_events(arrays: EventArrays, n: int) -> EventArrays:
    """Keep the first ``n`` events of ``arrays``, on the same returns."""
    return replace(
        arrays,
        column=arrays.column[:n],
        factors=arrays.factors[:n],
        position=arrays.position[:n],
        asset=arrays.asset[:n],
        anchor=arrays.anchor[:n],
        controls=arrays.controls[:n],
    )
