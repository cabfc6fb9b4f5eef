"""The study as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import numpy as np
from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eventlab.report import summary
from eventlab.report.battery_text import battery_text
from eventlab.report.cells import Cell, cells
from eventlab.report.condition_text import condition_text
from eventlab.report.convention_table import convention_table
from eventlab.report.numbers import counted, integer, moment, percent, pvalue, statistic, test_name
from eventlab.report.terminal import print_shown
from eventlab.report.units import unit_of
from eventlab.report.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import JustifyMethod, RenderableType

    from eventlab.study.results import EventStudy

__all__ = ["print_study", "study_table"]

MOST_DAYS = 36  # rows of event days before those by tag are counted
SHOWN = 8  # rows of a list before the rest is counted


def print_study(study: EventStudy, stream: TextIO, *, verbose: bool = False) -> None:
    """Write a study to a terminal, or without colours and at a fixed width to a pipe."""
    print_shown(study_table(study, verbose=verbose), stream)


def study_table(study: EventStudy, *, verbose: bool = False) -> RenderableType:
    """Return a study as what rich can print: verdict, CARs, tests, and what they rest on.

    ``verbose`` shows the tests of every window and every exclusion and overlap; without it each
    list that is cut says how many rows there are more.
    """
    parts: list[RenderableType] = [*_head(study), _car_table(study)]
    shown = summary.windows(study) if verbose else summary.windows(study)[:1]
    tests = _test_table if study.convention == "paper" else convention_table
    parts += [tests(study, window) for window in shown]
    rest = len(summary.windows(study)) - len(shown)
    if rest:
        parts.append(_faint(f"tests of {rest} more windows: --verbose or --json"))
    parts += battery_text(study) if verbose else []
    parts += _by_tag(study, verbose=verbose)
    parts += _event_days(study, verbose=verbose)
    parts += condition_text(study, verbose=verbose)
    parts += _foot(study, verbose=verbose)
    return Group(*parts)


def _head(study: EventStudy) -> list[RenderableType]:
    definition = study.event.study
    title = Text.assemble((f"\n{study.event.title}", "bold"), f"  ({study.event.event})")
    lines: list[RenderableType] = [title]
    if study.stamp.simulated:
        lines.append(Text(" SIMULATED PRICES: nothing here happened ", style="black on yellow"))
    spoken = verdict(study)
    lines.append(Text(spoken.sentence))
    lines.extend(Text(f"Doubt: {doubt}") for doubt in spoken.doubts)
    if definition is not None:
        unit = unit_of(study)
        what = f"{unit.noun}; " if unit.log else ""
        against = summary.regressors(definition) or "no benchmark"
        lines.append(
            _faint(
                f"clock {summary.clock_words(definition)}; {what}{definition.model} against "
                f"{against}; estimation {list(definition.estimation_window)}, "
                f"event {list(definition.event_window)}; "
                f"prices {study.stamp.source} {study.stamp.fingerprint[:12]}; seed {study.seed}"
            )
        )
    lines.append(_faint(_days(study)))
    return lines


def _days(study: EventStudy) -> str:
    """Say which sessions were day 0, with the instant where there is only one."""
    table = study.occurrences.dropna(subset="event_session").sort_values("event_session")
    if table.empty:
        return f"none of {len(study.occurrences)} occurrences has a day 0"
    days = [moment(day) for day in table["event_session"]]
    if len(days) == 1:
        only = table["occurrence"].iloc[0]
        return f"{only}: announced {summary.announced(study, only)}, day 0 is {days[0]}"
    return f"{len(study.occurrences)} occurrences, day 0 from {days[0]} to {days[-1]}"


def _car_table(study: EventStudy, tag: str = summary.ALL) -> Table:
    found = cells(study, tag)
    table = _table(
        f"{unit_of(study).caption} and placebo p by window"
        + ("" if tag == summary.ALL else f", only {tag}")
    )
    table.add_column("asset")
    table.add_column("n", justify="right")
    raw = summary.raw_day0(study) if tag == summary.ALL else {}
    if raw:
        table.add_column("raw day 0", justify="right")
    for window in summary.windows(study):
        table.add_column(window, justify="right")
    for group in summary.groups(study):
        row = [found.get((group, window)) for window in summary.windows(study)]
        if any(row):
            counts = sorted({cell.n_events for cell in row if cell is not None})
            count = str(counts[0]) if len(counts) == 1 else f"{counts[0]}-{counts[-1]}"
            plain = [percent(raw.get(group, float("nan")))] if raw else []
            table.add_row(group, count, *plain, *(_car_cell(cell, study) for cell in row))
    return table


def _car_cell(cell: Cell | None, study: EventStudy) -> Text:
    if cell is None or not np.isfinite(cell.caar):
        return Text("no CAR", style="dim")
    style = "bold" if cell.significant(summary.level(study)) else ""
    shown = unit_of(study).write(cell.caar)
    return Text.assemble((shown, style), (f" {pvalue(cell.placebo):>6}", "dim"))


def _test_table(study: EventStudy, window: str) -> Table:
    tests = summary.headline_tests(study, window)
    table = _table(f"Tests of {window}: interval of the CAAR, placebo p and the headline tests' p")
    # The CAAR itself stands in the table above: here it would push the placebo p out at 80.
    for name in ("asset", "n", f"{summary.coverage(study)} interval", "placebo"):
        # A placebo p with its rank may break before the rank, an interval may not.
        justify: JustifyMethod = "left" if name == "asset" else "right"
        table.add_column(name, justify=justify, no_wrap=name != "placebo")
    for test in tests:
        table.add_column(_stacked(test_name(test)), justify="right", no_wrap=True)
    found, write = cells(study), unit_of(study).write
    for group in summary.groups(study):
        cell = found.get((group, window))
        if cell is None:
            continue
        own = cell.headline
        values = [pvalue(own.get(test, float("nan"))) for test in tests]
        table.add_row(
            group,
            str(cell.n_events),
            f"{write(cell.interval.low)} to {write(cell.interval.high)}"
            if np.isfinite(cell.interval.low)
            else "none",
            _placebo_text(cell),
            *values,
        )
    return table


def _stacked(name: str) -> str:
    """Break a test's name into lines, so that no width cuts it: ``Kolari-``, ``Pynnonen``."""
    return name.replace("-", "-\n").replace(" ", "\n")


def _placebo_text(cell: Cell) -> str:
    if cell.draws:
        return f"{pvalue(cell.placebo)} ({integer(cell.rank)} of {integer(cell.draws)})"
    return pvalue(cell.placebo)


def _by_tag(study: EventStudy, *, verbose: bool) -> list[RenderableType]:
    """Tags beside each other for the first window, or with ``verbose`` one table for each."""
    tags = summary.tags(study)[1:]
    if not tags or verbose:
        return [_car_table(study, tag) for tag in tags]
    window = summary.windows(study)[0]
    table = _table(
        f"{unit_of(study).caption} and placebo p of {window} by tag (other windows: --verbose)"
    )
    table.add_column("asset")
    found = {tag: cells(study, tag) for tag in tags}
    for tag in tags:
        counts = [cell.n_events for cell in found[tag].values() if cell.group != summary.ALL]
        table.add_column(f"{tag}, n<={max(counts, default=0)}", justify="right")
    for group in summary.groups(study):
        row = [found[tag].get((group, window)) for tag in tags]
        table.add_row(group, *(_car_cell(cell, study) for cell in row))
    return [table]


def _event_days(study: EventStudy, *, verbose: bool) -> list[RenderableType]:
    days = study.event_days
    if days.empty:
        return []
    hidden = 0
    if not verbose and len(days) > MOST_DAYS:
        hidden = int((days["tag"] != summary.ALL).sum())
        days = days[days["tag"] == summary.ALL]
    table = _table("Raw returns on event days against all other days, mean in %")
    for name in ("asset", "tag", "event\ndays", "n", "other\ndays", "n", "difference", "t", "p"):
        table.add_column(
            name, justify="left" if name in {"asset", "tag"} else "right", no_wrap=True
        )
    for row in summary.rows(days):
        table.add_row(
            row["symbol"],
            row["tag"],
            percent(row["mean"], 3),
            integer(row["n"]),
            percent(row["mean_other"], 3),
            integer(row["n_other"]),
            percent(row["difference"], 3),
            statistic(row["statistic"]),
            pvalue(row["pvalue"]),
        )
    lines: list[RenderableType] = [table]
    mixed = summary.mixed_symbols(study)
    if mixed:
        lines.append(_faint(f"here on daily bars, in some fits on intraday ones: {_few(mixed)}"))
    if hidden:
        lines.append(_faint(f"{hidden} rows by tag: --verbose or --json"))
    return lines


def _foot(study: EventStudy, *, verbose: bool) -> list[RenderableType]:
    most = None if verbose else SHOWN
    lines: list[RenderableType] = []
    lines += _listed("Left out", _exclusion_lines(study, verbose=verbose), most)
    lines += _listed("Other events in event windows", _overlap_lines(study), most)
    within = study.overlaps["window"] == "event"
    if within.sum() > SHOWN:
        counts = study.overlaps.loc[within, "other_event"].value_counts()
        lines.append(_faint("  by event: " + _few(f"{name} {n}" for name, n in counts.items())))
    if not within.all():
        begins = f"  {(~within).sum()} more" if within.any() else f"Other events: {len(within)}"
        lines.append(_faint(f"{begins} in estimation windows: --json"))
    lines += _listed("Where prices are sampled", _sampling_lines(study), most)
    lines += _listed("About the prices", _quality_lines(study, verbose=verbose), most)
    lines += _listed("Notes", _note_lines(study), most)
    lines += _truth_lines(study)
    return lines


def _exclusion_lines(study: EventStudy, *, verbose: bool) -> list[str]:
    if verbose:
        table = study.exclusions
        columns = (table[name].tolist() for name in ("occurrence", "symbol", "window", "reason"))
        return [
            f"{occurrence} {symbol} {window}".rstrip() + f": {reason}"
            for occurrence, symbol, window, reason in zip(*columns, strict=True)
        ]
    return [
        f"{count.count} x {count.reason}: {_few(count.symbols) or 'all assets'} in "
        f"{counted(count.occurrences, 'occurrence')}"
        for count in summary.exclusion_counts(study)
    ]


def _overlap_lines(study: EventStudy) -> list[str]:
    """Those of the latest occurrence first, the nearest of each first."""
    table = study.overlaps[study.overlaps["window"] == "event"]
    days = study.occurrences.set_index("occurrence")["event_session"]
    table = table.assign(day=table["occurrence"].map(days), near=table["tau"].abs())
    table = table.sort_values(["day", "near"], ascending=[False, True], kind="stable")
    return [
        f"{row['occurrence']}: {row['title']} ({row['other_event']}/{row['other_occurrence']}) "
        f"{_bars(int(row['tau']))}"
        for row in summary.rows(table)
    ]


def _bars(tau: int) -> str:
    if tau == 0:
        return "on day 0"
    return f"{counted(abs(tau), 'bar')} {'earlier' if tau < 0 else 'later'}"


def _sampling_lines(study: EventStudy) -> list[str]:
    """One line per way of sampling: which symbols, and how far from the clock's close."""
    table = summary.sampling_rows(study)
    ways: dict[str, list[str]] = {}
    for row in summary.rows(table):
        apart, most = row["minutes_apart"], row["max_minutes_apart"]
        way = f"{row['basis']}, {_minutes(apart)}"
        if abs(most - apart) >= 1:  # also False where there is no sample at all
            way += f" in the median, at most {_minutes(most)}"
        if row["day0"]:
            way += f"; own day 0 {row['day0']}"
        ways.setdefault(way, []).append(row["symbol"])
    return [f"{way}: {_few(symbols)}" for way, symbols in ways.items()]


def _minutes(minutes: float) -> str:
    if not np.isfinite(minutes):
        return "no sample"
    if round(minutes) == 0:
        return "at the clock's close"
    return f"{abs(minutes):.0f} minutes {'after' if minutes > 0 else 'before'} it"


def _quality_lines(study: EventStudy, *, verbose: bool) -> list[str]:
    """One line per finding, or without ``verbose`` per kind of finding, the worst first."""
    order = {"refused": 0, "warning": 1, "note": 2}
    table = study.quality.assign(place=study.quality["severity"].map(order))
    table = table.sort_values("place", kind="stable")
    if verbose:
        return [
            f"{row['symbol']} {row['first']} to {row['last']}, {row['severity']}, {row['check']} "
            f"({row['count']}): {row['detail']}"
            for row in summary.rows(table)
        ]
    kinds: dict[str, list[str]] = {}
    for row in summary.rows(table):
        kinds.setdefault(f"{row['severity']}, {row['check']}", []).append(row["symbol"])
    return [f"{kind}: {_few(dict.fromkeys(symbols))}" for kind, symbols in kinds.items()]


def _note_lines(study: EventStudy) -> list[str]:
    """List the notes on day 0; occurrences without one are among the exclusions."""
    days = study.occurrences
    notes = days[days["note"].astype(bool) & days["event_session"].notna()]
    return [f"{row['occurrence']}: {row['note']}" for row in summary.rows(notes)]


def _truth_lines(study: EventStudy) -> list[RenderableType]:
    if study.truth.empty:
        return []
    table = _table("What the simulation put in, and what the study found")
    for name in ("window", "n", "mean true CAR", "mean estimate", "inside their intervals"):
        table.add_column(name, justify="left" if name == "window" else "right")
    for window, part in study.truth.groupby("window", sort=False):
        table.add_row(
            str(window),
            str(len(part)),
            percent(part["true_car"].mean()),
            percent(part["car"].mean()),
            f"{int(part['inside'].sum())} of {len(part)} "
            f"({percent(part['inside'].mean(), 1, sign=False)}, nominal {summary.coverage(study)})",
        )
    return [table, *_betas(study)]


def _betas(study: EventStudy) -> list[RenderableType]:
    """Return true beside estimated betas in a line; nothing where the model has none."""
    means = study.truth.groupby("symbol", sort=False)[["true_beta", "beta"]].mean().dropna()
    pairs = [
        f"{symbol} {statistic(true)} and {statistic(found)}"
        for symbol, true, found in means.itertuples()
    ]
    return [Text(f"Betas, true and estimated in the mean: {'; '.join(pairs)}")] if pairs else []


def _listed(title: str, lines: Sequence[str], most: int | None) -> list[RenderableType]:
    if not lines:
        return []
    shown = lines if most is None else lines[:most]
    found: list[RenderableType] = [Text(f"\n{title} ({len(lines)})", style="bold")]
    # Two columns for what a narrow terminal wraps as well.
    found.extend(Padding(Text(line), (0, 0, 0, 2), expand=False) for line in shown)
    if len(lines) > len(shown):
        found.append(_faint(f"  and {len(lines) - len(shown)} more: --verbose or --json"))
    return found


def _few(words: Iterable[str], most: int = 6) -> str:
    known = list(words)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def _table(title: str) -> Table:
    return Table(
        # On one line: rich would wrap it at the width of the table.
        title=Text(title, style="bold", no_wrap=True, overflow="ignore"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def _faint(text: str) -> Text:
    return Text(text, style="dim")
