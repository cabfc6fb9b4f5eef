"""The claims of a workspace as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.report.documents import header
from eventlab.report.plain import json_text, records

if TYPE_CHECKING:
    from eventlab.claims.results import Claims

__all__ = ["CLAIMS_SCHEMA", "claims_document", "claims_text"]

CLAIMS_SCHEMA: Final = "eventlab.claims/1"
Json = dict[str, Any]


def claims_document(claims: Claims, command: str) -> Json:
    """Return claims as plain JSON values: NaN is null, an interval is a pair or null.

    ``claims`` has one object per claim with ``measured``, one object per reading.
    """
    document = header(CLAIMS_SCHEMA, claims.stamp, claims.seed, command)
    measured: dict[tuple[str, str], list[Json]] = {}
    for row in records(claims.readings):
        key = (row.pop("event"), row.pop("claim"))
        measured.setdefault(key, []).append(_with_interval(row))
    document["claims"] = [
        {
            **_with_interval(row),
            "published": row["published"] or None,
            "measured": measured.get((row["event"], row["claim"]), []),
            "note": row["reason"],
        }
        for row in records(claims.claims)
    ]
    return document


def claims_text(claims: Claims, command: str) -> str:
    """Return `claims_document` as JSON."""
    return json_text(claims_document(claims, command))


def _with_interval(row: Json) -> Json:
    low, high = row.pop("low"), row.pop("high")
    method = row.pop("interval", None)
    row["interval"] = None if low is None or high is None else [low, high]
    if method is not None:
        row["interval_method"] = method
    return row
