"""How a command ends when it is told to: Ctrl-C, and the signals of a scheduler or a terminal."""

import signal
from types import FrameType

__all__ = ["Stopped", "exit_code", "stop_no_more", "stop_on_signals"]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
BY_SIGNAL = 128  # and its number: what a shell reports of a process that a signal ended


class Stopped(KeyboardInterrupt):
    """A signal asks the command to end: what ends it on Ctrl-C ends it here, too."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stop_on_signals() -> None:
    """Raise `Stopped` on SIGTERM and SIGHUP, unless whoever started the command decided on them."""
    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def stop_no_more() -> None:
    """Ignore what asks to end: the command is ending."""
    for number in (signal.SIGINT, *SIGNALS):
        signal.signal(number, signal.SIG_IGN)


def exit_code(error: BaseException) -> int:
    """Return 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
    return BY_SIGNAL + (error.number if isinstance(error, Stopped) else signal.SIGINT)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)
