"""Windows and bars as options of the command line."""
# ruff: noqa: PLC0415 - pydantic is imported when a definition is changed

from typing import TYPE_CHECKING, Annotated

import typer

from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "WINDOW_FIELDS",
    "BarOption",
    "BenchmarkOption",
    "CarWindowOption",
    "EstimationWindowOption",
    "EventWindowOption",
    "given_window",
    "given_windows",
]

WINDOW_FIELDS = ("estimation_window", "event_window", "car_windows")

BarOption = Annotated[
    str | None,
    typer.Option("--bar", metavar="WIDTH", help="session, or 5min, 15min, 60min and the like."),
]
BenchmarkOption = Annotated[
    str | None,
    typer.Option("--benchmark", metavar="SYMBOL", help="Against this market; none: against none."),
]
EstimationWindowOption = Annotated[
    str | None, typer.Option("--estimation-window", metavar="A,B", help="Bars of the fit.")
]
EventWindowOption = Annotated[
    str | None, typer.Option("--event-window", metavar="A,B", help="Bars of the event.")
]
CarWindowOption = Annotated[
    list[str] | None,
    typer.Option("--car-window", metavar="A,B", help="Bars to cumulate; repeatable."),
]


def given_windows(
    estimation: str | None, event: str | None, cars: "Sequence[str] | None"
) -> dict[str, object]:
    """Return the fields of a study that the options replace.

    Raises
    ------
    UsageError
        A text is no pair of whole bars.
    """
    fields: dict[str, object] = {}
    if estimation is not None:
        fields["estimation_window"] = _window("--estimation-window", estimation)
    if event is not None:
        fields["event_window"] = _window("--event-window", event)
    if cars:
        fields["car_windows"] = tuple(_window("--car-window", each) for each in cars)
    return fields


def given_window(option: str, text: str | None) -> tuple[int, int] | None:
    """Read one window, if it is given.

    Raises
    ------
    UsageError
        The text is no pair of whole bars.
    """
    return None if text is None else _window(option, text)


def _window(option: str, text: str) -> tuple[int, int]:
    from eventlab.timeline.windows import parse_window

    bare = text.strip()
    try:
        return parse_window(bare if bare.startswith("[") else f"[{bare}]")
    except UsageError as error:
        if "backwards" in str(error):
            raise UsageError(f"{option} {text!r}: {error}") from error
        raise UsageError(f"{option} {text!r}: write two whole bars, as in -250,-11") from error
