"""A study arranged for reading: what the terminal's tables and the pages both show.

Everything here is taken from the study's tables; only the intervals are worked out, from the
CARs and standard errors that stand in them. They cover 1 - level of the study's definition.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventlab.study.inference.headline import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.study.results import EventStudy
    from eventlab.study.specifications.curve import CurveSheet

__all__ = [
    "ALL",
    "ISSUER",
    "PLACEBO",
    "ReasonCount",
    "announced",
    "car_bounds",
    "coverage",
    "exclusion_counts",
    "group_cars",
    "groups",
    "headline_tests",
    "issuer_cars",
    "level",
    "mean_size",
    "mixed_symbols",
    "raw_day0",
    "regressors",
    "rows",
    "sampling_rows",
    "tags",
    "windows",
    "without_band",
]

PLACEBO = "placebo"
ALL = "all"
ISSUER = "@issuer"
# Dates, with their time, and whole numbers outside of brackets: [-250,-11] stays as it is.
SHARED_BARS = (
    "on bars by which windows of different dates overlap, where dates drawn one by one vary less "
    "than the real ones"
)
VARYING = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?|(?<![\w\[,.\-])\d+(?![\w\],.])")


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many occurrence-symbol pairs were left out for one reason, and which symbols."""

    reason: str
    count: int
    symbols: tuple[str, ...]
    occurrences: int
    windows: tuple[str, ...]


def rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as column to value."""
    names = list(frame.columns)
    for values in zip(*(frame[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def windows(study: EventStudy) -> tuple[str, ...]:
    """Return the CAR windows in the order of the definition."""
    return tuple(dict.fromkeys(study.aggregates["window"]))


def groups(study: EventStudy) -> tuple[str, ...]:
    """Return the symbols, ``@groups`` and ``all``, in the order of the study."""
    return tuple(dict.fromkeys(study.aggregates["group"]))


def tags(study: EventStudy) -> tuple[str, ...]:
    """Return the tags that aggregates are given for, ``all`` first."""
    found = dict.fromkeys(study.aggregates["tag"])
    return (ALL, *(tag for tag in found if tag != ALL))


def level(study: EventStudy | CurveSheet) -> float:
    """Return the significance level of the study."""
    return study.event.study.level if study.event.study is not None else 0.05


def regressors(definition: StudyDefinition) -> str:
    """Name what normal returns are measured against: ``SPY, SMH``; empty for a constant mean."""
    used = (definition.benchmark, *definition.factors)
    return ", ".join(filter(None, used if definition.model != "constant_mean" else ()))


def coverage(study: EventStudy) -> str:
    """Write the coverage of the study's intervals: ``95%``."""
    return f"{100 * (1 - level(study)):g}%"


def clock_words(definition: StudyDefinition) -> str:
    """Name the clock, with the width of its bars where they are not whole sessions."""
    if definition.bar == "session":
        return definition.clock
    return f"{definition.clock} in bars of {definition.bar.removesuffix('min')} minutes"


def bar_word(study: EventStudy) -> str:
    """Say what the study's windows count: days, or bars inside them."""
    return "day" if study.event.study is None or study.event.study.bar == "session" else "bar"


def headline_tests(study: EventStudy, window: str) -> tuple[str, ...]:
    """Return the tests that are in a window's headline, in its order, the placebo left out."""
    table = study.tests[(study.tests["window"] == window) & (study.tests["tag"] == ALL)]
    found = set(table.loc[table["headline"].astype(bool), "test"])
    return tuple(test for test in HEADLINE if test in found)


def raw_day0(study: EventStudy) -> dict[str, float]:
    """Return symbol to its mean raw return of day 0, decimals, over the occurrences studied.

    Nothing where no returns are measured.
    """
    if study.event.study is not None and study.event.study.measure != "returns":
        return {}
    table = study.abnormal_returns
    day = table[(table["tau"] == 0) & table["ar"].notna()]
    means = day.groupby("symbol", sort=False)["actual"].mean()
    return {str(symbol): float(value) for symbol, value in means.items()}


def announced(study: EventStudy, occurrence: str) -> str:
    """Say when an occurrence was announced, as closely as its definition knows it."""
    row = study.occurrences.set_index("occurrence").loc[occurrence]
    if row["precision"] == "minute":
        return f"{row['announced_at']:%Y-%m-%d %H:%M} UTC"
    found = next(one for one in study.event.resolved_occurrences() if one.id == occurrence)
    if found.session is None:
        return f"on {found.date}, at a time that is not known"
    return f"on {found.date}, {found.session.replace('_', ' the ')} of {found.exchange}"


def mixed_symbols(study: EventStudy) -> tuple[str, ...]:
    """Return the symbols that are sampled in another way at some occurrences than at others."""
    bases = study.sampling.groupby("symbol", sort=False)["basis"].nunique()
    return tuple(bases.index[bases > 1])


def exclusion_counts(study: EventStudy) -> tuple[ReasonCount, ...]:
    """Group the exclusions by reason, the commonest first.

    Reasons that differ in dates and numbers only are one; those become ranges, ``0..57``.
    """
    found: dict[str, list[int]] = {}
    slots: dict[str, list[list[str]]] = {}
    for place, row in enumerate(rows(study.exclusions)):
        reason = row["reason"].removeprefix(f"{study.event.event}/{row['occurrence']}: ")
        reason = reason.removeprefix(f"{row['symbol']} ") if row["symbol"] else reason
        template = VARYING.sub("\0", reason)
        found.setdefault(template, []).append(place)
        slots.setdefault(template, []).append(VARYING.findall(reason))
    counts = []
    for template, places in found.items():
        part = study.exclusions.iloc[places]
        counts.append(
            ReasonCount(
                _with_ranges(template, slots[template]),
                len(part),
                tuple(symbol for symbol in dict.fromkeys(part["symbol"]) if symbol),
                _occurrences(study, part),
                tuple(window for window in dict.fromkeys(part["window"]) if window),
            )
        )
    return tuple(sorted(counts, key=lambda each: -each.count))


def _occurrences(study: EventStudy, part: pd.DataFrame) -> int:
    """Count the occurrences of some exclusions; an asset may be left out of every one at once."""
    named = set(part["occurrence"])
    return len(study.occurrences) if ALL in named else len(named)


def without_band(study: EventStudy) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return why paths over all occurrences have no placebo band, or a short one: and whose."""
    known = study.paths[(study.paths["tag"] == ALL) & study.paths["caar"].notna()]
    drawn = known.groupby("group", sort=False)["low"].count()
    table = study.tests[(study.tests["tag"] == ALL) & (study.tests["test"] == PLACEBO)]
    found: dict[str, list[str]] = {}
    numbers: dict[str, list[list[str]]] = {}
    bars = known.groupby("group", sort=False).size()
    for group in drawn.index[drawn < bars]:
        own = table.loc[(table["group"] == group) & table["pvalue"].isna(), "note"]
        reason = next((str(note) for note in own if note), "") if drawn[group] == 0 else ""
        reason = reason or SHARED_BARS
        template = VARYING.sub("\0", reason)
        found.setdefault(template, []).append(str(group))
        numbers.setdefault(template, []).append(VARYING.findall(reason))
    return tuple(
        (_with_ranges(template, numbers[template]), tuple(groups))
        for template, groups in found.items()
    )


def _with_ranges(template: str, values: list[list[str]]) -> str:
    """Fill each gap with what the reasons have there: one value, or the first and the last."""
    pieces = template.split("\0")
    filled = pieces[0]
    for slot, piece in zip(zip(*values, strict=True), pieces[1:], strict=True):
        ordered = sorted(set(slot), key=lambda text: (len(text), text))
        gap = ordered[0] if len(ordered) == 1 else f"{ordered[0]}..{ordered[-1]}"
        filled += gap + piece
    return filled


def sampling_rows(study: EventStudy) -> pd.DataFrame:
    """Return per symbol: basis (joined where occurrences differ), median and largest distance.

    Columns symbol, basis, minutes_apart, max_minutes_apart; minutes, signed as in the study: the
    sampled bar's close minus the clock's. And day0: in words, where the asset's own day 0 is
    another bar than the event session; empty where it is the same.
    """
    table = study.sampling
    if table.empty:
        kept = ["symbol", "basis", "minutes_apart", "max_minutes_apart", "measured"]
        return table[kept].assign(day0="")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(table):
        found.setdefault(row["symbol"], []).append(row)
    return pd.DataFrame(
        {
            "symbol": symbol,
            "basis": " / ".join(dict.fromkeys(row["basis"] for row in own)),
            "minutes_apart": _median([row["minutes_apart"] for row in own]),
            "max_minutes_apart": _furthest([row["max_minutes_apart"] for row in own]),
            "day0": _day0([row["day0_shift"] for row in own]),
            "measured": " / ".join(dict.fromkeys(row["measured"] for row in own)),
        }
        for symbol, own in found.items()
    )


def _day0(shifts: list[int]) -> str:
    """Say by how many bars the own day 0 differs from the event session, and how often."""
    other = [shift for shift in shifts if shift != 0]
    if not other:
        return ""
    low, high = int(min(other)), int(max(other))
    if low == high:
        bars = f"{abs(low)} bar{'' if abs(low) == 1 else 's'} {'earlier' if low < 0 else 'later'}"
    else:
        bars = f"{low:+d} to {high:+d} bars"
    return bars if len(other) == len(shifts) else f"{bars} in {len(other)} of {len(shifts)}"


def _median(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _furthest(values: list[float]) -> float:
    return max((value for value in values if math.isfinite(value)), key=abs, default=float("nan"))


def group_cars(study: EventStudy, group: str) -> pd.DataFrame:
    """Return the CARs of a symbol, or those of each occurrence's issuer for ``@issuer``."""
    if group == ISSUER:
        return issuer_cars(study.event, study.cars)
    return study.cars[study.cars["symbol"] == group]


def mean_size(study: EventStudy, group: str, window: str) -> float:
    """Return the mean absolute CAR of a group's occurrences in a window, in decimals."""
    cars = group_cars(study, group)
    return float(cars.loc[cars["window"] == window, "car"].abs().mean())


def car_bounds(
    cars: pd.DataFrame, size: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the intervals of single CARs from their forecast errors, (n,) each, in decimals."""
    values = cars["car"].to_numpy(dtype=float)
    half = stdtrit(cars["dof"].to_numpy(dtype=float), 1 - size / 2)
    half = half * cars["stderr"].to_numpy(dtype=float)
    return values - half, values + half


def issuer_cars(event: EventDefinition, cars: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows whose symbol is the issuer of their occurrence."""
    issuers = {occurrence.id: occurrence.issuer or event.issuer for occurrence in event.occurrences}
    own = cars["occurrence"].map(issuers)
    return cars[own == cars["symbol"]]
