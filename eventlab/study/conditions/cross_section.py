"""Which events moved more: CARs regressed on what was known of each event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from eventlab.errors import UsageError
from eventlab.study.inference.clustered import FEW_CLUSTERS, clustered_ols

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import numpy.typing as npt

    from eventlab.study.inference.clustered import ClusteredFit

__all__ = [
    "CROSS_SECTION_COLUMNS",
    "DRAWS",
    "UNKNOWN",
    "Regression",
    "regress",
    "regress_columns",
]

DRAWS: Final = 999
CONSTANT: Final = "constant"
UNKNOWN: Final = "dropped: not known at any event"
# What is left of a column after the others, against the column itself, below which it adds nothing.
COLLINEAR: Final = 1e-9
# One date with more than this share of a feature's own variation decides its coefficient.
ONE_DATE: Final = 0.5
CROSS_SECTION_COLUMNS = [
    "feature",
    "coefficient",
    "stderr",
    "statistic",
    "dof",
    "pvalue",
    "bootstrap_pvalue",
    "n_events",
    "n_dates",
    "note",
]


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression of CARs on features of the events.

    Attributes
    ----------
    table
        A row per coefficient, ``constant`` first: feature, coefficient (CAR in decimals per unit
        of the feature), stderr (CR1), statistic, dof (G - 1), pvalue, bootstrap_pvalue (wild
        cluster bootstrap, where there are fewer than 30 dates or one date decides a coefficient),
        n_events, n_dates, note (why a feature was dropped or a statistic is not available, or what
        weakens it).
    left_out
        Labels of the events without a CAR or a feature, with the reason.
    """

    table: pd.DataFrame
    left_out: Mapping[Hashable, str] = field(default_factory=dict)


def regress(
    car: pd.Series[float],
    features: pd.DataFrame,
    cluster: pd.Series[Any],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Regression:
    """Least squares of CARs on a constant and features, with errors clustered by date.

    Parameters
    ----------
    car
        One CAR per event, decimals; its index names the events, each once.
    features
        Events by features, numbers or booleans, on the same index. NaN leaves the event out.
    cluster
        The date of each event (day 0), on the same index; events of one date may move together.
    draws, seed
        Of the wild cluster bootstrap, drawn where there are fewer than 30 dates, or one date has
        more than half of a feature's own variation; 0 leaves it out.

    Returns
    -------
    Regression
        Constant and collinear features are dropped with the reason. Errors are CR1: the sum over
        dates of X_g' e_g e_g' X_g, times G/(G - 1) (N - 1)/(N - k), against t(G - 1).
        The features are taken as given: whether they were known before the event is up to you.

    Raises
    ------
    UsageError
        The indices differ or repeat an event, a feature is no number, or a date is missing.

    References
    ----------
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, sections II and III.
    """
    _check(car, features, cluster)
    columns = {str(name): floats(column) for name, column in features.items()}
    own = floats(car)
    dates = pd.factorize(cluster, sort=True)[0].astype(np.int64)
    rows = regress_columns(own, columns, dates, draws=draws, seed=seed)
    return Regression(
        pd.DataFrame(rows, columns=CROSS_SECTION_COLUMNS),
        _left_out(car.index, own, known_columns(columns)),
    )


def regress_columns(
    car: npt.NDArray[np.float64],
    columns: Mapping[str, npt.NDArray[np.float64]],
    dates: npt.NDArray[np.int64],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the rows of `Regression.table` from arrays: (N,) CARs, features and codes of dates."""
    used = known_columns(columns)
    kept = np.isfinite(car)
    for column in used.values():
        kept &= np.isfinite(column)
    codes = np.unique(dates[kept], return_inverse=True)[1].astype(np.int64)
    sample = _Sample(car[kept], {name: column[kept] for name, column in used.items()}, codes)
    solved = _solve(sample, draws, seed)
    lost = _missing_words(car, used, kept)
    rows = [_row(CONSTANT, sample, solved)]
    rows[0]["note"] = "; ".join(filter(None, (rows[0]["note"], lost)))
    for name in columns:
        rows.append(_row(name, sample, solved))
        if name not in used:
            rows[-1]["note"] = UNKNOWN
    return rows


@dataclass(frozen=True, slots=True)
class _Sample:
    """The N events that have a CAR and every feature; ``codes`` (N,) are their G dates."""

    car: npt.NDArray[np.float64]
    columns: Mapping[str, npt.NDArray[np.float64]]
    codes: npt.NDArray[np.int64]

    @property
    def n_dates(self) -> int:
        return int(self.codes.max()) + 1 if len(self.codes) else 0


@dataclass(frozen=True, slots=True)
class _Solved:
    """The design (N, k), the names of its columns, why others were dropped, and the fit if any."""

    design: npt.NDArray[np.float64]
    names: list[str]
    dropped: Mapping[str, str]
    obstacle: str
    fit: ClusteredFit | None


def _solve(sample: _Sample, draws: int, seed: int) -> _Solved:
    design, names, dropped = _independent(sample.columns, len(sample.car))
    obstacle = _obstacle(len(sample.car), sample.n_dates, design.shape[1])
    if obstacle:
        return _Solved(design, names, dropped, obstacle, None)
    few = sample.n_dates < FEW_CLUSTERS
    uneven = any(_caution(design, j, sample.codes) for j in range(1, len(names)))
    draws = draws if few or uneven else 0
    fit = clustered_ols(sample.car, design, sample.codes, draws=draws, seed=seed)
    return _Solved(design, names, dropped, "", fit)


def _row(name: str, sample: _Sample, solved: _Solved) -> dict[str, Any]:
    numbers = dict.fromkeys(CROSS_SECTION_COLUMNS[1:7], np.nan)
    row: dict[str, Any] = {"feature": name, **numbers}
    row |= {"n_events": len(sample.car), "n_dates": sample.n_dates, "note": solved.obstacle}
    fit = solved.fit
    if len(sample.car) and name in solved.dropped:
        return row | {"note": f"dropped: {solved.dropped[name]}"}
    if fit is None or name not in solved.names:
        return row
    j = solved.names.index(name)
    row |= {"coefficient": float(fit.coefficient[j])}
    reason = _without_error(solved.design[:, j], sample.codes, float(fit.statistic[j]))
    if reason:
        return row | {"note": reason}
    return row | {
        "stderr": float(fit.stderr[j]),
        "statistic": float(fit.statistic[j]),
        "dof": float(fit.n_clusters - 1),
        "pvalue": float(fit.pvalue[j]),
        "bootstrap_pvalue": float(fit.bootstrap_pvalue[j]),
        "note": _caution(solved.design, j, sample.codes) if j else "",
    }


def known_columns(
    columns: Mapping[str, npt.NDArray[np.float64]],
) -> dict[str, npt.NDArray[np.float64]]:
    """Keep the features that are known at some event; the others would leave no event."""
    return {name: column for name, column in columns.items() if np.isfinite(column).any()}


def floats(column: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """(N,): a column as float64, NaN where it has no value."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _check(car: pd.Series[float], features: pd.DataFrame, cluster: pd.Series[Any]) -> None:
    kinds: tuple[tuple[str, object, type], ...] = (
        ("car", car, pd.Series),
        ("features", features, pd.DataFrame),
        ("cluster", cluster, pd.Series),
    )
    for key, value, kind in kinds:
        if not isinstance(value, kind):
            raise UsageError(
                f"{key}: a {type(value).__name__} was given; pass a pandas {kind.__name__}."
            )
    if not car.index.is_unique:
        again = car.index[car.index.duplicated()][0]
        raise UsageError(f"car: {again!r} stands for two events; give each event a label")
    for key, given in (("features", features), ("cluster", cluster)):
        if not given.index.equals(car.index):
            raise UsageError(f"{key}: its index is not that of car; reindex it to car.index")
    if cluster.isna().any():
        raise UsageError(f"cluster: {cluster.index[cluster.isna()][0]!r} has no date; fill it in")
    other = [str(name) for name, kind in features.dtypes.items() if kind.kind not in "fiub"]
    if other:
        raise UsageError(f"features: {other} are no numbers; convert them, yes and no as 1 and 0")


def _left_out(
    index: pd.Index, car: npt.NDArray[np.float64], columns: Mapping[str, npt.NDArray[np.float64]]
) -> dict[Hashable, str]:
    found: dict[Hashable, str] = {}
    for i, label in enumerate(index):
        lacking = [name for name, column in columns.items() if not np.isfinite(column[i])]
        if not np.isfinite(car[i]):
            lacking.insert(0, "CAR")
        if lacking:
            found[label] = f"no {', '.join(lacking)}"
    return found


def _independent(
    columns: Mapping[str, npt.NDArray[np.float64]], n: int
) -> tuple[npt.NDArray[np.float64], list[str], dict[str, str]]:
    """Keep the columns, in their order, that no earlier ones explain; and why others are dropped.

    Returns the design (N, k) with a column of ones first, its names, and reasons by name.
    """
    kept, names, dropped = [np.ones(n)], [CONSTANT], {}
    basis = [np.ones(n) / np.sqrt(max(n, 1))]
    for name, column in columns.items():
        size = np.sqrt((column**2).sum())
        left = column - basis[0] * (basis[0] @ column)
        if not np.sqrt((left**2).sum()) > COLLINEAR * size:
            dropped[name] = "the same at every event"
            continue
        own = left / np.sqrt((left**2).sum())
        left = own
        for direction in [*basis, *basis]:  # twice: one pass of Gram-Schmidt loses digits
            left = left - direction * (direction @ left)
        size = np.sqrt((left**2).sum())
        if not size > COLLINEAR:
            dropped[name] = f"follows from {', '.join(names)}"
            continue
        basis.append(left / size)
        kept.append(column)
        names.append(name)
    return np.column_stack(kept), names, dropped


def _obstacle(n: int, n_dates: int, k: int) -> str:
    """Say why no coefficient can be computed; empty where one can."""
    if not n:
        return "no event has a CAR and every feature"
    if n <= k:
        return f"coefficients {k}, events {n}: more events than coefficients are needed"
    if n_dates <= k:
        return f"coefficients {k}, dates {n_dates}: errors by date need more dates than that"
    return ""


def _missing_words(
    car: npt.NDArray[np.float64],
    columns: Mapping[str, npt.NDArray[np.float64]],
    kept: npt.NDArray[np.bool_],
) -> str:
    """Say how many events with a CAR are left out, and for which features."""
    has_car = np.isfinite(car)
    lost = int((has_car & ~kept).sum())
    if not lost:
        return ""
    each = [
        f"{name} {int((has_car & ~np.isfinite(column)).sum())}"
        for name, column in columns.items()
        if (has_car & ~np.isfinite(column)).any()
    ]
    return f"{lost} of {int(has_car.sum())} events left out, not known at them: {', '.join(each)}"


def _without_error(
    column: npt.NDArray[np.float64], codes: npt.NDArray[np.int64], statistic: float
) -> str:
    """Say why a coefficient has no error; empty where it has one."""
    if np.isnan(statistic):
        return "the events lie on the line: no residual, no error"
    levels = np.unique(column)
    if len(levels) == 2 and min(len(np.unique(codes[column == one])) for one in levels) < 2:
        return "all events of one side share a date, whose own mean leaves no error"
    return ""


def _caution(design: npt.NDArray[np.float64], j: int, codes: npt.NDArray[np.int64]) -> str:
    """Say what weakens the statistic of column ``j``; empty where nothing is known of."""
    design = design / np.sqrt((design**2).sum(axis=0))
    own, others = design[:, j], np.delete(design, j, axis=1)
    left = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    share = float((np.bincount(codes, weights=left**2) / (left**2).sum()).max())
    return f"one date holds {share:.0%} of its own variation" if share > ONE_DATE else ""
