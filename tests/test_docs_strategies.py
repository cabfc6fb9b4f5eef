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
from eventlab.hedge import run_audit, run_backtest, run_sweep
from eventlab.market.workspace_market import market_for as load_market
from eventlab.report.hedge.document import audit_document, backtest_document, sweep_document

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


def test_the_page_on_json_names_every_key_and_column() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    workspace = load_workspace(ROOT)
    strategy = workspace.strategy("btc-ai-hedge").model_copy(update={"since": "2025-01-01"})
    market = load_market(workspace, "sample", strategies=[strategy])
    documents = {
        "backtest": backtest_document(run_backtest(strategy, market, draws=20), ""),
        "sweep": sweep_document(run_sweep(strategy, market, draws=20, splits=4), ""),
        "audit": audit_document(run_audit(strategy, market, cuts=1), ""),
    }
    by_run = re.compile(r"(hedged|unhedged|always|cash)(_return|_drawdown)?")
    for kind, document in documents.items():
        part = page[page.index(f"`eventlab {kind} STRATEGY --json`") :]
        part = part[: part.index("\n\n`eventlab") if kind == "backtest" else part.index("\n## ")]
        for key, rows in document.items():
            assert f"`{key}`" in page, f"{kind}: {key}"
            columns = rows[0] if isinstance(rows, list) and rows else ()
            lacking = [
                column
                for column in columns
                if not re.search(rf"\b{re.escape(column)}\b", part)
                and column not in strategy.sweep
                and not (key == "curves" and by_run.fullmatch(column))
            ]
            assert not lacking, f"{kind}: {key}: {lacking}"
