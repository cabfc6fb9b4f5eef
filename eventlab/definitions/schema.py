"""JSON Schema of every kind of definition, for editors that complete and explain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from eventlab.definitions.claim import ClaimsDefinition
from eventlab.definitions.event import EventDefinition
from eventlab.definitions.strategy import StrategyDefinition
from eventlab.definitions.universe import UniverseDefinition
from eventlab.definitions.workspace_file import WorkspaceDefinition

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["SCHEMA_KINDS", "json_schema", "schema_text"]

SCHEMA_KINDS: dict[str, type[BaseModel]] = {
    "event": EventDefinition,
    "strategy": StrategyDefinition,
    "universe": UniverseDefinition,
    "workspace": WorkspaceDefinition,
    "claims": ClaimsDefinition,
}


def json_schema(kind: str) -> dict[str, Any]:
    """Return the schema of ``event``, ``strategy``, ``universe``, ``workspace`` or ``claims``."""
    schema = SCHEMA_KINDS[kind].model_json_schema(schema_generator=_Generator)
    head = {"$schema": _Generator.schema_dialect, "title": f"eventlab {kind}"}
    return head | {key: said for key, said in schema.items() if key != "title"}


def schema_text(kind: str) -> str:
    """Return the schema as text, the same bytes every time."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """Leave out what only repeats, and refuse names that have not the form asked for."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        made = super().dict_schema(schema)
        if "patternProperties" in made:  # names of no such form would be let through
            made["additionalProperties"] = False
        return made

    def generate(self, schema: Any, mode: Any = "validation") -> dict[str, Any]:
        made = super().generate(schema, mode)
        for each in (made, *made.get("$defs", {}).values()):
            each.pop("title", None)
            each["description"] = each["description"].partition("\n\n")[0].replace("``", "")
        return made
