"""A comparison of two runs as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab import __version__
from eventlab.report.compare.views import sentences
from eventlab.report.plain import records

if TYPE_CHECKING:
    from eventlab.report.compare.comparison import Comparison

__all__ = ["COMPARE_SCHEMA", "comparison_document"]

COMPARE_SCHEMA: Final = "eventlab.compare/1"
HEAD: Final = ("command", "generated_at", "seed", "source", "data")
Json = dict[str, Any]


def comparison_document(found: Comparison, names: tuple[str, str]) -> Json:
    """Return a comparison as plain JSON values, every change of it: NaN is null."""
    runs = zip(("before", "after"), names, (found.before, found.after), strict=True)
    return {
        "schema": COMPARE_SCHEMA,
        "eventlab": __version__,
        **{word: {"folder": name, **{key: run[key] for key in HEAD}} for word, name, run in runs},
        "simulated": found.simulated,
        "said": sentences(found),
        "unexplained": found.unexplained,
        "moved": records(found.moved),
        "files": records(found.files),
        "definitions": records(found.definitions),
        "results": records(found.results),
        "answers": records(found.answers),
        "changes": records(found.changes),
    }
