"""Folders and files that are there whole or not at all, and what killed writers left behind.

A folder is filled in a folder of its writer's own, beside the place it will take:

    .NAME.new-XXXXXXXX/lock   held by the writer; the system lets go of it however the writer ends
    .NAME.new-XXXXXXXX/new    what is being filled
    .NAME.new-XXXXXXXX/old-0  what was in the place, from the moment that ``new`` is whole

No rename that every system has puts a folder in the place of another, so there is a moment
without one: after ``old-0`` stepped aside, before ``new`` takes the place. Whoever comes then
through `settle` or `steady` waits for the writer, or where that was killed puts its ``new``, which
is whole, in the place. Only what a dead writer left is removed, which its lock tells; where the
system has no such locks nothing is. A folder is safe from a process that dies, not from a machine
that loses power: only single files are forced to the disk.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from eventlab.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: what a killed writer leaves stays
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["filled", "identity", "put_in_place", "settle", "steady", "write_whole"]

LOCK, NEW, OLD = "lock", "new", "old-"
TRIES: Final = 100  # renames and reads against writers that replace the same folder
PAUSE: Final = 0.01  # seconds: two renames take less than a hundredth of it
Found = TypeVar("Found")


@contextmanager
def filled(place: Path) -> Iterator[Path]:
    """Give a new folder to fill for a place; what is not put there in the end is removed.

    What killed writers of the same place left is removed first.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    settle(place)
    work, lock = _claimed(place)
    try:
        (work / NEW).mkdir()
        yield work / NEW
    finally:
        with suppress(OSError):
            _end(work, place)
        os.close(lock)


def put_in_place(filling: Path, place: Path) -> None:
    """Give a folder of `filled` its place, the one before it aside; again if another writer won.

    Raises
    ------
    UsageError
        Other writers replace it all the time.
    """
    settle(place)
    for attempt in range(TRIES):
        with suppress(FileNotFoundError):
            place.rename(filling.parent / f"{OLD}{attempt}")
        try:
            filling.rename(place)
        except OSError:
            if place.exists():
                continue  # another writer put its folder there in between
            raise
        return
    raise UsageError(f"{place} is being replaced by others all the time")


def settle(place: Path) -> None:
    """Remove what killed writers of a place left; give the place what one was about to."""
    for work in _writers(place):
        with suppress(OSError), _locked(work / LOCK) as dead:
            if dead:
                _end(work, place)
        with suppress(OSError):
            work.rmdir()  # one without a lock; its writer, if it lives, makes another


def steady(place: Path, read: Callable[[Path], Found]) -> Found:
    """Read a folder that others may replace: again, where it was another one at the end.

    Raises
    ------
    UsageError
        Others replace it all the time.
    """
    for _ in range(TRIES):
        before = _arrived(place)
        try:
            found = read(place)
        except Exception:
            if before == identity(place):
                raise
            continue
        if before == identity(place):
            return found
    raise UsageError(f"{place} is being replaced by others all the time")


def identity(place: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one of the same name; None where there is none."""
    try:
        found = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_ctime_ns


def write_whole(path: Path, text: str) -> None:
    """Write a file in one piece, in the place of an older one; its folder is made.

    What killed writers of the same file left beside it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for part in _beside(path, r"[0-9a-f]{8}\.part"):
        with suppress(OSError), _locked(part) as dead:
            if dead:
                part.unlink()
    while True:
        part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
        try:
            with part.open("x", encoding="utf-8", newline="\n") as file:
                if not _own(file.fileno()):
                    continue
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return


def _arrived(place: Path) -> tuple[int, int] | None:
    """Return the identity of a folder, once no writer is between its two renames."""
    for _ in range(TRIES):
        found = identity(place)
        if found is not None:
            break
        settle(place)
        if not any((work / f"{OLD}0").exists() for work in _writers(place)):
            return identity(place)
        time.sleep(PAUSE)
    return found


def _writers(place: Path) -> list[Path]:
    return _beside(place, r"new-[a-z0-9_]{8}")


def _beside(path: Path, ending: str) -> list[Path]:
    """Return what lies beside a path and is called like it, hidden, with another ending."""
    name = re.compile(rf"\.{re.escape(path.name)}\.{ending}")
    try:
        return sorted(each for each in path.parent.iterdir() if name.fullmatch(each.name))
    except OSError:
        return []


def _claimed(place: Path) -> tuple[Path, int]:
    """Make a writer's folder and take its lock, unless another took it for a dead writer's."""
    while True:
        work = Path(tempfile.mkdtemp(prefix=f".{place.name}.new-", dir=place.parent))
        try:
            lock = os.open(work / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue
        except OSError:
            work.rmdir()
            raise
        if _own(lock):
            return work, lock
        os.close(lock)


def _own(handle: int) -> bool:
    """Lock a file just made; False where somebody locked it first, to remove it."""
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks here: nobody can take it for a dead writer's either
        return True
    return os.fstat(handle).st_nlink > 0


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Take the lock of a dead writer; False where the writer lives or nothing can tell."""
    if fcntl is None:
        yield False
        return
    handle = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            dead = os.fstat(handle).st_nlink > 0
        except OSError:
            dead = False
        yield dead
    finally:
        os.close(handle)


def _end(work: Path, place: Path) -> None:
    """Remove a writer's folder; if it holds what belongs in the place, that goes there first."""
    old = sorted(work.glob(f"{OLD}*"), key=lambda each: each.stat().st_ctime_ns)
    if old and (work / NEW).exists() and not place.exists():
        try:
            (work / NEW).rename(place)
        except OSError:
            old[-1].rename(place)
    for each in work.iterdir():
        if each.name != LOCK:
            shutil.rmtree(each, ignore_errors=True)
    if {each.name for each in work.iterdir()} <= {LOCK}:  # otherwise the next writer tries again
        (work / LOCK).unlink(missing_ok=True)
        work.rmdir()
