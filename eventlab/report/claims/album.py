"""The pictures of claims."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from eventlab.report.album import Album, Sheet, known, made
from eventlab.report.claims.figure_rows import claim_rows, template_of
from eventlab.report.claims.views import rows_of_claims, verdict_words
from eventlab.report.claims.wording import published_words

if TYPE_CHECKING:
    from eventlab.claims.results import Claims
    from eventlab.report.album import Choice

__all__ = ["claims_album"]


def claims_album(claims: Claims, choice: Choice) -> Album:
    """Draw the readings of one claim."""
    drawn, rows = claim_rows(claims), rows_of_claims(claims)
    counts = Counter(row["claim"] for row in rows)
    names = {
        f"{row['event']}/{row['claim']}": row["claim"]
        if counts[row["claim"]] == 1
        else f"{row['event']}/{row['claim']}"
        for row in rows
    }
    by_name = dict(zip(names.values(), rows, strict=True))
    panels = {names[key]: own for key, own in drawn.items()}
    chosen = known("claim", choice.get("claim", next(iter(panels), "")), by_name)
    row = by_name.get(chosen)
    sheet = Sheet(
        "readings" if row is None else template_of(row),
        ""
        if row is None
        else f"{verdict_words(row)}; published: {published_words(row)}; "
        "blue: the reading agrees; diamond: the words do not allow it",
        made({chosen: panels[chosen]} if chosen in panels else {}),
        f"{chosen} has fewer than two readings with a value" if chosen else "there are no claims",
        ("claim",),
    )
    title = "" if row is None else row["statement"]
    return Album("the claims", title, claims.stamp.simulated, {"readings": sheet}, "claim")
