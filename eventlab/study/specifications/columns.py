"""The tables of a specification curve: one row per specification, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy import special

from eventlab.study.specifications.rows import WITHOUT, joint_note, normal_score
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from eventlab.study.specifications.draws import Drawn
    from eventlab.study.specifications.fits import World
    from eventlab.study.specifications.grid import Rule, SpecificationGrid
    from eventlab.study.specifications.rows import Cells

__all__ = [
    "CHOICES",
    "SPECIFICATION_COLUMNS",
    "SUMMARY_COLUMNS",
    "CurveParts",
    "choice_table",
    "curve_tables",
    "dominant",
    "first_of_each",
    "no_specifications",
    "no_summary",
]

CHOICES: Final = (
    "model",
    "benchmark",
    "estimation_window",
    "window",
    "clock",
    "sampling",
    "overlaps",
    "days",
)
SPECIFICATION_COLUMNS: Final = (
    "group",
    *CHOICES,
    "estimate",
    "low",
    "high",
    "n_events",
    "test",
    "statistic",
    "pvalue",
    "score",
    "placebo_pvalue",
    "significant",
    "joint",
    "rank",
    "null_low",
    "null_high",
    "same_as",
    "note",
)
SUMMARY_COLUMNS: Final = (
    "group",
    "n_asked",
    "n",
    "n_same",
    "n_without",
    "median",
    "q25",
    "q75",
    "least",
    "most",
    "share_positive",
    "share_significant",
    "share_dominant",
    "mean_score",
    "n_joint",
    "median_pvalue",
    "share_pvalue",
    "score_pvalue",
    "joint_median",
    "joint_share",
    "joint_score",
    "n_draws",
    "exact",
    "n_dates",
    "smallest_pool",
    "seed",
    "short",
    "note",
)


@dataclass(frozen=True, slots=True)
class CurveParts:
    """Everything that a curve is put together from; lists by world."""

    group: str
    grid: SpecificationGrid
    worlds: Sequence[World]
    cells: Sequence[Sequence[Cells]]
    same: Sequence[npt.NDArray[np.int64]]
    drawn: Drawn
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Joint:
    """Statistics of the joint specifications: of the real dates, and p against the draws."""

    median: float
    share: float
    score: float
    median_pvalue: float
    share_pvalue: float
    score_pvalue: float


def first_of_each(
    worlds: Sequence[World], cells: Sequence[Sequence[Cells]]
) -> list[npt.NDArray[np.int64]]:
    """By world, (V, W): the number of the first specification with the same numbers.

    The same CARs with the same errors of the same pairs: whatever else differs changed nothing.
    """
    seen: dict[tuple[object, ...], int] = {}
    names: dict[tuple[str, str], int] = {}
    found, number = [], 0
    for world, own in zip(worlds, cells, strict=True):
        keys = [(pair.occurrence, pair.symbol) for pair in world.pairs]
        pairs = np.array([names.setdefault(key, len(names)) for key in keys], dtype=np.int64)
        error = world.fits.car_error
        same = np.empty((len(own), len(world.spec.windows) - 1), dtype=np.int64)
        for v, one in enumerate(own):
            for w in range(same.shape[1]):
                inside = np.flatnonzero(one.counted[:, w])
                values = (pairs[inside], world.fits.car[inside, w], error[inside, w])
                key = (w, *(each.tobytes() for each in values))
                same[v, w] = seen.setdefault(key, number) if len(inside) else number
                number += 1
        found.append(same)
    return found


def no_specifications() -> pd.DataFrame:
    """Return `EventStudy.specifications` of a study without a curve."""
    return pd.DataFrame(columns=list(SPECIFICATION_COLUMNS))


def no_summary() -> pd.DataFrame:
    """Return `EventStudy.specification_summary` of a study without a curve."""
    return pd.DataFrame(columns=list(SUMMARY_COLUMNS))


def curve_tables(parts: CurveParts) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `SpecificationCurve.specs` and `SpecificationCurve.summary`."""
    specs = pd.DataFrame(choices(parts) | numbers(parts))
    placebo(parts, specs)
    specs["significant"] = specs["pvalue"] < parts.level
    distinct = (specs["same_as"] < 0) & np.isfinite(specs["estimate"])
    specs["joint"] &= distinct & np.isfinite(specs["score"])
    specs["rank"] = ranks(specs["estimate"].to_numpy(), distinct.to_numpy())
    specs["note"] = reasons(parts, specs)
    joint = joint_tests(parts, specs)
    specs["group"] = parts.group
    summary = summarise(parts, specs, specs[distinct], joint)
    return specs[list(SPECIFICATION_COLUMNS)], summary


def choices(parts: CurveParts) -> dict[str, Any]:
    """Columns of the choices, in the order worlds, rules, windows."""
    rows = [
        (
            fit.model,
            fit.benchmark,
            window_label(fit.estimation_window),
            window_label(window),
            fit.clock,
            fit.sampling,
            rule.overlaps,
            rule.days,
        )
        for fit in parts.grid.fits
        for rule in parts.grid.rules_of(fit)
        for window in parts.grid.car_windows
    ]
    columns = zip(*rows, strict=True)
    return {name: list(values) for name, values in zip(CHOICES, columns, strict=True)}


def numbers(parts: CurveParts) -> dict[str, Any]:
    """Columns of the estimates and their tests."""
    every = [one for own in parts.cells for one in own]
    first = np.concatenate([same.reshape(-1) for same in parts.same])
    named = {
        name: np.concatenate([getattr(one, name) for one in every])
        for name in ("estimate", "low", "high", "n_events", "statistic", "pvalue", "dof")
    }
    test = [name for one in every for name in one.test]
    score = normal_score(named["statistic"], named.pop("dof"))
    own = np.arange(len(first))
    return {**named, "test": test, "score": score, "same_as": np.where(first == own, -1, first)}


def placebo(parts: CurveParts, specs: pd.DataFrame) -> None:
    """Fill placebo_pvalue and joint, and the p of the specifications that only it can test."""
    shapes = [same.size for same in parts.same]
    starts = np.cumsum([0, *shapes])
    pvalue, joint = np.full(starts[-1], np.nan), np.zeros(starts[-1], dtype=np.bool_)
    for i, drawn in zip(parts.drawn.worlds, parts.drawn.studentised, strict=True):
        real = np.stack([one.studentised for one in parts.cells[i]])
        beyond = (np.abs(drawn) >= np.abs(real)).sum(axis=0)
        share = np.where(np.isfinite(real), (1.0 + beyond) / (1.0 + len(drawn)), np.nan)
        place = slice(starts[i], starts[i + 1])
        alone = np.concatenate([one.alone for one in parts.cells[i]])
        pvalue[place], joint[place] = np.where(alone, share.reshape(-1), np.nan), alone
    specs["placebo_pvalue"], specs["joint"] = pvalue, joint
    only = (specs["test"] == "placebo").to_numpy()
    specs.loc[only, "pvalue"] = pvalue[only]


def ranks(
    estimate: npt.NDArray[np.float64], chosen: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """(S,): place of each chosen estimate in ascending order, -1 for the others."""
    rank = np.full(len(estimate), -1, dtype=np.int64)
    rows = np.flatnonzero(chosen)
    rank[rows[np.argsort(estimate[rows], kind="stable")]] = np.arange(len(rows))
    return rank


def reasons(parts: CurveParts, specs: pd.DataFrame) -> list[str]:
    """Why a specification has no number, is not counted, or takes no part in the joint tests."""
    note = []
    cells = [
        (i, rule)
        for i, world in enumerate(parts.worlds)
        for rule in parts.grid.rules_of(world.choice)
        for _ in parts.grid.car_windows
    ]
    given = zip(specs["n_events"], specs["same_as"], specs["joint"], cells, strict=True)
    for n, same, joint, (i, rule) in given:
        world = parts.worlds[i]
        if n == 0:
            note.append(world.reason or without_car(world, rule))
        elif same >= 0:
            note.append(f"the same numbers as specification {same}")
        elif not joint:
            why = parts.drawn.left_out.get(i) or parts.drawn.note or WITHOUT
            note.append(f"not in the joint tests: {why}")
        else:
            note.append("")
    return note


def without_car(world: World, rule: Rule) -> str:
    """Say why no event of a world has a CAR: too few rows, a missing return, or no event left."""
    if not world.pairs:
        return "no event has a session on this clock"
    if not len(world.members(rule)):
        return f"overlaps: {rule.overlaps} with days: {rule.days} leaves no event"
    if not world.fits.fitted.any():
        most = int(world.fits.n_rows.max())
        least = world.spec.least_rows
        return f"no fit: at most {most} usable estimation rows, min_estimation is {least}"
    return "no event has all returns of the window"


def joint_tests(parts: CurveParts, specs: pd.DataFrame) -> Joint:
    """Compare the curve with those of the draws, and give each place its placebo band."""
    chosen = specs["joint"].to_numpy()
    specs["null_low"], specs["null_high"] = np.nan, np.nan
    if not chosen.any() or not parts.drawn.n_draws:
        return Joint(*[np.nan] * 6)
    estimate, score = drawn_columns(parts, chosen)
    critical = np.full(len(specs), float(special.ndtri(1.0 - parts.level / 2.0)))
    critical = critical[chosen]
    only = (specs["test"] == "placebo").to_numpy()[chosen]
    critical[only] = np.quantile(np.abs(score[:, only]), 1.0 - parts.level, axis=0)
    up, down = (score > critical).mean(axis=1), (score < -critical).mean(axis=1)
    estimate.sort(axis=1)
    own = specs[chosen]
    curves = np.ascontiguousarray(estimate.T)
    curves.sort(axis=1)
    edge = (len(estimate) - 1) * np.array([0.025, 0.975])
    order = own.index[np.argsort(own["rank"].to_numpy(), kind="stable")]
    specs.loc[order, "null_low"] = curves[:, int(np.floor(edge[0]))]
    specs.loc[order, "null_high"] = curves[:, int(np.ceil(edge[1]))]
    median, mean = float(own["estimate"].median()), float(own["score"].mean())
    share = dominant(own)
    return Joint(
        median,
        share,
        mean,
        chance(median, np.median(estimate, axis=1)),
        chance(share, np.maximum(up, down)),
        chance(mean, score.mean(axis=1)),
    )


def drawn_columns(
    parts: CurveParts, chosen: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(K, J) estimates and scores of the draws in the chosen specifications, in their order."""
    starts = np.cumsum([0, *(same.size for same in parts.same)])
    drawn, both = parts.drawn, []
    for found in (drawn.estimate, drawn.score):
        columns = [
            one.reshape(drawn.n_draws, -1)[:, chosen[starts[i] : starts[i + 1]]]
            for i, one in zip(drawn.worlds, found, strict=True)
        ]
        both.append(np.concatenate(columns, axis=1))
    return both[0], both[1]


def dominant(specs: pd.DataFrame) -> float:
    """Share of the specifications that are significant and of the more frequent such sign.

    The sign is that of the test, as in the draws: a mean CAR can be on the other side of zero.
    """
    significant = specs["significant"]
    up, down = significant & (specs["score"] > 0), significant & (specs["score"] < 0)
    return float(max(up.mean(), down.mean()))


def chance(real: float, drawn: npt.NDArray[np.float64]) -> float:
    """(1 + #{|S_k| >= |S_0|}) / (1 + K); sums of another order differ in their last bits."""
    beyond = np.abs(drawn) >= abs(real) * (1.0 - 1e-12)
    return float((1.0 + beyond.sum()) / (1.0 + len(drawn)))


def summarise(
    parts: CurveParts, specs: pd.DataFrame, counted: pd.DataFrame, joint: Joint
) -> pd.DataFrame:
    """Return the one row of `SpecificationCurve.summary`."""
    estimate, drawn = counted["estimate"], parts.drawn
    q25, median, q75 = (
        np.quantile(estimate, [0.25, 0.5, 0.75]) if len(counted) else np.full(3, np.nan)
    )
    note = "; ".join(filter(None, (*parts.grid.notes, drawn.note, joint_note(parts.cells))))
    row = {
        "group": parts.group,
        "n_asked": len(specs),
        "n": len(counted),
        "n_same": int((specs["same_as"] >= 0).sum()),
        "n_without": int((specs["n_events"] == 0).sum()),
        "median": median,
        "q25": q25,
        "q75": q75,
        "least": estimate.min(),
        "most": estimate.max(),
        "share_positive": (estimate > 0).mean(),
        "share_significant": counted["significant"].mean(),
        "share_dominant": dominant(counted),
        "mean_score": counted["score"].mean(),
        "n_joint": int(specs["joint"].sum()),
        "median_pvalue": joint.median_pvalue,
        "share_pvalue": joint.share_pvalue,
        "score_pvalue": joint.score_pvalue,
        "joint_median": joint.median,
        "joint_share": joint.share,
        "joint_score": joint.score,
        "n_draws": drawn.n_draws,
        "exact": drawn.exact,
        "n_dates": drawn.n_dates,
        "smallest_pool": drawn.smallest,
        "seed": parts.seed,
        "short": parts.grid.short,
        "note": note,
    }
    return pd.DataFrame([row], columns=list(SUMMARY_COLUMNS))


def choice_table(specs: pd.DataFrame) -> pd.DataFrame:
    """Summarise the counted specifications by choice: which choice moves the answer most.

    Columns choice, value, n, n_events (median), median, share_significant, spread (the largest
    less the smallest median of the values of that choice); choices with one value are left out.
    """
    counted = specs[specs["rank"] >= 0]
    rows = []
    for choice in CHOICES:
        parts = [(value, part) for value, part in counted.groupby(choice, sort=False)]
        medians = [float(part["estimate"].median()) for _, part in parts]
        if len(medians) < 2:
            continue
        spread = max(medians) - min(medians)
        for (value, part), median in zip(parts, medians, strict=True):
            share = float(part["significant"].mean())
            events = float(part["n_events"].median())
            rows.append((choice, value, len(part), events, median, share, spread))
    columns = ["choice", "value", "n", "n_events", "median", "share_significant", "spread"]
    return pd.DataFrame(rows, columns=columns)
