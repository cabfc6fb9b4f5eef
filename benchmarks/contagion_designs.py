"""Pairs of series in which it is known whether a shock travelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "DESIGNS",
    "KINDS",
    "LOADINGS",
    "PAIRS",
    "RHO",
    "WORLDS",
    "World",
    "changed",
    "garch_nb",
    "sample",
    "shocks",
    "truth",
    "with_correlation",
]

BURN: Final = 300
FACTOR, RHO, STRONGER = 3.0, 0.5, 3.0

DESIGNS: Final = {
    "null": "nothing happens",
    "transmitted": "source's variance x 3, passed on by the same link",
    "source scaled": "source's variance x 3, correlation unchanged (the link weakens)",
    "common": "both variances x 3",
    "stronger link": "source's variance x 3, link x 3",
}
PAIRS: Final = np.array([[0, 1], [2, 3], [2, 1], [2, 4], [2, 5]])  # of `sample`, by design
KINDS: Final = ("asymptotic", "placebo", "transmission")
LOADINGS: Final = (0.8, 1.2)  # of source and target on the market, where there is one

Base = Literal["link", "shock"]
Truth = Literal["null", "room", "false"]


@dataclass(frozen=True, slots=True)
class World:
    """Series of ``rows`` bars whose last ones are the crisis window, and how they are tested."""

    title: str
    words: str
    base: Base = "link"
    calm: tuple[int, int] = (-125, -6)
    crisis: tuple[int, int] = (0, 19)
    rows: int = 900
    market: bool = False  # under both, taken out by a regression on the calm window
    variant: Literal["raw", "nu"] = "raw"

    @property
    def row(self) -> int:
        """Row of the event."""
        return self.rows - 1 - self.crisis[1]


WORLDS: Final = {
    "link": World(
        "A constant link",
        "y = .5 x + e: x and e are independent GARCH-t4 series. 120 calm bars, 20 of crisis.",
    ),
    "shock": World(
        "Correlated shocks",
        "x and y are GARCH-t4 series whose shocks are drawn from a bivariate t4 of correlation .5, "
        "each with a variance of its own: correlation is constant, the beta of y on x wanders, and "
        "large moves come together. 120 calm bars, 20 of crisis.",
        base="shock",
    ),
    "years": World(
        "Ten years of history",
        "A constant link once more, in 2,500 bars in place of 900: placebo dates overlap, and 900 "
        "bars hold no more than some 37 crisis windows side by side.",
        rows=2500,
    ),
    "short": World(
        "Eleven bars of crisis",
        "Correlated shocks again, with the windows of the shipped earnings events: [-120, -6] and "
        "[0, 10].",
        base="shock",
        calm=(-120, -6),
        crisis=(0, 10),
    ),
    "long": World(
        "Sixty bars of crisis",
        "Correlated shocks again, 120 calm bars and 60 of crisis, in 1,500.",
        base="shock",
        crisis=(0, 59),
        rows=1500,
    ),
    "market": World(
        "Residuals on a market",
        "A constant link under a GARCH-t4 market that both load on (by .8 and 1.2). The battery is "
        "of residuals, with betas fitted on the calm window of the event and of each pseudo-date.",
        market=True,
    ),
    "nu": World(
        "Co-moments as published",
        "Correlated shocks once more, with `variant: nu`: Forbes and Rigobon's correlation inside "
        "the co-moment tests, whose asymptotic p then also rejects where variances rise alone. "
        "Their placebo dates are given the variances of the event.",
        base="shock",
        variant="nu",
    ),
}


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


def shocks(rng: np.random.Generator, base: Base, N: int, rows: int) -> npt.NDArray[np.float64]:
    """(N, rows) GARCH-t4 series: independent (``link``), or of correlation .5 with the first."""
    if base == "link":
        z = rng.standard_t(4, (N, rows + BURN)) / np.sqrt(2.0)
    else:
        z = rng.standard_normal((N, rows + BURN))
        z[1:] = RHO * z[0] + np.sqrt(1.0 - RHO**2) * z[1:]
        z /= np.sqrt(rng.chisquare(4, rows + BURN) / 2.0)
    return np.asarray(garch_nb(z)[:, BURN:])


def sample(rng: np.random.Generator, world: World) -> npt.NDArray[np.float64]:
    """(6, rows) as `changed` has them; a seventh is the market, if there is one."""
    x, other = shocks(rng, world.base, 2, world.rows)
    inside = np.zeros(world.rows, dtype=np.bool_)
    inside[world.row :] = True
    found = changed(x, other, inside, world.base)
    if not world.market:
        return found
    m = shocks(rng, "link", 1, world.rows)
    loads = np.where(np.isin(np.arange(len(found)), PAIRS[:, 0]), *LOADINGS)
    return np.concatenate([found + loads[:, None] * m, m])


def changed(
    x: npt.NDArray[np.float64],
    other: npt.NDArray[np.float64],
    inside: npt.NDArray[np.bool_],
    base: Base,
) -> npt.NDArray[np.float64]:
    """(6, T): source, target, loud source, target that feels it, loud target, one that hangs on."""
    e = np.sqrt(1.0 - RHO**2) * other if base == "link" else other - RHO * x
    y = RHO * x + e
    scale = np.where(inside, np.sqrt(FACTOR), 1.0)
    link = np.where(inside, STRONGER * RHO, RHO)
    loud = scale * x
    return np.stack([x, y, loud, RHO * loud + e, scale * y, link * loud + e])


def with_correlation(
    pair: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_], shift: float
) -> npt.NDArray[np.float64]:
    """(2, T) the first two of ``pair``, whose atanh(correlation) is shifted inside."""
    x, y = pair[:2]
    wanted = np.tanh(np.arctanh(RHO) + shift)
    v = np.sqrt((1.0 - wanted**2) / (1.0 - RHO**2))
    return np.stack([x, np.where(inside, (wanted - v * RHO) * x + v * y, y)])


def truth(design: str, kind: str, test: str, variant: str = "raw") -> Truth:
    """Whether the null of a p-value is true in a design; ``room``: one-sided, and far from it.

    Placebo dates say whether a statistic is as on other dates, where correlation and co-moments
    did not change; transmission, and Forbes and Rigobon's own placebo, whether it is larger than
    what a constant link makes of the event's variances. Fat-tailed co-moments of the fourth order
    depend on the correlation, which a loud source raises; and a squared co-moment does not know
    whether a link that changed became stronger or weaker.
    """
    signed = not test.startswith("c")
    if design == "stronger link":
        return "false"
    if kind == "placebo" and (test == "fisher" or (not signed and variant == "raw")):
        moved = design == "transmitted" and not test.startswith("cs")
        return "false" if moved else "null"
    if design == "source scaled":
        return "room" if signed else "false"
    return "null"
