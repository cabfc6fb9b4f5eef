"""The rows behind the pictures of one event's contagion, as small as they can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.report.contagion import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventlab.contagion.results import EventContagion

__all__ = ["break_rows", "figure_rows", "matrix_rows"]

Rows = list[dict[str, Any]]
PERIODS: Final = ("calm", "event", "after")
COLUMNS: Final = (("calm", "rho_calm"), ("crisis", "rho_crisis"), ("adjusted", "rho_adjusted"))
MOST_TARGETS: Final = 40
ARROW: Final = 0.22  # how far before the effect's node an arrow ends, the radius being 1


def figure_rows(result: EventContagion, occurrence: str) -> dict[str, Any]:
    """Return picture to its rows, or to rows by name where a picture is drawn several times."""
    return {
        "matrix": {bar: matrix_rows(result, occurrence, bar) for bar in views.bars(result)},
        "breaks": break_rows(result),
        "connected": _connected(result, occurrence),
        "dynamic": _by_target(_of_dcc(result.correlation_paths), occurrence, _dynamic),
        "lead": _by_target(result.lead_lag, occurrence, _lead),
        "moves": [*_moves(result.chain, occurrence), *_marks(result.marks, occurrence)],
        "network": {
            period: rows for period in PERIODS if (rows := _network(result, occurrence, period))
        },
    }


def matrix_rows(result: EventContagion, occurrence: str, bar: str) -> Rows:
    """Return a row per target and correlation of an occurrence."""
    table = result.pairs
    own = table[(table["occurrence"] == occurrence) & (table["bar"] == bar)]
    rows = []
    for row in _rows(own.head(MOST_TARGETS)):
        for column, key in COLUMNS:
            value = _short(row[key])
            if value is not None:
                rows.append(
                    {
                        "target": row["target"],
                        "column": column,
                        "rho": value,
                        "label": f"{value:.2f}".replace("-", "\N{MINUS SIGN}"),
                        "verdict": row["verdict"] or "not tested",
                        "loud": column == "crisis" and row["verdict"] == "contagion",
                    }
                )
    return rows


def break_rows(result: EventContagion) -> dict[str, Rows]:
    """Return, by target with several occurrences, its correlations before and after each."""
    table = result.pairs[result.pairs["bar"] == views.SESSIONS]
    days = result.occurrences[result.occurrences["bar"] == views.SESSIONS]
    when = dict(zip(days["occurrence"], days["event_session"], strict=True))
    known = table[table["rho_calm"].notna() & table["rho_crisis"].notna()]
    found: dict[str, Rows] = {}
    for row in _rows(known):
        found.setdefault(row["target"], []).append(
            {
                "session": _day(when[row["occurrence"]]),
                "occurrence": row["occurrence"],
                "calm": _short(row["rho_calm"]),
                "crisis": _short(row["rho_crisis"]),
                "verdict": row["verdict"] or "not tested",
                "loud": row["verdict"] == "contagion",
            }
        )
    several = {name: rows for name, rows in found.items() if len(rows) > 1}
    return dict(list(several.items())[:MOST_TARGETS])


def _connected(result: EventContagion, occurrence: str) -> dict[str, Rows]:
    """Total connectedness by bar, at the occurrence and on average."""
    table = result.spillover_paths
    if table.empty:
        return {}
    tci = table[table["measure"] == "tci"]
    found = {}
    for name in (occurrence, "average"):
        own = tci[(tci["occurrence"] == name) & tci["value"].notna()]
        if len(own):
            keys = ("tau", "value", "low", "high")
            found[name] = [{key: _short(row[key]) for key in keys} for row in _rows(own)]
    return found


def _by_target(table: pd.DataFrame, occurrence: str, make: Any) -> dict[str, Rows]:
    if table.empty:
        return {}
    own = table[(table["occurrence"] == occurrence) & table["correlation"].notna()]
    found: dict[str, Rows] = {}
    for row in _rows(own):
        found.setdefault(row["target"], []).append(make(row))
    return dict(list(found.items())[:MOST_TARGETS])


def _of_dcc(paths: pd.DataFrame) -> pd.DataFrame:
    """Leave out the other models, whose paths are nearly the same."""
    return paths if paths.empty else paths[paths["model"] == "dcc"]


def _dynamic(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "tau": row["tau"],
        "correlation": _short(row["correlation"]),
        "calm": _short(row["calm_mean"]),
        "beta": _short(row["beta"]),
    }


def _lead(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "lag": row["lag_minutes"],
        "correlation": _short(row["correlation"]),
        "window": row["window"],
    }


def _moves(table: pd.DataFrame, occurrence: str) -> Rows:
    if table.empty:
        return []
    own = table[(table["occurrence"] == occurrence) & table["minutes_after"].notna()]
    return [
        {
            "minutes": row["minutes_after"],
            "symbol": row["symbol"],
            "move": _short(row["move"]),
            "what": "first move",
        }
        for row in _rows(own)
    ]


def _marks(table: pd.DataFrame, occurrence: str) -> Rows:
    if table.empty:
        return []
    own = table[(table["occurrence"] == occurrence) & table["minutes_after"].notna()]
    return [
        {
            "minutes": row["minutes_after"],
            "symbol": f"{row['symbol']} {row['direction']} {row['price']:,.10g}",
            "move": -1e-9 if row["direction"] == "below" else 1e-9,
            "what": "price level",
        }
        for row in _rows(own)
    ]


def _network(result: EventContagion, occurrence: str, period: str) -> Rows:
    """Nodes on a circle, and an arrow for every cause that stands."""
    table = result.network
    if table.empty:
        return []
    own = table[(table["occurrence"] == occurrence) & (table["period"] == period)]
    tested = own[own["pvalue"].notna()]
    if tested.empty:
        return []
    names = list(dict.fromkeys([*own["cause"], *own["effect"]]))
    place = {name: _on_circle(k, len(names)) for k, name in enumerate(names)}
    rows: Rows = []
    for row in _rows(tested[tested["edge"]]):
        said = f"{row['cause']} leads {row['effect']}, p {row['adjusted_pvalue']:.3f}"
        rows += _arrow(place[row["cause"]], place[row["effect"]], said)
    rows += [
        {"kind": "node", "x": x, "y": y, "label": name, "title": name}
        for name, (x, y) in place.items()
    ]
    return rows


def _on_circle(k: int, n: int) -> tuple[float, float]:
    turn = math.pi / 2 - 2 * math.pi * k / n
    return round(math.cos(turn), 4), round(math.sin(turn), 4)


def _arrow(
    start: tuple[float, float], end: tuple[float, float], title: str
) -> Iterator[dict[str, Any]]:
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    share = max(0.0, 1.0 - ARROW / length)
    x, y = (round(a + share * (b - a), 4) for a, b in zip(start, end, strict=True))
    # Angles run clockwise from the top, where a triangle points.
    angle = round(math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])), 1)
    yield {"kind": "edge", "x": start[0], "y": start[1], "x2": x, "y2": y, "title": title}
    yield {"kind": "arrow", "x": x, "y": y, "angle": angle, "title": title}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(table[name].tolist() for name in names), strict=True)
    ]


def _short(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _day(value: object) -> str | None:
    return value.isoformat()[:10] if isinstance(value, pd.Timestamp) else None
