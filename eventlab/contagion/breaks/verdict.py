"""One verdict per pair, and the rule that gave it in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from eventlab.contagion.breaks.specs import Verdict

__all__ = ["HIGHEST", "POWER", "Evidence", "judge", "worth_knowing"]

POWER: Final = 0.8
_CONSTANT: Final = "a constant link explains it"
HIGHEST: Final = 0.999  # a correlation beyond which a change is not asked for


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on. P-values are adjusted over the pairs of the family.

    Attributes
    ----------
    rho_calm, rho_crisis
        Correlations of the two windows.
    side
        -1 where a stronger link is a fall: the calm correlation is clearly negative, or has no
        clear sign and that of the crisis is negative.
    correlation, link
        P-values of Fisher's statistic (two-sided) and of Forbes and Rigobon's given the variances
        of the event (upper tail: the link is stronger).
    variances, variance_pvalues
        Crisis over calm of source and target; how often pseudo-dates have them as high.
    detectable, reachable
        Smallest rise that would have been shown; whether any statistic would be significant.
    n_placebo, n_pairs
        Pseudo-dates, pairs of the family.
    asymptotic
        The p-values are not of pseudo-dates, of which there are too few.
    """

    rho_calm: float
    rho_crisis: float
    side: float
    correlation: float
    link: float
    alone: float
    variances: tuple[float, float]
    variance_pvalues: tuple[float, float]
    detectable: float
    reachable: bool
    n_placebo: int
    n_pairs: int
    asymptotic: bool


def judge(found: Evidence, level: float, smallest_change: float) -> tuple[Verdict, str]:
    """Give the verdict and its rule. The first that applies, in this order.

    1. The correlation changed (Fisher against pseudo-dates):

       a. it rose (fell, where it was clearly negative before) and so did the link, given the
          variances of the event: ``contagion``;
       b. otherwise ``interdependence``: a constant link passes that change on. Where correlation
          fell the rule says ``decoupling``: whatever moved the pair, it did not move it together.

    2. It did not, but both variances rose: ``common volatility shock``.
    3. Nothing rejects and windows that short would not have shown the `worth_knowing` change in
       80 of 100 cases: ``underpowered``.
    4. ``no change``.

    Nothing without a correlation in both windows: an empty verdict and an empty rule.
    """
    if not np.isfinite(found.correlation):
        return "", ""
    verdict, rule = _verdict(found, level, smallest_change)
    if found.asymptotic:
        rule += (
            f". ASYMPTOTIC p-values, because there are only {found.n_placebo} placebo dates: on "
            "short windows of fat-tailed returns they reject far too often"
        )
    elif found.n_pairs > 1:
        rule += f" [p by Romano-Wolf over {found.n_pairs} pairs; alone {found.alone:.3f}]"
    return verdict, rule


def worth_knowing(rho_calm: float, side: float, smallest_change: float) -> float:
    """Smallest change asked for, or half of the way to a correlation of 1 where that is less."""
    return min(smallest_change, (1.0 - side * rho_calm) / 2.0)


def _verdict(found: Evidence, level: float, smallest_change: float) -> tuple[Verdict, str]:
    if found.correlation <= level:
        return _changed(found, level)
    unchanged = f"correlation {_path(found)} is not beyond calm dates ({_p(found.correlation)})"
    if found.link <= level:
        unchanged += f", though the target's beta on the source rose ({_p(found.link)})"
    if all(pvalue <= level for pvalue in found.variance_pvalues):
        return "common volatility shock", f"both variances rose ({_variances(found)}); {unchanged}"
    worth = worth_knowing(found.rho_calm, found.side, smallest_change)
    if found.detectable <= worth:
        return "no change", f"{unchanged}; {_shift(found)} would have shown"
    return "underpowered", f"{unchanged}, and {_power(found, worth)}"


def _changed(found: Evidence, level: float) -> tuple[Verdict, str]:
    beyond = f"beyond calm dates ({_p(found.correlation)})"
    moved = f"{_path(found)}, {beyond}"
    if found.side * (found.rho_crisis - found.rho_calm) > 0.0:
        further = " further below zero" if found.rho_calm < 0.0 else ""
        word = "rose" if found.side > 0.0 else f"fell{further}"
        if found.link <= level:
            why = f"and beyond what the source's variance explains ({_p(found.link)})"
            return "contagion", f"correlation {word} {moved} {why}"
        why = f"but not beyond what the source's variance explains ({_p(found.link)})"
        return "interdependence", f"correlation {word} {moved}, {why}"
    word = "fell" if found.side > 0.0 else "rose from below zero"
    weaker = np.isfinite(found.link) and found.link >= 1.0 - level
    turned = found.rho_calm * found.rho_crisis < 0.0
    why = f"the link {'turned' if turned else 'weakened'}" if weaker else _CONSTANT
    return "interdependence", f"decoupling: correlation {word} {moved}; {why} ({_p(found.link)})"


def _power(found: Evidence, worth: float) -> str:
    asked = f"with 80% power (worth knowing: {worth:.2f})"
    if np.isfinite(found.detectable):
        return f"only {_shift(found)} would have shown {asked}"
    if found.asymptotic or not found.reachable:
        return f"{found.n_placebo} placebo dates are too few to say what would have shown"
    return f"even a correlation of {HIGHEST} would not have shown {asked}"


def _shift(found: Evidence) -> str:
    """Say what power is known of: a stronger link, not a weaker one."""
    return f"a {'rise' if found.side > 0.0 else 'fall'} of {found.detectable:.2f}"


def _path(found: Evidence) -> str:
    return f"from {found.rho_calm:.2f} to {found.rho_crisis:.2f}"


def _variances(found: Evidence) -> str:
    return ", ".join(
        f"{name} x{ratio:.1f}, {_p(pvalue)}"
        for name, ratio, pvalue in zip(
            ("source", "target"), found.variances, found.variance_pvalues, strict=True
        )
    )


def _p(value: float) -> str:
    return f"p {value:.3f}" if np.isfinite(value) else "no p"
