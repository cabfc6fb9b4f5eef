"""Fuzzed definition files by number: the same number and seed are the same bytes, for ever."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import PurePosixPath

from eventlab.definitions.definition_file import FOLDERS, KINDS, FileKind
from tests.fuzz_bytes import mangle_bytes
from tests.fuzz_grammar import Grammar
from tests.fuzz_seeds import seed_texts, shipped_texts
from tests.fuzz_trees import mangle_tree, nudge_tree

__all__ = ["FuzzCase", "FuzzCases"]

WAYS = {"bytes": 40, "tree": 30, "nudge": 15, "grammar": 15}
SETTINGS = "eventlab.toml"
NAMES = (
    *("events/claims-new.yaml", "events/new.yaml", "strategies/new.yaml", "universes/new.yaml"),
    *("events/a b.yaml", "events/é💥.yaml", "events/\x1b[31mred.yaml", "events/a\nb.yaml"),
    *(
        "events/-C.yaml",
        "events/CON.yaml",
        "events/..yaml",
        "events/\u202ex.yaml",
        "events/a:.yaml",
    ),
    *("events/deep/er/x.yaml", "universes/[bold].yaml", "strategies/<b>.yaml", "events/x.YAML"),
    *("events/'\"`$(true).yaml", "events/x.yml", "events/claims-.yaml", "events/claims.yaml"),
)


@dataclass(frozen=True, slots=True)
class FuzzCase:
    """One file: where it goes in the workspace, what is in it, and how it was made."""

    number: int
    name: str
    raw: bytes
    way: str


class FuzzCases:
    """Makes case after case of the definitions that ship, cut short or once in a while whole."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.base = seed_texts()
        self._whole = shipped_texts()
        self._raw = [text.encode() for text in self.base.values()]
        self._grammars = {kind: Grammar(kind) for kind in KINDS}
        # Events and strategies have more to go wrong than lists of symbols.
        self._names = [
            name
            for name in self.base
            for _ in range(1 if name.startswith("universes") else 5)
            if name != SETTINGS
        ] + [SETTINGS] * 5

    def make(self, number: int) -> FuzzCase:
        rng = random.Random(f"{self._seed}:{number}")  # noqa: S311 - no secret
        name = rng.choice(self._names)
        text = (self._whole if rng.random() < 0.004 else self.base)[name]
        way = rng.choices(list(WAYS), list(WAYS.values()))[0]
        if name == SETTINGS or way == "bytes":
            way, raw = "bytes", mangle_bytes(text.encode(), self._raw, rng)
        elif way == "tree":
            raw = mangle_tree(text, rng).encode()
        elif way == "nudge":
            folder = PurePosixPath(name).parent
            alike = [self.base[one] for one in self.base if PurePosixPath(one).parent == folder]
            raw = nudge_tree(text, rng, alike).encode()
        else:
            kind = self._kind(name, rng)
            raw = self._grammars[kind].text(PurePosixPath(name).stem, rng).encode()
        if rng.random() < 0.03:
            name = rng.choice(NAMES)
        return FuzzCase(number, name, raw, way)

    def _kind(self, name: str, rng: random.Random) -> FileKind:
        if rng.random() < 0.02:
            return rng.choice(list(self._grammars))
        if "claims-" in name:
            return "claims"
        return FOLDERS[PurePosixPath(name).parent.name]
