"""Sharpe ratios of many columns at once, with the moments behind their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eventlab.contagion.arguments import choice

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Form", "Moments", "moments", "ratio_stderr", "why_not"]

Form = Literal["population", "adjusted"]
FORMS: Final = ("population", "adjusted")


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments (N,) of the columns of (T, N) returns; NaN where a column does not vary."""

    n: npt.NDArray[np.int64]
    sharpe: npt.NDArray[np.float64]
    skew: npt.NDArray[np.float64]
    kurtosis: npt.NDArray[np.float64]

    @property
    def stderr(self) -> npt.NDArray[np.float64]:
        """(N,) standard error of the ratios, of independent returns of any shape."""
        return ratio_stderr(self.sharpe, self.n, self.skew, self.kurtosis)


def moments(values: npt.NDArray[np.float64], form: Form = "population") -> Moments:
    """Moments of the columns of (T, N) returns, the missing ones left out."""
    choice("form", form, FORMS)
    known = np.isfinite(values)
    n = known.sum(axis=0)
    filled = values if known.all() else np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = filled.sum(axis=0) / n
        moved = np.where(known, filled - mean, 0.0)
        square = moved * moved
        second, third = square.sum(axis=0), (square * moved).sum(axis=0)
        fourth = (square * square).sum(axis=0)
        low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
        high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
        flat = high - low <= 4.0 * np.finfo(float).eps * np.maximum(np.abs(low), np.abs(high))
        second = np.where(flat | (n < 3), np.nan, second) / n
        sharpe = mean / np.sqrt(second * n / (n - 1))
        skew, kurtosis = third / n / second**1.5, fourth / n / second**2
        if form == "adjusted":
            skew = skew * np.sqrt(n * (n - 1.0)) / (n - 2.0)
            excess = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (kurtosis - 3.0) + 6.0)
            kurtosis = np.where(n > 3, excess, np.nan) + 3.0
    return Moments(n, sharpe, skew, kurtosis)


def why_not(n: int, sharpe: float) -> str:
    """Why a Sharpe ratio is NaN; empty where it is not."""
    if np.isfinite(sharpe):
        return ""
    return "fewer than 3 returns" if n < 3 else "the returns do not vary"


def ratio_stderr(
    sharpe: npt.NDArray[np.float64],
    n: npt.NDArray[np.int64],
    skew: npt.NDArray[np.float64],
    kurtosis: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the standard error (N,) of ratios; Bailey & Lopez de Prado (2012), eq. 8.

    sqrt((1 - skew SR + (kurtosis - 1)/4 SR^2)/(n - 1)); NaN where the variance is not above 0.
    """
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found: npt.NDArray[np.float64] = np.sqrt(np.where(variance > 0, variance, np.nan) / (n - 1))
    return found
