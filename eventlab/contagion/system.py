"""The few series among which one shock may have travelled, on one clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from eventlab.timeline.types import Clock, EventInstant
    from eventlab.timeline.windows import Window

__all__ = ["ENOUGH", "System"]

# Share of a window's bars that a series needs to enter what is fitted to all series at once: one
# with fewer would cost the others their rows.
ENOUGH: Final = 0.9


@dataclass(frozen=True, slots=True)
class System:
    """The series of one source around one occurrence, and the dates that nothing happened on.

    Attributes
    ----------
    names
        N names: the source, then the targets in the order of the definition; ``@group`` is the
        equally weighted mean of its members' returns.
    returns
        (N, T) float64, C-contiguous: simple returns in decimals on the clock, NaN where missing.
        Row t is known at ``clock.closes[t]``.
    clock
        T sessions, or bars inside them.
    occurrence, anchor
        The occurrence that the parts describe, and the row of its event session.
    anchors
        By occurrence, ``occurrence`` among them: rows of all occurrences of the same source whose
        two windows lie inside the clock.
    admissible
        (T,) bool: rows on which a pseudo-event may be placed: both windows lie inside the clock,
        the crisis window holds no day of an occurrence's own crisis window, and the row is not
        after the last occurrence. Which prices are complete there is for each part to see. On a
        clock of bars, only rows that are the same bar of their session as ``anchor``.
    calm, crisis
        The two windows, inclusive bars relative to the event session.
    members
        By ``@group``: symbols of its basket.
    spans
        (N, T) bool on a clock of bars: returns that span a closure; None on sessions.
    news
        When the news of ``occurrence`` came out; None where nobody knows, and the close before the
        event session stands for it.
    """

    names: tuple[str, ...]
    returns: npt.NDArray[np.float64]
    clock: Clock
    occurrence: str
    anchor: int
    anchors: Mapping[str, int]
    admissible: npt.NDArray[np.bool_]
    calm: Window
    crisis: Window
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: npt.NDArray[np.bool_] | None = None
    news: EventInstant | None = None

    @property
    def source(self) -> str:
        """Where the shock began."""
        return self.names[0]

    @property
    def targets(self) -> tuple[str, ...]:
        """Where it may have travelled."""
        return self.names[1:]

    def window(self, window: Window, row: int | None = None) -> npt.NDArray[np.float64]:
        """(N, bars) returns of a window around ``row``, the occurrence's own by default."""
        at = self.anchor if row is None else row
        return self.returns[:, max(0, at + window[0]) : max(0, at + window[1] + 1)]

    def frame(self, window: Window) -> pd.DataFrame:
        """Return the same as a DataFrame, a row per session or bar."""
        import pandas as pd  # noqa: PLC0415 - the numbers alone do without

        first, last = (max(0, self.anchor + edge) for edge in (window[0], window[1] + 1))
        return pd.DataFrame(
            self.returns[:, first:last].T, index=self.clock.sessions[first:last], columns=self.names
        )
