"""The JSON of a study, as the contract spells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from eventlab import __version__
from eventlab.report.compact import compact_tests
from eventlab.report.plain import json_text, records, records_text

if TYPE_CHECKING:
    from eventlab.market.types import DataStamp
    from eventlab.study.results import EventStudy

__all__ = ["STUDY_SCHEMA", "header", "records", "study_document", "study_text"]

STUDY_SCHEMA = "eventlab.study/1"
Json = dict[str, Any]


def study_document(study: EventStudy, command: str) -> Json:
    """Return a study as plain JSON values: NaN is null, instants ISO-8601, windows pairs of bars.

    Parameters
    ----------
    study
        The result.
    command
        The command line that asked for it.

    Returns
    -------
    dict
        ``json.dumps(..., allow_nan=False)`` accepts it as it is.
    """
    parts = _parts(study, command)
    return {
        name: records(part) if isinstance(part, pd.DataFrame) else part
        for name, part in parts.items()
    }


def study_text(study: EventStudy, command: str) -> str:
    """Return `study_document` as JSON: the same values in less time."""
    found = (
        f"{json_text(name)}:"
        f"{records_text(part) if isinstance(part, pd.DataFrame) else json_text(part)}"
        for name, part in _parts(study, command).items()
    )
    return "{" + ",".join(found) + "}"


def _parts(study: EventStudy, command: str) -> Json:
    """Return the document with its tables as they are."""
    document = header(STUDY_SCHEMA, study.stamp, study.seed, command)
    definition = study.event.model_dump(mode="json", exclude={"occurrences", "contagion"})
    document["event"] = definition.pop("event")
    document["definition"] = definition
    document["convention"] = study.convention
    document["occurrences"] = study.occurrences
    document["fits"] = study.fits
    document["abnormal_returns"] = study.abnormal_returns
    document["cars"] = study.cars
    document["paths"] = study.paths
    document["aggregates"] = _aggregates(study)
    document["aars"] = compact_tests(study.aar_tests, ("group", "tag", "tau"), ("aar", "n_events"))
    document["bhars"] = compact_tests(
        study.bhar_tests, ("group", "tag", "window"), ("bhar", "n_events")
    )
    document["event_days"] = study.event_days
    document["states"] = study.states
    document["splits"] = study.splits
    document["cross_section"] = study.cross_section
    document["features"] = study.features
    document["exclusions"] = study.exclusions
    document["overlaps"] = _overlaps(study)
    document["sampling"] = study.sampling
    document["quality"] = study.quality
    document["truth"] = study.truth
    document["specifications"] = _curves(study)
    return document


def _curves(study: EventStudy) -> Json:
    """Return the curves; a specification is a row of values, which ``columns`` name."""
    rows = records(study.specifications)
    return {
        "summary": records(study.specification_summary),
        "columns": list(study.specifications.columns),
        "specs": [list(row.values()) for row in rows],
    }


def header(schema: str, stamp: DataStamp, seed: int, command: str) -> Json:
    """Return the keys that every document begins with."""
    return {
        "schema": schema,
        "eventlab": __version__,
        "data": {
            "source": stamp.source,
            "fingerprint": stamp.fingerprint,
            "simulated": stamp.simulated,
        },
        "seed": seed,
        "command": command,
    }


def _aggregates(study: EventStudy) -> list[Json]:
    """Return the aggregates, each with its tests inside."""
    keys = ["group", "tag", "window"]
    inside: dict[tuple[str, ...], list[Json]] = {}
    tests = study.tests
    owners = zip(*(tests[key].tolist() for key in keys), strict=True)
    rows = records(tests.drop(columns=keys))
    for owner, row in zip(owners, rows, strict=True):
        inside.setdefault(owner, []).append(row)
    table = records(study.aggregates)
    owners = zip(*(study.aggregates[key].tolist() for key in keys), strict=True)
    return [
        row | {"tests": inside.get(owner, [])} for owner, row in zip(owners, table, strict=True)
    ]


def _overlaps(study: EventStudy) -> pd.DataFrame:
    table = study.overlaps
    return pd.DataFrame(
        {
            "occurrence": table["occurrence"],
            "other": table["other_event"] + "/" + table["other_occurrence"],
            "bars": table["tau"],
            "title": table["title"],
            "window": table["window"],
        }
    )
