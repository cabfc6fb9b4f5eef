"""Connectedness of one period, and bootstrap draws of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.contagion.connectedness.spillover import Measures
from eventlab.contagion.connectedness.var import Estimator, VarFit, fit_var, usable_rows
from eventlab.contagion.resampling import block_length
from eventlab.errors import DataError
from eventlab.kernels.connectedness import fevd_nb
from eventlab.kernels.var_draws import simulate_nb, var_draws_nb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = [
    "Draws",
    "Period",
    "Specification",
    "facts_of",
    "labels_of",
    "measure_period",
]

PIECE: Final = 50  # draws that one thread takes at a time
STREAM: Final = 2015  # keeps these draws apart from others of the same seed
FLATTEST, STEEPEST = 0.4, 1.2  # what the slope of estimates on truths is kept within


@dataclass(frozen=True, slots=True)
class Specification:
    """Which VAR is fitted to which series, and how far it is decomposed."""

    names: tuple[str, ...]
    lags: int = 1
    horizon: int = 10
    estimator: Estimator = "ols"


@dataclass(frozen=True, slots=True)
class Draws:
    """How bootstrap draws are made: their number, seed, rows of a block, level and threads.

    ``block`` None: the cube root of the number of rows, rounded.
    """

    draws: int = 300
    seed: int = 0
    block: int | None = None
    level: float = 0.05
    threads: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class Period:
    """One period: a VAR, its facts and their draws, or the reason why there are none.

    Attributes
    ----------
    facts
        (F,) in the order of `labels_of`; NaN with a ``reason``.
    spread
        (draws, F) what draws differ from their mean, widened (see `spillover_change`).
    bias
        (F,) by how much ``facts`` are expected to exceed the truth, by the draws.
    fit, table
        The VAR and its table (N, N); None and empty with a ``reason``.
    reason, note
        Why there are no numbers; what else is to be known of them.
    """

    facts: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    fit: VarFit | None = None
    table: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    reason: str = ""
    note: str = ""

    @classmethod
    def without(cls, reason: str, specification: Specification, options: Draws) -> Period:
        """Return a period that could not be measured."""
        nothing = np.full(len(labels_of(specification.names)), np.nan)
        spread = np.full((options.draws, len(nothing)), np.nan)
        return cls(nothing, spread, nothing, reason=reason)


def labels_of(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Measure, series and other of the facts of N series: tci, to, from, net, pairwise (i < j)."""
    found = [("tci", "", "")]
    found += [(measure, name, "") for measure in ("to", "from", "net") for name in names]
    return found + [("pairwise", *pair) for pair in combinations(names, 2)]


def facts_of(tables: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(..., F) facts of tables (..., N, N), in the order of `labels_of`."""
    measures = Measures.of(tables)
    rows, columns = np.triu_indices(tables.shape[-1], 1)
    parts = (measures.to, measures.from_, measures.net, measures.pairwise[..., rows, columns])
    return np.concatenate([measures.tci[..., None], *parts], axis=-1)


def measure_period(
    values: npt.NDArray[np.float64],
    specification: Specification,
    options: Draws,
    *,
    stream: int,
) -> Period:
    """Measure ``values`` (T, N); ``stream`` keeps its draws apart from those of other periods."""
    lags, estimator = specification.lags, specification.estimator
    names = specification.names
    reason = ""
    try:
        fit = fit_var(values, lags, estimator=estimator, names=names)
        table = fevd_nb(fit.coefficients, fit.sigma, specification.horizon, True)  # noqa: FBT003
        reason = fit.note or ("the residuals are collinear" if np.isnan(table).any() else "")
    except DataError as problem:
        reason = str(problem)
    if reason:
        return Period.without(reason, specification, options)
    note = f"{fit.n_missing} bars with a missing value left out" if fit.n_missing else ""
    facts = facts_of(table)
    F = len(facts)
    if options.draws == 0:
        return Period(facts, np.empty((0, F)), np.full(F, np.nan), fit, table, note=note)
    before = usable_rows(values, lags)[1][0].reshape(lags, -1)[::-1]
    tables = _draw(fit, np.ascontiguousarray(before), specification, options, stream)
    drawn = facts_of(tables)  # (draws, 2, F)
    known = np.isfinite(drawn).all(axis=(1, 2))
    first, second = drawn[known, 0], drawn[known, 1]
    spread = np.full((options.draws, F), np.nan)
    if len(first) < 2:
        return Period(facts, spread, np.full(F, np.nan), fit, table, note=note)
    moved, again = first - first.mean(axis=0), second - second.mean(axis=0)
    squares = np.square(moved).sum(axis=0)
    slope = np.divide(
        (moved * again).sum(axis=0), squares, out=np.ones(F), where=squares > 0.0
    ).clip(FLATTEST, STEEPEST)
    spread[known] = moved / slope
    return Period(facts, spread, (first.mean(axis=0) - facts) / slope, fit, table, note=note)


def _draw(
    fit: VarFit,
    before: npt.NDArray[np.float64],
    specification: Specification,
    options: Draws,
    stream: int,
) -> npt.NDArray[np.float64]:
    """Tables (draws, 2, N, N) of the first and second draws; NaN where one is collinear."""
    N, n = len(specification.names), fit.n_rows
    tables = np.full((options.draws, 2, N, N), np.nan)
    block = min(n, options.block or block_length(n))
    seed = np.random.SeedSequence((options.seed, STREAM, stream)).generate_state(1, np.uint64)[0]
    if specification.estimator == "lasso":
        for draw in range(options.draws):
            own = (
                np.random.SeedSequence((int(seed), draw))
                .generate_state(2, np.uint64)
                .astype(np.uint64)
            )
            _lasso_draw(fit, before, specification, block, own, tables[draw])
        return tables
    penalty = fit.penalty if specification.estimator == "ridge" else 0.0
    residuals = np.ascontiguousarray(fit.residuals)

    def piece(first: int) -> None:
        var_draws_nb(
            fit.coefficients,
            fit.constant,
            residuals,
            before,
            block,
            seed,
            first,
            specification.horizon,
            penalty,
            tables[first : first + PIECE],
        )

    pieces = range(0, options.draws, PIECE)
    with ThreadPoolExecutor(options.threads) as pool:
        list(pool.map(piece, pieces))
    return tables


def _lasso_draw(
    fit: VarFit,
    before: npt.NDArray[np.float64],
    specification: Specification,
    block: int,
    seeds: npt.NDArray[np.uint64],
    tables: npt.NDArray[np.float64],
) -> None:
    """Draw once, and once more from that draw, with the penalty of the fit."""
    lags = specification.lags
    path = np.concatenate([before, np.empty((fit.n_rows, before.shape[1]))])
    for again, own in enumerate(seeds):
        residuals = np.ascontiguousarray(fit.residuals)
        simulate_nb(fit.coefficients, fit.constant, residuals, block, own, path)
        try:
            fit = fit_var(path, lags, estimator="lasso", penalty=fit.penalty)
        except DataError:
            return
        tables[again] = fevd_nb(fit.coefficients, fit.sigma, specification.horizon, True)  # noqa: FBT003
