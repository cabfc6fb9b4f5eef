"""The JSON Schemas: as committed, complete, and of one mind with the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from eventlab.definitions.definition_file import KINDS
from eventlab.definitions.schema import SCHEMA_KINDS, json_schema, schema_text
from eventlab.definitions.yaml_reader import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = sorted(
    path for kind in ("events", "strategies", "universes") for path in REPOSITORY.glob(f"{kind}/*")
)
KIND_OF = {"events": "event", "strategies": "strategy", "universes": "universe"}


def kind_of(path: Path) -> str:
    return "claims" if path.name.startswith("claims-") else KIND_OF[path.parent.name]


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(text: str) -> object:
    root, faults = compose(text)
    assert faults == ()
    assert root is not None
    return root.plain()


def properties(schema: object) -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for each in schema.values():
            yield from properties(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from properties(each)


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_the_committed_schema_is_the_one_that_is_printed(kind: str) -> None:
    committed = REPOSITORY / "schemas" / f"{kind}.schema.json"
    remedy = f"run `eventlab schema {kind} > schemas/{kind}.schema.json`"
    assert committed.read_text(encoding="utf-8") == schema_text(kind), remedy


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_every_key_is_explained(kind: str) -> None:
    schema = json_schema(kind)
    silent = [name for name, said in properties(schema) if not said.get("description")]
    assert silent == []
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False


def test_every_kind_of_file_has_a_schema() -> None:
    assert set(SCHEMA_KINDS) == {*KINDS, "workspace"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_fit_and_name_their_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind = kind_of(path)
    validator(kind).validate(plain(text))
    assert text.splitlines()[0] == (
        f"# yaml-language-server: $schema=../schemas/{kind}.schema.json"
    )


def test_the_examples_fit(root: Path) -> None:
    for path in sorted(root.glob("*/*.yaml")):
        validator(KIND_OF[path.parent.name]).validate(plain(path.read_text(encoding="utf-8")))


EVENT = "events/oracle-earnings.yaml"
STRATEGY = "strategies/btc-ai-hedge.yaml"
UNIVERSE = "universes/tech.yaml"
BROKEN = [
    (EVENT, "benchmark:", "benchmrk:"),
    (EVENT, "kind: earnings ", "kind: earning "),
    (EVENT, "issuer: ORCL", "issuer: orcl"),
    (EVENT, "event_window: [-5, 10]", "event_window: [-5]"),
    (EVENT, "event_window: [-5, 10]", "event_window: [-5, x]"),
    (EVENT, "event_window: [-5, 10]", "event_window: [-5, 1, 2]"),
    (EVENT, "window: 63 bars", "window: 63 barz"),
    (EVENT, "published: 0.96", "published: {a: 1}"),
    (EVENT, "title: Oracle quarterly earnings\n", ""),
    (STRATEGY, "fee_bps: 5", "fee_bps: five"),
    (STRATEGY, "book: {BTC: 1.0}", "book: {btc: 1.0}"),
    (STRATEGY, "book: {BTC: 1.0}", "book: {}"),
    (STRATEGY, "events: [oracle-earnings, nvidia-earnings]", "events: oracle-earnings"),
    (STRATEGY, "enter: -2", "enter: soon"),
    (STRATEGY, "enter: -2", "enter: -2.5"),
    (STRATEGY, "enter: -2", "enter: null"),
    (STRATEGY, "enter: -2", "enter: true"),
    (STRATEGY, "enter: -2", "enter: {easng: fomc}"),
    (STRATEGY, "enter: -2", "enter: {falling: uup}"),
    (STRATEGY, "exit: 5,", "exit: {falling: UUP, at_most: 0},"),
    (STRATEGY, "method: ols", "method: olz"),
    (STRATEGY, "fee_bps: 5", "interest: dgs2"),
    (UNIVERSE, "universe: tech", "universe: big-tech"),
    (UNIVERSE, "AMD: {}", "AMD: null"),
]


@pytest.mark.parametrize(("name", "old", "new"), BROKEN)
def test_schema_and_model_refuse_alike(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    data = plain(text.replace(old, new))
    kind = KIND_OF[name.partition("/")[0]]
    assert not validator(kind).is_valid(data)
    with pytest.raises(ValueError, match="validation error"):
        KINDS[kind].model_validate(data)  # type: ignore[index]


def test_the_settings_of_this_repository_fit() -> None:
    import tomllib  # noqa: PLC0415 - one test needs it

    text = (REPOSITORY / "eventlab.toml").read_text(encoding="utf-8")
    validator("workspace").validate(tomllib.loads(text))


def test_the_text_is_plain_json() -> None:
    assert json.loads(schema_text("universe")) == json_schema("universe")
