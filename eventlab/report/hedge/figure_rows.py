"""The rows behind the pictures of a strategy: rounded, plain, and no more than a screen shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.report.contagion.layout import number, rows_of
from eventlab.report.hedge.measures import COSTS, episode_of, several_events, was_held
from eventlab.report.hedge.sweep_views import named_set, swept
from eventlab.report.hedge.wording import label, wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.hedge.results import Backtest, Sweep

__all__ = ["RUNS", "axes", "figure_rows", "shown_bars", "sweep_rows"]

MOST_BARS: Final = 500  # of a curve, apart from the ends of episodes
MOST_PANELS: Final = 9  # heat maps
MOST_CELLS: Final = 400
LOG_FROM: Final = 4.0  # ratio of the largest to the smallest equity from which a log scale is read
BINS: Final = 24
WHOLE: Final = 1000.0  # money from which decimals are not drawn
RUNS: Final = ("hedged", "unhedged", "cash", "always")
Rows = list[dict[str, Any]]


def figure_rows(result: Backtest, sweep: Sweep | None = None) -> dict[str, Any]:
    """Return the rows of every picture that has any, by the names of the templates."""
    bars = shown_bars(result)
    curves = _equity(result, bars)
    found: dict[str, Any] = {
        _equity_name(result): curves,
        "gains": _gains(result),
        "hedge_ratios": _hedge_ratios(result),
        "exposure": _exposure(result, bars),
        "spent": _spent(result),
    }
    drawn = {name: rows for name, rows in found.items() if rows}
    return drawn if sweep is None else drawn | sweep_rows(sweep)


def sweep_rows(sweep: Sweep) -> dict[str, Any]:
    """Return the rows of the pictures of a sweep that have any."""
    found = {"sets": _sets(sweep), "logits": _logits(sweep), "folds": _folds(sweep)}
    return {name: rows for name, rows in found.items() if rows}


def shown_bars(result: Backtest) -> npt.NDArray[np.int64]:
    """Return the rows of ``curves`` that are drawn: every few, episodes' ends, the deepest falls.

    All of them where there are few enough.
    """
    n = len(result.curves)
    step = math.ceil(n / MOST_BARS)
    if step <= 1:
        return np.arange(n)
    inside = result.curves["in_event"].to_numpy(np.int8)
    ends = np.flatnonzero(np.diff(inside))
    lowest = [int(result.curves[f"{run}_drawdown"].argmin()) for run in _runs(result)]
    return np.unique(np.concatenate([np.arange(0, n, step), ends, ends + 1, lowest, [n - 1]]))


def _runs(result: Backtest) -> list[str]:
    return [run for run in RUNS if run in result.curves]


def _equity_name(result: Backtest) -> str:
    values = result.curves[_runs(result)].to_numpy(np.float64)
    low, high = float(values.min()), float(values.max())
    return "equity_log" if low > 0 and high / low > LOG_FROM else "equity"


def _equity(result: Backtest, bars: npt.NDArray[np.int64]) -> Rows:
    """Curves of every run, and the windows that are shaded behind them."""
    said, curves = wording(result.strategy), result.curves.iloc[bars]
    days = _days(curves["session"])
    rows: Rows = []
    for run in _runs(result):
        name = said.runs.get(run, run)
        values = [_short(value, 0 if value >= WHOLE else 4) for value in curves[run].tolist()]
        falls = [_short(value) for value in curves[f"{run}_drawdown"].tolist()]
        rows += [
            {"kind": "run", "session": day, "run": name, "value": value, "drawdown": fall}
            for day, value, fall in zip(days, values, falls, strict=True)
        ]
    last = days[-1]
    several = several_events(result)
    rows += [
        {
            "kind": "event",
            "name": label(row, several=several),
            "from": _day(row["entered_at"]),
            "to": _day(row["exited_at"]) or last,
        }
        for row in rows_of(result.events)
    ]
    return rows


def _gains(result: Backtest) -> Rows:
    """Return what each episode made over equity at entry, in order of time."""
    said, several = wording(result.strategy), several_events(result)
    rows: Rows = []
    events = result.events[was_held(result)].sort_values("entered_at", kind="stable")
    for place, row in enumerate(rows_of(events)):
        equity = row["equity"]
        costs = row["interest"] - math.fsum(row[kind] for kind in COSTS)
        parts = {
            "book": (said.runs["unhedged"], row["unhedged"]),
            "added": (said.part, row["hedge"]),
            "costs": ("costs, less interest", costs),
        }
        if said.way == "trade":
            del parts["book"]
            parts["added"] = ("the position", row["unhedged"] + row["hedge"])
        rows += [
            {
                "place": f"{place:03d}|{row['event_session']:%Y-%m}",
                "day": f"{row['event_session']:%Y-%m-%d}",
                "name": label(row, several=several),
                "role": role,
                "part": name,
                "share": _short(amount / equity),
                "net": _short(row["hedged"] / equity),
                "book": _short(row["unhedged"] / equity),
            }
            for role, (name, amount) in parts.items()
        ]
    return rows


def _hedge_ratios(result: Backtest) -> dict[str, Rows]:
    """Ratio at each entry by instrument, and the right one."""
    several = several_events(result)
    names = [label(row, several=several) for row in rows_of(result.events)]
    owners = episode_of(result, result.ratios)
    found: dict[str, Rows] = {}
    seen = set()
    for owner, row in zip(owners.tolist(), rows_of(result.ratios), strict=True):
        key = (owner, row["symbol"])
        if key in seen or not math.isfinite(row["ratio"] + row["ideal_ratio"]):
            continue
        seen.add(key)
        found.setdefault(row["symbol"], []).append(
            {
                "session": _day(row["decided_at"]),
                "name": names[owner],
                "used": _short(row["ratio"], 3),
                "right": _short(row["ideal_ratio"], 3),
            }
        )
    return found


def _exposure(result: Backtest, bars: npt.NDArray[np.int64]) -> Rows:
    curves = result.curves.iloc[bars]
    columns = (curves["gross"].tolist(), curves["net"].tolist())
    return [
        {"session": day, "gross": _short(gross, 3), "net": _short(net, 3)}
        for day, gross, net in zip(_days(curves["session"]), *columns, strict=True)
    ]


def _spent(result: Backtest) -> Rows:
    """Money paid by kind of cost in each run; negative where it was received."""
    said, table = wording(result.strategy), result.identity
    table = table[table["run"].isin(["hedged", "unhedged", "always"])]
    kinds = [kind for kind in COSTS if (table[kind] != 0).any()]
    order = ["hedged", "unhedged", "always"]
    found = {row["run"]: row for row in rows_of(table)}
    return [
        {"kind": kind, "run": said.runs.get(run, run), "amount": _short(-found[run][kind], 0)}
        for kind in kinds
        for run in order
        if run in found
    ]


def _sets(sweep: Sweep) -> dict[str, Rows]:
    """Heat maps over the two paths with the most values, one for each choice of the others."""
    table = sweep.sets
    known = table["sharpe"].dropna()
    if known.empty or len(table) > MOST_CELLS * MOST_PANELS:
        return {}
    texts = {path: table[path].map(named_set) for path in swept(sweep)}
    by_size = sorted(texts, key=lambda path: -len(set(texts[path])))
    across, down = (*by_size[:2], "")[:2]
    others = [path for path in texts if path not in {across, down}]
    middle = float(known.median())
    reach = float((known - middle).abs().max()) or 1.0
    found: dict[str, Rows] = {}
    for at, row in enumerate(rows_of(table)):
        panel = ", ".join(f"{_shortest(path, texts)} {texts[path].iloc[at]}" for path in others)
        where = {path: texts[path].iloc[at] for path in texts}
        found.setdefault(panel or "Sharpe ratio", []).append(
            {
                "x": where[across],
                "y": where.get(down, ""),
                "set": ", ".join(f"{_last(path)} {value}" for path, value in where.items()),
                "shade": _short((row["sharpe"] - middle) / reach, 3),
                "label": number(row["sharpe"]) + (" \N{BULLET}" if row["base"] else ""),
                "loud": bool(row["chosen"]),
                "sharpe": _short(row["sharpe"]),
                "added": _short(row["hedge_pnl"], 0),
            }
        )
    best = [name for name, rows in found.items() if any(row["loud"] for row in rows)]
    order = [*best, *(name for name in found if name not in best)]
    return {name: found[name] for name in order[:MOST_PANELS]}


def axes(sweep: Sweep) -> tuple[str, str]:
    """Return the paths that go across and down in the heat maps."""
    counts = {path: sweep.sets[path].map(named_set).nunique() for path in swept(sweep)}
    across, down = (*sorted(counts, key=lambda path: -counts[path])[:2], "")[:2]
    return _last(across), _last(down)


def _logits(sweep: Sweep) -> Rows:
    """Histogram of the logits of PBO, with the bars that it counts: up to zero, the median."""
    values = sweep.logits["logit"].to_numpy(np.float64) if len(sweep.logits) else np.empty(0)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return []
    reach = float(np.abs(values).max()) or 1.0
    edges = np.linspace(-reach, reach, BINS + 1)
    edges[BINS // 2] = 0.0
    # Mirrored, as bins are open on the right: a set at the median belongs to the bar left of zero.
    counts = np.histogram(-values, edges)[0][::-1]
    return [
        {"from": _short(low), "to": _short(high), "count": int(count), "below": bool(high <= 0.0)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _folds(sweep: Sweep) -> Rows:
    """Sharpe ratios a year of each fold: chosen in sample, then out of it, and the book alone."""
    said = wording(sweep.strategy)
    names = {
        "in_sample": "in sample",
        "out_of_sample": "out of sample",
        "unhedged": said.runs["unhedged"],
    }
    return [
        {
            "fold": int(row["fold"]),
            "events": f"{row['first']} to {row['last']}",
            "what": name,
            "place": f"{place} {name}",
            "sharpe": _short(row[key]),
        }
        for row in rows_of(sweep.walk_forward)
        for place, (key, name) in enumerate(names.items())
    ]


def _shortest(path: str, paths: Iterable[str]) -> str:
    """Name a path by its last part where no other ends so: panels are narrow."""
    name = path.rsplit(".", maxsplit=1)[-1]
    alike = sum(other.rsplit(".", maxsplit=1)[-1] == name for other in paths)
    return name if alike == 1 else _last(path)


def _last(path: str) -> str:
    return ".".join(path.split(".")[-2:])


def _days(sessions: pd.Series) -> list[str]:
    return [str(day) for day in np.datetime_as_string(sessions.to_numpy(), unit="D")]


def _day(value: object) -> str | None:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


def _short(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
