"""One small job of every room, as numbers by name: what must be the same bit for bit anywhere.

``python -m tests.determinism`` writes the snapshot anew, where a change of numbers was meant.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.contagion.run import run_contagion
from eventlab.hedge.run import run_backtest
from eventlab.study.run import run_study
from tests.contagion import worlds as contagion_worlds
from tests.hedge.worlds import random_world
from tests.scaled import leaves

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventlab.market.types import Market

SNAPSHOT = Path(__file__).parent / "snapshots" / "numbers.json"
EVERY = 5  # column of a study and a backtest has a number in the snapshot
OLS = {"instruments": ["QQQ", "NVDA"], "ratio": {"method": "ols", "lookback": 30}}
STUDY = {"assets": ["AAA", "BBB"], "benchmark": "MKT"}


def unchanged(market: Market) -> Market:
    return market


def results(change: Callable[[Market], Market] = unchanged) -> dict[str, Any]:
    """A study, a contagion and a backtest on markets that ``change`` has gone over."""
    event = contagion_worlds.news(study=STUDY)
    market, home = change(contagion_worlds.world()), contagion_worlds.home(event)
    world = random_world(4, hedge=OLS)
    return {
        "study": run_study(event, market, home, draws=100),
        "contagion": run_contagion(event, market, home, focus=("n0",)),
        "backtest": run_backtest(world.strategy, change(world.market), world.workspace),
    }


def digest(found: dict[str, Any] | None = None) -> str:
    """SHA-256 over the bits of every number, in order."""
    held = hashlib.sha256()
    for name, values in leaves(results() if found is None else found):
        held.update(name.encode())
        held.update(values.tobytes())
    return held.hexdigest()


def reordered(market: Market) -> Market:
    """The same symbols, loaded the other way round."""
    return replace(
        market,
        daily=dict(reversed(list(market.daily.items()))),
        intraday=dict(reversed(list(market.intraday.items()))),
    )


def sample(found: dict[str, Any]) -> dict[str, float]:
    """The median of every few columns of the study and the backtest, by name.

    Not of the contagion: its likelihoods magnify the last bits, which follow the processor.
    """
    named = [(name, values) for name, values in leaves(found) if not name.startswith(".contagion")]
    held = [(name, values[np.isfinite(values)]) for name, values in named]
    told = [(name, values) for name, values in held if len(values) and values.any()]
    return {name: float(np.sort(values)[len(values) // 2]) for name, values in told[::EVERY]}


if __name__ == "__main__":
    SNAPSHOT.parent.mkdir(exist_ok=True)
    kept = {
        "job": "tests.determinism.results",
        "python": platform.python_version(),
        "numbers": sample(results()),
    }
    SNAPSHOT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
