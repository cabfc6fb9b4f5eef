"""What two runs rest on, and which of it could have moved a result."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "SEED",
    "UNEXPLAINED",
    "Basis",
    "basis_of",
    "causes_of",
    "concerns_itself",
    "definition_changes",
]

UNEXPLAINED: Final = "unexplained: neither data, definitions, versions nor seed moved"
SEED: Final = "the seed"
SILENT: Final = ("--quiet", "-q", "--json", "--single-file", "--pdf")  # options that move no number
# The same with a value, and those whose values are compared by themselves.
VALUED: Final = ("--out", "-C", "--directory", "--data", "--seed")
NAMES: Final = ("id", "name", "symbol", "event")  # what tells the members of a list apart
MOST_KEYS: Final = 3
# Parts of an event's definition that another kind of result is made from.
OTHERS: Final = {
    "study": ("contagion", "claims", "baseline"),
    "contagion": ("claims", "baseline"),
    "backtest": ("baseline",),
    "sweep": ("baseline",),
}
ITS_OWN: Final = ("title", "study", "contagion", "claims", "baseline")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Basis:
    """What moved between two runs, apart from results.

    Attributes
    ----------
    moved
        what, before, after: prices, fingerprints, whether simulated, seed, versions, command.
    files
        file, status (changed, added, removed): the definitions, by their sha256.
    own
        Events whose files changed in what concerns their own results alone.
    """

    moved: pd.DataFrame
    files: pd.DataFrame
    own: frozenset[str] = frozenset()

    def names(self, start: str) -> list[str]:
        """Return what moved and begins so."""
        return [name for name in self.moved["what"] if name.startswith(start)]


def basis_of(before: Json, after: Json) -> Basis:
    """Compare what the ``run.json`` of two runs say that they rest on."""
    rows = [(what, *pair) for what, pair in _facts(before, after).items() if pair[0] != pair[1]]
    old, new = before["definitions"], after["definitions"]
    files = [
        (path, "added" if path not in old else "removed" if path not in new else "changed")
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]
    return Basis(
        pd.DataFrame(rows, columns=["what", "before", "after"], dtype=object),
        pd.DataFrame(files, columns=["file", "status"], dtype=object),
    )


def causes_of(kind: str, name: str, abouts: tuple[Json, Json], basis: Basis) -> tuple[str, ...]:
    """Say which of what a result rests on moved; what it was computed from is in ``about.json``."""
    before, after = abouts
    moved = [
        *_definition_causes(kind, name, abouts, basis),
        *_data_causes(before.get("stamp", {}), after.get("stamp", {})),
    ]
    if before.get("seed") != after.get("seed"):
        moved.append(SEED)
    moved += _version_causes(basis)
    if basis.names("command"):
        moved.append("the command's options")
    return tuple(moved)


def concerns_itself(before: Json, after: Json) -> bool:
    """Whether two definitions of an event differ in nothing that other results are made from."""
    return all(key.split(".")[0] in ITS_OWN for key, _, _ in definition_changes(before, after))


def definition_changes(before: Json, after: Json) -> list[tuple[str, str, str]]:
    """Return key, before and after of everything that differs between two definitions.

    Members of lists go by their id where they have one; empty text stands for what is not there.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    keys = [*old, *(key for key in new if key not in old)]
    return [
        (key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)
    ]


def _facts(before: Json, after: Json) -> dict[str, tuple[str, str]]:
    facts = {"prices": (before["source"], after["source"])}
    for name, what in (("fingerprint", "fingerprints"), ("simulated", "simulated")):
        facts[what] = (_data(before, name), _data(after, name))
    facts["seed"] = (str(before["seed"]), str(after["seed"]))
    old, new = before["versions"], after["versions"]
    for package in dict.fromkeys((*old, *new)):
        facts[f"version of {package}"] = (old.get(package, ""), new.get(package, ""))
    facts["command"] = (_meant(before["command"]), _meant(after["command"]))
    return facts


def _data(run: Json, name: str) -> str:
    words = {True: "yes", False: "no"}
    found = (each[name] for each in run["data"])
    return ", ".join(sorted({words.get(each, str(each)[:12]) for each in found}))


def _meant(command: str) -> str:
    """Return a command without what moves no number, and without what is compared by itself."""
    try:
        words = iter(shlex.split(command))
    except ValueError:  # not what a shell would take
        return command
    kept = []
    for word in words:
        if word in VALUED:
            next(words, None)
        elif word not in SILENT and not word.startswith(tuple(f"{each}=" for each in VALUED)):
            kept.append(word)
    return shlex.join(kept)


def _definition_causes(
    kind: str, name: str, abouts: tuple[Json, Json], basis: Basis
) -> Iterator[str]:
    own = [_definition(kind, each) for each in abouts]
    keys = [key for key, _, _ in definition_changes(*own)]
    if keys:
        more = f" and {len(keys) - MOST_KEYS} more" if len(keys) > MOST_KEYS else ""
        yield f"its definition ({', '.join(keys[:MOST_KEYS])}{more})"
    text = str(own)
    for path, status in zip(basis.files["file"], basis.files["status"], strict=True):
        folder, stem = PurePosixPath(path).parent.name, PurePosixPath(path).stem
        if folder == "universes" and f"@{stem}" in text:
            yield f"the universe {stem} ({status})"
        elif folder == "events":
            if _concerns(kind, name, own[1], stem, basis):
                yield f"{path} ({status})"
        elif path == "eventlab.toml":
            yield f"{path} ({status})"


def _concerns(kind: str, name: str, definition: Json, stem: str, basis: Basis) -> bool:
    """Whether an event's file can move a result that is not its own: by its days, or its claims."""
    if kind == "claims":
        return True
    if stem in basis.own or stem == name:
        return False
    return kind in {"study", "contagion"} or stem in definition.get("events", ())


def _definition(kind: str, about: Json) -> Json:
    whole: Json = about.get("event") or about.get("strategy") or {}
    return {key: value for key, value in whole.items() if key not in OTHERS.get(kind, ())}


def _data_causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before.get("simulated") != after.get("simulated"):
        yield "the data (simulated in one run only)"
    elif before.get("fingerprint") != after.get("fingerprint"):
        yield "the data (another fingerprint)"


def _version_causes(basis: Basis) -> Iterator[str]:
    packages = [name.removeprefix("version of ") for name in basis.names("version of ")]
    if packages:
        yield f"versions ({', '.join(packages)})"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and text of every value; lists of plain values are one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{_named(inner, place)}]")
    elif value is not None:
        yield path, _written(value)


def _named(value: Any, place: int) -> str:
    if isinstance(value, dict):
        return str(next((value[name] for name in NAMES if value.get(name)), place))
    return str(place)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
