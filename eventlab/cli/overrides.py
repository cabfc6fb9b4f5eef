"""What ``eventlab study`` changes in a definition for one call, never in the file."""
# ruff: noqa: PLC0415 - pydantic is imported when a definition is changed

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventlab.cli.windows import WINDOW_FIELDS
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.definitions import EventDefinition, Occurrence

__all__ = ["Overrides", "apply_overrides", "keep_occurrences", "validated"]

MODEL_OPTIONS = ("lags", "volatility", "errors")  # of the file's model: another takes its defaults


@dataclass(frozen=True, slots=True)
class Overrides:
    """Options that replace what the event file says; empty means as the file says.

    ``occurrences`` and ``tag`` keep a part of the occurrences; the others go into ``study``.
    """

    occurrences: tuple[str, ...] = ()
    tag: str | None = None
    assets: tuple[str, ...] = ()
    model: str | None = None
    clock: str | None = None
    draws: int | None = None
    measure: str | None = None
    since: str | None = None
    until: str | None = None
    bar: str | None = None
    benchmark: str | None = None
    windows: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)  # of the model, and for overlaps

    @property
    def study_fields(self) -> dict[str, object]:
        """The fields of the ``study`` section that are replaced."""
        replaced: dict[str, object] = {}
        if self.assets:
            replaced["assets"] = self.assets
        replaced |= self.model_fields
        for name in ("clock", "bar"):
            if (said := getattr(self, name)) is not None:
                replaced[name] = said
        if self.draws is not None:
            replaced["placebo"] = {"draws": self.draws}
        for name in ("since", "until"):
            if (day := getattr(self, name)) is not None:
                replaced[name] = _day(name, day)
        return replaced | dict(self.windows)

    @property
    def model_fields(self) -> dict[str, object]:
        """What is measured, and against which normal return."""
        replaced: dict[str, object] = {}
        if self.measure is not None:
            replaced["measure"] = self.measure
            # The file's model and benchmark speak of returns.
            if self.measure != "returns" and self.model is None:
                replaced |= {"model": "constant_mean", "benchmark": None, "factors": ()}
                replaced |= dict.fromkeys(MODEL_OPTIONS)
        if self.model is not None:
            replaced |= {"model": self.model, **dict.fromkeys(MODEL_OPTIONS)}
            if self.model != "factor_model":
                replaced["factors"] = ()
        if self.benchmark is not None:
            replaced["benchmark"] = None if self.benchmark == "none" else self.benchmark
        return replaced | dict(self.options)


def apply_overrides(event: "EventDefinition", overrides: Overrides) -> "EventDefinition":
    """Return the definition that this call studies.

    Raises
    ------
    UsageError
        An occurrence or tag that the file does not have, or a value that a definition may not
        hold.
    """
    changes: dict[str, object] = {}
    kept = keep_occurrences(event, overrides.occurrences, overrides.tag)
    if kept != event.occurrences:
        changes["occurrences"] = kept
    if overrides.study_fields and event.study is not None:
        fields = {name: getattr(event.study, name) for name in type(event.study).model_fields}
        if overrides.bar not in {None, event.study.bar}:
            # The file's windows count other bars: those of a study that names none replace them.
            fields = {name: held for name, held in fields.items() if name not in WINDOW_FIELDS}
        changes["study"] = validated(type(event.study), fields | overrides.study_fields)
    return event.model_copy(update=changes) if changes else event


def keep_occurrences(
    event: "EventDefinition", ids: tuple[str, ...], tag: str | None
) -> tuple["Occurrence", ...]:
    """Return the occurrences of ``event`` with these ids and this tag, all of them for neither.

    Raises
    ------
    UsageError
        The file has no such occurrence or tag, or none with both.
    """
    kept = event.occurrences
    if ids:
        known = [occurrence.id for occurrence in event.occurrences]
        asked = [name.removeprefix(f"{event.event}/") for name in ids]
        for name in asked:
            if name not in known:
                raise UsageError(_unknown("--occurrence", name, known, event.event))
        kept = tuple(occurrence for occurrence in kept if occurrence.id in asked)
    if tag is not None:
        tags = sorted({tag for occurrence in event.occurrences for tag in occurrence.tags})
        if tag not in tags:
            raise UsageError(_unknown("--tag", tag, tags, event.event))
        kept = tuple(occurrence for occurrence in kept if tag in occurrence.tags)
    if not kept:
        raise UsageError(f"--tag {tag!r} fits none of the occurrences asked for in {event.event}")
    return kept


def _day(name: str, text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"--{name} {text!r} is no day ({error}); write 2011-03-31") from error


def _unknown(option: str, value: str, known: list[str], event: str) -> str:
    from eventlab.definitions.problem import hint

    near = hint(value, known)
    if near:
        return f"{option} {value!r} is not in {event}{near}"
    shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    return f"{option} {value!r} is not in {event}; it has {shown or 'none'}"


def validated(
    model: type, fields: Mapping[str, object], options: Mapping[str, str] | None = None
) -> object:
    """Build a section again, so that its own checks see the replaced values.

    ``options`` says by field which option has replaced it.

    Raises
    ------
    UsageError
        A value that the section may not hold.
    """
    from pydantic import BaseModel, ValidationError

    from eventlab.definitions.translate import message_of

    if not issubclass(model, BaseModel):
        raise TypeError(model)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        found = error.errors()
        # A list whose only entry is wrong has none left: that says nothing further.
        inner = {problem["loc"][:end] for problem in found for end in range(len(problem["loc"]))}
        lines = [
            f"{_named(problem['loc'], options or {})}: {message_of(problem, model)}"
            for problem in found
            if problem["loc"] not in inner
        ]
        raise UsageError("; ".join(lines)) from error


def _named(loc: tuple[str | int, ...], options: Mapping[str, str]) -> str:
    if loc and loc[0] in options:
        return options[str(loc[0])]
    return ".".join(str(part) for part in loc) or "study"
