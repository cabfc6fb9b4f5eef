"""What is left of a faulty definition, so that the rest of it can be judged in the same go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventlab.definitions.problem import Loc
    from eventlab.definitions.yaml_reader import Node

__all__ = ["Faults", "Repair", "is_key"]

# What stands in for a required value that is faulty, so that the rest can be judged in the same
# go. Nothing that rests on a stand-in is reported.
_STAND_INS: dict[str, object] = {
    "event": "x",
    "strategy": "x",
    "universe": "x",
    "title": "x",
    "kind": "other",
    "id": "x",
    "statement": "x",
    "measure": "bubble",
    "announced_at": "2000-01-03 12:00",
    "occurrences": [{"id": "x", "announced_at": "2000-01-03 12:00", "zone": "UTC"}],
    "assets": ["X"],
    "targets": ["X"],
    "source": "X",
    "calm_window": [-3, -2],
    "crisis_window": [0, 1],
    "symbols": {"X": {}},
    "events": ["x"],
    "book": {"X": 1.0},
    "instruments": ["X"],
    "when": {"enter": -1, "exit": 1},
    "enter": -10_000,
    "exit": 10_000,
}


class Faults:
    """Places of a file that were dropped from it, or stood in for."""

    def __init__(self, locs: Iterable[Loc] = ()) -> None:
        self.locs = frozenset(locs)
        self._above = frozenset(loc[:end] for loc in self.locs for end in range(len(loc)))
        self._with_gaps = {loc[:-1] for loc in self.locs if loc and isinstance(loc[-1], int)}
        self._kept: dict[Loc, list[int]] = {}

    def touch(self, loc: Loc) -> bool:
        """Whether a place is faulty, lies inside of a faulty one or holds one."""
        if not self.locs:
            return False
        inside = any(loc[:end] in self.locs for end in range(len(loc) + 1))
        return inside or loc in self._above

    def above(self, loc: Loc) -> bool:
        """Whether a place holds a faulty one."""
        return loc in self._above

    def walk(self, root: Node, loc: Loc) -> tuple[Loc, Loc]:
        """Follow a location of the repaired data through the file as it is written.

        Returns
        -------
        written
            The part that exists in the file, positions counted with the entries that were dropped.
        rest
            What does not exist there, or is dropped: a missing key, what a stand-in holds,
            pydantic's name for a member of a union.
        """
        node = root
        written: Loc = ()
        for at, part in enumerate(loc):
            position = self._position(node, written, part)
            child = node.child(position)
            if child is None or (*written, position) in self.locs:
                return written, loc[at:]
            written = (*written, position)
            node = child
        return written, ()

    def _position(self, node: Node, loc: Loc, part: str | int) -> str | int:
        """Count the entries of a list that were dropped in."""
        if loc not in self._with_gaps or not isinstance(part, int):
            return part
        entries = len(node.content) if isinstance(node.content, list) else 0
        if loc not in self._kept:
            self._kept[loc] = [at for at in range(entries) if (*loc, at) not in self.locs]
        kept = self._kept[loc]
        return kept[part] if part < len(kept) else entries


class Repair:
    """Drops what is faulty round by round; what it rests on gets a stand-in."""

    def __init__(self, root: Node) -> None:
        self.faulty = Faults()
        self._root = root
        self._dropped: set[Loc] = set()
        self._stand_ins: dict[Loc, dict[str, object]] = {}  # by the mapping that they stand in

    def drop(self, errors: Iterable[tuple[Loc, bool]]) -> None:
        """Take out where errors are, or what holds it where it cannot be spared.

        ``errors`` are locations in the data of the last round, each with whether it is missing.
        """
        # Several errors of one round may name one place: each form that a union allows complains.
        before = self.faulty
        for where, missing in errors:
            loc, rest = before.walk(self._root, where)
            if missing and is_key(rest):
                if self._stand_in(loc, str(rest[0])):
                    continue
            else:
                while loc and loc in before.locs:
                    loc = loc[:-1]  # the stand-in does not fit
            self._dropped.add(loc)
        stood_in = {(*loc, key) for loc, by_key in self._stand_ins.items() for key in by_key}
        self.faulty = Faults(self._dropped | stood_in)

    def data(self) -> object:
        """Return what is left, stand-ins in their places."""
        return self._data(self._root, ())

    def _stand_in(self, loc: Loc, key: str) -> bool:
        here = self._stand_ins.setdefault(loc, {})
        if key not in _STAND_INS or key in here:
            return False
        here[key] = _STAND_INS[key]
        return True

    def _data(self, node: Node, loc: Loc) -> object:
        if not self.faulty.above(loc):
            return node.plain()
        content = node.content
        if isinstance(content, list):
            return [
                self._data(each, (*loc, at))
                for at, each in enumerate(content)
                if (*loc, at) not in self._dropped
            ]
        pairs = content.items() if isinstance(content, dict) else ()
        data = {
            key: self._data(each, (*loc, key))
            for key, each in pairs
            if (*loc, key) not in self._dropped
        }
        # A dropped value may have been asked for in the next round: then its stand-in counts.
        return data | self._stand_ins.get(loc, {})


def is_key(rest: Loc) -> bool:
    """Whether a rest that does not exist is one key."""
    return len(rest) == 1 and isinstance(rest[0], str)
