"""From results to metrics by name: every number that a regression test holds a result to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.regression.orders import order_log
from eventlab.regression.types import WHOLE, Part
from eventlab.report.plain import plain_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from eventlab.claims.results import Claims
    from eventlab.contagion.results import EventContagion
    from eventlab.hedge.results import Backtest
    from eventlab.regression.types import Value
    from eventlab.study.results import EventStudy

__all__ = ["backtest_parts", "claims_parts", "contagion_parts", "study_parts"]

Columns = tuple[str, ...]
# By table: the columns that name a row, and those that are held to the baseline.
STRATEGY_TABLES: Final[dict[str, tuple[Columns, Columns]]] = {
    "effectiveness": (("scope", "measure"), ("value", "low", "high", "n")),
    "comparisons": (
        ("run",),
        ("annual_return", "max_drawdown", "turnover", "costs", "cost_rate", "difference"),
    ),
    "placebo": (("statistic",), ("value", "mean", "low", "high", "pvalue", "draws")),
    "identity": (
        ("run",),
        ("start", "pnl", "fees", "slippage", "borrow", "funding", "interest", "shortfall", "end"),
    ),
}
EPISODE: Final[Columns] = (
    "event_session", "entered_at", "exited_at", "bars", "equity", "unhedged", "hedge", "fees",
    "slippage", "borrow", "funding", "interest", "hedged", "unhedged_return", "hedged_return",
    "hedge_ratio", "ideal_ratio", "complete",
)  # fmt: skip
STUDY_TABLES: Final[dict[str, tuple[Columns, Columns]]] = {
    "caar": (("group", "tag", "window"), ("caar", "n_events")),
    "test": (("group", "tag", "window", "test"), ("statistic", "pvalue")),
    "car": (("occurrence", "symbol", "window"), ("car", "bhar", "placebo_pvalue")),
    "fit": (("occurrence", "symbol"), ("event_session", "alpha", "beta", "sigma", "n_estimation")),
    "event_days": (("symbol", "basis", "tag"), ("mean", "difference", "pvalue")),
    "split": (("state", "group", "window"), ("difference", "pvalue", "permutation_pvalue")),
    "cross_section": (("group", "window", "feature"), ("coefficient", "pvalue")),
    "curve": (("group",), ("n", "median", "joint_median", "joint_share", "joint_score")),
}
STUDY_SOURCES: Final = {
    "caar": "aggregates",
    "test": "tests",
    "car": "cars",
    "fit": "fits",
    "split": "splits",
    "curve": "specification_summary",
}
PAIR: Final[Columns] = ("bar", "occurrence", "source", "target")
AVERAGE: Final[Columns] = ("bar", "tag", "source", "target")
CONTAGION_TABLES: Final[dict[str, tuple[Columns, Columns]]] = {
    "pairs": (PAIR, ("rho_calm", "rho_crisis", "rho_adjusted", "detectable", "verdict")),
    "tests": ((*PAIR, "kind", "test"), ("statistic", "pvalue", "placebo_pvalue")),
    "averages": (AVERAGE, ("rho_calm", "rho_crisis", "change", "verdict")),
    "average_tests": ((*AVERAGE, "kind", "test"), ("statistic", "placebo_pvalue")),
    "spillover": (
        ("occurrence", "estimator", "period", "measure", "series", "other"),
        ("value", "low", "high", "placebo_pvalue"),
    ),
    "dcc_fits": (("occurrence", "source", "target", "model", "parameter"), ("value",)),
    "tails": (("occurrence", "source", "target", "measure"), ("value", "placebo_pvalue")),
    "lead_lag_peaks": (
        ("occurrence", "source", "target", "bar", "window"),
        ("peak_minutes", "peak_correlation", "llr"),
    ),
    "network_density": (("occurrence", "period"), ("density", "edges", "placebo_pvalue")),
    "bubbles": (("occurrence", "symbol", "test"), ("statistic", "pvalue")),
}
EXCLUDED: Final[dict[str, Columns]] = {
    "backtest": ("occurrence", "symbol"),
    "study": ("occurrence", "symbol", "window"),
    "contagion": ("bar", "occurrence", "symbol", "part"),
}


def backtest_parts(result: Backtest) -> dict[str, Part]:
    """Return the whole of a backtest and each of its events, by `WHOLE` and the event's id.

    The whole has the metrics with their intervals, effectiveness, comparisons, placebo, the
    identity of the money (but its error, which is rounding), exclusions, and orders of no event.
    An event has each of its episodes, exclusions of its own aside, and its orders.
    """
    metrics = result.metrics
    whole = dict(_named(metrics, ("run", "scope", "metric"), ("value", "low", "high", "n")))
    for name, (keys, held) in STRATEGY_TABLES.items():
        whole |= _prefixed(name, _named(getattr(result, name), keys, held))
    whole |= _excluded(result.exclusions, EXCLUDED["backtest"])
    whole["orders"], whole["episodes"] = len(result.orders), len(result.events)
    named = result.orders["event"].isin(result.strategy.events)
    parts = {WHOLE: Part(whole, order_log(result.orders[~named]))}
    for event in result.strategy.events:
        own = result.events[result.events["event"] == event]
        values: dict[str, Value] = {"episodes": len(own)}
        values |= dict(_named(own, ("occurrence",), EPISODE))
        orders = result.orders[result.orders["event"] == event]
        values["orders"] = len(orders)
        parts[event] = Part(values, order_log(orders))
    return parts


def study_parts(result: EventStudy) -> dict[str, Part]:
    """Return a study: averages with their tests, CARs and fits of each occurrence, exclusions."""
    tables = {name: getattr(result, STUDY_SOURCES.get(name, name)) for name in STUDY_TABLES}
    values = _tables(tables, STUDY_TABLES)
    return {"study": Part(values | _excluded(result.exclusions, EXCLUDED["study"]))}


def contagion_parts(result: EventContagion) -> dict[str, Part]:
    """Return a contagion: pairs with tests and verdicts, averages, and the one in focus."""
    tables = {name: getattr(result, name) for name in CONTAGION_TABLES}
    values = _tables(tables, CONTAGION_TABLES)
    return {"contagion": Part(values | _excluded(result.exclusions, EXCLUDED["contagion"]))}


def claims_parts(result: Claims) -> dict[str, Part]:
    """Return claims: verdicts with what was measured, and every reading."""
    held = ("verdict", "value", "low", "high", "word", "at", "n_readings", "n_agreeing")
    values = dict(_named(result.claims, ("claim",), held))
    readings = _named(
        result.readings, ("claim", "definition"), ("value", "low", "high", "n", "word", "at")
    )
    return {"claims": Part(values | _prefixed("reading", readings))}


def _tables(
    tables: Mapping[str, pd.DataFrame], held: Mapping[str, tuple[Columns, Columns]]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, (keys, columns) in held.items():
        if not tables[name].empty:
            values |= _prefixed(name, _named(tables[name], keys, columns))
    return values


def _excluded(table: pd.DataFrame, keys: Columns) -> dict[str, Value]:
    return _prefixed("excluded", _named(table, keys, ("reason",)))


def _prefixed(prefix: str, named: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    return {f"{prefix}.{name}": value for name, value in named}


def _named(table: pd.DataFrame, keys: Columns, held: Columns) -> Iterator[tuple[str, Value]]:
    """Yield ``key.key.column`` and value, rows of the same keys numbered from the second on.

    A column called ``value`` goes by the keys alone.
    """
    words = [[str(value) for value in table[key].tolist()] for key in keys]
    seen: dict[str, int] = {}
    columns = {name: _values(table, name) for name in held if name in table.columns}
    for row, parts in enumerate(zip(*words, strict=True)):
        name = ".".join(part.replace(" ", "_") or "-" for part in parts)
        seen[name] = seen.get(name, 0) + 1
        place = name if seen[name] == 1 else f"{name}#{seen[name]}"
        for column, values in columns.items():
            yield (place if column == "value" else f"{place}.{column}"), values[row]


def _values(table: pd.DataFrame, name: str) -> Sequence[Value]:
    """Return a column as plain values; infinities are told from what is not a number."""
    values: Sequence[Value] = plain_values(table[name])  # type: ignore[assignment] # no lists here
    raw = table[name]
    if raw.dtype != np.float64:
        return values
    return [
        value if value is not None or not math.isinf(own) else str(own)
        for value, own in zip(values, raw.tolist(), strict=True)
    ]
