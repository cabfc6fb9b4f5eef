"""The strategy beside what it is compared with: numbers by run, and the identity of the money."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.answers.curves import event_bars, scope_returns
from eventlab.hedge.robustness.effectiveness import residual_beta
from eventlab.hedge.robustness.sharpe import sharpe_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from eventlab.hedge.answers.events import Stretch
    from eventlab.hedge.answers.flows import Flows
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.types import Simulation

__all__ = ["comparison_table", "identity_table", "metric_table"]

COMPARED = [
    "run", "total_return", "annual_return", "volatility", "sharpe", "max_drawdown", "turnover",
    "costs", "cost_rate", "difference",
]  # fmt: skip
METRICS = ["run", "scope", "metric", "value", "low", "high", "n", "note"]
NORMAL_95 = 1.959963984540054
WORST = 0.05


def comparison_table(
    setting: Setting,
    curves: pd.DataFrame,
    runs: Mapping[str, Simulation],
    flows: Mapping[str, Flows],
) -> pd.DataFrame:
    """One row per run, on the bars of ``curves`` but the first, at whose close it starts.

    ``sharpe`` is of returns less those of cash; ``turnover`` and ``cost_rate`` are traded value and
    costs over mean equity, per year. Costs include funding, received where negative.
    """
    capital, years = setting.strategy.capital, max(len(curves) - 1, 1) / setting.periods
    idle = curves["cash_return"].to_numpy(np.float64)[1:]
    rows = []
    for name, run in runs.items():
        returns = curves[f"{name}_return"].to_numpy(np.float64)[1:]
        above = returns - idle
        size = float(curves[name].mean()) * years
        end = float(curves[name].iloc[-1]) / capital
        paid = flows[name]
        costs = math.fsum(
            float(each.sum()) for each in (paid.fees, paid.slippage, paid.borrow, paid.funding)
        )
        spread = float(returns.std(ddof=1)) if len(returns) > 1 else np.nan
        rows.append(
            {
                "run": name,
                "total_return": end - 1.0,
                "annual_return": end ** (1.0 / years) - 1.0 if end > 0 else -1.0,
                "volatility": spread * np.sqrt(setting.periods),
                "sharpe": float(above.mean() / above.std(ddof=1) * np.sqrt(setting.periods))
                if len(above) > 1 and above.std() > 0
                else np.nan,
                "max_drawdown": float(curves[f"{name}_drawdown"].min()),
                "turnover": float(np.abs(run.order_shares * run.order_price).sum()) / size,
                "costs": costs,
                "cost_rate": costs / size,
            }
        )
    table = pd.DataFrame(rows)
    own = float(table.loc[table["run"] == "hedged", "total_return"].iloc[0])
    table["difference"] = own - table["total_return"]
    return table[COMPARED]


def identity_table(
    capital: float, runs: Mapping[str, Simulation], flows: Mapping[str, Flows]
) -> pd.DataFrame:
    """Where the money of each run went; ``error`` is what the terms fail to explain."""
    rows = []
    for name, run in runs.items():
        of = flows[name]
        terms = {
            "pnl": float(of.pnl.sum()),
            "fees": -float(of.fees.sum()),
            "slippage": -float(of.slippage.sum()),
            "borrow": -float(of.borrow.sum()),
            "funding": -float(of.funding.sum()),
            "interest": float(of.interest.sum()),
            "shortfall": run.shortfall,
        }
        end = float(run.equity[-1])
        error = end - capital - math.fsum(terms.values())
        rows.append({"run": name, "start": capital, **terms, "end": end, "error": error})
    return pd.DataFrame(rows)


def metric_table(
    setting: Setting,
    curves: pd.DataFrame,
    runs: Mapping[str, Simulation],
    spans: Sequence[Stretch],
) -> pd.DataFrame:
    """Numbers of each run on all bars and on event bars; columns as of `Backtest`."""
    first = len(setting.grid) - len(curves)
    episodes = event_bars(len(setting.grid), spans)[first:]
    scopes = {"all": np.arange(len(curves)) > 0, "event": episodes >= 0}
    idle = curves["cash_return"].to_numpy(np.float64)
    rows: list[dict[str, object]] = []
    for name in runs:
        for scope, bars in scopes.items():
            returns = scope_returns(curves, runs, name, spans if scope == "event" else ())
            found = metrics(returns[bars], returns[bars] - idle[bars], setting.periods)
            rows += [{"run": name, "scope": scope, **each} for each in found]
    rows += exposures(curves, scopes)
    rows += betas(setting, curves, scopes, first)
    return pd.DataFrame(rows, columns=METRICS)


def metrics(
    returns: npt.NDArray[np.float64], above: npt.NDArray[np.float64], periods: float
) -> Iterator[dict[str, object]]:
    """Mean, volatility, Sharpe ratio with Lo's interval and expected shortfall of some bars.

    ``above`` are the returns less those of cash, which the Sharpe ratio is of.
    """
    n = len(returns)
    blank = {"low": np.nan, "high": np.nan, "n": n, "note": ""}
    total = float(np.prod(1.0 + returns)) - 1.0
    yield {**blank, "metric": "total_return", "value": total}
    if n < 3 or not returns.std() > 0:
        return
    spread = float(returns.std(ddof=1))
    yield {**blank, "metric": "mean", "value": float(returns.mean())}
    yield {**blank, "metric": "volatility", "value": spread * np.sqrt(periods)}
    yield {**blank, "metric": "expected_shortfall", "value": shortfall(returns)}
    if not above.std() > 0:
        return
    found = sharpe_ratio(above, periods=periods)
    reach = NORMAL_95 * found.annual_stderr
    yield {
        **blank,
        "metric": "sharpe",
        "value": found.annual,
        "low": found.annual - reach,
        "high": found.annual + reach,
        "note": "of returns less those of cash; interval of Lo (2002)",
    }


def shortfall(returns: npt.NDArray[np.float64]) -> float:
    """Mean loss of the worst 5%; the bar at the boundary counts with its fraction."""
    tail = WORST * len(returns)
    counted = np.clip(tail - np.arange(len(returns)), 0.0, 1.0)
    return -float(np.sort(returns) @ counted) / tail


def exposures(
    curves: pd.DataFrame, scopes: Mapping[str, npt.NDArray[np.bool_]]
) -> list[dict[str, object]]:
    """Mean gross and net exposure of the strategy over its equity."""
    blank = {"low": np.nan, "high": np.nan, "note": ""}
    return [
        {
            "run": "hedged",
            "scope": scope,
            "metric": name,
            "value": float(curves[name].to_numpy()[bars].mean()) if bars.any() else np.nan,
            "n": int(bars.sum()),
            **blank,
        }
        for scope, bars in scopes.items()
        for name in ("gross", "net")
    ]


def betas(
    setting: Setting,
    curves: pd.DataFrame,
    scopes: Mapping[str, npt.NDArray[np.bool_]],
    first: int,
) -> Iterator[dict[str, object]]:
    """Yield what is left of the instruments in the hedged and the unhedged run, with HAC errors."""
    if setting.strategy.hedge is None or setting.put is not None:
        return
    if any(sleeve.issuers for sleeve in setting.sleeves.hedge):
        return  # another instrument at each occurrence
    issuers = (issuer for sleeve in setting.sleeves.book for issuer in sleeve.issuers)
    past = setting.history(next(issuers, None))  # of which the instruments are read
    begins = np.append(-1, past.rows[:-1])  # a return may span bars in which a leg was closed
    known = begins >= first
    at, since = past.rows[known] - first, begins[known] - first
    for k, sleeve in enumerate(setting.sleeves.hedge):
        moves = past.instruments[known, k]
        for scope, bars in scopes.items():
            inside = bars[at] & np.isfinite(moves)
            for name in ("unhedged", "hedged"):
                money = curves[name].to_numpy(np.float64)
                alive = np.where(money > 0, money, np.nan)
                returns = (money[at] / alive[since] - 1.0)[inside]
                found = residual_beta(returns, moves[inside])
                reach = NORMAL_95 * found.stderr
                yield {
                    "run": name,
                    "scope": scope,
                    "metric": f"beta_{sleeve.name}",
                    "value": found.beta,
                    "low": found.beta - reach,
                    "high": found.beta + reach,
                    "n": int(inside.sum()),
                    "note": found.note,
                }
