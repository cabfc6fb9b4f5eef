"""Why a pair has no statistic, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.contagion.breaks.statistics import PERFECT, RHO, VX, N
from eventlab.contagion.breaks.tables import fewest_rows
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.contagion.breaks.specs import BreakSpec

__all__ = ["item_note", "moments_note"]


def item_note(moments: npt.NDArray[np.float64], row: int, T: int, spec: BreakSpec) -> str:
    """Say why the moments (2, 11) of an event at ``row`` of T give no statistic; else nothing."""
    labelled = [
        (f"{name} window {window_label(window)}", window, one)
        for name, window, one in zip(
            ("calm", "crisis"), (spec.calm, spec.crisis), moments, strict=True
        )
    ]
    for label, window, _ in labelled:
        if row + window[0] < 0 or row + window[1] >= T:
            return f"{label} reaches beyond the prices"
    for label, window, one in labelled:
        if spec.factors and one[N] == 0:
            return (
                f"no residuals in {label}: too few complete rows, collinear factors, or a series "
                "that is a factor itself"
            )
        why = moments_note(one, label, fewest_rows(window))
        if why:
            return why
    return ""


def moments_note(moments: npt.NDArray[np.float64], label: str, fewest: int) -> str:
    """Say why the moments (11,) of one window give no statistic; else nothing."""
    if moments[N] < fewest:
        return f"{int(moments[N])} complete rows in {label}; at least {fewest} are needed"
    if not np.isfinite(moments[VX]):
        return f"a series is constant in {label}"
    if 1.0 - abs(moments[RHO]) <= PERFECT:
        return f"correlation is {np.sign(moments[RHO]):.0f} in {label}"
    return ""
