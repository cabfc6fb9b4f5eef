"""Two runs side by side: what changed, how much, and what it is put down to."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from eventlab.errors import DataError, UsageError
from eventlab.report.compare import views
from eventlab.report.compare.comparison import compare_runs
from eventlab.report.compare.differences import ComparedTable, table_changes
from eventlab.report.compare.document import COMPARE_SCHEMA, comparison_document
from eventlab.report.compare.page import write_comparison
from eventlab.report.compare.text import print_comparison
from eventlab.report.record import Failure, Run
from eventlab.report.store import write_run
from tests.report.hedge.make_results import make_results
from tests.report.make_contagion import make_contagion
from tests.report.make_study import make_study

pytest.importorskip("jinja2", reason="needs the extra eventlab[report]")

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.report.compare.comparison import Comparison

NAMES = ("old", "new")
EVENT_FILE = "events/oracle-earnings.yaml"
EVIL = 'Oracle </script><script>alert(1)</script> & "quoted" <b>bold</b>'


@pytest.fixture(scope="module")
def whole() -> Run:
    """A run with one result of each kind but claims."""
    made = make_results()
    return Run(
        studies=(make_study(n_occurrences=3),),
        failures=(),
        command="eventlab run --data prices --out old",
        seed=3,
        source="prices",
        generated_at="2026-01-02T03:04:05+00:00",
        versions={"eventlab": "0.1.0", "numpy": "2.4.6"},
        definitions={EVENT_FILE: "ab" * 32, "universes/ai.yaml": "cd" * 32},
        title="A title",
        contagions=(make_contagion(2),),
        backtests=(made.backtest,),
        sweeps=(made.sweep,),
    )


@pytest.fixture(scope="module")
def stored(whole: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "old"
    write_run(whole, folder)
    return folder


def compared(stored: Path, run: Run, tmp_path: Path) -> Comparison:
    write_run(run, tmp_path / "new")
    return compare_runs(stored, tmp_path / "new")


def with_study(run: Run, **changed: Any) -> Run:
    return replace(run, studies=(replace(run.studies[0], **changed),))


def shifted(frame: pd.DataFrame, column: str, by: float, rows: slice = slice(None)) -> pd.DataFrame:
    values = frame[column].to_numpy(float, copy=True)
    values[rows] += by
    return frame.assign(**{column: values})


def test_the_same_run_twice_has_no_differences(stored: Path, whole: Run, tmp_path: Path) -> None:
    again = replace(
        whole,
        command="eventlab run --data prices --out=new --quiet",
        generated_at="2026-02-02T00:00:00+00:00",
    )
    found = compared(stored, again, tmp_path)
    assert found.results["status"].tolist() == ["same"] * 4
    for table in (found.moved, found.files, found.definitions, found.answers, found.changes):
        assert table.empty
    assert found.unexplained == 0


def test_numbers_that_differ_by_less_than_1e_12_are_the_same(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    table = whole.studies[0].aggregates
    near = table.assign(caar=table["caar"] * (1 + 1e-13))
    found = compared(stored, with_study(whole, aggregates=near), tmp_path)
    row = found.results.set_index("kind").loc["study"]
    assert row["status"] == "same"
    assert row["compared"] >= 2 * len(table)  # it was read and compared, and not skipped
    far = table.assign(caar=table["caar"] * (1 + 1e-11))
    found = compared(stored, with_study(whole, aggregates=far), tmp_path)
    changes = found.changes[found.changes["part"] == "CAAR"]
    assert len(changes) == table["caar"].notna().sum()


def test_nothing_moved_is_unexplained(stored: Path, whole: Run, tmp_path: Path) -> None:
    table = shifted(whole.studies[0].aggregates, "caar", 0.01, slice(0, 1))
    found = compared(stored, with_study(whole, aggregates=table), tmp_path)
    own = found.changes[found.changes["part"] == "CAAR"]
    assert len(own) == 1
    assert own["difference"].iloc[0] == pytest.approx(0.01)
    assert found.unexplained == len(found.changes) >= 1
    assert set(found.changes["why"]) == {
        "unexplained: neither data, definitions, versions nor seed moved"
    }
    assert "unexplained" in str(found.results.set_index("kind").loc["study", "why"])


def test_a_seed_explains_what_is_drawn_and_nothing_else(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    study = whole.studies[0]
    drawn = shifted(study.tests, "pvalue", 1e-4, slice(0, 1))
    sums = shifted(study.aggregates, "caar", 0.01, slice(0, 1))
    run = with_study(whole, seed=4, tests=drawn, aggregates=sums)
    found = compared(stored, replace(run, seed=4), tmp_path)
    assert found.moved["what"].tolist() == ["seed"]
    why = found.changes.groupby("part")["why"].agg(set)
    assert why["test"] == {"the seed"}
    assert why["CAAR"] == {"unexplained: only the seed moved, and this is not drawn"}


def test_a_changed_definition_is_named_key_by_key(stored: Path, whole: Run, tmp_path: Path) -> None:
    study = whole.studies[0]
    assert study.event.study is not None
    window = study.event.study.model_copy(update={"estimation_window": (-120, -11)})
    event = study.event.model_copy(update={"study": window})
    table = shifted(study.aggregates, "caar", 0.01)
    run = with_study(whole, event=event, aggregates=table)
    run = replace(run, definitions={**whole.definitions, EVENT_FILE: "ef" * 32})
    found = compared(stored, run, tmp_path)
    assert found.definitions[found.definitions["kind"] == "study"].iloc[0].tolist() == [
        "study", "oracle-earnings", "study.estimation_window", "[-250, -11]", "[-120, -11]",
    ]  # fmt: skip
    assert found.files.to_numpy().tolist() == [[EVENT_FILE, "changed"]]
    assert set(found.changes["why"]) == {"its definition (study.estimation_window)"}
    assert found.unexplained == 0


def test_data_versions_and_options_are_causes_together(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    study = whole.studies[0]
    run = with_study(
        whole,
        stamp=replace(study.stamp, fingerprint="ff" * 32),
        aggregates=shifted(study.aggregates, "caar", 0.01),
    )
    run = replace(
        run,
        versions={"eventlab": "0.1.0", "numpy": "2.5.0", "arch": "8"},
        command="eventlab run --data prices --since 2020-01-01",
    )
    found = compared(stored, run, tmp_path)
    assert found.moved["what"].tolist() == [
        "fingerprints", "version of numpy", "version of arch", "command",
    ]  # fmt: skip
    (why,) = set(found.changes["why"])
    assert why == "the data (another fingerprint); versions (numpy, arch); the command's options"


def test_what_flips_comes_first(stored: Path, whole: Run, tmp_path: Path) -> None:
    study, contagion = whole.studies[0], whole.contagions[0]
    pairs = contagion.pairs.copy()
    was = pairs["verdict"].iloc[-1]
    pairs["verdict"] = [*pairs["verdict"][:-1], "changed"]
    run = with_study(whole, aggregates=shifted(study.aggregates, "caar", 5.0))
    run = replace(run, contagions=(replace(contagion, pairs=pairs),))
    found = compared(stored, run, tmp_path)
    first = found.changes.iloc[0]
    assert (first["part"], first["before"], first["after"]) == ("pair", was, "changed")
    assert found.changes["flipped"].is_monotonic_decreasing
    sizes = found.changes[found.changes["part"] == "CAAR"]
    relative = sizes["difference"].abs() / sizes[["before_value", "after_value"]].abs().max(axis=1)
    assert bool((np.diff(relative.to_numpy(float)) <= 1e-12).all())


def test_a_verdict_that_flips_is_told_in_sentences(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    study = whole.studies[0]
    table = study.tests.assign(pvalue=0.9)
    found = compared(stored, with_study(whole, tests=table), tmp_path)
    (row,) = found.answers.to_dict("records")
    assert (row["kind"], row["flipped"]) == ("study", True)
    assert row["before"] != row["after"]
    assert row["word_before"].startswith(("moved", "scattered"))
    assert row["word_after"].startswith("chance")


def test_a_result_of_one_run_alone_has_the_reason_of_the_other(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    run = replace(whole, studies=(), sweeps=(), failures=(Failure("oracle-earnings", "bad", 2),))
    found = compared(stored, run, tmp_path)
    rows = {row["kind"]: (row["status"], row["why"]) for row in found.results.to_dict("records")}
    assert rows["study"] == ("only before", "bad")
    assert rows["sweep"] == ("only before", "the other run did not compute it")
    assert rows["backtest"] == ("same", "")


def test_data_of_a_result_of_one_run_alone_did_not_move(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    found = compared(stored, replace(whole, backtests=(), sweeps=()), tmp_path)
    assert set(found.results["status"]) == {"same", "only before"}
    assert len(found.before["data"]) > len(found.after["data"])
    assert found.moved.empty
    assert views.sentences(found)[-1] == "What moved: nothing."


def test_verdicts_of_pairs_and_claims_are_counted(stored: Path, whole: Run, tmp_path: Path) -> None:
    contagion = whole.contagions[0]
    pairs = contagion.pairs.assign(verdict=["changed", *contagion.pairs["verdict"][1:]])
    run = replace(whole, contagions=(replace(contagion, pairs=pairs),))
    found = compared(stored, run, tmp_path)
    assert views.sentences(found)[0] == "1 of 4 results changed, 1 verdict among them."


def test_rows_that_come_and_go_are_listed(stored: Path, whole: Run, tmp_path: Path) -> None:
    study = whole.studies[0]
    gone = pd.DataFrame(
        {"occurrence": ["q0"], "symbol": ["ZZZ"], "window": [""], "reason": ["no price"]}
    )
    found = compared(
        stored, with_study(whole, exclusions=gone, aggregates=study.aggregates[1:]), tmp_path
    )
    own = found.changes[found.changes["part"] == "exclusion"]
    new = own[own["after"] == "there"]
    assert new["item"].tolist() == ["q0 ZZZ no price"]
    assert (own["before"] == "there").sum() == len(study.exclusions)
    lost = found.changes[(found.changes["part"] == "CAAR") & (found.changes["field"] == "")]
    assert lost["before"].tolist() == ["there"]


def test_a_table_that_is_not_laid_out_is_counted_cell_by_cell(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    study = whole.studies[0]
    fits = shifted(study.fits, "beta", 0.1, slice(0, 2))
    run = with_study(whole, fits=fits, quality=study.quality.iloc[:0], seed=4)
    found = compared(stored, run, tmp_path)
    own = found.changes[found.changes["part"] == "table"].set_index("item")
    assert own.loc["fits", "after"] == f"2 of {study.fits.size:,}"
    assert own.loc["quality", "before"] == f"{len(study.quality):,} rows, 7 columns"
    assert own.loc["quality", "after"] == "0 rows, 7 columns"
    assert list(own.index) == ["fits", "quality"]


def naive_changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> set[Any]:
    """Compare rows with the key ``k`` in plain loops: what came, what went, what differs."""
    found = set()
    old, new = ({row["k"]: row for row in rows} for rows in (before, after))
    for key in {*old, *new}:
        if key not in new or key not in old:
            found.add((key, "", "there" if key in old else "", "there" if key in new else ""))
            continue
        a, b = old[key]["x"], new[key]["x"]
        near = math.isfinite(a) and math.isfinite(b) and abs(a - b) <= 1e-12 * abs(b)
        if not (a == b or near or (math.isnan(a) and math.isnan(b))):
            found.add((key, "x", repr(a), repr(b)))
        if old[key]["w"] != new[key]["w"]:
            found.add((key, "w", old[key]["w"], new[key]["w"]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_tables_differ_as_loops_over_their_rows_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = [0.0, -0.0, 1.0, 1.0 + 1e-14, 1.0 + 1e-9, np.nan, np.inf, -np.inf, 1e-300]

    def rows() -> list[dict[str, Any]]:
        keys = rng.permutation(12)[: rng.integers(1, 12)]
        return [
            {"k": f"k{key}", "x": float(rng.choice(values)), "w": str(rng.choice(["a", "b"]))}
            for key in keys
        ]

    before, after = rows(), rows()
    spec = ComparedTable("", "part", ("k",), ("w",), ("x",))
    found, compared = table_changes((pd.DataFrame(before), pd.DataFrame(after)), spec, 0.05)
    shown = set(found[["item", "field", "before", "after"]].itertuples(index=False, name=None))
    assert shown == naive_changes(before, after)
    both = len({row["k"] for row in before} & {row["k"] for row in after})
    either = len({row["k"] for row in before} | {row["k"] for row in after})
    assert compared == 2 * both + (either - both)


def test_a_p_value_flips_where_it_crosses_the_level() -> None:
    spec = ComparedTable("", "test", ("k",), numbers=("pvalue",))
    keys = list("abc")
    before = pd.DataFrame({"k": keys, "pvalue": [0.049, 0.06, np.nan]})
    after = pd.DataFrame({"k": keys, "pvalue": [0.051, 0.07, 0.01]})
    found, _ = table_changes((before, after), spec, 0.05)
    assert found["flipped"].tolist() == [True, False, True]


def test_the_document_holds_every_change(stored: Path, whole: Run, tmp_path: Path) -> None:
    table = shifted(whole.studies[0].aggregates, "caar", 0.01)
    found = compared(stored, with_study(whole, aggregates=table), tmp_path)
    document = comparison_document(found, NAMES)
    json.dumps(document, allow_nan=False)
    assert document["schema"] == COMPARE_SCHEMA
    assert len(document["changes"]) == len(found.changes)
    assert document["unexplained"] == found.unexplained
    assert document["before"]["folder"] == "old"
    row = next(each for each in document["changes"] if each["part"] == "CAAR")
    assert row["after_value"] - row["before_value"] == pytest.approx(0.01)


def test_a_terminal_counts_what_it_does_not_show(
    stored: Path, whole: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = whole.studies[0]
    run = with_study(whole, aggregates=shifted(study.aggregates, "caar", 0.01))
    found = compared(stored, run, tmp_path)
    rest = int((~found.changes["flipped"].astype(bool)).sum()) - 12
    assert rest > 0
    print_comparison(found, NAMES, sys.stdout)
    shown = capsys.readouterr().out
    assert f"{rest:,} more rows are in the JSON (eventlab compare --json)" in shown
    assert "1 of 4 results changed" in shown
    print_comparison(found, NAMES, sys.stdout, verbose=True)
    assert "more rows are in" not in capsys.readouterr().out


def test_the_page_is_offline_and_escapes_titles(stored: Path, whole: Run, tmp_path: Path) -> None:
    study = replace(make_study(n_occurrences=3, title=EVIL, simulated=True))
    run = replace(whole, studies=(study,), title=EVIL, command=f"eventlab run '{EVIL}'")
    found = compared(stored, run, tmp_path)
    write_comparison(found, NAMES, tmp_path / "deep" / "compare.html")
    text = (tmp_path / "deep" / "compare.html").read_text(encoding="utf-8")
    assert "alert(1)" in text
    assert "<script" not in text
    assert "<b>" not in text
    assert "http:" not in text
    assert "https:" not in text
    assert "SIMULATED PRICES" in text
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["compare.html"]


def test_a_folder_that_is_no_run_and_one_that_is_damaged_are_refused(
    stored: Path, whole: Run, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no run folder"):
        compare_runs(stored, tmp_path)
    write_run(with_study(whole, seed=4), tmp_path / "new")
    (tmp_path / "new/study/oracle-earnings/tests.parquet").write_bytes(b"no table")
    with pytest.raises(DataError, match="damaged"):
        compare_runs(stored, tmp_path / "new")
    about = tmp_path / "new/study/oracle-earnings/about.json"
    about.write_text("{}")
    with pytest.raises(DataError, match=r"about\.json is damaged: .*make the run again"):
        compare_runs(stored, tmp_path / "new")
    about.unlink()
    with pytest.raises(DataError, match=r"about\.json is missing; make the run again"):
        compare_runs(stored, tmp_path / "new")


def test_what_is_the_same_is_read_all_the_same(stored: Path, whole: Run, tmp_path: Path) -> None:
    write_run(whole, tmp_path / "new")
    path = tmp_path / "new/study/oracle-earnings/tests.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(DataError, match=r"tests\.parquet is damaged"):
        compare_runs(stored, tmp_path / "new")
