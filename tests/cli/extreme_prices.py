"""Prices that are prices, and that no market ever made."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.timeline import make_clock

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["SHAPES", "write_extreme"]

SHAPES: Final = (
    "constant", "one constant", "tiny", "huge", "mixed scales", "short", "one short",
    "all missing", "one missing", "jumps", "identical", "holes", "alternating", "tiny moves",
)  # fmt: skip


def write_extreme(path: Path, shape: str) -> None:
    """Write AAA, BBB and MKT on New York sessions of 2024 and 2025."""
    sessions = make_clock("XNYS", date(2024, 1, 2), date(2025, 12, 31)).sessions
    rng = np.random.default_rng(11)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (3, len(sessions))), axis=1))
    lines = ["date,symbol,close"]
    for symbol, row in zip(("AAA", "BBB", "MKT"), _shaped(prices, shape), strict=True):
        lines += [
            f"{day},{symbol},{'' if np.isnan(price) else repr(float(price))}"
            for day, price in zip(sessions, row, strict=True)
            if price != 0.0
        ]
    path.write_text("\n".join(lines) + "\n")


def _shaped(prices: npt.NDArray[np.float64], shape: str) -> npt.NDArray[np.float64]:
    """Prices (3, T); zero is a row that is not written, NaN an empty cell."""
    one, late = np.array([[1], [0], [0]], bool), np.arange(prices.shape[1]) >= prices.shape[1] - 40
    holes = np.random.default_rng(5).random(prices.shape) < 0.3
    shaped: dict[str, npt.NDArray[np.float64]] = {
        "constant": np.full_like(prices, 5.0),
        "one constant": np.where(one, 5.0, prices),
        "tiny": prices * 1e-14,
        "huge": prices * 1e10,
        "mixed scales": prices * np.array([[1e-29], [10.0], [1e28]]),
        "short": np.where(late, prices, 0.0),
        "one short": np.where(one & ~late, 0.0, prices),
        "all missing": np.full_like(prices, np.nan),
        "one missing": np.where(one, np.nan, prices),
        "jumps": np.where(np.arange(prices.shape[1]) % 50, prices, prices * 1e6),
        "identical": np.repeat(prices[2:], 3, axis=0),
        "holes": np.where(holes, np.nan, prices),
        "alternating": np.where(np.arange(prices.shape[1]) % 2, np.ones_like(prices), 1.4),
        "tiny moves": 100 + (prices - 100) * 1e-13,
    }
    return shaped[shape]
