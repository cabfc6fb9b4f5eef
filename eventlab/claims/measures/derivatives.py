"""What perpetuals pay and how many are open: the sign of funding, the change of open interest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eventlab.claims.price_readings import Asked, place
from eventlab.claims.price_tracks import track
from eventlab.claims.types import Measured, Reading, Untestable
from eventlab.claims.windows import place_window
from eventlab.market.detect import OBSERVED
from eventlab.timeline.clock import ALWAYS_OPEN
from eventlab.timeline.instants import utc_text
from eventlab.timeline.types import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from eventlab.claims.bench import Bench
    from eventlab.claims.types import Unit
    from eventlab.claims.windows import Window
    from eventlab.definitions.questions import Question
    from eventlab.timeline.types import Clock

__all__ = ["funding_sign", "open_interest_change", "sign_runs"]

TWO_VALUES: Final = "none: two values as they stand in the data, none is estimated"
MOVED: Final = "an end moved: values that were carried forward have wrong dates"
EVERY_RATE: Final = "none: every rate of the window counts, none is estimated"
WEEK: Final = 7 * DAY
LACKING: Final = 0.1  # of the rates of a window, before it has no answer
# Days by which values of open interest may be dated wrongly: its first close, its last close. The
# last one only backwards: what comes after a window is not known in it.
SHIFTS: Final = ((0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0), (0, 1), (0, 2))


def funding_sign(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Sign of the funding of a perpetual over a window; with ``since``, for how long it held.

    Returns
    -------
    tuple of Measured
        Rates as they are paid (the literal reading), sums of UTC days, and means of 7 days up to
        each rate. ``word`` is the sign of their mean over the window, ``value`` the share of them
        with the published sign. With ``since`` the value is the length in hours of the longest
        stretch of the published sign that ends inside the window, and the statement holds where
        none that ended between ``since`` and the window was as long. A rate that lacks ends a
        stretch, and leaves its day's sum and its weeks' means without a value; where a longer
        stretch may have been among such rates the answer is open. Without ``since`` a window of
        which more than a tenth of the rates lacks has no value.

        Timing: rates paid after the window's beginning and not after its end; of stretches, and
        of means of 7 days, also those before.

    Raises
    ------
    Untestable
        No funding rate of the symbol in the data, several symbols, or no published sign.
    """
    claim = question.claim
    if claim.published not in {"positive", "negative"}:
        raise Untestable("the claim does not say which sign was published")
    rates = _rates(question, bench)
    clock = bench.clock(ALWAYS_OPEN)
    return tuple(
        _answer(question, one, stretch, within=within)
        for stretch, within in _stretches(question, clock)
        for one in (rates, rates.days(), rates.weeks())
    )


def open_interest_change(question: Question, bench: Bench) -> tuple[Measured, ...]:
    """Change of a symbol's open interest over a window, in dollars and in coins.

    Returns
    -------
    tuple of Measured
        Decimals, in dollars, as open interest is quoted; beyond its words also in coins. The data
        are in dollars where the column's name says ``usd``, else in coins; the other unit comes
        from the symbol's close. Values that were carried forward have wrong dates: readings move
        the first close by up to 2 days either way, the last one by up to 2 days back. NaN with the
        reason where a value lacks.

        Timing: values up to the window's last day.

    Raises
    ------
    Untestable
        No open interest of the symbol in the data, or several symbols.
    """
    symbol = _symbol(question, bench)
    observed = symbol + OBSERVED["open_interest"]
    series = bench.market.daily.get(observed) or bench.market.intraday.get(observed)
    if series is None:
        raise Untestable(bench.lacking(observed))
    clock = bench.clock(ALWAYS_OPEN)
    given = "in dollars" if "usd" in series.column.lower() else "in coins"
    stretches = list(_stretches(question, clock, SHIFTS))
    return tuple(
        _changed(question, bench, stretch, symbol, units=(unit, given), within=within)
        for unit in ("in dollars", "in coins")
        for stretch, own in stretches
        for within in (own and unit == "in dollars",)
    )


def sign_runs(
    at: npt.NDArray[np.int64], values: npt.NDArray[np.float64], step: int, sign: int
) -> npt.NDArray[np.int64]:
    """(R, 2): first and last row of every unbroken run of values (n,) of a sign (1 or -1).

    Rows follow on each other where ``at`` (n,), ns, is at most one and a half ``step`` apart. Zero
    and NaN have no sign.
    """
    own = np.sign(values) == sign
    near = np.concatenate([[False], np.diff(at) <= step + step // 2]) if len(at) else own
    begins = own & ~(near & np.concatenate([[False], own[:-1]]))
    ends = own & ~np.concatenate([(near & own)[1:], [False]])
    return np.stack([np.flatnonzero(begins), np.flatnonzero(ends)], axis=1)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows of the clock that never closes; ``moved`` where an end is not as the claim has it."""

    window: Window
    clock: Clock
    moved: bool = False

    @property
    def begin(self) -> int:
        """UTC ns at which the window begins."""
        return int(self.clock.closes[self.window.base])

    @property
    def end(self) -> int:
        """UTC ns at which the window ends."""
        return int(self.clock.closes[self.window.last])

    def reading(self, detail: str, *, within: bool) -> Reading:
        """Say the window and a detail in words."""
        window = self.window
        return Reading(
            window=window.words,
            calendar=self.clock.code,
            detail=detail,
            first=window.first_day,
            last=window.last_day,
            within=within,
        )


@dataclass(frozen=True, slots=True)
class _Rates:
    """Funding in one form: values (n,) at instants (n,) UTC ns, ``step`` ns apart."""

    words: str
    at: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    step: int

    def days(self) -> _Rates:
        """Sum the rates of each UTC day; a rate at midnight belongs to the day that it ends."""
        days, place = np.unique(-(-self.at // DAY), return_inverse=True)
        total = np.bincount(place, self.values, len(days))
        whole = np.bincount(place, minlength=len(days)) == round(DAY / self.step)
        return _Rates("sums of UTC days", days * DAY, np.where(whole, total, np.nan), DAY)

    def weeks(self) -> _Rates:
        """Mean of the rates of the 7 days up to each; NaN where one of them lacks."""
        count = round(WEEK / self.step)
        means = np.full(len(self.at), np.nan)
        if len(self.at) >= count:
            windows = np.lib.stride_tricks.sliding_window_view(self.values, count)
            span = self.at[count - 1 :] - self.at[: len(self.at) - count + 1]
            whole = span <= WEEK - self.step + self.step // 2
            means[count - 1 :] = np.where(whole, windows.mean(axis=1), np.nan)
        return _Rates("means of 7 days", self.at, means, self.step)


def _symbol(question: Question, bench: Bench) -> str:
    members = [one for name in question.claim.symbols for one in bench.members(name, question)]
    if len(members) != 1:
        raise Untestable(f"it is measured of one symbol; the claim names {len(members)}")
    return members[0]


def _rates(question: Question, bench: Bench) -> _Rates:
    name = _symbol(question, bench) + OBSERVED["funding_rate"]
    series = bench.market.intraday.get(name) or bench.market.daily.get(name)
    if series is None:
        raise Untestable(bench.lacking(name))
    there = np.isfinite(series.prices)
    # Exchanges stamp some milliseconds late.
    at = (series.closes[there] + MINUTE // 2) // MINUTE * MINUTE
    hours = series.bar_minutes // 60
    words = f"rates of every {hours} hours"
    return _Rates(words, at, series.prices[there], series.bar_minutes * MINUTE)


def _stretches(
    question: Question, clock: Clock, shifts: tuple[tuple[int, int], ...] = ((0, 0),)
) -> Iterator[tuple[_Stretch | str, bool]]:
    """Yield the claim's windows moved by each shift, the literal one first; and those beyond.

    In place of one that the data do not hold, the reason.
    """
    claim = question.claim
    for section, within in ((claim.readings, True), (claim.beyond, False)):
        specs = [*((section and section.windows) or ())]
        for spec in [claim.window, *specs] if within else specs:
            try:
                whole = place_window(spec, question, clock)
            except Untestable as reason:
                yield str(reason), within
                continue
            for first, last in shifts:
                if first + whole.n > last:  # days are left between the ends
                    window = place(Asked(spec, first, last), question, clock)
                    yield _Stretch(window, clock, moved=(first, last) != (0, 0)), within


def _answer(
    question: Question, rates: _Rates, stretch: _Stretch | str, *, within: bool
) -> Measured:
    unit: Unit = "count" if question.claim.since else "ratio"
    if isinstance(stretch, str):
        reading = Reading(detail=rates.words, within=within)
        return Measured(reading, np.nan, unit, 0, note=stretch)
    inside = (rates.at > stretch.begin) & (rates.at <= stretch.end)
    known = rates.values[inside & np.isfinite(rates.values)]
    reading = stretch.reading(rates.words, within=within)
    if not len(known):
        note = f"no {rates.words} between {stretch.window.first_day} and {stretch.window.last_day}"
        return Measured(reading, np.nan, unit, 0, note=note)
    due = round((stretch.end - stretch.begin) / rates.step)
    if question.claim.since is None and len(known) < (1.0 - LACKING) * due:
        note = f"{len(known)} of {due} {rates.words} are known"
        return Measured(reading, np.nan, unit, len(known), note=note)
    mean = float(known.mean())
    word = {1.0: "positive", -1.0: "negative"}.get(float(np.sign(mean)), "zero")
    published = str(question.claim.published)
    sign = 1 if published == "positive" else -1
    said = f"mean of {rates.words} {mean:+.4%}"
    if question.claim.since is not None:
        return _longest(question, rates, stretch, reading, (sign, said))
    return Measured(
        reading,
        float((np.sign(known) == sign).mean()),
        "ratio",
        len(known),
        interval=EVERY_RATE,
        word=word,
        holds=word == published,
        note=f"{said}; value is the share that is {published}",
    )


def _longest(
    question: Question,
    rates: _Rates,
    stretch: _Stretch,
    reading: Reading,
    told: tuple[int, str],
) -> Measured:
    """Compare the longest stretch that ends inside the window with those since a day before it."""
    sign, said = told
    since = int(np.datetime64(str(question.claim.since), "ns").astype(np.int64))
    if since >= stretch.begin:
        note = f"{question.claim.since} does not come before the window"
        return Measured(reading, np.nan, "count", 0, note=note)
    rows = (rates.at > since) & (rates.at <= stretch.end)
    at, values = rates.at[rows], rates.values[rows]
    runs = sign_runs(at, values, rates.step, sign)
    hours = (runs[:, 1] - runs[:, 0] + 1) * rates.step / HOUR
    later = at[runs[:, 1]] > stretch.begin
    before = float(hours[~later].max(initial=0.0))
    longest = float(hours[later].max(initial=0.0))
    could, could_before = _at_most(rates, (since, stretch.begin, stretch.end), sign)
    holds = True if longest > could_before else False if could <= before else None
    published = question.claim.published
    note = f"{published} for {_span(longest)}"
    if longest:
        last = runs[later][int(np.argmax(hours[later]))]
        # Of funding a rate is for the time before it.
        first = int(at[last[0]]) - rates.step
        note += f" ({utc_text(first)} to {utc_text(int(at[last[1]]))})"
    note += f", against at most {_span(before)} from {question.claim.since} to the window; {said}"
    if holds is None:
        note += f"; rates lack: as many as {_span(max(could, could_before))} may have had that sign"
    return Measured(
        reading,
        longest,
        "count",
        len(at),
        interval=EVERY_RATE,
        word=f"{published} for {_span(longest)}",
        holds=holds,
        note=note,
    )


def _at_most(rates: _Rates, times: tuple[int, int, int], sign: int) -> tuple[float, float]:
    """Hours of the longest stretches in and before a window, if all rates that lack had the sign.

    ``times``: the day since which, the window's beginning and its end, UTC ns.
    """
    since, begin, end = times
    phase = int(rates.at[0]) % rates.step
    due = np.arange((since - phase) // rates.step + 1, (end - phase) // rates.step + 1)
    at = due * rates.step + phase
    near = np.searchsorted(rates.at, at - rates.step // 2)
    place = np.minimum(near, len(rates.at) - 1)
    there = (near < len(rates.at)) & (rates.at[place] < at + rates.step // 2)
    known = there & np.isfinite(rates.values[place])
    runs = sign_runs(at, np.where(known, rates.values[place], sign), rates.step, sign)
    lengths = runs[:, 1] - runs[:, 0] + 1
    later = at[runs[:, 1]] > begin
    before = int(lengths[~later].max(initial=0))
    # A stretch that reaches into the window may have been two, parted by the last that lacks.
    lacking = np.flatnonzero(~known & (at <= begin))
    for first, last in runs[later]:
        parts = lacking[(lacking >= first) & (lacking <= last)]
        before = max(before, int(parts[-1] - first) if len(parts) else 0)
    hours = rates.step / HOUR
    return float(lengths[later].max(initial=0)) * hours, before * hours


def _span(hours: float) -> str:
    return f"{hours:g} hours" if hours < 48 else f"{round(hours / 24, 1):g} days"


def _changed(
    question: Question,
    bench: Bench,
    stretch: _Stretch | str,
    symbol: str,
    *,
    units: tuple[str, str],
    within: bool,
) -> Measured:
    """Change in the first of two units, of values that are given in the second."""
    unit, given = units
    if isinstance(stretch, str):
        reading = Reading(detail=unit, within=within)
        return Measured(reading, np.nan, "return", 0, note=stretch)
    reading = stretch.reading(unit, within=within)
    try:
        observed = track(bench, symbol + OBSERVED["open_interest"], stretch.clock, stretch.window)
        ends = observed.quoted[[0, -1]]
        if unit != given:
            closes = track(bench, symbol, stretch.clock, stretch.window).quoted[[0, -1]]
            ends = ends * closes if unit == "in dollars" else ends / closes
    except Untestable as reason:
        return Measured(reading, np.nan, "return", 0, note=str(reason))
    note = f"{ends[0]:,.0f} to {ends[1]:,.0f} {unit.removeprefix('in ')}"
    value = float(ends[1] / ends[0] - 1.0) if ends[0] > 0 else np.nan
    note += f"; {MOVED}" if stretch.moved else ""
    found = Measured(reading, value, "return", 2, interval=TWO_VALUES, note=note)
    published = question.claim.published
    if not isinstance(published, str) or not np.isfinite(value):
        return found
    word = {1.0: "positive", -1.0: "negative"}.get(float(np.sign(value)), "no change")
    return replace(found, word=word, holds=word == published)
