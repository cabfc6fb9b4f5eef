"""What the claims of a workspace return: plain tables, no layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.study.drawing import draw

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.market.types import DataStamp

__all__ = ["CLAIM_COLUMNS", "READING_COLUMNS", "Claims"]

CLAIM_COLUMNS = [
    "event",
    "claim",
    "statement",
    "source",
    "measure",
    "symbols",
    "published",
    "value",
    "low",
    "high",
    "unit",
    "at",
    "word",
    "smallest",
    "largest",
    "n_readings",
    "n_agreeing",
    "tolerance",
    "verdict",
    "reading",
    "reason",
    "strict",
]
READING_COLUMNS = [
    "event",
    "claim",
    "definition",
    "of",
    "price",
    "basket",
    "window",
    "calendar",
    "detail",
    "first",
    "last",
    "within",
    "principal",
    "value",
    "low",
    "high",
    "interval",
    "n",
    "unit",
    "at",
    "word",
    "agrees",
    "note",
]


@dataclass(frozen=True, slots=True)
class Claims:
    """Published statements against the data. Every table is tidy, one fact per row.

    Returns, volatilities and drawdowns are decimals; days and instants are ISO text, instants UTC.

    Attributes
    ----------
    stamp, seed
        Where the prices come from, the seed of bootstraps.
    claims
        A row per claim, in the order of the files: event (id of the event file, or name of the file
        of claims), claim, statement, source, measure, symbols, published (as text), value, low,
        high, unit, at, word (of the principal reading: the most literal one), smallest, largest
        (over the readings that the words allow and that have an answer), n_readings, n_agreeing (of
        those), tolerance, verdict (``supported``, ``supported only as``, ``contradicted``, ``cannot
        be tested with this data``), reading (the one that it holds under, or would), reason,
        strict.
    readings
        A row per claim and reading: event, claim, definition (the reading in words), its axes (of,
        price, basket, window, calendar, detail), first, last (days), within (whether the words
        allow it), principal, value, low, high, interval (how it was made, or why there is none), n,
        unit, at, word, agrees (yes, no, open), note.
    """

    stamp: DataStamp
    seed: int
    claims: pd.DataFrame
    readings: pd.DataFrame

    def plot(self, picture: str = "readings", *, claim: str | None = None) -> object:
        """Draw every reading of a claim with its interval over what was published, with altair.

        Parameters
        ----------
        picture
            There is only ``readings``.
        claim
            Its id, after ``event/`` where several have the same; by default the first with two
            readings. An unknown one is answered with the list.

        Raises
        ------
        UsageError
            No such picture or claim, fewer than two readings with a value, or the ``report``
            extra is not installed.
        """
        return draw(self, picture, claim=claim)

    def __repr__(self) -> str:
        """Say how many claims there are and what became of them."""
        counts = self.claims["verdict"].value_counts()
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        return f"Claims: {len(self.claims)} statements: {said or 'none'}"

    @property
    def failed(self) -> pd.DataFrame:
        """Rows of ``claims`` that are strict and contradicted: ids are unique in a file only."""
        wrong = self.claims["strict"].astype(bool) & (self.claims["verdict"] == "contradicted")
        return self.claims[wrong]
