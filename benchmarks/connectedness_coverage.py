"""How often 95% intervals of a change of connectedness hold the true change.

Run ``python benchmarks/connectedness_coverage.py [PAIRS]``. Six series with one lag, 115 rows
before and 60 after, 200 draws. The truth is that of the coefficients and the covariance that the
samples are simulated from; GARCH is common to all series.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventlab.contagion.connectedness.change import spillover_change
from eventlab.contagion.connectedness.period import facts_of, labels_of
from eventlab.kernels.connectedness import fevd_nb

N, BEFORE, AFTER, DRAWS, BURN = 6, 115, 60, 200, 50
NAMES = [f"S{j}" for j in range(N)]
QUIET = 0.1 * np.eye(N)
LED = QUIET + 0.25 * np.outer(np.arange(N) > 0, np.arange(N) == 0)  # all follow the first

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Coefficients and correlation before and after, and the shocks."""

    name: str
    coefficients: tuple[Array, Array]
    correlations: tuple[float, float]
    garch: bool = False  # with t5 shocks

    def covariance(self, period: int) -> Array:
        rho = self.correlations[period]
        return (1 - rho) * np.eye(N) + rho

    def facts(self, period: int) -> Array:
        table = fevd_nb(self.coefficients[period], self.covariance(period), 10, True)  # noqa: FBT003
        return facts_of(table)

    def sample(self, period: int, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        root, A = np.linalg.cholesky(self.covariance(period)), self.coefficients[period]
        x, h, out = np.zeros(N), 1.0, np.empty((rows + BURN, N))
        for t in range(rows + BURN):
            z = rng.standard_normal(N)
            if self.garch:
                z *= np.sqrt(h * 3 / rng.chisquare(5))
                h = 0.04 + 0.10 * float(z @ z) / N + 0.86 * h
            x = A @ x + root @ z
            out[t] = x
        return pd.DataFrame(out[BURN:], columns=NAMES)


DESIGNS = (
    Design("no change, Gaussian", (QUIET, QUIET), (0.4, 0.4)),
    Design("rise, Gaussian", (QUIET, LED), (0.3, 0.6)),
    Design("no change, GARCH-t5", (QUIET, QUIET), (0.4, 0.4), garch=True),
    Design("rise, GARCH-t5", (QUIET, LED), (0.3, 0.6), garch=True),
    Design("one begins to lead, Gaussian", (QUIET, LED), (0.1, 0.1)),
)


def main(pairs: int) -> None:
    measures = np.array([measure for measure, _, _ in labels_of(NAMES)])
    print(f"{pairs} pairs of samples; share of 95% intervals that hold the true change")
    print(f"{'design':<30} {'tci':>6} {'net':>6} {'pairs':>6}  bias of tci, seen by draws")
    for design in DESIGNS:
        rng = np.random.default_rng(1)
        truth = design.facts(1) - design.facts(0)
        held, bias, seen = np.zeros(len(truth)), 0.0, 0.0
        for pair in range(pairs):
            found = spillover_change(
                design.sample(0, BEFORE, rng), design.sample(1, AFTER, rng), draws=DRAWS, seed=pair
            )
            change = found.table[found.table["period"] == "change"]
            held += (change["low"] <= truth) & (truth <= change["high"])
            bias += float(change["value"].iloc[0] - truth[0]) / pairs
            seen += float(found.after.bias[0] - found.before.bias[0]) / pairs
        shares = [held[measures == name].mean() / pairs for name in ("tci", "net", "pairwise")]
        numbers = " ".join(f"{share:>6.3f}" for share in shares)
        print(f"{design.name:<30} {numbers}  {bias:+.2f}, {seen:+.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
