"""The strict, frozen base of every definition and the small types they share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
OccurrenceId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$", max_length=64)
]
SymbolName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9^][A-Z0-9.\-_=^]*$", max_length=32)]
BarWindow = tuple[int, int]


class StrictModel(BaseModel):
    """Unknown keys are refused, values are not coerced, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
