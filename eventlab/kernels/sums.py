"""Sums in several partial sums: a single one waits for itself at every addition.

The order of summation is fixed by the length alone, so a result is the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventlab.kernels.jit import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["dot_nb", "moments_nb", "products_nb", "residual_square_nb", "sum_nb"]


@kernel
def sum_nb(a: npt.NDArray[np.float64]) -> float:
    """Sum of ``a`` (n,)."""
    n = len(a)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for k in range(n // 4):
        t = 4 * k
        s0 += a[t]
        s1 += a[t + 1]
        s2 += a[t + 2]
        s3 += a[t + 3]
    for t in range(n - n % 4, n):
        s0 += a[t]
    return (s0 + s1) + (s2 + s3)


@kernel
def dot_nb(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Inner product of ``a`` (n,) and ``b`` (n,)."""
    n = len(a)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for k in range(n // 4):
        t = 4 * k
        s0 += a[t] * b[t]
        s1 += a[t + 1] * b[t + 1]
        s2 += a[t + 2] * b[t + 2]
        s3 += a[t + 3] * b[t + 3]
    for t in range(n - n % 4, n):
        s0 += a[t] * b[t]
    return (s0 + s1) + (s2 + s3)


@kernel
def moments_nb(row: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean of ``row`` (n,) and its sum of squares about the mean."""
    n = len(row)
    mean = sum_nb(row) / n
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for k in range(n // 4):
        t = 4 * k
        s0 += (row[t] - mean) ** 2
        s1 += (row[t + 1] - mean) ** 2
        s2 += (row[t + 2] - mean) ** 2
        s3 += (row[t + 3] - mean) ** 2
    for t in range(n - n % 4, n):
        s0 += (row[t] - mean) ** 2
    return mean, (s0 + s1) + (s2 + s3)


@kernel
def products_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], y_mean: float, x_mean: float
) -> tuple[float, float, float]:
    """Sum the squares and products of two (n,) series about their means: yy, xx and xy."""
    n = len(y)
    yy0, xx0, xy0, yy1, xx1, xy1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(n // 2):
        t = 2 * k
        u0, v0 = x[t] - x_mean, y[t] - y_mean
        u1, v1 = x[t + 1] - x_mean, y[t + 1] - y_mean
        xx0 += u0 * u0
        xx1 += u1 * u1
        xy0 += u0 * v0
        xy1 += u1 * v1
        yy0 += v0 * v0
        yy1 += v1 * v1
    if n % 2:
        u0, v0 = x[n - 1] - x_mean, y[n - 1] - y_mean
        xx0 += u0 * u0
        xy0 += u0 * v0
        yy0 += v0 * v0
    return yy0 + yy1, xx0 + xx1, xy0 + xy1


@kernel
def residual_square_nb(
    y: npt.NDArray[np.float64], x: npt.NDArray[np.float64], alpha: float, beta: float
) -> float:
    """Sum of squares of y - alpha - beta x, both (n,)."""
    n = len(y)
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for k in range(n // 4):
        t = 4 * k
        s0 += (y[t] - alpha - beta * x[t]) ** 2
        s1 += (y[t + 1] - alpha - beta * x[t + 1]) ** 2
        s2 += (y[t + 2] - alpha - beta * x[t + 2]) ** 2
        s3 += (y[t + 3] - alpha - beta * x[t + 3]) ** 2
    for t in range(n - n % 4, n):
        s0 += (y[t] - alpha - beta * x[t]) ** 2
    return (s0 + s1) + (s2 + s3)
