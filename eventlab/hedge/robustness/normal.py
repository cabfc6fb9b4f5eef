"""The normal distribution by the standard library: scipy.special takes a tenth of a second to load.

A sweep has 2 seconds for everything, imports included.
"""

from __future__ import annotations

from math import erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["normal_probability", "normal_quantile"]


def normal_probability(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N,) probabilities that a standard normal variable is below each of (N,) values; NaN stays.

    By the complementary error function, so that small ones keep all their digits.
    """
    return np.array([erfc(-one / sqrt(2.0)) / 2.0 for one in values.tolist()], dtype=np.float64)


def normal_quantile(probability: float) -> float:
    """Value below which a standard normal variable lies with a probability between 0 and 1."""
    return NormalDist().inv_cdf(probability)
