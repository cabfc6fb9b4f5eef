"""Normal returns in bars inside sessions, as plainly as the formulas can be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CLOSURE = -1  # the class of bars that span one


@dataclass(frozen=True)
class NaiveSlotFit:
    """What one event has; ARs by bar of the event window, variances by class."""

    coefficients: Floats
    s2: float
    n_regular: int
    n_rows: dict[int, int]
    variance: dict[int, float]
    dof: dict[int, float]
    shift: float
    ar: Floats
    design: Floats  # (L, k): the row of each bar's estimation error
    kind: Ints  # (L,)
    rows: dict[int, Floats]  # estimation rows of each slot, [1, x]
    inverse: Floats
    mean_known: int  # 1 where the closures' mean is estimated

    def car(self, first: int, last: int) -> tuple[float, float, float]:
        """CAR of bars first to last of the event window, its variance, and its dof."""
        bars = slice(first, last + 1)
        kinds, d = self.kind[bars].tolist(), self.design[bars].sum(axis=0)
        parts = []
        for c, variance in self.variance.items():
            many = kinds.count(c)
            if c == CLOSURE:
                weight = many + self.mean_known * many**2 / self.n_rows[c]
            else:
                # (X'X)^-1 X' diag(variances) X (X'X)^-1, the rows of this slot
                error = self.rows[c] @ self.inverse @ d
                weight = many + float(error @ error)
            parts.append((weight * variance, self.dof[c]))
        total = sum(part for part, _ in parts)
        share = sum(part**2 / dof for part, dof in parts)
        return float(self.ar[bars].sum()), total, total**2 / share


def naive_slot_fit(
    y: Floats,
    x: Floats,
    kind: Ints,
    estimation: slice,
    event: slice,
    *,
    constant: bool = True,
) -> NaiveSlotFit:
    """One event: ``y`` (T,), regressors ``x`` (T, F), each row's slot or CLOSURE."""
    rows = np.arange(len(y))[estimation]
    rows = rows[np.isfinite(y[rows]) & np.isfinite(x[rows]).all(axis=1)]
    regular, across = rows[kind[rows] != CLOSURE], rows[kind[rows] == CLOSURE]
    X = np.hstack([np.ones((len(y), int(constant))), x])
    k = X.shape[1]
    inverse = np.linalg.inv(X[regular].T @ X[regular]) if k else np.empty((0, 0))
    b = inverse @ X[regular].T @ y[regular] if k else np.empty(0)
    beta = b[int(constant) :]
    n_rows, variance, dof = {}, {}, {}
    for c in sorted(set(kind[regular].tolist())):
        own = regular[kind[regular] == c]
        hat = X[own] @ inverse @ X[own].T
        e = y[own] - X[own] @ b
        n_rows[c], dof[c] = len(own), len(own) - float(np.trace(hat))
        variance[c] = float(e @ e) / dof[c]
    mean, x_mean = 0.0, np.zeros(x.shape[1])
    if len(across):
        gap = y[across] - x[across] @ beta
        if constant:
            mean, x_mean = float(gap.mean()), x[across].mean(axis=0)
        n_rows[CLOSURE], dof[CLOSURE] = len(across), len(across) - float(constant)
        variance[CLOSURE] = float(((gap - mean) ** 2).sum()) / dof[CLOSURE]
    bars = np.arange(len(y))[event]
    design, ar = [], []
    for t in bars:
        if kind[t] == CLOSURE:
            design.append(np.append(np.zeros(int(constant)), x[t] - x_mean))
            ar.append(y[t] - mean - x[t] @ beta)
        else:
            design.append(X[t])
            ar.append(y[t] - X[t] @ b)
    e = y[regular] - X[regular] @ b
    return NaiveSlotFit(
        coefficients=b,
        s2=float(e @ e) / (len(regular) - k),
        n_regular=len(regular),
        n_rows=n_rows,
        variance=variance,
        dof=dof,
        shift=mean - (float(b[0]) if constant else 0.0),
        ar=np.array(ar),
        design=np.array(design).reshape(len(bars), k),
        kind=kind[bars],
        rows={c: X[regular[kind[regular] == c]] for c in n_rows if c != CLOSURE},
        inverse=inverse,
        mean_known=int(constant),
    )
