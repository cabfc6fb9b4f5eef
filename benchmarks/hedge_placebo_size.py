"""How often the placebo of a backtest finds something on dates that mean nothing.

Prices are independent from bar to bar; the events' dates are drawn at random, so that whatever a
strategy earns around them it would earn around others. Shares of samples with p at most 5%.

Run ``python -m benchmarks.hedge_placebo_size [SAMPLES]`` (default 400). Measured with 8 events in
330 bars over 400 samples (standard error 1.1 points; all cases share their prices and dates):

====================  ============  ============  ==================
case                  event_return  hedge_return  variance_reduction
====================  ============  ============  ==================
fixed ratio                   4.0%          6.2%                5.5%
least squares, costs          5.0%          6.2%                3.8%
a stop                        4.2%          6.0%                3.0%
next open                     3.8%          6.0%                2.5%
only inside                   6.0%          4.8%                4.8%
aside                        10.2%          7.5%                5.5%
====================  ============  ============  ==================

Who steps aside earns nothing inside but what it costs: there is little for event_return to find.
"""

from __future__ import annotations

import math
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.hedge.answers.events import stretches
from eventlab.hedge.placebo import STATISTICS, placebo_table
from eventlab.hedge.runs import alone, decide_all, simulate_plan
from eventlab.hedge.setting import prepare
from tests.hedge.worlds import START, World, random_market, reports, room, told

if TYPE_CHECKING:
    import numpy.typing as npt


__all__ = ["CASES", "LEVEL", "null_world", "pvalues", "rates"]

LEVEL: Final = 0.05
DRAWS: Final = 199
SIZES: Final = ((8, 330), (24, 1000))
LEAD_IN: Final = 60  # bars before the first date
OLS: Final = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 30}}
COSTS: Final = {"fee_bps": 5, "slippage_bps": 5, "borrow_bps_per_year": 50}
CASES: Final[dict[str, dict[str, Any]]] = {
    "fixed ratio": {},
    "least squares, costs": {"hedge": OLS, "costs": COSTS},
    "a stop": {"hedge": OLS, "limits": {"stop": 0.02}},
    "next open": {"clock": "XNYS", "when": {"enter": -1, "exit": 2, "fill": "open"}},
    "only inside": {"hedge": None, "exposure": {"inside": 1.0, "outside": 0.0}, "costs": COSTS},
    "aside": {"hedge": None, "exposure": {"inside": 0.0, "outside": 1.0}, "costs": COSTS},
}


def null_world(seed: int, events: int, bars: int, **said: Any) -> World:
    """Independent prices, and as many events on random days, at least 5 days apart."""
    generator = np.random.default_rng([seed, events, bars])
    days: list[int] = []
    while len(days) < events:
        day = int(generator.integers(LEAD_IN, bars - 8))
        if all(abs(day - other) >= 5 for other in days):
            days.append(day)
    times = [f"{START + timedelta(days=day)} 12:00" for day in sorted(days)]
    return World(told(**said), random_market(seed, days=bars), room(reports(times)))


def pvalues(world: World, seed: int) -> npt.NDArray[np.float64]:
    """(3,) p-values of the placebo of a world, in the order of its statistics."""
    decided = decide_all(prepare(*world.parts))
    own, book = (
        simulate_plan(decided.setting, plan) for plan in (decided.planned.plan, alone(decided))
    )
    spans = stretches(decided.planned, own, decided.episodes)
    return placebo_table(decided, own, book, spans, seed=seed, draws=DRAWS)["pvalue"].to_numpy()


def rates(case: str, samples: int, *, events: int, bars: int) -> npt.NDArray[np.float64]:
    """(3,) shares of samples in which each statistic has a p of at most `LEVEL`."""
    found = np.array(
        [pvalues(null_world(seed, events, bars, **CASES[case]), seed) for seed in range(samples)]
    )
    known = np.isfinite(found).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray((found <= LEVEL).sum(axis=0) / np.where(known, known, np.nan))


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    error = math.sqrt(LEVEL * (1 - LEVEL) / samples)
    print(f"{samples} samples, standard error {error:.1%}")
    print(f"{'case':22} {'events':>6} {'bars':>5}", *(f"{name:>18}" for name in STATISTICS))
    for case in CASES:
        for events, bars in SIZES:
            found = rates(case, samples, events=events, bars=bars)
            print(f"{case:22} {events:6} {bars:5}", *(f"{one:18.1%}" for one in found), flush=True)


if __name__ == "__main__":
    main()
