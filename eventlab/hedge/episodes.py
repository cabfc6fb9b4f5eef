"""Episodes: the windows of occurrences that were accepted, those that overlap merged into one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.forecast import scale_factor
from eventlab.hedge.funding import unknown_funding
from eventlab.hedge.puts import put_ratio
from eventlab.hedge.ratios.many import ratios_at
from eventlab.hedge.setting import Estimate
from eventlab.hedge.signals import direction, reaction, why_unknown
from eventlab.hedge.timing import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from eventlab.definitions.strategy import RatioDefinition
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.timing import Span

__all__ = [
    "Accepted",
    "Episode",
    "accept",
    "decide",
    "entry_ratios",
    "inside_multiple",
    "merge",
    "ratios_on",
    "unpriced",
]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An occurrence whose entry was decided.

    ``multiple`` is what the book's weights are multiplied by inside: exposure, direction of the
    signal and scaling together; ``ratios`` (K,) are those of the instruments. ``resets`` brings the
    book back to its weights whether or not they change.
    """

    span: Span
    multiple: float
    ratios: npt.NDArray[np.float64]
    note: str
    resets: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of time inside: the first occurrence, and those that began before it was over.

    ``leave`` is the row in which the exit is filled, T or more where prices end before.
    """

    entries: tuple[Accepted, ...]
    leave: int

    @property
    def first(self) -> Accepted:
        """The occurrence that it began with."""
        return self.entries[0]


def accept(setting: Setting) -> tuple[tuple[Accepted, ...], tuple[tuple[str, str, str], ...]]:
    """Decide every entry on what was known then; the rest as (occurrence, symbol, reason)."""
    strategy = setting.strategy
    spans, without = spans_of(strategy, setting.occasions.every, setting.grid, setting.states)
    left_out = [(name, "all", why) for name, why in (*setting.occasions.outside, *without)]
    ratios = entry_ratios(setting, spans)
    accepted = []
    for span, (values, note) in zip(spans, ratios, strict=True):
        found = decide(setting, span, values, note)
        if isinstance(found, Accepted):
            accepted.append(found)
        else:
            left_out.append((span.occasion.name, *found))
    return tuple(accepted), tuple(left_out)


def decide(
    setting: Setting, span: Span, ratios: npt.NDArray[np.float64], note: str
) -> Accepted | tuple[str, str]:
    """Accept one entry, or say of which symbol and why not."""
    lacking = unpriced(setting, span)
    if lacking:
        return lacking
    if not np.isfinite(ratios).all():
        return "all", note
    without = unknown_funding(setting, span.decided)
    if without:
        return without
    multiple, seen = inside_multiple(setting, span)
    if multiple is None:
        return "all", seen
    said = "; ".join(filter(None, (span.occasion.note, span.note, note, seen)))
    return Accepted(span, multiple, ratios, said)


def unpriced(setting: Setting, span: Span) -> tuple[str, str] | None:
    """Name a sleeve without a leg that has a price when the entry is decided, and say so."""
    sleeves = setting.sleeves
    for sleeve in (*sleeves.book, *sleeves.hedge):
        legs = sleeve.of(span.occasion.issuer)
        if not any(setting.fresh[span.decided, leg] for leg in legs):
            day = setting.grid.clock.days[span.decided]
            return sleeve.name, f"no price of {sleeve.name} on {day}, when its entry is decided"
    return None


def entry_ratios(
    setting: Setting, spans: Sequence[Span]
) -> list[tuple[npt.NDArray[np.float64], str]]:
    """Hedge ratios when each entry is decided, and what is to be said of them."""
    rows = [(span.occasion.issuer, span.decided) for span in spans]
    return ratios_on(setting, rows)


def ratios_on(
    setting: Setting, wanted: Sequence[tuple[str | None, int]]
) -> list[tuple[npt.NDArray[np.float64], str]]:
    """Hedge ratios known at the closes of rows, by issuer; NaN with the reason where there is none.

    Without a hedge they are empty. Of puts: minus the value of the puts per value of the book.
    """
    hedge = setting.strategy.hedge
    if hedge is None:
        return [(np.empty(0), "")] * len(wanted)
    if hedge.ratio.method == "put":
        return [(put_ratio(setting, row), "") for _, row in wanted]
    for issuer in dict.fromkeys(one for one, _ in wanted):
        rows = {row for one, row in wanted if one == issuer}
        estimate(setting, hedge.ratio, issuer, rows)
    known = (setting.ratios[hedge.ratio, issuer, row] for issuer, row in wanted)
    return [(each.values, each.note) for each in known]


def estimate(
    setting: Setting, definition: RatioDefinition, issuer: str | None, rows: Iterable[int]
) -> None:
    """Fill in the ratios of a setting at the closes of rows where they are not known yet."""
    new = sorted(row for row in rows if (definition, issuer, row) not in setting.ratios)
    if not new:
        return
    past = setting.history(issuer)
    at = np.array([past.last(row) - 1 for row in new], dtype=np.int64)
    values, counts, notes = ratios_at(definition, past.book, past.instruments, at)
    for row, ratio, count, note in zip(new, values, counts, notes, strict=True):
        setting.ratios[definition, issuer, row] = Estimate(ratio, int(count), note)


def inside_multiple(setting: Setting, span: Span) -> tuple[float | None, str]:
    """Multiple of the book inside, with what led to it; None where the signal was not seen."""
    strategy, note = setting.strategy, ""
    multiple = strategy.exposure.inside
    if strategy.signal is not None:
        occasion, bars = span.occasion, strategy.signal.bars
        closes, trades = setting.signal_closes(occasion.issuer)
        seen = reaction(closes, occasion.day0, bars, trades=trades)
        lacking = why_unknown(closes, occasion.day0, bars, trades=trades)
        way, why = direction(strategy.signal, seen, lacking)
        if way == 0:
            return None, why
        multiple *= way
        note = f"reaction {seen:+.2%}"
    if strategy.scale is not None:
        past = setting.history(span.occasion.issuer)
        known = past.book[: past.last(span.decided)]
        factor, why = scale_factor(strategy.scale, known, setting.periods)
        if not np.isfinite(factor):
            return None, why
        multiple *= factor
        note = "; ".join(filter(None, (note, f"scaled by {factor:.3g}")))
    return multiple, note


def merge(accepted: Iterable[Accepted], *, touching: bool = False) -> tuple[Episode, ...]:
    """Join entries that are decided before the episode before them is over.

    When its exit would be decided, the later entry already has been: nothing is known too early.
    ``touching`` also joins an entry that is decided at the very close of the exit, where its put
    would be struck while the other is sold.
    """
    episodes: list[Episode] = []
    for entry in accepted:
        leave = max(entry.span.leave, entry.span.decided + 2)
        if episodes and entry.span.decided < episodes[-1].leave + touching:
            last = episodes[-1]
            episodes[-1] = replace(
                last, entries=(*last.entries, entry), leave=max(last.leave, leave)
            )
        else:
            episodes.append(Episode((entry,), leave))
    return tuple(episodes)
