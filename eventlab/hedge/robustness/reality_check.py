"""Whether any of many sets beats a benchmark, and which: SPA and StepM by one bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventlab.contagion.arguments import choice, number
from eventlab.errors import UsageError
from eventlab.hedge.robustness.bootstrap import CENTRINGS, Bootstrap, bootstrap_means

if TYPE_CHECKING:
    import numpy.typing as npt

    from eventlab.hedge.robustness.bootstrap import Centring, Scale
    from eventlab.hedge.robustness.inputs import Matrix, Vector

__all__ = [
    "Stepwise",
    "Superiority",
    "stepwise_superiority",
    "superior_predictive_ability",
]


@dataclass(frozen=True, slots=True, repr=False)
class Superiority:
    """Hansen's test that no set has a higher mean than the benchmark.

    Attributes
    ----------
    statistic
        Largest mean difference from the benchmark (per bar), over its ``scale``.
    best
        Label of the set it belongs to.
    lower, consistent, upper
        p-values: poor sets left out of the null altogether, left out if they are significantly
        poor, and kept (White's reality check).
    null, alternative
        In words.
    sets, bars, draws, block, seed
        What was tested and how it was drawn.
    notes
        What was decided, in words.
    """

    statistic: float
    best: Any
    lower: float
    consistent: float
    upper: float
    sets: int
    bars: int
    draws: int
    block: int
    seed: int
    scale: str
    notes: tuple[str, ...]
    null: str = "no set has a higher expected return than the benchmark"
    alternative: str = "at least one set has a higher expected return than the benchmark"

    def __repr__(self) -> str:
        return f"Superiority(p {self.consistent:.3f} of {self.sets} sets)"


@dataclass(frozen=True, slots=True, repr=False)
class Stepwise:
    """The sets that beat the benchmark, with the chance of any false one below ``level``.

    Attributes
    ----------
    superior
        Labels of the sets, in their order.
    table
        A row per set: difference (mean return less the benchmark's, per bar), stderr, statistic,
        superior (bool), step (in which it was found; 0 if it was not).
    critical
        Critical value of each step.
    """

    superior: tuple[Any, ...]
    table: pd.DataFrame
    critical: tuple[float, ...]
    level: float
    centring: str
    draws: int
    block: int
    seed: int
    scale: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Stepwise({len(self.superior)} of {len(self.table)} sets superior)"


def superior_predictive_ability(
    returns: Matrix | Bootstrap,
    benchmark: Vector | float = 0.0,
    *,
    draws: int = 1000,
    block: int | None = None,
    seed: int = 0,
    scale: Scale = "none",
) -> Superiority:
    """Test whether the best of N sets beats a benchmark, allowing for having tried them all.

    Parameters
    ----------
    returns
        (T, N) per bar, in time, complete; or the draws of `bootstrap_means`, which are then used
        as they are and nothing else is read.
    benchmark
        (T,) returns of the benchmark, or one return for every bar.
    draws, block, seed
        Of the stationary bootstrap; ``block`` is the mean length, floor(sqrt(T)) unless given.
        The draws are those of ``arch.bootstrap.StationaryBootstrap`` with the same seed.
    scale
        What each difference is divided by: ``none``, with which p-values are those of
        ``arch.bootstrap.SPA`` (whose ``studentize`` changes nothing in arch 8); ``deviation``, its
        standard deviation per bar over sqrt(T), so that a volatile set does not stand for all;
        ``hac``, the bootstrap's own standard error, as Hansen does.

    Notes
    -----
    p is the share of draws in which the largest centred difference exceeds the observed one. The
    statistic is not cut at zero: where no set beats the benchmark, p is a little larger than
    Hansen's, and where the best set equals the benchmark, it is 1: a draw that ties does not count
    otherwise, and p would be 0. A set whose difference does not vary is not divided.

    The standard errors of ``hac`` are too noisy for long blocks and many sets: on 750 independent
    bars, blocks of 27, the consistent p is below 5% in 11% of samples of 20 sets and in 32% of
    samples of 1,000; without division in 6% and 0%.

    Raises
    ------
    UsageError
        If benchmark and returns differ in length, or options are out of their bounds.
    DataError
        If a return is missing or there are fewer than 20 bars.

    References
    ----------
    Hansen (2005), A test for superior predictive ability, eqs. 3 to 6; White (2000), A reality
    check for data snooping; Politis & Romano (1994), The stationary bootstrap.
    """
    drawn = (
        returns
        if isinstance(returns, Bootstrap)
        else bootstrap_means(returns, benchmark, draws=draws, block=block, seed=seed, scale=scale)
    )
    observed = drawn.statistics
    best = int(observed.argmax())
    lower, consistent, upper = (
        float(np.mean(drawn.centred(centring).max(axis=1) > observed[best]))
        if observed[best] != 0.0
        else 1.0
        for centring in CENTRINGS
    )
    lost = ("no set has a higher mean than the benchmark",) if observed[best] <= 0.0 else ()
    return Superiority(
        statistic=float(observed[best]),
        best=drawn.labels[best],
        lower=lower,
        consistent=consistent,
        upper=upper,
        sets=len(observed),
        bars=drawn.bars,
        draws=len(drawn.draws),
        block=drawn.block,
        seed=drawn.seed,
        scale=drawn.scale,
        notes=drawn.notes + lost,
    )


def stepwise_superiority(  # noqa: PLR0913 - those of the test it repeats, and two of its own
    returns: Matrix | Bootstrap,
    benchmark: Vector | float = 0.0,
    *,
    level: float = 0.05,
    centring: Centring = "consistent",
    draws: int = 1000,
    block: int | None = None,
    seed: int = 0,
    scale: Scale = "none",
) -> Stepwise:
    """Which of N sets beat a benchmark, with the chance of any false one below ``level``.

    Parameters
    ----------
    returns, benchmark, draws, block, seed, scale
        As of `superior_predictive_ability`, with which the draws can be shared.
    level
        Familywise error rate.
    centring
        Of the draws: ``consistent`` as ``arch.bootstrap.StepM`` and Hsu, Hsu & Kuan (2010) do;
        ``upper`` is Romano & Wolf's own, with less power where many sets are poor.

    Notes
    -----
    A step finds the sets whose statistic exceeds the 1 - level quantile of the largest centred
    difference among the sets not found before; the steps end when one finds none.

    References
    ----------
    Romano & Wolf (2005), Stepwise multiple testing as formalized data snooping, algorithms 3.1 and
    4.1; Hsu, Hsu & Kuan (2010), Testing the predictive ability of technical analysis using a new
    stepwise test without data snooping bias.
    """
    number("level", level)
    if not 0 < level < 1:
        raise UsageError(f"level={level} is not between 0 and 1")
    choice("centring", centring, CENTRINGS)
    drawn = (
        returns
        if isinstance(returns, Bootstrap)
        else bootstrap_means(returns, benchmark, draws=draws, block=block, seed=seed, scale=scale)
    )
    step, critical = _steps(drawn.statistics, drawn.centred(centring), level)
    table = pd.DataFrame(
        {
            "difference": drawn.means,
            "stderr": drawn.stderr,
            "statistic": drawn.statistics,
            "superior": step > 0,
            "step": step,
        },
        index=drawn.labels,
    )
    return Stepwise(
        superior=tuple(drawn.labels[step > 0]),
        table=table,
        critical=critical,
        level=level,
        centring=centring,
        draws=len(drawn.draws),
        block=drawn.block,
        seed=drawn.seed,
        scale=drawn.scale,
        notes=drawn.notes,
    )


def _steps(
    observed: npt.NDArray[np.float64], centred: npt.NDArray[np.float64], level: float
) -> tuple[npt.NDArray[np.int64], tuple[float, ...]]:
    """Step (N,) in which each set is found, 0 for never, and the critical value of each step."""
    step = np.zeros(len(observed), np.int64)
    critical: list[float] = []
    while not step.all():
        left = step == 0
        largest = (centred if left.all() else centred[:, left]).max(axis=1)
        critical.append(float(np.quantile(largest, 1.0 - level)))
        found = left & (observed > critical[-1])
        if not found.any():
            break
        step[found] = len(critical)
    return step, tuple(critical)
