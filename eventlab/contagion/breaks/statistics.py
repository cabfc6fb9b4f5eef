"""The eight statistics of a correlation break, and what a constant link would have made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "FEWEST",
    "N_SIGNED",
    "PERFECT",
    "RHO",
    "VX",
    "N",
    "Ratios",
    "adjusted_correlation",
    "asymptotic_pvalues",
    "break_statistics",
    "fisher_error",
    "lift",
    "link_wander",
    "transmit",
    "variance_ratios",
]

N_SIGNED: Final = 3  # the first tests have a sign, the others are chi2(1)
FEWEST: Final = 4  # rows: Fisher's variance is 1 / (n - 3)
PERFECT: Final = 1e-12  # a correlation closer to 1 is 1 but for rounding

# Places in the last axis of what `break_moments_nb` writes.
N, VX, VY, RHO, M30, M21, M12, M40, M31, M22, M13 = range(11)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Crisis over calm: variance of the source, of the target, and of what the link leaves."""

    source: npt.NDArray[np.float64]
    target: npt.NDArray[np.float64]
    unexplained: npt.NDArray[np.float64]


def break_statistics(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    variant: str,
    *,
    kept: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    """Compute the eight statistics of `TESTS` from the moments of both windows.

    Parameters
    ----------
    calm, crisis
        (..., 11) as `break_moments_nb` writes them.
    variant
        ``raw`` puts the correlation of the crisis into the co-moment tests; ``nu`` Forbes and
        Rigobon's, as published, which also rejects where variances rise alone.
    kept
        (11,) moments that stand for ``calm`` in the co-moment tests.

    Returns
    -------
    (..., 8): NaN where a window has fewer than 4 rows, a constant series or a correlation of 1.

    References
    ----------
    Forbes & Rigobon (2002), eq. 11; Fry, Martin & Tang (2010), eqs. 14-17; Fry-McKibbin & Hsiao
    (2018), eqs. 16-20. The delta-method variance is of their nu, its parts by the delta method.
    """
    rho_x, rho_y = _within(calm), _within(crisis)
    nu = adjusted_correlation(calm, crisis)
    error = fisher_error(calm[..., N], crisis[..., N])
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.arctanh(rho_x)
        fisher = (np.arctanh(rho_y) - before) / error
        classic = (np.arctanh(nu) - before) / error
        delta = (nu - rho_x) / np.sqrt(_delta_variance(calm, crisis))
    then = calm if kept is None else kept
    if variant == "raw":
        co_moments = _co_moments(then, crisis, rho_y)
    else:
        co_moments = _co_moments(then, crisis, adjusted_correlation(then, crisis))
    found = np.stack([fisher, classic, delta, *co_moments], axis=-1)
    found[~np.isfinite(found) | ~np.isfinite(fisher)[..., None]] = np.nan
    return found


def adjusted_correlation(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Correlation of the crisis at the source's calm variance (Forbes & Rigobon 2002, eq. 11)."""
    rho = _within(crisis)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = crisis[..., VX] / calm[..., VX] - 1.0
        return np.asarray(rho / np.sqrt(1.0 + shift * (1.0 - rho * rho)))


def fisher_error(
    n_calm: npt.NDArray[np.float64], n_crisis: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Compute the standard error of a change of atanh(rho); NaN below 4 rows in a window."""
    enough = np.minimum(n_calm, n_crisis) >= FEWEST
    x, y = np.where(enough, n_calm, np.nan), np.where(enough, n_crisis, np.nan)
    return np.asarray(np.sqrt(1.0 / (x - 3.0) + 1.0 / (y - 3.0)))


def asymptotic_pvalues(statistics: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(..., 8) two-sided p of z and t statistics, upper-tail p of chi2(1)."""
    signed = 2.0 * special.ndtr(-np.abs(statistics[..., :N_SIGNED]))
    squared = special.chdtrc(1.0, statistics[..., N_SIGNED:])
    return np.concatenate([signed, squared], axis=-1)


def variance_ratios(calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]) -> Ratios:
    """How variances changed; the link is the calm window's beta of the target on the source."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rho, both = _within(calm), np.sqrt(crisis[..., VX] * crisis[..., VY])
        link = rho * np.sqrt(calm[..., VY] / calm[..., VX])
        left = crisis[..., VY] + link * (link * crisis[..., VX] - 2.0 * crisis[..., RHO] * both)
        return Ratios(
            crisis[..., VX] / calm[..., VX],
            crisis[..., VY] / calm[..., VY],
            left / (calm[..., VY] * (1.0 - rho * rho)),
        )


def link_wander(calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]) -> float:
    """Variance of the link between the two windows of a date, beyond that of its estimates.

    The mean over dates (n, 11) of (b_y - b_x)^2 less both squared standard errors, each in units
    of the calm window's standard deviations; 0 where estimates alone explain it.
    """
    before, its_error = _link(calm)
    after, error = _link(crisis)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = (after - before) ** 2 - error**2 - its_error**2
        each = moved * calm[..., VX] / calm[..., VY]
    known = each[np.isfinite(each)]
    return max(0.0, float(known.mean())) if known.size else 0.0


def transmit(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    ratios: Ratios,
    noise: npt.NDArray[np.float64],
    wander: float,
) -> npt.NDArray[np.float64]:
    """Moments of the crisis window had variances changed as in ``ratios`` and the link not.

    The source x becomes k x and what the calm link b leaves of the target, e = y - b x, becomes
    g e, so that both variances are those asked for; the target is b k x + g e. Scale factors leave
    standardised moments of (k x, y) as they are in x and y, so that those of the new pair follow
    from the old ones in closed form.

    The link is not known: b is an estimate, and betas wander. At the event that error is multiplied
    by k, here only by g. Without more, a pseudo-date would look too much like its own calm window
    when k > g, and a nominal 5% be 8% at three times the variance. ``noise`` (...) are standard
    normal numbers that restore the difference, times the link's standard error (White 1980) and
    its `link_wander`.
    """
    own = variance_ratios(calm, crisis)
    with np.errstate(invalid="ignore", divide="ignore"):
        k2, g2 = ratios.source / own.source, ratios.unexplained / own.unexplained
        link, error = _link(calm)
        spread = error**2 + wander * calm[..., VY] / calm[..., VX]
        blur = np.sqrt(np.maximum(k2 - g2, 0.0) * spread) * noise
        k, g = np.sqrt(k2), np.sqrt(g2)
        a = (link * (k - g) + blur) * np.sqrt(crisis[..., VX])
        b = g * np.sqrt(crisis[..., VY])
        made = _mixed(crisis, a, b)
    made[..., VX] = calm[..., VX] * ratios.source
    return made


def lift(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    side: float,
    shifts: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Compute Fisher's statistic (n, G), times ``side``, had the correlation truly changed.

    The target of each date becomes u x + v y in units of calm standard deviations, u and v such
    that the calm correlation, atanh(rho), becomes one of atanh(rho) + shift. Shifting the statistic
    itself was tried and rejected: it spreads as correlation rises, for variances come and go.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = side * _within(calm)[:, None], side * _within(crisis)[:, None]
        wanted = np.tanh(np.arctanh(x) + shifts)
        v = np.sqrt((1.0 - wanted * wanted) / (1.0 - x * x))
        u = wanted - x * v
        u = u * np.sqrt(crisis[..., VX] / calm[..., VX])[:, None]
        v = v * np.sqrt(crisis[..., VY] / calm[..., VY])[:, None]
        made = (u + v * y) / np.sqrt(u * u + v * v + 2.0 * u * v * y)
        made = np.minimum(made, 1.0 - PERFECT)
        error = fisher_error(calm[..., N], crisis[..., N])[:, None]
        return np.asarray((np.arctanh(made) - np.arctanh(x)) / error)


def _link(
    moments: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Beta of the target on the source, and its standard error (White 1980, HC1)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rho, scale = _within(moments), np.sqrt(moments[..., VY] / moments[..., VX])
        scatter = moments[..., M22] + rho * (rho * moments[..., M40] - 2.0 * moments[..., M31])
        error = scale * np.sqrt(np.maximum(scatter, 0.0) / (moments[..., N] - 2.0))
        return scale * rho, error


def _mixed(
    old: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Moments of (x, a x + b y) from those of standardised (x, y)."""
    made = old.copy(order="K")
    made[..., VY] = a * a + b * b + 2.0 * a * b * old[..., RHO]
    s = np.sqrt(made[..., VY])
    u, v = a / s, b / s
    made[..., RHO] = u + v * old[..., RHO]
    made[..., M21] = u * old[..., M30] + v * old[..., M21]
    made[..., M12] = u * u * old[..., M30] + v * (2.0 * u * old[..., M21] + v * old[..., M12])
    made[..., M31] = u * old[..., M40] + v * old[..., M31]
    made[..., M22] = u * u * old[..., M40] + v * (2.0 * u * old[..., M31] + v * old[..., M22])
    made[..., M13] = u**3 * old[..., M40] + v * (
        3.0 * u * (u * old[..., M31] + v * old[..., M22]) + v * v * old[..., M13]
    )
    return made


def _within(moments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Correlation; NaN where it is 1 or -1 but for rounding."""
    rho = moments[..., RHO]
    return np.where(1.0 - np.abs(rho) > PERFECT, rho, np.nan)


def _delta_variance(
    calm: npt.NDArray[np.float64], crisis: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Variance of nu - rho_x by the delta method."""
    x, y = calm[..., RHO], crisis[..., RHO]
    n_x, n_y = calm[..., N], crisis[..., N]
    ratio, free_x, free_y = crisis[..., VX] / calm[..., VX], 1.0 - x * x, 1.0 - y * y
    D = 1.0 + (ratio - 1.0) * free_y
    spread = (2.0 - y * y) * free_y**2 / n_y + y * y * free_y**2 / n_x
    common = 0.5 * y * x * free_y * free_x * ratio * D**-1.5 / n_x
    return np.asarray(0.5 * ratio**2 * D**-3.0 * spread + free_x**2 / n_x - 2.0 * common)


def _co_moments(
    calm: npt.NDArray[np.float64],
    crisis: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], ...]:
    """CS12, CS21, CK13, CK31 and CV22; y stands in them for the correlation of the crisis."""
    x = _within(calm)
    n_x, n_y, xx, yy = calm[..., N], crisis[..., N], x * x, y * y
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = (4.0 * yy + 2.0) / n_y + (4.0 * xx + 2.0) / n_x
        kurtosis = (18.0 * yy + 6.0) / n_y + (18.0 * xx + 6.0) / n_x
        square_x, square_y = 4.0 * xx * xx + 16.0 * xx + 4.0, 4.0 * yy * yy + 16.0 * yy + 4.0
        moved = crisis - calm
        volatility = moved[..., M22] - 2.0 * (yy - xx)
        return (
            moved[..., M12] ** 2 / skew,
            moved[..., M21] ** 2 / skew,
            (moved[..., M13] - 3.0 * (y - x)) ** 2 / kurtosis,
            (moved[..., M31] - 3.0 * (y - x)) ** 2 / kurtosis,
            volatility**2 / (square_y / n_y + square_x / n_x),
        )
