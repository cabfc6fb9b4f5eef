"""A regression test as one JSON document."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from eventlab import __version__

if TYPE_CHECKING:
    from eventlab.regression.check import Check
    from eventlab.regression.types import Change, Item

__all__ = ["CHECK_SCHEMA", "check_document", "is_simulated"]

CHECK_SCHEMA: Final = "eventlab.check/1"
Json = dict[str, Any]


def is_simulated(found: Check) -> bool:
    """Whether any number of it comes from simulated prices."""
    return any(
        each.measured is not None and each.measured.record.simulated for each in found.checked
    )


def check_document(found: Check, command: str) -> Json:
    """Return a check as plain JSON values: one object per item, with every metric as it is now.

    The fingerprint of the data is over those of all series that were read.
    """
    return {
        "schema": CHECK_SCHEMA,
        "eventlab": __version__,
        "data": {
            "source": found.source,
            "fingerprint": _fingerprint(found),
            "simulated": is_simulated(found),
        },
        "seed": found.seed,
        "command": command,
        "passed": found.passed,
        "problems": list(found.problems),
        "items": [_item(item) for item in found.items],
    }


def _fingerprint(found: Check) -> str:
    digest = hashlib.sha256()
    for each in found.checked:
        if each.measured is not None:
            for name, series in each.measured.record.series.items():
                digest.update(f"{name}|{series.sha256}\n".encode())
    return digest.hexdigest()


def _item(item: Item) -> Json:
    move = item.orders
    return {
        "item": f"{item.subject.file.as_posix()}::{item.id}",
        "kind": item.subject.kind,
        "name": item.subject.name,
        "part": item.part or None,
        "status": item.status,
        "reason": item.reason,
        "exit_code": item.exit_code,
        "metrics": dict(item.values),
        "changes": [_change(each) for each in item.changes],
        "orders": None
        if move is None
        else {
            "moved": move.moved,
            "baseline": {"orders": move.before[0], "sha256": move.before[1]},
            "now": {"orders": move.now[0], "sha256": move.now[1]},
            "diff": list(move.lines),
        },
        "causes": {name: list(said) for name, said in asdict(item.causes).items()},
        "accept": item.accept or None,
    }


def _change(change: Change) -> Json:
    values = asdict(change)
    if not math.isfinite(change.change):
        values["change"] = None
    values["baseline"] = values.pop("before")
    return values
