"""A literal transcription of one cell of the joint draws: sums over pairs, one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """CAAR, studentised CAAR and the test's statistic of one draw, rule and window."""

    caar: float
    studentised: float
    statistic: float


def drawn_cell(given: dict[str, Any], k: int, v: int, w: int) -> Cell:
    """Move every pair that counts to its pseudo-date, and test the mean as a study would."""
    scars, errors = [], []
    for p, date in enumerate(given["date"]):
        if given["weight"][v, p, w] == 1.0:
            row = given["maps"][given["which_map"][p], given["rows"][k, date]]
            scars.append(float(given["scar"][given["base"][p] + row, w]))
            errors.append(float(given["error"][given["base"][p] + row, w]))
    cars = [s * e for s, e in zip(scars, errors, strict=True)]
    n = len(cars)
    studentised = sum(cars) / math.sqrt(sum(e**2 for e in errors))
    if not given["spread"][v, w]:
        return Cell(sum(cars) / n, studentised, studentised)
    mean = sum(scars) / n
    sd = math.sqrt(sum((s - mean) ** 2 for s in scars) / (n - 1))
    t = float(given["factor"][v, w]) * math.sqrt(n) * mean / sd
    return Cell(sum(cars) / n, studentised, t)
