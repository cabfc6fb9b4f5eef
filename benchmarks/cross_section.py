"""How often splits and regressions reject where nothing differs, with events that share dates.

``python benchmarks/cross_section.py [SAMPLES]`` prints the table of docs/conditions.md: percent of
samples with p < 5% of the plain HC1 t, the t clustered by date, and the permutation or wild cluster
bootstrap p. Ten assets a date share 30% of their variance; errors are Student's t5.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.conditions.cross_section import regress_columns
from eventlab.study.conditions.splits import split_difference
from eventlab.study.event_days import mean_difference

if TYPE_CHECKING:
    import numpy.typing as npt

SEED, DRAWS, ASSETS, SHARED, LEVEL = 7, 199, 10, 0.3, 0.05
# Dates, dates in the state, and how many times wilder the state is.
SPLITS = ((40, 20, 1.0), (40, 4, 1.0), (20, 3, 1.0), (12, 6, 1.0), (40, 20, 2.0), (40, 10, 3.0))
REGRESSIONS = (8, 12, 20, 29)


def main(samples: int) -> None:
    """Print one row per design; the standard error stands in the first line."""
    error = 100 * math.sqrt(LEVEL * (1 - LEVEL) / samples)
    print(f"{samples} samples, seed {SEED}, standard error {error:.1f} points at 5%")
    print("| design | HC1 | clustered t | permutation, bootstrap |\n|---|---|---|---|")
    for dates, inside, wilder in SPLITS:
        shares = _split_rates(dates, inside, wilder, samples)
        more = f", {wilder:g} times wilder" if wilder > 1 else ""
        _print(f"state at {inside} of {dates} dates{more}", shares)
    for dates in REGRESSIONS:
        _print(f"a feature of the date, {dates} dates", _regression_rates(dates, samples))


def _cars(rng: np.random.Generator, dates: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    common = rng.standard_t(5, int(dates.max()) + 1)[dates]
    own = rng.standard_t(5, len(dates))
    cars: npt.NDArray[np.float64] = math.sqrt(SHARED) * common + math.sqrt(1 - SHARED) * own
    return cars


def _split_rates(n_dates: int, inside: int, wilder: float, samples: int) -> list[float]:
    rng, dates = np.random.default_rng(SEED), np.repeat(np.arange(n_dates), ASSETS)
    state, rejected = dates < inside, np.zeros(3)
    for sample in range(samples):
        car = _cars(rng, dates) * np.where(state, wilder, 1.0)
        found = split_difference(car, state, dates, draws=DRAWS, seed=sample % 50)
        plain = mean_difference(car[state], car[~state]).pvalue
        rejected += [plain < LEVEL, found.pvalue < LEVEL, found.permutation_pvalue <= LEVEL]
    return [float(share) for share in rejected / samples]


def _regression_rates(n_dates: int, samples: int) -> list[float]:
    rng, dates = np.random.default_rng(SEED), np.repeat(np.arange(n_dates), ASSETS)
    alone = np.arange(len(dates))
    rejected = np.zeros(3)
    for sample in range(samples):
        car, feature = _cars(rng, dates), {"x": rng.normal(size=n_dates)[dates]}
        found = regress_columns(car, feature, dates, draws=DRAWS, seed=sample % 50)[1]
        plain = regress_columns(car, feature, alone, draws=0)[1]
        rejected += [
            plain["pvalue"] < LEVEL,
            found["pvalue"] < LEVEL,
            found["bootstrap_pvalue"] <= LEVEL,
        ]
    return [float(share) for share in rejected / samples]


def _print(design: str, shares: list[float]) -> None:
    print(f"| {design} | " + " | ".join(f"{100 * share:.1f}" for share in shares) + " |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
