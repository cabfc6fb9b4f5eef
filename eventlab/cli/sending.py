"""What a run is sent as: one HTML file, one PDF; both lie in its folder beside the pages."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from eventlab.cli.messages import say
from eventlab.cli.progress import steps_bar
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.report.record import Run

__all__ = ["PAGES_ONLY", "PdfOption", "Sending", "SingleFileOption"]

NEEDED: Final = ("altair", "jinja2", "typst", "vl_convert")

SingleFileOption = Annotated[
    bool,
    typer.Option("--single-file", help="Also every page in one file to send, report.html."),
]
PdfOption = Annotated[
    bool, typer.Option("--pdf", help="Also all of it on A4, report.pdf; no browser is needed.")
]


@dataclass(frozen=True, slots=True)
class Sending:
    """What to write beside the pages of a run."""

    single_file: bool = False
    pdf: bool = False
    quiet: bool = False

    def check(self) -> None:
        """Refuse, before anything is computed, what cannot be written.

        Raises
        ------
        UsageError
            The PDF needs a package that is not installed.
        """
        missing = [name for name in NEEDED if self.pdf and find_spec(name) is None]
        if missing:
            raise UsageError(
                f"--pdf needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} "
                f'not installed: pip install "eventlab[report]"'
            )

    def write(self, run: "Run", folder: Path) -> None:
        """Write the pages and tables of a run into ``folder``, then what is made from the pages."""
        from eventlab.cli.table_process import write_outputs

        write_outputs(run, folder)
        if self.single_file:
            from eventlab.report.single_file import write_single_file

            write_single_file(folder)
        if self.pdf:
            from eventlab.report.pdf.document import write_pdf

            with steps_bar("pages on paper", quiet=self.quiet) as step:
                write_pdf(folder, step)

    def say_where(self, folder: Path) -> None:
        """Say where to find it, with its size: mail has limits."""
        from eventlab.report.pdf import PDF
        from eventlab.report.rendered import SINGLE_FILE

        for name, wanted in ((SINGLE_FILE, self.single_file), (PDF, self.pdf)):
            if wanted:
                size = (folder / name).stat().st_size / 1e6
                say(f"{folder / name}, {size:.1f} MB", quiet=self.quiet)


PAGES_ONLY: Final = Sending()
