"""Write the page of sizes, power and verdicts of contagion."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Final

from benchmarks.contagion_counts import AVERAGES, DRAWS, FAMILY, N_EVENTS, N_TARGETS, SPACING
from benchmarks.contagion_designs import DESIGNS, KINDS, WORLDS
from benchmarks.contagion_judge import (
    cells,
    is_off,
    kinds_of,
    problems,
    standard_error,
    title,
    truth_of,
)
from benchmarks.contagion_parts import PARTS
from benchmarks.size_page import table
from eventlab.contagion.breaks.specs import TESTS, VERDICTS

if TYPE_CHECKING:
    from benchmarks.contagion_counts import Counts
    from benchmarks.contagion_parts import Rate

__all__ = ["SHORT", "Run", "page"]

SHORT: Final = dict(
    zip(TESTS, ("Fisher", "F-R", "F-R delta", "CS12", "CS21", "CK13", "CK31", "CV22"), strict=True)
)
MAIN: Final = ("link", "shock")
MAIN_TITLES: Final = tuple(f"{title(world)}," for world in MAIN)
PLACEBO: Final = KINDS.index("placebo")

WORDS: Final = {
    FAMILY: f"A constant link from one source to {N_TARGETS} targets, whose own parts are "
    "correlated .3: one family. Share of samples in which any of the five has a p of at most 5%, "
    "without an adjustment, by Benjamini & Hochberg, and by Romano & Wolf, by which verdicts go. "
    "Verdicts: share of samples in which any pair has it.",
    AVERAGES: f"Correlated shocks, one pair at {N_EVENTS} events, {SPACING} bars apart, 120 calm "
    f"bars and 20 of crisis each; all events are changed alike. {DRAWS} joint draws. The mean over "
    "events has no asymptotic p.",
}


@dataclass(frozen=True, slots=True)
class Run:
    """How the counts were made: for the head of the page."""

    command: str
    seed: int
    seconds: float
    processes: int
    versions: str


def page(counts: dict[str, Counts], rates: list[Rate], run: Run) -> str:
    """Return the page in Markdown."""
    parts = [head(run), verdict(counts), designs(), legend(counts)]
    parts += [world_text(world, one) for world, one in counts.items()]
    parts += [detectable(counts), others(rates)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def wrapped(text: str) -> str:
    return fill(" ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False)


def head(run: Run) -> str:
    words = """How often the tests of a [contagion](contagion.md) reject at nominal 5% where
        nothing travelled, how often they see what did, and what the verdicts then say. This page is
        written by a program; nothing in it is edited by hand. The tests of abnormal returns have
        [a page of their own](size.md)."""
    seeds = f"""Seed {run.seed}. Each sample has a seed of its own, made from that, the world and
        its number. {run.versions}. {run.seconds / 60:.0f} minutes on {run.processes} processes."""
    return (
        f"# Size and power of contagion\n\n{wrapped(words)}\n\n```\n{run.command}\n```\n\n"
        f"{wrapped(seeds)}"
    )


def verdict(counts: dict[str, Counts]) -> str:
    """Say what is off, or that nothing is."""
    judged = {world: list(cells(world)) for world in counts}
    single = sum(k == PLACEBO for world in MAIN if world in judged for _, k, *_ in judged[world])
    exact = sum(how == "null" for own in judged.values() for *_, how in own)
    room = sum(how == "room" for own in judged.values() for *_, how in own)
    found = problems(counts)
    main = [line for line in found if line.startswith(MAIN_TITLES) and "placebo p" in line]
    words = f"""The placebo p of a pair must be at most 5% in 3 to 7% of the samples wherever its
        null is true: with 120 calm bars and 20 of crisis of GARCH-t4, where nothing happens, where
        the source's variance is tripled, and where both variances are ("{title("link")}" and
        "{title("shock")}"). {"These are off" if main else f"All {single} such cells are"}."""
    rest = f"""The same is asked of all that follows: of transmission p-values, other windows,
        residuals, families and averages, {exact} cells in all; where the null is one-sided and the
        truth lies inside it, of the upper end only ({room} cells, marked ↓). The verdict
        "contagion" must come in no more than 7% of the samples without a stronger link."""
    listed = "\n".join(f"- {one}" for one in found)
    off = "These are off; why is said [below](#what-is-off-and-why):\n\n" + listed
    return f"## The rule\n\n{wrapped(words)}\n\n{wrapped(rest)} {off if found else 'All do.'}"


def designs() -> str:
    rows = [
        ["null", DESIGNS["null"], "yes", "yes"],
        ["transmitted", DESIGNS["transmitted"], "no: it rises", "yes"],
        ["source scaled", DESIGNS["source scaled"], "yes", "yes, it weakens"],
        ["common", DESIGNS["common"], "yes", "yes"],
        ["stronger link", DESIGNS["stronger link"], "no: it rises", "no"],
    ]
    columns = ["design", "in the crisis window only", "correlation unchanged", "link no stronger"]
    text = """GARCH-t4 is h = .04 + .10 e² + .86 h with Student shocks of 4 degrees of freedom, of
        variance one. Source and target have correlation .5, 900 bars, the event on the last bars
        but those of its crisis window; placebo dates are all bars whose windows lie before it. Each
        sample is measured five times:"""
    return f"## What is drawn\n\n{wrapped(text)}\n\n{rule_table(columns, rows)}"


def rule_table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def legend(counts: dict[str, Counts]) -> str:
    samples = max(one.samples for one in counts.values())
    error = 100 * standard_error(0.05, samples)
    names = ", ".join(f"{short} `{test}`" for test, short in SHORT.items())
    one = f"""Three p-values of each test. Asymptotic: of the textbook, never judged. Placebo: the
        test's own null. Fisher's and (with `variant: raw`) the co-moments' say whether the
        statistic is as on other dates; Forbes and Rigobon's, whether the link is stronger given the
        variances of the event. Transmission: that same question of every statistic. Rates are in
        percent, with a standard error of {error:.2f} points at 5% with {samples:,} samples. In bold
        what is off by more than 2 points. * the null is false: power. ↓ the null is one-sided and
        the truth lies inside it. Columns: {names}."""
    stars = """Co-moments of the fourth order (CK13, CK31, CV22) of fat-tailed series depend on the
        correlation itself. So their placebo null is not true where a loud source raised it, nor
        their transmission null where the link weakened, if barely: those rates are marked as power
        and near 5% all the same. Under a stronger link it is the correlation that moves; what the
        co-moments have to find is small."""
    off = f"""Placebo dates overlap. A history holds only so many crisis windows side by side: 37 of
        20 bars in 900 bars, 22 of 60 bars in 1,500. A p from few independent windows rejects a
        little too often, and that of Romano & Wolf, which looks at the far end of the smallest of
        five, a little more. In ten years of history the excess is gone: "{title("years")}" has the
        pairs of "{title("link")}"."""
    mean = """Transmitted dates are made with an estimated link, and noise stands for its error and
        its wandering. That keeps Fisher's and Forbes and Rigobon's p near 5% in one event (7%
        where betas wander, 8 to 9% without the noise) and makes those of the co-moments cautious.
        A mean over eight events has an eighth of the variance and the same bias: where a source
        three times as loud at every event only passed its shocks on, contagion is found in 9% of
        samples. Hold a barely significant average against that."""
    down = """↓: with the source's variance tripled and correlation unchanged, the link has fallen
        to b/√3, and a test of a stronger link should hardly ever reject."""
    return (
        f"## How to read the tables\n\n{wrapped(one)}\n\n{wrapped(stars)}\n\n"
        f"## What is off, and why\n\n{wrapped(off)}\n\n{wrapped(mean)}\n\n{wrapped(down)}"
    )


def world_text(world: str, one: Counts) -> str:
    words = WORDS[world] if world in WORDS else WORLDS[world].words
    rows = [
        [f"{design}, {kind.replace('_', '-')}", *(cell(world, one, d, k, t) for t in range(8))]
        for d, design in enumerate(DESIGNS)
        for k, kind in enumerate(kinds_of(world))
        if world != AVERAGES or kind != "asymptotic"
    ]
    shares = [
        [design, *(f"{100 * n / one.samples:.1f}" for n in one.verdicts[d][: len(VERDICTS)])]
        for d, design in enumerate(DESIGNS)
    ]
    return f"""## {title(world)}

{wrapped(f"{words} {one.samples:,} samples.")}

{table(["rejections in %", *SHORT.values()], rows)}

{table(["verdicts in %", *VERDICTS], shares)}"""


def cell(world: str, one: Counts, d: int, k: int, t: int) -> str:
    """One rate, with its mark."""
    design, kind, test = list(DESIGNS)[d], kinds_of(world)[k], TESTS[t]
    rejected = int(one.rejected[d, k, t])
    text = f"{100 * rejected / one.samples:.1f}"
    if kind == "asymptotic":
        return text
    how = truth_of(world, design, kind, test)
    if how == "false":
        return f"{text}\\*"
    if kind != "alone" and is_off(rejected, one.samples, how):
        return f"**{text}**"
    return f"{text} ↓" if how == "room" else text


def detectable(counts: dict[str, Counts]) -> str:
    words = """`detectable` is the smallest change of correlation that the windows would have shown
        in 80 of 100 cases. Here it is taken from the sample in which nothing happens, that change
        of atanh(correlation) is made in the crisis window, and the pair is tested once more."""
    last = """The last column is how often the windows can tell a change of 0.2: where nothing
        happens the verdict is then "no change", and "underpowered" otherwise, as it mostly is."""
    rows = []
    for world, one in counts.items():
        tried, shown, worth = (int(n) for n in one.detectable)
        if tried:
            rate = shown / tried
            rows.append(
                [
                    title(world),
                    f"{100 * tried / one.samples:.1f}",
                    f"{100 * rate:.1f} ± {100 * standard_error(rate, tried):.1f}",
                    f"{100 * worth / one.samples:.1f}",
                ]
            )
    heads = ["", "there is one, %", "it was then shown, %", "at most 0.2, %"]
    return f"""## What would have shown

{wrapped(words)}

{table(heads, rows)}

{wrapped(last)}"""


def others(rates: list[Rate]) -> str:
    """The sizes of the other parts."""
    words = """Share of p-values of at most 5%, or of 95% intervals that hold the truth. In bold
        what is more than two points and two standard errors off, conservative p-values too; *
        where the null is false. Several p-values of one sample are not independent: standard errors
        count samples."""
    texts = [f"## Other parts\n\n{wrapped(words)}"]
    for key, part in PARTS.items():
        own = [rate for rate in rates if rate.part == key and rate.tries]
        if own:
            lines = [[f"{rate.label.rstrip('!')}", *part_cells(rate)] for rate in own]
            head = "held in %" if part.interval else "rejections in %"
            number = max(rate.samples for rate in own)
            texts.append(
                f"### {part.title}\n\n{wrapped(f'{part.words} {number:,} samples.')}\n\n"
                + table([head, "rate", "s.e.", "of"], lines)
                + (f"\n\n{wrapped(part.remark)}" if part.remark else "")
            )
    return "\n\n".join(texts)


def part_cells(rate: Rate) -> list[str]:
    nominal = 0.95 if PARTS[rate.part].interval else 0.05
    apart = abs(rate.value - nominal)
    text = f"{100 * rate.value:.1f}"
    if rate.label.endswith("!"):
        text += "\\*"
    elif apart > 0.02 and apart > 2 * rate.error:
        text = f"**{text}**"
    return [text, f"{100 * rate.error:.1f}", f"{rate.tries:,}"]
