"""The model, its regressors and the rule for overlaps as options of the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ErrorsOption",
    "FactorOption",
    "LagsOption",
    "ModelOption",
    "OverlapsOption",
    "VolatilityOption",
    "given_options",
]

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Normal-return model: market_model, market_adjusted, constant_mean, "
        "scholes_williams, dimson, factor_model or garch_market_model.",
    ),
]
FactorOption = Annotated[
    list[str] | None,
    typer.Option(
        "--factor",
        metavar="SYMBOL",
        help="A regressor of factor_model, after the benchmark if there is one; repeatable.",
    ),
]
LagsOption = Annotated[
    int | None, typer.Option("--lags", metavar="N", help="With dimson: bars before and after.")
]
VolatilityOption = Annotated[
    str | None,
    typer.Option(
        "--volatility", metavar="FORM", help="With garch_market_model: garch, gjr or egarch."
    ),
]
ErrorsOption = Annotated[
    str | None,
    typer.Option("--errors", metavar="LAW", help="With garch_market_model: normal or t."),
]
OverlapsOption = Annotated[
    str | None,
    typer.Option(
        "--overlaps",
        metavar="RULE",
        help="Other events in the windows: flag, exclude or control.",
    ),
]


def given_options(
    factors: "Sequence[str] | None",
    lags: int | None,
    volatility: str | None,
    errors: str | None,
    overlaps: str | None,
) -> dict[str, object]:
    """Return the fields of a study that the options replace; an option left out replaces none."""
    said = {"lags": lags, "volatility": volatility, "errors": errors, "overlaps": overlaps}
    fields: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    return fields | ({"factors": tuple(factors)} if factors else {})
