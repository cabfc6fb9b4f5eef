"""The rows behind the pictures of one event's contagion, as small as they can be."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from eventlab.report.contagion import views
from eventlab.report.contagion.layout import at, percents, rows_of
from eventlab.report.contagion.network_rows import network_rows
from eventlab.report.numbers import MISSING, statistic

if TYPE_CHECKING:
    from eventlab.contagion.results import EventContagion

__all__ = ["break_rows", "figure_rows", "matrix_rows"]

Rows = list[dict[str, Any]]
PERIODS: Final = ("calm", "event", "after")
COLUMNS: Final = (
    ("calm", "rho_calm"),
    ("crisis", "rho_crisis"),
    ("at calm variance", "rho_adjusted"),
)
MOST_TARGETS: Final = 40
MODELS: Final = ("dcc", "cdcc", "adcc")
SESSION_MINUTES: Final = 1440
CLOSE: Final = 20  # bars from day 0 within which every bar of a long path is drawn
THINNED: Final = 3  # farther away every so many
NOISE: Final = 1.96  # standard errors around zero that 95% of unrelated series stay within


def figure_rows(result: EventContagion, occurrence: str) -> dict[str, Any]:
    """Return picture to its rows, or to rows by name where a picture is drawn several times."""
    moves = [*_moves(result.chain, occurrence), *_marks(result.marks, occurrence)]
    return {
        "matrix": {bar: matrix_rows(result, occurrence, bar) for bar in views.bars(result)},
        "breaks": break_rows(result),
        "connected": _connected(result, occurrence),
        "dynamic": _dynamic(result.correlation_paths, occurrence),
        "lead": _leads(result.lead_lag, occurrence),
        "betas": _betas(result.betas, occurrence),
        "moves": moves,
        "network": network_rows(result, occurrence, PERIODS),
    }


def matrix_rows(result: EventContagion, occurrence: str, bar: str) -> Rows:
    """Return a row per target and correlation of an occurrence."""
    table = result.pairs
    own = table[(table["occurrence"] == occurrence) & (table["bar"] == bar)]
    rows = []
    for row in rows_of(own.head(MOST_TARGETS)):
        for column, key in COLUMNS:
            value = _short(row[key])
            if value is not None:
                rows.append(
                    {
                        "target": row["target"],
                        "column": column,
                        "rho": value,
                        "label": statistic(value),
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
    for row in rows_of(known):
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
    """Total connectedness by bar, at the occurrence and on average, then the NET of each series."""
    table = result.spillover_paths
    if table.empty:
        return {}
    found = {}
    for name in (occurrence, "average"):
        known = table[(table["occurrence"] == name) & table["value"].notna()]
        for (measure, series), own in known.groupby(["measure", "series"], sort=False):
            title = name if measure == "tci" else f"NET of {series}, {name}"
            keys = ("tau", "value", "low", "high")
            found[title] = [{key: _short(row[key], 2) for key in keys} for row in rows_of(own)]
    return dict(sorted(found.items(), key=lambda item: item[0].startswith("NET")))


def _dynamic(table: pd.DataFrame, occurrence: str) -> dict[str, Rows]:
    """Conditional correlation by bar in every model, and the beta of the first."""
    own = at(table, occurrence)
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows_of(own[own["correlation"].notna()] if len(own) else own):
        bars = found.setdefault(row["target"], {})
        place = bars.setdefault(row["tau"], {"tau": row["tau"]} | dict.fromkeys(MODELS))
        place[row["model"]] = _short(row["correlation"], 3)
        if row["model"] == "dcc":
            place |= {"calm": _short(row["calm_mean"], 3), "beta": _short(row["beta"], 3)}
    return {name: list(bars.values()) for name, bars in list(found.items())[:MOST_TARGETS]}


def _leads(table: pd.DataFrame, occurrence: str) -> dict[str, Rows]:
    """Correlation by lag, in bars, with where those of unrelated series lie in the crisis."""
    own = at(table, occurrence)
    found: dict[str, Rows] = {}
    for row in rows_of(own[own["correlation"].notna()] if len(own) else own):
        width = _minutes(row["bar"])
        name = f"{row['target']}, {views.bar_words(row['bar']).removeprefix('bars of ')}"
        crisis = row["window"] == "crisis"
        noise = _short(NOISE * row["stderr"], 3) if crisis else None
        found.setdefault(name, []).append(
            {
                "lag": _short(row["lag_minutes"] / width, 2),
                "minutes": row["lag_minutes"],
                "correlation": _short(row["correlation"], 3),
                "window": row["window"],
                **({} if noise is None else {"low": -noise, "high": noise}),
            }
        )
    return dict(list(found.items())[:MOST_TARGETS])


def _minutes(bar: str) -> int:
    found = re.match(r"\d+", bar)
    return int(found[0]) if found else SESSION_MINUTES


def _betas(table: pd.DataFrame, occurrence: str) -> dict[str, Rows]:
    """Both betas of each symbol through time; far from day 0 every few bars."""
    own = at(table, occurrence)
    found: dict[str, Rows] = {}
    for row in rows_of(own[own["beta"].notna()] if len(own) else own):
        if abs(row["tau"]) > CLOSE and row["tau"] % THINNED:
            continue
        keys = ("beta", "low", "high", "share")
        found.setdefault(row["symbol"], []).append(
            {"tau": row["tau"], "factor": row["factor"]}
            | {key: _short(row[key], 2) for key in keys}
        )
    return dict(list(found.items())[:MOST_TARGETS])


def _moves(table: pd.DataFrame, occurrence: str) -> Rows:
    return [
        {
            "minutes": row["minutes_after"],
            "symbol": row["symbol"],
            "move": percents(row["move"]),
            "down": row["move"] < 0,
            "what": "first move",
        }
        for row in _timed(table, occurrence)
    ]


def _marks(table: pd.DataFrame, occurrence: str) -> Rows:
    return [
        {
            "minutes": row["minutes_after"],
            "symbol": f"{row['symbol']} {row['direction']} {row['price']:,.10g}",
            "move": MISSING,
            "down": row["direction"] == "below",
            "what": "price level",
        }
        for row in _timed(table, occurrence)
    ]


def _timed(table: pd.DataFrame, occurrence: str) -> Rows:
    own = at(table, occurrence)
    return rows_of(own[own["minutes_after"].notna()] if len(own) else own)


def _short(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _day(value: object) -> str | None:
    return value.isoformat()[:10] if isinstance(value, pd.Timestamp) else None
