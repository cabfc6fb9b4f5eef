"""What is wrong with a definition: where in the model, and where in which file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

__all__ = [
    "Finding",
    "Loc",
    "Problem",
    "Severity",
    "day_findings",
    "dotted",
    "hint",
    "listed",
    "listed_sorted",
    "one_line",
    "show",
]

Severity = Literal["error", "warning"]
Loc = tuple[str | int, ...]

_SHOWN = 60
_LEAST_PART = 3
_MANY = 2_000  # words among which a near one takes too long to look for, problem after problem


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong inside one definition, before its place in a file is looked up.

    Attributes
    ----------
    loc
        Keys and positions from the root of the definition to the culprit.
    needs
        Further places that the judgement rests on: the finding is dropped where one of them is
        itself faulty, so that a mistake is reported once and not with its consequences.
    at_key
        Whether the key is the culprit, not its value.
    """

    loc: Loc
    message: str
    severity: Severity = "error"
    needs: tuple[Loc, ...] = ()
    at_key: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One line of a report: ``file:line:col: key: what is wrong``.

    ``path`` is relative to the workspace where the file lies inside it; ``line`` and ``column``
    count from 1.
    """

    path: Path
    line: int
    column: int
    key: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        path = self.path.as_posix().replace("\n", "\\n")  # a file may be called so
        place = f"{path}:{self.line}:{self.column}: "
        key = f"{self.key}: " if self.key else ""
        mild = "warning: " if self.severity == "warning" else ""
        return place + mild + key + self.message


def day_findings(text: str, loc: Loc) -> Iterator[Finding]:
    """Find a day that no calendar has, such as 2025-02-30."""
    try:
        date.fromisoformat(text)
    except ValueError as error:
        yield Finding(loc, f"{show(text)} does not exist: {error}")


def dotted(loc: Loc) -> str:
    """Write a location as ``study.car_windows[2]``."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + one_line(part)
    return text


def show(value: object) -> str:
    """Write a value on one line, as YAML would, cut where it is long."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
    if isinstance(value, tuple):
        value = list(value)
    return one_line(str(value))


def hint(word: object, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where a valid word is near, else nothing."""
    known = set(allowed)
    if not isinstance(word, str) or len(word) > _SHOWN or len(known) > _MANY:
        return ""
    by_folded = {each.casefold(): each for each in sorted(known, reverse=True)}
    near = _alike(word.casefold(), by_folded)
    near = near or get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    near = near or _parts(word.casefold(), by_folded)
    return f"; did you mean {by_folded[near[0]]!r}?" if near else ""


def _alike(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words with the same letters and digits: ``^vix`` for ``vix``, not VIXY."""
    bare = "".join(filter(str.isalnum, word))
    return [each for each in known if bare and bare == "".join(filter(str.isalnum, each))]


def _parts(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that ``word`` begins, or else is a part of; the shortest first.

    A short part of a long word is no close match of it, but is how many people abbreviate. None
    where the part is so short that it would be in any word.
    """
    if len(word) < _LEAST_PART:
        return []
    held = [each for each in known if word in each]
    return sorted(held, key=lambda each: (not each.startswith(word), len(each), each))


def listed(words: Iterable[str], most: int = 12) -> str:
    """Join words with commas, on one line; a long list ends in how many there are."""
    known = list(words)
    shown = ", ".join(map(one_line, known[:most]))
    return shown if len(known) <= most else f"{shown}, ... ({len(known)} in all)"


def listed_sorted(words: Collection[str], most: int = 12) -> str:
    """Join words in their order; of very many only their number."""
    return listed(sorted(words), most) if len(words) <= _MANY else f"{len(words):,} others"


def one_line(text: str) -> str:
    """Cut a text where it is long, and write out what does not show on one line."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return cut if cut.isprintable() else ascii(cut)[1:-1]
