"""The page of one strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventlab.definitions.hedge_definition import PutDefinition
from eventlab.report.hedge.figure_rows import RUNS, axes, figure_rows, shown_bars
from eventlab.report.hedge.measures import value_of, was_held
from eventlab.report.hedge.rest_views import order_counts
from eventlab.report.hedge.sections import sections
from eventlab.report.hedge.spoken import spoken
from eventlab.report.hedge.sweep_spoken import sweep_spoken
from eventlab.report.hedge.wording import is_put, money, wording
from eventlab.report.numbers import integer
from eventlab.report.page_parts import provenance, script_json
from eventlab.report.table_files import table_files

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from eventlab.hedge.results import Backtest, Sweep
    from eventlab.report.contagion.sections import Piece
    from eventlab.report.hedge.spoken import Spoken
    from eventlab.report.record import Run

__all__ = ["sweeps_alone", "write_strategy_pages"]

BAR_WIDTH: Final = 11  # pixels of an event in the picture of events
Context = dict[str, Any]


def write_strategy_pages(
    run: Run, folder: Path, environment: Environment
) -> list[tuple[Backtest, Spoken]]:
    """Write ``strategies/<strategy>.html``.

    Returns every backtest and what its page says of it.
    """
    if not run.backtests:
        return []
    (folder / "strategies").mkdir(exist_ok=True)
    page = environment.get_template("strategy.html.j2")
    written = []
    for result in run.backtests:
        name, sweep = result.strategy.strategy, _sweep_of(run, result)
        said = spoken(result, sweep)
        text = page.render(_context(result, sweep, run, said))
        (folder / "strategies" / f"{name}.html").write_text(text, encoding="utf-8")
        written.append((result, said))
    return written


def sweeps_alone(run: Run) -> list[Context]:
    """Return what the first page says of sweeps whose strategy has no page.

    Each is a title, the answer, its doubts, and where the sweep lies as JSON and CSV.
    """
    tested = {result.strategy.strategy for result in run.backtests}
    found = []
    for sweep in run.sweeps:
        name = sweep.strategy.strategy
        if name in tested:
            continue
        found.append(
            {
                "strategy": name,
                "title": sweep.strategy.title,
                "said": sweep_spoken(sweep),
                "files": table_files(sweep),
            }
        )
    return found


def _sweep_of(run: Run, result: Backtest) -> Sweep | None:
    name = result.strategy.strategy
    return next((each for each in run.sweeps if each.strategy.strategy == name), None)


def _context(result: Backtest, sweep: Sweep | None, run: Run, said: Spoken) -> Context:
    strategy = result.strategy
    name = strategy.strategy
    rows = figure_rows(result, sweep)
    tables = {key: _folds(pieces) for key, pieces in sections(result, sweep).items()}
    titles = {study.event.event: study.event.title for study in run.studies}
    files = table_files(result) if sweep is None else table_files(result, sweep)
    return {
        "title": strategy.title,
        "simulated": result.stamp.simulated,
        "unit": "return",
        "strategy": strategy,
        "studied": [(event, titles[event]) for event in strategy.events if event in titles],
        "said": said,
        "facts": _facts(result),
        "sweep": sweep,
        "tried": _tried(sweep),
        "tables": tables,
        "nothing_left_out": result.exclusions.empty,
        "order_counts": f"{order_counts(result)}.",
        "csv": f"../tables/{name}/",
        "files": files,
        "figure_rows": script_json(rows),
        "command": run.command,
        "provenance": provenance(name, result.stamp, run),
        "part": wording(strategy).part,
        **_pictures(result, sweep, rows),
    }


def _pictures(result: Backtest, sweep: Sweep | None, rows: Context) -> Context:
    said = wording(result.strategy)
    across, down = axes(sweep) if sweep is not None and len(sweep.sets) else ("", "")
    shown, bars = len(shown_bars(result)), len(result.curves)
    names = [said.runs[each] for each in RUNS if each in result.curves]
    turnover = value_of(result.comparisons, "turnover", run="hedged")
    colours = f"Orange: the book's own move ({said.runs['unhedged']}); blue: {said.part}"
    if said.way == "trade":
        colours = "Blue: what prices did to the position"
    return {
        "equity": "equity_log" if "equity_log" in rows else "equity",
        "names": ", ".join(names),
        "thinned": ""
        if shown == bars
        else f" {shown:,} of {bars:,} closes are drawn: every few,"
        " those at the ends of episodes and the lowest; all are in backtest_curves.csv.",
        "gains": bool(rows.get("gains")),
        "gains_width": BAR_WIDTH * int(was_held(result).sum()) + 90,
        "gains_read": f"{colours}; grey: costs, less interest. The diamond is what was left.",
        "ratio_names": list(rows.get("hedge_ratios", {})),
        "turnover": f"Value traded a year: {turnover:,.1f} times mean equity.",
        "spent": bool(rows.get("spent")),
        "set_names": list(rows.get("sets", {})),
        "across": across,
        "down": down,
        "sets_left": _panels_left(sweep, rows),
        "logits": bool(rows.get("logits")),
        "folds": bool(rows.get("folds")),
    }


def _panels_left(sweep: Sweep | None, rows: Context) -> int:
    """Count the panels of sets that are not drawn."""
    drawn = rows.get("sets", {})
    if sweep is None or not drawn:
        return 0
    each = max(len(panel) for panel in drawn.values())
    return max(0, -(-len(sweep.sets) // each) - len(drawn))


def _tried(sweep: Sweep | None) -> list[str]:
    """Say what the best of the sweep is worth."""
    if sweep is None or not sweep.sets["chosen"].any():
        return []
    said = sweep_spoken(sweep)
    return [said.sentence, *said.lines, *said.doubts]


def _facts(result: Backtest) -> list[tuple[str, str]]:
    strategy = result.strategy
    when = strategy.when
    facts = [
        ("Book", ", ".join(f"{name} {weight:g}" for name, weight in strategy.book.items())),
        ("Held against it", _hedge(result)),
        ("Events", f"{', '.join(strategy.events)}: {integer(int(was_held(result).sum()))} held"),
        ("Enter, exit", f"{_moment(when.enter)}, {_moment(when.exit)}; filled at the {when.fill}"),
        ("Clock", strategy.clock),
        ("When a market is closed", strategy.when_closed.replace("_", " ")),
        ("Costs", _costs(result)),
        ("Capital", money(strategy.capital, strategy.capital)),
        ("The book is", _held(strategy.exposure.inside, strategy.exposure.outside)),
        ("Placebo", _placebo(result)),
    ]
    return [(name, value) for name, value in facts if value]


def _hedge(result: Backtest) -> str:
    hedge = result.strategy.hedge
    if hedge is None:
        return "nothing"
    ratio = hedge.ratio
    if is_put(result.strategy):
        put = hedge.put or PutDefinition()
        return (
            f"puts on {', '.join(hedge.instruments)}: strike {100 * put.moneyness:g}%, "
            f"{put.expiry} bars, Black-Scholes at {put.lookback} bars' volatility "
            f"{100 * put.premium:+g}%"
        )
    detail = [ratio.method.replace("_", " ")]
    if ratio.method != "fixed":
        detail.append(f"{ratio.lookback} bars")
    return f"{', '.join(hedge.instruments)} ({', '.join(detail)})"


def _moment(value: object) -> str:
    """Write when a position is taken: bars from day 0, or a state."""
    if isinstance(value, int):
        return f"bar {value}".replace("-", "\N{MINUS SIGN}")
    return f"on a state up to bar {getattr(value, 'at_most', 0)}"


def _held(inside: float, outside: float) -> str:
    """Say how much of the book is held within episodes and outside of them."""
    if inside == outside == 1.0:
        return "held throughout"
    if outside == 0.0:
        return f"held around events only{'' if inside == 1.0 else f', {inside:g} times'}"
    if inside == 0.0:
        return (
            f"left around events{'' if outside == 1.0 else f', held {outside:g} times otherwise'}"
        )
    return f"held {inside:g} times around events, {outside:g} times otherwise"


def _costs(result: Backtest) -> str:
    costs = result.strategy.costs
    said = [f"fee {costs.fee_bps:g} bp", f"slippage {costs.slippage_bps:g} bp"]
    if (result.events["borrow"] != 0).any():
        said.append(f"borrow {costs.borrow_bps_per_year:g} bp a year")
    if (result.events["funding"] != 0).any():
        said.append("funding of perpetuals")
    said += [f"others for {name}" for name in costs.by_symbol]
    rate = costs.interest
    earned = f"{100 * rate:g}% a year" if isinstance(rate, float) else f"{rate} on cash and debt"
    return ", ".join([*said, f"interest {earned}" if rate else "no interest"])


def _placebo(result: Backtest) -> str:
    draws = result.placebo["draws"].max() if len(result.placebo) else 0
    return f"{integer(draws)} draws, seed {result.seed}" if draws else ""


def _folds(pieces: tuple[Piece, ...]) -> Context:
    """Return the open tables, and the others by the summary that they are folded under."""
    folded: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.folded:
            folded.setdefault(piece.folded, []).append(piece)
    return {"open": [piece for piece in pieces if not piece.folded], "folded": folded}
