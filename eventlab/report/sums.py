"""What the files of a run hold, by their sha256: a run that was damaged or mended by hand is told.

Tables of one kind look like those of another, and a digit of a definition like any other digit:
only a sum over the bytes says that they are those which the run wrote.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from eventlab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["SUMS_FILE", "check_sum", "read_sums", "summed", "write_sums"]

SUMS_FILE: Final = "SHA256SUMS"  # `sha256sum --check SHA256SUMS` in the folder reads it, too
LARGEST: Final = 64 << 20  # bytes of a list; a run of a hundred thousand files has 10 million
LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")
AGAIN: Final = "make the run again, or take its folder from a backup"


def write_sums(run: Path, names: Iterable[str]) -> None:
    """Write the sums of some files of a run, named relative to its folder."""
    lines = [f"{summed((run / name).read_bytes())}  {name}\n" for name in sorted(names)]
    (run / SUMS_FILE).write_text("".join(lines), encoding="utf-8")


def read_sums(run: Path) -> dict[str, str]:
    """Read the sums of a run by file name; every file that they name is there.

    Raises
    ------
    DataError
        There are no sums, they are damaged, or a file is missing or lies outside of the run.
    """
    path = run / SUMS_FILE
    try:
        whole = path.stat().st_size <= LARGEST
        lines = path.read_text(encoding="utf-8").split("\n") if whole else ["too large"]
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}); {AGAIN}") from error
    found = [LINE.fullmatch(line) for line in lines[:-1]]
    sums = {line[2]: line[1] for line in found if line is not None}
    if lines[-1] or not lines[:-1] or len(sums) < len(lines) - 1:
        raise DataError(f"{path} is damaged; {AGAIN}")
    for name in sums:
        if "\\" in name or name.startswith("/") or ".." in name.split("/"):
            raise DataError(f"{path} names {name!r}, which is no file of the run; {AGAIN}")
        if not (run / name).is_file():
            raise DataError(f"{run / name} is missing; {AGAIN}")
    return sums


def check_sum(content: bytes, name: str, run: Path, sums: Mapping[str, str]) -> bytes:
    """Return the content of a file of a run, if it is what the run wrote.

    Raises
    ------
    DataError
        It is not.
    """
    if sums.get(name) != summed(content):
        raise DataError(
            f"{run / name} is damaged: it is not what the run wrote (its sha256 is another than in "
            f"{SUMS_FILE}); {AGAIN}"
        )
    return content


def summed(content: bytes) -> str:
    """Sha256 (hex) of bytes."""
    return hashlib.sha256(content).hexdigest()
