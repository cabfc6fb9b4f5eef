"""The plan of a strategy that is written in Python: a rule that is asked at every close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.hedge.episodes import Accepted, merge
from eventlab.hedge.known import RuleWindow, rule_targets
from eventlab.hedge.plan import LEAD, Draft, place
from eventlab.hedge.runs import Decided
from eventlab.hedge.timing import spans_of
from eventlab.hedge.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventlab.hedge.episodes import Episode
    from eventlab.hedge.known import Rule
    from eventlab.hedge.setting import Setting

__all__ = ["decide_by_rule"]


def decide_by_rule(setting: Setting, rule: Rule) -> Decided:
    """Ask a rule at every close from `LEAD` bars before the first window to the end of prices.

    Windows are those of ``when``; the rule is shown them, and what it holds outside of them is its
    own affair.
    """
    spans, without = spans_of(
        setting.strategy, setting.occasions.every, setting.grid, setting.states
    )
    left_out = [(name, "all", why) for name, why in (*setting.occasions.outside, *without)]
    episodes = merge(Accepted(span, 1.0, np.empty(0), span.note) for span in spans)
    last = len(setting.grid) - 2
    windows = [
        RuleWindow(
            event=span.occasion.event,
            occurrence=span.occasion.occurrence,
            tags=span.occasion.tags,
            first=span.decided,
            last=min(span.leave, last),
            day0=span.occasion.day0,
            news_instant=span.occasion.news.latest,
        )
        for span in spans
    ]
    first = max(min((span.decided for span in spans), default=last) - LEAD, 0)
    found = rule_targets(rule, setting.grid, range(first, last + 1), windows=windows)
    drafts = list(window_drafts(setting, episodes, first))
    everything = np.ones(len(setting.grid.symbols), dtype=np.bool_)
    for row, targets in zip(found.decided, found.targets, strict=True):
        number = next((n for n, one in enumerate(episodes) if inside(one, int(row))), -1)
        drafts.append(Draft(int(row), Kind.REBALANCE, number, targets, everything))
    drafts.sort(key=lambda each: each.decided)
    planned = place(setting, drafts)
    return Decided(setting, setting, episodes, planned, tuple(left_out), by_rule=True)


def window_drafts(setting: Setting, episodes: Sequence[Episode], first: int) -> Iterator[Draft]:
    """Mark the first bar, and where episodes begin and end; the rule's own decisions trade."""
    legs = len(setting.grid.symbols)
    nothing, of_equity = np.full(legs, np.nan), np.ones(legs, dtype=np.bool_)
    if episodes:
        yield Draft(first, Kind.START, -1, nothing, of_equity)
    for number, episode in enumerate(episodes):
        yield Draft(episode.first.span.decided, Kind.ENTER, number, nothing, of_equity)
        yield Draft(episode.leave - 1, Kind.EXIT, number, nothing, of_equity)


def inside(episode: Episode, row: int) -> bool:
    """Whether a decision belongs to an episode."""
    return episode.first.span.decided <= row < episode.leave
