"""From definitions and prices to the arrays of a study: one row per occurrence and asset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.market.panel import build_panel
from eventlab.study.specs import EventArrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market, Panel
    from eventlab.study.schedule import Schedule
    from eventlab.timeline.types import Overlap

__all__ = ["Assembly", "Pair", "assemble", "regressors_of"]

# Intraday sampling is used where it has at least this share of the rows that daily bars have:
# a fit never mixes the two, and a few missing hours do not turn a study back to daily closes.
INTRADAY_SHARE: Final = 0.95
MIN_CONTROLS: Final = 3  # sessions of the other event that an estimation window must hold


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
    columns
        Panel column that each pair uses; equal to ``arrays.column``.
    left_out
        (occurrence or "all", symbol, reason) of pairs that never reach the arrays.
    uncontrolled
        By occurrence: why an overlap could not be controlled for.
    """

    panel: Panel
    pairs: tuple[Pair, ...]
    arrays: EventArrays
    left_out: tuple[tuple[str, str, str], ...]
    uncontrolled: Mapping[str, str] = field(default_factory=dict)

    def column_of(self, symbol: str) -> int:
        """Column of a symbol's daily bars, or of its intraday bars where it has no others."""
        return columns_of(self.panel, symbol)[0]


def regressors_of(study: StudyDefinition) -> tuple[str, ...]:
    """Symbols that the model regresses on (or subtracts), the benchmark first."""
    named = () if study.benchmark is None else (study.benchmark,)
    if study.model == "factor_model":
        return (*named, *study.factors)
    return named if study.model in {"market_model", "market_adjusted"} else ()


def assemble(
    event: EventDefinition, workspace: Workspace, market: Market, schedule: Schedule
) -> Assembly:
    """Sample every price on the clock and lay out the pairs of occurrence and asset."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller studies events that say how
    pairs, left_out = collect_pairs(event, workspace, market, schedule)
    regressors = regressors_of(study)
    symbols = sorted({pair.symbol for pair in pairs} | (set(regressors) & set(market.symbols)))
    panel = build_panel(market, symbols, schedule.clock, study.daily_sampling)
    missing = [name for name in regressors if name not in symbols]
    if missing:
        reason = f"benchmark or factor {', '.join(missing)} has no prices in {market.stamp.source}"
        left_out += [("all", pair, reason) for pair in sorted({one.symbol for one in pairs})]
        pairs = []
    span = (study.estimation_window[0], study.event_window[1])
    chosen = np.array(
        [choose(panel, pair.symbol, pair.anchor, span) for pair in pairs], dtype=np.int64
    )
    factors = [[choose(panel, name, one.anchor, span) for name in regressors] for one in pairs]
    indicators, controls, uncontrolled = control(study, schedule, pairs)
    arrays = EventArrays(
        returns=np.ascontiguousarray(np.concatenate([panel.returns, indicators])),
        column=chosen,
        factors=np.array(factors, dtype=np.int64).reshape(len(pairs), len(regressors)),
        position=own_day0(panel, pairs, chosen),
        asset=np.array([symbols.index(pair.symbol) for pair in pairs], dtype=np.int64),
        anchor=np.array([pair.anchor for pair in pairs], dtype=np.int64),
        controls=np.where(controls >= 0, controls + len(panel.columns), -1),
    )
    return Assembly(panel, tuple(pairs), arrays, tuple(left_out), uncontrolled)


def collect_pairs(
    event: EventDefinition, workspace: Workspace, market: Market, schedule: Schedule
) -> tuple[list[Pair], list[tuple[str, str, str]]]:
    """Expand the assets of every occurrence, leaving out what cannot be studied."""
    study = event.study
    assert study is not None  # noqa: S101 - the caller studies events that say how
    overlapped = (
        {one.occurrence: one for one in schedule.overlaps if is_confounder(one, event.event)}
        if study.overlaps == "exclude"
        else {}
    )
    known = set(market.symbols)
    pairs: list[Pair] = []
    left_out: list[tuple[str, str, str]] = []
    absent: dict[str, str] = {}
    for occurrence in schedule.occurrences:
        tokens: dict[str, list[str]] = {}
        for token in study.assets:
            for symbol in workspace.expand((token,), issuer=occurrence.issuer):
                tokens.setdefault(symbol, []).append(token)
        if occurrence.id in schedule.outside:
            left_out.append((occurrence.id, "all", schedule.outside[occurrence.id]))
            tokens = {}
        elif occurrence.id in overlapped:
            other = overlapped[occurrence.id]
            reason = (
                f"overlaps: exclude, and {other.other_event}/{other.other_occurrence} "
                f"falls on bar {other.tau}"
            )
            left_out.append((occurrence.id, "all", reason))
            tokens = {}
        for symbol, names in tokens.items():
            if symbol not in known:
                absent[symbol] = market.refused.get(
                    symbol, f"no prices of {symbol} in {market.stamp.source}"
                )
                continue
            session = schedule.sessions[occurrence.id]
            instant = session.instant.earliest
            pairs.append(Pair(occurrence.id, symbol, tuple(names), session.position, instant))
    left_out += [("all", symbol, reason) for symbol, reason in absent.items()]
    return pairs, left_out


def is_confounder(overlap: Overlap, event_id: str) -> bool:
    """Whether an overlap is another event inside the event window."""
    return overlap.window == "event" and overlap.other_event != event_id


def own_day0(
    panel: Panel, pairs: list[Pair], column: npt.NDArray[np.int64]
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


def choose(panel: Panel, symbol: str, anchor: int, span: tuple[int, int]) -> int:
    """Column to use for a symbol over the rows that one occurrence reads."""
    columns = columns_of(panel, symbol)
    if len(columns) == 1:
        return columns[0]
    start, stop = max(0, anchor + span[0]), max(0, anchor + span[1] + 1)
    daily, intraday = (int(np.isfinite(panel.returns[c, start:stop]).sum()) for c in columns)
    return columns[1] if intraday > 0 and intraday >= INTRADAY_SHARE * daily else columns[0]


def control(
    study: StudyDefinition, schedule: Schedule, pairs: list[Pair]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], dict[str, str]]:
    """Make indicator rows (D, T) of other events, what each pair controls for, and what not.

    The indicator is 1 on the event sessions of the other event; its coefficient is that event's
    mean effect over the estimation window, which the normal return then contains on the bar of
    the overlap. With fewer than `MIN_CONTROLS` such sessions there is no effect to estimate.
    """
    names = sorted(schedule.others)
    indicators = np.zeros((len(names), len(schedule.clock)))
    for d, name in enumerate(names):
        indicators[d, list(schedule.others[name])] = 1.0
    controls = np.full((len(pairs), len(names)), -1, dtype=np.int64)
    uncontrolled: dict[str, str] = {}
    if study.overlaps != "control":
        return indicators[:0], controls[:, :0], uncontrolled
    wanted: dict[str, set[str]] = {}
    for overlap in schedule.overlaps:
        if overlap.window == "event" and overlap.other_event in schedule.others:
            wanted.setdefault(overlap.occurrence, set()).add(overlap.other_event)
    first, last = study.estimation_window
    for i, pair in enumerate(pairs):
        for name in sorted(wanted.get(pair.occurrence, ())):
            d = names.index(name)
            start, stop = max(0, pair.anchor + first), max(0, pair.anchor + last + 1)
            held = int(indicators[d, start:stop].sum())
            if held >= MIN_CONTROLS:
                controls[i, d] = d
            else:
                uncontrolled[pair.occurrence] = (
                    f"not controlled for {name}: {held} of its sessions in the estimation window, "
                    f"{MIN_CONTROLS} are needed"
                )
    return indicators, controls, uncontrolled
