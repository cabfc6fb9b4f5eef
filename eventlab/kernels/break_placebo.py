"""Statistics of a correlation break, at events and at the pseudo-dates of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "FEWEST",
    "N_FACTS",
    "N_LIFTS",
    "N_SCORES",
    "PERFECT",
    "adjusted_nb",
    "break_statistics_nb",
    "date_facts_nb",
    "lifts_nb",
    "pseudo_scores_nb",
    "shown_nb",
    "transmit_nb",
    "variance_ratios_nb",
]

FEWEST = 4  # rows: Fisher's variance is 1 / (n - 3)
PERFECT = 1e-12  # a correlation closer to 1 is 1 but for rounding
N_FACTS = 4  # numbers of a date that `date_facts_nb` writes
N_LIFTS = 5  # numbers of a date that `lifts_nb` writes
N_SCORES = 16  # Fisher, five co-moment tests, the eight given the event's variances, two variances

# Places in the last axis of what `break_moments_nb` writes.
N, VX, VY, RHO, M30, M21, M12, M40, M31, M22, M13 = range(11)


@kernel
def break_statistics_nb(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    kept: npt.NDArray[np.float64],
    published: bool,  # noqa: FBT001 - a kernel takes positional arguments
    out: npt.NDArray[np.float64],
) -> None:
    """Write the eight statistics (8,) from the moments (11,) of both windows.

    Fisher, Forbes & Rigobon (2002, eq. 11) in the classic and the delta-method form; CS12, CS21,
    CK13, CK31 and CV22 (Fry, Martin & Tang 2010, eqs. 14-17; Fry-McKibbin & Hsiao 2018, eqs. 16-20)
    with ``kept`` in place of ``calm``. With ``published`` Forbes and Rigobon's correlation stands
    in them for that of the crisis. NaN where a window has fewer than 4 rows, a constant series or a
    correlation of 1.
    """
    x, y, error = within_nb(calm[RHO]), within_nb(crisis[RHO]), error_nb(calm, crisis)
    before = np.arctanh(x)
    out[0] = (np.arctanh(y) - before) / error
    if out[0] - out[0] != 0.0:
        for k in range(8):
            out[k] = np.nan
        return
    nu, n_x, n_y = adjusted_nb(calm, crisis), calm[N], crisis[N]
    ratio, free_x, free_y = crisis[VX] / calm[VX], 1.0 - x * x, 1.0 - y * y
    D = 1.0 + (ratio - 1.0) * free_y
    flat = ratio / (D * np.sqrt(D))
    spread = (2.0 - y * y) * free_y * free_y / n_y + y * y * free_y * free_y / n_x
    common = 0.5 * y * x * free_y * free_x * flat / n_x
    variance = 0.5 * flat * flat * spread + free_x * free_x / n_x - 2.0 * common
    out[1] = (np.arctanh(nu) - before) / error
    out[2] = (nu - x) / np.sqrt(variance)
    co_moments_nb(kept, crisis, adjusted_nb(kept, crisis) if published else y, out[3:])
    for k in range(1, 8):
        if out[k] - out[k] != 0.0:
            out[k] = np.nan


@kernel
def co_moments_nb(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    y: float,
    out: npt.NDArray[np.float64],
) -> None:
    """Write CS12, CS21, CK13, CK31 and CV22; y stands for the correlation of the crisis."""
    x, n_x, n_y = calm[RHO], calm[N], crisis[N]
    xx, yy = x * x, y * y
    skew = (4.0 * yy + 2.0) / n_y + (4.0 * xx + 2.0) / n_x
    kurtosis = (18.0 * yy + 6.0) / n_y + (18.0 * xx + 6.0) / n_x
    both = (4.0 * yy * yy + 16.0 * yy + 4.0) / n_y + (4.0 * xx * xx + 16.0 * xx + 4.0) / n_x
    out[0] = (crisis[M12] - calm[M12]) ** 2 / skew
    out[1] = (crisis[M21] - calm[M21]) ** 2 / skew
    out[2] = (crisis[M13] - calm[M13] - 3.0 * (y - x)) ** 2 / kurtosis
    out[3] = (crisis[M31] - calm[M31] - 3.0 * (y - x)) ** 2 / kurtosis
    out[4] = (crisis[M22] - calm[M22] - 2.0 * (yy - xx)) ** 2 / both


@kernel
def error_nb(calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]) -> float:
    """Return the standard error of a change of atanh(rho); NaN below 4 rows in a window."""
    if min(calm[N], crisis[N]) < FEWEST:
        return np.nan
    return float(np.sqrt(1.0 / (calm[N] - 3.0) + 1.0 / (crisis[N] - 3.0)))


@kernel
def within_nb(rho: float) -> float:
    """Return a correlation; NaN where it is 1 or -1 but for rounding."""
    return rho if 1.0 - abs(rho) > PERFECT else np.nan


@kernel
def adjusted_nb(calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]) -> float:
    """Return the correlation of the crisis at the source's calm variance (FR 2002, eq. 11)."""
    rho = within_nb(crisis[RHO])
    return float(rho / np.sqrt(1.0 + (crisis[VX] / calm[VX] - 1.0) * (1.0 - rho * rho)))


@kernel
def link_nb(moments: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the beta of the target on the source, and its standard error (White 1980, HC1)."""
    rho, scale = within_nb(moments[RHO]), np.sqrt(moments[VY] / moments[VX])
    scatter = moments[M22] + rho * (rho * moments[M40] - 2.0 * moments[M31])
    return scale * rho, scale * np.sqrt(max(scatter, 0.0) / (moments[N] - 2.0))


@kernel
def variance_ratios_nb(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64], out: npt.NDArray[np.float64]
) -> None:
    """Write (3,) crisis over calm: variance of source, of target, and of what the link leaves.

    The link is the calm window's beta of the target on the source.
    """
    rho, both = within_nb(calm[RHO]), np.sqrt(crisis[VX] * crisis[VY])
    link = rho * np.sqrt(calm[VY] / calm[VX])
    left = crisis[VY] + link * (link * crisis[VX] - 2.0 * crisis[RHO] * both)
    out[0] = crisis[VX] / calm[VX]
    out[1] = crisis[VY] / calm[VY]
    out[2] = left / (calm[VY] * (1.0 - rho * rho))


@kernel
def date_facts_nb(moments: npt.NDArray[np.float64], out: npt.NDArray[np.float64]) -> None:
    """Write what dates say whatever the event (P, R, 4), from moments (P, R, 2, 11).

    Fisher's statistic, logarithms of both variance ratios, and how far the link moved between the
    two windows beyond what its estimates explain: (b_y - b_x)^2 less both squared standard errors,
    in units of the calm window's standard deviations. Their mean over dates, if above 0, is how the
    link wanders.
    """
    for p in range(moments.shape[0]):
        for r in range(moments.shape[1]):
            calm, crisis = moments[p, r, 0], moments[p, r, 1]
            rise = np.arctanh(within_nb(crisis[RHO])) - np.arctanh(within_nb(calm[RHO]))
            before, its_error = link_nb(calm)
            after, error = link_nb(crisis)
            moved = (after - before) ** 2 - error * error - its_error * its_error
            out[p, r, 0] = rise / error_nb(calm, crisis)
            out[p, r, 1] = np.log(crisis[VX] / calm[VX])
            out[p, r, 2] = np.log(crisis[VY] / calm[VY])
            out[p, r, 3] = moved * calm[VX] / calm[VY]


@kernel
def transmit_nb(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    asked: npt.NDArray[np.float64],
    noise: float,
    wander: float,
    out: npt.NDArray[np.float64],
) -> None:
    """Write the moments (11,) of the crisis had variances changed as ``asked`` and the link not.

    The source x becomes k x and what the calm link b leaves of the target, e = y - b x, becomes
    g e, so that both variance ratios are those asked for; the target is b k x + g e. Scale factors
    leave standardised moments of (k x, y) as they are in x and y, so that those of the new pair
    follow from the old ones in closed form.

    The link is not known: b is an estimate, and betas wander. At the event that error is multiplied
    by k, here only by g. Without more, a pseudo-date would look too much like its own calm window
    when k > g, and a nominal 5% be 8% at three times the variance. ``noise`` is a standard normal
    number that restores the difference, times the link's standard error and its ``wander``.
    """
    variance_ratios_nb(calm, crisis, out)
    k2, g2 = asked[0] / out[0], asked[2] / out[2]
    link, error = link_nb(calm)
    spread = error * error + wander * calm[VY] / calm[VX]
    k, g, blur = np.sqrt(k2), np.sqrt(g2), np.sqrt(max(k2 - g2, 0.0) * spread) * noise
    a = (link * (k - g) + blur) * np.sqrt(crisis[VX])
    b = g * np.sqrt(crisis[VY])
    out[N], out[VX] = crisis[N], calm[VX] * asked[0]
    out[VY] = a * a + b * b + 2.0 * a * b * crisis[RHO]
    s = np.sqrt(out[VY])
    u, v = a / s, b / s  # the new target is u x + v y of standardised x and y
    x3, x4, x3y, x2y2 = crisis[M30], crisis[M40], crisis[M31], crisis[M22]
    out[RHO] = u + v * crisis[RHO]
    out[M30], out[M40] = x3, x4
    out[M21] = u * x3 + v * crisis[M21]
    out[M12] = u * u * x3 + v * (2.0 * u * crisis[M21] + v * crisis[M12])
    out[M31] = u * x4 + v * x3y
    out[M22] = u * u * x4 + v * (2.0 * u * x3y + v * x2y2)
    out[M13] = u * u * u * x4 + v * (3.0 * u * (u * x3y + v * x2y2) + v * v * crisis[M13])


@kernel
def pseudo_scores_nb(
    moments: npt.NDArray[np.float64],
    facts: npt.NDArray[np.float64],
    pair: npt.NDArray[np.int64],
    own: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    noise: npt.NDArray[np.float64],
    events: npt.NDArray[np.float64],
    ratios: npt.NDArray[np.float64],
    published: bool,  # noqa: FBT001 - a kernel takes positional arguments
    out: npt.NDArray[np.float64],
) -> None:
    """Write the 16 statistics of J items at the pseudo-dates of each, (16, J, n).

    Fisher and the co-moment tests of the dates as they are; all eight of what a constant link would
    have made of them with the ``ratios`` (J, 3) of the event; logarithms of two variance ratios.
    The first ``count`` (J,) of ``own`` (J, n) are places of an item's dates in ``moments``
    (P, R, 2, 11) and ``facts`` of `date_facts_nb`, the rest is NaN; ``pair`` (J,) is its place in
    P. ``noise`` (R,) is that of `transmit_nb`. Of the event's moments ``events`` (J, 2, 11) the
    co-moment tests keep the calm window: those of a calm window hang on its one or two largest
    returns, hardly change from date to date, and would leave no more independent dates than there
    are calm windows side by side (7 in 900 bars: a nominal 5% is 7 to 9%). The correlation of a
    calm window does not have that weakness, and follows the level of its time.
    """
    made, found = np.empty(11), np.empty(8)
    for j in range(len(pair)):
        wander, kept = 0.0, events[j, 0]
        for t in range(count[j]):
            wander += facts[pair[j], own[j, t], 3] / count[j]
        wander = max(wander, 0.0)
        for t in range(count[j]):
            calm, crisis = moments[pair[j], own[j, t], 0], moments[pair[j], own[j, t], 1]
            out[0, j, t] = facts[pair[j], own[j, t], 0]
            co_moments_nb(kept, crisis, crisis[RHO], found)
            for k in range(5):
                out[1 + k, j, t] = found[k]
            transmit_nb(calm, crisis, ratios[j], noise[own[j, t]], wander, made)
            break_statistics_nb(calm, made, kept, published, found)
            for k in range(8):
                out[6 + k, j, t] = found[k]
            out[14, j, t] = facts[pair[j], own[j, t], 1]
            out[15, j, t] = facts[pair[j], own[j, t], 2]
        for c in range(N_SCORES):
            out[c, j, count[j] :] = np.nan


@kernel
def lifts_nb(
    moments: npt.NDArray[np.float64],
    places: npt.NDArray[np.int64],
    n: int,
    side: float,
    out: npt.NDArray[np.float64],
) -> None:
    """Write what Fisher's statistic becomes of a true change of atanh(rho) by s, (5, n).

    At the first ``n`` of ``places`` in (R, 2, 11), times ``side``, it is
    (asinh(A (cosh s - 1) + B sinh s + C) - D) E. The target of each date becomes u x + v y in units
    of calm standard deviations, u and v such that the calm correlation changes by s. Shifting the
    statistic itself was tried and rejected: it spreads as correlation rises, for variances come and
    go.
    """
    for t in range(n):
        calm, crisis = moments[places[t], 0], moments[places[t], 1]
        x, y = side * calm[RHO], side * crisis[RHO]
        root = np.sqrt(1.0 - y * y)
        unit = np.sqrt(crisis[VX] * calm[VY] / (calm[VX] * crisis[VY])) / root
        out[0, t], out[1, t], out[2, t] = x * unit, unit, y / root
        out[3, t], out[4, t] = np.arctanh(x), 1.0 / error_nb(calm, crisis)


@kernel
def shown_nb(
    lifts: npt.NDArray[np.float64],
    members: npt.NDArray[np.int64],
    drawn: npt.NDArray[np.int64],
    shift: float,
    critical: float,
) -> float:
    """Return the share of n draws on which a true change by ``shift`` is beyond ``critical``.

    ``lifts`` (M, 5, R) are those of `lifts_nb`; the statistic of a draw is the mean over
    ``members`` (E,) at their own ``drawn`` (E, n) dates.
    """
    E, n = drawn.shape
    lifted, total, beyond = np.empty(lifts.shape[2]), np.zeros(n), 0
    arch, line = np.cosh(shift) - 1.0, np.sinh(shift)
    for e in range(E):
        own = lifts[members[e]]
        for t in range(lifts.shape[2]):
            w = own[0, t] * arch + own[1, t] * line + own[2, t]
            root = np.log(abs(w) + np.sqrt(w * w + 1.0))
            lifted[t] = ((root if w > 0.0 else -root) - own[3, t]) * own[4, t]
        for t in range(n):
            total[t] += lifted[drawn[e, t]]
    for t in range(n):
        beyond += total[t] > E * critical
    return float(beyond / n)
