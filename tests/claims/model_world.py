"""A made-up market in which one stock falls at its news and another follows, and an event of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.claims.bench import Bench
from eventlab.definitions.claim import ClaimDefinition
from eventlab.definitions.questions import Question
from eventlab.definitions.workspace import load_workspace
from eventlab.timeline.clock import make_clock
from tests.market.series import daily, market

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from eventlab.definitions.workspace import Workspace
    from eventlab.market.types import Market

FIRST: Final = date(2022, 1, 3)
SESSIONS: Final = 460
NEWS: Final = (320, 360, 400)  # rows of day 0
SYMBOLS: Final = ("MKT", "XXX", "YYY", "ZZZ")
CLOCK = make_clock("XNYS", FIRST, date(2024, 6, 28))
EVENT = """\
event: news
title: News of XXX
kind: shock
issuer: XXX
defaults: {zone: America/New_York, precision: minute}
occurrences:
  - {id: one, announced_at: "DAY0 12:00", tags: [bad]}
  - {id: two, announced_at: "DAY1 12:00", tags: [bad]}
  - {id: three, announced_at: "DAY2 12:00"}
study:
  assets: [XXX, YYY]
  benchmark: MKT
  estimation_window: [-200, -11]
  car_windows: [[0, 0], [0, 1]]
  by_tag: [bad]
  placebo: {draws: 200}
contagion:
  source: XXX
  targets: [YYY, ZZZ]
  calm_window: [-120, -6]
  crisis_window: [0, 10]
  draws: 200
"""
PLAIN = """\
event: plain
title: Without sections
kind: other
occurrences: [{id: a, announced_at: "2023-06-01 12:00", zone: America/New_York}]
"""
UNIVERSE = "universe: pair\ntitle: Two\nsymbols: {MKT: {}, XXX: {}, YYY: {}, ZZZ: {}}\n"
FOLLOWERS = "universe: followers\ntitle: Who follows\nsymbols: {YYY: {}, ZZZ: {}}\n"


def returns() -> dict[str, npt.NDArray[np.float64]]:
    """(T,) simple returns of each symbol; the first has no base and is no return of the panel."""
    random = np.random.default_rng(7)
    common = 0.01 * random.standard_normal(SESSIONS)
    own = {name: 0.01 * random.standard_normal(SESSIONS) for name in ("XXX", "YYY", "ZZZ")}
    found = {"MKT": common}
    found |= {
        name: beta * common + own[name] for name, beta in (("XXX", 1.2), ("YYY", 0.8), ("ZZZ", 0.5))
    }
    for row in NEWS:
        found["XXX"][row] -= 0.08
        after = slice(row, row + 11)  # YYY moves as XXX does for eleven bars
        found["YYY"][after] = 0.9 * found["XXX"][after] + 0.1 * own["YYY"][after]
    return found


def world(moves: dict[str, npt.NDArray[np.float64]] | None = None) -> Market:
    """Daily prices of these returns."""
    every = returns() if moves is None else moves
    return market(
        *(
            daily(name, "XNYS", FIRST, list(100.0 * np.cumprod(1.0 + path)))
            for name, path in every.items()
        )
    )


def workspace(folder: Path) -> Workspace:
    """The workspace of the event and its groups."""
    text = EVENT
    for place, row in enumerate(NEWS):
        text = text.replace(f"DAY{place}", str(CLOCK.sessions[row]))
    for name, content in (
        ("events/news.yaml", text),
        ("events/plain.yaml", PLAIN),
        ("universes/pair.yaml", UNIVERSE),
        ("universes/followers.yaml", FOLLOWERS),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return load_workspace(folder)


def bench_of(folder: Path, prices: Market | None = None) -> Bench:
    """All of it."""
    return Bench(prices or world(), workspace(folder), SYMBOLS)


def ask(
    bench: Bench, measure: str, *symbols: str, event: str | None = "news", **said: Any
) -> Question:
    """Return a question about the event."""
    given: dict[str, Any] = {"id": "a", "statement": "s", "measure": measure, **said}
    claim = ClaimDefinition(symbols=symbols, event=event, **given)
    definition = bench.workspace.events.get(event or "")
    each = () if definition is None else definition.resolved_occurrences()
    occurrence = next((one for one in each if one.id == claim.occurrence), None)
    return Question("owner", claim, "", definition, occurrence)
