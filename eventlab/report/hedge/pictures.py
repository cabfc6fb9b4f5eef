"""The pictures of a strategy, as templates that a page fills with rows."""

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
    heat,
    zero,
    zoom,
)

__all__ = ["strategy_pictures"]

PERCENT: Final = "+.1%"
LABELS: Final = 62  # width of what stands beside curves, so that they line up below each other
RUNS: Final = [BLUE, ORANGE, GREY, PURPLE]  # the strategy, its book alone, cash, always
PARTS: Final = {"book": ORANGE, "added": BLUE, "costs": GREY}
# A log axis is read at 1, 2 and 5.
FEW_LOG: Final = (
    "indexof(['1.0', '2.0', '5.0'], substring(format(datum.value, '.1e'), 0, 3)) >= 0 ? "
    "format(datum.value, '.3~s') : ''"
)
SIGNED: Final = "datum.value == 0 ? '0%' : format(datum.value, '+.3~%')"
SHORT: Final = "datum.value == 0 ? '0' : format(datum.value, '.3~s')"


def strategy_pictures() -> dict[str, Picture]:
    """Return name to picture.

    Rows, instants as days: ``equity`` and ``fall`` kind (run, event), session, and of runs run,
    value (money), drawdown, of events from, to, name; ``equity_log`` the same on a log scale;
    ``gains`` place, day, name, role (book, added, costs), part, share, net, book (decimals of
    equity); ``hedge_ratios`` session, name, used, right; ``exposure`` session, gross, net;
    ``spent`` kind, run, amount (money); ``sets`` x, y, set, shade (-1 to 1), label, loud, sharpe,
    added; ``logits`` from, to, count, below; ``folds`` fold, events, what, place, sharpe.
    """
    return {
        "equity": _equity(log=False),
        "equity_log": _equity(log=True),
        "fall": _fall(),
        "gains": _gains(),
        "hedge_ratios": _hedge_ratios(),
        "exposure": _exposure(),
        "spent": _spent(),
        "sets": _sets(),
        "logits": _logits(),
        "folds": _folds(),
    }


def _time(field: str = "session") -> alt.X:
    axis = alt.Axis(grid=False, labelOverlap=True, tickCount=8)
    return alt.X(f"{field}:T", title=None, axis=axis, scale=alt.Scale(nice=False))


def _beside(format_: str = "", **more: Any) -> alt.Axis:
    own: dict[str, Any] = {"format": format_} if format_ else {}
    return alt.Axis(tickCount=5, minExtent=LABELS, maxExtent=LABELS, **own, **more)


def _shaded() -> alt.Chart:
    """Shade the bars around events."""
    chart: alt.Chart = (
        alt.Chart(alt.NamedData(ROWS))
        .transform_filter("datum.kind == 'event'")
        .mark_rect(color=GREY, stroke=GREY, strokeWidth=1, opacity=0.22)  # a day is no pixel wide
        .encode(
            x=_time("from"),
            x2="to:T",
            tooltip=[
                alt.Tooltip("name:N", title="event"),
                alt.Tooltip("from:T", title="from", format="%Y-%m-%d"),
                alt.Tooltip("to:T", title="to", format="%Y-%m-%d"),
            ],
        )
    )
    return chart


def _runs() -> Any:
    return alt.Color(
        "run:N",
        title=None,
        sort=None,
        scale=alt.Scale(range=RUNS),
        legend=alt.Legend(orient="top", columns=2, symbolStrokeWidth=3, labelLimit=150),
    )


def _of_runs() -> alt.Chart:
    chart: alt.Chart = alt.Chart(alt.NamedData(ROWS)).transform_filter("datum.kind == 'run'")
    return chart


def _equity(*, log: bool) -> Picture:
    """Equity of every run over the shaded event windows."""
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)
    axis = _beside(labelExpr=FEW_LOG if log else SHORT)
    axis.tickCount = 8 if log else 5  # more are evenly spaced: not at 1, 2 and 5
    lines = (
        _of_runs()
        .mark_line(strokeWidth=1.6)
        .encode(
            x=_time(),
            y=alt.Y("value:Q", title=None, scale=scale, axis=axis),
            color=_runs(),
            tooltip=[
                alt.Tooltip("run:N"),
                alt.Tooltip("session:T", title="close of", format="%Y-%m-%d"),
                alt.Tooltip("value:Q", title="equity", format=",.0f"),
                alt.Tooltip("drawdown:Q", format=PERCENT),
            ],
        )
    )
    return alt.layer(_shaded(), lines.add_params(zoom("x"))).properties(
        width="container", height=260
    )


def _fall() -> Picture:
    """Drawdown of every run, on the same bars as ``equity``."""
    y = alt.Y("drawdown:Q", title=None, axis=_beside(".0%"), scale=alt.Scale(domainMax=0))
    lines = (
        _of_runs()
        .mark_line(strokeWidth=1.3)
        .encode(
            x=_time(),
            y=y,
            color=alt.Color("run:N", sort=None, scale=alt.Scale(range=RUNS), legend=None),
            tooltip=[
                alt.Tooltip("run:N"),
                alt.Tooltip("session:T", title="close of", format="%Y-%m-%d"),
                alt.Tooltip("drawdown:Q", format=PERCENT),
            ],
        )
    )
    return alt.layer(_shaded(), lines.add_params(zoom("x"))).properties(
        width="container", height=130
    )


def _gains() -> Picture:
    """Event by event: what the book did, what was added, what it cost, and what was left."""
    tip = [
        alt.Tooltip("name:N", title="event"),
        alt.Tooltip("day:N", title="day 0"),
        alt.Tooltip("book:Q", title="the book alone", format="+.2%"),
        alt.Tooltip("part:N"),
        alt.Tooltip("share:Q", title="of equity", format="+.2%"),
        alt.Tooltip("net:Q", title="left in all", format="+.2%"),
    ]
    # A row per event carries its day for the axis; bars are as wide as there is room.
    x = alt.X(
        "place:O",
        title=None,
        sort=None,
        axis=alt.Axis(
            labelExpr="split(datum.value, '|')[1]", labelAngle=-90, labelOverlap=True, ticks=False
        ),
    )
    base = alt.Chart(alt.NamedData(ROWS)).encode(x=x, tooltip=tip)
    bars = base.mark_bar(opacity=0.85).encode(
        y=alt.Y("share:Q", title=None, stack="zero", axis=_beside(labelExpr=SIGNED)),
        color=alt.Color(
            "role:N",
            scale=alt.Scale(domain=[*PARTS], range=[*PARTS.values()]),
            legend=None,
        ),
    )
    left = base.mark_point(
        filled=True, shape="diamond", size=52, opacity=1, color="currentColor"
    ).encode(y="net:Q")
    return alt.layer(bars, zero(), left).properties(width="container", height=280)


def _hedge_ratios() -> Picture:
    """Ratio used at each entry, and the one that would have been right."""
    axis = alt.Axis(grid=False, labelOverlap=True, tickCount=8)
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("session:T", title=None, axis=axis, scale=alt.Scale(nice=False, padding=8)),
        tooltip=[
            alt.Tooltip("name:N", title="event"),
            alt.Tooltip("session:T", title="decided", format="%Y-%m-%d"),
            alt.Tooltip("used:Q", title="used", format=".2f"),
            alt.Tooltip("right:Q", title="right", format=".2f"),
        ],
    )
    y = alt.Y("used:Q", title=None, axis=_beside(), scale=alt.Scale(padding=8))
    apart = base.mark_rule(color=GREY, opacity=0.5).encode(y=y, y2="right:Q")
    right = base.mark_point(filled=False, size=34, color=ORANGE).encode(y="right:Q")
    used = base.mark_point(filled=True, size=42, opacity=0.95, color=BLUE).encode(y=y)
    return alt.layer(apart, zero(), right, used.add_params(zoom("x"))).properties(
        width="container", height=190
    )


def _exposure() -> Picture:
    """Gross and net exposure over equity."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=_time(),
        tooltip=[
            alt.Tooltip("session:T", title="close of", format="%Y-%m-%d"),
            alt.Tooltip("gross:Q", format=".0%"),
            alt.Tooltip("net:Q", format=".0%"),
        ],
    )
    y = alt.Y("gross:Q", title=None, axis=_beside(".0%"))
    gross = base.mark_area(color=GREY, opacity=0.3, interpolate="step-after").encode(y=y)
    net = base.mark_line(color=BLUE, strokeWidth=1.3, interpolate="step-after").encode(y="net:Q")
    return alt.layer(gross, zero(), net.add_params(zoom("x"))).properties(
        width="container", height=130
    )


def _spent() -> Picture:
    """Costs by kind, of the strategy and of what it is compared with."""
    runs = alt.Scale(range=[BLUE, ORANGE, PURPLE])
    marks = (
        alt.Chart(alt.NamedData(ROWS))
        .mark_bar(opacity=0.85)
        .encode(
            y=alt.Y("kind:N", title=None, sort=None),
            yOffset=alt.YOffset("run:N", sort=None),
            x=alt.X(
                "amount:Q", title="paid, in money", axis=alt.Axis(tickCount=5, labelExpr=SHORT)
            ),
            color=alt.Color(
                "run:N",
                title=None,
                sort=None,
                scale=runs,
                legend=alt.Legend(orient="top", columns=2, labelLimit=150),
            ),
            tooltip=[
                alt.Tooltip("kind:N"),
                alt.Tooltip("run:N"),
                alt.Tooltip("amount:Q", title="paid", format=",.0f"),
            ],
        )
    )
    return alt.layer(marks).properties(width="container", height=alt.Step(11))


def _sets() -> Picture:
    """Sharpe ratio over two swept values; the best set is framed."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("x:N", title=None, axis=alt.Axis(orient="top", labelAngle=0), sort=None),
        y=alt.Y("y:N", title=None, sort=None),
        tooltip=[
            alt.Tooltip("set:N"),
            alt.Tooltip("sharpe:Q", title="Sharpe", format=".2f"),
            alt.Tooltip("added:Q", title="added P&L", format="+,.0f"),
        ],
    )
    return heat(base, "shade", 1.6)


def _logits() -> Picture:
    """How often the best in sample was which place out of sample, split by split."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("from:Q", title="logit of the place out of sample", axis=alt.Axis(grid=False)),
        x2="to:Q",
        y=alt.Y("count:Q", title="splits", axis=alt.Axis(tickCount=5)),
        y2=alt.datum(0),
        color=alt.condition("datum.below", alt.value(ORANGE), alt.value(BLUE)),
        tooltip=[
            alt.Tooltip("from:Q", format=".2f"),
            alt.Tooltip("to:Q", format=".2f"),
            alt.Tooltip("count:Q", title="splits"),
        ],
    )
    return alt.layer(base.mark_rect(opacity=0.85)).properties(width="container", height=180)


def _folds() -> Picture:
    """Walk forward: the chosen set in sample, out of sample, and the book alone."""
    base = alt.Chart(alt.NamedData(ROWS)).encode(
        x=alt.X("fold:O", title="fold", axis=alt.Axis(labelAngle=0)),
        tooltip=[
            alt.Tooltip("events:N", title="tested on"),
            alt.Tooltip("what:N"),
            alt.Tooltip("sharpe:Q", title="Sharpe a year", format=".2f"),
        ],
    )
    # By role, not by what is there: a first fold may have nothing in sample.
    legend = alt.Legend(
        orient="top", columns=1, labelExpr="substring(datum.label, 2)", labelLimit=190
    )
    marks = base.mark_point(filled=True, size=80, opacity=0.9).encode(
        y=alt.Y("sharpe:Q", title="Sharpe a year", axis=alt.Axis(tickCount=5)),
        color=alt.Color(
            "place:N", title=None, scale=alt.Scale(range=[GREY, BLUE, ORANGE]), legend=legend
        ),
        shape=alt.Shape("place:N", title=None, legend=legend),
    )
    return alt.layer(zero(), marks).properties(width="container", height=180)
