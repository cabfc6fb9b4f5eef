"""An answer of the first page: a sentence, a table with a link in every row, and more in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.report.views import View

__all__ = ["Answer", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one page says, in words: its title and address, its sentence and strongest doubt.

    ``counts`` is how much it rests on; ``doubt`` and ``counts`` are empty where nothing is said.
    """

    title: str
    page: str
    sentence: str
    doubt: str = ""
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the first page and what the run answers.

    Attributes
    ----------
    place
        Id of the section, unique on the page.
    terms
        Words of the table and what they mean.
    view
        The table; its caption is read aloud and not shown.
    links
        Address of the page of each row, relative to the first page; empty where there is none.
    kinds
        Colour and mark of each row's verdict, a key of ``overview.MARKS``.
    verdict_column
        Column that the mark stands in.
    said
        Every page of the table in words, folded below it.
    doubt
        The strongest reason to doubt the sentence; empty where it says so itself.
    whole
        Words and address of a page that holds all of it; None where the rows lead everywhere.
    """

    place: str
    question: str
    sentence: str
    terms: tuple[tuple[str, str], ...]
    view: View
    links: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    verdict_column: int = -1
    said: tuple[Said, ...] = ()
    doubt: str = ""
    whole: tuple[str, str] | None = None
