"""The page of a strategy, its pictures, its tables and its row on the first page."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.report.hedge import event_views, rest_views, sweep_views, views
from eventlab.report.hedge.figure_rows import MOST_BARS, figure_rows, shown_bars
from eventlab.report.hedge.sections import sections
from eventlab.report.scripts import kept_templates
from tests.report.hedge.make_strategy_page import ASIDE, TRADE, make_backtest, make_sweep
from tests.report.make_study import make_study
from tests.report.test_figures import fields_of
from tests.report.test_store import make_run

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.views import View

pytest.importorskip("altair", reason="needs the extra eventlab[report]")
vl_convert = pytest.importorskip("vl_convert", reason="needs the extra eventlab[report]")

from eventlab.report.pages import write_pages  # noqa: E402 - after the skip
from eventlab.report.table_files import write_table_files  # noqa: E402 - after the skip

NAME = "btc-ai-hedge"
LARGEST = 1_500_000  # bytes of a page, without the scripts that pages share
WAYS: dict[str, dict[str, Any]] = {"hedge": {}, "aside": ASIDE, "trade": TRADE}


def page_of(result: Backtest, folder: Path, sweep: Sweep | None = None) -> str:
    sweeps = () if sweep is None else (sweep,)
    write_pages(replace(make_run(), backtests=(result,), sweeps=sweeps), folder)
    return (folder / "strategies" / f"{NAME}.html").read_text("utf-8")


def texts_of(view: View) -> list[list[str]]:
    return [[cell.text for cell in row] for row in view.rows]


@pytest.fixture(scope="module", params=WAYS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one strategy, swept where it is a hedge."""
    folder = tmp_path_factory.mktemp(request.param)
    sweep = make_sweep() if request.param == "hedge" else None
    made = make_backtest(**WAYS[request.param])
    page_of(made, folder, sweep)
    write_table_files((made, *([sweep] if sweep else [])), folder, [])
    return folder


def test_the_page_links_only_to_what_is_there(written: Path) -> None:
    page = (written / "strategies" / f"{NAME}.html").read_text("utf-8")
    links = [link for link in re.findall(r'(?:href|src)="([^"#]+)"', page) if ":" not in link]
    assert any(link.endswith("backtest_events.csv") for link in links)
    # The JSON is written with the run, not with its pages.
    missing = [
        link
        for link in links
        if not link.endswith(".json") and not (written / "strategies" / link).resolve().exists()
    ]
    assert missing == []
    assert "http" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_every_picture_has_its_rows_and_draws_them(written: Path) -> None:
    page = (written / "strategies" / f"{NAME}.html").read_text("utf-8")
    found = re.search(r'id="figure-rows">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    rows, templates = json.loads(found[1]), json.loads(kept_templates())
    drawn = re.findall(r'data-figure="(\w+)"(?: data-rows="(\w+)")?(?: data-name="([^"]*)")?', page)
    assert {"equity", "fall", "gains", "exposure", "spent"} <= {figure for figure, *_ in drawn}
    for figure, source, name in drawn:
        own = rows[source or figure]
        data = own[name] if name else own
        spec = {**templates[figure], "width": 300}
        spec["datasets"] = {**spec.get("datasets", {}), "rows": data}
        assert fields_of(spec) - {"undefined"} <= {key for row in data for key in row}, figure
        assert "NaN" not in vl_convert.vegalite_to_svg(spec), figure


def test_titles_are_text_and_not_markup(tmp_path: Path) -> None:
    made = make_backtest(title="<script>alert(1)</script> & co")
    page = page_of(made, tmp_path)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
    assert "<script>alert" not in (tmp_path / "index.html").read_text("utf-8")


def test_the_first_page_has_a_row_per_strategy(tmp_path: Path) -> None:
    page_of(make_backtest(), tmp_path)
    index = (tmp_path / "index.html").read_text("utf-8")
    row = next(line for line in index.splitlines() if f"strategies/{NAME}.html" in line)
    assert "2 events" in row
    assert "less risk; money unclear" in row
    assert "+0.39%" in row
    assert "20.0% to 60.0%" in row
    assert "0.420" in row


def test_the_page_is_verdict_doubt_pictures_tables_and_provenance(written: Path) -> None:
    page = (written / "strategies" / f"{NAME}.html").read_text("utf-8")
    parts = ["<h1>", 'class="verdict"', 'class="doubt"', 'aria-label="On this page"']
    sections = ["<h2>Pictures", "<h2>Tables", "<h2>Where this comes from"]
    places = [page.index(part) for part in [*parts, *sections]]
    assert places == sorted(places)
    pictures, tables = places[4:6]
    drawn = [found.start() for found in re.finditer('class="plot"', page)]
    assert pictures < min(drawn) < max(drawn) < tables < page.index("<table")
    titles = re.findall(r'<h3 id="(\w+)-picture"', page)
    assert [name for name in titles if name not in {"ratios", "sets", "overfitting"}] == [
        "equity", "events", "exposure", "costs",
    ]  # fmt: skip
    swept = 'data-figure="sets"' in page
    assert {"sets", "overfitting"} <= set(titles) if swept else "Not swept: how far" in page


def test_the_first_page_counts_strategies_by_answer(tmp_path: Path) -> None:
    page_of(make_backtest(), tmp_path)
    index = (tmp_path / "index.html").read_text("utf-8")
    assert "Of 1 strategy, after costs: 1 took risk away, gain or loss of money unclear." in index


def test_a_run_without_strategies_says_nothing_of_them(tmp_path: Path) -> None:
    write_pages(make_run(make_study(n_occurrences=3)), tmp_path)
    assert "worth hedging" not in (tmp_path / "index.html").read_text("utf-8")
    assert not (tmp_path / "strategies").exists()


def test_simulated_prices_say_so_on_the_page_and_in_its_pictures(tmp_path: Path) -> None:
    page = page_of(make_backtest(simulated=True), tmp_path)
    assert "SIMULATED PRICES" in page
    assert "stand beside the estimates" not in page  # there are none of a strategy
    assert 'data-simulated="yes"' in page  # from which every picture takes its subtitle
    assert "sample (simulated)" in page


def test_the_same_run_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        page_of(make_backtest(), tmp_path / name, make_sweep())
    files_of = [
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files}
        for name in ("one", "two")
        for files in [sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())]
    ]
    assert files_of[0] == files_of[1]


def test_every_table_is_a_file(tmp_path: Path) -> None:
    page = page_of(make_backtest(), tmp_path, make_sweep())
    write_table_files((make_backtest(), make_sweep()), tmp_path, [])
    for result, prefix in ((make_backtest(), "backtest"), (make_sweep(), "sweep")):
        tables = [
            f.name for f in fields(result) if isinstance(getattr(result, f.name), pd.DataFrame)
        ]
        for name in set(tables) - {"logits"}:  # drawn, and in the JSON
            assert (tmp_path / "tables" / NAME / f"{prefix}_{name}.csv").exists()
            assert f"{prefix}_{name}.csv" in page


def test_long_curves_are_thinned_and_the_page_says_so(tmp_path: Path) -> None:
    made = make_backtest()
    many = pd.concat([made.curves] * 60, ignore_index=True)
    many["session"] = pd.date_range("2015-01-01", periods=len(many))
    many["in_event"] = many.index.to_series().between(100, 101)
    many["hedged_drawdown"] = 0.0
    many.loc[777, "hedged_drawdown"] = -0.5
    long = replace(made, curves=many)
    bars = shown_bars(long)
    assert len(bars) <= MOST_BARS + 8
    assert {0, 99, 100, 101, 102, 777, len(many) - 1} <= set(bars.tolist())
    page = page_of(long, tmp_path)
    assert f"{len(bars):,} of {len(many):,} closes are drawn" in page
    assert len(page) < LARGEST


def test_short_curves_are_drawn_whole(tmp_path: Path) -> None:
    made = make_backtest()
    assert shown_bars(made).tolist() == list(range(len(made.curves)))
    assert "closes are drawn" not in page_of(made, tmp_path)


def test_equity_that_spans_much_is_read_on_a_log_scale() -> None:
    made = make_backtest()
    assert "equity" in figure_rows(made)
    wide = replace(made, curves=made.curves.assign(always=made.curves["always"] * 9.0))
    assert "equity_log" in figure_rows(wide)
    lost = replace(made, curves=wide.curves.assign(unhedged=0.0))
    assert "equity" in figure_rows(lost)  # a log of nothing does not exist


def test_bars_of_an_event_add_up_to_what_was_left() -> None:
    for changes in WAYS.values():
        rows = figure_rows(make_backtest(**changes))["gains"]
        for place in {row["place"] for row in rows}:
            own = [row for row in rows if row["place"] == place]
            assert sum(row["share"] for row in own) == pytest.approx(own[0]["net"], abs=2e-4)


def test_the_events_table_shows_each_part() -> None:
    view = event_views.events(make_backtest())
    assert view.columns[2:4] == ("unhedged", "hedge")
    first = dict(zip(view.columns, view.rows[0], strict=True))
    assert (first["unhedged"].text, first["unhedged"].below) == (
        "\N{MINUS SIGN}10.00%",
        "\N{MINUS SIGN}100,000",
    )
    assert first["hedge"].text == "+4.00%"
    assert first["hedged"].text == "\N{MINUS SIGN}6.14%"
    assert (first["event"].text, first["event"].below) == ("q1", "nvidia-earnings")
    assert "interest" not in view.columns  # nobody paid any


def test_odd_orders_come_first_and_all_are_folded() -> None:
    pieces = sections(make_backtest())["orders"]
    assert [row[0] for row in texts_of(pieces[0].view)] == ["2", "3"]
    assert "1 filled, 1 rolled, 1 refused" in pieces[0].view.caption
    assert pieces[1].folded == "Every order"
    assert len(pieces[1].view.rows) == 3


def test_exclusions_are_grouped_by_reason() -> None:
    rows = texts_of(rest_views.exclusions(make_backtest()))
    assert [row[1] for row in rows] == ["3", "1"]
    assert rows[0][0] == "nvidia-earnings/q2, nvidia-earnings/q5 and nvidia-earnings/q8"


def test_who_trades_around_events_takes_no_risk_away() -> None:
    assert not views.effectiveness(make_backtest(**TRADE))
    assert views.effectiveness(make_backtest(**ASIDE))


def test_the_best_set_is_framed_and_the_files_own_is_marked() -> None:
    panels = figure_rows(make_backtest(), make_sweep())["sets"]
    rows = next(iter(panels.values()))
    assert [row["loud"] for row in rows] == [False, False, True, False]
    assert [row["label"].endswith("\N{BULLET}") for row in rows] == [False, False, False, True]
    assert max(abs(row["shade"]) for row in rows) == 1.0
    assert texts_of(sweep_views.sets(make_sweep()))[0][0] == "3"


def test_pbo_is_counted_left_of_zero() -> None:
    rows = figure_rows(make_backtest(), make_sweep())["logits"]
    assert sum(row["count"] for row in rows) == 4
    assert sum(row["count"] for row in rows if row["below"]) == 3


@pytest.mark.parametrize("reach", [1.0, 2.1972245773362196, 3.2958368660043296])
def test_what_pbo_counts_is_orange_at_the_median_too(reach: float) -> None:
    logits = np.array([-reach, -0.1, 0.0, 0.0, 0.1, reach])
    sweep = make_sweep()
    sweep = replace(sweep, logits=pd.DataFrame({"logit": logits}))
    rows = figure_rows(make_backtest(), sweep)["logits"]
    assert sum(row["count"] for row in rows) == len(logits)
    assert sum(row["count"] for row in rows if row["below"]) == (logits <= 0).sum()


def test_a_sweep_without_a_backtest_is_on_the_first_page(tmp_path: Path) -> None:
    sweep = make_sweep()
    write_pages(replace(make_run(), sweeps=(sweep,)), tmp_path)
    write_table_files((sweep,), tmp_path, [])
    index = (tmp_path / "index.html").read_text("utf-8")
    assert "1 strategy swept on" in index
    assert "The best of 4 sets" in index
    for link in re.findall(r'href="(tables/[^"]+)"', index):
        assert (tmp_path / link).exists(), link
    assert f"tables/{NAME}/sweep_sets.csv" in index


def test_a_folded_table_counts_all_of_its_rows(tmp_path: Path) -> None:
    made = make_backtest()
    orders = pd.concat([made.orders] * 60, ignore_index=True)
    assert f"Every order: {len(orders)}<" in page_of(replace(made, orders=orders), tmp_path)
