"""The strict, frozen base of every definition and the small types they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
)

from eventlab.definitions.problem import Finding, dotted
from eventlab.visible import without_controls

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "FORMS",
    "AssetName",
    "Bar",
    "BarWindow",
    "ClockCode",
    "Day",
    "FeatureName",
    "Identifier",
    "Many",
    "OccurrenceId",
    "StrictModel",
    "SymbolName",
    "Tag",
    "Text",
    "UniverseId",
    "refuse",
]

_Item = TypeVar("_Item")
# YAML and JSON have lists only; everything inside the tuple stays strict.
Many = Annotated[tuple[_Item, ...], Strict(strict=False)]

FEATURE_PATTERN = (
    r"^(beta|volatility|momentum|(fact|surprise|tag|state)\.[^.\s][^\s]*|"
    r"level\.[A-Z0-9^][A-Z0-9.\-_=^]*)$"
)
ASSET_PATTERN = r"^(@[a-z0-9]+(_[a-z0-9]+)*|[A-Z0-9^][A-Z0-9.\-_=^]*)$"

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
UniverseId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=64)]
OccurrenceId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$", max_length=64)
]
SymbolName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9^][A-Z0-9.\-_=^]*$", max_length=32)]
AssetName = Annotated[str, StringConstraints(pattern=ASSET_PATTERN, max_length=65)]
FeatureName = Annotated[str, StringConstraints(pattern=FEATURE_PATTERN, max_length=80)]
Tag = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z0-9]+([-_.+ ][a-zA-Z0-9]+)*$", max_length=64)
]
ClockCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/_.\-]+$", max_length=32)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(without_controls)
]
Bar = Annotated[int, Field(ge=-10_000, le=10_000)]
BarWindow = Annotated[tuple[Bar, Bar], Strict(strict=False)]

# What pydantic calls the forms of a value that is either; taken out of what is reported.
FORMS = ("<bar>", "<state>")

PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "lower-case words joined by hyphens, as in oracle-earnings",
    r"^[a-z0-9]+(_[a-z0-9]+)*$": "lower-case words joined by underscores, as in ai_tokens",
    r"^[a-z0-9]+([-_.][a-z0-9]+)*$": "lower-case letters and digits joined by - _ or .",
    r"^[A-Z0-9^][A-Z0-9.\-_=^]*$": "a symbol in capitals, as in NVDA or BRK.B",
    ASSET_PATTERN: "a symbol in capitals, @group or @issuer",
    FEATURE_PATTERN: "beta, volatility, momentum, fact.NAME, surprise.NAME, tag.NAME, state.NAME "
    "or level.SYMBOL",
    r"^[a-zA-Z0-9]+([-_.+ ][a-zA-Z0-9]+)*$": "letters and digits joined by - _ . + or a space",
    r"^[A-Za-z0-9/_.\-]+$": "an exchange code, as in XNYS, or 24/7",
}


class StrictModel(BaseModel):
    """Unknown keys are refused, values are not coerced, instances do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True
    )


def refuse(findings: Iterable[Finding], info: ValidationInfo) -> None:
    """Raise ValueError on errors, for definitions that are made in Python.

    The reader of files asks for the findings itself, to say where in the file each of them is.
    """
    if isinstance(info.context, dict) and info.context.get("findings") == "later":
        return
    errors = [
        f"{dotted(each.loc)}: {each.message}" for each in findings if each.severity == "error"
    ]
    if errors:
        raise ValueError("; ".join(errors))
