"""Made tables of leads, networks and regimes, for a hand-made contagion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "ORCL"
TARGETS = ("NVDA", "BTC", "@ai_tokens")
VERDICTS = ("contagion", "interdependence", "underpowered")
NEWS = pd.Timestamp("2025-12-10 21:05", tz="UTC")


def rows_as_table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def made_lead_lag(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "source": SOURCE,
                "target": "BTC",
                "bar": "60min",
                "window": window,
                "lag_minutes": float(lag),
                "correlation": 0.5 - abs(lag - 60) / 400,
                "stderr": 0.1,
                "n": 130,
            }
            for window in ("calm", "crisis")
            for lag in range(-180, 181, 60)
        )
    )


def made_chain(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "link": link,
                "symbol": symbol,
                "first_move": NEWS + pd.Timedelta(minutes=5 + 60 * link),
                "minutes_after": 5.0 + 60 * link,
                "move": -0.05,
                "threshold": 0.01,
                "placebo_pvalue": 0.02,
                "n_placebo": 55,
                "bar_minutes": 60.0,
                "previous": before,
                "order": f"{before}: in order" if before else "",
                "lead_minutes": 60.0,
                "lead_correlation": 0.4,
                "note": "" if before else "every link moved in the order claimed: of 2 pairs 2",
            }
            for link, (before, symbol) in enumerate(
                (("", SOURCE), (SOURCE, "NVDA"), ("NVDA", "BTC"))
            )
        )
    )


def made_mediation(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        {
            "occurrence": occurrence,
            "source": SOURCE,
            "middle": "NVDA",
            "last": "BTC",
            "horizon": "[0,0]",
            "n": 30,
            "total": 0.4,
            "total_pvalue": 0.01,
            "placebo_total": 0.1,
            "total_placebo_pvalue": 0.03,
            "direct": 0.1,
            "share": 0.75,
            "low": 0.2,
            "high": 1.1,
            "placebo_pvalue": 0.03,
            "n_placebo": 300,
            "note": "",
        }
    )


def made_marks(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
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


def made_network(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
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


def made_lead_lag_peaks(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "source": SOURCE,
                "target": "BTC",
                "bar": "60min",
                "window": window,
                "peak_minutes": 60.0,
                "peak_correlation": 0.5,
                "pvalue": 0.01,
                "placebo_pvalue": 0.02 if window == "crisis" else np.nan,
                "llr": 1.8,
                "llr_placebo_pvalue": 0.2,
                "n_placebo": 55,
                "resolution_minutes": 60.0,
                "reading": "ORCL leads by about 60 minutes",
                "note": "",
            }
            for window in ("calm", "crisis")
        )
    )


def made_network_density(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "period": period,
                "window": "[0,10]",
                "n_series": 4,
                "n_rows": 60,
                "pairs": 12,
                "edges": 2,
                "density": 0.25,
                "placebo_pvalue": 0.3,
                "n_placebo": 40,
                "note": "",
            }
            for period in ("calm", "event", "after")
        )
    )


def made_buckets(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "bucket": bucket,
                "period": period,
                "n_series": 10,
                "mean_correlation": 0.6,
                "absorption_ratio": 0.8,
                "low": 0.5,
                "high": 0.7,
                "placebo_pvalue": 0.04 if period == "change" else np.nan,
                "absorption_placebo_pvalue": 0.3 if period == "change" else np.nan,
                "n_placebo": 100.0,
                "note": "2 eigenvectors of 10 series",
            }
            for bucket in ("top", "rest", "difference")
            for period in ("before", "after", "change")
        )
    )


def made_betas(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "symbol": "MARA",
                "factor": factor,
                "tau": tau,
                "session": pd.Timestamp("2025-12-11") + pd.Timedelta(days=tau),
                "beta": 1.1 if factor == "BTC" else 0.3,
                "low": 0.1,
                "high": 1.9,
                "share": 0.4,
                "note": "",
            }
            for factor in ("BTC", "NVDA")
            for tau in range(-30, 11)
        )
    )


def made_beta_changes(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "occurrence": occurrence,
                "symbol": "MARA",
                "factor": factor,
                "beta_calm": 1.0,
                "beta_crisis": 1.2,
                "change": 0.2,
                "share_calm": 0.3,
                "share_crisis": share,
                "step": 0.05,
                "statistic": 0.9,
                "placebo_pvalue": 0.4,
                "n_placebo": 400,
                "note": "",
            }
            for factor, share in (("BTC", 0.4), ("NVDA", 0.1))
        )
    )


def made_bubbles(occurrence: str) -> pd.DataFrame:
    return rows_as_table(
        {
            "occurrence": occurrence,
            "symbol": "BTC",
            "test": "gsadf",
            "statistic": 3.1,
            "critical_90": 2.0,
            "critical_95": 2.4,
            "critical_99": 3.0,
            "pvalue": 0.01,
            "simulated_pvalue": 0.01,
            "first": pd.Timestamp("2025-11-03"),
            "last": pd.Timestamp("2025-11-20"),
            "n": 250,
            "note": "",
        }
    )


def made_truth(ids: Sequence[str]) -> pd.DataFrame:
    return rows_as_table(
        *(
            {
                "bar": "session",
                "occurrence": one,
                "source": SOURCE,
                "target": target,
                "kind": kind,
                "verdict": verdict,
            }
            for one in ids
            for target, kind, verdict in zip(
                TARGETS, ("contagion", "volatility", "none"), VERDICTS, strict=True
            )
        )
    )
