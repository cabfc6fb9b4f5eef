"""Panels of returns with events, as frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventlab.study import StudyResult, event_study

Array = npt.NDArray[np.float64]

ESTIMATION, EVENT = (-80, -6), (-5, 5)
WINDOWS = [(0, 0), (-1, 1), (-5, 5), (2, 4)]


@dataclass(frozen=True)
class PanelCase:
    """Returns of MKT, SEC and assets, and their events."""

    returns: pd.DataFrame
    events: pd.DataFrame

    @property
    def positions(self) -> list[int]:
        """Rows of the event sessions."""
        return [
            int(row) for row in self.returns.index.get_indexer(pd.Index(self.events["session"]))
        ]

    def study(self, **options: Any) -> StudyResult:
        """Study with the windows of this file unless told otherwise."""
        chosen: dict[str, Any] = {
            "estimation_window": ESTIMATION,
            "event_window": EVENT,
            "car_windows": WINDOWS,
            "min_estimation": 30,
            "draws": 200,
        }
        model = options.get("model", "market_model")
        if model not in {"constant_mean", "factor_model"}:
            chosen["benchmark"] = "MKT"
        return event_study(self.returns, self.events, **(chosen | options))


def panel(
    seed: int = 0,
    T: int = 240,
    assets: int = 5,
    positions: tuple[int, ...] = (120, 120, 121, 124, 150, 200, 120, 90),
    holes: float = 0.0,
) -> PanelCase:
    """Correlated assets; event i is of asset i modulo their number."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0004, 0.009, T)
    sector = 0.6 * market + rng.normal(0.0, 0.006, T)
    beta = rng.normal(1.0, 0.35, assets)
    own = rng.standard_t(5, (T, assets)) * 0.015 + rng.normal(0.0, 0.006, (T, 1))
    values = np.column_stack([market, sector, beta * market[:, None] + own])
    values[rng.random(values.shape) < holes] = np.nan
    names = [f"A{i}" for i in range(assets)]
    index = pd.bdate_range("2023-01-02", periods=T, name="session")
    returns = pd.DataFrame(values, index=index, columns=["MKT", "SEC", *names])
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(positions))],
            "symbol": [names[i % assets] for i in range(len(positions))],
            "session": index[list(positions)],
        }
    )
    return PanelCase(returns, events)
