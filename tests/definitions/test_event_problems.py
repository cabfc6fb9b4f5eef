"""Every mistake of an event's occurrences by itself: the whole report is compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

EVENT = "events/oracle-earnings.yaml"

Write = Callable[[str, str], object]
Edited = Callable[[str, str, str], list[str]]


def test_the_examples_have_no_problem(problems: Callable[..., list[str]]) -> None:
    assert problems() == []


EVENT_EDITS = {
    "unknown key": (
        "  benchmark: SPY\n",
        "  benchmark: SPY\n  zzz: 1\n",
        [
            (
                "16:3: study.zzz: is no known key; known are clock, bar, assets, benchmark, "
                "factors, measure, model, lags, volatility, errors, estimation_window, "
                "event_window, car_windows, min_estimation, daily_sampling, overlaps, by_tag, "
                "states, cross_section, since, ... (24 in all)"
            )
        ],
    ),
    "key with a typing error": (
        "benchmark: SPY",
        "benchmrk: SPY",
        [
            "12:1: study.benchmark: market_model needs a benchmark, as in benchmark: SPY",
            "15:3: study.benchmrk: is no known key; did you mean 'benchmark'?",
        ],
    ),
    "duplicate key": (
        "  benchmark: SPY\n",
        "  benchmark: SPY\n  benchmark: QQQ\n",
        ["16:3: study.benchmark: is written twice (first on line 15); keep one"],
    ),
    "merge key": (
        "  benchmark: SPY\n",
        "  benchmark: SPY\n  <<: {level: 0.1}\n",
        ["16:3: study.<<: merge keys (<<) are not part of YAML 1.2; write the keys out"],
    ),
    "missing key": (
        "title: Oracle quarterly earnings\n",
        "",
        ["1:1: title: is missing: what happened, in a few words"],
    ),
    "empty value": (
        "title: Oracle quarterly earnings",
        "title:",
        ["2:7: title: null is no text; give it a value or drop the key"],
    ),
    "number for text": (
        "title: Oracle quarterly earnings",
        "title: 2025",
        ["2:8: title: 2025 is no text; put it in quotes"],
    ),
    "text for a list": (
        'assets: [ORCL, NVDA, AMD, QQQ, BTC, "@ai_tokens"]',
        "assets: ORCL",
        ["14:11: study.assets: 'ORCL' is no list; write [ORCL]"],
    ),
    "list for a mapping": (
        "    surprise: {capex_busd: {expected: 35, actual: 50}}",
        "    surprise: {capex_busd: [35, 50]}",
        [
            (
                "11:28: occurrences[0].surprise.capex_busd: [35, 50] is no mapping of key: value; "
                "known keys are expected, actual"
            )
        ],
    ),
    "no number": (
        "expected: 35,",
        "expected: .nan,",
        ["11:39: occurrences[0].surprise.capex_busd.expected: nan is no finite number"],
    ),
    "underscores in a number": (
        "event_window: [-5, 10]",
        "event_window: [-5, 1_0]",
        [
            (
                "18:22: study.event_window[1]: '1_0' is no whole number; YAML 1.2 has no "
                "underscores in numbers"
            )
        ],
    ),
    "word that is not allowed": (
        "kind: earnings ",
        "kind: earning  ",
        [
            (
                "3:7: kind: 'earning' is not allowed; one of earnings, central_bank, macro, shock, "
                "other; did you mean 'earnings'?"
            )
        ],
    ),
    "symbol in small letters": (
        "issuer: ORCL\n",
        "issuer: orcl\n",
        [
            (
                "4:9: issuer: 'orcl' is not a symbol in capitals, as in NVDA or BRK.B; did you "
                "mean 'ORCL'?"
            )
        ],
    ),
    "id with spaces": (
        "event: oracle-earnings",
        "event: Oracle Earnings",
        [
            (
                "1:8: event: 'Oracle Earnings' is not lower-case words joined by hyphens, as in "
                "oracle-earnings; did you mean 'oracle-earnings'?"
            ),
        ],
    ),
    "id with a path in it": (
        "  - id: fy2026-q2",
        "  - id: ../../etc",
        [
            (
                "6:9: occurrences[0].id: '../../etc' is not lower-case letters and digits joined "
                "by - _ or ."
            )
        ],
    ),
    "time without a zone": (
        "    zone: America/New_York\n",
        "",
        [
            (
                "7:19: occurrences[0].announced_at: '2025-12-10 16:05' has no time zone; add zone: "
                "(as in zone: America/New_York) here or to defaults"
            )
        ],
    ),
    "unknown zone": (
        "zone: America/New_York",
        "zone: America/NewYork",
        [
            (
                "8:11: occurrences[0].zone: 'America/NewYork' is no time zone of the IANA "
                "database; did you mean 'America/New_York'?"
            )
        ],
    ),
    "city for a zone": (
        "zone: America/New_York",
        "zone: new york",
        [
            (
                "8:11: occurrences[0].zone: 'new york' is no time zone of the IANA database; did "
                "you mean 'America/New_York'?"
            )
        ],
    ),
    "clocks put forward": (
        '"2025-12-10 16:05"',
        '"2025-03-09 02:30"',
        [
            (
                "7:19: occurrences[0].announced_at: '2025-03-09 02:30' does not exist in "
                "America/New_York: the clocks were put forward past it; "
                "correct the time or the zone"
            )
        ],
    ),
    "clocks put back": (
        '"2025-12-10 16:05"',
        '"2025-11-02 01:30"',
        [
            (
                "7:19: occurrences[0].announced_at: '2025-11-02 01:30' happened twice in "
                "America/New_York: the clocks were put back; add the offset (-04:00 or -05:00) to "
                "the time"
            )
        ],
    ),
    "offset of another season": (
        '"2025-12-10 16:05"',
        '"2025-12-10 16:05-04:00"',
        [
            (
                "7:19: occurrences[0].announced_at: '2025-12-10 16:05-04:00' has another offset "
                "than America/New_York at that time, which is -05:00; "
                "drop the offset or correct the zone"
            )
        ],
    ),
    "no date": (
        '"2025-12-10 16:05"',
        '"10 December 2025"',
        [
            (
                "7:19: occurrences[0].announced_at: '10 December 2025' is no date and time; write "
                '"2025-12-10 16:05"'
            )
        ],
    ),
    "day that does not exist": (
        '"2025-12-10 16:05"',
        '"2025-02-29 16:05"',
        [
            (
                "7:19: occurrences[0].announced_at: '2025-02-29 16:05' does not exist: day is out "
                "of range for month"
            )
        ],
    ),
    "year one": (
        '"2025-12-10 16:05"',
        '"0001-01-01 00:00"',
        [
            (
                "7:19: occurrences[0].announced_at: '0001-01-01 00:00' lies outside of what can be "
                "studied; years 1900 to 2100 are allowed"
            )
        ],
    ),
    "minute without a clock time": (
        '"2025-12-10 16:05"',
        '"2026-03-09"',
        [
            (
                "7:19: occurrences[0].announced_at: '2026-03-09' has no clock time, but the "
                'precision is minute; write the minute, as in "2026-03-09 16:05", or precision: '
                "session or date where it is not known"
            )
        ],
    ),
    "date with a clock time": (
        '"2025-12-10 16:05"\n    zone: America/New_York\n    precision: minute ',
        '"2026-03-09 08:00"\n    zone: America/New_York\n    precision: date ',
        [
            (
                "7:19: occurrences[0].announced_at: '2026-03-09 08:00' has a clock time, but the "
                'precision is date; write "2026-03-09", or precision: minute where it was measured'
            )
        ],
    ),
    "session of which kind": (
        '"2025-12-10 16:05"\n    zone: America/New_York\n    precision: minute ',
        '"2025-12-10"\n    zone: America/New_York\n    precision: session ',
        [
            (
                "6:5: occurrences[0].session: precision session needs session: before_open or "
                "after_close"
            )
        ],
    ),
    "session of a minute": (
        "    title: Revenue",
        "    session: after_close\n    title: Revenue",
        [
            (
                "10:14: occurrences[0].session: session: after_close goes with precision: session, "
                "not minute"
            )
        ],
    ),
    "id used twice": (
        "study:\n",
        '  - {id: fy2026-q2, announced_at: "2025-09-09 16:05", zone: UTC}\nstudy:\n',
        ["12:10: occurrences[1].id: 'fy2026-q2' is used by occurrences[0] as well; ids are unique"],
    ),
    "moment used twice": (
        "study:\n",
        '  - {id: again, announced_at: "2025-12-10 21:05", zone: UTC}\nstudy:\n',
        [
            (
                "12:31: warning: occurrences[1].announced_at: is the same time and issuer as "
                "occurrence 'fy2026-q2'; is one too many?"
            )
        ],
    ),
    "tag used twice": (
        "    title: Revenue",
        "    tags: [beat, beat]\n    title: Revenue",
        ["10:18: occurrences[0].tags[1]: 'beat' is listed twice"],
    ),
    "tag that means every occurrence": (
        "    title: Revenue",
        "    tags: [beat, all]\n    title: Revenue",
        [
            (
                "10:18: occurrences[0].tags[1]: 'all' stands for every occurrence in the results; "
                "choose another word"
            )
        ],
    ),
    "occurrence called as every one": (
        "id: fy2026-q2",
        "id: all",
        [
            (
                "6:9: occurrences[0].id: 'all' stands for every occurrence in the results; choose "
                "another word"
            )
        ],
    ),
}


@pytest.mark.parametrize("name", EVENT_EDITS)
def test_event(edited: Edited, name: str) -> None:
    old, new, expected = EVENT_EDITS[name]
    assert edited(EVENT, old, new) == [f"{EVENT}:{line}" for line in expected]


def test_an_event_that_never_happened(write: Write, problems: Callable[..., list[str]]) -> None:
    write("events/never.yaml", "{event: never, title: Never, kind: other, occurrences: []}\n")
    assert problems() == ["events/never.yaml:1:56: occurrences: has 0 entries; at least 1"]


def test_only_the_symbols_of_universes_can_be_issuers(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    text = """\
        event: many
        title: Many issuers
        kind: earnings
        issuer: ORCLL
        defaults: {zone: UTC, precision: date}
        occurrences:
          - {id: a, announced_at: "2025-01-01", issuer: NVDAA}
          - {id: b, announced_at: "2025-01-01", issuer: NVDA}
        """
    write("events/many.yaml", text)
    no_symbol = "is no symbol of universes/; did you mean"
    assert problems() == [
        f"events/many.yaml:4:9: issuer: 'ORCLL' {no_symbol} 'ORCL'?",
        f"events/many.yaml:7:49: occurrences[0].issuer: 'NVDAA' {no_symbol} 'NVDA'?",
    ]


def test_the_two_readings_of_a_repeated_hour_are_two_moments(
    write: Write, problems: Callable[..., list[str]]
) -> None:
    text = """\
        event: night
        title: Night
        kind: other
        defaults: {zone: America/New_York}
        occurrences:
          - {id: a, announced_at: "2025-11-02 01:30-04:00"}
          - {id: b, announced_at: "2025-11-02 01:30-05:00"}
        """
    write("events/night.yaml", text)
    assert problems() == []
