"""What every page of a run says: where its numbers come from, and rows that a script reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from eventlab.market.types import DataStamp
    from eventlab.report.record import Run

__all__ = ["provenance", "script_json"]


def provenance(name: str, stamp: DataStamp, run: Run) -> list[tuple[str, str]]:
    """Return names and values of what the numbers of a page rest on.

    ``name`` is that of the event or strategy; empty where many files define what the page shows.
    """
    own = next(
        (digest for path, digest in run.definitions.items() if Path(path).stem == name),
        "not a file of the workspace",
    )
    return [
        ("Prices", stamp.source + (" (simulated)" if stamp.simulated else "")),
        ("Fingerprint", stamp.fingerprint),
        *([("Definition, sha256", own)] if name else []),
        ("Seed", str(run.seed)),
        ("Made at", run.generated_at),
        ("Versions", ", ".join(f"{name} {number}" for name, number in run.versions.items())),
    ]


def script_json(value: object) -> Markup:
    """Return JSON that is safe inside a script element: nothing in it can close the element."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character, escape in {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - no character of markup is left
