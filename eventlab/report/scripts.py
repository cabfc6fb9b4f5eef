"""The scripts that pages carry along: Vega, the templates of the pictures, and what draws them."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from eventlab.report.kept import kept
from eventlab.report.look import DARK, LIGHT, WARNING, page_config

__all__ = ["DRAW_SCRIPT", "figures_script", "kept_templates", "vega_script"]

HERE = Path(__file__).parent
# What the templates come from.
PICTURES = (
    "plotting.py",
    "figures.py",
    "claims/pictures.py",
    "contagion/pictures.py",
    "hedge/pictures.py",
)
DRAW_SCRIPT = HERE / "templates" / "draw.js"


def vega_script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that asks nothing of any network."""
    from eventlab.report.renderer import vega_bundle  # noqa: PLC0415 - only where no copy is kept

    return kept(f"vega-{version('vl-convert-python')}.js", vega_bundle)


def figures_script() -> str:
    """Return the templates of every picture and the code that draws them with a page's rows."""
    templates = kept_templates()
    draw = DRAW_SCRIPT.read_text(encoding="utf-8")
    looks = {"page": page_config(), "file": page_config(DARK, LIGHT, WARNING), "ink": DARK}
    written = json.dumps(looks, separators=(",", ":"))
    return f"window.eventlabFigures = {templates};\nwindow.eventlabLooks = {written};\n{draw}"


def kept_templates() -> str:
    """Return name to Vega-Lite template of every picture, as JSON."""
    sources = b"".join((HERE / name).read_bytes() for name in PICTURES)
    source = hashlib.sha256(sources).hexdigest()[:12]
    return kept(f"figures-{version('altair')}-{source}.json", _templates)


def _templates() -> str:
    from eventlab.report.figures import figure_templates  # noqa: PLC0415 - altair takes a second

    return json.dumps(figure_templates(), separators=(",", ":"))
