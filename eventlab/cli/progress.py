"""How far a long command is: a bar on stderr, on a terminal, after a second."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eventlab.cli.messages import say

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Steps", "likelihoods", "names_bar", "steps_bar"]

Steps = Callable[[int, int], None]  # steps done, of how many
PATIENCE = 1.0  # seconds without a sign
MANY = 20  # fits by maximum likelihood that take seconds


@contextmanager
def steps_bar(label: str, *, quiet: bool) -> Iterator[Steps]:
    """Show a bar once the work has taken a second; nothing when ``quiet`` or not on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    began = time.monotonic()
    bar: Progress | None = None

    def step(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            if time.monotonic() - began < PATIENCE:
                return
            bar = _bar()
            bar.start()
            bar.add_task(label, total=total)
        bar.update(bar.task_ids[0], completed=done, total=total)

    try:
        yield step
    finally:
        if bar is not None:
            bar.stop()


@contextmanager
def likelihoods(event: str, *, quiet: bool) -> Iterator[Steps]:
    """Say how many fits by maximum likelihood there are, where that is many, and show a bar."""
    with steps_bar(event, quiet=quiet) as shown:

        def step(done: int, total: int) -> None:
            if done == 0 and total > MANY:
                say(f"{event}: {total} fits by maximum likelihood", quiet=quiet)
            shown(done, total)

        yield step


@contextmanager
def names_bar(total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show a bar that names what is under way; nothing when ``quiet`` or not on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with _bar() as bar:
        task = bar.add_task("prices", total=total)
        started = False

        def step(name: str) -> None:
            nonlocal started
            bar.update(task, description=name, advance=1 if started else 0)
            started = True

        yield step


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
