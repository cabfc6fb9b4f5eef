"""A comparison of two runs as one page that opens offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.errors import UsageError
from eventlab.report.compare import views
from eventlab.report.pages import page_environment
from eventlab.report.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

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
        write_whole(path, text)
    except OSError as error:
        raise UsageError(f"--out {path} cannot be written: {error.strerror or error}") from error


def comparison_page(found: Comparison, names: tuple[str, str]) -> str:
    """Return the page: what changed, why, and everything side by side."""
    context = {
        "title": f"{found.after['title']}: what changed",
        "unit": "return",
        "simulated": found.simulated,
        "said": views.sentences(found),
        "runs": views.runs(found, names),
        "parts": [
            (
                "What changed",
                (views.answers(found, MOST, every=True), views.numbers(found, MOST, flipped=True)),
            ),
            ("What moved", (views.moved(found), views.definitions(found, MOST))),
            (
                "Everything else",
                (views.numbers(found, MOST, flipped=False), views.results(found, every=True)),
            ),
        ],
    }
    return page_environment().get_template("compare.html.j2").render(context)
