"""A small workspace on simulated prices whose titles try to be markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
EVENT = f"""\
event: oracle-earnings
title: '{HOSTILE} earnings'
description: '{HOSTILE}'
kind: earnings
issuer: ORCL
defaults: {{zone: America/New_York, precision: session, session: after_close, exchange: XNYS}}
occurrences:
  - {{id: q1, announced_at: "2024-09-09", tags: [beat]}}
  - {{id: q2, announced_at: "2024-12-09", tags: [miss]}}
  - {{id: q3, announced_at: "2025-03-10", tags: [beat]}}
  - {{id: q4, announced_at: "2025-06-11", tags: [beat]}}
  - {{id: q5, announced_at: "2025-09-09", tags: [miss]}}
  - {{id: q6, announced_at: "2025-12-10 16:05", precision: minute, title: '{HOSTILE} short'}}
study:
  assets: [ORCL, NVDA, BTC, "@hostile"]
  benchmark: SPY
  estimation_window: [-120, -11]
  placebo: {{draws: 200}}
contagion:
  source: ORCL
  targets: [NVDA, QQQ, BTC]
  calm_window: [-60, -6]
  crisis_window: [0, 10]
  intraday: {{bar: 60min}}
  chain: [ORCL, NVDA, BTC]
  regimes:
    betas: {{assets: [MARA], factors: [BTC, NVDA]}}
"""
OTHER = f"""\
event: rate-days
title: '{HOSTILE} rates'
kind: central_bank
occurrences:
  - {{id: "2025-06-18", announced_at: "2025-06-18 14:00", zone: America/New_York,
      title: '{HOSTILE} cut'}}
  - {{id: "2025-12-10", announced_at: "2025-12-10 14:00", zone: America/New_York}}
"""
STRATEGY = f"""\
strategy: oracle-hedge
title: '{HOSTILE} hedged'
description: '{HOSTILE}'
events: [oracle-earnings]
book: {{BTC: 1.0}}
hedge:
  instruments: [NVDA]
  ratio: {{lookback: 60, cap: 2.0}}
when: {{enter: -2, exit: 5}}
costs: {{fee_bps: 5, slippage_bps: 5}}
sweep: {{hedge.ratio.lookback: [30, 60], when.exit: [3, 5]}}
"""
UNIVERSE = f"""\
universe: hostile
title: '{HOSTILE} tokens'
symbols:
  BTC: {{title: '{HOSTILE} coin'}}
  ETH: {{title: Ether}}
"""
CLAIMS = f"""\
title: '{HOSTILE} said'
source: '{HOSTILE}'
claims:
  - id: together
    statement: '{HOSTILE} move together'
    measure: correlation
    symbols: [BTC, QQQ]
    window: 30 bars
    as_of: 2025-12-10
    published: 0.53
  - id: fell
    statement: Bitcoin fell by a fifth
    measure: return
    symbols: [BTC]
    window: ["2025-09-17", "2025-12-10"]
    published: -0.2
"""
STOCKS = """\
universe: stocks
title: Stocks
symbols: {ORCL: {}, NVDA: {}, MARA: {}, SPY: {}, QQQ: {}}
"""


def make_hostile(root: Path) -> Path:
    """Write the workspace and return its folder."""
    for name, text in {
        "events/oracle-earnings": EVENT,
        "events/rate-days": OTHER,
        "events/claims-said": CLAIMS,
        "strategies/oracle-hedge": STRATEGY,
        "universes/hostile": UNIVERSE,
        "universes/stocks": STOCKS,
    }.items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "eventlab.toml").write_text('title = "Pages"\ndata = "sample"\nseed = 7\n')
    return root
