"""What a study is asked to do, and the arrays it is asked to do it on."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from eventlab.timeline.windows import Window

__all__ = [
    "GARCH_ROWS",
    "MODELS",
    "NOWHERE",
    "EventArrays",
    "StudySpec",
]

# Position of an event whose session is not in the panel: far outside, so that all is missing.
NOWHERE: Final = 2**40

# Parameters of the normal return that each model estimates; factor_model has one more for each
# factor, dimson two more for each lag. Those of a GARCH variance are not among them.
MODELS: Final = {
    "market_adjusted": 0,
    "constant_mean": 1,
    "market_model": 2,
    "scholes_williams": 2,
    "dimson": 2,
    "factor_model": 1,
    "garch_market_model": 2,
}
VOLATILITIES: Final = ("garch", "gjr", "egarch")
ERRORS: Final = ("normal", "t")
MOST_LAGS: Final = 5
GARCH_ROWS: Final = 100  # usable rows below which a GARCH likelihood is too flat to be fitted


@dataclass(frozen=True, slots=True)
class StudySpec:
    """Model, windows and placebo draws; checked when made.

    Windows are inclusive pairs of bars relative to the event session. ``windows`` are those for
    which a CAR is computed. ``min_estimation`` is the least number of usable estimation rows.
    ``level`` is the significance level of intervals and bands. ``lags`` (1 to 5; 1 if None) are the
    leading and lagging bars of the benchmark in ``dimson``; ``volatility`` (garch, gjr or egarch;
    garch if None) and ``errors`` (normal or t; normal if None) describe ``garch_market_model``.

    Raises
    ------
    UsageError
        For an unknown model, an option of another model, a window that runs backwards, an
        estimation window that reaches into the event window, a CAR window outside it, a minimum
        below five residual degrees of freedom, or a level, a number of draws or a seed out of
        bounds.
    """

    model: str = "market_model"
    estimation_window: Window = (-250, -11)
    event_window: Window = (-5, 10)
    windows: tuple[Window, ...] = ((0, 0),)
    min_estimation: int = 60
    level: float = 0.05
    draws: int = 2000
    seed: int = 0
    lags: int | None = None
    volatility: str | None = None
    errors: str | None = None

    def __post_init__(self) -> None:
        check_word("model", self.model, MODELS)
        self.check_options()
        self.check_windows()
        self.check_numbers()

    def check_options(self) -> None:
        """Refuse options of another model, and values that none has."""
        for key, model in (
            ("lags", "dimson"),
            ("volatility", "garch_market_model"),
            ("errors", "garch_market_model"),
        ):
            given = getattr(self, key)
            if given is not None and self.model != model:
                raise UsageError(f"{key}: {given!r} goes with {model}, not {self.model}; drop it.")
        if self.volatility is not None:
            check_word("volatility", self.volatility, VOLATILITIES)
        if self.errors is not None:
            check_word("errors", self.errors, ERRORS)
        if self.lags is not None and (
            not isinstance(self.lags, Integral) or not 1 <= self.lags <= MOST_LAGS
        ):
            raise UsageError(f"lags: {self.lags!r} is no whole number from 1 to {MOST_LAGS}.")

    def check_windows(self) -> None:
        """Refuse windows that run backwards or lie where they must not."""
        for key in ("estimation_window", "event_window"):
            first, last = getattr(self, key)
            if first > last:
                raise UsageError(f"{key}: {[first, last]} runs backwards; write {[last, first]}.")
        if self.estimation_window[1] >= self.event_window[0]:
            raise UsageError(
                f"estimation_window {list(self.estimation_window)} reaches into event_window "
                f"{list(self.event_window)}; let it end before bar {self.event_window[0]}."
            )
        for first, last in self.windows:
            if first > last:
                raise UsageError(
                    f"car_windows: {[first, last]} runs backwards; write {[last, first]}."
                )
            if first < self.event_window[0] or last > self.event_window[1]:
                raise UsageError(
                    f"car_windows: {[first, last]} is not inside event_window "
                    f"{list(self.event_window)}; widen event_window or shorten it."
                )

    def check_numbers(self) -> None:
        """Refuse numbers out of their bounds."""
        if self.min_estimation < self.n_parameters + 5:
            raise UsageError(
                f"min_estimation: {self.min_estimation} leaves fewer than 5 residual degrees of "
                f"freedom for {self.model}; use at least {self.n_parameters + 5}."
            )
        rows = self.estimation_window[1] - self.estimation_window[0] + 1
        if rows < self.least_rows and self.least_rows > self.min_estimation:
            raise UsageError(
                f"estimation_window {list(self.estimation_window)} has {rows} bars, "
                f"{self.model} needs {self.least_rows}; lengthen it."
            )
        if rows < self.min_estimation:
            raise UsageError(
                f"estimation_window {list(self.estimation_window)} has {rows} bars, fewer than "
                f"min_estimation {self.min_estimation}; lengthen it or lower the minimum."
            )
        if not 0.0 < self.level < 1.0:
            raise UsageError(f"level: {self.level} is not between 0 and 1; 0.05 is usual.")
        for key in ("draws", "seed"):
            if isinstance(given := getattr(self, key), bool) or not isinstance(given, Integral):
                raise UsageError(f"{key}: {given!r} is no whole number.")
        if self.draws < 0:
            raise UsageError(f"draws: {self.draws} is negative; 0 leaves the placebo out.")
        if not 0 <= self.seed < 2**64:
            raise UsageError(f"seed: {self.seed} is not between 0 and 2**64 - 1.")

    @property
    def n_parameters(self) -> int:
        """Parameters without the factors of a factor model and without controls."""
        return MODELS[self.model] + 2 * self.n_lags

    @property
    def n_lags(self) -> int:
        """Leading and lagging bars of the benchmark in the normal return; 0 but for dimson."""
        return (self.lags or 1) if self.model == "dimson" else 0

    @property
    def n_beside(self) -> int:
        """Bars of the benchmark before and after each estimation row that the fit needs."""
        return 1 if self.model == "scholes_williams" else self.n_lags

    @property
    def least_rows(self) -> int:
        """Usable estimation rows below which an event has no fit."""
        if self.model == "garch_market_model":
            return max(self.min_estimation, GARCH_ROWS)
        return self.min_estimation

    @property
    def taus(self) -> npt.NDArray[np.int64]:
        """(L,) bars of the event window."""
        return np.arange(self.event_window[0], self.event_window[1] + 1)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(W,) bars of each of ``windows``."""
        return np.array([last - first + 1 for first, last in self.windows], dtype=np.int64)


def check_word(key: str, given: object, known: Iterable[str]) -> None:
    """Refuse a word that is not known, with the nearest one that is."""
    words = list(known)
    if given not in words:
        near = get_close_matches(str(given), words, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"{key}: {given!r} is none of {', '.join(words)}.{hint}")


@dataclass(frozen=True, slots=True)
class EventArrays:
    """N events on a panel of C columns by T sessions.

    Attributes
    ----------
    returns
        (C, T) float64, C-contiguous, simple returns in decimals, NaN where missing.
    column
        (N,) int64: the asset's row of ``returns``.
    factors
        (N, F) int64: rows of ``returns`` that are regressors, -1 at the end for unused; F = 1 for
        the market models (the benchmark), 0 for the constant mean. Where a model reads the
        benchmark on neighbouring bars, `study.models.fits.prepare` adds columns and F is more.
    position
        (N,) int64: the column of ``returns`` that is the asset's own day 0.
    asset
        (N,) int64: equal for events of the same asset, whatever column it is sampled in; the
        placebo of an asset keeps away from all its events.
    anchor
        (N,) int64: the event session on the study's clock. Assets whose own day 0 is another bar
        keep their distance to it when the placebo moves the event.
    controls
        (N, D) int64: further regressors of single events (indicators of overlapping events), -1
        where unused. The placebo does without them.
    slot
        (T,) int64: which bar of its session each bar is, from 0 on. Every slot has a variance of
        its own, and the placebo moves an event to bars of the same slot only. None: all bars are of
        one kind, as whole sessions are.
    spans
        (C, T) bool: returns that span a closure of the market, whose mean and variance are
        estimated apart, in bars that have slots. None: none does.
    """

    returns: npt.NDArray[np.float64]
    column: npt.NDArray[np.int64]
    factors: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]
    asset: npt.NDArray[np.int64]
    anchor: npt.NDArray[np.int64]
    controls: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int64] | None = None
    spans: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.position)
