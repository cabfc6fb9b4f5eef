"""Which specifications are reasonable: the choices of a curve, and the study that each one is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eventlab.definitions.specifications import SpecificationsDefinition
from eventlab.definitions.study import UNCONTROLLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventlab.definitions import Workspace
    from eventlab.definitions.event import EventDefinition
    from eventlab.definitions.study import StudyDefinition
    from eventlab.market.types import Market
    from eventlab.timeline.windows import Window

__all__ = [
    "BROAD",
    "FitChoice",
    "Rule",
    "SpecificationGrid",
    "curve_group",
    "make_grid",
    "specification_symbols",
    "study_of",
    "without_idle_rules",
]

BROAD: Final = ("SPY", "QQQ", "SMH")  # the market, its technology, its semiconductors
ROUND_THE_CLOCK: Final = "24/7"
COIN: Final = "BTC"  # what tokens move with
EXCHANGE: Final = "XNYS"
MODELS: Final = (
    "constant_mean",
    "market_adjusted",
    "market_model",
    "scholes_williams",
    "dimson",
    "factor_model",
)
THIN_TRADING: Final = ("scholes_williams", "dimson")
LENGTHS: Final = (0.5, 0.75, 1.0, 2.0)  # of the definition's estimation window
SHORT_BENCHMARKS: Final = 2
SHORT_LENGTHS: Final = (0.5, 1.0, 2.0)
GAPS: Final = (0, 10, 20)  # bars by which it ends earlier
CAR_WINDOWS: Final = (
    (0, 0),
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 5),
    (0, 10),
    (-1, 0),
    (-1, 1),
    (-1, 2),
    (-1, 5),
    (-2, 2),
)
LEAST_KEPT: Final = 0.5  # of the occurrences: a rule that leaves fewer asks about other events


@dataclass(frozen=True, slots=True)
class FitChoice:
    """What decides the abnormal returns themselves; ``regressors`` with the benchmark first."""

    clock: str
    sampling: str
    model: str
    regressors: tuple[str, ...]
    estimation_window: Window
    controlled: bool = False

    @property
    def benchmark(self) -> str:
        """The regressors as one word, as in ``SPY+SMH``; ``none`` without."""
        return "+".join(self.regressors) or "none"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which occurrences count: ``overlaps`` as in a study, ``days`` all or certain."""

    overlaps: str
    days: str


@dataclass(frozen=True, slots=True)
class SpecificationGrid:
    """Every fit with every rule and every CAR window; ``notes`` say what the rules left out."""

    fits: tuple[FitChoice, ...]
    rules: tuple[Rule, ...]
    car_windows: tuple[Window, ...]
    notes: tuple[str, ...] = ()
    short: bool = False

    def rules_of(self, fit: FitChoice) -> tuple[Rule, ...]:
        """Rules that go with a fit: occurrences are controlled for, or not."""
        return tuple(rule for rule in self.rules if (rule.overlaps == "control") == fit.controlled)

    def __len__(self) -> int:
        return sum(len(self.rules_of(fit)) for fit in self.fits) * len(self.car_windows)


def without_idle_rules(
    event: EventDefinition, grid: SpecificationGrid, out: Mapping[str, int], n: int
) -> SpecificationGrid:
    """Leave out rules of exclusion that the definition does not name and that keep too few.

    ``out`` has how many of ``n`` occurrences ``overlaps: exclude`` and ``days: certain`` leave
    out. Fewer than half are other events than those asked about, and where nothing is left out
    there is no choice.
    """
    study = event.study
    assert study is not None  # noqa: S101 - a curve is made of events that say how
    section = study.specifications or SpecificationsDefinition()
    named = {"exclude": section.overlaps is not None or study.overlaps == "exclude"}
    named["certain"] = section.days is not None
    notes, rules = list(grid.notes), grid.rules
    for word, key in (("exclude", "overlaps"), ("certain", "days")):
        kept = n - out[word]
        if named[word] or not any(getattr(rule, key) == word for rule in rules):
            continue
        if kept == n or kept < LEAST_KEPT * n:
            rules = tuple(rule for rule in rules if getattr(rule, key) != word)
        if kept < LEAST_KEPT * n:
            notes.append(f"{key}: {word} would leave {kept} of {n} occurrences and is not a choice")
    return replace(grid, rules=rules, notes=tuple(notes))


def study_of(event: EventDefinition, group: str, fit: FitChoice, rule: Rule) -> EventDefinition:
    """Return the definition whose study gives the numbers of these choices.

    ``days: certain`` is a choice of occurrences and not of the study: leave out those whose
    ``note`` doubts day 0.
    """
    study = event.study
    assert study is not None  # noqa: S101 - a curve is made of events that say how
    factors = fit.model == "factor_model"
    changed = study.model_copy(
        update={
            "assets": (group,),
            "clock": fit.clock,
            "daily_sampling": fit.sampling,
            "model": fit.model,
            "benchmark": None if factors or not fit.regressors else fit.regressors[0],
            "factors": fit.regressors if factors else (),
            "estimation_window": fit.estimation_window,
            "overlaps": rule.overlaps,
            "lags": study.lags if fit.model == "dimson" else None,
            "volatility": study.volatility if fit.model == study.model else None,
            "errors": study.errors if fit.model == study.model else None,
        }
    )
    return event.model_copy(update={"study": changed})


def curve_group(event: EventDefinition, workspace: Workspace, market: Market) -> str:
    """Return the asset or group whose curve is drawn unless another is asked for.

    The issuer where it is studied, otherwise the first of the assets whose prices span at least
    half as many occurrences as those of any other: an index that the source holds for a year says
    little of ten. Both were written down before the prices were looked at. The most extreme
    asset, which a page may speak of first, would carry its being picked into every specification.
    """
    study = event.study
    assert study is not None  # noqa: S101 - a curve is made of events that say how
    issuer = event.issuer
    if issuer is not None and issuer in workspace.expand(study.assets, issuer=issuer):
        return issuer
    spanned = [_spanned(event, asset, workspace, market) for asset in study.assets]
    enough = LEAST_KEPT * max(spanned)
    return next(asset for asset, n in zip(study.assets, spanned, strict=True) if n >= enough)


def _spanned(event: EventDefinition, asset: str, workspace: Workspace, market: Market) -> int:
    """Count the occurrences between the first and the last price of an asset, or of any member."""
    return sum(
        any(
            np.datetime64(one.date) >= series.sessions[0]
            and np.datetime64(one.date) <= series.sessions[-1]
            for symbol in workspace.expand((asset,), issuer=one.issuer)
            for held in (market.daily, market.intraday)
            if (series := held.get(symbol)) is not None and len(series.sessions)
        )
        for one in event.resolved_occurrences()
    )


def specification_symbols(event: EventDefinition, workspace: Workspace) -> tuple[str, ...]:
    """Symbols that the curve of an event may read beside those of its study."""
    study = event.study
    if study is None:
        return ()
    section = study.specifications or SpecificationsDefinition()
    named = {*(section.benchmarks or ()), *(one for own in section.factors or () for one in own)}
    if study.benchmark is not None and section.benchmarks is None:
        named |= {name for name in (*BROAD, COIN) if name in workspace.symbols}
    return tuple(sorted(named))


@dataclass(frozen=True, slots=True)
class _Asked:
    study: StudyDefinition
    section: SpecificationsDefinition
    symbols: tuple[str, ...]
    market: Market
    short: bool

    def calendar(self, symbol: str) -> str:
        held = self.market.daily.get(symbol) or self.market.intraday.get(symbol)
        return held.calendar if held is not None else self.study.clock

    @property
    def tokens(self) -> bool:
        return bool(self.symbols) and all(
            self.calendar(symbol) == ROUND_THE_CLOCK for symbol in self.symbols
        )


def make_grid(
    event: EventDefinition, symbols: tuple[str, ...], market: Market, *, short: bool = False
) -> SpecificationGrid:
    """Lay out the choices for an asset, or for a group with members ``symbols``.

    ``short`` has rules that are quicker: no models for thin trading, two benchmarks, three
    estimation windows and one clock. What the definition names is run in full either way.

    The definition's own choices are always among those of the rules. A study without a benchmark
    gets none from the rules: its author says that the event moves the market. On the 24/7 clock no
    regressor is used that is closed at weekends.
    """
    study = event.study
    assert study is not None  # noqa: S101 - a curve is made of events that say how
    section = study.specifications or SpecificationsDefinition()
    asked = _Asked(study, section, symbols, market, short)
    benchmarks, notes = _benchmarks(asked)
    regressions = [
        (model, own)
        for model in section.models or _models(asked)
        for own in _regressors(asked, model, benchmarks)
    ]
    overlaps = _once(section.overlaps or ("flag", "exclude", study.overlaps))
    fits = tuple(
        FitChoice(clock, sampling, model, own, window, controlled)
        for clock, sampling in _clocks(asked)
        for (model, own), window in product(regressions, _estimation_windows(asked))
        for controlled in sorted({one == "control" for one in overlaps})
        if _reasonable(asked, clock, own) and not (controlled and model in UNCONTROLLED)
    )
    rules = tuple(Rule(*pair) for pair in product(overlaps, section.days or ("all", "certain")))
    return SpecificationGrid(fits, rules, _car_windows(asked), tuple(notes), short)


def _models(asked: _Asked) -> tuple[str, ...]:
    own = asked.study.model
    if asked.study.measure != "returns":
        return _once(("constant_mean", own))
    usual = (name for name in MODELS if not (asked.short and name in THIN_TRADING))
    return _once((*usual, own))


def _benchmarks(asked: _Asked) -> tuple[tuple[str, ...], list[str]]:
    """Return the benchmarks, and what the source lacks of those that the rule looks for."""
    if asked.section.benchmarks is not None:
        return asked.section.benchmarks, []
    own = asked.study.benchmark
    if own is None:
        return (), []
    if asked.study.measure != "returns":
        return (own,), []
    wanted = _once((own, *BROAD, *((COIN,) if asked.tokens else ())))
    wanted = tuple(name for name in wanted if name not in asked.symbols or name == own)
    missing = [name for name in wanted if name not in asked.market.symbols and name != own]
    notes = [f"{', '.join(missing)}: no prices in {asked.market.stamp.source}"] if missing else []
    found = tuple(name for name in wanted if name not in missing)
    return found[: SHORT_BENCHMARKS if asked.short else None], notes


def _regressors(
    asked: _Asked, model: str, benchmarks: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Yield what a model is fitted on: nothing, each benchmark, or each list of factors."""
    if model == "constant_mean":
        yield ()
    elif model != "factor_model":
        yield from ((name,) for name in benchmarks)
    elif asked.section.factors is not None:
        yield from asked.section.factors
    else:
        study = asked.study
        own = (*(() if study.benchmark is None else (study.benchmark,)), *study.factors)
        pairs = [(benchmarks[0], other) for other in benchmarks[1:]]
        yield from dict.fromkeys((*((own,) if study.factors else ()), *pairs))


def _estimation_windows(asked: _Asked) -> tuple[Window, ...]:
    if asked.section.estimation_windows is not None:
        return asked.section.estimation_windows
    first, last = asked.study.estimation_window
    length = last - first + 1
    lengths = [int(length * share) for share in (SHORT_LENGTHS if asked.short else LENGTHS)]
    gaps = GAPS[:1] if asked.short else GAPS
    found = ((last - gap - n + 1, last - gap) for n in lengths for gap in gaps)
    least = asked.study.min_estimation
    return _once(((first, last), *(one for one in found if one[1] - one[0] + 1 >= least)))


def _car_windows(asked: _Asked) -> tuple[Window, ...]:
    if asked.section.car_windows is not None:
        return asked.section.car_windows
    first, last = asked.study.event_window
    usual = [one for one in CAR_WINDOWS if first <= one[0] and one[1] <= last]
    return _once((*asked.study.car_windows, *(usual if asked.study.bar == "session" else ())))


def _clocks(asked: _Asked) -> Iterator[tuple[str, str]]:
    """Yield clocks with the samplings that can matter there."""
    study, section = asked.study, asked.section
    usual = (study.clock,)
    if asked.tokens and study.bar == "session" and not asked.short:
        usual = _once((study.clock, EXCHANGE, ROUND_THE_CLOCK))
    for clock in section.clocks or usual:
        foreign = any(
            symbol in asked.market.daily and asked.calendar(symbol) != clock
            for symbol in asked.symbols
        )
        both = _once((study.daily_sampling, "nearest", "previous"))
        for sampling in section.sampling or (both if foreign and not asked.short else both[:1]):
            yield clock, sampling


def _reasonable(asked: _Asked, clock: str, regressors: tuple[str, ...]) -> bool:
    named = asked.section.clocks is not None
    closed = any(asked.calendar(name) != ROUND_THE_CLOCK for name in regressors)
    return named or not (clock == ROUND_THE_CLOCK and closed)


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
