"""Spillover by the speed at which shocks pass: frequency bands of the decomposition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import names_of, number
from eventlab.contagion.connectedness.var import Estimator, check_terms, fit_var, series_of
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["FrequencySpillover", "band_labels", "band_tables", "frequency_spillover"]


@dataclass(frozen=True, slots=True, repr=False)
class FrequencySpillover:
    """Spillover tables by frequency band.

    Attributes
    ----------
    tables
        By band, fastest first: (N, N) percent of the forecast error variance over all bands, so
        that the rows of all tables together sum to 100.
    overall
        (bands,) the mean over series of what they take from others in the band; sums to the total.
    within
        (bands,) the same in percent of the variance in that band.
    share
        (bands,) percent of all variance that lies in the band.
    lags, horizon, estimator, root, n_rows, n_missing, convention, note
        As in `Spillover`.
    """

    tables: dict[str, pd.DataFrame]
    overall: pd.Series
    within: pd.Series
    share: pd.Series
    lags: int
    horizon: int
    estimator: str
    root: float
    n_rows: int
    n_missing: int
    convention: str
    note: str

    @property
    def tci(self) -> float:
        """Total connectedness over all bands."""
        return float(self.overall.sum())

    def __repr__(self) -> str:
        """Name the bands and their totals."""
        bands = ", ".join(f"{band}: {value:.2f}%" for band, value in self.overall.items())
        return f"FrequencySpillover({len(self.tables)} bands, {self.n_rows} rows, {bands})"


def frequency_spillover(
    frame: pd.DataFrame,
    bands: Sequence[float] = (5, 21),
    lags: int = 4,
    *,
    horizon: int = 100,
    estimator: Estimator = "ols",
) -> FrequencySpillover:
    """Generalised spillover tables of frequency bands.

    Parameters
    ----------
    frame
        Rows ascending in time, a column per series.
    bands
        Lengths of cycles in rows, ascending, that part the bands: (5, 21) asks for cycles of up to
        5 rows, longer ones of up to 21, and longer ones. A cycle of c rows has the frequency
        2 pi / c; (10, 40) are the edges pi / 5 and pi / 20 of Barunik & Krehlik's examples.
    lags, estimator
        As in `spillover`.
    horizon
        Responses h = 0 to H, H + 1 terms, are transformed; long, for slow cycles to be seen.

    Returns
    -------
    FrequencySpillover
        Missing values as in `spillover`.

    Raises
    ------
    UsageError
        Bands that do not ascend or are not above 2 rows, the fastest cycle that rows can show.
    DataError
        Too few rows, a constant series or collinear series.

    References
    ----------
    Barunik & Krehlik (2018), definitions 2.2 and 2.3, with the frequencies of their program:
    pi k / floor((H + 1) / 2).
    """
    values = series_of(frame)
    names = [str(name) for name in frame.columns]
    check_terms(lags, horizon)
    names_of("bands", bands)
    for edge in bands:
        number("bands: a length", edge)
    edges = [2.0, *map(float, bands)]
    if not all(low < high for low, high in pairwise(edges)):
        raise UsageError(f"bands={tuple(bands)}: lengths of cycles ascend and are above 2 rows")
    fit = fit_var(values, lags, estimator=estimator, names=names)
    tables = band_tables(fit.coefficients[None], fit.sigma[None], edges[1:], horizon=horizon)[0]
    labels = band_labels(bands)
    own = np.trace(tables, axis1=1, axis2=2)
    overall, share = (tables.sum(axis=(1, 2)) - own) / len(names), tables.sum(axis=(1, 2))
    held = np.where(share > 0.0, share, np.nan)  # a short horizon has no frequency in slow bands
    return FrequencySpillover(
        tables={
            label: pd.DataFrame(table, index=names, columns=names)
            for label, table in zip(labels, tables, strict=True)
        },
        overall=pd.Series(overall, index=labels, name="overall"),
        within=pd.Series(100.0 * (share - own) / held, index=labels, name="within"),
        share=pd.Series(share / len(names), index=labels, name="share"),
        lags=lags,
        horizon=horizon,
        estimator=estimator,
        root=fit.root,
        n_rows=fit.n_rows,
        n_missing=fit.n_missing,
        convention=(
            f"percent of the variance over all bands; rows of all bands together normalised to "
            f"100; generalised shocks; {horizon + 1} terms, h = 0 to {horizon}; a band holds "
            "the longer of its two edges"
        ),
        note=fit.note,
    )


def band_labels(bands: Sequence[float], unit: str = "rows") -> list[str]:
    """Name bands by their cycles: ``up to 5 rows``, ``5 to 21 rows``, ``above 21 rows``."""
    if not bands:
        return ["all"]
    inner = [f"{low:g} to {high:g} {unit}" for low, high in pairwise(bands)]
    return [f"up to {bands[0]:g} {unit}", *inner, f"above {bands[-1]:g} {unit}"]


def band_tables(
    coefficients: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    bands: Sequence[float],
    *,
    horizon: int,
) -> npt.NDArray[np.float64]:
    """Tables (n, bands, N, N) in percent of n VARs: (n, N, N p) coefficients and (n, N, N)."""
    n, N, wide = coefficients.shape
    terms = horizon + 1
    responses = np.zeros((terms, n, N, N))  # Psi_h Sigma
    responses[0] = sigma
    with np.errstate(over="ignore", invalid="ignore"):  # of an explosive VAR: the tables are NaN
        for h in range(1, terms):
            for lag in range(min(h, wide // N)):
                own = coefficients[:, :, lag * N : (lag + 1) * N]
                responses[h] += own @ responses[h - 1 - lag]
        return _summed(responses, sigma, bands)


def _summed(
    responses: npt.NDArray[np.float64], sigma: npt.NDArray[np.float64], bands: Sequence[float]
) -> npt.NDArray[np.float64]:
    """Tables of the responses Psi_h Sigma (terms, n, N, N)."""
    terms, n, N, _ = responses.shape
    # The transform of real responses has the same modulus at k and terms - k: the first half, all
    # but its ends counted twice.
    power = np.square(np.abs(np.fft.rfft(responses, axis=0)))
    counts = np.full(len(power), 2.0)
    counts[0] = 1.0
    if terms % 2 == 0:
        counts[-1] = 1.0
    place = np.arange(len(power)) / (terms // 2) + 1e-12  # of pi; an edge belongs to the faster
    which = (place[:, None] < 2.0 / np.asarray(bands, dtype=np.float64)).sum(axis=1)
    scale = counts[:, None, None, None] / np.diagonal(sigma, axis1=1, axis2=2)[:, None, :]
    power *= scale
    tables = np.zeros((n, len(bands) + 1, N, N))
    for band in range(len(bands) + 1):
        tables[:, band] = power[which == band].sum(axis=0)
    return np.asarray(100.0 * tables / tables.sum(axis=(1, 3))[:, None, :, None])
