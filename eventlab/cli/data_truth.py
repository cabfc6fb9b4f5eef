"""``eventlab data truth``: what the simulated market knows and an estimate can be held against."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab import __version__
from eventlab.cli.load import open_workspace
from eventlab.cli.messages import print_json
from eventlab.cli.options import JsonOption, SeedOption, WorkspaceOption
from eventlab.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from eventlab.market.simulated_crises import Crisis
    from eventlab.market.types import Market

__all__ = ["truth"]


def truth(
    *,
    directory: WorkspaceOption = Path(),
    as_json: JsonOption = False,
    seed: SeedOption = None,
) -> None:
    """Print the true betas, effects and crises of the simulated market."""
    from eventlab.market.simulated import contagion_truth, simulated_market

    workspace, problems = open_workspace(directory, calendars=False)
    if problems and not workspace.events:
        raise UsageError("the workspace has no sound event; eventlab validate lists its problems")
    events = tuple(workspace.events.values())
    chosen = workspace.settings.seed if seed is None else seed
    market = simulated_market(None, workspace.symbols, events, chosen)
    crises = contagion_truth(events, chosen)
    assert market.truth is not None  # noqa: S101 - the simulation always has one
    if as_json:
        _print_json(market, crises, market.truth, chosen)
    else:
        _print_tables(crises, market.truth)


def _betas(effects: "pd.DataFrame") -> "dict[str, float]":
    betas = effects.drop_duplicates("symbol").set_index("symbol")["beta"]
    return {str(symbol): float(beta) for symbol, beta in betas.items()}


def _print_json(
    market: "Market", crises: "tuple[Crisis, ...]", effects: "pd.DataFrame", seed: int
) -> None:
    document = {
        "schema": "eventlab.truth/1",
        "eventlab": __version__,
        "data": asdict(market.stamp),
        "seed": seed,
        "command": "data truth",
        "betas": _betas(effects),
        "crises": [
            {**asdict(one), "start": _day(one.start), "end": _day(one.end)} for one in crises
        ],
        "effects": [
            {**row, "instant": _instant(row["instant"])}
            for row in effects.drop(columns="beta").to_dict("records")
        ],
    }
    print_json(document)


def _print_tables(crises: "tuple[Crisis, ...]", effects: "pd.DataFrame") -> None:
    from rich.table import Table

    from eventlab.report.terminal import safe_console

    console = safe_console(sys.stdout)
    console.print("SIMULATED: nothing here happened. True betas against SPY:", style="bold")
    line = ", ".join(f"{symbol} {beta:.2f}" for symbol, beta in _betas(effects).items())
    console.print(line, highlight=False)
    console.print(
        "Crises: what the volatility of stocks and of crypto is multiplied by, and what is added "
        "to crypto's loading on tech. Without the last, correlations rise but nothing travels."
    )
    table = Table(box=None)
    table.add_column("crisis", overflow="fold")
    for name in ("from", "to", "kind"):
        table.add_column(name, no_wrap=True)
    for name in ("stocks", "crypto", "loading"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in crises:
        rises = (one.equity_volatility, one.crypto_volatility, one.tech_to_crypto)
        days = (_day(one.start), _day(one.end))
        table.add_row(one.name, *days, one.kind, *(f"{value:.2f}" for value in rises))
    console.print(table)
    moved = int((effects["abnormal_return"] != 0.0).sum())
    console.print(
        f"{len(effects):,} effects of news on symbols are known, {moved:,} of them not zero; "
        "--json lists them, and a study on sample prints them beside its estimates."
    )


def _instant(nanoseconds: int) -> str:
    import numpy as np

    return f"{np.datetime64(nanoseconds, 'ns').astype('datetime64[s]')}Z"


def _day(nanoseconds: int) -> str:
    return _instant(nanoseconds)[:10]
