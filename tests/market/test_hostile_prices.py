"""Whatever is given as prices, a market or one clear mistake comes of it."""

from __future__ import annotations

import gzip
import os
import random  # noqa: TC003 - hypothesis reads the annotation
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventlab.errors import DataError
from eventlab.market import files
from eventlab.market.sources import load_market
from tests.market.hostile_check import faults_of
from tests.market.hostile_prices import write_hostile

DAYS = pd.bdate_range("2025-12-01", periods=5).strftime("%Y-%m-%d")


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_a_market_or_a_clear_mistake(draw: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = write_hostile(Path(folder), draw)
        _, faults = faults_of(source)
        assert faults == []


@settings(max_examples=60, deadline=None)
@given(
    closes=st.lists(st.floats(), min_size=5, max_size=5),
    highs=st.lists(st.floats(), min_size=5, max_size=5),
    volumes=st.lists(st.floats(), min_size=5, max_size=5),
)
def test_numbers_that_no_price_can_be(
    closes: list[float], highs: list[float], volumes: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = pd.DataFrame({"date": DAYS, "close": [5.0] * 5, "adj_close": closes})
        table = table.assign(high=highs, low=highs, volume=volumes, open=closes[::-1])
        table.to_parquet(Path(folder) / "AAA.parquet")
        assert faults_of(Path(folder))[1] == []


def said(source: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_market(str(source), None, {})
    return str(caught.value)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2099-12-30"])
def test_a_date_of_another_century_is_named(tmp_path: Path, day: str) -> None:
    (tmp_path / "p.csv").write_text(f"date,AAA\n2025-12-10,5\n{day},6\n")
    assert "p.csv:3: date: " in said(tmp_path)
    assert f"{day} is not from 1900-01-01 to 2099-12-29" in said(tmp_path).replace("'", "")


def test_seconds_after_2262_do_not_wrap(tmp_path: Path) -> None:
    pd.DataFrame({"ts_utc": [10**10] * 2, "AAA": [1.0, 2.0]}).to_parquet(tmp_path / "p.parquet")
    assert "row 1: ts_utc: 10000000000 is not from 1900-01-01" in said(tmp_path)


def test_a_row_before_its_calendar_begins_names_file_and_symbol(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "date,symbol,close,day_tz\n1950-01-03,AAA,5,Asia/Seoul\n1950-01-04,AAA,6,Asia/Seoul\n"
    )
    assert "p.csv: AAA: a row of 1950-01-03, and the calendar XKRX is known from" in said(tmp_path)


def test_what_is_no_file_is_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.csv")
    (tmp_path / "q.parquet").symlink_to("nowhere")
    lines = said(tmp_path).split("\n")
    assert [line.split(":")[0] for line in lines] == ["p.csv", "q.parquet"]
    assert all("neither a file nor a folder" in line for line in lines)
    for name in ("p.csv", "../" * 3 + "dev/zero", "y" * 300, "\x00", "~nobody-of-that-name/x"):
        said(tmp_path / name)
    assert "neither a file nor a folder" in said(tmp_path / "p.csv")


def test_a_file_that_expands_a_thousandfold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST_EXPANDED", 1 << 20)
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(b"date,AAA\n" + b"0" * (8 << 20)))
    assert "p.csv.gz: expands to more than" in said(tmp_path)
    rows = "".join(f"{day},5\n" for day in DAYS)
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(f"date,AAA\n{rows}".encode()))
    assert load_market(str(tmp_path), None, {}).symbols == ("AAA",)


def test_a_stray_bar_of_another_century_does_not_fill_the_memory(tmp_path: Path) -> None:
    stamps = pd.date_range("2025-12-06", periods=300, freq="min", tz="UTC")
    stray = [pd.Timestamp("1901-01-05", tz="UTC"), *stamps]
    pd.DataFrame({"ts_utc": stray, "BTC": 5.0}).to_parquet(tmp_path / "p.parquet")
    refused = load_market(str(tmp_path), None, {}).refused["BTC"]
    assert "301 of 65,701,740 bars of 1 minutes" in refused


def test_rows_of_seconds_are_no_bars(tmp_path: Path) -> None:
    stamps = pd.date_range("2025-12-08", periods=300, freq="s", tz="UTC")
    pd.DataFrame({"ts_utc": stamps, "BTC": 5.0}).to_parquet(tmp_path / "p.parquet")
    assert "ts_utc: rows less than a minute apart" in said(tmp_path)


def test_a_symbol_that_acts_on_a_terminal_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("date,symbol,close\n2025-12-10,\x1b[31mX,5\n")
    assert "p.csv:2: symbol: '\\x1b[31mX' is no symbol" in said(tmp_path)


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"S{number}" for number in range(10_000)]
    table = pd.DataFrame(np.full((3, len(names)), 5.0), index=DAYS[:3], columns=names)
    table.to_csv(tmp_path / "p.csv", index_label="date")
    assert len(load_market(str(tmp_path), ["S7", "S9999"], {}).symbols) == 2
