"""A hand-made backtest and sweep: every table, small and with known values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.definitions.strategy import StrategyDefinition
from eventlab.hedge.results import Backtest, Sweep
from eventlab.market.types import DataStamp

if TYPE_CHECKING:
    from collections.abc import Sequence

BARS = 40
COSTS = ("fees", "slippage", "borrow", "funding")
# Two events whose occurrences have the same name. Per episode: equity at entry, book, hedge, fees,
# slippage, borrow, funding (of which the book's own), interest.
EPISODES = (
    ("nvidia-earnings", 5, 1_000_000.0, -100_000.0, 40_000.0, 500.0, 500.0, 100.0, 300.0, 200.0),
    ("oracle-earnings", 20, 900_000.0, 45_000.0, -27_000.0, 450.0, 450.0, 90.0, 180.0, 180.0),
)
HEDGE: dict[str, Any] = {"instruments": ["QQQ"], "ratio": {"method": "ols", "lookback": 120}}
ASIDE: dict[str, Any] = {"hedge": None, "exposure": {"inside": 0.0, "outside": 1.0}, "sweep": {}}
TRADE: dict[str, Any] = {
    **ASIDE,
    "exposure": {"inside": 1.0, "outside": 0.0},
    "signal": {"symbol": "BTC", "bars": [0, 0], "take": "follow", "below": -0.02, "above": 0.02},
    "when": {"enter": 1, "exit": 6},
}


def make_backtest(
    *, simulated: bool = False, title: str = "Long bitcoin, short Nasdaq", **changes: Any
) -> Backtest:
    """Two episodes of a hedged book, with `changes` of the strategy's file."""
    strategy = make_strategy(title=title, **changes)
    hedged = strategy.hedge is not None
    events = _events(hedged=hedged)
    return Backtest(
        strategy=strategy,
        stamp=DataStamp("sample" if simulated else "prices/", "cd" * 32, simulated),
        seed=3,
        metrics=_metrics(hedged=hedged),
        events=events,
        legs=_legs(hedged=hedged),
        ratios=_ratios() if hedged else _ratios().iloc[:0],
        orders=_orders(),
        ledger=table(["at", "symbol", "kind", "amount"], [(_at(6), "BTC", "funding", -300.0)]),
        trades=_trades(),
        curves=_curves(hedged=hedged),
        drawdowns=_drawdowns(),
        effectiveness=_effectiveness(),
        comparisons=_comparisons(hedged=hedged),
        placebo=make_placebo(0.42),
        identity=_identity(hedged=hedged),
        exclusions=_exclusions(),
        sampling=_sampling(),
        notes=table(["about", "note"], [("borrow", "no margin interest")]),
    )


def make_strategy(**changes: Any) -> StrategyDefinition:
    """Bitcoin against Nasdaq, as a file says it."""
    parts = {
        "strategy": "btc-ai-hedge",
        "title": "Long bitcoin, short Nasdaq",
        "events": ["nvidia-earnings", "oracle-earnings"],
        "book": {"BTC": 1.0},
        "hedge": HEDGE,
        "when": {"enter": -2, "exit": 5},
        "sweep": {"hedge.ratio.lookback": [60, 120], "when.exit": [1, 5]},
        **changes,
    }
    return StrategyDefinition.model_validate(parts)


def make_sweep(*, spa: float = 0.6, deflated: float = 0.4, pbo: float = 0.7) -> Sweep:
    """Four sets, of which the third is the best and the last is the file's."""
    base = make_backtest()
    sets = pd.DataFrame(
        {
            "number": [1, 2, 3, 4],
            "hedge.ratio.lookback": [60, 60, 120, 120],
            "when.exit": [1, 5, 1, 5],
            **dict.fromkeys(("total_return", "annual_return"), 0.1),
            "volatility": 0.5,
            "sharpe": [0.1, 0.2, 0.9, 0.3],
            "sharpe_stderr": 0.4,
            "max_drawdown": -0.5,
            "hedge_pnl": [-1000.0, 0.0, 5000.0, 10.0],
            "effectiveness": 0.2,
            "turnover": 3.0,
            "episodes": 2,
            "probabilistic": 0.6,
            "chosen": [False, False, True, False],
            "base": [False, False, False, True],
            "note": "",
        }
    )
    values = {"deflated_sharpe": deflated, "pbo": pbo, "spa_consistent": spa, "stepm": 0.0}
    known = [(name, value, np.nan, np.nan, "") for name, value in values.items()]
    logits = np.array([-1.0, -0.5, -0.2, 0.4])
    return Sweep(
        strategy=base.strategy,
        stamp=base.stamp,
        seed=3,
        sets=sets,
        overfitting=table(["statistic", "value", "low", "high", "note"], known),
        logits=pd.DataFrame(
            {
                "split": np.arange(4),
                "chosen": 3,
                "in_sample": 0.1,
                "out_of_sample": 0.0,
                "rank": 0.5,
                "logit": logits,
            }
        ),
        walk_forward=pd.DataFrame(
            {
                "fold": [1, 2],
                "first": ["nvidia-earnings/q1", "oracle-earnings/q1"],
                "last": ["nvidia-earnings/q1", "oracle-earnings/q1"],
                "chosen": [3, 3],
                "in_sample": [1.2, 1.1],
                "out_of_sample": [0.3, -0.2],
                "unhedged": [0.4, 0.1],
                "purged": [0, 1],
                "note": "",
            }
        ),
        placebo=make_placebo(0.3),
        exclusions=table(["number", "occurrence", "symbol", "reason"], []),
    )


def make_placebo(p: float) -> pd.DataFrame:
    """All three statistics with the same p."""
    names = ("event_return", "hedge_return", "variance_reduction")
    rows = [(name, 0.01, 0.0, -0.02, 0.02, p, 500, "") for name in names]
    columns = ["statistic", "value", "mean", "low", "high", "pvalue", "draws", "note"]
    return table(columns, rows)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """A frame of rows."""
    return pd.DataFrame([tuple(row) for row in rows], columns=list(columns))


def _at(bar: int) -> pd.Timestamp:
    return pd.Timestamp("2024-01-01 21:00", tz="UTC") + pd.Timedelta(days=bar)


def _events(*, hedged: bool) -> pd.DataFrame:
    rows = []
    for event, bar, equity, book, hedge, fees, slippage, borrow, funding, _ in EPISODES:
        left = book + hedge - fees - slippage - borrow - funding
        rows.append(
            {
                "occurrence": "q1",
                "event": event,
                "also": "",
                "title": "Quarterly earnings",
                "event_session": _at(bar + 2).tz_localize(None).normalize(),
                "entered_at": _at(bar),
                "exited_at": _at(bar + 7),
                "bars": 7,
                "equity": equity,
                "unhedged": book,
                "hedge": hedge,
                "fees": fees,
                "slippage": slippage,
                "borrow": borrow,
                "funding": funding,
                "interest": 0.0,
                "hedged": left,
                "unhedged_return": book / equity,
                "hedged_return": left / equity,
                "hedge_ratio": 1.0 if hedged else np.nan,
                "ideal_ratio": 0.5 if hedged else np.nan,
                "complete": True,
                "note": "",
            }
        )
    return pd.DataFrame(rows)


def _legs(*, hedged: bool) -> pd.DataFrame:
    rows = []
    for event, _, _, book, hedge, fees, slippage, borrow, funding, own in EPISODES:
        rows.append(("q1", event, "BTC", "book", 1.0, book, 0.0, 0.0, 0.0, own))
        if hedged:
            paid = (fees, slippage, borrow, funding - own)
            rows.append(("q1", event, "QQQ", "hedge", -1.0, hedge, *paid))
    columns = ["occurrence", "event", "symbol", "role", "weight", "pnl", *COSTS]
    return table(columns, rows)


def _ratios() -> pd.DataFrame:
    rows = [("q1", event, _at(bar - 1), "QQQ", 1.0, 0.5, 120, "") for event, bar, *_ in EPISODES]
    columns = ["occurrence", "event", "decided_at", "symbol", "ratio", "ideal_ratio", "n", "note"]
    return table(columns, rows)


def _orders() -> pd.DataFrame:
    columns = [
        "number", "occurrence", "event", "symbol", "kind", "decided_at", "scheduled_at",
        "filled_at", "shares", "price", "fill_price", "value", "fee", "slippage", "status",
        "reason",
    ]  # fmt: skip
    due = "its market was closed: filled when it opened next"
    first, second = (each[0] for each in EPISODES)
    money = (-10.0, 400.0, 399.8, -3998.0, 2.0, 2.0)
    nothing = (np.nan,) * 6
    return table(
        columns,
        [
            (1, "q1", first, "QQQ", "enter", _at(4), _at(5), _at(5), *money, "filled", ""),
            (2, "q1", first, "QQQ", "exit", _at(11), _at(12), _at(13), *money, "rolled", due),
            (
                3,
                "q1",
                second,
                "QQQ",
                "exit",
                _at(26),
                _at(27),
                pd.NaT,
                *nothing,
                "refused",
                "no price",
            ),
        ],
    )


def _trades() -> pd.DataFrame:
    columns = [
        "symbol", "entered_at", "exited_at", "shares", "entry_price", "exit_price", "fees", "pnl",
        "return", "status",
    ]  # fmt: skip
    return table(
        columns, [("QQQ", _at(5), _at(12), -10.0, 400.0, 390.0, 4.0, 96.0, 0.024, "closed")]
    )


def _curves(*, hedged: bool) -> pd.DataFrame:
    days, bars = range(BARS), np.arange(BARS)
    frame = pd.DataFrame(
        {
            "session": [_at(bar).tz_localize(None).normalize() for bar in days],
            "at": [_at(bar) for bar in days],
            "in_event": [any(s <= bar <= s + 7 for _, s, *_ in EPISODES) for bar in days],
        }
    )
    slopes = {"hedged": 1000.0, "unhedged": -2000.0, "cash": 0.0, "always": 3000.0}
    for run, slope in slopes.items():
        if run == "always" and not hedged:
            continue
        equity = 1_000_000.0 + slope * bars + 500.0 * (bars % 3)
        frame[run] = equity
        frame[f"{run}_return"] = np.concatenate([[0.0], np.diff(equity) / equity[:-1]])
        frame[f"{run}_drawdown"] = equity / np.maximum.accumulate(equity) - 1.0
    return frame.assign(gross=1.5, net=0.5)


def _drawdowns() -> pd.DataFrame:
    day = [_at(bar).tz_localize(None).normalize() for bar in (1, 5, 9)]
    rows = [("hedged", *day, -0.1, 8), ("unhedged", day[0], day[1], pd.NaT, -0.3, 38)]
    return table(["run", "peak", "trough", "recovered", "depth", "bars"], rows)


def _effectiveness() -> pd.DataFrame:
    rows = [
        ("event", "variance", 0.4, 0.2, 0.6, 14, ""),
        ("event", "expected_shortfall", 0.1, -0.1, 0.3, 14, ""),
        ("all", "variance", 0.05, 0.01, 0.09, 39, ""),
        ("all", "expected_shortfall", 0.02, 0.01, 0.04, 39, ""),
    ]
    return table(["scope", "measure", "value", "low", "high", "n", "note"], rows)


def _comparisons(*, hedged: bool) -> pd.DataFrame:
    columns = [
        "run", "total_return", "annual_return", "volatility", "sharpe", "max_drawdown",
        "turnover", "costs", "cost_rate", "difference",
    ]  # fmt: skip
    rows = [
        ("hedged", 0.04, 0.3, 0.5, 0.6, -0.1, 3.0, 2570.0, 0.02, 0.0),
        ("unhedged", -0.08, -0.4, 0.6, -0.5, -0.3, 0.2, 380.0, 0.003, 0.12),
        ("cash", 0.0, 0.0, 0.0, np.nan, 0.0, 0.0, 0.0, 0.0, 0.04),
        ("always", 12.5, 9.0, 0.4, 2.0, -0.2, 1.0, 9000.0, 0.01, -12.46),
    ]
    return table(columns, rows if hedged else rows[:3])


def _identity(*, hedged: bool) -> pd.DataFrame:
    columns = [
        "run", "start", "pnl", "fees", "slippage", "borrow", "funding", "interest", "shortfall",
        "end", "error",
    ]  # fmt: skip
    start = 1_000_000.0
    rows = [
        ("hedged", start, 41000.0, -950.0, -950.0, -190.0, -480.0, 0.0, 0.0, 1038430.0, 0.0),
        ("unhedged", start, -80000.0, 0.0, 0.0, 0.0, -380.0, 0.0, 0.0, 919620.0, 1e-10),
        ("cash", start, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, start, 0.0),
        ("always", start, 117000.0, -10.0, -10.0, -10.0, -10.0, 0.0, 0.0, 1116960.0, 0.0),
    ]
    return table(columns, rows if hedged else rows[:3])


def _metrics(*, hedged: bool) -> pd.DataFrame:
    columns = ["run", "scope", "metric", "value", "low", "high", "n", "note"]
    rows = [
        ("hedged", "all", "sharpe", 0.6, -0.4, 1.6, 39, ""),
        ("unhedged", "all", "sharpe", -0.5, -1.5, 0.5, 39, ""),
        ("hedged", "all", "gross", 1.5, np.nan, np.nan, 39, ""),
    ]
    if hedged:
        rows += [
            ("unhedged", "event", "beta_QQQ", 1.2, 0.8, 1.6, 14, ""),
            ("hedged", "event", "beta_QQQ", 0.1, -0.3, 0.5, 14, ""),
        ]
    return table(columns, rows)


def _exclusions() -> pd.DataFrame:
    why = "no funding rate of BTC in the 24 hours before {} 21:00 UTC"
    rows = [(f"nvidia-earnings/q{k}", "BTC", why.format(f"2016-0{k}-12")) for k in (2, 5, 8)]
    rows.append(("oracle-earnings/q9", "all", "the prices end on 2024-02-09, before its entry"))
    return table(["occurrence", "symbol", "reason"], rows)


def _sampling() -> pd.DataFrame:
    days = [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-09")]
    rows = [
        ("BTC", "book", "hourly bars at the close", 40, *days, 2, ""),
        ("QQQ", "hedge", "own close", 40, *days, 0, ""),
    ]
    columns = ["symbol", "role", "basis", "bars", "first", "last", "stale", "note"]
    return table(columns, rows)
