"""Write the page of rejection rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Final

from benchmarks.size_battery import SHORT_NAMES, all_tests
from benchmarks.size_designs import KNOWN, KNOWN_SAMPLES, KNOWN_TESTS, POWER, SECTIONS
from benchmarks.size_judge import (
    ENOUGH,
    MARGIN,
    bmp_closed_form,
    known_rows,
    problems,
    share,
    wrong_level,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.size_counts import Counts
    from benchmarks.size_designs import Section

__all__ = ["Run", "page"]

DASH: Final = "·"


@dataclass(frozen=True, slots=True)
class Run:
    """How the counts were made: for the head of the page."""

    command: str
    seed: int
    samples: int
    drawn: int
    power: int
    seconds: float
    processes: int
    versions: str


def page(counts: dict[str, Counts], run: Run) -> str:
    """Return the page in Markdown."""
    parts = [head(run), verdict(counts), known_table(counts), closed_form(counts), legend()]
    parts += [section_text(section, counts) for section in SECTIONS if present(section, counts)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def head(run: Run) -> str:
    return f"""# Size and power

How often each test rejects at nominal 5% when nothing happened, and when something did. This page
is written by a program; nothing in it is edited by hand. The tests of contagion have
[a page of their own](contagion-size.md).

```
{run.command}
```

| samples of a design | | standard error of a rate of 5% |
| --- | ---: | ---: |
| where nothing happens | {run.samples:,} | {error_at_level(run.samples):.2f} points |
| with 200 events | {run.samples // 2:,} | {error_at_level(run.samples // 2):.2f} |
| in "Tests that draw" | {run.drawn:,} | {error_at_level(run.drawn):.2f} |
| in "Power" | {run.power:,} | {error_at_level(run.power):.2f} |

Seed {run.seed}. Each sample has a seed of its own, made from that, the design and its number: the
page does not depend on the number of processes, and a design can be added without a change of the
others. {run.versions}. {run.seconds / 60:.0f} minutes on {run.processes} processes.

Every sample goes through the fits and the battery that `eventlab study` uses. The data, if not
said otherwise: returns are beta m + sigma e on a market m from N(.0004, .009²), with beta from
N(1, .35²), sigma exp(N(log .023, .45²)), and errors e of Student's t with 5 degrees of freedom,
of variance one; 239 estimation bars right before the event window. Errors of correlation r mix
√(1-r) of their own with √r of one normal variable per bar, which all assets share. Event variance
multiplies the error of day 0 by its root. What each test is, and the rule for the headline:
[Statistics](statistics.md).
"""


def error_at_level(samples: int) -> float:
    return 100 * math.sqrt(0.05 * 0.95 / samples)


def verdict(counts: dict[str, Counts]) -> str:
    """Say what is wrong, or that nothing is."""
    found = problems(counts)
    cells = judged_cells(counts)
    rule = (
        f"A headline test must reject {100 * (0.05 - MARGIN):.1f} to {100 * (0.05 + MARGIN):.1f}% "
        "of the samples in which it stands in the headline, in every row in which nothing happens "
        f"and in which it stands there at least {ENOUGH:,} times (a standard error of half a point)"
    )
    if not found:
        return fill(
            f"{rule}. All {cells} such cells do. Every rate agrees with the known ones and with "
            "the closed form within three standard errors.",
            100,
        )
    listed = "\n".join(f"- {one}" for one in found)
    return fill(f"{rule}. Of {cells} such cells and the known rates, these are off:", 100) + (
        f"\n\n{listed}"
    )


def judged_cells(counts: dict[str, Counts]) -> int:
    cells = 0
    for section in SECTIONS:
        for design in section.rows.values():
            if design.key in counts and design.is_null:
                enough = counts[design.key].offered >= ENOUGH
                unfair = [all_tests().index(test) for test in design.not_null_for]
                cells += int(enough.sum() - enough[:, unfair].sum())
    return cells


def known_table(counts: dict[str, Counts]) -> str:
    rows = list(known_rows(counts))
    tests = [test for test in KNOWN_TESTS if test in all_tests()]
    lines = []
    for key in KNOWN:
        cells = [
            f"{100 * ours:.1f} ({100 * known:.1f}, {apart:+.1f})"
            for which, _, known, ours, apart in rows
            if which == key
        ]
        if cells:
            lines.append([words_of(key), *cells])
    return f"""## Against known sizes

N = 50. In brackets the rate of another program on the same designs with other seeds
({KNOWN_SAMPLES:,} samples), and by how many standard errors of the difference the two are apart.

{table(["", *(f"`{test}`" for test in tests)], lines)}"""


def words_of(key: str) -> str:
    return next(w for s in SECTIONS for w, design in s.rows.items() if design.key == key)


def closed_form(counts: dict[str, Counts]) -> str:
    lines = [
        [words_of(key), f"{100 * rate:.1f}", f"{100 * closed:.1f}", f"{apart:+.1f}"]
        for key, rate, closed, apart in bmp_closed_form(counts)
    ]
    return f"""Under cross-correlation BMP rejects 2(1 - Φ(1.96/√((1 + (N-1)r)/(1-r)))) of the time:

{table(["", "`bmp`", "closed form", "s.e. apart"], lines)}"""


def legend() -> str:
    names = ", ".join(f"{SHORT_NAMES[test]} `{test}`" for test in all_tests() if test != "car_t")
    columns = f'Columns: {names}; and "CAR t" for the t of one event, as printed for single events.'
    return f"""## How to read the tables

The first table of each section has the tests that may stand in the headline: the rate in percent
among the samples in which the test did stand there, its standard error, and in brackets how often
that was, if not always. In bold what is off by more than {100 * MARGIN:.1f} points; {DASH} where
the test was never in the headline. The second table has every test, in all samples in which it
could be computed: this is what the tests do where they should not be used. Standard errors there
are √(p(1-p)/n). The placebo is not judged under event variance: it asks whether the day was like
others, and that day is not.

{fill(columns, 100)}"""


def present(section: Section, counts: dict[str, Counts]) -> bool:
    return any(design.key in counts for design in section.rows.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One window of one design."""

    label: str
    key: str
    w: int
    counts: Counts


def section_text(section: Section, counts: dict[str, Counts]) -> str:
    rows = list(section_rows(section, counts))
    headed = [test for test in all_tests() if any(times(row, test)[1] for row in rows)]
    run = [test for test in all_tests() if any(times(row, test)[0] for row in rows)]
    heads = [[row.label, *(headline_cell(row, test) for test in headed)] for row in rows]
    rates = [[row.label, *(rate_cell(row, test) for test in run)] for row in rows]
    picture = "\n\n![Power of the tests of the headline](power.svg)" if section is POWER else ""
    return f"""## {section.title}

{fill(section.words, 100)}{picture}

{table(["in the headline", *(SHORT_NAMES[test] for test in headed)], heads)}

{table(["all tests", *(SHORT_NAMES[test] for test in run)], rates)}"""


def section_rows(section: Section, counts: dict[str, Counts]) -> Iterator[Row]:
    for words, design in section.rows.items():
        if design.key in counts:
            for w, window in enumerate(design.windows):
                label = words if len(design.windows) == 1 else f"{words}, {list(window)}"
                yield Row(label, design.key, w, counts[design.key])


def times(row: Row, test: str) -> tuple[int, int]:
    """Samples in which ``test`` was computed, and in which it was in the headline."""
    place = all_tests().index(test)
    return int(row.counts.computed[row.w, place]), int(row.counts.offered[row.w, place])


def headline_cell(row: Row, test: str) -> str:
    offered = times(row, test)[1]
    if offered == 0:
        return DASH
    rate, error = share(row.counts, row.w, test, offered=True)
    text = f"{100 * rate:.1f} ± {100 * error:.1f}"
    if wrong_level(row.counts, row.key, row.w, test):
        text = f"**{text}**"
    often = offered / row.counts.samples
    return text if often == 1 else f"{text} ({100 * often:.0f}%)"


def rate_cell(row: Row, test: str) -> str:
    rate, _ = share(row.counts, row.w, test)
    return DASH if math.isnan(rate) else f"{100 * rate:.1f}"


def table(head: list[str], lines: list[list[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    ruled = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ruled, *lines])
