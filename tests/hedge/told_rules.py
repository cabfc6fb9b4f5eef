"""A strategy for every rule that a definition can say, each on the same small random market."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from tests.hedge.worlds import World, random_world

SHORT = {"lookback": 20}


def hedge(method: str, *instruments: str, **options: Any) -> dict[str, Any]:
    short = {} if method in {"fixed", "put"} else SHORT
    return {
        "instruments": instruments or ("QQQ",),
        "ratio": {"method": method, **short, **options},
    }


EASING = {"easing": "fed", "falling": "QQQ", "bars": 3, "after": 0, "at_most": 15}
CALM = {"volatility_below": 0.4, "bars": 6, "after": 0, "at_most": 9}
CHEAP = {"funding_below": 3e-5, "bars": 2, "after": -2, "at_most": 5}
PERPETUAL = {"funding": "perpetual", "interest": "DGS2"}
ALL: dict[str, dict[str, Any]] = {
    "fixed": {"hedge": hedge("fixed", value=0.7), "missing": "raise"},
    "fixed, several, closed": {
        "hedge": hedge("fixed", "QQQ", "LSEG", value=0.7),
        "when": {"enter": -2, "exit": 4, "rebalance": "daily"},
    },
    "fixed, brought forward": {
        "hedge": hedge("fixed", "QQQ", "LSEG", value=0.7),
        "when_closed": "previous_close",
        "when": {"enter": -2, "exit": 3, "fill": "open"},
    },
    "ols": {"hedge": hedge("ols"), "when": {"enter": -2, "exit": 4, "rebalance": "weekly"}},
    "ols, brought forward": {
        "hedge": hedge("ols", "QQQ", "LSEG"),
        "when_closed": "previous_close",
        "when": {"enter": -3, "exit": 5},
    },
    "ols, cancelled": {
        "hedge": hedge("ols"),
        "when_closed": "cancel",
        "when": {"enter": -3, "exit": 5, "rebalance": "daily", "fill": "open"},
    },
    "ewma": {
        "hedge": hedge("ewma", half_life=8),
        "clock": "XNYS",
        "when": {"enter": -1, "exit": 3, "fill": "open", "rebalance": "daily"},
    },
    "ridge": {
        "hedge": hedge("ridge", "QQQ", "NVDA", penalty=0.3),
        "clock": "XNYS",
        "costs": PERPETUAL,
    },
    "kalman": {"hedge": hedge("kalman", "QQQ", "NVDA"), "clock": "XNYS"},
    "kalman, given noise": {"hedge": hedge("kalman", state_noise=0.05)},
    "dcc": {"hedge": hedge("dcc", lookback=100), "clock": "XNYS"},
    "min_es": {"hedge": hedge("min_es", level=0.1), "limits": {"stop": 0.01}},
    "downside_beta": {"hedge": hedge("downside_beta"), "limits": {"gross": 1.2}},
    "put": {"hedge": hedge("put", "BTC"), "when": {"enter": -1, "exit": 5}},
    "put on another, at opens": {
        "hedge": {**hedge("put", "QQQ", value=0.5), "put": {"expiry": 10, "lookback": 15}},
        "clock": "XNYS",
        "when": {"enter": -1, "exit": 5, "fill": "open"},
        "costs": {"interest": "DGS2"},
    },
    "state to leave": {
        "hedge": hedge("ols"),
        "costs": PERPETUAL,
        "when": {"enter": 0, "exit": EASING, "rebalance": "daily"},
    },
    "state to enter": {"hedge": hedge("ols"), "when": {"enter": CHEAP, "exit": CALM}},
    "signal to follow": {
        "hedge": None,
        "book": {"@issuer": 1.0},
        "exposure": {"inside": 0.8, "outside": 0.0},
        "signal": {"symbol": "@issuer", "take": "follow"},
        "when": {"enter": 1, "exit": 4, "fill": "open"},
        "limits": {"stop": 0.02},
    },
    "signal to fade": {
        "hedge": None,
        "book": {"ETH": 1.0, "QQQ": -0.5},
        "exposure": {"inside": 0.8, "outside": 0.3},
        "signal": {"symbol": "NVDA", "bars": (-1, 1), "take": "fade", "below": -0.005},
        "when": {"enter": 2, "exit": 6},
        "clock": "XNYS",
    },
    "scale": {
        "hedge": hedge("ols"),
        "book": {"@tokens": 1.0},
        "scale": {"volatility": 0.15, "half_life": 10, "cap": 2.0},
        "when": {"enter": -1, "exit": 30, "rebalance": "weekly"},
    },
    "group hedged with a group": {
        "hedge": hedge("ols", "@techs"),
        "book": {"@tokens": 1.0},
        "when": {"enter": -1, "exit": 30},
        "limits": {"stop": 0.03, "maintenance": 0.3},
        "costs": {"impact": 0.5, "interest": 0.04, "borrow_bps_per_year": 300},
    },
    "gate, rising and dear": {
        "hedge": {**hedge("ols", "@techs", cap=0.8)},
        "book": {"BTC": 1.0, "ETH": 0.3},
        "exposure": {"inside": 1.0, "outside": 0.5, "reset": "none"},
        "signal": {"symbol": "QQQ", "bars": (-1, 0), "take": "gate", "below": -0.001,
                   "above": 0.001},
        "when": {"enter": 1, "exit": {"rising": "NVDA", "volatility_above": 0.1, "symbol": "ETH",
                                      "bars": 4, "after": 2, "at_most": 9}},
        "costs": {"funding": "perpetual", "perpetuals": ["BTC"], "impact": 2.0,
                  "by_symbol": {"@techs": {"fee_bps": 2, "slippage_bps": 9,
                                           "borrow_bps_per_year": 400}}},
        "tags": ["beat"],
    },
    "paid, then a dear put": {
        "hedge": {**hedge("put", "BTC"),
                  "put": {"moneyness": 1.02, "expiry": 12, "lookback": 20, "premium": 0.4,
                          "fee_bps": 60, "slippage_bps": 90}},
        "when": {"enter": {"funding_above": -1e-5, "bars": 3, "after": -3, "at_most": 2},
                 "exit": 6},
        "since": "2025-05-01",
        "until": "2025-10-15",
    },
}  # fmt: skip


@cache
def world_of(name: str) -> World:
    """The small world of one of them, with volumes, which tell what an order moves."""
    held = random_world(5, **{"missing": "roll", **ALL[name]})
    random = np.random.default_rng(6)
    traded = {
        symbol: replace(one, volume=random.lognormal(5, 1, len(one.prices)))
        for symbol, one in held.market.daily.items()
    }
    return replace(held, market=replace(held.market, daily=traded))
