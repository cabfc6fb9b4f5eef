"""Every mistake of a study, of contagion and of claims by itself: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

EVENT = "events/oracle-earnings.yaml"

Write = Callable[[str, str], object]
Edited = Callable[[str, str, str], list[str]]


STUDY_EDITS = {
    "window that runs backwards": (
        "event_window: [-5, 10]",
        "event_window: [10, -5]",
        ["18:17: study.event_window: [10, -5] runs backwards; write [-5, 10]"],
    ),
    "window without an end": (
        "event_window: [-5, 10]",
        "event_window: [-5]",
        [
            (
                "18:17: study.event_window: [-5] has too few entries: first and last bar, relative "
                "to the event session, with abnormal returns"
            )
        ],
    ),
    "window without bound": (
        "event_window: [-5, 10]",
        "event_window: [-5, 1000000]",
        ["18:22: study.event_window[1]: 1000000 is out of bounds; at most 10000"],
    ),
    "estimation inside the event window": (
        "estimation_window: [-250, -11]",
        "estimation_window: [-250, -5]",
        [
            (
                "17:22: study.estimation_window: [-250, -5] reaches into event_window [-5, 10]; "
                "end it at -6 or earlier"
            )
        ],
    ),
    "estimation too short": (
        "estimation_window: [-250, -11]",
        "estimation_window: [-69, -11]",
        [
            (
                "17:22: study.estimation_window: [-69, -11] has 59 bars, fewer than min_estimation "
                "60; lengthen it or lower min_estimation"
            )
        ],
    ),
    "too few rows for the model": (
        "model: market_model\n",
        "model: market_model\n  min_estimation: 6\n",
        [
            (
                "17:19: study.min_estimation: 6 is too few for market_model with 2 parameters; at "
                "least 7"
            )
        ],
    ),
    "car windows": (
        "car_windows: [[0, 0], [0, 1], [-1, 1], [0, 5]]",
        "car_windows: [[0, 0], [1, 0], [-6, 1], [0, 0]]",
        [
            "19:25: study.car_windows[1]: [1, 0] runs backwards; write [0, 1]",
            (
                "19:33: study.car_windows[2]: [-6, 1] reaches outside of event_window [-5, 10]; "
                "shorten it or widen event_window"
            ),
            "19:42: study.car_windows[3]: [0, 0] is listed twice; keep one",
        ],
    ),
    "factors without their model": (
        "model: market_model\n",
        "model: market_model\n  factors: [QQQ]\n",
        ["17:12: study.factors: factors go with model: factor_model, not market_model"],
    ),
    "model without its factors": (
        "model: market_model\n",
        "model: factor_model\n",
        ["12:1: study.factors: factor_model needs at least one factor, as in factors: [SMH, BTC]"],
    ),
    "options of another model": (
        "model: market_model\n",
        "model: market_model\n  lags: 2\n  volatility: gjr\n  errors: t\n",
        [
            "17:9: study.lags: lags go with model: dimson, not market_model",
            (
                "18:15: study.volatility: volatility goes with model: garch_market_model, not "
                "market_model"
            ),
            "19:11: study.errors: errors go with model: garch_market_model, not market_model",
        ],
    ),
    "values that no model has": (
        "model: market_model\n",
        "model: dimson\n  lags: 6\n  volatility: egrach\n",
        [
            "17:9: study.lags: 6 is out of bounds; at most 5",
            (
                "18:15: study.volatility: 'egrach' is not allowed; one of garch, gjr, egarch; did "
                "you mean 'egarch'?"
            ),
        ],
    ),
    "too few rows for the lags": (
        "model: market_model\n",
        "model: dimson\n  lags: 5\n  min_estimation: 16\n",
        [("18:19: study.min_estimation: 16 is too few for dimson with 12 parameters; at least 17")],
    ),
    "too few rows for a likelihood": (
        "model: market_model\n  estimation_window: [-250, -11]",
        "model: garch_market_model\n  estimation_window: [-109, -11]",
        [
            (
                "17:22: study.estimation_window: [-109, -11] has 99 bars, garch_market_model needs "
                "100; lengthen it"
            )
        ],
    ),
    "nothing for an indicator to join": (
        "model: market_model\n",
        "model: scholes_williams\n  overlaps: control\n",
        [
            (
                "17:13: study.overlaps: control needs a fitted model of one regression, "
                "scholes_williams adds up three; use market_model, dimson or factor_model"
            )
        ],
    ),
    "no benchmark for lags": (
        "  benchmark: SPY\n  model: market_model\n",
        "  model: dimson\n",
        ["12:1: study.benchmark: dimson needs a benchmark, as in benchmark: SPY"],
    ),
    "benchmark among the factors": (
        "model: market_model\n",
        "model: factor_model\n  factors: [QQQ, SPY]\n",
        ["17:18: study.factors[1]: 'SPY' is the benchmark as well; name it once"],
    ),
    "benchmark without use": (
        "model: market_model\n",
        "model: constant_mean\n",
        [
            (
                "15:14: warning: study.benchmark: constant_mean uses no benchmark; drop it, or "
                "choose market_model"
            )
        ],
    ),
    "benchmark among the assets": (
        'assets: [ORCL, NVDA, AMD, QQQ, BTC, "@ai_tokens"]',
        'assets: [ORCL, "@tech"]',
        [
            (
                "14:11: warning: study.assets: the assets hold 'SPY', which is the benchmark; it "
                "is left out, as it has no abnormal return against itself"
            )
        ],
    ),
    "tag of nobody": (
        "model: market_model\n",
        "model: market_model\n  by_tag: [cut]\n",
        ["17:12: study.by_tag[0]: 'cut' is a tag of no occurrence; none has a tag"],
    ),
    "unknown symbol": (
        'assets: [ORCL, NVDA, AMD, QQQ, BTC, "@ai_tokens"]',
        'assets: [ORCL, NVDAA, ZZZZ, "@ai_tokns", "@issuer"]',
        [
            "14:18: study.assets[1]: 'NVDAA' is no symbol of universes/; did you mean 'NVDA'?",
            (
                "14:25: study.assets[2]: 'ZZZZ' is no symbol of universes/; add it to a file "
                "there, or correct it"
            ),
            (
                "14:31: study.assets[3]: '@ai_tokns' is no group of universes/; did you mean "
                "'@ai_tokens'?"
            ),
        ],
    ),
    "asset listed twice": (
        'assets: [ORCL, NVDA, AMD, QQQ, BTC, "@ai_tokens"]',
        "assets: [ORCL, NVDA, ORCL]",
        ["14:24: study.assets[2]: 'ORCL' is listed twice; keep one"],
    ),
    "calm after crisis": (
        "calm_window: [-120, -6]",
        "calm_window: [-120, 0]",
        [
            (
                "23:16: contagion.calm_window: [-120, 0] overlaps or follows crisis_window [0, "
                "10]; end it at -1 or earlier"
            )
        ],
    ),
    "source that is a group": (
        "source: ORCL",
        'source: "@tech"',
        ["21:11: contagion.source: '@tech' is a group; a shock begins in one symbol or @issuer"],
    ),
    "source that is a target": (
        "source: ORCL",
        "source: NVDA",
        ["22:13: contagion.targets[0]: 'NVDA' is the source itself; remove it"],
    ),
    "claim about one symbol": (
        "symbols: [BTC, NVDA]",
        "symbols: [BTC]",
        ["29:14: claims[0].symbols: ['BTC'] names one symbol; correlation needs two or a group"],
    ),
    "claim without an end": (
        "    as_of: 2025-11-19\n",
        "",
        ["30:13: claims[0].window: '63 bars' needs an end: add as_of or occurrence"],
    ),
    "claim as of no day": (
        "as_of: 2025-11-19",
        "as_of: 2025-11-31",
        ["31:12: claims[0].as_of: '2025-11-31' does not exist: day is out of range for month"],
    ),
    "claim about no occurrence": (
        "as_of: 2025-11-19",
        "occurrence: fy2026-q3",
        [
            (
                "31:17: claims[0].occurrence: 'fy2026-q3' is no occurrence of oracle-earnings; did "
                "you mean 'fy2026-q2'?"
            )
        ],
    ),
    "claim between dates that run backwards": (
        "window: 63 bars\n    as_of: 2025-11-19",
        "window: [2025-12-10, 2025-09-17]",
        [
            (
                "30:13: claims[0].window: ['2025-12-10', '2025-09-17'] runs backwards; write the "
                "earlier end first"
            )
        ],
    ),
    "claim over a span of nothing": (
        "window: 63 bars",
        "window: 63 barz",
        [
            (
                "30:13: claims[0].window: '63 barz' has none of the forms allowed: length of the "
                "window that ends at as_of (63 bars, 3 months), bars relative to the occurrence "
                '([-5, 10]), or two dates (["2025-09-17", "2025-12-10"])'
            )
        ],
    ),
}


@pytest.mark.parametrize("name", STUDY_EDITS)
def test_study(edited: Edited, name: str) -> None:
    old, new, expected = STUDY_EDITS[name]
    assert edited(EVENT, old, new) == [f"{EVENT}:{line}" for line in expected]


def test_issuer_must_be_somebody(write: Write, problems: Callable[..., list[str]]) -> None:
    text = """\
        event: many
        title: Many issuers
        kind: earnings
        defaults: {zone: UTC, precision: date}
        occurrences:
          - {id: a, announced_at: "2025-01-01", issuer: NVDA}
          - {id: b, announced_at: "2025-01-02"}
        study: {assets: ["@issuer"], benchmark: SPY}
        contagion:
          source: "@issuer"
          targets: [QQQ, "@issuer"]
          calm_window: [-20, -1]
          crisis_window: [0, 5]
        """
    write("events/many.yaml", text)
    nobody = "'@issuer' is nobody for occurrence 'b'; add issuer: to it or to the event"
    assert problems() == [
        f"events/many.yaml:8:18: study.assets[0]: {nobody}",
        f"events/many.yaml:10:11: contagion.source: {nobody}",
        f"events/many.yaml:11:18: contagion.targets[1]: {nobody}",
        "events/many.yaml:11:18: contagion.targets[1]: '@issuer' is the source itself; remove it",
    ]


def test_tags_of_the_occurrences_are_named(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    text = """\
        event: fed
        title: Fed
        kind: central_bank
        defaults: {zone: UTC, precision: date}
        occurrences:
          - {id: a, announced_at: "2025-01-01", tags: [hike, "25 bp"]}
          - {id: b, announced_at: "2025-01-02", tags: [cut]}
        study: {assets: [SPY], model: constant_mean, by_tag: [cut, hold, hike]}
        """
    write("events/fed.yaml", text)
    assert problems() == [
        (
            "events/fed.yaml:8:60: study.by_tag[1]: 'hold' is a tag of no occurrence; they have "
            "25 bp, cut, hike"
        )
    ]
