"""docs/claims.md: its examples validate and run, and its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from eventlab.claims.types import Verdict
from eventlab.claims.verdict import TOLERANCES
from eventlab.definitions import check_workspace
from eventlab.definitions.claim import (
    Basket,
    ClaimDefinition,
    ClaimsDefinition,
    Of,
    PriceKind,
    ReadingsDefinition,
)
from eventlab.definitions.claim_words import MEASURES, MeasureRules

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
COUNTS = {"one": 1, "two": 2, "three": 3}


def blocks(language: str) -> list[str]:
    """Every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def table(first: str) -> list[list[str]]:
    """Cells of the table whose first column is called so."""
    found = re.search(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found is not None, first
    return [line.strip("| ").split(" | ") for line in found.group(1).splitlines()]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_example_validates(tmp_path: Path) -> None:
    of_event, of_file, readings = blocks("yaml")
    for folder in ("universes", "schemas"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "events").mkdir()
    for path in (ROOT / "events").glob("[!c]*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == "oracle-earnings":
            text = text.partition("\nclaims:")[0] + "\n" + of_event
        (tmp_path / "events" / path.name).write_text(text, encoding="utf-8")
    more = of_file + (
        "  - id: fell\n    statement: They fell\n    measure: return\n    published: -0.249\n"
        '    symbols: ["@ai_tokens"]\n    window: 1 month\n    as_of: 2025-12-11\n'
        + re.sub("^", "    ", readings, flags=re.MULTILINE).rstrip()
        + "\n"
    )
    (tmp_path / "events" / "claims-press.yaml").write_text(more, encoding="utf-8")
    workspace, problems = check_workspace(tmp_path)
    assert [str(each) for each in problems] == []
    assert len(workspace.claims["claims-press"].claims) == 4
    given = workspace.claims["claims-press"].claims[-1].readings
    assert given is not None
    assert given.baskets == ("equal", "median")


def test_every_key_is_explained() -> None:
    told = {
        (name, whose)
        for keys, of, _ in table("key")
        for name in named(keys)
        for whose in of.split(", ")
    }
    wanted = {(name, "file") for name in ClaimsDefinition.model_fields}
    wanted |= {(name, "claim") for name in ClaimDefinition.model_fields}
    assert told == wanted


def symbols_told(cell: str) -> tuple[int, int | None]:
    """Fewest and most names, as the table says it."""
    words = cell.partition(",")[0].split()
    if words[0] == "any":
        return 0, None
    last = {"more": None}.get(words[-1], COUNTS.get(words[-1]))
    return COUNTS[words[0]], last if "or" in words else COUNTS[words[0]]


@pytest.mark.parametrize(("name", "rules"), MEASURES.items())
def test_every_measure_stands_in_the_table(name: str, rules: MeasureRules) -> None:
    ((_, symbols, published, readings),) = [
        row for row in table("measure") if named(row[0]) == [name]
    ]
    assert symbols_told(symbols) == rules.symbols
    assert named(published) == list(rules.words)
    assert ("a number" in published) == bool(rules.figures)
    assert readings == (", ".join(rules.axes) or "none")


def test_no_other_measure_does() -> None:
    assert {named(row[0])[0] for row in table("measure")} == set(MEASURES)


def test_values_of_readings() -> None:
    (rows,) = re.findall(r"^\| key \| values \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    values = {
        named(cells[0])[0]: named(cells[1])
        for cells in (line.strip("| ").split(" | ") for line in rows.splitlines())
    }
    assert set(values) == set(ReadingsDefinition.model_fields)
    for key, kind in (("of", Of), ("baskets", Basket), ("prices", PriceKind)):
        assert values[key] == list(get_args(kind))


def test_verdicts_and_tolerances() -> None:
    assert [named(row[0])[0] for row in table("verdict")] == list(get_args(Verdict))
    told = {
        unit: (float(absolute), float(share.rstrip("%")) / 100)
        for unit, absolute, share in table("figures")
    }
    exact = {unit for unit, (absolute, share) in TOLERANCES.items() if absolute == share == 0.0}
    assert told == {unit: each for unit, each in TOLERANCES.items() if unit not in exact}


def test_python_runs_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (text,) = blocks("python")
    assert text.count('"prices"') == 1
    space: dict[str, object] = {}
    exec(text.replace('"prices"', '"sample"'), space)  # noqa: S102 - the page itself
    assert len(space["claims"].claims) == 1  # type: ignore[attr-defined]
