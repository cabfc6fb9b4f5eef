"""Text of strangers as a terminal, a log of CI or a reader sees it: nothing in it acts or hides.

A title is data. Written to a terminal as it is, it could move the cursor, recolour or hide what
stands there, put text on the clipboard (OSC 52) or turn the order of the letters around; at the
beginning of a line of a log it could be a command to what runs the job. Everything that a command
prints passes through here.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["refused_character", "visible", "visible_json", "without_controls"]

# No text has a use for these: controls (C0 but tab and line feed, C1), separators of lines and
# paragraphs, and what embeds, overrides or isolates a direction of writing.
REFUSED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# These besides have no width, or are halves of characters.
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Runners of CI take lines that begin with two colons, and some marks anywhere, for commands.
COMMAND: Final = re.compile(r"^[^\S\n]*(?=::)|#(?=#(?:vso)?\[)", re.MULTILINE)
MARK: Final = re.compile(r"#(?=#(?:vso)?\[)")


def refused_character(text: str) -> str:
    """Name the first character that no text may have, as in ``the character U+001B``, or none."""
    found = REFUSED.search(text)
    return "" if found is None else f"the character U+{ord(found[0]):04X}"


def without_controls(text: str) -> str:
    """Return a text as it is.

    Raises
    ------
    ValueError
        It has a character that no text may have.
    """
    unwelcome = refused_character(text)
    if unwelcome:
        raise ValueError(f"{unwelcome} is not allowed in a text")
    return text


def visible(text: str) -> str:
    r"""Write what cannot be seen as ``\x1b`` or ``\u202e``; lines and tabs stay."""
    if text.isprintable() and "::" not in text and "##" not in text:
        return text
    return COMMAND.sub(_broken, UNSEEN.sub(_python, text))


def visible_json(text: str) -> str:
    r"""Return a JSON document that means the same, in which ``\u001b`` stands for what is unseen.

    JSON escapes C0 controls by itself; outside of its strings it has none of the others.
    """
    return MARK.sub(r"\\u0023", UNSEEN.sub(_json, text))


def _python(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def _broken(found: re.Match[str]) -> str:
    return f"{found[0]}\\"


def _json(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
