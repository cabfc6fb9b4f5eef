"""Which results are under regression test, and how far they may move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eventlab.definitions.base import Many, StrictModel

__all__ = ["BaselineDefinition", "EventBaselineDefinition", "Section", "ToleranceDefinition"]

Section = Literal["study", "contagion", "claims"]
# Names of metrics, in which a star stands for anything.
MetricPattern = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f]+$", max_length=200)]
Relative = Annotated[float, Field(ge=0, le=1)]
Absolute = Annotated[float, Field(ge=0)]


class ToleranceDefinition(StrictModel):
    """How far some metrics may move: by more than either of both they fail."""

    rtol: Relative = Field(default=0.0, description="Relative to the baseline's value.")
    atol: Absolute = Field(default=0.0, description="In the metric's own unit.")


class BaselineDefinition(StrictModel):
    """How far metrics may move before ``eventlab check`` fails."""

    rtol: Relative = Field(default=1e-9, description="Relative tolerance.")
    atol: Absolute = Field(default=0.0, description="Absolute tolerance.")
    metrics: dict[MetricPattern, ToleranceDefinition] = Field(
        default_factory=dict,
        description="Other tolerances by metric; a star stands for anything, as in "
        "placebo.*: {atol: 0.01}. The last that fits counts.",
    )


class EventBaselineDefinition(BaselineDefinition):
    """What of an event is under regression test, and how far its metrics may move."""

    of: Annotated[Many[Section], Field(min_length=1)] | None = Field(
        default=None,
        description="study, contagion, claims: which results are under test. Left out: study and "
        "claims, where the file has them.",
    )
