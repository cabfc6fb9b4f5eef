"""How often the correlation battery rejects where nothing happened: size and verdicts.

Two GARCH-t4 series with correlation .5, 900 bars, the event on row 880, calm window of 120 bars
that ends six before it, crisis window of 20, pseudo-dates on every row whose windows lie before
the event's crisis window. In the crisis window only:

- null: nothing;
- transmitted: the source's variance is tripled and passed on, y = b x + e, so that correlation
  rises though the link b does not;
- source scaled: the source's variance is tripled, correlation is unchanged (the link is not: it
  falls to b / sqrt(3));
- common: both variances are tripled, correlation and link unchanged;
- stronger link: the source's variance is tripled and the link is three times as strong.

``link`` series are y = b x + e with x and e independent; ``shock`` series have correlated shocks
and variances of their own, so that their beta wanders and no link is constant. Run from the root:

    python -m benchmarks.contagion_size [SAMPLES] [SEED]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.breaks.battery import TESTS, BreakItems, BreakSpec, prepare_breaks
from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

T, BURN, CALM, CRISIS = 900, 300, (-125, -6), (0, 19)
ROW: Final = T - 20
FACTOR, RHO, LEVEL = 3.0, 0.5, 0.05
DESIGNS: Final = ("null", "transmitted", "source scaled", "common", "stronger link")
KINDS: Final = ("asymptotic", "placebo", "transmission")
COLUMNS: Final = np.array([[0, 1], [2, 3], [2, 1], [2, 4], [2, 5]])  # of source and target
# Where the null is false: what is counted there is power. Tests that hold Forbes and Rigobon's
# correlation have the same placebo and transmission p-value.
FALSE_NULL: Final = {("transmitted", "placebo", "fisher"), ("transmitted", "asymptotic", "fisher")}


@kernel
def garch_nb(z: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn shocks (N, T) into returns: h = .04 + .10 e^2 + .86 h, unconditional variance 1."""
    N, length = z.shape
    found = np.empty((N, length))
    for i in range(N):
        h = 1.0
        for t in range(length):
            found[i, t] = np.sqrt(h) * z[i, t]
            h = 0.04 + 0.10 * found[i, t] ** 2 + 0.86 * h
    return found


@dataclass
class Counts:
    """Rejections (designs, kinds, tests) and verdicts (designs) of ``n`` samples."""

    n: int = 0
    rejected: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((len(DESIGNS), len(KINDS), len(TESTS)), dtype=np.int64)
    )
    verdicts: list[dict[str, int]] = field(default_factory=lambda: [{} for _ in DESIGNS])


def sample(rng: np.random.Generator, base: str) -> npt.NDArray[np.float64]:
    """(6, T): source, target, tripled source, target that feels it, tripled target, stronger."""
    if base == "link":
        z = rng.standard_t(4, (2, T + BURN)) / np.sqrt(2.0)
        x, e = garch_nb(z)[:, BURN:]
        e = e * np.sqrt(1.0 - RHO**2)
        y = RHO * x + e
    else:
        z = rng.standard_normal((2, T + BURN))
        z[1] = RHO * z[0] + np.sqrt(1.0 - RHO**2) * z[1]
        z /= np.sqrt(rng.chisquare(4, T + BURN) / 2.0)
        x, y = garch_nb(z)[:, BURN:]
        e = y - RHO * x
    scale = np.ones(T)
    scale[ROW:] = np.sqrt(FACTOR)
    link = np.full(T, RHO)
    link[ROW:] *= 3.0
    loud = scale * x
    return np.stack([x, y, loud, RHO * loud + e, scale * y, link * loud + e])


def count(base: str, samples: int, seed: int) -> Counts:
    """Put samples through the battery, each design a family of its own."""
    counts, rng = Counts(), np.random.default_rng(seed)
    n = len(DESIGNS)
    items = BreakItems(
        np.full(n, ROW),
        np.ascontiguousarray(COLUMNS[:, 0]),
        np.ascontiguousarray(COLUMNS[:, 1]),
        np.arange(n),
    )
    admissible = np.zeros(T, dtype=np.bool_)
    admissible[-CALM[0] : ROW - 19] = True
    spec = BreakSpec(CALM, CRISIS, level=LEVEL, threads=1)
    for _ in range(samples):
        found = prepare_breaks(sample(rng, base), items, spec, admissible).results
        pvalues = (found.pvalue, found.placebo_pvalue, found.transmission_pvalue)
        counts.rejected += np.stack(pvalues, axis=1) <= LEVEL
        counts.n += 1
        for own, verdict in zip(counts.verdicts, found.verdict, strict=True):
            own[verdict] = own.get(verdict, 0) + 1
    return counts


def show(base: str, counts: Counts) -> None:
    """Print both tables as Markdown; a star marks a null that is false there."""
    error = 100.0 * np.sqrt(LEVEL * (1.0 - LEVEL) / counts.n)
    print(f"\n{base}: {counts.n} samples, rejections in % at nominal 5% (s.e. {error:.2f})\n")
    print("| design | p | " + " | ".join(TESTS) + " |")
    print("|---" * (len(TESTS) + 2) + "|")
    for d, design in enumerate(DESIGNS):
        for k, kind in enumerate(KINDS):
            cells = [
                f"{100.0 * value / counts.n:.1f}{star(design, kind, test)}"
                for test, value in zip(TESTS, counts.rejected[d, k], strict=True)
            ]
            print(f"| {design} | {kind} | " + " | ".join(cells) + " |")
    print()
    for design, verdicts in zip(DESIGNS, counts.verdicts, strict=True):
        words = ", ".join(
            f"{verdict} {100.0 * n / counts.n:.1f}%" for verdict, n in sorted(verdicts.items())
        )
        print(f"- {design}: {words}")


def star(design: str, kind: str, test: str) -> str:
    known = design == "stronger link" or (design, kind, test) in FALSE_NULL
    return "*" if known else ""


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20260101
    for base in ("link", "shock"):
        show(base, count(base, samples, seed))


if __name__ == "__main__":
    main()
