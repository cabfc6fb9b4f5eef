"""What ships in events/, universes/ and strategies/: valid, complete, and right by hand.

The counts and the facts below were taken by hand from the two tables of sources, which
test_shipped_sources.py reads again, row by row.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from eventlab.definitions import CalendarCheck, check_workspace, load_workspace
from eventlab.definitions.sweep import with_values
from eventlab.timeline import calendar_problems, check_calendar, event_session, make_clock

if TYPE_CHECKING:
    from eventlab.definitions import ResolvedOccurrence, Workspace
    from eventlab.timeline import Clock

ROOT = Path(__file__).parents[1]

OCCURRENCES = {
    "ai-earnings": 421,
    "crypto-shocks": 7,
    "fomc": 286,
    "nvidia-earnings": 42,
    "oracle-earnings": 42,
    "us-cpi": 47,
    "us-payrolls": 47,
}
MEMBERS = {
    "ai_stocks": 18,
    "ai_tokens": 19,
    "big_tech": 7,
    "core_l1": 18,
    "crypto_equities": 2,
    "crypto_etfs": 3,
    "defi": 6,
    "derivatives": 3,
    "depin": 12,
    "gaming": 7,
    "indices": 12,
    "layer2": 8,
    "macro": 11,
    "meme": 7,
    "miners": 9,
    "privacy": 1,
    "ranks_1_10": 10,
    "ranks_50_100": 19,
}
SCHEMAS = {"events": "event", "universes": "universe", "strategies": "strategy"}
# strategy: occurrences it asks for, sets of its grid, ratio method
STRATEGIES = {
    "ai-token-hedge": (25, 27, "ewma"),
    "btc-ai-hedge": (84, 9, "ols"),
    "btc-nvda-hedge": (84, 27, "ols"),
    "btc-put-overlay": (84, 27, "put"),
    "fomc-derisk": (95, 32, None),
    "miners-pure-ai": (33, 36, "kalman"),
    "miners-pure-bitcoin": (36, 27, "ridge"),
    "nvda-fade": (28, 24, None),
    "nvda-follow": (28, 24, None),
    "two-phase": (84, 27, None),
}
REPORTS = {
    "AAPL": 42,
    "AMD": 42,
    "AMZN": 42,
    "AVGO": 34,
    "DELL": 26,
    "GOOGL": 42,
    "META": 42,
    "MSFT": 42,
    "MU": 34,
    "PLTR": 23,
    "SMCI": 26,
    "TSLA": 26,
}
# occurrence, zone, local time (a date where no minute is known), precision, part of the day
FACTS = [
    ("oracle-earnings/fy2026-q2", "America/New_York", "2025-12-10T16:05", "minute", None),
    ("oracle-earnings/fy2016-q3", "America/New_York", "2016-03-15", "session", "after_close"),
    ("nvidia-earnings/fy2026-q3", "America/New_York", "2025-11-19", "session", "after_close"),
    ("nvidia-earnings/fy2016-q4", "America/New_York", "2016-02-17", "session", "after_close"),
    ("ai-earnings/avgo-2025-12-11", "America/New_York", "2025-12-11", "session", "after_close"),
    ("ai-earnings/avgo-2022-05-26", "America/New_York", "2022-05-26", "session", "before_open"),
    ("ai-earnings/pltr-2024-02-05", "America/New_York", "2024-02-05", "date", None),
    ("fomc/1994-02-04", "America/New_York", "1994-02-04T11:05", "minute", None),
    ("fomc/2001-01-03", "America/New_York", "2001-01-03T13:15", "minute", None),
    ("fomc/2020-03-15", "America/New_York", "2020-03-15T17:00", "minute", None),
    ("fomc/2020-03-23", "America/New_York", "2020-03-23", "date", None),
    ("fomc/2025-12-10", "America/New_York", "2025-12-10T14:00", "minute", None),
    ("us-payrolls/2025-11-20", "America/New_York", "2025-11-20T08:30", "minute", None),
    ("us-cpi/2025-10-24", "America/New_York", "2025-10-24T08:30", "minute", None),
    ("crypto-shocks/terra-collapse", "UTC", "2022-05-09", "date", None),
    ("crypto-shocks/ftx-collapse", "UTC", "2022-11-08", "date", None),
    ("crypto-shocks/etf-approval", "America/New_York", "2024-01-10T16:30", "minute", None),
    ("crypto-shocks/etf-trading", "America/New_York", "2024-01-11T09:30", "minute", None),
    ("crypto-shocks/halving-2024", "UTC", "2024-04-20T00:09", "minute", None),
    ("crypto-shocks/deepseek", "UTC", "2025-01-27", "date", None),
    ("crypto-shocks/liquidations-2025-10-10", "UTC", "2025-10-10", "date", None),
]
# day 0 in New York
SESSIONS = [
    ("oracle-earnings/fy2026-q2", "2025-12-11"),
    ("nvidia-earnings/fy2026-q3", "2025-11-20"),
    ("ai-earnings/avgo-2025-12-11", "2025-12-12"),
    ("ai-earnings/avgo-2022-05-26", "2022-05-26"),
    ("fomc/2020-03-15", "2020-03-16"),  # a Sunday
    ("fomc/2025-12-10", "2025-12-10"),
    ("us-payrolls/2026-04-03", "2026-04-06"),  # Good Friday
    ("crypto-shocks/etf-approval", "2024-01-11"),
    ("crypto-shocks/halving-2024", "2024-04-22"),  # the night to a Saturday
    ("crypto-shocks/deepseek", "2025-01-27"),
]
# change in basis points, target after it in percent, tags
DECISIONS = [
    ("1994-11-15", 75, 5.5, ("scheduled", "hike")),
    ("1998-10-15", -25, 5.0, ("unscheduled", "cut")),
    ("2001-09-17", -50, 3.0, ("unscheduled", "cut")),
    ("2007-08-17", 0, 5.25, ("unscheduled", "hold", "liquidity")),
    ("2008-01-22", -75, 3.5, ("unscheduled", "cut")),
    ("2008-12-16", -75, 0.25, ("scheduled", "cut")),
    ("2015-12-16", 25, 0.5, ("scheduled", "hike")),
    ("2016-12-14", 25, 0.75, ("scheduled", "hike")),
    ("2020-03-15", -100, 0.25, ("unscheduled", "cut")),
    ("2022-06-15", 75, 1.75, ("scheduled", "hike")),
    ("2025-09-17", -25, 4.25, ("scheduled", "cut")),
    ("2025-12-10", -25, 3.75, ("scheduled", "cut")),
]


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return load_workspace(ROOT)


@pytest.fixture(scope="module")
def shipped(workspace: Workspace) -> dict[str, ResolvedOccurrence]:
    """Every occurrence by its full id."""
    return {
        each.full_id: each
        for event in workspace.events.values()
        for each in event.resolved_occurrences()
    }


def test_nothing_is_wrong() -> None:
    check = CalendarCheck(check_calendar, calendar_problems)
    _, problems = check_workspace(ROOT, calendar_check=check)
    assert [str(each) for each in problems] == []


def test_events_are_complete(workspace: Workspace) -> None:
    assert {name: len(each.occurrences) for name, each in workspace.events.items()} == OCCURRENCES


def test_universes_are_complete(workspace: Workspace) -> None:
    assert {name: len(each.symbols) for name, each in workspace.universes.items()} == MEMBERS


def test_reports_of_each_company(workspace: Workspace) -> None:
    counts: dict[str, int] = {}
    for each in workspace.events["ai-earnings"].resolved_occurrences():
        assert each.issuer is not None
        assert each.id == f"{each.issuer.lower()}-{each.date}"
        counts[each.issuer] = counts.get(each.issuer, 0) + 1
    assert counts == REPORTS


def test_strategies_are_complete(workspace: Workspace) -> None:
    """Eight of FOMC a year and seven in 2020; four reports a year of Nvidia and of Oracle."""
    found = {}
    for name, strategy in workspace.strategies.items():
        first, last = strategy.since or "", strategy.until or "9999"
        asked = [
            each
            for event in strategy.events
            for each in workspace.events[event].resolved_occurrences()
            if first <= str(each.date) <= last
            and (not strategy.tags or set(strategy.tags) & set(each.tags))
        ]
        sets = prod(len(values) for values in strategy.sweep.values())
        found[name] = (len(asked), sets, strategy.hedge.ratio.method if strategy.hedge else None)
        assert strategy.baseline is not None
    assert found == STRATEGIES


def test_every_set_of_every_grid_fits(workspace: Workspace) -> None:
    for strategy in workspace.strategies.values():
        for values in product(*strategy.sweep.values()):
            found = with_values(strategy, dict(zip(strategy.sweep, values, strict=True)))
            assert found.sweep == {}


def test_fade_is_follow_the_other_way(workspace: Workspace) -> None:
    follow, fade = (workspace.strategies[each] for each in ("nvda-follow", "nvda-fade"))
    turned = with_values(follow, {"signal.take": "fade"})
    kept = {"strategy", "title", "description", "sweep"}
    assert turned.model_dump(exclude=kept) == fade.model_dump(exclude=kept)
    assert follow.sweep == fade.sweep


@pytest.mark.parametrize("kind", ["events", "universes", "strategies"])
def test_files_carry_the_editors_schema_line(kind: str) -> None:
    for path in sorted((ROOT / kind).glob("*.yaml")):
        schema = "claims" if path.name.startswith("claims-") else SCHEMAS[kind]
        assert path.read_text(encoding="utf-8").splitlines()[0] == (
            f"# yaml-language-server: $schema=../schemas/{schema}.schema.json"
        )


@pytest.mark.parametrize(("full_id", "zone", "when", "precision", "session"), FACTS)
def test_known_times(
    shipped: dict[str, ResolvedOccurrence],
    full_id: str,
    zone: str,
    when: str,
    precision: str,
    session: str | None,
) -> None:
    found = shipped[full_id]
    assert (found.zone, _local(found), found.precision, found.session) == (
        zone,
        when,
        precision,
        session,
    )


@pytest.mark.parametrize(("full_id", "session"), SESSIONS)
def test_known_sessions(shipped: dict[str, ResolvedOccurrence], full_id: str, session: str) -> None:
    event, _, _ = full_id.partition("/")
    found = event_session(event, shipped[full_id], _new_york())
    assert str(found.session) == session


@pytest.mark.parametrize(("day", "change", "target", "tags"), DECISIONS)
def test_known_decisions(
    shipped: dict[str, ResolvedOccurrence],
    day: str,
    change: int,
    target: float,
    tags: tuple[str, ...],
) -> None:
    found = shipped[f"fomc/{day}"]
    assert dict(found.facts) == {"change_bp": change, "target_upper": target}
    assert found.tags == tags


def test_oracle_surprise(workspace: Workspace) -> None:
    (found,) = (
        each for each in workspace.events["oracle-earnings"].occurrences if each.id == "fy2026-q2"
    )
    assert found.title == "Revenue short, capex guidance raised from 35 to 50 bn USD"
    assert {name: (each.expected, each.actual) for name, each in found.surprise.items()} == {
        "capex_busd": (35, 50)
    }


@pytest.mark.parametrize(
    ("event", "first", "last", "opening"),
    [
        # first and last quarter, and the months in which the reports of Q1 to Q4 come
        ("oracle-earnings", (2016, 3), (2026, 4), {9: 1, 12: 2, 3: 3, 6: 4}),
        ("nvidia-earnings", (2016, 4), (2027, 1), {5: 1, 8: 2, 11: 3, 2: 4}),
    ],
)
def test_fiscal_quarters_follow_each_other(
    workspace: Workspace,
    event: str,
    first: tuple[int, int],
    last: tuple[int, int],
    opening: dict[int, int],
) -> None:
    reports = workspace.events[event].resolved_occurrences()
    quarters = [tuple(map(int, re.findall(r"\d+", each.id))) for each in reports]
    numbers = [4 * year + quarter for year, quarter in quarters]
    assert (quarters[0], quarters[-1]) == (first, last)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert [quarter for _, quarter in quarters] == [opening[each.date.month] for each in reports]
    days = np.array([each.date for each in reports], dtype="datetime64[D]")
    gaps = np.diff(days).astype(int)
    assert gaps.min() > 70
    assert gaps.max() < 120


def test_target_follows_from_its_changes(workspace: Workspace) -> None:
    statements = workspace.events["fomc"].resolved_occurrences()
    known = [each for each in statements if each.facts]
    changes = [_number(each.facts["change_bp"]) for each in known]
    targets = [_number(each.facts["target_upper"]) for each in known]
    assert targets == (3.0 + np.cumsum(changes) / 100).tolist()  # 3% until February 1994


def test_tags_of_statements(workspace: Workspace) -> None:
    for each in workspace.events["fomc"].resolved_occurrences():
        assert each.id == str(each.date)
        assert each.tags[0] in {"scheduled", "unscheduled"}
        if not each.facts:
            assert each.tags == ("scheduled",), each.id
            assert each.date > date(2026, 8, 31)
            continue
        change = _number(each.facts["change_bp"])
        assert each.tags[1] == ("hike" if change > 0 else "cut" if change < 0 else "hold"), each.id
        assert ("liquidity" in each.tags) == (each.tags[:2] == ("unscheduled", "hold")), each.id


def test_eight_scheduled_meetings_a_year(workspace: Workspace) -> None:
    years = [
        each.date.year
        for each in workspace.events["fomc"].resolved_occurrences()
        if "scheduled" in each.tags
    ]
    expected = dict.fromkeys(range(1994, 2028), 8) | {2020: 7}  # March's gave way to the 15th
    assert {year: years.count(year) for year in sorted(set(years))} == expected


@pytest.mark.parametrize("event", ["us-payrolls", "us-cpi"])
def test_monthly_reports(workspace: Workspace, event: str) -> None:
    months = []
    for each in workspace.events[event].resolved_occurrences():
        assert each.announced_at is not None
        assert (each.announced_at.hour, each.announced_at.minute) == (8, 30)
        assert each.date.weekday() < 5
        assert each.id == str(each.date)
        months.append(str(each.facts["reference_period"]))
    every = [f"{year}-{month:02d}" for year in range(2022, 2027) for month in range(1, 13)]
    # the shutdown of 2025: no report of October
    assert months == [each for each in every[11:-1] if each != "2025-10"]


def test_sessions_exist(shipped: dict[str, ResolvedOccurrence]) -> None:
    by_session = [each for each in shipped.values() if each.precision == "session"]
    days = np.array([each.date for each in by_session], dtype="datetime64[D]")
    assert {each.exchange for each in by_session} == {"XNYS"}
    assert days[~np.isin(days, _new_york().sessions)].tolist() == []


def test_order_of_time(workspace: Workspace) -> None:
    for event in workspace.events.values():
        for issuer in {each.issuer for each in event.resolved_occurrences()}:
            days = [each.date for each in event.resolved_occurrences() if each.issuer == issuer]
            assert days == sorted(days), (event.event, issuer)


def test_calendars_and_kinds(workspace: Workspace) -> None:
    symbols = workspace.symbols
    assert {name for name, each in symbols.items() if each.kind == "level"} == {
        "DGS10",
        "DGS2",
        "HY_OAS",
        *workspace.expand(["@derivatives"]),
    }
    assert {each.calendar for each in symbols.values()} == {"XNYS", "24/7"}
    exchange = {"ai_stocks", "big_tech", "crypto_equities", "crypto_etfs", "indices", "macro"}
    for group in workspace.universes:
        expected = "XNYS" if group in exchange | {"miners"} else "24/7"
        assert {symbols[each].calendar for each in workspace.expand([f"@{group}"])} == {expected}


def _new_york() -> Clock:
    return make_clock("XNYS", date(2015, 12, 1), date(2026, 12, 31))


def _local(found: ResolvedOccurrence) -> str:
    when: date | datetime | None = found.announced_at
    if isinstance(when, datetime):
        return when.replace(tzinfo=None).isoformat(timespec="minutes")
    return found.date.isoformat()


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
