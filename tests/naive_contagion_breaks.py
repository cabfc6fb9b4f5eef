"""Correlation breaks by plain loops, straight from the papers: the naive twin of the battery."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = npt.NDArray[np.float64]
# Of the co-moments, after n and both variances, as the kernel writes them.
ORDERS = [(1, 1), (3, 0), (2, 1), (1, 2), (4, 0), (3, 1), (2, 2), (1, 3)]


def complete(x: Array, y: Array) -> list[tuple[float, float]]:
    return [
        (float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(a) and np.isfinite(b)
    ]


def variance(values: Sequence[float], ddof: int) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - ddof)


def co_moment(rows: Sequence[tuple[float, float]], a: int, b: int) -> float:
    """Mean of z_x^a z_y^b, each standardised by this window (ddof 0)."""
    x, y = [row[0] for row in rows], [row[1] for row in rows]
    n = len(rows)
    mean_x, mean_y = math.fsum(x) / n, math.fsum(y) / n
    sd_x, sd_y = math.sqrt(variance(x, 0)), math.sqrt(variance(y, 0))
    return math.fsum(((p - mean_x) / sd_x) ** a * ((q - mean_y) / sd_y) ** b for p, q in rows) / n


def moments(x: Array, y: Array) -> list[float]:
    """Eleven numbers of one window, in the order of the kernel."""
    rows = complete(x, y)
    own = [variance([row[k] for row in rows], 1) for k in (0, 1)]
    return [float(len(rows)), *own, *(co_moment(rows, a, b) for a, b in ORDERS)]


def residuals(calm: Array, crisis: Array, factors: Sequence[int]) -> tuple[Array, Array]:
    """Columns of (rows, C) net of betas of each on the factors over its complete calm rows."""
    found = calm.copy(), crisis.copy()
    for c in range(calm.shape[1]):
        known = np.isfinite(calm[:, [c, *factors]]).all(axis=1)
        design = np.column_stack([np.ones(known.sum()), calm[known][:, factors]])
        beta = np.linalg.lstsq(design, calm[known, c], rcond=None)[0][1:]
        for own, window in zip(found, (calm, crisis), strict=True):
            own[:, c] = window[:, c] - window[:, factors] @ beta
    return found


def battery(
    calm: tuple[Array, Array],
    crisis: tuple[Array, Array],
    variant: str = "raw",
    kept: tuple[Array, Array] | None = None,
) -> list[float]:
    """Fisher, Forbes-Rigobon twice, CS12, CS21, CK13, CK31, CV22."""
    before, after = complete(*calm), complete(*crisis)
    nx, ny = len(before), len(after)
    x, y = co_moment(before, 1, 1), co_moment(after, 1, 1)
    delta = variance([r[0] for r in after], 1) / variance([r[0] for r in before], 1) - 1
    D = 1 + delta * (1 - y**2)
    nu = y / math.sqrt(D)
    root = math.sqrt(1 / (nx - 3) + 1 / (ny - 3))
    var_nu = (
        0.5
        * (1 + delta) ** 2
        / D**3
        * ((2 - y**2) * (1 - y**2) ** 2 / ny + y**2 * (1 - y**2) ** 2 / nx)
    )
    var_x = (1 - x**2) ** 2 / nx
    cov = 0.5 * y * x * (1 - y**2) * (1 - x**2) * (1 + delta) / D**1.5 / nx
    signed = [
        (math.atanh(y) - math.atanh(x)) / root,
        (math.atanh(nu) - math.atanh(x)) / root,
        (nu - x) / math.sqrt(var_nu + var_x - 2 * cov),
    ]
    return [*signed, *co_moment_tests(complete(*(kept or calm)), after, variant)]


def co_moment_tests(
    before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]], variant: str
) -> list[float]:
    nx, ny = len(before), len(after)
    x, y = co_moment(before, 1, 1), co_moment(after, 1, 1)
    delta = variance([r[0] for r in after], 1) / variance([r[0] for r in before], 1) - 1
    v = y if variant == "raw" else y / math.sqrt(1 + delta * (1 - y**2))

    def gap(a: int, b: int) -> float:
        return co_moment(after, a, b) - co_moment(before, a, b)

    skew = (4 * v**2 + 2) / ny + (4 * x**2 + 2) / nx
    kurt = (18 * v**2 + 6) / ny + (18 * x**2 + 6) / nx
    vola = (4 * v**4 + 16 * v**2 + 4) / ny + (4 * x**4 + 16 * x**2 + 4) / nx
    return [
        gap(1, 2) ** 2 / skew,
        gap(2, 1) ** 2 / skew,
        (gap(1, 3) - 3 * (v - x)) ** 2 / kurt,
        (gap(3, 1) - 3 * (v - x)) ** 2 / kurt,
        (gap(2, 2) - 2 * (v**2 - x**2)) ** 2 / vola,
    ]


def battery_of_moments(
    calm: Sequence[float], crisis: Sequence[float], kept: Sequence[float], variant: str
) -> list[float]:
    """`battery` from the eleven numbers of `moments`."""
    (nx, vx, _, x), (ny, vy, _, y) = calm[:4], crisis[:4]
    root, q = math.sqrt(1 / (nx - 3) + 1 / (ny - 3)), vy / vx
    D = 1 + (q - 1) * (1 - y**2)
    nu = y / math.sqrt(D)
    slope_y, slope_q = q / D**1.5, -0.5 * y * (1 - y**2) / D**1.5  # of nu, by its parts
    # Errors of y; of q from both windows; of x, which goes with the calm variance.
    var_nu = slope_y**2 * (1 - y**2) ** 2 / ny + slope_q**2 * q**2 * 2 * (1 / nx + 1 / ny)
    var_nu += 2 * slope_y * slope_q * q * y * (1 - y**2) / ny
    common = -slope_q * q * x * (1 - x**2) / nx
    spread = math.sqrt(var_nu + (1 - x**2) ** 2 / nx - 2 * common)
    signed = [math.atanh(y) - math.atanh(x), math.atanh(nu) - math.atanh(x), nu - x]
    own, k = kept[3], dict(zip(ORDERS, zip(kept[3:], crisis[3:], strict=True), strict=True))
    v = y if variant == "raw" else y / math.sqrt(1 + (vy / kept[1] - 1) * (1 - y**2))
    m = kept[0]
    squared = [
        ((k[order][1] - k[order][0] - shift) ** 2)
        / ((a * v**2 + b + c * v**4) / ny + (a * own**2 + b + c * own**4) / m)
        for order, shift, a, b, c in (
            ((1, 2), 0.0, 4, 2, 0),
            ((2, 1), 0.0, 4, 2, 0),
            ((1, 3), 3 * (v - own), 18, 6, 0),
            ((3, 1), 3 * (v - own), 18, 6, 0),
            ((2, 2), 2 * (v**2 - own**2), 16, 4, 4),
        )
    ]
    return [signed[0] / root, signed[1] / root, signed[2] / spread, *squared]


def transmitted_moments(
    calm: Sequence[float],
    crisis: Sequence[float],
    asked: tuple[float, float],
    noise: tuple[float, float],
) -> list[float]:
    """Moments of `transmitted` rows, the target's powers multiplied out."""
    m = {(2, 0): 1.0, (0, 2): 1.0, **dict(zip(ORDERS, crisis[3:], strict=True))}
    c = dict(zip(ORDERS, calm[3:], strict=True))
    unit = math.sqrt(calm[2] / calm[1])
    beta, rho, r = c[1, 1] * unit, c[1, 1], math.sqrt(crisis[2] / crisis[1])
    error2 = unit**2 * (c[2, 2] - 2 * rho * c[3, 1] + rho**2 * c[4, 0]) / (calm[0] - 2)
    left = crisis[1] * (r**2 - 2 * beta * r * m[1, 1] + beta**2) / (calm[2] * (1 - rho**2))
    k2, g2 = asked[0] / (crisis[1] / calm[1]), asked[1] / left
    blur = math.sqrt(max(k2 - g2, 0.0) * (error2 + noise[1] * unit**2)) * noise[0]
    g = math.sqrt(g2)
    a, b = beta * math.sqrt(k2) + blur - g * beta, g * r  # of standardised x and y
    total = a * a + 2 * a * b * m[1, 1] + b * b
    made = [crisis[0], calm[1] * asked[0], crisis[1] * total]
    for p, q in ORDERS:
        terms = [
            math.comb(q, j) * a**j * b ** (q - j) * m[p + j, q - j]
            for j in range(q + 1)
            if (p + j, q - j) in m
        ]
        assert len(terms) == q + 1
        made.append(math.fsum(terms) / total ** (q / 2))
    return made


def link(calm: tuple[Array, Array]) -> tuple[float, float]:
    """Beta of the target on the source, and its standard error (White 1980, HC1)."""
    rows = np.array(complete(*calm))
    x, y = rows[:, 0] - rows[:, 0].mean(), rows[:, 1] - rows[:, 1].mean()
    beta = float(x @ y / (x @ x))
    n = len(rows)
    scores = np.sum((x * (y - beta * x)) ** 2) * n / (n - 2)
    return beta, float(np.sqrt(scores) / (x @ x))


def wander(dates: Sequence[tuple[tuple[Array, Array], tuple[Array, Array]]]) -> float:
    """Mean over dates of the link's squared change less both squared errors, in calm units."""
    each = []
    for calm, crisis in dates:
        (before, its_error), (after, error) = link(calm), link(crisis)
        rows = np.array(complete(*calm))
        unit = rows[:, 1].var() / rows[:, 0].var()
        each.append(((after - before) ** 2 - error**2 - its_error**2) / unit)
    return max(0.0, math.fsum(each) / len(each))


def ratios(calm: tuple[Array, Array], crisis: tuple[Array, Array]) -> tuple[float, float, float]:
    """Crisis over calm: variance of the source, of the target, and of y - b x."""
    beta, _ = link(calm)
    before, after = complete(*calm), complete(*crisis)
    series = ([r[0] for r in w] for w in (after, before))
    source = [variance(one, 1) for one in series]
    target = [variance([r[1] for r in w], 1) for w in (after, before)]
    left = [variance([r[1] - beta * r[0] for r in w], 1) for w in (after, before)]
    return source[0] / source[1], target[0] / target[1], left[0] / left[1]


def transmitted(
    calm: tuple[Array, Array],
    crisis: tuple[Array, Array],
    source: float,
    unexplained: float,
    noise: tuple[float, float],
) -> tuple[Array, Array]:
    """Crisis rows with those variance ratios and a constant link, by changing every row.

    ``noise``: a standard normal number, and how far the link wanders.
    """
    beta, error = link(calm)
    own = ratios(calm, crisis)
    k, g = math.sqrt(source / own[0]), math.sqrt(unexplained / own[2])
    rows = np.array(complete(*calm))
    unit = float(rows[:, 1].var() / rows[:, 0].var())
    blur = math.sqrt(max(k**2 - g**2, 0.0) * (error**2 + noise[1] * unit)) * noise[0]
    x, y = crisis
    return k * x, (beta * k + blur) * x + g * (y - beta * x)


def pvalue(real: float, pseudo: Sequence[float]) -> float:
    known = [value for value in pseudo if np.isfinite(value)]
    return (1 + sum(value >= real for value in known)) / (1 + len(known))


def romano_wolf(
    real: Sequence[float],
    own: Sequence[Sequence[float]],
    at: Sequence[Sequence[int]] | None = None,
) -> list[float]:
    """Step-down over the smallest p-value; ``own`` scores of each pair, ``at`` each date."""
    J = len(real)
    p = [pvalue(real[j], own[j]) for j in range(J)]
    scale = [
        [(sum(s >= t for s in own[j]) + (real[j] >= t)) / (1 + len(own[j])) for t in own[j]]
        for j in range(J)
    ]
    places = at if at is not None else [range(len(own[0]))] * J
    chance = [[scale[j][places[j][t]] for j in range(J)] for t in range(len(places[0]))]
    adjusted, last = [0.0] * J, 0.0
    left = sorted(range(J), key=lambda j: p[j])
    while left:
        j = left[0]
        beyond = sum(min(row[i] for i in left) <= p[j] for row in chance)
        last = adjusted[j] = max(last, (1 + beyond) / (1 + len(chance)), p[j])
        left = left[1:]
    return adjusted
