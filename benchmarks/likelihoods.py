"""GARCH likelihoods: how often the package ``arch`` alone ends lower, and what the last bit moves.

    python -m benchmarks.likelihoods [--samples 100]

Returns and their market, the errors GARCH(1,1) with Student's t of 5 degrees of freedom. Each
sample is fitted by ``arch`` alone and by eventlab, then again with every return moved by up to two
units in its last place. Printed: the share of samples in which the log-likelihood of ``arch`` is
lower by more than 0.001; for both, how beta moves and how many samples have no fit.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import numpy as np

from eventlab.study.models import garch
from eventlab.study.models.likelihood import Likelihood

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

FORMS = [(form, errors) for form in ("garch", "gjr", "egarch") for errors in ("normal", "t")]
ROWS = (105, 250)
LOWER = 1e-3
BIT = 2.2e-16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--samples", type=int, default=100)
    samples = parser.parse_args().samples
    print(f"{samples} samples; beta moved by the last bit of the returns: 90% quantile, largest")
    print(
        f"{'':<16}{'rows':>5}{'arch lower':>12}{'arch':>18}{'none':>6}{'eventlab':>18}{'none':>6}"
    )
    for form, errors in FORMS:
        for rows in ROWS:
            found = [both(seed, rows, form, errors) for seed in range(samples)]
            print(f"{form + ' ' + errors:<16}{rows:>5}" + line(np.array(found)))


def both(seed: int, rows: int, form: str, errors: str) -> tuple[float, float, float]:
    """How much lower ``arch`` ends, and by how much beta moves, in ``arch`` and in eventlab."""
    y, x = sample(seed, rows)
    bits = np.random.default_rng(seed).integers(-2, 3, rows) * BIT
    moved = y * (1.0 + bits)
    first, second = (alone(one, x, form, errors) for one in (y, moved))
    ours, again = (garch.maximise(one, x, form, errors) for one in (y, moved))
    gap, theirs, own = math.nan, math.nan, math.nan
    if first is not None and second is not None:
        theirs = abs(float(first[0][1] - second[0][1]))
    if isinstance(ours, garch.Maximum) and isinstance(again, garch.Maximum):
        own = abs(float(ours.parameters[1] - again.parameters[1]))
        if first is not None:
            gap = ours.loglik - first[1]
    return gap, theirs, own


def alone(y: Array, x: Array, form: str, errors: str) -> tuple[Array, float] | None:
    """Parameters and log-likelihood of ``arch``."""
    design = np.column_stack([np.ones(len(y)), x])
    least = y - design @ np.linalg.lstsq(design, y)[0]
    before = garch.weighted_mean(least[:75] ** 2)
    likelihood = Likelihood(y, design, form, errors, before)
    values = garch.by_arch(likelihood)
    return None if values is None else (values, -likelihood.value(values)[0] * len(y))


def sample(seed: int, rows: int) -> tuple[Array, Array]:
    random = np.random.default_rng([seed, rows])
    e, h = np.empty(rows), 0.5
    for t in range(rows):
        e[t] = math.sqrt(h * 3 / 5) * random.standard_t(5)
        h = 0.04 + 0.1 * e[t] ** 2 + 0.86 * h
    market = random.standard_normal(rows)
    y = e + 1.2 * market
    return garch.SCALE * y / y.std(), garch.SCALE * market[:, None] / market.std()


def line(found: Array) -> str:
    """One row of the table from gaps and movements (samples, 3)."""
    gaps, theirs, own = found.T
    moves = [f"{np.nanquantile(one, 0.9):.0e} {np.nanmax(one):.0e}" for one in (theirs, own)]
    none = [int(np.isnan(one).sum()) for one in (theirs, own)]
    share = float((gaps > LOWER).sum() / np.isfinite(gaps).sum())
    return f"{share:>12.0%}{moves[0]:>18}{none[0]:>6}{moves[1]:>18}{none[1]:>6}"


if __name__ == "__main__":
    main()
