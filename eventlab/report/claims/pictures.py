"""The picture of a claim, as a template that a page fills with rows."""

from __future__ import annotations

from eventlab.report.plotting import BLUE, GREY, ORANGE, ROWS, Picture, alt

__all__ = ["claim_pictures"]

AGREES = {"agrees": BLUE, "does not": ORANGE, "open": GREY}


def claim_pictures() -> dict[str, Picture]:
    """Return name to picture.

    ``readings``, ``readings_percent`` (returns) and ``readings_share`` (decimals written in percent
    without a sign): rows of kind ``reading`` (label, reading, value, low, high, answer, words) and
    ``published`` (low, high: the figure; from, to: how far from it still agrees, or null).
    """
    return {
        "readings": _readings(",.2~f"),
        "readings_percent": _readings("+.1~%"),
        "readings_share": _readings(".1~%"),
    }


def _readings(form: str) -> Picture:
    """Every reading with its interval, over what was published."""
    axis = alt.Axis(format=form, tickCount=5, grid=True)
    rows = alt.Chart(alt.NamedData(ROWS))
    return alt.layer(*_published(rows, axis), *_measured(rows, axis, form)).properties(
        width="container", height=alt.Step(27)
    )


def _published(rows: alt.Chart, axis: alt.Axis) -> list[alt.Chart]:
    """Draw the figure or its range, and how far from it still agrees."""
    said = rows.transform_filter("datum.kind == 'published'")
    near = (
        said.transform_filter("isValid(datum.from)")
        .mark_rect(color=GREY, opacity=0.22)
        .encode(x=alt.X("from:Q", axis=axis, title=None), x2="to:Q")
    )
    ends = [
        said.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, color="currentColor").encode(
            x=f"{end}:Q", tooltip=[alt.Tooltip("label:N", title="published")]
        )
        for end in ("low", "high")
    ]
    return [near, *ends]


def _measured(rows: alt.Chart, axis: alt.Axis, form: str) -> list[alt.Chart]:
    """Draw the words of each reading, its interval and its value."""
    base = rows.transform_filter("datum.kind == 'reading'").encode(
        y=alt.Y("label:N", title=None, sort=None, axis=None),
        tooltip=[
            alt.Tooltip("reading:N"),
            alt.Tooltip("value:Q", title="measured", format=form),
            alt.Tooltip("low:Q", title="95% from", format=form),
            alt.Tooltip("high:Q", title="to", format=form),
            alt.Tooltip("answer:N", title="the statement"),
            alt.Tooltip("words:N", title="its words"),
        ],
    )
    # Above its dot and not beside the axis: readings are long, and phones are narrow.
    words = base.mark_text(
        align="left", baseline="bottom", dy=-4, fontSize=10, limit=330, color="currentColor"
    ).encode(x=alt.value(2), text="label:N")
    whisker = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=GREY, opacity=0.6, yOffset=5, y2Offset=5)
        .encode(x="low:Q", x2="high:Q")
    )
    answers = alt.Scale(domain=[*AGREES], range=[*AGREES.values()])
    allowed = alt.Scale(domain=["allow it", "do not"], range=["circle", "diamond"])
    dot = base.mark_point(filled=True, size=62, opacity=1, yOffset=5).encode(
        x=alt.X("value:Q", title=None, axis=axis, scale=alt.Scale(zero=False, padding=12)),
        color=alt.Color("answer:N", scale=answers, legend=None),
        shape=alt.Shape("words:N", scale=allowed, legend=None),
    )
    return [words, whisker, dot]
