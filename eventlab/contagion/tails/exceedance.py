"""Correlations of joint falls and of joint rises, against data that are symmetric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special

from eventlab.contagion.arguments import choice, number
from eventlab.contagion.tails.hac import bartlett_sum, newey_west_lags
from eventlab.contagion.tails.series import (
    MIN_ROWS,
    check_draws,
    fixed,
    matched,
    series_name,
    too_few,
)
from eventlab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

__all__ = ["Exceedance", "exceedance_correlation", "exceedances"]

Null = Literal["t", "normal"]

COLUMNS = ["n_lower", "lower", "n_upper", "upper", "difference", "stderr"]
NULL_COLUMNS = ["null_lower", "null_upper", "null_low", "null_high", "pvalue"]
TESTS = ["hong_tu_zhou", "delta_method", "ang_chen_lower", "ang_chen_upper"]
STREAM = 7301  # keeps these draws apart from others of the same seed


@dataclass(frozen=True, slots=True)
class Exceedance:
    """Exceedance correlations of two series.

    Attributes
    ----------
    names, correlation
        Of the two series; their correlation over all rows.
    table
        By threshold: n_lower, lower (rows where both are more than ``threshold`` standard
        deviations below their means, and the correlation among them), n_upper, upper, difference
        (lower - upper), stderr (delta method), null_lower and null_upper (means of simulated
        symmetric data), null_low and null_high (the middle 95% of their difference), pvalue
        (two-sided share of simulated differences at least as large), note.
    tests
        By test: statistic, dof, pvalue (chi-squared; NaN for those without a known distribution),
        simulated_pvalue, note. ``hong_tu_zhou`` and ``delta_method`` test lower = upper at all
        thresholds at once; ``ang_chen_lower`` and ``ang_chen_upper`` that the correlations of
        falls, and of rises, are those of the simulated data.
    null
        What was simulated, in words.
    n, n_missing, note
        Complete rows, rows left out because of a NaN, why the numbers are NaN.
    """

    names: tuple[str, str]
    correlation: float
    table: pd.DataFrame
    tests: pd.DataFrame
    null: str
    n: int
    n_missing: int
    note: str = ""

    @property
    def sentence(self) -> str:
        """The finding at the first threshold that has one, in words."""
        x, y = self.names
        usable = self.table[self.table["difference"].notna()]
        if usable.empty:
            why = self.note or "too few joint falls or rises"
            return f"Whether {x} and {y} fall more alike than they rise is not known: {why}."
        row = usable.iloc[0]
        words = (
            f"Correlation of {x} and {y} where both fall {row['lower']:.2f} (n = "
            f"{row['n_lower']:.0f}), where both rise {row['upper']:.2f} (n = {row['n_upper']:.0f})"
        )
        if not np.isfinite(row["pvalue"]):
            return f"{words}."
        chance = "more" if row["pvalue"] < 0.05 else "no more"
        return f"{words}: {chance} apart than in symmetric data (p = {row['pvalue']:.3f})."

    def __repr__(self) -> str:
        return f"Exceedance(n={self.n}: {self.sentence})"


@dataclass(frozen=True, slots=True)
class Sides:
    """Exceedance correlations (2, K), falls then rises, counts (2, K), and two kinds of scores.

    The mean of ``published`` (n, K) and ``influence`` (n, K) has in large samples the variance of
    the difference falls - rises, by Hong, Tu & Zhou's formula and by the delta method.
    """

    correlations: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    published: npt.NDArray[np.float64]
    influence: npt.NDArray[np.float64]

    @property
    def difference(self) -> npt.NDArray[np.float64]:
        """(K,) correlation of falls minus correlation of rises."""
        found: npt.NDArray[np.float64] = self.correlations[0] - self.correlations[1]
        return found

    @property
    def stderr(self) -> npt.NDArray[np.float64]:
        """(K,) standard error of the difference, by the delta method; NaN without a difference."""
        n = len(self.influence)
        variance = np.diag(bartlett_sum(self.influence, newey_west_lags(n))) / max(n, 1) ** 2
        return np.where(np.isfinite(self.difference), np.sqrt(np.maximum(variance, 0.0)), np.nan)


def exceedance_correlation(
    x: pd.Series,
    y: pd.Series,
    thresholds: Sequence[float] = (0.0, 0.5, 1.0),
    *,
    null: Null = "t",
    draws: int = 499,
    seed: int = 0,
) -> Exceedance:
    """Correlation of two series where both fall, and where both rise, by more than a threshold.

    Parameters
    ----------
    x, y
        Returns on the same rows, ascending in time. A row with a NaN in either is left out.
    thresholds
        In standard deviations (ddof 1) from the mean of each series, 0 or more, ascending.
    null
        The symmetric data that are simulated with the same n, the sample's correlation and
        standardised anew in each draw: ``normal``, or ``t`` with 4 + 6/k degrees of freedom, k the
        mean excess kurtosis of the two series (normal where k is not positive). Rows are
        independent. Fat tails alone widen what chance does to these correlations; ``normal`` takes
        that for asymmetry.
    draws, seed
        Of the simulation; 0 draws leave its numbers NaN. A draw depends on the seed and its number.

    Returns
    -------
    Exceedance
        With fewer than 10 joint falls or rises a correlation is NaN with a note; so is everything
        with fewer than 20 complete rows or a constant series.

    Raises
    ------
    UsageError
        If the rows differ, or thresholds, null or draws are not as described.

    Notes
    -----
    The published variance of Hong, Tu & Zhou takes the two standard deviations inside each
    correlation for known, and hardly ever rejects where the correlation is high (0 of 400 at 5%,
    correlation .9, 1,256 normal rows). The delta method keeps its size there, and rejects too often
    with fat tails (t5, 500 rows: 17 of 100), which is what the simulated p-value is for.

    References
    ----------
    Longin & Solnik (2001); Ang & Chen (2002), the statistic H with equal weights and the model's
    correlations by simulation; Hong, Tu & Zhou (2007), the statistic J of correlations, Bartlett
    weights with floor(4 (n/100)^(2/9)) lags.
    """
    cuts = _thresholds(thresholds)
    check_draws(draws, seed)
    choice("null", null, ("t", "normal"))
    values, known = matched(x=x, y=y)
    a, b = values[:, known]
    note = _unusable(a, b)
    n = len(a)
    sides = _nothing(n, len(cuts)) if note else exceedances(a, b, cuts)
    dof = _dof(a, b) if null == "t" and not note else np.inf
    correlation = np.nan if note else float(np.corrcoef(a, b)[0, 1])
    simulated = [] if note else list(_simulate(cuts, n, correlation, dof, (draws, seed)))
    return Exceedance(
        names=(series_name(x, "x"), series_name(y, "y")),
        correlation=correlation,
        table=_table(cuts, sides, simulated, note),
        tests=_tests(sides, simulated, note),
        null="" if note else _in_words(correlation, dof, draws, n),
        n=n,
        n_missing=len(known) - n,
        note=note,
    )


def exceedances(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64]
) -> Sides:
    """Exceedance correlations of finite (n,) series at (K,) thresholds."""
    sides = _nothing(len(x), len(thresholds))
    x, y = ((one - one.mean()) / one.std(ddof=1) for one in (x, y))
    for side, sign in enumerate((-1.0, 1.0)):
        smaller = np.minimum(sign * x, sign * y)
        for k, threshold in enumerate(thresholds):
            rows = np.flatnonzero(smaller > threshold)
            sides.counts[side, k] = len(rows)
            if len(rows) < MIN_ROWS or fixed(x[rows]) or fixed(y[rows]):
                continue
            u, v = ((one - one.mean()) / one.std(ddof=1) for one in (x[rows], y[rows]))
            rho = float(u @ v) / (len(rows) - 1)
            sides.correlations[side, k] = rho
            weight = -sign * len(x) / len(rows)
            sides.published[rows, k] = weight * (u * v - rho)
            sides.influence[rows, k] = weight * (u * v - 0.5 * rho * (u**2 + v**2))
    return sides


def _nothing(n: int, K: int) -> Sides:
    counts = np.zeros((2, K), dtype=np.int64)
    return Sides(np.full((2, K), np.nan), counts, np.zeros((n, K)), np.zeros((n, K)))


def _thresholds(thresholds: Sequence[float]) -> npt.NDArray[np.float64]:
    for threshold in (thresholds := np.atleast_1d(np.asarray(thresholds, dtype=object)).tolist()):
        number("thresholds: one", threshold)
    cuts = np.asarray(thresholds, dtype=np.float64)
    if cuts.ndim != 1 or len(cuts) == 0 or not (cuts >= 0).all() or not (np.diff(cuts) > 0).all():
        raise UsageError(
            f"thresholds={tuple(thresholds)} must be one or more ascending numbers of standard "
            "deviations, 0 or more"
        )
    return cuts


def _unusable(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    if len(x) < 2 * MIN_ROWS:
        return too_few(len(x), 2 * MIN_ROWS)
    if fixed(x) or fixed(y):
        return "a series is constant"
    proportional = abs(float(np.corrcoef(x, y)[0, 1])) > 1.0 - 1e-10
    return "one series is a multiple of the other" if proportional else ""


def _dof(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    """Degrees of freedom of the t whose kurtosis is the mean of the two samples'."""
    squares = [(one - one.mean()) ** 2 for one in (x, y)]
    excess = np.mean([np.mean(one**2) / np.mean(one) ** 2 - 3.0 for one in squares])
    return float(4.0 + 6.0 / excess) if excess > 0 else np.inf


def _simulate(
    cuts: npt.NDArray[np.float64],
    n: int,
    correlation: float,
    dof: float,
    randomness: tuple[int, int],
) -> Iterator[Sides]:
    """Exceedances of draws of n rows of a bivariate normal or t."""
    draws, seed = randomness
    for draw in range(draws):
        generator = np.random.default_rng([seed, STREAM, draw])
        z = generator.standard_normal((2, n))
        z[1] = correlation * z[0] + np.sqrt(max(0.0, 1.0 - correlation**2)) * z[1]
        if np.isfinite(dof):
            z /= np.sqrt(generator.chisquare(dof, n) / dof)
        yield exceedances(z[0], z[1], cuts)


def _in_words(correlation: float, dof: float, draws: int, n: int) -> str:
    shape = f"t with {dof:.1f} degrees of freedom" if np.isfinite(dof) else "normal"
    return f"{draws} draws of {n} rows of a bivariate {shape}, correlation {correlation:.3f}"


def _table(
    cuts: npt.NDArray[np.float64], sides: Sides, simulated: list[Sides], note: str
) -> pd.DataFrame:
    """Lay out the correlations by threshold, with what symmetric data give."""
    table = pd.DataFrame(index=pd.Index(cuts, name="threshold"))
    for side, name in enumerate(("lower", "upper")):
        table[f"n_{name}"] = sides.counts[side]
        table[name] = sides.correlations[side]
    table["difference"] = sides.difference
    table["stderr"] = sides.stderr
    table[NULL_COLUMNS] = np.nan
    for k, cut in enumerate(cuts):
        drawn = np.array([one.correlations[:, k] for one in simulated]).reshape(-1, 2)
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        if len(drawn) and np.isfinite(sides.difference[k]):
            apart = drawn[:, 0] - drawn[:, 1]
            edges = np.quantile(apart, [0.025, 0.975])
            share = _share(np.abs(apart), abs(float(sides.difference[k])))
            table.loc[cut, NULL_COLUMNS] = [*drawn.mean(axis=0), *edges, share]
    table["note"] = [note or _few(sides, k) for k in range(len(cuts))]
    return table[[*COLUMNS, *NULL_COLUMNS, "note"]]


def _few(sides: Sides, k: int) -> str:
    falls, rises = sides.counts[:, k]
    if falls < MIN_ROWS:
        return too_few(falls, MIN_ROWS, "joint falls")
    if rises < MIN_ROWS:
        return too_few(rises, MIN_ROWS, "joint rises")
    return "" if np.isfinite(sides.difference[k]) else "a series is constant in its tail"


def _share(drawn: npt.NDArray[np.float64], real: float) -> float:
    """Share of draws at least as large, the sample among them."""
    return float((1 + np.count_nonzero(drawn >= real)) / (1 + len(drawn)))


def _tests(sides: Sides, simulated: list[Sides], note: str) -> pd.DataFrame:
    """Lay out the joint tests over the thresholds that have both correlations."""
    use = np.isfinite(sides.difference)
    drawn = [one for one in simulated if np.isfinite(one.difference[use]).all()]
    tests = pd.DataFrame(
        np.nan,
        index=pd.Index(TESTS, name="test"),
        columns=["statistic", "dof", "pvalue", "simulated_pvalue"],
    )
    tests["note"] = note or ("" if use.any() else "no threshold with enough joint falls and rises")
    if not use.any():
        return tests
    for name, kind in (("hong_tu_zhou", "published"), ("delta_method", "influence")):
        real = _symmetry(sides, kind, use)
        tests.loc[name, "statistic":"pvalue"] = [real, use.sum(), special.chdtrc(use.sum(), real)]
        pseudo = np.array([_symmetry(one, kind, use) for one in drawn])
        if len(pseudo) and np.isfinite(real):
            tests.loc[name, "simulated_pvalue"] = _share(pseudo, real)
    if drawn:
        for side, name in enumerate(("ang_chen_lower", "ang_chen_upper")):
            rho = np.array([one.correlations[side, use] for one in drawn])
            away = np.sqrt(np.mean((rho - rho.mean(axis=0)) ** 2, axis=1))
            gap = sides.correlations[side, use] - rho.mean(axis=0)
            real = float(np.sqrt(np.mean(gap**2)))
            tests.loc[name, ["statistic", "simulated_pvalue"]] = [real, _share(away, real)]
    return tests


def _symmetry(sides: Sides, kind: str, use: npt.NDArray[np.bool_]) -> float:
    """T d' Omega^-1 d, d the differences at the thresholds used; NaN if Omega is singular."""
    scores = (sides.published if kind == "published" else sides.influence)[:, use]
    n = len(scores)
    omega = bartlett_sum(scores, newey_west_lags(n)) / n
    size = np.sqrt(np.diag(omega))
    if not (size > 0).all() or np.linalg.cond(omega / np.outer(size, size)) > 1e10:
        return float("nan")
    d = sides.difference[use]
    return float(n * d @ np.linalg.solve(omega, d))
