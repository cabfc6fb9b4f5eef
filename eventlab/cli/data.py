"""``eventlab data``: which prices there are, what was understood of them, and what is wrong."""
# ruff: noqa: PLC0415 - heavy packages are imported by the command that needs them

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventlab import __version__
from eventlab.cli.data_truth import truth
from eventlab.cli.messages import print_json, print_line, say
from eventlab.cli.options import JsonOption, QuietOption, WorkspaceOption
from eventlab.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventlab.market.types import Market, PriceSeries, QualityIssue

__all__ = ["app"]

SCHEMA = "eventlab.data/1"
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="sample, arch, or a file or folder of prices.")
]
SymbolsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="Only these symbols.")
]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Prices: which there are, what was understood of them, and what is wrong with them.",
)


app.command("truth")(truth)


@app.command("list")
def list_sources(*, as_json: JsonOption = False) -> None:
    """List the sources that need no file, and what they hold."""
    from eventlab.market.sources import BUILT_IN

    if as_json:
        sources = [{"source": name, "holds": text} for name, text in BUILT_IN.items()]
        print_json({**_head("list"), "sources": sources}, indent=2)
        return
    width = max(len(name) for name in BUILT_IN)
    for name, text in BUILT_IN.items():
        print_line(f"{name:<{width}}  {text}")
    print_line(f"{'PATH':<{width}}  a file or folder of Parquet or CSV: eventlab data show PATH")


@app.command("show")
def show(
    source: SourceArgument,
    symbols: SymbolsArgument = None,
    *,
    directory: WorkspaceOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say what each file was taken for, and list the symbols with their spans and calendars."""
    market = _load(source, symbols, directory, quiet=quiet)
    missing = _missing(market, symbols)
    if as_json:
        document = {
            **_head("show", market),
            "understood": list(market.understood),
            "symbols": [_series_row(series) for series in _every(market)],
            "refused": dict(market.refused),
            "missing": missing,
        }
        print_json(document, indent=2)
    else:
        for line in market.understood:
            print_line(line)
        _print_table(market)
        for symbol, reason in market.refused.items():
            print_line(f"refused {symbol}: {reason}")
        for reason in missing.values():
            say(reason)
    if missing:
        raise typer.Exit(DataError.exit_code)


@app.command("verify")
def verify(
    source: SourceArgument,
    symbols: SymbolsArgument = None,
    *,
    directory: WorkspaceOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run every quality check over every symbol; exit code 3 where anything is refused."""
    from eventlab.market.audit import audit
    from eventlab.market.sources import BUILT_IN

    market = _load(source, symbols, directory, quiet=quiet)
    missing = _missing(market, symbols)
    if source in BUILT_IN:  # files are checked as they are read
        market = replace(market, issues=audit(market))
    refused = bool(market.refused) or any(one.severity == "refused" for one in market.issues)
    if as_json:
        document = {
            **_head("verify", market),
            "understood": list(market.understood),
            "refused": dict(market.refused),
            "missing": missing,
            "issues": [_issue_row(issue) for issue in market.issues],
        }
        print_json(document, indent=2)
    else:
        _print_issues(market)
        for reason in missing.values():
            say(reason)
    if refused or missing:
        raise typer.Exit(DataError.exit_code)


def _load(
    source: str, symbols: "Sequence[str] | None", directory: Path, *, quiet: bool
) -> "Market":
    """Load everything asked for; without a workspace, calendars come from the files alone."""
    from eventlab.cli.load import open_workspace
    from eventlab.market.sources import load_market

    try:
        workspace, problems = open_workspace(directory, calendars=False)
    except UsageError as error:
        if directory != Path():
            raise
        say(f"{error}; calendars come from the files alone", quiet=quiet)
        return load_market(source, symbols or None, {})
    if problems:
        say(
            f"the workspace has {len(problems)} problems: eventlab validate lists them", quiet=quiet
        )
    events, settings = tuple(workspace.events.values()), workspace.settings
    return load_market(
        source, symbols or None, workspace.symbols, events, settings.seed, settings.bar_stamp
    )


def _missing(market: "Market", symbols: "Sequence[str] | None") -> dict[str, str]:
    from eventlab.market.sources import missing_symbol_reason

    held = {*market.symbols, *market.refused}
    return {
        symbol: missing_symbol_reason(market, symbol)
        for symbol in symbols or ()
        if symbol not in held
    }


def _every(market: "Market") -> "list[PriceSeries]":
    both = (market.daily, market.intraday)
    return [held[symbol] for symbol in market.symbols for held in both if symbol in held]


def _head(name: str, market: "Market | None" = None) -> dict[str, object]:
    head: dict[str, object] = {"schema": SCHEMA, "eventlab": __version__}
    if market is not None:
        head["data"] = asdict(market.stamp)
    return {**head, "command": f"data {name}"}


def _series_row(series: "PriceSeries") -> dict[str, object]:
    import numpy as np

    there = int(np.count_nonzero(~np.isnan(series.prices)))
    return {
        "symbol": series.symbol,
        "frequency": series.frequency,
        "bar_minutes": series.bar_minutes,
        "kind": series.kind,
        "calendar": series.calendar,
        "first": str(series.sessions[0]) if len(series.sessions) else None,
        "last": str(series.sessions[-1]) if len(series.sessions) else None,
        "bars": len(series.closes),
        "missing": len(series.closes) - there,
        "origin": series.origin,
    }


def _issue_row(issue: "QualityIssue") -> dict[str, object]:
    return {
        "symbol": issue.symbol,
        "check": issue.check,
        "severity": issue.severity,
        "first": issue.first,
        "last": issue.last,
        "count": issue.count,
        "detail": issue.detail,
    }


def _print_table(market: "Market") -> None:
    from rich.table import Table

    from eventlab.report.terminal import safe_console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("symbol", "bars of", "kind", "calendar", "first", "last", "bars"):
        table.add_column(name, justify="right" if "bars" in name else "left", no_wrap=True)
    table.add_column("from", overflow="fold")
    for series in _every(market):
        row = _series_row(series)
        width = "day" if series.frequency == "daily" else f"{series.bar_minutes} min"
        cells = [series.symbol, width, series.kind, series.calendar, row["first"], row["last"]]
        table.add_row(*(str(cell) for cell in cells), f"{len(series.closes):,}", series.origin)
    safe_console(sys.stdout).print(table)


def _print_issues(market: "Market") -> None:
    order = {"refused": 0, "warning": 1, "note": 2}
    for issue in sorted(market.issues, key=lambda one: (order[one.severity], one.symbol)):
        span = issue.first if issue.first == issue.last else f"{issue.first} to {issue.last}"
        print_line(
            f"{issue.severity:<7}  {issue.symbol:<9} {issue.check:<12} {span}: {issue.detail}"
        )
    said = {one.symbol for one in market.issues if one.severity == "refused"}
    for symbol in sorted(set(market.refused) - said):
        print_line(f"refused  {symbol:<9} {market.refused[symbol]}")
    counts = [
        f"{sum(one.severity == severity for one in market.issues)} {plural}"
        for severity, plural in (("warning", "warnings"), ("note", "notes"))
    ]
    print_line(
        f"{len(market.symbols)} symbols usable, {len(market.refused)} refused, {', '.join(counts)}"
    )
