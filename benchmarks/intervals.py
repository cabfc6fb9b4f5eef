"""How often a 95% interval holds the true abnormal return, on the simulated market.

For every seed: the market of the shipped events, the market model against SPY by least squares over
the bars -250 to -11 before each event bar, the abnormal return of that one bar, and its interval of
Student's t with the exact forecast-error variance. Two news in one bar count with their sum. Stocks
are sampled at their own closes, tokens at 16:00 New York from hourly bars.

Run ``python benchmarks/intervals.py [SEEDS]`` (default 50, half a minute). Standard errors are over
seeds, because the bars of one market are not independent. Measured over 50 seeds:

=========  ========  ===========  ======  ================  ======
group      bars      inside 95%   s.e.    of true nulls     s.e.
=========  ========  ===========  ======  ================  ======
AI stocks  189,600   95.39%       0.06    95.27%            0.08
indices     74,400   94.31%       0.11    94.11%            0.15
miners      85,350   95.17%       0.09    95.21%            0.14
layer 1     66,000   95.43%       0.14    95.63%            0.20
AI tokens   50,400   95.71%       0.12    95.68%            0.15
=========  ========  ===========  ======  ================  ======
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from eventlab.definitions import load_workspace
from eventlab.market.panel import build_panel
from eventlab.market.simulated import simulated_market
from eventlab.market.simulated_grid import FIRST_DAY, LAST_DAY
from eventlab.timeline.clock import make_clock

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from eventlab.timeline.types import Clock

FIRST, LAST = -250, -11
GROUPS = {
    "AI stocks": ("NVDA", "AMD", "AVGO", "MU", "ORCL", "MSFT", "META", "PLTR"),
    "indices": ("QQQ", "IWM", "SMH"),
    "miners": ("MARA", "RIOT", "CLSK", "IREN"),
    "layer 1": ("BTC", "ETH", "SOL", "XRP", "ADA"),
    "AI tokens": ("TAO", "FET", "RENDER", "NEAR", "VIRTUAL"),
}


def main(seeds: int) -> None:
    workspace = load_workspace(Path(__file__).parent.parent)
    events = tuple(workspace.events.values())
    symbols = ["SPY", *(symbol for group in GROUPS.values() for symbol in group)]
    issuers = {
        occurrence.full_id: occurrence.issuer or ""
        for event in events
        for occurrence in event.resolved_occurrences()
    }
    clock = make_clock("XNYS", FIRST_DAY, LAST_DAY)
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    errors: dict[str, list[float]] = defaultdict(list)
    for seed in range(seeds):
        market = simulated_market(symbols, workspace.symbols, events, seed)
        assert market.truth is not None
        truth = market.truth.assign(issuer=market.truth["occurrence"].map(issuers))
        panel = build_panel(market, symbols, clock)
        returns = {
            column.symbol: panel.returns[row]  # the last one is sampled from hourly bars
            for row, column in enumerate(panel.columns)
        }
        for group, members in GROUPS.items():
            parts = [
                bars_of(truth, symbol, asset=returns[symbol], benchmark=returns["SPY"], clock=clock)
                for symbol in members
            ]
            bars = np.concatenate(parts, axis=1)
            error, half_width, is_issuer, is_zero = bars
            inside = np.abs(error) <= half_width
            errors[group].append(float(error.mean()))
            for kind, chosen in (
                ("all event bars", np.ones(len(error), dtype=bool)),
                ("issuer's own", is_issuer == 1),
                ("true effect zero", is_zero == 1),
            ):
                if chosen.any():
                    rates[group, kind].append(float(inside[chosen].mean()))
                    counts[group, kind] += int(chosen.sum())
    report(rates, counts, errors)


def bars_of(
    truth: pd.DataFrame,
    symbol: str,
    *,
    asset: npt.NDArray[np.float64],
    benchmark: npt.NDArray[np.float64],
    clock: Clock,
) -> npt.NDArray[np.float64]:
    """(4, K): estimate minus truth, half width, issuer's own, truth exactly zero, per event bar."""
    own = truth[truth["symbol"] == symbol]
    rows = np.searchsorted(clock.closes, own["instant"].to_numpy())
    effect = np.zeros(len(clock))
    np.add.at(effect, rows, own["abnormal_return"].to_numpy())
    issuer = np.zeros(len(clock))
    np.maximum.at(issuer, rows, (own["issuer"] == symbol).to_numpy(np.float64))
    found = []
    for row in np.unique(rows):
        if row + FIRST < 0 or np.isnan(asset[row]):
            continue
        y, x = asset[row + FIRST : row + LAST + 1], benchmark[row + FIRST : row + LAST + 1]
        kept = ~np.isnan(y)
        if kept.sum() < 60:
            continue
        ar, stderr, dof = market_model(y[kept], x[kept], asset[row], benchmark[row])
        half_width = float(stdtrit(dof, 0.975)) * stderr
        found.append((ar - effect[row], half_width, issuer[row], float(effect[row] == 0.0)))
    return np.array(found, dtype=np.float64).reshape(-1, 4).T


def market_model(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], y0: float, x0: float
) -> tuple[float, float, int]:
    """Abnormal return, its standard error and the degrees of freedom."""
    centred = x - x.mean()
    beta = float(centred @ y / (centred @ centred))
    resid = y - y.mean() - beta * centred
    dof = len(y) - 2
    leverage = 1.0 + 1.0 / len(y) + (x0 - x.mean()) ** 2 / (centred @ centred)
    ar = y0 - y.mean() - beta * (x0 - x.mean())
    return float(ar), float(np.sqrt(resid @ resid / dof * leverage)), dof


def report(
    rates: dict[tuple[str, str], list[float]],
    counts: dict[tuple[str, str], int],
    errors: dict[str, list[float]],
) -> None:
    print(f"{'group':<12}{'bars':<20}{'n':>8}{'inside 95%':>12}{'s.e.':>8}")
    for (group, kind), values in rates.items():
        mean, error = mean_and_error(values)
        print(f"{group:<12}{kind:<20}{counts[group, kind]:>8}{mean:>12.2%}{error:>8.2%}")
    print(f"\n{'group':<12}{'mean of estimate minus truth, bp':>34}{'s.e.':>8}")
    for group, values in errors.items():
        mean, error = mean_and_error(values)
        print(f"{group:<12}{mean * 1e4:>34.2f}{error * 1e4:>8.2f}")


def mean_and_error(values: list[float]) -> tuple[float, float]:
    array = np.array(values)
    error = array.std(ddof=1) / np.sqrt(len(array)) if len(array) > 1 else float("nan")
    return float(array.mean()), float(error)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
