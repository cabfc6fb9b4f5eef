"""A comparison of two runs as one page that opens offline."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventlab.errors import UsageError
from eventlab.report.compare import views
from eventlab.report.pages import page_environment

if TYPE_CHECKING:
    from eventlab.report.compare.comparison import Comparison

__all__ = ["comparison_page", "write_comparison"]

MOST: Final = 200


def write_comparison(found: Comparison, names: tuple[str, str], path: Path) -> None:
    """Write the page, whole or not at all.

    Raises
    ------
    UsageError
        The file cannot be written there.
    """
    text = comparison_page(found, names)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        raise UsageError(f"--out {path} cannot be written: {error.strerror or error}") from error


def comparison_page(found: Comparison, names: tuple[str, str]) -> str:
    """Return the page: what changed, why, and everything side by side."""
    said = views.sentences(found)
    runs = [
        (
            word,
            name,
            [
                ("Made at", run["generated_at"]),
                ("Prices", run["source"]),
                ("Seed", str(run["seed"])),
                ("Command", run["command"]),
            ],
        )
        for word, name, run in zip(
            ("Before", "After"), names, (found.before, found.after), strict=True
        )
    ]
    context = {
        "title": f"{found.after['title']}: what changed",
        "unit": "return",
        "simulated": found.simulated,
        "said": said,
        "runs": runs,
        "tables": [
            view
            for view in (
                views.answers(found, MOST, every=True),
                views.numbers(found, MOST, flipped=True),
                views.moved(found),
                views.definitions(found, MOST),
                views.numbers(found, MOST, flipped=False),
                views.results(found, every=True),
            )
            if view
        ],
    }
    return page_environment().get_template("compare.html.j2").render(context)
