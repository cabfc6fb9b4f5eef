"""Controlling for other events: indicator regressors of what else moves an asset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.kernels.factor_fits import MIN_DOF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Panel
    from eventlab.timeline.types import EventSession

__all__ = ["MIN_CONTROLS", "Controls", "Target", "control"]

MIN_CONTROLS: Final = 3  # bars with the other event that an estimation window must hold


@dataclass(frozen=True, slots=True)
class Target:
    """A pair to control: its panel columns (regressors after the asset) and its own day 0."""

    occurrence: str
    symbol: str
    columns: tuple[int, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Controls:
    """Indicators of other events, and who needs which.

    Attributes
    ----------
    indicators
        (D, T): 1 on the bars on which an asset could react to another event, its own day 0.
    of_pair
        (N, E) int64: rows of ``indicators`` that each pair is controlled for, -1 where unused.
    refused
        By occurrence: what it could not be controlled for, and why.
    """

    indicators: npt.NDArray[np.float64]
    of_pair: npt.NDArray[np.int64]
    refused: Mapping[str, str]


def control(
    study: StudyDefinition,
    panel: Panel,
    targets: Sequence[Target],
    others: Mapping[str, tuple[EventSession, ...]],
) -> Controls:
    """Give every pair an indicator of each other event that touches its event window.

    The indicator's coefficient is the mean effect of the other event over the estimation window,
    which the normal return then contains on the bar of the overlap. The estimation rows must hold
    `MIN_CONTROLS` of its bars, and not the very ones of another control: otherwise there is no
    effect to estimate, and ``refused`` says so. A study that does not ask for controls gets none.
    """
    T = len(panel.clock)
    if study.overlaps != "control":
        return Controls(np.empty((0, T)), np.empty((len(targets), 0), np.int64), {})
    days = _Days(panel, others)
    rows: dict[tuple[str, int], int] = {}
    chosen: list[list[int]] = []
    refused: dict[str, dict[str, list[str]]] = {}
    for target in targets:
        names, reasons = _wanted(study, panel, target, days)
        keys = [(name, target.columns[0]) for name in names]
        chosen.append([rows.setdefault(key, len(rows)) for key in keys])
        for reason in reasons:
            of_occurrence = refused.setdefault(target.occurrence, {})
            of_occurrence.setdefault(reason, []).append(target.symbol)
    indicators = np.zeros((len(rows), T))
    for key, row in rows.items():
        indicators[row, days.rows(*key)] = 1.0
    of_pair = np.full((len(targets), max(map(len, chosen), default=0)), -1, dtype=np.int64)
    for i, entries in enumerate(chosen):
        of_pair[i, : len(entries)] = entries
    return Controls(indicators, of_pair, _notes(refused, targets))


class _Days:
    """Bars on which a panel column could first react to the occurrences of another event."""

    def __init__(self, panel: Panel, others: Mapping[str, tuple[EventSession, ...]]) -> None:
        self._panel = panel
        self._others = others
        self._found: dict[tuple[str, int], npt.NDArray[np.int64]] = {}
        self.names = sorted(others)

    def rows(self, name: str, column: int) -> npt.NDArray[np.int64]:
        """Ascending rows, without those beyond the clock."""
        if (name, column) not in self._found:
            instants = [one.instant.earliest for one in self._others[name]]
            rows = np.unique(self._panel.positions_after(column, np.array(instants, np.int64)))
            self._found[name, column] = rows[rows < len(self._panel.clock)]
        return self._found[name, column]


def _wanted(
    study: StudyDefinition, panel: Panel, target: Target, days: _Days
) -> tuple[list[str], list[str]]:
    """Return the events to control a pair for, and reasons for those that it cannot be."""
    first, last = (max(0, target.position + bar) for bar in study.estimation_window)
    usable = np.zeros(len(panel.clock), dtype=np.bool_)
    usable[first : last + 1] = True
    beside = (study.lags or 1) if study.model == "dimson" else 0
    usable &= _complete(np.isfinite(panel.returns[list(target.columns)]), beside)
    if panel.spans is not None:  # bars that span a closure are in no regression
        usable &= ~panel.spans[list(target.columns)].any(axis=0)
    room = int(usable.sum()) - len(target.columns) - 2 * beside - MIN_DOF
    names: list[str] = []
    reasons: list[str] = []
    held: dict[bytes, str] = {}
    for name in days.names:
        rows = days.rows(name, target.columns[0])
        tau = rows - target.position
        if not ((tau >= study.event_window[0]) & (tau <= study.event_window[1])).any():
            continue
        inside = rows[usable[rows]]
        if len(inside) < MIN_CONTROLS:
            reasons.append(
                f"{name} ({len(inside)} of its bars among the estimation rows, "
                f"{MIN_CONTROLS} are needed)"
            )
        elif inside.tobytes() in held:
            reasons.append(f"{name} (on the very bars of {held[inside.tobytes()]})")
        elif len(names) >= room:
            reasons.append(f"{name} (too few estimation rows for another regressor)")
        else:
            held[inside.tobytes()] = name
            names.append(name)
    return names, reasons


def _complete(known: npt.NDArray[np.bool_], beside: int) -> npt.NDArray[np.bool_]:
    """(T,): rows with all returns that the model reads; ``known`` (1 + F, T), the asset's first.

    Regressors are read on ``beside`` bars before and after as well.
    """
    complete = np.asarray(known.all(axis=0))
    regressors = np.pad(known[1:].all(axis=0), beside)
    for bar in range(2 * beside + 1):
        complete &= regressors[bar : bar + known.shape[1]]
    return complete


def _notes(
    refused: Mapping[str, Mapping[str, Sequence[str]]], targets: Sequence[Target]
) -> dict[str, str]:
    """One line per occurrence; assets are named where only some are concerned."""
    everyone: dict[str, int] = {}
    for target in targets:
        everyone[target.occurrence] = everyone.get(target.occurrence, 0) + 1
    return {
        occurrence: "not controlled for "
        + "; ".join(
            reason if len(symbols) == everyone[occurrence] else f"{reason}: {', '.join(symbols)}"
            for reason, symbols in reasons.items()
        )
        for occurrence, reasons in refused.items()
    }
