"""Draw the power of the tests of the headline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import altair as alt

from benchmarks.size_battery import all_tests
from benchmarks.size_designs import designs
from benchmarks.size_judge import share

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.size_counts import Counts

__all__ = ["draw_power"]

PANELS: Final = {
    "50 events": "null",
    "10 events": "null-n10",
    "50 events, one date, correlation .05": "rho.05",
    "10 events, one date, correlation .05": "drawn",
}
TESTS: Final = {
    "BMP": "bmp",
    "Kolari-Pynnonen": "kolari_pynnonen_bmp",
    "GRANK-T": "grank_t",
    "placebo": "placebo",
}
EFFECTS: Final = (0.0, 0.005, 0.01, 0.02)
COLOURS: Final = ("#7f7f7f", "#2a87c8", "#D55E00", "#009E73")  # Okabe & Ito's, as on the pages


def draw_power(counts: dict[str, Counts], path: Path) -> None:
    """Write an SVG: rejection rate against the effect, for tests that keep their level there."""
    panels = [one_panel(title, counts, base) for title, base in PANELS.items()]
    alt.concat(*panels, columns=2).configure(background="white").save(str(path))


def one_panel(title: str, counts: dict[str, Counts], base: str) -> alt.LayerChart | alt.FacetChart:
    rows = [row for name, test in TESTS.items() for row in curve(counts, base, test, name=name)]
    lines = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "effect:Q",
            title="abnormal return on day 0",
            axis=alt.Axis(format="+.1%", values=list(EFFECTS)),
        ),
        y=alt.Y(
            "rate:Q",
            title="rejects at 5%",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        color=alt.Color(
            "test:N",
            title=None,
            scale=alt.Scale(domain=list(TESTS), range=list(COLOURS)),
            legend=alt.Legend(orient="bottom"),
        ),
    )
    level = (
        alt.Chart(alt.InlineData(values=[{"rate": 0.05}]))
        .mark_rule(strokeDash=[3, 3], color="#7f7f7f")
        .encode(y="rate:Q")
    )
    chart = alt.layer(level, lines.mark_line(), lines.mark_point(filled=True, size=30))
    return chart.properties(width=250, height=150, title=title)


def curve(counts: dict[str, Counts], base: str, test: str, *, name: str) -> list[dict[str, object]]:
    """Return the points of one test; none where it is seldom in the headline without an effect.

    Without correlation Kolari-Pynnonen is BMP, and one line is enough.
    """
    if base not in counts or (test == "kolari_pynnonen_bmp" and designs()[base].rho == 0.0):
        return []
    if 2 * counts[base].offered[0, all_tests().index(test)] < counts[base].samples:
        return []
    found: list[dict[str, object]] = []
    for effect in EFFECTS:
        key = f"{base}+{100 * effect:g}" if effect else base
        if key in counts:
            rate, _ = share(counts[key], 0, test)
            found.append({"test": name, "effect": effect, "rate": rate})
    return found
