"""The pictures of a contagion, as templates that a page fills with rows."""

from __future__ import annotations

from eventlab.report.plotting import (
    BLUE,
    GREY,
    ORANGE,
    ROWS,
    Picture,
    alt,
    bars_axis,
    day0,
    loud,
    zero,
    zoom,
)

__all__ = ["contagion_pictures"]

NETWORK_SIZE = 230  # pixels: a square, so that arrows point where they should
PERIODS = ["calm", "crisis"]


def contagion_pictures() -> dict[str, Picture]:
    """Return name to picture.

    Rows, correlations from -1 to 1, ``loud`` for what is more than chance: ``matrix`` target,
    column, rho, label, verdict, loud; ``breaks`` session, occurrence, calm, crisis, verdict, loud;
    ``connected`` tau, value, low, high; ``dynamic`` tau, correlation, calm, beta; ``lead`` lag
    (minutes), correlation, window; ``moves`` minutes, symbol, move, what; ``network`` kind (node,
    edge or arrow), x, y, x2, y2, angle, label, title.
    """
    return {
        "matrix": _matrix(),
        "breaks": _breaks(),
        "connected": _connected(),
        "dynamic": _dynamic(),
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
    cells = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color(
            "rho:Q",
            # Wider than correlations, so that the text stays readable on the strongest colours.
            scale=alt.Scale(scheme="blueorange", domain=[-1.5, 1.5], reverse=True),
            legend=None,
        )
    )
    box = base.transform_filter("datum.loud").mark_rect(
        fill=None, stroke=ORANGE, strokeWidth=2, cornerRadius=2
    )
    text = base.mark_text(fontSize=11, color="#111").encode(text="label:N")
    return alt.layer(cells, box, text).properties(width="container", height=alt.Step(22))


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
    y = alt.Y("calm:Q", title="correlation", scale=alt.Scale(domain=[-1, 1]))
    rule = base.mark_rule(color=GREY, opacity=0.6).encode(y=y, y2="crisis:Q")
    before = base.mark_point(filled=False, size=34, color=GREY).encode(y="calm:Q")
    after = base.mark_point(filled=True, size=46, opacity=0.95).encode(y="crisis:Q", color=loud())
    return alt.layer(rule, zero(), before, after.add_params(zoom("x"))).properties(
        width="container", height=220
    )


def _connected() -> Picture:
    """Total connectedness around the event, over where placebo dates lie."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        tooltip=[
            alt.Tooltip("tau:Q", title="bar"),
            alt.Tooltip("value:Q", title="TCI, %", format=".1f"),
            alt.Tooltip("low:Q", title="band from", format=".1f"),
            alt.Tooltip("high:Q", title="band to", format=".1f"),
        ],
    )
    axis = alt.Axis(tickCount=5)
    band = base.mark_area(opacity=0.22, color=GREY).encode(
        y=alt.Y("low:Q", title="TCI, %", axis=axis, scale=alt.Scale(zero=False, padding=8)),
        y2="high:Q",
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(
        y=alt.Y("value:Q", title="TCI, %", axis=axis, scale=alt.Scale(zero=False, padding=8))
    )
    return alt.layer(band, day0(), line.add_params(zoom("y"))).properties(
        width="container", height=180
    )


def _dynamic() -> Picture:
    """Conditional correlation around the event, and its mean before."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=bars_axis(),
        tooltip=[
            alt.Tooltip("tau:Q", title="bar"),
            alt.Tooltip("correlation:Q", format=".2f"),
            alt.Tooltip("beta:Q", format=".2f"),
            alt.Tooltip("calm:Q", title="calm mean", format=".2f"),
        ],
    )
    y = alt.Y("correlation:Q", title="correlation", scale=alt.Scale(zero=False, padding=8))
    calm = base.mark_line(color=GREY, strokeDash=[4, 3], opacity=0.8).encode(y="calm:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(y=y)
    return alt.layer(calm, day0(), line.add_params(zoom("y"))).properties(
        width="container", height=140
    )


def _lead() -> Picture:
    """Correlation by lag, calm against crisis: a peak right of zero says that the source leads."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("lag:Q", title="minutes by which the source leads", axis=alt.Axis(grid=False)),
        y=alt.Y("correlation:Q", title="correlation"),
        color=alt.Color(
            "window:N",
            title=None,
            scale=alt.Scale(domain=PERIODS, range=[GREY, BLUE]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[
            alt.Tooltip("lag:Q", title="minutes"),
            alt.Tooltip("correlation:Q", format=".2f"),
            alt.Tooltip("window:N"),
        ],
    )
    line = base.mark_line(strokeWidth=1.8, point={"size": 14})
    return alt.layer(zero(), day0(), line).properties(width="container", height=140)


def _moves() -> Picture:
    """When each link of the chain first moved, in minutes after the news."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X(
            "minutes:Q",
            title="minutes after the news",
            axis=alt.Axis(grid=True),
            scale=alt.Scale(padding=12),
        ),
        y=alt.Y("symbol:N", title=None, sort=None, axis=alt.Axis(labelLimit=160)),
        tooltip=[
            alt.Tooltip("symbol:N"),
            alt.Tooltip("what:N", title="what"),
            alt.Tooltip("minutes:Q", title="minutes after", format=",.0f"),
            alt.Tooltip("move:Q", title="move", format="+.2%"),
        ],
    )
    marks = base.mark_point(filled=True, size=80, opacity=0.9).encode(
        color=alt.condition("datum.move < 0", alt.value(ORANGE), alt.value(BLUE)),
        shape=alt.Shape("what:N", title=None, legend=alt.Legend(orient="top", columns=2)),
    )
    return alt.layer(marks).properties(width="container", height=alt.Step(20))


def _network() -> Picture:
    """Who leads whom: nodes on a circle, arrows from cause to effect."""
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=x, y=y, tooltip=alt.Tooltip("title:N"))
    lines = (
        base.transform_filter("datum.kind == 'edge'")
        .mark_rule(color=BLUE, opacity=0.55, strokeWidth=1.6)
        .encode(x2="x2:Q", y2="y2:Q")
    )
    heads = (
        base.transform_filter("datum.kind == 'arrow'")
        .mark_point(shape="triangle", filled=True, size=60, color=BLUE, opacity=1)
        .encode(angle=alt.Angle("angle:Q", scale=None))
    )
    nodes = base.transform_filter("datum.kind == 'node'")
    dots = nodes.mark_point(filled=True, size=130, opacity=1, color=GREY)
    names = nodes.mark_text(fontSize=10, dy=-12, color="currentColor").encode(text="label:N")
    return alt.layer(lines, heads, dots, names).properties(width=NETWORK_SIZE, height=NETWORK_SIZE)
