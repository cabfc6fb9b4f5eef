"""A hand-made contagion: every table of an EventContagion, small and with known values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.results import EventContagion
from eventlab.definitions.event import EventDefinition
from eventlab.market.types import DataStamp
from tests.report.make_leads import (
    NEWS,
    SOURCE,
    TARGETS,
    VERDICTS,
    made_beta_changes,
    made_betas,
    made_bubbles,
    made_buckets,
    made_chain,
    made_lead_lag,
    made_lead_lag_peaks,
    made_marks,
    made_mediation,
    made_network,
    made_network_density,
    made_truth,
    rows_as_table,
)
from tests.report.make_study import make_event

if TYPE_CHECKING:
    from collections.abc import Sequence

TESTS = ("fisher", "forbes_rigobon", "cs12", "ck13", "cv22")


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
        volatility=pd.concat(
            _measured(last, measure="range", test=test, calm=0.2, crisis=0.5)
            for test in ("innovation_correlation", "excess_volatility", "excess_over_link")
        ).reset_index(drop=True),
        tails=pd.concat(
            _measured(last, measure=measure, value=0.4, low=0.1, high=0.7, n=500)
            for measure in ("delta_covar", "asymmetry", "downside_beta", "upside_beta")
        ).reset_index(drop=True),
        lead_lag=made_lead_lag(last),
        lead_lag_peaks=made_lead_lag_peaks(last),
        chain=made_chain(last),
        mediation=made_mediation(last),
        marks=made_marks(last),
        network=made_network(last),
        network_density=made_network_density(last),
        buckets=made_buckets(last),
        betas=made_betas(last),
        beta_changes=made_beta_changes(last),
        bubbles=made_bubbles(last),
        exclusions=rows_as_table(
            {
                "bar": "session",
                "occurrence": ids[0],
                "symbol": "FET",
                "part": "pairs",
                "reason": "no return in crisis_window; its last is of 2025-11-12",
            },
            {
                "bar": "session",
                "occurrence": last,
                "symbol": "TAO",
                "part": "pairs",
                "reason": "no return in crisis_window; its last is of 2024-01-31",
            },
        ),
        overlaps=rows_as_table(
            {
                "bar": "session",
                "occurrence": last,
                "other_event": "fomc",
                "other_occurrence": "2025-12-10",
                "title": "FOMC statement",
                "tau": -1,
                "window": "gap",
                "minutes": -125,
                "confounds": True,
            }
        ),
        sampling=rows_as_table(
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
        truth=made_truth(ids) if simulated else pd.DataFrame(),
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


def _occurrences(ids: Sequence[str]) -> pd.DataFrame:
    return rows_as_table(
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
                "note": "described in full, as asked for" if place == 0 else "",
            }
            for place, one in reversed(list(enumerate(reversed(ids))))
        )
    )


def _pairs(bar: str, ids: Sequence[str]) -> pd.DataFrame:
    return rows_as_table(
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
                "placebo_source": 0.02,
                "placebo_target": 0.4,
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
    return rows_as_table(
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
                "transmission_pvalue": 0.02 + 0.2 * k,
                "adjusted_pvalue": 0.06 + 0.2 * k,
                "romano_wolf_pvalue": 0.05 + 0.2 * k,
                "romano_wolf_transmission": 0.04 + 0.2 * k,
                "note": "",
            }
            for one in ids
            for k, target in enumerate(TARGETS)
            for kind in ("raw", "adjusted")
            for test in TESTS
        )
    )


def _averages(n_occurrences: int) -> pd.DataFrame:
    return rows_as_table(
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
    return rows_as_table(
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
                "transmission_pvalue": 0.03,
                "adjusted_pvalue": 0.08,
                "romano_wolf_pvalue": 0.07,
                "romano_wolf_transmission": 0.06,
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
    return rows_as_table(
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
    return rows_as_table(
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
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "source": SOURCE,
                "target": target,
                "model": model,
                "parameter": name,
                "value": value,
                "stderr": 0.01,
                "placebo_pvalue": 0.3,
                "n_placebo": 400,
                "loglik": -1200.0,
                "n": 900,
                "note": "",
            }
            for target in TARGETS
            for model in ("dcc", "cdcc", "adcc")
            for name, value in (("a", 0.05), ("b", 0.9), ("change", 0.1), ("beta_change", 0.2))
        )
    )


def _measured(occurrence: str, **fields: object) -> pd.DataFrame:
    rest = {"statistic": 2.1, "pvalue": 0.04, "placebo_pvalue": 0.06, "note": ""}
    return rows_as_table(
        *(
            {"occurrence": occurrence, "source": SOURCE, "target": target, **fields, **rest}
            for target in TARGETS
        )
    )
