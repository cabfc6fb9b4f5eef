"""Every table of a result as CSV and in a workbook: whole, typed, and nothing that runs."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.report.make_study import make_study
from tests.report.read_workbook import SheetRead, read_workbook

pytest.importorskip("xlsxwriter", reason="needs the extra eventlab[report]")

from eventlab.report import excel_files
from eventlab.report.csv_files import write_csv_files
from eventlab.report.excel_files import write_workbook
from eventlab.report.flat_tables import file_stems, flat_tables
from eventlab.report.table_files import table_files, write_table_files

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.study.results import EventStudy

# Beginnings that a spreadsheet takes for a formula, those that it trims first, and the sign itself.
RISKY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\N{FULLWIDTH EQUALS SIGN}1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "\N{FULLWIDTH HYPHEN-MINUS}1",
    "\N{FULLWIDTH COMMERCIAL AT}x",
    "'=1",
]
PLAIN = ["1-1", "a=b", "[0,1]", "", "Oracle <b>&amp;</b>", "_x0041_", "line\nline", "\x01odd\x0b"]
FACTS = [("Command", "=cmd|' /C calc'!A0"), ("Made at", "2026-01-02T03:04:05+00:00")]


def with_notes(notes: list[str], *, simulated: bool = False) -> EventStudy:
    """A study whose exclusions hold these texts, with numbers of every kind in its days."""
    study = make_study(simulated=simulated)
    exclusions = pd.DataFrame(
        {"occurrence": notes, "symbol": "X", "window": "", "reason": notes[::-1]}
    )
    days = pd.DataFrame(
        {
            "symbol": ["A", "B", "C", "D"],
            "n": [-1, 0, 2**40, 3],
            "mean": [-0.1, np.nan, np.inf, -np.inf],
            "pvalue": [0.1 + 0.2, 1e-300, 5e-324, 1.0],
            "flag": [True, False, True, False],
        }
    )
    return replace(study, exclusions=exclusions, event_days=days)


def write_one(path: Path, study: EventStudy) -> None:
    write_workbook(path, [study], flat_tables([study]), FACTS)


def tables_of(study: EventStudy) -> list[str]:
    held = (each.name for each in fields(study))
    return [name for name in held if isinstance(getattr(study, name), pd.DataFrame)]


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SheetRead]:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_one(path, with_notes(RISKY + PLAIN))
    return read_workbook(path)


def test_every_table_of_a_result_is_a_file_and_a_sheet(tmp_path: Path) -> None:
    study = make_study()
    write_table_files([study], tmp_path, FACTS)
    folder = tmp_path / "tables/oracle-earnings"
    tables = tables_of(study)
    assert len(tables) >= 20
    assert sorted(path.stem for path in folder.glob("*.csv")) == sorted(tables)
    assert list(read_workbook(folder / "oracle-earnings.xlsx")) == ["about", *tables]
    assert sorted(path.name for path in folder.iterdir()) == sorted(table_files(study))
    assert file_stems(study) == tables


def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(tmp_path: Path) -> None:
    write_csv_files(flat_tables([with_notes(RISKY)]), tmp_path)
    written = (tmp_path / "exclusions.csv").read_bytes().decode()
    for text in RISKY:
        assert written.count(f'"\'{text}"') == 2, text  # as an occurrence and as a reason
        assert f'"{text}"' not in written, text


def test_texts_come_back_from_csv_when_one_apostrophe_is_taken_away(tmp_path: Path) -> None:
    texts = RISKY + [text for text in PLAIN if text != "\x01odd\x0b"]
    write_csv_files(flat_tables([with_notes(texts)]), tmp_path)
    with (tmp_path / "exclusions.csv").open(encoding="utf-8", newline="") as file:
        found = pd.read_csv(io.StringIO(file.read()), keep_default_na=False, lineterminator="\n")
    back = found["occurrence"].str.removeprefix("'").tolist()
    assert back == texts
    assert [text for text in PLAIN if text in found["occurrence"].tolist()]


def test_numbers_of_csv_stay_numbers_to_the_last_bit(tmp_path: Path) -> None:
    study = with_notes(["x"])
    write_csv_files(flat_tables([study]), tmp_path)
    found = pd.read_csv(tmp_path / "event_days.csv")
    pd.testing.assert_frame_equal(found, study.event_days, check_exact=True, check_dtype=False)


@pytest.mark.parametrize("simulated", [True, False])
def test_each_row_of_simulated_prices_says_so(simulated: bool, tmp_path: Path) -> None:
    study = with_notes(["x"], simulated=simulated)
    write_table_files([study], tmp_path, FACTS)
    folder = tmp_path / "tables/oracle-earnings"
    sheets = read_workbook(folder / "oracle-earnings.xlsx")
    for name in tables_of(study):
        found = read_csv(folder / f"{name}.csv")
        assert (found.columns[0] == "simulated") is simulated, name
        assert (sheets[name].value("A1") == "simulated") is simulated, name
        if simulated:
            assert found["simulated"].astype(str).str.lower().eq("true").all(), name
            assert "SIMULATED" in sheets[name].text, name
    banner = "A2" in sheets["about"].cells and "SIMULATED" in sheets["about"].value("A2")
    assert banner is simulated


def test_no_cell_of_a_workbook_is_a_formula(workbook: dict[str, SheetRead]) -> None:
    for name, sheet in workbook.items():
        assert "<f>" not in sheet.text, name
        assert "<f " not in sheet.text, name
        assert {kind for kind, *_ in sheet.cells.values()} <= {"text", "n", "b"}, name
    assert "=cmd|' /C calc'!A0" in workbook["about"].row(8)


def test_texts_of_a_workbook_are_the_texts_and_risky_ones_are_marked(
    workbook: dict[str, SheetRead],
) -> None:
    sheet = workbook["exclusions"]
    for row, text in enumerate(RISKY + PLAIN, start=2):
        if text == "":
            assert f"A{row}" not in sheet.cells
            continue
        kind, value, _, quoted = sheet.cells[f"A{row}"]
        assert (kind, value) == ("text", text)
        assert quoted is (text in RISKY)


def test_cells_have_types_and_nothing_stands_for_nan(workbook: dict[str, SheetRead]) -> None:
    sheet = workbook["event_days"]
    assert [sheet.value(f"{column}1") for column in "ABCDE"] == [
        "symbol",
        "n",
        "mean",
        "pvalue",
        "flag",
    ]
    assert sheet.cells["B2"][:2] == ("n", "-1")
    assert float(sheet.value("B4")) == 2**40
    assert float(sheet.value("C2")) == -0.1
    assert "C3" not in sheet.cells
    assert sheet.cells["C4"][:2] == ("text", "inf")
    assert (sheet.value("C5"), sheet.cells["C5"][3]) == ("-inf", True)
    assert [float(sheet.value(f"D{row}")) for row in range(2, 6)] == [0.1 + 0.2, 1e-300, 5e-324, 1]
    assert [sheet.cells[f"E{row}"][:2] for row in (2, 3)] == [("b", "1"), ("b", "0")]


def test_days_are_days_and_instants_are_utc(workbook: dict[str, SheetRead]) -> None:
    sheet = workbook["occurrences"]
    names = {value: key[:-1] for key, (_, value, *_) in sheet.cells.items() if key[1:] == "1"}
    # 2025-12-10 is day 46,001 of a spreadsheet; 16:05 in New York is 21:05 UTC.
    assert float(sheet.value(f"{names['event_session']}2")) == 46002
    announced = float(sheet.value(f"{names['announced_at (UTC)']}2"))
    assert announced == pytest.approx(46001 + (21 * 60 + 5) / 1440, abs=1e-9)
    day, instant = (
        sheet.cells[f"{names[name]}2"][2] for name in ("event_session", "announced_at (UTC)")
    )
    assert day != instant
    assert min(day, instant) >= 164  # formats of the workbook's own, no numbers


def test_days_that_spreadsheets_get_wrong_are_text(tmp_path: Path) -> None:
    study = make_study()
    days = pd.to_datetime(["1900-02-28", "1929-10-24"]).astype("datetime64[s]")
    study = replace(study, quality=pd.DataFrame({"first": days}))
    write_one(tmp_path / "book.xlsx", study)
    sheet = read_workbook(tmp_path / "book.xlsx")["quality"]
    assert [sheet.cells[f"A{row}"][:2] for row in (2, 3)] == [
        ("text", "1900-02-28"),
        ("text", "1929-10-24"),
    ]


def test_a_sheet_has_its_header_frozen_and_filters(workbook: dict[str, SheetRead]) -> None:
    text = workbook["cars"].text
    rows = len(make_study().cars) + 1
    assert 'state="frozen"' in text
    assert f'<autoFilter ref="A1:L{rows}"' in text
    assert f'<dimension ref="A1:L{rows}"' in text


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_files, "MOST_ROWS", 5)
    write_one(tmp_path / "book.xlsx", with_notes([f"n{k}" for k in range(9)]))
    sheets = read_workbook(tmp_path / "book.xlsx")
    parts = [name for name in sheets if name.startswith("exclusions")]
    assert parts == ["exclusions", "exclusions (2)", "exclusions (3)"]
    found = [
        sheets[name].value(key)
        for name in parts
        for key in ("A2", "A3", "A4", "A5")
        if key in sheets[name].cells
    ]
    assert found == [f"n{k}" for k in range(9)]
    assert {sheets[name].value("A1") for name in parts} == {"occurrence"}


def test_names_of_sheets_are_cut_at_31_and_told_apart() -> None:
    taken: set[str] = set()
    for _ in range(3):
        taken.add(excel_files._name("x" * 40, taken))
    assert taken == {"x" * 31, "x" * 27 + " (2)", "x" * 27 + " (3)"}


def test_a_text_longer_than_a_cell_says_that_it_was_cut(tmp_path: Path) -> None:
    write_one(tmp_path / "book.xlsx", with_notes(["y" * 40_000]))
    value = read_workbook(tmp_path / "book.xlsx")["exclusions"].value("A2")
    assert len(value) <= 32_767
    assert value.endswith("... (40000 characters, all in the CSV)")


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_table_files([with_notes(RISKY + PLAIN)], tmp_path / name, FACTS)
    files = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) > 20
    for path in files:
        again = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == again.read_bytes(), path.name
