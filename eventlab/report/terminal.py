"""Views as tables of the terminal: no number and no word is broken, whatever the width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from eventlab.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import ConsoleOptions, JustifyMethod, RenderableType, RenderResult

    from eventlab.report.views import Shown, View

__all__ = [
    "Unbroken",
    "ViewTable",
    "faint",
    "point",
    "print_shown",
    "safe_console",
    "simulated_mark",
]

PIPED_WIDTH: Final = 140
GAP: Final = 2  # between columns
MOST_UNBROKEN: Final = 28  # characters of a number or name that is not wrapped
MOST_WORDS: Final = 12  # characters of other text that is not


def print_shown(shown: RenderableType, stream: TextIO, *, crop: bool = True) -> None:
    """Write to a terminal, or without colours and at a fixed width to a pipe; ``crop`` to it."""
    safe_console(stream).print(shown, crop=crop)


def safe_console(stream: TextIO) -> Console:
    """Return what writes tables, in which no text is markup and no character acts or hides."""
    width = None if stream.isatty() else PIPED_WIDTH
    return _SafeConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


class _SafeConsole(Console):
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def faint(text: str) -> Text:
    """Return what is said in passing."""
    return Text(text, style="dim")


def point(text: str) -> Padding:
    """Return a line of a list."""
    return Padding(Text(f"- {text}"), (0, 0, 0, 2), expand=False)


def simulated_mark() -> Text:
    """Return what stands above everything that was made from simulated prices."""
    return Text(" SIMULATED PRICES: nothing here happened ", style="black on yellow")


class Unbroken:
    """A line of any length, for commands: in two lines a shell would take it for two."""

    def __init__(self, text: str, style: str = "") -> None:
        self.text = text
        self.style = style

    def __rich_console__(self, console: Console, _: ConsoleOptions) -> RenderResult:
        yield Segment(self.text, console.get_style(self.style))
        yield Segment.line()


class ViewTable:
    """A table with its title, its reading and its notes, as wide as the terminal lets it be.

    Where it does not fit, the columns marked as wide are left out, or ``whole`` they follow in a
    table of their own.
    """

    def __init__(self, view: View, *, whole: bool) -> None:
        self.view = view
        self.whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        view = self.view
        yield Text(f"\n{view.title}", style="bold")
        if view.reading:
            yield faint(view.reading)

        def fits(places: Sequence[int]) -> bool:
            return sum(_widths(view, places)) + GAP * (len(places) - 1) <= options.max_width

        def tables(places: Sequence[int]) -> Iterator[Table]:
            return (_table(view, own, options.max_width) for own in _chunks(places, fits))

        everything = range(len(view.columns))
        if fits(everything) or not view.wide:
            yield from tables(everything)
        else:
            yield from tables([place for place in everything if place not in view.wide])
            if self.whole:
                yield from tables([0, *view.wide])
            else:
                left = ", ".join(view.columns[place] for place in view.wide)
                yield faint(f"in a wider terminal or with --verbose: {left}")
        for mark, words in view.notes:
            yield Padding(faint(f"{mark}: {words}"), (0, 0, 0, 2), expand=False)
        if view.more:
            yield faint(view.more)


def _chunks(
    columns: Sequence[int], fits: Callable[[Sequence[int]], bool]
) -> Iterator[Sequence[int]]:
    """Yield columns in as many tables as they need, the first column in each."""
    places = [columns[0]]
    for place in columns[1:]:
        if len(places) > 1 and not fits([*places, place]):
            yield places
            places = [columns[0]]
        places.append(place)
    yield places


def _table(view: View, places: Sequence[int], width: int) -> Table:
    """Return columns as a table in which no number and no word is broken."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    least = _widths(view, places)
    wanted = [_longest(view, place) - own for place, own in zip(places, least, strict=True)]
    left = min(max(width - GAP * (len(places) - 1) - sum(least), 0), sum(wanted))
    for place, own, more in zip(places, least, _shared(left, wanted), strict=True):
        justify: JustifyMethod = "right" if place in view.numeric else "left"
        table.add_column(view.columns[place], justify=justify, width=own + more)
    for row in view.rows:
        table.add_row(*(_cell(row[place]) for place in places))
    return table


def _shared(left: int, wanted: Sequence[int]) -> Iterator[int]:
    """Share what is left of a width among columns: all where little is wanted, then alike."""
    given = dict.fromkeys(range(len(wanted)), 0)
    for done, place in enumerate(sorted(given, key=lambda each: wanted[each])):
        given[place] = min(wanted[place], left // (len(wanted) - done))
        left -= given[place]
    return iter(given.values())


def _longest(view: View, place: int) -> int:
    """Return the width of a column that wraps nothing."""
    texts = [text for row in view.rows for text in (row[place].text, row[place].below)]
    return max(map(len, [view.columns[place], *texts]), default=0)


def _widths(view: View, places: Sequence[int]) -> list[int]:
    """Return the least width of each column: of its longest word, or of all where that is short."""
    found = []
    for place in places:
        whole = MOST_UNBROKEN if place in view.numeric or place == 0 else MOST_WORDS
        texts = [text for row in view.rows for text in (row[place].text, row[place].below)]
        lengths = [len(word) for text in [view.columns[place], *texts] for word in text.split()]
        lengths += [len(text) for text in texts if len(text) <= whole]
        found.append(max(lengths, default=0))
    return found


def _cell(cell: Shown) -> Text:
    text = Text(cell.text, style="bold" if cell.loud else "")
    if cell.below:
        text.append(f"\n{cell.below}", style="dim not bold")
    return text
