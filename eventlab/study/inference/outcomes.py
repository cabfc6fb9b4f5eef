"""What a test says: one number, its distribution, its p-value, or the reason for none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Column", "Outcome", "normal", "normal_pvalue", "not_available", "student", "t_pvalue"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test of one window.

    ``statistic`` and ``pvalue`` are NaN where the test does not apply, and ``note`` says why;
    ``note`` also says why a test that was computed is not part of the headline. ``dof`` is NaN
    where the distribution has none.
    """

    test: str
    statistic: float
    dof: float
    distribution: str
    pvalue: float
    n_events: int
    headline: bool = False
    note: str = ""

    def row(self) -> dict[str, str | float | int | bool]:
        """Return the fields by name; `dataclasses.asdict` copies and is ten times slower."""
        return {name: getattr(self, name) for name in Outcome.__slots__}


@dataclass(frozen=True, slots=True)
class Column:
    """One test in W windows at once.

    Attributes
    ----------
    statistic, dof, pvalue
        (W,); NaN where the test does not apply.
    distribution, reason
        (W,) of str; ``reason`` says why a statistic is NaN, and is empty where it is not.
    """

    statistic: npt.NDArray[np.float64]
    dof: npt.NDArray[np.float64]
    pvalue: npt.NDArray[np.float64]
    distribution: npt.NDArray[Any]
    reason: npt.NDArray[Any]


def not_available(test: str, n: int, reason: str) -> Outcome:
    """Outcome of a test that cannot be computed."""
    return Outcome(test, math.nan, math.nan, "none", math.nan, n, note=reason)


def normal_pvalue(z: float) -> float:
    """Two-sided p-value of a standard normal statistic."""
    return float(2.0 * special.ndtr(-abs(z)))


def t_pvalue(t: float, dof: float) -> float:
    """Two-sided p-value of a Student t statistic."""
    return float(2.0 * special.stdtr(dof, -abs(t)))


def normal(z: npt.NDArray[np.float64], reason: npt.NDArray[Any]) -> Column:
    """Statistics (W,) against N(0, 1); ``reason`` (W,) of those that are NaN."""
    return Column(
        z, np.full(len(z), math.nan), 2.0 * special.ndtr(-np.abs(z)), named(z, "normal"), reason
    )


def student(
    t: npt.NDArray[np.float64], dof: npt.NDArray[np.floating[Any]], reason: npt.NDArray[Any]
) -> Column:
    """Statistics (W,) against Student's t with ``dof`` (W,)."""
    known = np.isfinite(t)
    pvalue = 2.0 * special.stdtr(np.where(known, dof, np.nan), -np.abs(t))
    return Column(t, np.where(known, dof, np.nan), pvalue, named(t, "t"), reason)


def named(statistic: npt.NDArray[np.float64], distribution: str) -> npt.NDArray[Any]:
    """(W,) of str: the distribution, ``none`` where there is no statistic."""
    return np.where(np.isfinite(statistic), distribution, "none").astype(object)


def because(*cases: tuple[npt.NDArray[np.bool_], str]) -> npt.NDArray[Any]:
    """(W,) of str: the text of the first case that holds, empty where none does."""
    reason = np.full(len(cases[0][0]), "", dtype=object)
    for holds, text in reversed(cases):
        reason[holds] = text
    return reason
