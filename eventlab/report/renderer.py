"""Vega outside of a browser: the only module that imports vl_convert, a library of 60 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import vl_convert

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["svg_picture", "vega_bundle"]


def vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that asks nothing of any network."""
    # What the pages call; the converter's own default for a bundle without a snippet.
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def svg_picture(spec: Mapping[str, Any]) -> str:
    """Return a Vega-Lite picture as SVG, drawn without a browser and without a network."""
    return vl_convert.vegalite_to_svg(dict(spec), allowed_base_urls=[])
