"""Normal returns with bars that span a closure, as plainly as the formulas can be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NaiveClosureFit:
    """What one event has; AR and variances by bar of the event window."""

    coefficients: Floats
    s2: float
    n_regular: int
    n_closures: int
    kappa: float
    shift: float
    ar: Floats
    ar_variance: Floats  # over s^2
    design: Floats  # (L, k): the row of each bar's estimation error
    spans: npt.NDArray[np.bool_]

    def car(self, first: int, last: int) -> tuple[float, float, float]:
        """CAR of bars first to last of the event window, its variance over s^2, and its dof."""
        bars = slice(first, last + 1)
        closed = int(self.spans[bars].sum())
        k = len(self.coefficients)
        d = self.design[bars].sum(axis=0)
        fitted = last + 1 - first - closed + (float(d @ self.inverse @ d) if k else 0.0)
        extra = self.mean_known * closed**2 / self.n_closures if closed else 0.0
        apart = self.kappa * (closed + extra) if closed else 0.0
        dof = (fitted + apart) ** 2 / (
            fitted**2 / (self.n_regular - k) + apart**2 / (self.n_closures - self.mean_known)
        )
        return float(self.ar[bars].sum()), fitted + apart, dof

    inverse: Floats
    mean_known: int  # 1 where the closures' mean is estimated


def naive_closure_fit(
    y: Floats,
    x: Floats,
    spans: npt.NDArray[np.bool_],
    estimation: slice,
    event: slice,
    *,
    constant: bool = True,
) -> NaiveClosureFit:
    """One event: ``y`` (T,), regressors ``x`` (T, F), which rows span a closure."""
    rows = np.arange(len(y))[estimation]
    rows = rows[np.isfinite(y[rows]) & np.isfinite(x[rows]).all(axis=1)]
    regular, across = rows[~spans[rows]], rows[spans[rows]]
    ones = np.ones((len(y), int(constant)))
    X = np.hstack([ones, x])
    k = X.shape[1]
    inverse = np.linalg.inv(X[regular].T @ X[regular]) if k else np.empty((0, 0))
    b = inverse @ X[regular].T @ y[regular] if k else np.empty(0)
    e = y[regular] - X[regular] @ b
    s2 = float(e @ e) / (len(regular) - k)
    beta = b[int(constant) :]
    gap = y[across] - x[across] @ beta
    mean = float(gap.mean()) if constant else 0.0
    v = float(((gap - mean) ** 2).sum()) / (len(across) - int(constant))
    x_mean = x[across].mean(axis=0) if constant else np.zeros(x.shape[1])
    bars = np.arange(len(y))[event]
    design, ar, variance = [], [], []
    for t in bars:
        if spans[t]:
            z = np.append(np.zeros(int(constant)), x[t] - x_mean)
            ar.append(y[t] - mean - x[t] @ beta)
            own = v / s2 * (1.0 + int(constant) / len(across))
        else:
            z = X[t]
            ar.append(y[t] - X[t] @ b)
            own = 1.0
        design.append(z)
        variance.append(own + (float(z @ inverse @ z) if k else 0.0))
    alpha = float(b[0]) if constant else 0.0
    return NaiveClosureFit(
        coefficients=b,
        s2=s2,
        n_regular=len(regular),
        n_closures=len(across),
        kappa=v / s2,
        shift=mean - alpha,
        ar=np.array(ar),
        ar_variance=np.array(variance),
        design=np.array(design).reshape(len(bars), k),
        spans=spans[bars],
        inverse=inverse,
        mean_known=int(constant),
    )
