"""How pictures look, on a page, in a notebook and on paper: one configuration, one finish.

Knows no plotting library: specifications are plain dictionaries.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

__all__ = ["DARK", "LIGHT", "SIMULATED", "WARNING", "finished", "page_config"]

FONT: Final = "system-ui, sans-serif"
DARK, LIGHT = "#1c1c1c", "#ffffff"  # ink and ground of a picture that stands alone
WARNING: Final = "#a84300"  # orange, dark enough on light ground for small type
SIMULATED: Final = "SIMULATED PRICES"
# Follows the page: light, dark and paper without drawing again.
FROM_PAGE: Final = "currentColor"
PERCENTAGES: Final = re.compile(r"\+\.[12]%")
Spec = dict[str, Any]


def page_config(
    ink: str = FROM_PAGE, ground: str = "transparent", warning: str = "var(--simulated)"
) -> Spec:
    """Return the Vega-Lite configuration of every picture, in one colour of ink on its ground.

    ``warning`` is the colour of what says that prices are simulated; without arguments all three
    are the page's.
    """
    lines = {f"{name}Color": ink for name in ("label", "title", "domain", "tick", "grid")}
    fonts = {"labelFont": FONT, "titleFont": FONT}
    sizes = {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"}
    faint = {"gridOpacity": 0.12, "domainOpacity": 0.4, "tickOpacity": 0.4}
    return {
        "background": ground,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {**lines, **fonts, **sizes, **faint},
        "title": {
            "color": ink,
            "subtitleColor": warning,
            "anchor": "start",
            "fontSize": 13,
            "subtitleFontSize": 11,
            "font": FONT,
            "subtitleFont": FONT,
            "subtitleFontWeight": "bold",
            "offset": 6,
        },
        "legend": {"labelColor": ink, "titleColor": ink, **fonts},
    }


def finished(
    template: Spec,
    rows: list[dict[str, Any]],
    *,
    title: str | list[str],
    simulated: bool,
    log: bool = False,
    width: int = 480,
) -> Spec:
    """Return a picture that needs no page: rows inside, real colours, a width, its title.

    Parameters
    ----------
    template
        One of `figure_templates`.
    rows
        Its rows, as in ``figure_rows``.
    title
        One line, or a list of several.
    simulated
        Whether the prices are: then it says so in its subtitle.
    log
        Whether values are logs of ratios, which are no percentages.
    width
        In pixels, where the template fills what holds it.
    """
    text = json.dumps(template).replace(FROM_PAGE, DARK)
    spec: Spec = json.loads(PERCENTAGES.sub("+.2f", text) if log else text)
    subtitle = [SIMULATED] if simulated else []
    if rows and all("caar" in row and row.get("low", 0.0) is None for row in rows):
        subtitle.append("no placebo band")
    spec["datasets"] = {**spec.get("datasets", {}), "rows": rows}
    spec["title"] = {"text": title or " ", "subtitle": subtitle}  # alone, a subtitle is not drawn
    spec["config"] = page_config(DARK, LIGHT, WARNING)
    if spec.get("width") == "container":
        spec["width"] = width
    return spec
