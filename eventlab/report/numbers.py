"""Numbers and windows as a reader sees them: one spelling for terminal, page and sentence."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from eventlab.timeline.windows import parse_window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "MINUS",
    "MISSING",
    "counted",
    "days_words",
    "enumerated",
    "integer",
    "moment",
    "percent",
    "pvalue",
    "statistic",
    "test_name",
]

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"
TEST_NAMES = {
    "patell_z": "Patell z",
    "patell_z_naive": "Patell z, naive",
    "bmp": "BMP",
    "bmp_naive": "BMP, naive",
    "kolari_pynnonen_bmp": "Kolari-Pynnonen BMP",
    "kolari_pynnonen_patell": "Kolari-Pynnonen Patell",
    "clm_j1": "CLM J1",
    "clm_j2": "CLM J2",
    "grank_t": "GRANK t",
    "grank_z": "GRANK z",
    "corrado_rank": "Corrado rank",
    "corrado_zivney": "Corrado-Zivney",
    "cross_sectional_t": "cross-sectional t",
    "skewness_t": "skewness-adjusted t",
    "bootstrap_skewness_t": "bootstrapped skewness-adjusted t",
    "wilcoxon": "Wilcoxon",
    "wild_bootstrap_percentile": "wild bootstrap, percentile",
}


def percent(value: float, digits: int = 2, *, sign: bool = True) -> str:
    """Write a decimal return in percent with a true minus, 0.0028 as ``+0.28%``; a dash for NaN."""
    if not math.isfinite(value):
        return MISSING
    shown = f"{abs(value) * 100:.{digits}f}%"
    if float(shown[:-1]) == 0.0:
        return shown
    return (MINUS if value < 0 else "+" if sign else "") + shown


def pvalue(value: float) -> str:
    """Write a p-value with three decimals, small ones as a bound; a dash for NaN."""
    if not math.isfinite(value):
        return MISSING
    return "<0.001" if value < 0.0005 else f"{value:.3f}"


def statistic(value: float) -> str:
    """Write a test statistic with two decimals; a dash for NaN."""
    if not math.isfinite(value):
        return MISSING
    shown = f"{abs(value):.2f}"
    return (MINUS if value < 0 and float(shown) else "") + shown


def integer(value: float) -> str:
    """Write a count with thousands separated: ``2,400``; a dash for NaN."""
    return f"{int(value):,}" if math.isfinite(value) else MISSING


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 bar``, ``2,400 bars``, ``2 strategies``."""
    if count == 1:
        return f"1 {noun}"
    regular = not noun.endswith("y") or noun[-2] in "aeou"
    return f"{count:,} {noun}s" if regular else f"{count:,} {noun[:-1]}ies"


def enumerated(counts: Mapping[str, int]) -> str:
    """Write counts by plural noun: ``1 strategy, 2 claims``."""
    singular = {name: re.sub(r"ies$", "y", name).removesuffix("s") for name in counts}
    return ", ".join(
        f"{count:,} {singular[name] if count == 1 else name}" for name, count in counts.items()
    )


def days_words(window: str, day: str = "day") -> str:
    """Write a window in words: ``on day 0``, ``over days 0 to 5``, ``from day -1 to day 1``.

    ``day`` is what the window counts: ``bar`` in a study of bars inside sessions.
    """
    first, last = parse_window(window)
    start, end = (str(day).replace("-", MINUS) for day in (first, last))
    if first == last:
        return f"on {day} {start}"
    if first < 0:
        return f"from {day} {start} to {day} {end}"
    return f"over {day}s {start} to {end}"


def moment(stamp: datetime) -> str:
    """Write a session as its date, and the close of a bar inside one as its UTC time."""
    return f"{stamp:%Y-%m-%d}" if stamp.tzinfo is None else f"{stamp:%Y-%m-%d %H:%M} UTC"


def test_name(test: str) -> str:
    """Write the name of a test as its papers do."""
    return TEST_NAMES.get(test, test.replace("_", " "))
