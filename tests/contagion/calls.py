"""One call of every public function of frames, and what their results hold."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from eventlab import contagion

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS: Final = 260
NAMES: Final = tuple("ABCDEFGH")
DAY: Final = 86_400

VARS = {
    "frequency_spillover",
    "quantile_spillover",
    "rolling_spillover",
    "spillover",
    "spillover_change",
    "tvp_spillover",
}


class Call(NamedTuple):
    """A function of a frame and options, and a frame that it takes."""

    run: Callable[..., Any]
    frame: pd.DataFrame


def returns(n: int = 4, seed: int = 1) -> pd.DataFrame:
    """(ROWS, n) t6 returns with a common part."""
    rng = np.random.default_rng(seed)
    values = 0.01 * rng.standard_t(6, (ROWS, n))
    values[:, 1:] += 0.5 * values[:, :1]
    index = pd.bdate_range("2024-01-01", periods=ROWS)
    return pd.DataFrame(values, index=index, columns=list(NAMES[:n]))


def _halves(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return frame[: len(frame) // 2], frame[len(frame) // 2 :]


def _buckets(**options: Any) -> dict[str, Any]:
    return {"top": list("ABCD"), "rest": list("EFGH")} | options


def _chain(frame: pd.DataFrame, **options: Any) -> object:
    rows = frame.index
    chosen = {"links": ["A", "B", "C"], "news": rows[-20], "placebo": rows[20:-60]} | options
    return contagion.chain_order({name: frame[name] for name in frame.columns}, **chosen)


def _volatility(frame: pd.DataFrame, **options: Any) -> object:
    rows = frame.index
    chosen = {"source": "A", "calm": (rows[20], rows[-31]), "crisis": (rows[-20], rows[-1])}
    return contagion.volatility_contagion(frame, **(chosen | options))


FOUR: Final = returns()
EIGHT: Final = returns(8)
LOGS: Final = FOUR.cumsum()
PRICES: Final = LOGS.apply(np.exp) * 100.0
RANGES: Final = (FOUR.abs() + 0.002).apply(np.log)

CALLS: Final = {
    "absorption_ratio": Call(
        lambda f, **k: contagion.absorption_ratio(f, **({"window": 60} | k)), FOUR
    ),
    "asymmetric_beta": Call(lambda f, **k: contagion.asymmetric_beta(f["B"], f["A"], **k), FOUR),
    "bucket_change": Call(
        lambda f, **k: contagion.bucket_change(*_halves(f), **_buckets(**({"draws": 10} | k))),
        EIGHT,
    ),
    "bucket_correlations": Call(
        lambda f, **k: contagion.bucket_correlations(f, **_buckets(**k)), EIGHT
    ),
    "chain_order": Call(_chain, PRICES),
    "dcc": Call(lambda f, **k: contagion.dcc(f, **({"stderr": False} | k)), FOUR),
    "delta_covar": Call(
        lambda f, **k: contagion.delta_covar(f["B"], f["A"], **({"draws": 9} | k)), FOUR
    ),
    "downside_beta": Call(lambda f, **k: contagion.downside_beta(f["B"], f["A"], **k), FOUR),
    "exceedance_correlation": Call(
        lambda f, **k: contagion.exceedance_correlation(f["B"], f["A"], **({"draws": 20} | k)), FOUR
    ),
    "factor_betas": Call(lambda f, **k: contagion.factor_betas(f["B"], f[["A", "C"]], **k), FOUR),
    "frequency_spillover": Call(
        lambda f, **k: contagion.frequency_spillover(f, **({"lags": 1} | k)), FOUR
    ),
    "granger_network": Call(contagion.granger_network, FOUR),
    "gsadf": Call(lambda f, **k: contagion.gsadf(f["A"], **({"draws": 99} | k)), LOGS),
    "hayashi_yoshida": Call(lambda f, **k: contagion.hayashi_yoshida(f["A"], f["B"], **k), LOGS),
    "lead_lag": Call(
        lambda f, **k: contagion.lead_lag(f["A"], f["B"], **({"lags": (-DAY, 0, DAY)} | k)), LOGS
    ),
    "mediated_share": Call(
        lambda f, **k: contagion.mediated_share(f["A"], f["B"], f["C"], **({"draws": 50} | k)),
        FOUR,
    ),
    "quantile_spillover": Call(
        lambda f, **k: contagion.quantile_spillover(f, **({"quantile": 0.2} | k)), FOUR
    ),
    "range_volatility": Call(lambda f, **k: contagion.range_volatility(1.01 * f, f, **k), PRICES),
    "rolling_spillover": Call(
        lambda f, **k: contagion.rolling_spillover(f, **({"lags": 1} | k)), FOUR
    ),
    "sadf": Call(lambda f, **k: contagion.sadf(f["A"], **({"draws": 99} | k)), LOGS),
    "spillover": Call(lambda f, **k: contagion.spillover(f, **({"lags": 1} | k)), FOUR),
    "spillover_change": Call(
        lambda f, **k: contagion.spillover_change(*_halves(f), **({"draws": 40} | k)), FOUR
    ),
    "tail_dependence": Call(lambda f, **k: contagion.tail_dependence(f["B"], f["A"], **k), FOUR),
    "tvp_spillover": Call(
        lambda f, **k: contagion.tvp_spillover(f, **({"prior_rows": 100} | k)), FOUR
    ),
    "volatility_contagion": Call(_volatility, RANGES),
}
CALLS["correlation_tests"] = Call(
    lambda f, **k: contagion.correlation_tests(*_halves(f), **({"source": "A", "target": "B"} | k)),
    FOUR,
)
CALLS["rolling_correlation"] = Call(
    lambda f, **k: contagion.rolling_correlation(f, **({"window": 60} | k)), FOUR
)


def reasons(result: Any) -> str:
    """Every reason that a result gives."""
    if isinstance(result, pd.DataFrame):
        return " ".join(map(str, result["note"])) if "note" in result else ""
    words = str(getattr(result, "note", ""))
    for field in ("table", "reasons", "moves"):
        table = getattr(result, field, None)
        if isinstance(table, pd.Series):
            words += " ".join(map(str, table))
        elif isinstance(table, pd.DataFrame):
            held = table.get("note", table)
            words += " ".join(held.astype(str).to_numpy().ravel())
    return words + " ".join(getattr(result, "left_out", {}).values())


def numbers(result: Any) -> list[float]:
    """Every number of a result, in order."""
    if isinstance(result, pd.DataFrame | pd.Series):
        frame = result.to_frame() if isinstance(result, pd.Series) else result
        return frame.select_dtypes("number").to_numpy(float).ravel().tolist()
    if isinstance(result, dict):
        return [number for each in result.values() for number in numbers(each)]
    if isinstance(result, np.ndarray):
        return result.astype(float).ravel().tolist() if result.dtype.kind in "fiub" else []
    if dataclasses.is_dataclass(result):
        held = (getattr(result, field.name) for field in dataclasses.fields(result))
        return [number for each in held for number in numbers(each)]
    return [float(result)] if isinstance(result, float) else []
