"""Sections of a strategy file that are right, to be put together or spoilt."""

from __future__ import annotations

NAME = "strategies/mine.yaml"
HEAD = """\
strategy: mine
title: Mine
events: [oracle-earnings]
"""
BOOK = "book: {BTC: 1.0}\n"
OUT = "exposure: {inside: 0.0}\n"
WHEN = "when: {enter: -2, exit: 5}\n"
OLS = "hedge: {instruments: [QQQ], ratio: {method: ols}}\n"
PUT = "hedge: {instruments: [BTC], ratio: {method: put}, put: {expiry: 30}}\n"

FOMC = """\
event: fomc
title: Statements
kind: central_bank
defaults: {zone: America/New_York}
occurrences:
  - {id: a, announced_at: "2025-09-17 14:00", tags: [scheduled, cut]}
  - {id: b, announced_at: "2025-10-29 14:00", tags: [unscheduled, hold]}
"""
SHOCK = """\
event: shocks
title: Shocks
kind: shock
defaults: {zone: UTC, precision: date}
occurrences:
  - {id: ftx, announced_at: 2022-11-08, tags: [exchange-failure]}
"""
