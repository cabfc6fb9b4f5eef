"""Kernels called with arrays of their own, and what their naive twins say of the same input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from eventlab.kernels.factor_fits import factor_fits_nb
from eventlab.kernels.fits import simple_fits_nb
from eventlab.kernels.placebo import placebo_table_nb
from tests import naive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = npt.NDArray[np.float64]
Window = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """N events on C columns: (column, regressors, position) each."""

    returns: Array
    column: list[int]
    regressors: list[list[int]]
    position: list[int]
    estimation: Window
    event: Window
    windows: list[Window]
    min_rows: int


@dataclass(frozen=True)
class Found:
    """Outputs of a fit kernel."""

    coefficients: Array
    sigma: Array
    n_rows: npt.NDArray[np.int64]
    ar: Array
    ar_variance: Array
    car: Array
    car_variance: Array


def ints(values: Sequence[Any]) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def outputs(case: Case, k: int) -> Found:
    """Arrays full of a number that no kernel would write."""
    n, bars, w = len(case.position), case.event[1] - case.event[0] + 1, len(case.windows)
    return Found(
        coefficients=np.full((n, k), -999.0),
        sigma=np.full(n, -999.0),
        n_rows=np.full(n, -999),
        ar=np.full((n, bars), -999.0),
        ar_variance=np.full((n, bars), -999.0),
        car=np.full((n, w), -999.0),
        car_variance=np.full((n, w), -999.0),
    )


def windows_of(case: Case) -> npt.NDArray[np.int64]:
    return ints(case.windows).reshape(-1, 2)


def simple(case: Case, k: int, kernel: Callable[..., None] = simple_fits_nb) -> Found:
    """Run the kernel of the zero-mean (k=0), constant-mean (1) and market model (2)."""
    found = outputs(case, k)
    benchmark = [own[0] for own in case.regressors] if k == 2 else case.column
    kernel(
        case.returns,
        ints(case.column),
        ints(benchmark),
        ints(case.position),
        k,
        ints(case.estimation),
        ints(case.event),
        windows_of(case),
        case.min_rows,
        *(getattr(found, name) for name in Found.__dataclass_fields__),
    )
    return found


def factor(case: Case, kernel: Callable[..., None] = factor_fits_nb) -> Found:
    """Run the kernel of the factor model; shorter lists of regressors end in -1."""
    most = max((len(own) for own in case.regressors), default=0)
    table = [own + [-1] * (most - len(own)) for own in case.regressors]
    found = outputs(case, most + 1)
    kernel(
        case.returns,
        ints(case.column),
        ints(table).reshape(len(case.position), most),
        ints(case.position),
        ints(case.estimation),
        ints(case.event),
        windows_of(case),
        case.min_rows,
        *(getattr(found, name) for name in Found.__dataclass_fields__),
    )
    return found


def table(
    y: Array,
    x: Array,
    k: int,
    case: Case,
    kernel: Callable[..., None] = placebo_table_nb,
) -> tuple[Array, Array]:
    """Run the kernel of the placebo table."""
    shape = (len(y), len(case.windows))
    car, variance = np.full(shape, -999.0), np.full(shape, -999.0)
    kernel(y, x, k, ints(case.estimation), windows_of(case), case.min_rows, car, variance)
    return car, variance


def expected(case: Case, k: int | None = None) -> list[naive.EventNumbers]:
    """Naive numbers of every event: k = 0, 1 ignores the regressors, 2 takes the first."""
    found = []
    for c, own, position in zip(case.column, case.regressors, case.position, strict=True):
        used = own if k is None else own[: max(0, k - 1)]
        least = max(case.min_rows, len(used) + 1 + naive.MIN_DOF) if k is None else case.min_rows
        found.append(
            naive.event_numbers(
                case.returns[c],
                case.returns[used].T.reshape(case.returns.shape[1], len(used)),
                position,
                case.estimation,
                case.event,
                case.windows,
                intercept=k != 0,
                min_rows=least,
            )
        )
    return found


def assert_same(found: Found, numbers: list[naive.EventNumbers], scale: Array, rtol: float) -> None:
    """Compare whole arrays; ``scale`` (N,) is the size of each asset's returns.

    Abnormal returns and alphas are differences of returns, so that their rounding is relative to
    the returns; variances and sigmas are sums of squares, relative to themselves.
    """
    for i, one in enumerate(numbers):
        atol = rtol * scale[i]
        assert found.n_rows[i] == one.n_rows
        k = 0 if one.fit is None else one.fit.k
        assert np.isnan(found.coefficients[i, k:]).all()
        close(found.ar[i], one.ar, rtol, atol)
        close(found.ar_variance[i], one.ar_variance, rtol)
        close(found.car[i], one.car, rtol, atol * 10)
        close(found.car_variance[i], one.car_variance, rtol)
        if one.fit is None:
            assert np.isnan(found.sigma[i])
        else:
            close(found.sigma[i], np.array(one.fit.sigma), rtol)
            close(found.coefficients[i, :k], one.fit.coefficients, rtol, atol)


def close(found: Array, wanted: Array, rtol: float, atol: float = 0.0) -> None:
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)
