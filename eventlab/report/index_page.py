"""The first page of a run: four questions, what the run answers, and links to what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventlab.report import overview
from eventlab.report.claims.page import held
from eventlab.report.contagion.told import travelled
from eventlab.report.hedge.answer import hedged
from eventlab.report.hedge.page import sweeps_alone
from eventlab.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.hedge.results import Backtest
    from eventlab.report.contagion.told import Told
    from eventlab.report.hedge.spoken import Spoken
    from eventlab.report.record import Run
    from eventlab.report.verdict import Verdict

__all__ = ["write_index"]

Context = dict[str, Any]


def write_index(
    run: Run,
    folder: Path,
    environment: Environment,
    *,
    verdicts: Sequence[Verdict],
    contagions: Mapping[str, Told],
    strategies: Sequence[tuple[Backtest, Spoken]],
) -> None:
    """Write ``index.html`` from what the other pages say."""
    found = (
        overview.moved(run.studies, verdicts),
        travelled(tuple(contagions.values())),
        hedged(strategies),
        held(run.claims),
    )
    context = {
        **_context(run),
        "answers": [answer for answer in found if answer is not None],
        "swept": sweeps_alone(run),
    }
    text = environment.get_template("index.html.j2").render(context)
    (folder / "index.html").write_text(text, encoding="utf-8")


def _context(run: Run) -> Context:
    stamps = run.stamps
    return {
        "title": run.title,
        "unit": "return",
        "simulated": any(stamp.simulated for stamp in stamps),
        "marks": overview.MARKS,
        "done": _done(run),
        "failures": [failure for failure in run.failures if failure.exit_code],
        "skipped": [failure for failure in run.failures if not failure.exit_code],
        "definitions": list(run.definitions.items()),
        "provenance": [
            ("Prices", run.source),
            ("Fingerprint", _fingerprints(sorted(stamp.fingerprint for stamp in stamps))),
            ("Seed", str(run.seed)),
            ("Made at", run.generated_at),
            ("Versions", ", ".join(f"{name} {number}" for name, number in run.versions.items())),
        ],
        "command": run.command,
    }


def _done(run: Run) -> str:
    """Say what the run computed, on which prices, and how much of it failed."""
    parts = (
        (len(run.studies), "event", "studied"),
        (len(run.contagions), "contagion", "measured"),
        (len(run.backtests), "strategy", "backtested"),
        (len(run.sweeps), "strategy", "swept"),
        (0 if run.claims is None else len(run.claims.claims), "claim", "put to the data"),
    )
    done = [f"{counted(n, noun)} {verb}" for n, noun, verb in parts if n] or ["0 events studied"]
    failed = sum(bool(failure.exit_code) for failure in run.failures)
    return f"{', '.join(done)} on {run.source}{f'; {failed} could not be' if failed else ''}."


def _fingerprints(prints: list[str]) -> str:
    """Write one in full; of several the beginnings, as each page and ``run.json`` have them all."""
    return prints[0] if len(prints) == 1 else ", ".join(each[:12] for each in prints)
