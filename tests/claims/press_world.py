"""A workspace with claims in an event file and in a file of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.definitions.workspace import load_workspace
from tests.claims.model_world import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.definitions.workspace import Workspace

IN_EVENT = """\
source: The wire
claims:
  - {id: fell, statement: s, measure: return, symbols: ["@issuer"], occurrence: two, window: [0, 0],
     published: negative}
  - {id: mine, statement: s, source: A friend, measure: none, needs: x}
"""
PRESS = """\
title: Press
source: A newspaper
claims:
  - {id: car, statement: s, measure: event_car, event: news, symbols: ["@issuer", YYY],
     window: [0, 1], published: none}
  - {id: funding, statement: s, measure: funding_sign, symbols: [ZZZ], window: 1 week,
     as_of: 2023-06-01, published: negative}
  - {id: verdict, statement: s, measure: contagion_verdict, event: news, occurrence: one,
     symbols: ["@followers"], published: contagion}
"""


def press_space(folder: Path) -> Workspace:
    """Write it into a folder, and read it."""
    workspace(folder)
    news = folder / "events/news.yaml"
    news.write_text(news.read_text("utf-8") + IN_EVENT, "utf-8")
    (folder / "events/claims-press.yaml").write_text(PRESS, "utf-8")
    return load_workspace(folder)
