"""What ``eventlab contagion`` changes in a definition for one call, never in the file."""

# ruff: noqa: PLC0415 - pydantic is imported when a definition is changed

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.cli.overrides import keep_occurrences, validated
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from eventlab.definitions import EventDefinition

__all__ = ["ContagionOverrides", "apply_contagion"]

FIELDS = ("source", "clock", "bar", "calm_window", "crisis_window", "variant", "draws")
# Bars of another width: what the file says of them counts sessions.
OF_SESSIONS = ("intraday", "connectedness")


@dataclass(frozen=True, slots=True)
class ContagionOverrides:
    """Options that replace what the event file says; empty means as the file says."""

    occurrences: tuple[str, ...] = ()
    tag: str | None = None
    source: str | None = None
    targets: tuple[str, ...] = ()
    clock: str | None = None
    bar: str | None = None
    calm_window: tuple[int, int] | None = None
    crisis_window: tuple[int, int] | None = None
    factors: tuple[str, ...] = ()
    variant: str | None = None
    draws: int | None = None

    @property
    def focus(self) -> tuple[str, ...]:
        """Ids of the occurrences that are described in full."""
        return tuple(name.rsplit("/", 1)[-1] for name in self.occurrences)

    @property
    def fields(self) -> dict[str, object]:
        """The fields of the ``contagion`` section that are replaced."""
        said = {name: getattr(self, name) for name in FIELDS}
        replaced = {name: value for name, value in said.items() if value is not None}
        if self.targets:
            replaced["targets"] = self.targets
        if self.factors:
            replaced["factors"] = self.factors
        return replaced


def apply_contagion(event: "EventDefinition", overrides: ContagionOverrides) -> "EventDefinition":
    """Return the definition whose contagion this call measures.

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
    section = event.contagion
    if overrides.fields and section is not None:
        fields = {name: getattr(section, name) for name in type(section).model_fields}
        if overrides.bar not in {None, section.bar}:
            fields = {name: held for name, held in fields.items() if name not in OF_SESSIONS}
        made = validated(type(section), fields | overrides.fields)
        changes["contagion"] = _checked(made, event)
    return event.model_copy(update=changes) if changes else event


def _checked(section: object, event: "EventDefinition") -> object:
    """Refuse options that do not fit together, as a file with them would be."""
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.contagion_findings import contagion_findings
    from eventlab.definitions.cross_section import vocabulary
    from eventlab.definitions.problem import dotted

    if not isinstance(section, ContagionDefinition):
        raise TypeError(section)
    findings = contagion_findings(section, ("contagion",), vocabulary(event.occurrences))
    found = [one for one in findings if one.severity == "error"]
    if found:
        raise UsageError("; ".join(f"{dotted(one.loc)}: {one.message}" for one in found))
    return section
