"""The pages of a run: an index, a page for each event, and the files that they share.

Pages open from the disk without a network: scripts lie in ``assets/``, rows inside the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eventlab.report.claims.page import write_claims_page
from eventlab.report.contagion.page import write_contagion_pages
from eventlab.report.event_page import write_event_pages
from eventlab.report.hedge.page import write_strategy_pages
from eventlab.report.index_page import write_index
from eventlab.report.scripts import figures_script, vega_script

if TYPE_CHECKING:
    from eventlab.report.record import Run

__all__ = ["page_environment", "write_pages"]

TEMPLATES = Path(__file__).parent / "templates"


def write_pages(run: Run, folder: Path) -> None:
    """Write ``index.html``, pages of events and strategies, and ``assets/``."""
    environment = page_environment()
    for name in ("assets", "events"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "assets" / "vega.js").write_text(vega_script(), encoding="utf-8")
    (folder / "assets" / "figures.js").write_text(figures_script(), encoding="utf-8")
    contagions = write_contagion_pages(run, folder, environment)
    verdicts = write_event_pages(run, folder, environment, contagions)
    strategies = write_strategy_pages(run, folder, environment)
    write_claims_page(run, folder, environment)
    write_index(
        run,
        folder,
        environment,
        verdicts=verdicts,
        contagions=contagions,
        strategies=strategies,
    )


def page_environment() -> Environment:
    """Return what renders the templates: escaped, and nothing undefined."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file, no data in it
    return environment
