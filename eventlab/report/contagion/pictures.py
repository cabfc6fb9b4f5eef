"""The pictures of a contagion, as templates that a page fills with rows."""

from __future__ import annotations

from typing import Any, Final

from eventlab.report.plotting import (
    BLUE,
    GREY,
    ORANGE,
    PURPLE,
    ROWS,
    Picture,
    alt,
    bars_axis,
    day0,
    heat,
    loud,
    zero,
    zoom,
)

__all__ = ["contagion_pictures"]

# Pixels and units of the network: as many per unit on both axes, so that arrows point where they
# should, and room for names beside the circle.
NETWORK = {"width": 300, "height": 250}
NETWORK_UNITS = {"x": 1.8, "y": 1.5}
WINDOWS = ["calm", "crisis"]
MINUTES = [1, 5, 15, 60, 240, 720, 1440, 2880, 7200]
IN_WORDS = (
    "datum.value < 60 ? datum.value + ' min' : datum.value < 1440 ? datum.value / 60 + ' h' : "
    "datum.value / 1440 + ' d'"
)


def contagion_pictures() -> dict[str, Picture]:
    """Return name to picture.

    Rows, correlations from -1 to 1, ``loud`` for what is more than chance: ``matrix`` target,
    column, rho, label, verdict, loud; ``breaks`` session, occurrence, calm, crisis, verdict, loud;
    ``connected`` tau, value, low, high; ``dynamic`` and ``conditional_beta`` tau, dcc, cdcc, adcc
    (correlations), calm, beta; ``lead`` lag (bars), minutes, correlation, low, high, window;
    ``betas`` tau, factor, beta, low, high, share; ``moves`` minutes, symbol, move, down, what;
    ``network`` kind (node, edge or arrow), x, y, x2, y2, angle, label, side, title.
    """
    return {
        "matrix": _matrix(),
        "breaks": _breaks(),
        "connected": _connected(),
        "dynamic": _dynamic(),
        "conditional_beta": _conditional_beta(),
        "betas": _betas(),
        "lead": _lead(),
        "moves": _moves(),
        "network": _network(),
    }


def _matrix() -> Picture:
    """Targets by calm, crisis and adjusted correlation, framed where the change is loud."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("column:N", title=None, axis=alt.Axis(orient="top", labelAngle=0), sort=None),
        y=alt.Y("target:N", title=None, sort=None),
        tooltip=[
            alt.Tooltip("target:N"),
            alt.Tooltip("column:N", title="window"),
            alt.Tooltip("rho:Q", title="correlation", format=".2f"),
            alt.Tooltip("verdict:N"),
        ],
    )
    return heat(base, "rho", 1.5)


def _breaks() -> Picture:
    """One pair's correlation before and after each occurrence, over time."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X(
            "session:T",
            title=None,
            axis=alt.Axis(grid=False, format="%Y-%m"),
            scale=alt.Scale(padding=10),
        ),
        tooltip=[
            alt.Tooltip("occurrence:N"),
            alt.Tooltip("session:T", title="day 0", format="%Y-%m-%d"),
            alt.Tooltip("calm:Q", title="before", format=".2f"),
            alt.Tooltip("crisis:Q", title="after", format=".2f"),
            alt.Tooltip("verdict:N"),
        ],
    )
    y = alt.Y("calm:Q", title="correlation", axis=alt.Axis(tickCount=5), scale=alt.Scale(padding=8))
    rule = base.mark_rule(color=GREY, opacity=0.6).encode(y=y, y2="crisis:Q")
    before = base.mark_point(filled=False, size=34, color=GREY).encode(y="calm:Q")
    after = base.mark_point(filled=True, size=46, opacity=0.95).encode(y="crisis:Q", color=loud())
    return alt.layer(rule, zero(), before, after.add_params(zoom("x"))).properties(
        width="container", height=160
    )


def _connected() -> Picture:
    """Connectedness around the event, over where placebo dates lie."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        tooltip=[
            alt.Tooltip("tau:Q", title="bar"),
            alt.Tooltip("value:Q", title="percent", format=".1f"),
            alt.Tooltip("low:Q", title="band from", format=".1f"),
            alt.Tooltip("high:Q", title="band to", format=".1f"),
        ],
    )
    axis = alt.Axis(tickCount=5)
    band = base.mark_area(opacity=0.22, color=GREY).encode(
        y=alt.Y("low:Q", title="percent", axis=axis, scale=alt.Scale(zero=False, padding=8)),
        y2="high:Q",
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(
        y=alt.Y("value:Q", title="percent", axis=axis, scale=alt.Scale(zero=False, padding=8))
    )
    return alt.layer(band, day0(), line.add_params(zoom("y"))).properties(
        width="container", height=160
    )


def _dynamic() -> Picture:
    """Conditional correlation around the event in three models, and its mean before."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        tooltip=[
            alt.Tooltip("tau:Q", title="bar"),
            alt.Tooltip("dcc:Q", title="DCC", format=".2f"),
            alt.Tooltip("cdcc:Q", title="cDCC", format=".2f"),
            alt.Tooltip("adcc:Q", title="ADCC", format=".2f"),
            alt.Tooltip("calm:Q", title="calm mean of DCC", format=".2f"),
        ],
    )
    calm = base.mark_line(color=GREY, strokeDash=[4, 3], opacity=0.8).encode(y="calm:Q")
    others = [
        base.mark_line(color=color, strokeWidth=1.3, strokeDash=dash).encode(y=f"{name}:Q")
        for name, color, dash in (("cdcc", PURPLE, [6, 2]), ("adcc", ORANGE, [2, 2]))
    ]
    y = alt.Y("dcc:Q", title="correlation", scale=alt.Scale(zero=False, padding=8))
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(y=y)
    return alt.layer(calm, day0(), *others, line.add_params(zoom("y"))).properties(
        width="container", height=140
    )


def _conditional_beta() -> Picture:
    """Conditional beta of the target on the source around the event."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        tooltip=[alt.Tooltip("tau:Q", title="bar"), alt.Tooltip("beta:Q", format=".2f")],
    )
    y = alt.Y("beta:Q", title="beta", scale=alt.Scale(zero=False, padding=8))
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(y=y)
    return alt.layer(day0(), line.add_params(zoom("y"))).properties(width="container", height=140)


def _lead() -> Picture:
    """Correlation by lag, calm against crisis: a peak right of zero says that the source leads."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X(
            "lag:Q", title="bars by which the source leads", axis=alt.Axis(grid=False, format="d")
        ),
        tooltip=[
            alt.Tooltip("minutes:Q", title="minutes", format=",.0f"),
            alt.Tooltip("correlation:Q", format=".2f"),
            alt.Tooltip("window:N"),
        ],
    )
    y = alt.Y("correlation:Q", title="correlation", axis=alt.Axis(tickCount=5))
    noise = (
        base.transform_filter("datum.window == 'crisis'")
        .mark_area(color=GREY, opacity=0.2)
        .encode(y=alt.Y("low:Q", title="correlation"), y2="high:Q")
    )
    line = base.mark_line(strokeWidth=1.8, point={"size": 14}).encode(
        y=y,
        color=alt.Color(
            "window:N",
            title=None,
            scale=alt.Scale(domain=WINDOWS, range=[GREY, BLUE]),
            legend=alt.Legend(orient="top"),
        ),
    )
    return alt.layer(noise, zero(), day0(), line.add_params(zoom("y"))).properties(
        width="container", height=140
    )


def _betas() -> Picture:
    """Two betas of one asset through time, with their bands."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        color=alt.Color(
            "factor:N",
            title=None,
            sort=None,
            scale=alt.Scale(range=[BLUE, ORANGE]),
            legend=alt.Legend(orient="top", symbolOpacity=1, symbolType="square"),
        ),
        tooltip=[
            alt.Tooltip("factor:N"),
            alt.Tooltip("tau:Q", title="bar"),
            alt.Tooltip("beta:Q", format=".2f"),
            alt.Tooltip("low:Q", title="from", format=".2f"),
            alt.Tooltip("high:Q", title="to", format=".2f"),
            alt.Tooltip("share:Q", title="share of variance", format=".0%"),
        ],
    )
    band = base.mark_area(opacity=0.16).encode(y=alt.Y("low:Q", title="beta"), y2="high:Q")
    line = base.mark_line(strokeWidth=2).encode(y=alt.Y("beta:Q", title="beta"))
    return alt.layer(band, zero(), day0(), line.add_params(zoom("y"))).properties(
        width="container", height=150
    )


def _moves() -> Picture:
    """When each link of the chain first moved, in minutes after the news."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X(
            "minutes:Q",
            title="after the news (axis squeezed to the right)",
            axis=alt.Axis(
                grid=True, values=MINUTES, labelExpr=IN_WORDS, labelOverlap=True, labelFlush=True
            ),
            scale=alt.Scale(type="symlog", constant=5, padding=14, domainMin=0),
        ),
        y=alt.Y("symbol:N", title=None, sort=None, axis=alt.Axis(labelLimit=160, grid=True)),
        tooltip=[
            alt.Tooltip("symbol:N"),
            alt.Tooltip("what:N", title="what"),
            alt.Tooltip("minutes:Q", title="minutes after", format=",.0f"),
            alt.Tooltip("move:N", title="move"),
        ],
    )
    marks = base.mark_point(filled=True, size=80, opacity=0.9).encode(
        color=alt.condition("datum.down", alt.value(ORANGE), alt.value(BLUE)),
        shape=alt.Shape(
            "what:N", title=None, sort=None, legend=alt.Legend(orient="top", columns=2)
        ),
    )
    return alt.layer(marks).properties(width="container", height=alt.Step(18))


def _network() -> Picture:
    """Who leads whom: nodes on a circle, arrows from cause to effect."""
    scales = {
        name: alt.Scale(domain=[-size, size], nice=False) for name, size in NETWORK_UNITS.items()
    }
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("x:Q", axis=None, scale=scales["x"]),
        y=alt.Y("y:Q", axis=None, scale=scales["y"]),
        tooltip=alt.Tooltip("title:N"),
    )
    lines = (
        base.transform_filter("datum.kind == 'edge'")
        .mark_rule(color=BLUE, opacity=0.6, strokeWidth=1.4)
        .encode(x2="x2:Q", y2="y2:Q")
    )
    heads = (
        base.transform_filter("datum.kind == 'arrow'")
        .mark_point(shape="triangle", filled=True, size=46, color=BLUE, opacity=1)
        .encode(angle=alt.Angle("angle:Q", scale=None))
    )
    dots = base.transform_filter("datum.kind == 'node'").mark_point(
        filled=True, size=70, opacity=1, color=GREY
    )
    names = [_names(base, *side) for side in SIDES]
    return alt.layer(lines, heads, dots, *names).properties(**NETWORK)


# Where the names of nodes stand, so that none lies on its arrows.
SIDES: Final = (
    ("right", "left", 8, 0),
    ("left", "right", -8, 0),
    ("top", "center", 0, -12),
    ("bottom", "center", 0, 13),
)


def _names(base: alt.Chart, side: str, align: Any, dx: int, dy: int) -> alt.Chart:
    text: alt.Chart = (
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(fontSize=10, align=align, dx=dx, dy=dy, baseline="middle", color="currentColor")
        .encode(text="label:N")
    )
    return text
