"""What ``eventlab contagion`` changes in a definition for one call, never in the file."""

# ruff: noqa: PLC0415 - pydantic is imported when a definition is changed

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventlab.cli.overrides import keep_occurrences, validated
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventlab.definitions import EventDefinition
    from eventlab.definitions.contagion import ContagionDefinition

__all__ = ["ContagionOverrides", "apply_contagion"]

FIELDS = ("source", "clock", "bar", "calm_window", "crisis_window", "variant", "draws")
OPTIONS = {
    **{name: f"--{name.replace('_', '-')}" for name in FIELDS},
    "targets": "--target",
    "factors": "--factor",
}
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
            fields |= _windows(event, section, overrides)
        if overrides.source is not None:
            fields["targets"] = [name for name in section.targets if name != overrides.source]
        given = overrides.fields
        options = {name: OPTIONS[name] for name in given}
        made = validated(type(section), fields | given, options)
        changes["contagion"] = _checked(made, event, options)
    return event.model_copy(update=changes) if changes else event


def _windows(
    event: "EventDefinition", section: "ContagionDefinition", overrides: ContagionOverrides
) -> dict[str, object]:
    """Windows in bars inside sessions: those of the file count bars of another width."""
    from eventlab.contagion.scales import usual_windows

    bar, said = str(overrides.bar), section.intraday
    if bar == "session" or "min" not in bar:
        return {}
    own = said if said is not None and said.bar == bar else None
    study = event.study.clock if event.study is not None else "XNYS"
    code = overrides.clock or (own and own.clock) or section.clock or study
    try:
        calm, crisis = usual_windows(bar, code)
    except ValueError:
        return {}  # no width at all, which the section's own check says
    return {
        "clock": code,
        "calm_window": (own and own.calm_window) or calm,
        "crisis_window": (own and own.crisis_window) or crisis,
    }


def _checked(
    section: object, event: "EventDefinition", options: "Mapping[str, str]"
) -> "ContagionDefinition":
    """Refuse ``options`` (by field) that do not fit together, as a file with them would be."""
    from eventlab.definitions.contagion import ContagionDefinition
    from eventlab.definitions.contagion_findings import contagion_findings
    from eventlab.definitions.cross_section import vocabulary
    from eventlab.definitions.problem import dotted

    if not isinstance(section, ContagionDefinition):
        raise TypeError(section)
    findings = contagion_findings(section, ("contagion",), vocabulary(event.occurrences))
    found = [one for one in findings if one.severity == "error"]
    if found:
        named = [options.get(str(one.loc[1]), dotted(one.loc)) for one in found]
        raise UsageError(
            "; ".join(f"{key}: {one.message}" for key, one in zip(named, found, strict=True))
        )
    return section
