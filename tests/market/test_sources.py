"""Reading files as they are: what they are taken for, what is refused, and what the errors say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventlab.definitions import SymbolInfo
from eventlab.errors import DataError
from eventlab.market.sources import load_market, missing_symbol_reason
from eventlab.timeline.clock import make_clock
from tests.market.series import long_csv, ns, write

if TYPE_CHECKING:
    from pathlib import Path

    from eventlab.market.types import Market

DAYS = ["2025-12-08", "2025-12-09", "2025-12-10", "2025-12-11", "2025-12-12"]
PRICES = [100.5, 101.25, 99.0, 98.75, 102.0]
ROWS = list(zip(DAYS, PRICES, strict=True))
GOOD = long_csv("AAA", ROWS)
UNZONED = "time,symbol,close\n2025-12-08 15:00,A,1\n2025-12-08 16:00,A,1\n"
TWO_HEADERS = "several header lines (Price, Ticker): write one, with columns date, symbol, close"


def info(symbol: str, calendar: str, kind: str = "price") -> dict[str, SymbolInfo]:
    return {symbol: SymbolInfo(symbol, symbol, calendar, kind)}  # type: ignore[arg-type]


def load(source: str, **symbols: SymbolInfo) -> Market:
    return load_market(source, None, symbols)


def test_long_csv(tmp_path: Path) -> None:
    market = load(write(tmp_path, prices=GOOD))
    series = market.daily["AAA"]
    clock = make_clock("XNYS", date(2025, 12, 8), date(2025, 12, 12))
    np.testing.assert_array_equal(series.closes, clock.closes)
    np.testing.assert_array_equal(series.prices, PRICES)
    assert (series.kind, series.calendar, series.bar_minutes) == ("price", "XNYS", 1440)
    (line,) = market.understood
    assert line == (
        "prices.csv: daily prices, a row per symbol; 5 rows, 1 symbol, 2025-12-08 to 2025-12-12; "
        "returns from close; calendar XNYS for 1 from its weekend rows; used for AAA"
    )
    assert (market.issues, dict(market.refused)) == ((), {})


def test_the_same_numbers_have_the_same_fingerprint_in_any_format(tmp_path: Path) -> None:
    texts = {
        "long": GOOD,
        "wide": "Date,AAA\n" + "".join(f"{day},{price}\n" for day, price in ROWS),
        "semicolons": GOOD.replace(",", ";").replace("date;symbol;close", "DAY;Ticker;Price"),
        "backwards": long_csv("AAA", reversed(ROWS)),
    }
    stamps = set()
    for name, text in texts.items():
        folder = tmp_path / name
        folder.mkdir()
        stamps.add(load(write(folder, prices=text)).stamp.fingerprint)
    single = tmp_path / "AAA.csv"
    single.write_text("timestamp,close\n" + "".join(f"{day},{price}\n" for day, price in ROWS))
    stamps.add(load(str(single)).stamp.fingerprint)
    table = pa.table(
        {"date": pa.array(DAYS).cast(pa.date32()), "symbol": ["AAA"] * 5, "close": PRICES}
    )
    pq.write_table(table, tmp_path / "prices.parquet")
    stamps.add(load(str(tmp_path / "prices.parquet")).stamp.fingerprint)
    indexed = pa.table({"AAA": PRICES, "__index_level_0__": np.array(DAYS, "datetime64[ns]")})
    pq.write_table(indexed, tmp_path / "indexed.parquet")
    stamps.add(load(str(tmp_path / "indexed.parquet")).stamp.fingerprint)
    assert len(stamps) == 1
    other = write(tmp_path / "long", prices=GOOD.replace("98.75", "98.76"))
    assert load(other).stamp.fingerprint not in stamps


def test_a_wide_file_may_mix_calendars(tmp_path: Path) -> None:
    rows = [(np.datetime64("2025-12-01") + day, day) for day in range(21)]
    text = "date,BTC,SPY\n" + "".join(
        f"{day},{100 + n},{'' if n % 7 > 4 or n == 9 else 200 + n}\n" for day, n in rows
    )
    market = load(write(tmp_path, wide=text))
    assert {name: one.calendar for name, one in market.daily.items()} == {
        "BTC": "24/7",
        "SPY": "XNYS",
    }
    assert not any(np.isnan(one.prices).any() for one in market.daily.values())
    assert [(one.symbol, one.check, one.first, one.count) for one in market.issues] == [
        ("SPY", "gap", "2025-12-10", 1)
    ]


def test_rows_in_any_order_make_the_same_bars(tmp_path: Path) -> None:
    hours = [f"2025-12-{day:02d} {hour:02d}:00" for day in range(1, 15) for hour in range(24)]
    rows = [f"{at},{name},{n % 9 + 1}\n" for n, at in enumerate(hours) for name in ("BTC", "ETH")]
    ordered = load(write(tmp_path, p="ts_utc,symbol,close\n" + "".join(rows)))
    np.random.default_rng(0).shuffle(rows)
    shuffled = load(write(tmp_path, p="ts_utc,symbol,close\n" + "".join(rows)))
    assert shuffled.stamp.fingerprint == ordered.stamp.fingerprint
    assert [(one.symbol, one.check) for one in shuffled.issues] == [
        ("BTC", "unsorted"),
        ("ETH", "unsorted"),
    ]


def test_daily_rows_in_a_zone_are_ambiguous(tmp_path: Path) -> None:
    text = "date,symbol,close\n" + "".join(f"{day}T15:00+00:00,A,1\n" for day in DAYS)
    with pytest.raises(DataError, match="2025-12-08T15:00:00 in a zone, and which day that means"):
        load(write(tmp_path, p=text))
    midnights = "date,symbol,close\n" + "".join(f"{day}T00:00+09:00,A,1\n" for day in DAYS)
    series = load(write(tmp_path, p=midnights)).daily["A"]
    assert series.sessions.astype(str).tolist() == DAYS  # the day as written, not in UTC


def test_returns_come_from_the_adjusted_close(tmp_path: Path) -> None:
    text = "Date,Open,Close,Adj Close,Volume\n2025-12-08,1,10,9,5\n2025-12-09,1,11,9.9,\n"
    market = load(write(tmp_path, AAPL=text))
    series = market.daily["AAPL"]
    np.testing.assert_array_equal(series.prices, [9, 9.9])
    np.testing.assert_array_equal(series.raw, [10, 11])
    np.testing.assert_array_equal(series.volume, [5, np.nan])
    assert "returns from Adj Close" in market.understood[0]


def test_a_symbol_without_any_adjusted_close_uses_its_close(tmp_path: Path) -> None:
    rows = ["2025-12-08,A,10,9", "2025-12-09,A,11,", "2025-12-08,B,5,", "2025-12-09,B,5.5,"]
    market = load(write(tmp_path, p="date,symbol,close,adj_close\n" + "\n".join(rows) + "\n"))
    np.testing.assert_array_equal(market.daily["A"].prices, [9, np.nan])
    np.testing.assert_array_equal(market.daily["B"].prices, [5, 5.5])
    assert "returns from adj_close, from close for B" in market.understood[0]
    assert [(one.symbol, one.check, one.first) for one in market.issues] == [
        ("A", "missing", "2025-12-09")
    ]


def test_intraday_bars_are_stamped_at_their_opening(tmp_path: Path) -> None:
    hours = [f"2025-12-{day:02d} {hour:02d}:00" for day in range(5, 9) for hour in range(24)]
    text = "ts_utc,symbol,close\n" + "".join(f"{at},BTC,{n + 100}\n" for n, at in enumerate(hours))
    market = load(write(tmp_path, hourly=text))
    series = market.intraday["BTC"]
    assert (series.calendar, series.bar_minutes) == ("24/7", 60)
    assert series.closes[0] == ns("2025-12-05T01:00")
    assert "bars of 60 minutes" in market.understood[0]
    assert "ts_utc is the opening of a bar" in market.understood[0]
    zoned = text.replace("ts_utc", "time").replace(":00,", ":00+01:00,")
    (tmp_path / "hourly.csv").write_text(zoned)
    assert load(str(tmp_path)).intraday["BTC"].closes[0] == ns("2025-12-05T00:00")


def test_bars_stamped_at_an_exchange_s_closes_are_recognised(tmp_path: Path) -> None:
    days = [f"2025-12-{day:02d}" for day in (1, 2, 3, 4, 5, 8, 9)]
    times = [f"{day}T{hour}:30Z" for day in days for hour in range(15, 21)]
    rows = [
        f"{at},AAA,{n + 100}"
        for n, at in enumerate(sorted([*times, *(f"{d}T21:00Z" for d in days)]))
    ]
    market = load(write(tmp_path, bars="time,symbol,close\n" + "\n".join(rows) + "\n"))
    assert "time is the closing of a bar" in market.understood[0]
    assert market.intraday["AAA"].closes[0] == ns("2025-12-01T15:30")


def test_the_workspace_says_which_end_of_its_bar_a_time_is(tmp_path: Path) -> None:
    hours = [f"2025-12-{day:02d}T{hour:02d}:00Z" for day in (6, 7, 8) for hour in range(24)]
    rows = "".join(f"{hour},BTC,{100 + k}\n" for k, hour in enumerate(hours))
    source = write(tmp_path, bars="ts_utc,symbol,close\n" + rows)
    told = {
        stamp: load_market(source, None, info("BTC", "24/7"), bar_stamp=stamp).intraday["BTC"]
        for stamp in (None, "open", "close")
    }
    first = ns("2025-12-06T00:00")
    assert told["close"].closes[0] == first
    assert told["open"].closes[0] == first + 3_600_000_000_000
    assert told[None].closes[0] == told["open"].closes[0]


def test_the_longer_intraday_file_is_used(tmp_path: Path) -> None:
    days = [f"2025-12-{day:02d}" for day in range(1, 15)]
    head = "ts_utc,symbol,close\n"
    hourly = [f"{day} {hour:02d}:00,BTC,100" for day in days for hour in range(24)]
    fine = [
        f"{day} {hour:02d}:{half},BTC,100"
        for day in days[:7]
        for hour in range(24)
        for half in ("00", "30")
    ]
    source = write(tmp_path, fine=head + "\n".join(fine), hourly=head + "\n".join(hourly))
    market = load(source)
    assert market.intraday["BTC"].origin == "hourly.csv"
    assert "not used for BTC: hourly.csv spans more days" in market.understood[0]


def test_calendar_comes_from_workspace_then_columns_then_weekends(tmp_path: Path) -> None:
    days = [f"2025-12-{day:02d}" for day in range(1, 31)]
    rows = [
        f"{day},{symbol},100,{zone}" for symbol, zone in (("A", "UTC"), ("B", "")) for day in days
    ]
    source = write(tmp_path, p="date,symbol,close,day_tz\n" + "\n".join(rows) + "\n")
    market = load(source)
    assert {one.calendar for one in market.daily.values()} == {"24/7"}
    assert "24/7 for 1 as the file says, 24/7 for 1 from its weekend rows" in market.understood[0]
    said = load_market(source, None, info("B", "XNYS"))
    assert said.refused["B"].startswith("p.csv: 9 of 30 rows fall on days on which XNYS is closed")
    clash = load_market(source, None, info("A", "XNYS"))
    assert clash.refused["A"] == (
        "the workspace says A trades on XNYS, the file says days of UTC: another instrument of the "
        "same name. Rename it in the file, or correct its calendar in universes/"
    )
    assert clash.symbols == ("B",)


@pytest.mark.parametrize(
    ("asset_class", "calendar"),
    [("crypto", "24/7"), ("crypto:ai", "24/7"), ("crypto_etf", "XNYS"), ("crypto_equity", "XNYS")],
)
def test_only_crypto_itself_trades_around_the_clock(
    tmp_path: Path, asset_class: str, calendar: str
) -> None:
    rows = "".join(f"{day},A,{price},{asset_class}\n" for day, price in ROWS)
    source = write(tmp_path, p="date,symbol,close,asset_class\n" + rows)
    assert load(source).daily["A"].calendar == calendar


def test_intraday_bars_of_another_instrument_of_the_name_are_left_out(tmp_path: Path) -> None:
    etf = long_csv("DIA", ROWS)
    hours = [f"2025-12-{day:02d} {hour:02d}:00" for day in range(1, 15) for hour in range(24)]
    token = "ts_utc,symbol,close\n" + "".join(f"{at},DIA,1\n" for at in hours)
    market = load(write(tmp_path, daily=etf, hourly=token))
    assert (tuple(market.daily), tuple(market.intraday)) == (("DIA",), ())
    (one,) = market.issues
    assert one.detail == (
        "hourly.csv: bars on weekends, when XNYS is closed: another instrument of the same name; "
        "not used"
    )


def test_two_files_of_a_symbol(tmp_path: Path) -> None:
    market = load(write(tmp_path, a=GOOD, b=GOOD))
    assert [(one.check, one.severity, one.detail) for one in market.issues] == [
        ("duplicate", "note", "also in b.csv, with equal prices; a.csv is used")
    ]
    market = load(write(tmp_path, b=GOOD.replace("98.75", "98.5")))
    assert market.symbols == ()
    assert market.refused["AAA"] == (
        "a.csv and b.csv disagree on 1 of 5 days, first on 2025-12-11 (98.75 and 98.5). Remove one "
        "of them, or give --data one file"
    )
    market = load(write(tmp_path, b=long_csv("AAA", [("2025-12-15", 100)])))
    assert "share no day" in market.refused["AAA"]


def test_what_is_wrong_refuses_one_symbol_and_leaves_the_rest(tmp_path: Path) -> None:
    bad = long_csv("BAD", [*ROWS, ("2025-12-15", -1)]).split("\n", 1)[1]
    market = load(write(tmp_path, p=GOOD + bad))
    assert market.symbols == ("AAA",)
    reason = (
        "p.csv: close is -1, and prices are above zero: 2025-12-15. Correct or empty these cells; "
        "returns need kind: return under universes/"
    )
    assert market.refused == {"BAD": reason}
    assert missing_symbol_reason(market, "BAD").startswith("BAD was refused: p.csv: close is -1")
    assert missing_symbol_reason(market, "AAB").endswith("Did you mean AAA?")


def test_levels(tmp_path: Path) -> None:
    rows = "2025-12-08,DGS10,4.1,percent\n2025-12-09,DGS10,-0.1,percent\n"
    rows = "date,symbol,close,price_basis\n" + rows
    assert load(write(tmp_path, p=rows)).daily["DGS10"].kind == "level"
    source = write(tmp_path, p=long_csv("X", ROWS))
    assert load_market(source, None, info("X", "XNYS", "level")).daily["X"].kind == "level"


def test_files_that_are_no_prices_are_left_aside(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        facts="date,symbol,label\n2025-12-10,ORCL,x\n",
        funding="ts_utc,symbol,premium\n2025-12-10 00:00,BTC,0.1\n",
        interest="date,btc_futures_basis,source\n2025-12-10,1,x\n",
        notes="who,what\na,b\n",
        prices=GOOD,
        two="Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n",
    )
    market = load(source)
    assert [line for line in market.understood if "aside" in line] == [
        "facts.csv: not prices: no close column; left aside",
        "funding.csv: not prices: no close column; left aside",
        "interest.csv: not prices: no close column, and no column named like a symbol; left aside",
        "notes.csv: not prices: no date or time column; left aside",
        f"two.csv: {TWO_HEADERS}; left aside",
    ]
    assert market.symbols == ("AAA",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.csv:1: no header line"),
        ("date,symbol,close\n", "p.csv: has a header and no rows"),
        (GOOD + "2025-12-15,AAA,abc\n", "p.csv:7: close: 'abc' is not a number. Write a number"),
        (GOOD + '2025-12-15,AAA,"98,5"\n', "p.csv:7: close: '98,5' is not a number. It has a"),
        (GOOD + '2025-12-15,AAA,"1,098.5"\n', "p.csv:7: close: '1,098.5' is not a number. Leave"),
        (GOOD + "2025-12-15,AAA,98,5\n", "p.csv:7: 4 cells where the header has 3"),
        (GOOD + "15/12/2025,AAA,98\n", "p.csv:7: date: '15/12/2025' is not an ISO date"),
        (GOOD + "2025-02-30,AAA,98\n", "p.csv:7: date: '2025-02-30' is not an ISO date"),
        (GOOD + ",AAA,98\n", "p.csv:7: date: no date"),
        (GOOD + "2025-12-15,,98\n", "p.csv:7: symbol: no symbol"),
        (GOOD + "2025-12-15 00:00+01:00,AAA,98\n", "p.csv:2: date: '2025-12-08' has no zone"),
        ("date,close,close\n2025-12-08,1,2\n", "p.csv:1: column 'close' stands there twice"),
        ("who,what\na,b\n", "no prices in it (p.csv: not prices: no date or time column)"),
        (UNZONED, "p.csv: time: times of day without a zone. Name the column ts_utc if they"),
    ],
)  # fmt: skip
def test_unusable_csv_names_the_line_and_the_remedy(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(write(tmp_path, p=text))
    assert message in str(caught.value)
    assert caught.value.exit_code == 3


def test_unusable_files_and_sources(tmp_path: Path) -> None:
    def complaint(source: str) -> str:
        with pytest.raises(DataError) as caught:
            load(source)
        return str(caught.value)

    assert complaint("sampel") == (
        "sampel: no file or folder of that name, and no built-in source (sample, arch). Did you "
        "mean sample? Give --data a folder or file of prices"
    )
    assert "no such file or folder" in complaint(str(tmp_path / "nowhere"))
    assert "the folder is empty" in complaint(str(tmp_path))
    (tmp_path / "README.md").write_text("x")
    assert "holds no Parquet or CSV file" in complaint(str(tmp_path))
    assert "cannot read .md" in complaint(str(tmp_path / "README.md"))
    (tmp_path / "p.csv").write_bytes(bytes(range(128, 256)))
    assert "p.csv: byte 0 (0x80) is not UTF-8 text" in complaint(str(tmp_path))
    (tmp_path / "p.csv").unlink()
    (tmp_path / "p.parquet").write_bytes(b"PAR1" + bytes(200) + b"PAR1")
    assert "p.parquet: not readable as Parquet" in complaint(str(tmp_path))


def test_every_unusable_file_of_a_folder_is_named_in_one_go(tmp_path: Path) -> None:
    write(tmp_path, good=GOOD, empty="", unzoned=UNZONED)
    with pytest.raises(DataError) as caught:
        load(str(tmp_path))
    lines = str(caught.value).splitlines()
    assert [line.split(".csv")[0] for line in lines] == ["empty", "unzoned"]


def test_damaged_pages_of_a_parquet_file_are_named(tmp_path: Path) -> None:
    rows = 20_000
    days = np.datetime64("1970-01-01") + np.arange(rows)
    prices = np.random.default_rng(0).random(rows)
    table = pa.table({"date": days, "symbol": ["A"] * rows, "close": prices})
    path = tmp_path / "p.parquet"
    pq.write_table(table, path, compression="zstd")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"p\.parquet: damaged data"):
        load(str(path))


def test_epochs(tmp_path: Path) -> None:
    first = ns("2025-12-05T00:00")
    for scale in (1, 10**3, 10**6, 10**9):
        rows = [f"{(first + hour * 3600 * 10**9) // scale},{100 + hour % 7}" for hour in range(96)]
        market = load(write(tmp_path, BTC="timestamp,close\n" + "\n".join(rows) + "\n"))
        assert market.intraday["BTC"].closes[0] == ns("2025-12-05T01:00")
