"""docs/strategies.md: its examples run as printed, and its tables have every key and default."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic_core import PydanticUndefined

from eventlab.definitions.hedge_definition import HedgeDefinition, PutDefinition, RatioDefinition
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.strategy_parts import (
    CostsDefinition,
    ExposureDefinition,
    LimitsDefinition,
    ScaleDefinition,
    SignalDefinition,
    StateDefinition,
    WhenDefinition,
)
from eventlab.definitions.workspace import load_workspace

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
# Sections of their own, not rows of a table of keys.
SECTIONS = {"hedge", "exposure", "signal", "scale", "when", "costs", "limits"}
MODELS = (
    HedgeDefinition,
    RatioDefinition,
    PutDefinition,
    ExposureDefinition,
    SignalDefinition,
    ScaleDefinition,
    WhenDefinition,
    StateDefinition,
    CostsDefinition,
    LimitsDefinition,
    StrategyDefinition,
)


def blocks(language: str) -> list[str]:
    """Every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def key_tables() -> list[dict[str, str]]:
    """Default as printed by key, of each table of keys in its order."""
    found: list[dict[str, str]] = []
    for table in re.findall(
        r"^\| key(?: of a state)? \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    ):
        rows = [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in table.splitlines()]
        found.append(
            {name: default for keys, _, default in rows for name in re.findall(r"`(\w+)`", keys)}
        )
    return found


def printed(field: FieldInfo) -> str:
    """A default as the page prints it."""
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "-"
    if default in (None, (), {}):
        return "none"
    if isinstance(default, RatioDefinition):
        return f"`{default.method}`"
    if isinstance(default, str):
        return f"`{default}`"
    if isinstance(default, tuple):
        return str(list(default))
    return f"{default:.0f}" if isinstance(default, float) and default >= 1000 else str(default)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_stands_in_one_table_with_its_default(model: type[BaseModel]) -> None:
    wanted = {
        name: printed(field)
        for name, field in model.model_fields.items()
        if model is not StrategyDefinition or name not in SECTIONS
    }
    tables = key_tables()
    if model is StrategyDefinition:
        merged = {name: default for each in tables for name, default in each.items()}
        assert {name: merged.get(name) for name in wanted} == wanted
    else:
        assert wanted in tables


def test_the_file_that_is_shown_is_the_one_that_ships(tmp_path: Path) -> None:
    (shown,) = blocks("yaml")
    for folder in ("events", "universes"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "btc-ai-hedge.yaml").write_text(shown, encoding="utf-8")
    assert load_workspace(tmp_path).strategy("btc-ai-hedge") == load_workspace(ROOT).strategy(
        "btc-ai-hedge"
    )


def test_examples_run_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = "\n".join(blocks("pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, "strategies.md", "docs/strategies.md", 0)
    assert len(test.examples) > 10
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=said.append).failed == 0, "".join(said)
