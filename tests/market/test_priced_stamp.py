"""The fingerprint of what was traded on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from eventlab.market.fingerprint import fingerprint
from eventlab.market.priced_stamp import priced_stamp
from eventlab.market.types import DataStamp, Market
from tests.market.series import daily, intraday, ns

DAY = date(2025, 12, 8)


def held(**changes: float) -> Market:
    """Two symbols with everything; ``changes`` set the last value of a column of A."""
    one = daily("A", "XNYS", DAY, [10.0, 11.0])
    one = replace(one, raw=one.prices * 2, open=one.prices * 2, high=one.prices * 2.2)
    one = replace(one, low=one.prices * 1.9, volume=np.array([5.0, np.nan]))
    for name, value in changes.items():
        one = replace(one, **{name: np.array([*getattr(one, name)[:-1], value])})  # type: ignore[arg-type]
    other = daily("B", "24/7", DAY, [1.0, 2.0])
    hour = intraday("B", "24/7", [ns("2025-12-08T01:00")], [1.5], 60)
    day, bars = {"A": one, "B": other}, {"B": hour}
    return Market(DataStamp("made up", fingerprint(day, bars), simulated=False), day, bars)


@pytest.mark.parametrize("column", ["raw", "open", "high", "low", "volume"])
def test_every_column_counts_though_no_return_changes(column: str) -> None:
    other = held(**{column: 7.0})
    assert other.stamp == held().stamp
    assert priced_stamp(other, ["A"]) != priced_stamp(held(), ["A"])
    assert priced_stamp(other, ["B"]) == priced_stamp(held(), ["B"])


def test_prices_count_and_the_order_of_symbols_does_not() -> None:
    stamp = priced_stamp(held(), ["A", "B"])
    assert priced_stamp(held(), ("B", "A", "B")) == stamp
    assert priced_stamp(held(prices=11.5), ["A", "B"]) != stamp
    assert (stamp.source, stamp.simulated) == ("made up", False)
    assert stamp.fingerprint != held().stamp.fingerprint


def test_what_is_held_and_what_is_missing_counts() -> None:
    full = held()
    assert full.daily["A"].open is not None
    found = {
        priced_stamp(full, ["A"]).fingerprint,
        priced_stamp(full, ["A", "Z"]).fingerprint,
        priced_stamp(full, []).fingerprint,
        priced_stamp(
            replace(full, daily={"A": replace(full.daily["A"], open=None)}), ["A"]
        ).fingerprint,
        priced_stamp(replace(full, bars={"A": (full.daily["A"],)}), ["A"]).fingerprint,
    }
    assert len(found) == 5
