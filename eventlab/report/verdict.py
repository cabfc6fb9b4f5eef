"""The first sentence of a page, and the reasons to doubt it: rules over a study's tables.

The asset of the sentence is the issuer where the event has one, because it was named before the
prices were looked at. Otherwise it is the most extreme asset, and its p is multiplied by the number
of assets that it was picked from. The window is the first of the definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventlab.report import summary
from eventlab.report.cells import cells
from eventlab.report.measure_words import measured_move, persistence, untested
from eventlab.report.numbers import (
    counted,
    days_words,
    integer,
    percent,
    pvalue,
    test_name,
)
from eventlab.report.units import unit_of
from eventlab.timeline.windows import parse_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from eventlab.report.cells import Cell
    from eventlab.study.results import EventStudy

__all__ = ["Verdict", "principal", "verdict"]

FEW_EVENTS = 10
FAR_MINUTES = 60.0
MUCH_LEFT_OUT = 0.2
RANKS = ("grank_t",)  # of the headline; its other tests average sizes
UNCONTROLLED = "not controlled for"  # how a note on overlaps begins; one on day 0 comes before it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the study found, in one sentence, and the reasons to doubt it, the strongest first."""

    group: str
    window: str
    sentence: str
    doubts: tuple[str, ...]
    found: bool  # whether it is more than chance at the study's level, and in one direction
    kind: str = "none"  # "moved" one way, "scattered", "chance" may be all, "untested", or "none"


def verdict(study: EventStudy) -> Verdict:
    """Return the finding on the principal asset and window, with its doubts."""
    cell, picked_from = principal(study)
    if cell is None:
        return Verdict("", "", "Nothing could be computed.", _without_cell(study), found=False)
    adjusted = float(np.minimum(1.0, cell.placebo * picked_from))  # NaN stays NaN, unlike in min()
    kind = _kind(cell, picked_from, adjusted, summary.level(study))
    evidence = _evidence(study, cell, picked_from, adjusted)
    move = measured_move if unit_of(study).log else _move
    sentence = f"{move(study, cell, picked_from, kind)} ({evidence})."
    doubts = (*_resolution(study, cell, picked_from, kind), *_doubts(study, cell, kind))
    doubts = tuple(doubt[0].upper() + doubt[1:] for doubt in doubts)
    return Verdict(cell.group, cell.window, sentence, doubts, kind == "moved", kind)


def _kind(cell: Cell, picked_from: int, adjusted: float, level: float) -> str:
    """Tell ``chance``, ``moved`` one way, ``scattered`` or ``untested``.

    Event days are more volatile than placebo dates: an average is one-sided only where the spread
    of the CARs themselves says so. One event has but one direction.
    """
    if np.isfinite(adjusted):
        unusual = adjusted < level
    elif picked_from > 1 or not any(np.isfinite(p) for p in cell.headline.values()):
        return "untested"
    else:
        unusual = cell.significant(level)
    if not unusual:
        return "chance"
    return "scattered" if cell.n_events > 1 and _holds_zero(cell) else "moved"


def _holds_zero(cell: Cell) -> bool:
    return bool(cell.interval.low <= 0 <= cell.interval.high)


def principal(study: EventStudy) -> tuple[Cell | None, int]:
    """Return the cell that the page speaks of first, and from how many assets it was picked.

    The issuer where there is one. Otherwise the least likely by chance of the assets that have at
    least half as many events as the one with most: two events of a young token head no page.
    """
    found = cells(study)
    usable = [
        cell
        for window in summary.windows(study)[:1]
        for group in summary.groups(study)
        if (cell := found.get((group, window))) is not None and np.isfinite(cell.caar)
    ]
    by_group = {cell.group: cell for cell in usable}
    for named in (study.event.issuer, "@issuer"):
        if named in by_group:
            return by_group[named], 1
    symbols = [cell for cell in usable if not cell.group.startswith("@") and cell.group != "all"]
    pool = symbols or usable
    most = max((cell.n_events for cell in pool), default=0)
    pool = [cell for cell in pool if 2 * cell.n_events >= most]
    return min(pool, key=_chance, default=None), max(1, len(pool))


def _chance(cell: Cell) -> tuple[float, float]:
    """Order cells: the least likely by chance first, the larger move where that is equal."""
    candidates = (cell.placebo, *cell.headline.values())
    return next((p for p in candidates if np.isfinite(p)), 1.0), -abs(cell.caar)


def _move(study: EventStudy, cell: Cell, picked_from: int, kind: str) -> str:
    """Say what the asset did, and never that nothing happened: a test can only fail to tell."""
    name = "the issuers" if cell.group == summary.ISSUER else cell.group
    size = percent(abs(cell.caar), sign=False)
    verb = "fell" if cell.caar < 0 else "rose"
    beyond, when = _beyond(study), days_words(cell.window, summary.bar_word(study))
    mean = f" on average over {integer(cell.n_events)} events" if cell.n_events > 1 else ""
    first = f"{name[0].upper()}{name[1:]}"
    if kind == "moved" and picked_from > 1:
        return f"Of {picked_from} assets {name} stands out: it {verb} {size} {beyond} {when}{mean}"
    if kind == "moved":
        return f"{first} {verb} {size} {beyond} {when}{mean}"
    if kind == "scattered":
        typical = summary.mean_size(study, cell.group, cell.window)
        chosen = f", the most unusual of {picked_from} assets," if picked_from > 1 else ""
        if np.isclose(typical, abs(cell.caar)):  # all of one sign
            return (
                f"{first}{chosen} moved more than chance allows {when}: it {verb} {size} {beyond}"
                f"{mean}, too few or too uneven to call it a direction"
            )
        return (
            f"{first}{chosen} moved more than chance allows {when}, by "
            f"{percent(typical, sign=False)} up or down {beyond}, but its direction may be chance: "
            f"it {verb} {size}{mean}"
        )
    if kind == "untested":
        chosen = f", the most extreme of {picked_from} assets," if picked_from > 1 else ""
        said = f"{first}{chosen} {verb} {size} {beyond} {when}{mean}"
        return f"{said}; {untested(study)}"
    said = f"It may be chance: {name} {verb} {size} {beyond} {when}{mean}"
    if picked_from > 1:
        said = (
            f"None of {picked_from} assets can be told from chance {when}{mean}; the most "
            f"extreme, {name}, {verb} {size} {beyond}"
        )
    return said


def _beyond(study: EventStudy) -> str:
    definition = study.event.study
    if definition is None or definition.model == "constant_mean":
        return "beyond its own mean return"
    if definition.model == "market_adjusted":
        return f"relative to {definition.benchmark}"
    if definition.model == "factor_model":
        return "beyond what its factors explain"
    return f"beyond what {definition.benchmark} explains"


def _evidence(study: EventStudy, cell: Cell, picked_from: int, adjusted: float) -> str:
    unit = unit_of(study)
    parts = [f"log {unit.write(cell.caar)}"] if unit.log else []
    if np.isfinite(cell.interval.low):
        bounds = f"{unit.write(cell.interval.low)} to {unit.write(cell.interval.high)}"
        parts.append(f"{summary.coverage(study)} interval {bounds}{_how(cell, picked_from)}")
    if np.isfinite(cell.placebo):
        said = f"placebo p {pvalue(cell.placebo)}"
        if cell.draws:
            said += f", {integer(cell.rank)} of {integer(cell.draws)} dates were as extreme"
        if picked_from > 1:
            said += f", {pvalue(adjusted)} after picking from {picked_from}"
        parts.append(said)
    else:
        named = [f"{test_name(test)} p {pvalue(p)}" for test, p in cell.headline.items()]
        none = "no test applies" if study.convention == "paper" else "none of ours was made"
        parts.append(", ".join(named) or none)
        if picked_from > 1:
            parts.append(f"picked from {picked_from} assets without a correction")
    return "; ".join(parts)


def _how(cell: Cell, picked_from: int) -> str:
    """Say what an interval allows for, and what it does not."""
    shared = ", widened for shared bars" if cell.interval.widened > 1 else ""
    return shared + (", before picking" if picked_from > 1 else "")


def _resolution(study: EventStudy, cell: Cell, picked_from: int, kind: str) -> Iterator[str]:
    """Whether there are too few placebo dates for any move to stand out."""
    smallest = picked_from / (1 + cell.draws)
    if kind == "chance" and cell.draws and smallest >= summary.level(study):
        yield (
            f"{integer(cell.draws)} placebo dates cannot give a p below {pvalue(smallest)} here, "
            "whatever happened."
        )


def _doubts(study: EventStudy, cell: Cell, kind: str) -> Iterator[str]:
    """Yield the reasons to doubt, the strongest kind first."""
    if study.convention != "paper":
        yield f"the tests are what {study.convention} prints, to reconcile with it; none is ours."
    else:
        yield from _disagreement(cell, summary.level(study), kind)
    several = cell.n_events > 1
    yield from _few_events(cell) if several else ()
    yield from _confounders(study, cell)
    yield from _few_events(cell) if not several else ()
    yield from _uneven_days(study, cell)
    yield from _sampling(study, cell)
    yield from _left_out(study, cell)
    yield from persistence(study)
    yield from _uncertain_day(study)
    yield from _prices(study, cell)


def _disagreement(cell: Cell, level: float, kind: str) -> Iterator[str]:
    if not np.isfinite(cell.placebo):
        note = next((each.note for each in cell.tests if each.test == "placebo"), "")
        why = f": {note.removeprefix('no placebo: ')}" if note else ""
        lean = " Tests on few events lean on the shape of the returns." if cell.headline else ""
        yield f"there is no placebo p{why}.{lean}"
        return
    rejects = [test for test, p in cell.headline.items() if p < level]
    keeps = [test for test, p in cell.headline.items() if p >= level]
    if kind == "chance" and cell.placebo >= level and rejects:
        names = _both(rejects)
        yield f"{names} would reject; the placebo dates, which keep the fat tails, do not."
    split = _ranks_against_sizes(rejects, keeps)
    if split:
        yield split
    elif kind == "moved" and keeps:
        names = _both(keeps)
        yield f"the placebo dates reject, {names} would not: event days may only be wilder."
    if kind == "moved" and cell.n_events == 1 and _holds_zero(cell):
        yield "the placebo dates reject, the interval from the forecast error holds zero."


def _ranks_against_sizes(rejects: list[str], keeps: list[str]) -> str:
    """Say that tests of ranks and tests of sizes disagree, each kind of one mind; else nothing.

    A few large moves carry an average and leave ranks in the middle; many small ones of one sign
    do the reverse, and what is large among them widens the errors of the average.
    """
    kinds = [{test in RANKS for test in tests} for tests in (rejects, keeps)]
    if kinds not in ([{True}, {False}], [{False}, {True}]):
        return ""
    no, yes = _both(keeps), _both(rejects)
    if rejects[0] in RANKS:
        many = "does" if len(keeps) == 1 else "do"
        return (
            f"{yes}, which goes by ranks, rejects and {no} {many} not: most moves point one way, "
            "but their sizes are too uneven for the average."
        )
    many = "rejects" if len(rejects) == 1 else "reject"
    return (
        f"{yes} {many} and {no}, which goes by ranks, does not: a few large moves may carry the "
        "average."
    )


def _both(tests: list[str]) -> str:
    """Write tests as ``Patell z, BMP and GRANK t``."""
    names = [test_name(test) for test in tests]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _confounders(study: EventStudy, cell: Cell) -> Iterator[str]:
    """Other events from the bar before the CAR window to its end."""
    first, last = parse_window(cell.window)
    table = study.overlaps[study.overlaps["window"] == "event"]
    days = study.occurrences
    own = set(days.loc[days["event_session"].notna(), "occurrence"])
    if own_cars := set(_with_car(study, cell)):
        own &= own_cars
    near = table[table["tau"].between(min(first, 0) - 1, last) & table["occurrence"].isin(own)]
    if near.empty:
        return
    touched, total = near["occurrence"].nunique(), len(own)
    if total == 1:
        shown = [
            f"{row['title']} ({_when(int(row['tau']))})" for row in summary.rows(_nearest(near))
        ]
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        yield f"{'; '.join(shown[:3])}{more} {'share' if len(shown) > 1 else 'shares'} its window."
        return
    counts = near.groupby("other_event")["occurrence"].nunique().sort_values(ascending=False)
    most = ", ".join(f"{name} {count}" for name, count in counts.head(3).items())
    yield f"{touched} of {total} occurrences share their window with other events ({most})."


def _with_car(study: EventStudy, cell: Cell) -> list[str]:
    """Return the occurrences in the cell's average; none where the cell is a group's."""
    cars = summary.group_cars(study, cell.group)
    cars = cars[(cars["window"] == cell.window) & cars["car"].notna()]
    return [str(name) for name in cars["occurrence"]]


def _nearest(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("tau", key=np.abs, kind="stable")


def _when(tau: int) -> str:
    if tau == 0:
        return "the same session"
    return f"{counted(abs(tau), 'bar')} {'earlier' if tau < 0 else 'later'}"


def _few_events(cell: Cell) -> Iterator[str]:
    if cell.n_events == 1:
        yield "it is one event: it says what happened once, not what such events do."
    elif cell.n_events < FEW_EVENTS:
        yield f"there are only {cell.n_events} events; one of them can carry the average."


def _uneven_days(study: EventStudy, cell: Cell) -> Iterator[str]:
    if summary.bar_word(study) == "bar" and cell.n_events == 1:
        yield (
            "the interval knows how wild this time of day usually is, not how wild this day is: "
            "95% intervals of bars miss 0 on 5 to 8% of all days; the placebo compares the same "
            "bar of other sessions."
        )


def _sampling(study: EventStudy, cell: Cell) -> Iterator[str]:
    table = summary.sampling_rows(study)
    own = table[(table["symbol"] == cell.group) & (table["minutes_apart"].abs() >= FAR_MINUTES)]
    for row in summary.rows(own):
        apart = f"{abs(row['minutes_apart']):.0f} minutes"
        side = "after" if row["minutes_apart"] > 0 else "before"
        yield f"{cell.group} is sampled {apart} {side} the clock's close ({row['basis']})."


def _left_out(study: EventStudy, cell: Cell) -> Iterator[str]:
    total = len(study.occurrences)
    if cell.group.startswith("@") or cell.group == "all":
        return
    if total > 1 and cell.n_events < (1 - MUCH_LEFT_OUT) * total:
        yield f"{total - cell.n_events} of {total} occurrences had to be left out (see below)."


def _uncertain_day(study: EventStudy) -> Iterator[str]:
    used = study.occurrences[study.occurrences["event_session"].notna()]
    open_ones = int(used["note"].str.contains(UNCONTROLLED, regex=False).sum())
    if open_ones:
        yield f"overlaps in {open_ones} of {len(used)} occurrences are not controlled for (below)."
    noted = int((used["note"].astype(bool) & ~used["note"].str.startswith(UNCONTROLLED)).sum())
    if noted:
        yield f"day 0 may be another session in {noted} of {len(used)} occurrences (below)."


def _prices(study: EventStudy, cell: Cell) -> Iterator[str]:
    table = study.quality
    own = table[(table["symbol"] == cell.group) & (table["severity"] != "note")]
    if len(own):
        yield f"{counted(len(own), 'warning')} about the prices of {cell.group} (below)."


def _without_cell(study: EventStudy) -> tuple[str, ...]:
    counts = summary.exclusion_counts(study)
    return tuple(f"{count.reason} ({count.count})" for count in counts[:3])
