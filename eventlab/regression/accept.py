"""Accept what is: write baselines, and remove those of nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from eventlab.errors import UsageError
from eventlab.regression.baseline_file import write_baseline

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.regression.check import Check

__all__ = ["accept", "refuse_in_ci"]

NO: Final = frozenset({"", "0", "false", "no", "off"})


def refuse_in_ci(*, forced: bool) -> None:
    """Refuse to accept anything where CI runs, which is there to notice.

    Raises
    ------
    UsageError
        The environment variable CI is set (and not to 0, false, no or off), and not ``forced``.
    """
    if not forced and os.environ.get("CI", "").strip().lower() not in NO:
        raise UsageError(
            "--update is refused where the environment variable CI is set: a baseline is accepted "
            "by a person who has read the differences. Run it on your machine and commit "
            "baselines/, or add --force"
        )


def accept(found: Check) -> tuple[tuple[Path, str], ...]:
    """Make what a check measured the new baselines.

    Each file is written in one piece. What could not be computed keeps its baseline.

    Returns
    -------
    tuple
        Path and what was done with it (written, removed) of every file that changed.

    Raises
    ------
    UsageError
        A file cannot be written.
    """
    done: list[tuple[Path, str]] = []
    for each in found.checked:
        place = each.subject.baseline
        try:
            if each.measured is not None:
                if write_baseline(each.measured.record, place):
                    done.append((place, "written"))
            elif any(item.status == "orphaned" for item in each.items):
                place.unlink(missing_ok=True)
                done.append((place, "removed"))
        except OSError as error:
            said = error.strerror or error
            raise UsageError(
                f"{place} cannot be written: {said}; {len(done)} of the baselines before it are "
                "accepted, the others are as they were"
            ) from error
    return tuple(done)
