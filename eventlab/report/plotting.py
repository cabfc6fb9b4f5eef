"""What all pictures share: the only module that imports the plotting library.

Colours stand out on light and dark and are told apart with any colour vision; tests measure both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import altair as alt

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "PURPLE",
    "ROWS",
    "Picture",
    "Spec",
    "Standing",
    "alt",
    "bare",
    "bars_axis",
    "day0",
    "heat",
    "loud",
    "once",
    "standing",
    "zero",
    "zoom",
]

BLUE, ORANGE, PURPLE, GREY = "#2a87c8", "#D55E00", "#9c3cf0", "#7f7f7f"
ROWS = "rows"  # the name of the data that a page fills in
Spec = dict[str, Any]
Picture = alt.LayerChart | alt.FacetChart
Standing = alt.LayerChart | alt.VConcatChart


def bare(spec: Spec) -> Spec:
    """Leave out the default colours, which the page sets, and the schema's address."""
    return {key: value for key, value in spec.items() if key not in {"config", "$schema"}}


def loud() -> Any:
    """Return the colour of a mark: orange where its row is more than chance."""
    return alt.condition("datum.loud", alt.value(ORANGE), alt.value(BLUE))


def heat(base: alt.Chart, field: str, reach: float) -> Picture:
    """Return labelled cells coloured by ``field`` from -reach to reach, framed where loud.

    A reach wider than the data keeps the text readable on the strongest colours.
    """
    cells = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(
            f"{field}:Q",
            scale=alt.Scale(scheme="blueorange", domain=[-reach, reach], reverse=True),
            legend=None,
        )
    )
    frame = base.transform_filter("datum.loud").mark_rect(
        fill=None, stroke=ORANGE, strokeWidth=2, cornerRadius=2
    )
    text = base.mark_text(fontSize=11, color="#111").encode(text="label:N")
    return alt.layer(cells, frame, text).properties(width="container", height=alt.Step(22))


def zoom(axis: Literal["x", "y"]) -> alt.Parameter:
    """Zoom and move only with Shift: a page of pictures has to scroll, also under a finger."""
    return alt.selection_interval(
        name="zoom",
        bind="scales",
        encodings=[axis],
        zoom="wheel![event.shiftKey]",
        translate="[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!",
    )


def bars_axis() -> alt.X:
    """Return the axis of bars relative to the event."""
    axis = alt.Axis(tickMinStep=1, format="d", grid=False)
    return alt.X(
        "tau:Q", title="bars from day 0", axis=axis, scale=alt.Scale(nice=False, padding=6)
    )


def zero() -> alt.Chart:
    """Return a line at zero."""
    rule: alt.Chart = once().mark_rule(color=GREY, opacity=0.7).encode(y=alt.datum(0))
    return rule


def day0() -> alt.Chart:
    """Return a dashed line at day 0."""
    dashed = once().mark_rule(color=GREY, strokeDash=[3, 3], opacity=0.8)
    rule: alt.Chart = dashed.encode(x=alt.datum(0))
    return rule


def once() -> alt.Chart:
    """Return a chart of one empty row, for marks that stand at a constant."""
    return alt.Chart(alt.InlineData([{}]))


class _Offline:
    """Saves HTML with its scripts inside; altair's own default fetches them from a network."""

    def save(self, fp: Any, format: Any = None, **options: Any) -> None:  # noqa: A002 - altair's
        """Write the chart as SVG, PNG, PDF, JSON or HTML, by the name's end or ``format``."""
        kind = format or Path(str(fp)).suffix.removeprefix(".")
        own = {"inline": True} if kind == "html" else {}
        super().save(fp, format, **own | options)  # type: ignore[misc] # altair's save


class _Layers(_Offline, alt.LayerChart):  # type: ignore[misc] # its many words pass through
    pass


class _Stack(_Offline, alt.VConcatChart):  # type: ignore[misc] # its many words pass through
    pass


def standing(spec: Spec) -> Standing:
    """Return a finished specification as a chart that a notebook shows and that saves itself."""
    kind = _Stack if "vconcat" in spec else _Layers
    return kind.from_dict(spec, validate=False)
