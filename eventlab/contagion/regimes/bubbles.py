"""Is it a bubble: right-tailed unit root tests over all windows, with dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import (
    MOST_DRAWS,
    MOST_LAGS,
    choice,
    seed_of,
    series_values,
    whole,
)
from eventlab.contagion.regimes.critical_values import (
    LEVELS,
    MIN_DRAWS,
    BubbleSpec,
    NullDistribution,
    backward_suprema,
    simulated_null,
    wild_null,
)
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["BubbleTest", "bubble_tests", "gsadf", "sadf"]

Null = Literal["wild", "simulated"]
TestName = Literal["gsadf", "sadf"]

_NULLS = ("wild", "simulated")
KINDS: dict[TestName, int] = {"gsadf": 0, "sadf": 1}


@dataclass(frozen=True, slots=True, repr=False)
class BubbleTest:
    """One test for explosive stretches.

    Attributes
    ----------
    test
        ``sadf`` or ``gsadf``. Null: a random walk. Alternative: explosive in some window.
    statistic, pvalue
        The supremum, and the share of paths under the null with one as large.
    critical_90, critical_95, critical_99
        Of the supremum, by ``null``: ``wild`` or ``simulated``.
    path
        Row by row: ``statistic`` (of windows that end there: BSADF, or ADF from the first row),
        its ``critical_95`` and whether it is larger (``explosive``). NaN before the first window.
    stretches
        first, last (labels), bars, peak (largest statistic), rise (of the level over the
        ``min_window`` rows up to the last one; a fall that speeds up is explosive as well), open
        (whether it holds at the last row): runs of explosive rows of at least log(n) bars. Each row
        is held against its own 5%: a series without any bubble has some by chance, so that they
        count where the test rejects.
    n, lags, min_window, null, draws, seed
        Levels used, and what was asked for.
    note
        Why there is no statistic; empty where there is one.
    """

    test: TestName
    statistic: float
    pvalue: float
    critical_90: float
    critical_95: float
    critical_99: float
    path: pd.DataFrame
    stretches: pd.DataFrame
    n: int
    lags: int
    min_window: int
    null: Null
    draws: int
    seed: int
    note: str = ""

    def __repr__(self) -> str:
        """Say the test, its number and its p-value on one line."""
        found = self.note or f"{self.statistic:.3f}, p {self.pvalue:.4f} ({self.null})"
        return f"BubbleTest({self.test} {found}, n={self.n}, {len(self.stretches)} stretches)"


def gsadf(
    log_price: pd.Series,
    *,
    lags: int = 0,
    min_window: int | None = None,
    null: Null = "wild",
    draws: int = 999,
    seed: int = 0,
) -> BubbleTest:
    """Test whether the series was explosive in any window: several bubbles may come and go.

    GSADF = sup over ends of BSADF(end), BSADF the largest t statistic of b in
    dy_t = a + b y_{t-1} + (lagged differences) + e_t over the windows that end there.

    Parameters
    ----------
    log_price
        (T,) levels ascending in time, without gaps: the logarithm of a price, not returns.
    lags
        Lagged differences in each regression; Phillips, Shi & Yu advise few or none.
    min_window
        Levels in the shortest window; the whole part of T (0.01 + 1.8 / sqrt T) unless given.
    null
        ``wild``: the steps of the series with random signs around their mean, each in its place, so
        that clustered volatility and a drift are not taken for a bubble (size 2 to 5% at 5%);
        ``simulated``: normal random walks of the same length with a drift of 1/T, as published
        (size 22% under GARCH with t(4) shocks). Both are measured in `wild_null`. What a bubble
        adds to the drift and the volatility makes ``wild`` cautious where it is most of the
        sample: weekly bitcoin from June 2015 to June 2018 has p .20 by it, .004 as published.
    draws, seed
        Paths under the null, at least 99, and their seed.

    Returns
    -------
    BubbleTest
        Row t of ``path`` uses levels up to t; its critical value under ``wild`` steps up to t, and
        the mean step of all rows.

    Raises
    ------
    UsageError
        An option is out of its bounds.
    DataError
        A level is missing or infinite, or there are too few.

    References
    ----------
    Phillips, Shi & Yu (2015), Testing for multiple bubbles, International Economic Review 56,
    eqs. 8 to 10 and section 2.3 (dates); Harvey, Leybourne, Sollis & Taylor (2016) (wild).
    """
    return bubble_tests(
        log_price, lags=lags, min_window=min_window, null=null, draws=draws, seed=seed
    )["gsadf"]


def sadf(
    log_price: pd.Series,
    *,
    lags: int = 0,
    min_window: int | None = None,
    null: Null = "wild",
    draws: int = 999,
    seed: int = 0,
) -> BubbleTest:
    """Test whether the series was explosive from its first row to some later one: one bubble.

    SADF = sup over ends of the ADF t statistic of all rows up to there. Everything else is as in
    `gsadf`.

    References
    ----------
    Phillips, Wu & Yu (2011), Explosive behavior in the 1990s Nasdaq, International Economic
    Review 52, eq. 6.
    """
    return bubble_tests(
        log_price, lags=lags, min_window=min_window, null=null, draws=draws, seed=seed
    )["sadf"]


def bubble_tests(
    log_price: pd.Series,
    *,
    lags: int = 0,
    min_window: int | None = None,
    null: Null = "wild",
    draws: int = 999,
    seed: int = 0,
) -> dict[TestName, BubbleTest]:
    """Return both tests from one pass, by name; parameters and errors as in `gsadf`."""
    levels = _levels(log_price)
    spec = _spec(len(levels), BubbleSpec(lags, min_window or 0, draws, seed), min_window, null)
    found = backward_suprema(levels[None], spec)[:, 0]
    if np.isnan(found).all():
        return {name: _test(name, log_price, found[0], spec, null, None) for name in KINDS}
    if null == "simulated":
        drawn = simulated_null(len(levels), spec)
    else:
        drawn = wild_null(np.diff(levels), spec)
    return {
        name: _test(name, log_price, found[kind], spec, null, drawn) for name, kind in KINDS.items()
    }


def _test(
    name: TestName,
    log_price: pd.Series,
    statistics: npt.NDArray[np.float64],
    spec: BubbleSpec,
    null: Null,
    drawn: NullDistribution | None,
) -> BubbleTest:
    """Hold the statistics (T,) of all ends against the draws; NaN without any statistic."""
    statistic, pvalue, note = np.nan, np.nan, "no residual varies in any window"
    critical, sequence = [np.nan] * 3, np.full(len(log_price), np.nan)
    if drawn is not None and np.isfinite(statistics).any():
        statistic, note = float(np.nanmax(statistics)), ""
        pvalue = drawn.pvalue(KINDS[name], statistic)
        critical = drawn.critical(KINDS[name]).tolist()
        sequence = drawn.sequences[KINDS[name], LEVELS.index(95)]
    columns = {
        "statistic": statistics,
        "critical_95": sequence,
        "explosive": statistics > sequence,
    }
    path = pd.DataFrame(columns, index=log_price.index)
    return BubbleTest(
        test=name,
        statistic=statistic,
        pvalue=pvalue,
        critical_90=critical[0],
        critical_95=critical[1],
        critical_99=critical[2],
        path=path,
        stretches=stretches(path, log_price.to_numpy(np.float64), spec.min_window),
        n=len(log_price),
        lags=spec.lags,
        min_window=spec.min_window,
        null=null,
        draws=spec.draws,
        seed=spec.seed,
        note=note,
    )


def stretches(path: pd.DataFrame, levels: npt.NDArray[np.float64], min_window: int) -> pd.DataFrame:
    """Find runs of explosive rows of at least log(T) bars; see `BubbleTest`."""
    above = path["explosive"].to_numpy()
    edges = np.flatnonzero(np.diff(above, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2] - 1
    long = ends - starts + 1 >= np.log(len(above))
    statistic = path["statistic"].to_numpy()
    runs = list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))
    return pd.DataFrame(
        {
            "first": path.index[[first for first, _ in runs]],
            "last": path.index[[last for _, last in runs]],
            "bars": np.array([last - first + 1 for first, last in runs], dtype=np.int64),
            "peak": np.array([statistic[a : b + 1].max() for a, b in runs], dtype=np.float64),
            "rise": np.array(
                [levels[b] - levels[max(0, b + 1 - min_window)] for _, b in runs], dtype=np.float64
            ),
            "open": np.array([last == len(above) - 1 for _, last in runs], dtype=np.bool_),
        }
    )


def default_window(T: int) -> int:
    """Levels in the shortest window of T: the whole part of T (0.01 + 1.8 / sqrt T)."""
    return int(T * (0.01 + 1.8 / np.sqrt(T))) if T else 0


def _levels(log_price: pd.Series) -> npt.NDArray[np.float64]:
    levels = np.ascontiguousarray(series_values(log_price, "log_price"))
    bad = np.flatnonzero(~np.isfinite(levels))
    if len(bad):
        where = str(log_price.index[bad[0]]).removesuffix(" 00:00:00")
        raise DataError(
            f"log_price has {len(bad)} rows without a finite level, the first at {where}; an "
            "explosive stretch cannot be told across a gap: cut the series there"
        )
    return levels


def _spec(T: int, asked: BubbleSpec, min_window: int | None, null: str) -> BubbleSpec:
    """Fill the shortest window in, and check every bound."""
    choice("null", null, _NULLS)
    whole("lags", asked.lags, high=MOST_LAGS)
    whole("draws", asked.draws, high=MOST_DRAWS)
    seed_of(asked.seed)
    if min_window is not None:
        whole("min_window", min_window)
    if asked.lags < 0:
        raise UsageError(f"lags {asked.lags} is below 0")
    if asked.draws < MIN_DRAWS:
        raise UsageError(f"draws {asked.draws} is below {MIN_DRAWS}: no 99% critical value")
    least = 2 * asked.lags + 6  # two degrees of freedom more than none
    window = max(default_window(T), least) if min_window is None else min_window
    if window < least:
        raise UsageError(
            f"min_window {window} is below {least}, the least for {asked.lags} lags; raise it"
        )
    if window + 1 > T:
        raise DataError(f"log_price has {T} levels; at least {window + 1} are needed")
    return BubbleSpec(asked.lags, window, asked.draws, asked.seed)
