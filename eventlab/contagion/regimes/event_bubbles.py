"""Explosive stretches up to the end of one occurrence's crisis window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from eventlab.contagion.regimes.bubbles import KINDS, BubbleTest, bubble_tests
from eventlab.contagion.regimes.critical_values import BubbleSpec, simulated_null
from eventlab.errors import DataError, EventlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.contagion.regimes.work import RegimeWork, Row

__all__ = ["bubble_rows"]

BARS: Final = 250  # all windows are compared: time rises with the square of the bars
MIN_BARS: Final = 60
DRAWS: Final = 499
TESTS: Final = ("gsadf", "sadf")


def bubble_rows(work: RegimeWork) -> Iterator[Row]:
    """Return both tests of every series: a row per stretch where one rejects, else one row."""
    for name in work.definition.regimes.bubbles:
        symbols = work.symbols([name], "bubbles")
        try:
            price = _log_price(work, name, symbols)
            found = bubble_tests(price, draws=DRAWS, seed=work.seed)
        except EventlabError as error:
            for test in TESTS:
                yield {"symbol": name, "test": test, "note": str(error)}
            continue
        for one in found.values():
            yield from _rows(name, one, work.definition.level)


def _log_price(work: RegimeWork, name: str, symbols: list[str]) -> pd.Series:
    """Cumulative log returns of the last bars; of a basket the mean of complete members."""
    start = max(0, work.end - BARS)
    returns = np.array([work.returns[symbol][start : work.end] for symbol in symbols])
    if len(symbols) > 1:
        known = np.isfinite(returns).all(axis=1)
        for symbol in np.array(symbols)[~known].tolist():
            work.left_out.append((symbol, "bubbles", f"a return of {name} is missing"))
        returns = returns[known]
    if not len(returns):
        raise DataError("no prices" if not symbols else "no member has a return on every bar")
    mean: npt.NDArray[np.float64] = returns.mean(axis=0)
    first = int(np.argmax(np.isfinite(mean)))  # a later listing
    mean, sessions = mean[first:], pd.Index(work.system.clock.sessions[start + first : work.end])
    if len(mean) < MIN_BARS:
        raise DataError(f"{len(mean)} bars; at least {MIN_BARS} are needed")
    gone = np.flatnonzero(mean <= -1.0)
    if len(gone):
        raise DataError(f"a return of {mean[gone[0]]:.4g} on {sessions[gone[0]]} leaves no price")
    return pd.Series(np.log1p(mean).cumsum(), sessions)


def _simulated(test: BubbleTest) -> float:
    """Return the p-value against normal random walks: the published test."""
    spec = BubbleSpec(test.lags, test.min_window, test.draws, test.seed)
    if np.isnan(test.statistic):
        return np.nan
    return simulated_null(test.n, spec).pvalue(KINDS[test.test], test.statistic)


def _rows(name: str, test: BubbleTest, level: float) -> Iterator[Row]:
    row: Row = {
        "symbol": name,
        "test": test.test,
        "statistic": test.statistic,
        "critical_90": test.critical_90,
        "critical_95": test.critical_95,
        "critical_99": test.critical_99,
        "pvalue": test.pvalue,
        "simulated_pvalue": _simulated(test),
        "first": pd.NaT,
        "last": pd.NaT,
        "n": test.n,
    }
    if test.note or test.pvalue > level:
        yield row | {"note": test.note or f"not rejected at {level:.0%}: no dates"}
    elif test.stretches.empty:
        yield row | {"note": f"no stretch lasts {int(np.ceil(np.log(test.n)))} bars"}
    else:
        for stretch in test.stretches.to_dict("records"):
            words = ["the price falls"] if stretch["rise"] < 0.0 else []
            note = "; ".join([*words, "open at the last bar"] if stretch["open"] else words)
            yield row | {"first": stretch["first"], "last": stretch["last"], "note": note}
