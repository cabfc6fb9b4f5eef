"""The shipped events against the two tables of sources (735 and 277 rows), row by row.

The tables lie beside the real prices: EVENTLAB_MARKET names their folder.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from eventlab.definitions import load_workspace

if TYPE_CHECKING:
    from datetime import date

    from eventlab.definitions import ResolvedOccurrence, Workspace

ROOT = Path(__file__).parents[1]

# One table gives no change at the first two rises after 2008, with the new level on both sides.
WRONG_IN_ONE_TABLE = {"2015-12-16": 25, "2016-12-14": 25}
EVENTS_OF_TYPE = {"fomc": "fomc", "nfp": "us-payrolls", "cpi": "us-cpi"}
SHOCKS = {
    "2022-05-09": "terra-collapse",
    "2022-11-08": "ftx-collapse",
    "2024-01-10": "etf-approval",
    "2024-01-11": "etf-trading",
    "2024-04-19": "halving-2024",  # in New York; the 20th in UTC
    "2025-01-27": "deepseek",
    "2025-10-10": "liquidations-2025-10-10",
}

Row = dict[str, str]


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


@pytest.fixture(scope="module")
def facts(market_dir: Path) -> list[Row]:
    return _rows(market_dir / "event_facts.csv")


@pytest.fixture(scope="module")
def decisions(market_dir: Path) -> list[Row]:
    return _rows(market_dir / "fomc_1994_2026.csv")


def test_every_daily_price_has_a_symbol(workspace: Workspace, market_dir: Path) -> None:
    table = parquet.read_table(market_dir / "daily.parquet", columns=["symbol"])
    names = set(table.column("symbol").to_pylist())
    assert len(names) == 118
    assert sorted(names - set(workspace.symbols)) == []


def test_every_report_of_the_source_once(
    shipped: dict[str, ResolvedOccurrence], facts: list[Row]
) -> None:
    found = sorted(
        (str(each.date), str(each.issuer))
        for name, each in shipped.items()
        if name.split("/")[0].endswith("-earnings")
    )
    rows = [each for each in facts if each["event_type"] == "earnings"]
    # Coinbase is no AI company; its reports do not ship.
    expected = sorted((row["date"], row["symbol"]) for row in rows if row["symbol"] != "COIN")
    assert found == expected


def test_no_approximate_time_became_a_minute(
    shipped: dict[str, ResolvedOccurrence], facts: list[Row]
) -> None:
    timing = {
        (row["date"], row["symbol"]): (row["time"], row["detail"])
        for row in facts
        if row["event_type"] == "earnings"
    }
    minutes = []
    for name, each in shipped.items():
        if not name.split("/")[0].endswith("-earnings"):
            continue
        clock, detail = timing[str(each.date), str(each.issuer)]
        assert clock.startswith("~") or clock in {"", "pre-open"}
        if each.precision == "minute":
            assert "5-min tape shows reaction in the 16:05 ET bar" in detail, name
            minutes.append(name)
            continue
        known = re.search("timing=(AMC|BMO)", detail)
        part = {"AMC": "after_close", "BMO": "before_open"}[known[1]] if known else None
        assert (each.precision, each.session) == ("session" if known else "date", part), name
        assert ("by habit" in str(each.confidence)) == ("company habit" in detail), name
    assert minutes == ["oracle-earnings/fy2026-q2"]


def test_decisions_are_those_of_the_source(
    shipped: dict[str, ResolvedOccurrence], decisions: list[Row]
) -> None:
    assert len(decisions) == 277
    for row in decisions:
        each = shipped[f"fomc/{row['date']}"]
        assert (_local(each), each.tags[0]) == (f"{row['date']}T{row['time_et']}", row["kind"])
        if row["target_change_bp"]:
            assert each.facts["change_bp"] == float(row["target_change_bp"]), row
        if row["target_upper_after"]:
            assert each.facts["target_upper"] == float(row["target_upper_after"]), row
    # The other table adds the purchases of March 2020 and the meetings of 2027.
    others = {name for name in shipped if name.startswith("fomc/")}
    others -= {f"fomc/{row['date']}" for row in decisions}
    assert {name[:9] for name in others} == {"fomc/2020", "fomc/2027"}
    assert len(others) == 9


def test_scheduled_times_are_those_of_the_source(
    shipped: dict[str, ResolvedOccurrence], facts: list[Row]
) -> None:
    for kind, event in EVENTS_OF_TYPE.items():
        for row in (each for each in facts if each["event_type"] == kind):
            each = shipped[f"{event}/{row['date']}"]
            if row["time"]:
                assert _local(each) == f"{row['date']}T{row['time']}", row
            if kind == "fomc" and (change := re.search(r"change_bp=(-?\d+)", row["detail"])):
                expected = WRONG_IN_ONE_TABLE.get(row["date"], int(change[1]))
                assert each.facts["change_bp"] == expected, row
            if row["status"] == "future":
                assert "change_bp" not in each.facts, row


def test_shocks_are_those_of_the_source(facts: list[Row], workspace: Workspace) -> None:
    assert {row["date"] for row in facts if row["event_type"] == "crypto_shock"} == set(SHOCKS)
    ids = {each.id for each in workspace.events["crypto-shocks"].occurrences}
    assert ids == set(SHOCKS.values())


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _local(found: ResolvedOccurrence) -> str:
    when: date | datetime | None = found.announced_at
    if isinstance(when, datetime):
        return when.replace(tzinfo=None).isoformat(timespec="minutes")
    return found.date.isoformat()
