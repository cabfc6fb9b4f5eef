"""Plans of many parameter sets of one strategy, which share what they have in common.

A set is planned by the planner of a backtest, once per layout: what sets with the same timing on
the same prices have in common. Sets of one layout differ in the ratios of their hedge alone, and
those are filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from eventlab.definitions.strategy import StateDefinition
from eventlab.errors import DataError, EventlabError, UsageError
from eventlab.hedge.carry import build_carry
from eventlab.hedge.episodes import Accepted, decide, merge, unpriced
from eventlab.hedge.plan import make_plan, rebalance_rows
from eventlab.hedge.ratios.many import capped
from eventlab.hedge.runs import decide_all, why_not_entered
from eventlab.hedge.setting import Estimate, with_strategy
from eventlab.hedge.sweep_ratios import RatioTable, make_rows
from eventlab.hedge.timing import spans_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.hedge.episodes import Episode
    from eventlab.hedge.plan import Planned
    from eventlab.hedge.setting import Setting
    from eventlab.hedge.sweep_grid import Variant
    from eventlab.hedge.sweep_ratios import Rows
    from eventlab.hedge.timing import Span
    from eventlab.hedge.types import Carry, Plan
    from eventlab.study.steps import Progress

__all__ = ["PlannedSet", "plan_sets"]

Reason = tuple[str, str, str]  # occurrence, symbol, why
Key = tuple[object, ...]

CAP: Final = "hedge.ratio.cap"
RATIO: Final = "hedge.ratio."
MONEY: Final = (CAP, "capital", "limits.gross", "limits.maintenance")  # of no plan's shape
PRICED: Final = (
    "book.", "since", "until", "tags", "missing", "hedge.instruments", "costs.funding",
    "costs.perpetuals", "when.enter.", "when.exit.",
)  # fmt: skip


class PlannedSet(NamedTuple):
    """What one set decided, on which prices and at what costs; ``left_out`` as of a backtest."""

    variant: Variant
    setting: Setting
    plan: Plan
    episodes: tuple[Episode, ...]
    left_out: tuple[Reason, ...]


class Timing(NamedTuple):
    """The entries that sets of the same timing have in common, whatever their ratios are.

    ``entries`` are by place among the spans, decided as if every ratio were known; ``without`` is
    why there is none, and whether a ratio that lacks would be the reason before it. ``before``
    lists occurrences without a span.
    """

    setting: Setting
    spans: tuple[Span, ...]
    rows: Rows
    entries: dict[int, Accepted]
    without: dict[int, tuple[Reason, bool]]
    before: tuple[Reason, ...]


def plan_sets(
    base: Setting, variants: Sequence[Variant], progress: Progress | None = None
) -> tuple[list[PlannedSet], list[tuple[int, str]]]:
    """Plan every set as a backtest of it would be planned.

    Parameters
    ----------
    base
        The setting of the strategy of the file.

    Returns
    -------
    planned
        Plans are those of `decide_all`, bit for bit. Episodes of sets that differ in their ratios
        alone are the same objects: their ratios are those of one of them.
    refused
        (number, reason) of sets that cannot be entered, or not be planned.
    """
    desk = Desk(base)
    found: list[PlannedSet] = []
    refused = desk.estimate(variants)
    known = {number for number, _ in refused}
    for done, variant in enumerate(variants, 1):
        if variant.number not in known:
            try:
                found.append(desk.plan(variant))
            except EventlabError as error:
                refused.append((variant.number, said(error)))
        if progress is not None:
            progress(done, len(variants))
    return found, sorted(refused)


def said(error: EventlabError) -> str:
    """First line of what an error says."""
    return str(error).splitlines()[0]


@dataclass(frozen=True, slots=True)
class Layout:
    """The plan of one set, and where in it the ratios of another go.

    Attributes
    ----------
    cells
        (C, 4) int64: decision, leg, number of the row in ``rows``, hedge sleeve.
    among
        (C,) float64: legs that share the sleeve's ratio.
    rows
        Issuer and row of each ratio.
    """

    plan: Plan
    episodes: tuple[Episode, ...]
    cells: npt.NDArray[np.int64]
    among: npt.NDArray[np.float64]
    rows: Rows

    def filled(self, ratios: npt.NDArray[np.float64]) -> Plan:
        """Return the plan with the ratios (R, K) of another set."""
        decision, leg, row, sleeve = self.cells.T
        targets = self.plan.targets.copy()
        targets[decision, leg] = -ratios[row, sleeve] / self.among
        return replace(self.plan, targets=targets)


class Desk:
    """Plans sets one after the other and keeps what the next ones share.

    Sets differ from the file by the values of the swept paths alone, so that everything is kept by
    the values of the paths that it depends on.
    """

    def __init__(self, base: Setting) -> None:
        self.base = base
        self.paths = tuple(base.strategy.sweep)
        self.settings: dict[Key, Setting] = {}
        self.carries: dict[Key, Carry] = {}
        self.timings: dict[Key, Timing] = {}
        self.layouts: dict[Key, Layout] = {}
        self.tables: dict[Key, RatioTable] = {}
        self.puts: dict[Key, PlannedSet] = {}
        paths = dict(enumerate(self.paths))
        waits = {
            f"when.{name}"
            for name in ("enter", "exit")
            if isinstance(getattr(base.strategy.when, name), StateDefinition)
        }
        priced = {at for at, one in paths.items() if one.startswith(PRICED) or one in waits}
        costs = {at for at, one in paths.items() if one.startswith("costs.")}
        rules = {at for at, one in paths.items() if one.startswith(RATIO) and one != CAP}
        money = {at for at, one in paths.items() if one in MONEY}
        self.of_setting = tuple(sorted(priced))
        self.of_carry = tuple(sorted(priced | costs))
        self.of_ratio = tuple(sorted(priced | rules))
        self.of_timing = tuple(sorted(set(paths) - (costs - priced) - rules - money))
        self.of_put = tuple(sorted(set(paths) - money | {at for at in money if paths[at] == CAP}))

    def estimate(self, variants: Sequence[Variant]) -> list[tuple[int, str]]:
        """Estimate the ratios of all entries at once; returns (number, reason) of sets without."""
        refused: list[tuple[int, str]] = []
        wanted: dict[Key, dict[int, Rows]] = {}
        tables: dict[Key, RatioTable] = {}
        for variant in variants:
            hedge = variant.strategy.hedge
            if hedge is None or hedge.ratio.method == "put":
                continue
            try:
                rows = self.timing(variant).rows
            except EventlabError as error:
                refused.append((variant.number, said(error)))
                continue
            key = keyed(self.of_ratio, variant)
            tables[key] = self.table(variant)
            wanted.setdefault(key, {})[id(rows)] = rows
        for key, several in wanted.items():
            tables[key].estimate(several.values())
        return refused

    def plan(self, variant: Variant) -> PlannedSet:
        """Plan one set.

        Raises
        ------
        DataError
            No occurrence could be entered, or a price lacks.
        """
        hedge = variant.strategy.hedge
        if hedge is not None and hedge.ratio.method == "put":
            return self.plan_puts(variant)
        timing = self.timing(variant)
        table = None if hedge is None else self.table(variant)
        good = np.ones(len(timing.spans), dtype=np.bool_)
        if table is not None:
            good[:] = np.isfinite(table.at(timing.rows)).all(axis=1)
        left_out = reasons(timing, table, good)
        if not any(good[at] for at in timing.entries):
            raise DataError(why_not_entered(left_out))
        layout = self.layout(variant, timing, table, good)
        plan = layout.plan
        if table is not None and hedge is not None:
            plan = layout.filled(capped(hedge.ratio, table.at(layout.rows)))
        setting = replace(timing.setting, strategy=variant.strategy, carry=self.carry(variant))
        return PlannedSet(variant, setting, plan, layout.episodes, left_out)

    def plan_puts(self, variant: Variant) -> PlannedSet:
        """Plan one set that holds puts, which have prices of their own."""
        key = keyed(self.of_put, variant)
        if key not in self.puts:
            decided = decide_all(with_strategy(self.base, variant.strategy))
            if not decided.episodes:
                raise DataError(why_not_entered(decided.left_out))
            self.puts[key] = PlannedSet(
                variant, decided.setting, decided.planned.plan, decided.episodes, decided.left_out
            )
        found = self.puts[key]
        setting = replace(found.setting, strategy=variant.strategy)
        return found._replace(variant=variant, setting=setting)

    def setting(self, variant: Variant) -> Setting:
        """Prices, occurrences and legs of a set."""
        if variant.strategy.clock != self.base.strategy.clock:
            raise UsageError(
                f"bars of {variant.strategy.clock} are not those of {self.base.strategy.clock}: "
                "sweep one clock at a time"
            )
        key = keyed(self.of_setting, variant)
        if key not in self.settings:
            self.settings[key] = with_strategy(self.base, variant.strategy)
        return self.settings[key]

    def carry(self, variant: Variant) -> Carry:
        """Costs of a set."""
        key = keyed(self.of_carry, variant)
        if key not in self.carries:
            setting = self.setting(variant)
            self.carries[key] = build_carry(
                variant.strategy, setting.market, setting.grid, funding=setting.funding
            )
        return self.carries[key]

    def table(self, variant: Variant) -> RatioTable:
        """Ratios of a set's rule."""
        key = keyed(self.of_ratio, variant)
        if key not in self.tables:
            hedge = variant.strategy.hedge
            assert hedge is not None  # noqa: S101 - the caller has looked
            definition = hedge.ratio.model_copy(update={"cap": None})
            self.tables[key] = RatioTable(self.setting(variant), definition)
        return self.tables[key]

    def timing(self, variant: Variant) -> Timing:
        """Lay out the entries of a set."""
        key = keyed(self.of_timing, variant)
        if key not in self.timings:
            setting = replace(self.setting(variant), strategy=variant.strategy)
            self.timings[key] = time_entries(setting)
        return self.timings[key]

    def layout(
        self,
        variant: Variant,
        timing: Timing,
        table: RatioTable | None,
        good: npt.NDArray[np.bool_],
    ) -> Layout:
        """Plan what a set has in common with those of the same timing and the same entries."""
        strategy = variant.strategy
        key: Key = (*keyed(self.of_timing, variant), good.tobytes())
        later: dict[tuple[str | None, int], Estimate] = {}
        if table is not None and strategy.when.rebalance != "none":
            rows = later_rows(timing, good)
            values = capped(table.definition, table.at(rows))
            key = (*key, np.isfinite(values).all(axis=1).tobytes())
            later = {row: Estimate(one, 0, "") for row, one in zip(rows.named, values, strict=True)}
        if table is not None and strategy.when_closed == "previous_close":
            key = (*key, *keyed(self.of_ratio, variant))  # ratios at closes that are not known yet
        if key not in self.layouts:
            entries = [(at, one) for at, one in timing.entries.items() if good[at]]
            ratios = {}
            if table is not None and strategy.hedge is not None:
                own = strategy.hedge.ratio
                known = table.at(timing.rows)
                entries = [(at, replace(one, ratios=known[at])) for at, one in entries]
                ratios = {(own, *row): one for row, one in later.items()}
            setting = replace(timing.setting, strategy=strategy, ratios=ratios)
            episodes = merge(one for _, one in entries)
            self.layouts[key] = laid_out(setting, make_plan(setting, episodes), episodes)
        return self.layouts[key]


def keyed(places: Sequence[int], variant: Variant) -> Key:
    """Which of their values a set has at some of the swept paths."""
    return tuple(variant.places[at] for at in places)


def time_entries(setting: Setting) -> Timing:
    """Decide every entry as if its ratios were known."""
    strategy = setting.strategy
    spans, without = spans_of(strategy, setting.occasions.every, setting.grid, setting.states)
    before = tuple((name, "all", why) for name, why in (*setting.occasions.outside, *without))
    blank = np.zeros(len(setting.sleeves.hedge))
    entries: dict[int, Accepted] = {}
    others: dict[int, tuple[Reason, bool]] = {}
    for at, span in enumerate(spans):
        found = decide(setting, span, blank, "")
        if isinstance(found, Accepted):
            entries[at] = found
        else:
            ratio_first = unpriced(setting, span) is None
            others[at] = (span.occasion.name, *found), ratio_first
    rows = make_rows(setting, [(span.occasion.issuer, span.decided) for span in spans])
    return Timing(setting, spans, rows, entries, others, before)


def reasons(
    timing: Timing, table: RatioTable | None, good: npt.NDArray[np.bool_]
) -> tuple[Reason, ...]:
    """Why occurrences are not entered: those without a span, then the others in their order."""
    found = {at: reason for at, (reason, _) in timing.without.items()}
    if table is not None:
        for at in np.flatnonzero(~good).tolist():
            if at in timing.entries or timing.without[at][1]:
                name = timing.spans[at].occasion.name
                found[at] = name, "all", table.note(timing.rows, at)
    return (*timing.before, *(found[at] for at in sorted(found)))


def later_rows(timing: Timing, good: npt.NDArray[np.bool_]) -> Rows:
    """Where ratios are decided anew inside of episodes."""
    setting = timing.setting
    episodes = merge(one for at, one in timing.entries.items() if good[at])
    named = [
        (episode.first.span.occasion.issuer, row)
        for episode in episodes
        for row in rebalance_rows(setting, episode)
    ]
    return make_rows(setting, named)


def laid_out(setting: Setting, planned: Planned, episodes: tuple[Episode, ...]) -> Layout:
    """Find the targets of a plan that are ratios, and which."""
    plan, sleeves = planned.plan, setting.sleeves.hedge
    cells: dict[tuple[int, int], tuple[int, int, int]] = {}
    rows: dict[tuple[str | None, int], int] = {}
    for decision, based_on in enumerate(planned.based_on):
        if based_on is None:
            continue
        issuer, row = based_on
        number = rows.setdefault(based_on, len(rows))
        for k, sleeve in enumerate(sleeves):
            there = [leg for leg in sleeve.of(issuer) if setting.fresh[row, leg]]
            cells.update({(decision, leg): (number, k, len(there)) for leg in there})
    kept = [
        (*place, *of)
        for place, of in cells.items()
        if np.isfinite(plan.targets[place]) and not plan.of_equity[place]
    ]
    table = np.array(kept, dtype=np.int64).reshape(-1, 5)
    return Layout(
        plan, episodes, table[:, :4], table[:, 4].astype(np.float64), make_rows(setting, list(rows))
    )
