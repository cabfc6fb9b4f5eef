"""Who leads whom as a picture: nodes on a circle, an arrow for every cause that stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion.layout import at, rows_of
from eventlab.report.numbers import pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from eventlab.contagion.results import EventContagion

__all__ = ["network_rows"]

Rows = list[dict[str, Any]]
Point = tuple[float, float]
ARROW: Final = 0.13  # how far before the effect's node an arrow ends, the radius being 1
MIDDLE: Final = 0.3  # nodes nearer to the vertical have their names above or below
MOST_ARROWS: Final = 120  # the surest ones; all of them are in a table


def network_rows(
    result: EventContagion, occurrence: str, periods: Sequence[str]
) -> dict[str, Rows]:
    """Return period to nodes and arrows; nothing at all where no arrow stands in any period.

    Drawn are the source, the targets that the definition names, and whoever has an arrow, at the
    same place in every period.
    """
    table = at(result.network, occurrence)
    if table.empty or not table["edge"].any():
        return {}
    arrows = table[table["edge"]]
    definition = result.event.contagion
    named = set(definition.targets) if definition is not None else set()
    named |= {result.pairs["source"].iloc[0], *arrows["cause"], *arrows["effect"]}
    known = dict.fromkeys([*table["cause"], *table["effect"]])
    names = [name for name in known if name in named]
    place = {name: _on_circle(k, len(names)) for k, name in enumerate(names)}
    tested = set(table.loc[table["pvalue"].notna(), "period"])
    return {
        period: [*_arrows(arrows[arrows["period"] == period], place), *_nodes(place)]
        for period in periods
        if period in tested
    }


def _on_circle(k: int, n: int) -> Point:
    turn = math.pi / 2 - 2 * math.pi * k / n
    return round(math.cos(turn), 4), round(math.sin(turn), 4)


def _nodes(place: dict[str, Point]) -> Iterator[dict[str, Any]]:
    for name, (x, y) in place.items():
        side = ("right" if x > 0 else "left") if abs(x) > MIDDLE else ("top" if y > 0 else "bottom")
        yield {"kind": "node", "x": x, "y": y, "label": name, "title": name, "side": side}


def _arrows(table: pd.DataFrame, place: dict[str, Point]) -> Rows:
    rows: Rows = []
    for row in rows_of(table.sort_values("adjusted_pvalue", kind="stable").head(MOST_ARROWS)):
        said = f"{row['cause']} leads {row['effect']}, p {pvalue(row['adjusted_pvalue'])}"
        rows += _arrow(place[row["cause"]], place[row["effect"]], said)
    return rows


def _arrow(start: Point, end: Point, title: str) -> Iterator[dict[str, Any]]:
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    share = max(0.0, 1.0 - ARROW / length)
    x, y = (round(a + share * (b - a), 4) for a, b in zip(start, end, strict=True))
    # Angles run clockwise from the top, where a triangle points.
    angle = round(math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])), 1)
    yield {"kind": "edge", "x": start[0], "y": start[1], "x2": x, "y2": y, "title": title}
    yield {"kind": "arrow", "x": x, "y": y, "angle": angle, "title": title}
