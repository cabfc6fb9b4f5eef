"""A hand-made contagion: every table of an EventContagion, small and with known values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.contagion.results import EventContagion
from eventlab.definitions.event import EventDefinition
from eventlab.market.types import DataStamp
from tests.report.make_study import make_event

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "ORCL"
TARGETS = ("NVDA", "BTC", "@ai_tokens")
VERDICTS = ("contagion", "interdependence", "underpowered")
TESTS = ("fisher", "forbes_rigobon", "cs12", "ck13", "cv22")
NEWS = pd.Timestamp("2025-12-10 21:05", tz="UTC")


def make_contagion(
    n_occurrences: int = 2, *, title: str = "Oracle quarterly earnings", simulated: bool = False
) -> EventContagion:
    """One source, three targets with a verdict of their own each, daily and in hourly bars."""
    event = _event(n_occurrences, title)
    ids = [one.id for one in event.occurrences]
    last = ids[-1]
    return EventContagion(
        event=event,
        stamp=DataStamp("sample" if simulated else "prices/", "cd" * 32, simulated),
        seed=3,
        occurrences=_occurrences(ids),
        pairs=pd.concat([_pairs("session", ids), _pairs("60min", [last])], ignore_index=True),
        tests=pd.concat([_tests("session", ids), _tests("60min", [last])], ignore_index=True),
        averages=_averages(n_occurrences),
        average_tests=_average_tests(),
        spillover=_spillover(last),
        spillover_paths=_spillover_paths(last),
        correlation_paths=_correlation_paths(last),
        dcc_fits=_dcc_fits(last),
        volatility=_measured(last, measure="range", test="fisher", calm=0.2, crisis=0.5),
        tails=_measured(last, measure="asymmetry", value=0.4, low=0.1, high=0.7, n=500),
        lead_lag=_lead_lag(last),
        chain=_chain(last),
        mediation=_mediation(last),
        marks=_marks(last),
        network=_network(last),
        exclusions=_rows(
            {
                "bar": "session",
                "occurrence": ids[0],
                "symbol": "FET",
                "part": "pairs",
                "reason": "no price in the crisis window",
            }
        ),
        overlaps=_rows(
            {
                "bar": "session",
                "occurrence": last,
                "other_event": "fomc",
                "other_occurrence": "2025-12-10",
                "title": "FOMC statement",
                "tau": -1,
                "window": "gap",
            }
        ),
        sampling=_rows(
            {
                "bar": "session",
                "occurrence": last,
                "symbol": "BTC",
                "basis": "intraday",
                "minutes_apart": 0.0,
                "max_minutes_apart": 0.0,
                "n_members": 1,
                "note": "",
            }
        ),
    )


def _event(n_occurrences: int, title: str) -> EventDefinition:
    study = make_event((SOURCE, *TARGETS[:2]), n_occurrences, title=title)
    fields = study.model_dump(mode="json", exclude_unset=True)
    fields["contagion"] = {
        "source": SOURCE,
        "targets": TARGETS,
        "calm_window": (-120, -6),
        "crisis_window": (0, 10),
    }
    return EventDefinition.model_validate(fields)


def _rows(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def _occurrences(ids: Sequence[str]) -> pd.DataFrame:
    return _rows(
        *(
            {
                "bar": "session",
                "occurrence": one,
                "title": f"Quarter {one}",
                "announced_at": NEWS - pd.Timedelta(days=91 * place),
                "event_session": pd.Timestamp("2025-12-11") - pd.Timedelta(days=91 * place),
                "source": SOURCE,
                "tags": ("beat",),
                "confounders": "fomc/2025-12-10 on bar -1" if place == 0 else "",
                "note": "",
            }
            for place, one in reversed(list(enumerate(reversed(ids))))
        )
    )


def _pairs(bar: str, ids: Sequence[str]) -> pd.DataFrame:
    return _rows(
        *(
            {
                "bar": bar,
                "occurrence": one,
                "source": SOURCE,
                "target": target,
                "n_calm": 115,
                "n_crisis": 11,
                "rho_calm": 0.3 + 0.1 * k,
                "rho_crisis": 0.8 - 0.1 * k,
                "rho_adjusted": 0.7 - 0.2 * k,
                "rho_factor_calm": 0.1,
                "rho_factor_crisis": 0.4,
                "variance_ratio_source": 3.2,
                "variance_ratio_target": 1.1,
                "detectable": 0.45 if k < 2 else np.nan,
                "n_placebo": 400,
                "verdict": VERDICTS[k],
                "rule": "correlation rose more than on 99% of calm dates",
                "confounded": one == ids[-1],
                "note": "",
            }
            for one in ids
            for k, target in enumerate(TARGETS)
        )
    )


def _tests(bar: str, ids: Sequence[str]) -> pd.DataFrame:
    return _rows(
        *(
            {
                "bar": bar,
                "occurrence": one,
                "source": SOURCE,
                "target": target,
                "kind": kind,
                "test": test,
                "statistic": 2.5 - k,
                "pvalue": 0.012,
                "placebo_pvalue": 0.03 + 0.2 * k,
                "adjusted_pvalue": 0.06 + 0.2 * k,
                "romano_wolf_pvalue": 0.05 + 0.2 * k,
                "note": "",
            }
            for one in ids
            for k, target in enumerate(TARGETS)
            for kind in ("raw", "adjusted")
            for test in TESTS
        )
    )


def _averages(n_occurrences: int) -> pd.DataFrame:
    return _rows(
        *(
            {
                "bar": "session",
                "tag": "all",
                "source": SOURCE,
                "target": target,
                "n_events": n_occurrences,
                "rho_calm": 0.3,
                "rho_crisis": 0.5,
                "change": 0.2,
                "detectable": 0.1,
                "verdict": VERDICTS[k],
                "rule": "the average change is more than joint placebo dates give",
                "note": "",
            }
            for k, target in enumerate(TARGETS)
        )
    )


def _average_tests() -> pd.DataFrame:
    return _rows(
        *(
            {
                "bar": "session",
                "tag": "all",
                "source": SOURCE,
                "target": target,
                "kind": "raw",
                "test": "fisher",
                "statistic": 1.5,
                "placebo_pvalue": 0.04,
                "adjusted_pvalue": 0.08,
                "romano_wolf_pvalue": 0.07,
                "note": "",
            }
            for target in TARGETS
        )
    )


def _spillover(occurrence: str) -> pd.DataFrame:
    names = (SOURCE, *TARGETS)
    table = []
    for k, period in enumerate(("calm", "crisis", "change")):
        base = {"occurrence": occurrence, "estimator": "ols", "period": period}
        more = {"low": 1.0, "high": 9.0, "pvalue": np.nan, "placebo_pvalue": 0.2, "note": ""}
        table.append(
            {**base, "measure": "tci", "series": "", "other": "", "value": 40.0 + k, **more}
        )
        for place, name in enumerate(names):
            for measure in ("to", "from", "net"):
                value = 10.0 * place + k
                own = {"measure": measure, "series": name, "other": "", "value": value}
                table.append({**base, **own, **more})
            for other in names:
                own = {"measure": "pairwise", "series": name, "other": other, "value": 5.0 + place}
                table.append({**base, **own, **more})
    return pd.DataFrame(table)


def _spillover_paths(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": one,
                "tau": tau,
                "measure": measure,
                "series": series,
                "value": 40.0 + tau,
                "low": 35.0,
                "high": 45.0,
                "n_events": 1,
            }
            for one in (occurrence, "average")
            for measure, series in (("tci", ""), ("net", SOURCE), ("net", "BTC"))
            for tau in range(-5, 11)
        )
    )


def _correlation_paths(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": occurrence,
                "source": SOURCE,
                "target": target,
                "model": "dcc",
                "tau": tau,
                "session": pd.Timestamp("2025-12-11") + pd.Timedelta(days=tau),
                "correlation": 0.4 + 0.02 * tau,
                "beta": 0.5,
                "calm_mean": 0.35,
            }
            for target in TARGETS
            for tau in range(-5, 11)
        )
    )


def _dcc_fits(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": occurrence,
                "model": "dcc",
                "parameter": name,
                "value": value,
                "stderr": 0.01,
                "loglik": -1200.0,
                "n": 900,
                "note": "",
            }
            for name, value in (("a", 0.05), ("b", 0.9))
        )
    )


def _measured(occurrence: str, **fields: object) -> pd.DataFrame:
    rest = {"statistic": 2.1, "pvalue": 0.04, "placebo_pvalue": 0.06, "note": ""}
    return _rows(
        *(
            {"occurrence": occurrence, "source": SOURCE, "target": target, **fields, **rest}
            for target in TARGETS
        )
    )


def _lead_lag(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": occurrence,
                "source": SOURCE,
                "target": "BTC",
                "lag_minutes": float(lag),
                "correlation": 0.5 - abs(lag - 60) / 400,
                "window": window,
            }
            for window in ("calm", "crisis")
            for lag in range(-180, 181, 60)
        )
    )


def _chain(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": occurrence,
                "link": link,
                "symbol": symbol,
                "first_move": NEWS + pd.Timedelta(minutes=5 + 60 * link),
                "minutes_after": 5.0 + 60 * link,
                "move": -0.05,
                "threshold": 0.01,
                "lead_minutes": 60.0,
                "lead_correlation": 0.4,
                "note": "",
            }
            for link, symbol in enumerate((SOURCE, "NVDA", "BTC"))
        )
    )


def _mediation(occurrence: str) -> pd.DataFrame:
    return _rows(
        {
            "occurrence": occurrence,
            "source": SOURCE,
            "middle": "NVDA",
            "last": "BTC",
            "horizon": "[0,0]",
            "total": 0.4,
            "direct": 0.1,
            "share": 0.75,
            "low": 0.2,
            "high": 1.1,
            "placebo_pvalue": 0.03,
            "n_placebo": 300,
            "note": "",
        }
    )


def _marks(occurrence: str) -> pd.DataFrame:
    return _rows(
        {
            "occurrence": occurrence,
            "symbol": "BTC",
            "direction": "below",
            "price": 90000.0,
            "first_crossing": pd.Timestamp("2025-12-11 02:00", tz="UTC"),
            "minutes_after": 295.0,
            "bar_minutes": 60,
            "extreme": 89260.0,
            "note": "",
        }
    )


def _network(occurrence: str) -> pd.DataFrame:
    return _rows(
        *(
            {
                "occurrence": occurrence,
                "period": period,
                "cause": SOURCE,
                "effect": target,
                "lags": 1,
                "statistic": 5.0,
                "pvalue": 0.01,
                "adjusted_pvalue": 0.03,
                "edge": target != "BTC",
                "note": "",
            }
            for period in ("calm", "event", "after")
            for target in TARGETS
        )
    )
