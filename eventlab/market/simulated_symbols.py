"""What each symbol of the simulated market is like: loadings, noise and first day.

The ranges are round numbers of the size seen in the market; they are no estimates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from eventlab.market.simulated_grid import FIRST_DAY, stream

if TYPE_CHECKING:
    from eventlab.definitions.universe import SymbolInfo

__all__ = ["DAILY_VOLATILITY", "FACTORS", "SymbolModel", "first_days", "symbol_model"]

Behaviour = Literal["price", "level", "rate", "volatility index"]
FACTORS = ("market", "tech", "crypto", "ai_tokens", "rates", "contagion")
DAILY_VOLATILITY = {
    "market": 0.010,
    "tech": 0.009,
    "crypto": 0.026,
    "ai_tokens": 0.025,
    "rates": 0.005,
}


# Loadings on the factors in their order, daily noise, and the first price (or a level's mean): one
# number, or a range from which the symbol's own stream draws (the price on a log scale). SPY is the
# market factor itself, because betas are against it. The last column is what crises add.
_TABLE = """
symbol          market    tech      crypto    ai_tokens rates     contagion noise        price
SPY             1         0         0         0         0         0         0            205
^GSPC           1         0         0         0         0         0         0.0002       2058
QQQ             1.1       0.7       0         0         0         0         0.002        103
^IXIC           1.08      0.65      0         0         0         0         0.002        4727
DIA             0.92      -0.1      0         0         0         0         0.002        178
IWM             1.12      0         0         0         0         0         0.006        119
XLK             1.12      0.75      0         0         0         0         0.002        41
IGV             1.1       0.8       0         0         0         0         0.005        92
SMH             1.35      1.4       0         0         0         0         0.006        54
SOXX            1.35      1.4       0         0         0         0         0.006        92
SOXL            4.05      4.2       0         0         0         0         0.018        12
VIXY            -3        0         0         0         0         0         0.022        400
HYG             0.4       0         0         0         -0.2      0         0.0015       90
LQD             0.1       0         0         0         -0.7      0         0.0015       119
TLT             -0.1      0         0         0         -1.5      0         0.004        127
GLD             0         0         0         0         -0.8      0         0.007        114
UUP             -0.05     0         0         0         0.8       0         0.001        24
DX-Y.NYB        -0.05     0         0         0         0.8       0         0.001        91
DGS10           0.1       0         0         0         3         0         0.006        2.8
DGS2            0.1       0         0         0         2.5       0         0.008        2.3
HY_OAS          -1.5      0         0         0         0         0         0.010        4.2
^VIX            0         0         0         0         0         0         0.02         15
BTC-FUNDING     0         0         0.2       0         0         0         0.006        0.0001
ETH-FUNDING     0         0         0.2       0         0         0         0.007        0.0001
BTC             0.9       0.5       1         0         0         1         0.002        315
IBIT            0.9       0.5       1         0         0         1         0.002        27
FBTC            0.9       0.5       1         0         0         1         0.002        41
ETH             1.05      0.6       1.15      0         0         1.1       0.018        320
ETHA            1.05      0.6       1.15      0         0         1.1       0.018        26
stock           0.7..1.3  -0.2..0.3 0         0         0         0         0.010..0.020 20..300
big_tech        1.0..1.3  0.5..0.9  0         0         -0.2..0   0         0.009..0.015 40..300
ai_stocks       1.0..1.7  0.8..1.6  0         0         -0.3..0   0         0.013..0.024 10..200
miners          1.2..1.8  0.4..1.0  0.8..1.2  0         0         0.2..0.5  0.028..0.038 4..30
crypto_equities 1.2..1.6  0.5..0.9  0.8..1.1  0         0         0.2..0.5  0.020..0.028 50..250
core_l1         0.9..1.2  0.5..0.8  0.9..1.3  0         0         0.8..1.2  0.016..0.030 0.3..60
altcoin         0.9..1.3  0.5..1.0  1.0..1.5  0         0         0.6..1.2  0.025..0.045 0.05..20
ai_tokens       0.9..1.3  0.8..1.4  1.0..1.4  0.8..1.2  0         1.0..1.5  0.025..0.045 0.1..15
level           0         0         0         0         0         0         0.006..0.010 1..5
"""

_GROUPS: dict[str, str] = {
    "ai_stocks": "NVDA AMD AVGO TSM MU MRVL ARM INTC SMCI DELL ORCL PLTR CRWV NBIS",
    "big_tech": "AAPL MSFT GOOGL AMZN META TSLA",
    "miners": "MARA RIOT CLSK CIFR CORZ HUT IREN WULF BTDR",
    "crypto_equities": "COIN MSTR",
    "core_l1": "XRP BNB SOL TRX ADA BCH XLM LTC AVAX SUI HBAR DOT APT ATOM SEI TIA",
    "ai_tokens": "TAO NEAR ICP FET RENDER WLD GRT VIRTUAL AKT LPT ATH IO GRASS KAITO ARKM AIOZ NMR "
    "PHA AIXBT",
}
_FALLBACKS = frozenset(("stock", "altcoin", "level", *_GROUPS))

# First days that are not the span's. Tokens are listed about when they were, except that ATH comes
# forty days before Oracle's report of 2025-12-10: too short a history has to be part of a sample.
_LISTED = """
RIOT 2016-03-31, DELL 2016-08-17, CLSK 2016-11-16, BNB 2017-11-06, ETH 2017-11-09,
BCH 2017-12-01, LTC 2017-12-13, HUT 2018-03-08, ADA 2018-04-17, XRP 2018-05-04, XLM 2018-05-31,
TRX 2018-06-11, LINK 2019-01-16, THETA 2019-02-20, FET 2019-02-28, ENJ 2019-03-06,
ZEC 2019-03-21, ATOM 2019-04-29, IOTX 2019-05-24, DOGE 2019-07-05, HBAR 2019-09-29,
STX 2019-10-25, MANA 2020-08-06, SOL 2020-08-11, SAND 2020-08-14, CRV 2020-08-15,
DOT 2020-08-18, UNI 2020-09-17, AVAX 2020-09-22, HNT 2020-09-30, PLTR 2020-09-30,
NEAR 2020-10-14, AAVE 2020-10-15, FIL 2020-10-15, CIFR 2020-10-20, INJ 2020-10-21,
AXS 2020-11-04, NMR 2020-11-12, STORJ 2020-11-12, GRT 2020-12-17, AKT 2021-03-15,
COIN 2021-04-14, SHIB 2021-05-10, ICP 2021-05-11, AR 2021-05-14, LPT 2021-05-28, PHA 2021-06-07,
BTDR 2021-07-28, GALA 2021-09-13, IMX 2021-11-11, IREN 2021-11-17, RENDER 2021-11-27,
LDO 2022-05-10, OP 2022-06-01, APT 2022-10-19, ARB 2023-03-23, SUI 2023-05-03, PEPE 2023-05-05,
FLOKI 2023-05-06, ARKM 2023-07-18, WLD 2023-07-24, SEI 2023-08-15, ARM 2023-09-14,
MNT 2023-10-02, TIA 2023-10-31, BONK 2023-12-15, IBIT 2024-01-11, FBTC 2024-01-11,
CORZ 2024-01-24, RONIN 2024-02-05, STRK 2024-02-20, WIF 2024-03-05, TAO 2024-04-11,
TURBO 2024-05-30, IO 2024-06-11, AIOZ 2024-06-13, ZK 2024-06-17, ETHA 2024-07-23,
POL 2024-09-13, NBIS 2024-10-21, GRASS 2024-11-08, VIRTUAL 2024-12-10, AIXBT 2024-12-20,
KAITO 2025-02-20, CRWV 2025-03-28, ATH 2025-10-31
"""


@dataclass(frozen=True, slots=True)
class SymbolModel:
    """The true parameters of one symbol.

    Attributes
    ----------
    loadings
        By factor, on simple returns; ``market`` is the true beta against SPY.
    noise
        Standard deviation of its own return over a session (or UTC day), in decimals.
    start
        First price, or the long-run mean of a level.
    """

    symbol: str
    behaviour: Behaviour
    loadings: dict[str, float]
    noise: float
    start: float
    listed: date

    @property
    def own_volatility(self) -> float:
        """Standard deviation per calm day of all that is not the market, in decimals."""
        factors = (
            DAILY_VOLATILITY[name] * self.loadings[name]
            for name in DAILY_VOLATILITY
            if name != "market"
        )
        return math.hypot(self.noise, *factors)

    @property
    def drift(self) -> float:
        """Mean return per session beyond the market's: half its own variance.

        A token with 6% a day and no drift would lose nine tenths within four years.
        """
        return 0.5 * self.own_volatility**2


def symbol_model(info: SymbolInfo, seed: int) -> SymbolModel:
    """Draw the parameters of a symbol from its own stream, inside its row's ranges."""
    row = _table()[_row_of(info)]
    rng = stream(seed, "parameters", info.symbol)
    # Every column takes one draw, also where its range is a point.
    drawn = {name: _between(*row[name], share=rng.random()) for name in (*FACTORS, "noise")}
    low, high = row["price"]
    noise = drawn.pop("noise")
    return SymbolModel(
        symbol=info.symbol,
        behaviour=_behaviour(info),
        loadings=drawn,
        noise=noise,
        start=low * (high / low) ** rng.random(),
        listed=first_days().get(info.symbol, FIRST_DAY),
    )


def _row_of(info: SymbolInfo) -> str:
    """Row of the table; symbols that do not ship fall back on their kind and calendar."""
    if info.symbol in _table() and info.symbol not in _FALLBACKS:
        return info.symbol
    if info.kind == "level":
        return "level"
    if info.symbol in _groups():
        return _groups()[info.symbol]
    return "altcoin" if info.calendar == "24/7" else "stock"


def _behaviour(info: SymbolInfo) -> Behaviour:
    if info.symbol == "^VIX":
        return "volatility index"
    if info.kind == "level":
        return "rate" if info.symbol.endswith("-FUNDING") else "level"
    return "price"


def _between(low: float, high: float, *, share: float) -> float:
    return low + (high - low) * share


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, tuple[float, float]]]:
    header, *lines = (line.split() for line in _TABLE.strip().splitlines())
    return {line[0]: dict(zip(header[1:], map(_range, line[1:]), strict=True)) for line in lines}


def _range(cell: str) -> tuple[float, float]:
    low, _, high = cell.partition("..")
    return float(low), float(high or low)


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    return {symbol: group for group, line in _GROUPS.items() for symbol in line.split()}


@lru_cache(maxsize=1)
def first_days() -> dict[str, date]:
    """First day of each symbol that starts later than the span."""
    pairs = (entry.split() for entry in _LISTED.split(","))
    return {symbol: date.fromisoformat(day) for symbol, day in pairs}
