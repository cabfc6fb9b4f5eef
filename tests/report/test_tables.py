from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from rich.console import Console

from eventlab.report.tables import print_study, study_table
from tests.report.make_study import make_study

if TYPE_CHECKING:
    from eventlab.study.results import EventStudy


def printed(study: EventStudy, *, verbose: bool = False) -> str:
    stream = io.StringIO()
    print_study(study, stream, verbose=verbose)
    return stream.getvalue()


def test_one_event() -> None:
    text = printed(make_study(n_occurrences=1, simulated=True))
    for expected in (
        "Oracle quarterly earnings  (oracle-earnings)",
        "SIMULATED PRICES",
        "q0: announced 2025-12-10 21:05 UTC, day 0 is 2025-12-11",
        "clock XNYS; market_model against SPY; estimation [-250, -11], event [-5, 10]",
        "1 x 48 estimation rows, 60 are needed: TAO in 1 occurrence",
        "q0: FOMC statement: cut (fomc/2025-12-10) 1 bar earlier",
        "nearest close, 180 minutes after it; own day 0 1 bar earlier: BTC",
        "own close, at the clock's close: ORCL, NVDA",
        "1 more in estimation windows",
        "tests of 3 more windows",
        "3 of 3 (100.0%, nominal 95%)",
        "Betas, true and estimated in the mean: ORCL 1.20 and 1.25; ",
    ):
        assert expected in text


def test_other_events_outside_the_event_window_alone_have_a_line_of_their_own() -> None:
    study = make_study(n_occurrences=1)
    beyond = study.overlaps[study.overlaps["window"] != "event"]
    text = printed(replace(study, overlaps=beyond))
    assert f"\nOther events: {len(beyond)} in estimation windows: --json" in text
    assert "more in estimation windows" not in text


@pytest.mark.parametrize(
    ("model", "factors", "said"),
    [
        ("constant_mean", (), "constant_mean against no benchmark;"),
        ("factor_model", ("SMH", "BTC"), "factor_model against SPY, SMH, BTC;"),
    ],
)
def test_what_the_model_reads_is_named(model: str, factors: tuple[str, ...], said: str) -> None:
    study = make_study(n_occurrences=1)
    assert study.event.study is not None
    fields = {"model": model, "factors": factors}
    event = study.event.model_copy(update={"study": study.event.study.model_copy(update=fields)})
    assert said in printed(replace(study, event=event))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"precision": "session", "session": "after_close"}, "2025-12-10, after the close of XNYS"),
        ({"precision": "session", "session": "before_open"}, "2025-12-10, before the open of XNYS"),
        ({"precision": "date"}, "2025-12-10, at a time that is not known"),
    ],
)
def test_a_time_that_is_not_known_is_not_printed(fields: dict[str, str], said: str) -> None:
    study = make_study(n_occurrences=1)
    day = {"announced_at": "2025-12-10", **fields}
    only = study.event.occurrences[0].model_copy(update=day)
    event = study.event.model_copy(update={"occurrences": (only,)})
    days = study.occurrences.assign(
        announced_at=pd.DatetimeIndex([pd.NaT], tz="UTC"), precision=fields["precision"]
    )
    text = printed(replace(study, event=event, occurrences=days))
    assert f"q0: announced on {said}, day 0 is 2025-12-11" in text


def test_real_prices_carry_no_banner_and_no_truth() -> None:
    text = printed(make_study(n_occurrences=1))
    assert "SIMULATED" not in text
    assert "simulation" not in text


def test_what_is_cut_is_counted_and_verbose_shows_it() -> None:
    study = make_study(n_occurrences=1)
    rows = [("q0", f"S{k}", "", f"reason {'abcdefghijklmnopqrst'[k]}") for k in range(20)]
    many = replace(study, exclusions=pd.DataFrame(rows, columns=study.exclusions.columns))
    short, whole = printed(many), printed(many, verbose=True)
    assert "Left out (20)" in short
    assert "and 12 more: --verbose or --json" in short
    assert "reason t" not in short
    assert "q0 S19: reason t" in whole
    assert "more windows" not in whole


def test_tags_stand_beside_each_other() -> None:
    text = printed(make_study(n_occurrences=4, by_tag=("beat", "miss")))
    assert "by tag (other windows: --verbose)" in text
    assert "beat, n<=4" in text
    assert "only beat" in printed(make_study(n_occurrences=4, by_tag=("beat",)), verbose=True)


def test_markup_in_titles_is_text() -> None:
    assert "[bold red]Oracle[/]" in printed(make_study(title="[bold red]Oracle[/]"))


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_in_a_narrow_terminal(width: int) -> None:
    study = make_study(n_occurrences=12, by_tag=("beat", "miss"))
    days = study.event_days.assign(tag=study.event_days["tag"].replace("beat", "unscheduled"))
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False)
    console.print(study_table(replace(study, event_days=days)))
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines if "\N{HORIZONTAL ELLIPSIS}" in line]
    assert any("unscheduled" in line and "+0.280%" in line for line in lines)
    assert max(len(line) for line in lines) <= width


def test_what_no_asset_has_is_one_line() -> None:
    study = make_study(n_occurrences=4)
    rows = [("all", symbol, "", f"{symbol} has no prices in arch") for symbol in ("SPY", "QQQ")]
    missing = replace(study, exclusions=pd.DataFrame(rows, columns=study.exclusions.columns))
    assert "2 x has no prices in arch: SPY, QQQ in 4 occurrences" in printed(missing)
