"""The tables of the link itself: conditional correlation, volatility, tails, who predicts whom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from eventlab.report.contagion.layout import (
    Column,
    Row,
    at,
    blank,
    count_of,
    lay_out,
    number,
    p_of,
    percents,
    rows_of,
    signed,
    words,
)
from eventlab.report.contagion.views import level_of, named
from eventlab.report.numbers import MISSING, integer, pvalue

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from eventlab.contagion.results import EventContagion
    from eventlab.report.views import View

__all__ = ["density", "dynamics", "network", "tails", "variances", "volatility"]

MODELS: Final = {"dcc": "DCC", "cdcc": "cDCC", "adcc": "ADCC"}
PERIODS: Final = {"calm": "before", "event": "during", "after": "after"}
TAILS: Final = {
    "delta_covar": "ΔCoVaR",
    "delta_covar_change": "its change",
    "downside_beta": "beta down",
    "upside_beta": "beta up",
    "downside_difference": "down less up",
    "asymmetry": "lambda",
    "exceedance_difference": "exceedance",
    "tail_dependence_lower": "worst days",
    "tail_dependence_upper": "best days",
}
IN_PERCENT: Final = ("delta_covar", "delta_covar_change")
VOLATILITY: Final = {
    "innovation_correlation": "correlation",
    "excess_volatility": "excess",
    "excess_over_link": "beyond link",
}
Cells = dict[str, Row]


def dynamics(result: EventContagion, occurrence: str, *, members: bool = False) -> View:
    """Lay out how conditional correlations and betas changed, in three models."""
    table = at(result.dcc_fits, occurrence)
    if len(table):
        table = table[table["model"].isin(MODELS)]
    cells = _cells(named(result, table, members=members) if len(table) else table, _place)
    rows = [{"target": target, **own} for target, own in cells.items()]
    level = level_of(result)
    columns = (
        Column("target", words("target"), numeric=False),
        *(_change(f"{model}.change", name, level) for model, name in MODELS.items()),
        _change("dcc.beta_change", "beta, DCC", level),
        *(_change(f"{model}.beta_change", f"beta, {MODELS[model]}", level, wide=True)
          for model in ("cdcc", "adcc")),
        Column("a", _fitted("dcc.a"), _error("dcc.a"), wide=True),
        Column("b", _fitted("dcc.b"), _error("dcc.b"), wide=True),
        Column("g, ADCC", _fitted("adcc.g"), _error("adcc.g"), wide=True),
        Column("note", _notes, numeric=False),
    )  # fmt: skip
    caption = (
        "Conditional correlation and beta, calm to crisis. Change of the mean of each path, below "
        "it the placebo p. DCC: Engle (2002); cDCC: corrected (Aielli 2013); ADCC: joint falls may "
        "count more, by g (Cappiello, Engle & Sheppard 2006); a: weight of the last bar, b: of "
        "the past, with standard errors. Fitted on bars before the event only"
    )
    short = "Conditional correlation and beta: members of groups."
    return lay_out(short if members else caption, rows, columns, file="contagion_dcc_fits.csv")


def _place(row: Row) -> str:
    return f"{row['model']}.{row['parameter']}"


def _cells(table: pd.DataFrame, place: Callable[[Row], str]) -> dict[str, Cells]:
    """Return by target the rows of its measures."""
    found: dict[str, Cells] = {}
    for row in rows_of(table):
        found.setdefault(row["target"], {})[place(row)] = row
    return found


def _change(key: str, name: str, level: float, *, wide: bool = False) -> Column:
    return Column(
        name,
        lambda row: signed(_of(row, key, "value")),
        lambda row: _p_below(row, key),
        loud=lambda row: _of(row, key, "placebo_pvalue") <= level,
        wide=wide,
    )


def _of(row: Row, key: str, name: str) -> float:
    found = row.get(key)
    return math.nan if found is None else float(found[name])


def _p_below(row: Row, key: str) -> str:
    shown = pvalue(_of(row, key, "placebo_pvalue"))
    return "" if shown == MISSING else f"p {shown}"


def _fitted(key: str) -> Callable[[Row], str]:
    return lambda row: number(_of(row, key, "value"), 3)


def _error(key: str) -> Callable[[Row], str]:
    def shown(row: Row) -> str:
        error = _of(row, key, "stderr")
        return f"({error:.3f})" if math.isfinite(error) else ""

    return shown


def _notes(row: Row) -> str:
    """Return what is said of every model, or of one with its name."""
    said: dict[str, list[str]] = {}
    for place, one in row.items():
        if isinstance(one, dict) and one["note"]:
            said.setdefault(str(one["note"]), []).append(MODELS.get(place.split(".")[0], ""))
    return (
        "; ".join(f"{'/'.join(dict.fromkeys(models))}: {note}" for note, models in said.items())
        or MISSING
    )


def variances(result: EventContagion, occurrence: str) -> View:
    """Lay out the variance of each series that conditional correlations rest on."""
    table = at(result.dcc_fits, occurrence)
    if len(table):
        table = table[table["model"] == "gjr"]
    rows = [
        {"target": name, **own} for name, own in _cells(table, lambda r: r["parameter"]).items()
    ]
    names = ("mu", "omega", "alpha", "gamma", "beta")
    columns = (
        Column("series", words("target"), numeric=False),
        *(Column(name, _parameter(name)) for name in names),
        Column("log-likelihood", lambda row: number(_of(row, "mu", "loglik"), 1)),
        Column("bars", lambda row: integer(_of(row, "mu", "n"))),
        Column("note", lambda row: next((r["note"] for r in _dicts(row) if r["note"]), MISSING),
               numeric=False),
    )  # fmt: skip
    caption = (
        "Variance of each series: GJR-GARCH with t errors. gamma: what a fall adds "
        "(Glosten, Jagannathan & Runkle 1993)"
    )
    return lay_out(caption, rows, columns, file="contagion_dcc_fits.csv")


def _parameter(name: str) -> Callable[[Row], str]:
    def shown(row: Row) -> str:
        value = _of(row, name, "value")
        return f"{value:.3g}".replace("-", "\N{MINUS SIGN}") if math.isfinite(value) else MISSING

    return shown


def _dicts(row: Row) -> list[dict[str, Any]]:
    return [one for one in row.values() if isinstance(one, dict)]


def volatility(result: EventContagion, occurrence: str, *, members: bool = False) -> View:
    """Lay out whether volatility itself travelled."""
    table = at(result.volatility, occurrence)
    if table.empty:
        return blank()
    table = named(result, table, members=members)
    rows: dict[tuple[str, str], Row] = {}
    for row in rows_of(table):
        own = rows.setdefault(
            (row["target"], row["measure"]), {"target": row["target"], "measure": row["measure"]}
        )
        own[row["test"]] = row
    level = level_of(result)
    columns = (
        Column("target", words("target"), numeric=False),
        Column("measured by", words("measure"), numeric=False),
        Column(
            "correlation",
            _from_to,
            lambda row: _p_below(row, "innovation_correlation"),
            loud=lambda row: _of(row, "innovation_correlation", "placebo_pvalue") <= level,
        ),
        *(_times(test, level) for test in ("excess_volatility", "excess_over_link")),
        Column("note", _first_note, numeric=False),
    )
    caption = (
        "Did volatility travel? Surprises in log volatility, against a model of the calm window "
        "(Corsi 2009). Correlation: of the surprises of source and target, calm to crisis; excess: "
        "the target's volatility over its forecast, 1.50: half as much again; beyond link: over "
        "what the calm link makes of the source's surprise. Below each the placebo p"
    )
    short = "Did volatility travel: members of groups."
    return lay_out(
        short if members else caption,
        list(rows.values()),
        columns,
        file="contagion_volatility.csv",
    )


def _from_to(row: Row) -> str:
    calm, crisis = (_of(row, "innovation_correlation", name) for name in ("calm", "crisis"))
    if not math.isfinite(crisis):
        return MISSING
    return f"{number(calm)} to {number(crisis)}"


def _times(test: str, level: float) -> Column:
    """Write a mean of logs as a factor."""
    return Column(
        VOLATILITY[test],
        lambda row: number(math.exp(_of(row, test, "crisis"))),
        lambda row: _p_below(row, test),
        loud=lambda row: _of(row, test, "placebo_pvalue") <= level,
    )


def _first_note(row: Row) -> str:
    return "; ".join(dict.fromkeys(one["note"] for one in _dicts(row) if one["note"])) or MISSING


def tails(result: EventContagion, occurrence: str, *, members: bool = False) -> View:
    """Lay out what happens in the tails: a row per target, a column per measure."""
    table = at(result.tails, occurrence)
    if table.empty:
        return blank()
    cells = _cells(named(result, table, members=members), lambda row: row["measure"])
    rows = [{"target": target, **own} for target, own in cells.items()]
    level = level_of(result)
    columns = (
        Column("target", words("target"), numeric=False),
        *(_tail(measure, level) for measure in TAILS),
        Column("bars", lambda row: integer(max((r["n"] for r in _dicts(row)), default=math.nan)),
               wide=True),
    )  # fmt: skip
    caption = (
        "Does the target fall more when the source falls? ΔCoVaR: what the target's 5% quantile "
        "loses where the source is at its own (Adrian & Brunnermeier 2016), and its change at the "
        "crisis; beta down and up: where the source is below and above its mean (Ang, Chen & Xing "
        "2006); lambda: what a fall adds to the slope; exceedance: correlation of joint falls less "
        "that of joint rises; worst and best days: the share of the source's 5% that is the "
        "target's too (0.05 by chance). Below each the placebo p: is this stretch unusual? Bold: "
        "zero (or chance) lies outside of the interval. Intervals and counts: contagion_tails.csv"
    )
    return lay_out(
        "Tails: members of groups." if members else caption,
        rows,
        columns,
        file="contagion_tails.csv",
    )


def _tail(measure: str, level: float) -> Column:
    def text(row: Row) -> str:
        value = _of(row, measure, "value")
        return percents(value) if measure in IN_PERCENT else number(value)

    def loud(row: Row) -> bool:
        return _of(row, measure, "pvalue") <= level

    wide = measure in {"delta_covar_change", "asymmetry", "tail_dependence_upper"}
    return Column(TAILS[measure], text, lambda row: _p_below(row, measure), loud=loud, wide=wide)


def density(result: EventContagion, occurrence: str) -> View:
    """Lay out how dense the network of leads is, period by period."""
    columns = (
        Column("period", lambda row: PERIODS[row["period"]], numeric=False),
        Column("window", words("window"), numeric=False),
        Column("series", count_of("n_series")),
        Column("bars", count_of("n_rows")),
        Column("pairs", count_of("pairs")),
        Column("arrows", count_of("edges")),
        Column("without adjusting", lambda row: percents(row["density"], 1).lstrip("+")),
        Column("placebo p", p_of("placebo_pvalue")),
        Column("note", words("note"), numeric=False),
    )
    caption = (
        "Who helps to predict whom (Granger causality). After Billio and others (2012). Arrows: "
        "ordered pairs that stand with all pairs accounted for; without adjusting: the share with "
        f"p below {level_of(result):g}, which is about what chance alone gives"
    )
    return lay_out(
        caption,
        at(result.network_density, occurrence),
        columns,
        file="contagion_network_density.csv",
    )


def network(result: EventContagion, occurrence: str) -> View:
    """Lay out every arrow of the network, period by period."""
    table = at(result.network, occurrence)
    if len(table):
        table = table[table["edge"]]
    columns = (
        Column("period", lambda row: PERIODS[row["period"]], numeric=False),
        Column("cause", words("cause"), numeric=False),
        Column("effect", words("effect"), numeric=False),
        Column("lags", count_of("lags")),
        Column("statistic", lambda row: number(row["statistic"])),
        Column("p", p_of("pvalue")),
        Column("all pairs", p_of("adjusted_pvalue")),
    )
    caption = "The arrows, with every pair of the period accounted for"
    return lay_out(caption, table, columns, file="contagion_network.csv")
