"""What a command says to a person: always on stderr, stdout belongs to results."""

import sys

__all__ = ["say", "say_error"]


def say(text: str, *, quiet: bool = False) -> None:
    """Write one message; nothing when ``quiet``."""
    if not quiet:
        _write(text)


def say_error(text: str) -> None:
    """Write what went wrong, whatever ``--quiet`` says."""
    _write(text)


def _write(text: str) -> None:
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()
