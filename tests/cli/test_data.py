"""``eventlab data``: what it prints, its JSON and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from eventlab import __version__
from eventlab.cli.main import run
from eventlab.market.sources import BUILT_IN, load_market

if TYPE_CHECKING:
    from pathlib import Path

DAYS = ["2025-12-08", "2025-12-09", "2025-12-10"]
PRICES = "date,symbol,close\n" + "".join(f"{day},AAA,{n + 100}\n" for n, day in enumerate(DAYS))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "p.csv").write_text(PRICES)
    monkeypatch.chdir(tmp_path)  # no workspace here
    return "prices"


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    assert found["schema"] == "eventlab.data/1"
    assert found["eventlab"] == __version__
    return found


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["sample", "arch", "PATH"]
    assert run(["data", "list", "--json"]) == 0
    assert document(capsys)["sources"] == [
        {"source": name, "holds": text} for name, text in BUILT_IN.items()
    ]


def test_show_says_what_was_understood(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "show", source]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("p.csv: daily prices, a row per symbol; 3 rows, 1 symbol")
    (row,) = [line.split() for line in out.splitlines() if line.startswith("AAA")]
    assert row == ["AAA", "day", "price", "XNYS", DAYS[0], DAYS[2], "3", "p.csv"]
    assert "calendars come from the files alone" in err


def test_show_as_json(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "show", source, "--json"]) == 0
    found = document(capsys)
    fingerprint = load_market(source, None, {}).stamp.fingerprint
    assert found["data"] == {"source": source, "fingerprint": fingerprint, "simulated": False}
    assert found["symbols"] == [
        {
            "symbol": "AAA",
            "frequency": "daily",
            "bar_minutes": 1440,
            "kind": "price",
            "calendar": "XNYS",
            "first": DAYS[0],
            "last": DAYS[2],
            "bars": 3,
            "missing": 0,
            "origin": "p.csv",
        }
    ]


def test_verify_passes_good_prices(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "verify", source]) == 0
    assert capsys.readouterr().out == "1 symbols usable, 0 refused, 0 warnings, 0 notes\n"


def test_verify_refuses_wrong_prices(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / source / "p.csv").write_text(PRICES + "2025-12-11,AAA,-1\n2025-12-11,BBB,5\n")
    assert run(["data", "verify", source]) == 3
    out = capsys.readouterr().out
    assert "refused  AAA       non_positive 2025-12-11: p.csv: close is -1" in out
    assert out.endswith("1 symbols usable, 1 refused, 0 warnings, 0 notes\n")
    assert run(["data", "verify", source, "--json"]) == 3
    found = document(capsys)
    assert found["issues"] == [
        {
            "symbol": "AAA",
            "check": "non_positive",
            "severity": "refused",
            "first": "2025-12-11",
            "last": "2025-12-11",
            "count": 1,
            "detail": "p.csv: close is -1, and prices are above zero: 2025-12-11. "
            "Correct or empty these cells; returns need kind: return under universes/",
        }
    ]


def test_unknown_symbol_and_source(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "show", source, "AAB"]) == 3
    assert "AAB has no prices in prices. Did you mean AAA?" in capsys.readouterr().err
    assert run(["data", "show", "sampel"]) == 3
    assert "Did you mean sample?" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from eventlab.cli.main import run; run(['data', '--help']); "
        "heavy = ('pandas', 'pyarrow', 'numba', 'exchange_calendars'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
