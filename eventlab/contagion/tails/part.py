"""Tails of one event: the source and each target over the bars that end with its crisis window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy import special

from eventlab.contagion.placebo import PlaceboPvalue, placebo_pvalue, pseudo_rows
from eventlab.contagion.resampling import block_length, stationary_rows
from eventlab.contagion.tails.asymmetry import asymmetric_beta, downside_beta
from eventlab.contagion.tails.delta_covar import delta_of
from eventlab.contagion.tails.dependence import joint_tails, tail_dependence
from eventlab.contagion.tails.exceedance import exceedances
from eventlab.contagion.tails.hac import normal_pvalue
from eventlab.contagion.tails.series import MIN_ROWS, fixed, too_few
from eventlab.kernels.tails import tail_windows_nb

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition

__all__ = ["HISTORY", "MEASURES", "TAIL", "TailTables", "tail_tables"]

HISTORY: Final = 500  # bars: 25 of them in a 5% tail
LEAST: Final = 100  # complete rows among them; a 5% quantile of fewer rests on four or less
TAIL: Final = 0.05
THETA: Final = 0.5  # standard deviations beyond which two series fall or rise together
FAST_DATES: Final = 500  # pseudo-dates: histories a few bars apart say the same
SLOW_DATES: Final = 100  # of what takes long at each
MIN_HISTORIES: Final = 4  # over fewer, the latest history is too often the most extreme
DRAWS: Final = 100  # bootstrap draws: enough for a standard error
STREAM: Final = 7303  # keeps these draws apart from others of the same seed
MEASURES: Final = (
    "delta_covar",
    "delta_covar_change",
    "asymmetry",
    "downside_beta",
    "upside_beta",
    "downside_difference",
    "exceedance_difference",
    "tail_dependence_lower",
    "tail_dependence_upper",
)
FAST: Final = MEASURES[2:7]
CHANGE: Final = "delta_covar_change"
COLUMNS: Final = [
    *("occurrence", "source", "target", "measure", "value", "low", "high"),
    *("statistic", "pvalue", "placebo_pvalue", "n", "note"),
]


@dataclass(frozen=True, slots=True)
class TailTables:
    """The table ``tails`` of `EventContagion`: a row per target and measure."""

    tails: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Found:
    """One measure at the event."""

    value: float
    low: float = np.nan
    high: float = np.nan
    statistic: float = np.nan
    pvalue: float = np.nan
    n: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """The rows that a statistic uses at one date: history, of which some before the crisis."""

    start: int
    calm_stop: int
    stop: int


def tail_tables(system: System, definition: ContagionDefinition, *, seed: int) -> TailTables:
    """Measure how each target moves in the tails of the source, up to the end of the crisis window.

    The history is the 500 bars that end with the crisis window, or as many as the clock has up to
    then. Returns that span a closure are left out on a clock of bars, and so are the rows of a pair
    with a missing return; fewer than 100 complete rows give NaN.

    delta_covar
        Quantile regression of the target on the source at 5% (Adrian & Brunnermeier 2016), in
        decimal returns: by how much the target's 5% quantile falls where the source moves from its
        median to its own.
    delta_covar_change
        delta_covar minus the same from the history that ends with the calm window. It also grows
        where nothing but the source's own tail does. The bootstrap of both draws rows before the
        end of the calm window, and after it, apart.
    asymmetry
        lambda of r = alpha + beta m + lambda m 1{m < 0}, m the source: positive where the target
        falls more. Newey-West.
    downside_beta, upside_beta, downside_difference
        Slopes where the source is below, and above, its mean (Ang, Chen & Xing 2006). Newey-West.
    exceedance_difference
        Correlation where both are more than half a standard deviation below their means, minus that
        where both are above; delta method. The two correlations and their counts are in the note.
    tail_dependence_lower, tail_dependence_upper
        Share of the source's worst (best) 5% of rows that are the target's; Wilson interval, exact
        one-sided p of independence, no statistic.

    Intervals are asymptotic and cover 1 - ``level`` of the definition. A placebo p compares the
    absolute value with histories of equal length that end with the crisis windows of pseudo-dates,
    at most 500 evenly spaced, for quantile regressions and tail dependence 100. A history is mostly
    calm: the p says whether this one is unusual, and what the pair always does is not; only
    delta_covar_change is about the crisis window. Histories overlap: unless the dates reach over
    four of them the p is NaN (for all but delta_covar_change), and beyond that 5% is 5 to 9% (300
    samples of GARCH-t4 with 2,200 dates; delta_covar_change 5%). Of the same samples, asymptotic p
    of asymmetry and downside_difference reject 10%, of exceedance_difference 17%.

    Parameters
    ----------
    system
        The source first. Only rows up to the end of the crisis window enter a value; placebo dates
        may lie before or after.
    seed
        Of the bootstrap of delta_covar; each target has draws of its own.
    """
    returns = _usable(system)
    real = _span(system, system.anchor, HISTORY)
    length = real.stop - real.start
    ends = np.arange(returns.shape[1]) + system.crisis[1] + 1
    dates = replace(system, admissible=system.admissible & (ends >= length))
    fast, slow = pseudo_rows(dates, FAST_DATES), pseudo_rows(dates, SLOW_DATES)
    quick = _fast(returns, [_span(system, row, length) for row in fast])
    table = []
    for place, target in enumerate(system.targets):
        pair = returns[[0, place + 1]]
        found = _at_event(pair, real, 1.0 - definition.level, [seed, STREAM, place])
        costly = [_slow(pair, _span(system, row, length)) for row in slow]
        drawn = _by_measure(quick[:, place], np.array(costly).reshape(-1, 4))
        for measure, one, values in zip(MEASURES, found, drawn, strict=True):
            rows = fast if measure in FAST else slow
            reach = 0 if measure == CHANGE else MIN_HISTORIES * length
            placebo = _placebo(one.value, values, rows, reach)
            table.append(_row(system, target, measure, one, placebo))
    return TailTables(pd.DataFrame(table, columns=COLUMNS))


def _by_measure(
    quick: npt.NDArray[np.float64], costly: npt.NDArray[np.float64]
) -> list[npt.NDArray[np.float64]]:
    """Pseudo-statistics in the order of MEASURES."""
    columns = [*costly[:, :2].T, *quick.T, *costly[:, 2:].T]
    return [np.ascontiguousarray(column) for column in columns]


def _placebo(
    value: float, drawn: npt.NDArray[np.float64], rows: npt.NDArray[np.int64], reach: int
) -> PlaceboPvalue:
    """Placebo p, where the dates with a statistic lie at least ``reach`` bars apart at the ends."""
    placebo = placebo_pvalue(value, drawn)
    held = rows[np.isfinite(drawn)]
    if np.isnan(placebo.pvalue) or held[-1] - held[0] >= reach:
        return placebo
    note = (
        f"no placebo p: placebo dates reach over {held[-1] - held[0]} bars; histories that overlap "
        f"need {reach}"
    )
    return PlaceboPvalue(float("nan"), placebo.n, note)


def _usable(system: System) -> npt.NDArray[np.float64]:
    """(N, T) returns, NaN where they are infinite or span a closure."""
    keep = np.isfinite(system.returns)
    if system.spans is not None:
        keep &= ~system.spans
    return np.where(keep, system.returns, np.nan)


def _span(system: System, row: int, length: int) -> _Span:
    """History of at most ``length`` bars up to the end of the crisis window around ``row``."""
    stop = min(row + system.crisis[1] + 1, system.returns.shape[1])
    start = max(0, stop - length)
    return _Span(start, max(start, row + system.calm[1] + 1), stop)


def _fast(returns: npt.NDArray[np.float64], spans: list[_Span]) -> npt.NDArray[np.float64]:
    """(P, targets, 5): asymmetry, the two slopes, their difference, that of the exceedances."""
    starts = np.array([one.start for one in spans], dtype=np.int64)
    stops = np.array([one.stop for one in spans], dtype=np.int64)
    least = np.array([LEAST, MIN_ROWS], dtype=np.int64)
    table = tail_windows_nb(np.ascontiguousarray(returns), starts, stops, THETA, least)
    kink, down, up, falls, rises = np.moveaxis(table, 2, 0)
    return np.stack([kink, down, up, down - up, falls - rises], axis=2)


def _slow(pair: npt.NDArray[np.float64], span: _Span) -> tuple[float, float, float, float]:
    """delta_covar, its change, tail dependence below and above."""
    x, y, n_calm = _complete(pair, span)
    if _reason(x, y):
        return (np.nan,) * 4
    delta = delta_of(y, x, TAIL)
    before = delta_of(y[:n_calm], x[:n_calm], TAIL) if n_calm >= LEAST else np.nan
    below, above = np.minimum(joint_tails(x, y, TAIL)[0] / (TAIL * len(x)), 1.0)
    return delta, delta - before, float(below), float(above)


def _complete(
    pair: npt.NDArray[np.float64], span: _Span
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """Complete rows of source and target, and how many of them precede the crisis."""
    values = pair[:, span.start : span.stop]
    known = np.isfinite(values[0]) & np.isfinite(values[1])
    x, y = np.ascontiguousarray(values[:, known])
    return x, y, int(np.count_nonzero(known[: span.calm_stop - span.start]))


def _reason(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    """Why nothing can be measured; empty where it can."""
    if len(x) < LEAST:
        return too_few(len(x), LEAST)
    if fixed(x):
        return "the source is constant"
    return "the target is constant" if fixed(y) else ""


def _at_event(
    pair: npt.NDArray[np.float64], span: _Span, confidence: float, key: list[int]
) -> list[_Found]:
    """Every measure at the event, in the order of MEASURES."""
    x, y, n_calm = _complete(pair, span)
    note = _reason(x, y)
    if note:
        return [_Found(np.nan, n=len(x), note=note)] * len(MEASURES)
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    return [
        *_delta_covars(x, y, n_calm, z, key),
        *_betas(pair[:, span.start : span.stop], z),
        _exceedance(x, y, z),
        *_dependence(x, y, confidence),
    ]


def _delta_covars(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], n_calm: int, z: float, key: list[int]
) -> list[_Found]:
    """delta_covar over the history, and minus that before the crisis."""
    n = len(x)
    drawn = np.array([_bootstrapped(x, y, n_calm, [*key, draw]) for draw in range(DRAWS)])
    delta = delta_of(y, x, TAIL)
    whole = _interval(delta, drawn[:, 0], z, n)
    if n_calm < LEAST or n == n_calm:
        why = too_few(n_calm, LEAST, "complete rows before the end of the calm window")
        return [whole, _Found(np.nan, n=n, note=why if n_calm < LEAST else "no rows after it")]
    change = delta - delta_of(y[:n_calm], x[:n_calm], TAIL)
    return [whole, _interval(change, drawn[:, 0] - drawn[:, 1], z, n)]


def _bootstrapped(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], n_calm: int, key: list[int]
) -> tuple[float, float]:
    """delta_covar of one draw of the whole history, and of its part before the crisis."""
    generator, block = np.random.default_rng(key), block_length(len(x))
    before = stationary_rows(n_calm, block, generator) if n_calm else np.empty(0, dtype=np.int64)
    rows = before
    if n_calm < len(x):
        after = n_calm + stationary_rows(len(x) - n_calm, block, generator)
        rows = np.concatenate([before, after])
    calm = delta_of(y[before], x[before], TAIL) if n_calm >= LEAST else np.nan
    return delta_of(y[rows], x[rows], TAIL), calm


def _interval(value: float, drawn: npt.NDArray[np.float64], z: float, n: int) -> _Found:
    """Take a normal interval and p from the standard error of draws."""
    drawn = drawn[np.isfinite(drawn)]
    stderr = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    if not stderr > 0:
        return _Found(value, n=n, note="no draw of the bootstrap differs from the others")
    return _tested(value, stderr, z, n)


def _tested(value: float, stderr: float, z: float, n: int, note: str = "") -> _Found:
    if not stderr > 0:
        return _Found(value, n=n, note=note)
    low, high, statistic = value - z * stderr, value + z * stderr, value / stderr
    return _Found(value, low, high, statistic, normal_pvalue(statistic), n, note)


def _betas(values: npt.NDArray[np.float64], z: float) -> list[_Found]:
    """Asymmetry, and slopes below and above the source's mean."""
    x, y = (pd.Series(one) for one in values)
    kink, sides = asymmetric_beta(y, x), downside_beta(y, x)
    n_down, n_up = sides.n_down, sides.n_up
    return [
        _tested(kink.asymmetry, kink.stderr, z, kink.n, kink.note),
        _tested(sides.beta_down, sides.stderr_down, z, n_down, sides.note),
        _tested(sides.beta_up, sides.stderr_up, z, n_up, sides.note),
        _tested(sides.difference, sides.stderr, z, sides.n, sides.note),
    ]


def _exceedance(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], z: float) -> _Found:
    """Correlation of joint falls minus that of joint rises."""
    sides = exceedances(x, y, np.array([THETA]))
    (falls, rises), (n_falls, n_rises) = sides.correlations[:, 0], sides.counts[:, 0]
    n = int(n_falls + n_rises)
    if min(n_falls, n_rises) < MIN_ROWS:
        what = "joint falls" if n_falls < n_rises else "joint rises"
        return _Found(np.nan, n=n, note=too_few(int(min(n_falls, n_rises)), MIN_ROWS, what))
    note = f"{falls:.2f} in {n_falls} joint falls, {rises:.2f} in {n_rises} joint rises"
    return _tested(float(sides.difference[0]), float(sides.stderr[0]), z, n, note)


def _dependence(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], confidence: float
) -> list[_Found]:
    """Tail dependence below and above."""
    found = tail_dependence(pd.Series(x), pd.Series(y), TAIL, confidence=confidence)
    return [
        _Found(found.lower, *found.lower_interval, np.nan, found.lower_pvalue, found.n, found.note),
        _Found(found.upper, *found.upper_interval, np.nan, found.upper_pvalue, found.n, found.note),
    ]


def _row(
    system: System, target: str, measure: str, found: _Found, placebo: PlaceboPvalue
) -> dict[str, Any]:
    """One row of the table."""
    notes = [found.note, placebo.note if np.isfinite(found.value) else ""]
    return {
        "occurrence": system.occurrence,
        "source": system.source,
        "target": target,
        "measure": measure,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "statistic": found.statistic,
        "pvalue": found.pvalue,
        "placebo_pvalue": placebo.pvalue,
        "n": found.n,
        "note": "; ".join(note for note in notes if note),
    }
