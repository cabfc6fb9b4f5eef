"""Curves of correlation by lag, calm against crisis: inside days where bars allow it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.contagion.leads.chain import lag_grid
from eventlab.contagion.leads.hayashi_yoshida import Curve, measure_curve
from eventlab.contagion.phrases import TOGETHER, UNRELATED
from eventlab.contagion.placebo import placebo_pvalue, pseudo_rows
from eventlab.timeline.types import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from eventlab.contagion.leads.observations import Observed
    from eventlab.contagion.leads.prices import Moment, Prices
    from eventlab.contagion.system import System

__all__ = ["CURVE_COLUMNS", "PEAK_COLUMNS", "bar_curve", "curve_tables"]

BARS: Final = 3  # lags to either side on the clock's bars
DAY_MINUTES: Final = 1440
MOST_PLACEBO: Final = 60
CURVE_COLUMNS = [
    "occurrence",
    "source",
    "target",
    "bar",
    "window",
    "lag_minutes",
    "correlation",
    "stderr",
    "n",
]
PEAK_COLUMNS = [
    "occurrence",
    "source",
    "target",
    "bar",
    "window",
    "peak_minutes",
    "peak_correlation",
    "pvalue",
    "placebo_pvalue",
    "llr",
    "llr_placebo_pvalue",
    "n_placebo",
    "resolution_minutes",
    "reading",
    "note",
]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Measured:
    """A pair in one window: its curve, the same at placebo dates, what was measured and why so."""

    window: str
    curve: Curve
    placebo: tuple[Curve, ...]
    bar: str
    note: str


def curve_tables(
    system: System, held: Mapping[str, Prices], moment: Moment | None, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves of source and every target (a row per lag), and their peaks (a row per window).

    Where source and target both have bars inside days: Hayashi-Yoshida, in steps of the wider of
    the two bars. Else the plain cross-correlation of the system's returns at lags of -3 to 3 bars,
    with the reason in ``note``. ``held`` has the prices of every name; ``moment`` is None where the
    clock has too few sessions around the news.
    """
    curves: list[Row] = []
    peaks: list[Row] = []
    for row, target in enumerate(system.targets, start=1):
        base = {"occurrence": system.occurrence, "source": system.source, "target": target}
        for one in _measure(system, held, moment, row):
            curves += [base | each for each in _curve_rows(one)]
            peaks.append(base | _peak_row(one, system.source, target, level))
    return pd.DataFrame(curves, columns=CURVE_COLUMNS), pd.DataFrame(peaks, columns=PEAK_COLUMNS)


def bar_curve(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], minutes: float) -> Curve:
    """Cross-correlation of two series of returns (n,) on the same bars, at lags of -3 to 3 bars.

    Positive lag: x leads. r_l sums (x_t - mean)(y_{t+l} - mean) over the pairs that are there, over
    the root of both sums of squares (Box & Jenkins 1976, eq. 11.1.5); rows with a NaN are in none
    of the sums. ``stderr`` is one over the root of the pairs, that of unrelated white noise;
    ``lags`` are in ns, a bar being ``minutes`` long.
    """
    n = len(x)
    lags = range(-BARS, BARS + 1)
    spans = np.array(lags, dtype=np.int64) * int(minutes * MINUTE)
    correlation, covariance, stderr = np.full((3, len(lags)), np.nan)
    count = np.zeros(len(lags), dtype=np.int64)
    known_x, known_y = np.isfinite(x), np.isfinite(y)
    note = ""
    if min(np.count_nonzero(known_x), np.count_nonzero(known_y)) < 2:
        note = "fewer than two returns in the window"
    elif np.ptp(x[known_x]) == 0.0 or np.ptp(y[known_y]) == 0.0:
        note = "a series does not move in the window"
    if note:
        return Curve(spans, correlation, covariance, stderr, count, note)
    a = np.where(known_x, x - x[known_x].mean(), 0.0)
    b = np.where(known_y, y - y[known_y].mean(), 0.0)
    scale = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    for place, lag in enumerate(lags):
        early, late = (slice(max(0, -move), n - max(0, move)) for move in (lag, -lag))
        if n <= abs(lag):
            continue
        count[place] = np.count_nonzero(known_x[early] & known_y[late])
        if count[place]:
            covariance[place] = (a[early] * b[late]).sum()
            correlation[place] = covariance[place] / scale
            stderr[place] = 1.0 / math.sqrt(count[place])
    return Curve(spans, correlation, covariance, stderr, count, note)


def _measure(
    system: System, held: Mapping[str, Prices], moment: Moment | None, row: int
) -> Iterator[_Measured]:
    source, target = held.get(system.source), held.get(system.names[row])
    x = None if source is None else source.intraday
    y = None if target is None else target.intraday
    if moment is not None and x is not None and y is not None and source and target:
        note = "; ".join(dict.fromkeys(filter(None, (source.note, target.note, moment.note))))
        bar = f"{max(source.bar_minutes, target.bar_minutes)}min"
        yield from _intraday(x, y, moment, bar, note)
        return
    reasons = [one.note for one in (source, target) if one is not None and one.intraday is None]
    if moment is None:
        reasons = ["too few sessions on the clock around the news for bars inside days"]
    note = "; ".join(filter(None, ("in bars of the clock", *reasons)))
    yield from _by_bar(system, row, note)


def _intraday(x: Observed, y: Observed, moment: Moment, bar: str, note: str) -> Iterator[_Measured]:
    lags = lag_grid(x, y)
    reach = moment.end - moment.news

    def curve(first: int, last: int) -> Curve:
        return measure_curve(x.between(first, last), y.between(first, last), lags)

    yield _Measured("calm", curve(moment.calm, moment.last_close), (), bar, note)
    later = max(int(x.times[0]), int(y.times[0]))
    dates = moment.placebo[moment.placebo >= later]
    if len(dates) > MOST_PLACEBO:
        dates = dates[np.linspace(0, len(dates) - 1, MOST_PLACEBO).round().astype(np.int64)]
    placebo = tuple(curve(int(date), int(date) + reach) for date in dates)
    yield _Measured("crisis", curve(moment.news, moment.end), placebo, bar, note)


def _by_bar(system: System, row: int, note: str) -> Iterator[_Measured]:
    minutes = float(system.clock.bar_minutes or DAY_MINUTES)
    bar = f"{system.clock.bar_minutes}min" if system.clock.bar_minutes else "session"

    def curve(window: tuple[int, int], anchor: int) -> Curve:
        rows = system.window(window, anchor)
        return bar_curve(rows[0], rows[row], minutes)

    yield _Measured("calm", curve(system.calm, system.anchor), (), bar, note)
    dates = pseudo_rows(system, MOST_PLACEBO)
    placebo = tuple(curve(system.crisis, int(date)) for date in dates)
    yield _Measured("crisis", curve(system.crisis, system.anchor), placebo, bar, note)


def _curve_rows(one: _Measured) -> Iterator[Row]:
    curve = one.curve
    for place, lag in enumerate(curve.lags):
        yield {
            "bar": one.bar,
            "window": one.window,
            "lag_minutes": float(lag) / MINUTE,
            "correlation": float(curve.correlation[place]),
            "stderr": float(curve.stderr[place]),
            "n": int(curve.n_overlapping[place]),
        }


def _peak_row(one: _Measured, source: str, target: str, level: float) -> Row:
    curve = one.curve
    peak, minutes = _peak(curve)
    step = float(np.diff(curve.lags)[0]) / MINUTE if len(curve.lags) > 1 else math.nan
    notes = [one.note, curve.note]
    strength = ratio = None
    if one.window == "crisis":
        sizes = np.array([abs(_peak(each)[0]) for each in one.placebo])
        strength = placebo_pvalue(abs(peak), sizes, "greater")
        ratios = np.array([_log(each.llr) for each in one.placebo])
        ratio = placebo_pvalue(_log(curve.llr), ratios)
        notes.append(strength.note)
    else:
        notes.append("no placebo of the calm window: it is what the crisis is compared with")
    return {
        "bar": one.bar,
        "window": one.window,
        "peak_minutes": minutes,
        "peak_correlation": peak,
        "pvalue": curve.pvalue,
        "placebo_pvalue": math.nan if strength is None else strength.pvalue,
        "llr": curve.llr,
        "llr_placebo_pvalue": math.nan if ratio is None else ratio.pvalue,
        "n_placebo": 0 if strength is None else strength.n,
        "resolution_minutes": step,
        "reading": _reading(curve, minutes, (source, target), level),
        "note": "; ".join(text for text in notes if text),
    }


def _peak(curve: Curve) -> tuple[float, float]:
    """Correlation at the peak and its lag in minutes; NaN without one."""
    place = curve.peak
    if place < 0:
        return math.nan, math.nan
    return float(curve.correlation[place]), float(curve.lags[place]) / MINUTE


def _reading(curve: Curve, minutes: float, names: tuple[str, str], level: float) -> str:
    if math.isnan(minutes):
        return "not measured"
    if not curve.pvalue <= level:
        return UNRELATED
    if minutes == 0.0:
        return TOGETHER
    leader = names[0] if minutes > 0.0 else names[1]
    return f"{leader} leads by about {abs(minutes):g} minutes"


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0.0 else math.nan
