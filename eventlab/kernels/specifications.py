"""The same pseudo-dates for every specification of a study: joint draws and what each gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventlab.kernels.jit import kernel
from eventlab.kernels.placebo import mix_nb

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["SCORE_STEP", "pseudo_rows_nb", "specification_draws_nb"]

SCORE_STEP = 1.0 / 64.0  # of the tables of normal scores; interpolating in them errs by under 1e-6


@kernel
def pseudo_rows_nb(
    pool: npt.NDArray[np.int64],
    pool_start: npt.NDArray[np.int64],
    seed: np.uint64,
    rows: npt.NDArray[np.int64],
) -> None:
    """Write the pseudo-dates ``rows`` (K, U) of K joint draws of U dates.

    Date u is drawn from ``pool[pool_start[u]:pool_start[u + 1]]``, by the generator and in the
    order of `placebo_draws_nb`: a specification on its own gets the draws of its study.
    """
    K, U = rows.shape
    step = np.uint64(0x9E3779B97F4A7C15)
    for draw in range(K):
        state = mix_nb(seed + np.uint64(draw + 1) * step)
        for u in range(U):
            size = pool_start[u + 1] - pool_start[u]
            state += step
            unit = np.float64(mix_nb(state) >> np.uint64(11)) * 2.0**-53
            rows[draw, u] = pool[pool_start[u] + int(unit * size)]


@kernel
def normal_score_nb(t: float, dof: float, scores: npt.NDArray[np.float64]) -> float:
    """Return the z whose normal tail is the t tail; ``scores`` are its values on a grid.

    The grid is even in s = sqrt(dof log(1 + t^2/dof)), in which z is almost a straight line
    (Wallace 1959). An infinite ``dof`` leaves t as it is, as does a t that is not finite.
    """
    if np.isinf(dof) or t - t != 0.0:
        return t
    place = np.sqrt(dof * np.log1p(t * t / dof)) / SCORE_STEP
    below = min(int(place), len(scores) - 2)
    z: float = scores[below] + (place - below) * (scores[below + 1] - scores[below])
    return z if t > 0.0 else -z


@kernel
def specification_draws_nb(
    scar: npt.NDArray[np.float64],
    error: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    maps: npt.NDArray[np.int64],
    date: npt.NDArray[np.int64],
    base: npt.NDArray[np.int64],
    which_map: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    spread: npt.NDArray[np.bool_],
    factor: npt.NDArray[np.float64],
    dof: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    which_scores: npt.NDArray[np.int64],
    estimate: npt.NDArray[np.float64],
    studentised: npt.NDArray[np.float64],
    score: npt.NDArray[np.float64],
) -> None:
    """Write CAAR, studentised CAAR and z (K, V, W) of K draws for V rules and W windows of a fit.

    ``scar`` and ``error`` (R, W) are the fit's tables, of one series after the other: CAR over its
    forecast error, and that error. Row 0 of pair p of P would be at ``base[p]``; it is on date
    ``date[p]``, whose pseudo-date is row ``maps[which_map[p], rows[k, date[p]]]``. ``weight``
    (V, P, W) is 1 where the pair counts. The statistic is the cross-sectional t of the SCARs times
    ``factor`` where ``spread`` (V, W), else the studentised CAAR; z is its normal score with
    ``dof`` (V, W).
    """
    K, V, W = estimate.shape
    P = len(date)
    total, square = np.empty((V, W)), np.empty((V, W))
    scaled, squares, n = np.empty((V, W)), np.empty((V, W)), np.zeros((V, W))
    counts = np.zeros((V, P), dtype=np.bool_)  # a rule may leave most pairs out: skip them whole
    for p in range(P):
        for v in range(V):
            for w in range(W):
                n[v, w] += weight[v, p, w]
                counts[v, p] |= weight[v, p, w] > 0.0
    for k in range(K):
        total[:], square[:], scaled[:], squares[:] = 0.0, 0.0, 0.0, 0.0
        for p in range(P):
            row = base[p] + maps[which_map[p], rows[k, date[p]]]
            own, errors = scar[row], error[row]
            for v in range(V):
                if counts[v, p]:
                    for w in range(W):
                        here = weight[v, p, w]
                        s, e = here * own[w], here * errors[w]
                        total[v, w] += s * e
                        square[v, w] += e * e
                        scaled[v, w] += s
                        squares[v, w] += s * s
        for v in range(V):
            for w in range(W):
                N = n[v, w]
                estimate[k, v, w] = total[v, w] / N
                statistic = total[v, w] / np.sqrt(square[v, w])
                studentised[k, v, w] = statistic
                if spread[v, w]:
                    mean = scaled[v, w] / N
                    variance = (squares[v, w] - scaled[v, w] * mean) / (N - 1.0)
                    statistic = factor[v, w] * mean * np.sqrt(N / variance)
                score[k, v, w] = normal_score_nb(statistic, dof[v, w], scores[which_scores[v, w]])
