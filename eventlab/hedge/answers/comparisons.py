"""The strategy beside what it is compared with: numbers by run, and the identity of the money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.hedge.answers.curves import event_bars
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
    "costs", "difference",
]  # fmt: skip
METRICS = ["run", "scope", "metric", "value", "low", "high", "n", "note"]
NORMAL_95 = 1.959963984540054


def comparison_table(
    setting: Setting,
    curves: pd.DataFrame,
    runs: Mapping[str, Simulation],
    flows: Mapping[str, Flows],
) -> pd.DataFrame:
    """One row per run; ``turnover`` is traded value over capital, per year."""
    capital, years = setting.strategy.capital, max(len(curves) - 1, 1) / setting.periods
    rows = []
    for name, run in runs.items():
        returns = curves[f"{name}_return"].to_numpy(np.float64)[1:]
        end = float(curves[name].iloc[-1]) / capital
        paid = flows[name]
        costs = sum(
            float(each.sum()) for each in (paid.fees, paid.slippage, paid.borrow, paid.funding)
        )
        spread = float(returns.std(ddof=1)) if len(returns) > 1 else np.nan
        rows.append(
            {
                "run": name,
                "total_return": end - 1.0,
                "annual_return": end ** (1.0 / years) - 1.0 if end > 0 else -1.0,
                "volatility": spread * np.sqrt(setting.periods),
                "sharpe": float(returns.mean()) / spread * np.sqrt(setting.periods)
                if spread > 0
                else np.nan,
                "max_drawdown": float(curves[f"{name}_drawdown"].min()),
                "turnover": float(np.abs(run.order_shares * run.order_price).sum())
                / capital
                / years,
                "costs": costs,
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
        error = end - capital - sum(terms.values())
        rows.append({"run": name, "start": capital, **terms, "end": end, "error": error})
    return pd.DataFrame(rows)


def metric_table(
    setting: Setting, curves: pd.DataFrame, spans: Sequence[Stretch], first: int
) -> pd.DataFrame:
    """Numbers of each run on all bars and on event bars; columns as of `Backtest`."""
    episodes = event_bars(first + len(curves), spans)[first:]
    scopes = {"all": np.arange(len(curves)) > 0, "event": episodes >= 0}
    names = [name for name in ("hedged", "unhedged", "always", "cash") if name in curves]
    rows = [
        {"run": name, "scope": scope, **each}
        for name in names
        for scope, bars in scopes.items()
        for each in metrics(curves[f"{name}_return"].to_numpy(np.float64)[bars], setting.periods)
    ]
    rows += exposures(curves, scopes)
    rows += betas(setting, curves, scopes, first)
    return pd.DataFrame(rows, columns=METRICS)


def metrics(returns: npt.NDArray[np.float64], periods: float) -> Iterator[dict[str, object]]:
    """Mean, volatility, Sharpe ratio with Lo's interval and expected shortfall of some bars."""
    n = len(returns)
    blank = {"low": np.nan, "high": np.nan, "n": n, "note": ""}
    total = float(np.prod(1.0 + returns)) - 1.0
    yield {**blank, "metric": "total_return", "value": total}
    if n < 3 or not returns.std() > 0:
        return
    spread = float(returns.std(ddof=1))
    yield {**blank, "metric": "mean", "value": float(returns.mean())}
    yield {**blank, "metric": "volatility", "value": spread * np.sqrt(periods)}
    found = sharpe_ratio(returns, periods=periods)
    reach = NORMAL_95 * found.annual_stderr
    yield {
        **blank,
        "metric": "sharpe",
        "value": found.annual,
        "low": found.annual - reach,
        "high": found.annual + reach,
        "note": "interval of Lo (2002)",
    }
    worst = np.sort(returns)[: max(1, round(0.05 * n))]
    yield {**blank, "metric": "expected_shortfall", "value": -float(worst.mean())}


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
    past = setting.history(None)
    known = (past.rows >= first) & (past.rows < first + len(curves))
    at = past.rows[known] - first
    for k, sleeve in enumerate(setting.sleeves.hedge):
        moves = past.instruments[known, k]
        for scope, bars in scopes.items():
            inside = bars[at] & np.isfinite(moves)
            for name in ("unhedged", "hedged"):
                returns = curves[f"{name}_return"].to_numpy(np.float64)[at][inside]
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
