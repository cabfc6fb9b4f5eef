"""Extreme prices through every command: no warning, no bug, and no infinity in a result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from eventlab.report.store import read_run
from tests.cli.extreme_prices import SHAPES, write_extreme
from tests.cli.hostile_options import faults_of, make_small

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    ["study", "acme-earnings", "--draws", "20"],
    ["contagion", "acme-earnings", "--draws", "20"],
    ["backtest", "acme-hedge", "--draws", "20"],
)


SHORT = ("one constant", "jumps")


@pytest.mark.parametrize(
    "shape",
    [one if one in SHORT else pytest.param(one, marks=pytest.mark.slow) for one in SHAPES],
)
def test_extreme_prices(shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(tmp_path / "ws")
    write_extreme(tmp_path / "ws" / "prices" / "daily.csv", shape)
    monkeypatch.chdir(tmp_path / "ws")
    for words in COMMANDS:
        code, faults = faults_of([*words, "--json", "--quiet", "--out", f"out-{words[0]}"])
        assert (words, code, faults) == (words, code, [])
        folder = tmp_path / "ws" / f"out-{words[0]}"
        if (folder / "run.json").exists():
            for result in read_run(folder).results:
                assert infinite(result) == [], words


def infinite(result: object) -> list[str]:
    """Columns of a result's tables in which there is an infinity."""
    tables = {name: getattr(result, name) for name in result.__dataclass_fields__}  # type: ignore[attr-defined]
    return [
        f"{name}.{column}: {json.dumps(table[column].tolist(), default=str)[:200]}"
        for name, table in tables.items()
        if isinstance(table, pd.DataFrame)
        for column in table.select_dtypes("number")
        if np.isinf(table[column].to_numpy(np.float64)).any()
    ]
