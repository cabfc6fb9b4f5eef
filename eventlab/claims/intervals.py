"""Intervals of correlations and volatilities, and whether they leave an answer open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.bench import DRAWS, LEVEL
from eventlab.claims.types import Measured
from eventlab.contagion.resampling import block_length, circular_rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.claims.types import Reading, Unit

__all__ = [
    "NO_LEVELS",
    "Interval",
    "chi_square_interval",
    "correlation_interval",
    "draw_counts",
    "drawn_interval",
    "normal_interval",
    "open_words",
    "resampled_correlations",
    "sided",
]

NO_LEVELS: Final = (
    "none: prices that trend have no such interval; series without any link reach such figures "
    "often (Granger & Newbold 1974)"
)
NORMAL: Final = 1.959963984540054  # of a two-sided interval that holds 95%
_CHUNK: Final = 64  # draws at a time: bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends of a 95% interval, and how it was made; NaN where there is none."""

    low: float = math.nan
    high: float = math.nan
    words: str = ""

    def around(self, reading: Reading, value: float, unit: Unit, n: int, *notes: str) -> Measured:
        """Return a value with this interval, and what there is to note about it."""
        note = "; ".join(filter(None, notes))
        return Measured(reading, value, unit, n, self.low, self.high, self.words, note=note)


def normal_interval(value: float, stderr: float, words: str) -> Interval:
    """Return the value and 1.96 standard errors to both sides."""
    return Interval(value - NORMAL * stderr, value + NORMAL * stderr, words)


def draw_counts(n: int, generator: np.random.Generator) -> npt.NDArray[np.float64]:
    """(draws, n): how often each row is in each draw of the circular block bootstrap.

    Blocks have n^(1/3) rows, rounded.
    """
    rows = circular_rows(n, block_length(n), DRAWS, generator)
    flat = (rows + n * np.arange(DRAWS)[:, None]).ravel()
    return np.bincount(flat, minlength=DRAWS * n).reshape(DRAWS, n).astype(np.float64)


def resampled_correlations(
    values: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(B, N, N) correlations of ``values`` (N, n), complete, in draws with ``counts`` (B, n).

    NaN in all of a draw in which a series stands still.
    """
    n = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    found = np.empty((len(counts), len(values), len(values)))
    for start in range(0, len(counts), _CHUNK):
        weights = counts[start : start + _CHUNK] / n
        mean = weights @ centred.T
        product = (weights[:, None, :] * centred) @ centred.T - mean[:, :, None] * mean[:, None, :]
        variance = np.diagonal(product, axis1=1, axis2=2)
        still = ~(variance > 1e-14 * np.mean(centred**2, axis=1)).all(axis=1)
        scale = np.sqrt(np.where(still[:, None], 1.0, variance))
        product /= scale[:, :, None] * scale[:, None, :]
        product[still] = np.nan
        found[start : start + _CHUNK] = product
    return found


def correlation_interval(value: float, draws: npt.NDArray[np.float64], n: int) -> Interval:
    """Interval of one correlation from its draws (B,): on Fisher's z, where it is symmetric.

    The standard error of z is the larger of that of the draws, times sqrt(n / (n - 3)), and
    Fisher's own 1 / sqrt(n - 3). The first alone is too small for few rows, the second for fat
    tails and for volatility that comes in bursts.

    References
    ----------
    Fisher (1921), On the probable error of a coefficient of correlation; Politis & Romano (1992).
    """
    known = draws[np.isfinite(draws)]
    if len(known) < 2 or n <= 3 or abs(value) >= 1.0 - 1e-12:
        return Interval(words="none: the correlation is complete, or there are too few rows")
    spread = np.arctanh(np.clip(known, -1.0 + 1e-12, 1.0 - 1e-12)).std(ddof=1)
    stderr = max(float(spread) * math.sqrt(n / (n - 3.0)), 1.0 / math.sqrt(n - 3.0))
    z = math.atanh(value)
    words = "Fisher's z, widened where a block bootstrap of rows says so"
    return Interval(math.tanh(z - NORMAL * stderr), math.tanh(z + NORMAL * stderr), words)


def drawn_interval(value: float, draws: npt.NDArray[np.float64], n: int) -> Interval:
    """Interval of a value from its draws (B,): 1.96 of their deviations to both sides.

    The deviation is multiplied by sqrt(n / (n - 3)), as for one correlation.
    """
    known = draws[np.isfinite(draws)]
    if len(known) < 2 or n <= 3:
        return Interval(words="none: too few rows")
    stderr = float(known.std(ddof=1)) * math.sqrt(n / (n - 3.0))
    return normal_interval(value, stderr, "block bootstrap that draws all series' rows together")


def chi_square_interval(value: float, dof: float, words: str) -> Interval:
    """Interval of a deviation whose square is chi-square with ``dof`` over ``dof``."""
    from scipy import special  # noqa: PLC0415 - a tenth of a second, for those that ask

    if not (math.isfinite(value) and dof > 0):
        return Interval(words="none: too few rows")
    upper, lower = special.chdtri(dof, [LEVEL / 2.0, 1.0 - LEVEL / 2.0])  # of the right tail
    return Interval(value * math.sqrt(dof / upper), value * math.sqrt(dof / lower), words)


def sided(interval: Interval, border: float, *, above: bool) -> bool | None:
    """Whether all of an interval lies above (or below) a border; None where it straddles it."""
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return None
    if interval.low > border:
        return above
    return not above if interval.high < border else None


def open_words(holds: bool | None, border: float) -> str:  # noqa: FBT001 - an answer, no switch
    """Say why a word is left open; empty where it is not."""
    return f"the 95% interval holds {border:g}" if holds is None else ""
