"""Statements about December 2025 on real prices, which are read from their folder if it is there.

Published figures are those of market commentary; expected ones stand in the files themselves:
Oracle closed at 223.01 and 198.85 with a low of 186.23 between; bitcoin's hourly bars trade below
90,000 first in the bar of 02:00 UTC on 2025-12-11 and above 92,000 again in that of 21:00.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventlab.claims.bench import Bench
from eventlab.claims.measures import measure_function
from eventlab.claims.verdict import judge
from eventlab.definitions.workspace import load_workspace
from eventlab.market.workspace_market import market_for
from tests.claims.move_world import ask, found

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from eventlab.claims.types import Judgement, Measured

    Told = Callable[..., tuple[tuple[Measured, ...], Judgement]]

ROOT = Path(__file__).resolve().parents[2]
SYMBOLS = ("ORCL", "BTC", "^IXIC", "QQQ", "SPY", "^GSPC", "BTC-FUNDING", "BTC-OI")


@pytest.fixture(scope="module")
def told(market_dir: Path) -> Told:
    workspace = load_workspace(ROOT)
    symbols = (*SYMBOLS, *workspace.expand(["@ai_tokens"]))
    market = market_for(workspace, str(market_dir), events=(), extra=symbols)
    bench = Bench(market, workspace, symbols)

    def tell(measure: str, *names: str, **claim: Any) -> tuple[tuple[Measured, ...], Judgement]:
        asked = ask(measure, *names, **claim)
        measured = measure_function(measure)(asked, bench)
        return measured, judge(asked, measured, simulated=False)

    return tell


def test_oracle_fell_16_percent_only_inside_the_day(told: Told) -> None:
    measured, judgement = told("return", "ORCL", as_of="2025-12-11", published=-0.16)
    assert found(measured, price="close").value == pytest.approx(198.85 / 223.01 - 1, abs=1e-6)
    assert found(measured, price="intraday").value == pytest.approx(186.23 / 223.01 - 1, abs=1e-6)
    assert (judgement.verdict, judgement.reading) == ("supported only as", "intraday")


@pytest.mark.parametrize(
    ("level", "claim", "at", "hour"),
    [
        (90_000, {"direction": "below"}, "2025-12-11 03:00 UTC", "02:00"),
        (92_000, {"direction": "above", "after_level": 90_000}, "2025-12-11 22:00 UTC", "21:00"),
    ],
)
def test_bitcoin_crossed_twice_in_a_day(
    told: Told, level: float, claim: dict[str, Any], at: str, hour: str
) -> None:
    measured, judgement = told(
        "level_crossing", "BTC", level=level, window=["2025-12-10", "2025-12-12"],
        published="2025-12-11", **claim,
    )  # fmt: skip
    assert judgement.verdict == "supported"
    assert measured[0].at == at
    assert f"in the bar from 2025-12-11 {hour} to" in measured[0].note


@pytest.mark.parametrize("index", ["^IXIC", "QQQ"])
def test_bitcoin_fell_while_the_nasdaq_rose(told: Told, index: str) -> None:
    window = ["2025-09-17", "2025-12-10"]
    measured, judgement = told(
        "relative_return", "BTC", index, window=window, published=[-0.2, 0.06]
    )
    assert judgement.verdict == "supported"
    assert measured[0].note.startswith(f"BTC -20.1%, {index} +6.")


def test_ai_tokens_of_the_month_depend_on_basket_and_date(told: Told) -> None:
    measured, judgement = told(
        "return", "@ai_tokens", window="1 month", as_of="2025-12-11", published=-0.249
    )
    values = [each.value for each in measured]
    assert judgement.verdict == "supported only as"
    assert min(values) < -0.35
    assert -0.23 < max(values)
    assert all("AIOZ" in each.note for each in measured)  # ends 2025-11-12


def test_the_index_gained_that_with_dividends_or_until_christmas(told: Told) -> None:
    year, judgement = told("year_to_date", "SPY", as_of="2025-12-31", published=0.1781)
    # 681.92 against 586.08, and with dividends 17.72%.
    assert [each.value for each in year] == pytest.approx([0.16353, 0.17719], abs=1e-5)
    assert (judgement.verdict, judgement.reading) == ("supported only as", "with dividends")
    eve, _ = told("year_to_date", "SPY", as_of="2025-12-24", published=0.1781)
    assert eve[0].value == pytest.approx(0.17796, abs=1e-5)
    _, lost = told("year_to_date", "^GSPC", as_of="2025-12-31", published=0.1781)
    assert lost.reason == "no price of ^GSPC at the close of 2024-12-31"


def test_tokens_lost_three_quarters_of_the_year(told: Told) -> None:
    _, judgement = told("year_to_date", "@ai_tokens", as_of="2025-12-11", published=-0.746)
    assert judgement.verdict == "supported"


def test_funding_was_negative_for_a_day_for_once(told: Told) -> None:
    measured, _ = told(
        "funding_sign", "BTC", window=["2025-11-17", "2025-11-24"], since="2025-10-26",
        published="negative",
    )  # fmt: skip
    assert (measured[0].value, measured[0].holds) == (24.0, True)
    assert "(2025-11-23 08:00 UTC to 2025-11-24 08:00 UTC), against at most 8 hours" in (
        measured[0].note
    )


def test_open_interest_fell_in_dollars_more_than_in_coins(told: Told) -> None:
    measured, _ = told(
        "open_interest_change", "BTC", window=["2025-10-06", "2025-11-24"], published=-0.413
    )
    dollars = measured[0]
    coins = found(measured, detail="in coins", first="2025-10-06", last="2025-11-24")
    # 60.860 and 37.893 bn USD; 124,753 and 88,271 USD a coin.
    assert dollars.value == pytest.approx(37.893 / 60.860 - 1, abs=1e-4)
    assert coins.value == pytest.approx(-0.1201, abs=1e-3)
