"""Abnormal returns of an event, from its own study and from others that could stand for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from eventlab.claims.bench import LEVEL
from eventlab.claims.types import Measured, Reading, Untestable
from eventlab.claims.windows import place_window
from eventlab.definitions.problem import listed
from eventlab.errors import EventlabError
from eventlab.study.run import run_study
from eventlab.timeline.windows import window_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from eventlab.claims.bench import Bench
    from eventlab.definitions import EventDefinition
    from eventlab.definitions.questions import Question
    from eventlab.definitions.study import Model, StudyDefinition
    from eventlab.study.results import EventStudy

__all__ = ["event_car"]

BarWindow = tuple[int, int]
MODELS: Final[tuple[Model, ...]] = ("market_model", "market_adjusted", "constant_mean")
EVERY: Final = "all"  # occurrences of any tag, and assets taken together
OPTIONS: Final = {"lags": None, "volatility": None, "errors": None, "factors": ()}
MOST_NAMED: Final = 3
SHARED: Final = "none: members share dates, the placebo p speaks"


@dataclass(frozen=True, slots=True)
class _Way:
    """One reading: the window that is summed, and what the study says differently."""

    window: BarWindow
    model: Model
    estimation: BarWindow
    words: str
    within: bool = True


def event_car(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Cumulate abnormal returns of a claim's symbols around the occurrences of its event.

    The literal reading has the model and windows of the event's own study. The others vary one
    thing at a time: the model (market_model, market_adjusted, constant_mean), half of the
    estimation window (the later one), and the window by a bar at either end, or to those that
    ``readings`` and ``beyond`` list.

    Of one occurrence it is the CAR of a symbol with the forecast interval of the model; of several
    (all of the event, or those with ``tag``) the mean, with the interval of the spread of the CARs,
    widened where they share bars as Kolari & Pynnonen (2010) have it. Groups and several symbols
    are averaged and have no interval, because members share dates. A published word is judged by
    the interval, or where there is none by the placebo p at 5%: positive and negative are open
    where neither tells zero apart; ``none`` holds where the placebo p is above 5%.

    Raises
    ------
    Untestable
        The event has no study of returns, the window cannot be measured beside the estimation
        window, or the data lack the occurrence.
    """
    event = question.event
    if event is None or event.study is None:
        name = event.event if event is not None else question.owner
        raise Untestable(f"{name} has no study section, so nothing is abnormal; add one")
    if event.study.measure != "returns":
        raise Untestable(f"the study of {event.event} measures {event.study.measure}, not returns")
    ways = list(_ways(question, event.study))
    alike: dict[tuple[Model, BarWindow], list[BarWindow]] = {}
    for way in ways:
        alike.setdefault((way.model, way.estimation), []).append(way.window)
    studies = {
        (model, rows): _studied(question, bench, model, rows, tuple(dict.fromkeys(windows)))
        for (model, rows), windows in alike.items()
    }
    found = []
    for place, way in enumerate(ways):
        study = studies[way.model, way.estimation]
        own = _own_study(question, bench, way) if place == 0 else None
        found.append(_measured(question, bench, way, own or study))
    return tuple(found)


def _ways(question: Question, study: StudyDefinition) -> Iterator[_Way]:
    """Yield the readings, the literal one first."""
    claim = question.claim
    window, model, rows = _bars(claim.window), study.model, study.estimation_window
    if window[0] <= rows[1]:
        raise Untestable(
            f"bars {window_label(window)} reach into the estimation window {window_label(rows)}, "
            "where nothing is abnormal; end it earlier or shorten the window"
        )
    own = _model_words(model, study)
    yield _Way(window, model, rows, own)
    for other in MODELS:
        needs = other != "constant_mean" and study.benchmark is None
        if other != model and not needs:
            yield _Way(window, other, rows, _model_words(other, study))
    half = (rows[0] + (rows[1] - rows[0] + 1) // 2, rows[1])
    if model != "market_adjusted" and half[1] - half[0] + 1 >= study.min_estimation:
        yield _Way(window, model, half, f"{own}, estimated on {window_label(half)}")
    listed = claim.readings.windows if claim.readings is not None else None
    beside = listed or ((window[0] - 1, window[1]), (window[0], window[1] + 1))
    further = claim.beyond.windows if claim.beyond is not None else None
    for windows, within in ((beside, True), (further or (), False)):
        for each in map(_bars, windows):
            if each[0] > rows[1] and each != window:
                yield _Way(each, model, rows, own, within)


def _bars(window: object) -> BarWindow:
    if isinstance(window, tuple) and isinstance(window[0], int) and isinstance(window[1], int):
        return window[0], window[1]
    raise Untestable("abnormal returns are summed over bars around the event; write window: [0, 1]")


def _model_words(model: Model, study: StudyDefinition) -> str:
    words = model.replace("_", " ")
    return words if model == "constant_mean" else f"{words} on {study.benchmark}"


def _studied(
    question: Question, bench: Bench, model: Model, rows: BarWindow, windows: tuple[BarWindow, ...]
) -> EventStudy | Untestable:
    """Study the claim's symbols and occurrences alone; the reason where that cannot be done."""
    event = question.event
    assert event is not None  # noqa: S101 - the caller has looked
    assert event.study is not None  # noqa: S101
    bars = [*event.study.event_window, *(bar for window in windows for bar in window)]
    other = {} if model == event.study.model else {"model": model, **OPTIONS}
    if model == "constant_mean":
        other["benchmark"] = None
    study = event.study.model_copy(
        update={
            "assets": question.claim.symbols,
            "car_windows": windows,
            "event_window": (max(min(bars), rows[1] + 1), max(bars)),
            "estimation_window": rows,
            "by_tag": (),
            "states": {},
            "cross_section": None,
            "specifications": None,
            **other,
        }
    )
    asked = _asked(question, event)
    if not asked:
        return Untestable(f"{event.event} has no such occurrence")
    reduced = event.model_copy(update={"occurrences": asked, "study": study, "contagion": None})
    try:
        return run_study(reduced, bench.market, bench.workspace, seed=bench.seed)
    except EventlabError as error:
        return Untestable(str(error))


def _asked(question: Question, event: EventDefinition) -> tuple[Any, ...]:
    claim = question.claim
    if claim.occurrence is not None:
        return tuple(one for one in event.occurrences if one.id == claim.occurrence)
    return tuple(one for one in event.occurrences if claim.tag is None or claim.tag in one.tags)


def _own_study(question: Question, bench: Bench, way: _Way) -> EventStudy | None:
    """Return the event's own study, of this run or made here, where it answers the literal reading.

    It answers as it stands: the symbol, the window and the tag are among its own.
    """
    claim, event = question.claim, question.event
    assert event is not None  # noqa: S101 - the caller has looked
    assert event.study is not None  # noqa: S101
    study = event.study
    if len(claim.symbols) > 1 or claim.symbols[0] not in study.assets:
        return None
    if way.window not in study.car_windows or claim.tag not in (None, *study.by_tag):
        return None
    found = bench.studies.get(event.event)
    if found is None or found.event != event:
        try:
            found = bench.once(
                f"study of {event.event}",
                lambda: run_study(event, bench.market, bench.workspace, seed=bench.seed),
            )
        except EventlabError:
            return None
    if claim.occurrence is not None:
        there = found.cars
        there = there[there["occurrence"] == claim.occurrence]
        names = there["symbol"]
    else:
        there = found.aggregates
        there = there[there["tag"] == (claim.tag or EVERY)]
        names = there["group"]
    held = (names == claim.symbols[0]) & (there["window"] == window_label(way.window))
    return found if bool(held.any()) else None


def _measured(
    question: Question, bench: Bench, way: _Way, study: EventStudy | Untestable
) -> Measured:
    reading = Reading(
        window=f"bars {window_label(way.window)}",
        calendar=question.event.study.clock if question.event and question.event.study else "",
        detail=way.words,
        within=way.within,
    )
    if isinstance(study, Untestable):
        return Measured(reading, math.nan, "return", 0, note=str(study))
    asked = [one.id for one in _asked(question, study.event)]
    fits = study.fits
    fits = fits[fits["occurrence"].isin(asked) & fits["symbol"].isin(_names(question, bench))]
    reading = _dated(reading, question, bench, way, fits)
    cell = _cell(question, study, window_label(way.window))
    if cell is None:
        return Measured(reading, math.nan, "return", 0, note=_lacking(study))
    word, holds = _answer(question, cell)
    return Measured(
        reading,
        cell.value,
        "return",
        cell.n,
        low=cell.low,
        high=cell.high,
        interval=cell.interval,
        word=word,
        holds=holds,
        note=_note(question, study, fits, cell),
    )


def _dated(
    reading: Reading, question: Question, bench: Bench, way: _Way, fits: pd.DataFrame
) -> Reading:
    """Add the days that the window lies on: of several occurrences the first and the last."""
    assert question.event is not None  # noqa: S101 - the caller has looked
    definition = question.event.study
    assert definition is not None  # noqa: S101 - it was studied
    if question.occurrence is not None and definition.bar == "session":
        try:
            window = place_window(way.window, question, bench.clock(definition.clock))
        except Untestable:  # an event at the edge of the data: its window is cut, and said so
            return reading
        return replace(reading, window=window.words, first=window.first_day, last=window.last_day)
    days = fits["event_session"]
    if not len(days):
        return reading
    first, last = (str(each.date()) for each in (days.min(), days.max()))
    what = f"{reading.window} of {question.event.event}"
    if question.claim.tag is not None:
        what += f" with tag {question.claim.tag}"
    return replace(reading, window=what, first=first, last=last)


def _names(question: Question, bench: Bench) -> set[str]:
    """Symbols of a claim; ``@issuer`` without an occurrence is everyone who announced."""
    assert question.event is not None  # noqa: S101 - it was studied
    one, every = question.occurrence, question.event.resolved_occurrences()
    issuers = {each.issuer for each in every} if one is None else {one.issuer}
    symbols = question.claim.symbols
    return {name for issuer in issuers for name in bench.workspace.expand(symbols, issuer=issuer)}


@dataclass(frozen=True, slots=True)
class _Cell:
    """One average: its value, interval, number of CARs and placebo p (NaN without)."""

    value: float
    n: int
    low: float
    high: float
    interval: str
    placebo: float


def _cell(question: Question, study: EventStudy, label: str) -> _Cell | None:
    """Read the claim's figure out of the tables of a study; None where it is not there."""
    claim = question.claim
    cars = study.cars[(study.cars["window"] == label) & study.cars["car"].notna()]
    tag = EVERY
    if claim.occurrence is not None:
        cars = cars[cars["occurrence"] == claim.occurrence]
    elif claim.tag is not None and len(study.event.occurrences) > len(
        _asked(question, study.event)
    ):
        tag = claim.tag  # the event's own study: it has occurrences without the tag too
        chosen = [one.id for one in _asked(question, study.event)]
        cars = cars[cars["occurrence"].isin(chosen)]
    name = claim.symbols[0] if len(claim.symbols) == 1 else EVERY
    symbols = cars["symbol"].unique()
    if name.startswith("@") or name == EVERY:
        if len(symbols) > 1:
            return _average(study, (name, tag, label), cars)
    else:
        cars = cars[cars["symbol"] == name]
    if cars.empty:
        return None
    if len(cars) == 1:
        return _single(cars.iloc[0])
    return _average(study, (str(cars["symbol"].iloc[0]), tag, label), cars)


def _single(row: pd.Series[Any]) -> _Cell:
    from scipy import special  # noqa: PLC0415 - a tenth of a second, for those that ask

    value, half = float(row["car"]), float(special.stdtrit(row["dof"], 1 - LEVEL / 2))
    half *= float(row["stderr"])
    words = "forecast error of the model"
    return _Cell(value, 1, value - half, value + half, words, float(row["placebo_pvalue"]))


def _average(study: EventStudy, place: tuple[str, str, str], cars: pd.DataFrame) -> _Cell | None:
    from scipy import special  # noqa: PLC0415 - a tenth of a second, for those that ask

    group, tag, label = place
    means, tests = (
        table[(table["group"] == group) & (table["tag"] == tag) & (table["window"] == label)]
        for table in (study.aggregates, study.tests)
    )
    if means.empty:
        return None
    value, n = float(means["caar"].iloc[0]), int(means["n_events"].iloc[0])
    found = {test: (s, p) for test, s, p in tests[["test", "statistic", "pvalue"]].to_numpy()}
    placebo = float(found.get("placebo", (math.nan, math.nan))[1])
    if len(cars["symbol"].unique()) > 1:
        return _Cell(value, n, math.nan, math.nan, SHARED, placebo)
    plain, adjusted = (
        float(found.get(test, (math.nan, math.nan))[0]) for test in ("bmp", "kolari_pynnonen_bmp")
    )
    widened = max(1.0, plain / adjusted) if math.isfinite(plain) and plain != 0.0 else 1.0
    spread = float(cars["car"].std()) / math.sqrt(n) * widened
    half = float(special.stdtrit(n - 1, 1 - LEVEL / 2)) * spread
    words = "spread of the CARs, Student t, widened where they share bars"
    return _Cell(value, n, value - half, value + half, words, placebo)


def _answer(question: Question, cell: _Cell) -> tuple[str, bool | None]:
    """Say which word the figure is, and whether that is the published one."""
    published = question.claim.published
    sign = "positive" if cell.value > 0 else "negative"
    bounded = math.isfinite(cell.low)
    apart = (cell.low > 0 or cell.high < 0) if bounded else cell.placebo <= LEVEL
    if not isinstance(published, str):
        return "", None
    if published == "none":
        known = math.isfinite(cell.placebo)
        chance = cell.placebo > LEVEL
        return ("none" if chance else sign) if known else "", chance if known else None
    return (sign, sign == published) if apart else ("none", None)


def _note(question: Question, study: EventStudy, fits: pd.DataFrame, cell: _Cell) -> str:
    said = []
    if math.isfinite(cell.placebo):
        said.append(f"placebo p {cell.placebo:.3f}")
    asked = len(_asked(question, study.event))
    used = len(fits["occurrence"].unique())
    if question.claim.occurrence is None and used < asked:
        said.append(f"{used} of {asked} occurrences have prices")
    near = study.overlaps[study.overlaps["window"] == "event"]
    near = near[near["occurrence"].isin(fits["occurrence"])]
    if question.claim.occurrence is not None:
        titles = near.loc[near["occurrence"] == question.claim.occurrence, "title"].unique()
        if len(titles):
            said.append(f"other news inside the event window: {listed(titles, MOST_NAMED)}")
    elif len(near):
        shared = len(near["occurrence"].unique())
        said.append(f"{shared} of them have other news inside the event window")
    return "; ".join(said)


def _lacking(study: EventStudy) -> str:
    reasons = list(dict.fromkeys(study.exclusions["reason"]))
    return "; ".join(reasons[:2]) or "the study gives no abnormal return of it"
