"""Rolling correlations: the path against pandas, and what is published of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from eventlab.claims.measures.correlation import correlation, rolling_correlation
from eventlab.claims.types import Untestable
from eventlab.claims.verdict import judge
from eventlab.market.futures import scrambled
from tests.claims.move_world import found
from tests.claims.stat_world import LAST, ask, bench_of, world
from tests.market.series import ns
from tests.naive_claims_stat import closes, on_days

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Measured

EXACT = 1e-11  # products of a thousand returns


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_of(tmp_path_factory.mktemp("rolling"), world())


def test_rolling_path_is_pandas(bench: Bench) -> None:
    asked = ask("rolling_correlation", "AAA", "BBB", window=("2024-06-03", LAST), as_of=None)
    measured = rolling_correlation(asked, bench)
    days = [day for day in closes(bench.market, "AAA") if day <= LAST]
    table = pd.DataFrame(
        {one: on_days(closes(bench.market, one), days) for one in ("AAA", "BBB")}, index=days[1:]
    )
    for span in (30, 63):
        each = found(measured, detail=f"over {span} bars", of="returns")
        path = table["AAA"].rolling(span).corr(table["BBB"])
        path = path[path.index > "2024-06-03"]
        assert each.value == pytest.approx(path.iloc[-1], rel=EXACT)
        assert (each.n, each.at) == (span, LAST)
        assert f"from {path.min():.2f} ({path.idxmin()}) to {path.max():.2f}" in each.note
        assert f"on {len(path)} sessions from 2024-06-04" in each.note
    plain = correlation(ask("correlation", "AAA", "BBB", window="30 bars"), bench)[0]
    assert measured[0].value == pytest.approx(plain.value, rel=EXACT)  # the last window alone


def test_since_is_where_the_path_begins_and_window_its_span(bench: Bench) -> None:
    plain = ask("rolling_correlation", "AAA", "BBB", window=("2024-06-03", LAST), as_of=None)
    asked = ask("rolling_correlation", "AAA", "BBB", window="63 bars", since="2024-06-03")
    measured = rolling_correlation(asked, bench)
    same = found(rolling_correlation(plain, bench), detail="over 63 bars", of="returns")
    assert measured[0].reading == same.reading
    assert (measured[0].value, measured[0].note) == (same.value, same.note)
    assert {each.reading.detail for each in measured} == {"over 63 bars"}


def test_a_span_has_as_many_common_rows_around_the_clock(bench: Bench) -> None:
    asked = ask("rolling_correlation", "TA", "AAA", readings={"windows": ("3 months",)})
    measured = rolling_correlation(asked, bench)
    clock = found(measured, calendar="24/7", of="returns")
    plain = correlation(ask("correlation", "TA", "AAA", window="63 bars"), bench)
    same = found(plain, calendar="24/7", of="returns", window=f"63 sessions to {LAST}")
    assert clock.n == 63
    assert clock.value == pytest.approx(same.value, rel=EXACT)


def test_only_a_span_rolls(bench: Bench) -> None:
    asked = ask(
        "rolling_correlation", "AAA", "BBB", readings={"windows": (("2025-01-01", "2025-02-01"),)}
    )
    with pytest.raises(Untestable, match="write it as in 30 bars"):
        rolling_correlation(asked, bench)


def test_a_path_that_ended_long_ago_has_no_latest_value(bench: Bench) -> None:
    asked = ask("rolling_correlation", "AAA", "BBB", window="1 year", as_of="2025-09-30")
    one = rolling_correlation(asked, bench)[0]
    last = bench.market.daily["AAA"].sessions[-1]
    assert math.isnan(one.value)
    assert one.note == f"the last correlation of 1 year to 2025-09-30 is of {last}"


def test_two_figures_are_those_of_the_whole_path(bench: Bench) -> None:
    def holds(*published: float, tolerance: float = 0.0) -> bool | None:
        asked = ask(
            "rolling_correlation",
            "AAA",
            "BBB",
            window=("2024-06-03", LAST),
            published=published,
            tolerance=tolerance,
        )
        measured = rolling_correlation(asked, bench)
        return judge(asked, measured, simulated=False).agrees[0]

    assert holds(-1.0, 1.0) is True
    latest = rolling_correlation(ask("rolling_correlation", "AAA", "BBB"), bench)[0].value
    assert holds(latest - 0.01, latest + 0.01) is False
    assert holds(latest - 0.01, latest + 0.01, tolerance=1.0) is True


def test_a_word_is_about_the_whole_path(bench: Bench) -> None:
    def answer(*symbols: str, window: str) -> Measured:
        asked = ask("rolling_correlation", *symbols, window=window, published="positive")
        return rolling_correlation(asked, bench)[0]

    always = answer("AAA", "BBB", window="3 months")
    assert (always.word, always.holds) == ("positive", True)
    never = answer("AAA", "TD", window="18 months")
    assert (never.word, never.holds) == ("both signs", False)


@pytest.mark.parametrize("symbols", [("TA", "AAA"), ("@tokens",)])
def test_what_comes_after_the_window_does_not_matter(
    bench: Bench, tmp_path: Path, symbols: tuple[str, ...]
) -> None:
    asked = ask("rolling_correlation", *symbols)
    other = bench_of(tmp_path, scrambled(bench.market, ns("2025-04-01"), 1))
    assert repr(rolling_correlation(asked, other)) == repr(rolling_correlation(asked, bench))
