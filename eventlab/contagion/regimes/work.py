"""What the tables of one occurrence are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    import numpy.typing as npt

    from eventlab.contagion.system import System
    from eventlab.definitions.contagion import ContagionDefinition

__all__ = ["RegimeWork", "Row"]

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RegimeWork:
    """What every table needs, and who has been left out so far."""

    system: System
    definition: ContagionDefinition
    returns: Mapping[str, npt.NDArray[np.float64]]
    expand: Callable[[str], tuple[str, ...]]
    seed: int
    left_out: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Row after the last one of the crisis window: nothing later is read."""
        return min(len(self.system.clock), self.system.anchor + self.system.crisis[1] + 1)

    def symbols(self, names: Iterable[str], part: str) -> list[str]:
        """Return who the names stand for, once each, and note who has no returns."""
        found = dict.fromkeys(
            symbol
            for name in names
            for symbol in (self.expand(name) if name.startswith("@") else (name,))
        )
        for symbol in found:
            if symbol not in self.returns:
                self.left_out.append((symbol, part, "no prices"))
        return [symbol for symbol in found if symbol in self.returns]
