"""What a command says: messages to a person on stderr; stdout belongs to results."""

import json
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress

from eventlab.visible import visible, visible_json

__all__ = ["command_line", "print_documents", "print_json", "print_line", "say", "say_error"]


def print_json(document: object, *, indent: int | None = None) -> None:
    """Write a result as one JSON document, which has no NaN."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent)
    sys.stdout.write(visible_json(text) + "\n")


def print_line(text: str) -> None:
    """Write a line of a result that is neither JSON nor a table."""
    sys.stdout.write(visible(text) + "\n")


def command_line() -> str:
    """Return the command as it was typed, for what keeps it; bytes that are no text as escapes."""
    typed = shlex.join(["eventlab", *sys.argv[1:]])
    return typed.encode("utf-8", "backslashreplace").decode()


def print_documents(documents: Sequence[object], *, several: bool) -> None:
    """Write a list where several results were asked for, else the one; nothing for none."""
    if documents or several:
        print_json(documents if several else documents[0])


def say(text: str, *, quiet: bool = False) -> None:
    """Write one message; nothing when ``quiet``."""
    if not quiet:
        _write(text)


def say_error(text: str) -> None:
    """Write what went wrong, whatever ``--quiet`` says."""
    _write(text)


def _write(text: str) -> None:
    with suppress(OSError, ValueError):  # a reader that went away, a full disk: the code says it
        sys.stderr.write(visible(text.rstrip("\n")) + "\n")
        sys.stderr.flush()
