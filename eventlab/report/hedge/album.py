"""The pictures of a strategy and of its sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventlab.report.album import Album, Sheet, any_width, made
from eventlab.report.hedge.figure_rows import RUNS, axes, figure_rows, sweep_rows
from eventlab.report.hedge.wording import wording

if TYPE_CHECKING:
    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.album import Choice, Rows

__all__ = ["backtest_album", "sweep_album"]

COLOURS: Final = ("blue", "orange", "grey", "purple")  # of the runs of a strategy, in order
BAR: Final = 11  # pixels of one event among many


def backtest_album(result: Backtest, _: Choice) -> Album:
    """Equity, falls, events, ratios, exposure and costs of a strategy."""
    found = figure_rows(result)
    said = wording(result.strategy)
    equity = "equity_log" if "equity_log" in found else "equity"
    held = [said.runs.get(run, run) for run in RUNS if run in result.curves]
    runs = [f"{colour} {run}" for colour, run in zip(COLOURS, held, strict=False)]
    bars = f"orange {said.runs['unhedged']}, blue {said.part}"
    if said.way == "trade":
        bars = "blue the position"
    words = {
        "equity": f"Equity{', log scale' if equity == 'equity_log' else ''}; events shaded",
        "fall": f"Fall from the peak: {', '.join(runs)}; events shaded",
        "gains": f"What each event brought, of equity: {bars}, grey costs; diamond: all of it",
        "hedge_ratios": "Ratio of {} used (dots), and the right one (rings)",
        "exposure": "Exposure over equity: gross (area), net (line)",
        "spent": "Costs by kind, all bars",
    }
    why = {
        "gains": "nothing was held around any event",
        "hedge_ratios": "no entry has both a ratio and the one that would have been right",
        "spent": "nothing was charged",
    }
    sheets = {
        name: Sheet(
            equity if name == "equity" else name,
            text,
            made(found.get(equity if name in {"equity", "fall"} else name, [])),
            why.get(name, "the run has no bars"),
            ("panel",) if name == "hedge_ratios" else (),
            width=_gains_width if name == "gains" else any_width,
        )
        for name, text in words.items()
    }
    return Album("the backtest", result.strategy.title, result.stamp.simulated, sheets)


def _gains_width(rows: Rows) -> int:
    return BAR * len({row["place"] for row in rows}) + 90


def sweep_album(sweep: Sweep, _: Choice) -> Album:
    """Draw the sets, PBO and the walk forward of a sweep."""
    found = sweep_rows(sweep)
    across, down = axes(sweep) if len(sweep.sets) else ("", "")
    panels = found.get("sets", {})
    named = f"{across} (across) and {down} (down)" if down else across
    sheets = {
        "sets": Sheet(
            "sets",
            f"Sharpe ratio by {named}{': {}' if len(panels) > 1 else ''}; framed: the best",
            made(panels),
            "no set has a Sharpe ratio, or there are too many for pictures",
            ("panel",),
        ),
        "logits": Sheet(
            "logits",
            "Does the best in sample stay good? Orange: at or below the median",
            made(found.get("logits", [])),
            "PBO needs two sets and enough bars",
        ),
        "folds": Sheet(
            "folds",
            "Walk forward: the best set before each fold, tested on it",
            made(found.get("folds", [])),
            "there are too few events to walk forward",
        ),
    }
    return Album("the sweep", sweep.strategy.title, sweep.stamp.simulated, sheets)
