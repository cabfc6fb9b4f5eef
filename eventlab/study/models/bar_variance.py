"""Error variances of the event bars that a conditional variance gives in place of sigma^2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.study.models.fits import Fits
    from eventlab.study.models.specs import StudySpec

__all__ = ["with_bar_variance"]


def with_bar_variance(fits: Fits, ratio: npt.NDArray[np.float64], spec: StudySpec) -> Fits:
    """Give bar t of event i the error variance ``ratio[i, t]`` sigma^2 in place of sigma^2.

    ``ratio`` (N, L). C_t becomes ratio + (C_t - 1) and w'Gw the sum of the ratios + (w'Gw - L):
    what the estimated normal return adds stays as it is. Errors of different bars are uncorrelated.
    NaN stays NaN.
    """
    first = spec.event_window[0]
    extra = ratio - 1.0
    added = [extra[:, start - first : stop - first + 1].sum(axis=1) for start, stop in spec.windows]
    return replace(
        fits,
        ar_variance=fits.ar_variance + extra,
        car_variance=fits.car_variance + np.stack(added, axis=1)
        if added
        else fits.car_variance.copy(),
    )
