"""What is written of the tables of a contagion, against the tables of a whole one."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eventlab.contagion.results import EventContagion
from tests.contagion.worlds import contagion, news

TABLES = [
    each.name for each in fields(EventContagion) if each.name not in {"event", "stamp", "seed"}
]
EMPTY = {"overlaps", "truth"}  # no other news, and the prices are made up here: no known truth
LISTED = (  # in the guide; of other tables it tells the contents in words
    "occurrences",
    "pairs",
    "averages",
    "spillover",
    "spillover_paths",
    "correlation_paths",
    "dcc_fits",
    "volatility",
    "tails",
    "truth",
)
GUIDE = Path(__file__).parents[2] / "docs" / "json.md"


@pytest.fixture(scope="module")
def whole() -> EventContagion:
    """Every part at one occurrence."""
    section: dict[str, Any] = {
        "chain": ["SRC", "AAA", "@tokens"],
        "marks": [{"symbol": "AAA", "below": 100.0}],
        "regimes": {
            "buckets": {"top": ["@tokens"], "rest": ["AAA", "BBB", "MKT"]},
            "betas": {"assets": ["AAA"], "factors": ["SRC", "BBB"]},
            "bubbles": ["AAA"],
        },
    }
    return contagion(news(**section), focus=["n3"])


def names(listing: str) -> list[str]:
    """Names of a listing, what stands in brackets and after the first full stop left out."""
    without = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "", listing)
    return [each.strip() for each in re.split(r"[;.]", without)[0].split(",")]


def documented(name: str) -> list[str]:
    """Columns of a table as the docstring of EventContagion lists them."""
    text = EventContagion.__doc__ or ""
    found = re.search(rf"^    {name}\n((?:        .*\n)+)", text, re.MULTILINE)
    assert found is not None, name
    return names(found[1])


def guide() -> dict[str, list[str]]:
    """Columns by table, of the tables whose columns the guide to the JSON lists."""
    text = GUIDE.read_text(encoding="utf-8").split("## The JSON of a contagion")[1]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text.split("\n## ")[0], re.MULTILINE))
    rows["spillover"] = rows.pop("spillovers").removeprefix("every row: ")
    return {name: names(rows[name].split(", `tests`")[0]) for name in LISTED}


@pytest.mark.parametrize("name", TABLES)
def test_the_docstring_lists_the_columns_of_every_table(whole: EventContagion, name: str) -> None:
    table = getattr(whole, name)
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == documented(name)
    assert table.empty == (name in EMPTY)


@pytest.mark.parametrize("name", LISTED)
def test_the_guide_to_the_json_lists_the_columns_too(whole: EventContagion, name: str) -> None:
    assert guide()[name] == list(getattr(whole, name).columns)
