"""The pictures of a study.

Each picture is a template whose data are named ``rows``: a page carries rows only, and the script
``assets/figures.js`` carries every template once.
"""

from __future__ import annotations

from eventlab.report.claims.pictures import claim_pictures
from eventlab.report.contagion.pictures import contagion_pictures
from eventlab.report.hedge.pictures import strategy_pictures
from eventlab.report.plotting import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    ROWS,
    Picture,
    Spec,
    alt,
    bare,
    bars_axis,
    day0,
    heat,
    loud,
    zero,
    zoom,
)

__all__ = ["figure_templates"]

PERCENT = "+.1%"
LABELS = 118  # width of what stands beside the curve, so that its two halves line up


def figure_templates() -> dict[str, Spec]:
    """Return name to Vega-Lite template: ``paths``, ``heat``, ``events``, ``overlaps``, ``curve``.

    And ``choices``, the lower half of ``curve``, with the same places on its x axis.

    Their rows, returns in decimals, ``loud`` for what is more than chance: ``paths`` tau, caar,
    low, high, n; ``heat`` group, window, caar, p, n, label, shade (-1 to 1), loud; ``events``
    session, occurrence, title, car, low, high, p, loud; ``overlaps`` tau, occurrence, other_event,
    other, title; ``curve`` place, estimate, low, high, null_low, null_high, p, n, loud, choice;
    ``choices`` place, label, kind, loud.
    """
    charts: dict[str, Picture] = {
        "paths": _paths(),
        "heat": _heat(),
        "events": _events(),
        "overlaps": _overlaps(),
        "curve": _curve(),
        "choices": _choices(),
        **claim_pictures(),
        **contagion_pictures(),
        **strategy_pictures(),
    }
    # The templates are checked by a test; checking them again costs seconds at every run.
    return {name: bare(chart.to_dict(validate=False)) for name, chart in charts.items()}


def _paths() -> Picture:
    """CAAR from the first bar of the event window, with the placebo band around zero."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=bars_axis())
    band = base.mark_area(opacity=0.22, color=GREY, interpolate="linear").encode(
        y=_returns("CAAR"), y2="high:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 18, "color": BLUE}).encode(
        y="caar:Q", tooltip=_path_tooltip()
    )
    near = alt.selection_point(
        name="near", on="pointermove", nearest=True, fields=["tau"], empty=False
    )
    target = base.mark_point(size=120, opacity=0).encode(y="caar:Q", tooltip=_path_tooltip())
    mark = base.mark_point(size=60, color=BLUE, filled=True).encode(
        y="caar:Q", opacity=alt.condition(near, alt.value(1), alt.value(0))
    )
    return alt.layer(
        band, zero(), day0(), line, target.add_params(near, zoom("y")), mark
    ).properties(width="container", height=140)


def _path_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("tau:Q", title="bar"),
        alt.Tooltip("caar:Q", title="CAAR", format="+.2%"),
        alt.Tooltip("low:Q", title="band from", format="+.2%"),
        alt.Tooltip("high:Q", title="band to", format="+.2%"),
        alt.Tooltip("n:Q", title="events"),
    ]


def _heat() -> Picture:
    """Assets by windows, coloured by CAAR, boxed where it is more than chance."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("window:N", title=None, axis=alt.Axis(orient="top", labelAngle=0), sort=None),
        y=alt.Y("group:N", title=None, sort=None),
        tooltip=[
            alt.Tooltip("group:N", title="asset"),
            alt.Tooltip("window:N"),
            alt.Tooltip("caar:Q", title="CAAR", format="+.2%"),
            alt.Tooltip("p:Q", title="placebo p", format=".3f"),
            alt.Tooltip("n:Q", title="events"),
        ],
    )
    # The shade is the size relative to the largest of the picture: zero is always neutral.
    return heat(base, "shade", 1.7)


def _events() -> Picture:
    """One asset's CAR of every occurrence over time, with its interval."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X(
            "session:T",
            title=None,
            axis=alt.Axis(grid=False, format="%Y-%m"),
            scale=alt.Scale(padding=10),  # or the first and last dot are cut in half
        ),
        tooltip=[
            alt.Tooltip("occurrence:N"),
            alt.Tooltip("title:N"),
            alt.Tooltip("session:T", title="day 0", format="%Y-%m-%d"),
            alt.Tooltip("car:Q", title="CAR", format="+.2%"),
            alt.Tooltip("p:Q", title="placebo p", format=".3f"),
        ],
    )
    whisker = base.mark_rule(color=GREY, opacity=0.55).encode(y=_returns("CAR"), y2="high:Q")
    dot = base.mark_point(filled=True, size=46, opacity=0.95).encode(
        y="car:Q",
        color=alt.condition("datum.loud", alt.value(ORANGE), alt.value(BLUE)),
    )
    return alt.layer(whisker, zero(), dot.add_params(zoom("x"))).properties(
        width="container", height=240
    )


def _overlaps() -> Picture:
    """Other events inside the event windows: a row per occurrence, day 0 in the middle."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        y=alt.Y("occurrence:N", title=None, sort=None, axis=alt.Axis(labelLimit=180, grid=True)),
        tooltip=[
            alt.Tooltip("title:N"),
            alt.Tooltip("other:N", title="event"),
            alt.Tooltip("occurrence:N", title="beside"),
            alt.Tooltip("tau:Q", title="bar"),
        ],
    )
    # The same legend for both, or colour and shape would get one each.
    legend = alt.Legend(orient="top", columns=2)  # no wider than a phone
    marks = base.mark_point(filled=True, size=70, opacity=0.85).encode(
        color=alt.Color(
            "other_event:N",
            title=None,
            scale=alt.Scale(range=[BLUE, ORANGE, PURPLE, "#90603c", GREY, "#009E73"]),
            legend=legend,
        ),
        shape=alt.Shape("other_event:N", title=None, legend=legend),
    )
    return alt.layer(day0(), marks).properties(width="container", height=alt.Step(16))


def _curve() -> Picture:
    """Estimates of all specifications in ascending order, over where placebo curves run."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=_place(labels=True), tooltip=_curve_tooltip())
    axis = alt.Axis(format=PERCENT, tickCount=5, minExtent=LABELS, maxExtent=LABELS)
    # Without a title: it would push this half to the right of the other.
    y = alt.Y("estimate:Q", title=None, axis=axis, scale=alt.Scale(padding=8))
    band = base.mark_area(opacity=0.25, color=GREY).encode(
        y=alt.Y("null_low:Q", axis=axis, title=None), y2="null_high:Q"
    )
    whisker = base.mark_rule(color=GREY, opacity=0.3).encode(
        y=alt.Y("low:Q", title=None), y2="high:Q"
    )
    dot = base.mark_point(filled=True, size=14, opacity=1).encode(y=y, color=loud())
    return alt.layer(whisker, band, zero(), dot.add_params(zoom("x"))).properties(
        width="container", height=220
    )


def _curve_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("choice:N", title="choices"),
        alt.Tooltip("estimate:Q", title="CAAR", format="+.2%"),
        alt.Tooltip("p:Q", title="p", format=".3f"),
        alt.Tooltip("n:Q", title="events"),
        alt.Tooltip("place:Q", title="place"),
    ]


def _choices() -> Picture:
    """Which choices each specification of ``curve`` made: a row of dots per choice."""
    axis = alt.Axis(
        grid=True, labelLimit=LABELS, minExtent=LABELS, maxExtent=LABELS, labelFontSize=10
    )
    marks = (
        alt.Chart(alt.NamedData(ROWS))
        .mark_tick(height=9, thickness=1.3, opacity=0.9)
        .encode(
            x=_place(labels=False),
            y=alt.Y("label:N", title=None, sort=None, axis=axis),
            color=loud(),
            tooltip=[alt.Tooltip("label:N", title="choice"), alt.Tooltip("place:Q")],
        )
    )
    return alt.layer(marks.add_params(zoom("x"))).properties(width="container", height=alt.Step(13))


def _place(*, labels: bool) -> alt.X:
    """Place on the curve; the same in both halves, whatever stands beside the axis."""
    axis = alt.Axis(
        grid=False, labels=labels, ticks=labels, tickMinStep=1, format="d", labelBound=True
    )
    title = "specifications, the smallest CAAR first" if labels else None
    return alt.X("place:Q", title=title, axis=axis, scale=alt.Scale(nice=False, padding=6))


def _returns(title: str) -> alt.Y:
    axis = alt.Axis(format=PERCENT, tickCount=5)
    return alt.Y("low:Q", title=title, axis=axis, scale=alt.Scale(padding=8))
