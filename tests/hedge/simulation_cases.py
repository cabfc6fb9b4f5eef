"""Small grids, costs and plans for the simulation: by hand and at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eventlab.hedge.simulate import Limits
from eventlab.hedge.types import Carry, Grid, Kind, Plan
from eventlab.timeline.types import DAY, Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

CAPITAL = 1_000.0


@dataclass(frozen=True, repr=False)
class Case:
    grid: Grid
    carry: Carry
    plan: Plan
    limits: Limits
    name: str = "by hand"

    def __repr__(self) -> str:
        return f"Case({self.name})"

    def run(self, simulate: Any) -> Any:
        return simulate(self.grid, self.carry, self.plan, capital=CAPITAL, limits=self.limits)


def clock_of(T: int) -> Clock:
    days = np.arange(T, dtype=np.int64)
    labels = np.datetime64("2024-01-01") + days
    opens = labels.astype("datetime64[ns]").astype(np.int64)
    return Clock("24/7", labels, opens, opens + DAY - 1)


def grid_of(fills: Array | Sequence[Sequence[float]], n_book: int = 1) -> Grid:
    """A grid whose legs have these prices at the (2T, A) points; marks are the last ones."""
    fills = np.ascontiguousarray(fills, dtype=np.float64)
    points, A = fills.shape
    marks = fills.copy()
    for p in range(1, points):
        marks[p] = np.where(np.isnan(marks[p]), marks[p - 1], marks[p])
    clock = clock_of(points // 2)
    instants = np.stack([clock.opens, clock.closes], axis=1).ravel()
    return Grid(
        symbols=tuple("ABCDEFGH"[:A]),
        n_book=n_book,
        clock=clock,
        instants=instants,
        fills=fills,
        filled_at=np.repeat(instants[:, None], A, axis=1),
        marks=marks,
        trades=np.isfinite(fills[::2]) | np.isfinite(fills[1::2]),
        basis=("as given",) * A,
        nights=np.minimum(np.arange(points // 2), 1),
    )


def free(grid: Grid, **costs: Any) -> Carry:
    """Nothing costs anything but what is given, by name."""
    points, A = grid.fills.shape
    none = Carry(
        fee=np.zeros(A),
        slippage=np.zeros(A),
        impact=np.zeros((points, A)),
        funding=np.zeros((points, A)),
        borrow=np.zeros((points, A)),
        interest=np.zeros(points),
        in_cash=np.ones(A),
    )
    return replace(none, **{name: np.asarray(value, float) for name, value in costs.items()})


def plan_of(*rows: dict[str, Any], A: int, n_book: int = 1) -> Plan:
    """A plan by rows: decided, kind, episode, targets {leg: weight}, points, stop."""
    D = len(rows)
    targets, points = np.full((D, A), np.nan), np.full((D, A), -1)
    for d, row in enumerate(rows):
        for a, target in row.get("targets", {}).items():
            targets[d, a] = target
            wanted = row.get("point", 2 * row["decided"] + 3)
            points[d, a] = wanted[a] if isinstance(wanted, dict) else wanted
    return Plan(
        decided=np.array([row["decided"] for row in rows], dtype=np.int64),
        kind=np.array([row.get("kind", Kind.ENTER) for row in rows], dtype=np.int64),
        episode=np.array([row.get("episode", 0) for row in rows], dtype=np.int64),
        targets=targets,
        of_equity=np.tile(np.arange(A) < n_book, (D, 1)),
        points=points,
        stop=np.array([row.get("stop", np.nan) for row in rows], dtype=np.float64),
    )


def random_case(seed: int, T: int, A: int, *, wild: float = 1.0, pure: bool = False) -> Case:
    """A case with closed markets, late legs, shorts, every cost, stops, limits and liquidations.

    ``wild`` scales the volatility; ``pure`` leaves interest out.
    """
    rng = np.random.default_rng(seed)
    n_book = int(rng.integers(1, A + 1))
    steps = wild * rng.choice([0.01, 0.05, 0.2]) * rng.standard_t(4, size=(2 * T, A))
    fills = rng.uniform(1, 1000, A) * np.exp(np.cumsum(np.clip(steps, -1.5, 1.5), axis=0))
    fills[rng.random((2 * T, A)) < rng.choice([0.0, 0.1, 0.4])] = np.nan
    for a in range(A):
        if rng.random() < 0.3:
            fills[: rng.integers(0, T), a] = np.nan
    grid = grid_of(fills, n_book)
    carry, plan = _random_carry(rng, grid, pure=pure), _random_plan(rng, grid)
    return Case(grid, carry, plan, _limits(rng), f"{seed}, {T}, {A}, {wild=}, {pure=}")


def _random_carry(rng: np.random.Generator, grid: Grid, *, pure: bool) -> Carry:
    points, A = grid.fills.shape
    price = np.nan_to_num(grid.marks, nan=0.0)
    at_opens = (np.arange(points) % 2 == 0)[:, None]
    on = rng.random(6) < 0.6
    interest = rng.normal(0, 1e-3, points) * (rng.random(points) < rng.choice([0.1, 0.5]))
    return Carry(
        fee=on[0] * rng.uniform(0, 0.01, A),
        slippage=on[1] * rng.uniform(0, 0.01, A),
        impact=on[2] * rng.uniform(0, 1e-3, (points, A)),
        funding=on[3] * rng.normal(0, 1e-3, (points, A)) * price,
        borrow=on[4] * at_opens * rng.uniform(0, 1e-3, (points, A)) * price,
        interest=np.zeros(points) if pure else on[5] * interest,
        in_cash=np.where(rng.random(A) < 0.7, 1.0, 0.0),
    )


def _limits(rng: np.random.Generator) -> Limits:
    return Limits(
        gross=float(rng.choice([np.inf, 1.0, 2.0])),
        maintenance=float(rng.choice([0.0, 0.1, 0.3])),
        stop_at_close=bool(rng.random() < 0.5),
    )


def _random_plan(rng: np.random.Generator, grid: Grid) -> Plan:
    T, A = len(grid), len(grid.symbols)
    rows: list[dict[str, Any]] = []
    t, episode = int(rng.integers(0, 3)), 0
    while t < T - 2:
        inner: list[int] = np.sort(rng.integers(t, min(T, t + 8), size=rng.integers(0, 3))).tolist()
        end = min(t + int(rng.integers(2, 10)), T + 1)
        kinds = [Kind.ENTER, *[Kind.REBALANCE] * len(inner), Kind.EXIT]
        for decided, kind in zip([t, *[min(i, end) for i in inner], end], kinds, strict=True):
            rows.append(_random_row(rng, grid, decided, kind, episode))
        if rng.random() < 0.6:
            rows[-len(kinds)]["stop"] = float(rng.choice([0.02, 0.1, 0.3]))
        t, episode = end + int(rng.integers(-1, 4)), episode + 1
    rows.sort(key=lambda row: int(row["decided"]))
    return plan_of(*rows, A=A, n_book=grid.n_book)


def _random_row(
    rng: np.random.Generator, grid: Grid, decided: int, kind: Kind, episode: int
) -> dict[str, Any]:
    targets, points = {}, {}
    for a in range(len(grid.symbols)):
        if rng.random() < 0.2:
            continue
        close = 2 * decided + 1
        known = decided < len(grid) and not np.isnan(grid.marks[close, a])
        weight = float(rng.choice([-1.0, -0.5, 0.5, 1.0, 1.5])) * float(rng.uniform(0.5, 1.5))
        targets[a] = 0.0 if kind == Kind.EXIT or not known else weight
        able = np.flatnonzero(np.isfinite(grid.fills[:, a]))
        able = able[able > close]
        later = min(int(rng.integers(0, 4)), len(able) - 1)
        points[a] = int(able[later]) if len(able) and rng.random() < 0.95 else -1
    return {
        "decided": decided, "kind": kind, "episode": episode, "targets": targets, "point": points,
    }  # fmt: skip
