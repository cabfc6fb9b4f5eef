"""Claims with one statement of each verdict, as `run_claims` would return them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eventlab.claims.results import CLAIM_COLUMNS, READING_COLUMNS, Claims
from eventlab.market.types import DataStamp

HOSTILE = "<script>alert(1)</script>"


def claim(**values: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "event": "fomc", "claim": "one", "statement": "Prices rose", "source": "",
        "measure": "return", "symbols": "BTC", "published": "0.05", "value": 0.052,
        "low": math.nan, "high": math.nan,
        "unit": "return", "at": "", "word": "", "smallest": 0.052, "largest": 0.052,
        "n_readings": 1, "n_agreeing": 1, "tolerance": 0.01, "verdict": "supported", "reading": "",
        "reason": "1 of 1 readings agree", "strict": False,
    }  # fmt: skip
    return base | values


def reading(**values: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "event": "fomc", "claim": "one", "definition": "close to close", "of": "", "price": "close",
        "basket": "", "window": "2025-01-02 to 2025-01-03", "calendar": "XNYS", "detail": "",
        "first": "2025-01-02", "last": "2025-01-03", "within": True, "principal": True,
        "value": 0.052, "low": math.nan, "high": math.nan, "interval": "none: a fact", "n": 1,
        "unit": "return", "at": "", "word": "", "agrees": "yes", "note": "",
    }  # fmt: skip
    return base | values


def make_claims(*, simulated: bool = False) -> Claims:
    claims = [
        claim(statement=f"Prices rose {HOSTILE}"),
        claim(
            claim="two", published="-0.16", value=-0.108, smallest=-0.165, largest=-0.108,
            n_readings=2, n_agreeing=1, verdict="supported only as", reading="intraday",
            reason="1 of 2 readings agree, not the literal one",
        ),
        claim(
            claim="three", measure="correlation", unit="correlation", published="0.96", value=0.29,
            low=0.05, high=0.5, n_agreeing=0, verdict="contradicted", strict=True,
            reading="price levels, 3 years", reason="none of 1 readings agrees",
        ),
        claim(
            claim="four", measure="none", unit="", published="", value=math.nan, n_readings=0,
            n_agreeing=0, verdict="cannot be tested with this data", reason="it needs share counts",
        ),
    ]  # fmt: skip
    readings = [
        reading(),
        reading(claim="two", value=-0.108, agrees="no"),
        reading(
            claim="two", definition="intraday", price="intraday", principal=False, value=-0.165,
            at="2025-12-11T14:40:00+00:00",
        ),
        reading(claim="three", unit="correlation", value=0.29, low=0.05, high=0.5, agrees="no"),
        reading(
            claim="three", definition="price levels, 3 years", of="price levels", within=False,
            principal=False, unit="correlation", value=0.95,
        ),
    ]  # fmt: skip
    return Claims(
        DataStamp("prices.parquet", "f" * 64, simulated=simulated),
        0,
        pd.DataFrame(claims, columns=CLAIM_COLUMNS),
        pd.DataFrame(readings, columns=READING_COLUMNS),
    )
